//! What of the plans is overdue, and who was not trained (逾期任务与未参训单位).

use chrono::NaiveDate;
use tonic::Response;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result, convert};

use super::resource::{Resource, name_of, today};
use super::wire::{Reader, optional_unit_name, unit};
use crate::domain::plan::WorkPlan;
use crate::domain::training::TrainingSession;
use crate::store::Kept;
use crate::store::plan::{self as store, Task, TaskWindow};
use crate::store::untrained::{self, Roll, Untrained};

/// Answers ListOverdueTasks.
pub async fn overdue(
    database: &Database,
    call: Call<pb::ListOverdueTasksRequest>,
) -> Result<Response<pb::ListOverdueTasksResponse>> {
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let mut reader = Reader::new(district);
    let asked_day = reader.fields.optional_date("as_of_date", ask.as_of_date.as_ref());
    let unit = reader.unit("responsible_unit", &ask.responsible_unit);
    let (asked_day, unit) = reader.done((asked_day, unit))?;
    let as_of = asked_day.unwrap_or_else(|| today(database.clock().now()));
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &format!("{asked_day:?}"), &ask.responsible_unit],
    )?;
    let due = page.key(1).and_then(|day| day.parse::<NaiveDate>().ok());
    let after = match (page.key(0), due, page.key(2), page.key(3)) {
        (Some(unit), Some(due), Some(plan), Some(milestone)) => Some((unit, due, plan, milestone)),
        _ => None,
    };
    let window =
        TaskWindow { as_of, unit: unit.as_ref().map(|unit| unit.as_str()), after, limit: page.limit() };
    let tasks = store::list_overdue(database.read(&call).await?.connection(), district, &window).await?;
    let (tasks, next_page_token) = page.cut(tasks, |task| {
        let one = &task.milestone;
        let unit = one.responsible_unit.as_ref().map(ToString::to_string).unwrap_or_default();
        let due = one.due_date.map(|day| day.to_string()).unwrap_or_default();
        vec![unit, due, task.plan.clone(), one.id.clone()]
    });
    let show = |Task { plan, plan_title, milestone }: &Task| pb::OverdueTask {
        work_plan: name_of(district, WorkPlan::COLLECTION, plan),
        work_plan_title: plan_title.clone(),
        milestone_id: milestone.id.clone(),
        title: milestone.title.clone(),
        responsible_unit: optional_unit_name(district, milestone.responsible_unit.as_ref()),
        due_date: milestone.due_date.map(convert::date),
        days_late: number(milestone.days_late(as_of).unwrap_or_default()),
        done_date: milestone.done_date.map(convert::date),
        note: milestone.note.clone(),
    };
    Ok(permit.answer(pb::ListOverdueTasksResponse {
        overdue_tasks: tasks.iter().map(show).collect(),
        next_page_token,
        as_of_date: Some(convert::date(as_of)),
    }))
}

/// Answers ListUntrainedUnits.
pub async fn untrained(
    database: &Database,
    call: Call<pb::ListUntrainedUnitsRequest>,
) -> Result<Response<pb::ListUntrainedUnitsResponse>> {
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let mut reader = Reader::new(district);
    let asked_day = reader.fields.optional_date("effective_date", ask.effective_date.as_ref());
    let session = reader.id("training_session", &ask.training_session, TrainingSession::COLLECTION);
    let (asked_day, session) = reader.done((asked_day, session))?;
    let day = asked_day.unwrap_or_else(|| today(database.clock().now()));
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.work_year, &ask.training_session, &format!("{asked_day:?}")],
    )?;
    let mut read = database.read(&call).await?;
    if let Some(id) = &session {
        let known = TrainingSession::load(read.connection(), district, id).await?.is_some();
        if !known {
            return Err(Failure::not_found(&ask.training_session));
        }
    }
    let roll = Roll {
        work_year: (ask.work_year != 0).then_some(ask.work_year),
        session: session.as_deref(),
        day,
        after: page.key(0),
        limit: page.limit(),
    };
    let (bodies, trained, rows) = untrained::list_untrained(read.connection(), district, &roll).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.code.clone()]);
    let show = |one: &Untrained| pb::UntrainedUnit {
        unit: name_of(district, "units", &one.code),
        title: one.title.clone(),
        kind: unit::kind(one.kind).into(),
        invited_count: number(one.invited),
        planned_count: number(one.planned),
    };
    Ok(permit.answer(pb::ListUntrainedUnitsResponse {
        untrained_units: rows.iter().map(show).collect(),
        next_page_token,
        unit_count: number(bodies),
        trained_count: number(trained),
        untrained_count: number(bodies.saturating_sub(trained)),
        effective_date: Some(convert::date(day)),
    }))
}

fn number(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
