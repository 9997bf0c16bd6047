//! Rules in sentences (规则说明): what a section says, so that a clerk can check it by hand, and worked examples of its
//! formulas. Every number in a sentence and in an example comes from the section.

mod examples;
mod monitoring;
mod precheck;
mod sentences;

use rust_decimal::Decimal;
use serde_json::Value;

pub use examples::examples;
pub use sentences::sentences;

use super::rule_words;

/// A number of a section; none when it is unset.
fn number(of: &Value, name: &str) -> Option<Decimal> {
    of.get(name).and_then(rule_words::number).map(|number| number.normalize())
}

/// A number of a section, zero when it is unset.
fn plain(of: &Value, name: &str) -> Decimal {
    number(of, name).unwrap_or_default()
}

/// The parts of a list; none when it is unset.
fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    parts(of.get(name).unwrap_or(&Value::Null))
}

fn parts(of: &Value) -> &[Value] {
    of.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The text of a field as the section has it.
fn raw<'v>(of: &'v Value, name: &str) -> &'v str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The text of a field in Chinese.
fn words<'v>(of: &'v Value, name: &str) -> &'v str {
    rule_words::text(raw(of, name))
}

fn yes(of: &Value, name: &str) -> bool {
    of.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// A share as a percentage: 0.8 is 80%.
fn percent(share: Decimal) -> String {
    format!("{}%", share.saturating_mul(Decimal::ONE_HUNDRED).normalize())
}

/// Bands from the best to the worst, each with its bounds: the lower one is in it, the upper one is the next better's.
/// Ends with what `show` makes of the band.
fn bands(
    of: &[Value],
    lower: &str,
    top: Option<String>,
    bound: fn(Decimal) -> String,
    show: impl Fn(&Value) -> String,
) -> Vec<String> {
    let mut upper = top.map(|top| format!("至{top}（含）"));
    let mut lines = Vec::new();
    for band in of {
        let from = bound(plain(band, lower));
        let span = upper
            .as_ref()
            .map_or_else(|| format!("{from}（含）以上"), |upper| format!("{from}（含）{upper}"));
        lines.push(format!("{span}{}", show(band)));
        upper = Some(format!("至{from}（不含）"));
    }
    lines
}

/// The first band of a list whose lower end a value reaches.
fn band_of<'v>(of: &'v [Value], lower: &str, value: Decimal) -> Option<&'v Value> {
    of.iter().find(|band| plain(band, lower) <= value)
}

#[cfg(test)]
mod tests;
