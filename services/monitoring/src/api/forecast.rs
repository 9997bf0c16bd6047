//! Forecasts of the year's outturn, each with how far the method was off before.

use std::collections::HashMap;

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{DistrictCode, FiscalYear, Money, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::forecast as convert;
use super::execution::some;
use super::names::{Names, UNIT};
use crate::domain::execution::Amounts;
use crate::domain::forecast::{Forecast, ForecastRule, History, Known};
use crate::domain::rules::Rules;
use crate::domain::schedule::{day_of, months_passed};
use crate::store;
use crate::store::execution::{Filter, Kind, Named, Span};

/// Forecasts of some projects of a year, in their order, by what is known at the end of a month.
pub(super) async fn of_projects(
    connection: &mut PgConnection,
    district: DistrictCode,
    rules: &Rules,
    (year, month): (FiscalYear, u32),
    projects: &[(String, Amounts)],
) -> Result<Vec<Forecast>> {
    let rule: ForecastRule = rules.forecast;
    let ids: Vec<String> = projects.iter().map(|(id, _)| id.clone()).collect();
    let span = (year.as_i32().saturating_sub(rule.history_years), year.as_i32().saturating_sub(1));
    let past = store::forecast::past(connection, district, &ids, span).await?;
    let beyond = || Failure::internal("a forecast beyond what numbers can be");
    let mut learned = HashMap::new();
    for (kind, years) in &past.years {
        learned.insert(kind, History::learn(years).ok_or_else(beyond)?);
    }
    let nothing = History::learn(&[]).ok_or_else(beyond)?;
    let forecast = |(id, amounts): &(String, Amounts)| {
        let history = past.kinds.get(id).and_then(|kind| learned.get(kind)).unwrap_or(&nothing);
        let known = Known { project: id, month, executed: amounts.executed, adjusted: amounts.adjusted() };
        let mut forecast = history.forecast(rule, &known).ok_or_else(beyond)?;
        forecast.explanation.rule_set.clone_from(&rules.rule_set);
        Ok(forecast)
    };
    projects.iter().map(forecast).collect()
}

/// What is forecast of every project that a round may take, by project; none where history says too little.
pub(super) async fn of_round(
    connection: &mut PgConnection,
    district: DistrictCode,
    rules: &Rules,
    at: (FiscalYear, u32),
    projects: Vec<(String, Amounts)>,
) -> Result<HashMap<String, Money>> {
    let forecasts = of_projects(connection, district, rules, at, &projects).await?;
    let told = projects.into_iter().zip(forecasts).filter(|(_, forecast)| !forecast.insufficient);
    Ok(told.map(|((id, _), forecast)| (id, forecast.expected)).collect())
}

/// The month that a request names, or the last whole month that has passed.
fn month_of(database: &Database, year: FiscalYear, asked: i32) -> u32 {
    match u32::try_from(asked) {
        Ok(month @ 1..=12) => month,
        _ => months_passed(year, day_of(database.clock().now())),
    }
}

pub(super) async fn get(database: &Database, call: Call<wire::GetForecastRequest>) -> Result<wire::Forecast> {
    let (district, name) = (call.district()?, &call.message.name);
    call.permit(Facts::of(name))?;
    let [_, project, year] = name::segments::<3>(name, "districts/*/projects/*/forecasts/*")?;
    let year: i32 = year.parse().map_err(|_| Failure::not_found(name))?;
    let year = FiscalYear::try_from(year).map_err(|_| Failure::not_found(name))?;
    let month = month_of(database, year, call.message.month);
    let mut read = database.read(&call).await?;
    let found = store::execution::project(read.connection(), district, project).await?;
    found.ok_or_else(|| Failure::not_found(name))?;
    let rules = store::rules::of_year(read.connection(), district, year).await?;
    let span = Span::until(year, month);
    let totals = store::execution::totals(read.connection(), district, Kind::Project, project, span).await?;
    let projects = [(project.to_owned(), totals.amounts())];
    let forecasts = of_projects(read.connection(), district, &rules, (year, month), &projects).await?;
    let both = projects.iter().zip(&forecasts).next();
    let answer =
        both.map(|(project, forecast)| convert::forecast(Names(district), year, month, project, forecast));
    answer.ok_or_else(|| Failure::not_found(name))
}

pub(super) async fn list(
    database: &Database,
    call: Call<wire::ListForecastsRequest>,
) -> Result<wire::ListForecastsResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask) = (call.district()?, &call.message);
    let names = Names(district);
    let mut fields = Fields::default();
    let department = names.id(&mut fields, "department", &ask.department, UNIT);
    let year = fields.year("fiscal_year", ask.fiscal_year);
    fields.check()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.department],
    )?;
    let month = month_of(database, year, 0);
    let filter = Filter {
        kind: Kind::Project,
        span: Span::until(year, month.max(1)), // before the first month has passed: the budget with which the year began
        department: some(&department),
        unit_prefix: None,
        below: None,
        after: page.key(0),
        limit: page.limit(),
    };
    let mut read = database.read(&call).await?;
    let rules = store::rules::of_year(read.connection(), district, year).await?;
    let rows = store::execution::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |(named, _): &(Named, Amounts)| vec![named.id.clone()]);
    let projects: Vec<(String, Amounts)> =
        rows.into_iter().map(|(named, amounts)| (named.id, amounts)).collect();
    let found = of_projects(read.connection(), district, &rules, (year, month), &projects).await?;
    let both = projects.iter().zip(&found);
    let forecasts = both.map(|(project, one)| convert::forecast(names, year, month, project, one)).collect();
    Ok(wire::ListForecastsResponse { forecasts, next_page_token })
}
