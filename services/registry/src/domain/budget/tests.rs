#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use proptest::prelude::*;
use wenxiao_kernel::{AmountUnit, Decimal};

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
        printed: None,
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
    let after = Books { positions: positions.clone(), ..Books::default() }.enter(&moved).unwrap_or_default();
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
    let back = Entry { reversed_entry: Some("1".to_owned()), ..entry("2", "p", EntryKind::Supplement, -100) };
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

    #[test]
    fn whatever_is_entered_and_taken_back_a_position_is_the_sum_of_its_entries(
        rows in prop::collection::vec(
            (prop::sample::select(EntryKind::ALL), prop::sample::select(FundingSource::ALL), 1_i64..1_000_000,
             prop::sample::select(&[None, Some(Bound::Exact), Some(Bound::AtLeast), Some(Bound::AtMost)][..]),
             any::<bool>()), 1..40),
    ) {
        // Enough of an initial budget that nothing falls below zero, whatever is reduced.
        let mut entered = vec![entry("start", "p", EntryKind::Initial, 1_000_000_000)];
        let mut positions = Books::default().enter(&entered).unwrap_or_default();
        for (place, (kind, source, fen, bound, back)) in rows.into_iter().enumerate() {
            let sign = if kind == EntryKind::Reduction { -1 } else { 1 };
            let printed = bound.map(|bound| PrintedAmount { value: yuan(fen).yuan(), unit: AmountUnit::Yuan, bound });
            let one = Entry { source, printed, ..entry(&place.to_string(), "p", kind, sign * fen) };
            let mut batch = vec![one.clone()];
            if kind == EntryKind::Virement {
                batch.push(Entry { printed: None, ..entry(&format!("{place}-"), "p", kind, -fen) });
            }
            let books = Books { positions, ..Books::default() };
            positions = books.enter(&batch).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            entered.extend(batch);
            if back && kind != EntryKind::Virement {
                let undone = Entry {
                    id: format!("{place}b"),
                    amount: negated(one.amount),
                    printed: None,
                    reversed_entry: Some(one.id.clone()),
                    ..one.clone()
                };
                let reversed = BTreeMap::from([(one.id.clone(), one)]);
                let books = Books { positions, reversed, ..Books::default() };
                let batch = [undone];
                positions = books.enter(&batch).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                entered.extend(batch);
            }
        }
        let sum = Money::total(entered.iter().map(|entry| entry.amount));
        prop_assert_eq!(adjusted(&positions, "p"), sum);
        let position = positions.get(&("p".to_owned(), year())).cloned().unwrap_or_default();
        for ((account, source), line) in &position.lines {
            let here: Vec<&Entry> =
                entered.iter().filter(|entry| (entry.account, entry.source) == (*account, *source)).collect();
            for kind in EntryKind::ALL {
                let sum = Money::total(here.iter().filter(|entry| entry.kind == *kind).map(|entry| entry.amount));
                prop_assert_eq!(Some(*line.clone().part(*kind)), sum, "{:?} of {:?}", kind, source);
            }
            let stands = |entry: &&&Entry| {
                entry.reversed_entry.is_none()
                    && !here.iter().any(|other| other.reversed_entry.as_deref() == Some(entry.id.as_str()))
            };
            let open = |bound: Bound| here.iter().filter(stands).any(|entry| entry.bound() == bound);
            prop_assert_eq!(line.bound(), bound_of(open(Bound::AtLeast), open(Bound::AtMost)));
        }
    }
}
