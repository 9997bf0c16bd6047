//! What happened to projects (项目大事记), and what was paid of them by month.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use wenxiao_kernel::{DistrictCode, Grade, Money};
use wenxiao_platform::Result;

use super::read;
use crate::domain::timeline::{Entry, EntryKind, Place};

/// Keeps an entry that an event tells; a second time it changes nothing.
pub async fn keep(
    connection: &mut PgConnection,
    district: DistrictCode,
    place: &Place,
    entry: &Entry,
) -> Result<()> {
    sqlx::query!(
        "insert into registry.project_timeline (district, feed, sequence, part, subject, entry_date, occur_time,
                fiscal_year, kind, summary, resource, amount, grade, light, internal)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict (district, feed, sequence, part) do nothing",
        district.as_i32(),
        place.feed,
        place.sequence,
        place.part,
        entry.subject,
        place.entry_date,
        place.occur_time,
        entry.fiscal_year,
        entry.kind.as_str(),
        entry.summary,
        entry.resource,
        entry.amount.map(Money::yuan),
        entry.grade.map(Grade::as_str),
        entry.light,
        entry.internal,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps what an object hangs on.
pub async fn link(
    connection: &mut PgConnection,
    district: DistrictCode,
    resource: &str,
    parent: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into registry.timeline_links (district, resource, parent) values ($1, $2, $3)
         on conflict (district, resource) do update set parent = excluded.parent
         where timeline_links.parent <> excluded.parent",
        district.as_i32(),
        resource,
        parent,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What an event adds to the payments of projects: one row for each month, account and source.
#[derive(Clone, Debug, Default)]
pub struct Payments {
    /// Identifiers of the projects.
    pub projects: Vec<String>,
    /// Budget years.
    pub years: Vec<i32>,
    /// Months.
    pub months: Vec<i32>,
    /// Accounts.
    pub accounts: Vec<String>,
    /// Sources.
    pub sources: Vec<String>,
    /// What is added.
    pub amounts: Vec<Decimal>,
}

/// Adds payments; those of an event that was added before are left alone.
pub async fn add_payments(
    connection: &mut PgConnection,
    district: DistrictCode,
    sequence: i64,
    of: &Payments,
) -> Result<()> {
    sqlx::query!(
        "insert into registry.project_payments as kept (district, project, fiscal_year, month, budget_account,
                funding_source, amount, sequence)
         select $1, *, $2 from unnest($3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::numeric[])
         on conflict (district, project, fiscal_year, month, budget_account, funding_source) do update
         set amount = kept.amount + excluded.amount, sequence = excluded.sequence
         where kept.sequence < excluded.sequence",
        district.as_i32(),
        sequence,
        &of.projects,
        &of.years,
        &of.months,
        &of.accounts,
        &of.sources,
        &of.amounts,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was paid of a project in each of these years, by account and source, as far as the payments name their source.
pub async fn paid(
    connection: &mut PgConnection,
    district: DistrictCode,
    projects: &[String],
    years: &[i32],
) -> Result<Vec<PaidLine>> {
    let rows = sqlx::query_as!(
        PaidLine,
        r#"select project, fiscal_year, budget_account, funding_source, sum(amount) as "amount!"
           from registry.project_payments
           where district = $1 and funding_source <> '' and (project, fiscal_year) in (select * from unnest($2::text[], $3::integer[]))
           group by project, fiscal_year, budget_account, funding_source"#,
        district.as_i32(),
        projects,
        years,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// What was paid of one line.
#[derive(Clone, Debug)]
pub struct PaidLine {
    /// Identifier of the project.
    pub project: String,
    /// Budget year.
    pub fiscal_year: i32,
    /// Account.
    pub budget_account: String,
    /// Source.
    pub funding_source: String,
    /// How much, in yuan.
    pub amount: Decimal,
}

struct Row {
    feed: String,
    sequence: i64,
    part: i32,
    subject: String,
    entry_date: NaiveDate,
    occur_time: DateTime<Utc>,
    fiscal_year: Option<i32>,
    kind: String,
    summary: String,
    resource: String,
    amount: Option<Decimal>,
    grade: Option<String>,
    light: String,
    internal: bool,
}

impl Row {
    fn placed(self) -> Result<(Place, Entry)> {
        let entry = Entry {
            subject: self.subject,
            entry_date: self.entry_date,
            fiscal_year: self.fiscal_year,
            kind: read(self.kind.parse())?,
            summary: self.summary,
            resource: self.resource,
            amount: self.amount.map(|yuan| read(Money::from_yuan(yuan))).transpose()?,
            grade: self.grade.map(|word| read(word.parse())).transpose()?,
            light: self.light,
            internal: self.internal,
        };
        let (feed, sequence, part) = (self.feed, self.sequence, self.part);
        let place = Place { entry_date: self.entry_date, occur_time: self.occur_time, feed, sequence, part };
        Ok((place, entry))
    }
}

/// Which entries a list is narrowed to.
#[derive(Clone, Debug)]
pub struct TimelineFilter {
    /// Identifier of the project.
    pub project: String,
    /// Only what is about this year.
    pub fiscal_year: Option<i32>,
    /// Only this kind.
    pub kind: Option<EntryKind>,
    /// Also what only the bureau sees.
    pub internal: bool,
    /// Place of the last row of the page before.
    pub after: Option<Place>,
    /// Rows at the most.
    pub limit: i64,
}

/// What happened to a project, in the order of days. A month's payments are one entry at its end.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &TimelineFilter,
) -> Result<Vec<(Place, Entry)>> {
    let name = format!("districts/{district}/projects/{}", filter.project);
    let after = filter.after.as_ref();
    let rows = sqlx::query_as!(
        Row,
        r#"with recursive hangs(resource) as (
             select $2::text collate "C"
             union select l.resource from hangs h
               join registry.timeline_links l on l.district = $1 and l.parent = h.resource),
           paid as (
             select fiscal_year, month, sum(amount) as amount,
                    (make_date(fiscal_year, month, 1) + interval '1 month')::date as next_month
             from registry.project_payments where district = $1 and project = $3 group by fiscal_year, month),
           entries as (
             select t.feed, t.sequence, t.part, t.subject, t.entry_date, t.occur_time, t.fiscal_year, t.kind, t.summary,
                    t.resource, t.amount, t.grade, t.light, t.internal
             from hangs h join registry.project_timeline t on t.district = $1 and t.subject = h.resource
             where $12 or not t.internal
             union all
             select 'payments', fiscal_year * 100::bigint + month, 0, $2, next_month - 1,
                    next_month::timestamp at time zone 'Asia/Shanghai', fiscal_year, 'payment',
                    fiscal_year || '年' || month || '月支付' || amount || '元', $2, amount, null, '', false
             from paid)
           select feed as "feed!", sequence as "sequence!", part as "part!", subject as "subject!",
                  entry_date as "entry_date!", occur_time as "occur_time!", fiscal_year, kind as "kind!",
                  summary as "summary!", resource as "resource!", amount, grade, light as "light!",
                  internal as "internal!"
           from entries
           where ($4::integer is null or fiscal_year = $4) and ($5::text is null or kind = $5)
             and ($6::date is null or (entry_date, occur_time, feed collate "C", sequence, part) > ($6, $7, $8, $9, $10))
           order by entry_date, occur_time, feed collate "C", sequence, part limit $11"#,
        district.as_i32(),
        name,
        filter.project,
        filter.fiscal_year,
        filter.kind.map(EntryKind::as_str),
        after.map(|place| place.entry_date),
        after.map(|place| place.occur_time),
        after.map(|place| place.feed.as_str()),
        after.map(|place| place.sequence),
        after.map(|place| place.part),
        filter.limit,
        filter.internal,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::placed).collect()
}
