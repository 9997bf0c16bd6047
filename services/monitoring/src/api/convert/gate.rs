//! The funding gate.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::convert;
use wenxiao_platform::identity::Role;

use super::fraction;
use crate::api::names::Names;
use crate::domain::execution::Basis;
use crate::domain::gate::{Check, Ground, GroundKind, Override, Verdict};
use crate::domain::rules::Strength;

/// The gate's answer.
pub fn check(names: Names, check: &Check) -> wire::SupplementCheck {
    let verdict = match check.verdict {
        Verdict::Allowed => wire::supplement_check::Verdict::Allowed,
        Verdict::AllowedByOverride => wire::supplement_check::Verdict::AllowedByOverride,
        Verdict::SoftBlocked => wire::supplement_check::Verdict::SoftBlocked,
        Verdict::Blocked => wire::supplement_check::Verdict::Blocked,
    };
    // Who may is said by the policies of the gate; a hard block is nobody's to override.
    let overriding = (check.verdict == Verdict::SoftBlocked).then(|| Role::FinanceHead.as_str().to_owned());
    wire::SupplementCheck {
        subject: names.subject(&check.subject),
        department: names.unit(&check.department),
        fiscal_year: check.fiscal_year.as_i32(),
        as_of_date: Some(convert::date(check.day)),
        verdict: verdict.into(),
        grounds: check.grounds.iter().map(|one| ground(names, one)).collect(),
        execution_rate: fraction(check.amounts.rate(Basis::Adjusted)),
        schedule: fraction(check.schedule.value()),
        overriding_roles: overriding.into_iter().collect(),
        explanation: Some(convert::explanation(&check.explanation)),
    }
}

fn ground(names: Names, ground: &Ground) -> wire::SupplementGround {
    let strength = match ground.strength {
        Strength::Advisory => wire::BlockStrength::Advisory,
        Strength::Soft => wire::BlockStrength::Soft,
        Strength::Hard => wire::BlockStrength::Hard,
    };
    wire::SupplementGround {
        ground: ground_kind(ground.kind),
        strength: strength.into(),
        measure: names.measure(&ground.measure),
        block_override: names.block_override(&ground.covered_by),
        summary: ground.summary.clone(),
    }
}

fn ground_kind(kind: GroundKind) -> i32 {
    let name = convert::enum_name("BLOCK_GROUND_", kind.as_str());
    wire::BlockGround::from_str_name(&name).unwrap_or_default().into()
}

/// An exception.
pub fn block_override(names: Names, exception: &Override) -> wire::BlockOverride {
    let state = match exception.revoked {
        None => wire::block_override::State::InForce,
        Some(_) => wire::block_override::State::Revoked,
    };
    let revoked = exception.revoked.as_ref();
    wire::BlockOverride {
        name: names.block_override(&exception.id),
        subject: names.subject(&exception.subject),
        department: names.unit(&exception.department),
        fiscal_year: exception.fiscal_year.as_i32(),
        grounds: exception.grounds.iter().map(|kind| ground_kind(*kind)).collect(),
        reason: exception.reason.clone(),
        limit_amount: exception.limit.map(convert::money),
        start_date: Some(convert::date(exception.start_date)),
        expire_date: Some(convert::date(exception.expire_date)),
        check: Some(check(names, &exception.check)),
        decider: exception.decider.clone(),
        state: state.into(),
        revoke_reason: revoked.map_or_else(String::new, |(reason, _)| reason.clone()),
        revoke_time: revoked.map(|(_, time)| convert::timestamp(*time)),
        create_time: Some(convert::timestamp(exception.create_time)),
        etag: exception.version.to_string(),
    }
}
