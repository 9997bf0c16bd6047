//! Budget entries and what they add up to (预算变动与预算数). Entries are never edited; what was wrong is reversed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money, vocabulary};

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
        checks.rule(
            self.kind != EntryKind::Virement || !self.document_number.is_empty(),
            format!("{at}document_number"),
            "调剂必须有文号",
            "is required for a virement",
        );
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

    /// With one entry more; `None` beyond what money can hold.
    pub fn add(mut self, kind: EntryKind, amount: Money) -> Option<Self> {
        let part = self.part(kind);
        *part = part.checked_add(amount)?;
        Some(self)
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Option<Self> {
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
    /// Positions of the project-years that the batch touches.
    pub positions: BTreeMap<PositionKey, Position>,
    /// Entries that the batch reverses, by identifier.
    pub reversed: BTreeMap<String, Entry>,
    /// Of those, the ones that were reversed before.
    pub reversed_before: BTreeSet<String>,
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
            *line = line.add(entry.kind, entry.amount).ok_or_else(too_much)?;
        }
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
mod tests {
    use proptest::prelude::*;
    use wenxiao_kernel::Decimal;

    use super::*;

    fn yuan(fen: i64) -> Money {
        Money::from_yuan(Decimal::new(fen, 2)).unwrap_or_default()
    }

    fn year() -> FiscalYear {
        FiscalYear::try_from(2020).unwrap_or_else(|_| unreachable!())
    }

    fn entry(id: &str, project: &str, kind: EntryKind, fen: i64) -> Entry {
        Entry {
            id: id.to_owned(),
            project: project.to_owned(),
            fiscal_year: year(),
            account: BudgetAccount::GeneralPublic,
            source: FundingSource::DistrictFiscal,
            kind,
            amount: yuan(fen),
            entry_date: NaiveDate::default(),
            document_number: "1号".to_owned(),
            remark: String::new(),
            source_number: None,
            reversed_entry: None,
            creator: "tester".to_owned(),
            create_time: DateTime::default(),
        }
    }

    fn adjusted(positions: &BTreeMap<PositionKey, Position>, project: &str) -> Option<Money> {
        positions.get(&(project.to_owned(), year()))?.total()?.adjusted()
    }

    #[test]
    fn the_sign_follows_from_the_kind() {
        for (kind, fen, good) in [
            (EntryKind::Initial, 0, true),
            (EntryKind::Initial, -1, false),
            (EntryKind::Supplement, 0, false),
            (EntryKind::Reduction, 1, false),
            (EntryKind::Reduction, -1, true),
            (EntryKind::Virement, 0, false),
        ] {
            let mut checks = Checks::default();
            entry("1", "p", kind, fen).check("", &mut checks);
            assert_eq!(checks.done().is_ok(), good, "{kind:?} {fen}");
        }
    }

    #[test]
    fn a_virement_moves_money_and_makes_none() {
        let start = [entry("1", "p", EntryKind::Initial, 500), entry("2", "q", EntryKind::Initial, 0)];
        let positions = Books::default().enter(&start).unwrap_or_default();
        let moved = [entry("3", "p", EntryKind::Virement, -200), entry("4", "q", EntryKind::Virement, 200)];
        let after =
            Books { positions: positions.clone(), ..Books::default() }.enter(&moved).unwrap_or_default();
        assert_eq!((adjusted(&after, "p"), adjusted(&after, "q")), (Some(yuan(300)), Some(yuan(200))));
        let half = Books { positions, ..Books::default() }.enter(&moved[..1]);
        assert!(matches!(half, Err(Refusal::VirementUnbalanced { .. })));
    }

    #[test]
    fn an_entry_is_reversed_once_and_exactly() {
        let original = entry("1", "p", EntryKind::Supplement, 100);
        let books = || {
            let mut books = Books::default();
            books.reversed.insert("1".to_owned(), original.clone());
            let mut position = Position::default();
            let line = Line { supplement: yuan(100), ..Line::default() };
            position.lines.insert((original.account, original.source), line);
            books.positions.insert(("p".to_owned(), year()), position);
            books
        };
        let back =
            Entry { reversed_entry: Some("1".to_owned()), ..entry("2", "p", EntryKind::Supplement, -100) };
        let after = books().enter(std::slice::from_ref(&back)).unwrap_or_default();
        assert_eq!(adjusted(&after, "p"), Some(Money::ZERO));
        let short = Entry { amount: yuan(-99), ..back.clone() };
        assert!(matches!(books().enter(&[short]), Err(Refusal::ReversalNotAllowed(_))));
        assert!(matches!(books().enter(&[back.clone(), back.clone()]), Err(Refusal::ReversalNotAllowed(_))));
        let mut late = books();
        late.reversed_before.insert("1".to_owned());
        assert!(matches!(late.enter(&[back]), Err(Refusal::ReversalNotAllowed(_))));
    }

    #[test]
    fn a_budget_never_falls_below_zero_nor_outlives_its_project() {
        let below = Books::default().enter(&[entry("1", "p", EntryKind::Reduction, -1)]);
        assert!(matches!(below, Err(Refusal::BudgetBelowZero { .. })));
        let mut books = Books::default();
        books.ended.insert("p".to_owned(), "2019-12-31".parse().unwrap_or_default());
        assert!(matches!(books.enter(&[entry("1", "p", EntryKind::Initial, 1)]), Err(Refusal::State { .. })));
    }

    proptest! {
        #[test]
        fn a_position_is_the_sum_of_its_entries(amounts in prop::collection::vec(1_i64..1_000_000_000, 1..40)) {
            let mut positions = BTreeMap::new();
            for (place, fen) in amounts.iter().enumerate() {
                let added = entry(&place.to_string(), "p", EntryKind::Supplement, *fen);
                let books = Books { positions, ..Books::default() };
                positions = books.enter(&[added]).unwrap_or_default();
            }
            prop_assert_eq!(adjusted(&positions, "p"), Some(yuan(amounts.iter().sum())));
            let version = positions.get(&("p".to_owned(), year())).map(|p| p.version);
            prop_assert_eq!(version, i64::try_from(amounts.len()).ok());
        }
    }
}
