use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::super::rule_set::Sections;
use super::*;

fn national() -> Effective {
    let file: Value = serde_json::from_str(include_str!("../../../data/rules-national-2021.json"))
        .unwrap_or_else(|_| unreachable!());
    let sections: Sections = file
        .get("content")
        .and_then(|content| serde_json::from_value(content.clone()).ok())
        .unwrap_or_default();
    let sources = sections.keys().map(|name| (name.clone(), "national-2021".to_owned(), 1)).collect();
    Effective { sections, sources }
}

fn only(name: &str, section: Value) -> Effective {
    Effective { sections: Sections::from([(name.to_owned(), section)]), sources: Vec::new() }
}

fn paths(old: &Value, new: &Value) -> Vec<String> {
    let sections = compare(&only("grade_scales", old.clone()), &only("grade_scales", new.clone()));
    sections.into_iter().flat_map(|one| one.differences).map(|one| one.path).collect()
}

/// JSON pointers of everything that is one value, with the path by which a difference names it. Values that name a
/// part of a list are left out: another name makes another part.
fn leaves(value: &Value, pointer: String, path: String, out: &mut Vec<(String, String)>) {
    match value {
        _ if is_leaf(value) => out.push((pointer, path)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, format!("{pointer}/{name}"), below, out);
            }
        }
        Value::Array(parts) => {
            let identity = identity(&[parts]);
            for (place, part) in parts.iter().enumerate() {
                let name = identity.and_then(|name| part.get(name).and_then(key));
                let name = name.unwrap_or_else(|| place.to_string());
                let mut below = Vec::new();
                leaves(part, format!("{pointer}/{place}"), format!("{path}[{name}]"), &mut below);
                let named = identity.map(|name| format!("{pointer}/{place}/{name}"));
                out.extend(below.into_iter().filter(|(pointer, _)| Some(pointer) != named.as_ref()));
            }
        }
        _ => {}
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => json!(!yes),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default().wrapping_add(1)),
        Value::Array(_) => json!(["另一个"]),
        Value::Object(_) => json!({"value": "7.25"}),
        _ => json!("另一个"),
    }
}

proptest! {
    #[test]
    fn a_difference_names_exactly_what_was_changed(section in any::<Index>(), leaf in any::<Index>()) {
        let old = national();
        let names: Vec<String> = old.sections.keys().cloned().collect();
        let name = section.get(&names);
        let mut found = Vec::new();
        leaves(&old.sections[name], String::new(), String::new(), &mut found);
        let (pointer, path) = leaf.get(&found);
        let mut new = old.clone();
        let value = new.sections.get_mut(name).and_then(|section| section.pointer_mut(pointer));
        let (before, after) = match value {
            Some(value) => { let before = value.clone(); *value = other(&before); (before, value.clone()) }
            None => (Value::Null, Value::Null),
        };
        let sections = compare(&old, &new);
        prop_assert_eq!(sections.len(), 1);
        prop_assert_eq!(&sections[0].section, name);
        prop_assert_eq!(sections[0].change, SectionChange::Changed);
        prop_assert_eq!(sections[0].differences.len(), 1, "{:?}", sections[0].differences);
        let difference = &sections[0].differences[0];
        prop_assert_eq!(&difference.path, path);
        prop_assert_eq!((&difference.old, &difference.new), (&shown(&before), &shown(&after)));
    }

    #[test]
    fn a_set_does_not_differ_from_itself(taken in any::<Index>()) {
        let mut set = national();
        let names: Vec<String> = set.sections.keys().cloned().collect();
        set.sections.remove(taken.get(&names));
        prop_assert_eq!(compare(&set, &set.clone()), Vec::new());
        let whole = compare(&set, &national());
        prop_assert_eq!(whole.len(), 1);
        prop_assert_eq!((&whole[0].section, whole[0].change), (taken.get(&names), SectionChange::Added));
    }
}

#[test]
fn parts_come_go_and_change_their_order() {
    let band = |grade: &str, lower: &str| json!({"grade": grade, "lower_score": {"value": lower}});
    let scale = |bands: Vec<Value>| json!([{"purpose": "SCORE_PURPOSE_DEFAULT", "bands": bands}]);
    let old = scale(vec![band("GRADE_GOOD", "80"), band("GRADE_POOR", "0")]);
    let new = scale(vec![band("GRADE_EXCELLENT", "90"), band("GRADE_GOOD", "75"), band("GRADE_POOR", "0")]);
    let at = "[SCORE_PURPOSE_DEFAULT].bands";
    assert_eq!(
        paths(&old, &new),
        [format!("{at}[GRADE_EXCELLENT]"), format!("{at}[GRADE_GOOD].lower_score")]
    );
    let turned = scale(vec![band("GRADE_POOR", "0"), band("GRADE_GOOD", "80")]);
    assert_eq!(paths(&old, &turned), [format!("{at}[order]")]);
}

#[test]
fn a_clerk_reads_sentences() {
    let old = only("execution_score", json!({"explanation_below_rate": {"value": "0.9"}}));
    let new = only("execution_score", json!({"explanation_below_rate": {"value": "0.85"}}));
    let sections = compare(&old, &new);
    let sentences: Vec<String> =
        sections.iter().flat_map(|one| &one.differences).map(Difference::sentence).collect();
    assert_eq!(sentences, ["“须说明原因的执行率界限”由“0.9”改为“0.85”"]);
    let flag = |yes: bool| only("conflict", if yes { json!({"enforced": true}) } else { json!({}) });
    let sections = compare(&flag(false), &flag(true));
    let sentence = sections.first().and_then(|one| one.differences.first()).map(Difference::sentence);
    assert_eq!(sentence.as_deref(), Some("“冲突时不得委托”由“否”改为“是”"));
}
