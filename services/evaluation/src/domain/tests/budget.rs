use wenxiao_kernel::Grade;

use super::rules::{day, rules};
use super::{dec, yuan};
use crate::domain::Failure;
use crate::domain::budget_decision::{BudgetStep, Decision, Evidence, Request, State};
use crate::domain::budget_hint::{Fact, derive};
use crate::domain::object::{BaseFigure, BaseKind, BudgetFigure, EvaluatedObject, ObjectKind, Printed};
use crate::domain::rules::{Action, HintRule, Sourced, Strength, Trigger};
use crate::domain::sunset_review::{Outcome, SunsetReview, Verdict};

pub(super) fn object(kind: ObjectKind) -> EvaluatedObject {
    EvaluatedObject {
        kind,
        subject: "districts/350205000/projects/p1".to_owned(),
        unit: "districts/350205000/units/301".to_owned(),
        title: "垃圾分类".to_owned(),
        unit_title: "环卫中心".to_owned(),
        budget_account: None,
        secrecy: None,
    }
}

fn figure(text: &str) -> BudgetFigure {
    let printed: wenxiao_kernel::PrintedAmount = text.parse().unwrap();
    BudgetFigure {
        amount: printed.amount().unwrap(),
        printed: Some(Printed { figure: printed, text: text.to_owned() }),
    }
}

fn base(kind: BaseKind, fiscal_year: i32, text: &str) -> BaseFigure {
    BaseFigure { kind, fiscal_year, figure: figure(text), execution_rate: None }
}

fn step(text: &str, override_reason: &str) -> BudgetStep {
    BudgetStep {
        figure: figure(text),
        reason: "按实际需要核定".to_owned(),
        evidence: vec![Evidence { resource: String::new(), text: "2020年执行情况".to_owned() }],
        override_reason: override_reason.to_owned(),
        decider: "test:head".to_owned(),
        decide_time: "2020-12-01T08:00:00Z".parse().unwrap(),
    }
}

fn decision(requested: Option<&str>, base_figures: Vec<BaseFigure>) -> Decision {
    let request = Request { requested: requested.map(figure), base_figures, sunset_review: String::new() };
    Decision::start(object(ObjectKind::Project), Some(2019), (2020, 2021), request).unwrap()
}

#[test]
fn the_cuts_of_the_seed_year() {
    let mut waste = decision(Some("3327.92万元"), vec![base(BaseKind::Outturn, 2020, "1828.34万元")]);
    waste.arrange(step("2000万", ""), &[], false).unwrap();
    assert_eq!(waste.outcome.cut, Some(yuan("13279200")));
    assert_eq!(waste.outcome.cut_rate, Some(dec("39.90")));
    assert_eq!(waste.outcome.comparisons[0].ratio, Some(dec("109.39")));

    let mut office = decision(Some("143万元"), vec![base(BaseKind::InitialBudget, 2019, "260万元")]);
    office.arrange(step("85万元", ""), &[], false).unwrap();
    assert_eq!((office.outcome.cut, office.outcome.cut_rate), (Some(yuan("580000")), Some(dec("40.56"))));
    assert_eq!((office.evaluated_year, office.work_year, office.applies_to_year), (Some(2019), 2020, 2021));
}

#[test]
fn an_open_bound_is_never_taken_for_exact() {
    let mut agriculture = decision(None, vec![base(BaseKind::AdjustedBudget, 2020, "1.9亿")]);
    agriculture.arrange(step("0.6亿多", ""), &[], false).unwrap();
    assert_eq!((agriculture.outcome.cut, agriculture.outcome.cut_rate), (None, None));
    assert!(!agriculture.outcome.comparisons[0].exact);
    let kept = agriculture.arrangements[0].figure.printed.as_ref().unwrap();
    assert_eq!((kept.text.as_str(), kept.figure.to_string().as_str()), ("0.6亿多", "0.6亿多"));
    let wrong = BudgetFigure { amount: yuan("1"), ..figure("143万元") };
    assert!(wrong.check("figure").is_err(), "the amount must be what is printed");
}

#[test]
fn an_amount_decided_again_keeps_the_earlier_one() {
    let mut waste = decision(Some("3327.92万元"), Vec::new());
    waste.recommend(step("1900万元", "")).unwrap();
    waste.arrange(step("2000万元", ""), &[], false).unwrap();
    waste.arrange(step("1900万元", ""), &[], false).unwrap();
    assert_eq!((waste.arrangements.len(), waste.state), (2, State::Arranged));
    assert!(matches!(waste.recommend(step("1元", "")), Err(Failure::StateNotAllowed { .. })));
    let bare = BudgetStep { evidence: Vec::new(), ..step("1元", "") };
    assert!(matches!(waste.arrange(bare, &[], false), Err(Failure::Incomplete { .. })));
}

fn rule(code: &str, trigger: Trigger, grades: Vec<Grade>, action: Action, strength: Strength) -> HintRule {
    HintRule {
        code: code.to_owned(),
        trigger,
        grades,
        execution_below_rate: None,
        action,
        strength,
        reduction_share: None,
        message: "建议".to_owned(),
    }
}

fn fact(kind: Trigger, grade: Option<Grade>, rate: Option<&str>) -> Fact {
    Fact {
        object: object(ObjectKind::Project),
        evaluated_year: 2019,
        kind,
        resource: format!("districts/350205000/{}", kind.as_str()),
        grade,
        rate: rate.map(dec),
        value: "x".to_owned(),
    }
}

#[test]
fn hints_follow_the_rules_and_block_only_what_goes_against_them() {
    let fair =
        rule("fair", Trigger::KeyEvaluation, vec![Grade::Fair], Action::NoIncrease, Strength::SoftBlock);
    let low = HintRule {
        execution_below_rate: Some(dec("0.8")),
        ..rule("low", Trigger::LowExecution, vec![], Action::NoIncrease, Strength::Advisory)
    };
    let overdue =
        rule("overdue", Trigger::OverdueRectification, vec![], Action::StopPayment, Strength::HardBlock);
    let sourced: Vec<_> =
        [&fair, &low, &overdue].into_iter().map(|rule| Sourced { rule_set: "r", rule }).collect();
    let facts = [
        fact(Trigger::KeyEvaluation, Some(Grade::Fair), None),
        fact(Trigger::LowExecution, None, Some("0.74")),
        fact(Trigger::LowExecution, None, Some("0.8")),
        fact(Trigger::KeyEvaluation, Some(Grade::Good), None),
    ];
    let hints = derive(&sourced, &facts, 2020, 2021).unwrap();
    assert_eq!(hints.len(), 1);
    assert_eq!(
        (hints[0].action, hints[0].strength, hints[0].basis.len()),
        (Action::NoIncrease, Strength::SoftBlock, 2)
    );

    let known = vec![("districts/350205000/budgetHints/h1".to_owned(), hints[0].clone())];
    let mut more = decision(Some("300万元"), vec![base(BaseKind::Outturn, 2020, "100万元")]);
    assert!(matches!(
        more.arrange(step("120万元", ""), &known, false),
        Err(Failure::OverrideReasonRequired { .. })
    ));
    more.arrange(step("120万元", "区政府常务会议定"), &known, false).unwrap();
    let mut less = decision(Some("300万元"), vec![base(BaseKind::Outturn, 2020, "100万元")]);
    less.arrange(step("90万元", ""), &known, false).unwrap();

    let hard = derive(&sourced, &[fact(Trigger::OverdueRectification, None, None)], 2020, 2021).unwrap();
    let known = vec![("h2".to_owned(), hard[0].clone())];
    let mut blocked = decision(Some("300万元"), Vec::new());
    assert!(matches!(blocked.arrange(step("1万元", "急需"), &known, false), Err(Failure::HardBlock { .. })));
    blocked.arrange(step("1万元", "急需"), &known, true).unwrap();
}

#[test]
fn a_policy_is_reviewed_before_it_goes_on_and_the_gap_shows() {
    let now = "2020-09-01T08:00:00Z".parse().unwrap();
    let policy = EvaluatedObject { kind: ObjectKind::Policy, ..object(ObjectKind::Policy) };
    let mut review = SunsetReview::open(policy, day("2020-07-21"), 5, (2020, 2021)).unwrap();
    assert!(review.decide(Outcome::Continue, "好".into(), Some(day("2021-01-01")), "x", now).is_err());
    let verdict =
        Verdict {
            score: Some(dec("86.5")), grade: None, text: "成效良好".into(), resource: String::new()
        };
    review.evaluate(verdict, &rules(), "test:dept", now).unwrap();
    assert_eq!(review.evaluation.as_ref().unwrap().grade, Grade::Good);
    assert!(review.clone().decide(Outcome::Continue, "好".into(), None, "x", now).is_err());
    review.decide(Outcome::Continue, "评价良好".into(), Some(day("2021-01-01")), "x", now).unwrap();
    assert_eq!(review.decision.as_ref().unwrap().gap_days, 163);
    assert!(SunsetReview::open(object(ObjectKind::Project), day("2020-07-21"), 5, (2020, 2021)).is_err());
}
