//! Rules as a clerk reads them (规则用语): words for the names and values of the sections. What has no word here keeps
//! its own name, so that a section that is added to the contract is shown before somebody finds words for it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
struct Words {
    sections: BTreeMap<String, String>,
    fields: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/rule-words.json")).unwrap_or_default());

/// What names a part of a list within it, in the order in which it is looked for.
const IDENTITIES: &[&str] =
    &["code", "purpose", "grade", "level", "conclusion", "kind", "month", "name", "title"];

fn found<'w>(words: &'w BTreeMap<String, String>, name: &'w str) -> &'w str {
    words.get(name).map_or(name, String::as_str)
}

/// A section in Chinese.
pub fn section(name: &str) -> &str {
    found(&WORDS.sections, name)
}

/// A field in Chinese.
pub fn field(name: &str) -> &str {
    found(&WORDS.fields, name)
}

/// A member of an enum in Chinese; any other text as it is.
pub fn text(name: &str) -> &str {
    found(&WORDS.values, name)
}

/// The number in a decimal's message.
pub fn number(value: &Value) -> Option<Decimal> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get("value")?.as_str()?.parse().ok()
}

/// Yuan and fen in an amount's message.
pub fn amount(value: &Value) -> Option<Decimal> {
    let fields = value.as_object()?;
    fields.get("currency_code")?;
    let units = match fields.get("units") {
        Some(units) => units.as_str()?.parse().ok()?,
        None => Decimal::ZERO,
    };
    let nanos = fields.get("nanos").and_then(Value::as_i64).unwrap_or_default();
    units.checked_add(Decimal::new(nanos, 9))
}

/// Whether a value is shown as one, and not part by part.
pub fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(_) => number(value).is_some() || amount(value).is_some(),
        Value::Array(parts) => parts.iter().all(|part| !part.is_object()),
        _ => true,
    }
}

/// A value in one line, as a clerk reads it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(name) => text(name).to_owned(),
        Value::Array(parts) => {
            let between = if is_leaf(value) { "、" } else { "；" };
            parts.iter().map(shown).collect::<Vec<_>>().join(between)
        }
        Value::Object(fields) => match (number(value), amount(value)) {
            (Some(number), _) => number.normalize().to_string(),
            (None, Some(yuan)) => format!("{}元", yuan.normalize()),
            (None, None) => {
                let part = |(name, value): (&String, &Value)| format!("{}：{}", field(name), shown(value));
                fields.iter().map(part).collect::<Vec<_>>().join("，")
            }
        },
    }
}

/// The field that tells the parts of these lists apart, when one does in each of them.
pub fn identity(lists: &[&Vec<Value>]) -> Option<&'static str> {
    IDENTITIES.iter().copied().find(|name| {
        lists.iter().all(|list| {
            let keys: Option<std::collections::BTreeSet<String>> =
                list.iter().map(|part| part.get(*name).and_then(key)).collect();
            keys.is_some_and(|keys| keys.len() == list.len())
        })
    })
}

/// A part's name within its list.
pub fn key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_as_a_clerk_reads_them() {
        assert_eq!(shown(&json!({"value": "90.0"})), "90");
        assert_eq!(shown(&json!({"currency_code": "CNY", "units": "2000000"})), "2000000元");
        assert_eq!(shown(&json!(["GRADE_FAIR", "GRADE_POOR"])), "中、差");
        assert_eq!(
            shown(&json!({"grade": "GRADE_GOOD", "lower_score": {"value": "80"}})),
            "等级：良，最低分：80"
        );
        assert_eq!(shown(&json!({"unheard_of": true})), "unheard_of：是");
        assert_eq!((section("grade_scales"), section("unheard_of")), ("等级划分", "unheard_of"));
    }

    #[test]
    fn lists_are_told_apart_by_what_is_unique_in_all_of_them() {
        let (one, two) = (vec![json!({"grade": "A"})], vec![json!({"grade": "A"}), json!({"grade": "A"})]);
        assert_eq!(identity(&[&one]), Some("grade"));
        assert_eq!(identity(&[&one, &two]), None);
        assert_eq!(identity(&[&vec![json!({"lower_rate": {"value": "1"}})]]), None);
    }
}
