//! Units evaluate themselves; forms go back and forth and are counted.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use crate::support::forms::{file, open_task};
use crate::support::*;

#[tokio::test]
async fn units_evaluate_themselves_and_coverage_is_counted() {
    let world = World::start().await;
    open_task(&world).await;
    let first = file(&world, 1, "301", 740_000).await;
    assert_eq!(first.self_score.as_ref().unwrap().value, "96.74");
    assert_eq!(first.self_grade(), common::Grade::Excellent);
    assert_eq!(first.objective_amount, yuan(1_000_000), "the ratified objective says the amount");
    assert_eq!(first.object.as_ref().unwrap().unit, name("units/301"));
    assert_eq!(first.suspicion_signals.len(), 2);
    file(&world, 2, "302", 1_000_000).await;
    file(&world, 3, "901", 1_000_000).await;
    file(&world, 4, "301", 1_000_000).await; // 301001 is the department itself
    let stats = world
        .forms(officer())
        .get_self_evaluation_statistics(pb::GetSelfEvaluationStatisticsRequest {
            name: name("selfEvaluationStatistics/2019"),
        })
        .await
        .expect("statistics")
        .into_inner();
    assert_eq!((stats.unit_count, stats.street_count, stats.form_count), (2, 1, 4));
    assert_eq!((stats.evaluated_amount, stats.ratified_amount), (yuan(10_000_000), yuan(10_000_000)));
    assert_eq!(stats.coverage_rate, dec("100"));
    assert_eq!(stats.missing_report_count, 0);

    let sheet = world
        .forms(officer())
        .verify_self_evaluation_score(pb::VerifySelfEvaluationScoreRequest {
            name: first.name.clone(),
            rule_set: String::new(),
        })
        .await
        .expect("a sheet")
        .into_inner();
    assert!(sheet.consistent);
    assert!(!sheet.explanation.unwrap().steps.is_empty());

    let page = world
        .forms(filer("302"))
        .list_self_evaluations(pb::ListSelfEvaluationsRequest {
            parent: DISTRICT.to_owned(),
            ..Default::default()
        })
        .await
        .expect("a list")
        .into_inner();
    assert_eq!(page.self_evaluations.len(), 1, "a unit sees its own forms");
    let foreign = world
        .forms(filer("302"))
        .get_self_evaluation(pb::GetSelfEvaluationRequest { name: first.name.clone() })
        .await
        .expect_err("another unit's form");
    assert_eq!(foreign.code(), Code::NotFound);
}

#[tokio::test]
async fn a_form_that_is_sent_back_keeps_its_versions() {
    let world = World::start().await;
    open_task(&world).await;
    let form = file(&world, 1, "301", 740_000).await;
    let back = pb::ReturnSelfEvaluationRequest {
        name: form.name.clone(),
        reason: "佐证不足".to_owned(),
        etag: form.etag.clone(),
        ..Default::default()
    };
    let returned = world.forms(reviewer("301")).return_self_evaluation(back).await.expect("it is sent back");
    assert_eq!(returned.into_inner().state(), pb::self_evaluation::State::Returned);
    let review = |etag: &str| pb::ReviewSelfEvaluationRequest {
        name: form.name.clone(),
        score: dec("95"),
        opinion: "同意".to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    let late = world.forms(reviewer("301")).review_self_evaluation(review(&form.etag)).await;
    assert_eq!(late.expect_err("somebody was faster").code(), Code::Aborted);
    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form.name.clone(),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        update_mask: mask(&["problems"]),
        ..Default::default()
    };
    let updated =
        world.forms(filer("301")).update_self_evaluation(update).await.expect("it is changed").into_inner();
    assert_eq!((updated.problems.as_str(), updated.conclusion.as_str()), ("进度偏慢", "良好"));
    let submit = pb::SubmitSelfEvaluationRequest { name: form.name.clone(), ..Default::default() };
    world.forms(filer("301")).submit_self_evaluation(submit).await.expect("it is handed in again");
    world.forms(reviewer("301")).review_self_evaluation(review("")).await.expect("the department reviews");
    let confirmed = recheck_and_confirm(&world, &form.name).await;
    assert_eq!(confirmed.self_score, dec("96.74"), "nothing is overwritten");
    assert_eq!(confirmed.rechecks[0].total_score, dec("87.40"));
    assert_eq!(confirmed.review_marks.len(), 3);
    let ask = pb::ListSelfEvaluationVersionsRequest { name: form.name, page_size: 2, ..Default::default() };
    let versions = world.forms(officer()).list_self_evaluation_versions(ask).await.expect("versions");
    let versions = versions.into_inner();
    assert_eq!(versions.self_evaluations.len(), 2);
    assert!(!versions.next_page_token.is_empty());
}

/// The bureau takes the points of indicator `b` away, and confirms the form all the same.
async fn recheck_and_confirm(world: &World, form: &str) -> pb::SelfEvaluation {
    let recheck = pb::RecheckSelfEvaluationRequest {
        name: form.to_owned(),
        items: vec![pb::RecheckItem {
            indicator_id: "b".to_owned(),
            score: dec("0"),
            rule: "no_evidence".to_owned(),
            remark: "无佐证".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    };
    world.forms(officer()).recheck_self_evaluation(recheck).await.expect("a recheck");
    let confirm = pb::ConfirmSelfEvaluationRequest {
        name: form.to_owned(),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.forms(business()).confirm_self_evaluation(confirm).await.expect("confirmed").into_inner()
}

#[tokio::test]
async fn what_is_not_yet_there_says_so() {
    let world = World::start().await;
    let draw = pb::CreateRecheckDrawRequest {
        parent: DISTRICT.to_owned(),
        recheck_draw: Some(pb::RecheckDraw::default()),
        ..Default::default()
    };
    let refused = world.forms(officer()).create_recheck_draw(draw).await.expect_err("not implemented");
    assert_eq!(refused.code(), Code::Unimplemented);
}
