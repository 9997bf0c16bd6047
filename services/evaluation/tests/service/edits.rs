//! An update needs the name and what it changes; what is created needs all that is required.

use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use crate::support::forms::open_task;
use crate::support::*;

#[tokio::test]
async fn a_task_is_edited_by_field() {
    let world = World::start().await;
    open_task(&world).await;
    let update = |task: pb::SelfEvaluationTask, paths: &[&str]| pb::UpdateSelfEvaluationTaskRequest {
        self_evaluation_task: Some(pb::SelfEvaluationTask {
            name: name("selfEvaluationTasks/fy2019"),
            ..task
        }),
        update_mask: mask(paths),
        ..Default::default()
    };
    let due = pb::SelfEvaluationTask { due_date: day(2020, 3, 31), ..Default::default() };
    let told = world.forms(officer()).update_self_evaluation_task(update(due, &["due_date"])).await;
    let told = told.expect("it is changed").into_inner();
    assert_eq!((told.due_date, told.title.as_str()), (day(2020, 3, 31), "2019年度自评"));
    assert_eq!((told.evaluated_year, told.work_year), (2019, 2020));
    let text = pb::SelfEvaluationTask { description: "含街道".to_owned(), ..Default::default() };
    let told = world.forms(officer()).update_self_evaluation_task(update(text, &[])).await;
    let told = told.expect("without a mask it means what is set").into_inner();
    assert_eq!((told.title.as_str(), told.due_date), ("2019年度自评", day(2020, 3, 31)));
    let untitled = update(pb::SelfEvaluationTask::default(), &["title"]);
    let refused = world.forms(officer()).update_self_evaluation_task(untitled).await.expect_err("no title");
    assert_eq!(fields(&refused), ["self_evaluation_task.title"]);
}

#[tokio::test]
async fn findings_and_decisions_are_edited_by_field() {
    let world = World::start().await;
    let created = work::finding(&world, "p1", pb::finding::Category::LowExecution).await;
    let update = pb::UpdateFindingRequest {
        finding: Some(pb::Finding {
            name: created.name,
            suggestion: "加快进度".to_owned(),
            ..Default::default()
        }),
        update_mask: mask(&["suggestion"]),
        ..Default::default()
    };
    let told = world.rectification(officer()).update_finding(update).await.expect("changed").into_inner();
    assert_eq!((told.suggestion.as_str(), told.description.as_str()), ("加快进度", "执行率偏低"));
    assert_eq!((told.category(), told.amount), (pb::finding::Category::LowExecution, yuan(5)));

    let created = work::ex_ante(&world, officer(), project("p1")).await;
    let update = pb::UpdateExAnteEvaluationRequest {
        ex_ante_evaluation: Some(pb::ExAnteEvaluation {
            name: created.name,
            cause: pb::ex_ante_evaluation::Cause::New.into(),
            ..Default::default()
        }),
        update_mask: mask(&["cause"]),
        ..Default::default()
    };
    let told =
        world.ex_ante(officer()).update_ex_ante_evaluation(update).await.expect("changed").into_inner();
    assert_eq!(told.cause(), pb::ex_ante_evaluation::Cause::New);
    assert_eq!((told.requested_amount, told.applies_to_year), (yuan(100), 2021));
}

#[tokio::test]
async fn what_is_created_says_all_that_it_lacks() {
    let world = World::start().await;
    let request = pb::CreateFindingRequest {
        parent: DISTRICT.to_owned(),
        finding: Some(pb::Finding { evaluated_year: 1000, ..Default::default() }),
        ..Default::default()
    };
    let refused = world.rectification(officer()).create_finding(request).await.expect_err("nothing in it");
    // A bound that is broken and what is missing, together.
    let lacks = ["evaluated_year", "object", "source", "work_year", "category", "description"];
    assert_eq!(fields(&refused), lacks.map(|field| format!("finding.{field}")));
    let request = pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision: Some(pb::BudgetDecision::default()),
        ..Default::default()
    };
    let refused = world.budget(officer()).create_budget_decision(request).await.expect_err("nothing in it");
    let lacks = ["object", "work_year", "applies_to_year"];
    assert_eq!(fields(&refused), lacks.map(|field| format!("budget_decision.{field}")));
}
