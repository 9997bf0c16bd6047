//! Budget entries and what they add up to (预算变动与预算数). Entries are never edited; what was wrong is reversed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use wenxiao_kernel::{Bound, BudgetAccount, FiscalYear, Money, PrintedAmount, vocabulary};

use super::{Checks, Refusal};

vocabulary! {
    /// Where money comes from (资金来源).
    FundingSource {
        /// 本级财政资金.
        DistrictFiscal = "district_fiscal",
        /// 中央财政资金.
        CentralFiscal = "central_fiscal",
        /// 省级财政资金.
        ProvincialFiscal = "provincial_fiscal",
        /// 市级财政资金.
        MunicipalFiscal = "municipal_fiscal",
        /// 财政专户管理资金.
        SpecialAccount = "special_account",
        /// 单位资金.
        UnitFunds = "unit_funds",
        /// 银行贷款.
        BankLoan = "bank_loan",
        /// 社会投入资金.
        SocialCapital = "social_capital",
        /// 其他资金.
        Other = "other",
    }
}

vocabulary! {
    /// Why a budget changes (变动类型).
    EntryKind {
        /// 年初预算.
        Initial = "initial",
        /// 追加.
        Supplement = "supplement",
        /// 追减.
        Reduction = "reduction",
        /// 上年结转.
        CarryOver = "carry_over",
        /// 调剂.
        Virement = "virement",
    }
}

/// One change of a project's budget in one year (预算变动).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Identifier.
    pub id: String,
    /// Identifier of the project.
    pub project: String,
    /// 预算年度.
    pub fiscal_year: FiscalYear,
    /// 四本预算.
    pub account: BudgetAccount,
    /// 资金来源.
    pub source: FundingSource,
    /// 变动类型.
    pub kind: EntryKind,
    /// Effect on the budget, signed.
    pub amount: Money,
    /// The amount as the document prints it, without a sign.
    pub printed: Option<PrintedAmount>,
    /// 生效日期.
    pub entry_date: NaiveDate,
    /// 文号.
    pub document_number: String,
    /// 摘要.
    pub remark: String,
    /// Number in the system that it came from; none when it was entered here.
    pub source_number: Option<String>,
    /// Identifier of the entry that it takes back.
    pub reversed_entry: Option<String>,
    /// Who entered it.
    pub creator: String,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
}

impl Entry {
    /// Notes what is wrong with the entry by itself; `at` is its path in the request.
    pub fn check(&self, at: &str, checks: &mut Checks) {
        let zero = Money::ZERO;
        let sign = match self.kind {
            EntryKind::Initial => self.amount >= zero,
            EntryKind::Supplement | EntryKind::CarryOver => self.amount > zero,
            EntryKind::Reduction => self.amount < zero,
            EntryKind::Virement => !self.amount.is_zero(),
        };
        checks.rule(
            sign || self.reversed_entry.is_some(),
            format!("{at}amount"),
            "金额的正负与变动类型不符：年初不为负，追加、结转为正，追减为负，调剂不为零",
            "has the wrong sign for the kind of entry",
        );
        let size = if self.amount.is_negative() { negated(self.amount) } else { self.amount };
        checks.rule(
            self.printed.is_none_or(|said| said.admits(size)),
            format!("{at}amount_printed"),
            "原文金额与金额不符",
            "does not go with the amount",
        );
        checks.rule(
            self.kind != EntryKind::Virement || !self.document_number.is_empty(),
            format!("{at}document_number"),
            "调剂必须有文号",
            "is required for a virement",
        );
    }

    /// Which side its amount bounds the truth from, with the sign that it has in a sum: "追减0.6亿多" makes the sum an upper
    /// bound.
    fn bound(&self) -> Bound {
        match (self.printed.map(|said| said.bound), self.amount.is_negative()) {
            (Some(Bound::AtLeast), false) | (Some(Bound::AtMost), true) => Bound::AtLeast,
            (Some(Bound::AtMost), false) | (Some(Bound::AtLeast), true) => Bound::AtMost,
            (Some(Bound::Exact) | None, _) => Bound::Exact,
        }
    }

    /// Whether this entry takes exactly `other` back.
    fn mirrors(&self, other: &Self) -> bool {
        let same_place = (&self.project, self.fiscal_year, self.account, self.source, self.kind)
            == (&other.project, other.fiscal_year, other.account, other.source, other.kind);
        same_place
            && self.amount.checked_add(other.amount) == Some(Money::ZERO)
            && other.reversed_entry.is_none()
    }
}

/// The part of a project-year's budget that stands in one account and comes from one source (预算分项).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// 年初预算数.
    pub initial: Money,
    /// 追加.
    pub supplement: Money,
    /// 追减, zero or below.
    pub reduction: Money,
    /// 上年结转.
    pub carry_over: Money,
    /// 调剂.
    pub virement: Money,
    /// Entries that make the sum a lower bound.
    pub at_least: i32,
    /// Entries that make the sum an upper bound.
    pub at_most: i32,
}

impl Line {
    fn part(&mut self, kind: EntryKind) -> &mut Money {
        match kind {
            EntryKind::Initial => &mut self.initial,
            EntryKind::Supplement => &mut self.supplement,
            EntryKind::Reduction => &mut self.reduction,
            EntryKind::CarryOver => &mut self.carry_over,
            EntryKind::Virement => &mut self.virement,
        }
    }

    /// With one entry more, which takes `reversed` back if it takes anything back; `None` beyond what money can hold.
    pub fn add(mut self, entry: &Entry, reversed: Option<&Entry>) -> Option<Self> {
        let part = self.part(entry.kind);
        *part = part.checked_add(entry.amount)?;
        let (bound, step) = reversed.map_or((entry.bound(), 1), |original| (original.bound(), -1));
        match bound {
            Bound::AtLeast => self.at_least = self.at_least.checked_add(step)?,
            Bound::AtMost => self.at_most = self.at_most.checked_add(step)?,
            Bound::Exact => {}
        }
        Some(self)
    }

    /// Both together.
    pub fn plus(mut self, other: Self) -> Option<Self> {
        self.at_least = self.at_least.checked_add(other.at_least)?;
        self.at_most = self.at_most.checked_add(other.at_most)?;
        EntryKind::ALL.iter().try_fold(self, |mut sum, kind| {
            let amount = *other.clone().part(*kind);
            let part = sum.part(*kind);
            *part = part.checked_add(amount)?;
            Some(sum)
        })
    }

    /// 年度调整金额: everything but the initial budget.
    pub fn adjustment(self) -> Option<Money> {
        Money::total([self.supplement, self.reduction, self.carry_over, self.virement])
    }

    /// 变动后预算数.
    pub fn adjusted(self) -> Option<Money> {
        self.initial.checked_add(self.adjustment()?)
    }

    /// What the year was given anew: without the year before's money.
    pub fn fresh(self) -> Option<Money> {
        self.adjusted()?.checked_sub(self.carry_over)
    }

    /// Whether its sums are the truth; `None` when they are bounded on both sides.
    pub fn bound(self) -> Option<Bound> {
        bound_of(self.at_least > 0, self.at_most > 0)
    }
}

/// Whether a sum is the truth, when some parts of it are only lower or upper bounds; `None` for both.
pub fn bound_of(at_least: bool, at_most: bool) -> Option<Bound> {
    match (at_least, at_most) {
        (false, false) => Some(Bound::Exact),
        (true, false) => Some(Bound::AtLeast),
        (false, true) => Some(Bound::AtMost),
        (true, true) => None,
    }
}

/// The amount with the other sign: what has a place has its opposite.
pub fn negated(amount: Money) -> Money {
    Money::ZERO.checked_sub(amount).unwrap_or(amount)
}

/// Where a line stands: account and source.
pub type LineKey = (BudgetAccount, FundingSource);

/// A project-year.
pub type PositionKey = (String, FiscalYear);

/// The budget of one project in one year (项目预算).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Its lines.
    pub lines: BTreeMap<LineKey, Line>,
    /// Number of the version; 0 before the first entry.
    pub version: i64,
}

impl Position {
    /// All lines together; `None` beyond what money can hold.
    pub fn total(&self) -> Option<Line> {
        self.lines.values().try_fold(Line::default(), |sum, line| sum.plus(*line))
    }
}

/// What is known before a batch is entered.
#[derive(Debug, Default)]
pub struct Books {
    /// Positions of the project-years that the batch touches, and of those that it carries over from.
    pub positions: BTreeMap<PositionKey, Position>,
    /// Entries that the batch reverses, by identifier.
    pub reversed: BTreeMap<String, Entry>,
    /// Of those, the ones that were reversed before.
    pub reversed_before: BTreeSet<String>,
    /// What was paid of the lines that the batch carries over from, as far as that is known.
    pub paid: BTreeMap<(String, FiscalYear, LineKey), Money>,
    /// Last days of projects that have ended, by identifier.
    pub ended: BTreeMap<String, NaiveDate>,
}

impl Books {
    /// Enters a batch, all or nothing: the positions as they are afterwards.
    pub fn enter(mut self, entries: &[Entry]) -> Result<BTreeMap<PositionKey, Position>, Refusal> {
        check_virements(entries)?;
        self.check_reversals(entries)?;
        for entry in entries {
            let ended =
                self.ended.get(&entry.project).is_some_and(|end| end.year() < entry.fiscal_year.as_i32());
            if ended {
                return Err(Refusal::State { resource: entry.project.clone(), state: "closed".to_owned() });
            }
            let position = self.positions.entry((entry.project.clone(), entry.fiscal_year)).or_default();
            let line = position.lines.entry((entry.account, entry.source)).or_default();
            let reversed = entry.reversed_entry.as_ref().and_then(|id| self.reversed.get(id));
            *line = line.add(entry, reversed).ok_or_else(too_much)?;
        }
        self.check_carry_over(entries)?;
        let touched: BTreeSet<PositionKey> =
            entries.iter().map(|e| (e.project.clone(), e.fiscal_year)).collect();
        self.positions.retain(|key, _| touched.contains(key));
        for ((project, year), position) in &mut self.positions {
            position.version = position.version.saturating_add(1);
            let adjusted = position.total().and_then(Line::adjusted).ok_or_else(too_much)?;
            if adjusted.is_negative() {
                return Err(Refusal::BudgetBelowZero {
                    project: project.clone(),
                    fiscal_year: year.as_i32(),
                    adjusted_amount: adjusted.yuan().to_string(),
                });
            }
        }
        Ok(self.positions)
    }

    /// What is carried over was there: in its account and source, all carry-overs of a year together are not more than
    /// the year before has. A year before that the registry knows nothing of is not held against anybody.
    fn check_carry_over(&self, entries: &[Entry]) -> Result<(), Refusal> {
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::CarryOver) {
            let before = entry.fiscal_year.previous();
            let Some(source) = self.positions.get(&(entry.project.clone(), before)) else { continue };
            let place = (entry.account, entry.source);
            let had = source.lines.get(&place).copied().unwrap_or_default();
            let had = had.adjusted().ok_or_else(too_much)?;
            let paid = self.paid.get(&(entry.project.clone(), before, place)).copied().unwrap_or_default();
            let remainder = had.checked_sub(paid).ok_or_else(too_much)?;
            let taken = self.positions.get(&(entry.project.clone(), entry.fiscal_year));
            let taken = taken.and_then(|position| position.lines.get(&place)).copied().unwrap_or_default();
            if taken.carry_over > remainder {
                return Err(Refusal::CarryOverExceedsRemainder {
                    project: entry.project.clone(),
                    fiscal_year: before.as_i32(),
                    amount: taken.carry_over.yuan().to_string(),
                    remainder: remainder.yuan().to_string(),
                });
            }
        }
        Ok(())
    }

    fn check_reversals(&self, entries: &[Entry]) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for entry in entries {
            let Some(id) = &entry.reversed_entry else { continue };
            let original =
                self.reversed.get(id).ok_or_else(|| Refusal::Missing(format!("budgetEntries/{id}")))?;
            if !entry.mirrors(original) || self.reversed_before.contains(id) || !seen.insert(id) {
                return Err(Refusal::ReversalNotAllowed(id.clone()));
            }
        }
        Ok(())
    }
}

/// The entries of one document move money and make none: they add up to zero.
fn check_virements(entries: &[Entry]) -> Result<(), Refusal> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Virement) {
        let sum = sums.entry(&entry.document_number).or_default();
        *sum = sum.checked_add(entry.amount).ok_or_else(too_much)?;
    }
    match sums.into_iter().find(|(_, sum)| !sum.is_zero()) {
        None => Ok(()),
        Some((document, sum)) => Err(Refusal::VirementUnbalanced {
            document_number: document.to_owned(),
            sum: sum.yuan().to_string(),
        }),
    }
}

fn too_much() -> Refusal {
    let mut checks = Checks::default();
    checks.rule(false, "amount", "金额合计超出范围", "adds up to more than can be kept");
    checks.done().err().unwrap_or(Refusal::Invalid(Vec::new()))
}

#[cfg(test)]
mod tests;
