//! Commands and the list of what may be done never disagree, whatever the state.

use proptest::prelude::*;
use wenxiao_kernel::Explanation;

use super::super::action::{AlertAction, MeasureAction, ReportAction, RoundAction};
use super::super::alert::{About, Alert, AlertKind, AlertState, Choice, warning_of_department, warnings};
use super::super::form::Row;
use super::super::light::Light;
use super::super::measure::{
    Decision, Finding, Lift, Measure, MeasureKind, MeasureState, Origin, Subject, on_silence,
};
use super::super::refusal::Refusal;
use super::super::report::{Conclusion, ReportState};
use super::super::round::{Round, RoundState};
use super::super::rules::{ChoiceDeadline, Unanswered};
use super::super::schedule::Share;
use super::report::{filled, report};
use super::round::round;
use super::*;

fn of_state(refusal: Result<(), Refusal>) -> bool {
    !matches!(refusal, Err(Refusal::State { .. } | Refusal::RoundNotOpen { .. }))
}

fn any_round() -> impl Strategy<Value = Round> {
    prop::sample::select(RoundState::ALL).prop_map(|state| Round { state, ..round() })
}

pub(super) fn alert(state: AlertState, deadline: Option<NaiveDate>) -> Alert {
    Alert {
        id: "a".to_owned(),
        kind: AlertKind::ExecutionBehind,
        light: Light::Red,
        subject: Subject::Project("p".to_owned()),
        title: "垃圾分类".to_owned(),
        unit: "602001".to_owned(),
        agency_code: "602001".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        round: "r".to_owned(),
        report: "p".to_owned(),
        indicator: String::new(),
        explanation: Explanation::default(),
        state,
        deadline,
        choice: None,
        answer: String::new(),
        answer_time: None,
        close_reason: String::new(),
        close_time: None,
        unanswered_measure: String::new(),
        create_time: now(),
        update_time: now(),
        version: 1,
    }
}

fn measure(state: MeasureState) -> Measure {
    Measure {
        id: "m".to_owned(),
        kind: MeasureKind::Suspend,
        subject: Subject::Project("p".to_owned()),
        title: "垃圾分类".to_owned(),
        unit: "602001".to_owned(),
        agency_code: "602001".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        amount: None,
        adjust_objective: false,
        origin: Origin::default(),
        propose_reason: "偏离目标较大".to_owned(),
        explanation: Explanation::default(),
        proposer: "officer".to_owned(),
        state,
        decision: None,
        lift: None,
        create_time: now(),
        update_time: now(),
        version: 1,
    }
}

fn decision() -> Decision {
    Decision {
        amount: None,
        reason: "同意".to_owned(),
        decider: "head".to_owned(),
        time: now(),
        effective_date: day(9, 1),
    }
}

/// A report whose lights are all bad or suspicious: each kind is warned of once, by its worst indicator.
#[test]
fn a_report_warns_of_each_kind_once_and_blue_asks_for_no_choice() {
    let mut report = report();
    report.fill(filled("130"), &rules(), "filer").unwrap();
    let mut late = report.rows[0].clone();
    (late.indicator, late.light) = ("q2".to_owned(), Some(Light::Yellow));
    let red = Row { indicator: "q3".to_owned(), light: Some(Light::Red), ..late.clone() };
    report.rows.extend([late, red]);
    report.lights.execution = Some(Light::Yellow);
    report.lights.idle_money = Some(Light::Green);
    let found: Vec<_> =
        warnings(&report).into_iter().map(|one| (one.kind, one.light, one.indicator)).collect();
    assert_eq!(
        found,
        [
            (AlertKind::ExecutionBehind, Light::Yellow, String::new()),
            (AlertKind::IndicatorBehind, Light::Red, "q3".to_owned()),
            (AlertKind::TargetSuspicious, Light::Blue, "q1".to_owned()),
        ]
    );
    let rules = Rules { unanswered: Unanswered::Suspend, ..rules() };
    for warning in warnings(&report) {
        let asked = warning.light != Light::Blue;
        let alert = Alert::open("a".to_owned(), About::report(&report), warning, Some(day(8, 24)), now());
        assert_eq!(alert.deadline.is_some(), asked);
        assert_eq!(
            on_silence(&rules, &alert, day(9, 30)).is_some(),
            asked,
            "{:?} suspends nobody",
            alert.kind
        );
    }
}

#[test]
fn a_department_below_schedule_is_warned_of_as_badly_as_it_executes() {
    let finding = |done| Finding {
        subject: Subject::Unit("602".to_owned()),
        light: None,
        adjust_objective: false,
        amounts: executed(done, "120"),
        schedule: Share::of_months(7),
        month: 7,
    };
    for (done, light) in [("69.99", Light::Yellow), ("41.99", Light::Red)] {
        let warning = warning_of_department(&rules(), &finding(done));
        assert_eq!((warning.kind, warning.light), (AlertKind::DepartmentBehind, light), "{done}");
        assert_eq!(warning.explanation.rule_set, rules().rule_set);
        let steps: Vec<_> = warning.explanation.steps.iter().map(|step| step.result.as_str()).collect();
        assert_eq!(steps[0], "低于序时进度");
    }
}

#[test]
fn silence_has_a_consequence_once_and_only_after_the_last_day() {
    let mut rules = Rules {
        unanswered: Unanswered::Suspend,
        choice: Some(ChoiceDeadline { days: 10, working_days: true }),
        ..rules()
    };
    let open = alert(AlertState::Open, Some(day(8, 24)));
    assert_eq!(on_silence(&rules, &open, day(8, 24)), None, "the last day is still in time");
    let follows = on_silence(&rules, &open, day(8, 25)).unwrap();
    assert_eq!((follows.kind, follows.rule.as_str()), (MeasureKind::Suspend, "monitoring.unanswered_alert"));
    assert!(follows.explanation.summary.contains("自动暂停"), "{follows:?}");
    assert_eq!(follows.explanation.rule_set, rules.rule_set);
    let seen = alert(AlertState::Acknowledged, Some(day(8, 24)));
    assert!(on_silence(&rules, &seen, day(8, 25)).is_some(), "to have seen it is not to have chosen");
    for state in [AlertState::Answered, AlertState::Closed] {
        assert_eq!(on_silence(&rules, &alert(state, Some(day(8, 24))), day(9, 30)), None);
    }
    let mut followed = open.clone();
    followed.note_unanswered("m");
    assert_eq!(on_silence(&rules, &followed, day(9, 30)), None, "once");
    assert_eq!(on_silence(&rules, &alert(AlertState::Open, None), day(9, 30)), None, "without a time limit");
    let department = Alert { subject: Subject::Unit("602".to_owned()), ..open.clone() };
    assert_eq!(on_silence(&rules, &department, day(9, 30)), None, "a department is not suspended");
    rules.unanswered = Unanswered::Nothing;
    assert_eq!(on_silence(&rules, &open, day(9, 30)), None);
}

proptest! {
    #[test]
    fn an_action_on_a_report_is_allowed_exactly_when_its_command_is_not_refused_for_the_state(
        state in prop::sample::select(ReportState::ALL), rectify: bool, round in any_round(),
    ) {
        let mut report = report();
        report.fill(filled("60"), &rules(), "filer").unwrap();
        report.state = state;
        report.conclusion = (state == ReportState::Accepted)
            .then_some(if rectify { Conclusion::Rectify } else { Conclusion::Normal });
        for action in ReportAction::ALL {
            let mut tried = report.clone();
            let command = round.must_be_open().and_then(|()| match action {
                ReportAction::Update => tried.fill(filled("61"), &rules(), "filer"),
                ReportAction::Submit => tried.submit(&rules(), "filer", false, now()).map(drop),
                ReportAction::Endorse => tried.endorse(""),
                ReportAction::Return => tried.send_back("重填", vec![]),
                ReportAction::Accept => tried.accept(Conclusion::Normal, "", now()),
                ReportAction::ConcludeRectification => tried.conclude_rectification("已整改"),
                ReportAction::CreateOpinion => tried.must_await_opinion_of("inst"),
            });
            prop_assert_eq!(report.may(*action, &round).is_ok(), of_state(command), "{:?} in {:?}", action, state);
        }
    }

    #[test]
    fn an_action_on_a_round_is_allowed_exactly_when_its_command_is_not_refused_for_the_state(round in any_round()) {
        for action in RoundAction::ALL {
            let mut tried = round.clone();
            let command = match action {
                RoundAction::Update => tried.edited(Round { deadline: day(9, 10), ..round.clone() }).map(drop),
                RoundAction::Open => tried.open(3, "r", now()),
                RoundAction::Close => tried.close(now()),
                RoundAction::AssignReviewers => tried.assign(vec![]),
                RoundAction::ProposeMeasures => continue, // it changes no round: its call asks the same function
            };
            prop_assert_eq!(round.may(*action).is_ok(), of_state(command), "{:?} in {:?}", action, round.state);
        }
    }

    #[test]
    fn an_action_on_an_alert_is_allowed_exactly_when_its_command_is_not_refused(
        state in prop::sample::select(AlertState::ALL),
    ) {
        for action in AlertAction::ALL {
            let mut tried = alert(state, None);
            let command = match action {
                AlertAction::Acknowledge => tried.acknowledge(),
                AlertAction::Answer => tried.reply(Choice::Continue, "加快进度", now()),
                AlertAction::Close => tried.close("已核实", now()),
            };
            prop_assert_eq!(alert(state, None).may(*action).is_ok(), command.is_ok());
        }
    }

    #[test]
    fn an_action_on_a_measure_is_allowed_exactly_when_its_command_is_not_refused(
        state in prop::sample::select(MeasureState::ALL),
    ) {
        for action in MeasureAction::ALL {
            let mut tried = measure(state);
            let lift = Lift { reason: "已整改".to_owned(), lifter: "head".to_owned(), time: now() };
            let command = match action {
                MeasureAction::Decide => tried.clone().reject(decision()).and(tried.enforce(decision(), yuan("1"))),
                MeasureAction::Lift => tried.end(lift),
            };
            prop_assert_eq!(measure(state).may(*action).is_ok(), command.is_ok());
        }
    }

    /// Whatever is tried in whatever order: a closed alert stays closed, a choice is only ever replaced by a choice, and
    /// a consequence is noted once.
    #[test]
    fn no_sequence_of_commands_leaves_the_way_of_an_alert(commands in prop::collection::vec(0u8..4, 0..30)) {
        let mut alert = alert(AlertState::Open, Some(day(8, 24)));
        let rules = Rules { unanswered: Unanswered::Suspend, ..rules() };
        let mut followed = 0;
        for command in commands {
            let before = alert.clone();
            let done = match command {
                0 => alert.acknowledge().is_ok(),
                1 => alert.reply(Choice::Reallocate, "调剂", now()).is_ok(),
                2 => alert.close("办结", now()).is_ok(),
                _ => on_silence(&rules, &alert, day(9, 1)).is_some_and(|_| {
                    followed += 1;
                    alert.note_unanswered("m");
                    true
                }),
            };
            if !done {
                prop_assert_eq!(&before, &alert, "a refusal changes nothing");
            }
            prop_assert!(before.state != AlertState::Closed || alert == before);
            prop_assert!(before.choice.is_none() || alert.choice.is_some());
            prop_assert!(before.state <= alert.state || alert.state == AlertState::Answered);
            prop_assert!(followed <= 1);
        }
    }

    /// Proposed, then decided once, then lifted once if it was in force; nothing else.
    #[test]
    fn no_sequence_of_commands_leaves_the_way_of_a_measure(commands in prop::collection::vec(0u8..3, 0..20)) {
        let mut measure = measure(MeasureState::Proposed);
        for command in commands {
            let before = measure.clone();
            let lift = Lift { reason: "已整改".to_owned(), lifter: "head".to_owned(), time: now() };
            let done = match command {
                0 => measure.enforce(decision(), yuan("100")).is_ok(),
                1 => measure.reject(decision()).is_ok(),
                _ => measure.end(lift).is_ok(),
            };
            prop_assert!(done || before == measure);
            prop_assert_eq!(measure.decision.is_some(), measure.state != MeasureState::Proposed);
            prop_assert_eq!(measure.lift.is_some(), measure.state == MeasureState::Lifted);
            prop_assert!(before.decision.is_none() || before.decision == measure.decision, "a decision stays");
        }
    }
}
