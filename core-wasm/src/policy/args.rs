//! Matching argument values: a JSON pointer into the normalized arguments, and conditions that the value must meet.
//! Every condition looks at one value once; there are no regular expressions.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::glob;
use crate::json::{JsonError, Kind, Scanner};

/// A JSON pointer (RFC 6901), its tokens trimmed like the keys of normalized arguments.
pub(crate) struct Pointer {
    pub(crate) text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// Reads a pointer; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        if !text.is_empty() {
            for token in text.strip_prefix('/')?.split('/') {
                // `~` stands only before 0 and 1.
                if token.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
                    return None;
                }
                tokens.push(token.replace("~1", "/").replace("~0", "~").trim().to_string());
            }
        }
        Some(Self { text: text.to_string(), tokens })
    }

    /// What the pointer leads to in canonical JSON.
    pub(crate) fn find<'a>(&self, document: &'a str) -> Option<Found<'a>> {
        // The text was written by gait itself, so walking it cannot fail; if it did, nothing would be found.
        self.walk(document).ok().flatten()
    }

    fn walk<'a>(&self, document: &'a str) -> Result<Option<Found<'a>>, JsonError> {
        let mut scanner = Scanner::new(document.as_bytes())?;
        for token in &self.tokens {
            let reached = match scanner.kind()? {
                Kind::Object => enter_object(&mut scanner, token)?,
                Kind::Array => enter_list(&mut scanner, token)?,
                _ => false,
            };
            if !reached {
                return Ok(None);
            }
        }
        Ok(Some(match scanner.kind()? {
            Kind::Object => Found::Object,
            Kind::Array => Found::List,
            Kind::String => Found::Text(scanner.string()?),
            Kind::Number => Found::Number(scanner.double()?),
            Kind::Bool => Found::Bool(scanner.literal()? == "true"),
            Kind::Null => Found::Null,
        }))
    }
}

/// Walks up to the value of a key.
fn enter_object(scanner: &mut Scanner, key: &str) -> Result<bool, JsonError> {
    scanner.want(b'{', "an object")?;
    while !scanner.eat(b'}') {
        scanner.eat(b',');
        let found = scanner.string()? == key;
        scanner.want(b':', "a colon")?;
        if found {
            return Ok(true);
        }
        scanner.skip()?;
    }
    Ok(false)
}

/// Walks up to an element.
fn enter_list(scanner: &mut Scanner, token: &str) -> Result<bool, JsonError> {
    let plain = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(mut before) = token.parse::<u64>().ok().filter(|_| plain) else { return Ok(false) };
    scanner.want(b'[', "a list")?;
    while !scanner.eat(b']') {
        scanner.eat(b',');
        if before == 0 {
            return Ok(true);
        }
        scanner.skip()?;
        before -= 1;
    }
    Ok(false)
}

/// A value that a pointer led to.
pub(crate) enum Found<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl Found<'_> {
    /// The word of its type in policies.
    pub(crate) const fn kind(&self) -> ArgType {
        match self {
            Self::Null => ArgType::Null,
            Self::Bool(_) => ArgType::Boolean,
            Self::Number(_) => ArgType::Number,
            Self::Text(_) => ArgType::String,
            Self::List => ArgType::Array,
            Self::Object => ArgType::Object,
        }
    }
}

/// A scalar in a policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Scalar {
    fn equals(&self, found: &Found) -> bool {
        match (self, found) {
            (Self::Null, Found::Null) => true,
            (Self::Bool(a), Found::Bool(b)) => a == b,
            (Self::Number(a), Found::Number(b)) => a == b,
            (Self::Text(a), Found::Text(b)) => a == b,
            _ => false,
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// Types of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArgType {
    String,
    Number,
    Boolean,
    Null,
    Array,
    Object,
}

impl ArgType {
    /// The words in policies, in the order of the variants.
    pub(crate) const WORDS: [&'static str; 6] = ["string", "number", "boolean", "null", "array", "object"];
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::String, Self::Number, Self::Boolean, Self::Null, Self::Array, Self::Object];

    /// The word in policies.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.get(self as usize).copied().unwrap_or_default()
    }
}

/// Conditions on one argument; all that are there must hold. Names and order are those of the policy digest.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ArgMatcher {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) equals: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exists: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) glob: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gt: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gte: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lt: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lte: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) one_of: Option<Vec<Scalar>>,
    #[serde(serialize_with = "pointer_text")]
    pub(crate) pointer: Option<Pointer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prefix: Option<String>,
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none", serialize_with = "type_word")]
    pub(crate) kind: Option<ArgType>,
}

fn pointer_text<S: Serializer>(pointer: &Option<Pointer>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(pointer.as_ref().map_or("", |pointer| &pointer.text))
}

fn type_word<S: Serializer>(kind: &Option<ArgType>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.map_or("", ArgType::word))
}

impl ArgMatcher {
    /// Whether the argument meets every condition. Only `exists: false` holds where there is nothing.
    pub(crate) fn holds(&self, args: &str) -> bool {
        let found = self.pointer.as_ref().and_then(|pointer| pointer.find(args));
        let Some(found) = found else { return self.exists == Some(false) };
        let text = |meets: &dyn Fn(&str) -> bool| matches!(&found, Found::Text(text) if meets(text));
        let number = |meets: &dyn Fn(f64) -> bool| matches!(&found, Found::Number(value) if meets(*value));
        self.exists != Some(false)
            && self.equals.as_ref().is_none_or(|scalar| scalar.equals(&found))
            && self.one_of.as_ref().is_none_or(|scalars| scalars.iter().any(|scalar| scalar.equals(&found)))
            && self.prefix.as_ref().is_none_or(|prefix| text(&|text| text.starts_with(prefix.as_str())))
            && self.glob.as_ref().is_none_or(|pattern| text(&|text| glob::matches(pattern, text)))
            && self.gt.is_none_or(|bound| number(&|value| value > bound))
            && self.gte.is_none_or(|bound| number(&|value| value >= bound))
            && self.lt.is_none_or(|bound| number(&|value| value < bound))
            && self.lte.is_none_or(|bound| number(&|value| value <= bound))
            && self.kind.is_none_or(|kind| kind == found.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::{ArgMatcher, ArgType, Found, Pointer, Scalar};
    use alloc::vec;

    const ARGS: &str =
        r#"{"":{"a/b":1,"m~n":2},"a":{"b":[10,"x",null,{"c":true}]},"amount":100.5,"path":"/srv/a.pem"}"#;

    fn pointer(text: &str) -> Pointer {
        Pointer::parse(text).expect("a pointer")
    }

    #[test]
    fn pointers_lead_where_the_rfc_says() {
        let number = |text: &str| match pointer(text).find(ARGS) {
            Some(Found::Number(value)) => Some(value),
            _ => None,
        };
        assert_eq!(number("/a/b/0"), Some(10.0));
        assert_eq!(number("//a~1b"), Some(1.0));
        assert_eq!(number("//m~0n"), Some(2.0));
        assert!(matches!(pointer("").find(ARGS), Some(Found::Object)));
        assert!(matches!(pointer("/a/b").find(ARGS), Some(Found::List)));
        assert!(matches!(pointer("/a/b/2").find(ARGS), Some(Found::Null)));
        assert!(matches!(pointer("/a/b/3/c").find(ARGS), Some(Found::Bool(true))));
        for nowhere in
            ["/x", "/a/b/4", "/a/b/00", "/a/b/-", "/a/b/x", "/a/b/", "/amount/x", "/a/b/99999999999999999999"]
        {
            assert!(pointer(nowhere).find(ARGS).is_none(), "{nowhere}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["a", "a/b", "/~", "/~2", "/a~", " /a"] {
            assert!(Pointer::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn conditions_hold_together() {
        let amount = || ArgMatcher { pointer: Some(pointer("/amount")), ..ArgMatcher::default() };
        let path = || ArgMatcher { pointer: Some(pointer("/path")), ..ArgMatcher::default() };
        assert!(amount().holds(ARGS));
        assert!(ArgMatcher { gt: Some(100.0), lte: Some(100.5), ..amount() }.holds(ARGS));
        assert!(!ArgMatcher { gt: Some(100.5), ..amount() }.holds(ARGS));
        assert!(!ArgMatcher { gte: Some(1.0), lt: Some(100.5), ..amount() }.holds(ARGS));
        assert!(ArgMatcher { equals: Some(Scalar::Number(100.5)), ..amount() }.holds(ARGS));
        assert!(!ArgMatcher { equals: Some(Scalar::Text("100.5".into())), ..amount() }.holds(ARGS));
        assert!(ArgMatcher { kind: Some(ArgType::Number), exists: Some(true), ..amount() }.holds(ARGS));
        assert!(!ArgMatcher { exists: Some(false), ..amount() }.holds(ARGS));
        assert!(ArgMatcher { prefix: Some("/srv/".into()), glob: Some("/srv/*.pem".into()), ..path() }.holds(ARGS));
        assert!(!ArgMatcher { glob: Some("*.pem".into()), ..path() }.holds(ARGS));
        assert!(!ArgMatcher { prefix: Some("1".into()), ..amount() }.holds(ARGS));
        let one_of = Some(vec![Scalar::Null, Scalar::Text("/srv/a.pem".into())]);
        assert!(ArgMatcher { one_of, ..path() }.holds(ARGS));
        let nowhere = || ArgMatcher { pointer: Some(pointer("/nowhere")), ..ArgMatcher::default() };
        assert!(!nowhere().holds(ARGS));
        assert!(!ArgMatcher { equals: Some(Scalar::Null), ..nowhere() }.holds(ARGS));
        assert!(ArgMatcher { exists: Some(false), ..nowhere() }.holds(ARGS));
    }
}
