//! Payments as they come from the treasury system (支付数据).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money};

use super::schedule::month_end;

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

/// Days on which payments that count in these months of a budget year are made: from the first of the first month on, and
/// without an end when the last is December (整理期).
pub fn days_of(fiscal_year: FiscalYear, first: u32, last: u32) -> (NaiveDate, Option<NaiveDate>) {
    let begin = NaiveDate::from_ymd_opt(fiscal_year.as_i32(), first.clamp(1, 12), 1).unwrap_or_default();
    (begin, (last < 12).then(|| month_end(fiscal_year, last)))
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

/// What payments add to the outturn of one project (执行数增量).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Increment<'a> {
    /// Project that spends.
    pub project: &'a str,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Account.
    pub account: BudgetAccount,
    /// Funding source, by the registry's number.
    pub funding_source: i32,
    /// Month in which the payments count.
    pub month: u32,
    /// What is added: zero when as much came back as was paid.
    pub amount: Money,
}

/// What these payments add to the outturn, grouped and sorted. `None` when a sum leaves the range of money.
pub fn increments<'a>(payments: impl IntoIterator<Item = &'a Payment>) -> Option<Vec<Increment<'a>>> {
    let mut sums: BTreeMap<_, Money> = BTreeMap::new();
    for payment in payments {
        let key = (
            &*payment.project,
            payment.fiscal_year,
            payment.account,
            payment.funding_source,
            payment.month()?,
        );
        let sum = sums.entry(key).or_default();
        *sum = sum.checked_add(payment.amount)?;
    }
    let increment = |((project, fiscal_year, account, funding_source, month), amount)| Increment {
        project,
        fiscal_year,
        account,
        funding_source,
        month,
        amount,
    };
    Some(sums.into_iter().map(increment).collect())
}
