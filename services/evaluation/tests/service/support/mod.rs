//! A district as the other services have told of it, and the people who work in it.

pub mod forms;
pub mod registry;
mod rules;
pub mod work;

use prost_types::FieldMask;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use tonic_types::StatusExt;
use wenxiao_contract::google::r#type::{Date, Decimal, Money};
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::budget_link_service_client::BudgetLinkServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1::ex_ante_service_client::ExAnteServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_service_client::KeyEvaluationServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1::rectification_service_client::RectificationServiceClient;
use wenxiao_contract::wenxiao::evaluation::v1::self_evaluation_service_client::SelfEvaluationServiceClient;
use wenxiao_platform::ServiceDefinition;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller, unit_caller};

pub const DISTRICT: &str = "districts/350205000";

pub fn name(rest: &str) -> String {
    format!("{DISTRICT}/{rest}")
}

pub fn dec(value: &str) -> Option<Decimal> {
    Some(Decimal { value: value.to_owned() })
}

pub fn yuan(units: i64) -> Option<Money> {
    Some(Money { currency_code: "CNY".to_owned(), units, nanos: 0 })
}

pub fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

pub fn object(kind: pb::evaluated_object::Kind, subject: &str) -> Option<pb::EvaluatedObject> {
    Some(pb::EvaluatedObject { kind: kind.into(), subject: name(subject), ..Default::default() })
}

pub fn project(id: &str) -> Option<pb::EvaluatedObject> {
    object(pb::evaluated_object::Kind::Project, &format!("projects/{id}"))
}

pub fn reason(status: &tonic::Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The fields that a refusal names, in its order.
pub fn fields(status: &tonic::Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    bad.into_iter().map(|violation| violation.field).collect()
}

/// A mask of these fields; none at all is no mask.
pub fn mask(paths: &[&str]) -> Option<FieldMask> {
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    (!paths.is_empty()).then_some(FieldMask { paths })
}

pub struct World {
    pub suite: TestSuite,
}

impl World {
    /// Units 301 (a department with its own unit 301001), 302 and the street 901; projects p1–p40; two policies; rules.
    pub async fn start() -> Self {
        Self::with(&[&wenxiao_evaluation::DEFINITION]).await
    }

    /// The same with a registry that may hand projects over and end units.
    pub async fn with_registry() -> Self {
        Self::with(&[&registry::REGISTRY, &wenxiao_evaluation::DEFINITION]).await
    }

    async fn with(services: &[&'static ServiceDefinition]) -> Self {
        let world = Self { suite: TestSuite::start(services).await };
        let mut statements = vec![
            "insert into evaluation.units values
               (350205000, 'districts/350205000/units/301', '环卫中心', 'department', 'districts/350205000/units/301'),
               (350205000, 'districts/350205000/units/301001', '环卫中心本级', 'own_unit', 'districts/350205000/units/301'),
               (350205000, 'districts/350205000/units/302', '区府办', 'department', 'districts/350205000/units/302'),
               (350205000, 'districts/350205000/units/901', '海沧街道', 'subdistrict_office', 'districts/350205000/units/901')"
                .to_owned(),
            "insert into evaluation.subjects
             select 350205000, 'districts/350205000/projects/p' || n, 'project', '项目' || n,
                    'districts/350205000/units/' || case when n = 3 then '901' when n = 2 then '302' when n = 4 then '301001' else '301' end,
                    'general_public', 'none', null, 0 from generate_series(1, 40) n
             union all
             select 350205000, 'districts/350205000/policies/civil', 'policy', '社会组织专项扶持资金管理办法',
                    'districts/350205000/units/302', null, 'none', date '2020-07-21', 5"
                .to_owned(),
            "insert into evaluation.objectives
             select 350205000, 'districts/350205000/objectives/o' || n, 2019, 'districts/350205000/projects/p' || n,
                    'districts/350205000/units/301', 1000000 * n from generate_series(1, 4) n"
                .to_owned(),
            "insert into evaluation.engagements values
               (350205000, 'districts/350205000/engagements/e1', 'districts/350205000/institutions/i1', 'districts/350205000/units/100', true, 2020),
               (350205000, 'districts/350205000/engagements/helper', 'districts/350205000/institutions/i2', 'districts/350205000/units/301', false, 2020)"
                .to_owned(),
            "insert into evaluation.people
             select 350205000, 'districts/350205000/representatives/r' || n, '代表' || n, '' from generate_series(1, 4) n
             union all select 350205000, 'districts/350205000/experts/x1', '专家', ''"
                .to_owned(),
        ];
        let mut connection = world.suite.superuser().await;
        for statement in statements.drain(..) {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .expect("the world is told");
        }
        for n in 1..=4 {
            forms::ratify(&mut connection, n, &forms::ratified(1, "2019-01-28T08:00:00Z")).await;
        }
        sqlx::query("insert into evaluation.rule_sets values (350205000, $1, $2)")
            .bind(name("ruleSets/national-2020"))
            .bind(Json(rules::rule_set()))
            .execute(&mut connection)
            .await
            .expect("the rules are told");
        world
    }

    pub fn ex_ante(&self, who: Principal) -> ExAnteServiceClient<Link> {
        ExAnteServiceClient::new(self.suite.as_caller(who))
    }

    pub fn forms(&self, who: Principal) -> SelfEvaluationServiceClient<Link> {
        SelfEvaluationServiceClient::new(self.suite.as_caller(who))
    }

    pub fn key(&self, who: Principal) -> KeyEvaluationServiceClient<Link> {
        KeyEvaluationServiceClient::new(self.suite.as_caller(who))
    }

    pub fn rectification(&self, who: Principal) -> RectificationServiceClient<Link> {
        RectificationServiceClient::new(self.suite.as_caller(who))
    }

    pub fn budget(&self, who: Principal) -> BudgetLinkServiceClient<Link> {
        BudgetLinkServiceClient::new(self.suite.as_caller(who))
    }
}

pub fn officer() -> Principal {
    caller(Role::FinancePerformanceOfficer)
}

pub fn business() -> Principal {
    caller(Role::FinanceBusinessOfficer)
}

pub fn head() -> Principal {
    caller(Role::FinanceHead)
}

pub fn filer(unit: &str) -> Principal {
    unit_caller(Role::UnitFiler, unit)
}

pub fn reviewer(unit: &str) -> Principal {
    unit_caller(Role::DepartmentReviewer, unit)
}

pub fn guest(role: Role, participant: &str) -> Principal {
    Principal {
        participant: Some(participant.to_owned()),
        subject: format!("test:{participant}"),
        ..caller(role)
    }
}
