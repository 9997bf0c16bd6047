//! Statistics (统计): each figure is a query over stored objects, never a number that somebody typed.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use wenxiao_platform::Result;

/// Ex-ante evaluations of a work year.
pub struct ExAnteRow {
    /// Concluded, of projects.
    pub projects: i64,
    /// Concluded, of policies.
    pub policies: i64,
    /// Requested by the concluded ones.
    pub requested: Decimal,
    /// Supported.
    pub supported: Decimal,
    /// Concluded with support.
    pub support: i64,
    /// Concluded with an adjustment.
    pub adjust: i64,
    /// Refused.
    pub refuse: i64,
    /// Not concluded.
    pub open: i64,
}

/// Counts and amounts of ex-ante evaluations.
pub async fn ex_ante(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
    occasion: Option<&str>,
) -> Result<ExAnteRow> {
    let row = sqlx::query_as!(
        ExAnteRow,
        r#"select count(*) filter (where state = 'concluded' and kind = 'project') as "projects!",
                  count(*) filter (where state = 'concluded' and kind = 'policy') as "policies!",
                  coalesce(sum(requested_amount) filter (where state = 'concluded'), 0) as "requested!",
                  coalesce(sum(supported_amount), 0) as "supported!",
                  count(*) filter (where conclusion = 'support') as "support!",
                  count(*) filter (where conclusion = 'adjust') as "adjust!",
                  count(*) filter (where conclusion = 'refuse') as "refuse!",
                  count(*) filter (where state <> 'concluded') as "open!"
           from evaluation.ex_ante_evaluations
           where district = $1 and work_year = $2 and ($3::text is null or occasion = $3)"#,
        district,
        work_year,
        occasion,
    )
    .fetch_one(connection)
    .await?;
    Ok(row)
}

/// Self-evaluations of an evaluated year.
pub struct SelfEvaluationRow {
    /// Budget units without streets; a department and its own unit (本级) are one.
    pub units: i64,
    /// Subdistrict offices.
    pub streets: i64,
    /// Forms that count.
    pub forms: i64,
    /// Amount of their objectives.
    pub evaluated: Decimal,
    /// Amount of all ratified objectives of the year.
    pub ratified: Decimal,
    /// Forms without a report.
    pub without_report: i64,
}

/// Units, streets, amount and the denominator of coverage.
pub async fn self_evaluation(
    connection: &mut PgConnection,
    district: i32,
    evaluated_year: i32,
) -> Result<SelfEvaluationRow> {
    let row = sqlx::query_as!(
        SelfEvaluationRow,
        r#"with forms as (
             select e.objective_amount, e.has_report, coalesce(u.counted_as, e.unit) as counted_as,
                    coalesce(c.kind, u.kind, '') as kind
             from evaluation.self_evaluations e
             left join evaluation.units u on u.district = e.district and u.name = e.unit
             left join evaluation.units c on c.district = e.district and c.name = u.counted_as
             where e.district = $1 and e.evaluated_year = $2
               and e.state in ('submitted', 'department_reviewed', 'confirmed'))
           select count(distinct counted_as) filter (where kind <> 'subdistrict_office') as "units!",
                  count(distinct counted_as) filter (where kind = 'subdistrict_office') as "streets!",
                  count(*) as "forms!",
                  coalesce(sum(objective_amount), 0) as "evaluated!",
                  (select coalesce(sum(amount), 0) from evaluation.objectives
                   where district = $1 and fiscal_year = $2) as "ratified!",
                  count(*) filter (where not has_report) as "without_report!"
           from forms"#,
        district,
        evaluated_year,
    )
    .fetch_one(connection)
    .await?;
    Ok(row)
}

/// Forms that count, by grade of the self score.
pub async fn self_evaluation_grades(
    connection: &mut PgConnection,
    district: i32,
    evaluated_year: i32,
) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select self_grade as "grade!", count(*) as "count!" from evaluation.self_evaluations
           where district = $1 and evaluated_year = $2 and self_grade is not null
             and state in ('submitted', 'department_reviewed', 'confirmed')
           group by self_grade"#,
        district,
        evaluated_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.grade, row.count)).collect())
}

/// Key evaluations of a work year by lead, grade and whether they are done.
pub struct KeyEvaluationRow {
    /// Who leads.
    pub lead: String,
    /// Year whose spending was evaluated.
    pub evaluated_year: i32,
    /// Whether the result is fixed.
    pub fixed: bool,
    /// Grade; none while not fixed.
    pub grade: Option<String>,
    /// How many.
    pub count: i64,
    /// Money under evaluation.
    pub amount: Decimal,
}

/// Counts and amounts of key evaluations; cancelled ones are left out.
pub async fn key_evaluation(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
) -> Result<Vec<KeyEvaluationRow>> {
    let rows = sqlx::query_as!(
        KeyEvaluationRow,
        r#"select lead, evaluated_year, state = 'fixed' as "fixed!", case when state = 'fixed' then grade end as grade,
                  count(*) as "count!", sum(amount) as "amount!"
           from evaluation.key_evaluations
           where district = $1 and work_year = $2 and state <> 'cancelled'
           group by 1, 2, 3, 4"#,
        district,
        work_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Different deputies, members, and persons in either capacity, on finance-led panels.
pub async fn panel_people(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
) -> Result<(i64, i64, i64)> {
    let row = sqlx::query!(
        r#"select count(distinct m ->> 'participant') filter (where m ->> 'role' = 'peoples_deputy') as "deputies!",
                  count(distinct m ->> 'participant') filter (where m ->> 'role' = 'cppcc_member') as "members!",
                  count(distinct m ->> 'participant')
                      filter (where m ->> 'role' in ('peoples_deputy', 'cppcc_member')) as "both!"
           from evaluation.key_evaluations e
           cross join lateral jsonb_array_elements(e.body #> '{panel,members}') as m
           where e.district = $1 and e.work_year = $2 and e.lead = 'finance' and e.state <> 'cancelled'
             and e.institution is not null"#,
        district,
        work_year,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.deputies, row.members, row.both))
}

/// Findings of a work year by category and state.
pub async fn findings(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
) -> Result<Vec<(String, String, i64)>> {
    let rows = sqlx::query!(
        r#"select category as "category!", state as "state!", count(*) as "count!" from evaluation.findings
           where district = $1 and work_year = $2 and state <> 'dismissed' group by category, state"#,
        district,
        work_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.category, row.state, row.count)).collect())
}

/// Demands of a work year: all, accepted, and those that were ever marked overdue.
pub async fn demands(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
) -> Result<(i64, i64, i64)> {
    let row = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where state = 'accepted') as "accepted!",
                  count(*) filter (where body ->> 'effect' is not null) as "overdue!"
           from evaluation.rectifications where district = $1 and work_year = $2"#,
        district,
        work_year,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.all, row.accepted, row.overdue))
}

/// Decisions and reviews for a budget year.
pub struct BudgetLinkRow {
    /// Arranged decisions.
    pub arranged: i64,
    /// Of those with less than asked for.
    pub cut: i64,
    /// Requests of arranged decisions with exact amounts.
    pub requested_amount: Decimal,
    /// What was arranged for them.
    pub arranged_amount: Decimal,
    /// The cuts among them.
    pub cut_amount: Decimal,
    /// Arranged decisions that are in no sum.
    pub inexact: i64,
    /// Reviews decided.
    pub reviews: i64,
    /// Of those with a policy that goes on.
    pub continued: i64,
}

/// Sums of a budget year. A cut exists only where request and arrangement are exact.
pub async fn budget_link(
    connection: &mut PgConnection,
    district: i32,
    applies_to_year: i32,
) -> Result<BudgetLinkRow> {
    let row = sqlx::query_as!(
        BudgetLinkRow,
        r#"select count(*) filter (where state = 'arranged') as "arranged!",
                  count(*) filter (where cut_amount > 0) as "cut!",
                  coalesce(sum(requested_amount) filter (where cut_amount is not null), 0) as "requested_amount!",
                  coalesce(sum(arranged_amount) filter (where cut_amount is not null), 0) as "arranged_amount!",
                  coalesce(sum(cut_amount) filter (where cut_amount > 0), 0) as "cut_amount!",
                  count(*) filter (where state = 'arranged' and cut_amount is null) as "inexact!",
                  (select count(*) from evaluation.sunset_reviews
                   where district = $1 and applies_to_year = $2 and state = 'decided') as "reviews!",
                  (select count(*) from evaluation.sunset_reviews
                   where district = $1 and applies_to_year = $2 and outcome in ('continue', 'continue_adjusted'))
                      as "continued!"
           from evaluation.budget_decisions where district = $1 and applies_to_year = $2"#,
        district,
        applies_to_year,
    )
    .fetch_one(connection)
    .await?;
    Ok(row)
}
