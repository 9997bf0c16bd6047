//! Objects are evaluated in depth, by people without a conflict of interest.

use tonic::Code;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::identity::Role;

use crate::support::*;

async fn evaluate(world: &World, n: i32, lead: pb::key_evaluation_plan::Lead) -> pb::KeyEvaluation {
    let created = work::evaluate(world, "y2020", n, &format!("k{n}")).await;
    let member = |n: i32| pb::PanelMember {
        participant: name(&format!("representatives/r{n}")),
        role: if n > 2 { pb::panel_member::Role::CppccMember } else { pb::panel_member::Role::PeoplesDeputy }
            .into(),
        ..Default::default()
    };
    let finance = lead == pb::key_evaluation_plan::Lead::Finance;
    let panel = pb::KeyEvaluationPanel {
        institution: if finance { name("institutions/i1") } else { String::new() },
        engagement: if finance { name("engagements/e1") } else { String::new() },
        lead_evaluator: "主评人".to_owned(),
        members: if finance { vec![member(1 + n % 4)] } else { Vec::new() },
    };
    let appoint =
        pb::AppointPanelRequest { name: created.name.clone(), panel: Some(panel), ..Default::default() };
    world.key(officer()).appoint_panel(appoint).await.expect("a panel");
    let scorer = if finance { guest(Role::ThirdPartyReviewer, "i1") } else { officer() };
    let scores = created.indicators.iter().map(|indicator| pb::KeyEvaluationIndicatorScore {
        code: indicator.code.clone(),
        score: if indicator.code == "01" { dec("11") } else { indicator.points.clone() },
        comment: "依据不充分".to_owned(),
    });
    let score = pb::ScoreIndicatorsRequest {
        name: created.name.clone(),
        scores: scores.collect(),
        ..Default::default()
    };
    world.key(scorer.clone()).score_indicators(score).await.expect("scored");
    let send = pb::SendDraftRequest { name: created.name.clone(), ..Default::default() };
    world.key(scorer.clone()).send_draft(send).await.expect("sent");
    let answer = pb::AnswerDraftRequest { name: created.name.clone(), agreed: true, ..Default::default() };
    world.key(filer("301")).answer_draft(answer).await.expect("answered");
    let report = pb::SubmitKeyEvaluationReportRequest {
        name: created.name.clone(),
        report_sections: vec![pb::ReportSection {
            code: "overview".into(),
            title: "基本情况".into(),
            text: "……".into(),
        }],
        ..Default::default()
    };
    world.key(scorer).submit_key_evaluation_report(report).await.expect("reported");
    let fix = pb::FixKeyEvaluationRequest { name: created.name.clone(), ..Default::default() };
    world.key(head()).fix_key_evaluation(fix).await.expect("fixed").into_inner()
}

#[tokio::test]
async fn thirty_three_objects_are_evaluated_in_depth() {
    use pb::key_evaluation_plan::Lead;
    let world = World::start().await;
    let objects: Vec<i32> = (5..38).collect();
    let items = objects.iter().map(|n| pb::KeyEvaluationPlanItem {
        lead: if *n < 13 { Lead::Finance } else { Lead::Department }.into(),
        amount: yuan(8_545_455),
        ..work::item(*n, project(&format!("p{n}")))
    });
    let plan = pb::KeyEvaluationPlan {
        items: items.collect(),
        stated_totals: Some(pb::StatedTotals {
            total_count: Some(33),
            finance_count: Some(8),
            department_count: Some(25),
            amount: Some(common::PrintedAmount {
                value: dec("2.82"),
                unit: common::AmountUnit::HundredMillionYuan.into(),
                bound: common::FigureBound::Exact.into(),
                text: "2.82亿元".to_owned(),
            }),
        }),
        ..Default::default()
    };
    work::plan(&world, "y2020", plan).await;
    work::approve(&world, "y2020").await;
    for n in objects {
        let lead = if n < 13 { Lead::Finance } else { Lead::Department };
        let fixed = evaluate(&world, n, lead).await;
        assert_eq!((fixed.total_score, fixed.grade), (dec("91"), common::Grade::Excellent.into()));
    }
    let stats = pb::GetKeyEvaluationStatisticsRequest { name: name("keyEvaluationStatistics/2020") };
    let stats =
        world.key(officer()).get_key_evaluation_statistics(stats).await.expect("statistics").into_inner();
    assert_eq!((stats.total_count, stats.finance_count, stats.department_count), (33, 8, 25));
    assert_eq!(stats.total_amount, yuan(282_000_015));
    assert_eq!(stats.evaluated_years, [2019]);
    assert_eq!((stats.deputy_count, stats.member_count, stats.deputy_member_count), (2, 2, 4));
    assert_eq!(stats.finance_minimum_grade(), common::Grade::Excellent);
    let reconcile = pb::ReconcileKeyEvaluationPlanRequest { name: name("keyEvaluationPlans/y2020") };
    let result =
        world.key(officer()).reconcile_key_evaluation_plan(reconcile).await.expect("reconciled").into_inner();
    assert!(result.reconciled, "{:?}", result.lines);

    let list = pb::ListKeyEvaluationsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let seen =
        world.key(guest(Role::Deputy, "r1")).list_key_evaluations(list).await.expect("a list").into_inner();
    assert_eq!(seen.key_evaluations.len(), 2, "a deputy sees what is assigned to them");
}

#[tokio::test]
async fn a_helper_of_the_unit_does_not_evaluate_it() {
    let world = World::start().await;
    let items = vec![work::item(1, project("p1"))];
    work::plan(&world, "y2020", pb::KeyEvaluationPlan { items, ..Default::default() }).await;
    work::approve(&world, "y2020").await;
    let created = work::evaluate(&world, "y2020", 1, "k1").await;
    let panel = pb::KeyEvaluationPanel {
        institution: name("institutions/i2"),
        engagement: name("engagements/helper"),
        lead_evaluator: "主评人".to_owned(),
        members: Vec::new(),
    };
    let check = pb::CheckPanelConflictsRequest { name: created.name.clone(), panel: Some(panel.clone()) };
    let found = world.key(officer()).check_panel_conflicts(check).await.expect("a check").into_inner();
    assert_eq!(found.conflicts.len(), 2);
    let appoint = pb::AppointPanelRequest { name: created.name, panel: Some(panel), ..Default::default() };
    let refused = world.key(officer()).appoint_panel(appoint).await.expect_err("a conflict");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "CONFLICT_OF_INTEREST")
    );
}
