//! The publication (公开): a draft that collects decisions, then a frozen copy, perhaps withdrawn, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::calendar::Calendar;

use super::Refusal;
use super::decision::Decision;
use super::due::Due;
use super::rules::Rules;
use super::subject::Subject;
use super::words::{Audience, PublicationKind, Word};

/// Where a publication stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 编制中.
    Draft,
    /// 已公开.
    Published,
    /// 已撤回.
    Withdrawn,
}

impl Word for State {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Draft, "draft", "编制中"),
        (Self::Published, "published", "已公开"),
        (Self::Withdrawn, "withdrawn", "已撤回"),
    ];
}

/// What the editor of a draft chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Title.
    pub title: String,
    /// To whom it goes.
    pub audiences: Vec<Audience>,
    /// Identifiers of the decisions whose documents it holds, in order.
    pub decisions: Vec<String>,
    /// Year in which the publishing is done.
    pub work_year: i32,
    /// Year that the documents are about.
    pub evaluated_year: i32,
    /// Day from which the deadline runs.
    pub basis_date: Option<NaiveDate>,
}

/// Record of the act of publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Who published.
    pub publisher: String,
    /// When.
    pub time: DateTime<Utc>,
    /// The day, in the district's time.
    pub date: NaiveDate,
    /// Hash over the documents.
    pub content_hash: String,
    /// How many documents.
    pub document_count: i32,
}

/// Record of a withdrawal (撤回).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Why, for the file.
    pub reason: String,
    /// What readers are told.
    pub public_note: String,
    /// Who.
    pub withdrawer: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// Record of a hand-over (送达).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// In which role the receiver got it.
    pub audience: Audience,
    /// Who received it.
    pub recipient: String,
    /// Day of the hand-over or the meeting.
    pub date: NaiveDate,
    /// Number of the agenda item, letter or receipt.
    pub reference: String,
}

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Last part of its name.
    pub id: String,
    /// Kind.
    pub kind: PublicationKind,
    /// What it holds, for whom.
    pub plan: Plan,
    /// Where it stands.
    pub state: State,
    /// Set once it is published.
    pub release: Option<Release>,
    /// Set once it is withdrawn.
    pub withdrawal: Option<Withdrawal>,
    /// What was handed to whom.
    pub deliveries: Vec<Delivery>,
}

impl Publication {
    /// A new draft.
    pub fn draft(id: String, kind: PublicationKind, plan: Plan, rules: &Rules) -> Result<Self, Refusal> {
        check_plan(kind, &plan, rules)?;
        Ok(Self {
            id,
            kind,
            plan,
            state: State::Draft,
            release: None,
            withdrawal: None,
            deliveries: Vec::new(),
        })
    }

    /// Changes a draft.
    pub fn edit(&mut self, plan: Plan, rules: &Rules) -> Result<(), Refusal> {
        self.expect(State::Draft)?;
        check_plan(self.kind, &plan, rules)?;
        self.plan = plan;
        Ok(())
    }

    /// Checks that every document may go to every audience today (公开前审查): an approved decision permits it, the kind
    /// holds such documents, the subject is final and not too secret by now, whatever it was when it was approved.
    pub fn check_release(&self, entries: &[(Decision, Subject)], rules: &Rules) -> Result<(), Refusal> {
        self.expect(State::Draft)?;
        if entries.is_empty() {
            return Err(Refusal::Empty);
        }
        for (decision, subject) in entries {
            if !rules.kind(self.kind).is_some_and(|rule| rule.documents.contains(&decision.document_kind)) {
                return Err(Refusal::DocumentKindNotAllowed(decision.document_kind));
            }
            if !subject.is_final {
                return Err(Refusal::NotFinal {
                    subject: subject.name.clone(),
                    state: subject.state.clone(),
                });
            }
            for &audience in &self.plan.audiences {
                if !decision.permits(audience) {
                    return Err(Refusal::NotApproved { decision: decision.id.clone(), audience });
                }
                let secrecy = subject.secrecy.or(decision.secrecy);
                if !secrecy.is_some_and(|secrecy| rules.secrecy_allows(secrecy, audience)) {
                    return Err(Refusal::Secret { subject: subject.name.clone(), audience });
                }
            }
        }
        Ok(())
    }

    /// Records that it was published; `check_release` has passed.
    pub fn release(&mut self, release: Release) -> Result<(), Refusal> {
        self.expect(State::Draft)?;
        self.release = Some(release);
        self.state = State::Published;
        Ok(())
    }

    /// Takes it back.
    pub fn withdraw(&mut self, withdrawal: Withdrawal) -> Result<(), Refusal> {
        self.expect(State::Published)?;
        self.withdrawal = Some(withdrawal);
        self.state = State::Withdrawn;
        Ok(())
    }

    /// Records a hand-over of the published copy.
    pub fn deliver(&mut self, delivery: Delivery) -> Result<(), Refusal> {
        self.expect(State::Published)?;
        if !self.plan.audiences.contains(&delivery.audience) {
            return Err(Refusal::AudienceNotAllowed(delivery.audience));
        }
        self.deliveries.push(delivery);
        Ok(())
    }

    /// Whether anyone may read it.
    pub fn is_public(&self) -> bool {
        self.plan.audiences.contains(&Audience::Public)
    }

    /// Its deadline by the kind's rule; none without a rule or a basis date.
    pub fn due(&self, rules: &Rules, calendar: &Calendar) -> Option<Due> {
        let rule = rules.kind(self.kind)?.deadline.as_ref()?;
        Due::under(rule, calendar, self.plan.basis_date?)
    }

    /// Whether it was, or is by `today`, late.
    pub fn is_overdue(&self, due: &Due, today: NaiveDate) -> bool {
        self.release.as_ref().map_or(today, |release| release.date) > due.day
    }

    fn expect(&self, state: State) -> Result<(), Refusal> {
        if self.state == state { Ok(()) } else { Err(Refusal::State { state: self.state.as_str() }) }
    }
}

fn check_plan(kind: PublicationKind, plan: &Plan, rules: &Rules) -> Result<(), Refusal> {
    let rule =
        rules.kind(kind).ok_or(Refusal::Field { field: "kind", problem: "no rule knows this kind" })?;
    match plan.audiences.iter().find(|audience| !rule.audiences.contains(audience)) {
        Some(&audience) => Err(Refusal::AudienceNotAllowed(audience)),
        None => Ok(()),
    }
}
