//! Candidates, plans and what comes of them follow their project.

use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use super::*;
use crate::support::forms::{file, open_task};

async fn candidate(world: &World, id: &str, object: Option<pb::EvaluatedObject>) -> String {
    let candidate = pb::EvaluationCandidate {
        object,
        evaluated_year: 2019,
        work_year: 2020,
        reason: "资金量大".to_owned(),
        ..Default::default()
    };
    let request = pb::CreateEvaluationCandidateRequest {
        parent: DISTRICT.to_owned(),
        evaluation_candidate_id: id.to_owned(),
        evaluation_candidate: Some(candidate),
        ..Default::default()
    };
    let listed = world.budget(officer()).create_evaluation_candidate(request).await.expect("listed");
    listed.into_inner().name
}

async fn drop_candidate(world: &World, candidate: &str) -> pb::EvaluationCandidate {
    let request = pb::DropEvaluationCandidateRequest {
        name: candidate.to_owned(),
        reason: "已评价".to_owned(),
        ..Default::default()
    };
    world.budget(officer()).drop_evaluation_candidate(request).await.expect("dropped").into_inner()
}

async fn planned(world: &World, id: &str, items: Vec<pb::KeyEvaluationPlanItem>) {
    work::plan(world, id, pb::KeyEvaluationPlan { items, ..Default::default() }).await;
}

/// A plan's version, and the owner of each item.
async fn owners_in(world: &World, id: &str) -> (i64, Vec<(String, String)>) {
    let get = pb::GetKeyEvaluationPlanRequest { name: name(&format!("keyEvaluationPlans/{id}")) };
    let plan = world.key(officer()).get_key_evaluation_plan(get).await.expect("a plan").into_inner();
    (plan.version, plan.items.into_iter().map(|item| owner(item.object)).collect())
}

#[tokio::test]
async fn candidates_follow_until_they_are_chosen_or_taken_off() {
    let world = World::with_registry().await;
    let listed = candidate(&world, "listed", project("p5")).await;
    let dropped = candidate(&world, "dropped", project("p5")).await;
    let chosen = candidate(&world, "chosen", project("p5")).await;
    let other = candidate(&world, "other", project("p6")).await;
    drop_candidate(&world, &dropped).await;
    let item = pb::KeyEvaluationPlanItem { candidate: chosen.clone(), ..work::item(1, project("p5")) };
    planned(&world, "y2020", vec![item]).await;
    work::approve(&world, "y2020").await;
    hand_over(&world, 5, "302").await;

    let mut owners = Vec::new();
    for of in [&listed, &dropped, &chosen, &other] {
        let get = pb::GetEvaluationCandidateRequest { name: of.clone() };
        let told = world.budget(officer()).get_evaluation_candidate(get).await.expect("one").into_inner();
        owners.push((owner(told.object), told.version));
    }
    let (before, heir) = (unit("301", "环卫中心"), unit("302", "区府办"));
    assert_eq!(owners, [(heir.clone(), 1), (before.clone(), 2), (before.clone(), 2), (before, 1)]);
    let list = pb::ListEvaluationCandidatesRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let list = world.budget(officer()).list_evaluation_candidates(list).await.expect("a list").into_inner();
    assert_eq!(
        list.evaluation_candidates.into_iter().filter(|one| owner(one.object.clone()) == heir).count(),
        1
    );
    let after = drop_candidate(&world, &listed).await;
    assert_eq!((owner(after.object), after.version), (heir, 2), "a command does not undo it");
}

#[tokio::test]
async fn a_plan_in_draft_follows_and_an_approved_one_stays() {
    let world = World::with_registry().await;
    for id in ["draft", "approved"] {
        planned(&world, id, vec![work::item(1, project("p5")), work::item(2, project("p6"))]).await;
    }
    work::approve(&world, "approved").await;
    hand_over(&world, 5, "302").await;
    let (before, heir) = (unit("301", "环卫中心"), unit("302", "区府办"));
    assert_eq!(owners_in(&world, "draft").await, (1, vec![heir.clone(), before.clone()]));
    assert_eq!(owners_in(&world, "approved").await, (2, vec![before.clone(), before.clone()]));
    let update = pb::UpdateKeyEvaluationPlanRequest {
        key_evaluation_plan: Some(pb::KeyEvaluationPlan {
            name: name("keyEvaluationPlans/draft"),
            title: "重点评价计划".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.key(officer()).update_key_evaluation_plan(update).await.expect("changed");
    assert_eq!(owners_in(&world, "draft").await, (2, vec![heir.clone(), before]));
    // What is begun by the approved plan is begun with whoever answers for it today.
    let begun = work::evaluate(&world, "approved", 1, "k5").await;
    assert_eq!((owner(begun.object), begun.version), (heir, 1));
    let get = pb::GetKeyEvaluationRequest { name: begun.name };
    world.key(filer("302")).get_key_evaluation(get).await.expect("the heir answers its draft");
}

#[tokio::test]
async fn a_plan_that_is_being_changed_does_not_undo_a_hand_over() {
    let world = World::with_registry().await;
    planned(&world, "draft", vec![work::item(1, project("p5"))]).await;
    let mut holder = world.suite.superuser().await;
    sqlx::raw_sql("begin; select from evaluation.key_evaluation_plans for update")
        .execute(&mut holder)
        .await
        .expect("the plan is held");
    let update = pb::UpdateKeyEvaluationPlanRequest {
        key_evaluation_plan: Some(pb::KeyEvaluationPlan {
            name: name("keyEvaluationPlans/draft"),
            title: "重点评价计划".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut plans = world.key(officer());
    let command = tokio::spawn(async move { plans.update_key_evaluation_plan(update).await });
    waiting(&world, 1).await;
    say_owner(&world, 5, "302").await;
    waiting(&world, 2).await;
    sqlx::raw_sql("commit").execute(&mut holder).await.expect("it is let go");
    command.await.expect("an answer").expect("it had come first");
    let sql = "select body #>> '{items,0,object,unit}' from evaluation.key_evaluation_plans";
    heard(&world, sql, "302").await;
    assert_eq!(owners_in(&world, "draft").await, (2, vec![unit("302", "区府办")]));
}

#[tokio::test]
async fn a_hint_goes_to_whoever_answers_for_the_object_today() {
    let world = World::with_registry().await;
    open_task(&world).await;
    let form = file(&world, 2, "302", 740_000).await; // 74 %: below 80 %
    let confirm = pb::ConfirmSelfEvaluationRequest {
        name: form.name.clone(),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.forms(officer()).confirm_self_evaluation(confirm).await.expect("confirmed");
    hand_over(&world, 2, "901").await;
    let generate = pb::GenerateBudgetHintsRequest {
        parent: DISTRICT.to_owned(),
        applies_to_year: 2021,
        work_year: 2020,
        ..Default::default()
    };
    world.budget(officer()).generate_budget_hints(generate).await.expect("hints");
    let list = pb::ListBudgetHintsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let hints = world.budget(filer("901")).list_budget_hints(list).await.expect("a list").into_inner();
    let [hint] = hints.budget_hints.as_slice() else { panic!("{hints:?}") };
    assert_eq!(owner(hint.object.clone()), unit("901", "海沧街道"));
    assert_eq!(hint.basis[0].resource, form.name, "it rests on what another unit has signed");
}

#[tokio::test]
async fn nobody_makes_an_object_their_own_by_a_request() {
    let world = World::start().await;
    let claimed = project("p5").map(|object| pb::EvaluatedObject { unit: name("units/302"), ..object });
    let refused = work::budget_request(&world, "302", claimed).await.expect_err("p5 is 301's");
    assert_eq!(fields(&refused), ["budget_decision.object.unit"]);
    let strange = work::budget_request(&world, "302", project("p5")).await.expect_err("p5 is 301's");
    assert_eq!(strange.code(), Code::NotFound);
    let own = project("p5").map(|object| pb::EvaluatedObject { unit: name("units/301"), ..object });
    let kept = work::budget_request(&world, "301", own).await.expect("requested");
    assert_eq!(owner(kept.object), unit("301", "环卫中心"));
}

#[tokio::test]
async fn other_work_in_hand_follows_as_well() {
    let world = World::with_registry().await;
    planned(&world, "y2020", vec![work::item(1, project("p5"))]).await;
    work::approve(&world, "y2020").await;
    work::evaluate(&world, "y2020", 1, "cancelled").await;
    let cancel = pb::CancelKeyEvaluationRequest {
        name: name("keyEvaluations/cancelled"),
        reason: "重新组织".to_owned(),
        ..Default::default()
    };
    world.key(officer()).cancel_key_evaluation(cancel).await.expect("cancelled");
    work::evaluate(&world, "y2020", 1, "k5").await;
    let ex_ante = work::ex_ante(&world, filer("301"), project("p5")).await;
    let decision = work::budget_request(&world, "301", project("p5")).await.expect("requested");

    hand_over(&world, 5, "302").await;
    let update = pb::UpdateExAnteEvaluationRequest {
        ex_ante_evaluation: Some(pb::ExAnteEvaluation {
            name: ex_ante.name,
            cause: pb::ex_ante_evaluation::Cause::New.into(),
            ..Default::default()
        }),
        update_mask: mask(&["cause"]),
        ..Default::default()
    };
    let strange = world.ex_ante(filer("301")).update_ex_ante_evaluation(update.clone()).await;
    assert_eq!(strange.expect_err("not theirs any more").code(), Code::NotFound);
    world.ex_ante(filer("302")).update_ex_ante_evaluation(update).await.expect("the heir goes on");
    let get = pb::GetBudgetDecisionRequest { name: decision.name };
    let decision =
        world.budget(filer("302")).get_budget_decision(get).await.expect("the heir's").into_inner();
    assert_eq!((decision.object.map(|object| object.unit), decision.version), (Some(name("units/302")), 1));
    let get = |id: &str| pb::GetKeyEvaluationRequest { name: name(&format!("keyEvaluations/{id}")) };
    world.key(filer("302")).get_key_evaluation(get("k5")).await.expect("the heir answers its draft");
    world.key(filer("301")).get_key_evaluation(get("cancelled")).await.expect("what is over stays");
}
