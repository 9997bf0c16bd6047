//! Candidates for key evaluation (评价备选).

use prost::Message;
use tonic::Request;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result};

use super::wire::{self, enum_value};
use super::{Answer, Api, Reader, chosen_id, facts_of, found, given_year, id_of, page_of, resolve};
use crate::domain::candidate::{Candidate, State};
use crate::store::{Filter, candidate as store};

pub(super) const PATTERN: &str = "districts/*/evaluationCandidates/*";

pub(super) async fn get(
    api: &Api,
    request: Request<pb::GetEvaluationCandidateRequest>,
) -> Answer<pb::EvaluationCandidate> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts_of(full_name, &row.body.object))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListEvaluationCandidatesRequest>,
) -> Answer<pb::ListEvaluationCandidatesResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page =
        Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.work_year, &ask.state])?;
    let filter = Filter {
        work_year: given_year(ask.work_year),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (evaluation_candidates, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListEvaluationCandidatesResponse { evaluation_candidates, next_page_token }))
}

pub(super) async fn create(
    mut work: Work<pb::CreateEvaluationCandidateRequest>,
) -> Result<Finished<pb::EvaluationCandidate>> {
    let ask = work.call.message.clone();
    let asked = ask.evaluation_candidate.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "evaluation_candidate.object").await?;
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.evaluation_candidate_id);
    let full_name = format!("districts/{district}/evaluationCandidates/{id}");
    let permit = work.permit(facts_of(&full_name, &object))?;
    if asked.reason.trim().is_empty() {
        return Err(Failure::invalid_field("evaluation_candidate.reason", "列入理由未填写", "must be set"));
    }
    let candidate = Candidate {
        object,
        evaluated_year: asked.evaluated_year,
        work_year: asked.work_year,
        reason: asked.reason,
        source_resource: asked.source_resource,
        plan: String::new(),
        drop_reason: String::new(),
        state: State::Listed,
    };
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, candidate, now).await?;
    let answer = message(&row);
    work.record(Change::new("evaluation_candidate.listed", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

pub(super) async fn drop_from_list(
    mut work: Work<pb::DropEvaluationCandidateRequest>,
) -> Result<Finished<pb::EvaluationCandidate>> {
    let ask = work.call.message.clone();
    let (district, now) = (work.district.as_i32(), work.now);
    let before = store::lock(work.connection(), district, &id_of(&ask.name, PATTERN)?).await?;
    let before = found(before, &ask.name)?;
    let permit = work.permit(facts_of(&ask.name, &before.body.object))?;
    work.check_etag(&ask.name, &before.etag())?;
    let mut candidate = before.body.0.clone();
    candidate.drop_from_list(ask.reason)?;
    let after = store::update(work.connection(), &before, candidate, now).await?;
    record(&mut work, "evaluation_candidate.dropped", &before, &after);
    work.finish(permit, message(&after)).await
}

/// Notes a change of a candidate, also one that a plan brings about.
pub(super) fn record<M: Message + Addressed>(
    work: &mut Work<M>,
    kind: &'static str,
    before: &store::Row,
    after: &store::Row,
) {
    let answer = message(after);
    work.record(Change::new(kind, answer.name.clone(), after.version, &answer).from(&message(before)));
}

fn message(row: &store::Row) -> pb::EvaluationCandidate {
    let candidate = &row.body;
    pb::EvaluationCandidate {
        name: format!("districts/{}/evaluationCandidates/{}", row.district, row.id),
        object: Some(wire::object(&candidate.object)),
        evaluated_year: candidate.evaluated_year,
        work_year: candidate.work_year,
        reason: candidate.reason.clone(),
        source_resource: candidate.source_resource.clone(),
        plan: candidate.plan.clone(),
        drop_reason: candidate.drop_reason.clone(),
        state: enum_value!(pb::evaluation_candidate::State, "STATE_", candidate.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}
