//! Payments of the treasury system.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::{Failure, Result};

use super::{money, word, year};
use crate::domain::payment::{Increment, Payment};
use crate::domain::reconcile::Recorded;

/// Takes in what is not known yet and says which payments that were. `payments` names no id twice.
pub async fn take_in(
    connection: &mut PgConnection,
    district: DistrictCode,
    payments: &[Payment],
    now: DateTime<Utc>,
) -> Result<Vec<String>> {
    let text = |field: fn(&Payment) -> &str| payments.iter().map(field).collect::<Vec<&str>>();
    let months = payments.iter().map(|p| p.month().and_then(|month| i16::try_from(month).ok()));
    let taken = sqlx::query_scalar!(
        "insert into monitoring.payments (district, payment_id, fiscal_year, project_id, unit_id, account,
           funding_source, amount, pay_date, month, kind, original_id, purpose, create_time)
         select $1, p.id, p.fiscal_year, p.project, p.unit, p.account, p.source, p.amount, p.pay_date, p.month, p.kind,
           p.original, p.purpose, $2
         from unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::numeric[],
           $10::date[], $11::smallint[], $12::text[], $13::text[], $14::text[])
           as p(id, fiscal_year, project, unit, account, source, amount, pay_date, month, kind, original, purpose)
         on conflict (district, payment_id) do nothing
         returning payment_id",
        district.as_i32(),
        now,
        &text(|p| &p.id) as _,
        &payments.iter().map(|p| p.fiscal_year.as_i32()).collect::<Vec<_>>(),
        &text(|p| &p.project) as _,
        &text(|p| &p.unit) as _,
        &text(|p| p.account.as_str()) as _,
        &payments.iter().map(|p| p.funding_source).collect::<Vec<_>>(),
        &payments.iter().map(|p| p.amount.yuan()).collect::<Vec<_>>(),
        &payments.iter().map(|p| p.pay_date).collect::<Vec<_>>(),
        &months.collect::<Vec<_>>() as _,
        &text(|p| p.kind.as_str()) as _,
        &text(|p| &p.original) as _,
        &text(|p| &p.purpose) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(taken)
}

/// Adds to the totals of projects and of their departments, and says which of the projects the registry has not announced.
/// Rows are locked in the order of their keys, so that two writers never wait for each other crosswise; whoever calls
/// holds the projects.
pub async fn add_to_outturn(
    connection: &mut PgConnection,
    district: DistrictCode,
    increments: &[Increment<'_>],
) -> Result<HashSet<String>> {
    let months = increments.iter().map(|i| i16::try_from(i.month).ok());
    let unknown = sqlx::query_scalar!(
        r#"with increment as materialized (
             select i.*, p.department_id
             from unnest($2::integer[], $3::text[], $4::text[], $5::integer[], $6::smallint[], $7::numeric[])
               as i(fiscal_year, project_id, account, funding_source, month, amount)
             left join monitoring.projects p on p.district = $1 and p.project_id = i.project_id),
           added as (
             insert into monitoring.execution_totals
               (district, fiscal_year, project_id, account, funding_source, month, executed)
             select $1, fiscal_year, project_id, account, funding_source, month, amount from increment
             order by fiscal_year, project_id, account, funding_source, month
             on conflict (district, fiscal_year, project_id, account, funding_source, month)
             do update set executed = execution_totals.executed + excluded.executed),
           added_to_departments as (
             insert into monitoring.department_totals
               (district, fiscal_year, department_id, account, funding_source, month, executed)
             select $1, fiscal_year, department_id, account, funding_source, month, sum(amount)
             from increment where department_id is not null
             group by fiscal_year, department_id, account, funding_source, month
             order by fiscal_year, department_id, account, funding_source, month
             on conflict (district, fiscal_year, department_id, account, funding_source, month)
             do update set executed = department_totals.executed + excluded.executed)
           select distinct project_id as "project_id!" from increment where department_id is null"#,
        district.as_i32(),
        &increments.iter().map(|i| i.fiscal_year.as_i32()).collect::<Vec<_>>(),
        &increments.iter().map(|i| i.project).collect::<Vec<_>>() as _,
        &increments.iter().map(|i| i.account.as_str()).collect::<Vec<_>>() as _,
        &increments.iter().map(|i| i.funding_source).collect::<Vec<_>>(),
        &months.collect::<Vec<_>>() as _,
        &increments.iter().map(|i| i.amount.yuan()).collect::<Vec<_>>(),
    )
    .fetch_all(connection)
    .await?;
    Ok(unknown.into_iter().collect())
}

struct Row {
    payment_id: String,
    fiscal_year: i32,
    project_id: String,
    unit_id: String,
    account: String,
    funding_source: i32,
    amount: Decimal,
    pay_date: NaiveDate,
    kind: String,
    original_id: String,
    purpose: String,
    create_time: DateTime<Utc>,
}

/// A payment and when it was taken in.
pub type Stored = (Payment, DateTime<Utc>);

impl TryFrom<Row> for Stored {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let payment = Payment {
            id: row.payment_id,
            project: row.project_id,
            unit: row.unit_id,
            fiscal_year: year(row.fiscal_year)?,
            account: word(&row.account)?,
            funding_source: row.funding_source,
            amount: money(row.amount)?,
            pay_date: row.pay_date,
            kind: word(&row.kind)?,
            original: row.original_id,
            purpose: row.purpose,
        };
        Ok((payment, row.create_time))
    }
}

/// The payments with these ids that are known.
pub async fn load_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<Stored>> {
    let rows = sqlx::query_as!(
        Row,
        "select payment_id, fiscal_year, project_id, unit_id, account, funding_source, amount, pay_date, kind,
           original_id, purpose, create_time
         from monitoring.payments where district = $1 and payment_id = any($2)",
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// What a list of payments asks for.
pub struct Filter<'a> {
    /// Budget year.
    pub fiscal_year: i32,
    /// Only this project.
    pub project: Option<&'a str>,
    /// Only payments of these days, the last one with them: a month is a range of days, which the list goes by.
    pub days: (NaiveDate, Option<NaiveDate>),
    /// Day and id of the last payment of the page before.
    pub after: Option<(NaiveDate, &'a str)>,
    /// How many.
    pub limit: i64,
}

/// Payments by day and id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Stored>> {
    let rows = sqlx::query_as!(
        Row,
        "select payment_id, fiscal_year, project_id, unit_id, account, funding_source, amount, pay_date, kind,
           original_id, purpose, create_time
         from monitoring.payments
         where district = $1 and fiscal_year = $2 and ($3::text is null or project_id = $3)
           and pay_date >= $4 and ($5::date is null or pay_date <= $5)
           and ($6::date is null or (pay_date, payment_id) > ($6, $7))
         order by pay_date, payment_id limit $8",
        district.as_i32(),
        filter.fiscal_year,
        filter.project,
        filter.days.0,
        filter.days.1,
        filter.after.map(|(day, _)| day),
        filter.after.map_or("", |(_, id)| id),
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// What was taken in for some months of a year, all within the days given, by account, month, project and source: counted
/// from the payments themselves, so that the totals are checked as well.
pub async fn recorded(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    months: &[i16],
    days: (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"select account, month, project_id, funding_source, sum(amount) as "amount!", count(*) as "count!"
           from monitoring.payments
           where district = $1 and fiscal_year = $2 and month = any($3) and pay_date >= $4
             and ($5::date is null or pay_date <= $5)
           group by account, month, project_id, funding_source
           order by account, month, project_id, funding_source"#,
        district.as_i32(),
        fiscal_year,
        months,
        days.0,
        days.1,
    )
    .fetch_all(connection)
    .await?;
    let recorded = rows.into_iter().map(|row| {
        Ok(Recorded {
            account: word(&row.account)?,
            month: u32::try_from(row.month).unwrap_or_default(),
            project: row.project_id,
            funding_source: row.funding_source,
            amount: money(row.amount)?,
            count: row.count,
        })
    });
    recorded.collect()
}

/// Payments that a correction or reversal of the year names and that were not taken in, by id.
pub async fn missing_originals(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    limit: i64,
) -> Result<Vec<String>> {
    let ids = sqlx::query_scalar!(
        "select distinct p.original_id from monitoring.payments p
         where p.district = $1 and p.fiscal_year = $2 and p.original_id <> ''
           and not exists (select from monitoring.payments o
             where o.district = $1 and o.payment_id = p.original_id)
         order by p.original_id limit $3",
        district.as_i32(),
        fiscal_year,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}
