//! The list of what can be done says what the calls themselves say: for every office and every state of a report.

mod support;

use std::collections::BTreeMap;

use support::{DISTRICT, World, institution, payment};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

fn report() -> String {
    format!("{DISTRICT}/monitoringRounds/2020-07/reports/p1")
}

async fn actions(world: &World, who: &Principal, name: &str) -> Result<Vec<wire::AvailableAction>, Status> {
    let request = wire::ListAvailableActionsRequest { name: name.to_owned() };
    Ok(world.monitoring(who.clone()).list_available_actions(request).await?.into_inner().actions)
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// What the call itself answers when the caller has seen another version: the office is asked before the version, so
/// that nothing happens.
async fn call_unseen(world: &World, who: &Principal, action: &str) -> Option<Status> {
    let mut client = world.monitoring(who.clone());
    let (name, etag) = (report(), "unseen".to_owned());
    let answer = match action {
        "update" => {
            let report = Some(wire::MonitoringReport { name, ..Default::default() });
            let request = wire::UpdateMonitoringReportRequest { report, etag, ..Default::default() };
            client.update_monitoring_report(request).await.map(drop)
        }
        "submit" => {
            let request = wire::SubmitMonitoringReportRequest { name, etag, ..Default::default() };
            client.submit_monitoring_report(request).await.map(drop)
        }
        "endorse" => {
            let request = wire::EndorseMonitoringReportRequest { name, etag, ..Default::default() };
            client.endorse_monitoring_report(request).await.map(drop)
        }
        "return" => {
            let reason = "请补充".to_owned();
            let request = wire::ReturnMonitoringReportRequest { name, etag, reason, ..Default::default() };
            client.return_monitoring_report(request).await.map(drop)
        }
        "accept" => {
            let conclusion = wire::ReportConclusion::Normal.into();
            let request =
                wire::AcceptMonitoringReportRequest { name, etag, conclusion, ..Default::default() };
            client.accept_monitoring_report(request).await.map(drop)
        }
        "concludeRectification" => {
            let conclusion = "已整改".to_owned();
            let request = wire::ConcludeRectificationRequest { name, etag, conclusion, ..Default::default() };
            client.conclude_rectification(request).await.map(drop)
        }
        _ => return None, // an opinion has no version to have seen
    };
    Some(answer.expect_err("an unseen version or a refusal"))
}

async fn compare(world: &World, state: &str, who: &Principal) -> BTreeMap<String, bool> {
    let listed = match actions(world, who, &report()).await {
        Ok(listed) => listed,
        Err(refusal) => {
            // What one may not see has no actions, and no call of it succeeds.
            assert!(matches!(refusal.code(), Code::NotFound | Code::PermissionDenied), "{refusal:?}");
            return BTreeMap::new();
        }
    };
    for action in &listed {
        assert_eq!(action.allowed, action.refusal_reason.is_empty());
        assert_eq!(action.allowed, action.refusal_text.is_empty());
        if let Some(answer) = call_unseen(world, who, &action.action).await {
            let denied = action.refusal_reason == "PERMISSION_DENIED";
            let expected = if denied { Code::PermissionDenied } else { Code::Aborted };
            assert_eq!(answer.code(), expected, "{state}: {} by {:?}: {answer:?}", action.action, who.roles);
        }
    }
    listed.into_iter().map(|action| (action.action, action.allowed)).collect()
}

#[tokio::test]
async fn what_is_listed_as_allowed_is_what_the_calls_allow() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 700_000)]).await;
    let round = world.open_round().await;
    let share =
        wire::ReviewAssignment { institution: format!("{DISTRICT}/institutions/i1"), ..Default::default() };
    let request = wire::AssignReviewersRequest {
        name: round.name.clone(),
        assignments: vec![share],
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    officer.assign_reviewers(request).await.unwrap();
    let callers = [
        unit_caller(Role::UnitFiler, "602002"),
        unit_caller(Role::UnitHead, "602002"),
        unit_caller(Role::UnitFiler, "603"),
        unit_caller(Role::DepartmentReviewer, "602"),
        caller(Role::FinancePerformanceOfficer),
        caller(Role::FinanceBusinessOfficer),
        caller(Role::FinanceHead),
        institution("i1"),
        institution("i2"),
    ];
    let mut seen = Vec::new();
    for state in ["draft", "submitted", "returned", "accepted", "closed"] {
        match state {
            "submitted" => drop(world.submit("p1", "602002", "60").await),
            "returned" => {
                let request = wire::ReturnMonitoringReportRequest {
                    name: report(),
                    reason: "偏差原因过于笼统".to_owned(),
                    ..Default::default()
                };
                officer.return_monitoring_report(request).await.unwrap();
            }
            "accepted" => {
                world.submit("p1", "602002", "60").await;
                world.accept("p1").await;
            }
            "closed" => {
                let request =
                    wire::CloseMonitoringRoundRequest { name: round.name.clone(), ..Default::default() };
                officer.close_monitoring_round(request).await.unwrap();
            }
            _ => {}
        }
        for who in &callers {
            let allowed = compare(&world, state, who).await;
            let allowed: Vec<String> =
                allowed.into_iter().filter_map(|(action, may)| may.then_some(action)).collect();
            if !allowed.is_empty() {
                let role = who.roles.first().map(|role| role.as_str()).unwrap_or_default();
                seen.push(format!("{state} {role}: {}", allowed.join(" ")));
            }
        }
    }
    assert_eq!(
        seen,
        [
            "draft unit_filer: submit update",
            "draft unit_head: submit update",
            "submitted department_reviewer: endorse return",
            "submitted finance_performance_officer: accept return",
            "submitted finance_business_officer: return",
            "submitted finance_head: accept return",
            "submitted third_party_reviewer: createOpinion",
            "returned unit_filer: submit update",
            "returned unit_head: submit update",
        ],
        "an accepted report, and any report of a closed round, is nobody's any more"
    );
    let by_state = actions(&world, &caller(Role::FinanceHead), &report()).await.unwrap();
    let accept = by_state.iter().find(|one| one.action == "accept").unwrap();
    assert_eq!((accept.allowed, accept.refusal_reason.as_str()), (false, "ROUND_NOT_OPEN"));
    assert_eq!(accept.refusal_text, "监控任务未下达或已结束");
}

#[tokio::test]
async fn rounds_alerts_and_measures_have_their_actions_too() {
    let world = World::start().await;
    let round = world.open_round().await;
    world.submit("p1", "602002", "30").await;
    world.accept("p1").await;
    let allowed = |all: Vec<wire::AvailableAction>| {
        all.into_iter().filter(|one| one.allowed).map(|one| one.action).collect::<Vec<_>>().join(" ")
    };
    let officer = caller(Role::FinancePerformanceOfficer);
    assert_eq!(
        allowed(actions(&world, &officer, &round.name).await.unwrap()),
        "update close assignReviewers proposeMeasures"
    );
    let filer = unit_caller(Role::UnitFiler, "602002");
    let mut client = world.monitoring(officer.clone());
    let request = wire::ListAlertsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let alert = client.list_alerts(request).await.unwrap().into_inner().alerts.remove(0);
    assert_eq!(allowed(actions(&world, &filer, &alert.name).await.unwrap()), "acknowledge answer");
    assert_eq!(allowed(actions(&world, &officer, &alert.name).await.unwrap()), "close");
    let foreign = unit_caller(Role::UnitFiler, "603");
    assert_eq!(actions(&world, &foreign, &alert.name).await.unwrap_err().code(), Code::NotFound);

    let request = wire::ProposeMeasuresRequest { name: round.name, ..Default::default() };
    let measure = client.propose_measures(request).await.unwrap().into_inner().measures.remove(0);
    let head = caller(Role::FinanceHead);
    assert_eq!(allowed(actions(&world, &head, &measure.name).await.unwrap()), "decide");
    let by_officer = actions(&world, &officer, &measure.name).await.unwrap();
    assert!(by_officer.iter().all(|one| !one.allowed));
    assert_eq!(by_officer[0].refusal_reason, "PERMISSION_DENIED");
    let lift = actions(&world, &head, &measure.name).await.unwrap();
    assert_eq!(lift[1].refusal_reason, "STATE_NOT_ALLOWED", "what is only proposed cannot be lifted");

    for (name, code) in [
        (format!("{DISTRICT}/measures/none"), Code::NotFound),
        (format!("{DISTRICT}/alerts/none"), Code::NotFound),
        (format!("{DISTRICT}/units/602"), Code::InvalidArgument),
    ] {
        let refused = actions(&world, &officer, &name).await.unwrap_err();
        assert_eq!(refused.code(), code, "{name}: {}", reason(&refused));
    }
}
