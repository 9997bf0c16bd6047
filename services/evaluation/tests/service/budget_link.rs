//! Results and budgets: hints, decisions, sunset reviews.

use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use crate::support::forms::{file, open_task};
use crate::support::*;

fn printed(
    value: &str,
    unit: common::AmountUnit,
    bound: common::FigureBound,
    text: &str,
) -> Option<pb::BudgetFigure> {
    let printed = common::PrintedAmount {
        value: dec(value),
        unit: unit.into(),
        bound: bound.into(),
        text: text.to_owned(),
    };
    Some(pb::BudgetFigure { amount: None, printed: Some(printed) })
}

async fn hints(world: &World) -> pb::GenerateBudgetHintsResponse {
    let generate = pb::GenerateBudgetHintsRequest {
        parent: DISTRICT.to_owned(),
        applies_to_year: 2021,
        work_year: 2020,
        ..Default::default()
    };
    world.budget(officer()).generate_budget_hints(generate).await.expect("hints").into_inner()
}

fn creation(decision: pb::BudgetDecision) -> pb::CreateBudgetDecisionRequest {
    let decision = pb::BudgetDecision { work_year: 2020, applies_to_year: 2021, ..decision };
    pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision: Some(decision),
        ..Default::default()
    }
}

/// A request of 143 万元 beside 80 万元 of the year before, which spent 74 % of them.
async fn arrange_beside_a_hint(world: &World) -> pb::BudgetDecision {
    use common::{AmountUnit::TenThousandYuan, FigureBound::Exact};
    let asked = pb::BudgetDecision {
        object: project("p2"),
        evaluated_year: 2019,
        requested: printed("143", TenThousandYuan, Exact, "143万元"),
        base_figures: vec![pb::BaseFigure {
            kind: pb::base_figure::Kind::InitialBudget.into(),
            fiscal_year: 2019,
            figure: printed("80", TenThousandYuan, Exact, "80万元"),
            execution_rate: dec("74"),
        }],
        ..Default::default()
    };
    let create = creation(asked);
    let created = world.budget(filer("302")).create_budget_decision(create).await.expect("requested");
    let mut arrange = pb::ArrangeBudgetRequest {
        name: created.into_inner().name,
        figure: printed("85", TenThousandYuan, Exact, "85万元"),
        reason: "按上年执行核定".to_owned(),
        evidence: vec![pb::Evidence {
            resource: name("selfEvaluations/s2"), text: "执行率74%".to_owned()
        }],
        ..Default::default()
    };
    let refused =
        world.budget(business()).arrange_budget(arrange.clone()).await.expect_err("a hint stands in the way");
    assert_eq!(reason(&refused), "OVERRIDE_REASON_REQUIRED");
    arrange.override_reason = "房屋安全需要".to_owned();
    world.budget(business()).arrange_budget(arrange).await.expect("arranged").into_inner()
}

/// "0.6亿多" of 1.9亿, without a request.
async fn arrange_more_or_less(world: &World) -> pb::BudgetDecision {
    use common::{AmountUnit::HundredMillionYuan, FigureBound};
    let open = pb::BudgetDecision {
        object: object(pb::evaluated_object::Kind::WholeDepartment, "units/301"),
        base_figures: vec![pb::BaseFigure {
            kind: pb::base_figure::Kind::AdjustedBudget.into(),
            fiscal_year: 2020,
            figure: printed("1.9", HundredMillionYuan, FigureBound::Exact, "1.9亿"),
            execution_rate: None,
        }],
        ..Default::default()
    };
    let created = world.budget(business()).create_budget_decision(creation(open)).await.expect("recorded");
    let arrange = pb::ArrangeBudgetRequest {
        name: created.into_inner().name,
        figure: printed("0.6", HundredMillionYuan, FigureBound::AtLeast, "0.6亿多"),
        reason: "进度偏慢".to_owned(),
        evidence: vec![pb::Evidence { resource: String::new(), text: "2020年进度".to_owned() }],
        ..Default::default()
    };
    world.budget(head()).arrange_budget(arrange).await.expect("arranged").into_inner()
}

/// The one policy that is due, evaluated and continued.
async fn review_the_expired_policy(world: &World) -> pb::SunsetReview {
    let due = pb::OpenDueSunsetReviewsRequest {
        parent: DISTRICT.to_owned(),
        work_year: 2020,
        applies_to_year: 2021,
        ..Default::default()
    };
    let opened = world.budget(officer()).open_due_sunset_reviews(due).await.expect("due").into_inner();
    let [review] = opened.sunset_reviews.as_slice() else { panic!("{opened:?}") };
    let evaluate = pb::EvaluateSunsetReviewRequest {
        name: review.name.clone(),
        grade: common::Grade::Good.into(),
        text: "成效良好".to_owned(),
        ..Default::default()
    };
    world.budget(reviewer("302")).evaluate_sunset_review(evaluate).await.expect("evaluated");
    let decide = pb::DecideSunsetReviewRequest {
        name: review.name.clone(),
        outcome: pb::sunset_review::Outcome::Continue.into(),
        reason: "评价良好".to_owned(),
        renewal_start_date: day(2021, 1, 1),
        ..Default::default()
    };
    world.budget(head()).decide_sunset_review(decide).await.expect("decided").into_inner()
}

#[tokio::test]
async fn budgets_are_decided_by_people_who_say_why() {
    let world = World::start().await;
    open_task(&world).await;
    file(&world, 2, "302", 740_000).await; // 74 %: below 80 %
    let made = hints(&world).await;
    let counts = (made.created_count, made.unchanged_count);
    assert_eq!(counts, (2, 0), "low execution, and a policy that has expired");
    let again = hints(&world).await;
    assert_eq!((again.created_count, again.unchanged_count), (0, 2));

    let arranged = arrange_beside_a_hint(&world).await;
    assert_eq!((arranged.cut_amount, arranged.cut_rate), (yuan(580_000), dec("40.56")));
    assert_eq!(arranged.hints.len(), 1);
    let arranged = arrange_more_or_less(&world).await;
    let kept = arranged.arrangements[0].figure.as_ref().unwrap().printed.as_ref().unwrap();
    assert_eq!((kept.text.as_str(), kept.bound()), ("0.6亿多", common::FigureBound::AtLeast));
    assert!(arranged.cut_amount.is_none() && !arranged.comparisons[0].exact);
    assert_eq!(review_the_expired_policy(&world).await.gap_day_count, 163);
    let made = hints(&world).await;
    assert_eq!((made.unchanged_count, made.superseded_count), (1, 1), "a decided review settles the expiry");

    let stats = pb::GetBudgetLinkStatisticsRequest { name: name("budgetLinkStatistics/2021") };
    let stats =
        world.budget(officer()).get_budget_link_statistics(stats).await.expect("statistics").into_inner();
    assert_eq!((stats.arranged_count, stats.cut_count, stats.inexact_count), (2, 1, 1));
    assert_eq!(
        (stats.cut_amount, stats.sunset_review_count, stats.continued_policy_count),
        (yuan(580_000), 1, 1)
    );
}
