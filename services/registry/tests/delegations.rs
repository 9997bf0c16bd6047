//! Roles that colleagues act in for a while: given, used, taken back.

mod support;

use sqlx::Row;
use support::{HAICANG, Registry, date, refusal};
use tonic::{Code, Request};
use wenxiao_contract::wenxiao::registry::v1::delegation::State;
use wenxiao_contract::wenxiao::registry::v1::delegation_service_client::DelegationServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_kernel::Clock;
use wenxiao_platform::clients::Link;
use wenxiao_platform::delegation::DELEGATION;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

fn head() -> Principal {
    caller(Role::FinanceHead)
}

/// Somebody who may do nothing of what is delegated to them.
fn li() -> Principal {
    Principal { subject: "li".into(), ..unit_caller(Role::UnitFiler, "602") }
}

async fn start() -> Registry {
    let noon = "2020-10-10T04:00:00Z".parse().expect("a time");
    Registry::start_at(Clock::from_source(move || noon)).await
}

fn delegations(registry: &Registry, who: Principal) -> DelegationServiceClient<Link> {
    DelegationServiceClient::new(registry.suite.as_caller(who))
}

fn giving(id: &str, roles: &[&str]) -> CreateDelegationRequest {
    CreateDelegationRequest {
        parent: HAICANG.into(),
        delegation: Some(Delegation {
            deputy: "li".into(),
            deputy_name: "李".into(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            start_date: Some(date(2020, 10, 10)),
            end_date: Some(date(2020, 10, 31)),
            reason: "出差".into(),
            ..Default::default()
        }),
        delegation_id: id.into(),
        ..Default::default()
    }
}

/// A call in somebody's place.
fn under<M>(delegation: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let named = format!("{HAICANG}/delegations/{delegation}").parse().expect("metadata");
    request.metadata_mut().insert(DELEGATION, named);
    request
}

fn unit(code: &str) -> CreateUnitRequest {
    let unit = Unit {
        agency_code: code.into(),
        title: format!("单位{code}"),
        kind: unit::Kind::Department.into(),
        ..Default::default()
    };
    CreateUnitRequest { parent: HAICANG.into(), unit: Some(unit), ..Default::default() }
}

#[tokio::test]
async fn a_deputy_acts_in_the_delegated_role_and_the_journal_notes_both() {
    let registry = start().await;
    let given = delegations(&registry, head()).create_delegation(giving("d1", &["finance_head"])).await;
    let given = given.expect("accepted").into_inner();
    assert_eq!((given.state(), given.delegator), (State::Active, head().subject));
    let mut deputy = registry.units_as(li());
    assert_eq!(refusal(deputy.create_unit(unit("701")).await).0, Code::PermissionDenied);
    deputy.create_unit(under("d1", unit("701"))).await.expect("in the head's place");
    let mut database = registry.suite.superuser().await;
    let noted = "select actor || ' for ' || on_behalf_of from
        (select * from registry.journal_queue where type = 'unit.created') as waiting(district, id, occur_time, type,
           subject, subject_version, actor, actor_roles, on_behalf_of)
        union all select actor || ' for ' || on_behalf_of from registry.journal where type = 'unit.created'";
    let noted = sqlx::query(noted).fetch_all(&mut database).await.expect("an answer");
    let noted: Vec<String> = noted.iter().map(|row| row.get(0)).collect();
    assert_eq!(noted, [format!("li for {}", head().subject)]);
    // Nobody else uses it, and it is not passed on.
    let stranger = Principal { subject: "zhao".into(), ..li() };
    let refused = registry.units_as(stranger).create_unit(under("d1", unit("702"))).await;
    assert_eq!(refusal(refused), (Code::PermissionDenied, "DELEGATION_NOT_ACTIVE".to_owned()));
    let on = under("d1", giving("d2", &["finance_head"]));
    let passed_on = delegations(&registry, li()).create_delegation(on).await;
    assert_eq!(refusal(passed_on), (Code::InvalidArgument, "INVALID_REQUEST".to_owned()));
    let nothing = deputy.create_unit(under("no-such", unit("702"))).await;
    assert_eq!(refusal(nothing).1, "DELEGATION_NOT_ACTIVE");
}

#[tokio::test]
async fn what_is_taken_back_is_worth_nothing() {
    let registry = start().await;
    let mut heads = delegations(&registry, head());
    heads.create_delegation(giving("d1", &["finance_head"])).await.expect("accepted");
    let end = EndDelegationRequest {
        name: format!("{HAICANG}/delegations/d1"),
        reason: "提前返回".into(),
        ..Default::default()
    };
    let by_deputy = delegations(&registry, li()).end_delegation(end.clone()).await;
    assert_eq!(refusal(by_deputy).0, Code::PermissionDenied, "the deputy does not end it for the delegator");
    let ended = heads.end_delegation(end.clone()).await.expect("accepted").into_inner();
    assert_eq!((ended.state(), ended.end_reason.as_str()), (State::Ended, "提前返回"));
    assert_eq!(refusal(heads.end_delegation(end).await).1, "STATE_NOT_ALLOWED");
    let refused = registry.units_as(li()).create_unit(under("d1", unit("701"))).await;
    assert_eq!(refusal(refused).1, "DELEGATION_NOT_ACTIVE");
}

#[tokio::test]
async fn a_deputy_takes_nothing_back_for_the_delegator() {
    let registry = start().await;
    let wang = Principal { subject: "wang".into(), ..unit_caller(Role::DepartmentReviewer, "602") };
    let mut wangs = delegations(&registry, wang);
    for id in ["d1", "d2"] {
        wangs.create_delegation(giving(id, &["department_reviewer"])).await.expect("accepted");
    }
    let end = EndDelegationRequest {
        name: format!("{HAICANG}/delegations/d2"),
        reason: "提前返回".into(),
        ..Default::default()
    };
    let by_deputy = delegations(&registry, li()).end_delegation(under("d1", end.clone())).await;
    assert_eq!(refusal(by_deputy).0, Code::PermissionDenied);
    wangs.end_delegation(end).await.expect("accepted");
}

#[tokio::test]
async fn people_see_what_they_gave_and_were_given() {
    let registry = start().await;
    let wang = Principal { subject: "wang".into(), ..unit_caller(Role::DepartmentReviewer, "602") };
    let mut wangs = delegations(&registry, wang.clone());
    let not_hers = wangs.create_delegation(giving("d0", &["finance_head"])).await;
    assert_eq!(refusal(not_hers).0, Code::InvalidArgument);
    let hers = wangs.create_delegation(giving("d1", &["department_reviewer"])).await.expect("accepted");
    assert_eq!(hers.into_inner().unit_code, "602");
    delegations(&registry, head())
        .create_delegation(giving("d2", &["finance_head"]))
        .await
        .expect("accepted");
    let zhao = Principal { subject: "zhao".into(), ..li() };
    for (who, seen) in
        [(wang, vec!["d1"]), (li(), vec!["d1", "d2"]), (zhao, vec![]), (head(), vec!["d1", "d2"])]
    {
        let ask = ListDelegationsRequest { parent: HAICANG.into(), active_only: true, ..Default::default() };
        let listed = delegations(&registry, who.clone()).list_delegations(ask).await.expect("a list");
        let listed = listed.into_inner().delegations;
        let ids: Vec<&str> = listed.iter().filter_map(|one| one.name.rsplit('/').next()).collect();
        assert_eq!(ids, seen, "{}", who.subject);
        let ask = GetDelegationRequest { name: format!("{HAICANG}/delegations/d1") };
        let found = delegations(&registry, who).get_delegation(ask).await;
        assert_eq!(found.is_ok(), seen.contains(&"d1"));
    }
}
