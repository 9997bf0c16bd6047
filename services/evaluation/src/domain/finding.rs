//! A problem that work on performance brought to light (存在问题).

use kernel::Money;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::object::EvaluatedObject;
use super::{Failure, Result};

vocabulary! {
    /// What becomes of it (状态).
    State {
        /// 待整改.
        Open = "open",
        /// 整改中.
        Demanded = "demanded",
        /// 已整改.
        Rectified = "rectified",
        /// 已撤销.
        Dismissed = "dismissed",
    }
}

vocabulary! {
    /// Work that brought it to light (问题来源).
    Source {
        /// 财政评价.
        FinanceEvaluation = "finance_evaluation",
        /// 部门评价.
        DepartmentEvaluation = "department_evaluation",
        /// 绩效自评.
        SelfEvaluation = "self_evaluation",
        /// 绩效监控.
        Monitoring = "monitoring",
        /// 事前评估.
        ExAnte = "ex_ante",
        /// Anything else.
        Other = "other",
    }
}

vocabulary! {
    /// Kind of problem (问题类别).
    Category {
        /// 绩效意识不强.
        WeakAwareness = "weak_awareness",
        /// 预算编制不精准.
        ImpreciseBudget = "imprecise_budget",
        /// 预算执行率低.
        LowExecution = "low_execution",
        /// 绩效目标不科学.
        WeakObjective = "weak_objective",
        /// 资金使用不合规.
        IrregularUse = "irregular_use",
        /// 管理制度不健全或执行不到位.
        WeakManagement = "weak_management",
        /// 产出效益未达预期.
        PoorBenefit = "poor_benefit",
        /// 其他.
        Other = "other",
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub object: EvaluatedObject,
    /// Work that brought it to light.
    pub source: Source,
    /// Evaluation, form or report that it stands in; empty for others.
    pub source_resource: String,
    /// Year whose spending showed it.
    pub evaluated_year: i32,
    /// Year in which it was found.
    pub work_year: i32,
    /// What may change while it is open.
    pub matter: Matter,
    /// Demand that it is part of; empty while there is none.
    pub rectification: String,
    /// Why it was taken back.
    pub dismiss_reason: String,
    /// What becomes of it.
    pub state: State,
}

/// What a finding says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// Kind of problem.
    pub category: Category,
    /// The problem.
    pub description: String,
    /// 整改建议.
    pub suggestion: String,
    /// 涉及金额.
    pub amount: Option<Money>,
}

impl Matter {
    /// Refuses a finding that says nothing.
    pub fn check(&self) -> Result<()> {
        if self.description.trim().is_empty() {
            return Err(Failure::Incomplete { missing: vec!["description".to_owned()] });
        }
        if self.amount.is_some_and(Money::is_negative) {
            return Err(Failure::invalid("amount", "an amount is not negative"));
        }
        Ok(())
    }
}

impl Finding {
    /// Changes what it says.
    pub fn edit(&mut self, matter: Matter) -> Result<()> {
        self.require(State::Open)?;
        matter.check()?;
        self.matter = matter;
        Ok(())
    }

    /// Takes it back.
    pub fn dismiss(&mut self, reason: String) -> Result<()> {
        self.require(State::Open)?;
        self.dismiss_reason = reason;
        self.state = State::Dismissed;
        Ok(())
    }

    /// Becomes part of a demand to its unit.
    pub fn demand(&mut self, name: &str, unit: &str, rectification: &str) -> Result<()> {
        if self.state != State::Open || self.object.unit != unit {
            return Err(Failure::FindingNotDemandable { finding: name.to_owned() });
        }
        rectification.clone_into(&mut self.rectification);
        self.state = State::Demanded;
        Ok(())
    }

    /// Its demand was met.
    pub fn rectify(&mut self) -> Result<()> {
        self.require(State::Demanded)?;
        self.state = State::Rectified;
        Ok(())
    }

    fn require(&self, state: State) -> Result<()> {
        if self.state == state { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }
}
