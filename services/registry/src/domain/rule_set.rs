//! Rule sets (规则集): which rules are in force when. A rule set is a set of sections; the district's own sections go
//! before the national default's, and among the district's the one that began last. What a section says is checked in
//! `rule_checks`; here a section is a document.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::{Checks, Refusal, Violation, rule_checks};
use wenxiao_kernel::vocabulary;

vocabulary! {
    /// Whose rules they are (层级). The order is the order of precedence.
    Layer {
        /// 全国默认.
        NationalDefault = "national_default",
        /// 本区规则.
        District = "district",
    }
}

/// Sections by name: each is the contract's message of that name as JSON.
pub type Sections = BTreeMap<String, Value>;

/// Rules of the work for a span of time (规则集).
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    /// Identifier.
    pub id: String,
    /// 名称.
    pub title: String,
    /// 依据.
    pub source: String,
    /// Whether it was checked against the official texts.
    pub verified: bool,
    /// Whose rules they are.
    pub layer: Layer,
    /// 生效日期.
    pub start_date: NaiveDate,
    /// 失效日期; none means no end.
    pub end_date: Option<NaiveDate>,
    /// The rules.
    pub sections: Sections,
    /// Number of the version.
    pub version: i64,
}

/// The rules in force on one day (现行规则).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effective {
    /// Every section that some rule set has.
    pub sections: Sections,
    /// Section, rule set that it comes from, and that one's version.
    pub sources: Vec<(String, String, i64)>,
}

impl RuleSet {
    /// What a rule set must be by itself.
    pub fn check(&self) -> Result<(), Refusal> {
        self.checks().done()
    }

    /// Everything that stands in the way of entering it today beside the others, or in place of the one of its name.
    pub fn findings(&self, others: &[Self], today: NaiveDate) -> Vec<Violation> {
        let mut checks = self.checks();
        let before = others.iter().find(|other| other.id == self.id);
        checks.rule(
            before.is_none_or(|before| before.check_changeable(today).is_ok()),
            "name",
            "该规则集为全国默认或已生效，不能修改；请新增一份",
            "is or was in force and never changes: enter another one",
        );
        if let Err(Refusal::RulesOverlap(rival)) = self.check_beside(others) {
            checks.rule(
                false,
                "start_date",
                format!("与“{rival}”同日生效且有相同的规则，无法确定适用哪一份"),
                format!("is that of {rival}, which has one of the sections too: it is open which one speaks"),
            );
        }
        checks.rule(
            today <= self.start_date,
            "start_date",
            "生效日期早于今天，须说明追溯原因",
            "is past: it needs a reason",
        );
        checks.violations().to_vec()
    }

    /// Rules that begin on a day that is past would compute again what was computed then: only with a reason.
    pub fn check_backdated(&self, today: NaiveDate, reason: &str) -> Result<(), Refusal> {
        if today <= self.start_date || !reason.trim().is_empty() {
            Ok(())
        } else {
            Err(Refusal::RulesBackdated { resource: self.id.clone(), start_date: self.start_date })
        }
    }

    fn checks(&self) -> Checks {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            self.end_date.is_none_or(|end| self.start_date <= end),
            "end_date",
            "失效日期早于生效日期",
            "lies before the first day",
        );
        checks.rule(!self.sections.is_empty(), "content", "规则内容为空", "has no section");
        rule_checks::check(&self.sections, &mut checks);
        checks
    }

    /// Two rule sets of one layer that begin on the same day and share a section leave open which one speaks.
    pub fn check_beside<'r>(&self, others: impl IntoIterator<Item = &'r Self>) -> Result<(), Refusal> {
        let rival = others.into_iter().find(|other| {
            let same_start = (other.layer, other.start_date) == (self.layer, self.start_date);
            same_start
                && other.id != self.id
                && other.sections.keys().any(|name| self.sections.contains_key(name))
        });
        rival.map_or(Ok(()), |rival| Err(Refusal::RulesOverlap(rival.id.clone())))
    }

    /// Whether it is in force on a day.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.start_date <= day && self.end_date.is_none_or(|end| day <= end)
    }

    /// A rule set changes only before it is in force, and a national default never.
    pub fn check_changeable(&self, today: NaiveDate) -> Result<(), Refusal> {
        if self.layer == Layer::District && today < self.start_date {
            Ok(())
        } else {
            Err(Refusal::RulesInForce(self.id.clone()))
        }
    }

    /// Ends a rule set of the district on a day that is not past.
    pub fn end(&mut self, end_date: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        if self.layer == Layer::NationalDefault {
            return Err(Refusal::RulesInForce(self.id.clone()));
        }
        if self.end_date.is_some_and(|end| end < today) {
            return Err(Refusal::State { resource: self.id.clone(), state: "ended".to_owned() });
        }
        let mut checks = Checks::default();
        checks.rule(
            today <= end_date && self.start_date <= end_date,
            "end_date",
            "失效日期不能早于今天或生效日期",
            "lies before today or before the first day",
        );
        checks.done()?;
        self.end_date = Some(end_date);
        Ok(())
    }
}

/// The rules in force on a day.
pub fn effective(sets: &[RuleSet], day: NaiveDate) -> Result<Effective, Refusal> {
    let mut ranked: Vec<&RuleSet> = sets.iter().filter(|set| set.in_force(day)).collect();
    ranked.sort_by_key(|set| (set.layer, set.start_date));
    let mut chosen: BTreeMap<&String, (&Value, &RuleSet)> = BTreeMap::new();
    for set in ranked {
        for (name, section) in &set.sections {
            chosen.insert(name, (section, set));
        }
    }
    if chosen.is_empty() {
        return Err(Refusal::NoRulesInForce(day.to_string()));
    }
    let mut effective = Effective::default();
    for (name, (section, set)) in chosen {
        effective.sections.insert(name.clone(), section.clone());
        effective.sources.push((name.clone(), set.id.clone(), set.version));
    }
    Ok(effective)
}

/// The rule sets in force on a day that have a section, the strongest first: the first one speaks.
pub fn speaking<'r>(sets: &'r [RuleSet], section: &str, day: NaiveDate) -> Vec<&'r RuleSet> {
    let mut found: Vec<&RuleSet> =
        sets.iter().filter(|set| set.in_force(day) && set.sections.contains_key(section)).collect();
    found.sort_by_key(|set| std::cmp::Reverse((set.layer, set.start_date)));
    found
}

/// First day from which the rule set that gives a section on a day has given it without a break.
pub fn since(sets: &[RuleSet], section: &str, day: NaiveDate) -> Option<NaiveDate> {
    let of = |day: NaiveDate| speaking(sets, section, day).first().map(|set| set.id.as_str());
    let speaker = of(day)?;
    // Who speaks changes only where a rule set begins or the day after one ends.
    let mut turns: Vec<NaiveDate> = sets
        .iter()
        .flat_map(|set| [Some(set.start_date), set.end_date.and_then(|end| end.succ_opt())])
        .flatten()
        .filter(|turn| *turn <= day)
        .collect();
    turns.sort_unstable();
    turns.into_iter().rev().take_while(|turn| of(*turn) == Some(speaker)).last()
}

#[cfg(test)]
mod tests;
