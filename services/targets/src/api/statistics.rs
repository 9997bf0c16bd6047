//! What the objectives of a year add up to, as the contract has it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, FiscalYear, Grade};
use wenxiao_platform::Result;
use wenxiao_platform::convert::{self, Fields};

use super::objective_wire;
use crate::domain::coverage::{self, AccountFigures, Basis};
use crate::domain::objective::State;
use crate::{names, store};

/// Statistics of one district and year.
pub async fn of(
    connection: &mut PgConnection,
    district: DistrictCode,
    ask: &wire::SummarizeObjectivesRequest,
    now: DateTime<Utc>,
) -> Result<wire::ObjectiveStatistics> {
    let mut fields = Fields::default();
    let year = fields.year("fiscal_year", ask.fiscal_year);
    fields.check()?;
    let basis = match ask.basis() {
        wire::CoverageBasis::Unspecified | wire::CoverageBasis::InitialBudget => Basis::InitialBudget,
        wire::CoverageBasis::AdjustedBudget => Basis::AdjustedBudget,
    };
    let accounts = store::statistics::accounts(connection, district, year, basis).await?;
    let counts = store::statistics::counts(connection, district, year).await?;
    let states = store::statistics::states(connection, district, year).await?;
    Ok(wire::ObjectiveStatistics {
        district: names::district(district),
        fiscal_year: year.as_i32(),
        basis: match basis {
            Basis::InitialBudget => wire::CoverageBasis::InitialBudget,
            Basis::AdjustedBudget => wire::CoverageBasis::AdjustedBudget,
        }
        .into(),
        accounts: accounts.iter().map(|figures| account(figures, year, basis)).collect(),
        unit_count: counts.units,
        subdistrict_count: counts.subdistricts,
        whole_department_count: counts.departments,
        states: by_state(&states),
        grades: by_grade(&states),
        returned_count: counts.returned,
        resubmitted_count: counts.resubmitted,
        compute_time: Some(convert::timestamp(now)),
    })
}

fn account(figures: &AccountFigures, year: FiscalYear, basis: Basis) -> wire::AccountCoverage {
    let (rate, explanation) = coverage::rate(figures, year, basis);
    wire::AccountCoverage {
        budget_account: convert::account(figures.account).into(),
        filed_count: figures.filed,
        ratified_count: figures.ratified,
        ratified_amount: Some(convert::money(figures.ratified_amount)),
        budget_project_count: figures.budget_projects,
        budget_amount: Some(convert::money(figures.budget_amount)),
        coverage_rate: rate.map(convert::decimal),
        explanation: Some(convert::explanation(&explanation)),
    }
}

fn by_state(states: &[(State, Option<Grade>, i32)]) -> Vec<wire::StateCount> {
    let of = |state: State| states.iter().filter(move |row| row.0 == state).map(|row| row.2).sum();
    let counts = State::ALL.iter().map(|state| (*state, of(*state)));
    let present = counts.filter(|(_, objective_count): &(State, i32)| *objective_count > 0);
    present
        .map(|(state, objective_count)| wire::StateCount {
            state: objective_wire::state(state).into(),
            objective_count,
        })
        .collect()
}

fn by_grade(states: &[(State, Option<Grade>, i32)]) -> Vec<wire::GradeCount> {
    let of = |grade: Grade| states.iter().filter(move |row| row.1 == Some(grade)).map(|row| row.2).sum();
    let counts = Grade::ALL.iter().map(|grade| (*grade, of(*grade)));
    let present = counts.filter(|(_, objective_count): &(Grade, i32)| *objective_count > 0);
    present
        .map(|(grade, objective_count)| wire::GradeCount {
            grade: convert::grade(grade).into(),
            objective_count,
        })
        .collect()
}
