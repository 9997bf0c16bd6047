//! A self-evaluation answers to the version of its objective that was in force at the end of the evaluated year.

use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_kernel::Decimal;

use crate::support::forms::{form, open_task, ratified, ratify};
use crate::support::*;

async fn create(world: &World, form: pb::SelfEvaluation) -> Result<pb::SelfEvaluation, tonic::Status> {
    let request = pb::CreateSelfEvaluationRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_id: "s1".to_owned(),
        self_evaluation: Some(form),
        ..Default::default()
    };
    let created = world.forms(filer("301")).create_self_evaluation(request).await?;
    Ok(created.into_inner())
}

async fn submit(world: &World) -> Result<pb::SelfEvaluation, tonic::Status> {
    let request = pb::SubmitSelfEvaluationRequest { name: name("selfEvaluations/s1"), ..Default::default() };
    Ok(world.forms(filer("301")).submit_self_evaluation(request).await?.into_inner())
}

fn refresh() -> pb::RefreshSelfEvaluationRequest {
    pb::RefreshSelfEvaluationRequest { name: name("selfEvaluations/s1"), ..Default::default() }
}

/// What the unit itself says of the indicators, and nothing else.
fn own(form: &pb::SelfEvaluation) -> Vec<pb::SelfEvaluationIndicator> {
    let own = |item: &pb::SelfEvaluationIndicator| pb::SelfEvaluationIndicator {
        indicator_id: item.indicator_id.clone(),
        actual: item.actual.clone(),
        deviation_reason: item.deviation_reason.clone(),
        ..Default::default()
    };
    form.indicators.iter().map(own).collect()
}

#[tokio::test]
async fn goal_indicators_and_weights_are_filled_in_and_the_unit_says_the_rest() {
    let world = World::start().await;
    open_task(&world).await;
    let created = create(&world, pb::SelfEvaluation { indicators: Vec::new(), ..form(1, 740_000) }).await;
    let created = created.expect("a form without indicators takes them from its objective");
    assert_eq!((created.planned_goal.as_str(), created.objective_amount), ("完成整治", yuan(1_000_000)));
    let filled: Vec<_> =
        created.indicators.iter().map(|i| (i.indicator_id.as_str(), i.weight.clone())).collect();
    assert_eq!(filled, [("a", dec("80")), ("b", dec("10"))]);
    assert!(created.indicators.iter().all(|i| i.target_value == dec("95") && i.actual.is_none()));
    let in_force = created.objective_in_force.expect("the version is noted");
    assert_eq!(in_force.objective_version, name("objectives/o1/versions/1"));
    assert_eq!((in_force.number, in_force.ratified_late), (1, false));
    assert_eq!(in_force.ratify_time.map(|time| time.seconds), Some(1_548_662_400));

    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: created.name.clone(),
            indicators: own(&form(1, 0)),
            ..Default::default()
        }),
        update_mask: mask(&["indicators"]),
        ..Default::default()
    };
    world.forms(filer("301")).update_self_evaluation(update).await.expect("the identifier is enough");
    let submitted = submit(&world).await.expect("it is handed in");
    assert_eq!(submitted.self_score, dec("96.74"));
}

#[tokio::test]
async fn a_form_that_says_otherwise_is_refused_with_every_field() {
    let world = World::start().await;
    open_task(&world).await;
    let mut other = form(1, 740_000);
    other.planned_goal = "别的目标".to_owned();
    other.indicators[0].target_value = dec("90");
    other.indicators[0].weight = dec("70");
    other.indicators[1].indicator_id = "z".to_owned();
    let refused = create(&world, other.clone()).await.expect_err("it departs from the objective");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::InvalidArgument, "OBJECTIVE_VERSION_DIFFERS")
    );
    let named = [
        "planned_goal",
        "indicators[0].target_value",
        "indicators[0].weight",
        "indicators[1].indicator_id",
        "indicators",
    ];
    assert_eq!(fields(&refused), named.map(|field| format!("self_evaluation.{field}")));

    create(&world, form(1, 740_000)).await.expect("what agrees is taken");
    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation { name: name("selfEvaluations/s1"), ..other }),
        update_mask: mask(&["indicators"]),
        ..Default::default()
    };
    let refused = world.forms(filer("301")).update_self_evaluation(update).await.expect_err("nor later");
    assert_eq!(
        fields(&refused),
        named[1..].iter().map(|f| format!("self_evaluation.{f}")).collect::<Vec<_>>()
    );

    // An objective of something else, and an object of somebody else, say nothing of themselves.
    let foreign = pb::SelfEvaluation { objective: name("objectives/o2"), ..form(1, 740_000) };
    let refused = create(&world, foreign).await.expect_err("another project's objective");
    assert_eq!(fields(&refused), ["self_evaluation.objective"]);
    let mut claimed = form(2, 740_000);
    claimed.object.as_mut().expect("an object").unit = name("units/301");
    let refused = create(&world, claimed).await.expect_err("another unit's project");
    assert_eq!(fields(&refused), ["self_evaluation.object.unit"]);
    // Without an objective a form brings what it has.
    let mut without = other_than_the_objective();
    without.indicators[0].weight = None;
    let refused = create(&world, without).await.expect_err("then every weight is needed");
    assert_eq!(fields(&refused), ["self_evaluation.indicators[0].weight"]);
    let request = pb::CreateSelfEvaluationRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation: Some(other_than_the_objective()),
        ..Default::default()
    };
    let free = world.forms(filer("301")).create_self_evaluation(request).await.expect("it goes on as before");
    assert_eq!(free.into_inner().objective_in_force, None);
}

fn other_than_the_objective() -> pb::SelfEvaluation {
    let mut form = pb::SelfEvaluation { objective: String::new(), ..form(1, 740_000) };
    form.indicators[0].target_value = dec("90");
    form
}

#[tokio::test]
async fn an_adjustment_before_the_form_is_handed_in_is_taken_up_first() {
    let world = World::start().await;
    open_task(&world).await;
    create(&world, form(1, 740_000)).await.expect("the form is started");
    let current =
        world.forms(filer("301")).refresh_self_evaluation(refresh()).await.expect_err("nothing new");
    assert_eq!(reason(&current), "OBJECTIVE_VERSION_CURRENT");

    let mut adjusted = ratified(2, "2019-09-01T08:00:00Z");
    adjusted.goal = "完成大部分整治".to_owned();
    adjusted.indicators[1].target = Some(Decimal::new(80, 0));
    let mut connection = world.suite.superuser().await;
    ratify(&mut connection, 1, &adjusted).await;
    // What is adjusted after the year is of no concern to its evaluation.
    ratify(&mut connection, 1, &ratified(3, "2020-02-01T08:00:00Z")).await;

    let refused = submit(&world).await.expect_err("the form answers to version 1");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "OBJECTIVE_VERSION_OUTDATED")
    );
    let foreign = world.forms(filer("302")).refresh_self_evaluation(refresh()).await;
    assert_eq!(foreign.expect_err("another unit's form").code(), Code::NotFound);
    let refreshed = world.forms(filer("301")).refresh_self_evaluation(refresh()).await;
    let refreshed = refreshed.expect("it is brought up to date").into_inner();
    assert_eq!(refreshed.objective_in_force.as_ref().map(|of| of.number), Some(2));
    assert_eq!(
        (refreshed.planned_goal.as_str(), refreshed.indicators[1].target_value.clone()),
        ("完成大部分整治", dec("80"))
    );
    assert!(refreshed.indicators[1].actual.is_some(), "what was reached stays");
    let submitted = submit(&world).await.expect("now it is handed in");
    assert_eq!(submitted.self_score, dec("97.40"), "7.40 + 80 + 10: the lower target is met");
    let late = world.forms(filer("301")).refresh_self_evaluation(refresh()).await;
    assert_eq!(reason(&late.expect_err("it lies with the department")), "STATE_NOT_ALLOWED");
}
