//! Reading rule sets (规则的校验、比较与说明), and entering one.

use chrono::NaiveDate;
use tonic::Response;
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::resource::{Around, Resource, name_of, today};
use super::wire::Reader;
use crate::domain::rule_diff::{self, SectionDifference};
use crate::domain::rule_set::{self, Effective, RuleSet};
use crate::domain::{Refusal, rule_text, rule_words};
use crate::store::rule_set as store;
use crate::store::{Kept, Stored};

/// Differences at the most that one answer lists.
const DIFFERENCES: usize = 1000;

/// The day that rules are asked for: the one named, or the first of the year named.
pub fn day_of(date: Option<&Date>, year: i32) -> Result<NaiveDate> {
    let mut fields = Fields::default();
    let named = fields.optional_date("effective_date", date);
    let first = (year != 0).then(|| fields.year("fiscal_year", year).first_day());
    if named.is_some() == first.is_some() {
        fields.reject("effective_date", "日期与年度须填写其一", "give either the day or the year");
    }
    fields.check()?;
    Ok(named.or(first).unwrap_or_default())
}

/// Enters a rule set; one that begins on a day that is past needs a reason, which the journal keeps.
pub async fn create(mut work: Work<pb::CreateRuleSetRequest>) -> Result<Finished<pb::RuleSet>> {
    let (district, ask, today) = (work.district, work.call.message.clone(), today(work.now));
    let id = if ask.rule_set_id.is_empty() { work.new_id() } else { ask.rule_set_id };
    let name = name_of(district, RuleSet::COLLECTION, &id);
    let permit = work.permit(Facts::of(&name))?;
    let mut set = RuleSet::read(&ask.rule_set.unwrap_or_default(), id, Reader::new(district), None)?;
    set.check_backdated(today, &ask.backdate_reason)?;
    set.admit(None, Around { connection: work.connection(), district, today }).await?;
    let stored = Stored::new(district, set, work.now);
    if !RuleSet::save(work.connection(), &stored).await? {
        return Err(Failure::already_exists(name));
    }
    let answer = RuleSet::show(&stored, today);
    let change = Change::new(RuleSet::CREATED, name, stored.version, &answer);
    work.record(change.because(ask.backdate_reason));
    work.finish(permit, answer).await
}

/// Answers ValidateRuleSet.
pub async fn validate(
    database: &Database,
    call: Call<pb::ValidateRuleSetRequest>,
) -> Result<Response<pb::ValidateRuleSetResponse>> {
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let wire = ask.rule_set.clone().unwrap_or_default();
    let set = RuleSet::read(&wire, ask.rule_set_id.clone(), Reader::new(district), None)?;
    let sets = store::all_rule_sets(database.read(&call).await?.connection(), district).await?;
    let findings = set.findings(&sets, today(database.clock().now()));
    let finding = |found: crate::domain::Violation| pb::RuleFinding {
        path: found.field,
        sentence: found.chinese,
        sentence_en: found.english,
    };
    let findings = findings.into_iter().map(finding).collect();
    Ok(permit.answer(pb::ValidateRuleSetResponse { findings }))
}

/// Answers CompareRuleSets.
pub async fn compare(
    database: &Database,
    call: Call<pb::CompareRuleSetsRequest>,
) -> Result<Response<pb::CompareRuleSetsResponse>> {
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let mut reader = Reader::new(district);
    let sets = (
        reader.id("old_rule_set", &ask.old_rule_set, RuleSet::COLLECTION),
        reader.id("new_rule_set", &ask.new_rule_set, RuleSet::COLLECTION),
    );
    let days = (
        reader.fields.optional_date("old_date", ask.old_date.as_ref()),
        reader.fields.optional_date("new_date", ask.new_date.as_ref()),
    );
    let named = [&ask.old_rule_set, &ask.new_rule_set].into_iter().filter(|name| !name.is_empty()).count();
    let dated = [ask.old_date.is_some(), ask.new_date.is_some()].into_iter().filter(|given| *given).count();
    if !matches!((named, dated), (2, 0) | (0, 2)) {
        reader.fields.reject(
            "old_rule_set",
            "须填写两份规则集，或两个日期",
            "give two rule sets, or two days",
        );
    }
    let (sets, days) = reader.done((sets, days))?;
    let known = store::all_rule_sets(database.read(&call).await?.connection(), district).await?;
    let by_name = |id: String| {
        let found = known.iter().find(|set| set.id == id).map(rule_diff::side);
        found.ok_or_else(|| Failure::not_found(name_of(district, RuleSet::COLLECTION, &id)))
    };
    let by_day = |day: NaiveDate| rule_set::effective(&known, day).map_err(Failure::from);
    let (old, new) = match (sets, days) {
        ((Some(old), Some(new)), _) => (by_name(old)?, by_name(new)?),
        (_, (Some(old), Some(new))) => (by_day(old)?, by_day(new)?),
        _ => (Effective::default(), Effective::default()),
    };
    Ok(permit.answer(compared(district, rule_diff::compare(&old, &new))))
}

fn compared(district: DistrictCode, found: Vec<SectionDifference>) -> pb::CompareRuleSetsResponse {
    let count = found.iter().map(|section| section.differences.len()).fold(0, usize::saturating_add);
    let mut left = DIFFERENCES;
    let sections = found.into_iter().map(|section| {
        let kind = convert::enum_name("KIND_", section.change.as_str());
        let listed: Vec<_> = section.differences.into_iter().take(left).collect();
        left = left.saturating_sub(listed.len());
        pb::SectionDifference {
            title: rule_words::section(&section.section).to_owned(),
            kind: pb::section_difference::Kind::from_str_name(&kind).unwrap_or_default().into(),
            old_rule_set: rule_set_name(district, &section.old_rule_set),
            new_rule_set: rule_set_name(district, &section.new_rule_set),
            differences: listed
                .into_iter()
                .map(|one| pb::RuleDifference {
                    sentence: one.sentence(),
                    path: one.path,
                    label: one.label,
                    old_value: one.old,
                    new_value: one.new,
                })
                .collect(),
            section: section.section,
        }
    });
    let sections = sections.collect();
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    pb::CompareRuleSetsResponse {
        sections,
        difference_count: number(count),
        left_out_count: number(count.saturating_sub(DIFFERENCES)),
    }
}

fn rule_set_name(district: DistrictCode, id: &str) -> String {
    if id.is_empty() { String::new() } else { name_of(district, RuleSet::COLLECTION, id) }
}

/// Answers ExplainRule.
pub async fn explain(
    database: &Database,
    call: Call<pb::ExplainRuleRequest>,
) -> Result<Response<pb::ExplainRuleResponse>> {
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let day = day_of(ask.effective_date.as_ref(), ask.fiscal_year)?;
    let sets = store::all_rule_sets(database.read(&call).await?.connection(), district).await?;
    let rules = rule_set::effective(&sets, day).map_err(Failure::from)?;
    let silent = || Failure::from(Refusal::NoRulesInForce(format!("{day} {}", ask.section)));
    let section = rules.sections.get(&ask.section).ok_or_else(silent)?;
    let mut speaking = rule_set::speaking(&sets, &ask.section, day).into_iter();
    let speaker = speaking.next().ok_or_else(silent)?;
    let name = rule_set_name(district, &speaker.id);
    let examples = rule_text::examples(&ask.section, &rules.sections).into_iter().map(|mut one| {
        one.rule_set.clone_from(&name);
        convert::explanation(&one)
    });
    Ok(permit.answer(pb::ExplainRuleResponse {
        section: ask.section.clone(),
        title: rule_words::section(&ask.section).to_owned(),
        effective_date: Some(convert::date(day)),
        origin: Some(origin(district, speaker)),
        since_date: rule_set::since(&sets, &ask.section, day).map(convert::date),
        overridden: speaking.map(|set| origin(district, set)).collect(),
        sentences: rule_text::sentences(&ask.section, section),
        examples: examples.collect(),
    }))
}

/// Where a rule comes from, as the contract shows it.
pub fn origin(district: DistrictCode, set: &RuleSet) -> pb::RuleOrigin {
    let layer = convert::enum_name("LAYER_", set.layer.as_str());
    pb::RuleOrigin {
        rule_set: rule_set_name(district, &set.id),
        version: set.version,
        title: set.title.clone(),
        source: set.source.clone(),
        verified: set.verified,
        layer: pb::rule_set::Layer::from_str_name(&layer).unwrap_or_default().into(),
        start_date: Some(convert::date(set.start_date)),
        end_date: set.end_date.map(convert::date),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::{Kind, MessageDescriptor};
    use wenxiao_platform::server::contract;

    use crate::domain::rule_words;

    /// Names in the message and in those below it that have no Chinese word.
    fn unnamed(message: &MessageDescriptor, seen: &mut BTreeSet<String>, found: &mut BTreeSet<String>) {
        if message.full_name().starts_with("google.") || !seen.insert(message.full_name().to_owned()) {
            return;
        }
        for field in message.fields() {
            let (name, top) = (field.name(), message.name() == "RuleContent");
            let word = if top { rule_words::section(name) } else { rule_words::field(name) };
            found.extend((word == name).then(|| format!("{}.{name}", message.name())));
            match field.kind() {
                Kind::Message(below) => unnamed(&below, seen, found),
                Kind::Enum(of) => found.extend(
                    of.values()
                        .filter(|value| value.number() != 0 && rule_words::text(value.name()) == value.name())
                        .map(|value| value.name().to_owned()),
                ),
                _ => {}
            }
        }
    }

    #[test]
    fn every_rule_of_the_contract_has_its_words() {
        let content = contract().get_message_by_name("wenxiao.registry.v1.RuleContent").unwrap();
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        unnamed(&content, &mut seen, &mut found);
        assert!(found.is_empty() && seen.len() > 30, "{found:?} of {} messages", seen.len());
    }
}
