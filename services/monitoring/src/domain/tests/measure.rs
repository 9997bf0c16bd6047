//! Measures: proposed by rules, decided by people, lifted from force only.

use proptest::prelude::*;
use wenxiao_kernel::Explanation;

use super::super::light::Light;
use super::super::measure::{
    self, Decision, Finding, Lift, Measure, MeasureKind, MeasureState, Origin, Subject,
};
use super::super::refusal::Refusal;
use super::super::schedule::Share;
use super::*;

fn proposed(kind: MeasureKind, subject: Subject, amount: Option<Money>) -> Measure {
    Measure {
        id: "m".to_owned(),
        kind,
        subject,
        title: String::new(),
        unit: "602001".to_owned(),
        agency_code: "602001".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        amount,
        adjust_objective: false,
        origin: Origin::default(),
        propose_reason: "进度滞后".to_owned(),
        explanation: Explanation::default(),
        proposer: "officer".to_owned(),
        state: MeasureState::Proposed,
        decision: None,
        lift: None,
        create_time: now(),
        update_time: now(),
        version: 1,
    }
}

fn decision(amount: Option<&str>) -> Decision {
    let (reason, decider) = ("同意".to_owned(), "head".to_owned());
    Decision { amount: amount.map(yuan), reason, decider, time: now(), effective_date: day(9, 1) }
}

#[test]
fn measures_fit_their_subject_and_their_budget() {
    let project = || Subject::Project("p".to_owned());
    let department = || Subject::Unit("602".to_owned());
    let budget = yuan("100");
    let unfit = proposed(MeasureKind::KeyEvaluationCandidate, department(), None).check(budget);
    assert!(matches!(unfit, Err(Refusal::MeasureUnfit(_))));
    assert!(proposed(MeasureKind::NoSupplement, department(), None).check(budget).is_ok());
    assert!(proposed(MeasureKind::Suspend, project(), Some(yuan("1"))).check(budget).is_err());
    let large = proposed(MeasureKind::Reduce, project(), Some(yuan("100.01"))).check(budget);
    assert!(matches!(large, Err(Refusal::ReductionExceedsBudget { .. })));
    let mut open = proposed(MeasureKind::Reduce, project(), None);
    assert!(
        matches!(open.enforce(decision(None), budget), Err(Refusal::Unfit(_))),
        "a person names the amount"
    );
    open.enforce(decision(Some("40")), budget).unwrap();
    assert_eq!(open.decision.unwrap().amount, Some(yuan("40")));
    let candidate = proposed(MeasureKind::KeyEvaluationCandidate, project(), None);
    assert_eq!(candidate.applies_to_year(), year().next());
}

#[test]
fn rules_propose_each_kind_once_and_decide_nothing() {
    let finding = |subject, light, done: &str| Finding {
        subject,
        light,
        adjust_objective: false,
        amounts: executed(done, "120"),
        schedule: Share::of_months(7),
        month: 7,
    };
    let kinds = |finding: &Finding| {
        measure::propose(&rules(), finding).iter().map(|proposal| proposal.kind).collect::<Vec<_>>()
    };
    let department = || Subject::Unit("602".to_owned());
    assert_eq!(kinds(&finding(department(), None, "69.99")), [MeasureKind::NoSupplement]);
    assert_eq!(kinds(&finding(department(), None, "70")), [], "70 of 120 is exactly seven twelfths");
    let project = Subject::Project("p".to_owned());
    assert_eq!(
        kinds(&finding(project, Some(Light::Red), "100")),
        [MeasureKind::Reduce, MeasureKind::KeyEvaluationCandidate]
    );
}

/// Objective causes (政策调整、突发事件): the budget is reduced and the target adjusted together (DOMAIN 4.5).
#[test]
fn a_reduction_takes_the_objective_along_where_the_report_says_so() {
    let finding = |adjust_objective| Finding {
        subject: Subject::Project("p".to_owned()),
        light: Some(Light::Red),
        adjust_objective,
        amounts: executed("10", "120"),
        schedule: Share::of_months(7),
        month: 7,
    };
    let along = |finding: &Finding| {
        let all = measure::propose(&rules(), finding).into_iter();
        all.map(|proposal| (proposal.kind, proposal.adjust_objective)).collect::<Vec<_>>()
    };
    use MeasureKind::{KeyEvaluationCandidate, Reduce};
    assert_eq!(along(&finding(true)), [(Reduce, true), (KeyEvaluationCandidate, false)]);
    assert_eq!(along(&finding(false)), [(Reduce, false), (KeyEvaluationCandidate, false)]);
    let with = |kind| {
        let one = proposed(kind, Subject::Project("p".to_owned()), None);
        Measure { adjust_objective: true, ..one }.check(yuan("100"))
    };
    assert!(with(Reduce).is_ok());
    assert!(matches!(with(MeasureKind::Suspend), Err(Refusal::Unfit(unfit))
        if unfit[0].field == "measure.adjust_objective"));
}

proptest! {
    #[test]
    fn a_measure_is_decided_once_and_lifted_only_from_force(commands in prop::collection::vec(0u8..3, 0..12)) {
        let mut one = proposed(MeasureKind::Suspend, Subject::Project("p".to_owned()), None);
        for command in commands {
            let before = one.state;
            let done = match command {
                0 => one.enforce(decision(None), yuan("100")).is_ok(),
                1 => one.reject(decision(None)).is_ok(),
                _ => one.end(Lift { reason: "已整改".to_owned(), lifter: "head".to_owned(), time: now() }).is_ok(),
            };
            prop_assert_eq!(done, match command { 0 | 1 => before == MeasureState::Proposed, _ => before == MeasureState::InForce });
        }
    }
}
