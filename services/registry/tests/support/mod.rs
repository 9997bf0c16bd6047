//! A registry on a fresh database with 海沧区 in it, and short ways to fill it.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod reform;
pub mod timeline;

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::StatusExt;
use wenxiao_contract::google::r#type::{Date, Decimal, Money};
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, IndicatorOperator};
use wenxiao_contract::wenxiao::registry::v1::library_service_client::LibraryServiceClient;
use wenxiao_contract::wenxiao::registry::v1::participant_service_client::ParticipantServiceClient;
use wenxiao_contract::wenxiao::registry::v1::plan_service_client::PlanServiceClient;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_kernel::Clock;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller};

pub const HAICANG: &str = "districts/350205000";

pub struct Registry {
    pub suite: TestSuite,
}

impl Registry {
    /// A registry with the district and nothing else.
    pub async fn start() -> Self {
        Self::start_at(Clock::system()).await
    }

    /// The same with a clock of the test's.
    pub async fn start_at(clock: Clock) -> Self {
        let suite = TestSuite::start_at(&[&wenxiao_registry::DEFINITION], clock).await;
        let registry = Self { suite };
        let district = District { name: HAICANG.into(), title: "海沧区".into(), ..District::default() };
        let ask = CreateDistrictRequest { district: Some(district), ..Default::default() };
        registry.units(Role::FinanceHead).create_district(ask).await.expect("a district");
        registry
    }

    pub fn units(&self, role: Role) -> UnitServiceClient<Link> {
        self.units_as(caller(role))
    }

    pub fn units_as(&self, principal: Principal) -> UnitServiceClient<Link> {
        UnitServiceClient::new(self.suite.as_caller(principal))
    }

    pub fn projects(&self, role: Role) -> ProjectServiceClient<Link> {
        self.projects_as(caller(role))
    }

    pub fn projects_as(&self, principal: Principal) -> ProjectServiceClient<Link> {
        ProjectServiceClient::new(self.suite.as_caller(principal))
    }

    pub fn library(&self, role: Role) -> LibraryServiceClient<Link> {
        self.library_as(caller(role))
    }

    pub fn library_as(&self, principal: Principal) -> LibraryServiceClient<Link> {
        LibraryServiceClient::new(self.suite.as_caller(principal))
    }

    pub fn participants(&self, role: Role) -> ParticipantServiceClient<Link> {
        self.participants_as(caller(role))
    }

    pub fn participants_as(&self, principal: Principal) -> ParticipantServiceClient<Link> {
        ParticipantServiceClient::new(self.suite.as_caller(principal))
    }

    pub fn plans(&self, role: Role) -> PlanServiceClient<Link> {
        PlanServiceClient::new(self.suite.as_caller(caller(role)))
    }

    /// Enters a unit.
    pub async fn unit(&self, code: &str, kind: unit::Kind) -> Unit {
        let unit = Unit {
            agency_code: code.into(),
            title: format!("单位{code}"),
            kind: kind.into(),
            ..Unit::default()
        };
        let ask = CreateUnitRequest { parent: HAICANG.into(), unit: Some(unit), ..Default::default() };
        self.units(Role::FinanceBusinessOfficer).create_unit(ask).await.expect("a unit").into_inner()
    }

    /// A department with its own unit and one below it: 602, 602001, 602002.
    pub async fn department(&self) {
        self.unit("602", unit::Kind::Department).await;
        self.unit("602001", unit::Kind::OwnUnit).await;
        self.unit("602002", unit::Kind::Unit).await;
    }

    /// Takes an indicator into the library.
    pub async fn indicator(&self, indicator: Indicator) -> Indicator {
        let mut officer = self.library(Role::FinancePerformanceOfficer);
        let ask = CreateIndicatorRequest {
            parent: HAICANG.into(),
            indicator: Some(indicator),
            ..Default::default()
        };
        let made = officer.create_indicator(ask).await.expect("an indicator").into_inner();
        let ask = ConfirmIndicatorRequest { name: made.name, ..Default::default() };
        officer.confirm_indicator(ask).await.expect("a confirmed indicator").into_inner()
    }

    /// Enters a project of a unit.
    pub async fn project(&self, id: &str, unit: &str) -> Project {
        let ask = CreateProjectRequest {
            parent: HAICANG.into(),
            project: Some(a_project(unit)),
            project_id: id.into(),
            ..Default::default()
        };
        self.projects(Role::FinanceBusinessOfficer).create_project(ask).await.expect("a project").into_inner()
    }
}

/// A project as one enters it.
pub fn a_project(unit: &str) -> Project {
    Project {
        title: "农村污水管网溯源排查".into(),
        category: ProjectCategory::SpecificPurpose.into(),
        local_project_type: format!("{HAICANG}/localProjectTypes/development"),
        budget_account: BudgetAccount::GeneralPublic.into(),
        competent_department: format!("{HAICANG}/units/{}", &unit[..3]),
        implementing_unit: format!("{HAICANG}/units/{unit}"),
        setup_year: 2020,
        ..Project::default()
    }
}

/// An indicator of the classic frame as one enters it.
pub fn an_indicator(code: &str, title: &str) -> Indicator {
    Indicator {
        code: code.into(),
        title: title.into(),
        indicator_frame: format!("{HAICANG}/indicatorFrames/classic"),
        node_code: "11".into(),
        common: true,
        operator: IndicatorOperator::AtLeast.into(),
        measure_unit: "个".into(),
        scoring_standard: "按完成比例计分".into(),
        ..Indicator::default()
    }
}

/// A budget entry as one enters it.
pub fn an_entry(project: &str, kind: BudgetEntryKind, units: i64) -> BudgetEntry {
    BudgetEntry {
        project: format!("{HAICANG}/projects/{project}"),
        fiscal_year: 2020,
        funding_source: FundingSource::DistrictFiscal.into(),
        kind: kind.into(),
        amount: Some(yuan(units)),
        document_number: "厦海财〔2020〕1号".into(),
        ..BudgetEntry::default()
    }
}

pub fn yuan(units: i64) -> Money {
    Money { currency_code: "CNY".into(), units, nanos: 0 }
}

pub fn date(year: i32, month: i32, day: i32) -> Date {
    Date { year, month, day }
}

pub fn decimal(text: &str) -> Decimal {
    Decimal { value: text.into() }
}

/// Code and published reason of a refusal.
pub fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.expect_err("a refusal");
    let (reason, _) = said(&status);
    (status.code(), reason)
}

/// Published reason of a refusal, and what it says in metadata under a key.
pub fn refused_with<T: std::fmt::Debug>(answer: Result<T, Status>, key: &str) -> (String, String) {
    let (reason, metadata) = said(&answer.expect_err("a refusal"));
    (reason, metadata.get(key).cloned().unwrap_or_default())
}

fn said(status: &Status) -> (String, HashMap<String, String>) {
    let info = status.get_error_details().error_info().cloned();
    info.map(|info| (info.reason, info.metadata)).unwrap_or_default()
}
