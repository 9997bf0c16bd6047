//! Reports.

use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{updated, word};
use crate::domain::action::ReportAction;
use crate::domain::coverage::LightCounts;
use crate::domain::light::Light;
use crate::domain::report::Report;
use crate::domain::round::Round;
use crate::domain::rules::Rules;
use crate::domain::statistics::Group;

/// A report.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
    id: &str,
) -> Result<Option<Report>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Report>"
           from monitoring.reports where district = $1 and round_id = $2 and report_id = $3"#,
        district.as_i32(),
        round,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// A report, locked, with its round and the rules by which the round is judged.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
    id: &str,
) -> Result<Option<(Round, Rules, Report)>> {
    let row = sqlx::query!(
        r#"select o.body as "round: Json<Round>", o.rules as "rules!: Json<Rules>",
             monitoring.owned(r.body, r.unit_id, r.agency_code, r.department_id) as "report!: Json<Report>"
           from monitoring.reports r
           join monitoring.rounds o on o.district = r.district and o.round_id = r.round_id
           where r.district = $1 and r.round_id = $2 and r.report_id = $3
           for update of r for share of o"#,
        district.as_i32(),
        round,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.round.0, row.rules.0, row.report.0)))
}

/// A report with its round.
pub async fn load_with_round(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
    id: &str,
) -> Result<Option<(Round, Report)>> {
    let row = sqlx::query!(
        r#"select o.body as "round: Json<Round>",
             monitoring.owned(r.body, r.unit_id, r.agency_code, r.department_id) as "report!: Json<Report>"
           from monitoring.reports r
           join monitoring.rounds o on o.district = r.district and o.round_id = r.round_id
           where r.district = $1 and r.round_id = $2 and r.report_id = $3"#,
        district.as_i32(),
        round,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.round.0, row.report.0)))
}

/// Inserts the reports of a round that is opened.
pub async fn insert_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    reports: &[Report],
) -> Result<()> {
    let text = |field: fn(&Report) -> String| reports.iter().map(field).collect::<Vec<String>>();
    let lights: Vec<Option<String>> =
        reports.iter().map(|r| r.lights.overall.map(|light| light.as_str().to_owned())).collect();
    let years: Vec<i32> = reports.iter().map(|r| r.fiscal_year.as_i32()).collect();
    let bodies: Vec<Json<&Report>> = reports.iter().map(Json).collect();
    sqlx::query!(
        "insert into monitoring.reports (district, round_id, report_id, kind, fiscal_year, state, light, unit_id,
           agency_code, department_id, institution, late, return_count, revision_count, body, version)
         select $1, r.round, r.id, r.kind, r.fiscal_year, r.state, r.light, r.unit, r.code, r.department,
           r.institution, false, 0, 0, r.body, 1
         from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
           $9::text[], $10::text[], $11::text[], $12::jsonb[])
           as r(round, id, kind, fiscal_year, state, light, unit, code, department, institution, body)",
        district.as_i32(),
        &text(|r| r.round.clone()),
        &text(|r| r.id.clone()),
        &text(|r| r.kind.as_str().to_owned()),
        &years,
        &text(|r| r.state.as_str().to_owned()),
        &lights as &[Option<String>],
        &text(|r| r.unit.clone()),
        &text(|r| r.agency_code.clone()),
        &text(|r| r.department.clone()),
        &text(|r| r.institution.clone()),
        &bodies as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Saves a changed report whose version was raised by one; whose it is stays as the columns say.
pub async fn update(connection: &mut PgConnection, district: DistrictCode, report: &Report) -> Result<()> {
    let done = sqlx::query!(
        "update monitoring.reports set state = $4, light = $5, institution = $6, late = $7, return_count = $8,
           revision_count = $9, accept_time = $10, body = $11, version = $12
         where district = $1 and round_id = $2 and report_id = $3 and version = $12::bigint - 1",
        district.as_i32(),
        report.round,
        report.id,
        report.state.as_str(),
        report.lights.overall.map(Light::as_str),
        report.institution,
        report.late,
        report.return_count,
        report.revision_count,
        report.accept_time,
        Json(report) as _,
        report.version,
    )
    .execute(connection)
    .await?;
    updated(done.rows_affected(), &report.id)
}

/// Gives the reports of a round to the institutions that its assignments now name.
pub async fn assign(connection: &mut PgConnection, district: DistrictCode, round: &Round) -> Result<()> {
    let rows = sqlx::query!(
        "select distinct department_id from monitoring.reports where district = $1 and round_id = $2",
        district.as_i32(),
        round.id,
    )
    .fetch_all(&mut *connection)
    .await?;
    let departments: Vec<String> = rows.into_iter().map(|row| row.department_id).collect();
    let institutions: Vec<String> = departments.iter().map(|id| round.reviewer(id).to_owned()).collect();
    sqlx::query!(
        "update monitoring.reports r set institution = a.institution, version = version + 1,
           body = body || jsonb_build_object('institution', a.institution, 'version', version + 1)
         from unnest($3::text[], $4::text[]) as a(department, institution)
         where r.district = $1 and r.round_id = $2 and r.department_id = a.department
           and r.institution <> a.institution",
        district.as_i32(),
        round.id,
        &departments,
        &institutions,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a list of reports asks for.
#[derive(Default)]
pub struct Filter<'a> {
    /// Round.
    pub round: &'a str,
    /// Only this state.
    pub state: Option<&'a str>,
    /// Only this light.
    pub light: Option<&'a str>,
    /// Only this unit, by its agency code.
    pub unit: Option<&'a str>,
    /// Only this department.
    pub department: Option<&'a str>,
    /// Only units whose code starts with this.
    pub unit_prefix: Option<&'a str>,
    /// Only those assigned to this institution.
    pub institution: Option<&'a str>,
    /// Department and id of the last one of the page before.
    pub after: Option<(&'a str, &'a str)>,
    /// How many.
    pub limit: i64,
}

/// Reports of a round, by department and id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Report>> {
    let rows = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Report>"
           from monitoring.reports
           where district = $1 and round_id = $2 and ($3::text is null or state = $3)
             and ($4::text is null or light = $4) and ($5::text is null or agency_code collate "C" = $5)
             and ($6::text is null or department_id = $6)
             and ($7::text is null or (agency_code collate "C" >= $7 and agency_code collate "C" < $7 || ':'))
             and ($8::text is null or institution = $8)
             and ($9::text is null or (department_id, report_id) > ($9, $10))
           order by department_id, report_id limit $11"#,
        district.as_i32(),
        filter.round,
        filter.state,
        filter.light,
        filter.unit,
        filter.department,
        filter.unit_prefix,
        filter.institution,
        filter.after.map(|(department, _)| department),
        filter.after.map_or("", |(_, id)| id),
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|body| body.0).collect())
}

/// Counts of one department's reports.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Department; empty for all.
    pub department: String,
    /// Never submitted.
    pub draft: i32,
    /// Waiting for a review.
    pub submitted: i32,
    /// Back with their unit.
    pub returned: i32,
    /// Accepted.
    pub accepted: i32,
    /// Missed the deadline, or have not been submitted after it.
    pub late: i32,
    /// Returned at least once.
    pub ever_returned: i32,
    /// Lights.
    pub lights: LightCounts,
}

/// Counts of a round by department.
pub async fn statistics(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
    overdue: bool,
) -> Result<Vec<Counts>> {
    let waiting: Vec<&str> = ReportAction::Accept.states().iter().map(|state| state.as_str()).collect();
    let rows = sqlx::query!(
        r#"select department_id,
             count(*) filter (where state = 'draft')::integer as "draft!",
             count(*) filter (where state = any($4))::integer as "submitted!",
             count(*) filter (where state = 'returned')::integer as "returned!",
             count(*) filter (where state = 'accepted')::integer as "accepted!",
             count(*) filter (where late or (state = 'draft' and $3))::integer as "late!",
             count(*) filter (where return_count > 0)::integer as "ever_returned!",
             count(*) filter (where light = 'red')::integer as "red!",
             count(*) filter (where light = 'yellow')::integer as "yellow!",
             count(*) filter (where light = 'green')::integer as "green!",
             count(*) filter (where light = 'blue')::integer as "blue!",
             count(*) filter (where light is null)::integer as "unjudged!"
           from monitoring.reports where district = $1 and round_id = $2
           group by department_id order by department_id"#,
        district.as_i32(),
        round,
        overdue,
        &waiting as _,
    )
    .fetch_all(connection)
    .await?;
    let counts = rows.into_iter().map(|row| Counts {
        department: row.department_id,
        draft: row.draft,
        submitted: row.submitted,
        returned: row.returned,
        accepted: row.accepted,
        late: row.late,
        ever_returned: row.ever_returned,
        lights: LightCounts {
            red: row.red,
            yellow: row.yellow,
            green: row.green,
            blue: row.blue,
            unjudged: row.unjudged,
        },
    });
    Ok(counts.collect())
}

/// Every accepted report of a round: what rules may propose measures for.
pub async fn accepted(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
) -> Result<Vec<Report>> {
    let rows = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Report>"
           from monitoring.reports
           where district = $1 and round_id = $2 and state = 'accepted' order by report_id"#,
        district.as_i32(),
        round,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|body| body.0).collect())
}

/// Accepted reports of a year, by department, account and last month of the stage.
pub async fn accepted_of_year(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
) -> Result<Vec<Group>> {
    let rows = sqlx::query!(
        r#"select department_id, account, end_month as "end_month!", light, count(*)::integer as "count!"
           from monitoring.reports
           where district = $1 and fiscal_year = $2 and state = 'accepted'
           group by department_id, account, end_month, light
           order by department_id, account, end_month, light"#,
        district.as_i32(),
        fiscal_year,
    )
    .fetch_all(connection)
    .await?;
    let groups = rows.into_iter().map(|row| {
        Ok(Group {
            department: row.department_id,
            account: row.account.as_deref().map(word).transpose()?,
            end_month: u32::try_from(row.end_month).unwrap_or_default(),
            lights: LightCounts::of(row.light.as_deref().map(word).transpose()?, row.count),
        })
    });
    groups.collect()
}
