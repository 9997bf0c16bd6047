//! Projects are evaluated before they get money.

use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use crate::support::*;

#[tokio::test]
async fn two_projects_are_evaluated_before_they_get_more() {
    let world = World::start().await;
    for (id, amount) in [("p1", 20_000_000), ("p2", 16_000_000)] {
        let asked = pb::ExAnteEvaluation {
            object: project(id),
            work_year: 2020,
            applies_to_year: 2020,
            occasion: pb::ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
            requested_amount: yuan(amount),
            ..Default::default()
        };
        let request = pb::CreateExAnteEvaluationRequest {
            parent: DISTRICT.to_owned(),
            ex_ante_evaluation_id: id.to_owned(),
            ex_ante_evaluation: Some(asked),
            ..Default::default()
        };
        let created =
            world.ex_ante(officer()).create_ex_ante_evaluation(request).await.expect("started").into_inner();
        let judgements = created.dimensions.iter().flat_map(|d| &d.items).map(|item| pb::ExAnteJudgement {
            item: item.code.clone(),
            score: dec("18.5"),
            comment: "较充分".to_owned(),
            ..Default::default()
        });
        let judge = pb::JudgeExAnteEvaluationRequest {
            name: created.name.clone(),
            judgements: judgements.collect(),
            ..Default::default()
        };
        let judged =
            world.ex_ante(officer()).judge_ex_ante_evaluation(judge).await.expect("judged").into_inner();
        assert_eq!(judged.total_score, dec("92.5"));
        let submit = pb::SubmitExAnteEvaluationRequest { name: created.name.clone(), ..Default::default() };
        world.ex_ante(officer()).submit_ex_ante_evaluation(submit).await.expect("handed in");
        let conclude = pb::ConcludeExAnteEvaluationRequest {
            name: created.name.clone(),
            conclusion: pb::ex_ante_evaluation::Conclusion::Support.into(),
            supported_amount: yuan(amount),
            reason: "民生急需".to_owned(),
            ..Default::default()
        };
        let own = world
            .ex_ante(officer())
            .conclude_ex_ante_evaluation(conclude.clone())
            .await
            .expect_err("own work");
        assert_eq!(own.code(), Code::PermissionDenied);
        world.ex_ante(head()).conclude_ex_ante_evaluation(conclude).await.expect("concluded");
    }
    let stats = world
        .ex_ante(officer())
        .get_ex_ante_statistics(pb::GetExAnteStatisticsRequest {
            name: name("exAnteStatistics/2020"),
            occasion: pb::ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
        })
        .await
        .expect("statistics")
        .into_inner();
    assert_eq!((stats.project_count, stats.requested_amount, stats.open_count), (2, yuan(36_000_000), 0));
}
