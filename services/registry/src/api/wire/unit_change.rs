use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert;

use super::unit_name;
use crate::api::resource::name_of;
use crate::domain::unit_change::UnitChange;

/// A change as the contract has it.
pub fn unit_change(district: DistrictCode, change: &UnitChange) -> pb::UnitChange {
    let kind = convert::enum_name("KIND_", change.kind.as_str());
    let handover = |(project, unit): (&String, &crate::domain::unit::AgencyCode)| pb::ProjectHandover {
        project: name_of(district, "projects", project),
        unit: unit_name(district, unit),
    };
    pb::UnitChange {
        name: name_of(district, "unitChanges", &change.id),
        kind: pb::unit_change::Kind::from_str_name(&kind).unwrap_or_default().into(),
        unit: unit_name(district, &change.unit),
        effective_date: Some(convert::date(change.effective_date)),
        document_number: change.document_number.clone(),
        reason: change.reason.clone(),
        former_title: change.former_title.clone(),
        title: change.title.clone(),
        former_department: unit_name(district, &change.unit.department()),
        successors: change.successors.iter().map(|code| unit_name(district, code)).collect(),
        handovers: change.handovers.iter().map(handover).collect(),
        apply_time: change.apply_time.map(convert::timestamp),
        creator: change.creator.clone(),
        create_time: Some(convert::timestamp(change.create_time)),
    }
}
