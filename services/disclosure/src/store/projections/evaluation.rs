//! Evaluations, findings, budget decisions and sunset reviews, as the evaluation service tells them.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_contract::google::r#type as wire;
use wenxiao_contract::wenxiao::common::v1::FigureBound;
use wenxiao_contract::wenxiao::evaluation::v1::panel_member::Role;
use wenxiao_contract::wenxiao::evaluation::v1::{
    BudgetDecision, BudgetFigure, EvaluatedObject, ExAnteEvaluation, Finding, KeyEvaluation, ReportSection,
    SelfEvaluation, SunsetReview, ex_ante_evaluation, finding, key_evaluation, self_evaluation,
};
use wenxiao_kernel::Decimal;
use wenxiao_platform::Result;

use super::{day, decimal, grade, money, secrecy, word, yuan};
use crate::domain::compose::ResultParts;
use crate::domain::document::Section;
use crate::domain::subject::Content;
use crate::store::case_figures::BaseFigure;
use crate::store::subject::{self, Kept};

/// Keeps an ex-ante evaluation and its conclusion.
pub async fn keep_ex_ante(
    connection: &mut PgConnection,
    district: i32,
    ex_ante: &ExAnteEvaluation,
) -> Result<()> {
    let object = ex_ante.object.clone().unwrap_or_default();
    let concluded = ex_ante.state() == ex_ante_evaluation::State::Concluded;
    sqlx::query!(
        "insert into disclosure.ex_ante_evaluations (district, name, work_year, unit, unit_title, title, requested,
             at_adjustment, concluded, secrecy, object)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (district, name) do update set work_year = excluded.work_year, unit = excluded.unit,
             unit_title = excluded.unit_title, title = excluded.title, requested = excluded.requested,
             at_adjustment = excluded.at_adjustment, concluded = excluded.concluded, secrecy = excluded.secrecy,
             object = excluded.object",
        district,
        ex_ante.name,
        ex_ante.work_year,
        unit(&object),
        object.unit_display_name,
        object.display_name,
        yuan(ex_ante.requested_amount.as_ref())?.unwrap_or_default(),
        ex_ante.occasion() == ex_ante_evaluation::Occasion::BudgetAdjustment,
        concluded,
        secrecy(object.secrecy_level()),
        object.subject,
    )
    .execute(&mut *connection)
    .await?;
    let content = Content::ExAnte(ResultParts {
        amount: money(ex_ante.requested_amount.as_ref())?,
        fixed_on: local_day(ex_ante.conclude_time.as_ref()),
        conclusion: ex_ante.conclusion_reason.clone(),
        scores: Vec::new(),
        report: sections(&ex_ante.report_sections),
    });
    let kept = Kept {
        evaluated_year: ex_ante.applies_to_year,
        is_final: concluded,
        state: word(ex_ante.state().as_str_name(), "STATE_"),
        score: decimal(ex_ante.total_score.as_ref())?,
        ..about(&ex_ante.name, &object, content)
    };
    subject::keep(connection, district, kept).await
}

/// Keeps a self-evaluation and its result.
pub async fn keep_self_evaluation(
    connection: &mut PgConnection,
    district: i32,
    form: &SelfEvaluation,
) -> Result<()> {
    use self_evaluation::State;
    let object = form.object.clone().unwrap_or_default();
    let handed_in = matches!(form.state(), State::Submitted | State::DepartmentReviewed | State::Confirmed);
    sqlx::query!(
        "insert into disclosure.self_evaluations (district, name, objective, unit, evaluated_year, work_year, amount,
             handed_in, assisted, grade, secrecy, object)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (district, name) do update set objective = excluded.objective, unit = excluded.unit,
             evaluated_year = excluded.evaluated_year, work_year = excluded.work_year, amount = excluded.amount,
             handed_in = excluded.handed_in, assisted = excluded.assisted, grade = excluded.grade,
             secrecy = excluded.secrecy, object = excluded.object",
        district,
        form.name,
        form.objective,
        unit(&object),
        form.evaluated_year,
        form.work_year,
        yuan(form.objective_amount.as_ref())?,
        handed_in,
        !form.assisting_engagement.is_empty(),
        grade(form.self_grade()),
        secrecy(object.secrecy_level()),
        object.subject,
    )
    .execute(&mut *connection)
    .await?;
    let content = Content::SelfEvaluation(ResultParts {
        amount: money(form.objective_amount.as_ref())?,
        fixed_on: local_day(form.submit_time.as_ref()),
        conclusion: form.achieved_goal.clone(),
        scores: Vec::new(),
        report: sections(&form.report_sections),
    });
    let kept = Kept {
        evaluated_year: form.evaluated_year,
        is_final: form.state() == State::Confirmed,
        state: word(form.state().as_str_name(), "STATE_"),
        score: decimal(form.self_score.as_ref())?,
        grade: grade(form.self_grade()),
        ..about(&form.name, &object, content)
    };
    subject::keep(connection, district, kept).await
}

/// Keeps a key evaluation, who took part, and its result.
pub async fn keep_key_evaluation(
    connection: &mut PgConnection,
    district: i32,
    kept: &KeyEvaluation,
) -> Result<()> {
    let object = kept.object.clone().unwrap_or_default();
    let fixed = kept.state() == key_evaluation::State::Fixed;
    let panel = kept.panel.clone().unwrap_or_default();
    let advisers = panel
        .members
        .iter()
        .filter(|member| matches!(member.role(), Role::PeoplesDeputy | Role::CppccMember));
    let deputies: Vec<String> = advisers.map(|member| member.participant.clone()).collect();
    sqlx::query!(
        "insert into disclosure.key_evaluations (district, name, lead, evaluated_year, work_year, unit, amount, fixed, grade,
             institution, deputies, secrecy, object)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (district, name) do update set lead = excluded.lead, evaluated_year = excluded.evaluated_year,
             work_year = excluded.work_year, unit = excluded.unit, amount = excluded.amount, fixed = excluded.fixed,
             grade = excluded.grade, institution = excluded.institution, deputies = excluded.deputies,
             secrecy = excluded.secrecy, object = excluded.object",
        district,
        kept.name,
        word(kept.lead().as_str_name(), "LEAD_"),
        kept.evaluated_year,
        kept.work_year,
        unit(&object),
        yuan(kept.amount.as_ref())?.unwrap_or_default(),
        fixed,
        grade(kept.grade()),
        panel.institution,
        &deputies,
        secrecy(object.secrecy_level()),
        object.subject,
    )
    .execute(&mut *connection)
    .await?;
    let scores = kept.indicators.iter().map(|indicator| {
        let text = |value: &Option<_>| {
            value.as_ref().map(|value: &wire::Decimal| value.value.clone()).unwrap_or_default()
        };
        (indicator.level3.clone(), text(&indicator.points), text(&indicator.score))
    });
    let content = Content::KeyEvaluation(ResultParts {
        amount: money(kept.amount.as_ref())?,
        fixed_on: local_day(kept.fix_time.as_ref()),
        conclusion: String::new(),
        scores: scores.collect(),
        report: sections(&kept.report_sections),
    });
    let told = Kept {
        evaluated_year: kept.evaluated_year,
        is_final: fixed,
        state: word(kept.state().as_str_name(), "STATE_"),
        score: decimal(kept.total_score.as_ref())?,
        grade: grade(kept.grade()),
        ..about(&kept.name, &object, content)
    };
    subject::keep(connection, district, told).await
}

/// Keeps a finding.
pub async fn keep_finding(connection: &mut PgConnection, district: i32, kept: &Finding) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.findings (district, name, source, work_year, category, problem, suggestion, dismissed)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (district, name) do update set category = excluded.category, problem = excluded.problem,
             suggestion = excluded.suggestion, dismissed = excluded.dismissed",
        district,
        kept.name,
        kept.source_resource,
        kept.work_year,
        word(kept.category().as_str_name(), "CATEGORY_"),
        kept.description,
        kept.suggestion,
        kept.state() == finding::State::Dismissed,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a budget decision: the request, and the amount that was arranged last.
pub async fn keep_budget_decision(
    connection: &mut PgConnection,
    district: i32,
    kept: &BudgetDecision,
) -> Result<()> {
    let object = kept.object.clone().unwrap_or_default();
    let (requested, requested_bound) = printed(kept.requested.as_ref())?;
    let arrangement = kept.arrangements.last();
    let (arranged, arranged_bound) = printed(arrangement.and_then(|step| step.figure.as_ref()))?;
    let mut base_figures = Vec::new();
    for base in &kept.base_figures {
        let (amount, bound) = printed(base.figure.as_ref())?;
        base_figures.push(BaseFigure {
            kind: word(base.kind().as_str_name(), "KIND_"),
            fiscal_year: base.fiscal_year,
            amount,
            bound: bound.to_owned(),
            rate: decimal(base.execution_rate.as_ref())?,
        });
    }
    sqlx::query!(
        "insert into disclosure.budget_decisions (district, name, object_kind, object, unit, unit_title, title, work_year,
             applies_to_year, requested, requested_bound, arranged, arranged_bound, reason, sunset_review, base_figures,
             secrecy)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         on conflict (district, name) do update set object_kind = excluded.object_kind, object = excluded.object,
             unit = excluded.unit, unit_title = excluded.unit_title, title = excluded.title,
             work_year = excluded.work_year, applies_to_year = excluded.applies_to_year,
             requested = excluded.requested, requested_bound = excluded.requested_bound,
             arranged = excluded.arranged, arranged_bound = excluded.arranged_bound, reason = excluded.reason,
             sunset_review = excluded.sunset_review, base_figures = excluded.base_figures, secrecy = excluded.secrecy",
        district,
        kept.name,
        word(object.kind().as_str_name(), "KIND_"),
        object.subject,
        unit(&object),
        object.unit_display_name,
        object.display_name,
        kept.work_year,
        kept.applies_to_year,
        requested,
        requested_bound,
        arranged,
        arranged_bound,
        arrangement.map(|step| step.reason.clone()).unwrap_or_default(),
        kept.sunset_review,
        Json(base_figures) as _,
        secrecy(object.secrecy_level()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a sunset review.
pub async fn keep_sunset_review(
    connection: &mut PgConnection,
    district: i32,
    kept: &SunsetReview,
) -> Result<()> {
    let object = kept.object.clone().unwrap_or_default();
    sqlx::query!(
        "insert into disclosure.sunset_reviews (district, name, policy, unit, unit_title, title, expiry_date, term_years,
             work_year, applies_to_year, grade, outcome, reason, budget_decision, secrecy)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict (district, name) do update set policy = excluded.policy, unit = excluded.unit,
             unit_title = excluded.unit_title, title = excluded.title, expiry_date = excluded.expiry_date,
             term_years = excluded.term_years, work_year = excluded.work_year,
             applies_to_year = excluded.applies_to_year, grade = excluded.grade, outcome = excluded.outcome,
             reason = excluded.reason, budget_decision = excluded.budget_decision, secrecy = excluded.secrecy",
        district,
        kept.name,
        object.subject,
        unit(&object),
        object.unit_display_name,
        object.display_name,
        day(kept.expiry_date.as_ref())?,
        kept.term_years,
        kept.work_year,
        kept.applies_to_year,
        grade(kept.grade()),
        word(kept.outcome().as_str_name(), "OUTCOME_"),
        kept.decision_reason,
        kept.budget_decision,
        secrecy(object.secrecy_level()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What every evaluated object says of itself; the caller fills in the rest.
fn about<'o>(name: &'o str, object: &'o EvaluatedObject, content: Content) -> Kept<'o> {
    Kept {
        name,
        object: &object.subject,
        title: &object.display_name,
        unit: unit(object),
        unit_title: &object.unit_display_name,
        evaluated_year: 0,
        secrecy: secrecy(object.secrecy_level()),
        is_final: false,
        state: String::new(),
        score: None,
        grade: "",
        content,
    }
}

/// The unit that answers for an object: for a whole department the department itself.
fn unit(object: &EvaluatedObject) -> &str {
    if object.unit.is_empty() && object.subject.contains("/units/") { &object.subject } else { &object.unit }
}

/// An amount and its bound's word: a printed bound is kept as a bound.
fn printed(figure: Option<&BudgetFigure>) -> Result<(Option<Decimal>, &'static str)> {
    let bound = figure
        .and_then(|figure| figure.printed.as_ref())
        .map_or(FigureBound::Exact, |printed| printed.bound());
    let word = match bound {
        FigureBound::AtLeast => "at_least",
        FigureBound::AtMost => "at_most",
        FigureBound::Exact | FigureBound::Unspecified => "exact",
    };
    Ok((yuan(figure.and_then(|figure| figure.amount.as_ref()))?, word))
}

fn sections(report: &[ReportSection]) -> Vec<Section> {
    report.iter().map(|section| Section::of(section.title.clone(), [section.text.clone()])).collect()
}

/// The day of an instant in the district's time.
fn local_day(time: Option<&prost_types::Timestamp>) -> Option<NaiveDate> {
    let time = time?;
    chrono::DateTime::from_timestamp(time.seconds, 0).map(crate::time::local_day)
}
