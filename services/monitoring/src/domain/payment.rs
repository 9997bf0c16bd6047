//! Payments as they come from the treasury system (支付数据).

use chrono::{Datelike, NaiveDate};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money};

wenxiao_kernel::vocabulary! {
    /// What a payment row is (支付类型).
    PaymentKind {
        /// 支付.
        Payment = "payment",
        /// 更正.
        Correction = "correction",
        /// 退回、冲销.
        Reversal = "reversal",
    }
}

/// A payment (国库支付).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The treasury system's own id.
    pub id: String,
    /// Project that spends.
    pub project: String,
    /// Paying unit; empty when it is the project's own.
    pub unit: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Account.
    pub account: BudgetAccount,
    /// Funding source, by the registry's number.
    pub funding_source: i32,
    /// Amount, never zero.
    pub amount: Money,
    /// Day of payment.
    pub pay_date: NaiveDate,
    /// What the row is.
    pub kind: PaymentKind,
    /// Payment that it corrects or reverses; empty when none.
    pub original: String,
    /// Purpose.
    pub purpose: String,
}

/// Why a payment is refused (拒收原因).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Known with another content.
    ContentDiffers,
    /// Zero, or the wrong sign for its kind.
    Amount,
    /// Before the budget year.
    Date,
    /// A name does not parse or belongs to another district.
    Name,
    /// A value is missing or unknown.
    Field,
}

impl Payment {
    /// Month in which the payment counts, 1 to 12: after the year's end it is December (整理期). `None` before the year.
    pub fn month(&self) -> Option<u32> {
        match self.pay_date.year().cmp(&self.fiscal_year.as_i32()) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(self.pay_date.month()),
            std::cmp::Ordering::Greater => Some(12),
        }
    }

    /// What is wrong with it, before anybody looks whether it is known.
    pub fn check(&self) -> Result<(), (Problem, &'static str)> {
        let sign_fits = match self.kind {
            PaymentKind::Payment => !self.amount.is_negative(),
            PaymentKind::Correction => true,
            PaymentKind::Reversal => self.amount.is_negative(),
        };
        if self.amount.is_zero() || !sign_fits {
            return Err((Problem::Amount, "amount"));
        }
        if self.month().is_none() {
            return Err((Problem::Date, "pay_date"));
        }
        Ok(())
    }
}
