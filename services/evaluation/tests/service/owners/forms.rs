//! Self-evaluations, findings and demands follow their project.

use sqlx::Row as _;
use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use super::*;
use crate::support::forms::open_task;

async fn submitted(world: &World, n: usize, id: &str, unit: &str) {
    draft(world, n, id, unit).await;
    let request = pb::SubmitSelfEvaluationRequest { name: form_name(id), ..Default::default() };
    world.forms(filer(unit)).submit_self_evaluation(request).await.expect("handed in");
}

/// Forms of project p5 in every state, by their state's name, and a draft of p6.
async fn forms_in_every_state(world: &World) {
    open_task(world).await;
    draft(world, 5, "draft", "301").await;
    draft(world, 6, "other", "301").await;
    for id in ["submitted", "returned", "reviewed", "confirmed"] {
        submitted(world, 5, id, "301").await;
    }
    let back = pb::ReturnSelfEvaluationRequest {
        name: form_name("returned"),
        reason: "佐证不足".to_owned(),
        ..Default::default()
    };
    world.forms(reviewer("301")).return_self_evaluation(back).await.expect("sent back");
    for id in ["reviewed", "confirmed"] {
        let review = pb::ReviewSelfEvaluationRequest {
            name: form_name(id),
            opinion: "同意".to_owned(),
            ..Default::default()
        };
        world.forms(reviewer("301")).review_self_evaluation(review).await.expect("reviewed");
    }
    let confirm = pb::ConfirmSelfEvaluationRequest {
        name: form_name("confirmed"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.forms(officer()).confirm_self_evaluation(confirm).await.expect("confirmed");
}

/// Everything that is kept of the forms and findings: owners, versions, bodies.
async fn kept(world: &World) -> Vec<String> {
    let sql = "select id || version || unit || unit_title || body::text from evaluation.self_evaluations
               union all select id || version || unit || unit_title || body::text from evaluation.findings
               union all select id || version || unit || body::text from evaluation.rectifications order by 1";
    let rows = sqlx::raw_sql(sql).fetch_all(&mut world.suite.superuser().await).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn forms_follow_their_project_until_they_are_confirmed() {
    let world = World::with_registry().await;
    forms_in_every_state(&world).await;
    hand_over(&world, 5, "302").await;
    assert_eq!(seen_by(&world, "302").await, ["draft", "returned", "reviewed", "submitted"]);
    assert_eq!(
        seen_by(&world, "301").await,
        ["confirmed", "other"],
        "what is done stays, and so do others' projects"
    );
    let get = pb::GetSelfEvaluationRequest { name: form_name("submitted") };
    let gone =
        world.forms(filer("301")).get_self_evaluation(get.clone()).await.expect_err("not theirs any more");
    assert_eq!(gone.code(), Code::NotFound);
    let form = world.forms(filer("302")).get_self_evaluation(get).await.expect("theirs").into_inner();
    let object = form.object.expect("an object");
    assert_eq!((object.unit, object.unit_display_name.as_str()), (name("units/302"), "区府办"));
    assert_eq!(form.version, 2, "no version was raised");

    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form_name("returned"),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.forms(filer("302")).update_self_evaluation(update).await.expect("the heir goes on");
    let review = pb::ReviewSelfEvaluationRequest {
        name: form_name("submitted"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    let strange = world.forms(reviewer("301")).review_self_evaluation(review.clone()).await;
    assert_eq!(strange.expect_err("not their unit's any more").code(), Code::NotFound);
    world.forms(reviewer("302")).review_self_evaluation(review).await.expect("the heir's department reviews");
    let ask = pb::ListSelfEvaluationVersionsRequest { name: form_name("returned"), ..Default::default() };
    let versions = world.forms(officer()).list_self_evaluation_versions(ask).await.expect("versions");
    let units: Vec<_> =
        versions.into_inner().self_evaluations.into_iter().filter_map(|v| v.object).map(|o| o.unit).collect();
    assert_eq!(
        units,
        ["302", "301", "301"].map(|unit| name(&format!("units/{unit}"))),
        "history is not rewritten"
    );

    // Heard again, it changes nothing.
    let before = kept(&world).await;
    say_owner(&world, 5, "302").await;
    hand_over(&world, 6, "901").await;
    let after: Vec<_> = kept(&world).await.into_iter().filter(|row| !row.starts_with("other")).collect();
    assert_eq!(after, before.into_iter().filter(|row| !row.starts_with("other")).collect::<Vec<_>>());
}

/// The name of a problem of project `p<n>`.
async fn found(world: &World, n: usize) -> String {
    work::finding(world, &format!("p{n}"), pb::finding::Category::LowExecution).await.name
}

#[tokio::test]
async fn findings_and_demands_follow_their_project_until_they_are_met() {
    let world = World::with_registry().await;
    let (open, one, mixed, other) =
        (found(&world, 5).await, found(&world, 5).await, found(&world, 5).await, found(&world, 6).await);
    let met = found(&world, 5).await;
    demand(&world, "one", "301", vec![one]).await.expect("demanded");
    demand(&world, "mixed", "301", vec![mixed, other]).await.expect("demanded");
    demand(&world, "met", "301", vec![met]).await.expect("demanded");
    report(&world, "met", "301").await.expect("reported");
    let accept = pb::AcceptRectificationRequest {
        name: name("rectifications/met"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.rectification(officer()).accept_rectification(accept).await.expect("accepted");

    hand_over(&world, 5, "302").await;
    assert_eq!(report(&world, "one", "301").await.expect_err("not theirs any more").code(), Code::NotFound);
    let reported = report(&world, "one", "302").await.expect("the heir reports");
    assert_eq!((reported.unit, reported.version), (name("units/302"), 2));
    let get = |id: &str| pb::GetRectificationRequest { name: name(&format!("rectifications/{id}")) };
    let kept = world.rectification(filer("301")).get_rectification(get("met")).await;
    assert_eq!(kept.expect("what was met stays").into_inner().unit, name("units/301"));
    // A demand whose findings lie with two units stays until they lie with one.
    world.rectification(filer("301")).get_rectification(get("mixed")).await.expect("still theirs");
    let refused = demand(&world, "late", "301", vec![open.clone()]).await.expect_err("not 301's finding");
    assert_eq!(reason(&refused), "FINDING_NOT_DEMANDABLE");
    demand(&world, "late", "302", vec![open]).await.expect("the heir is asked");
    hand_over(&world, 6, "302").await;
    world.rectification(filer("302")).get_rectification(get("mixed")).await.expect("now it is the heir's");
}

#[tokio::test]
async fn a_command_in_flight_does_not_undo_a_hand_over() {
    let world = World::with_registry().await;
    open_task(&world).await;
    draft(&world, 5, "draft", "301").await;
    let mut holder = world.suite.superuser().await;
    sqlx::raw_sql("begin; select from evaluation.self_evaluations where id = 'draft' for update")
        .execute(&mut holder)
        .await
        .expect("the form is held");
    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form_name("draft"),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut forms = world.forms(filer("301"));
    let command = tokio::spawn(async move { forms.update_self_evaluation(update).await });
    waiting(&world, 1).await;
    say_owner(&world, 5, "302").await;
    waiting(&world, 2).await;
    sqlx::raw_sql("commit").execute(&mut holder).await.expect("it is let go");
    command.await.expect("an answer").expect("it had come first");
    heard(&world, "select unit from evaluation.self_evaluations where id = 'draft'", "302").await;
    let get = pb::GetSelfEvaluationRequest { name: form_name("draft") };
    let form = world.forms(filer("302")).get_self_evaluation(get).await.expect("the heir's").into_inner();
    assert_eq!((form.problems.as_str(), form.version), ("进度偏慢", 2));
}
