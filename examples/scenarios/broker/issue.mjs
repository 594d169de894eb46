#!/usr/bin/env node
// A credential broker as `gait gate eval --credential-broker command` calls it: the request arrives as one JSON object
// on standard input, the answer leaves as one on standard output, and any other ending than 0 means no credential.
//
// A broker of your own asks its vault for a credential that lives for this call only, puts it where the tool will find
// it, and answers with its name. The name goes into the evidence record; the secret never passes through gait.
import { readFileSync } from 'node:fs';

// Which scopes may be had under which reference.
const ISSUES = new Map([['highrisk-egress', ['write']], ['desk-refunds', ['refund']]]);

const request = JSON.parse(readFileSync(0, 'utf8'));
const known = ISSUES.get(request.Reference);
if (!known || request.Scope.length === 0 || !request.Scope.every((scope) => known.includes(scope))) {
  process.exit(1);
}
const name = `${request.Reference}/${request.Identity}/${request.Scope.join('+')}`;
process.stdout.write(JSON.stringify({ issued_by: 'example-vault', credential_ref: name }));
