//! What is open about a policy follows whoever carries it out.

use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::evaluated_object::Kind::Policy;

use super::*;
use crate::support::forms::open_task;

fn policy() -> Option<pb::EvaluatedObject> {
    object(Policy, "policies/civil")
}

/// A review of the policy for a budget year, evaluated.
async fn review(world: &World, year: i32) -> pb::SunsetReview {
    let review = pb::SunsetReview {
        object: policy(),
        expiry_date: day(2020, 7, 21),
        work_year: year - 1,
        applies_to_year: year,
        ..Default::default()
    };
    let request = pb::CreateSunsetReviewRequest {
        parent: DISTRICT.to_owned(),
        sunset_review_id: format!("y{year}"),
        sunset_review: Some(review),
        ..Default::default()
    };
    world.budget(officer()).create_sunset_review(request).await.expect("opened").into_inner()
}

fn evaluation(of: &pb::SunsetReview) -> pb::EvaluateSunsetReviewRequest {
    pb::EvaluateSunsetReviewRequest {
        name: of.name.clone(),
        grade: wenxiao_contract::wenxiao::common::v1::Grade::Good.into(),
        text: "成效良好".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn what_is_open_about_a_policy_follows_it() {
    let world = World::with_registry().await;
    open_task(&world).await;
    objective(&world, 8, "policies/civil", "302").await;
    let (done, open) = (review(&world, 2021).await, review(&world, 2022).await);
    world.budget(reviewer("302")).evaluate_sunset_review(evaluation(&done)).await.expect("evaluated");
    let decide = pb::DecideSunsetReviewRequest {
        name: done.name.clone(),
        outcome: pb::sunset_review::Outcome::Continue.into(),
        reason: "评价良好".to_owned(),
        renewal_start_date: day(2021, 1, 1),
        ..Default::default()
    };
    world.budget(head()).decide_sunset_review(decide).await.expect("decided");
    let ex_ante = work::ex_ante(&world, filer("302"), policy()).await;
    let decision = work::budget_request(&world, "302", policy()).await.expect("requested");

    let said = registry::Policy {
        name: name("policies/civil"),
        title: "社会组织专项扶持资金管理办法".to_owned(),
        executing_unit: name("units/901"),
        ..Default::default()
    };
    let request = registry::UpdatePolicyRequest { policy: Some(said), ..Default::default() };
    let mut client = ProjectServiceClient::new(world.suite.as_caller(officer()));
    client.update_policy(request).await.expect("it is said");
    heard(&world, "select unit from evaluation.subjects where name like '%/civil'", "901").await;

    let strange = world.budget(reviewer("302")).evaluate_sunset_review(evaluation(&open)).await;
    assert_eq!(strange.expect_err("not theirs any more").code(), Code::NotFound);
    let evaluated = world.budget(reviewer("901")).evaluate_sunset_review(evaluation(&open)).await;
    let evaluated = evaluated.expect("the heir evaluates").into_inner();
    assert_eq!((owner(evaluated.object), evaluated.version), (unit("901", "海沧街道"), 2));
    let get = pb::GetSunsetReviewRequest { name: done.name };
    let kept = world.budget(officer()).get_sunset_review(get).await.expect("kept").into_inner();
    assert_eq!(owner(kept.object), unit("302", "区府办"), "what is decided stays");
    // The heir also evaluates itself, by the objective that the unit before it had ratified.
    let of = pb::SelfEvaluation { object: policy(), objective: name("objectives/o8"), ..form(1, 740_000) };
    let begun = create(&world, "policy", of, "901").await.expect("the heir's");
    assert_eq!(begun.objective_in_force.map(|of| of.number), Some(1));
    let get = pb::GetExAnteEvaluationRequest { name: ex_ante.name };
    world.ex_ante(filer("901")).get_ex_ante_evaluation(get).await.expect("the heir's");
    let get = pb::GetBudgetDecisionRequest { name: decision.name };
    world.budget(filer("901")).get_budget_decision(get).await.expect("the heir's");
}
