//! Reports on their way from the draft to acceptance.

use proptest::prelude::*;
use wenxiao_kernel::{BudgetAccount, Explanation, Operator};

use super::super::execution::FundingLine;
use super::super::form::{Entry, Funding, FundingEntry, Likelihood, Row, RowEntry};
use super::super::judging::Lights;
use super::super::light::{Light, Target};
use super::super::refusal::Refusal;
use super::super::report::{Conclusion, Report, ReportState};
use super::super::round::MonitoredKind;
use super::super::rules::Traits;
use super::super::schedule::Share;
use super::*;

fn row(id: &str, target: Target) -> Row {
    Row {
        indicator: id.to_owned(),
        levels: ["产出指标".to_owned(), "数量指标".to_owned(), "垃圾分类小区".to_owned()],
        code: String::new(),
        target_text: "≥100个".to_owned(),
        target,
        achieved_text: String::new(),
        achieved_value: None,
        achieved_level: None,
        expected_text: String::new(),
        expected_value: None,
        expected_level: None,
        deviation_reasons: vec![],
        deviation_text: String::new(),
        likelihood: None,
        corrective_action: String::new(),
        light: None,
        explanation: Explanation::default(),
        forecast_light: None,
        last: None,
    }
}

pub(super) fn report() -> Report {
    let account = BudgetAccount::GeneralPublic;
    let line = FundingLine { account, funding_source: 1, amounts: executed("79", "100") };
    Report {
        round: "r".to_owned(),
        id: "p".to_owned(),
        kind: MonitoredKind::Project,
        title: "垃圾分类".to_owned(),
        unit: "602001".to_owned(),
        agency_code: "602001".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        end_month: 7,
        traits: Traits { account: Some(account), local_project_type: String::new(), capital_works: false },
        objective: "o".to_owned(),
        objective_version: 1,
        objective_text: String::new(),
        fundings: vec![Funding { line, expected: None }],
        rows: vec![row("q1", target(Operator::AtLeast, "100"))],
        schedule: Share::of_months(7),
        physical_progress: None,
        key_criteria: vec![],
        forecast: None,
        duty_fulfilled: None,
        lights: Lights::default(),
        state: ReportState::Draft,
        revision_count: 0,
        submit_time: None,
        submitter: String::new(),
        writers: vec![],
        late: false,
        return_count: 0,
        return_reason: String::new(),
        remarks: vec![],
        endorsement: String::new(),
        conclusion: None,
        rectification_advice: String::new(),
        rectification_conclusion: String::new(),
        accept_time: None,
        institution: "inst".to_owned(),
        filler: String::new(),
        telephone: String::new(),
        create_time: now(),
        update_time: now(),
        version: 1,
    }
}

pub(super) fn filled(actual: &str) -> Entry {
    let row = RowEntry {
        achieved_text: "已完成".to_owned(),
        achieved_value: Some(dec(actual)),
        expected_text: "全年完成".to_owned(),
        expected_value: Some(dec("100")),
        likelihood: Some(Likelihood::Certain),
        ..RowEntry::default()
    };
    Entry {
        rows: Some(vec![("q1".to_owned(), row)]),
        fundings: Some(vec![FundingEntry { account: None, funding_source: 1, expected: Some(yuan("95")) }]),
        ..Entry::default()
    }
}

#[test]
fn a_report_is_complete_only_with_every_text_that_the_form_asks_for() {
    let mut report = report();
    let Err(Refusal::Incomplete(missing)) = report.submit(&rules(), "filer", false, now()) else {
        unreachable!()
    };
    let fields: Vec<&str> = missing.iter().map(|m| m.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "report.indicators[q1].achieved_text",
            "report.indicators[q1].expected_text",
            "report.indicators[q1].likelihood",
            "report.indicators[q1].achieved_value",
            "report.fundings[1].expected_amount",
        ]
    );
    report.fill(filled("34"), &rules(), "filer").unwrap();
    assert_eq!(report.rows[0].light, Some(Light::Red));
    let Err(Refusal::Incomplete(missing)) = report.submit(&rules(), "filer", false, now()) else {
        unreachable!()
    };
    assert_eq!(missing[0].field, "report.indicators[q1].deviation_text", "a deviation needs a reason");
    report.fill(filled("60"), &rules(), "filer").unwrap();
    assert_eq!(report.submit(&rules(), "filer", true, now()).unwrap(), 1);
    assert!(report.late);
    assert_eq!(report.expected_rate(), dec("0.9500"));
}

#[test]
fn a_red_indicator_makes_the_project_red_whatever_was_spent() {
    let mut report = report();
    report.fill(filled("10"), &rules(), "filer").unwrap();
    assert_eq!(report.lights.execution, Some(Light::Green));
    assert_eq!(report.lights.objective, Some(Light::Red));
    assert_eq!(report.lights.overall, Some(Light::Red));
    assert_eq!(report.lights.forecast, Some(Light::Green));
    assert_eq!(report.lights.explanation.rule_set, rules().rule_set);
}

/// A qualitative target has two lights as well: how it stands, and how it is expected to stand (COMPWARN).
#[test]
fn a_qualitative_indicator_is_judged_now_and_for_the_whole_year() {
    use super::super::light::QualitativeLevel::{Achieved, Missed, Partly};
    let mut report = report();
    report.rows[0].target = Target { value: None, ..target(Operator::Qualitative, "0") };
    for (now_level, expected, light, forecast) in [
        (Some(Partly), Some(Achieved), Some(Light::Yellow), Some(Light::Green)),
        (Some(Achieved), Some(Missed), Some(Light::Green), Some(Light::Red)),
        (Some(Achieved), None, Some(Light::Green), None),
    ] {
        let row = RowEntry { achieved_level: now_level, expected_level: expected, ..RowEntry::default() };
        let entry = Entry { rows: Some(vec![("q1".to_owned(), row)]), ..Entry::default() };
        report.fill(entry, &rules(), "filer").unwrap();
        assert_eq!((report.rows[0].light, report.lights.forecast), (light, forecast));
    }
}

#[test]
fn a_returned_report_comes_back_with_its_history_counted() {
    let mut report = report();
    report.fill(filled("60"), &rules(), "filer").unwrap();
    report.submit(&rules(), "filer", false, now()).unwrap();
    assert!(matches!(report.fill(filled("61"), &rules(), "filer"), Err(Refusal::State { .. })));
    assert!(report.must_await_opinion_of("inst").is_ok());
    assert!(matches!(report.must_await_opinion_of("other"), Err(Refusal::ReviewerNotAssigned(_))));
    report.send_back("偏差原因过于笼统", vec![]).unwrap();
    assert!(matches!(report.accept(Conclusion::Normal, "", now()), Err(Refusal::State { .. })));
    report.fill(filled("61"), &rules(), "filer").unwrap();
    assert_eq!(report.submit(&rules(), "filer", true, now()).unwrap(), 2);
    assert!(!report.late, "only the first submission can miss the deadline");
    assert!(matches!(report.accept(Conclusion::Rectify, " ", now()), Err(Refusal::Unfit(_))));
    report.accept(Conclusion::Rectify, "加快进度", now()).unwrap();
    report.conclude_rectification("已加快").unwrap();
    assert_eq!((report.return_count, report.revision_count), (1, 2));
}

proptest! {
    /// Whoever has filled or submitted a form stays known as such, through returns and whoever comes after.
    #[test]
    fn who_has_written_a_form_stays_its_writer(steps in prop::collection::vec((0u8..3, 0usize..3), 0..30)) {
        let people = ["filer", "head", "deputy"];
        let (mut report, mut wrote) = (report(), [false; 3]);
        for (command, who) in steps {
            let done = match command {
                0 => report.fill(filled("60"), &rules(), people[who]).is_ok(),
                1 => report.submit(&rules(), people[who], false, now()).is_ok(),
                _ => report.send_back("重填", vec![]).is_ok(),
            };
            wrote[who] |= done && command < 2;
            for (person, wrote) in people.iter().zip(wrote) {
                prop_assert_eq!(report.is_by(person), wrote);
            }
        }
        prop_assert!(!report.is_by(""), "nobody is everybody");
    }
}

proptest! {
    /// Whatever is tried in whatever order: nothing accepted changes, every submission is counted, nothing is
    /// approved that was not submitted.
    #[test]
    fn no_sequence_of_commands_leaves_the_way_of_a_report(commands in prop::collection::vec(0u8..6, 0..40)) {
        let mut report = report();
        let mut submissions = 0;
        for command in commands {
            let before = report.clone();
            let done = match command {
                0 => report.fill(filled("60"), &rules(), "filer").is_ok(),
                1 => report.submit(&rules(), "filer", false, now()).is_ok(),
                2 => report.endorse("").is_ok(),
                3 => report.send_back("重填", vec![]).is_ok(),
                4 => report.accept(Conclusion::Normal, "", now()).is_ok(),
                _ => report.conclude_rectification("已整改").is_ok(),
            };
            submissions += i32::from(done && command == 1);
            prop_assert_eq!(report.revision_count, submissions);
            if done {
                prop_assert_ne!(before.state, ReportState::Accepted);
            } else {
                prop_assert_eq!(&before, &report, "a refusal changes nothing");
            }
            if done && command == 4 {
                prop_assert!(matches!(before.state, ReportState::Submitted | ReportState::Endorsed));
            }
        }
    }
}
