//! What is evaluated, and the small parts that many forms share.

use kernel::{BudgetAccount, Money, PrintedAmount, Secrecy};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::{Failure, Result};

vocabulary! {
    /// Kind of evaluated object (评价对象类型).
    ObjectKind {
        /// 项目支出.
        Project = "project",
        /// 重大政策.
        Policy = "policy",
        /// 部门整体支出.
        WholeDepartment = "whole_department",
        /// 财政综合运行.
        FiscalOperation = "fiscal_operation",
    }
}

/// What is evaluated (评价对象), with the names it had when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluatedObject {
    /// Kind of object.
    pub kind: ObjectKind,
    /// Resource name of the project, policy or unit.
    pub subject: String,
    /// Unit that answers for it (责任单位).
    pub unit: String,
    /// Name of the object.
    pub title: String,
    /// Name of the unit.
    pub unit_title: String,
    /// Budget that pays for it; none when several do.
    pub budget_account: Option<BudgetAccount>,
    /// How secret it is; none when nobody has said.
    pub secrecy: Option<Secrecy>,
}

impl EvaluatedObject {
    /// The same object, for which whoever answers for `known` answers now (承接单位); its own names stay.
    pub fn owned_as(self, known: Self) -> Self {
        Self { unit: known.unit, unit_title: known.unit_title, ..self }
    }
}

/// An amount with the way a document prints it (金额与原文表述).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetFigure {
    /// Amount in yuan; the bound when `printed` is one.
    pub amount: Money,
    /// As printed; none when it never was.
    pub printed: Option<Printed>,
}

/// A figure as printed, with its wording (原文).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Number, unit and bound.
    pub figure: PrintedAmount,
    /// Original wording; empty when it was not read from a text.
    pub text: String,
}

impl BudgetFigure {
    /// Whether the amount is the truth itself and not only a bound of it.
    pub fn is_exact(&self) -> bool {
        self.printed.as_ref().is_none_or(|printed| printed.figure.bound == kernel::Bound::Exact)
    }

    /// Refuses a negative amount, and an amount that its own printed form does not admit.
    pub fn check(&self, field: &str) -> Result<()> {
        if self.amount.is_negative() {
            return Err(Failure::invalid(field, "an amount of money in a budget is not negative"));
        }
        match &self.printed {
            Some(printed) if !printed.figure.admits(self.amount) => {
                Err(Failure::invalid(field, "the amount is not what is printed"))
            }
            _ => Ok(()),
        }
    }
}

vocabulary! {
    /// Kind of a figure of an earlier year (对比口径).
    BaseKind {
        /// 年初预算数.
        InitialBudget = "initial_budget",
        /// 调整后预算数.
        AdjustedBudget = "adjusted_budget",
        /// 实际支出数.
        Outturn = "outturn",
    }
}

/// A figure of an earlier year (对比基数).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseFigure {
    /// Kind of figure.
    pub kind: BaseKind,
    /// Budget year of the figure.
    pub fiscal_year: i32,
    /// The figure.
    pub figure: BudgetFigure,
    /// Execution rate in percent that goes with it.
    pub execution_rate: Option<Decimal>,
}

/// A file (附件).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name.
    pub file_name: String,
    /// Kind of material.
    pub category: String,
    /// Where it is kept.
    pub uri: String,
    /// SHA-256 as lower-case hex; empty when not known.
    pub sha256: String,
}

/// A section of a report (报告章节).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSection {
    /// Code in the outline.
    pub code: String,
    /// Heading.
    pub title: String,
    /// Text.
    pub text: String,
}
