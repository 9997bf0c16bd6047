//! Rounds: opened once, for what the scope takes, with one reviewer for each department.

use wenxiao_kernel::BudgetAccount;

use super::super::refusal::Refusal;
use super::super::round::{Assignment, Candidate, MonitoredKind, Round, RoundKind, RoundState, Scope};
use super::*;

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
        amounts: executed("0", "1000000"),
        schedule: super::super::schedule::Share::of_months(7),
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

#[test]
fn an_open_round_only_moves_its_deadline() {
    let planned = round();
    let wider = Round { end_month: 8, deadline: day(9, 30), ..round() };
    assert_eq!(planned.edited(wider.clone()).unwrap().end_month, 8);
    let mut open = round();
    open.open(3, "r", now()).unwrap();
    assert_eq!(open.edited(wider), Err(Refusal::RoundNotOpen { state: "open" }));
    let moved = open.edited(Round { deadline: day(9, 10), ..round() }).unwrap();
    assert_eq!((moved.deadline, moved.state, moved.report_count), (day(9, 10), RoundState::Open, 3));
    assert!(matches!(open.edited(Round { deadline: day(7, 31), ..round() }), Err(Refusal::Unfit(_))));
    open.close(now()).unwrap();
    assert_eq!(open.edited(open.clone()), Err(Refusal::RoundNotOpen { state: "closed" }));
}
