//! The self-evaluation of one year's spending (自评任务).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::vocabulary;

use super::{Failure, Result};

vocabulary! {
    /// Whether forms are taken (状态).
    State {
        /// 进行中.
        Open = "open",
        /// 已结束.
        Closed = "closed",
    }
}

/// A task (自评任务).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Title.
    pub title: String,
    /// Year whose spending is evaluated.
    pub evaluated_year: i32,
    /// Year in which the work is done.
    pub work_year: i32,
    /// Day from which forms are taken.
    pub start_date: Option<NaiveDate>,
    /// Day by which forms are due.
    pub due_date: Option<NaiveDate>,
    /// What is asked for.
    pub description: String,
    /// Rule set by which forms are scored.
    pub rule_set: String,
    /// Whether forms are taken.
    pub state: State,
}

impl Task {
    /// Checks a task as it is started or changed: spending is evaluated after it happened.
    pub fn check(&self) -> Result<()> {
        if self.title.trim().is_empty() {
            return Err(Failure::Incomplete { missing: vec!["title".to_owned()] });
        }
        if self.evaluated_year > self.work_year {
            return Err(Failure::invalid("evaluated_year", "a year is evaluated in that year or later"));
        }
        match (self.start_date, self.due_date) {
            (Some(start), Some(due)) if due < start => {
                Err(Failure::invalid("due_date", "forms are due before they are taken"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses when no forms are taken any more.
    pub fn require_open(&self, name: &str) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            State::Closed => Err(Failure::TaskClosed { task: name.to_owned() }),
        }
    }

    /// Ends the task.
    pub fn close(&mut self) -> Result<()> {
        if self.state == State::Closed {
            return Err(Failure::state("closed"));
        }
        self.state = State::Closed;
        Ok(())
    }
}
