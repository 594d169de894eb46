//! Answers of the server: JSON objects on a line of their own, whatever they say.

use axum::body::Body;
use gait_contract::{Category, Fault};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

/// An answer.
pub type Reply = Response<Body>;

/// A JSON object and a line feed.
pub fn json(status: StatusCode, value: &impl Serialize) -> Reply {
    let mut text = serde_json::to_vec(value).unwrap_or_default();
    text.push(b'\n');
    bytes(status, "application/json", text)
}

/// Bytes of a type. Nothing that is said here is worth keeping by anybody between.
pub fn bytes(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Reply {
    let mut reply = Response::new(Body::from(bytes));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// A request that is not answered with a decision.
#[derive(Serialize)]
struct Refusal<'a> {
    ok: bool,
    error: &'a str,
    error_code: &'a str,
    error_category: Category,
    retryable: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    hint: &'a str,
}

/// A request that the server itself refuses.
pub fn refusal(status: StatusCode, error_code: &str, error: &str) -> Reply {
    let retryable = status == StatusCode::SERVICE_UNAVAILABLE;
    let error_category = if retryable { Category::StateContention } else { Category::InvalidInput };
    let mut reply = json(status, &Refusal { ok: false, error, error_code, error_category, retryable, hint: "" });
    if retryable {
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    reply
}

/// A call that could not be judged: 400 where the caller or the set-up is the cause, 503 where waiting helps, 500 where
/// the machine is.
pub fn fault(fault: &Fault) -> Reply {
    let status = match fault.error_category {
        Category::StateContention | Category::NetworkTransient => StatusCode::SERVICE_UNAVAILABLE,
        Category::IoFailure | Category::InternalFailure => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    json(
        status,
        &Refusal {
            ok: false,
            error: &fault.error,
            error_code: fault.error_code.token(),
            error_category: fault.error_category,
            retryable: fault.retryable,
            hint: &fault.hint,
        },
    )
}
