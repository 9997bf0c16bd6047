//! The way of an objective from draft to ratification (绩效目标流程): one function decides every step.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use wenxiao_kernel::{Grade, Money, Secrecy};

use super::form::{Form, Remark, Severity};
use super::objective::{self, DecisionKind, Objective, ObjectiveDecision, State, Version, VersionKind};
use super::precheck::{self, Draft};
use super::rules::{Consequence, FormRules};

/// Who acts, and in which offices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Subject of the token.
    pub subject: String,
    /// 主管部门审核人.
    pub department: bool,
    /// 财政局.
    pub finance: bool,
}

/// One step on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Change the form while it may be edited.
    Edit {
        /// The new form, when it changes.
        form: Option<Box<Form>>,
        /// The new secrecy, when it changes.
        secrecy: Option<Secrecy>,
        /// How secret the subject is.
        subject_secrecy: Secrecy,
    },
    /// 送审.
    Submit {
        /// By which rules the form is checked.
        rules: Arc<FormRules>,
    },
    /// 撤回.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// 主管部门审核通过.
    Pass {
        /// 审核意见.
        opinion: String,
        /// 逐项意见.
        remarks: Vec<Remark>,
    },
    /// 退回.
    Return {
        /// 退回原因.
        reason: String,
        /// 逐项意见.
        remarks: Vec<Remark>,
    },
    /// 财政审核定级.
    Grade {
        /// The grade.
        grade: Grade,
        /// What it leads to by the rules.
        consequence: Consequence,
        /// What the opinions recommend.
        recommended: Option<Grade>,
        /// 审核意见.
        opinion: String,
        /// 逐项意见.
        remarks: Vec<Remark>,
    },
    /// 协商一致.
    Settle {
        /// What was agreed.
        agreement: String,
        /// The improved form; `None` when it stays as submitted.
        form: Option<Box<Form>>,
        /// By which rules the improved form is checked.
        rules: Arc<FormRules>,
    },
    /// 解除“差”.
    Reopen {
        /// Why.
        reason: String,
    },
    /// 批复.
    Ratify {
        /// 批复金额.
        amount: Money,
        /// 批复文号.
        document: String,
    },
    /// 结束.
    Close {
        /// Why.
        reason: String,
    },
}

/// What a step leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The objective after it.
    pub objective: Objective,
    /// The version that it froze, when it did.
    pub version: Option<Version>,
    /// The decision on the version submitted last, when it was one.
    pub decision: Option<ObjectiveDecision>,
    /// Type of the event.
    pub event: &'static str,
}

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The state does not allow it.
    State(State),
    /// The actor's office does not reach this stage.
    Office,
    /// Nobody judges what they submitted themselves.
    OwnWork,
    /// The form has errors.
    Form(Vec<Remark>),
    /// The step needs a reason: `recommended` says which grade the opinions speak for.
    ReasonMissing {
        /// What the opinions recommend.
        recommended: Option<Grade>,
    },
    /// An amount below zero.
    NegativeAmount,
}

/// Where a form goes by the consequence of its grade (88号: four paths).
pub fn leads_to(consequence: Consequence) -> State {
    match consequence {
        Consequence::Proceed => State::Approved,
        Consequence::Consult => State::Consultation,
        Consequence::Resubmit => State::Returned,
        Consequence::Bar => State::Barred,
    }
}

impl Objective {
    /// The objective after a step, with what the step leaves behind; or why the step is not taken.
    pub fn apply(&self, command: Command, actor: &Actor, now: DateTime<Utc>) -> Result<Change, Refusal> {
        let step = Step { before: self, actor, now };
        match command {
            Command::Edit { form, secrecy, subject_secrecy } => step.edit(form, secrecy, subject_secrecy),
            Command::Submit { rules } => step.submit(&rules),
            Command::Withdraw { reason } => step.withdraw(reason),
            Command::Pass { opinion, remarks } => step.pass(opinion, remarks),
            Command::Return { reason, remarks } => step.send_back(reason, remarks),
            Command::Grade { grade, consequence, recommended, opinion, remarks } => {
                step.grade(grade, consequence, recommended, opinion, remarks)
            }
            Command::Settle { agreement, form, rules } => step.settle(agreement, form, &rules),
            Command::Reopen { reason } => step.reopen(reason),
            Command::Ratify { amount, document } => step.ratify(amount, document),
            Command::Close { reason } => step.close(reason),
        }
    }
}

/// What every step looks at.
struct Step<'a> {
    before: &'a Objective,
    actor: &'a Actor,
    now: DateTime<Utc>,
}

impl Step<'_> {
    fn edit(
        &self,
        form: Option<Box<Form>>,
        secrecy: Option<Secrecy>,
        subject_secrecy: Secrecy,
    ) -> Result<Change, Refusal> {
        self.expect(&[State::Draft, State::Returned])?;
        let mut after = self.after(self.before.state);
        if let Some(form) = form {
            after.form = *form;
        }
        if let Some(asked) = secrecy {
            after.secrecy = objective::secrecy(asked, subject_secrecy);
        }
        Ok(Change { objective: after, version: None, decision: None, event: "objective.edited" })
    }

    fn submit(&self, rules: &FormRules) -> Result<Change, Refusal> {
        self.expect(&[State::Draft, State::Returned])?;
        self.check_form(&self.before.form, rules)?;
        let first = self.before.submitted_version == 0;
        let kind = if first { VersionKind::First } else { VersionKind::Resubmission };
        let mut after = self.after(State::DepartmentReview);
        after.grade = None;
        let version = self.freeze(&mut after, kind, rules);
        Ok(Change { objective: after, version: Some(version), decision: None, event: "objective.submitted" })
    }

    fn withdraw(&self, reason: String) -> Result<Change, Refusal> {
        self.expect(&[State::DepartmentReview])?;
        Ok(self.decided(State::Draft, DecisionKind::Withdrawn, reason, "objective.withdrawn"))
    }

    fn pass(&self, opinion: String, remarks: Vec<Remark>) -> Result<Change, Refusal> {
        self.expect(&[State::DepartmentReview])?;
        self.judge_others()?;
        let change =
            self.decided(State::FinanceReview, DecisionKind::DepartmentPassed, opinion, "objective.passed");
        Ok(with_remarks(change, remarks))
    }

    /// A department returns what lies with it, the finance bureau what lies with it.
    fn send_back(&self, reason: String, remarks: Vec<Remark>) -> Result<Change, Refusal> {
        const FINANCE: &[State] = &[State::FinanceReview, State::Consultation, State::Approved];
        let state = self.before.state;
        let at_department = state == State::DepartmentReview;
        let at_finance = FINANCE.contains(&state);
        if !at_department && !at_finance {
            return Err(Refusal::State(state));
        }
        if !(at_department && self.actor.department || at_finance && self.actor.finance) {
            return Err(Refusal::Office);
        }
        self.judge_others()?;
        given(&reason, None)?;
        let mut change = self.decided(State::Returned, DecisionKind::Returned, reason, "objective.returned");
        change.objective.return_count = self.before.return_count.saturating_add(1);
        Ok(with_remarks(change, remarks))
    }

    fn grade(
        &self,
        grade: Grade,
        consequence: Consequence,
        recommended: Option<Grade>,
        opinion: String,
        remarks: Vec<Remark>,
    ) -> Result<Change, Refusal> {
        self.expect(&[State::FinanceReview])?;
        self.judge_others()?;
        let deviates = recommended.is_some_and(|recommended| recommended != grade);
        if deviates || matches!(consequence, Consequence::Resubmit | Consequence::Bar) {
            given(&opinion, recommended)?;
        }
        let mut change =
            self.decided(leads_to(consequence), DecisionKind::Graded, opinion, "objective.graded");
        change.objective.grade = Some(grade);
        if consequence == Consequence::Resubmit {
            change.objective.return_count = self.before.return_count.saturating_add(1);
        }
        if let Some(decision) = &mut change.decision {
            decision.grade = Some(grade);
            decision.recommended = recommended;
        }
        Ok(with_remarks(change, remarks))
    }

    fn settle(
        &self,
        agreement: String,
        form: Option<Box<Form>>,
        rules: &FormRules,
    ) -> Result<Change, Refusal> {
        self.expect(&[State::Consultation])?;
        self.judge_others()?;
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

    fn reopen(&self, reason: String) -> Result<Change, Refusal> {
        self.expect(&[State::Barred])?;
        self.judge_others()?;
        given(&reason, None)?;
        Ok(self.decided(State::Returned, DecisionKind::Reopened, reason, "objective.reopened"))
    }

    fn ratify(&self, amount: Money, document: String) -> Result<Change, Refusal> {
        self.expect(&[State::Approved])?;
        self.judge_others()?;
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

    fn close(&self, reason: String) -> Result<Change, Refusal> {
        if matches!(self.before.state, State::Closed | State::Adjusting) {
            return Err(Refusal::State(self.before.state));
        }
        given(&reason, None)?;
        Ok(self.decided(State::Closed, DecisionKind::Closed, reason, "objective.closed"))
    }

    fn expect(&self, states: &[State]) -> Result<(), Refusal> {
        let state = self.before.state;
        if states.contains(&state) { Ok(()) } else { Err(Refusal::State(state)) }
    }

    fn judge_others(&self) -> Result<(), Refusal> {
        if self.before.submitter == self.actor.subject { Err(Refusal::OwnWork) } else { Ok(()) }
    }

    fn check_form(&self, form: &Form, rules: &FormRules) -> Result<(), Refusal> {
        let Objective { subject, display_name, .. } = self.before;
        let draft = Draft { form, subject, title: display_name, neighbours: &[] };
        let mut remarks = precheck::check(draft, rules);
        remarks.retain(|remark| remark.severity == Severity::Error);
        if remarks.is_empty() { Ok(()) } else { Err(Refusal::Form(remarks)) }
    }

    fn after(&self, state: State) -> Objective {
        let version = self.before.version.saturating_add(1);
        Objective { state, update_time: self.now, version, ..self.before.clone() }
    }

    fn freeze(&self, after: &mut Objective, kind: VersionKind, rules: &FormRules) -> Version {
        after.submitted_version = self.before.submitted_version.saturating_add(1);
        after.submitter.clone_from(&self.actor.subject);
        after.submit_time = Some(self.now);
        Version {
            number: after.submitted_version,
            kind,
            content_hash: after.form.content_hash(),
            form: after.form.clone(),
            submitter: self.actor.subject.clone(),
            submit_time: self.now,
            rule_set: rules.rule_set.clone(),
        }
    }

    fn decided(&self, to: State, kind: DecisionKind, reason: String, event: &'static str) -> Change {
        let decision = ObjectiveDecision {
            kind,
            from: self.before.state,
            to,
            version: self.before.submitted_version,
            grade: None,
            recommended: None,
            reason,
            remarks: Vec::new(),
            decider: self.actor.subject.clone(),
            decide_time: self.now,
            ratified_amount: None,
        };
        Change { objective: self.after(to), version: None, decision: Some(decision), event }
    }
}

fn given(reason: &str, recommended: Option<Grade>) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::ReasonMissing { recommended }) } else { Ok(()) }
}

/// The remarks stand beside the fields until the next decision, and in the decision for ever.
fn with_remarks(mut change: Change, remarks: Vec<Remark>) -> Change {
    change.objective.open_remarks.clone_from(&remarks);
    if let Some(decision) = &mut change.decision {
        decision.remarks = remarks;
    }
    change
}
