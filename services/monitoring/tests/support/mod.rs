//! A district in the year 2020 as the other services tell of it: two departments, three projects, budgets, the rules
//! of the national default, ratified objectives.

#![expect(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test may fail loudly"
)]

pub mod offices;
pub mod rules;

use sqlx::Connection as _;
use wenxiao_contract::google::r#type as wire;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_contract::wenxiao::monitoring::v1::execution_service_client::ExecutionServiceClient;
use wenxiao_contract::wenxiao::monitoring::v1::funding_gate_service_client::FundingGateServiceClient;
use wenxiao_contract::wenxiao::monitoring::v1::monitoring_service_client::MonitoringServiceClient;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_kernel::Clock;
use wenxiao_monitoring::projections::{Disclosure, Registry, Targets};
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::{TestSuite, caller, haicang, unit_caller};

/// The district's name.
pub const DISTRICT: &str = "districts/350205000";

/// The service with what it has been told.
pub struct World {
    /// The service.
    pub suite: TestSuite,
}

/// A third-party institution's caller.
pub fn institution(id: &str) -> Principal {
    Principal {
        participant: Some(id.to_owned()),
        subject: format!("test:{id}"),
        ..caller(Role::ThirdPartyReviewer)
    }
}

impl World {
    /// A world with the year's budgets and objectives.
    pub async fn start() -> Self {
        Self::start_with(Clock::system(), |_| ()).await
    }

    /// The same at a time of the test's, with something changed in the rules of monitoring.
    pub async fn start_with(clock: Clock, change: impl FnOnce(&mut registry::MonitoringRules)) -> Self {
        let suite = TestSuite::start_at(&[&wenxiao_monitoring::DEFINITION], clock).await;
        let world = Self { suite };
        let mut rules = rules::rule_set();
        if let Some(monitoring) = rules.content.as_mut().and_then(|content| content.monitoring.as_mut()) {
            change(monitoring);
        }
        for (unit, title, kind, department) in [
            ("602", "城市管理局", registry::unit::Kind::Department, "602"),
            ("602001", "城市管理局本级", registry::unit::Kind::OwnUnit, "602"),
            ("602002", "环卫中心", registry::unit::Kind::Unit, "602"),
            ("603", "农业农村局", registry::unit::Kind::Department, "603"),
        ] {
            world.tell_registry(&self::unit(unit, title, kind, department)).await;
        }
        world.tell_registry(&rules).await;
        let general = common::BudgetAccount::GeneralPublic;
        for (id, unit, account, works, yuan) in [
            ("p1", "602002", general, false, 1_200_000),
            ("p2", "602001", general, false, 600_000),
            ("p3", "603", common::BudgetAccount::GovernmentFund, true, 900_000),
        ] {
            let department = &unit[..3];
            world.tell_registry(&project(id, unit, department, account, works)).await;
            world.tell_registry(&budget(id, account, registry::BudgetEntryKind::Initial, yuan, 1)).await;
            world.tell_targets(&objective(id, unit, department)).await;
        }
        world
    }

    /// Tells of something in the registry.
    pub async fn tell_registry<R: prost::Message + prost::Name>(&self, resource: &R) {
        self.tell(&Registry, resource).await;
    }

    /// Tells of something in targets.
    pub async fn tell_targets<R: prost::Message + prost::Name>(&self, resource: &R) {
        self.tell(&Targets, resource).await;
    }

    /// Tells of something in disclosure.
    pub async fn tell_disclosure<R: prost::Message + prost::Name>(&self, resource: &R) {
        self.tell(&Disclosure, resource).await;
    }

    /// In a transaction of its own, as the runner of projections does.
    async fn tell<R: prost::Message + prost::Name>(&self, projection: &dyn Projection, resource: &R) {
        let mut connection = self.suite.superuser().await;
        let mut transaction = connection.begin().await.unwrap();
        projection.apply(&mut transaction, haicang(), &event(resource)).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// How many totals of departments are not what a recount of their projects' totals gives, either way.
    pub async fn wrong_department_totals(&self) -> i64 {
        let mut connection = self.suite.superuser().await;
        sqlx::query_scalar(
            "with counted as (
               select t.district, fiscal_year, department_id, t.account, funding_source, month,
                 sum(initial), sum(increase), sum(reduction), sum(executed)
               from monitoring.execution_totals t join monitoring.projects using (district, project_id)
               group by 1, 2, 3, 4, 5, 6)
             select count(*) from ((table counted except table monitoring.department_totals)
               union all (table monitoring.department_totals except table counted)) wrong",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap()
    }

    /// ExecutionService for a caller.
    pub fn execution(&self, principal: Principal) -> ExecutionServiceClient<Link> {
        ExecutionServiceClient::new(self.suite.as_caller(principal))
    }

    /// MonitoringService for a caller.
    pub fn monitoring(&self, principal: Principal) -> MonitoringServiceClient<Link> {
        MonitoringServiceClient::new(self.suite.as_caller(principal))
    }

    /// FundingGateService for a caller.
    pub fn gate(&self, principal: Principal) -> FundingGateServiceClient<Link> {
        FundingGateServiceClient::new(self.suite.as_caller(principal))
    }

    /// Pays and expects every row to be accepted.
    pub async fn pay(&self, payments: Vec<monitoring::Payment>) {
        let count = payments.len() as i64;
        let answer = self.ingest(payments).await.unwrap();
        assert_eq!(answer.accepted_count, count, "{answer:?}");
    }

    /// Streams payments in as the treasury system.
    pub async fn ingest(
        &self,
        payments: Vec<monitoring::Payment>,
    ) -> Result<monitoring::IngestPaymentsResponse, tonic::Status> {
        let message = monitoring::IngestPaymentsRequest { parent: DISTRICT.to_owned(), payments };
        let stream = futures::stream::iter([message]);
        Ok(self.execution(caller(Role::BudgetingSystem)).ingest_payments(stream).await?.into_inner())
    }

    /// An opened round for January to July.
    pub async fn open_round(&self) -> monitoring::MonitoringRound {
        self.plan_round(None).await;
        self.open_planned_round().await
    }

    /// Plans the round for January to July.
    pub async fn plan_round(&self, scope: Option<monitoring::RoundScope>) {
        let round = monitoring::MonitoringRound {
            title: "2020年1-7月绩效运行监控".to_owned(),
            fiscal_year: 2020,
            end_month: 7,
            kind: monitoring::monitoring_round::Kind::Regular.into(),
            deadline_date: Some(date(2020, 8, 31)),
            scope,
            ..Default::default()
        };
        let request = monitoring::CreateMonitoringRoundRequest {
            parent: DISTRICT.to_owned(),
            monitoring_round: Some(round),
            monitoring_round_id: "2020-07".to_owned(),
            ..Default::default()
        };
        let mut officer = self.monitoring(caller(Role::FinancePerformanceOfficer));
        officer.create_monitoring_round(request).await.unwrap();
    }

    /// Opens the round that is planned.
    pub async fn open_planned_round(&self) -> monitoring::MonitoringRound {
        let name = format!("{DISTRICT}/monitoringRounds/2020-07");
        let request = monitoring::OpenMonitoringRoundRequest { name, ..Default::default() };
        let mut officer = self.monitoring(caller(Role::FinancePerformanceOfficer));
        officer.open_monitoring_round(request).await.unwrap().into_inner()
    }

    /// Fills and submits the report of a project as its unit.
    pub async fn submit(&self, project: &str, unit: &str, achieved: &str) -> monitoring::MonitoringReport {
        let mut filer = self.monitoring(unit_caller(Role::UnitFiler, unit));
        let name = format!("{DISTRICT}/monitoringRounds/2020-07/reports/{project}");
        let request = monitoring::UpdateMonitoringReportRequest {
            report: Some(filled(&name, achieved)),
            ..Default::default()
        };
        filer.update_monitoring_report(request).await.unwrap();
        let request = monitoring::SubmitMonitoringReportRequest { name, ..Default::default() };
        filer.submit_monitoring_report(request).await.unwrap().into_inner()
    }

    /// Accepts the report of a project as the finance bureau.
    pub async fn accept(&self, project: &str) -> monitoring::MonitoringReport {
        let request = monitoring::AcceptMonitoringReportRequest {
            name: format!("{DISTRICT}/monitoringRounds/2020-07/reports/{project}"),
            conclusion: monitoring::ReportConclusion::Normal.into(),
            ..Default::default()
        };
        let mut officer = self.monitoring(caller(Role::FinancePerformanceOfficer));
        officer.accept_monitoring_report(request).await.unwrap().into_inner()
    }
}

/// A report with everything that the form asks for.
pub fn filled(name: &str, achieved: &str) -> monitoring::MonitoringReport {
    monitoring::MonitoringReport {
        name: name.to_owned(),
        indicators: vec![monitoring::ReportIndicator {
            indicator: "q1".to_owned(),
            achieved_text: format!("已完成{achieved}个"),
            achieved_value: Some(decimal(achieved)),
            expected_text: "全年完成100个".to_owned(),
            expected_value: Some(decimal("100")),
            deviation_text: "受疫情影响，开工推迟两个月".to_owned(),
            deviation_reasons: vec![monitoring::DeviationReason::Emergency.into()],
            likelihood: monitoring::Likelihood::Possible.into(),
            ..Default::default()
        }],
        fundings: vec![monitoring::ReportFunding {
            funding_source: registry::FundingSource::DistrictFiscal.into(),
            expected_amount: Some(yuan(500_000)),
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn event<R: prost::Message + prost::Name>(resource: &R) -> Event {
    let value = resource.encode_to_vec();
    let any = prost_types::Any { type_url: format!("type.googleapis.com/{}", R::full_name()), value };
    Event { resource: Some(any), ..Default::default() }
}

/// Yuan as the contract has them.
pub fn yuan(units: i64) -> wire::Money {
    wire::Money { currency_code: "CNY".to_owned(), units, nanos: 0 }
}

/// A decimal as the contract has it.
pub fn decimal(text: &str) -> wire::Decimal {
    wire::Decimal { value: text.to_owned() }
}

/// A day as the contract has it.
pub fn date(year: i32, month: i32, day: i32) -> wire::Date {
    wire::Date { year, month, day }
}

/// A payment of a project in 2020.
pub fn payment(id: &str, project: &str, month: i32, units: i64) -> monitoring::Payment {
    let account = if project == "p3" {
        common::BudgetAccount::GovernmentFund
    } else {
        common::BudgetAccount::GeneralPublic
    };
    monitoring::Payment {
        name: format!("{DISTRICT}/payments/{id}"),
        project: format!("{DISTRICT}/projects/{project}"),
        fiscal_year: 2020,
        budget_account: account.into(),
        funding_source: registry::FundingSource::DistrictFiscal.into(),
        amount: Some(yuan(units)),
        pay_date: Some(date(2020, month, 15)),
        ..Default::default()
    }
}

/// A unit as the registry tells of it.
pub fn unit(id: &str, title: &str, kind: registry::unit::Kind, department: &str) -> registry::Unit {
    registry::Unit {
        name: format!("{DISTRICT}/units/{id}"),
        agency_code: id.to_owned(),
        title: title.to_owned(),
        kind: kind.into(),
        department: format!("{DISTRICT}/units/{department}"),
        ..Default::default()
    }
}

/// A project as the registry tells of it.
pub fn project(
    id: &str,
    unit: &str,
    department: &str,
    account: common::BudgetAccount,
    capital_works: bool,
) -> registry::Project {
    registry::Project {
        name: format!("{DISTRICT}/projects/{id}"),
        title: format!("项目{id}"),
        budget_account: account.into(),
        implementing_unit: format!("{DISTRICT}/units/{unit}"),
        competent_department: format!("{DISTRICT}/units/{department}"),
        department: format!("{DISTRICT}/units/{department}"),
        capital_works,
        ..Default::default()
    }
}

/// A budget entry of a project in 2020.
pub fn budget(
    project: &str,
    account: common::BudgetAccount,
    kind: registry::BudgetEntryKind,
    units: i64,
    month: i32,
) -> registry::BudgetEntry {
    registry::BudgetEntry {
        name: format!("{DISTRICT}/budgetEntries/{project}-{month}"),
        project: format!("{DISTRICT}/projects/{project}"),
        fiscal_year: 2020,
        budget_account: account.into(),
        funding_source: registry::FundingSource::DistrictFiscal.into(),
        kind: kind.into(),
        amount: Some(yuan(units)),
        entry_date: Some(date(2020, month, 20)),
        ..Default::default()
    }
}

/// A ratified objective of a project.
pub fn objective(project: &str, unit: &str, department: &str) -> targets::Objective {
    let indicator = targets::Indicator {
        indicator_id: "q1".to_owned(),
        level1: targets::IndicatorLevel1::Output.into(),
        level2_name: "数量指标".to_owned(),
        title: "分类小区数量".to_owned(),
        operator: common::IndicatorOperator::AtLeast.into(),
        target_value: Some(targets::TargetValue {
            value: Some(targets::target_value::Value::Number(decimal("100"))),
            ..Default::default()
        }),
        measure_unit: "个".to_owned(),
        ..Default::default()
    };
    let content = targets::ObjectiveContent {
        annual_goal: "完成全年任务".to_owned(),
        indicators: vec![indicator],
        ..Default::default()
    };
    targets::Objective {
        name: format!("{DISTRICT}/objectives/{project}-2020"),
        subject: Some(targets::objective::Subject::Project(format!("{DISTRICT}/projects/{project}"))),
        fiscal_year: 2020,
        display_name: format!("项目{project}"),
        unit: format!("{DISTRICT}/units/{unit}"),
        department: format!("{DISTRICT}/units/{department}"),
        content: Some(content),
        state: targets::objective::State::Ratified.into(),
        ratified_version: 1,
        ..Default::default()
    }
}
