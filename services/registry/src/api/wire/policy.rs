use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::unit::require_owners;
use super::{Reader, optional_name, unit_name};
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::policy::Policy;
use crate::store::{self, Kept, Stored};

impl Resource for Policy {
    type Wire = pb::Policy;
    const COLLECTION: &'static str = "policies";
    const CREATED: &'static str = "policy.created";
    const UPDATED: &'static str = "policy.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "document_title",
        "document_number",
        "issuing_body",
        "issue_date",
        "start_date",
        "expiry_date",
        "term_years",
        "executing_unit",
        "projects",
        "predecessor",
        "secrecy",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.unit(self.executing_unit.as_str())
    }

    /// The policy as it is, with the executing unit that it had on a day. Its state is that of the day, too.
    fn show(stored: &Stored<Self>, day: NaiveDate) -> pb::Policy {
        let (policy, district) = (&stored.value, stored.district);
        let state = convert::enum_name("STATE_", policy.state(day).as_str());
        pb::Policy {
            name: name_of(district, Self::COLLECTION, &policy.id),
            title: policy.title.clone(),
            document_title: policy.document_title.clone(),
            document_number: policy.document_number.clone(),
            issuing_body: policy.issuing_body.clone(),
            issue_date: policy.issue_date.map(convert::date),
            start_date: policy.start_date.map(convert::date),
            expiry_date: policy.expiry_date.map(convert::date),
            term_years: policy.term_years,
            executing_unit: unit_name(district, &policy.executing_unit_on(day)),
            projects: policy.projects.iter().map(|id| name_of(district, "projects", id)).collect(),
            predecessor: optional_name(district, Self::COLLECTION, policy.predecessor.as_deref()),
            gap_days: i32::try_from(policy.gap_days()).unwrap_or(i32::MAX),
            secrecy: policy.secrecy.map(convert::secrecy).unwrap_or_default().into(),
            state: pb::policy::State::from_str_name(&state).unwrap_or_default().into(),
            repeal_date: policy.repeal_date.map(convert::date),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
            former_executing_units: policy
                .former_executors
                .iter()
                .filter(|former| former.end_date < day)
                .map(|former| pb::PolicyOwner {
                    executing_unit: unit_name(district, &former.owner.executing_unit),
                    end_date: Some(convert::date(former.end_date)),
                })
                .collect(),
        }
    }

    fn read(wire: &pb::Policy, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let issue_date = reader.fields.optional_date("issue_date", wire.issue_date.as_ref());
        let start_date = reader.fields.optional_date("start_date", wire.start_date.as_ref());
        let expiry_date = reader.fields.optional_date("expiry_date", wire.expiry_date.as_ref());
        let executing_unit = reader.required_unit("executing_unit", &wire.executing_unit);
        let projects =
            wire.projects.iter().filter_map(|name| reader.id("projects", name, "projects")).collect();
        let predecessor = reader.id("predecessor", &wire.predecessor, Self::COLLECTION);
        reader.done(Self {
            id,
            title: wire.title.clone(),
            document_title: wire.document_title.clone(),
            document_number: wire.document_number.clone(),
            issuing_body: wire.issuing_body.clone(),
            issue_date,
            start_date,
            expiry_date,
            term_years: wire.term_years,
            executing_unit,
            former_executors: before.map(|policy| policy.former_executors.clone()).unwrap_or_default(),
            projects,
            predecessor,
            predecessor_end: None,
            secrecy: convert::secrecy_of(wire.secrecy()),
            repeal_date: before.and_then(|policy| policy.repeal_date),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        let Around { connection, district, today } = around;
        let known = store::project::load_many(connection, district, &self.projects).await?;
        if let Some(missing) = self.projects.iter().find(|id| !known.contains_key(*id)) {
            return Err(Failure::reference_not_found(name_of(district, "projects", missing)));
        }
        if let Some(id) = &self.predecessor {
            let earlier = Self::load(connection, district, id).await?;
            let earlier =
                earlier.ok_or_else(|| Failure::reference_not_found(name_of(district, "policies", id)))?;
            self.predecessor_end = earlier.value.last_day();
        }
        if let Some(before) = before {
            self.note_executor(before, today);
        }
        if before.is_some_and(|before| before.executing_unit == self.executing_unit) {
            return Ok(());
        }
        let around = Around { connection, district, today };
        require_owners(around, std::slice::from_ref(&self.executing_unit)).await
    }
}
