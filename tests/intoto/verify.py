"""Checks a DSSE envelope with securesystemslib: verify.py ENVELOPE PUBLIC_KEY [NAME=FILE ...]

PUBLIC_KEY is a file with base64 of the 32 raw bytes. Each NAME must be a subject whose SHA-256 is that of FILE.
"""

import base64
import hashlib
import json
import sys

from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey


def main() -> None:
    path, key_path, *files = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        envelope = Envelope.from_dict(json.load(file))
    with open(key_path, encoding="ascii") as file:
        raw = base64.b64decode(file.read().strip(), validate=True)
    key = SSlibKey(hashlib.sha256(raw).hexdigest(), "ed25519", "ed25519", {"public": raw.hex()})
    verified = envelope.verify([key], 1)
    assert list(verified) == [key.keyid], verified
    assert envelope.payload_type == "application/vnd.in-toto+json", envelope.payload_type
    statement = json.loads(envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1", statement
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    for name, place in (file.split("=", 1) for file in files):
        with open(place, "rb") as file:
            assert subjects[name] == hashlib.sha256(file.read()).hexdigest(), name
    print("accepted", " ".join(sorted(subjects)))


if __name__ == "__main__":
    main()
