use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert;

use super::unit_name;
use crate::api::resource::{Resource, name_of};
use crate::domain::policy::Policy;
use crate::domain::project::Project;
use crate::domain::unit_change::UnitChange;

/// A change's resource name.
pub fn unit_change_name(district: DistrictCode, id: &str) -> String {
    name_of(district, "unitChanges", id)
}

/// A change as the contract has it.
pub fn unit_change(district: DistrictCode, change: &UnitChange) -> pb::UnitChange {
    let kind = convert::enum_name("KIND_", change.kind.as_str());
    let cancelled = change.cancellation.as_ref();
    pb::UnitChange {
        name: unit_change_name(district, &change.id),
        kind: pb::unit_change::Kind::from_str_name(&kind).unwrap_or_default().into(),
        unit: unit_name(district, &change.unit),
        effective_date: Some(convert::date(change.effective_date)),
        document_number: change.document_number.clone(),
        reason: change.reason.clone(),
        former_title: change.former_title.clone(),
        title: change.title.clone(),
        former_department: unit_name(district, &change.unit.department()),
        successors: change.successors.iter().map(|code| unit_name(district, code)).collect(),
        handovers: change
            .handovers
            .iter()
            .map(|(id, unit)| pb::ProjectHandover {
                project: name_of(district, Project::COLLECTION, id),
                unit: unit_name(district, unit),
            })
            .collect(),
        apply_time: change.apply_time.map(convert::timestamp),
        creator: change.creator.clone(),
        create_time: Some(convert::timestamp(change.create_time)),
        decision: change.decision.clone(),
        entered_units: change.entered.iter().map(|code| unit_name(district, code)).collect(),
        unit_goes_on: change.unit_goes_on,
        policy_handovers: change
            .policy_handovers
            .iter()
            .map(|(id, unit)| pb::PolicyHandover {
                policy: name_of(district, Policy::COLLECTION, id),
                unit: unit_name(district, unit),
            })
            .collect(),
        cancel_time: cancelled.map(|of| convert::timestamp(of.time)),
        canceller: cancelled.map(|of| of.canceller.clone()).unwrap_or_default(),
        cancel_reason: cancelled.map(|of| of.reason.clone()).unwrap_or_default(),
        etag: change.version.to_string(),
        version: change.version,
    }
}
