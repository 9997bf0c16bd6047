//! What the caller may do, and what waits for them (可办事项、待办). Policies say who may do such a thing at all, the
//! domain whether it is its time: the same two that decide the calls themselves.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, day_in_china, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, enum_name};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::decisions;
use crate::domain::action::{Action, Actor, Standing};
use crate::domain::objective::{Objective, State};
use crate::domain::opinion;
use crate::domain::task::{self, Task};
use crate::domain::window::{self, Window};
use crate::store::assignment::Waiting;
use crate::store::objective::Group;
use crate::{error, names, store};

/// Every transition, allowed or refused.
pub async fn actions(
    database: &Database,
    call: Call<wire::ListObjectiveActionsRequest>,
) -> Result<tonic::Response<wire::ListObjectiveActionsResponse>> {
    let (district, resource) = (call.district()?, &call.message.name);
    let [_, id] = name::segments(resource, names::OBJECTIVE)?;
    let mut read = database.read(&call).await?;
    let objective = store::objective::load(read.connection(), district, id).await?;
    let objective = objective.ok_or_else(|| Failure::not_found(resource))?;
    let permit = call.permit(decisions::facts(district, &objective))?;
    let windows =
        store::window::of_years(read.connection(), district, &[objective.fiscal_year.as_i32()]).await?;
    let filing = window::filing(&windows, &objective, day_in_china(database.clock().now()));
    let standing = objective.standing(&decisions::actor(call.principal()), filing);
    let actions = Action::ALL.iter().map(|action| answer(&call, district, &objective, standing, *action));
    Ok(permit.answer(wire::ListObjectiveActionsResponse { actions: actions.collect() }))
}

fn answer(
    call: &Call<wire::ListObjectiveActionsRequest>,
    district: DistrictCode,
    objective: &Objective,
    standing: Standing,
    action: Action,
) -> wire::ObjectiveAction {
    let actor = decisions::actor(call.principal());
    let name = names::objective(district, &objective.id);
    let permitted = call.permit_for(action.method(), decisions::facts(district, objective)).map(|_| ());
    let timely = || standing.may(action, &actor).map_err(|refusal| error::refused(refusal, &name));
    let verdict = Verdict::of(permitted.and_then(|()| timely()));
    wire::ObjectiveAction {
        method: action.method().to_owned(),
        allowed: verdict.allowed,
        refusal: verdict.refusal,
        refusal_reason: verdict.reason,
    }
}

/// Whether something may be done, as a list of what could be done says it.
pub struct Verdict {
    /// Whether it may.
    pub allowed: bool,
    /// Why not, in Chinese.
    pub refusal: String,
    /// Published reason of the refusal, without its prefix.
    pub reason: String,
}

impl Verdict {
    /// What policies and rules say.
    pub fn of(said: Result<()>) -> Self {
        let refusal = said.err();
        let reason = refusal.as_ref().map(|refusal| refusal.reason().as_str_name()).unwrap_or_default();
        Self {
            allowed: refusal.is_none(),
            refusal: refusal.as_ref().map(|refusal| refusal.chinese().to_owned()).unwrap_or_default(),
            reason: reason.trim_start_matches("ERROR_REASON_").to_owned(),
        }
    }
}

/// Which list an objective is on for a caller: what decides it besides the objective.
pub struct Lists<'c, M> {
    call: &'c Call<M>,
    actor: Actor,
}

impl<'c, M> Lists<'c, M> {
    /// The lists of whoever calls.
    pub fn of(call: &'c Call<M>) -> Self {
        Self { call, actor: decisions::actor(call.principal()) }
    }

    /// Whether the policies let the caller do such a thing to what their lists show: what they see is theirs to see,
    /// by unit or by assignment, and what they submitted is left to the domain.
    fn permitted(&self, action: Action) -> bool {
        let scope = self.call.scope();
        let facts = Facts::of("").unit(scope.unit_prefix.unwrap_or_default()).participants(scope.participant);
        self.call.permit_for(action.method(), facts).is_ok()
    }

    /// What a list is made of.
    pub fn keys(&self, task: Task) -> Vec<task::Key> {
        task::keys(task, &self.actor, &|action| self.permitted(action))
    }

    fn task(&self, key: task::Key) -> Task {
        task::of(key, &self.actor, &|action| self.permitted(action))
    }
}

/// The objectives on which a session waits for the caller's opinion, with its last day: only institutions have any.
pub async fn awaited<M>(
    connection: &mut PgConnection,
    call: &Call<M>,
    district: DistrictCode,
    fiscal_year: i32,
) -> Result<Awaited> {
    let Some(institution) = call.scope().participant else { return Ok(Awaited::new()) };
    let people: Vec<&str> = call.principal().people().collect();
    let of = Waiting::Institution { institution: &institution, fiscal_year, people: &people };
    let found = store::assignment::pending(connection, district, of).await?;
    let mut awaited = Awaited::new();
    for one in found {
        if opinion::waits_for(&one.opinions, one.reviewers, one.spoken) {
            let due = awaited.entry(one.objective).or_insert(one.due_date);
            *due = [*due, one.due_date].into_iter().flatten().min();
        }
    }
    Ok(awaited)
}

/// Objectives by id, with the last day for an opinion.
pub type Awaited = BTreeMap<String, Option<NaiveDate>>;

/// How many wait for the caller, and how many are late.
pub async fn counts(
    database: &Database,
    call: Call<wire::CountObjectiveTasksRequest>,
) -> Result<tonic::Response<wire::CountObjectiveTasksResponse>> {
    let (district, ask) = (call.district()?, &call.message);
    let permit = call.permit(Facts::of(&ask.parent))?;
    let mut read = database.read(&call).await?;
    let people: Vec<&str> = call.principal().people().collect();
    let awaited = awaited(read.connection(), &call, district, ask.fiscal_year).await?;
    let scope = call.scope();
    let groups =
        store::objective::groups(read.connection(), district, ask.fiscal_year, &people, &scope, &awaited)
            .await?;
    let mut years: Vec<i32> = groups.iter().map(|group| group.fiscal_year.as_i32()).collect();
    years.sort_unstable();
    years.dedup();
    let windows = store::window::of_years(read.connection(), district, &years).await?;
    let (today, lists) = (day_in_china(database.clock().now()), Lists::of(&call));
    let mut counts: Vec<task::Count> = Task::ALL.iter().map(|task| task::Count::of(*task)).collect();
    for group in &groups {
        let task = lists.task(group.key);
        let due = due(group, &windows);
        if let Some(count) = counts.iter_mut().find(|count| count.task == task) {
            count.add(group.count, due, today);
        }
    }
    let tasks = counts.iter().map(write).collect();
    Ok(permit.answer(wire::CountObjectiveTasksResponse { tasks }))
}

/// The last day for what comes next.
fn due(group: &Group, windows: &[Window]) -> Option<NaiveDate> {
    if group.key.awaited {
        return group.opinion_due;
    }
    let window = windows
        .iter()
        .find(|window| window.fiscal_year == group.fiscal_year && window.filing_kind == group.filing_kind);
    match group.key.state {
        State::Returned => group.return_due,
        State::Draft | State::Submitted => window.map(|window| window.due_of(&group.unit)),
        State::DepartmentReview => window.and_then(|window| window.department_due_date),
        _ => None,
    }
}

fn write(of: &task::Count) -> wire::ObjectiveTaskCount {
    let task = enum_name("OBJECTIVE_TASK_", of.task.as_str());
    wire::ObjectiveTaskCount {
        task: wire::ObjectiveTask::from_str_name(&task).unwrap_or_default().into(),
        objective_count: of.objectives,
        overdue_count: of.overdue,
        next_due_date: of.next_due.map(convert::date),
    }
}
