//! Self-evaluations that several tests start from.

use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_evaluation::domain::self_evaluation::{Promise, RatifiedVersion};
use wenxiao_kernel::{Decimal, Money, Operator};

use super::{DISTRICT, Json, World, dec, filer, name, officer, project, yuan};

/// Version `number` of an objective with the indicators `a` and `b` of the forms here.
pub fn ratified(number: i32, time: &str) -> RatifiedVersion {
    let promise = |id: &str, weight: &str| Promise {
        id: id.to_owned(),
        level1: "产出指标".to_owned(),
        level2: "数量指标".to_owned(),
        level3: "完成率".to_owned(),
        operator: Some(Operator::AtLeast),
        target: Some(Decimal::new(95, 0)),
        upper: None,
        target_text: String::new(),
        unit: "%".to_owned(),
        weight: Some(weight.parse().expect("a number")),
        goal: 0,
    };
    RatifiedVersion {
        number,
        ratify_time: time.parse().expect("a time"),
        amount: Money::ZERO,
        goal: "完成整治".to_owned(),
        goals: Vec::new(),
        indicators: vec![promise("a", "80"), promise("b", "10")],
    }
}

/// The feed of targets told that a version of objective `o<n>`, of `n` million, was ratified.
pub async fn ratify(connection: &mut sqlx::PgConnection, n: i64, version: &RatifiedVersion) {
    let amount = Money::from_yuan(Decimal::new(n * 1_000_000, 0)).expect("an amount");
    let version = RatifiedVersion { amount, ..version.clone() };
    sqlx::query("insert into evaluation.objective_versions values (350205000, $1, $2, $3)")
        .bind(name(&format!("objectives/o{n}")))
        .bind(version.number)
        .bind(Json(&version))
        .execute(connection)
        .await
        .expect("a version is told");
}

/// Form `s<n>` of project `p<n>`, whose objective `o<n>` is ratified, with so much spent of a million.
pub fn form(n: usize, executed: i64) -> pb::SelfEvaluation {
    let budget = 1_000_000;
    let indicator = |id: &str, weight: &str, actual: &str| pb::SelfEvaluationIndicator {
        indicator_id: id.to_owned(),
        level3: "完成率".to_owned(),
        operator: common::IndicatorOperator::AtLeast.into(),
        target_value: dec("95"),
        measure_unit: "%".to_owned(),
        weight: dec(weight),
        actual: Some(pb::ActualValue {
            value: Some(pb::actual_value::Value::Number(dec(actual).unwrap_or_default())),
            text: String::new(),
        }),
        deviation_reason: "雨季停工".to_owned(),
        ..Default::default()
    };
    pb::SelfEvaluation {
        task: name("selfEvaluationTasks/fy2019"),
        object: project(&format!("p{n}")),
        objective: name(&format!("objectives/o{n}")),
        achieved_goal: "基本完成".to_owned(),
        fund_rows: vec![pb::FundRow {
            source: pb::fund_row::Source::CurrentYearFiscal.into(),
            initial_amount: yuan(budget),
            executed_amount: yuan(executed),
            ..Default::default()
        }],
        execution_reason: "部分延后".to_owned(),
        indicators: vec![indicator("a", "80", "96"), indicator("b", "10", "88.75")],
        conclusion: "良好".to_owned(),
        report_sections: vec![pb::ReportSection {
            code: "all".into(),
            title: "报告".into(),
            text: "……".into(),
        }],
        project_leader: "甲".to_owned(),
        finance_leader: "乙".to_owned(),
        ..Default::default()
    }
}

/// A unit files its form and hands it in.
pub async fn file(world: &World, n: usize, unit: &str, executed: i64) -> pb::SelfEvaluation {
    let created = world
        .forms(filer(unit))
        .create_self_evaluation(pb::CreateSelfEvaluationRequest {
            parent: DISTRICT.to_owned(),
            self_evaluation_id: format!("s{n}"),
            self_evaluation: Some(form(n, executed)),
            request_id: format!("create-{n}"),
        })
        .await
        .expect("the form is started")
        .into_inner();
    world
        .forms(filer(unit))
        .submit_self_evaluation(pb::SubmitSelfEvaluationRequest { name: created.name, ..Default::default() })
        .await
        .expect("the form is handed in")
        .into_inner()
}

/// The task of 2019's spending.
pub async fn open_task(world: &World) {
    let task = pb::SelfEvaluationTask {
        title: "2019年度自评".to_owned(),
        evaluated_year: 2019,
        work_year: 2020,
        ..Default::default()
    };
    let request = pb::CreateSelfEvaluationTaskRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_task_id: "fy2019".to_owned(),
        self_evaluation_task: Some(task),
        request_id: String::new(),
    };
    world.forms(officer()).create_self_evaluation_task(request).await.expect("the task is opened");
}
