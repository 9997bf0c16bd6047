//! Alerts that nobody answers: the time limit on the house calendar, and what the system does when it has passed.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use support::offices::{before_it_commits, measure};
use support::{DISTRICT, World, date, payment};
use tonic::Code;
use tonic_types::StatusExt as _;
use wenxiao_contract::wenxiao::disclosure::v1::WorkCalendar;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1::UnansweredAlert;
use wenxiao_kernel::Clock;
use wenxiao_monitoring::jobs::enforce_alert_deadlines;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

/// A clock that stands still until the test moves it.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn at(month: u32, day: u32) -> Self {
        let hands = Self(Arc::default());
        hands.set(month, day);
        hands
    }

    /// Noon in China of a day of 2020.
    fn set(&self, month: u32, day: u32) {
        let day = chrono::NaiveDate::from_ymd_opt(2020, month, day).expect("a day");
        let noon = day.and_hms_opt(4, 0, 0).expect("a time").and_utc();
        self.0.store(noon.timestamp(), Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Clock::from_source(move || {
            chrono::DateTime::from_timestamp(hands.load(Ordering::SeqCst), 0).expect("a time")
        })
    }
}

/// A world in which p1's report was accepted with a red light on a day.
async fn warned(hands: &Hands, follows: UnansweredAlert) -> World {
    let world = World::start_with(hands.clock(), |rules| rules.unanswered_alert = follows.into()).await;
    world.pay(vec![payment("a", "p1", 7, 400_000)]).await;
    world.open_round().await;
    world.submit("p1", "602002", "30").await;
    world.accept("p1").await;
    world
}

async fn alerts(world: &World) -> Vec<wire::Alert> {
    let request = wire::ListAlertsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    officer.list_alerts(request).await.expect("alerts").into_inner().alerts
}

async fn measures(world: &World) -> Vec<wire::Measure> {
    let request = wire::ListMeasuresRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    officer.list_measures(request).await.expect("measures").into_inner().measures
}

/// Runs the service's own job once.
async fn look(world: &World) -> usize {
    let own = world.suite.as_caller(Principal::service("monitoring"));
    let database = world.suite.suite.databases.first().expect("the service's database");
    enforce_alert_deadlines(database, &own).await.expect("the job runs")
}

async fn gate(world: &World) -> wire::SupplementCheck {
    let request = wire::CheckSupplementRequest {
        name: format!("{DISTRICT}/projects/p1"),
        as_of_date: Some(date(2020, 9, 30)),
        ..Default::default()
    };
    let mut budgeting = world.gate(caller(Role::BudgetingSystem));
    budgeting.check_supplement(request).await.expect("the gate answers").into_inner()
}

#[tokio::test]
async fn a_unit_that_does_not_answer_in_ten_working_days_is_suspended_by_the_system_once() {
    let hands = Hands::at(9, 1);
    let world = warned(&hands, UnansweredAlert::Suspend).await;
    let open = alerts(&world).await;
    assert!(open.len() >= 2, "execution and indicator are both behind: {open:?}");
    assert!(
        open.iter().all(|alert| alert.deadline_date == Some(date(2020, 9, 15))),
        "2–4, 7–11, 14, 15 September"
    );

    hands.set(9, 15);
    assert_eq!(look(&world).await, 0, "the last day is in time");
    hands.set(9, 16);
    assert_eq!(look(&world).await, open.len());
    assert_eq!(look(&world).await, 0, "once");

    let found = measures(&world).await;
    assert_eq!(found.len(), 1, "a project is suspended once, whatever many alerts it has");
    let suspension = &found[0];
    assert_eq!(
        (suspension.kind(), suspension.state()),
        (wire::measure::Kind::Suspend, wire::measure::State::InForce)
    );
    assert_eq!(suspension.origin(), wire::measure::Origin::Rule);
    assert_eq!(
        (suspension.proposer.as_str(), suspension.decider.as_str()),
        ("service:monitoring", "service:monitoring")
    );
    assert_eq!(suspension.effective_date, Some(date(2020, 9, 16)));
    let explanation = suspension.explanation.as_ref().expect("an explanation");
    assert_eq!(explanation.rule, "monitoring.unanswered_alert");
    assert_eq!(explanation.rule_set, format!("{DISTRICT}/ruleSets/national-2020"));
    assert!(suspension.decide_reason.contains("2020-09-15"), "{}", suspension.decide_reason);
    let after = alerts(&world).await;
    assert!(after.iter().all(|alert| alert.unanswered_measure == suspension.name), "{after:?}");
    assert!(after.iter().all(|alert| alert.state() == wire::alert::State::Open), "an answer is still due");

    let journal: Vec<(String, String, String, String)> = sqlx::query_as(
        "select type, actor, rule_set, reason from monitoring.journal_queue
         where type in ('measure.enforced', 'alert.unanswered')
         union all select type, actor, rule_set, reason from monitoring.journal
         where type in ('measure.enforced', 'alert.unanswered')",
    )
    .fetch_all(&mut world.suite.superuser().await)
    .await
    .expect("the journal");
    assert_eq!(journal.len(), open.len() + 1);
    for (kind, actor, rule_set, reason) in journal {
        assert_eq!(actor, "service:monitoring", "{kind}");
        assert_eq!(rule_set, format!("{DISTRICT}/ruleSets/national-2020"), "{kind}");
        assert!(reason.contains("自动暂停"), "{kind}: {reason}");
    }

    assert_eq!(gate(&world).await.verdict(), wire::supplement_check::Verdict::Blocked);
    let lift = wire::LiftMeasureRequest {
        name: suspension.name.clone(),
        reason: "单位已补充答复".to_owned(),
        ..Default::default()
    };
    world.monitoring(caller(Role::FinanceHead)).lift_measure(lift).await.expect("the head lifts it");
    assert_ne!(gate(&world).await.verdict(), wire::supplement_check::Verdict::Blocked);
    hands.set(10, 30);
    assert_eq!(look(&world).await, 0, "what a person has lifted does not come back by itself");
}

#[tokio::test]
async fn an_answer_in_time_prevents_it_and_to_have_seen_it_does_not() {
    let hands = Hands::at(9, 1);
    let world = warned(&hands, UnansweredAlert::Suspend).await;
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    for alert in alerts(&world).await {
        let request = wire::AcknowledgeAlertRequest { name: alert.name.clone(), ..Default::default() };
        filer.acknowledge_alert(request).await.expect("seen");
        if alert.kind() != wire::alert::Kind::IndicatorBehind {
            let request = wire::AnswerAlertRequest {
                name: alert.name,
                choice: wire::alert::Choice::Continue.into(),
                answer: "下半年加快实施".to_owned(),
                ..Default::default()
            };
            filer.answer_alert(request).await.expect("answered");
        }
    }
    hands.set(9, 16);
    assert_eq!(look(&world).await, 1, "only the one that was not answered");
    let after = alerts(&world).await;
    let followed: Vec<_> = after.iter().filter(|alert| !alert.unanswered_measure.is_empty()).collect();
    assert!(matches!(followed.as_slice(), [one] if one.kind() == wire::alert::Kind::IndicatorBehind));
}

#[tokio::test]
async fn the_days_that_a_district_has_replaced_count_here_too() {
    let hands = Hands::at(9, 1);
    let world =
        World::start_with(hands.clock(), |rules| rules.unanswered_alert = UnansweredAlert::Suspend.into())
            .await;
    let calendar = WorkCalendar {
        name: format!("{DISTRICT}/workCalendars/2020"),
        holidays: vec![date(2020, 9, 2), date(2020, 9, 3)],
        make_up_days: vec![date(2020, 9, 12)],
        source: "区政府通知".to_owned(),
        ..Default::default()
    };
    world.tell_disclosure(&calendar).await;
    world.pay(vec![payment("a", "p1", 7, 400_000)]).await;
    world.open_round().await;
    world.submit("p1", "602002", "30").await;
    world.accept("p1").await;
    // 4, 7–11, 12 (made up), 14, 15, 16 September.
    assert!(alerts(&world).await.iter().all(|alert| alert.deadline_date == Some(date(2020, 9, 16))));
}

#[tokio::test]
async fn a_rule_may_only_propose_and_many_at_once_do_it_once() {
    let hands = Hands::at(9, 1);
    let world = warned(&hands, UnansweredAlert::ProposeSuspension).await;
    hands.set(9, 16);
    let runs = (0..4).map(|_| look(&world));
    let followed: usize = futures::future::join_all(runs).await.into_iter().sum();
    assert_eq!(followed, alerts(&world).await.len(), "each alert is taken by one of them");
    let found = measures(&world).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].state(), wire::measure::State::Proposed);
    let decide = wire::DecideMeasureRequest {
        name: found[0].name.clone(),
        decision: wire::decide_measure_request::Decision::Reject.into(),
        reason: "单位已口头说明".to_owned(),
        ..Default::default()
    };
    let decided =
        world.monitoring(caller(Role::FinanceHead)).decide_measure(decide).await.expect("a decision");
    assert_eq!(decided.into_inner().state(), wire::measure::State::Rejected);
}

#[tokio::test]
async fn a_suspension_that_a_person_proposes_at_the_same_moment_is_the_one_that_follows() {
    let hands = Hands::at(9, 1);
    let world = warned(&hands, UnansweredAlert::Suspend).await;
    hands.set(9, 16);
    let proposal = Box::pin(measure(&world, wire::measure::Kind::Suspend, "projects/p1"));
    let (proposed, followed) = before_it_commits(&world, proposal, Box::pin(look(&world))).await;
    assert_eq!(followed, alerts(&world).await.len());
    let found = measures(&world).await;
    assert_eq!(found.iter().map(|one| &one.name).collect::<Vec<_>>(), [&proposed.name]);
    assert_eq!(found[0].state(), wire::measure::State::InForce);
    assert!(alerts(&world).await.iter().all(|alert| alert.unanswered_measure == proposed.name));
}

#[tokio::test]
async fn nothing_follows_where_no_rule_says_so_and_not_everybody_may_look() {
    let hands = Hands::at(9, 1);
    let world = warned(&hands, UnansweredAlert::Unspecified).await;
    hands.set(12, 31);
    assert_eq!(look(&world).await, 0);
    let request = || wire::EnforceAlertDeadlinesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    assert!(
        officer.enforce_alert_deadlines(request()).await.expect("allowed").into_inner().alerts.is_empty()
    );
    for who in [caller(Role::FinanceHead), unit_caller(Role::UnitHead, "602002")] {
        let refused = world.monitoring(who).enforce_alert_deadlines(request()).await.expect_err("refused");
        assert_eq!(refused.code(), Code::PermissionDenied);
        let details = refused.get_error_details();
        assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("PERMISSION_DENIED"));
    }
}
