//! Single values as the types that policies ask for (gate contract, 3.1): spelled one way only, since a reader that
//! guesses what was meant guesses differently from the next one.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use gait_contract::policy::ProblemCode;

use super::{Node, Value};

/// Why a value is not of the type that was asked for.
pub(crate) struct Mistake {
    pub(crate) code: ProblemCode,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// A scalar as JSON has them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'t str),
}

/// What an unquoted scalar can be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Nothing, `~`, or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number as JSON spells it.
    Whole,
    /// Another number as JSON spells it.
    Fraction,
    /// A number to some readers of YAML: `0x1F`, `010`, `+1`, `1_000`, `.5`, `.inf`.
    OddNumber,
    /// Anything else.
    Word,
}

/// What an unquoted scalar can be taken for.
pub(crate) fn spelling(text: &str) -> Spelling {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Spelling::Null,
        "true" | "True" | "TRUE" => Spelling::Boolean(true),
        "false" | "False" | "FALSE" => Spelling::Boolean(false),
        _ => number(text),
    }
}

fn number(text: &str) -> Spelling {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned.as_bytes() {
        [b'0'..=b'9', ..] => {}
        [b'.', b'0'..=b'9', ..] => {}
        _ if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") => return Spelling::OddNumber,
        _ => return Spelling::Word,
    }
    let all = |digits: &str, among: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || among(&byte))
    };
    let based = match unsigned.get(..2) {
        Some("0x" | "0X") => all(unsigned.get(2..).unwrap_or_default(), u8::is_ascii_hexdigit),
        Some("0o" | "0O") => all(unsigned.get(2..).unwrap_or_default(), |byte| (b'0'..b'8').contains(byte)),
        Some("0b" | "0B") => all(unsigned.get(2..).unwrap_or_default(), |byte| (b'0'..b'2').contains(byte)),
        _ => false,
    };
    if based {
        return Spelling::OddNumber;
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at).unwrap_or_default(), unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let exponent_digits = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    let is_number = is_digits(whole)
        && fraction.is_none_or(is_digits)
        && exponent_digits.is_none_or(|digits| all(digits, u8::is_ascii_digit));
    if !is_number {
        return Spelling::Word;
    }
    let is_json = !text.starts_with('+')
        && !text.contains('_')
        && (whole == "0" || !whole.starts_with('0') && !whole.is_empty())
        && fraction != Some("");
    match (is_json, fraction, exponent) {
        (false, ..) => Spelling::OddNumber,
        (true, None, None) if text != "-0" => Spelling::Whole,
        _ => Spelling::Fraction,
    }
}

/// Calls a value by its type.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Plain(text) => match spelling(text) {
            Spelling::Null => "null",
            Spelling::Boolean(_) => "true or false",
            Spelling::Word => "text",
            _ => "a number",
        },
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

fn wrong_type(wanted: &str, value: &Value, help: impl Into<String>) -> Mistake {
    let message = match value {
        Value::Plain(text) | Value::Text(text) => format!("{wanted} is expected, not `{text}`"),
        _ => format!("{wanted} is expected, not {}", kind(value)),
    };
    Mistake { code: ProblemCode::WrongType, message, help: help.into() }
}

impl Node<'_> {
    /// Text; a plain boolean or whole number is taken as its text. `None` for null.
    pub(crate) fn text(&self) -> Result<Option<Cow<'_, str>>, Mistake> {
        match &self.value {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(Cow::Borrowed(text))),
            Value::Plain(text) => match spelling(text) {
                Spelling::Null => Ok(None),
                Spelling::Boolean(value) => Ok(Some(Cow::Borrowed(if value { "true" } else { "false" }))),
                Spelling::Word => Ok(Some(Cow::Borrowed(text))),
                Spelling::Whole if fits(text) => Ok(Some(Cow::Borrowed(text))),
                _ => Err(Mistake {
                    code: ProblemCode::WrongType,
                    message: format!("text is expected, and the number `{text}` may be spelled in other ways"),
                    help: format!("quote it: \"{text}\""),
                }),
            },
            value => Err(wrong_type("text", value, "write one value")),
        }
    }

    /// A boolean. `None` for null.
    pub(crate) fn boolean(&self) -> Result<Option<bool>, Mistake> {
        match &self.value {
            Value::Null => Ok(None),
            Value::Plain(text) => match spelling(text) {
                Spelling::Null => Ok(None),
                Spelling::Boolean(value) => Ok(Some(value)),
                _ => Err(wrong_type("true or false", &self.value, "write `true` or `false`")),
            },
            value => Err(wrong_type("true or false", value, "write `true` or `false`, without quotes")),
        }
    }

    /// A whole number in decimal digits, quoted or not. `None` for null.
    pub(crate) fn integer(&self) -> Result<Option<i64>, Mistake> {
        let help = "write it in decimal digits, like `10`";
        match &self.value {
            Value::Null => Ok(None),
            Value::Plain(text) | Value::Text(text) => match spelling(text) {
                Spelling::Null if matches!(self.value, Value::Plain(_)) => Ok(None),
                Spelling::Whole => match text.parse() {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => Err(out_of_range(text, "whole numbers have at most 64 bits")),
                },
                _ => Err(wrong_type("a whole number", &self.value, help)),
            },
            value => Err(wrong_type("a whole number", value, help)),
        }
    }

    /// A scalar as JSON has them. Unquoted numbers are numbers, quoted ones are text.
    pub(crate) fn scalar(&self) -> Result<Scalar<'_>, Mistake> {
        match &self.value {
            Value::Null => Ok(Scalar::Null),
            Value::Text(text) => Ok(Scalar::Text(text)),
            Value::Plain(text) => match spelling(text) {
                Spelling::Null => Ok(Scalar::Null),
                Spelling::Boolean(value) => Ok(Scalar::Bool(value)),
                Spelling::Word => Ok(Scalar::Text(text)),
                _ => self.number().map(Scalar::Number),
            },
            value => Err(wrong_type("text, a number, true, false or null", value, "write one value")),
        }
    }

    /// A number as JSON spells it, in the range of doubles.
    pub(crate) fn number(&self) -> Result<f64, Mistake> {
        let help = "write it in decimal digits, like `10` or `0.5`, without quotes";
        let Value::Plain(text) = &self.value else { return Err(wrong_type("a number", &self.value, help)) };
        match spelling(text) {
            Spelling::Whole | Spelling::Fraction => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(out_of_range(text, "numbers have at most 64 bits, as in JSON")),
            },
            Spelling::OddNumber => {
                Err(wrong_type("a number as JSON spells it", &self.value, format!("{help}, or quote the text")))
            }
            _ => Err(wrong_type("a number", &self.value, help)),
        }
    }
}

/// Whether every reader takes the number as it is spelled.
fn fits(text: &str) -> bool {
    text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}

fn out_of_range(text: &str, help: &str) -> Mistake {
    Mistake {
        code: ProblemCode::OutOfRange,
        message: format!("the number `{text}` is out of range"),
        help: help.into(),
    }
}
