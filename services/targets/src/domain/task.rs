//! What waits for whom (待办): each objective that a caller sees is exactly one task of theirs, so that the counts add
//! up to the list. Derived from [`Standing::may`], like the calls themselves.

use chrono::NaiveDate;
use wenxiao_kernel::vocabulary;

use super::action::{Action, Actor, Standing};
use super::objective::State;
use super::window::Filing;

vocabulary! {
    /// Which of the lists an objective is on (待办类型).
    Task {
        /// 待送审: a draft that the caller may submit.
        ToSubmit = "to_submit",
        /// 被退回: returned, and the caller may submit it again.
        Returned = "returned",
        /// 待审核: the caller may sign, judge or ratify it now, or a session waits for their opinion.
        ToReview = "to_review",
        /// 未送审: still with the unit, and not the caller's to submit.
        Preparing = "preparing",
        /// 已送审: on its way, and somebody else's turn.
        Submitted = "submitted",
        /// 终审: ratified, barred or closed.
        Final = "final",
    }
}

/// What moves a form on when its turn has come.
const TURNS: [Action; 6] =
    [Action::Sign, Action::Pass, Action::Grade, Action::Settle, Action::Ratify, Action::ApproveAdjustment];

/// Which list of a caller an objective is on. `permitted` says whether the policies let the caller do such a thing at
/// all.
pub fn of(key: Key, actor: &Actor, permitted: &dyn Fn(Action) -> bool) -> Task {
    let standing = key.standing();
    let can = |action: Action| permitted(action) && standing.may(action, actor).is_ok();
    match standing.state {
        State::Draft if can(Action::Submit) => Task::ToSubmit,
        State::Returned if can(Action::Submit) => Task::Returned,
        State::FinanceReview if key.awaited => Task::ToReview,
        _ if TURNS.into_iter().any(can) => Task::ToReview,
        State::Draft | State::Returned => Task::Preparing,
        State::Ratified | State::Barred | State::Closed => Task::Final,
        _ => Task::Submitted,
    }
}

/// What decides which list an objective is on, and nothing else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it stands.
    pub state: State,
    /// Whether the caller submitted what stands there.
    pub own: bool,
    /// Whether a session waits for the caller's opinion on it.
    pub awaited: bool,
}

impl Key {
    /// Every one there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |state: &State| {
            let state = *state;
            let pairs = [(false, false), (false, true), (true, false), (true, true)];
            pairs.map(|(own, awaited)| Self { state, own, awaited })
        };
        State::ALL.iter().flat_map(of)
    }

    /// How such an objective stands on the lists, whatever the day: a task does not vanish with its deadline.
    fn standing(self) -> Standing {
        Standing { state: self.state, own: self.own, filing: Filing::Unbound }
    }
}

/// Every combination that makes up a list, for the query that shows it.
pub fn keys(task: Task, actor: &Actor, permitted: &dyn Fn(Action) -> bool) -> Vec<Key> {
    Key::all().filter(|key| of(*key, actor, permitted) == task).collect()
}

/// How long a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which.
    pub task: Task,
    /// Objectives on it.
    pub objectives: i32,
    /// Those that are late.
    pub overdue: i32,
    /// The next last day that is still to come.
    pub next_due: Option<NaiveDate>,
}

impl Count {
    /// An empty list.
    pub fn of(task: Task) -> Self {
        Self { task, objectives: 0, overdue: 0, next_due: None }
    }

    /// Adds objectives with the same last day. What is final is never late.
    pub fn add(&mut self, objectives: i32, due: Option<NaiveDate>, today: NaiveDate) {
        self.objectives = self.objectives.saturating_add(objectives);
        let Some(due) = due.filter(|_| self.task != Task::Final) else { return };
        if due < today {
            self.overdue = self.overdue.saturating_add(objectives);
        } else {
            self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
        }
    }
}
