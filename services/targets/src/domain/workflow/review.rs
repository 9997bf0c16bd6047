//! The steps of those who review: remarks, passing on, returning, grading, settling, ratifying.

use chrono::NaiveDate;
use wenxiao_kernel::{Grade, Money};

use super::{Change, Judgement, Refusal, Step, given};
use crate::domain::form::{Form, Remark};
use crate::domain::objective::{DecisionKind, State, VersionKind};
use crate::domain::remark::{Desk, OpenRemark, Returned, Unlocked, pressing};
use crate::domain::rules::{Consequence, FormRules};

/// Where a form goes by the consequence of its grade (88号: four paths).
pub fn leads_to(consequence: Consequence) -> State {
    match consequence {
        Consequence::Proceed => State::Approved,
        Consequence::Consult => State::Consultation,
        Consequence::Resubmit => State::Returned,
        Consequence::Bar => State::Barred,
    }
}

impl Step<'_> {
    pub(super) fn resolve(&self, ids: &[String], reason: String) -> Result<Change, Refusal> {
        let desk = Desk::at(self.before.state);
        let own =
            |id: &String| self.before.open_remarks.iter().any(|open| open.id == *id && open.desk == desk);
        let unknown: Vec<String> = ids.iter().filter(|id| !own(id)).cloned().collect();
        if !unknown.is_empty() {
            return Err(Refusal::NoSuchRemarks(unknown));
        }
        let said = format!("{}：{reason}", ids.join("、"));
        let mut change =
            self.decided(self.before.state, DecisionKind::Resolved, said, "objective.remarks_resolved");
        change.objective.open_remarks.retain(|open| !ids.contains(&open.id));
        Ok(change)
    }

    pub(super) fn pass(&self, judgement: Judgement) -> Result<Change, Refusal> {
        let mut change =
            self.judged(State::FinanceReview, DecisionKind::DepartmentPassed, judgement, "objective.passed");
        change.objective.returned = None;
        nothing_pressing(&change, Desk::Department)?;
        Ok(change)
    }

    /// On resubmission the form comes back to the desk that returns it now.
    pub(super) fn send_back(
        &self,
        judgement: Judgement,
        unlock_all: bool,
        due_date: Option<NaiveDate>,
    ) -> Result<Change, Refusal> {
        given(&judgement.opinion, None)?;
        let back_to = match Desk::at(self.before.state) {
            Desk::Department => State::DepartmentReview,
            Desk::Finance => State::FinanceReview,
        };
        let unlocked = if unlock_all { Unlocked::All } else { self.unlocked_by(&judgement) };
        let mut change =
            self.judged(State::Returned, DecisionKind::Returned, judgement, "objective.returned");
        change.objective.returned = Some(self.returned(back_to, unlocked, due_date));
        change.objective.return_count = self.before.return_count.saturating_add(1);
        Ok(change)
    }

    /// What is open already is unlocked as well.
    fn unlocked_by(&self, judgement: &Judgement) -> Unlocked {
        let open = self.before.open_remarks.iter().map(|open| open.remark.clone());
        let all: Vec<Remark> = if judgement.resolve {
            judgement.remarks.clone()
        } else {
            open.chain(judgement.remarks.iter().cloned()).collect()
        };
        if judgement.remarks.is_empty() { Unlocked::All } else { Unlocked::by(&all) }
    }

    fn returned(&self, back_to: State, unlocked: Unlocked, due_date: Option<NaiveDate>) -> Returned {
        Returned { by: self.actor.subject.clone(), back_to, unlocked, due_date }
    }

    /// 中 is revised as a whole and goes through the full procedure again.
    pub(super) fn grade(
        &self,
        grade: Grade,
        consequence: Consequence,
        recommended: Option<Grade>,
        judgement: Judgement,
    ) -> Result<Change, Refusal> {
        let deviates = recommended.is_some_and(|recommended| recommended != grade);
        if deviates || matches!(consequence, Consequence::Resubmit | Consequence::Bar) {
            given(&judgement.opinion, recommended)?;
        }
        let mut change =
            self.judged(leads_to(consequence), DecisionKind::Graded, judgement, "objective.graded");
        change.objective.grade = Some(grade);
        change.objective.returned = None;
        match consequence {
            Consequence::Resubmit => {
                change.objective.returned = Some(self.returned(State::DepartmentReview, Unlocked::All, None));
                change.objective.return_count = self.before.return_count.saturating_add(1);
            }
            Consequence::Proceed => nothing_pressing(&change, Desk::Finance)?,
            Consequence::Consult | Consequence::Bar => {}
        }
        if let Some(decision) = &mut change.decision {
            decision.grade = Some(grade);
            decision.recommended = recommended;
        }
        Ok(change)
    }

    /// What was agreed settles every remark.
    pub(super) fn settle(
        &self,
        agreement: String,
        form: Option<Box<Form>>,
        rules: &FormRules,
    ) -> Result<Change, Refusal> {
        given(&agreement, None)?;
        let mut change =
            self.decided(State::Approved, DecisionKind::Consulted, agreement, "objective.settled");
        change.objective.open_remarks.clear();
        if let Some(form) = form {
            self.check_form(&form, rules)?;
            change.objective.form = *form;
            // Whoever wrote the settled form has submitted it, and does not ratify it as well.
            change.version = Some(self.freeze(&mut change.objective, VersionKind::Consultation, rules));
        }
        Ok(change)
    }

    pub(super) fn reopen(&self, reason: String) -> Result<Change, Refusal> {
        given(&reason, None)?;
        let mut change = self.decided(State::Returned, DecisionKind::Reopened, reason, "objective.reopened");
        change.objective.returned = Some(self.returned(State::DepartmentReview, Unlocked::All, None));
        Ok(change)
    }

    pub(super) fn ratify(&self, amount: Money, document: String) -> Result<Change, Refusal> {
        if amount.is_negative() {
            return Err(Refusal::NegativeAmount);
        }
        let mut change =
            self.decided(State::Ratified, DecisionKind::Ratified, document.clone(), "objective.ratified");
        change.objective.ratified_version = self.before.submitted_version;
        change.objective.ratified_amount = Some(amount);
        change.objective.ratification_document = document;
        change.objective.ratify_time = Some(self.now);
        change.objective.open_remarks.clear();
        if let Some(decision) = &mut change.decision {
            decision.ratified_amount = Some(amount);
        }
        Ok(change)
    }

    /// A decision with remarks: they stand beside the fields until they are settled, and in the decision for ever.
    fn judged(&self, to: State, kind: DecisionKind, judgement: Judgement, event: &'static str) -> Change {
        let desk = Desk::at(self.before.state);
        let mut change = self.decided(to, kind, judgement.opinion, event);
        let after = &mut change.objective;
        if judgement.resolve {
            after.open_remarks.retain(|open| open.desk != desk);
        }
        let new = judgement.remarks.iter().enumerate().map(|(place, remark)| OpenRemark {
            id: format!("{}-{}", after.version, place.saturating_add(1)),
            remark: remark.clone(),
            desk,
            round: self.before.submitted_version,
            author: self.actor.subject.clone(),
            time: self.now,
            answer: String::new(),
        });
        after.open_remarks.extend(new.collect::<Vec<_>>());
        if let Some(decision) = &mut change.decision {
            decision.remarks = judgement.remarks;
        }
        change
    }
}

/// A form does not leave a desk forwards with errors that the desk itself has named.
fn nothing_pressing(change: &Change, desk: Desk) -> Result<(), Refusal> {
    let open = pressing(&change.objective.open_remarks, desk);
    if open.is_empty() { Ok(()) } else { Err(Refusal::RemarksOpen(open)) }
}
