//! Rule sets, frames and the indicator library.

mod support;

use support::{HAICANG, Registry, date, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

fn year(fiscal_year: i32) -> GetEffectiveRuleSetRequest {
    GetEffectiveRuleSetRequest { parent: HAICANG.into(), fiscal_year, ..Default::default() }
}

#[tokio::test]
async fn the_rules_of_a_year_are_the_districts_before_the_nations() {
    let registry = Registry::start().await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let mut filer = registry.library(Role::UnitFiler);
    let rules = |set: EffectiveRuleSet| set.content.unwrap();
    let of_2020 = rules(filer.get_effective_rule_set(year(2020)).await.unwrap().into_inner());
    assert_eq!(of_2020.execution_score.unwrap().method(), execution_score_rules::Method::Proportional);
    assert!(!of_2020.conflict.unwrap().enforced);
    let of_2021 = rules(filer.get_effective_rule_set(year(2021)).await.unwrap().into_inner());
    assert!(of_2021.conflict.unwrap().enforced);
    assert_eq!(of_2021.weights.unwrap().splits.len(), 4);

    let own = RuleSet {
        title: "海沧区评分取舍".into(),
        start_date: Some(date(2100, 1, 1)),
        content: Some(RuleContent {
            rounding: Some(RoundingRules { decimal_places: 1 }),
            ..Default::default()
        }),
        ..RuleSet::default()
    };
    let ask = CreateRuleSetRequest {
        parent: HAICANG.into(),
        rule_set: Some(own.clone()),
        rule_set_id: "own".into(),
        ..Default::default()
    };
    officer.create_rule_set(ask).await.unwrap();
    let effective = filer.get_effective_rule_set(year(2100)).await.unwrap().into_inner();
    let source = effective.section_sources.iter().find(|source| source.section == "rounding").unwrap();
    assert_eq!(source.rule_set, format!("{HAICANG}/ruleSets/own"));
    let content = rules(effective);
    assert_eq!(content.rounding.unwrap().decimal_places, 1);
    assert_eq!(content.grade_scales.len(), 1, "the other sections are the nation's");

    let gap = RuleContent {
        grade_scales: vec![GradeScale {
            purpose: ScorePurpose::Default.into(),
            full_score: Some(support::decimal("100")),
            bands: vec![GradeBand {
                grade: wenxiao_contract::wenxiao::common::v1::Grade::Good.into(),
                label: "良".into(),
                lower_score: Some(support::decimal("60")),
            }],
        }],
        ..Default::default()
    };
    let ask = CreateRuleSetRequest {
        parent: HAICANG.into(),
        rule_set: Some(RuleSet { content: Some(gap), ..own }),
        ..Default::default()
    };
    let refused = officer.create_rule_set(ask).await;
    assert_eq!(refusal(refused), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let national =
        officer.get_rule_set(GetRuleSetRequest { name: format!("{HAICANG}/ruleSets/national-2020") }).await;
    let national = national.unwrap().into_inner();
    let ask = UpdateRuleSetRequest {
        rule_set: Some(RuleSet { title: "改".into(), ..national }),
        ..Default::default()
    };
    assert_eq!(
        refusal(officer.update_rule_set(ask).await),
        (Code::FailedPrecondition, "RULES_IN_FORCE".into())
    );
}

#[tokio::test]
async fn indicators_hang_in_the_tree_of_their_time() {
    let registry = Registry::start().await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let frame = |fiscal_year| GetEffectiveIndicatorFrameRequest { parent: HAICANG.into(), fiscal_year };
    let classic = officer.get_effective_indicator_frame(frame(2020)).await.unwrap().into_inner();
    assert_eq!(
        (classic.name.as_str(), classic.nodes.len()),
        ("districts/350205000/indicatorFrames/classic", 12)
    );
    let newer = officer.get_effective_indicator_frame(frame(2021)).await.unwrap().into_inner();
    assert_eq!(newer.nodes[0].title, "成本指标");
    let indicator = |node: &str| Indicator {
        code: "CL001".into(),
        title: "补助发放人次".into(),
        indicator_frame: classic.name.clone(),
        node_code: node.into(),
        common: true,
        operator: IndicatorOperator::AtLeast.into(),
        measure_unit: "人次".into(),
        scoring_standard: "按完成比例计分".into(),
        ..Indicator::default()
    };
    let ask = |node: &str| CreateIndicatorRequest {
        parent: HAICANG.into(),
        indicator: Some(indicator(node)),
        ..Default::default()
    };
    assert_eq!(
        refusal(officer.create_indicator(ask("1")).await).0,
        Code::InvalidArgument,
        "a level-one node"
    );
    let made = officer.create_indicator(ask("11")).await.unwrap().into_inner();
    assert_eq!(made.state(), indicator::State::Draft);
    let confirm = ConfirmIndicatorRequest { name: made.name.clone(), etag: made.etag, ..Default::default() };
    let confirmed = officer.confirm_indicator(confirm.clone()).await.unwrap().into_inner();
    assert_eq!(confirmed.state(), indicator::State::Confirmed);
    let again = ConfirmIndicatorRequest { etag: String::new(), ..confirm };
    assert_eq!(
        refusal(officer.confirm_indicator(again).await),
        (Code::FailedPrecondition, "STATE_NOT_ALLOWED".into())
    );
}

#[tokio::test]
async fn a_district_keeps_its_own_tree_for_some_years() {
    let registry = Registry::start().await;
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    let frame = |fiscal_year| GetEffectiveIndicatorFrameRequest { parent: HAICANG.into(), fiscal_year };
    let classic = officer.get_effective_indicator_frame(frame(2020)).await.unwrap().into_inner();
    let own = |first: i32, last: i32| IndicatorFrame {
        title: "海沧区沿用的三级指标框架".into(),
        source: "厦海财〔2021〕1号".into(),
        verified: true,
        first_fiscal_year: first,
        last_fiscal_year: last,
        nodes: classic.nodes.clone(),
        ..IndicatorFrame::default()
    };
    let ask = |id: &str, frame: IndicatorFrame| CreateIndicatorFrameRequest {
        parent: HAICANG.into(),
        indicator_frame: Some(frame),
        indicator_frame_id: id.into(),
        ..Default::default()
    };
    let made = officer.create_indicator_frame(ask("own", own(2021, 2022))).await.unwrap().into_inner();
    assert!(!made.national_default);
    let overlapping = officer.create_indicator_frame(ask("more", own(2022, 2023))).await;
    assert_eq!(refusal(overlapping), (Code::FailedPrecondition, "RULES_OVERLAP".into()));
    for (year, expected) in
        [(2019, "classic"), (2020, "classic"), (2021, "own"), (2022, "own"), (2023, "cost-first")]
    {
        let found = officer.get_effective_indicator_frame(frame(year)).await.unwrap().into_inner();
        assert_eq!(found.name, format!("{HAICANG}/indicatorFrames/{expected}"), "{year}");
        assert_eq!(found.verified, expected == "own", "what ships was not checked: {year}");
    }
    let mut national = own(0, 2030);
    national.name.clone_from(&classic.name);
    let ask = UpdateIndicatorFrameRequest { indicator_frame: Some(national), ..Default::default() };
    let refused = officer.update_indicator_frame(ask).await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition, "the nation's stays as it is");
}
