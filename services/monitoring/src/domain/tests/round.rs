//! Rounds: opened once, for what the scope takes, with one reviewer for each department.

use wenxiao_kernel::BudgetAccount;

use super::super::refusal::Refusal;
use super::super::round::{Assignment, Candidate, MonitoredKind, Round, RoundKind, RoundState, Scope};
use super::*;

pub(super) fn round() -> Round {
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

#[test]
fn a_key_round_takes_what_lags_is_large_or_is_watched() {
    use super::super::round::KeyCriterion::{self, ExecutionLag, LargeAmount, SocialAttention};
    use super::super::rules::KeyRoundRule;
    let limits = KeyRoundRule {
        lag_points: Some(dec("20")),
        large_amount: Some(yuan("1000")),
        social_attention: true,
    };
    let with = Rules { key_round: Some(limits), ..rules() };
    let key = Round {
        kind: RoundKind::Key,
        scope: Scope { attention: vec!["watched".to_owned()], ..Scope::default() },
        ..round()
    };
    let object = |id, done, budget| Candidate {
        kind: MonitoredKind::Project,
        id,
        department: "602",
        account: Some(BudgetAccount::GeneralPublic),
        amounts: executed(done, budget),
        schedule: super::super::schedule::Share::of_months(6),
    };
    for (id, done, budget, criteria) in [
        ("p", "300", "1000", Some(vec![LargeAmount])), // 30 % at the half-year: twenty points behind are not more
        ("p", "299", "999", Some(vec![ExecutionLag])),
        ("p", "299", "1000", Some(vec![ExecutionLag, LargeAmount])),
        ("watched", "900", "999", Some(vec![SocialAttention])),
        ("p", "900", "999", None),
    ] {
        assert_eq!(key.takes(&with, &object(id, done, budget)), criteria, "{id} {done}/{budget}");
    }
    let asked = |criteria: Vec<KeyCriterion>, projects: Vec<String>| Round {
        scope: Scope { key_criteria: criteria, projects, ..key.scope.clone() },
        ..key.clone()
    };
    let large = object("p", "4900", "5000");
    assert_eq!(
        asked(vec![ExecutionLag], vec![]).takes(&with, &large),
        None,
        "only what was asked for counts"
    );
    let small = object("p", "900", "999");
    assert_eq!(asked(vec![], vec!["p".to_owned()]).takes(&with, &small), Some(vec![]), "named one by one");
    assert_eq!(key.takes(&rules(), &small), Some(vec![]), "no rule, no criterion");
    assert_eq!(Round { kind: RoundKind::Regular, ..key }.takes(&with, &small), Some(vec![]));
}
