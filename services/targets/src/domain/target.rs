//! Target values (指标值): typed, with every trap of their printed forms. Nothing is stripped silently: a sign that
//! is not there is not invented, `%` stays the unit, and nothing is not zero.

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Decimal, Operator};

/// A target value with its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One number, for ≥ ＞ ＝ ＜ ≤. Zero is a number like any other.
    Number(Decimal),
    /// Two bounds, both included, for `Range`.
    Range {
        /// Lower bound.
        lower: Decimal,
        /// Upper bound.
        upper: Decimal,
    },
    /// Text, for 定性.
    Text(String),
}

/// What a printed value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadTarget {
    /// Comparison.
    pub operator: Operator,
    /// Value.
    pub target: Target,
    /// Unit behind the number; empty when there is none.
    pub unit: String,
}

/// Why a value does not belong to its operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// Nothing where something is needed: `*`, `/` and blank stay nothing.
    Missing,
    /// Words where a number is needed: "完成" for a numeric indicator.
    NeedsNumber,
    /// One number where two bounds are needed.
    NeedsRange,
    /// A number where 定性 needs words.
    NeedsText,
    /// The lower bound lies above the upper one.
    RangeReversed,
}

/// Whether a value is what its operator needs.
pub fn check(operator: Operator, target: Option<&Target>) -> Result<(), TargetFault> {
    let target = target.ok_or(TargetFault::Missing)?;
    match (operator, target) {
        (Operator::Qualitative, Target::Text(text)) if text.trim().is_empty() => Err(TargetFault::Missing),
        (Operator::Qualitative, Target::Text(_)) => Ok(()),
        (Operator::Qualitative, _) => Err(TargetFault::NeedsText),
        (Operator::Range, Target::Range { lower, upper }) if lower > upper => Err(TargetFault::RangeReversed),
        (Operator::Range, Target::Range { .. }) => Ok(()),
        (Operator::Range, _) => Err(TargetFault::NeedsRange),
        (_, Target::Number(_)) => Ok(()),
        (_, _) => Err(TargetFault::NeedsNumber),
    }
}

/// Reads a printed value: `≥95%`, `≤30万元`, `0起`, `90%-95%`, `850余个`, `有效提升`. `None` for `*`, `/` and blanks.
pub fn read(printed: &str) -> Option<ReadTarget> {
    let text = printed.trim();
    if text.chars().all(|c| matches!(c, '*' | '/' | '-' | '—' | '－' | '无') || c.is_whitespace()) {
        return None;
    }
    let (operator, rest) = split_operator(text);
    let Some((number, rest)) = split_number(rest) else {
        return Some(ReadTarget {
            operator: Operator::Qualitative,
            target: Target::Text(text.to_owned()),
            unit: String::new(),
        });
    };
    if operator.is_none()
        && let Some((upper, unit)) = split_upper_bound(rest)
    {
        let target = Target::Range { lower: number, upper };
        return Some(ReadTarget { operator: Operator::Range, target, unit: unit.trim().to_owned() });
    }
    let (open, unit) = split_open_bound(rest);
    if unit.chars().any(|c| c.is_ascii_digit()) {
        // "3个乡镇2条路": more than one figure is a sentence and not a value.
        let target = Target::Text(text.to_owned());
        return Some(ReadTarget { operator: Operator::Qualitative, target, unit: String::new() });
    }
    let operator = operator.unwrap_or(if open { Operator::AtLeast } else { Operator::Equal });
    Some(ReadTarget { operator, target: Target::Number(number), unit })
}

/// The sign in front, in every width and spelling that forms use.
fn split_operator(text: &str) -> (Option<Operator>, &str) {
    const SIGNS: &[(&str, Operator)] = &[
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        ("≥", Operator::AtLeast),
        ("≧", Operator::AtLeast),
        ("不低于", Operator::AtLeast),
        ("不少于", Operator::AtLeast),
        ("≤", Operator::AtMost),
        ("≦", Operator::AtMost),
        ("不高于", Operator::AtMost),
        ("不超过", Operator::AtMost),
        (">", Operator::MoreThan),
        ("＞", Operator::MoreThan),
        ("<", Operator::LessThan),
        ("＜", Operator::LessThan),
        ("=", Operator::Equal),
        ("＝", Operator::Equal),
    ];
    for (sign, operator) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(*operator), rest.trim_start());
        }
    }
    (None, text)
}

fn split_number(text: &str) -> Option<(Decimal, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let number = digits.replace(',', "").parse().ok()?;
    Some((number, rest.trim_start()))
}

/// Whether the figure only bounds the truth from below, and the unit without the word that says so: "850余个",
/// "0.6亿多", "2万多元".
fn split_open_bound(rest: &str) -> (bool, String) {
    let scale = if rest.starts_with(['万', '亿']) { rest.chars().next() } else { None };
    let after = scale.map_or(rest, |scale| rest.strip_prefix(scale).unwrap_or(rest));
    let unit = after.trim_start_matches(['余', '多']);
    let whole: String = scale.into_iter().chain(unit.trim().chars()).collect();
    (unit.len() < after.len(), whole)
}

/// The rest of `90%-95%` or `3~5个` after its first number: the upper bound and the unit.
fn split_upper_bound(rest: &str) -> Option<(Decimal, &str)> {
    let rest = rest.strip_prefix(['%', '％']).unwrap_or(rest);
    let rest = rest.strip_prefix(['-', '~', '～', '—', '至'])?;
    split_number(rest.trim_start())
}
