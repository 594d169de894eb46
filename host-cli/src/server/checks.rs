//! Who may ask at all: names that the listener answers to, pages that may call it, and the bearer token.
//!
//! A page in somebody's browser can send requests to a loopback address, under a name of its own that resolves to it. So
//! `Host` and `Origin` are looked at before anything else.

use std::net::{IpAddr, SocketAddr};

use gait_contract::{Code, Fault};
use http::header::{AUTHORIZATION, HOST, ORIGIN, WWW_AUTHENTICATE};
use http::uri::Authority;
use http::{HeaderMap, Request, StatusCode};
use sha2::{Digest, Sha256};

use super::reply::{Reply, refusal};

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Names in `Host`, without ports, lower case. Empty: any, which needs a token.
    hosts: Vec<String>,
    /// Origins besides the listener's own, as browsers spell them.
    origins: Vec<String>,
    /// SHA-256 of the bearer token.
    token: Option<[u8; 32]>,
}

impl Checks {
    /// Checks for a listener. One that others can reach needs a token.
    pub fn new(
        address: SocketAddr,
        hosts: Vec<String>,
        origins: Vec<String>,
        token: Option<&str>,
    ) -> Result<Self, Fault> {
        let is_loopback = is_loopback(address.ip());
        if !is_loopback && token.is_none() {
            return Err(Fault::new(
                Code::InvalidInput,
                format!("`{address}` can be reached by others, and no token is asked for"),
            )
            .hint("listen on a loopback address, or add `--auth-mode token --auth-token-env NAME`"));
        }
        let mut hosts: Vec<_> =
            hosts.iter().map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect();
        if is_loopback {
            hosts.extend(["localhost".into(), address.ip().to_string(), "127.0.0.1".into(), "[::1]".into()]);
        }
        let origins = origins.iter().map(|origin| origin.trim().trim_end_matches('/').to_lowercase()).collect();
        let token = token.map(|token| Sha256::digest(token).into());
        Ok(Self { hosts, origins, token })
    }

    /// Whether a token is asked for.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Lets a request in, or says why not. `is_open` marks routes that answer without a token.
    pub fn admit<B>(&self, request: &Request<B>, is_open: bool) -> Result<(), Box<Reply>> {
        let headers = request.headers();
        let host = self.host(headers, request.uri().authority())?;
        if let Some(origin) = headers.get(ORIGIN) {
            let origin = origin.to_str().unwrap_or_default().to_lowercase();
            let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            // A page that this listener itself served may call it: its host has just been found good.
            if own != Some(host.as_str()) && !self.origins.contains(&origin) {
                return refused(StatusCode::FORBIDDEN, "origin_refused", "pages of this origin may not ask here");
            }
        }
        match &self.token {
            Some(token) if !is_open && !presents(headers, token) => {
                let mut reply =
                    refusal(StatusCode::UNAUTHORIZED, "token_refused", "a bearer token is missing or wrong");
                reply.headers_mut().insert(WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer"));
                Err(Box::new(reply))
            }
            _ => Ok(()),
        }
    }

    /// The host that is asked for, with its port, lower case.
    fn host(&self, headers: &HeaderMap, target: Option<&Authority>) -> Result<String, Box<Reply>> {
        let bad = |text| refused(StatusCode::BAD_REQUEST, "host_missing", text);
        let mut named = headers.get_all(HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return bad("exactly one Host is expected");
        };
        let Some(host) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
            return bad("the Host cannot be read");
        };
        // Readers disagree about which of the two counts, so they have to be the same.
        if target.is_some_and(|target| !target.as_str().eq_ignore_ascii_case(host.as_str()))
            || host.as_str().contains('@')
        {
            return bad("the Host and the target of the request differ");
        }
        let name = host.host().to_lowercase();
        if self.hosts.is_empty() || self.hosts.contains(&name) {
            return Ok(host.as_str().to_lowercase());
        }
        refused(StatusCode::FORBIDDEN, "host_refused", "this listener does not answer to that Host")
    }
}

fn refused<T>(status: StatusCode, code: &str, error: &str) -> Result<T, Box<Reply>> {
    Err(Box::new(refusal(status, code, error)))
}

/// Loopback addresses, also as IPv6 writes those of IPv4.
pub fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Compares digests, so that neither the length nor the first difference shows in the time it takes.
fn presents(headers: &HeaderMap, token: &[u8; 32]) -> bool {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(given), None) = (given.next(), given.next()) else { return false };
    let Some((scheme, presented)) = given.as_bytes().split_at_checked(7) else { return false };
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return false;
    }
    let digest: [u8; 32] = Sha256::digest(presented.trim_ascii()).into();
    let difference = digest.iter().zip(token).fold(0, |sum, (one, other)| sum | (one ^ other));
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(address: &str, token: Option<&str>) -> Checks {
        Checks::new(
            address.parse().expect("an address"),
            vec!["Gait.Internal".into()],
            vec!["https://app.example/".into()],
            token,
        )
        .expect("they fit")
    }

    #[track_caller]
    fn status(checks: &Checks, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::post("/v1/evaluate");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("a request");
        checks.admit(&request, false).map_or_else(|reply| reply.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_listener_answers_to_its_own_names() {
        let checks = checks("127.0.0.1:8787", None);
        for host in ["127.0.0.1:8787", "localhost", "LOCALHOST:1", "[::1]:8787", "gait.internal"] {
            assert_eq!(status(&checks, &[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "user@localhost", "localhost.", "0.0.0.0"] {
            assert_ne!(status(&checks, &[("host", host)]), 200, "{host}");
        }
        assert_eq!(status(&checks, &[]), 400);
        assert_eq!(status(&checks, &[("host", "localhost"), ("host", "localhost")]), 400);
    }

    #[test]
    fn pages_of_others_may_not_ask() {
        let checks = checks("127.0.0.1:8787", None);
        let from = |origin: &str| status(&checks, &[("host", "localhost:8787"), ("origin", origin)]);
        assert_eq!(from("http://localhost:8787"), 200);
        assert_eq!(from("https://app.example"), 200);
        for origin in ["https://evil.example", "null", "http://localhost:9999", "http://127.0.0.1:8787", ""] {
            assert_eq!(from(origin), 403, "{origin}");
        }
    }

    #[test]
    fn a_token_is_compared_whole() {
        let checks = checks("127.0.0.1:8787", Some("s3cret"));
        let with = |value: &str| status(&checks, &[("host", "localhost"), ("authorization", value)]);
        assert_eq!(with("Bearer s3cret"), 200);
        assert_eq!(with("bearer s3cret"), 200);
        for value in ["Bearer s3cre", "Bearer s3crets", "Bearer ", "s3cret", "Basic s3cret", ""] {
            assert_eq!(with(value), 401, "{value}");
        }
        assert_eq!(status(&checks, &[("host", "localhost")]), 401);
        let two = [("host", "localhost"), ("authorization", "Bearer s3cret"), ("authorization", "Bearer s3cret")];
        assert_eq!(status(&checks, &two), 401);
    }

    #[test]
    fn others_need_a_token() {
        let open = |address: &str, token| {
            let address = address.parse().expect("an address");
            Checks::new(address, Vec::new(), Vec::new(), token).map(|_| ()).map_err(|fault| fault.error_code)
        };
        for address in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(open(address, None), Ok(()), "{address}");
        }
        for address in ["0.0.0.0:1", "[::]:1", "192.168.0.1:1"] {
            assert_eq!(open(address, None), Err(Code::InvalidInput), "{address}");
            assert_eq!(open(address, Some("t")), Ok(()), "{address}");
        }
    }
}
