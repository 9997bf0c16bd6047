//! Proposals for the indicator library (申请入库).

use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::identity::Role;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::resource::{self, Around, Resource, name_of, today};
use super::wire::Reader;
use super::wire::unit::require_owners;
use crate::domain::indicator::{Indicator, Proposal};
use crate::domain::project::Project;
use crate::store::Kept;

/// Enters an indicator as a proposal of a unit.
pub async fn propose(mut work: Work<pb::ProposeIndicatorRequest>) -> Result<Finished<pb::Indicator>> {
    let (district, ask, now) = (work.district, work.call.message.clone(), work.now);
    let mut reader = Reader::new(district);
    let unit = reader.required_unit("unit", &ask.unit);
    let project = reader.id("project", &ask.project, Project::COLLECTION);
    let (unit, project) = reader.done((unit, project))?;
    let id = if ask.indicator_id.is_empty() { work.new_id() } else { ask.indicator_id };
    let name = name_of(district, Indicator::COLLECTION, &id);
    let permit = work.permit(Facts::of(name).unit(unit.as_str()))?;
    let mut indicator = Indicator::read(&ask.indicator.unwrap_or_default(), id, Reader::new(district), None)?;
    require_project(&mut work, project.as_deref(), unit.as_str()).await?;
    let by_department = work.principal().roles.contains(&Role::DepartmentReviewer);
    let proposer = work.principal().subject.clone();
    let proposed =
        Proposal { unit, project, reason: ask.reason, proposer, propose_time: now, endorse_time: None };
    let proposer_unit = proposed.unit.clone();
    indicator.propose(proposed, by_department);
    let day = today(now);
    let around = Around { connection: work.connection(), district, today: day };
    require_owners(around, &[proposer_unit]).await?;
    indicator.admit(None, Around { connection: work.connection(), district, today: day }).await?;
    let answer = resource::enter(&mut work, indicator, "indicator.proposed").await?;
    work.finish(permit, answer).await
}

/// A project that is named exists and is the proposing unit's, or one of a unit below it.
async fn require_project(
    work: &mut Work<pb::ProposeIndicatorRequest>,
    project: Option<&str>,
    unit: &str,
) -> Result<()> {
    let Some(id) = project else { return Ok(()) };
    let district = work.district;
    let found = Project::load(work.connection(), district, id).await?;
    let own = found.is_some_and(|found| found.value.implementing_unit.as_str().starts_with(unit));
    // Somebody else's project is not told apart from one that does not exist.
    if own { Ok(()) } else { Err(Failure::reference_not_found(name_of(district, Project::COLLECTION, id))) }
}
