//! A district as the other services have told of it, and the people who work in it.

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
use wenxiao_evaluation::domain::rules as r;
use wenxiao_kernel::Grade;
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

pub struct World {
    pub suite: TestSuite,
}

impl World {
    /// Units 301 (a department with its own unit 301001), 302 and the street 901; projects p1–p40; two policies; rules.
    pub async fn start() -> Self {
        let world = Self { suite: TestSuite::start(&[&wenxiao_evaluation::DEFINITION]).await };
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
        sqlx::query("insert into evaluation.rule_sets values (350205000, $1, $2)")
            .bind(name("ruleSets/national-2020"))
            .bind(Json(rule_set()))
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

fn rule_set() -> r::RuleSet {
    let d = |text: &str| text.parse::<rust_decimal::Decimal>().expect("a number");
    let band =
        |grade, label: &str, lower| r::GradeBand { grade, label: label.to_owned(), lower_score: d(lower) };
    let level = |level, share| r::LevelBand { level, lower_share: d(share) };
    let item = |dimension, title: &str, points| r::FrameworkItem {
        dimension,
        group: "二级".to_owned(),
        title: title.to_owned(),
        points: d(points),
        standard: String::new(),
    };
    let dimension = |code: &str, title: &str| r::ExAnteDimension {
        code: code.to_owned(),
        project_title: title.to_owned(),
        policy_title: title.to_owned(),
        points: d("20"),
    };
    let hint = |code: &str, trigger, action, strength, below: Option<&str>| r::HintRule {
        code: code.to_owned(),
        trigger,
        grades: Vec::new(),
        execution_below_rate: below.map(d),
        action,
        strength,
        reduction_share: None,
        message: "建议".to_owned(),
    };
    let content = r::Content {
        grade_scales: vec![r::GradeScale {
            purpose: r::Purpose::Default,
            full_score: d("100"),
            bands: vec![
                band(Grade::Excellent, "优", "90"),
                band(Grade::Good, "良", "80"),
                band(Grade::Fair, "中", "60"),
                band(Grade::Poor, "差", "0"),
            ],
        }],
        execution: Some(r::ExecutionRules {
            method: r::ExecutionMethod::Proportional,
            denominator: r::Denominator::AdjustedBudget,
            zero_budget: r::ZeroBudget::NotScored,
            bands: Vec::new(),
            explanation_below_rate: Some(d("0.9")),
        }),
        execution_points: Some(d("10")),
        evaluation_points: Some(d("100")),
        indicator: Some(r::IndicatorRules {
            lower_is_better: r::LowerIsBetter::Ratio,
            equal_target: r::EqualTarget::ProportionalBelow,
            zero_target: r::ZeroTarget::ByOperator,
            excess_deducted: false,
            excess_from: Some(d("1.3")),
            levels: vec![
                level(r::Level::Achieved, "0.8"),
                level(r::Level::PartlyAchieved, "0.6"),
                level(r::Level::NotAchieved, "0"),
            ],
            satisfaction: Vec::new(),
            reason_required: true,
        }),
        places: Some(2),
        ex_ante: Some(r::ExAnteRules {
            dimensions: ["need", "economy", "objectives", "feasibility", "funding"]
                .map(|c| dimension(c, c))
                .to_vec(),
            conclusions: vec![
                r::ConclusionBand { conclusion: r::Conclusion::Support, lower_score: d("90") },
                r::ConclusionBand { conclusion: r::Conclusion::Adjust, lower_score: d("60") },
                r::ConclusionBand { conclusion: r::Conclusion::Refuse, lower_score: d("0") },
            ],
        }),
        key_evaluation: Some(r::KeyEvaluationRules {
            framework: vec![
                item(r::Dimension::Decision, "立项", "20"),
                item(r::Dimension::Process, "管理", "20"),
                item(r::Dimension::Output, "产出", "30"),
                item(r::Dimension::Outcome, "效益", "30"),
            ],
            full_score: d("100"),
            minimum_result_points: Some(d("60")),
        }),
        suspicion: Some(r::SuspicionRules {
            score_gap_share: Some(d("0.05")),
            unspent_share: Some(d("0.2")),
            zero_budget: true,
            full_score: true,
        }),
        recheck: Vec::new(),
        deadlines: vec![
            r::Deadline { kind: r::DeadlineKind::ResultNotice, days: 20 },
            r::Deadline { kind: r::DeadlineKind::RectificationPlan, days: 30 },
        ],
        hints: vec![
            hint("low", r::Trigger::LowExecution, r::Action::Reduce, r::Strength::SoftBlock, Some("0.8")),
            hint("expiry", r::Trigger::PolicyExpiry, r::Action::ReEvaluate, r::Strength::SoftBlock, None),
        ],
        conflict: Some(r::ConflictRules { enforced: true, cooling_years: 0 }),
    };
    r::RuleSet {
        name: name("ruleSets/national-2020"),
        of_district: false,
        start_date: "2020-01-01".parse().expect("a day"),
        end_date: None,
        content,
    }
}
