//! What the cases of section 6 tell: each chosen measure with everything that could give it, in one query, and which of it
//! does.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Bound, Decimal, Grade, Step, rounding};
use wenxiao_platform::Result;

use super::figures::Ask;
use super::money;
use crate::domain::case::{Case, CaseFigure, CaseKind, CaseMeasure, Found, Measure};
use crate::domain::rules::Rules;

/// One measure of one case, with everything that could give it.
struct CaseRow {
    /// Case's id.
    case: String,
    /// Resource that it tells of.
    subject: String,
    /// The measure as it was chosen.
    measure: Json<CaseMeasure>,
    /// Object kind's word of the decision; none for a review.
    object_kind: Option<String>,
    /// Name of its unit.
    unit_title: String,
    /// Name of the object.
    title: String,
    /// Why it was decided so.
    reason: String,
    /// Budget year that it bears on.
    applies_to_year: i32,
    /// Request and its bound's word.
    requested: Option<Decimal>,
    /// Bound of the request.
    requested_bound: String,
    /// Arranged amount.
    arranged: Option<Decimal>,
    /// Bound of the arranged amount.
    arranged_bound: String,
    /// Base figures of the decision.
    base_figures: Option<Json<Vec<BaseFigure>>>,
    /// Policy's last day.
    expiry_date: Option<NaiveDate>,
    /// Policy's term in years.
    term_years: Option<i32>,
    /// Grade of the review's evaluation.
    review_grade: Option<String>,
    /// What becomes of the policy.
    outcome: Option<String>,
    /// 年初预算数 of the measure's year, by the registry's entries.
    initial: Option<Decimal>,
    /// 调整后预算数 of the measure's year.
    adjusted: Option<Decimal>,
    /// 实际支出 of the measure's year.
    executed: Option<Decimal>,
}

/// A figure of an earlier year that a decision looked at.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct BaseFigure {
    /// `initial_budget`, `adjusted_budget` or `outturn`.
    pub kind: String,
    /// Budget year.
    pub fiscal_year: i32,
    /// Amount in yuan.
    pub amount: Option<Decimal>,
    /// Bound's word.
    pub bound: String,
    /// Execution rate in percent.
    pub rate: Option<Decimal>,
}

/// `cases`: every measure of every case of the year, in the order of the text.
async fn rows(connection: &mut PgConnection, ask: Ask) -> Result<Vec<CaseRow>> {
    let rows = sqlx::query_as!(
        CaseRow,
        r#"select c.id as "case", c.subject, m.measure as "measure!: Json<CaseMeasure>",
               d.object_kind as "object_kind?",
               coalesce(nullif(d.unit_title, ''), nullif(s.unit_title, ''), u.title, '') as "unit_title!",
               coalesce(d.title, s.title) as "title!", coalesce(d.reason, s.reason) as "reason!",
               coalesce(d.applies_to_year, s.applies_to_year) as "applies_to_year!",
               d.requested as "requested?", coalesce(d.requested_bound, '') as "requested_bound!",
               d.arranged as "arranged?", coalesce(d.arranged_bound, '') as "arranged_bound!",
               d.base_figures as "base_figures?: Json<Vec<BaseFigure>>",
               s.expiry_date as "expiry_date?", s.term_years as "term_years?", s.grade as "review_grade?",
               s.outcome as "outcome?", budget.initial as "initial?", budget.adjusted as "adjusted?",
               o.executed as "executed?"
           from disclosure.summary_cases c
           cross join jsonb_array_elements(c.measures) with ordinality as m(measure, place)
           left join disclosure.budget_decisions d on d.district = c.district and d.name = c.subject
           left join disclosure.sunset_reviews s on s.district = c.district and s.name = c.subject
           left join disclosure.units u on u.district = c.district and u.name = coalesce(d.unit, s.unit)
           left join lateral (
               select sum(b.amount) filter (where b.kind = 'initial') as initial, sum(b.amount) as adjusted
               from disclosure.budget_entries b
               where b.district = c.district and b.project = d.object
                 and b.fiscal_year = (m.measure ->> 'fiscal_year')::integer) budget on true
           left join disclosure.outturns o on o.district = c.district and o.project = d.object
               and o.fiscal_year = (m.measure ->> 'fiscal_year')::integer
           where c.district = $1 and c.work_year = $2 and coalesce(d.name, s.name) is not null
             and not ($3 and (coalesce(d.secrecy, s.secrecy) in ('internal', 'classified')
                 or exists (select from disclosure.marked_objects m
                     where m.district = c.district and m.name in (d.object, s.policy))))
           order by c.ordinal, c.id, m.place"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The cases of a year with their figures, in the order of the text.
pub async fn cases(connection: &mut PgConnection, ask: Ask, rules: &Rules) -> Result<Vec<Case>> {
    let mut found: Vec<Case> = Vec::new();
    for row in rows(connection, ask).await? {
        let figure = figure(&row)?;
        match found.last_mut() {
            Some(case) if case.id == row.case => case.figures.push(figure),
            _ => found.push(Case { figures: vec![figure], ..told(row, rules) }),
        }
    }
    Ok(found)
}

/// The case without its figures.
fn told(row: CaseRow, rules: &Rules) -> Case {
    let kind = match row.object_kind.as_deref() {
        None => CaseKind::SunsetReview,
        Some("whole_department") => CaseKind::DepartmentDecision,
        Some(_) => CaseKind::Decision,
    };
    let outcome = match row.outcome.as_deref() {
        Some("continue") => format!("决定在{}年预算中予以安排", row.applies_to_year),
        Some("continue_adjusted") => format!("决定调整后在{}年预算中予以安排", row.applies_to_year),
        Some("terminate") => "决定到期终止".to_owned(),
        _ => String::new(),
    };
    let graded = row.review_grade.as_deref().and_then(|word| word.parse::<Grade>().ok());
    let conclusion = match graded {
        Some(grade) if !outcome.is_empty() => {
            format!("综合绩效评价等级为{}，{outcome}", rules.grade_word(grade))
        }
        _ => outcome,
    };
    Case {
        id: row.case,
        subject: row.subject,
        kind,
        unit_title: row.unit_title,
        title: row.title,
        reason: row.reason,
        conclusion,
        applies_to_year: row.applies_to_year,
        figures: Vec::new(),
    }
}

/// A measure's value: what the stored objects give (budget entries, payments, the decision), and where they give
/// nothing, the figure that the decision recorded as its base.
fn figure(row: &CaseRow) -> Result<CaseFigure> {
    let measure = row.measure.0;
    let own = |yuan, bound: &str| -> Result<Option<Found>> {
        let Some(yuan) = yuan else { return Ok(None) };
        Ok(Some(Found::Amount(money(yuan)?, bound_of(bound))))
    };
    let base = base(row, measure);
    let from_base = || own(base.and_then(|figure| figure.amount), base.map_or("", |figure| &figure.bound));
    let kept = |yuan| own(yuan, "exact");
    let (found, steps) = match measure.measure {
        Measure::Actual => (kept(row.executed)?.map_or_else(from_base, |found| Ok(Some(found)))?, Vec::new()),
        Measure::InitialBudget => {
            (kept(row.initial)?.map_or_else(from_base, |found| Ok(Some(found)))?, Vec::new())
        }
        Measure::AdjustedBudget => {
            (kept(row.adjusted)?.map_or_else(from_base, |found| Ok(Some(found)))?, Vec::new())
        }
        Measure::ExecutionRate => rate(row, base),
        Measure::Request => (own(row.requested, &row.requested_bound)?, Vec::new()),
        Measure::Approved | Measure::Budget => (own(row.arranged, &row.arranged_bound)?, Vec::new()),
        Measure::Expiry => (row.expiry_date.map(Found::Date), Vec::new()),
        Measure::Term => (row.term_years.filter(|years| *years > 0).map(Found::Years), Vec::new()),
    };
    let source = Step::new(measure_source(measure), "取自已存对象", "").input_of(
        "对象",
        &row.title,
        row.subject.clone(),
    );
    Ok(CaseFigure { measure, found, steps: steps.into_iter().chain([source]).collect() })
}

/// Payments ÷ adjusted budget of the year; where they are not kept here, the rate that the decision recorded.
fn rate(row: &CaseRow, base: Option<&BaseFigure>) -> (Option<Found>, Vec<Step>) {
    let kept = row.executed.zip(row.adjusted).and_then(|(executed, adjusted)| {
        let rate = rounding::percentage(executed, adjusted, 2)?;
        let step = Step::new("预算执行率", "实际支出 ÷ 调整后预算数 × 100%", format!("{rate}%"))
            .input("实际支出", executed)
            .input("调整后预算数", adjusted);
        Some((Some(Found::Percent(rate)), vec![step]))
    });
    kept.unwrap_or_else(|| (base.and_then(|figure| figure.rate).map(Found::Percent), Vec::new()))
}

/// The base figure of the measure's kind and year. A rate goes with any base figure of the year.
fn base(row: &CaseRow, measure: CaseMeasure) -> Option<&BaseFigure> {
    let kind = match measure.measure {
        Measure::Actual => Some("outturn"),
        Measure::InitialBudget => Some("initial_budget"),
        Measure::AdjustedBudget => Some("adjusted_budget"),
        Measure::ExecutionRate => None,
        _ => return None,
    };
    let of_the_year = row.base_figures.iter().flat_map(|figures| &figures.0);
    let mut of_the_year = of_the_year.filter(|figure| figure.fiscal_year == measure.fiscal_year);
    match kind {
        Some(kind) => of_the_year.find(|figure| figure.kind == kind),
        None => of_the_year.find(|figure| figure.rate.is_some()),
    }
}

fn bound_of(word: &str) -> Bound {
    match word {
        "at_least" => Bound::AtLeast,
        "at_most" => Bound::AtMost,
        _ => Bound::Exact,
    }
}

fn measure_source(measure: CaseMeasure) -> &'static str {
    match measure.measure {
        Measure::Actual => "国库支付，或决定所依据的基数",
        Measure::InitialBudget | Measure::AdjustedBudget => "预算指标，或决定所依据的基数",
        Measure::ExecutionRate => "国库支付与预算指标，或决定所依据的基数",
        Measure::Request | Measure::Approved | Measure::Budget => "预算安排决定",
        Measure::Expiry | Measure::Term => "到期政策再评估",
    }
}
