use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::unit::require_units;
use super::{Reader, optional_name, optional_unit_name, optional_year, unit_name, word};
use crate::api::conflict;
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::Refusal;
use crate::domain::engagement::{Conflict, Engagement, EngagementKind, Verdict};
use crate::domain::participant::{
    CreditRecord, Expert, Institution, InstitutionKind, Representative, RepresentativeKind, Standing,
};
use crate::store::{Kept, Stored};

impl Resource for Institution {
    type Wire = pb::Institution;
    const COLLECTION: &'static str = "institutions";
    const CREATED: &'static str = "institution.created";
    const UPDATED: &'static str = "institution.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "credit_code",
        "kind",
        "state",
        "contact_name",
        "contact_phone",
        "lead_evaluators",
        "credit_records",
        "controlling_unit",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.participants([self.id.clone()])
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::Institution {
        let one = &stored.value;
        let kind = convert::enum_name("KIND_", one.kind.as_str());
        let state = convert::enum_name("STATE_", one.state.as_str());
        let record = |record: &CreditRecord| pb::CreditRecord {
            record_date: Some(convert::date(record.record_date)),
            content: record.content.clone(),
            source: record.source.clone(),
        };
        pb::Institution {
            name: name_of(stored.district, Self::COLLECTION, &one.id),
            title: one.title.clone(),
            credit_code: one.credit_code.clone(),
            kind: pb::institution::Kind::from_str_name(&kind).unwrap_or_default().into(),
            state: pb::institution::State::from_str_name(&state).unwrap_or_default().into(),
            contact_name: one.contact_name.clone(),
            contact_phone: one.contact_phone.clone(),
            lead_evaluators: one.lead_evaluators.clone(),
            credit_records: one.credit_records.iter().map(record).collect(),
            controlling_unit: optional_unit_name(stored.district, one.controlling_unit.as_ref()),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::Institution, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let kind = reader.required("kind", word(wire.kind().as_str_name(), "KIND_"), InstitutionKind::Other);
        let controlling_unit = reader.unit("controlling_unit", &wire.controlling_unit);
        let credit_records = wire
            .credit_records
            .iter()
            .map(|record| CreditRecord {
                record_date: reader.fields.date("credit_records.record_date", record.record_date.as_ref()),
                content: record.content.clone(),
                source: record.source.clone(),
            })
            .collect();
        reader.done(Self {
            id,
            title: wire.title.clone(),
            credit_code: wire.credit_code.clone(),
            kind,
            state: word(wire.state().as_str_name(), "STATE_").unwrap_or(Standing::Active),
            contact_name: wire.contact_name.clone(),
            contact_phone: wire.contact_phone.clone(),
            lead_evaluators: wire.lead_evaluators.clone(),
            credit_records,
            controlling_unit,
        })
    }

    async fn admit(&mut self, _: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        require_units(around, self.controlling_unit.iter()).await
    }
}

impl Resource for Expert {
    type Wire = pb::Expert;
    const COLLECTION: &'static str = "experts";
    const CREATED: &'static str = "expert.created";
    const UPDATED: &'static str = "expert.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "organization",
        "employer_unit",
        "institution",
        "specialties",
        "professional_title",
        "state",
        "contact_phone",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.participants([self.id.clone()])
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::Expert {
        let one = &stored.value;
        let state = convert::enum_name("STATE_", one.state.as_str());
        pb::Expert {
            name: name_of(stored.district, Self::COLLECTION, &one.id),
            title: one.title.clone(),
            organization: one.organization.clone(),
            employer_unit: optional_unit_name(stored.district, one.employer_unit.as_ref()),
            institution: optional_name(stored.district, Institution::COLLECTION, one.institution.as_deref()),
            specialties: one.specialties.clone(),
            professional_title: one.professional_title.clone(),
            state: pb::expert::State::from_str_name(&state).unwrap_or_default().into(),
            contact_phone: one.contact_phone.clone(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::Expert, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let employer_unit = reader.unit("employer_unit", &wire.employer_unit);
        let institution = reader.id("institution", &wire.institution, Institution::COLLECTION);
        reader.done(Self {
            id,
            title: wire.title.clone(),
            organization: wire.organization.clone(),
            employer_unit,
            institution,
            specialties: wire.specialties.clone(),
            professional_title: wire.professional_title.clone(),
            state: word(wire.state().as_str_name(), "STATE_").unwrap_or(Standing::Active),
            contact_phone: wire.contact_phone.clone(),
        })
    }

    async fn admit(&mut self, _: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        let Around { connection, district, today } = around;
        if let Some(id) = &self.institution
            && Institution::load(connection, district, id).await?.is_none()
        {
            return Err(Failure::reference_not_found(name_of(district, Institution::COLLECTION, id)));
        }
        require_units(Around { connection, district, today }, self.employer_unit.iter()).await
    }
}

impl Resource for Representative {
    type Wire = pb::Representative;
    const COLLECTION: &'static str = "representatives";
    const CREATED: &'static str = "representative.created";
    const UPDATED: &'static str = "representative.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "kind",
        "organization",
        "employer_unit",
        "term_start_date",
        "term_end_date",
        "contact_phone",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.participants([self.id.clone()])
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::Representative {
        let one = &stored.value;
        let kind = convert::enum_name("KIND_", one.kind.as_str());
        pb::Representative {
            name: name_of(stored.district, Self::COLLECTION, &one.id),
            title: one.title.clone(),
            kind: pb::representative::Kind::from_str_name(&kind).unwrap_or_default().into(),
            organization: one.organization.clone(),
            employer_unit: optional_unit_name(stored.district, one.employer_unit.as_ref()),
            term_start_date: one.term_start_date.map(convert::date),
            term_end_date: one.term_end_date.map(convert::date),
            contact_phone: one.contact_phone.clone(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::Representative, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let kind = word(wire.kind().as_str_name(), "KIND_");
        let kind = reader.required("kind", kind, RepresentativeKind::PeoplesDeputy);
        let employer_unit = reader.unit("employer_unit", &wire.employer_unit);
        let term_start_date = reader.fields.optional_date("term_start_date", wire.term_start_date.as_ref());
        let term_end_date = reader.fields.optional_date("term_end_date", wire.term_end_date.as_ref());
        reader.done(Self {
            id,
            title: wire.title.clone(),
            kind,
            organization: wire.organization.clone(),
            employer_unit,
            term_start_date,
            term_end_date,
            contact_phone: wire.contact_phone.clone(),
        })
    }

    async fn admit(&mut self, _: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        require_units(around, self.employer_unit.iter()).await
    }
}

impl Resource for Engagement {
    type Wire = pb::Engagement;
    const COLLECTION: &'static str = "engagements";
    const CREATED: &'static str = "engagement.created";
    const UPDATED: &'static str = "engagement.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "objects",
        "work_year",
        "evaluated_year",
        "start_date",
        "end_date",
        "contract_number",
        "fee_amount",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        let participant = self.participant.rsplit('/').next().unwrap_or_default();
        facts.unit(self.principal.as_str()).participants([participant.to_owned()])
    }

    fn show(stored: &Stored<Self>, today: NaiveDate) -> pb::Engagement {
        let (one, district) = (&stored.value, stored.district);
        let kind = convert::enum_name("ENGAGEMENT_KIND_", one.kind.as_str());
        let state = convert::enum_name("STATE_", one.state(today).as_str());
        pb::Engagement {
            name: name_of(district, Self::COLLECTION, &one.id),
            kind: pb::EngagementKind::from_str_name(&kind).unwrap_or_default().into(),
            participant: format!("districts/{district}/{}", one.participant),
            principal: unit_name(district, &one.principal),
            title: one.title.clone(),
            objects: one.objects.iter().map(|object| format!("districts/{district}/{object}")).collect(),
            work_year: one.work_year.as_i32(),
            evaluated_year: optional_year(one.evaluated_year),
            start_date: Some(convert::date(one.start_date)),
            end_date: Some(convert::date(one.end_date)),
            contract_number: one.contract_number.clone(),
            fee_amount: one.fee.map(convert::money),
            state: pb::engagement::State::from_str_name(&state).unwrap_or_default().into(),
            may_sign_report: one.kind.may_sign_report(),
            conflict_verdict: Some(verdict(district, &one.verdict)),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::Engagement, id: String, reader: Reader, before: Option<&Self>) -> Result<Self> {
        engagement_of(wire, id, reader, before)
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        use crate::domain::engagement::EngagementState;
        if let Some(state @ (EngagementState::Ended | EngagementState::Cancelled)) =
            before.map(|b| b.state(around.today))
        {
            return Err(Refusal::State { resource: self.id.clone(), state: state.as_str().to_owned() }.into());
        }
        self.check()?;
        self.verdict = conflict::check(self, around).await?;
        if self.verdict.allowed() {
            return Ok(());
        }
        let kinds = self.verdict.conflicts.iter().map(|conflict| conflict.kind.as_str().to_ascii_uppercase());
        Err(Refusal::ConflictOfInterest(kinds.collect::<Vec<_>>().join(",")).into())
    }
}

/// The engagement that a message describes.
pub fn engagement_of(
    wire: &pb::Engagement,
    id: String,
    mut reader: Reader,
    before: Option<&Engagement>,
) -> Result<Engagement> {
    let kind = word(wire.kind().as_str_name(), "ENGAGEMENT_KIND_");
    let kind = reader.required("kind", kind, EngagementKind::AssistOnly);
    let participants = [Institution::COLLECTION, Expert::COLLECTION];
    let participant = reader.relative("participant", &wire.participant, &participants);
    let participant = reader.required("participant", participant, String::new());
    let principal = reader.required_unit("principal", &wire.principal);
    let judged = ["units", "projects", "policies"];
    let objects = wire.objects.iter().filter_map(|name| reader.relative("objects", name, &judged)).collect();
    let work_year = reader.fields.year("work_year", wire.work_year);
    let evaluated_year = reader.optional_year("evaluated_year", wire.evaluated_year);
    let start_date = reader.fields.date("start_date", wire.start_date.as_ref());
    let end_date = reader.fields.date("end_date", wire.end_date.as_ref());
    let fee = reader.fields.optional_money("fee_amount", wire.fee_amount.as_ref());
    reader.done(Engagement {
        id,
        kind,
        participant,
        principal,
        title: wire.title.clone(),
        objects,
        work_year,
        evaluated_year,
        start_date,
        end_date,
        contract_number: wire.contract_number.clone(),
        fee,
        cancelled: before.is_some_and(|one| one.cancelled),
        verdict: Verdict::default(),
    })
}

/// A verdict as the contract has it.
pub fn verdict(district: DistrictCode, verdict: &Verdict) -> pb::ConflictVerdict {
    let conflict = |one: &Conflict| {
        let kind = convert::enum_name("KIND_", one.kind.as_str());
        pb::Conflict {
            kind: pb::conflict::Kind::from_str_name(&kind).unwrap_or_default().into(),
            unit: optional_unit_name(district, one.unit.as_ref()),
            object: one
                .object
                .as_ref()
                .map(|object| format!("districts/{district}/{object}"))
                .unwrap_or_default(),
            engagement: optional_name(district, Engagement::COLLECTION, one.engagement.as_deref()),
            message: one.chinese.clone(),
            message_en: one.english.clone(),
        }
    };
    pb::ConflictVerdict {
        enforced: verdict.enforced,
        allowed: verdict.allowed(),
        conflicts: verdict.conflicts.iter().map(conflict).collect(),
        explanation: Some(convert::explanation(&verdict.explanation)),
    }
}
