//! Findings (存在问题).

use prost::Message;
use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::{Addressed, edits};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Given, Reader, chosen_id, facts_of, found, given, given_unit, given_year, id_of, page_of,
    resolve,
};
use crate::domain::finding::{Finding, Matter, State};
use crate::store::{Filter, finding as store};

pub(super) const PATTERN: &str = "districts/*/findings/*";

/// What an update may change.
const UPDATABLE: [&str; 4] = ["category", "description", "suggestion", "amount"];

pub(super) async fn get(api: &Api, request: Request<pb::GetFindingRequest>) -> Answer<pb::Finding> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts_of(full_name, &row.body.object))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListFindingsRequest>,
) -> Answer<pb::ListFindingsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.work_year, &ask.unit, &ask.state, &ask.source_resource],
    )?;
    let filter = Filter {
        work_year: given_year(ask.work_year),
        unit: given_unit(&ask.unit),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        source: given(&ask.source_resource),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (findings, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListFindingsResponse { findings, next_page_token }))
}

pub(super) async fn create(mut work: Work<pb::CreateFindingRequest>) -> Result<Finished<pb::Finding>> {
    let ask = work.call.message.clone();
    let asked = ask.finding.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "finding.object").await?;
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.finding_id);
    let full_name = format!("districts/{district}/findings/{id}");
    let permit = work.permit(facts_of(&full_name, &object))?;
    let mut fields = Fields::default();
    let source = wire::required(&mut fields, "finding.source", asked.source().as_str_name(), "SOURCE_");
    fields.check()?;
    let matter = matter_of(&asked)?;
    matter.check()?;
    let finding = Finding {
        object,
        source: source.unwrap_or(crate::domain::finding::Source::Other),
        source_resource: asked.source_resource,
        evaluated_year: asked.evaluated_year,
        work_year: asked.work_year,
        matter,
        rectification: String::new(),
        dismiss_reason: String::new(),
        state: State::Open,
    };
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, finding, now).await?;
    let answer = message(&row);
    work.record(Change::new("finding.created", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

pub(super) async fn update(work: Work<pb::UpdateFindingRequest>) -> Result<Finished<pb::Finding>> {
    change(work, "finding.updated", |finding, given| {
        let asked = given.message.finding.clone().unwrap_or_default();
        let mask = given.message.update_mask.as_ref();
        mask::check(mask, &UPDATABLE)?;
        let current = described(&finding.matter);
        Ok(finding.edit(matter_of(&edits::patched(&current, &asked, mask, &UPDATABLE))?)?)
    })
    .await
}

pub(super) async fn dismiss(work: Work<pb::DismissFindingRequest>) -> Result<Finished<pb::Finding>> {
    change(work, "finding.dismissed", |finding, given| Ok(finding.dismiss(given.message.reason.clone())?))
        .await
}

async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut Finding, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::Finding>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts_of(&full_name, &before.body.object))?;
    work.check_etag(&full_name, &before.etag())?;
    let mut finding = before.body.0.clone();
    decide(&mut finding, &given)?;
    let after = store::update(work.connection(), &before, finding, given.now).await?;
    record(&mut work, kind, &before, &after);
    work.finish(permit, message(&after)).await
}

/// Notes a change of a finding, also one that a demand brings about.
pub(super) fn record<M: Message + Addressed>(
    work: &mut Work<M>,
    kind: &'static str,
    before: &store::Row,
    after: &store::Row,
) {
    let answer = message(after);
    work.record(Change::new(kind, answer.name.clone(), after.version, &answer).from(&message(before)));
}

fn matter_of(asked: &pb::Finding) -> Result<Matter> {
    let mut fields = Fields::default();
    let category =
        wire::required(&mut fields, "finding.category", asked.category().as_str_name(), "CATEGORY_");
    let amount = fields.optional_money("finding.amount", asked.amount.as_ref());
    fields.check()?;
    Ok(Matter {
        category: category.unwrap_or(crate::domain::finding::Category::Other),
        description: asked.description.clone(),
        suggestion: asked.suggestion.clone(),
        amount,
    })
}

fn message(row: &store::Row) -> pb::Finding {
    let finding = &row.body;
    pb::Finding {
        name: format!("districts/{}/findings/{}", row.district, row.id),
        object: Some(wire::object(&finding.object)),
        source: enum_value!(pb::finding::Source, "SOURCE_", finding.source.as_str()),
        source_resource: finding.source_resource.clone(),
        evaluated_year: finding.evaluated_year,
        work_year: finding.work_year,
        rectification: finding.rectification.clone(),
        dismiss_reason: finding.dismiss_reason.clone(),
        state: enum_value!(pb::finding::State, "STATE_", finding.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
        ..described(&finding.matter)
    }
}

/// What a finding says, as the contract has it.
fn described(matter: &Matter) -> pb::Finding {
    pb::Finding {
        category: enum_value!(pb::finding::Category, "CATEGORY_", matter.category.as_str()),
        description: matter.description.clone(),
        suggestion: matter.suggestion.clone(),
        amount: wire::money(matter.amount),
        ..pb::Finding::default()
    }
}
