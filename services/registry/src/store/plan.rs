//! Plans and training sessions (工作计划与培训).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::plan::{Milestone, PlanKind, PlanState, WorkPlan};
use crate::domain::training::{SessionState, Stage, TrainingSession};

/// What a list of sessions is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Year of work.
    pub work_year: Option<i32>,
    /// Stage.
    pub stage: Option<Stage>,
    /// State.
    pub state: Option<SessionState>,
    /// Unit that is invited or came.
    pub unit: Option<String>,
    /// Still planned for a day before this one.
    pub overdue: Option<NaiveDate>,
}

impl Document for WorkPlan {
    const TABLE: &'static str = "work_plans";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Plans, optionally of one kind, year or state.
pub async fn list_work_plans(
    connection: &mut PgConnection,
    window: &Window,
    kind: Option<PlanKind>,
    work_year: Option<i32>,
    state: Option<PlanState>,
) -> Result<Vec<Stored<WorkPlan>>> {
    let rows = sqlx::query_as!(
        document::Row::<WorkPlan>,
        r#"select district, version, body as "body: Json<WorkPlan>", create_time, update_time
           from registry.work_plans
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::integer is null or work_year = $6)
             and ($7::text is null or state = $7)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        kind.map(PlanKind::as_str),
        work_year,
        state.map(PlanState::as_str),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// Plans that are not closed with a milestone that one of these units answers for.
pub async fn of_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<Vec<Stored<WorkPlan>>> {
    let rows = sqlx::query_as!(
        document::Row::<WorkPlan>,
        r#"select district, version, body as "body: Json<WorkPlan>", create_time, update_time
           from registry.work_plans
           where district = $1 and state <> 'closed'
             and jsonb_path_query_array(body, '$.milestones[*].responsible_unit') ?| $2
           order by id for update"#,
        district.as_i32(),
        codes,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// A milestone of an adopted plan, for the list of what is overdue.
pub struct Task {
    /// Identifier of the plan.
    pub plan: String,
    /// Title of the plan.
    pub plan_title: String,
    /// The milestone.
    pub milestone: Milestone,
}

/// Which tasks are asked for, and behind which of the page before.
pub struct TaskWindow<'w> {
    /// As of which day.
    pub as_of: NaiveDate,
    /// Unit that answers for them.
    pub unit: Option<&'w str>,
    /// Unit (empty for none), day, plan and milestone of the last task of the page before.
    pub after: Option<(&'w str, NaiveDate, &'w str, &'w str)>,
    /// Rows at the most.
    pub limit: i64,
}

/// Milestones of adopted plans that are late as of a day, by the unit that answers for them and by their day.
pub async fn list_overdue(
    connection: &mut PgConnection,
    district: DistrictCode,
    window: &TaskWindow<'_>,
) -> Result<Vec<Task>> {
    let rows = sqlx::query!(
        r#"select plan.id, plan.body->>'title' as "title!", task.milestone as "milestone!: Json<Milestone>"
           from registry.work_plans plan
           cross join lateral jsonb_array_elements(plan.body->'milestones') as task(milestone)
           cross join lateral (
             select coalesce(task.milestone->>'responsible_unit', '') collate "C" as unit,
                    registry.iso_date(task.milestone->>'due_date') as due,
                    (task.milestone->>'id') collate "C" as id
           ) as key
           where plan.district = $1 and plan.state = 'adopted'
             and registry.iso_date(plan.body->>'adopt_date') <= $2 and key.due < $2
             and (task.milestone->>'state' = 'open'
                  or task.milestone->>'state' = 'done' and registry.iso_date(task.milestone->>'done_date') > $2)
             and ($3::text is null or key.unit = $3)
             and ($4::text is null or (key.unit, key.due, plan.id, key.id) > ($4, $5, $6, $7))
           order by key.unit, key.due, plan.id, key.id limit $8"#,
        district.as_i32(),
        window.as_of,
        window.unit,
        window.after.map(|after| after.0),
        window.after.map(|after| after.1),
        window.after.map(|after| after.2),
        window.after.map(|after| after.3),
        window.limit,
    )
    .fetch_all(connection)
    .await?;
    let tasks =
        rows.into_iter().map(|row| Task { plan: row.id, plan_title: row.title, milestone: row.milestone.0 });
    Ok(tasks.collect())
}

impl Document for TrainingSession {
    const TABLE: &'static str = "training_sessions";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Sessions, narrowed.
pub async fn list_training_sessions(
    connection: &mut PgConnection,
    window: &Window,
    filter: &SessionFilter,
) -> Result<Vec<Stored<TrainingSession>>> {
    let rows = sqlx::query_as!(
        document::Row::<TrainingSession>,
        r#"select district, version, body as "body: Json<TrainingSession>", create_time, update_time
           from registry.training_sessions
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::integer is null or work_year = $5)
             and ($6::text is null or stage = $6)
             and ($7::text is null or state = $7)
             and ($8::text is null
                  or jsonb_path_query_array(body, '$.audiences[*].units[*]') ? $8
                  or jsonb_path_query_array(body, '$.attendances[*].unit') ? $8)
             and ($9::date is null or state = 'planned' and registry.iso_date(body->>'hold_date') < $9)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.work_year,
        filter.stage.map(Stage::as_str),
        filter.state.map(SessionState::as_str),
        filter.unit.as_deref(),
        filter.overdue,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}
