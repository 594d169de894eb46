//! Runpacks in a sound archive: sound ones, and ones whose manifest or records are wrong.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::archive::Member;
use crate::runpack::{Runpack, canonical, intent, refs, result, run};
use crate::world::sha256;

pub(super) fn blobs() -> Blobs {
    let mut blobs = vec![
        blob("demo.zip", Runpack::demo().bytes()),
        blob("sample.zip", Runpack::sample().bytes()),
        blob("run_id_outside_footer.zip", named("run 7.b").bytes()),
        blob("timeline_null.zip", with_run(|run| run["timeline"] = Value::Null).bytes()),
        blob("records_none.zip", of(&[], &[]).bytes()),
        blob("records_crlf.zip", crlf().bytes()),
        blob("run_unknown_key.zip", with_run(|run| run["later"] = json!({"a": [1]})).bytes()),
        blob("listed_extra_member.zip", Runpack::sample().content("notes.txt", "kept beside the run\n").bytes()),
        blob("unlisted_member.zip", Runpack::sample().archive().and(Member::stored("notes.txt", b"?")).bytes()),
    ];
    blobs.extend(manifests());
    blobs.extend(tampered());
    blobs.extend(records());
    blobs.extend(replays());
    blobs.extend(comparisons());
    blobs
}

fn of(intents: &[Value], results: &[Value]) -> Runpack {
    Runpack::new(&run(), intents, results, &refs(&["r1", "r2"]))
}

fn with_run(change: impl FnOnce(&mut Value)) -> Runpack {
    let mut run = run();
    change(&mut run);
    Runpack::sample().content("run.json", canonical(&run))
}

/// The sample under another name; its records keep theirs.
fn named(run_id: &str) -> Runpack {
    let mut run = run();
    run["run_id"] = run_id.into();
    Runpack::sample().content("run.json", canonical(&run)).head("run_id", run_id.into())
}

fn crlf() -> Runpack {
    let lines = [intent("i1", "tool.search"), intent("i2", "tool.book")];
    let text = lines.map(|line| String::from_utf8(canonical(&line)).expect("JSON is text")).join("\r\n\r\n \t");
    Runpack::sample().content("intents.jsonl", text)
}

/// Manifests that are missing or none.
fn manifests() -> Blobs {
    let sealed = |change| Runpack::sample().seal(change).bytes();
    let text = |text: &[u8]| Runpack::sample().with_manifest(text).bytes();
    let deep = format!("{{\"later\":{}", "[".repeat(100_000));
    let sixteen_megabytes = Member::deflated("manifest.json", &b" ".repeat((16 << 20) + 1));
    vec![
        blob("manifest_missing.zip", Runpack::sample().archive().without("manifest.json").bytes()),
        blob(
            "manifest_in_folder.zip",
            Runpack::sample()
                .archive()
                .without("manifest.json")
                .and(Member::stored("run/manifest.json", b"{}"))
                .bytes(),
        ),
        blob("manifest_empty.zip", text(b"")),
        blob("manifest_list.zip", text(b"[]")),
        blob("manifest_null.zip", text(b"null")),
        blob("manifest_cut.zip", text(br#"{"schema_id":"gait.runpack.manifest","#)),
        blob("manifest_two_documents.zip", text(b"{}{}")),
        blob(
            "manifest_duplicate_key.zip",
            text(br#"{"schema_id":"gait.runpack.manifest","schema_version":"1.0.0","run_id":"a","run_id":"b"}"#),
        ),
        blob("manifest_not_utf8.zip", text(b"{\"run_id\":\"\xff\"}")),
        blob("manifest_bom.zip", text(b"\xef\xbb\xbf{}")),
        blob(
            "manifest_deep.zip",
            Runpack::sample()
                .archive()
                .member("manifest.json", |_| Member::deflated("manifest.json", deep.as_bytes()))
                .bytes(),
        ),
        blob(
            "manifest_too_large.zip",
            Runpack::sample().archive().member("manifest.json", |_| sixteen_megabytes).bytes(),
        ),
        blob("manifest_time_invalid.zip", sealed(|manifest| manifest["created_at"] = "2026-02-30T00:00:00Z".into())),
        blob("manifest_time_empty.zip", sealed(|manifest| manifest["created_at"] = "".into())),
        blob("manifest_files_object.zip", sealed(|manifest| manifest["files"] = json!({}))),
        blob("manifest_run_id_number.zip", sealed(|manifest| manifest["run_id"] = 7.into())),
        blob("manifest_run_id_empty.zip", sealed(|manifest| manifest["run_id"] = "".into())),
        blob(
            "manifest_run_id_case.zip",
            sealed(|manifest| {
                let run_id = manifest.as_object_mut().and_then(|it| it.remove("run_id"));
                manifest["Run_ID"] = run_id.unwrap_or_default();
            }),
        ),
        blob("manifest_schema_other.zip", Runpack::sample().head("schema_id", "gait.guard.pack".into()).bytes()),
        blob("manifest_schema_newer.zip", Runpack::sample().head("schema_version", "2.0.0".into()).bytes()),
        blob("manifest_schema_absent.zip", sealed(|manifest| manifest["schema_id"] = Value::Null)),
        blob(
            "manifest_signatures_many.zip",
            sealed(|manifest| {
                manifest["signatures"] = vec![json!({"alg": "ed25519"}); 65].into();
            }),
        ),
    ]
}

/// Archives whose content is not what the manifest says.
fn tampered() -> Blobs {
    let sealed = |change| Runpack::sample().seal(change).bytes();
    let swapped = |name: &str, content: &[u8]| {
        let member = Member::stored(name, content);
        Runpack::sample().archive().member(name, |_| member).bytes()
    };
    vec![
        blob("tampered_results.zip", swapped("results.jsonl", b"")),
        blob("tampered_run.zip", swapped("run.json", &canonical(&json!({"run_id": "run_sample"})))),
        blob("tampered_digest.zip", sealed(|manifest| manifest["manifest_digest"] = "0".repeat(64).into())),
        blob("tampered_digest_absent.zip", sealed(|manifest| manifest["manifest_digest"] = Value::Null)),
        blob("tampered_capture_mode.zip", sealed(|manifest| manifest["capture_mode"] = "raw".into())),
        blob(
            "digest_upper_case.zip",
            sealed(|manifest| {
                manifest["manifest_digest"] =
                    manifest["manifest_digest"].as_str().unwrap_or_default().to_uppercase().into();
            }),
        ),
        blob("file_digest_upper_case.zip", file_digests_in_capitals()),
        blob("missing_results.zip", Runpack::sample().archive().without("results.jsonl").bytes()),
        blob("missing_two.zip", Runpack::sample().archive().without("results.jsonl").without("refs.json").bytes()),
        blob("files_empty.zip", sealed(|manifest| manifest["files"] = json!([]))),
        blob("files_null.zip", sealed(|manifest| manifest["files"] = Value::Null)),
        blob(
            "files_lack_run.zip",
            sealed(|manifest| {
                manifest["files"]
                    .as_array_mut()
                    .into_iter()
                    .for_each(|files| files.retain(|file| file["path"] != "run.json"));
            }),
        ),
        blob(
            "files_list_climbing_name.zip",
            sealed(|manifest| {
                let entry = json!({"path": "../../etc/passwd", "sha256": "0".repeat(64)});
                manifest["files"].as_array_mut().into_iter().for_each(|files| files.push(entry.clone()));
            }),
        ),
        blob(
            "files_list_twice.zip",
            sealed(|manifest| {
                let entry = json!({"path": "run.json", "sha256": "0".repeat(64)});
                manifest["files"].as_array_mut().into_iter().for_each(|files| files.push(entry.clone()));
            }),
        ),
        blob("unknown_manifest_key.zip", Runpack::sample().head("x_later", json!({"any": "thing"})).bytes()),
    ]
}

/// Sound archives whose records cannot be read.
fn records() -> Blobs {
    let intents = |text: &[u8]| Runpack::sample().content("intents.jsonl", text).bytes();
    let deflated = |name: &str, content: Vec<u8>| {
        let member = Member::deflated(name, &content);
        Runpack::sample().content(name, content).archive().member(name, |_| member).bytes()
    };
    let long_line = format!("{{\"intent_id\":\"i1\",\"args\":{{\"pad\":\"{}\"}}}}\n", "x".repeat(10_485_760));
    let deep_line = format!("{{\"args\":{{\"a\":{}1{}}}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    vec![
        blob("intents_list.zip", intents(b"[]\n")),
        blob("intents_cut.zip", intents(b"{\"intent_id\":\"i1\"}\n{\"intent_id\":\n")),
        blob("intents_duplicate_key.zip", intents(br#"{"intent_id":"i1","args":{"a":1,"\u0061":2}}"#)),
        blob("intents_typed.zip", intents(br#"{"intent_id":7}"#)),
        blob("intents_args_list.zip", intents(br#"{"intent_id":"i1","args":[1]}"#)),
        blob("intents_two_on_a_line.zip", intents(br#"{"intent_id":"i1"} {"intent_id":"i2"}"#)),
        blob("intents_time_invalid.zip", intents(br#"{"intent_id":"i1","created_at":"yesterday"}"#)),
        blob("intents_surrogate.zip", intents(br#"{"intent_id":"\ud800"}"#)),
        blob("intents_number.zip", intents(br#"{"intent_id":"i1","args":{"n":1e400}}"#)),
        blob("intents_line_too_long.zip", deflated("intents.jsonl", long_line.into_bytes())),
        blob("intents_deep.zip", deflated("intents.jsonl", deep_line.into_bytes())),
        blob("run_list.zip", Runpack::sample().content("run.json", "[]").bytes()),
        blob("run_trailing.zip", Runpack::sample().content("run.json", "{} x").bytes()),
        blob("run_leap_second.zip", with_run(|run| run["created_at"] = "2026-06-30T23:59:60Z".into()).bytes()),
        blob("refs_receipts_object.zip", Runpack::sample().content("refs.json", r#"{"receipts":{}}"#).bytes()),
    ]
}

/// Runs for replay and reduce.
fn replays() -> Blobs {
    let (search, book) = (intent("i1", "tool.search"), intent("i2", "tool.book"));
    let stubs: Vec<Value> = [
        ("s1", "HTTP.get"),
        ("s2", "fs.write"),
        ("s3", "sql.run"),
        ("s4", " Kafka "),
        ("s5", "tablet"),
        ("s6", "mail"),
    ]
    .map(|(id, tool)| intent(id, tool))
    .into();
    vec![
        blob("replay_repeated_intent.zip", of(&[search.clone(), search.clone()], &[]).bytes()),
        blob(
            "replay_repeated_result.zip",
            of(std::slice::from_ref(&search), &[result("i1", "ok"), result("i1", "error")]).bytes(),
        ),
        blob("replay_missing_result.zip", of(&[search.clone(), book.clone()], &[result("i1", "ok")]).bytes()),
        blob("replay_stubs.zip", of(&stubs, &[]).bytes()),
        blob(
            "reduce_all_ok.zip",
            of(&[search.clone(), book.clone()], &[result("i1", "ok"), result("i2", " SUCCESS ")]).bytes(),
        ),
        blob("reduce_no_ids.zip", of(&[intent("", "tool.search")], &[]).bytes()),
        blob("reduce_name_without_prefix.zip", {
            let mut run = run();
            run["run_id"] = " nightly ".into();
            Runpack::new(&run, &[book], &[], &refs(&["r2", "r1", "r1"])).bytes()
        }),
    ]
}

/// Neighbours of the sample for diff.
fn comparisons() -> Blobs {
    let (search, book) = (intent("i1", "tool.search"), intent("i2", "tool.book"));
    let (found, failed) = (result("i1", "ok"), result("i2", "error"));
    let mut other_args = book.clone();
    other_args["args"]["text"] = "changed".into();
    let mut volatile = run();
    volatile["created_at"] = "2027-01-01T00:00:00+01:00".into();
    volatile["run_id"] = "run_other".into();
    volatile["producer_version"] = "9.9.9".into();
    volatile["timeline"] = json!([]);
    let moved = |mut record: Value| {
        for key in ["created_at", "run_id", "producer_version"] {
            record[key] = volatile[key].clone();
        }
        record
    };
    let same = Runpack::new(
        &volatile,
        &[moved(book.clone()), moved(search.clone())],
        &[moved(failed.clone()), moved(found.clone())],
        &moved(refs(&["r1", "r2"])),
    );
    vec![
        blob("diff_volatile.zip", same.bytes()),
        blob("diff_args.zip", of(&[search.clone(), other_args], &[found.clone(), failed.clone()]).bytes()),
        blob("diff_status.zip", of(&[search.clone(), book.clone()], &[found.clone(), result("i2", "ok")]).bytes()),
        blob(
            "diff_one_intent.zip",
            of(&[search.clone(), intent("i9", "tool.pay")], std::slice::from_ref(&found)).bytes(),
        ),
        blob(
            "diff_refs.zip",
            Runpack::new(
                &run(),
                &[search.clone(), book.clone()],
                &[found.clone(), failed.clone()],
                &refs(&["r2", "r1"]),
            )
            .bytes(),
        ),
        blob("diff_one_receipt.zip", Runpack::new(&run(), &[search, book], &[found, failed], &refs(&["r1"])).bytes()),
        blob("diff_capture_raw.zip", Runpack::sample().head("capture_mode", "raw".into()).bytes()),
    ]
}

/// The sample with the digests of its files in capitals, and a manifest digest that follows from them.
fn file_digests_in_capitals() -> Vec<u8> {
    let mut manifest = Runpack::sample().manifest();
    for file in manifest["files"].as_array_mut().into_iter().flatten() {
        file["sha256"] = file["sha256"].as_str().unwrap_or_default().to_uppercase().into();
    }
    manifest["manifest_digest"] = "".into();
    manifest["manifest_digest"] = sha256(&canonical(&manifest)).into();
    Runpack::sample().with_manifest(&canonical(&manifest)).bytes()
}
