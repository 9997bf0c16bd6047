//! The cases that a summary tells (案例选取).

use tonic::Response;
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::disclosure::v1::{
    CaseMeasure as WireMeasure, CreateSummaryCaseRequest, GetSummaryCaseRequest, ListSummaryCasesRequest,
    ListSummaryCasesResponse, SummaryCase, UpdateSummaryCaseRequest,
};
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::timestamp;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::{figure, year_of};
use crate::domain::case::CaseMeasure;
use crate::names;
use crate::store::case::Choice;
use crate::store::{self, Stored};

/// What an update may change.
const UPDATABLE: [&str; 2] = ["ordinal", "measures"];

/// Reads a case.
pub async fn get(database: &Database, call: Call<GetSummaryCaseRequest>) -> Result<Response<SummaryCase>> {
    let name = &call.message.name;
    let permit = call.permit(Facts::of(name))?;
    let [_, year, id] = name::segments(name, names::CASE)?;
    let district = call.district()?;
    let mut read = database.read(&call).await?;
    let found = store::case::load(read.connection(), district.as_i32(), year_of(year, name)?, id).await?;
    let stored = found.ok_or_else(|| Failure::not_found(name))?;
    Ok(permit.answer(message(district, &stored)))
}

/// Lists the cases of a summary.
pub async fn list(
    database: &Database,
    call: Call<ListSummaryCasesRequest>,
) -> Result<Response<ListSummaryCasesResponse>> {
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let [_, year] = name::segments(&ask.parent, names::SUMMARY)?;
    let district = call.district()?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
    let mut read = database.read(&call).await?;
    let year = year_of(year, &ask.parent)?;
    let rows = store::case::list(read.connection(), district.as_i32(), year, &page).await?;
    let (rows, next_page_token) =
        page.cut(rows, |row| vec![row.value.ordinal.to_string(), row.value.id.clone()]);
    let cases = rows.iter().map(|row| message(district, row)).collect();
    Ok(permit.answer(ListSummaryCasesResponse { cases, next_page_token }))
}

/// Chooses a case.
pub async fn create(mut work: Work<CreateSummaryCaseRequest>) -> Result<Finished<SummaryCase>> {
    let district = work.district;
    let request = work.call.message.clone();
    let permit = work.permit(Facts::of(&request.parent))?;
    let [_, year] = name::segments(&request.parent, names::SUMMARY)?;
    let work_year = year_of(year, &request.parent)?;
    let given = request.summary_case.unwrap_or_default();
    let id = if request.summary_case_id.is_empty() { work.new_id() } else { request.summary_case_id };
    if !store::case::subject_exists(work.connection(), district.as_i32(), &given.subject).await? {
        return Err(Failure::reference_not_found(given.subject));
    }
    let measures = measures(&given.measures)?;
    let choice = Choice { work_year, id, subject: given.subject, ordinal: given.ordinal, measures };
    let stored = Stored::new(choice, work.now);
    store::case::insert(work.connection(), district.as_i32(), &stored).await?;
    let answer = message(district, &stored);
    work.record(Change::new("summary_case.created", answer.name.clone(), stored.version, &answer));
    work.finish(permit, answer).await
}

/// Changes what is told of a case.
pub async fn update(mut work: Work<UpdateSummaryCaseRequest>) -> Result<Finished<SummaryCase>> {
    let district = work.district;
    let request = work.call.message.clone();
    let (given, mask) = (request.summary_case.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let permit = work.permit(Facts::of(&given.name))?;
    let [_, year, id] = name::segments(&given.name, names::CASE)?;
    let found =
        store::case::load(work.connection(), district.as_i32(), year_of(year, &given.name)?, id).await?;
    let before = found.ok_or_else(|| Failure::not_found(&given.name))?;
    work.check_etag(&given.name, &before.etag())?;
    let next = edits::patched(&message(district, &before), &given, mask.as_ref(), &UPDATABLE);
    let after = before.changed(work.now, |choice| -> Result<()> {
        choice.ordinal = next.ordinal;
        choice.measures = measures(&next.measures)?;
        Ok(())
    })?;
    store::case::update(work.connection(), district.as_i32(), &after).await?;
    let answer = message(district, &after);
    let change = Change::new("summary_case.updated", &given.name, after.version, &answer);
    work.record(change.from(&message(district, &before)));
    work.finish(permit, answer).await
}

fn measures(given: &[WireMeasure]) -> Result<Vec<CaseMeasure>> {
    let read = |measure| figure::measure_of(measure);
    let missing =
        || Failure::invalid_field("summary_case.measures", "必填项未填写", "every measure must be set");
    given.iter().map(|measure| read(measure).ok_or_else(missing)).collect()
}

fn message(district: DistrictCode, stored: &Stored<Choice>) -> SummaryCase {
    let choice = &stored.value;
    SummaryCase {
        name: names::case(district, choice.work_year, &choice.id),
        subject: choice.subject.clone(),
        ordinal: choice.ordinal,
        measures: choice.measures.iter().map(figure::measure).collect(),
        create_time: Some(timestamp(stored.created)),
        update_time: Some(timestamp(stored.updated)),
        etag: stored.etag(),
    }
}
