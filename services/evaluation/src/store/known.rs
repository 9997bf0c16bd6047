//! What other services have said, as far as it is kept here (投影): writing and asking.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{BudgetAccount, Secrecy};
use wenxiao_platform::{Failure, Result};

use crate::domain::conflict::{Engagement, Person};
use crate::domain::object::{EvaluatedObject, ObjectKind};
use crate::domain::rules::{RuleSet, Rules};

/// A unit (单位).
pub struct Unit {
    /// Resource name.
    pub name: String,
    /// Name in Chinese.
    pub title: String,
    /// Kind, in the registry's words.
    pub kind: String,
    /// The body that is counted: a department for its own unit (本级).
    pub counted_as: String,
}

/// A project or a policy.
pub struct Subject {
    /// Resource name.
    pub name: String,
    /// `project` or `policy`.
    pub kind: &'static str,
    /// Name in Chinese.
    pub title: String,
    /// Unit that answers for it.
    pub unit: String,
    /// Budget that pays.
    pub budget_account: Option<BudgetAccount>,
    /// How secret it is.
    pub secrecy: Option<Secrecy>,
    /// Last day of a policy.
    pub expiry_date: Option<NaiveDate>,
    /// Term of a policy in years; 0 when not known.
    pub term_years: i32,
}

/// Keeps a unit.
pub async fn keep_unit(connection: &mut PgConnection, district: i32, unit: &Unit) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.units (district, name, title, kind, counted_as) values ($1, $2, $3, $4, $5)
         on conflict (district, name) do update
         set title = excluded.title, kind = excluded.kind, counted_as = excluded.counted_as",
        district,
        unit.name,
        unit.title,
        unit.kind,
        unit.counted_as,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a unit that was to begin and does not: nothing can refer to it.
pub async fn forget_unit(connection: &mut PgConnection, district: i32, name: &str) -> Result<()> {
    sqlx::query!("delete from evaluation.units where district = $1 and name = $2", district, name)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps a project or policy, and says which unit answered for it before; none when it is new.
pub async fn keep_subject(
    connection: &mut PgConnection,
    district: i32,
    subject: &Subject,
) -> Result<Option<String>> {
    let before = sqlx::query_scalar!(
        r#"with before as (select unit from evaluation.subjects where district = $1 and name = $2)
         insert into evaluation.subjects
             (district, name, kind, title, unit, budget_account, secrecy, expiry_date, term_years)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (district, name) do update
         set title = excluded.title, unit = excluded.unit, budget_account = excluded.budget_account,
             secrecy = excluded.secrecy, expiry_date = excluded.expiry_date, term_years = excluded.term_years
         returning (select unit from before) as "before?""#,
        district,
        subject.name,
        subject.kind,
        subject.title,
        subject.unit,
        subject.budget_account.map(BudgetAccount::as_str),
        subject.secrecy.map(Secrecy::as_str),
        subject.expiry_date,
        subject.term_years,
    )
    .fetch_one(connection)
    .await?;
    Ok(before)
}

/// Keeps a rule set.
pub async fn keep_rule_set(connection: &mut PgConnection, district: i32, set: &RuleSet) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.rule_sets (district, name, body) values ($1, $2, $3)
         on conflict (district, name) do update set body = excluded.body",
        district,
        set.name,
        Json(set) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps an engagement; one that was cancelled is forgotten.
pub async fn keep_engagement(
    connection: &mut PgConnection,
    district: i32,
    engagement: &Engagement,
    cancelled: bool,
) -> Result<()> {
    if cancelled {
        sqlx::query!(
            "delete from evaluation.engagements where district = $1 and name = $2",
            district,
            engagement.name,
        )
        .execute(connection)
        .await?;
        return Ok(());
    }
    sqlx::query!(
        "insert into evaluation.engagements (district, name, participant, principal, may_sign, work_year)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, name) do update
         set participant = excluded.participant, principal = excluded.principal, may_sign = excluded.may_sign,
             work_year = excluded.work_year",
        district,
        engagement.name,
        engagement.participant,
        engagement.principal,
        engagement.may_sign,
        engagement.work_year,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps an expert, deputy or member.
pub async fn keep_person(
    connection: &mut PgConnection,
    district: i32,
    name: &str,
    title: &str,
    employer: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.people (district, name, title, employer) values ($1, $2, $3, $4)
         on conflict (district, name) do update set title = excluded.title, employer = excluded.employer",
        district,
        name,
        title,
        employer,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a measure of monitoring.
pub async fn keep_measure(
    connection: &mut PgConnection,
    district: i32,
    (name, subject, kind): (&str, &str, &str),
    fiscal_year: i32,
    in_force: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.measures (district, name, subject, fiscal_year, kind, in_force)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, name) do update set in_force = excluded.in_force",
        district,
        name,
        subject,
        fiscal_year,
        kind,
        in_force,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The object that a subject is: its name, unit, budget and secrecy as the registry has them. For a department that has
/// ended its heir answers. The subject is held until the transaction ends, so that what is begun about it is not missed
/// when it is handed over.
pub async fn object(
    connection: &mut PgConnection,
    district: i32,
    kind: ObjectKind,
    subject: &str,
) -> Result<Option<EvaluatedObject>> {
    let row = sqlx::query!(
        r#"with held as (select title, unit, budget_account, secrecy from evaluation.subjects
                         where district = $1 and name = $2 and kind = $3 for share),
                whole as (select title, coalesce(nullif(heir, ''), name) as unit from evaluation.units
                          where district = $1 and name = $2 and $3 in ('whole_department', 'fiscal_operation')
                          for share)
           select s.title as "title!", s.unit as "unit!", u.title as "unit_title?",
                  s.budget_account as "budget_account?", s.secrecy as "secrecy?"
           from (select title, unit, budget_account, secrecy from held
                 union all
                 select title, unit, null, null from whole) as s
           left join evaluation.units u on u.district = $1 and u.name = s.unit"#,
        district,
        subject,
        kind.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(EvaluatedObject {
            kind,
            subject: subject.to_owned(),
            unit: row.unit,
            title: row.title,
            unit_title: row.unit_title.unwrap_or_default(),
            budget_account: row
                .budget_account
                .map(|word| word.parse())
                .transpose()
                .map_err(Failure::internal)?,
            secrecy: row.secrecy.map(|word| word.parse()).transpose().map_err(Failure::internal)?,
        })
    })
    .transpose()
}

/// Expiry and term of a policy.
pub async fn policy_term(
    connection: &mut PgConnection,
    district: i32,
    policy: &str,
) -> Result<Option<(Option<NaiveDate>, i32)>> {
    let row = sqlx::query!(
        "select expiry_date, term_years from evaluation.subjects where district = $1 and name = $2 and kind = 'policy'",
        district,
        policy,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.expiry_date, row.term_years)))
}

/// Rules in force for the work of a year: those of its last day, so that a rule made in the year holds for its work.
pub async fn rules(connection: &mut PgConnection, district: i32, work_year: i32) -> Result<Rules> {
    let sets = sqlx::query_scalar!(
        r#"select body as "body: Json<RuleSet>" from evaluation.rule_sets where district = $1"#,
        district,
    )
    .fetch_all(connection)
    .await?;
    let day = NaiveDate::from_ymd_opt(work_year, 12, 31)
        .ok_or_else(|| Failure::invalid_field("work_year", "不是有效的年度", "not a year"))?;
    Ok(Rules::in_force(sets.into_iter().map(|set| set.0), day))
}

/// Rules of one rule set alone, whatever the day.
pub async fn rules_of(connection: &mut PgConnection, district: i32, name: &str) -> Result<Option<RuleSet>> {
    let set = sqlx::query_scalar!(
        r#"select body as "body: Json<RuleSet>" from evaluation.rule_sets where district = $1 and name = $2"#,
        district,
        name,
    )
    .fetch_optional(connection)
    .await?;
    Ok(set.map(|set| set.0))
}

/// Every engagement of an institution.
pub async fn engagements(
    connection: &mut PgConnection,
    district: i32,
    institution: &str,
) -> Result<Vec<Engagement>> {
    let rows = sqlx::query_as!(
        Engagement,
        "select name, participant, principal, may_sign, work_year from evaluation.engagements
         where district = $1 and participant = $2 order by name",
        district,
        institution,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Who employs these people.
pub async fn people(
    connection: &mut PgConnection,
    district: i32,
    names: &[String],
) -> Result<Vec<(Person, String)>> {
    let rows = sqlx::query!(
        "select name, title, employer from evaluation.people where district = $1 and name = any($2) order by name",
        district,
        names,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (Person { participant: row.name, employer: row.employer }, row.title))
        .collect())
}
