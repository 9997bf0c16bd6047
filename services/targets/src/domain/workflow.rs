//! The way of an objective from draft to ratification and through the year (绩效目标流程): one function takes every
//! step. Whether a step may be taken at all is said by [`Standing::may`].

mod adjust;
mod file;
mod review;

pub use review::leads_to;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_kernel::{Grade, Money, Secrecy};

use super::action::{Action, Actor, Standing};
use super::compare::FieldChange;
use super::form::{Form, Remark, Severity};
use super::objective::{Adjustment, DecisionKind, Objective, ObjectiveDecision, State, Version, VersionKind};
use super::precheck::{self, Draft};
use super::rules::{Consequence, FormRules};
use super::window::Filing;

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
        /// Whether the head of the unit signs what a filer submits.
        signature: bool,
        /// Whether it is time to file.
        filing: Filing,
    },
    /// 单位负责人签字.
    Sign {
        /// Words beside the signature.
        opinion: String,
    },
    /// 撤回.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// 答复审核意见.
    Answer {
        /// Remark and what the filer says to it.
        answers: Vec<(String, String)>,
    },
    /// 审核意见销号.
    Resolve {
        /// Which remarks.
        remarks: Vec<String>,
        /// Why they are settled.
        reason: String,
    },
    /// 主管部门审核通过.
    Pass {
        /// The words, and whether they settle what is open.
        judgement: Judgement,
    },
    /// 退回.
    Return {
        /// The reason with its remarks.
        judgement: Judgement,
        /// What may be changed: everything, or what the remarks name.
        unlock_all: bool,
        /// Last day for the resubmission.
        due_date: Option<NaiveDate>,
    },
    /// 财政审核定级.
    Grade {
        /// The grade.
        grade: Grade,
        /// What it leads to by the rules.
        consequence: Consequence,
        /// What the opinions recommend.
        recommended: Option<Grade>,
        /// The words.
        judgement: Judgement,
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
    /// 申请调整.
    ProposeAdjustment {
        /// The form as it should be.
        form: Box<Form>,
        /// Why, and with which amount.
        adjustment: Adjustment,
        /// By which rules the form is checked.
        rules: Arc<FormRules>,
    },
    /// 同意调整.
    ApproveAdjustment {
        /// 审核意见.
        opinion: String,
    },
    /// 不同意调整.
    RefuseAdjustment {
        /// Why not.
        reason: String,
        /// The form in force, which is shown again.
        ratified: Box<Form>,
    },
    /// 结束.
    Close {
        /// Why.
        reason: String,
    },
}

/// What a reviewer says with a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// 审核意见, or the reason.
    pub opinion: String,
    /// 逐项意见.
    pub remarks: Vec<Remark>,
    /// Whether the decision settles what the same desk has said so far and is still open.
    pub resolve: bool,
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
    /// It is not the time to file.
    Filing(Filing),
    /// The form has errors.
    Form(Vec<Remark>),
    /// These changes go beyond what the return unlocked.
    Locked(Vec<FieldChange>),
    /// These remarks must be settled first.
    RemarksOpen(Vec<String>),
    /// There are no such open remarks, or another desk raised them.
    NoSuchRemarks(Vec<String>),
    /// An adjustment that changes neither the form nor the amount.
    NothingChanged,
    /// The step needs a reason: `recommended` says which grade the opinions speak for.
    ReasonMissing {
        /// What the opinions recommend.
        recommended: Option<Grade>,
    },
    /// An amount below zero.
    NegativeAmount,
}

impl Command {
    /// What it does.
    pub fn action(&self) -> Action {
        match self {
            Self::Edit { .. } => Action::Edit,
            Self::Submit { .. } => Action::Submit,
            Self::Sign { .. } => Action::Sign,
            Self::Withdraw { .. } => Action::Withdraw,
            Self::Answer { .. } => Action::Answer,
            Self::Resolve { .. } => Action::Resolve,
            Self::Pass { .. } => Action::Pass,
            Self::Return { .. } => Action::Return,
            Self::Grade { .. } => Action::Grade,
            Self::Settle { .. } => Action::Settle,
            Self::Reopen { .. } => Action::Reopen,
            Self::Ratify { .. } => Action::Ratify,
            Self::ProposeAdjustment { .. } => Action::ProposeAdjustment,
            Self::ApproveAdjustment { .. } => Action::ApproveAdjustment,
            Self::RefuseAdjustment { .. } => Action::RefuseAdjustment,
            Self::Close { .. } => Action::Close,
        }
    }
}

impl Objective {
    /// How it stands for an actor.
    pub fn standing(&self, actor: &Actor, filing: Filing) -> Standing {
        Standing { state: self.state, own: actor.is(&self.submitter), filing }
    }

    /// The objective after a step, with what the step leaves behind; or why the step is not taken.
    pub fn apply(&self, command: Command, actor: &Actor, now: DateTime<Utc>) -> Result<Change, Refusal> {
        let filing = if let Command::Submit { filing, .. } = &command { *filing } else { Filing::Unbound };
        self.standing(actor, filing).may(command.action(), actor)?;
        let step = Step { before: self, actor, now };
        match command {
            Command::Edit { form, secrecy, subject_secrecy } => step.edit(form, secrecy, subject_secrecy),
            Command::Submit { rules, signature, .. } => step.submit(&rules, signature),
            Command::Sign { opinion } => Ok(step.sign(opinion)),
            Command::Withdraw { reason } => Ok(step.withdraw(reason)),
            Command::Answer { answers } => step.answer(&answers),
            Command::Resolve { remarks, reason } => step.resolve(&remarks, reason),
            Command::Pass { judgement } => step.pass(judgement),
            Command::Return { judgement, unlock_all, due_date } => {
                step.send_back(judgement, unlock_all, due_date)
            }
            Command::Grade { grade, consequence, recommended, judgement } => {
                step.grade(grade, consequence, recommended, judgement)
            }
            Command::Settle { agreement, form, rules } => step.settle(agreement, form, &rules),
            Command::Reopen { reason } => step.reopen(reason),
            Command::Ratify { amount, document } => step.ratify(amount, document),
            Command::ProposeAdjustment { form, adjustment, rules } => {
                step.propose_adjustment(*form, adjustment, &rules)
            }
            Command::ApproveAdjustment { opinion } => Ok(step.approve_adjustment(opinion)),
            Command::RefuseAdjustment { reason, ratified } => step.refuse_adjustment(reason, *ratified),
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
    fn close(&self, reason: String) -> Result<Change, Refusal> {
        given(&reason, None)?;
        Ok(self.decided(State::Closed, DecisionKind::Closed, reason, "objective.closed"))
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
        let decision = self.decision(to, kind, reason);
        Change { objective: self.after(to), version: None, decision: Some(decision), event }
    }

    fn decision(&self, to: State, kind: DecisionKind, reason: String) -> ObjectiveDecision {
        ObjectiveDecision {
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
        }
    }
}

fn given(reason: &str, recommended: Option<Grade>) -> Result<(), Refusal> {
    if reason.trim().is_empty() { Err(Refusal::ReasonMissing { recommended }) } else { Ok(()) }
}
