//! What no sequence of steps may do, by whomever, in whatever order: reach an illegal state, lose a version, let a form
//! be approved by its filer, change what was locked, settle a remark behind its desk's back.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use wenxiao_kernel::{Grade, Secrecy};

use super::adjustments::proposing;
use super::workflow::{actor, at, draft, in_place_of, ratify, said, settle, step};
use super::*;
use crate::domain::compare::compare;
use crate::domain::form::{Remark, Severity};
use crate::domain::objective::{DecisionKind, Objective, State, Version};
use crate::domain::window::Filing;
use crate::domain::workflow::{Change, Command, Judgement, Refusal};

/// Every way that a form may go, as the regulation and README.md draw it; a step that is not here is illegal.
const WAYS: &[(State, State)] = &[
    (State::Draft, State::Draft),
    (State::Draft, State::Submitted),
    (State::Draft, State::DepartmentReview),
    (State::Submitted, State::Draft),
    (State::Submitted, State::Returned),
    (State::Submitted, State::DepartmentReview),
    (State::Submitted, State::FinanceReview),
    (State::DepartmentReview, State::Draft),
    (State::DepartmentReview, State::Returned),
    (State::DepartmentReview, State::DepartmentReview),
    (State::DepartmentReview, State::FinanceReview),
    (State::FinanceReview, State::FinanceReview),
    (State::FinanceReview, State::Approved),
    (State::FinanceReview, State::Consultation),
    (State::FinanceReview, State::Returned),
    (State::FinanceReview, State::Barred),
    (State::Consultation, State::Consultation),
    (State::Consultation, State::Approved),
    (State::Consultation, State::Returned),
    (State::Approved, State::Returned),
    (State::Approved, State::Ratified),
    (State::Returned, State::Returned),
    (State::Returned, State::Submitted),
    (State::Returned, State::DepartmentReview),
    (State::Returned, State::FinanceReview),
    (State::Barred, State::Returned),
    (State::Ratified, State::Adjusting),
    (State::Adjusting, State::Ratified),
];

fn any_remark() -> impl Strategy<Value = Remark> {
    let field =
        prop::sample::select(vec!["", "annual_goal", "indicators", "indicators.weight", "leader_name"]);
    let row = prop::sample::select(vec!["", "i1", "i2"]);
    (field, row, prop::sample::select(Severity::ALL)).prop_map(|(field, row, severity)| Remark {
        field: field.to_owned(),
        indicator_id: row.to_owned(),
        severity,
        text: "请修改".to_owned(),
        proposal: String::new(),
        item_code: String::new(),
        rule: String::new(),
    })
}

fn any_judgement() -> impl Strategy<Value = Judgement> {
    let reason = prop_oneof![Just(""), Just("理由")];
    (reason, proptest::collection::vec(any_remark(), 0..3), any::<bool>())
        .prop_map(|(reason, remarks, resolve)| Judgement { remarks, resolve, ..said(reason) })
}

/// A form that differs here and there, and may have errors.
fn any_form() -> impl Strategy<Value = Form> {
    (0u8..4, any::<bool>(), any::<bool>()).prop_map(|(weight, goal, leader)| {
        let mut form = sound_form();
        if weight == 0 {
            form.indicators[0].weight = None;
        }
        if goal {
            form.annual_goal.push_str("（改）");
        }
        if leader {
            form.leader_name = "林局".to_owned();
        }
        form
    })
}

fn any_command() -> impl Strategy<Value = (Command, &'static str)> {
    let reason = || prop_oneof![Just(String::new()), Just("理由".to_owned())];
    let grade = || prop::sample::select(Grade::ALL);
    let rules = || std::sync::Arc::new(form_rules());
    let id = || (1i64..12, 1usize..3).prop_map(|(version, place)| format!("{version}-{place}"));
    let filing = prop_oneof![
        4 => Just(Filing::Unbound),
        1 => Just(Filing::Over(at(0).date_naive())),
    ];
    let command = prop_oneof![
        4 => (any::<bool>(), filing)
            .prop_map(move |(signature, filing)| Command::Submit { rules: rules(), signature, filing }),
        2 => any_form().prop_map(|form| Command::Edit {
            form: Some(Box::new(form)),
            secrecy: None,
            subject_secrecy: Secrecy::None
        }),
        1 => reason().prop_map(|reason| Command::Withdraw { reason }),
        2 => reason().prop_map(|opinion| Command::Sign { opinion }),
        1 => (id(), reason()).prop_map(|one| Command::Answer { answers: vec![one] }),
        1 => (id(), reason()).prop_map(|(id, reason)| Command::Resolve { remarks: vec![id], reason }),
        3 => any_judgement().prop_map(|judgement| Command::Pass { judgement }),
        3 => (any_judgement(), any::<bool>()).prop_map(|(judgement, unlock_all)| Command::Return {
            judgement,
            unlock_all,
            due_date: None
        }),
        3 => (grade(), prop::option::of(grade()), any_judgement()).prop_map(|(grade, recommended, judgement)| {
            Command::Grade {
                grade,
                consequence: review_rules().consequence(grade).unwrap(),
                recommended,
                judgement,
            }
        }),
        2 => (reason(), prop::option::of(any_form()))
            .prop_map(|(agreement, form)| settle(&agreement, form.map(Box::new))),
        1 => reason().prop_map(|reason| Command::Reopen { reason }),
        3 => Just(ratify()),
        2 => (any_form(), any::<bool>())
            .prop_map(|(form, money)| proposing(form, money.then_some("600000"))),
        2 => reason().prop_map(|opinion| Command::ApproveAdjustment { opinion }),
        1 => reason().prop_map(|reason| Command::RefuseAdjustment {
            reason,
            ratified: Box::new(Form::default()) // the caller's word is not taken: see `with_the_ratified_form`
        }),
        1 => reason().prop_map(|reason| Command::Close { reason }),
    ];
    // Some have every office at once, and one stands in for the filer.
    let people = vec!["filer", "unit head", "department", "finance", "head", "everything", "deputy"];
    (command, prop::sample::select(people))
}

/// What the store does: it brings the ratified version along.
fn with_the_ratified_form(command: Command, objective: &Objective, kept: &[Version]) -> Command {
    let number = usize::try_from(objective.ratified_version).unwrap();
    match command {
        Command::RefuseAdjustment { reason, .. } if number > 0 => {
            Command::RefuseAdjustment { reason, ratified: Box::new(kept[number - 1].form.clone()) }
        }
        other => other,
    }
}

fn check(before: &Objective, change: &Change, kept: &[Version], who: &str) -> Result<(), TestCaseError> {
    let after = &change.objective;
    prop_assert!(before.state != State::Closed, "nothing leaves the end");
    prop_assert!(
        after.state == State::Closed || WAYS.contains(&(before.state, after.state)),
        "{} to {}",
        before.state,
        after.state
    );
    prop_assert_eq!(after.version, before.version + 1);
    prop_assert!(after.return_count >= before.return_count);
    prop_assert_eq!(after.submitted_version, i32::try_from(kept.len()).unwrap(), "every version is kept");
    prop_assert_eq!(after.state == State::Adjusting, after.adjustment.is_some());
    prop_assert!(after.state != State::Returned || after.returned.is_some());
    if after.ratified_version > 0 {
        prop_assert!(after.ratified_amount.is_some_and(|amount| !amount.is_negative()));
        if after.state == State::Ratified {
            let in_force = &kept[usize::try_from(after.ratified_version).unwrap() - 1];
            prop_assert_eq!(&in_force.form, &after.form, "what is shown is what is in force");
        }
    }
    if let Some(decision) = &change.decision {
        prop_assert_eq!((decision.from, decision.to), (before.state, after.state));
        use DecisionKind::{AdjustmentProposed, Answered, Closed, Withdrawn};
        let judged = !matches!(decision.kind, AdjustmentProposed | Answered | Closed | Withdrawn);
        let own = before.submitter == who || in_place_of(who) == Some(before.submitter.as_str());
        prop_assert!(!judged || !own, "{who} judges their own work: {}", decision.kind);
    }
    Ok(())
}

/// What was locked stayed, and no remark vanished but by its own desk, by agreement or with ratification.
fn check_round(before: &Objective, change: &Change) -> Result<(), TestCaseError> {
    let after = &change.objective;
    if let (State::Returned, Some(returned)) = (before.state, &before.returned) {
        let beyond =
            compare(&before.form, &after.form).into_iter().find(|change| !returned.unlocked.covers(change));
        prop_assert_eq!(beyond, None);
    }
    let gone =
        before.open_remarks.iter().filter(|open| !after.open_remarks.iter().any(|kept| kept.id == open.id));
    let desk = crate::domain::remark::Desk::at(before.state);
    let all_settled = matches!(change.event, "objective.settled" | "objective.ratified");
    for open in gone {
        prop_assert!(all_settled || open.desk == desk, "{} by {}", open.id, change.event);
    }
    let mut ids: Vec<_> = after.open_remarks.iter().map(|open| &open.id).collect();
    ids.sort();
    ids.dedup();
    prop_assert_eq!(ids.len(), after.open_remarks.len(), "every open remark has an identifier of its own");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_steps_breaks_the_rules(steps in proptest::collection::vec(any_command(), 1..60)) {
        let mut objective = draft();
        let mut kept: Vec<Version> = Vec::new();
        for (command, who) in steps {
            let command = with_the_ratified_form(command, &objective, &kept);
            let filing = if let Command::Submit { filing, .. } = &command { *filing } else { Filing::Unbound };
            let listed = objective.standing(&actor(who), filing).may(command.action(), &actor(who));
            let outcome = step(&objective, command, who);
            // The list of actions and the call never disagree.
            if let Err(Refusal::State(_) | Refusal::Office | Refusal::OwnWork | Refusal::Filing(_)) = &outcome {
                prop_assert_eq!(listed.err(), outcome.err());
                continue;
            }
            prop_assert_eq!(listed, Ok(()));
            let Ok(change) = outcome else { continue };
            if let Some(version) = &change.version {
                prop_assert_eq!(usize::try_from(version.number).unwrap(), kept.len() + 1, "numbered without gaps");
                prop_assert_eq!(&version.form, &change.objective.form);
                prop_assert_eq!(&version.content_hash, &version.form.content_hash());
                kept.push(version.clone());
            }
            check(&objective, &change, &kept, who)?;
            check_round(&objective, &change)?;
            objective = change.objective;
        }
    }
}

/// The property above says nothing about states that its sequences never come to.
#[test]
fn the_sequences_come_to_every_state() {
    let mut runner = TestRunner::deterministic();
    let sequences = proptest::collection::vec(any_command(), 60);
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..512 {
        let (mut objective, mut kept) = (draft(), Vec::new());
        for (command, who) in sequences.new_tree(&mut runner).unwrap().current() {
            let command = with_the_ratified_form(command, &objective, &kept);
            let Ok(change) = step(&objective, command, who) else { continue };
            kept.extend(change.version);
            objective = change.objective;
            *seen.entry(objective.state).or_insert(0) += 1;
        }
    }
    let missing: Vec<_> = State::ALL.iter().filter(|state| !seen.contains_key(state)).collect();
    assert!(missing.is_empty(), "never came to {missing:?}: {seen:?}");
}
