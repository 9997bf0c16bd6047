//! UnitService (区划与预算单位).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::UnitService;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{self, Around, Reading, Resource, id_of, page_of, today};
use super::wire::{self, Reader, word};
use super::{cancel_change, defaults, imports, reform, split, unit_commands};
use crate::domain::unit::{District, Unit};
use crate::domain::unit_change::UnitChange;
use crate::store::unit::{self as store, UnitFilter};
use crate::store::unit_change::ChangeFilter;
use crate::store::{self as all, Kept, Window};

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
        let call = Call::open(request)?;
        let name = call.message.name.clone();
        let id = id_of::<Unit>(&name)?;
        let mut fields = Fields::default();
        let day = fields.optional_date("effective_date", call.message.effective_date.as_ref());
        let mut read = self.database.read(&call).await?;
        let stored = Unit::load(read.connection(), call.district()?, &id).await?;
        let stored = stored.ok_or_else(|| Failure::not_found(&name))?;
        let permit = call.permit(stored.value.facts(Facts::of(&name)))?;
        fields.check()?;
        Ok(permit.answer(Unit::show(&stored, day.unwrap_or_else(|| today(self.database.clock().now())))))
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
            ancestor: wire::last(&ask.ancestor),
            day: (!ask.show_closed).then_some(day),
            text: text(&ask.query),
            named_by: day,
        };
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_units(read.connection(), &Window::of(&call, &page), &filter).await?;
        let (units, next_page_token) = page_of(&page, rows, day);
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
        let mut reader = Reader::new(district);
        let names = call.message.names.iter();
        let codes = names.filter_map(|name| reader.unit("names", name)).map(String::from).collect();
        let day = reader.fields.optional_date("effective_date", call.message.effective_date.as_ref());
        let (codes, day): (Vec<String>, _) = reader.done((codes, day))?;
        let mut read = self.database.read(&call).await?;
        let found = store::load_many(read.connection(), district, &codes).await?;
        let day = day.unwrap_or_else(|| today(self.database.clock().now()));
        let pairs = call.message.names.iter().zip(&codes);
        let units = pairs.map(|(name, code)| {
            found.get(code).map(|unit| Unit::show(unit, day)).ok_or_else(|| Failure::not_found(name))
        });
        let units = units.collect::<Result<_, _>>()?;
        Ok(permit.answer(pb::BatchGetUnitsResponse { units }))
    }

    async fn close_unit(&self, request: Request<pb::CloseUnitRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, unit_commands::close).await?)
    }

    async fn merge_units(&self, request: Request<pb::MergeUnitsRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, unit_commands::merge).await?)
    }

    async fn rename_unit(&self, request: Request<pb::RenameUnitRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, unit_commands::rename).await?)
    }

    async fn split_unit(&self, request: Request<pb::SplitUnitRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, split::split).await?)
    }

    async fn move_unit(&self, request: Request<pb::MoveUnitRequest>) -> Answer<pb::Unit> {
        Ok(self.database.write(Call::open(request)?, unit_commands::relocate).await?)
    }

    async fn list_unit_changes(
        &self,
        request: Request<pb::ListUnitChangesRequest>,
    ) -> Answer<pb::ListUnitChangesResponse> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page =
            Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.unit, &ask.follow])?;
        let mut reader = Reader::new(district);
        let unit = reader.unit("unit", &ask.unit).map(String::from);
        let unit = reader.done(unit)?;
        let after = page.key(0).and_then(|day| day.parse().ok()).zip(page.key(1).map(str::to_owned));
        let filter = ChangeFilter { follow: ask.follow && unit.is_some(), unit, after, limit: page.limit() };
        let mut read = self.database.read(&call).await?;
        let rows = all::unit_change::list(read.connection(), district, &filter).await?;
        let key = |row: &UnitChange| vec![row.effective_date.to_string(), row.id.clone()];
        let (rows, next_page_token) = page.cut(rows, key);
        let unit_changes = rows.iter().map(|row| wire::unit_change(district, row)).collect();
        Ok(permit.answer(pb::ListUnitChangesResponse { unit_changes, next_page_token }))
    }

    async fn cancel_unit_change(
        &self,
        request: Request<pb::CancelUnitChangeRequest>,
    ) -> Answer<pb::CancelUnitChangeResponse> {
        Ok(self.database.write(Call::open(request)?, cancel_change::cancel).await?)
    }

    async fn apply_unit_changes(
        &self,
        request: Request<pb::ApplyUnitChangesRequest>,
    ) -> Answer<pb::ApplyUnitChangesResponse> {
        Ok(self.database.write(Call::open(request)?, reform::apply).await?)
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
