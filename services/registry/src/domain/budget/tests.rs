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
}
