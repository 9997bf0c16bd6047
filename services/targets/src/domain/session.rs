//! A session of collective review (集中会审): open, fed, closed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_kernel::{FiscalYear, Grade, vocabulary};

use super::conflict::EngagementPurpose;
use super::objective;
use super::opinion::{self, Completeness, OpinionKind};
use super::rules::{Consequence, ReviewRules};

vocabulary! {
    /// Where a session stands (状态).
    SessionState {
        /// 会审中.
        Open = "open",
        /// 已结束.
        Closed = "closed",
    }
}

vocabulary! {
    /// How an objective came into a session (分配方式).
    AssignmentBasis {
        /// 指定.
        Named = "named",
        /// 抽取.
        Drawn = "drawn",
    }
}

vocabulary! {
    /// What can be done with a session (会审可办事项).
    SessionAction {
        /// 修改.
        Update = "update",
        /// 指定分配.
        Assign = "assign",
        /// 抽取分配.
        Draw = "draw",
        /// 结束.
        Close = "close",
    }
}

impl SessionAction {
    /// The call that does it, as the contract names it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Update => "UpdateReviewSession",
            Self::Assign => "AssignObjectives",
            Self::Draw => "DrawObjectives",
            Self::Close => "CloseReviewSession",
        }
    }
}

/// A session with all that decisions depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Last part of the resource name.
    pub id: String,
    /// 标题.
    pub title: String,
    /// Budget year of the objectives.
    pub fiscal_year: FiscalYear,
    /// Year of work.
    pub work_year: FiscalYear,
    /// Institution, by the last part of its resource name.
    pub institution: String,
    /// Engagement, by the last part of its resource name.
    pub engagement: String,
    /// Where it stands.
    pub state: SessionState,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day for opinions.
    pub due_date: Option<NaiveDate>,
    /// Template and bands in force when it was opened.
    pub rules: ReviewRules,
    /// 会审结论; empty while open.
    pub conclusion: String,
    /// When it was opened.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// When it was closed.
    pub close_time: Option<DateTime<Utc>>,
    /// How many changes it has seen, from 1.
    pub version: i64,
}

/// Why a session does not take something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRefusal {
    /// It is closed.
    Closed,
    /// The engagement is not one for target review.
    EngagementPurpose,
    /// The objective is of another year.
    FiscalYear,
    /// The objective does not lie in finance review.
    ObjectiveState(objective::State),
    /// The objective has been submitted again since it was assigned.
    VersionStale {
        /// Version that stands now.
        submitted: i32,
    },
    /// So many assignments that still count lack an opinion, or a reconciled one.
    Incomplete {
        /// How many.
        missing: usize,
    },
    /// Not every reviewer has spoken: there is nothing to reconcile yet.
    NothingToReconcile,
}

/// An objective, as far as a session looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Where it stands.
    pub state: objective::State,
    /// Its budget year.
    pub fiscal_year: FiscalYear,
    /// Version submitted last.
    pub submitted_version: i32,
}

/// What a session was given, as far as an opinion on it is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned<'a> {
    /// How the objective stands now.
    pub objective: Reviewed,
    /// Version under review.
    pub version: i32,
    /// Kinds and grades of the standing opinions, oldest first.
    pub opinions: &'a [(OpinionKind, Grade)],
}

impl Session {
    /// Whether a session may be opened under an engagement: assisting is not reviewing.
    pub fn may_open(purpose: EngagementPurpose) -> Result<(), SessionRefusal> {
        match purpose {
            EngagementPurpose::TargetReview => Ok(()),
            EngagementPurpose::AssistOnly | EngagementPurpose::Other => {
                Err(SessionRefusal::EngagementPurpose)
            }
        }
    }

    /// Whether it allows an action now, or why not: for the calls and for the list of what could be done. `missing`
    /// assignments that still count are not complete.
    pub fn may(&self, action: SessionAction, missing: usize) -> Result<(), SessionRefusal> {
        self.must_be_open()?;
        if action == SessionAction::Close && missing > 0 {
            return Err(SessionRefusal::Incomplete { missing });
        }
        Ok(())
    }

    /// How many of the assignments that still count, each by its standing opinions, are not complete.
    pub fn incomplete<'o>(&self, pending: impl Iterator<Item = &'o [(OpinionKind, Grade)]>) -> usize {
        let complete =
            |opinions: &[_]| opinion::completeness(opinions, self.rules.reviewers) == Completeness::Complete;
        pending.filter(|opinions| !complete(opinions)).count()
    }

    fn must_be_open(&self) -> Result<(), SessionRefusal> {
        if self.state == SessionState::Open { Ok(()) } else { Err(SessionRefusal::Closed) }
    }

    /// Whether it takes an objective.
    pub fn may_take(&self, objective: Reviewed) -> Result<(), SessionRefusal> {
        self.must_be_open()?;
        if objective.fiscal_year != self.fiscal_year {
            return Err(SessionRefusal::FiscalYear);
        }
        if objective.state != objective::State::FinanceReview {
            return Err(SessionRefusal::ObjectiveState(objective.state));
        }
        Ok(())
    }

    /// Whether it takes an opinion of such a kind, or why not: for the call and for the list of what could be done.
    pub fn may_judge(&self, kind: OpinionKind, assigned: Assigned<'_>) -> Result<(), SessionRefusal> {
        self.must_be_open()?;
        let Reviewed { state, submitted_version, .. } = assigned.objective;
        if submitted_version != assigned.version {
            return Err(SessionRefusal::VersionStale { submitted: submitted_version });
        }
        if state != objective::State::FinanceReview {
            return Err(SessionRefusal::ObjectiveState(state));
        }
        if kind == OpinionKind::Reconciled && !opinion::may_reconcile(assigned.opinions, self.rules.reviewers)
        {
            return Err(SessionRefusal::NothingToReconcile);
        }
        Ok(())
    }

    /// The session with other texts and dates.
    pub fn edited(
        &self,
        title: String,
        start_date: Option<NaiveDate>,
        due_date: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<Self, SessionRefusal> {
        self.may(SessionAction::Update, 0)?;
        let version = self.version.saturating_add(1);
        Ok(Self { title, start_date, due_date, update_time: now, version, ..self.clone() })
    }

    /// The session closed with a conclusion; `missing` assignments that still count are not complete.
    pub fn closed(
        &self,
        conclusion: String,
        missing: usize,
        now: DateTime<Utc>,
    ) -> Result<Self, SessionRefusal> {
        self.may(SessionAction::Close, missing)?;
        Ok(Self {
            state: SessionState::Closed,
            conclusion,
            close_time: Some(now),
            update_time: now,
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }
}

/// One opinion of a session, or an assignment that has none, as a summary looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The assignment.
    pub assignment: String,
    /// Unit that filed the form.
    pub unit: String,
    /// Kind and grade of the opinion; `None` when the assignment has none.
    pub opinion: Option<(OpinionKind, Grade)>,
    /// Items of the template that its problems belong to; an empty code where a problem names none.
    pub problem_items: Vec<String>,
}

/// What a session found (会审情况汇总).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Assignments.
    pub assignments: i32,
    /// Assignments with an opinion.
    pub reviewed: i32,
    /// Assignments by what is recommended, best first; those without a recommendation last.
    pub grades: Vec<(Option<Grade>, i32)>,
    /// Problems by item, most first.
    pub items: Vec<(String, i32)>,
    /// Problems by unit, most first.
    pub units: Vec<UnitFindings>,
    /// Problems in all.
    pub problems: i32,
}

/// What a session found in one unit's forms (问题清单).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFindings {
    /// The unit.
    pub unit: String,
    /// Its forms.
    pub assignments: i32,
    /// Problems in them.
    pub problems: i32,
    /// Forms that must be submitted again, or are barred.
    pub deficient: i32,
}

/// Adds up a session. `findings` come by assignment and, within one, oldest first. Where reviewers have reconciled,
/// only what they agreed on counts.
pub fn summarize(findings: &[Finding], rules: &ReviewRules) -> Summary {
    let mut summary = Summary::default();
    let mut grades: BTreeMap<(bool, Option<Grade>), i32> = BTreeMap::new();
    let mut items: BTreeMap<&str, i32> = BTreeMap::new();
    let mut units: BTreeMap<&str, UnitFindings> = BTreeMap::new();
    for of_one in findings.chunk_by(|one, other| one.assignment == other.assignment) {
        let Some(first) = of_one.first() else { continue };
        let opinions: Vec<_> = of_one.iter().filter_map(|finding| finding.opinion).collect();
        let grade = opinion::recommendation(&opinions, rules.reviewers);
        let problems = standing_problems(of_one);
        let unit = units
            .entry(&first.unit)
            .or_insert_with(|| UnitFindings { unit: first.unit.clone(), ..Default::default() });
        let deficient = grade.and_then(|grade| rules.consequence(grade));
        count(&mut summary.assignments, 1);
        count(&mut summary.reviewed, usize::from(!opinions.is_empty()));
        count(&mut summary.problems, problems.len());
        count(&mut unit.assignments, 1);
        count(&mut unit.problems, problems.len());
        count(
            &mut unit.deficient,
            usize::from(matches!(deficient, Some(Consequence::Resubmit | Consequence::Bar))),
        );
        count(grades.entry((grade.is_none(), grade)).or_default(), 1);
        for item in problems {
            count(items.entry(item).or_default(), 1);
        }
    }
    summary.grades = grades.into_iter().map(|((_, grade), forms)| (grade, forms)).collect();
    summary.items = items.into_iter().map(|(item, problems)| (item.to_owned(), problems)).collect();
    summary.items.sort_by_key(|(_, problems)| std::cmp::Reverse(*problems));
    summary.units = units.into_values().collect();
    summary.units.sort_by_key(|unit| std::cmp::Reverse(unit.problems));
    summary
}

fn standing_problems(of_one: &[Finding]) -> Vec<&str> {
    let reconciled = |finding: &&Finding| matches!(finding.opinion, Some((OpinionKind::Reconciled, _)));
    let last = of_one.iter().rev().find(reconciled);
    let counted: &[Finding] = last.map_or(of_one, std::slice::from_ref);
    counted.iter().flat_map(|finding| &finding.problem_items).map(String::as_str).collect()
}

fn count(counter: &mut i32, more: usize) {
    *counter = counter.saturating_add(i32::try_from(more).unwrap_or(i32::MAX));
}
