use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use wenxiao_kernel::{BudgetAccount, Explanation, Operator};

use super::super::coverage::{self, Coverage, LightCounts};
use super::super::execution::{Basis, FundingLine};
use super::super::form::{Entry, Funding, Likelihood, Row, RowEntry};
use super::super::gate::{self, GroundKind, MeasureInForce, Override, Standing, Verdict};
use super::super::light::{Light, Target};
use super::super::measure::{
    self, Decision, Finding, Lift, Measure, MeasureKind, MeasureState, Origin, Subject,
};
use super::super::payment::{Payment, PaymentKind, Problem};
use super::super::refusal::Refusal;
use super::super::report::{Conclusion, Lights, Report, ReportState};
use super::super::round::{Assignment, Candidate, MonitoredKind, Round, RoundKind, RoundState, Scope};
use super::super::rules::Traits;
use super::super::schedule::Share;
use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_597_000_000, 0).unwrap()
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, month, day).unwrap()
}

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
        deviation_reasons: vec![],
        deviation_text: String::new(),
        likelihood: None,
        corrective_action: String::new(),
        light: None,
        explanation: Explanation::default(),
        forecast_light: None,
    }
}

fn report() -> Report {
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
        lights: Lights::default(),
        state: ReportState::Draft,
        revision_count: 0,
        submit_time: None,
        submitter: String::new(),
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

fn filled(actual: &str) -> Entry {
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
        expected: Some(vec![(1, Some(yuan("95")))]),
        ..Entry::default()
    }
}

#[test]
fn a_report_is_complete_only_with_every_text_that_the_form_asks_for() {
    let mut report = report();
    let Err(Refusal::Incomplete(missing)) = report.submit("filer", false, now()) else { unreachable!() };
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
    report.fill(filled("34"), &rules()).unwrap();
    assert_eq!(report.rows[0].light, Some(Light::Red));
    let Err(Refusal::Incomplete(missing)) = report.submit("filer", false, now()) else { unreachable!() };
    assert_eq!(missing[0].field, "report.indicators[q1].deviation_text", "a deviation needs a reason");
    report.fill(filled("60"), &rules()).unwrap();
    assert_eq!(report.submit("filer", true, now()).unwrap(), 1);
    assert!(report.late);
    assert_eq!(report.expected_rate(), dec("0.9500"));
}

#[test]
fn a_red_indicator_makes_the_project_red_whatever_was_spent() {
    let mut report = report();
    report.fill(filled("10"), &rules()).unwrap();
    assert_eq!(report.lights.execution, Some(Light::Green));
    assert_eq!(report.lights.objective, Some(Light::Red));
    assert_eq!(report.lights.overall, Some(Light::Red));
    assert_eq!(report.lights.forecast, Some(Light::Green));
    assert_eq!(report.lights.explanation.rule_set, rules().rule_set);
}

#[test]
fn a_returned_report_comes_back_with_its_history_counted() {
    let mut report = report();
    report.fill(filled("60"), &rules()).unwrap();
    report.submit("filer", false, now()).unwrap();
    assert!(matches!(report.fill(filled("61"), &rules()), Err(Refusal::State { .. })));
    assert!(report.must_await_opinion_of("inst").is_ok());
    assert!(matches!(report.must_await_opinion_of("other"), Err(Refusal::ReviewerNotAssigned(_))));
    report.send_back("偏差原因过于笼统", vec![]).unwrap();
    assert!(matches!(report.accept(Conclusion::Normal, "", now()), Err(Refusal::State { .. })));
    report.fill(filled("61"), &rules()).unwrap();
    assert_eq!(report.submit("filer", true, now()).unwrap(), 2);
    assert!(!report.late, "only the first submission can miss the deadline");
    assert!(matches!(report.accept(Conclusion::Rectify, " ", now()), Err(Refusal::Unfit(_))));
    report.accept(Conclusion::Rectify, "加快进度", now()).unwrap();
    report.conclude_rectification("已加快").unwrap();
    assert_eq!((report.return_count, report.revision_count), (1, 2));
}

fn round() -> Round {
    Round {
        id: "2020-07".to_owned(),
        title: "2020年1-7月绩效运行监控".to_owned(),
        description: String::new(),
        fiscal_year: year(),
        work_year: year(),
        start_month: 1,
        end_month: 7,
        kind: RoundKind::Regular,
        scope: Scope::default(),
        deadline: day(8, 31),
        assignments: vec![],
        state: RoundState::Planned,
        rule_set: String::new(),
        report_count: 0,
        open_time: None,
        close_time: None,
        create_time: now(),
        update_time: now(),
        version: 1,
    }
}

#[test]
fn a_round_opens_once_and_not_empty() {
    let mut round = round();
    round.check().unwrap();
    assert_eq!(round.open(0, "r", now()), Err(Refusal::RoundEmpty));
    assert!(matches!(round.close(now()), Err(Refusal::RoundNotOpen { .. })));
    round.open(3, "r", now()).unwrap();
    assert!(matches!(round.open(3, "r", now()), Err(Refusal::RoundNotOpen { .. })));
    round.close(now()).unwrap();
    assert!(matches!(round.assign(vec![]), Err(Refusal::RoundNotOpen { .. })));
    let early = Round { deadline: day(7, 31), ..round };
    assert!(matches!(early.check(), Err(Refusal::Unfit(_))));
}

#[test]
fn one_department_has_one_reviewer() {
    let mut round = round();
    let share = |institution: &str, departments: &[&str]| Assignment {
        institution: institution.to_owned(),
        departments: departments.iter().map(|id| (*id).to_owned()).collect(),
    };
    assert_eq!(
        round.assign(vec![share("a", &["602"]), share("b", &["603", "602"])]),
        Err(Refusal::ReviewerOverlap("602".to_owned()))
    );
    assert!(round.assign(vec![share("a", &[]), share("b", &["602"])]).is_err());
    round.assign(vec![share("a", &["602"]), share("b", &["603"])]).unwrap();
    assert_eq!((round.reviewer("603"), round.reviewer("604")), ("b", ""));
}

#[test]
fn a_scope_takes_what_meets_every_criterion() {
    let object = Candidate {
        kind: MonitoredKind::Project,
        id: "p1",
        department: "602",
        account: Some(BudgetAccount::GeneralPublic),
        adjusted: yuan("1000000"),
    };
    let scope = |change: fn(&mut Scope)| {
        let mut scope = Scope::default();
        change(&mut scope);
        scope
    };
    assert!(Scope::default().takes(&object));
    assert!(scope(|s| s.accounts = vec![BudgetAccount::GeneralPublic]).takes(&object));
    assert!(!scope(|s| s.accounts = vec![BudgetAccount::GovernmentFund]).takes(&object));
    assert!(!scope(|s| s.kinds = vec![MonitoredKind::Department]).takes(&object));
    assert!(!scope(|s| s.departments = vec!["603".to_owned()]).takes(&object));
    assert!(!scope(|s| s.minimum = Money::from_yuan(Decimal::from(1_000_001)).ok()).takes(&object));
}

fn proposed(kind: MeasureKind, subject: Subject, amount: Option<Money>) -> Measure {
    Measure {
        id: "m".to_owned(),
        kind,
        subject,
        title: String::new(),
        agency_code: "602001".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        amount,
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

fn standing(done: &str, measures: &[(MeasureKind, NaiveDate)], overrides: Vec<Override>) -> Standing {
    let in_force = |(kind, effective_date): &(MeasureKind, NaiveDate)| MeasureInForce {
        id: kind.as_str().to_owned(),
        kind: *kind,
        effective_date: *effective_date,
    };
    Standing {
        subject: Subject::Project("p".to_owned()),
        department: "602".to_owned(),
        fiscal_year: year(),
        day: day(9, 15),
        amounts: executed(done, "120"),
        schedule: Share::of_months(8),
        measures: measures.iter().map(in_force).collect(),
        objective_barred: false,
        overrides,
        amount: Some(yuan("10")),
    }
}

#[test]
fn the_gate_blocks_softly_below_schedule_and_an_exception_opens_it() {
    let check = gate::check(&rules(), &standing("79.99", &[], vec![]));
    assert_eq!(check.verdict, Verdict::SoftBlocked);
    assert_eq!(gate::check(&rules(), &standing("80", &[], vec![])).verdict, Verdict::Allowed);
    let grounds = gate::overridable(&check).unwrap();
    assert_eq!(grounds, [GroundKind::DepartmentBelowSchedule]);
    let exception = Override {
        id: "o".to_owned(),
        subject: Subject::Unit("602".to_owned()),
        agency_code: "602".to_owned(),
        department: "602".to_owned(),
        fiscal_year: year(),
        grounds,
        reason: "防汛应急".to_owned(),
        limit: Some(yuan("10")),
        start_date: day(9, 1),
        expire_date: day(9, 30),
        check,
        decider: "head".to_owned(),
        revoked: None,
        create_time: now(),
        version: 1,
    };
    let verdict = |change: &dyn Fn(&mut Override), measures: &[(MeasureKind, NaiveDate)]| {
        let mut exception = exception.clone();
        change(&mut exception);
        gate::check(&rules(), &standing("79.99", measures, vec![exception])).verdict
    };
    assert_eq!(verdict(&|_| (), &[]), Verdict::AllowedByOverride);
    assert_eq!(verdict(&|o| o.limit = Some(yuan("9.99")), &[]), Verdict::SoftBlocked);
    assert_eq!(verdict(&|o| o.expire_date = day(9, 14), &[]), Verdict::SoftBlocked);
    assert_eq!(verdict(&|o| o.revoke("情况变化", now()).unwrap(), &[]), Verdict::SoftBlocked);
    let later = [(MeasureKind::NoSupplement, day(9, 10))];
    assert_eq!(verdict(&|_| (), &later), Verdict::SoftBlocked, "a ground that came later is not covered");
    assert_eq!(verdict(&|_| (), &[(MeasureKind::Suspend, day(9, 15))]), Verdict::Blocked);
    assert_eq!(verdict(&|_| (), &[(MeasureKind::Suspend, day(9, 16))]), Verdict::AllowedByOverride);
}

#[test]
fn nothing_hard_is_overridden_and_nothing_free_either() {
    let stopped = gate::check(&rules(), &standing("100", &[(MeasureKind::StopPayment, day(1, 1))], vec![]));
    assert!(matches!(gate::overridable(&stopped), Err(Refusal::NotOverridable { .. })));
    let free = gate::check(&rules(), &standing("100", &[], vec![]));
    assert!(matches!(gate::overridable(&free), Err(Refusal::NothingToOverride(_))));
    let barred = Standing { objective_barred: true, ..standing("100", &[], vec![]) };
    assert_eq!(gate::check(&rules(), &barred).verdict, Verdict::Blocked);
}

#[test]
fn coverage_of_the_seed_year() {
    let account = |account, budget: &str, projects| Coverage {
        account: Some(account),
        budget: yuan(budget),
        monitored: yuan(budget),
        projects,
        monitored_projects: projects,
        lights: LightCounts { green: projects, ..LightCounts::default() },
    };
    let accounts = [
        account(BudgetAccount::GeneralPublic, "3987000000", 282),
        account(BudgetAccount::GovernmentFund, "862000000", 37),
    ];
    let total = coverage::total(&accounts);
    assert_eq!((total.monitored, total.projects, total.rate()), (yuan("4849000000"), 319, dec("1.0000")));
    assert_eq!(total.lights.worst(), Some(Light::Green));
    assert_eq!(coverage::explain(&accounts, Basis::Initial).steps.len(), 2);
}

#[test]
fn a_payment_counts_in_its_month_and_the_year_after_in_december() {
    let payment = |amount: &str, kind, pay_date| Payment {
        id: "1".to_owned(),
        project: "p".to_owned(),
        unit: String::new(),
        fiscal_year: year(),
        account: BudgetAccount::GeneralPublic,
        funding_source: 1,
        amount: yuan(amount),
        pay_date,
        kind,
        original: String::new(),
        purpose: String::new(),
    };
    let late = NaiveDate::from_ymd_opt(2021, 1, 8).unwrap();
    let early = NaiveDate::from_ymd_opt(2019, 12, 31).unwrap();
    assert_eq!(payment("1", PaymentKind::Payment, day(3, 9)).month(), Some(3));
    assert_eq!(payment("1", PaymentKind::Payment, late).month(), Some(12));
    let problem = |payment: Payment| payment.check().unwrap_err().0;
    assert_eq!(problem(payment("1", PaymentKind::Payment, early)), Problem::Date);
    assert_eq!(problem(payment("0", PaymentKind::Correction, day(1, 1))), Problem::Amount);
    assert_eq!(problem(payment("-1", PaymentKind::Payment, day(1, 1))), Problem::Amount);
    assert_eq!(problem(payment("1", PaymentKind::Reversal, day(1, 1))), Problem::Amount);
    assert!(payment("-1", PaymentKind::Correction, day(1, 1)).check().is_ok());
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
                0 => report.fill(filled("60"), &rules()).is_ok(),
                1 => report.submit("filer", false, now()).is_ok(),
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
