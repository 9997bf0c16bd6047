//! The facts of a work year, gathered from the figures' queries.

use sqlx::PgConnection;
use wenxiao_kernel::BudgetAccount;
use wenxiao_platform::Result;

use super::case_figures;
use super::figures::{self, Ask};
use crate::domain::facts::{AccountCoverage, Covered, YearFacts};
use crate::domain::rules::Rules;

/// Everything that the summary of a year needs.
pub async fn gather(connection: &mut PgConnection, ask: Ask, rules: &Rules) -> Result<YearFacts> {
    let objectives = figures::objective_coverage(connection, ask).await?;
    let monitoring = figures::monitoring_coverage(connection, ask).await?;
    Ok(YearFacts {
        district_title: figures::district_title(connection, ask).await?,
        work_year: ask.year,
        plan: figures::plan(connection, ask).await?,
        trainings: figures::trainings(connection, ask).await?,
        objectives: measurable(objectives, rules),
        objective_participants: figures::objective_participants(connection, ask).await?,
        collective_review: figures::collective_review(connection, ask).await?,
        monitoring: measurable(monitoring, rules),
        ex_ante: figures::ex_ante_evaluations(connection, ask).await?,
        self_evaluation: figures::self_evaluation(connection, ask).await?,
        key_evaluation: figures::key_evaluation(connection, ask).await?,
        cases: case_figures::cases(connection, ask, rules).await?,
        policy_budget_years: figures::policy_budget_years(connection, ask).await?,
        disclosure: figures::disclosed(connection, ask).await?,
    })
}

/// Only accounts whose budgets are complete here have a total to measure against.
fn measurable(rows: Vec<(BudgetAccount, Covered)>, rules: &Rules) -> Vec<AccountCoverage> {
    rows.into_iter()
        .map(|(account, mut covered)| {
            if !rules.covered_accounts.contains(&account) {
                covered.total = None;
            }
            AccountCoverage { account, covered }
        })
        .collect()
}
