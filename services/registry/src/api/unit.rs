//! UnitService (区划与预算单位).

use chrono::Days;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::UnitService;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{self, Around, Reading, Resource, id_of, page_of, today, yesterday};
use super::wire::{self, Reader, word};
use super::{defaults, imports};
use crate::domain::unit::{District, Unit};
use crate::store::unit::{self as store, UnitFilter};
use crate::store::{self as all, Stored, Window};

type Answer<T> = Result<Response<T>, Status>;

/// Answers UnitService.
pub struct UnitApi {
    database: Database,
}

impl UnitApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl UnitService for UnitApi {
    async fn create_district(&self, request: Request<pb::CreateDistrictRequest>) -> Answer<pb::District> {
        Ok(self.database.write(Call::open(request)?, create_district).await?)
    }

    async fn get_district(&self, request: Request<pb::GetDistrictRequest>) -> Answer<pb::District> {
        Ok(resource::get::<_, District>(&self.database, request).await?)
    }

    async fn list_districts(
        &self,
        request: Request<pb::ListDistrictsRequest>,
    ) -> Answer<pb::ListDistrictsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = all::district::list_districts(read.connection(), &Window::of(&call, &page)).await?;
        let (districts, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListDistrictsResponse { districts, next_page_token }))
    }

    async fn update_district(&self, request: Request<pb::UpdateDistrictRequest>) -> Answer<pb::District> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, District>(work, ask.district, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn create_unit(&self, request: Request<pb::CreateUnitRequest>) -> Answer<pb::Unit> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            let code = ask.unit.as_ref().map(|unit| unit.agency_code.clone()).unwrap_or_default();
            let id = if ask.unit_id.is_empty() { code } else { ask.unit_id };
            resource::create::<_, Unit>(work, ask.unit, id)
        });
        Ok(done.await?)
    }

    async fn get_unit(&self, request: Request<pb::GetUnitRequest>) -> Answer<pb::Unit> {
        Ok(resource::get::<_, Unit>(&self.database, request).await?)
    }

    async fn list_units(&self, request: Request<pb::ListUnitsRequest>) -> Answer<pb::ListUnitsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let today = today(self.database.clock().now());
        let mut fields = Fields::default();
        let asked_day = fields.optional_date("effective_date", ask.effective_date.as_ref());
        fields.check()?;
        let day = asked_day.unwrap_or(today);
        // Bound to what was asked for, not to the day it stands for: a list that is read across midnight goes on.
        let bound_day = format!("{asked_day:?}");
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.kind, &ask.ancestor, &bound_day, &ask.show_closed, &ask.query],
        )?;
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let filter = UnitFilter {
            kind: word(ask.kind().as_str_name(), "KIND_"),
            ancestor: ask.ancestor.rsplit('/').next().and_then(text),
            day: (!ask.show_closed).then_some(day),
            text: text(&ask.query),
        };
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_units(read.connection(), &Window::of(&call, &page), &filter).await?;
        let (units, next_page_token) = page_of(&page, rows, today);
        Ok(permit.answer(pb::ListUnitsResponse { units, next_page_token }))
    }

    async fn update_unit(&self, request: Request<pb::UpdateUnitRequest>) -> Answer<pb::Unit> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Unit>(work, ask.unit, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn batch_get_units(
        &self,
        request: Request<pb::BatchGetUnitsRequest>,
    ) -> Answer<pb::BatchGetUnitsResponse> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let codes = unit_codes("names", &call.message.names, district)?;
        let mut read = self.database.read(&call).await?;
        let found = store::load_many(read.connection(), district, &codes).await?;
        let today = today(self.database.clock().now());
        let pairs = call.message.names.iter().zip(&codes);
        let units = pairs.map(|(name, code)| {
            found.get(code).map(|unit| Unit::show(unit, today)).ok_or_else(|| Failure::not_found(name))
        });
        let units = units.collect::<Result<_, _>>()?;
        Ok(permit.answer(pb::BatchGetUnitsResponse { units }))
    }

    async fn close_unit(&self, request: Request<pb::CloseUnitRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, close_unit).await?)
    }

    async fn merge_units(&self, request: Request<pb::MergeUnitsRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, merge_units).await?)
    }

    async fn count_units(&self, request: Request<pb::CountUnitsRequest>) -> Answer<pb::CountUnitsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let mut fields = Fields::default();
        let day = fields.optional_date("effective_date", call.message.effective_date.as_ref());
        fields.check()?;
        let day = day.unwrap_or_else(|| today(self.database.clock().now()));
        let districts =
            call.districts().map(|codes| codes.into_iter().map(DistrictCode::as_i32).collect::<Vec<_>>());
        let mut read = Reading::open(&self.database, &call).await?;
        let counts = store::count_units(read.connection(), districts.as_deref(), day).await?;
        Ok(permit.answer(wire::unit::counts(&counts, day)))
    }

    async fn import_units(
        &self,
        request: Request<pb::ImportUnitsRequest>,
    ) -> Answer<pb::ImportUnitsResponse> {
        let call = Call::open(request)?;
        let table = imports::table(call.message.file.clone()).await?;
        let done = self.database.write(call, move |work| imports::units::import(work, table));
        Ok(done.await?)
    }
}

/// Codes in the names of units of one district.
fn unit_codes(
    field: &str,
    names: &[String],
    district: DistrictCode,
) -> wenxiao_platform::Result<Vec<String>> {
    let mut reader = Reader::new(district);
    let codes = names.iter().filter_map(|name| reader.unit(field, name)).map(String::from).collect();
    reader.done(codes)
}

/// Makes a district and loads what every district starts with.
async fn create_district(
    mut work: Work<pb::CreateDistrictRequest>,
) -> wenxiao_platform::Result<Finished<pb::District>> {
    let wire = work.call.message.district.clone().unwrap_or_default();
    id_of::<District>(&wire.name)?;
    let permit = work.permit(Facts::of(&wire.name))?;
    let mut value = District::read(&wire, String::new(), Reader::new(work.district), None)?;
    let (district, today) = (work.district, today(work.now));
    value.admit(None, Around { connection: work.connection(), district, today }).await?;
    let answer = resource::enter(&mut work, value, District::CREATED).await?;
    defaults::load(&mut work).await?;
    work.finish(permit, answer).await
}

async fn close_unit(mut work: Work<pb::CloseUnitRequest>) -> wenxiao_platform::Result<Finished<pb::Unit>> {
    let (before, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let mut reader = Reader::new(work.district);
    let day = reader.fields.optional_date("end_date", work.call.message.end_date.as_ref());
    let day = reader.done(day)?.unwrap_or_else(|| yesterday(work.now));
    let (district, reason) = (work.district, work.call.message.reason.clone());
    let code = before.value.agency_code.clone();
    let lasting = store::has_lasting_subunits(work.connection(), district, code.as_str(), day, &[]).await?;
    let mut unit = before.value.clone();
    unit.close(day, lasting)?;
    let answer = resource::replace(&mut work, &before, unit, "unit.closed", &reason).await?;
    work.finish(permit, answer).await
}

async fn merge_units(mut work: Work<pb::MergeUnitsRequest>) -> wenxiao_platform::Result<Finished<pb::Unit>> {
    let (survivor, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let (district, ask) = (work.district, work.call.message.clone());
    let mut fields = Fields::default();
    let merge_date = fields.date("merge_date", ask.merge_date.as_ref());
    fields.check()?;
    let mut codes = unit_codes("absorbed_units", &ask.absorbed_units, district)?;
    codes.sort_unstable();
    codes.dedup();
    let found = store::load_many(work.connection(), district, &codes).await?;
    if let Some(missing) = codes.iter().find(|code| !found.contains_key(*code)) {
        return Err(Failure::reference_not_found(resource::name_of(district, "units", missing)));
    }
    let last = merge_date.checked_sub_days(Days::new(1)).unwrap_or(merge_date);
    let mut merged: Vec<Stored<Unit>> = Vec::new();
    for (code, before) in &found {
        let lasting = store::has_lasting_subunits(work.connection(), district, code, last, &codes).await?;
        let mut unit = before.value.clone();
        unit.merge_into(&survivor.value, merge_date, lasting)?;
        merged.push(before.next(unit, work.now));
    }
    let written = store::save_many(work.connection(), &merged).await?;
    if usize::try_from(written) != Ok(merged.len()) {
        return Err(Failure::etag_mismatch(ask.name));
    }
    let today = today(work.now);
    for after in &merged {
        let name = after.value.name(district);
        let change =
            Change::new("unit.merged", name, after.version, &Unit::show(after, today)).because(&ask.reason);
        let before = found.get(after.value.id()).map(|before| Unit::show(before, today));
        work.record(before.iter().fold(change, |change, before| change.from(before)));
    }
    let answer = Unit::show(&survivor, today);
    work.finish(permit, answer).await
}
