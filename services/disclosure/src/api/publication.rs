//! Publications (公开): drafts, the release, withdrawal and hand-overs.

use std::sync::Arc;

use tonic::Response;
use wenxiao_contract::wenxiao::disclosure::v1::{
    CreatePublicationRequest, GetPublicationRequest, GetPublishedDocumentRequest, ListPublicationsRequest,
    ListPublicationsResponse, ListPublishedDocumentsRequest, ListPublishedDocumentsResponse,
    Publication as Message, PublishPublicationRequest, PublishedDocument, RecordDeliveryRequest,
    UpdatePublicationRequest, WithdrawPublicationRequest,
};
use wenxiao_contract::{Addressed, edits};
use wenxiao_kernel::calendar::Calendar;
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::{convert, referred};
use crate::domain::Refusal;
use crate::domain::decision::Decision;
use crate::domain::document::publication_hash;
use crate::domain::publication::{Delivery, Plan, Publication, Release, State, Withdrawal};
use crate::domain::rules::Rules;
use crate::domain::subject::Subject;
use crate::domain::words::{Audience, PublicationKind, Word};
use crate::error::refused;
use crate::store::document::Freeze;
use crate::store::{self, Stored};
use crate::{names, time};

const UPDATABLE: [&str; 6] =
    ["title", "audiences", "disclosure_decisions", "work_year", "evaluated_year", "basis_date"];

/// Reads a publication.
pub async fn get(
    database: &Database,
    call: Call<GetPublicationRequest>,
    rules: &Rules,
) -> Result<Response<Message>> {
    let name = &call.message.name;
    let permit = call.permit(Facts::of(name))?;
    let [_, id] = name::segments(name, names::PUBLICATION)?;
    let district = call.district()?;
    let mut read = database.read(&call).await?;
    let found = store::publication::load(read.connection(), district.as_i32(), id).await?;
    let stored = found.ok_or_else(|| Failure::not_found(name))?;
    let calendar = store::calendar::calendar(read.connection(), district.as_i32()).await?;
    Ok(permit.answer(message(district, &stored, rules, &calendar, database.clock().now())))
}

/// Lists publications.
pub async fn list(
    database: &Database,
    call: Call<ListPublicationsRequest>,
    rules: &Rules,
) -> Result<Response<ListPublicationsResponse>> {
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let district = call.district()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.kind, &ask.state, &ask.work_year],
    )?;
    let filter = store::publication::Filter {
        kind: convert::member::<PublicationKind>(ask.kind().as_str_name(), "PUBLICATION_KIND_")
            .map(Word::as_str),
        state: convert::member::<State>(ask.state().as_str_name(), "STATE_").map(Word::as_str),
        work_year: ask.work_year,
    };
    let mut read = database.read(&call).await?;
    let rows = store::publication::list(read.connection(), district.as_i32(), &filter, &page).await?;
    let calendar = store::calendar::calendar(read.connection(), district.as_i32()).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.created.to_rfc3339(), row.value.id.clone()]);
    let now = database.clock().now();
    let publications = rows.iter().map(|row| message(district, row, rules, &calendar, now)).collect();
    Ok(permit.answer(ListPublicationsResponse { publications, next_page_token }))
}

/// Reads a frozen document.
pub async fn get_document(
    database: &Database,
    call: Call<GetPublishedDocumentRequest>,
) -> Result<Response<PublishedDocument>> {
    let name = &call.message.name;
    let permit = call.permit(Facts::of(name))?;
    let [_, publication, id] = name::segments(name, names::DOCUMENT)?;
    let district = call.district()?;
    let mut read = database.read(&call).await?;
    let found = store::document::load(read.connection(), district.as_i32(), publication, id).await?;
    let frozen = found.ok_or_else(|| Failure::not_found(name))?;
    Ok(permit.answer(convert::document(district, &frozen)))
}

/// Lists the frozen documents of a publication.
pub async fn list_documents(
    database: &Database,
    call: Call<ListPublishedDocumentsRequest>,
) -> Result<Response<ListPublishedDocumentsResponse>> {
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let [_, publication] = name::segments(&ask.parent, names::PUBLICATION)?;
    let district = call.district()?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
    let mut read = database.read(&call).await?;
    let rows = store::document::list(read.connection(), district.as_i32(), publication, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.id.clone()]);
    let documents = rows.iter().map(|row| convert::document(district, row)).collect();
    Ok(permit.answer(ListPublishedDocumentsResponse { documents, next_page_token }))
}

/// Starts a draft.
pub async fn create(
    mut work: Work<CreatePublicationRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<Message>> {
    let district = work.district;
    let request = work.call.message.clone();
    let permit = work.permit(Facts::of(&request.parent))?;
    let given = request.publication.unwrap_or_default();
    let id = if request.publication_id.is_empty() { work.new_id() } else { request.publication_id };
    let name = names::publication(district, &id);
    let kind = convert::member(given.kind().as_str_name(), "PUBLICATION_KIND_");
    let kind =
        kind.ok_or_else(|| Failure::invalid_field("publication.kind", "必填项未填写", "must be set"))?;
    let plan = plan(district, &given)?;
    let draft = Publication::draft(id, kind, plan, &rules).map_err(|refusal| refused(refusal, &name))?;
    let stored = Stored::new(draft, work.now);
    store::publication::insert(work.connection(), district.as_i32(), &stored).await?;
    let calendar = store::calendar::calendar(work.connection(), district.as_i32()).await?;
    let answer = message(district, &stored, &rules, &calendar, work.now);
    work.record(Change::new("publication.created", &name, stored.version, &answer));
    work.finish(permit, answer).await
}

/// Edits a draft.
pub async fn update(
    mut work: Work<UpdatePublicationRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<Message>> {
    let district = work.district;
    let request = work.call.message.clone();
    let (given, mask) = (request.publication.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let (before, permit) = open(&mut work).await?;
    let current = convert::publication(district, &before, None, time::local_day(work.now));
    let next = plan(district, &edits::patched(&current, &given, mask.as_ref(), &UPDATABLE))?;
    change(work, permit, before, "publication.updated", "", &rules, |draft| draft.edit(next, &rules)).await
}

/// Composes, freezes and publishes.
pub async fn publish(
    mut work: Work<PublishPublicationRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<Message>> {
    let district = work.district;
    let (before, permit) = open(&mut work).await?;
    let name = names::publication(district, &before.value.id);
    let entries = entries(&mut work, &before.value, &rules).await?;
    before.value.check_release(&entries, &rules).map_err(|refusal| refused(refusal, &name))?;
    let documents =
        entries.iter().map(|(decision, subject)| freeze(decision, subject)).collect::<Result<Vec<_>>>()?;
    let release = Release {
        publisher: work.principal().subject.clone(),
        time: work.now,
        date: time::local_day(work.now),
        content_hash: publication_hash(documents.iter().map(|document| document.content_hash.as_str())),
        document_count: i32::try_from(documents.len()).map_err(Failure::internal)?,
    };
    let (id, public, now) = (before.value.id.clone(), before.value.is_public(), work.now);
    store::document::freeze(work.connection(), district.as_i32(), &id, &documents, public, now).await?;
    change(work, permit, before, "publication.published", "", &rules, |draft| draft.release(release)).await
}

/// Takes a publication back.
pub async fn withdraw(
    mut work: Work<WithdrawPublicationRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    let request = work.call.message.clone();
    let withdrawal = Withdrawal {
        reason: request.reason.clone(),
        public_note: request.public_note,
        withdrawer: work.principal().subject.clone(),
        time: work.now,
    };
    let event = "publication.withdrawn";
    change(work, permit, before, event, &request.reason, &rules, |kept| kept.withdraw(withdrawal)).await
}

/// Records a hand-over.
pub async fn record_delivery(
    mut work: Work<RecordDeliveryRequest>,
    rules: Arc<Rules>,
) -> Result<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    let given = work.call.message.delivery.clone().unwrap_or_default();
    let mut fields = Fields::default();
    let date = fields.date("delivery.deliver_date", given.deliver_date.as_ref());
    fields.check()?;
    let audience: Option<Audience> = convert::member(given.audience().as_str_name(), "AUDIENCE_");
    let audience =
        audience.ok_or_else(|| Failure::invalid_field("delivery.audience", "必填项未填写", "must be set"))?;
    let delivery = Delivery { audience, recipient: given.recipient, date, reference: given.reference };
    change(work, permit, before, "publication.delivered", "", &rules, |kept| kept.deliver(delivery)).await
}

/// The decisions of a publication with their subjects, in order. A summary is composed for its readers: without secret
/// objects when the public is among them.
async fn entries<M>(
    work: &mut Work<M>,
    publication: &Publication,
    rules: &Rules,
) -> Result<Vec<(Decision, Subject)>>
where
    M: Addressed + prost::Message,
{
    let district = work.district;
    let ids = &publication.plan.decisions;
    let decisions = store::decision::load(work.connection(), district.as_i32(), ids).await?;
    if decisions.len() < ids.len() {
        let known = |id: &&String| decisions.iter().any(|stored| stored.value.id == **id);
        let missing = ids.iter().find(|id| !known(id)).cloned().unwrap_or_default();
        return Err(Failure::reference_not_found(names::decision(district, &missing)));
    }
    let subjects: Vec<String> = decisions.iter().map(|stored| stored.value.subject.clone()).collect();
    let known = store::subject::load(work.connection(), district.as_i32(), &subjects).await?;
    let mut entries = Vec::with_capacity(decisions.len());
    for stored in decisions {
        let decision = stored.value;
        let subject = match known.iter().find(|subject| subject.name == decision.subject) {
            Some(subject) => subject.clone(),
            None => {
                let (connection, public) = (work.connection(), publication.is_public());
                let found =
                    store::subject::find(connection, district, &decision.subject, public, rules).await?;
                found.ok_or_else(|| Failure::reference_not_found(&decision.subject))?
            }
        };
        entries.push((decision, subject));
    }
    Ok(entries)
}

/// The document that a decision lets out, as it is now, with its hash.
fn freeze(decision: &Decision, subject: &Subject) -> Result<Freeze> {
    let proposal = &decision.proposal;
    let document = subject.document(decision.document_kind, &proposal.title, proposal.public_amount);
    let document =
        document.ok_or_else(|| Failure::internal("a decision about a document that its subject lacks"))?;
    let content_hash = document.content_hash().map_err(Failure::internal)?;
    Ok(Freeze { id: decision.id.clone(), subject: subject.name.clone(), document, content_hash })
}

/// Loads the publication that a request names and checks permission and etag.
async fn open<M>(work: &mut Work<M>) -> Result<(Stored<Publication>, Permit)>
where
    M: Addressed + prost::Message,
{
    let name = work.call.message.address().to_owned();
    let permit = work.permit(Facts::of(&name))?;
    let [_, id] = name::segments(&name, names::PUBLICATION)?;
    let district = work.district.as_i32();
    let found = store::publication::load(work.connection(), district, id).await?;
    let stored = found.ok_or_else(|| Failure::not_found(&name))?;
    work.check_etag(&name, &stored.etag())?;
    Ok((stored, permit))
}

/// Applies a rule to a publication, stores the next version and finishes.
async fn change<M>(
    mut work: Work<M>,
    permit: Permit,
    before: Stored<Publication>,
    event: &'static str,
    because: &str,
    rules: &Rules,
    rule: impl FnOnce(&mut Publication) -> Result<(), Refusal>,
) -> Result<Finished<Message>>
where
    M: Addressed + prost::Message,
{
    let (district, now) = (work.district, work.now);
    let name = names::publication(district, &before.value.id);
    let after = before.changed(now, rule).map_err(|refusal| refused(refusal, &name))?;
    store::publication::update(work.connection(), district.as_i32(), &after).await?;
    let calendar = store::calendar::calendar(work.connection(), district.as_i32()).await?;
    let answer = message(district, &after, rules, &calendar, now);
    let change = Change::new(event, &name, after.version, &answer)
        .from(&message(district, &before, rules, &calendar, now));
    work.record(change.by_rule_set(&rules.rule_set).because(because));
    work.finish(permit, answer).await
}

fn message(
    district: DistrictCode,
    stored: &Stored<Publication>,
    rules: &Rules,
    calendar: &Calendar,
    now: chrono::DateTime<chrono::Utc>,
) -> Message {
    convert::publication(district, stored, stored.value.due(rules, calendar).as_ref(), time::local_day(now))
}

/// What a request plans.
fn plan(district: DistrictCode, given: &Message) -> Result<Plan> {
    let mut fields = Fields::default();
    let basis_date = fields.optional_date("publication.basis_date", given.basis_date.as_ref());
    fields.check()?;
    let audiences =
        given.audiences().filter_map(|audience| convert::member(audience.as_str_name(), "AUDIENCE_"));
    let field = "publication.disclosure_decisions";
    let decisions =
        given.disclosure_decisions.iter().map(|name| referred(district, field, name, names::DECISION));
    Ok(Plan {
        title: given.title.clone(),
        audiences: audiences.collect(),
        decisions: decisions.collect::<Result<_>>()?,
        work_year: given.work_year,
        evaluated_year: given.evaluated_year,
        basis_date,
    })
}
