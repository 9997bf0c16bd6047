//! Rounds, reports and outturns, as monitoring tells them.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::monitoring::v1::{MonitoringReport, MonitoringRound, OutturnIncrement};
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

/// Adds to how much of each project's budget was paid out in a year.
pub async fn add_to_outturns(
    connection: &mut PgConnection,
    district: i32,
    increments: &[OutturnIncrement],
) -> Result<()> {
    let amounts = increments.iter().map(|one| Ok(yuan(one.amount.as_ref())?.unwrap_or_default()));
    sqlx::query!(
        "insert into disclosure.outturns (district, project, fiscal_year, executed)
         select $1, project, fiscal_year, sum(amount)
         from unnest($2::text[], $3::integer[], $4::numeric[]) as increment(project, fiscal_year, amount)
         group by project, fiscal_year
         on conflict (district, project, fiscal_year) do update set executed = outturns.executed + excluded.executed",
        district,
        &increments.iter().map(|one| &*one.project).collect::<Vec<_>>() as _,
        &increments.iter().map(|one| one.fiscal_year).collect::<Vec<_>>(),
        &amounts.collect::<Result<Vec<_>>>()?,
    )
    .execute(connection)
    .await?;
    Ok(())
}
