//! The disclosure decision (公开决定): filled in, submitted, approved or returned; an approved one is only ever superseded.

use chrono::{DateTime, Utc};
use wenxiao_kernel::{PrintedAmount, Secrecy};

use super::Refusal;
use super::rules::Rules;
use super::subject::Subject;
use super::words::{Audience, DocumentKind, WithholdGround, Word};

/// Where a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 填报中.
    Draft,
    /// 已送审.
    Submitted,
    /// 被退回.
    Returned,
    /// 已审定.
    Approved,
    /// 已被取代.
    Superseded,
}

impl Word for State {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Draft, "draft", "填报中"),
        (Self::Submitted, "submitted", "已送审"),
        (Self::Returned, "returned", "被退回"),
        (Self::Approved, "approved", "已审定"),
        (Self::Superseded, "superseded", "已被取代"),
    ];
}

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// 公开, up to the audience.
    Publish(Audience),
    /// 不公开, on the ground.
    Withhold(WithholdGround),
}

/// What the proposer writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Title; empty takes the subject's.
    pub title: String,
    /// Publish or withhold.
    pub ruling: Ruling,
    /// Why.
    pub reason: String,
    /// The provision relied on, in the officer's words.
    pub legal_basis: String,
    /// Amount shown to the public, when it is not the subject's own.
    pub public_amount: Option<PrintedAmount>,
}

/// A disclosure decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Last part of its name.
    pub id: String,
    /// The object that the document shows.
    pub subject: String,
    /// What the document shows of it.
    pub document_kind: DocumentKind,
    /// What is proposed or decided.
    pub proposal: Proposal,
    /// Unit that the subject belongs to; empty for district-wide subjects.
    pub unit: String,
    /// Year that the subject is about.
    pub evaluated_year: i32,
    /// Secrecy of the subject when the decision was approved.
    pub secrecy: Option<Secrecy>,
    /// Who filled it in or submitted it last.
    pub proposer: String,
    /// Who approved it, and when.
    pub approval: Option<(String, DateTime<Utc>)>,
    /// Last opinion with which it was returned.
    pub return_opinion: String,
    /// Where it stands.
    pub state: State,
}

impl Decision {
    /// A new draft about a subject. The subject must have a document of that kind.
    pub fn draft(
        id: String,
        kind: DocumentKind,
        subject: &Subject,
        proposal: Proposal,
        proposer: &str,
    ) -> Result<Self, Refusal> {
        if !subject.content.kinds().contains(&kind) {
            return Err(Refusal::Field {
                field: "document_kind",
                problem: "the subject has no such document",
            });
        }
        check(&proposal)?;
        Ok(Self {
            id,
            subject: subject.name.clone(),
            document_kind: kind,
            proposal,
            unit: subject.unit.clone(),
            evaluated_year: subject.evaluated_year,
            secrecy: None,
            proposer: proposer.to_owned(),
            approval: None,
            return_opinion: String::new(),
            state: State::Draft,
        })
    }

    /// Changes what is proposed (修改).
    pub fn edit(&mut self, proposal: Proposal, editor: &str) -> Result<(), Refusal> {
        self.expect(&[State::Draft, State::Returned])?;
        check(&proposal)?;
        self.proposal = proposal;
        editor.clone_into(&mut self.proposer);
        Ok(())
    }

    /// Hands it to the approver (送审).
    pub fn submit(&mut self, proposer: &str) -> Result<(), Refusal> {
        self.expect(&[State::Draft, State::Returned])?;
        proposer.clone_into(&mut self.proposer);
        self.state = State::Submitted;
        Ok(())
    }

    /// Returns it (退回).
    pub fn send_back(&mut self, opinion: &str) -> Result<(), Refusal> {
        self.expect(&[State::Submitted])?;
        opinion.clone_into(&mut self.return_opinion);
        self.state = State::Returned;
        Ok(())
    }

    /// Approves it (审定): by somebody else, and never beyond what the subject's secrecy allows. A subject that is not
    /// final may be withheld, not published. Approving is a person's word that an unmarked subject is not secret.
    pub fn approve(
        &mut self,
        approver: &str,
        subject: &Subject,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.expect(&[State::Submitted])?;
        if approver == self.proposer {
            return Err(Refusal::OwnProposal);
        }
        let secrecy = subject.secrecy.unwrap_or(Secrecy::None);
        if let Ruling::Publish(audience) = self.proposal.ruling {
            if !subject.is_final {
                return Err(Refusal::NotFinal {
                    subject: subject.name.clone(),
                    state: subject.state.clone(),
                });
            }
            if !rules.secrecy_allows(secrecy, audience) {
                return Err(Refusal::Secret { subject: subject.name.clone(), audience });
            }
        }
        self.secrecy = Some(secrecy);
        self.approval = Some((approver.to_owned(), now));
        self.state = State::Approved;
        Ok(())
    }

    /// A later decision about the same document is in force now.
    pub fn supersede(&mut self) -> Result<(), Refusal> {
        self.expect(&[State::Approved])?;
        self.state = State::Superseded;
        Ok(())
    }

    /// Whether its document may go to the audience.
    pub fn permits(&self, audience: Audience) -> bool {
        self.state == State::Approved
            && matches!(self.proposal.ruling, Ruling::Publish(widest) if widest.reaches(audience))
    }

    fn expect(&self, states: &[State]) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(Refusal::State { state: self.state.as_str() }) }
    }
}

fn check(proposal: &Proposal) -> Result<(), Refusal> {
    match proposal.ruling {
        Ruling::Withhold(_) if proposal.reason.trim().is_empty() => {
            Err(Refusal::Field { field: "reason", problem: "withholding needs a reason" })
        }
        _ => Ok(()),
    }
}
