//! What differs between two sets of rules (规则比较): section by section, value by value.

use std::collections::BTreeSet;

use serde_json::Value;
use wenxiao_kernel::vocabulary;

use super::rule_set::{Effective, RuleSet};
use super::rule_words::{field, identity, is_leaf, key, section, shown, text};

vocabulary! {
    /// What happened to a section (变化).
    SectionChange {
        /// 新增.
        Added = "added",
        /// 取消.
        Removed = "removed",
        /// 修改.
        Changed = "changed",
    }
}

/// How one section differs (规则差异).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDifference {
    /// Name of the section.
    pub section: String,
    /// What happened to it.
    pub change: SectionChange,
    /// Rule set of the old side; empty when it has none.
    pub old_rule_set: String,
    /// Rule set of the new side.
    pub new_rule_set: String,
    /// Values that differ.
    pub differences: Vec<Difference>,
}

/// One value that differs (差异项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path within the section.
    pub path: String,
    /// The path in Chinese.
    pub label: String,
    /// The old value as a clerk reads it; empty for none.
    pub old: String,
    /// The new value.
    pub new: String,
}

impl Difference {
    /// The difference in one sentence.
    pub fn sentence(&self) -> String {
        match (self.old.is_empty(), self.new.is_empty()) {
            (true, _) => format!("新增“{}”：{}", self.label, self.new),
            (_, true) => format!("取消“{}”（原为：{}）", self.label, self.old),
            _ => format!("“{}”由“{}”改为“{}”", self.label, self.old, self.new),
        }
    }
}

/// A rule set by itself, as a side of a comparison.
pub fn side(set: &RuleSet) -> Effective {
    let sources = set.sections.keys().map(|name| (name.clone(), set.id.clone(), set.version)).collect();
    Effective { sections: set.sections.clone(), sources }
}

/// The sections that differ, by name. A section that another rule set gives in the same words does not.
pub fn compare(old: &Effective, new: &Effective) -> Vec<SectionDifference> {
    let names: BTreeSet<&String> = old.sections.keys().chain(new.sections.keys()).collect();
    let differs = |name: &&String| old.sections.get(*name) != new.sections.get(*name);
    names.into_iter().filter(differs).map(|name| section_difference(name, old, new)).collect()
}

fn section_difference(name: &str, old: &Effective, new: &Effective) -> SectionDifference {
    let source = |side: &Effective| {
        let found = side.sources.iter().find(|(section, ..)| section == name);
        found.map(|(_, set, _)| set.clone()).unwrap_or_default()
    };
    let (before, after) = (old.sections.get(name), new.sections.get(name));
    let mut differences = Vec::new();
    let change = match (before, after) {
        (Some(before), Some(after)) => {
            walk(Place::default(), before, after, &mut differences);
            SectionChange::Changed
        }
        (None, _) => SectionChange::Added,
        (_, None) => SectionChange::Removed,
    };
    if change != SectionChange::Changed {
        let shown = |side: Option<&Value>| side.map(shown).unwrap_or_default();
        let label = section(name).to_owned();
        differences.push(Difference { path: String::new(), label, old: shown(before), new: shown(after) });
    }
    SectionDifference {
        section: name.to_owned(),
        change,
        old_rule_set: source(old),
        new_rule_set: source(new),
        differences,
    }
}

/// Where in a section one is: the path and its words.
#[derive(Clone, Debug, Default)]
struct Place {
    path: String,
    label: String,
}

impl Place {
    fn below(&self, name: &str) -> Self {
        let join = |head: &str, between: &str, tail: &str| {
            if head.is_empty() { tail.to_owned() } else { format!("{head}{between}{tail}") }
        };
        Self { path: join(&self.path, ".", name), label: join(&self.label, "·", field(name)) }
    }

    fn part(&self, key: &str, words: &str) -> Self {
        Self { path: format!("{}[{key}]", self.path), label: format!("{}（{words}）", self.label) }
    }

    fn note(self, old: String, new: String, out: &mut Vec<Difference>) {
        out.push(Difference { path: self.path, label: self.label, old, new });
    }
}

fn walk(place: Place, old: &Value, new: &Value, out: &mut Vec<Difference>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(before), Value::Object(after)) if !is_leaf(old) && !is_leaf(new) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                either(place.below(name), before.get(name), after.get(name), out);
            }
        }
        (Value::Array(before), Value::Array(after)) if !is_leaf(old) || !is_leaf(new) => {
            match identity(&[before, after]) {
                Some(name) => by_key(&place, name, before, after, out),
                None => by_place(&place, before, after, out),
            }
        }
        _ => place.note(shown(old), shown(new), out),
    }
}

/// Two values of which one may be missing. What is unset and has a plain default shows as that.
fn either(place: Place, old: Option<&Value>, new: Option<&Value>, out: &mut Vec<Difference>) {
    let unset = |other: &Value| match other {
        Value::Bool(_) => shown(&Value::Bool(false)),
        Value::Number(_) => "0".to_owned(),
        _ => String::new(),
    };
    match (old, new) {
        (Some(old), Some(new)) => walk(place, old, new, out),
        (Some(old), None) => place.note(shown(old), unset(old), out),
        (None, Some(new)) => place.note(unset(new), shown(new), out),
        (None, None) => {}
    }
}

fn by_key(place: &Place, name: &str, old: &[Value], new: &[Value], out: &mut Vec<Difference>) {
    let keys = |list: &[Value]| list.iter().filter_map(|part| key(part.get(name)?)).collect::<Vec<_>>();
    let find = |list: &[Value], wanted: &str| {
        list.iter().find(|part| part.get(name).and_then(key).as_deref() == Some(wanted)).cloned()
    };
    let (before, after) = (keys(old), keys(new));
    let gone = before.iter().filter(|key| !after.contains(key));
    for wanted in after.iter().chain(gone) {
        let (was, is) = (find(old, wanted), find(new, wanted));
        let words = is.as_ref().or(was.as_ref()).map(|part| named(part, wanted)).unwrap_or_default();
        either(place.part(wanted, &words), was.as_ref(), is.as_ref(), out);
    }
    // The first rule that fits is used: the order of what stayed is a rule too.
    let stayed = |list: &[String], others: &[String]| {
        list.iter().filter(|key| others.contains(key)).cloned().collect::<Vec<_>>()
    };
    let (was, is) = (stayed(&before, &after), stayed(&after, &before));
    if was != is {
        let words = |keys: &[String]| keys.iter().map(|key| text(key)).collect::<Vec<_>>().join("、");
        place.part("order", "次序").note(words(&was), words(&is), out);
    }
}

/// What a part is called: its title where it has one.
fn named(part: &Value, key: &str) -> String {
    let title = part.get("title").and_then(Value::as_str).unwrap_or_else(|| text(key));
    title.to_owned()
}

fn by_place(place: &Place, old: &[Value], new: &[Value], out: &mut Vec<Difference>) {
    for at in 0..old.len().max(new.len()) {
        let words = format!("第{}项", at.saturating_add(1));
        either(place.part(&at.to_string(), &words), old.get(at), new.get(at), out);
    }
}

#[cfg(test)]
mod tests;
