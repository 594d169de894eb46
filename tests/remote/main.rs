//! `gait registry install` over the network: redirects, retries, cut and slow answers, and encryption, against servers
//! on this machine. Whatever goes wrong, the cache is as it was before.

mod server;

use std::fs;
use std::path::Path;
use std::time::Duration;

use gait_tests::program::{self, Program};
use gait_tests::vector;
use gait_tests::world::PUBLIC_KEY;
use serde_json::Value;
use server::{Server, ok, redirect, silent_port, status};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");
const LIMIT: Duration = Duration::from_secs(60);
/// Most bytes of a body.
const MOST: usize = 5 * 1_048_576;

/// A sound manifest.
fn manifest() -> Vec<u8> {
    vector::blob("registry_signed.json")
}

/// A place to install from, with the publisher's key.
struct Place {
    program: Program,
    work: TempDir,
}

impl Place {
    fn new() -> Self {
        let work = program::temporary("gait-remote-");
        fs::write(work.path().join("k.pub"), PUBLIC_KEY).expect("a temporary folder");
        Self { program: Program::new(PROGRAM), work }
    }

    fn cache(&self) -> std::path::PathBuf {
        self.work.path().join("cache")
    }

    /// Installs from an address; exit code and answer.
    fn install(&self, address: &str, more: &[&str]) -> (i32, Value) {
        self.install_with(address, more, &[])
    }

    fn install_with(&self, address: &str, more: &[&str], variables: &[(&str, &Path)]) -> (i32, Value) {
        let mut command = self.program.command(self.work.path());
        command.args(["registry", "install", address, "--cache-dir", "cache", "--public-key", "k.pub", "--json"]);
        command.args(["--allow-host", "127.0.0.1", "--retry-base-delay", "1ms"]).args(more);
        command.envs(variables.iter().copied());
        let done = program::run(command, LIMIT).expect("it ends");
        let answer: Value = serde_json::from_str(&done.out()).expect("one object");
        (done.code().expect("a code"), answer)
    }

    /// Installs without encryption.
    fn fetch(&self, server: &Server, path: &str) -> (i32, Value) {
        self.install(&server.address(path), &["--allow-insecure-http"])
    }

    /// A refusal or a failure that left nothing behind.
    #[track_caller]
    fn fails(&self, (code, answer): (i32, Value), exit: i32, cause: &str) {
        assert_eq!((code, &answer["cause"]), (exit, &Value::from(cause)), "{answer}");
        assert!(!self.cache().exists(), "{cause} left something behind");
    }
}

#[test]
fn a_manifest_is_fetched_checked_and_pinned() {
    let (place, server) = (Place::new(), Server::plain(|_, _| ok(&manifest())));
    let (code, answer) = place.fetch(&server, "/harbor.json?x=1#y");
    assert_eq!((code, server.connections()), (0, 1), "{answer}");
    assert_eq!(answer["source"], server.address("/harbor.json?x=1#y"));
    let stored = fs::read(place.work.path().join(answer["metadata_path"].as_str().expect("a path"))).expect("stored");
    assert!(stored.starts_with(b"{\"artifacts\":"));
    assert!(place.cache().join("pins/harbor-rules.pin").is_file());
    // What does not verify replaces nothing.
    let other = Server::plain(|_, _| ok(&vector::blob("registry_tampered.json")));
    let (code, answer) = place.fetch(&other, "/");
    assert_eq!((code, &answer["cause"]), (2, &"registry_signature_invalid".into()), "{answer}");
    assert_eq!(fs::read_dir(place.cache().join("harbor-rules/2.1.0")).expect("a folder").count(), 1);
}

#[test]
fn nobody_is_asked_before_the_address_is_allowed() {
    let (place, server) = (Place::new(), Server::plain(|_, _| ok(&manifest())));
    let refused = "registry_source_refused";
    place.fails(place.install(&server.address("/"), &[]), 2, refused);
    let local = format!("http://localhost:{}/", server.port);
    place.fails(place.install(&local, &["--allow-insecure-http"]), 2, refused);
    let user = format!("http://127.0.0.1@localhost:{}/", server.port);
    place.fails(place.install(&user, &["--allow-insecure-http"]), 2, refused);
    let (code, answer) = place.install(&server.address("/"), &["--allow-insecure-http", "--public-key", "none.pub"]);
    assert_eq!((code, &answer["cause"]), (6, &"file_not_found".into()));
    assert_eq!(server.connections(), 0);
}

#[test]
fn every_hop_is_held_against_the_rules() {
    let place = Place::new();
    let elsewhere = Server::plain(|_, _| ok(&manifest()));
    for target in [
        format!("http://localhost:{}/", elsewhere.port),
        format!("//localhost:{}/", elsewhere.port),
        "http://packs.example/".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
    ] {
        let server = Server::plain(move |_, _| redirect(&target));
        place.fails(place.fetch(&server, "/"), 2, "registry_source_refused");
        assert_eq!(server.connections(), 1);
        // Not even the cache stands in for an address that is refused.
        let fallback = ["--allow-insecure-http", "--allow-cached-fallback", "--pin", "00"];
        place.fails(place.install(&server.address("/"), &fallback), 2, "registry_source_refused");
    }
    assert_eq!(elsewhere.connections(), 0);
    let nowhere = Server::plain(|_, _| status(302));
    place.fails(place.fetch(&nowhere, "/"), 1, "network_answer");
}

#[test]
fn five_redirects_are_followed_and_no_sixth() {
    let place = Place::new();
    let countdown = |path: &str, _: usize| match path.rsplit('/').next().and_then(|left| left.parse::<u8>().ok()) {
        Some(0) | None => ok(&manifest()),
        // Absolute and relative places by turns.
        Some(left) if left % 2 == 0 => redirect(&format!("/x/{}", left - 1)),
        Some(left) => redirect(&(left - 1).to_string()),
    };
    let server = Server::plain(countdown);
    place.fails(place.fetch(&server, "/x/6"), 1, "network_answer");
    assert_eq!(server.connections(), 6);
    assert_eq!(place.fetch(&server, "/x/5").0, 0);
    assert_eq!(server.connections(), 12);
    let round = Server::plain(|_, _| redirect("/"));
    let (code, answer) = place.fetch(&round, "/");
    assert_eq!((code, &answer["retryable"]), (1, &false.into()), "{answer}");
}

#[test]
fn only_passing_trouble_is_tried_again() {
    for code in [429, 502, 503, 504] {
        let place = Place::new();
        let server = Server::plain(move |_, number| if number < 2 { status(code) } else { ok(&manifest()) });
        assert_eq!((place.fetch(&server, "/").0, server.connections()), (0, 3), "{code}");
        let (place, server) = (Place::new(), Server::plain(move |_, _| status(code)));
        let (exit, answer) = place.fetch(&server, "/");
        assert_eq!((&answer["error_category"], &answer["retryable"]), (&"network_transient".into(), &true.into()));
        assert_eq!(answer["error_code"], "network_unreachable");
        place.fails((exit, answer), 1, "network_unreachable");
        assert_eq!(server.connections(), 3, "{code}");
    }
    for code in [201, 204, 304, 400, 401, 403, 404, 410, 500, 501] {
        let (place, server) = (Place::new(), Server::plain(move |_, _| status(code)));
        let (exit, answer) = place.fetch(&server, "/");
        assert_eq!((&answer["error_category"], &answer["retryable"]), (&"network_permanent".into(), &false.into()));
        place.fails((exit, answer), 1, "network_answer");
        assert_eq!(server.connections(), 1, "{code}");
    }
    // What was fetched and cannot be trusted does not get better.
    let (place, server) = (Place::new(), Server::plain(|_, _| ok(b"{}")));
    place.fails(place.fetch(&server, "/"), 2, "schema_unsupported");
    assert_eq!(server.connections(), 1);
}

#[test]
fn cut_answers_are_no_answers() {
    let cut = || {
        let mut answer = ok(&manifest());
        answer.truncate(answer.len() - 1);
        answer
    };
    for (name, bad) in [
        ("body", cut()),
        ("head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        ("nothing", Vec::new()),
        ("chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n400\r\n{\"schema_id\":".to_vec()),
    ] {
        let place = Place::new();
        let first = bad.clone();
        let server = Server::plain(move |_, number| if number == 0 { first.clone() } else { ok(&manifest()) });
        assert_eq!((place.fetch(&server, "/").0, server.connections()), (0, 2), "{name}");
        let (place, server) = (Place::new(), Server::plain(move |_, _| bad.clone()));
        place.fails(place.fetch(&server, "/"), 1, "network_unreachable");
        assert_eq!(server.connections(), 3, "{name}");
    }
    let (place, server) = (Place::new(), Server::plain(|_, _| b"220 this is no HTTP\r\n\r\n".to_vec()));
    place.fails(place.fetch(&server, "/"), 1, "network_answer");
}

#[test]
fn slow_answers_end_after_twenty_seconds() {
    let place = Place::new();
    // A byte now and then keeps a connection alive, and the attempt still ends.
    let server = Server::plain(|_, _| {
        std::thread::sleep(Duration::from_secs(25));
        ok(&manifest())
    });
    let since = std::time::Instant::now();
    let once = ["--allow-insecure-http", "--retry-max-attempts", "1"];
    place.fails(place.install(&server.address("/"), &once), 1, "network_unreachable");
    let took = since.elapsed().as_secs();
    assert!((19..24).contains(&took), "{took} seconds");
}

#[test]
fn bodies_are_bounded() {
    let padded = |size: usize| {
        let mut body = manifest();
        body.resize(size, b' ');
        body
    };
    let place = Place::new();
    let server = Server::plain(move |_, _| ok(&padded(MOST + 1)));
    place.fails(place.fetch(&server, "/"), 2, "registry_too_large");
    assert_eq!(server.connections(), 1);
    let endless = Server::plain(|_, _| {
        let mut answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..96 {
            answer.extend_from_slice(b"10000\r\n");
            answer.resize(answer.len() + 0x1_0000, b' ');
            answer.extend_from_slice(b"\r\n");
        }
        answer
    });
    place.fails(place.fetch(&endless, "/"), 2, "registry_too_large");
    let server = Server::plain(move |_, _| ok(&padded(MOST)));
    assert_eq!(place.fetch(&server, "/").0, 0);
}

#[test]
fn the_cache_stands_in_only_for_what_is_pinned() {
    let (place, server) = (Place::new(), Server::plain(|_, _| ok(&manifest())));
    let (_, installed) = place.fetch(&server, "/");
    let digest = installed["digest"].as_str().expect("a digest").to_owned();
    let gone = format!("http://127.0.0.1:{}/", silent_port());
    let install = |more: &[&str]| {
        let mut all = vec!["--allow-insecure-http", "--retry-max-attempts", "2"];
        all.extend(more);
        place.install(&gone, &all)
    };
    let (code, answer) = install(&["--allow-cached-fallback", "--pin", &digest]);
    assert_eq!((code, &answer["fallback_used"]), (0, &true.into()), "{answer}");
    assert_eq!(answer["fallback_path"], answer["metadata_path"]);
    for more in [&["--allow-cached-fallback"][..], &["--pin", &digest], &["--allow-cached-fallback", "--pin", "00"]] {
        let (code, answer) = install(more);
        assert_eq!((code, &answer["cause"]), (1, &"network_unreachable".into()), "{answer}");
    }
    // A folder's name is not believed.
    let manifest = place.work.path().join(installed["metadata_path"].as_str().expect("a path"));
    fs::write(&manifest, vector::blob("registry_tampered.json")).expect("written");
    let (code, answer) = install(&["--allow-cached-fallback", "--pin", &digest]);
    assert_eq!((code, &answer["cause"]), (2, &"registry_pin_mismatch".into()), "{answer}");
}

#[test]
fn certificates_are_judged_by_the_authorities_of_the_machine() {
    let place = Place::new();
    let server = Server::encrypted(|path, _| match path {
        "/down" => redirect("http://127.0.0.1:1/"),
        "/again" => redirect("/"),
        _ => ok(&manifest()),
    });
    let authority = place.work.path().join("ca.pem");
    fs::write(&authority, include_bytes!("ca.pem")).expect("written");
    let at = |host: &str, path: &str| format!("https://{host}:{}{path}", server.port);
    let trusting = |address: &str| {
        let more = ["--allow-host", "localhost,127.0.0.1", "--allow-insecure-http"];
        place.install_with(address, &more, &[("SSL_CERT_FILE", &authority)])
    };
    // An authority that nobody trusts, a name that is not on the certificate, a way down from encryption.
    place.fails(place.install(&at("localhost", "/"), &["--allow-host", "localhost"]), 1, "network_answer");
    place.fails(trusting(&at("127.0.0.1", "/")), 1, "network_answer");
    place.fails(trusting(&at("localhost", "/down")), 2, "registry_source_refused");
    let plain = Server::plain(|_, _| ok(&manifest()));
    place.fails(trusting(&format!("https://localhost:{}/", plain.port)), 1, "network_unreachable");
    let (code, answer) = trusting(&at("localhost", "/again"));
    assert_eq!(code, 0, "{answer}");
}

#[test]
fn two_installs_at_once_leave_one_whole_entry() {
    let (place, server) = (Place::new(), Server::plain(|_, _| ok(&manifest())));
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| place.fetch(&server, "/").0)).collect();
        for run in runs {
            assert_eq!(run.join().expect("it ends"), 0);
        }
    });
    let pin = fs::read_to_string(place.cache().join("pins/harbor-rules.pin")).expect("a pin");
    let folder = place.cache().join("harbor-rules/2.1.0").join(pin.trim().trim_start_matches("sha256:"));
    let names: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["registry_pack.json"]);
}
