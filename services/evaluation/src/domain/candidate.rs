//! An object that may be chosen for a key evaluation (评价备选).

use serde::{Deserialize, Serialize};
use wenxiao_kernel::vocabulary;

use super::object::EvaluatedObject;
use super::{Failure, Result};

vocabulary! {
    /// What became of it (状态).
    State {
        /// 备选.
        Listed = "listed",
        /// 已入选.
        Selected = "selected",
        /// 已移出.
        Dropped = "dropped",
    }
}

/// A candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The object.
    pub object: EvaluatedObject,
    /// Year whose spending or progress made it one.
    pub evaluated_year: i32,
    /// Year in which it was listed.
    pub work_year: i32,
    /// Why.
    pub reason: String,
    /// Measure or report that it comes from; empty when listed by hand.
    pub source_resource: String,
    /// Plan that chose it; empty while there is none.
    pub plan: String,
    /// Why it was taken off.
    pub drop_reason: String,
    /// What became of it.
    pub state: State,
}

impl Candidate {
    /// An approved plan chose it.
    pub fn select(&mut self, plan: &str) -> Result<()> {
        self.require_listed()?;
        plan.clone_into(&mut self.plan);
        self.state = State::Selected;
        Ok(())
    }

    /// Takes it off the list.
    pub fn drop_from_list(&mut self, reason: String) -> Result<()> {
        self.require_listed()?;
        self.drop_reason = reason;
        self.state = State::Dropped;
        Ok(())
    }

    fn require_listed(&self) -> Result<()> {
        if self.state == State::Listed { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }
}
