//! An objective is ratified, evaluated, and adjusted before the evaluation is handed in, while the whole suite runs: the
//! self-evaluation is that of the version in force.

use std::future::Future;
use std::time::Duration;

use chrono::Datelike;
use tonic::{Code, Response, Status};
use wenxiao_contract::google::r#type::{Decimal, Money};
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade, IndicatorOperator};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::evaluation::v1::self_evaluation_service_client::SelfEvaluationServiceClient;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_contract::wenxiao::targets::v1::objective_service_client::ObjectiveServiceClient;
use wenxiao_kernel::{Clock, day_in_china};
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};
use wenxiao_tests::services;

const HAICANG: &str = "districts/350205000";

fn named(rest: &str) -> String {
    format!("{HAICANG}/{rest}")
}

fn yuan(units: i64) -> Option<Money> {
    Some(Money { currency_code: "CNY".into(), units, nanos: 0 })
}

fn number(value: &str) -> Decimal {
    Decimal { value: value.into() }
}

/// Asks again until what was refused is granted: projections come a moment later.
async fn granted<T, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    for _ in 0..200 {
        match ask().await {
            Ok(answer) => return answer.into_inner(),
            Err(status) if status.code() == Code::FailedPrecondition => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(status) => panic!("{status}"),
        }
    }
    panic!("not granted");
}

struct Offices {
    suite: TestSuite,
    /// The year that is planned and evaluated: this one, so that what is ratified now is ratified in it.
    year: i32,
}

impl Offices {
    fn objectives(&self, role: Role, unit: &str) -> ObjectiveServiceClient<Link> {
        let who = if unit.is_empty() { caller(role) } else { unit_caller(role, unit) };
        ObjectiveServiceClient::new(self.suite.as_caller(who))
    }

    fn forms(&self, role: Role, unit: &str) -> SelfEvaluationServiceClient<Link> {
        let who = if unit.is_empty() { caller(role) } else { unit_caller(role, unit) };
        SelfEvaluationServiceClient::new(self.suite.as_caller(who))
    }

    async fn fill(&self) {
        let finance = || self.suite.as_caller(caller(Role::FinanceHead));
        let mut units = UnitServiceClient::new(finance());
        let district =
            registry::District { name: HAICANG.into(), title: "海沧区".into(), ..Default::default() };
        let ask = registry::CreateDistrictRequest { district: Some(district), ..Default::default() };
        units.create_district(ask).await.expect("a district");
        for (code, kind) in
            [("602", registry::unit::Kind::Department), ("602002", registry::unit::Kind::Unit)]
        {
            let unit = registry::Unit {
                agency_code: code.into(),
                title: format!("单位{code}"),
                kind: kind.into(),
                ..Default::default()
            };
            let ask = registry::CreateUnitRequest {
                parent: HAICANG.into(),
                unit: Some(unit),
                ..Default::default()
            };
            units.create_unit(ask).await.expect("a unit");
        }
        let project = registry::Project {
            title: "校舍修缮".into(),
            category: registry::ProjectCategory::SpecificPurpose.into(),
            budget_account: BudgetAccount::GeneralPublic.into(),
            competent_department: named("units/602"),
            implementing_unit: named("units/602002"),
            setup_year: self.year,
            ..Default::default()
        };
        let ask = registry::CreateProjectRequest {
            parent: HAICANG.into(),
            project: Some(project),
            project_id: "p1".into(),
            ..Default::default()
        };
        ProjectServiceClient::new(finance()).create_project(ask).await.expect("a project");
    }

    /// The objective on its whole way, to ratification.
    async fn ratify(&self) {
        let objective = targets::Objective {
            subject: Some(targets::objective::Subject::Project(named("projects/p1"))),
            fiscal_year: self.year,
            content: Some(content("1200")),
            ..Default::default()
        };
        let ask = targets::CreateObjectiveRequest {
            parent: HAICANG.into(),
            objective: Some(objective),
            objective_id: "o1".into(),
            ..Default::default()
        };
        let mut filer = self.objectives(Role::UnitFiler, "602002");
        filer.create_objective(ask).await.expect("a form");
        let name = named("objectives/o1");
        let ask = targets::SubmitObjectiveRequest { name: name.clone(), ..Default::default() };
        filer.submit_objective(ask).await.expect("submitted");
        let ask = targets::SignObjectiveRequest { name: name.clone(), ..Default::default() };
        self.objectives(Role::UnitHead, "602002").sign_objective(ask).await.expect("signed");
        let ask = targets::PassObjectiveRequest { name: name.clone(), ..Default::default() };
        self.objectives(Role::DepartmentReviewer, "602").pass_objective(ask).await.expect("passed");
        let ask = targets::GradeObjectiveRequest {
            name: name.clone(),
            grade: Grade::Excellent.into(),
            ..Default::default()
        };
        self.objectives(Role::FinancePerformanceOfficer, "").grade_objective(ask).await.expect("graded");
        let ask = targets::RatifyObjectiveRequest {
            name,
            ratified_amount: yuan(850_000),
            document: "示例文号".into(),
            ..Default::default()
        };
        self.objectives(Role::FinanceHead, "").ratify_objective(ask).await.expect("ratified");
    }

    async fn propose(&self) {
        let ask = targets::ProposeAdjustmentRequest {
            name: named("objectives/o1"),
            adjustment_reason: targets::AdjustmentReason::BudgetChanged.into(),
            reason: "预算追减".into(),
            content: Some(content("1000")),
            adjusted_amount: yuan(600_000),
            ..Default::default()
        };
        self.objectives(Role::UnitFiler, "602002").propose_adjustment(ask).await.expect("proposed");
    }

    async fn adjust(&self) {
        let ask = targets::ApproveAdjustmentRequest { name: named("objectives/o1"), ..Default::default() };
        self.objectives(Role::FinancePerformanceOfficer, "").approve_adjustment(ask).await.expect("adjusted");
    }

    /// A form without a word about its indicators.
    async fn start_form(&self) -> evaluation::SelfEvaluation {
        let task = evaluation::SelfEvaluationTask {
            title: "单位自评".into(),
            evaluated_year: self.year,
            work_year: self.year,
            ..Default::default()
        };
        let ask = evaluation::CreateSelfEvaluationTaskRequest {
            parent: HAICANG.into(),
            self_evaluation_task_id: "t".into(),
            self_evaluation_task: Some(task),
            ..Default::default()
        };
        let mut officer = self.forms(Role::FinancePerformanceOfficer, "");
        officer.create_self_evaluation_task(ask).await.expect("a task");
        let form = evaluation::SelfEvaluation {
            task: named("selfEvaluationTasks/t"),
            object: Some(evaluation::EvaluatedObject {
                kind: evaluation::evaluated_object::Kind::Project.into(),
                subject: named("projects/p1"),
                ..Default::default()
            }),
            objective: named("objectives/o1"),
            ..Default::default()
        };
        let ask = evaluation::CreateSelfEvaluationRequest {
            parent: HAICANG.into(),
            self_evaluation_id: "s1".into(),
            self_evaluation: Some(form),
            ..Default::default()
        };
        let filer = self.forms(Role::UnitFiler, "602002");
        granted(|| {
            let (mut filer, ask) = (filer.clone(), ask.clone());
            async move { filer.create_self_evaluation(ask).await }
        })
        .await
    }

    /// What the unit has to say, and nothing that the objective says.
    async fn complete(&self) {
        let reached = |id: &str, value: &str| evaluation::SelfEvaluationIndicator {
            indicator_id: id.into(),
            actual: Some(evaluation::ActualValue {
                value: Some(evaluation::actual_value::Value::Number(number(value))),
                text: String::new(),
            }),
            ..Default::default()
        };
        let form = evaluation::SelfEvaluation {
            name: named("selfEvaluations/s1"),
            achieved_goal: "完成".into(),
            fund_rows: vec![evaluation::FundRow {
                source: evaluation::fund_row::Source::CurrentYearFiscal.into(),
                initial_amount: yuan(850_000),
                executed_amount: yuan(850_000),
                ..Default::default()
            }],
            task_finished: true,
            indicators: vec![reached("i1", "1000"), reached("i2", "1000")],
            conclusion: "良好".into(),
            project_leader: "甲".into(),
            finance_leader: "乙".into(),
            ..Default::default()
        };
        let ask =
            evaluation::UpdateSelfEvaluationRequest { self_evaluation: Some(form), ..Default::default() };
        self.forms(Role::UnitFiler, "602002").update_self_evaluation(ask).await.expect("filled in");
    }
}

fn content(target: &str) -> targets::ObjectiveContent {
    let indicator =
        |id: &str, level1: targets::IndicatorLevel1, title: &str, weight: &str| targets::Indicator {
            indicator_id: id.into(),
            level1: level1.into(),
            title: title.into(),
            operator: IndicatorOperator::AtLeast.into(),
            target_value: Some(targets::TargetValue {
                value: Some(targets::target_value::Value::Number(number(target))),
                printed: String::new(),
            }),
            measure_unit: "平方米".into(),
            weight: Some(number(weight)),
            ..Default::default()
        };
    targets::ObjectiveContent {
        annual_goal: format!("修缮校舍{target}平方米"),
        annual_funding: Some(targets::AnnualFunding { total_amount: yuan(850_000), ..Default::default() }),
        indicators: vec![
            indicator("i1", targets::IndicatorLevel1::Output, "修缮校舍面积", "50"),
            indicator("i2", targets::IndicatorLevel1::Benefit, "消除隐患校舍面积", "40"),
        ],
        ..Default::default()
    }
}

fn in_force(form: &evaluation::SelfEvaluation) -> (i32, bool) {
    form.objective_in_force.as_ref().map_or((0, false), |of| (of.number, of.ratified_late))
}

#[tokio::test]
async fn a_self_evaluation_is_of_the_version_in_force() {
    let year = day_in_china(Clock::system().now()).year();
    let offices = Offices { suite: TestSuite::start(&services()).await, year };
    offices.fill().await;
    offices.ratify().await;
    offices.propose().await;
    let started = offices.start_form().await;
    assert_eq!(in_force(&started), (1, false), "what is only proposed is not in force");
    assert_eq!(
        (started.planned_goal.as_str(), started.objective_amount),
        ("修缮校舍1200平方米", yuan(850_000))
    );
    assert_eq!(started.indicators[0].target_value, Some(number("1200")));

    offices.adjust().await;
    let filer = offices.forms(Role::UnitFiler, "602002");
    let refreshed = granted(|| {
        let ask = evaluation::RefreshSelfEvaluationRequest {
            name: named("selfEvaluations/s1"),
            ..Default::default()
        };
        let mut filer = filer.clone();
        async move { filer.refresh_self_evaluation(ask).await }
    })
    .await;
    assert_eq!(in_force(&refreshed), (2, false));
    assert_eq!(
        (refreshed.planned_goal.as_str(), refreshed.objective_amount),
        ("修缮校舍1000平方米", yuan(600_000))
    );
    offices.complete().await;
    let ask =
        evaluation::SubmitSelfEvaluationRequest { name: named("selfEvaluations/s1"), ..Default::default() };
    let submitted = offices.forms(Role::UnitFiler, "602002").submit_self_evaluation(ask).await;
    let submitted = submitted.expect("handed in").into_inner();
    assert_eq!(submitted.self_score, Some(number("100")), "1000 of the adjusted 1000");
}
