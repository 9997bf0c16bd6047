use chrono::NaiveDate;
use rust_decimal::Decimal;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::{Failure, Result, convert};

use super::unit::{require_owners, require_units};
use super::{Reader, optional_unit_name, unit_name, word};
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::participant::{Expert, Institution};
use crate::domain::plan::{Milestone, MilestoneState, PlanKind, PlanState, Progress, WorkPlan};
use crate::domain::training::{Attendance, Audience, SessionState, Stage, TrainingSession};
use crate::domain::unit::AgencyCode;
use crate::store::{Kept, Stored};

impl Resource for WorkPlan {
    type Wire = pb::WorkPlan;
    const COLLECTION: &'static str = "workPlans";
    const CREATED: &'static str = "work_plan.created";
    const UPDATED: &'static str = "work_plan.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "document_title",
        "document_number",
        "work_year",
        "horizon_years",
        "target_date",
        "goals",
        "milestones",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::WorkPlan {
        let (plan, district) = (&stored.value, stored.district);
        let (rate, explanation) = plan.progress();
        let kind = convert::enum_name("KIND_", plan.kind.as_str());
        let state = convert::enum_name("STATE_", plan.state.as_str());
        pb::WorkPlan {
            name: name_of(district, Self::COLLECTION, &plan.id),
            kind: pb::work_plan::Kind::from_str_name(&kind).unwrap_or_default().into(),
            title: plan.title.clone(),
            document_title: plan.document_title.clone(),
            document_number: plan.document_number.clone(),
            work_year: plan.work_year.as_i32(),
            horizon_years: plan.horizon_years,
            target_date: plan.target_date.map(convert::date),
            goals: plan.goals.clone(),
            milestones: plan.milestones.iter().map(|one| milestone(district, one)).collect(),
            state: pb::work_plan::State::from_str_name(&state).unwrap_or_default().into(),
            progress_rate: Some(convert::decimal(rate)),
            progress_explanation: Some(convert::explanation(&explanation)),
            adopt_date: plan.adopt_date.map(convert::date),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::WorkPlan, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let kind = reader.required("kind", word(wire.kind().as_str_name(), "KIND_"), PlanKind::Annual);
        let work_year = reader.fields.year("work_year", wire.work_year);
        let target_date = reader.fields.optional_date("target_date", wire.target_date.as_ref());
        let noted = before.map(|plan| plan.milestones.as_slice()).unwrap_or_default();
        let milestones = wire.milestones.iter().enumerate();
        let milestones =
            milestones.map(|(place, one)| milestone_of(one, place, &mut reader, noted)).collect();
        reader.done(Self {
            id,
            kind,
            title: wire.title.clone(),
            document_title: wire.document_title.clone(),
            document_number: wire.document_number.clone(),
            work_year,
            horizon_years: wire.horizon_years,
            target_date,
            goals: wire.goals.clone(),
            milestones,
            state: before.map_or(PlanState::Draft, |plan| plan.state),
            adopt_date: before.and_then(|plan| plan.adopt_date),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        if let Some(before) = before {
            self.check_change_from(before)?;
        }
        let (open, done): (Vec<_>, Vec<_>) =
            self.milestones.iter().partition(|one| one.state == MilestoneState::Open);
        let units = |of: Vec<&Milestone>| -> Vec<AgencyCode> {
            of.into_iter().filter_map(|one| one.responsible_unit.clone()).collect()
        };
        // An open task of a unit that has ended would wait for nobody: its change has passed such tasks on already.
        let Around { connection, district, today } = around;
        require_owners(Around { connection: &mut *connection, district, today }, &units(open)).await?;
        require_units(Around { connection, district, today }, units(done).iter()).await
    }
}

fn milestone(district: DistrictCode, one: &Milestone) -> pb::Milestone {
    let state = convert::enum_name("STATE_", one.state.as_str());
    pb::Milestone {
        milestone_id: one.id.clone(),
        title: one.title.clone(),
        responsible_unit: optional_unit_name(district, one.responsible_unit.as_ref()),
        due_date: one.due_date.map(convert::date),
        weight: Some(convert::decimal(one.weight)),
        state: pb::milestone::State::from_str_name(&state).unwrap_or_default().into(),
        progress_rate: Some(convert::decimal(one.progress)),
        done_date: one.done_date.map(convert::date),
        note: one.note.clone(),
    }
}

/// A milestone of a request: how it went is what was noted before.
fn milestone_of(wire: &pb::Milestone, place: usize, reader: &mut Reader, noted: &[Milestone]) -> Milestone {
    let at = |field: &str| format!("milestones[{place}].{field}");
    let before = noted.iter().find(|one| one.id == wire.milestone_id);
    let weight = reader.fields.optional_decimal(&at("weight"), wire.weight.as_ref());
    Milestone {
        id: wire.milestone_id.clone(),
        title: wire.title.clone(),
        responsible_unit: reader.unit(&at("responsible_unit"), &wire.responsible_unit),
        due_date: reader.fields.optional_date(&at("due_date"), wire.due_date.as_ref()),
        weight: weight.unwrap_or(Decimal::ONE),
        state: before.map_or(MilestoneState::Open, |one| one.state),
        progress: before.map_or(Decimal::ZERO, |one| one.progress),
        done_date: before.and_then(|one| one.done_date),
        note: before.map(|one| one.note.clone()).unwrap_or_default(),
    }
}

/// The note that a request makes on a milestone.
pub fn progress(wire: &pb::RecordMilestoneProgressRequest, district: DistrictCode) -> Result<Progress> {
    let mut reader = Reader::new(district);
    let state = reader.required("state", word(wire.state().as_str_name(), "STATE_"), MilestoneState::Open);
    let rate = reader.fields.optional_decimal("progress_rate", wire.progress_rate.as_ref());
    let done_date = reader.fields.optional_date("done_date", wire.done_date.as_ref());
    let (milestone, note) = (wire.milestone_id.clone(), wire.note.clone());
    reader.done(Progress { milestone, state, progress: rate, done_date, note })
}

impl Resource for TrainingSession {
    type Wire = pb::TrainingSession;
    const COLLECTION: &'static str = "trainingSessions";
    const CREATED: &'static str = "training_session.created";
    const UPDATED: &'static str = "training_session.updated";
    const UPDATABLE: &'static [&'static str] =
        &["title", "work_year", "stage", "hold_date", "hours", "venue", "topic", "trainer", "audiences"];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::TrainingSession {
        let (session, district) = (&stored.value, stored.district);
        let stage = convert::enum_name("STAGE_", session.stage.as_str());
        let state = convert::enum_name("STATE_", session.state.as_str());
        let audience = |group: &Audience| pb::TrainingAudience {
            label: group.label.clone(),
            units: group.units.iter().map(|code| unit_name(district, code)).collect(),
        };
        let attendance = |one: &Attendance| pb::Attendance {
            unit: unit_name(district, &one.unit),
            attendee_count: one.attendee_count,
            attendees: one.attendees.clone(),
        };
        let trainer = session.trainer.as_ref().map(|relative| format!("districts/{district}/{relative}"));
        pb::TrainingSession {
            name: name_of(district, Self::COLLECTION, &session.id),
            title: session.title.clone(),
            work_year: session.work_year.as_i32(),
            stage: pb::training_session::Stage::from_str_name(&stage).unwrap_or_default().into(),
            hold_date: session.hold_date.map(convert::date),
            hours: session.hours.map(convert::decimal),
            venue: session.venue.clone(),
            topic: session.topic.clone(),
            trainer: trainer.unwrap_or_default(),
            audiences: session.audiences.iter().map(audience).collect(),
            attendances: session.attendances.iter().map(attendance).collect(),
            attendee_count: session.attendee_count(),
            state: pb::training_session::State::from_str_name(&state).unwrap_or_default().into(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(
        wire: &pb::TrainingSession,
        id: String,
        mut reader: Reader,
        before: Option<&Self>,
    ) -> Result<Self> {
        let stage = reader.required("stage", word(wire.stage().as_str_name(), "STAGE_"), Stage::WholeCycle);
        let work_year = reader.fields.year("work_year", wire.work_year);
        let hold_date = reader.fields.optional_date("hold_date", wire.hold_date.as_ref());
        let hours = reader.fields.optional_decimal("hours", wire.hours.as_ref());
        let teachers = [Institution::COLLECTION, Expert::COLLECTION];
        let trainer = reader.relative("trainer", &wire.trainer, &teachers);
        let audiences = wire
            .audiences
            .iter()
            .map(|group| Audience {
                label: group.label.clone(),
                units: group.units.iter().filter_map(|name| reader.unit("audiences.units", name)).collect(),
            })
            .collect();
        reader.done(Self {
            id,
            title: wire.title.clone(),
            work_year,
            stage,
            hold_date,
            hours,
            venue: wire.venue.clone(),
            topic: wire.topic.clone(),
            trainer,
            audiences,
            attendances: before.map(|session| session.attendances.clone()).unwrap_or_default(),
            state: before.map_or(SessionState::Planned, |session| session.state),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        if let Some(before) = before {
            before.check_changeable()?;
        }
        let Around { connection, district, today } = around;
        let known = match self.trainer.as_deref().and_then(|trainer| trainer.split_once('/')) {
            None => true,
            Some((Institution::COLLECTION, id)) => {
                Institution::load(connection, district, id).await?.is_some()
            }
            Some((_, id)) => Expert::load(connection, district, id).await?.is_some(),
        };
        if !known {
            let trainer = self.trainer.clone().unwrap_or_default();
            return Err(Failure::reference_not_found(format!("districts/{district}/{trainer}")));
        }
        require_units(Around { connection, district, today }, self.units().into_iter()).await
    }
}

/// The attendances of a request.
pub fn attendances(
    wire: &pb::RecordAttendanceRequest,
    district: DistrictCode,
) -> Result<(Vec<Attendance>, Option<NaiveDate>)> {
    let mut reader = Reader::new(district);
    let day = reader.fields.optional_date("hold_date", wire.hold_date.as_ref());
    let came = wire
        .attendances
        .iter()
        .enumerate()
        .map(|(place, one)| Attendance {
            unit: reader.required_unit(&format!("attendances[{place}].unit"), &one.unit),
            attendee_count: one.attendee_count,
            attendees: one.attendees.clone(),
        })
        .collect();
    reader.done((came, day))
}
