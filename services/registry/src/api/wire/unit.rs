use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::{Reader, optional_unit_name, unit_name, word};
use crate::api::resource::{Around, Resource};
use crate::domain::unit::{AgencyCode, District, Unit, UnitKind};
use crate::store::{self, Stored};

impl Resource for District {
    type Wire = pb::District;
    const COLLECTION: &'static str = "districts";
    const CREATED: &'static str = "district.created";
    const UPDATED: &'static str = "district.updated";
    const UPDATABLE: &'static [&'static str] = &["title", "title_en", "city_title", "finance_bureau"];

    fn id(&self) -> &str {
        "" // the district itself
    }

    fn name(&self, district: DistrictCode) -> String {
        format!("districts/{district}")
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::District {
        let district = &stored.value;
        pb::District {
            name: format!("districts/{}", district.code),
            title: district.title.clone(),
            title_en: district.title_en.clone(),
            city_title: district.city_title.clone(),
            finance_bureau: optional_unit_name(district.code, district.finance_bureau.as_ref()),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::District, _: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let finance_bureau = reader.unit("finance_bureau", &wire.finance_bureau);
        let code = reader.district();
        reader.done(Self {
            code,
            title: wire.title.clone(),
            title_en: wire.title_en.clone(),
            city_title: wire.city_title.clone(),
            finance_bureau,
        })
    }

    async fn admit(&mut self, _: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        require_units(around, self.finance_bureau.iter()).await
    }
}

impl Resource for Unit {
    type Wire = pb::Unit;
    const COLLECTION: &'static str = "units";
    const CREATED: &'static str = "unit.created";
    const UPDATED: &'static str = "unit.updated";
    const UPDATABLE: &'static [&'static str] =
        &["title", "short_title", "fiscal_division", "managing_division", "start_date"];

    fn id(&self) -> &str {
        self.agency_code.as_str()
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.unit(self.agency_code.as_str())
    }

    /// The unit as it is, or was, on a day.
    fn show(stored: &Stored<Self>, day: NaiveDate) -> pb::Unit {
        let (unit, district) = (&stored.value, stored.district);
        let state = convert::enum_name("STATE_", unit.state(day).as_str());
        let (title, short_title) = unit.name_on(day);
        let former = unit.former_names(day).into_iter().map(|(title, short_title, end)| pb::FormerTitle {
            title: title.to_owned(),
            short_title: short_title.to_owned(),
            end_date: Some(convert::date(end)),
        });
        pb::Unit {
            name: unit_name(district, &unit.agency_code),
            agency_code: unit.agency_code.to_string(),
            title: title.to_owned(),
            short_title: short_title.to_owned(),
            kind: kind(unit.kind).into(),
            parent_unit: optional_unit_name(district, unit.agency_code.parent().as_ref()),
            department: unit_name(district, &unit.agency_code.department()),
            fiscal_division: unit.fiscal_division.map(|code| code.to_string()).unwrap_or_default(),
            managing_division: unit.managing_division.clone(),
            start_date: unit.start_date.map(convert::date),
            end_date: unit.end_date.map(convert::date),
            successor: optional_unit_name(district, unit.successors.first()),
            state: pb::unit::State::from_str_name(&state).unwrap_or_default().into(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
            successors: unit.successors.iter().map(|code| unit_name(district, code)).collect(),
            former_titles: former.collect(),
        }
    }

    fn read(wire: &pb::Unit, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let code: Option<AgencyCode> = wire.agency_code.parse().ok();
        let code = reader.required("agency_code", code, AgencyCode::placeholder());
        if before.is_none() && id != code.as_str() {
            reader.fields.reject("unit_id", "须与单位代码相同或为空", "must be the agency code or empty");
        }
        let fiscal_division = match wire.fiscal_division.as_str() {
            "" => None,
            text => text.parse().ok().or_else(|| {
                reader.fields.reject(
                    "fiscal_division",
                    "不是9位财政区划代码",
                    "is not a fiscal division code",
                );
                None
            }),
        };
        let kind = reader.required("kind", word(wire.kind().as_str_name(), "KIND_"), UnitKind::Unit);
        let start_date = reader.fields.optional_date("start_date", wire.start_date.as_ref());
        reader.done(Self {
            agency_code: code,
            title: wire.title.clone(),
            short_title: wire.short_title.clone(),
            kind,
            fiscal_division,
            managing_division: wire.managing_division.clone(),
            start_date,
            end_date: before.and_then(|unit| unit.end_date),
            renames: before.map(|unit| unit.renames.clone()).unwrap_or_default(),
            ending: before.and_then(|unit| unit.ending),
            successors: before.map(|unit| unit.successors.clone()).unwrap_or_default(),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check(around.district)?;
        if let Some(before) = before {
            self.correct_name(before, around.today);
        }
        let Some(parent) = self.agency_code.parent() else { return Ok(()) };
        // A unit that was to begin is not taken back while one below it is being entered.
        let above = store::unit::hold(around.connection, around.district, &[parent.to_string()]).await?;
        let own = self.kind == UnitKind::OwnUnit
            && store::unit::has_own_unit(around.connection, around.district, parent.as_str(), self.id())
                .await?;
        Ok(self.check_place(above.values().next().map(|stored| &stored.value), own)?)
    }
}

/// A kind of unit as the contract has it.
pub fn kind(kind: UnitKind) -> pb::unit::Kind {
    pb::unit::Kind::from_str_name(&convert::enum_name("KIND_", kind.as_str())).unwrap_or_default()
}

/// Refuses unless all these units are known. They are held, so that none that was to begin is taken back meanwhile.
pub async fn require_units<'u>(
    around: Around<'_>,
    codes: impl Iterator<Item = &'u AgencyCode>,
) -> Result<()> {
    let codes: Vec<String> = codes.map(ToString::to_string).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let known = store::unit::hold(around.connection, around.district, &codes).await?;
    match codes.iter().find(|code| !known.contains_key(*code)) {
        None => Ok(()),
        Some(missing) => {
            Err(Failure::reference_not_found(format!("districts/{}/units/{missing}", around.district)))
        }
    }
}

/// Refuses unless something may be entered for all these units. They are held until that is written, so that none of them
/// ends meanwhile.
pub async fn require_owners(around: Around<'_>, codes: &[AgencyCode]) -> Result<()> {
    let Around { connection, district, today } = around;
    let names: Vec<String> = codes.iter().map(ToString::to_string).collect();
    let units = store::unit::hold(connection, district, &names).await?;
    for code in codes {
        let missing = || Failure::reference_not_found(unit_name(district, code));
        units.get(code.as_str()).ok_or_else(missing)?.value.check_owner(today)?;
    }
    Ok(())
}

/// Counts as the contract has them.
pub fn counts(counts: &crate::domain::unit::Counts, day: NaiveDate) -> pb::CountUnitsResponse {
    let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    pb::CountUnitsResponse {
        effective_date: Some(convert::date(day)),
        budget_unit_count: number(counts.budget_units()),
        subdistrict_count: number(counts.streets()),
        reporting_unit_count: number(counts.reporting_units()),
        own_unit_count: number(counts.own_units()),
        kind_counts: counts
            .kinds
            .iter()
            .map(|(of, count)| pb::KindCount { kind: kind(*of).into(), unit_count: number(*count) })
            .collect(),
        explanation: Some(convert::explanation(&counts.explain(day))),
    }
}
