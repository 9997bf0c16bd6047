//! What results mean for the next budget: decisions, and reviews of policies that expire (结果应用).

use anyhow::{Result, bail};
use chrono::NaiveDate;
use wenxiao_contract::wenxiao::evaluation::v1::{
    ArrangeBudgetRequest, BaseFigure, BudgetDecision, BudgetFigure, BudgetHint, CreateBudgetDecisionRequest,
    CreateSunsetReviewRequest, DecideSunsetReviewRequest, EvaluateSunsetReviewRequest, EvaluatedObject,
    Evidence, GenerateBudgetHintsRequest, GenerateBudgetHintsResponse, ListBudgetHintsRequest,
    ListBudgetHintsResponse, RecommendBudgetRequest, SunsetReview, base_figure, budget_hint,
    evaluated_object, sunset_review,
};

use super::ex_ante::project;
use crate::clients::Office;
use crate::data::rows::{DecisionRow, PolicyRow, SunsetRow};
use crate::play::Play;
use crate::wire::{date, decimal, money, printed, printed_yuan, request_id};

/// The rules recommend (预算挂钩建议).
pub async fn recommend(play: &Play) -> Result<()> {
    let hints = GenerateBudgetHintsRequest {
        parent: play.district(),
        applies_to_year: play.scene.year + 1,
        work_year: play.scene.year,
        request_id: request_id("hints.generate", &play.scene.year.to_string()),
        validate_only: false,
    };
    let made: GenerateBudgetHintsResponse = play.call(&Office::performance(), hints).await?;
    play.say(&format!("  预算挂钩建议：{}条", made.created_count));
    Ok(())
}

/// Each case: requested, recommended by the business division, arranged by the head of the bureau.
pub async fn arrange(play: &Play) -> Result<()> {
    play.each("预算安排", &play.data.decisions, |row| async move {
        let name = play.name("budgetDecisions", &row.id);
        request(play, row).await?;
        let evidence = vec![Evidence { resource: evidence(play, row), text: row.basis.clone() }];
        let call = RecommendBudgetRequest {
            name: name.clone(),
            figure: Some(figure(row.recommended, "")?),
            reason: row.reason.clone(),
            evidence: evidence.clone(),
            request_id: request_id("decision.recommend", &row.id),
            etag: String::new(),
        };
        let _: BudgetDecision = play.call(&Office::business(), call).await?;
        let call = ArrangeBudgetRequest {
            name,
            figure: Some(figure(row.arranged, &row.arranged_text)?),
            reason: row.reason.clone(),
            evidence,
            override_reason: override_reason(play, &object(play, row)?.subject, &row.reason).await?,
            request_id: request_id("decision.arrange", &row.id),
            etag: String::new(),
        };
        let _: BudgetDecision = play.call(&Office::head(), call).await?;
        Ok(())
    })
    .await
}

/// Why the head decides otherwise, where a recommendation stands in the way of the arranged amount.
async fn override_reason(play: &Play, subject: &str, reason: &str) -> Result<String> {
    let asked = ListBudgetHintsRequest {
        parent: play.district(),
        applies_to_year: play.scene.year + 1,
        subject: subject.to_owned(),
        state: budget_hint::State::Active.into(),
        ..ListBudgetHintsRequest::default()
    };
    let hints: ListBudgetHintsResponse = play.call(&Office::head(), asked).await?;
    let binds = |hint: &BudgetHint| hint.strength() != budget_hint::Strength::Advisory;
    Ok(if hints.budget_hints.iter().any(binds) { reason.to_owned() } else { String::new() })
}

/// An amount with the way it is printed. A printed bound is all that was published: then the amount is the bound.
fn figure(amount: rust_decimal::Decimal, text: &str) -> Result<BudgetFigure> {
    if text.is_empty() {
        return Ok(BudgetFigure { amount: money(amount), printed: None });
    }
    let printed = printed(text)?;
    let open = printed.bound() == wenxiao_contract::wenxiao::common::v1::FigureBound::AtLeast;
    let amount = if open { printed_yuan(&printed)? } else { amount };
    Ok(BudgetFigure { amount: money(amount), printed: Some(printed) })
}

/// The evaluation that a decision rests on, where it rests on one.
fn evidence(play: &Play, row: &DecisionRow) -> String {
    if row.basis_id.is_empty() { String::new() } else { play.name("keyEvaluations", &row.basis_id) }
}

async fn request(play: &Play, row: &DecisionRow) -> Result<()> {
    let kind = match row.basis.as_str() {
        basis if basis.contains("实际支出") => base_figure::Kind::Outturn,
        basis if basis.contains("调整后") => base_figure::Kind::AdjustedBudget,
        _ => base_figure::Kind::InitialBudget,
    };
    // A request that the summary does not give is not made up: the files repeat the base there.
    let requested =
        if row.requested_text.is_empty() { None } else { Some(figure(row.requested, &row.requested_text)?) };
    let decision = BudgetDecision {
        object: Some(object(play, row)?),
        evaluated_year: row.evaluated_year,
        work_year: row.work_year,
        applies_to_year: row.applies_to_year,
        base_figures: vec![BaseFigure {
            kind: kind.into(),
            fiscal_year: row.evaluated_year,
            figure: Some(figure(row.base, &row.base_text)?),
            execution_rate: None,
        }],
        requested,
        ..BudgetDecision::default()
    };
    let call = CreateBudgetDecisionRequest {
        parent: play.district(),
        budget_decision_id: row.id.clone(),
        budget_decision: Some(decision),
        request_id: request_id("decision.create", &row.id),
    };
    let _: BudgetDecision = play.call(&Office::business(), call).await?;
    Ok(())
}

fn object(play: &Play, row: &DecisionRow) -> Result<EvaluatedObject> {
    match row.object_kind.as_str() {
        "项目" => project(play, &row.object),
        "部门" => Ok(EvaluatedObject {
            kind: evaluated_object::Kind::WholeDepartment.into(),
            subject: play.unit(&row.object),
            unit: play.unit(&row.object),
            display_name: play.data.unit(&row.object)?.title.clone(),
            ..EvaluatedObject::default()
        }),
        other => bail!("{other:?} is no object of a decision"),
    }
}

/// Policies that expire: the department evaluates, the bureau decides, the next budget provides for them.
pub async fn review_policies(play: &Play) -> Result<()> {
    play.each("到期政策再评估", &play.data.sunset, |row| async move {
        let policy = play.data.policies.iter().find(|policy| policy.id == row.policy);
        let Some(policy) = policy else { bail!("policies.csv has no {}", row.policy) };
        let name = play.name("sunsetReviews", &row.id);
        open(play, row, policy).await?;
        let call = EvaluateSunsetReviewRequest {
            name: name.clone(),
            score: decimal(row.score),
            text: format!("{}：{}", row.basis, row.conclusion),
            request_id: request_id("sunset.evaluate", &row.id),
            ..EvaluateSunsetReviewRequest::default()
        };
        let department = Office::department(play.data.department_of(&policy.unit));
        let _: SunsetReview = play.call(&department, call).await?;
        let outcome = match row.decision.as_str() {
            "予以安排" => sunset_review::Outcome::Continue,
            other => bail!("{other:?} is no outcome of a review"),
        };
        let call = DecideSunsetReviewRequest {
            name: name.clone(),
            outcome: outcome.into(),
            reason: format!("{}，{}", row.conclusion, row.decision),
            renewal_start_date: NaiveDate::from_ymd_opt(row.applies_to_year, 1, 1).and_then(date),
            request_id: request_id("sunset.decide", &row.id),
            etag: String::new(),
        };
        let _: SunsetReview = play.call(&Office::head(), call).await?;
        provide(play, row, policy, &name).await
    })
    .await
}

fn policy_object(play: &Play, policy: &PolicyRow) -> EvaluatedObject {
    EvaluatedObject {
        kind: evaluated_object::Kind::Policy.into(),
        subject: play.name("policies", &policy.id),
        unit: play.unit(&policy.unit),
        display_name: policy.title.clone(),
        ..EvaluatedObject::default()
    }
}

async fn open(play: &Play, row: &SunsetRow, policy: &PolicyRow) -> Result<()> {
    let review = SunsetReview {
        object: Some(policy_object(play, policy)),
        expiry_date: date(policy.expiry),
        term_years: policy.term.unwrap_or_default(),
        work_year: row.work_year,
        applies_to_year: row.applies_to_year,
        ..SunsetReview::default()
    };
    let call = CreateSunsetReviewRequest {
        parent: play.district(),
        sunset_review_id: row.id.clone(),
        sunset_review: Some(review),
        request_id: request_id("sunset.create", &row.id),
    };
    let _: SunsetReview = play.call(&Office::performance(), call).await?;
    Ok(())
}

/// The budget decision that follows from a review.
async fn provide(play: &Play, row: &SunsetRow, policy: &PolicyRow, review: &str) -> Result<()> {
    let decision = BudgetDecision {
        object: Some(policy_object(play, policy)),
        evaluated_year: row.work_year,
        work_year: row.work_year,
        applies_to_year: row.applies_to_year,
        sunset_review: review.to_owned(),
        ..BudgetDecision::default()
    };
    let call = CreateBudgetDecisionRequest {
        parent: play.district(),
        budget_decision_id: row.id.clone(),
        budget_decision: Some(decision),
        request_id: request_id("decision.create", &row.id),
    };
    let _: BudgetDecision = play.call(&Office::business(), call).await?;
    let call = ArrangeBudgetRequest {
        name: play.name("budgetDecisions", &row.id),
        figure: Some(figure(row.arranged, "")?),
        reason: format!("{}，{}", row.conclusion, row.decision),
        evidence: vec![Evidence { resource: review.to_owned(), text: row.basis.clone() }],
        override_reason: override_reason(play, &policy_object(play, policy).subject, "已完成再评估").await?,
        request_id: request_id("decision.arrange", &row.id),
        ..ArrangeBudgetRequest::default()
    };
    let _: BudgetDecision = play.call(&Office::head(), call).await?;
    Ok(())
}
