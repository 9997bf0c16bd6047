//! Objectives and review sessions, as targets tells them.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::targets::v1::objective::{State, Subject};
use wenxiao_contract::wenxiao::targets::v1::target_value::Value;
use wenxiao_contract::wenxiao::targets::v1::{Indicator, IndicatorLevel1, Objective, ReviewSession};
use wenxiao_platform::Result;

use super::{account, money, secrecy, word, yuan};
use crate::domain::compose::{IndicatorLine, ObjectiveParts};
use crate::domain::subject::Content;
use crate::store::subject::{self, Kept};

/// Keeps an objective, and what its table would show. While a change is proposed, the version in force is shown on.
pub async fn keep_objective(
    connection: &mut PgConnection,
    district: i32,
    objective: &Objective,
) -> Result<()> {
    let (kind, object) = match &objective.subject {
        Some(Subject::Project(name)) => ("project", name.as_str()),
        Some(Subject::Policy(name)) => ("policy", name.as_str()),
        Some(Subject::WholeDepartment(name)) => ("whole_department", name.as_str()),
        None => ("", ""),
    };
    let ratified = objective.ratified_version > 0;
    sqlx::query!(
        "insert into disclosure.objectives (district, name, subject_kind, subject, fiscal_year, work_year, unit, account,
             secrecy, ratified, amount, return_count)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (district, name) do update set subject_kind = excluded.subject_kind, subject = excluded.subject,
             fiscal_year = excluded.fiscal_year, work_year = excluded.work_year, unit = excluded.unit,
             account = excluded.account, secrecy = excluded.secrecy, ratified = excluded.ratified,
             amount = excluded.amount, return_count = excluded.return_count",
        district,
        objective.name,
        kind,
        object,
        objective.fiscal_year,
        objective.work_year,
        objective.unit,
        account(objective.budget_account()),
        secrecy(objective.secrecy()),
        ratified,
        yuan(objective.ratified_amount.as_ref())?,
        objective.return_count,
    )
    .execute(&mut *connection)
    .await?;
    if objective.state() == State::Adjusting {
        return Ok(());
    }
    let content = Content::Objective(ObjectiveParts {
        amount: money(objective.ratified_amount.as_ref())?,
        annual_goal: objective.content.as_ref().map(|form| form.annual_goal.clone()).unwrap_or_default(),
        indicators: objective.content.iter().flat_map(|form| &form.indicators).map(line).collect(),
    });
    let kept = Kept {
        name: &objective.name,
        object,
        title: &objective.display_name,
        unit: &objective.unit,
        unit_title: "",
        evaluated_year: objective.fiscal_year,
        secrecy: secrecy(objective.secrecy()),
        is_final: ratified,
        state: word(objective.state().as_str_name(), "STATE_"),
        score: None,
        grade: "",
        content,
    };
    subject::keep(connection, district, kept).await
}

/// An indicator as its table prints it: the original wording where there is one.
fn line(indicator: &Indicator) -> IndicatorLine {
    let level1 = match indicator.level1() {
        IndicatorLevel1::Output => "产出指标",
        IndicatorLevel1::Benefit => "效益指标",
        IndicatorLevel1::Satisfaction => "满意度指标",
        IndicatorLevel1::Cost => "成本指标",
        IndicatorLevel1::Unspecified => "",
    };
    let sign = match indicator.operator() {
        IndicatorOperator::AtLeast => "≥",
        IndicatorOperator::MoreThan => "＞",
        IndicatorOperator::Equal => "＝",
        IndicatorOperator::LessThan => "＜",
        IndicatorOperator::AtMost => "≤",
        IndicatorOperator::Qualitative | IndicatorOperator::Range | IndicatorOperator::Unspecified => "",
    };
    let target = indicator.target_value.as_ref();
    let printed = target.map(|target| target.printed.clone()).filter(|printed| !printed.is_empty());
    let composed = || match target.and_then(|target| target.value.as_ref()) {
        Some(Value::Number(number)) => format!("{sign}{}", number.value),
        Some(Value::Range(range)) => {
            let [lower, upper] =
                [&range.lower, &range.upper].map(|bound| bound.clone().unwrap_or_default().value);
            format!("{lower}～{upper}")
        }
        Some(Value::Text(text)) => text.clone(),
        None => String::new(),
    };
    IndicatorLine {
        level1: level1.to_owned(),
        level2: indicator.level2_name.clone(),
        level3: indicator.title.clone(),
        target: printed.unwrap_or_else(composed),
        unit: indicator.measure_unit.clone(),
    }
}

/// Keeps a collective review.
pub async fn keep_review_session(
    connection: &mut PgConnection,
    district: i32,
    session: &ReviewSession,
) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.review_sessions (district, name, fiscal_year, work_year, institution)
         values ($1, $2, $3, $4, $5)
         on conflict (district, name) do update set fiscal_year = excluded.fiscal_year, work_year = excluded.work_year,
             institution = excluded.institution",
        district,
        session.name,
        session.fiscal_year,
        session.work_year,
        session.institution,
    )
    .execute(connection)
    .await?;
    Ok(())
}
