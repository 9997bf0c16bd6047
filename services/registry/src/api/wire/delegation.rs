use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Result, convert};

use super::Reader;
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::delegation::Delegation;
use crate::store::Stored;

impl Resource for Delegation {
    type Wire = pb::Delegation;
    const COLLECTION: &'static str = "delegations";
    const CREATED: &'static str = "delegation.created";
    const UPDATED: &'static str = "delegation.updated";
    const UPDATABLE: &'static [&'static str] = &[];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, today: NaiveDate) -> pb::Delegation {
        let of = &stored.value;
        let state = convert::enum_name("STATE_", of.state(today).as_str());
        pb::Delegation {
            name: name_of(stored.district, Self::COLLECTION, &of.id),
            delegator: of.delegator.clone(),
            delegator_name: of.delegator_name.clone(),
            deputy: of.deputy.clone(),
            deputy_name: of.deputy_name.clone(),
            roles: of.roles.clone(),
            unit_code: of.unit_code.clone(),
            start_date: Some(convert::date(of.start_date)),
            end_date: Some(convert::date(of.end_date)),
            reason: of.reason.clone(),
            state: pb::delegation::State::from_str_name(&state).unwrap_or_default().into(),
            end_reason: of.ended.clone().unwrap_or_default(),
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
            etag: stored.etag(),
        }
    }

    fn read(wire: &pb::Delegation, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let start_date = reader.fields.date("start_date", wire.start_date.as_ref());
        let end_date = reader.fields.date("end_date", wire.end_date.as_ref());
        reader.done(Self {
            id,
            delegator: String::new(),
            delegator_name: String::new(),
            deputy: wire.deputy.clone(),
            deputy_name: wire.deputy_name.clone(),
            roles: wire.roles.clone(),
            unit_code: String::new(),
            start_date,
            end_date,
            reason: wire.reason.clone(),
            ended: None,
        })
    }

    async fn admit(&mut self, _: Option<&Self>, _: Around<'_>) -> Result<()> {
        Ok(())
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.author(&self.delegator)
    }
}
