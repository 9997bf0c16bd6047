//! Rounds: prepared, opened, assigned, closed.

use std::collections::BTreeSet;

use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::round as convert;
use super::names::{Names, ROUND, id_of};
use crate::domain::opening::{self, Object, Prefill};
use crate::domain::round::{Round, RoundState};
use crate::domain::rules::Rules;
use crate::domain::schedule::day_of;
use crate::store;
use crate::store::report::Counts;

const UPDATABLE: &[&str] =
    &["title", "description", "start_month", "end_month", "kind", "scope", "deadline_date"];

pub(super) async fn create(
    mut work: Work<wire::CreateMonitoringRoundRequest>,
) -> Result<Finished<wire::MonitoringRound>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let names = Names(work.district);
    let given = work.call.message.monitoring_round_id.clone();
    let id = if given.is_empty() { work.new_id() } else { given };
    let message = work.call.message.monitoring_round.clone().unwrap_or_default();
    let round = convert::planned_round(names, id, &message, work.now)?;
    round.check()?;
    let district = work.district;
    if !store::round::insert(work.connection(), district, &round).await? {
        return Err(Failure::already_exists(names.round(&round.id)));
    }
    let answer = convert::round(names, &round);
    work.record(Change::new("monitoring_round.created", &answer.name, round.version, &answer));
    work.finish(permit, answer).await
}

pub(super) async fn get(
    database: &Database,
    call: Call<wire::GetMonitoringRoundRequest>,
) -> Result<wire::MonitoringRound> {
    let name = &call.message.name;
    let mut read = database.read(&call).await?;
    let round = store::round::load(read.connection(), call.district()?, &id_of(name, ROUND)?).await?;
    let round = round.ok_or_else(|| Failure::not_found(name))?;
    call.permit(Facts::of(name))?;
    Ok(convert::round(Names(call.district()?), &round))
}

pub(super) async fn list(
    database: &Database,
    call: Call<wire::ListMonitoringRoundsRequest>,
) -> Result<wire::ListMonitoringRoundsResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.state],
    )?;
    let districts = call.districts().map(|all| all.iter().map(|district| district.as_i32()).collect());
    let filter = store::round::Filter {
        districts,
        fiscal_year: (ask.fiscal_year > 0).then_some(ask.fiscal_year),
        state: convert::state_of(ask.state()).map(RoundState::as_str),
        after: page.key(0).and_then(|district| district.parse().ok()).zip(page.key(1)),
        limit: page.limit(),
    };
    let rows = if call.is_across() {
        store::round::list(database.read_across().await?.connection(), &filter).await?
    } else {
        store::round::list(database.read(&call).await?.connection(), &filter).await?
    };
    let (rows, next_page_token) =
        page.cut(rows, |(district, round)| vec![district.to_string(), round.id.clone()]);
    let mut monitoring_rounds = Vec::with_capacity(rows.len());
    for (district, round) in &rows {
        let district = wenxiao_kernel::DistrictCode::from_i32(*district).map_err(Failure::internal)?;
        monitoring_rounds.push(convert::round(Names(district), round));
    }
    Ok(wire::ListMonitoringRoundsResponse { monitoring_rounds, next_page_token })
}

pub(super) async fn update(
    mut work: Work<wire::UpdateMonitoringRoundRequest>,
) -> Result<Finished<wire::MonitoringRound>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.monitoring_round.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), UPDATABLE)?;
    let (permit, before, _) = lock(&mut work, &given.name).await?;
    let names = Names(work.district);
    let asked = edits::patched(&convert::round(names, &before), &given, mask.as_ref(), UPDATABLE);
    let round = before.edited(convert::planned_round(names, before.id.clone(), &asked, work.now)?)?;
    let answer = save(&mut work, "monitoring_round.updated", &before, round, None).await?;
    work.finish(permit, answer).await
}

pub(super) async fn open(
    mut work: Work<wire::OpenMonitoringRoundRequest>,
) -> Result<Finished<wire::MonitoringRound>> {
    let name = work.call.message.name.clone();
    let (permit, before, _) = lock(&mut work, &name).await?;
    let (district, now, year) = (work.district, work.now, before.fiscal_year);
    store::owner::hold_projects(work.connection(), district).await?;
    let rules = store::rules::of_year(work.connection(), district, year).await?;
    let objects = store::opening::objects(work.connection(), district, year.as_i32()).await?;
    let prefill = prefill(&mut work, &before, &rules, &objects).await?;
    let reports = opening::reports(&before, &rules, objects, &prefill, now);
    let mut round = before.clone();
    round.open(i32::try_from(reports.len()).unwrap_or(i32::MAX), &rules.rule_set, now)?;
    let answer = save(&mut work, "monitoring_round.opened", &before, round, Some(&rules)).await?;
    store::report::insert_many(work.connection(), district, &reports).await?;
    work.finish(permit, answer).await
}

/// What the round's forms are prefilled with.
async fn prefill(
    work: &mut Work<wire::OpenMonitoringRoundRequest>,
    round: &Round,
    rules: &Rules,
    objects: &[Object],
) -> Result<Prefill> {
    let (district, year) = (work.district, round.fiscal_year);
    let month = i16::try_from(round.end_month).unwrap_or(12);
    let money = store::opening::funding_lines(work.connection(), district, year.as_i32(), month).await?;
    let last = store::opening::last_values(work.connection(), district, round).await?;
    let asked = objects.iter().filter(|object| round.scope.asks_for(object.kind));
    let projects: BTreeSet<&String> = asked.flat_map(|object| money.projects_of(object)).collect();
    let projects = projects.into_iter().map(|id| (id.clone(), money.amounts_of_project(id))).collect();
    let at = (year, round.end_month);
    let forecasts = super::forecast::of_round(work.connection(), district, rules, at, projects).await?;
    Ok(Prefill { money, last, forecasts })
}

pub(super) async fn close(
    mut work: Work<wire::CloseMonitoringRoundRequest>,
) -> Result<Finished<wire::MonitoringRound>> {
    let name = work.call.message.name.clone();
    let (permit, before, _) = lock(&mut work, &name).await?;
    let mut round = before.clone();
    round.close(work.now)?;
    let answer = save(&mut work, "monitoring_round.closed", &before, round, None).await?;
    work.finish(permit, answer).await
}

pub(super) async fn assign(
    mut work: Work<wire::AssignReviewersRequest>,
) -> Result<Finished<wire::MonitoringRound>> {
    let name = work.call.message.name.clone();
    let (permit, before, _) = lock(&mut work, &name).await?;
    let (district, mut round) = (work.district, before.clone());
    store::owner::hold_projects(work.connection(), district).await?;
    round.assign(convert::assignments(Names(district), &work.call.message.assignments)?)?;
    store::report::assign(work.connection(), district, &round).await?;
    let answer = save(&mut work, "monitoring_round.assigned", &before, round, None).await?;
    work.finish(permit, answer).await
}

/// A round that a command is about, locked, permitted and in the version that the caller has seen.
pub(super) async fn lock<M>(
    work: &mut Work<M>,
    name: &str,
) -> Result<(wenxiao_platform::authz::Permit, Round, Option<Rules>)>
where
    M: prost::Message + wenxiao_contract::Addressed,
{
    let (id, district) = (id_of(name, ROUND)?, work.district);
    let found = store::round::lock(work.connection(), district, &id).await?;
    let (round, rules) = found.ok_or_else(|| Failure::not_found(name))?;
    let permit = work.permit(Facts::of(name))?;
    work.check_etag(name, &round.version.to_string())?;
    Ok((permit, round, rules))
}

async fn save<M>(
    work: &mut Work<M>,
    happened: &'static str,
    before: &Round,
    mut round: Round,
    rules: Option<&Rules>,
) -> Result<wire::MonitoringRound>
where
    M: prost::Message + wenxiao_contract::Addressed,
{
    let (district, names) = (work.district, Names(work.district));
    round.update_time = work.now;
    round.version += 1;
    store::round::update(work.connection(), district, &round, rules).await?;
    let answer = convert::round(names, &round);
    let change = Change::new(happened, &answer.name, round.version, &answer)
        .from(&convert::round(names, before))
        .by_rule_set(&round.rule_set);
    work.record(change);
    Ok(answer)
}

pub(super) async fn statistics(
    database: &Database,
    call: Call<wire::ListRoundStatisticsRequest>,
) -> Result<wire::ListRoundStatisticsResponse> {
    let (district, name) = (call.district()?, &call.message.parent);
    let names = Names(district);
    let id = id_of(name, ROUND)?;
    let mut read = database.read(&call).await?;
    let round = store::round::load(read.connection(), district, &id).await?;
    let round = round.ok_or_else(|| Failure::not_found(name))?;
    call.permit(Facts::of(name))?;
    let overdue = day_of(database.clock().now()) > round.deadline;
    let departments = store::report::statistics(read.connection(), district, &id, overdue).await?;
    let total = departments.iter().fold(Counts::default(), sum);
    Ok(wire::ListRoundStatisticsResponse {
        total: Some(convert::statistics(names, &id, &total)),
        departments: departments.iter().map(|one| convert::statistics(names, &id, one)).collect(),
    })
}

fn sum(mut all: Counts, one: &Counts) -> Counts {
    all.draft += one.draft;
    all.submitted += one.submitted;
    all.returned += one.returned;
    all.accepted += one.accepted;
    all.late += one.late;
    all.ever_returned += one.ever_returned;
    all.lights = all.lights.plus(one.lights);
    all
}
