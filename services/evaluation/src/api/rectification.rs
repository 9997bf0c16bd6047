//! Rectification demands (整改通知).

use std::collections::BTreeMap;

use prost::Message;
use tonic::Request;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Given, Reader, chosen_id, code_of, count, found, given_unit, given_year, id_of,
    name_in_district, page_of, year_of,
};
use crate::domain::finding::State as FindingState;
use crate::domain::rectification::{Effect, Rectification, State};
use crate::store::{Filter, finding as findings, known, rectification as store, statistics as counts};

const PATTERN: &str = "districts/*/rectifications/*";

pub(super) async fn get(
    api: &Api,
    request: Request<pb::GetRectificationRequest>,
) -> Answer<pb::Rectification> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts(full_name, &row.body))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListRectificationsRequest>,
) -> Answer<pb::ListRectificationsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.work_year, &ask.unit, &ask.state],
    )?;
    let filter = Filter {
        work_year: given_year(ask.work_year),
        unit: given_unit(&ask.unit),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (rectifications, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListRectificationsResponse { rectifications, next_page_token }))
}

/// A demand takes its findings along: each becomes part of it, or nothing happens.
pub(super) async fn create(
    mut work: Work<pb::CreateRectificationRequest>,
) -> Result<Finished<pb::Rectification>> {
    let ask = work.call.message.clone();
    let asked = ask.rectification.unwrap_or_default();
    let (district, now) = (work.district.as_i32(), work.now);
    name_in_district(&asked.unit, district, "rectification.unit")?;
    let id = chosen_id(&work, &ask.rectification_id);
    let full_name = format!("districts/{district}/rectifications/{id}");
    let permit = work.permit(Facts::of(&full_name).unit(code_of(&asked.unit)))?;
    let mut fields = Fields::default();
    let demand_date = fields.optional_date("rectification.demand_date", asked.demand_date.as_ref());
    let due_date = fields.optional_date("rectification.due_date", asked.due_date.as_ref());
    fields.check()?;
    let rules = known::rules(work.connection(), district, asked.work_year).await?;
    let demand = Rectification::demand(
        asked.unit.clone(),
        asked.findings.clone(),
        asked.demand,
        asked.work_year,
        demand_date.unwrap_or(now.date_naive()),
        due_date,
        &rules,
    )?;
    let ids: Result<Vec<String>> =
        asked.findings.iter().map(|name| id_of(name, super::finding::PATTERN)).collect();
    let ids = ids?;
    let rows = findings::lock_many(work.connection(), district, &ids).await?;
    if let Some(absent) = ids.iter().find(|id| !rows.iter().any(|row| &row.id == *id)) {
        return Err(Failure::reference_not_found(format!("districts/{district}/findings/{absent}")));
    }
    for before in rows {
        let mut finding = before.body.0.clone();
        finding.demand(&format!("districts/{district}/findings/{}", before.id), &asked.unit, &full_name)?;
        let after = findings::update(work.connection(), &before, finding, now).await?;
        super::finding::record(&mut work, "finding.demanded", &before, &after);
    }
    let row = store::insert(work.connection(), district, &id, demand, now).await?;
    let answer = message(&row);
    let change = Change::new("rectification.demanded", full_name, row.version, &answer);
    work.record(change.by_rule_set(row.body.rule_set.clone()));
    work.finish(permit, answer).await
}

pub(super) async fn report(work: Work<pb::ReportMeasuresRequest>) -> Result<Finished<pb::Rectification>> {
    change(work, "rectification.reported", |demand, given| {
        let ask = &given.message;
        Ok(demand.report(
            ask.text.clone(),
            wire::attachments_of(&ask.attachments),
            &given.actor,
            given.now,
        )?)
    })
    .await
}

pub(super) async fn accept(
    work: Work<pb::AcceptRectificationRequest>,
) -> Result<Finished<pb::Rectification>> {
    change(work, "rectification.accepted", |demand, given| {
        Ok(demand.decide(true, given.message.opinion.clone(), None, &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn reject(
    work: Work<pb::RejectRectificationRequest>,
) -> Result<Finished<pb::Rectification>> {
    change(work, "rectification.rejected", |demand, given| {
        let mut fields = Fields::default();
        let due_date = fields.optional_date("due_date", given.message.due_date.as_ref());
        fields.check()?;
        Ok(demand.decide(false, given.message.opinion.clone(), due_date, &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn mark_overdue(
    work: Work<pb::MarkRectificationOverdueRequest>,
) -> Result<Finished<pb::Rectification>> {
    change(work, "rectification.overdue", |demand, given| {
        let ask = &given.message;
        let mut fields = Fields::default();
        let effect = wire::required(&mut fields, "effect", ask.effect().as_str_name(), "EFFECT_");
        fields.check()?;
        let effect = effect.unwrap_or(Effect::FundAfterRectification);
        Ok(demand.mark_overdue(effect, ask.reason.clone(), given.now.date_naive())?)
    })
    .await
}

pub(super) async fn statistics(
    api: &Api,
    request: Request<pb::GetRectificationStatisticsRequest>,
) -> Answer<pb::RectificationStatistics> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let work_year = year_of(full_name, "districts/*/rectificationStatistics/*")?;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let rows = counts::findings(read.connection(), district, work_year).await?;
    let (demands, accepted, overdue) = counts::demands(read.connection(), district, work_year).await?;
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        rows.iter().filter(|(_, state, _)| wanted(state)).map(|(.., n)| *n).fold(0, i64::saturating_add)
    };
    let mut by_category = BTreeMap::<&str, i64>::new();
    for (category, _, n) in &rows {
        let sum = by_category.entry(category).or_default();
        *sum = sum.saturating_add(*n);
    }
    let category_counts = by_category.into_iter().map(|(category, n)| pb::FindingCategoryCount {
        category: enum_value!(pb::finding::Category, "CATEGORY_", category),
        finding_count: count(n),
    });
    Ok(permit.answer(pb::RectificationStatistics {
        name: full_name.clone(),
        work_year,
        finding_count: count(sum(&|_| true)),
        rectified_count: count(sum(&|state| state == FindingState::Rectified.as_str())),
        demand_count: count(demands),
        accepted_count: count(accepted),
        overdue_count: count(overdue),
        category_counts: category_counts.collect(),
    }))
}

/// Every change of a demand; when it is accepted, its findings are rectified with it.
async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut Rectification, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::Rectification>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts(&full_name, &before.body))?;
    work.check_etag(&full_name, &before.etag())?;
    let mut demand = before.body.0.clone();
    decide(&mut demand, &given)?;
    if demand.state == State::Accepted {
        let ids: Result<Vec<String>> =
            demand.findings.iter().map(|name| id_of(name, super::finding::PATTERN)).collect();
        for row in findings::lock_many(work.connection(), district, &ids?).await? {
            let mut finding = row.body.0.clone();
            finding.rectify()?;
            let rectified = findings::update(work.connection(), &row, finding, given.now).await?;
            super::finding::record(&mut work, "finding.rectified", &row, &rectified);
        }
    }
    let after = store::update(work.connection(), &before, demand, given.now).await?;
    let answer = message(&after);
    let change = Change::new(kind, full_name, after.version, &answer).from(&message(&before));
    work.record(change.by_rule_set(after.body.rule_set.clone()));
    work.finish(permit, answer).await
}

/// Nobody accepts what they reported.
fn facts(full_name: &str, demand: &Rectification) -> Facts {
    let reporter = demand.measures.last().map(|measure| measure.reporter.clone());
    Facts::of(full_name).unit(code_of(&demand.unit)).author(reporter.unwrap_or_default())
}

fn message(row: &store::Row) -> pb::Rectification {
    let demand = &row.body;
    let measures = demand.measures.iter().map(|measure| pb::RectificationMeasure {
        text: measure.text.clone(),
        attachments: wire::attachments(&measure.attachments),
        reporter: measure.reporter.clone(),
        report_time: wire::time(measure.report_time),
    });
    let decisions = demand.decisions.iter().map(|decision| pb::RectificationDecision {
        accepted: decision.accepted,
        opinion: decision.opinion.clone(),
        decider: decision.decider.clone(),
        decide_time: wire::time(decision.decide_time),
    });
    pb::Rectification {
        name: format!("districts/{}/rectifications/{}", row.district, row.id),
        unit: demand.unit.clone(),
        findings: demand.findings.clone(),
        demand: demand.demand.clone(),
        work_year: demand.work_year,
        demand_date: Some(convert::date(demand.demand_date)),
        due_date: Some(convert::date(demand.due_date)),
        measures: measures.collect(),
        decisions: decisions.collect(),
        effect: demand
            .effect
            .map_or(0, |effect| enum_value!(pb::rectification::Effect, "EFFECT_", effect.as_str())),
        effect_reason: demand.effect_reason.clone(),
        rule_set: demand.rule_set.clone(),
        state: enum_value!(pb::rectification::State, "STATE_", demand.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}
