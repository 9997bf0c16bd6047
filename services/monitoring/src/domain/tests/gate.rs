//! The funding gate: what blocks money softly, what blocks it hard, and what an exception opens.

use super::super::gate::{self, GroundKind, MeasureInForce, Override, Standing, Verdict};
use super::super::measure::{MeasureKind, Subject};
use super::super::refusal::Refusal;
use super::super::schedule::Share;
use super::*;

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
        objective_ratified: Some(true),
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
        unit: "602".to_owned(),
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
fn a_project_without_a_ratified_objective_is_blocked_as_hard_as_the_rule_set_says() {
    let without = Standing { objective_ratified: Some(false), ..standing("100", &[], vec![]) };
    assert_eq!(gate::check(&rules(), &without).verdict, Verdict::Allowed, "no rule says so");
    let with = |strength| {
        let rule = SupplementRule { without_objective: Some(strength), ..rules().supplement.unwrap() };
        Rules { supplement: Some(rule), ..rules() }
    };
    for (strength, verdict) in [
        (Strength::Advisory, Verdict::Allowed),
        (Strength::Soft, Verdict::SoftBlocked),
        (Strength::Hard, Verdict::Blocked),
    ] {
        let answer = gate::check(&with(strength), &without);
        assert_eq!(answer.verdict, verdict);
        assert_eq!(answer.grounds[0].kind, GroundKind::ObjectiveMissing);
    }
    let department = Standing { objective_ratified: None, ..without.clone() };
    assert_eq!(gate::check(&with(Strength::Hard), &department).verdict, Verdict::Allowed);
    let barred = Standing { objective_barred: true, ..without };
    let kinds: Vec<GroundKind> =
        gate::check(&with(Strength::Soft), &barred).grounds.iter().map(|g| g.kind).collect();
    assert_eq!(kinds, [GroundKind::ObjectiveBarred], "graded 差 says it already");
}
