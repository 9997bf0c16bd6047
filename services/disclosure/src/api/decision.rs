//! Disclosure decisions (公开决定).

use std::sync::Arc;

use tonic::Response;
use wenxiao_contract::wenxiao::disclosure::v1::{
    ApproveDisclosureDecisionRequest, CreateDisclosureDecisionRequest, DisclosureDecision,
    GetDisclosureDecisionRequest, ListDisclosureDecisionsRequest, ListDisclosureDecisionsResponse,
    ReturnDisclosureDecisionRequest, SubmitDisclosureDecisionRequest, UpdateDisclosureDecisionRequest,
};
use wenxiao_contract::{Addressed, edits};
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert;
use crate::domain::Refusal;
use crate::domain::decision::{Decision, State};
use crate::domain::rules::Rules;
use crate::domain::subject::Subject;
use crate::domain::words::Word;
use crate::error::refused;
use crate::names;
use crate::store::{self, Stored};

const UPDATABLE: [&str; 7] =
    ["title", "outcome", "widest_audience", "withhold_ground", "reason", "legal_basis", "public_amount"];

/// Reads a decision.
pub async fn get(
    database: &Database,
    call: Call<GetDisclosureDecisionRequest>,
) -> Result<Response<DisclosureDecision>> {
    let name = &call.message.name;
    let [_, id] = name::segments(name, names::DECISION)?;
    let district = call.district()?;
    let mut read = database.read(&call).await?;
    let found = store::decision::load(read.connection(), district.as_i32(), &[id.to_owned()]).await?.pop();
    let stored = found.ok_or_else(|| Failure::not_found(name))?;
    let permit = call.permit(facts(name, &stored.value))?;
    Ok(permit.answer(convert::decision(district, &stored)))
}

/// Lists decisions.
pub async fn list(
    database: &Database,
    call: Call<ListDisclosureDecisionsRequest>,
) -> Result<Response<ListDisclosureDecisionsResponse>> {
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let district = call.district()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.state, &ask.subject, &ask.unit],
    )?;
    let state = convert::member::<State>(ask.state().as_str_name(), "STATE_");
    let filter =
        store::decision::Filter { state: state.map(Word::as_str), subject: &ask.subject, unit: &ask.unit };
    let mut read = database.read(&call).await?;
    let rows = store::decision::list(read.connection(), district.as_i32(), &filter, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.created.to_rfc3339(), row.value.id.clone()]);
    let disclosure_decisions = rows.iter().map(|row| convert::decision(district, row)).collect();
    Ok(permit.answer(ListDisclosureDecisionsResponse { disclosure_decisions, next_page_token }))
}

/// Fills in a decision.
pub async fn create(
    mut work: Work<CreateDisclosureDecisionRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<DisclosureDecision>> {
    let district = work.district;
    let request = work.call.message.clone();
    let message = request.disclosure_decision.unwrap_or_default();
    let id = if request.disclosure_decision_id.is_empty() {
        work.new_id()
    } else {
        request.disclosure_decision_id
    };
    let name = names::decision(district, &id);
    store::owner::hold(work.connection(), district.as_i32(), &message.subject).await?;
    let subject = subject(&mut work, district, &message.subject, &rules).await?;
    let permit = work.permit(Facts::of(&request.parent).unit(names::last(&subject.unit)))?;
    let kind = convert::member(message.document_kind().as_str_name(), "DOCUMENT_KIND_");
    let kind = kind.ok_or_else(|| {
        Failure::invalid_field("disclosure_decision.document_kind", "必填项未填写", "must be set")
    })?;
    let proposal = convert::proposal(&message)?;
    let proposer = work.principal().subject.clone();
    let decision = Decision::draft(id, kind, &subject, proposal, &proposer)
        .map_err(|refusal| refused(refusal, &name))?;
    let stored = Stored::new(decision, work.now);
    store::decision::insert(work.connection(), district.as_i32(), &stored).await?;
    let answer = convert::decision(district, &stored);
    work.record(Change::new("disclosure_decision.created", &name, stored.version, &answer));
    work.finish(permit, answer).await
}

/// Edits a decision.
pub async fn update(mut work: Work<UpdateDisclosureDecisionRequest>) -> Result<Finished<DisclosureDecision>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.disclosure_decision.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let (before, permit) = open(&mut work).await?;
    let current = convert::decision(work.district, &before);
    let proposal = convert::proposal(&edits::patched(&current, &given, mask.as_ref(), &UPDATABLE))?;
    let editor = work.principal().subject.clone();
    change(work, permit, before, "disclosure_decision.updated", "", |decision| {
        decision.edit(proposal, &editor)
    })
    .await
}

/// Hands a decision to the approver.
pub async fn submit(mut work: Work<SubmitDisclosureDecisionRequest>) -> Result<Finished<DisclosureDecision>> {
    let (before, permit) = open(&mut work).await?;
    let proposer = work.principal().subject.clone();
    change(work, permit, before, "disclosure_decision.submitted", "", |decision| decision.submit(&proposer))
        .await
}

/// Returns a decision.
pub async fn send_back(
    mut work: Work<ReturnDisclosureDecisionRequest>,
) -> Result<Finished<DisclosureDecision>> {
    let (before, permit) = open(&mut work).await?;
    let opinion = work.call.message.opinion.clone();
    change(work, permit, before, "disclosure_decision.returned", &opinion, |decision| {
        decision.send_back(&opinion)
    })
    .await
}

/// Approves a decision; the one in force about the same document is superseded.
pub async fn approve(
    mut work: Work<ApproveDisclosureDecisionRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<DisclosureDecision>> {
    let district = work.district;
    let (before, permit) = open(&mut work).await?;
    let subject = subject(&mut work, district, &before.value.subject, &rules).await?;
    let (approver, now) = (work.principal().subject.clone(), work.now);
    let kind = before.value.document_kind;
    let in_force =
        store::decision::in_force(work.connection(), district.as_i32(), &subject.name, kind).await?;
    if let Some(former) = in_force {
        let name = names::decision(district, &former.value.id);
        let after = former.changed(now, Decision::supersede).map_err(|refusal| refused(refusal, &name))?;
        store::decision::update(work.connection(), district.as_i32(), &after).await?;
        let message = convert::decision(district, &after);
        let change = Change::new("disclosure_decision.superseded", &name, after.version, &message);
        work.record(change.from(&convert::decision(district, &former)));
    }
    change(work, permit, before, "disclosure_decision.approved", "", |decision| {
        decision.approve(&approver, &subject, &rules, now)
    })
    .await
}

/// Loads the decision that a request names and checks permission and etag.
async fn open<M>(work: &mut Work<M>) -> Result<(Stored<Decision>, Permit)>
where
    M: Addressed + prost::Message,
{
    let name = work.call.message.address().to_owned();
    let [_, id] = name::segments(&name, names::DECISION)?;
    let (district, id) = (work.district.as_i32(), id.to_owned());
    let found = store::decision::load(work.connection(), district, &[id]).await?.pop();
    let stored = found.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(facts(&name, &stored.value))?;
    work.check_etag(&name, &stored.etag())?;
    Ok((stored, permit))
}

/// Applies a rule to a decision, stores the next version and finishes.
async fn change<M>(
    mut work: Work<M>,
    permit: Permit,
    before: Stored<Decision>,
    event: &'static str,
    because: &str,
    rule: impl FnOnce(&mut Decision) -> Result<(), Refusal>,
) -> Result<Finished<DisclosureDecision>>
where
    M: Addressed + prost::Message,
{
    let district = work.district;
    let name = names::decision(district, &before.value.id);
    let after = before.changed(work.now, rule).map_err(|refusal| refused(refusal, &name))?;
    store::decision::update(work.connection(), district.as_i32(), &after).await?;
    let answer = convert::decision(district, &after);
    let change =
        Change::new(event, &name, after.version, &answer).from(&convert::decision(district, &before));
    work.record(change.because(because));
    work.finish(permit, answer).await
}

async fn subject<M>(work: &mut Work<M>, district: DistrictCode, name: &str, rules: &Rules) -> Result<Subject>
where
    M: Addressed + prost::Message,
{
    let found = store::subject::find(work.connection(), district, name, false, rules).await?;
    found.ok_or_else(|| Failure::reference_not_found(name))
}

/// Whose document it is, and who proposed what becomes of it.
fn facts(name: &str, decision: &Decision) -> Facts {
    Facts::of(name).unit(names::last(&decision.unit)).author(&decision.proposer)
}
