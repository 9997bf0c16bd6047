//! Objectives, versions and decisions as the contract has them.

use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject as WireSubject;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{self, enum_name};

use super::form;
use crate::domain::compare::FieldChange;
use crate::domain::objective::{Adjustment, Objective, ObjectiveDecision, State, Subject, UnitRef, Version};
use crate::domain::remark::{Place, Returned, Unlocked};
use crate::names;

/// An objective.
pub fn objective(district: DistrictCode, of: &Objective) -> wire::Objective {
    let unit = |unit: &UnitRef| names::in_district(district, "units", &unit.id);
    let filing_kind = enum_name("FILING_KIND_", of.filing_kind.as_str());
    wire::Objective {
        name: names::objective(district, &of.id),
        subject: Some(subject(district, &of.subject)),
        fiscal_year: of.fiscal_year.as_i32(),
        work_year: of.work_year.as_i32(),
        filing_kind: wire::FilingKind::from_str_name(&filing_kind).unwrap_or_default().into(),
        display_name: of.display_name.clone(),
        unit: unit(&of.unit),
        department: unit(&of.department),
        budget_account: of.account.map(convert::account).unwrap_or_default().into(),
        secrecy: convert::secrecy(of.secrecy).into(),
        content: Some(form::write(&of.form)),
        state: state(of.state).into(),
        submitted_version: of.submitted_version,
        ratified_version: of.ratified_version,
        grade: of.grade.map(convert::grade).unwrap_or_default().into(),
        return_count: of.return_count,
        open_remarks: form::write_open_remarks(&of.open_remarks),
        ratified_amount: of.ratified_amount.map(convert::money),
        ratification_document: of.ratification_document.clone(),
        submitter: of.submitter.clone(),
        submit_time: of.submit_time.map(convert::timestamp),
        ratify_time: of.ratify_time.map(convert::timestamp),
        create_time: Some(convert::timestamp(of.create_time)),
        update_time: Some(convert::timestamp(of.update_time)),
        etag: etag(of),
        version: of.version,
        open_return: of.returned.as_ref().map(open_return),
        adjustment: of.adjustment.as_ref().map(adjustment),
    }
}

fn open_return(of: &Returned) -> wire::ObjectiveReturn {
    let places: &[Place] = match &of.unlocked {
        Unlocked::All => &[],
        Unlocked::Only(places) => places,
    };
    let place =
        |of: &Place| wire::FormPlace { field: of.field.clone(), indicator_id: of.indicator_id.clone() };
    wire::ObjectiveReturn {
        returner: of.by.clone(),
        resume_state: state(of.back_to).into(),
        all_unlocked: of.unlocked == Unlocked::All,
        unlocked_places: places.iter().map(place).collect(),
        due_date: of.due_date.map(convert::date),
    }
}

fn adjustment(of: &Adjustment) -> wire::ObjectiveAdjustment {
    let kind = enum_name("ADJUSTMENT_REASON_", of.reason_kind.as_str());
    wire::ObjectiveAdjustment {
        adjustment_reason: wire::AdjustmentReason::from_str_name(&kind).unwrap_or_default().into(),
        reason: of.reason.clone(),
        adjusted_amount: of.amount.map(convert::money),
    }
}

/// A difference between two forms.
pub fn field_change(of: &FieldChange) -> wire::FieldChange {
    let mark = enum_name("CHANGE_MARK_", of.mark.as_str());
    wire::FieldChange {
        field: of.field.clone(),
        indicator_id: of.indicator_id.clone(),
        mark: wire::ChangeMark::from_str_name(&mark).unwrap_or_default().into(),
        old_value: of.old.clone(),
        new_value: of.new.clone(),
    }
}

/// The etag of an objective: its version.
pub fn etag(of: &Objective) -> String {
    of.version.to_string()
}

/// A state.
pub fn state(state: State) -> wire::objective::State {
    wire::objective::State::from_str_name(&enum_name("STATE_", state.as_str())).unwrap_or_default()
}

fn subject(district: DistrictCode, subject: &Subject) -> WireSubject {
    match subject {
        Subject::Project(id) => WireSubject::Project(names::in_district(district, "projects", id)),
        Subject::Policy(id) => WireSubject::Policy(names::in_district(district, "policies", id)),
        Subject::WholeDepartment(id) => {
            WireSubject::WholeDepartment(names::in_district(district, "units", id))
        }
    }
}

/// A version with the decisions on it.
pub fn version(
    district: DistrictCode,
    objective: &str,
    of: &Version,
    decisions: &[ObjectiveDecision],
) -> wire::ObjectiveVersion {
    let kind = enum_name("VERSION_KIND_", of.kind.as_str());
    let on_it = decisions.iter().filter(|decision| decision.version == of.number);
    wire::ObjectiveVersion {
        name: format!("{}/versions/{}", names::objective(district, objective), of.number),
        number: of.number,
        kind: wire::VersionKind::from_str_name(&kind).unwrap_or_default().into(),
        content: Some(form::write(&of.form)),
        content_hash: of.content_hash.clone(),
        submitter: of.submitter.clone(),
        submit_time: Some(convert::timestamp(of.submit_time)),
        decisions: on_it.map(decision).collect(),
        rule_set: of.rule_set.clone(),
    }
}

fn decision(of: &ObjectiveDecision) -> wire::ObjectiveDecision {
    let kind = enum_name("DECISION_KIND_", of.kind.as_str());
    wire::ObjectiveDecision {
        kind: wire::DecisionKind::from_str_name(&kind).unwrap_or_default().into(),
        from_state: state(of.from).into(),
        to_state: state(of.to).into(),
        grade: of.grade.map(convert::grade).unwrap_or_default().into(),
        recommended_grade: of.recommended.map(convert::grade).unwrap_or_default().into(),
        reason: of.reason.clone(),
        remarks: form::write_remarks(&of.remarks),
        decider: of.decider.clone(),
        decide_time: Some(convert::timestamp(of.decide_time)),
        ratified_amount: of.ratified_amount.map(convert::money),
    }
}
