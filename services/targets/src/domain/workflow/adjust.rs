//! Changes of a ratified objective during the year (目标调整): proposed with the old one beside it, approved again.

use super::{Change, Refusal, Step, given};
use crate::domain::form::Form;
use crate::domain::objective::{Adjustment, DecisionKind, State, VersionKind};
use crate::domain::rules::FormRules;

impl Step<'_> {
    pub(super) fn propose_adjustment(
        &self,
        form: Form,
        adjustment: Adjustment,
        rules: &FormRules,
    ) -> Result<Change, Refusal> {
        given(&adjustment.reason, None)?;
        if adjustment.amount.is_some_and(|amount| amount.is_negative()) {
            return Err(Refusal::NegativeAmount);
        }
        let same_amount = adjustment.amount.is_none() || adjustment.amount == self.before.ratified_amount;
        if form == self.before.form && same_amount {
            return Err(Refusal::NothingChanged);
        }
        self.check_form(&form, rules)?;
        let mut after = self.after(State::Adjusting);
        after.form = form;
        let version = self.freeze(&mut after, VersionKind::Adjustment, rules);
        let mut decision =
            self.decision(State::Adjusting, DecisionKind::AdjustmentProposed, adjustment.reason.clone());
        decision.version = version.number;
        decision.ratified_amount = adjustment.amount;
        after.adjustment = Some(adjustment);
        Ok(Change {
            objective: after,
            version: Some(version),
            decision: Some(decision),
            event: "objective.adjustment_proposed",
        })
    }

    pub(super) fn approve_adjustment(&self, opinion: String) -> Change {
        let kind = DecisionKind::AdjustmentApproved;
        let mut change = self.decided(State::Ratified, kind, opinion, "objective.adjusted");
        let amount = self.before.adjustment.as_ref().and_then(|adjustment| adjustment.amount);
        let after = &mut change.objective;
        after.ratified_version = self.before.submitted_version;
        after.ratified_amount = amount.or(self.before.ratified_amount);
        after.ratify_time = Some(self.now);
        after.adjustment = None;
        if let Some(decision) = &mut change.decision {
            decision.ratified_amount = after.ratified_amount;
        }
        change
    }

    /// The proposal stays as a version; what is in force is shown again.
    pub(super) fn refuse_adjustment(&self, reason: String, ratified: Form) -> Result<Change, Refusal> {
        given(&reason, None)?;
        let kind = DecisionKind::AdjustmentRefused;
        let mut change = self.decided(State::Ratified, kind, reason, "objective.adjustment_refused");
        change.objective.form = ratified;
        change.objective.adjustment = None;
        Ok(change)
    }
}
