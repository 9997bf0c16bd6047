//! The figures of a work year (年度数据), one query each, over what other services' events said. `public` leaves out what is
//! marked above secrecy level none: an object that nobody marked is counted, and shown only by a person's decision.

use sqlx::PgConnection;
use wenxiao_kernel::{BudgetAccount, Decimal};
use wenxiao_platform::{Failure, Result};

use super::money;
use crate::domain::facts::{
    CollectiveReview, Covered, Disclosure, ExAnte, KeyEvaluation, Participants, Plan, SelfEvaluation,
};

/// Which summary is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// District.
    pub district: i32,
    /// Work year.
    pub year: i32,
    /// Whether secret objects are left out.
    pub public: bool,
}

/// Name of the district.
pub async fn district_title(connection: &mut PgConnection, ask: Ask) -> Result<String> {
    let title =
        sqlx::query_scalar!("select title from disclosure.districts where district = $1", ask.district)
            .fetch_optional(connection)
            .await?;
    Ok(title.unwrap_or_default())
}

/// `plan`: the rollout plan adopted last that covers the year.
pub async fn plan(connection: &mut PgConnection, ask: Ask) -> Result<Option<Plan>> {
    let row = sqlx::query!(
        "select name, document_title, document_number, horizon_years, target_date from disclosure.work_plans
         where district = $1 and kind = 'rollout' and state in ('adopted', 'closed')
           and $2 >= work_year and $2 < work_year + horizon_years
         order by work_year desc, name desc limit 1",
        ask.district,
        ask.year,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Plan {
        source: row.name,
        document_title: row.document_title,
        document_number: row.document_number,
        horizon_years: row.horizon_years,
        target_date: row.target_date,
    }))
}

/// `trainings`: the groups trained in the year, each once, in the order in which they first were.
pub async fn trainings(connection: &mut PgConnection, ask: Ask) -> Result<Vec<String>> {
    let groups = sqlx::query_scalar!(
        r#"select a.label as "label!" from disclosure.trainings t
           cross join unnest(t.audiences) with ordinality as a(label, place)
           where t.district = $1 and t.work_year = $2 and t.state = 'held'
           group by a.label order by min(t.hold_date) nulls last, min(a.place), a.label"#,
        ask.district,
        ask.year,
    )
    .fetch_all(connection)
    .await?;
    Ok(groups)
}

/// One year and account of a coverage query.
struct CoverageRow {
    fiscal_year: i32,
    account: String,
    count: i64,
    covered: Decimal,
    total: Decimal,
}

/// `objective_coverage`: initial budgets (年初预算) of projects with a ratified objective, of all initial budgets, per
/// account; for the work year and, to tell a first time, for the years before.
pub async fn objective_coverage(
    connection: &mut PgConnection,
    ask: Ask,
) -> Result<Vec<(BudgetAccount, Covered)>> {
    let rows = sqlx::query_as!(
        CoverageRow,
        r#"with secret as (select name from disclosure.marked_objects where district = $1 and $3),
           funded as (
               select b.fiscal_year, b.account, b.project, sum(b.amount) as amount
               from disclosure.budget_entries b
               where b.district = $1 and b.fiscal_year <= $2 and b.kind = 'initial'
                 and not exists (select from secret where secret.name = b.project)
               group by b.fiscal_year, b.account, b.project),
           targeted as (
               select distinct o.fiscal_year, o.subject from disclosure.objectives o
               where o.district = $1 and o.fiscal_year <= $2 and o.ratified and o.subject_kind = 'project')
           select f.fiscal_year as "fiscal_year!", f.account as "account!", count(t.subject) as "count!",
               coalesce(sum(f.amount) filter (where t.subject is not null), 0) as "covered!", sum(f.amount) as "total!"
           from funded f
           left join targeted t on t.fiscal_year = f.fiscal_year and t.subject = f.project
           group by f.fiscal_year, f.account order by f.fiscal_year, f.account"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    of_the_year(rows, ask.year)
}

/// `monitoring_coverage`: initial budgets of projects whose report was handed in for a round of the year, of all
/// initial budgets, per account.
pub async fn monitoring_coverage(
    connection: &mut PgConnection,
    ask: Ask,
) -> Result<Vec<(BudgetAccount, Covered)>> {
    let rows = sqlx::query_as!(
        CoverageRow,
        r#"with secret as (select name from disclosure.marked_objects where district = $1 and $3),
           funded as (
               select b.fiscal_year, b.account, b.project, sum(b.amount) as amount
               from disclosure.budget_entries b
               where b.district = $1 and b.fiscal_year <= $2 and b.kind = 'initial'
                 and not exists (select from secret where secret.name = b.project)
               group by b.fiscal_year, b.account, b.project),
           monitored as (
               select distinct r.fiscal_year, r.object from disclosure.monitoring_reports r
               where r.district = $1 and r.fiscal_year <= $2 and r.state in ('submitted', 'endorsed', 'accepted'))
           select f.fiscal_year as "fiscal_year!", f.account as "account!", count(m.object) as "count!",
               coalesce(sum(f.amount) filter (where m.object is not null), 0) as "covered!", sum(f.amount) as "total!"
           from funded f
           left join monitored m on m.fiscal_year = f.fiscal_year and m.object = f.project
           group by f.fiscal_year, f.account order by f.fiscal_year, f.account"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    of_the_year(rows, ask.year)
}

/// The asked year's rows that reach anything, each knowing whether an earlier year had reached all of its account.
fn of_the_year(rows: Vec<CoverageRow>, year: i32) -> Result<Vec<(BudgetAccount, Covered)>> {
    let full_before = |account: &str| {
        rows.iter().any(|row| {
            row.account == account
                && row.fiscal_year < year
                && !row.total.is_zero()
                && row.covered >= row.total
        })
    };
    rows.iter()
        .filter(|row| row.fiscal_year == year && row.count > 0)
        .map(|row| {
            let account = row.account.parse().map_err(Failure::internal)?;
            let (covered, total) = (money(row.covered)?, Some(money(row.total)?));
            Ok((
                account,
                Covered { count: row.count, covered, total, full_before: full_before(&row.account) },
            ))
        })
        .collect()
}

/// `objective_participants`: bodies with a ratified objective for the year; a department and its own unit count once.
pub async fn objective_participants(connection: &mut PgConnection, ask: Ask) -> Result<Participants> {
    let row = sqlx::query!(
        r#"select count(distinct u.counted_as) filter (where body.kind <> 'subdistrict_office') as "units!",
               count(distinct u.counted_as) filter (where body.kind = 'subdistrict_office') as "streets!"
           from disclosure.objectives o
           join disclosure.units u on u.district = o.district and u.name = o.unit
           join disclosure.units body on body.district = u.district and body.name = u.counted_as
           where o.district = $1 and o.fiscal_year = $2 and o.ratified
             and not ($3 and exists (select from disclosure.marked_objects m
                 where m.district = o.district and m.name = o.subject))"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_one(connection)
    .await?;
    Ok(Participants { units: row.units, streets: row.streets })
}

/// `collective_review`: hired institutions that reviewed, and what was returned.
pub async fn collective_review(connection: &mut PgConnection, ask: Ask) -> Result<CollectiveReview> {
    let row = sqlx::query!(
        r#"select
               (select count(distinct institution) from disclosure.review_sessions
                   where district = $1 and fiscal_year = $2 and institution <> '') as "objective_institutions!",
               (select count(*) from disclosure.objectives
                   where district = $1 and fiscal_year = $2 and return_count > 0) as "returned_objectives!",
               (select count(distinct institution) from disclosure.monitoring_reports
                   where district = $1 and fiscal_year = $2 and institution <> '') as "monitoring_institutions!",
               (select count(*) from disclosure.monitoring_reports
                   where district = $1 and fiscal_year = $2 and returned) as "returned_reports!""#,
        ask.district,
        ask.year,
    )
    .fetch_one(connection)
    .await?;
    Ok(CollectiveReview {
        objective_institutions: row.objective_institutions,
        returned_objectives: row.returned_objectives,
        monitoring_institutions: row.monitoring_institutions,
        returned_reports: row.returned_reports,
    })
}

/// `ex_ante_evaluations`: those concluded in the year, with the amounts asked for.
pub async fn ex_ante_evaluations(connection: &mut PgConnection, ask: Ask) -> Result<Vec<ExAnte>> {
    let rows = sqlx::query!(
        r#"select e.name, coalesce(nullif(e.unit_title, ''), u.title, '') as "unit_title!", e.title, e.requested,
               e.at_adjustment
           from disclosure.ex_ante_evaluations e
           left join disclosure.units u on u.district = e.district and u.name = e.unit
           where e.district = $1 and e.work_year = $2 and e.concluded
             and not ($3 and (e.secrecy in ('internal', 'classified') or exists (select from disclosure.marked_objects m
                 where m.district = e.district and m.name = e.object)))
           order by e.name"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ExAnte {
                source: row.name,
                unit_title: row.unit_title,
                title: row.title,
                requested: money(row.requested)?,
                at_adjustment: row.at_adjustment,
            })
        })
        .collect()
}

/// `self_evaluation_coverage`, `self_evaluation_years`, `self_evaluation_participants`: forms handed in during the
/// year, against every objective ratified for the years that they evaluate.
pub async fn self_evaluation(connection: &mut PgConnection, ask: Ask) -> Result<SelfEvaluation> {
    let rows = sqlx::query!(
        r#"with secret as (select name from disclosure.marked_objects where district = $1 and $3),
           forms as (
               select s.work_year, s.evaluated_year, s.unit, s.assisted, coalesce(o.amount, s.amount, 0) as amount
               from disclosure.self_evaluations s
               left join disclosure.objectives o on o.district = s.district and o.name = s.objective
               where s.district = $1 and s.work_year <= $2 and s.handed_in
                 and not ($3 and s.secrecy in ('internal', 'classified'))
                 and not exists (select from secret where secret.name in (s.object, o.subject))),
           totals as (
               select y.work_year, sum(o.amount) as total
               from (select distinct work_year, evaluated_year from forms) y
               join disclosure.objectives o on o.district = $1 and o.fiscal_year = y.evaluated_year and o.ratified
                 and not exists (select from secret where secret.name = o.subject)
               group by y.work_year)
           select f.work_year as "work_year!", count(*) as "count!", sum(f.amount) as "covered!", t.total as "total?",
               array_agg(distinct f.evaluated_year) as "years!", count(*) filter (where f.assisted) as "assisted!",
               count(distinct u.counted_as) filter (where body.kind <> 'subdistrict_office') as "units!",
               count(distinct u.counted_as) filter (where body.kind = 'subdistrict_office') as "streets!"
           from forms f
           left join totals t on t.work_year = f.work_year
           left join disclosure.units u on u.district = $1 and u.name = f.unit
           left join disclosure.units body on body.district = $1 and body.name = u.counted_as
           group by f.work_year, t.total order by f.work_year"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    let mut found = SelfEvaluation::default();
    let mut full_before = false;
    for row in rows {
        let (covered, total) = (money(row.covered)?, row.total.map(money).transpose()?);
        if row.work_year == ask.year {
            found = SelfEvaluation {
                years: row.years,
                participants: Participants { units: row.units, streets: row.streets },
                covered: Covered { count: row.count, covered, total, full_before },
                assisted: row.assisted,
            };
        }
        full_before |= total.is_some_and(|total| !total.is_zero() && covered >= total);
    }
    Ok(found)
}

/// `key_evaluations`, `key_evaluation_years`, `key_evaluation_deputies`: those whose result was fixed in the year.
pub async fn key_evaluation(connection: &mut PgConnection, ask: Ask) -> Result<KeyEvaluation> {
    let row = sqlx::query!(
        r#"with fixed as (
               select * from disclosure.key_evaluations k
               where district = $1 and work_year = $2 and fixed
                 and not ($3 and (secrecy in ('internal', 'classified') or exists (select from disclosure.marked_objects m
                   where m.district = k.district and m.name = k.object))))
           select count(*) filter (where lead = 'finance') as "finance!",
               count(*) filter (where lead = 'department') as "department!",
               coalesce(sum(amount), 0) as "amount!",
               count(*) filter (where lead = 'finance' and institution <> '') as "by_institution!",
               (select count(distinct person) from fixed cross join unnest(deputies) as person) as "deputies!",
               coalesce(array_agg(distinct evaluated_year), '{}') as "years!",
               case when bool_or(lead = 'finance' and grade = '') then null
                    else (array_agg(grade order by array_position(array['excellent', 'good', 'fair', 'poor'], grade) desc)
                        filter (where lead = 'finance'))[1] end as "worst_finance_grade?",
               coalesce((select array_agg(c.category order by c.times desc, c.category) from (
                   select f.category, count(*) as times from disclosure.findings f
                   join fixed k on k.name = f.source
                   where f.district = $1 and not f.dismissed and f.category not in ('', 'other')
                   group by f.category order by times desc, f.category limit 3) c), '{}') as "common!"
           from fixed"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_one(connection)
    .await?;
    Ok(KeyEvaluation {
        years: row.years,
        finance: row.finance,
        department: row.department,
        amount: money(row.amount)?,
        by_institution: row.by_institution,
        deputies_and_members: row.deputies,
        worst_finance_grade: row.worst_finance_grade.as_deref().and_then(super::grade),
        common_findings: row.common.iter().map(|category| category_in_words(category).to_owned()).collect(),
    })
}

/// 问题类别 in words, as the evaluation service's contract names them.
fn category_in_words(category: &str) -> &str {
    match category {
        "weak_awareness" => "绩效管理意识薄弱",
        "imprecise_budget" => "预算编制不够精准细化",
        "low_execution" => "预算执行率偏低",
        "weak_objective" => "绩效目标不科学",
        "irregular_use" => "资金使用不合规",
        "weak_management" => "管理制度不健全或执行不到位",
        "poor_benefit" => "产出效益未达预期",
        other => other,
    }
}

/// `policy_budget_years`: budget years for which policies that expire go on after their review in the year.
pub async fn policy_budget_years(connection: &mut PgConnection, ask: Ask) -> Result<Vec<i32>> {
    let years = sqlx::query_scalar!(
        "select distinct applies_to_year from disclosure.sunset_reviews s
         where district = $1 and work_year = $2 and outcome in ('continue', 'continue_adjusted')
           and not ($3 and (secrecy in ('internal', 'classified') or exists (select from disclosure.marked_objects m
             where m.district = s.district and m.name = s.policy)))
         order by applies_to_year",
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    Ok(years)
}

/// `disclosed_years`: what was published in the year and still stands, and the notices sent.
pub async fn disclosed(connection: &mut PgConnection, ask: Ask) -> Result<Disclosure> {
    let row = sqlx::query!(
        r#"with standing as (
               select kind, evaluated_year, audiences from disclosure.publications
               where district = $1 and work_year = $2 and state = 'published')
           select
               coalesce(array_agg(distinct evaluated_year) filter (where kind = 'objective_tables'), '{}')
                   as "objective_years!",
               coalesce(array_agg(distinct evaluated_year)
                   filter (where kind in ('special_report', 'report_compilation', 'unit_results')), '{}') as "result_years!",
               coalesce(bool_or(kind = 'objective_tables' and 'peoples_congress' = any(audiences)), false)
                   as "objectives_to_congress!",
               coalesce(bool_or(kind = 'objective_tables' and 'public' = any(audiences)), false)
                   as "objectives_to_public!",
               coalesce(bool_or(kind = 'special_report' and 'district_leaders' = any(audiences)), false)
                   as "results_to_leaders!",
               coalesce(bool_or(kind = 'special_report' and 'executive_meeting' = any(audiences)), false)
                   as "results_to_meeting!",
               coalesce(bool_or(kind = 'report_compilation' and 'peoples_congress' = any(audiences)), false)
                   as "reports_to_congress!",
               coalesce(bool_or(kind = 'report_compilation' and 'participants' = any(audiences)), false)
                   as "reports_to_participants!",
               (select count(*) from disclosure.notices n
                   join disclosure.key_evaluations k on k.district = n.district and k.name = n.subject
                   where n.district = $1 and n.state <> 'draft' and k.work_year = $2) as "notices!"
           from standing"#,
        ask.district,
        ask.year,
    )
    .fetch_one(connection)
    .await?;
    Ok(Disclosure {
        objective_years: row.objective_years,
        result_years: row.result_years,
        objectives_to_congress: row.objectives_to_congress,
        objectives_to_public: row.objectives_to_public,
        results_to_leaders: row.results_to_leaders,
        results_to_meeting: row.results_to_meeting,
        reports_to_congress: row.reports_to_congress,
        reports_to_participants: row.reports_to_participants,
        notices: row.notices,
    })
}
