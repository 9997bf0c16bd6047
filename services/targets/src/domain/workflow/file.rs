//! The unit's own steps: write, submit, sign, take back, answer.

use wenxiao_kernel::Secrecy;

use super::{Change, Refusal, Step};
use crate::domain::compare;
use crate::domain::form::Form;
use crate::domain::objective::{self, DecisionKind, State, VersionKind};
use crate::domain::remark::OpenRemark;
use crate::domain::rules::FormRules;

impl Step<'_> {
    pub(super) fn edit(
        &self,
        form: Option<Box<Form>>,
        secrecy: Option<Secrecy>,
        subject_secrecy: Secrecy,
    ) -> Result<Change, Refusal> {
        let mut after = self.after(self.before.state);
        if let Some(form) = form {
            self.keep_within_the_return(&form)?;
            after.form = *form;
        }
        if let Some(asked) = secrecy {
            after.secrecy = objective::secrecy(asked, subject_secrecy);
        }
        Ok(Change { objective: after, version: None, decision: None, event: "objective.edited" })
    }

    /// What was not returned stays as it was reviewed.
    fn keep_within_the_return(&self, form: &Form) -> Result<(), Refusal> {
        let Some(returned) = &self.before.returned else { return Ok(()) };
        let mut changes = compare::compare(&self.before.form, form);
        changes.retain(|change| !returned.unlocked.covers(change));
        if changes.is_empty() { Ok(()) } else { Err(Refusal::Locked(changes)) }
    }

    /// A head who submits has signed. A resubmission goes to the desk that returned the form.
    pub(super) fn submit(&self, rules: &FormRules, signature: bool) -> Result<Change, Refusal> {
        self.check_form(&self.before.form, rules)?;
        let first = self.before.submitted_version == 0;
        let kind = if first { VersionKind::First } else { VersionKind::Resubmission };
        let waits = signature && !self.actor.head;
        let mut after = self.after(if waits { State::Submitted } else { self.next_desk() });
        after.grade = None;
        let version = self.freeze(&mut after, kind, rules);
        Ok(Change { objective: after, version: Some(version), decision: None, event: "objective.submitted" })
    }

    pub(super) fn sign(&self, opinion: String) -> Change {
        self.decided(self.next_desk(), DecisionKind::Signed, opinion, "objective.signed")
    }

    fn next_desk(&self) -> State {
        self.before.returned.as_ref().map_or(State::DepartmentReview, |returned| returned.back_to)
    }

    /// What was returned before is as locked as it was.
    pub(super) fn withdraw(&self, reason: String) -> Change {
        let to = if self.before.returned.is_some() { State::Returned } else { State::Draft };
        self.decided(to, DecisionKind::Withdrawn, reason, "objective.withdrawn")
    }

    pub(super) fn answer(&self, answers: &[(String, String)]) -> Result<Change, Refusal> {
        let open = &self.before.open_remarks;
        let known = |id: &str| open.iter().any(|remark| remark.id == id);
        let unknown: Vec<String> =
            answers.iter().map(|(id, _)| id).filter(|id| !known(id)).cloned().collect();
        if !unknown.is_empty() {
            return Err(Refusal::NoSuchRemarks(unknown));
        }
        let said = answers.iter().map(|(id, answer)| format!("{id}：{answer}")).collect::<Vec<_>>();
        let mut change = self.decided(
            self.before.state,
            DecisionKind::Answered,
            said.join("\n"),
            "objective.remarks_answered",
        );
        let answered = |open: &OpenRemark| {
            let answer = answers.iter().rev().find(|(id, _)| *id == open.id);
            answer.map_or_else(|| open.answer.clone(), |(_, answer)| answer.clone())
        };
        for remark in &mut change.objective.open_remarks {
            remark.answer = answered(remark);
        }
        Ok(change)
    }
}
