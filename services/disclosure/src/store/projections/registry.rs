//! Districts, units, projects, budgets, policies, plans and trainings, as the registry tells them.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::registry::v1::unit::{Kind, State};
use wenxiao_contract::wenxiao::registry::v1::{
    BudgetEntry, District, Policy, Project, TrainingSession, Unit, WorkPlan,
};
use wenxiao_platform::Result;

use super::{account, day, secrecy, word, yuan};
use crate::names;
use crate::store::owner::{self, Handover};

/// Keeps a district's name.
pub async fn keep_district(connection: &mut PgConnection, district: i32, kept: &District) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.districts (district, name, title) values ($1, $2, $3)
         on conflict (district, name) do update set title = excluded.title",
        district,
        kept.name,
        kept.title,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a unit. A department's own unit (本级) is counted as the department. When it has ended, what is open about it as a
/// whole follows its successor; one that was to begin and does not is forgotten.
pub async fn keep_unit(connection: &mut PgConnection, district: i32, unit: &Unit) -> Result<()> {
    if unit.state() == State::Withdrawn {
        return forget_unit(connection, district, &unit.name).await;
    }
    let own = unit.kind() == Kind::OwnUnit && !unit.parent_unit.is_empty();
    sqlx::query!(
        "insert into disclosure.units (district, name, title, kind, counted_as) values ($1, $2, $3, $4, $5)
         on conflict (district, name) do update set title = excluded.title, kind = excluded.kind,
             counted_as = excluded.counted_as",
        district,
        unit.name,
        unit.title,
        word(unit.kind().as_str_name(), "KIND_"),
        if own { &unit.parent_unit } else { &unit.name },
    )
    .execute(&mut *connection)
    .await?;
    // What is decided for a day to come names its heirs as well: nothing changes hands before the day.
    let ended = matches!(unit.state(), State::Merged | State::Split | State::Moved | State::Closed);
    if !ended || unit.successor.is_empty() {
        return Ok(());
    }
    let by = Handover { from: &unit.name, to: &unit.successor };
    owner::follow_unit(connection, district, by, &names::department(&unit.successor)).await
}

async fn forget_unit(connection: &mut PgConnection, district: i32, name: &str) -> Result<()> {
    sqlx::query!("delete from disclosure.units where district = $1 and name = $2", district, name)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps a project; what is open about it follows it to another unit.
pub async fn keep_project(connection: &mut PgConnection, district: i32, project: &Project) -> Result<()> {
    let before = sqlx::query_scalar!(
        r#"with before as (select unit from disclosure.projects where district = $1 and name = $2)
         insert into disclosure.projects (district, name, title, unit, account, secrecy) values ($1, $2, $3, $4, $5, $6)
         on conflict (district, name) do update set title = excluded.title, unit = excluded.unit,
             account = excluded.account, secrecy = excluded.secrecy
         returning (select unit from before) as "before?""#,
        district,
        project.name,
        project.title,
        project.implementing_unit,
        account(project.budget_account()),
        secrecy(project.secrecy()),
    )
    .fetch_one(&mut *connection)
    .await?;
    follow(connection, district, &project.name, before, &project.implementing_unit).await
}

/// What is open about a project or policy follows it from the unit that answered for it before, when that is another.
async fn follow(
    connection: &mut PgConnection,
    district: i32,
    object: &str,
    before: Option<String>,
    unit: &str,
) -> Result<()> {
    match before.filter(|before| before != unit) {
        Some(from) => {
            owner::follow_object(connection, district, object, Handover { from: &from, to: unit }).await
        }
        None => Ok(()),
    }
}

/// Keeps a budget entry. Entries are never edited; an entry without an account has its project's.
pub async fn keep_budget_entry(
    connection: &mut PgConnection,
    district: i32,
    entry: &BudgetEntry,
) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.budget_entries (district, name, project, fiscal_year, account, kind, amount)
         values ($1, $2, $3, $4, coalesce(nullif($5, ''), (select account from disclosure.projects
             where district = $1 and name = $3), ''), $6, $7)
         on conflict (district, name) do nothing",
        district,
        entry.name,
        entry.project,
        entry.fiscal_year,
        account(entry.budget_account()),
        word(entry.kind().as_str_name(), "BUDGET_ENTRY_KIND_"),
        yuan(entry.amount.as_ref())?.unwrap_or_default(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a policy; what is open about it follows it to another unit.
pub async fn keep_policy(connection: &mut PgConnection, district: i32, policy: &Policy) -> Result<()> {
    let before = sqlx::query_scalar!(
        r#"with before as (select executing_unit from disclosure.policies where district = $1 and name = $2)
         insert into disclosure.policies (district, name, title, executing_unit, expiry_date, term_years, secrecy)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (district, name) do update set title = excluded.title, executing_unit = excluded.executing_unit,
             expiry_date = excluded.expiry_date, term_years = excluded.term_years, secrecy = excluded.secrecy
         returning (select executing_unit from before) as "before?""#,
        district,
        policy.name,
        policy.title,
        policy.executing_unit,
        day(policy.expiry_date.as_ref())?,
        policy.term_years,
        secrecy(policy.secrecy()),
    )
    .fetch_one(&mut *connection)
    .await?;
    follow(connection, district, &policy.name, before, &policy.executing_unit).await
}

/// Keeps a plan.
pub async fn keep_plan(connection: &mut PgConnection, district: i32, plan: &WorkPlan) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.work_plans (district, name, kind, state, work_year, document_title, document_number,
             horizon_years, target_date)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (district, name) do update set kind = excluded.kind, state = excluded.state,
             work_year = excluded.work_year, document_title = excluded.document_title,
             document_number = excluded.document_number, horizon_years = excluded.horizon_years,
             target_date = excluded.target_date",
        district,
        plan.name,
        word(plan.kind().as_str_name(), "KIND_"),
        word(plan.state().as_str_name(), "STATE_"),
        plan.work_year,
        plan.document_title,
        plan.document_number,
        plan.horizon_years,
        day(plan.target_date.as_ref())?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a training session.
pub async fn keep_training(
    connection: &mut PgConnection,
    district: i32,
    training: &TrainingSession,
) -> Result<()> {
    let audiences: Vec<String> = training.audiences.iter().map(|audience| audience.label.clone()).collect();
    sqlx::query!(
        "insert into disclosure.trainings (district, name, work_year, state, hold_date, audiences)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, name) do update set work_year = excluded.work_year, state = excluded.state,
             hold_date = excluded.hold_date, audiences = excluded.audiences",
        district,
        training.name,
        training.work_year,
        word(training.state().as_str_name(), "STATE_"),
        day(training.hold_date.as_ref())?,
        &audiences,
    )
    .execute(connection)
    .await?;
    Ok(())
}
