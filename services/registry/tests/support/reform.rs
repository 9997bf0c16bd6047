//! What tests of units that change have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_kernel::Clock;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;

use super::{HAICANG, Registry, date};

pub fn unit_name(code: &str) -> String {
    format!("{HAICANG}/units/{code}")
}

pub fn project_name(id: &str) -> String {
    format!("{HAICANG}/projects/{id}")
}

pub async fn unit_on(finance: &mut UnitServiceClient<Link>, code: &str, day: Option<Date>) -> Unit {
    let ask = GetUnitRequest { name: unit_name(code), effective_date: day };
    finance.get_unit(ask).await.expect("a unit").into_inner()
}

pub async fn owner_on(registry: &Registry, id: &str, day: Option<Date>) -> (String, String) {
    let ask = GetProjectRequest { name: project_name(id), effective_date: day };
    let project =
        registry.projects(Role::FinanceHead).get_project(ask).await.expect("a project").into_inner();
    let code = |name: String| name.rsplit('/').next().unwrap_or_default().to_owned();
    (code(project.implementing_unit), code(project.competent_department))
}

pub fn pair(unit: &str, department: &str) -> (String, String) {
    (unit.to_owned(), department.to_owned())
}

pub fn rename(code: &str, title: &str, day: Date) -> RenameUnitRequest {
    RenameUnitRequest {
        name: unit_name(code),
        title: title.into(),
        effective_date: Some(day),
        reason: "机构改革".into(),
        document_number: "厦海委编〔2020〕3号".into(),
        ..Default::default()
    }
}

/// A clock that a test sets.
pub fn clock(start: DateTime<Utc>) -> (Clock, Arc<AtomicI64>) {
    let seconds = Arc::new(AtomicI64::new(start.timestamp()));
    let source = seconds.clone();
    let clock = Clock::from_source(move || {
        DateTime::from_timestamp(source.load(Ordering::SeqCst), 0).unwrap_or_default()
    });
    (clock, seconds)
}

pub async fn changes(finance: &mut UnitServiceClient<Link>, code: &str, follow: bool) -> Vec<UnitChange> {
    let ask = ListUnitChangesRequest {
        parent: HAICANG.into(),
        unit: unit_name(code),
        follow,
        ..Default::default()
    };
    finance.list_unit_changes(ask).await.expect("a history").into_inner().unit_changes
}

pub fn part(code: &str, projects: &[&str]) -> SplitPart {
    let unit = Unit {
        agency_code: code.into(),
        title: format!("分设{code}"),
        kind: unit::Kind::Unit.into(),
        ..Unit::default()
    };
    let projects = projects.iter().map(|id| project_name(id)).collect();
    SplitPart { unit: Some(unit), projects, ..Default::default() }
}

/// Lets what is due take effect.
pub async fn apply(finance: &mut UnitServiceClient<Link>) -> ApplyUnitChangesResponse {
    let ask = ApplyUnitChangesRequest { parent: HAICANG.into(), ..Default::default() };
    finance.apply_unit_changes(ask).await.expect("changes that take effect").into_inner()
}

/// Enters a policy that a unit carries out from 2020 on.
pub async fn policy(
    registry: &Registry,
    id: &str,
    unit: &str,
    expiry: Option<Date>,
) -> Result<Policy, tonic::Status> {
    let policy = Policy {
        title: "社会组织扶持办法".into(),
        start_date: Some(date(2020, 1, 1)),
        expiry_date: expiry,
        executing_unit: unit_name(unit),
        ..Policy::default()
    };
    let parent = HAICANG.into();
    let ask =
        CreatePolicyRequest { parent, policy: Some(policy), policy_id: id.into(), ..Default::default() };
    registry.projects(Role::FinanceHead).create_policy(ask).await.map(tonic::Response::into_inner)
}
