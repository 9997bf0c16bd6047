//! Forecasts.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::FiscalYear;
use wenxiao_platform::convert;

use super::fraction;
use crate::api::names::Names;
use crate::domain::execution::{Amounts, rate};
use crate::domain::forecast::{Forecast, HorizonError};

/// A forecast of one project.
pub fn forecast(
    names: Names,
    year: FiscalYear,
    month: u32,
    (project, amounts): &(String, Amounts),
    forecast: &Forecast,
) -> wire::Forecast {
    wire::Forecast {
        name: format!("{}/forecasts/{}", names.project(project), year.as_i32()),
        fiscal_year: year.as_i32(),
        month: i32::try_from(month).unwrap_or_default(),
        executed_amount: Some(convert::money(amounts.executed)),
        expected_amount: Some(convert::money(forecast.expected)),
        expected_rate: fraction(rate(forecast.expected, amounts.adjusted())),
        low_amount: Some(convert::money(forecast.low)),
        high_amount: Some(convert::money(forecast.high)),
        mean_error: forecast.error.and_then(|error| fraction(error.of_budget)),
        explanation: Some(convert::explanation(&forecast.explanation)),
        insufficient_history: forecast.insufficient,
        sample_count: count(forecast.samples),
        errors: forecast.errors.iter().map(error).collect(),
    }
}

fn error(error: &HorizonError) -> wire::ForecastError {
    wire::ForecastError {
        months_left: i32::try_from(error.months_left).unwrap_or_default(),
        mean_absolute_percentage_error: fraction(error.of_outturn),
        sample_count: count(error.samples),
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
