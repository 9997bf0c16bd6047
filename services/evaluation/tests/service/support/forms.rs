//! Self-evaluations that several tests start from.

use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use super::*;

/// Form `s<n>` of project `p<n>`, whose objective `o<n>` is ratified, with so much spent of a million.
fn form(n: usize, executed: i64) -> pb::SelfEvaluation {
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
