//! Rule sets: what is wrong with one, what differs between two, what one says, and that the past stays as it was.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use support::{HAICANG, Registry, date, decimal, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_kernel::Clock;
use wenxiao_platform::identity::Role;

fn band(grade: Grade, label: &str, lower: &str) -> GradeBand {
    GradeBand { grade: grade.into(), label: label.into(), lower_score: Some(decimal(lower)) }
}

fn scale(bands: Vec<GradeBand>) -> RuleContent {
    let scale = GradeScale { purpose: ScorePurpose::Default.into(), full_score: Some(decimal("100")), bands };
    RuleContent { grade_scales: vec![scale], ..Default::default() }
}

fn own(start: (i32, i32, i32), content: RuleContent) -> RuleSet {
    RuleSet {
        title: "海沧区规则".into(),
        source: "厦海财〔2020〕9号".into(),
        verified: true,
        start_date: Some(date(start.0, start.1, start.2)),
        content: Some(content),
        ..RuleSet::default()
    }
}

fn create(id: &str, set: RuleSet) -> CreateRuleSetRequest {
    CreateRuleSetRequest {
        parent: HAICANG.into(),
        rule_set: Some(set),
        rule_set_id: id.into(),
        ..Default::default()
    }
}

fn rounding(places: i32) -> RuleContent {
    RuleContent { rounding: Some(RoundingRules { decimal_places: places }), ..Default::default() }
}

fn name(id: &str) -> String {
    format!("{HAICANG}/ruleSets/{id}")
}

/// A registry at noon of a day in China, and the days to go on from there.
async fn at(day: &str) -> (Registry, Arc<AtomicI64>) {
    let noon = DateTime::parse_from_rfc3339(&format!("{day}T04:00:00Z")).expect("a day").to_utc();
    let days = Arc::new(AtomicI64::new(0));
    let passed = days.clone();
    let clock = Clock::from_source(move || noon + TimeDelta::days(passed.load(Ordering::Relaxed)));
    (Registry::start_at(clock).await, days)
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let registry = Registry::start().await;
    let mut head = registry.library(Role::FinanceHead);
    let gap = scale(vec![band(Grade::Good, "良", "60")]);
    let content = RuleContent {
        weights: Some(WeightRules {
            declaration_total: Some(decimal("90")),
            execution_weight: Some(decimal("20")),
            evaluation_total: Some(decimal("100")),
            ..Default::default()
        }),
        ..gap
    };
    let ask = ValidateRuleSetRequest {
        parent: HAICANG.into(),
        rule_set: Some(RuleSet { end_date: Some(date(2019, 1, 1)), ..own((2020, 1, 1), content) }),
        ..Default::default()
    };
    let found = head.validate_rule_set(ask.clone()).await.unwrap().into_inner().findings;
    let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
    let expected =
        ["end_date", "content.grade_scales[0].bands", "content.weights.evaluation_total", "start_date"];
    assert_eq!(paths, expected);
    assert!(found.iter().all(|one| !one.sentence.is_empty() && !one.sentence_en.is_empty()));

    let bands = vec![band(Grade::Excellent, "优", "85"), band(Grade::Poor, "差", "0")];
    let sound = own((2100, 1, 1), scale(bands));
    let ask = ValidateRuleSetRequest { rule_set: Some(sound.clone()), ..ask };
    assert!(head.validate_rule_set(ask.clone()).await.unwrap().into_inner().findings.is_empty());
    head.create_rule_set(create("own", sound.clone())).await.unwrap();
    let found = head.validate_rule_set(ask.clone()).await.unwrap().into_inner().findings;
    assert_eq!(found.len(), 1, "another set of the same day has the section: {found:?}");
    let itself = ValidateRuleSetRequest { rule_set_id: "own".into(), ..ask.clone() };
    assert!(head.validate_rule_set(itself).await.unwrap().into_inner().findings.is_empty());
    let mut filer = registry.library(Role::UnitFiler);
    assert_eq!(refusal(filer.validate_rule_set(ask).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn a_check_changes_nothing() {
    let registry = Registry::start().await;
    let mut head = registry.library(Role::FinanceHead);
    let ask = CreateRuleSetRequest { validate_only: true, ..create("own", own((2100, 1, 1), rounding(1))) };
    head.create_rule_set(ask).await.unwrap();
    let get = GetRuleSetRequest { name: name("own") };
    assert_eq!(refusal(head.get_rule_set(get.clone()).await).0, Code::NotFound);
    head.create_rule_set(create("own", own((2100, 1, 1), rounding(1)))).await.unwrap();
    let changed = RuleSet { name: name("own"), title: "改".into(), ..RuleSet::default() };
    let ask = UpdateRuleSetRequest { rule_set: Some(changed), validate_only: true, ..Default::default() };
    assert_eq!(head.update_rule_set(ask).await.unwrap().into_inner().title, "改");
    assert_eq!(head.get_rule_set(get).await.unwrap().into_inner().title, "海沧区规则");
}

#[tokio::test]
async fn rules_once_in_force_stay_and_the_past_is_computed_by_them() {
    let (registry, days) = at("2020-06-01").await;
    let mut head = registry.library(Role::FinanceHead);
    let effective = {
        let reader = registry.library(Role::UnitFiler);
        async move |day: (i32, i32, i32)| {
            let mut reader = reader.clone();
            let ask = GetEffectiveRuleSetRequest {
                parent: HAICANG.into(),
                effective_date: Some(date(day.0, day.1, day.2)),
                ..Default::default()
            };
            let rules = reader.get_effective_rule_set(ask).await.unwrap().into_inner();
            rules.content.unwrap().rounding.unwrap().decimal_places
        }
    };
    let backdated = create("early", own((2020, 5, 31), rounding(4)));
    assert_eq!(
        refusal(head.create_rule_set(backdated.clone()).await),
        (Code::FailedPrecondition, "RULES_BACKDATED".into())
    );
    head.create_rule_set(create("own", own((2020, 7, 1), rounding(1)))).await.unwrap();
    let moved = RuleSet { name: name("own"), start_date: Some(date(2020, 5, 1)), ..RuleSet::default() };
    let ask = UpdateRuleSetRequest { rule_set: Some(moved), ..Default::default() };
    assert_eq!(refusal(head.update_rule_set(ask).await).1, "RULES_BACKDATED");
    let finer = RuleSet { name: name("own"), content: Some(rounding(3)), ..RuleSet::default() };
    let finer = UpdateRuleSetRequest { rule_set: Some(finer), ..Default::default() };
    head.update_rule_set(finer.clone()).await.unwrap();
    assert_eq!((effective((2020, 6, 30)).await, effective((2020, 7, 1)).await), (2, 3));

    days.store(60, Ordering::Relaxed);
    assert_eq!(refusal(head.update_rule_set(finer).await).1, "RULES_IN_FORCE");
    let end = |day| EndRuleSetRequest { name: name("own"), end_date: Some(day), ..Default::default() };
    assert_eq!(refusal(head.end_rule_set(end(date(2020, 7, 2))).await).0, Code::InvalidArgument);
    head.end_rule_set(end(date(2020, 12, 31))).await.unwrap();
    head.create_rule_set(create("next", own((2021, 1, 1), rounding(0)))).await.unwrap();
    let told =
        (effective((2020, 6, 30)).await, effective((2020, 12, 31)).await, effective((2021, 1, 1)).await);
    assert_eq!(told, (2, 3, 0), "each day by the rules of its time");
    let reasoned =
        CreateRuleSetRequest { backdate_reason: "补录厦海财〔2020〕9号".into(), ..backdated };
    head.create_rule_set(reasoned).await.unwrap();
}

#[tokio::test]
async fn a_comparison_names_what_differs() {
    let registry = Registry::start().await;
    let mut filer = registry.library(Role::UnitFiler);
    let ask = CompareRuleSetsRequest {
        parent: HAICANG.into(),
        old_date: Some(date(2020, 1, 1)),
        new_date: Some(date(2021, 1, 1)),
        ..Default::default()
    };
    let found = filer.compare_rule_sets(ask.clone()).await.unwrap().into_inner();
    let conflict = found.sections.iter().find(|one| one.section == "conflict").unwrap();
    assert_eq!(
        (conflict.title.as_str(), conflict.new_rule_set.as_str()),
        ("利益冲突回避", &*name("national-2021"))
    );
    let sentences: Vec<&str> = conflict.differences.iter().map(|one| one.sentence.as_str()).collect();
    assert!(sentences.contains(&"“冲突时不得委托”由“否”改为“是”"), "{sentences:?}");
    let listed: usize = found.sections.iter().map(|one| one.differences.len()).sum();
    assert_eq!((listed as i32, found.left_out_count), (found.difference_count, 0));

    let named = CompareRuleSetsRequest {
        parent: HAICANG.into(),
        old_rule_set: name("national-2021"),
        new_rule_set: name("national-2021"),
        ..Default::default()
    };
    assert!(filer.compare_rule_sets(named.clone()).await.unwrap().into_inner().sections.is_empty());
    let unknown = CompareRuleSetsRequest { new_rule_set: name("none"), ..named.clone() };
    assert_eq!(refusal(filer.compare_rule_sets(unknown).await).0, Code::NotFound);
    let both = CompareRuleSetsRequest { new_date: ask.new_date, ..named };
    assert_eq!(refusal(filer.compare_rule_sets(both).await).0, Code::InvalidArgument);
}

#[tokio::test]
async fn a_rule_explains_itself() {
    let registry = Registry::start().await;
    let mut head = registry.library(Role::FinanceHead);
    let bands = vec![band(Grade::Excellent, "优", "85"), band(Grade::Poor, "差", "0")];
    let set = RuleSet { end_date: Some(date(2100, 12, 31)), ..own((2100, 1, 1), scale(bands)) };
    head.create_rule_set(create("own", set)).await.unwrap();
    let mut guest = registry.library(Role::Expert);
    let ask = ExplainRuleRequest {
        parent: HAICANG.into(),
        section: "grade_scales".into(),
        fiscal_year: 2100,
        ..Default::default()
    };
    let told = guest.explain_rule(ask.clone()).await.unwrap().into_inner();
    let origin = told.origin.clone().unwrap();
    assert_eq!(
        (origin.rule_set, origin.source.as_str(), origin.verified),
        (name("own"), "厦海财〔2020〕9号", true)
    );
    assert_eq!(told.since_date, Some(date(2100, 1, 1)));
    assert_eq!(told.overridden.len(), 1, "the nation's");
    assert_eq!(told.overridden[0].rule_set, name("national-2021"));
    assert_eq!(
        told.sentences,
        ["通用：满分100分。", "通用：85分（含）至100分（含）为优。", "通用：0分（含）至85分（不含）为差。"]
    );
    assert_eq!(told.examples[0].rule_set, name("own"));

    let before = ExplainRuleRequest { fiscal_year: 2030, section: "execution_score".into(), ..ask.clone() };
    let told = guest.explain_rule(before).await.unwrap().into_inner();
    assert_eq!((told.since_date, told.overridden.len()), (Some(date(2021, 1, 1)), 0));
    let steps = &told.examples[0].steps;
    assert_eq!((steps[0].result.as_str(), steps[1].result.as_str()), ("75%", "5.00"));
    let unknown = ExplainRuleRequest { section: "unheard_of".into(), ..ask.clone() };
    assert_eq!(refusal(guest.explain_rule(unknown).await), (Code::NotFound, "NO_RULES_IN_FORCE".into()));
    let undated = ExplainRuleRequest { fiscal_year: 0, ..ask };
    assert_eq!(refusal(guest.explain_rule(undated).await).0, Code::InvalidArgument);
}
