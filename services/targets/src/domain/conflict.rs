//! Conflicts of interest (利益冲突回避): who pays an institution, or was helped by it, is not reviewed by it.

use serde::{Deserialize, Serialize};

use super::rules::ConflictRules;

/// What an institution is hired for, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngagementPurpose {
    /// 目标审核.
    TargetReview,
    /// 仅协助: helps with clerical parts and never signs anything.
    AssistOnly,
    /// Anything else.
    Other,
}

/// An engagement of an institution (委托).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engagement {
    /// What for.
    pub purpose: EngagementPurpose,
    /// Year of work.
    pub work_year: i32,
    /// Agency code of the unit that hired it.
    pub principal_code: String,
    /// Agency codes of the units that it is about; empty when it names none.
    pub unit_codes: Vec<String>,
}

/// Why an institution does not get a unit's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The unit, or one above or below it, is the institution's principal.
    Principal,
    /// The institution assists the unit, or one above or below it.
    Assisted,
}

impl Conflict {
    /// Identifier of the rule.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Principal => "conflict.principal",
            Self::Assisted => "conflict.assisted",
        }
    }
}

/// The conflict between an institution and a unit whose form it would review, if there is one.
///
/// `reviewing` is the engagement under which it reviews, `others` all that it ever had.
pub fn find(
    reviewing: &Engagement,
    others: &[Engagement],
    unit_code: &str,
    rules: &ConflictRules,
) -> Option<Conflict> {
    if !rules.enforced {
        return None;
    }
    if related(&reviewing.principal_code, unit_code) {
        return Some(Conflict::Principal);
    }
    let oldest = reviewing.work_year.saturating_sub(rules.cooling_years);
    let assists = others.iter().filter(|other| {
        other.purpose == EngagementPurpose::AssistOnly
            && (oldest..=reviewing.work_year).contains(&other.work_year)
    });
    let mut codes = assists.flat_map(|other| {
        let own = other.unit_codes.is_empty().then_some(&other.principal_code);
        other.unit_codes.iter().chain(own)
    });
    codes.any(|code| related(code, unit_code)).then_some(Conflict::Assisted)
}

/// Whether one of two units lies in the branch of the other: codes are hierarchical in segments of three.
fn related(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && (one.starts_with(other) || other.starts_with(one))
}
