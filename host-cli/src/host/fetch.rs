//! Fetching one document over the network: the only place where gait contacts a host, and only when it is told to.
//!
//! Redirects are followed here rather than by the client, because each hop is a new address to be allowed.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gait_contract::{Code, Fault, limits};
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

/// How long one attempt may take, all its redirects included.
const ATTEMPT: Duration = Duration::from_secs(20);
/// Redirects that are followed in one attempt.
const REDIRECTS: usize = 5;

/// Where a document may come from.
pub struct Rules {
    /// Hosts that are allowed, lower case.
    pub hosts: Vec<String>,
    /// Plain HTTP is allowed, to this machine.
    pub insecure_http: bool,
}

/// How often it is tried.
pub struct Attempts {
    /// Most attempts.
    pub most: u32,
    /// The pause after the first.
    pub pause: Duration,
}

/// Why there is no document.
pub enum Failure {
    /// An address is not allowed.
    Refused(Fault),
    /// It was allowed, and did not work out.
    Failed(Fault),
}

impl Failure {
    /// What went wrong.
    pub fn into_fault(self) -> Fault {
        match self {
            Self::Refused(fault) | Self::Failed(fault) => fault,
        }
    }
}

/// How one attempt ended that brought nothing.
enum Miss {
    Final(Failure),
    /// The next attempt may do better.
    Passing(Fault),
}

/// True for what is fetched rather than opened.
pub fn is_address(source: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| source.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

impl Rules {
    /// The address, if it may be contacted. Nothing is contacted before that.
    fn allowed(&self, address: &str) -> Result<Uri, Fault> {
        // What comes after `#` is nobody's but the reader's.
        let address = address.split('#').next().unwrap_or_default();
        let uri: Uri = address.parse().map_err(|_| refused("the address cannot be read"))?;
        let host = host_of(&uri).ok_or_else(|| refused("the address names no host"))?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if !self.insecure_http => {
                return Err(refused(format!("`{host}` would be asked without encryption"))
                    .hint("use an address that begins with https://"));
            }
            Some("http") if is_this_machine(&host) => {}
            Some("http") => {
                return Err(refused(format!("`{host}` is another machine, and would be asked without encryption"))
                    .hint(
                        "use an address that begins with https://; `--allow-insecure-http` is for this machine only",
                    ));
            }
            _ => return Err(refused("the address is neither https nor http")),
        }
        if !self.hosts.contains(&host) {
            return Err(refused(format!("host `{host}` is not on the list of allowed hosts"))
                .hint(format!("add it with `--allow-host {host}` if you trust it")));
        }
        Ok(uri)
    }
}

fn refused(what: impl Into<String>) -> Fault {
    Fault::new(Code::RegistrySourceRefused, what)
}

/// The host of an address, without brackets, in lower case.
pub fn host_of(uri: &Uri) -> Option<String> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// True for names and addresses that lead nowhere else.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Fetches a document.
pub fn fetch(address: &str, rules: &Rules, attempts: &Attempts) -> Result<Vec<u8>, Failure> {
    let first = rules.allowed(address).map_err(Failure::Refused)?;
    let mut attempt = 1;
    loop {
        let fault = match try_once(&first, rules) {
            Ok(bytes) => return Ok(bytes),
            Err(Miss::Final(failure)) => return Err(failure),
            Err(Miss::Passing(fault)) => fault,
        };
        if attempt >= attempts.most {
            return Err(Failure::Failed(fault));
        }
        std::thread::sleep(attempts.pause_after(attempt));
        attempt += 1;
    }
}

impl Attempts {
    /// Twice as long after each attempt, and a little more, so that callers fall out of step.
    fn pause_after(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX);
        let more = Duration::from_millis(u64::from(attempt.min(4)) * 25);
        self.pause.saturating_mul(factor).saturating_add(more)
    }
}

fn try_once(first: &Uri, rules: &Rules) -> Result<Vec<u8>, Miss> {
    let over = Instant::now() + ATTEMPT;
    let mut uri = first.clone();
    for _ in 0..=REDIRECTS {
        let agent = agent(&uri, over.saturating_duration_since(Instant::now()))?;
        let mut response = agent.get(uri.clone()).call().map_err(|error| miss(&uri, error))?;
        match response.status().as_u16() {
            200 => return body(&uri, response.body_mut().as_reader()),
            301 | 302 | 303 | 307 | 308 => {
                let place = response.headers().get("location").and_then(|place| place.to_str().ok());
                let place = place.ok_or_else(|| answered(&uri, "it redirects to nowhere"))?;
                let next = rules.allowed(&resolved(&uri, place)).map_err(|fault| {
                    let what = format!("`{}` redirects to a place that is not allowed: {}", shown(&uri), fault.error);
                    let hint = fault.hint.clone();
                    Miss::Final(Failure::Refused(refused(what).hint(hint)))
                })?;
                if uri.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                    let what = format!("`{}` redirects to an address without encryption", shown(&uri));
                    return Err(Miss::Final(Failure::Refused(refused(what))));
                }
                uri = next;
            }
            status @ (429 | 502 | 503 | 504) => {
                return Err(Miss::Passing(unreachable(&uri, format!("it answers with status {status}"))));
            }
            status => return Err(answered(&uri, &format!("it answers with status {status}"))),
        }
    }
    Err(answered(first, &format!("it redirects more than {REDIRECTS} times")))
}

/// A client for one request.
fn agent(uri: &Uri, time: Duration) -> Result<Agent, Miss> {
    let builder = Agent::config_builder()
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(time.max(Duration::from_millis(1))))
        .user_agent(concat!("gait/", env!("CARGO_PKG_VERSION")));
    let builder = if uri.scheme_str() == Some("https") {
        builder.https_only(true).tls_config(tls()?)
    } else {
        // This machine is asked directly.
        builder.proxy(None)
    };
    Ok(builder.build().into())
}

/// Certificates are judged by the authorities that this machine trusts.
fn tls() -> Result<TlsConfig, Miss> {
    let found = super::authorities::trusted().map_err(|fault| Miss::Final(Failure::Failed(fault)))?;
    let roots = found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(provider)
        .build())
}

/// The whole body, if it is not too large.
fn body(uri: &Uri, reader: impl Read) -> Result<Vec<u8>, Miss> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a body that fits from one that goes on.
    let mut reader = reader.take(limits::REGISTRY_BYTES as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(|error| miss(uri, ureq::Error::from(error)))?;
    if bytes.len() > limits::REGISTRY_BYTES {
        let what = format!("`{}` sends more than {} bytes", shown(uri), limits::REGISTRY_BYTES);
        return Err(Miss::Final(Failure::Failed(Fault::new(Code::RegistryTooLarge, what))));
    }
    Ok(bytes)
}

/// Where a redirect leads, seen from the address that redirects (RFC 3986, 5.2, as far as servers use it).
fn resolved(base: &Uri, place: &str) -> String {
    let scheme = base.scheme_str().unwrap_or_default();
    let authority = base.authority().map(ToString::to_string).unwrap_or_default();
    let starts_with_scheme = place.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    if starts_with_scheme {
        place.to_owned()
    } else if place.starts_with("//") {
        format!("{scheme}:{place}")
    } else if place.starts_with('/') {
        format!("{scheme}://{authority}{place}")
    } else if place.starts_with('?') {
        format!("{scheme}://{authority}{}{place}", base.path())
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{place}")
    }
}

/// An address without what could be a password.
fn shown(uri: &Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default(), uri.path())
}

fn unreachable(uri: &Uri, what: impl std::fmt::Display) -> Fault {
    Fault::new(Code::NetworkUnreachable, format!("`{}` cannot be fetched: {what}", shown(uri)))
}

fn answered(uri: &Uri, what: &str) -> Miss {
    Miss::Final(Failure::Failed(Fault::new(Code::NetworkAnswer, format!("`{}` cannot be fetched: {what}", shown(uri)))))
}

/// What a client's error means.
fn miss(uri: &Uri, error: ureq::Error) -> Miss {
    use io::ErrorKind;
    match error {
        ureq::Error::Timeout(Timeout::Resolve) => Miss::Passing(unreachable(uri, "its name was not found in time")),
        ureq::Error::Timeout(_) => Miss::Passing(unreachable(uri, "it took too long")),
        ureq::Error::HostNotFound => Miss::Final(Failure::Failed(unreachable(uri, "there is no such host"))),
        ureq::Error::ConnectionFailed => Miss::Passing(unreachable(uri, "there is no connection")),
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionRefused
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock => Miss::Passing(unreachable(uri, words(&error))),
            _ => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(tls) => answered(uri, &untrusted(tls)),
                None => Miss::Final(Failure::Failed(unreachable(uri, words(&error)))),
            },
        },
        ureq::Error::Rustls(error) => answered(uri, &untrusted(&error)),
        error => answered(uri, &format!("the answer is not understood ({error})")),
    }
}

fn words(error: &io::Error) -> String {
    super::fs::words(error)
}

fn untrusted(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(reason) => format!("its certificate is not trusted ({reason:?})"),
        error => format!("no encrypted connection comes about ({error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(insecure_http: bool) -> Rules {
        Rules { hosts: vec!["packs.example".into(), "127.0.0.1".into(), "::1".into()], insecure_http }
    }

    #[test]
    fn what_is_fetched_begins_with_a_scheme() {
        assert!(is_address("https://a") && is_address("HTTP://a"));
        for path in ["a.json", "file:///a", "ftp://a", "https:/a", "http", "é"] {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn hosts_are_compared_whole() {
        let allowed = |address: &str| rules(true).allowed(address).is_ok();
        for good in [
            "https://packs.example/p.json",
            "HTTPS://PACKS.example:8443/p.json?x#y",
            "https://user:word@packs.example/",
            "https://[::1]/p",
            "http://127.0.0.1:9/p",
            "http://[::1]:9/p",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "https://sub.packs.example/",
            "https://packs.example.org/",
            "https://packs.example./",
            "https://packs.example@evil.example/",
            "https://evil.example/packs.example",
            "https://evil.example#@packs.example/",
            "https://evil.example\\@packs.example/",
            "http://packs.example/",
            "https://",
            "https:///p",
            "ftp://packs.example/",
            "packs.example/p",
            "/p",
            "",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
        assert!(rules(false).allowed("http://127.0.0.1/p").is_err());
    }

    #[test]
    fn redirects_are_seen_from_where_they_are() {
        let base: Uri = "https://a.example:8/x/y?z".parse().expect("an address");
        for (place, whole) in [
            ("https://b.example/q", "https://b.example/q"),
            ("//b.example/q", "https://b.example/q"),
            ("/q?r", "https://a.example:8/q?r"),
            ("q", "https://a.example:8/x/q"),
            ("?q", "https://a.example:8/x/y?q"),
            ("q:r", "q:r"),
            ("./q:r", "https://a.example:8/x/./q:r"),
        ] {
            assert_eq!(resolved(&base, place), whole, "{place}");
        }
    }

    #[test]
    fn pauses_grow() {
        let attempts = Attempts { most: 9, pause: Duration::from_millis(200) };
        let pauses: Vec<u128> = (1..=6).map(|attempt| attempts.pause_after(attempt).as_millis()).collect();
        assert_eq!(pauses, [225, 450, 875, 1_700, 3_300, 6_500]);
        assert!(attempts.pause_after(u32::MAX) > Duration::from_secs(1));
    }
}
