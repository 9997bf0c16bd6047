//! Adjustment during the year, on a real Postgres, in the roles that would do it.

use crate::support::*;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::State;
use wenxiao_platform::testing::TestSuite;

async fn ratified(suite: &TestSuite) {
    let mut finance = objectives(suite, officer());
    bring_to_finance(suite, "o1", "p-602002-1", 2020).await;
    finance.grade_objective(grading("o1", Grade::Excellent, "")).await.expect("accepted");
    finance.ratify_objective(ratification("o1", 850_000)).await.expect("accepted");
}

fn proposal() -> wire::ProposeAdjustmentRequest {
    wire::ProposeAdjustmentRequest {
        name: objective("o1"),
        adjustment_reason: wire::AdjustmentReason::BudgetChanged.into(),
        reason: "预算追减25万元".to_owned(),
        content: Some(content("完成两所学校校舍修缮")),
        adjusted_amount: yuan(600_000),
        ..Default::default()
    }
}

#[tokio::test]
async fn old_and_new_stand_side_by_side_until_the_change_is_approved() {
    let suite = start().await;
    ratified(&suite).await;
    let (mut unit, mut finance) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    let proposed = unit.propose_adjustment(proposal()).await.unwrap().into_inner();
    assert_eq!((proposed.state(), proposed.ratified_version), (State::Adjusting, 1));
    let adjustment = proposed.adjustment.as_ref().unwrap();
    assert_eq!(adjustment.adjustment_reason(), wire::AdjustmentReason::BudgetChanged);
    assert_eq!((&adjustment.adjusted_amount, &proposed.ratified_amount), (&yuan(600_000), &yuan(850_000)));
    let ask =
        wire::CompareObjectiveVersionsRequest { name: objective("o1"), base_number: 1, other_number: 2 };
    let changes = finance.compare_objective_versions(ask.clone()).await.unwrap().into_inner().changes;
    assert_eq!(
        (changes[0].old_value.as_str(), changes[0].new_value.as_str()),
        ("完成校舍修缮", "完成两所学校校舍修缮")
    );
    let missing = wire::CompareObjectiveVersionsRequest { other_number: 9, ..ask };
    expect_refusal(finance.compare_objective_versions(missing).await, Code::NotFound, "NOT_FOUND");
    expect_refusal(unit.propose_adjustment(proposal()).await, Code::FailedPrecondition, "STATE_NOT_ALLOWED");
    let approve = wire::ApproveAdjustmentRequest { name: objective("o1"), ..Default::default() };
    let approved = finance.approve_adjustment(approve).await.unwrap().into_inner();
    assert_eq!((approved.state(), approved.ratified_version), (State::Ratified, 2));
    assert_eq!((approved.ratified_amount, approved.adjustment), (yuan(600_000), None));
    let ask = wire::ListObjectiveVersionsRequest { parent: objective("o1"), ..Default::default() };
    let versions = unit.list_objective_versions(ask).await.unwrap().into_inner().versions;
    let kinds: Vec<_> = versions[1].decisions.iter().map(|decision| decision.kind()).collect();
    assert_eq!(versions[1].kind(), wire::VersionKind::Adjustment);
    assert_eq!(kinds, [wire::DecisionKind::AdjustmentProposed, wire::DecisionKind::AdjustmentApproved]);
}

#[tokio::test]
async fn a_refused_change_leaves_what_was_in_force() {
    let suite = start().await;
    ratified(&suite).await;
    let (mut unit, mut finance) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    let unchanged = wire::ProposeAdjustmentRequest {
        content: Some(content("完成校舍修缮")),
        adjusted_amount: None,
        ..proposal()
    };
    expect_refusal(unit.propose_adjustment(unchanged).await, Code::InvalidArgument, "NOTHING_CHANGED");
    let without = wire::ProposeAdjustmentRequest { adjustment_reason: 0, ..proposal() };
    expect_violations(unit.propose_adjustment(without).await, "INVALID_REQUEST", &["adjustment_reason"]);
    unit.propose_adjustment(proposal()).await.unwrap();
    let refuse = wire::RefuseAdjustmentRequest {
        name: objective("o1"),
        reason: "理由不充分".to_owned(),
        ..Default::default()
    };
    let refused = finance.refuse_adjustment(refuse).await.unwrap().into_inner();
    assert_eq!(
        (refused.state(), refused.ratified_version, refused.submitted_version),
        (State::Ratified, 1, 2)
    );
    assert_eq!(refused.content.unwrap().annual_goal, "完成校舍修缮", "what is in force is shown again");
    assert_eq!(refused.ratified_amount, yuan(850_000));
}
