//! Departments against their schedule, and how much of each budget is monitored.

use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::FiscalYear;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert as platform;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::Work;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::consequence as convert;
use super::convert::execution::{Described, basis_of};
use super::names::{Names, id_of};
use crate::domain::execution::{Amounts, Basis};
use crate::domain::light::{Judged, judge_execution};
use crate::domain::measure::{Finding, Subject};
use crate::domain::round::Round;
use crate::domain::rules::{Rules, Traits};
use crate::domain::schedule::{Share, month_end, schedule};
use crate::domain::statistics;
use crate::store;
use crate::store::execution::{Filter, Kind, Named, Span};

/// Schedule of departments at the end of a month.
fn schedule_of_departments(rules: &Rules, year: FiscalYear, month: u32) -> Share {
    schedule(&rules.schedule_kind(&Traits::of_department()), year, month_end(year, month), &[])
}

fn judge(rules: &Rules, amounts: &Amounts, share: Share, month: u32) -> Option<Judged> {
    rules.execution_light(&Traits::of_department()).map(|rule| judge_execution(rule, amounts, share, month))
}

/// Departments strictly below schedule at the end of a round's stage.
pub(super) async fn departments_behind<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    round: &Round,
    rules: &Rules,
) -> Result<Vec<(Named, Finding)>> {
    let (district, month) = (work.district, round.end_month);
    let share = schedule_of_departments(rules, round.fiscal_year, month);
    let filter = Filter {
        kind: Kind::Department,
        span: Span::until(round.fiscal_year, month),
        department: None,
        unit_prefix: None,
        below: Some(share),
        after: None,
        limit: i64::MAX, // a district has some hundred departments
    };
    let found = store::execution::list(work.connection(), district, &filter).await?;
    let finding = |(named, amounts): (Named, Amounts)| {
        let subject = Subject::Unit(named.id.clone());
        (named, Finding { subject, light: None, adjust_objective: false, amounts, schedule: share, month })
    };
    Ok(found.into_iter().map(finding).collect())
}

pub(super) async fn list_departments(
    database: &Database,
    call: Call<wire::ListDepartmentProgressRequest>,
) -> Result<wire::ListDepartmentProgressResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask, scope) = (call.district()?, &call.message, call.scope());
    let names = Names(district);
    let year = FiscalYear::try_from(ask.fiscal_year).map_err(Failure::internal)?;
    let month = u32::try_from(ask.month).unwrap_or_default();
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[
            call.method(),
            &ask.parent,
            &ask.fiscal_year,
            &ask.month,
            &ask.below_schedule_only,
            &ask.budget_account,
        ],
    )?;
    let mut read = database.read(&call).await?;
    let rules = store::rules::of_year(read.connection(), district, year).await?;
    let share = schedule_of_departments(&rules, year, month);
    let span = Span { account: platform::account_of(ask.budget_account()), ..Span::until(year, month) };
    let filter = Filter {
        kind: Kind::Department,
        span,
        department: None,
        unit_prefix: scope.unit_prefix.as_deref(),
        below: ask.below_schedule_only.then_some(share),
        after: page.key(0),
        limit: page.limit(),
    };
    let rows = store::execution::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |(named, _)| vec![named.id.clone()]);
    let ids: Vec<String> = rows.iter().map(|(named, _)| named.id.clone()).collect();
    let measures =
        store::measure::in_force_on_units(read.connection(), district, ask.fiscal_year, &ids).await?;
    let describe = |named: &Named, amounts: &Amounts| {
        let about = Described { kind: Kind::Department, named, span, basis: Basis::Adjusted };
        let judged = judge(&rules, amounts, share, month);
        let mut progress =
            convert::department_progress(names, &about, amounts, share, judged.as_ref(), &rules.rule_set);
        let mine = measures.iter().filter(|(unit, _)| *unit == named.id);
        progress.measures = mine.map(|(_, measure)| names.measure(measure)).collect();
        progress
    };
    let departments = rows.iter().map(|(named, amounts)| describe(named, amounts)).collect();
    Ok(wire::ListDepartmentProgressResponse { departments, next_page_token })
}

pub(super) async fn coverage(
    database: &Database,
    call: Call<wire::GetMonitoringCoverageRequest>,
) -> Result<wire::MonitoringCoverage> {
    let (district, ask) = (call.district()?, &call.message);
    call.permit(Facts::of(&ask.name))?;
    let year = id_of(&ask.name, "districts/*/monitoringCoverages/*")?;
    let year: i32 = year.parse().map_err(|_| Failure::not_found(&ask.name))?;
    let basis = basis_of(ask.basis(), Basis::Initial);
    let mut read = database.read(&call).await?;
    let coverage = store::coverage::of_year(read.connection(), district, year, basis).await?;
    Ok(convert::monitoring_coverage(Names(district), year, basis, &coverage))
}

pub(super) async fn statistics(
    database: &Database,
    call: Call<wire::GetMonitoringStatisticsRequest>,
) -> Result<wire::MonitoringStatistics> {
    let (district, name) = (call.district()?, &call.message.name);
    call.permit(Facts::of(name))?;
    let year = id_of(name, "districts/*/monitoringStatistics/*")?;
    let year: i32 = year.parse().map_err(|_| Failure::not_found(name))?;
    let mut read = database.read(&call).await?;
    let groups = store::report::accepted_of_year(read.connection(), district, year).await?;
    Ok(convert::monitoring_statistics(Names(district), year, &statistics::summed(&groups)))
}
