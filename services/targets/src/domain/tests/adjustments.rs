//! Adjustment during the year (目标调整): the ratified version stays in force until the change is approved.

use wenxiao_kernel::Grade;

use super::workflow::{graded, in_finance_review, ratify, step};
use super::*;
use crate::domain::objective::{Adjustment, AdjustmentReason, DecisionKind, Objective, State, VersionKind};
use crate::domain::workflow::{Command, Refusal};

pub(super) fn proposing(form: Form, amount: Option<&str>) -> Command {
    let adjustment = Adjustment {
        reason_kind: AdjustmentReason::BudgetChanged,
        reason: "预算追减".to_owned(),
        amount: amount.map(yuan),
    };
    Command::ProposeAdjustment { form: Box::new(form), adjustment, rules: std::sync::Arc::new(form_rules()) }
}

fn ratified() -> Objective {
    let approved = step(&in_finance_review(), graded(Grade::Excellent, None, ""), "finance").unwrap();
    step(&approved.objective, ratify(), "finance").unwrap().objective
}

fn smaller() -> Form {
    let mut form = sound_form();
    form.annual_goal.push_str("（调整）");
    form
}

#[test]
fn a_change_is_approved_again_before_it_is_in_force() {
    let proposed = step(&ratified(), proposing(smaller(), Some("600000")), "filer").unwrap();
    let (version, decision) = (proposed.version.unwrap(), proposed.decision.unwrap());
    assert_eq!((version.number, version.kind), (2, VersionKind::Adjustment));
    assert_eq!((decision.kind, decision.version), (DecisionKind::AdjustmentProposed, 2));
    let adjusting = proposed.objective;
    assert_eq!((adjusting.state, adjusting.ratified_version), (State::Adjusting, 1));
    assert_eq!(adjusting.ratified_amount, Some(yuan("850000")), "what is in force is in force");
    let approve = || Command::ApproveAdjustment { opinion: "同意".to_owned() };
    assert_eq!(step(&adjusting, approve(), "filer").unwrap_err(), Refusal::OwnWork);
    let adjusted = step(&adjusting, approve(), "finance").unwrap().objective;
    assert_eq!((adjusted.state, adjusted.ratified_version), (State::Ratified, 2));
    assert_eq!((adjusted.ratified_amount, adjusted.adjustment), (Some(yuan("600000")), None));
    assert_eq!(adjusted.form, smaller());
}

#[test]
fn a_change_that_is_refused_leaves_what_was_in_force() {
    let adjusting = step(&ratified(), proposing(smaller(), None), "filer").unwrap().objective;
    let refuse = |reason: &str| Command::RefuseAdjustment {
        reason: reason.to_owned(),
        ratified: Box::new(sound_form()),
    };
    let silent = step(&adjusting, refuse(" "), "finance").unwrap_err();
    assert_eq!(silent, Refusal::ReasonMissing { recommended: None });
    let refused = step(&adjusting, refuse("理由不充分"), "finance").unwrap().objective;
    assert_eq!((refused.state, refused.ratified_version, refused.submitted_version), (State::Ratified, 1, 2));
    assert_eq!((&refused.form, refused.ratified_amount), (&sound_form(), Some(yuan("850000"))));
    // The next proposal is a version of its own.
    let again = step(&refused, proposing(smaller(), None), "filer").unwrap();
    assert_eq!(again.version.unwrap().number, 3);
}

#[test]
fn an_adjustment_changes_something_and_says_why() {
    let same = proposing(sound_form(), None);
    assert_eq!(step(&ratified(), same, "filer").unwrap_err(), Refusal::NothingChanged);
    let same_amount = proposing(sound_form(), Some("850000"));
    assert_eq!(step(&ratified(), same_amount, "filer").unwrap_err(), Refusal::NothingChanged);
    let only_money = step(&ratified(), proposing(sound_form(), Some("0")), "filer").unwrap().objective;
    assert_eq!(only_money.state, State::Adjusting);
    let negative = proposing(smaller(), Some("-1"));
    assert_eq!(step(&ratified(), negative, "filer").unwrap_err(), Refusal::NegativeAmount);
    let mut faulty = smaller();
    faulty.indicators[0].weight = None;
    assert!(matches!(step(&ratified(), proposing(faulty, None), "filer"), Err(Refusal::Form(_))));
}
