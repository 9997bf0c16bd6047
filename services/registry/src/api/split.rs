//! SplitUnit (分设): which unit takes over what, and whether the old one goes on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::reform::{self, Decision, Reform};
use super::resource::{self, Around, Resource, name_of, today};
use super::unit_commands::{ending, heir, shown};
use super::wire::Reader;
use crate::domain::policy::Policy;
use crate::domain::project::Project;
use crate::domain::unit::{AgencyCode, Unit};
use crate::domain::unit_change::{UnitChange, UnitChangeKind};
use crate::domain::{Checks, Refusal};
use crate::store::{self, Kept};

/// The units that take over, and what goes to each.
#[derive(Default)]
struct Parts {
    /// Units that begin.
    entered: Vec<Unit>,
    /// All units that take over, in the order of the parts.
    successors: Vec<AgencyCode>,
    /// Which project goes to which.
    projects: BTreeMap<String, AgencyCode>,
    /// Which policy goes to which.
    policies: BTreeMap<String, AgencyCode>,
}

impl Parts {
    async fn read(work: &mut Work<pb::SplitUnitRequest>, day: NaiveDate) -> Result<Self> {
        let (district, asked) = (work.district, work.call.message.parts.clone());
        let mut parts = Self::default();
        for (place, part) in asked.iter().enumerate() {
            let (unit, is_new) = part_unit(work, part, place, day).await?;
            let field = |name: &str| format!("parts[{place}].{name}");
            let mut reader = Reader::new(district);
            let code = &unit.agency_code;
            let (projects, policies) = (Project::COLLECTION, Policy::COLLECTION);
            assign(&mut reader, &mut parts.projects, code, &part.projects, projects, &field(projects));
            assign(&mut reader, &mut parts.policies, code, &part.policies, policies, &field(policies));
            reader.done(())?;
            parts.successors.push(unit.agency_code.clone());
            parts.entered.extend(Some(unit).filter(|_| is_new));
        }
        Ok(parts)
    }

    /// Whether a unit may be split so, as far as it shows without what is the unit's.
    fn check(&self, unit: &Unit, unit_goes_on: bool) -> Result<()> {
        let mut checks = Checks::default();
        let distinct: BTreeSet<&AgencyCode> = self.successors.iter().collect();
        checks.rule(distinct.len() == self.successors.len(), "parts", "分设单位重复", "name a unit twice");
        checks.rule(
            unit_goes_on || self.successors.len() > 1,
            "parts",
            "原单位不保留时至少分设两个单位",
            "must be two at the least when the unit ends",
        );
        checks.rule(
            !distinct.contains(&unit.agency_code),
            "parts",
            "分设单位不能是该单位自己",
            "name the unit itself",
        );
        Ok(checks.done()?)
    }

    /// Refuses unless everything that is assigned is the unit's on the day of the split, or some time after it.
    async fn check_owned(
        &self,
        work: &mut Work<pb::SplitUnitRequest>,
        unit: &AgencyCode,
        day: NaiveDate,
    ) -> Result<()> {
        let district = work.district;
        let mut checks = Checks::default();
        let mut owned = |collection: &str, id: &str, owned: bool| {
            checks.rule(
                owned,
                "parts",
                format!("“{collection}/{id}”不属于该单位"),
                format!("{collection}/{id} is not the unit's"),
            );
        };
        let ids: Vec<String> = self.projects.keys().cloned().collect();
        let found = store::project::load_many(work.connection(), district, &ids).await?;
        for id in &ids {
            let missing = || Refusal::Missing(name_of(district, Project::COLLECTION, id));
            let project = &found.get(id).ok_or_else(missing)?.value;
            owned(Project::COLLECTION, id, project.owned_from(unit, day));
        }
        let ids: Vec<String> = self.policies.keys().cloned().collect();
        let found = store::policy::load_many(work.connection(), district, &ids).await?;
        for id in &ids {
            let missing = || Refusal::Missing(name_of(district, Policy::COLLECTION, id));
            let policy = &found.get(id).ok_or_else(missing)?.value;
            owned(Policy::COLLECTION, id, policy.owned_from(unit, day));
        }
        Ok(checks.done()?)
    }

    /// What the change hands over.
    fn fill(self, change: &mut UnitChange) -> Vec<Unit> {
        change.entered = self.entered.iter().map(|unit| unit.agency_code.clone()).collect();
        (change.successors, change.handovers, change.policy_handovers) =
            (self.successors, self.projects, self.policies);
        self.entered
    }
}

/// SplitUnit.
pub async fn split(mut work: Work<pb::SplitUnitRequest>) -> Result<Finished<pb::Unit>> {
    let (before, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let ask = work.call.message.clone();
    let mut reader = Reader::new(work.district);
    let effective_date = reader.fields.date("effective_date", ask.effective_date.as_ref());
    let effective_date = reader.done(effective_date)?;
    let parts = Parts::read(&mut work, effective_date).await?;
    parts.check(&before.value, ask.unit_goes_on)?;
    let code = before.value.agency_code.clone();
    parts.check_owned(&mut work, &code, effective_date).await?;
    let decision = Decision::new(&work, effective_date, ask.document_number, ask.reason);
    let mut change = decision.change(&work, &before.value, UnitChangeKind::Split);
    change.unit_goes_on = ask.unit_goes_on;
    let entered = parts.fill(&mut change);
    let changed = if change.unit_goes_on {
        before.value.check_lasts(effective_date)?;
        let unit = before.value.clone();
        vec![(before, unit, change)]
    } else {
        vec![ending(&mut work, before, change, &[]).await?]
    };
    reform::enter(&mut work, Reform { entered, changed }).await?;
    let answer = shown(&mut work, &code).await?;
    work.finish(permit, answer).await
}

/// The unit of one part, and whether it is new.
async fn part_unit(
    work: &mut Work<pb::SplitUnitRequest>,
    part: &pb::SplitPart,
    place: usize,
    day: NaiveDate,
) -> Result<(Unit, bool)> {
    let (district, today) = (work.district, today(work.now));
    let mut wire = part.unit.clone().unwrap_or_default();
    let known = match wire.agency_code.parse::<AgencyCode>() {
        Ok(code) => Unit::load(work.connection(), district, code.as_str()).await?,
        Err(_) => {
            let field = format!("parts[{place}].unit.agency_code");
            let (chinese, english) = ("单位代码不正确", "is not an agency code");
            return Err(Failure::invalid_field(field, chinese, english));
        }
    };
    if let Some(known) = known {
        return Ok((heir(work, &known.value.agency_code, day).await?.value, false));
    }
    wire.start_date = Some(wenxiao_platform::convert::date(day));
    let mut unit = Unit::read(&wire, wire.agency_code.clone(), Reader::new(district), None)?;
    unit.admit(None, Around { connection: work.connection(), district, today }).await?;
    Ok((unit, true))
}

/// Notes what of a collection goes to one part: each to one part only.
fn assign(
    reader: &mut Reader,
    handovers: &mut BTreeMap<String, AgencyCode>,
    unit: &AgencyCode,
    names: &[String],
    collection: &str,
    field: &str,
) {
    for name in names {
        let Some(id) = reader.id(field, name, collection) else { continue };
        if handovers.insert(id, unit.clone()).is_some() {
            reader.fields.reject(field, "只能归属一个分设单位", "goes to one part only");
        }
    }
}
