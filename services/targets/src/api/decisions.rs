//! One step of one objective, the same for every transition: lock, permit, decide, save, note.

use prost::Message;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::work::{self, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::objective_wire;
use crate::domain::action::Actor;
use crate::domain::objective::Objective;
use crate::domain::workflow::{Change, Command};
use crate::{error, names, store};

/// An objective that a unit of work has locked, and the proof that the caller may do what it does.
pub struct Locked {
    /// The objective before the step.
    pub before: Box<Objective>,
    permit: Permit,
}

/// Locks the objective that the request is about and checks permission and etag.
pub async fn lock<M: Message + Addressed>(work: &mut Work<M>) -> Result<Locked> {
    let name = work.call.message.address().to_owned();
    let [_, id] = name::segments(&name, names::OBJECTIVE)?;
    let (district, ids) = (work.district, [id.to_owned()]);
    let found = store::objective::lock(work.connection(), district, &ids).await?.pop();
    let before = found.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(facts(district, &before))?;
    work.check_etag(&name, &objective_wire::etag(&before))?;
    Ok(Locked { before: Box::new(before), permit })
}

/// Takes a step and answers with the objective after it. `reason` is what the caller gave, for the audit trail.
pub async fn decide<M: Message + Addressed>(
    mut work: Work<M>,
    locked: Locked,
    command: Command,
    reason: &str,
) -> Result<Finished<wire::Objective>> {
    let change = step(&work, &locked.before, command)?;
    keep(&mut work, &locked.before, &change, reason).await?;
    let answer = objective_wire::objective(work.district, &change.objective);
    work.finish(locked.permit, answer).await
}

/// What a step makes of a locked objective, or why it may not be taken. Nothing is saved yet.
pub fn step<M: Message + Addressed>(work: &Work<M>, before: &Objective, command: Command) -> Result<Change> {
    let name = names::objective(work.district, &before.id);
    let actor = actor(work.principal());
    before.apply(command, &actor, work.now).map_err(|refusal| error::refused(refusal, &name))
}

/// Saves a step and notes it.
pub async fn keep<M: Message + Addressed>(
    work: &mut Work<M>,
    before: &Objective,
    change: &Change,
    reason: &str,
) -> Result<()> {
    let district = work.district;
    let name = names::objective(district, &before.id);
    if !store::objective::save(work.connection(), district, before, change).await? {
        return Err(Failure::etag_mismatch(name));
    }
    let after = objective_wire::objective(district, &change.objective);
    let rule_set = change.version.as_ref().map(|version| version.rule_set.clone()).unwrap_or_default();
    let noted = work::Change::new(change.event, name, change.objective.version, &after)
        .from(&objective_wire::objective(district, before))
        .by_rule_set(rule_set)
        .because(reason);
    work.record(noted);
    Ok(())
}

/// What permission to an objective depends on: its unit, and who submitted it.
pub fn facts(district: DistrictCode, objective: &Objective) -> Facts {
    Facts::of(names::objective(district, &objective.id))
        .unit(&objective.unit.code)
        .author(&objective.submitter)
}

/// Who acts, and in which offices.
pub fn actor(principal: &Principal) -> Actor {
    let finance = [Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead];
    Actor {
        subject: principal.subject.clone(),
        on_behalf_of: principal.on_behalf_of.clone(),
        head: principal.has(Role::UnitHead),
        department: principal.has(Role::DepartmentReviewer),
        finance: finance.into_iter().any(|role| principal.has(role)),
    }
}
