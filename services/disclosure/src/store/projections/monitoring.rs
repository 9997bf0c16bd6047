//! Rounds, reports and execution, as monitoring tells them.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::monitoring::v1::{Execution, MonitoringReport, MonitoringRound};
use wenxiao_platform::Result;

use super::{account, word, yuan};

/// Keeps a round.
pub async fn keep_round(connection: &mut PgConnection, district: i32, round: &MonitoringRound) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.monitoring_rounds (district, name, fiscal_year, work_year, state) values ($1, $2, $3, $4, $5)
         on conflict (district, name) do update set fiscal_year = excluded.fiscal_year, work_year = excluded.work_year,
             state = excluded.state",
        district,
        round.name,
        round.fiscal_year,
        round.work_year,
        word(round.state().as_str_name(), "STATE_"),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a report.
pub async fn keep_report(
    connection: &mut PgConnection,
    district: i32,
    report: &MonitoringReport,
) -> Result<()> {
    let round = report.name.split("/reports/").next().unwrap_or_default();
    sqlx::query!(
        "insert into disclosure.monitoring_reports (district, name, round, object, unit, fiscal_year, account, state,
             institution, returned)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (district, name) do update set unit = excluded.unit, account = excluded.account,
             state = excluded.state, institution = excluded.institution,
             returned = monitoring_reports.returned or excluded.returned",
        district,
        report.name,
        round,
        report.monitored_object,
        report.unit,
        report.fiscal_year,
        account(report.budget_account()),
        word(report.state().as_str_name(), "STATE_"),
        report.institution,
        !report.return_reason.is_empty(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps how much of a project's budget was paid out in a year.
pub async fn keep_execution(
    connection: &mut PgConnection,
    district: i32,
    execution: &Execution,
) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.outturns (district, project, fiscal_year, executed) values ($1, $2, $3, $4)
         on conflict (district, project, fiscal_year) do update set executed = excluded.executed",
        district,
        execution.subject_resource,
        execution.fiscal_year,
        yuan(execution.executed_amount.as_ref())?.unwrap_or_default(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
