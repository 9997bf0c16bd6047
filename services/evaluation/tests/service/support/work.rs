//! Work that several tests begin with.

use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::identity::Principal;

use super::{DISTRICT, World, filer, head, name, officer, project, yuan};

/// A problem of project `id`, which spent too little in 2019.
pub async fn finding(world: &World, id: &str, category: pb::finding::Category) -> pb::Finding {
    let finding = pb::Finding {
        object: project(id),
        source: pb::finding::Source::FinanceEvaluation.into(),
        evaluated_year: 2019,
        work_year: 2020,
        category: category.into(),
        description: "执行率偏低".to_owned(),
        amount: yuan(5),
        ..Default::default()
    };
    let request = pb::CreateFindingRequest {
        parent: DISTRICT.to_owned(),
        finding: Some(finding),
        ..Default::default()
    };
    world.rectification(officer()).create_finding(request).await.expect("recorded").into_inner()
}

/// An ex-ante evaluation for the budget of 2021, with 100 yuan asked for.
pub async fn ex_ante(
    world: &World,
    who: Principal,
    object: Option<pb::EvaluatedObject>,
) -> pb::ExAnteEvaluation {
    let asked = pb::ExAnteEvaluation {
        object,
        work_year: 2020,
        applies_to_year: 2021,
        requested_amount: yuan(100),
        ..Default::default()
    };
    let request = pb::CreateExAnteEvaluationRequest {
        parent: DISTRICT.to_owned(),
        ex_ante_evaluation: Some(asked),
        ..Default::default()
    };
    world.ex_ante(who).create_ex_ante_evaluation(request).await.expect("started").into_inner()
}

/// A request for 100 yuan in 2021's budget.
pub async fn budget_request(
    world: &World,
    unit: &str,
    object: Option<pb::EvaluatedObject>,
) -> Result<pb::BudgetDecision, tonic::Status> {
    let decision = pb::BudgetDecision {
        object,
        work_year: 2020,
        applies_to_year: 2021,
        requested: Some(pb::BudgetFigure { amount: yuan(100), printed: None }),
        ..Default::default()
    };
    let request = pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision: Some(decision),
        ..Default::default()
    };
    Ok(world.budget(filer(unit)).create_budget_decision(request).await?.into_inner())
}

/// An item of a plan: an object that the bureau evaluates.
pub fn item(number: i32, object: Option<pb::EvaluatedObject>) -> pb::KeyEvaluationPlanItem {
    use pb::key_evaluation_plan::{Lead, SelectionReason};
    pb::KeyEvaluationPlanItem {
        number,
        object,
        lead: Lead::Finance.into(),
        reasons: vec![SelectionReason::Livelihood.into()],
        amount: yuan(100),
        ..Default::default()
    }
}

/// A plan of 2020 for what was spent in 2019.
pub async fn plan(world: &World, id: &str, plan: pb::KeyEvaluationPlan) -> pb::KeyEvaluationPlan {
    let plan = pb::KeyEvaluationPlan {
        title: "2020年重点评价".to_owned(),
        work_year: 2020,
        evaluated_year: 2019,
        ..plan
    };
    let request = pb::CreateKeyEvaluationPlanRequest {
        parent: DISTRICT.to_owned(),
        key_evaluation_plan_id: id.to_owned(),
        key_evaluation_plan: Some(plan),
        ..Default::default()
    };
    world.key(officer()).create_key_evaluation_plan(request).await.expect("a plan").into_inner()
}

pub async fn approve(world: &World, plan: &str) {
    let approve = pb::ApproveKeyEvaluationPlanRequest {
        name: name(&format!("keyEvaluationPlans/{plan}")),
        ..Default::default()
    };
    world.key(head()).approve_key_evaluation_plan(approve).await.expect("approved");
}

/// The evaluation of an object of an approved plan.
pub async fn evaluate(world: &World, plan: &str, item: i32, id: &str) -> pb::KeyEvaluation {
    let request = pb::CreateKeyEvaluationRequest {
        parent: DISTRICT.to_owned(),
        key_evaluation_id: id.to_owned(),
        key_evaluation: Some(pb::KeyEvaluation {
            plan: name(&format!("keyEvaluationPlans/{plan}")),
            plan_item: item,
            ..Default::default()
        }),
        ..Default::default()
    };
    world.key(officer()).create_key_evaluation(request).await.expect("started").into_inner()
}
