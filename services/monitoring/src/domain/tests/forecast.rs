//! Forecasts: by hand, what always holds of them, and how far they are off on the data of the year.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::super::forecast::{Forecast, ForecastRule, History, Known, ProjectYear};
use super::*;

const RULE: ForecastRule = ForecastRule { history_years: 3, minimum_samples: 2 };

/// A project-year with so much executed in each month of a budget that stands from January on.
fn spent(project: &str, budget: &str, monthly: [i64; 12]) -> ProjectYear {
    let mut sum = Decimal::ZERO;
    let executed = monthly.map(|month| {
        sum += Decimal::from(month);
        sum
    });
    ProjectYear { project: project.to_owned(), executed, adjusted: [dec(budget); 12] }
}

fn known<'a>(project: &'a str, month: u32, done: &str, budget: &str) -> Known<'a> {
    Known { project, month, executed: yuan(done), adjusted: yuan(budget) }
}

fn evenly(project: &str, budget: &str, each: i64) -> ProjectYear {
    spent(project, budget, [each; 12])
}

/// Two years of the kind: 25 % of the outturn by June and 75 %; 80 % and 100 % of the budget. So s = 0.5, r = 0.9:
/// of a budget of 1000 with 300 executed, 300 + 0.5 × (300 + 0.5 × 900) = 675.
#[test]
fn a_forecast_by_hand() {
    let years = [
        spent("a", "1000", [0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 600]),
        spent("b", "1000", [0, 0, 0, 0, 0, 750, 0, 0, 0, 0, 0, 250]),
    ];
    let history = History::learn(&years).unwrap();
    let forecast = history.forecast(RULE, &known("new", 6, "300", "1000")).unwrap();
    assert_eq!(forecast.expected, yuan("675.00"));
    assert!(!forecast.insufficient);
    assert_eq!(forecast.samples, 2);
    // Held back: a by b alone: s = 0.75, r = 1: 200 + 0.25 × (200 + 0.25 × 1000) = 312.50 against 800: off by 60.94 %.
    // b by a alone: s = 0.25, r = 0.8: 750 + 0.75 × (750 + 0.75 × 800) = 1762.50, capped at 1000: off by nothing.
    let error = forecast.error.unwrap();
    assert_eq!((error.months_left, error.samples), (6, 2));
    assert_eq!(error.of_outturn, dec("0.3047"));
    assert_eq!(error.of_budget, dec("0.2438")); // 487.50 of 1000, and nothing
    assert_eq!((forecast.low, forecast.high), (yuan("675.00"), yuan("1000.00")));
    assert!(forecast.explanation.steps[0].result.contains("s = 0.5，r = 0.9"));
}

/// What a project did itself counts as much as what its kind does.
#[test]
fn own_history_counts_besides_the_kind() {
    let early = [600, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200];
    let late = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 800];
    let years = [spent("a", "1000", early), spent("b", "1000", late), spent("c", "1000", late)];
    let history = History::learn(&years).unwrap();
    let expected = |project| history.forecast(RULE, &known(project, 6, "0", "1000")).unwrap().expected;
    // The kind: s = 0.25, r = 0.8. Own of a: s = 0.75, so together 0.5; own of b: s = 0, together 0.125.
    assert_eq!(expected("new"), yuan("450.00")); // 0.75 × 0.75 × 800
    assert_eq!(expected("a"), yuan("200.00")); // 0.5 × 0.5 × 800
    assert_eq!(expected("b"), yuan("612.50")); // 0.875 × 0.875 × 800
}

#[test]
fn too_little_history_says_so_and_promises_nothing() {
    let one = [evenly("a", "1200", 100)];
    for years in [&one[..], &[]] {
        let forecast =
            History::learn(years).unwrap().forecast(RULE, &known("new", 6, "300", "1000")).unwrap();
        assert!(forecast.insufficient);
        assert_eq!(
            (forecast.expected, forecast.low, forecast.high),
            (yuan("300"), yuan("300"), yuan("1000"))
        );
        assert_eq!(forecast.error, None);
        assert!(forecast.explanation.summary.contains("历史数据不足"));
    }
    let years = [evenly("a", "1200", 100), evenly("b", "1200", 90)];
    let strict = ForecastRule { minimum_samples: 3, ..RULE };
    assert!(
        History::learn(&years)
            .unwrap()
            .forecast(strict, &known("new", 6, "300", "1000"))
            .unwrap()
            .insufficient
    );
    // A year without budget or outturn has no curve and teaches nothing.
    let empty = [evenly("a", "0", 100), evenly("b", "1200", 0), evenly("c", "1200", 100)];
    assert_eq!(History::learn(&empty).unwrap().samples(), 1);
}

#[test]
fn a_year_that_is_over_is_what_it_is() {
    let years = [evenly("a", "1200", 100), evenly("b", "1200", 90)];
    let forecast = History::learn(&years).unwrap().forecast(RULE, &known("new", 12, "740", "1000")).unwrap();
    assert_eq!((forecast.expected, forecast.low, forecast.high), (yuan("740"), yuan("740"), yuan("740")));
}

fn forecast(years: &[ProjectYear], known: &Known<'_>) -> Forecast {
    History::learn(years).unwrap().forecast(RULE, known).unwrap()
}

fn any_year() -> impl Strategy<Value = ProjectYear> {
    (0u8..6, 1i64..100_000, prop::collection::vec(0i64..5_000, 12)).prop_map(|(project, budget, monthly)| {
        spent(&format!("p{project}"), &budget.to_string(), monthly.try_into().unwrap())
    })
}

proptest! {
    #[test]
    fn what_is_expected_lies_between_what_is_spent_and_what_may_be(
        years in prop::collection::vec(any_year(), 0..12), month in 0u32..=12, done in 0i64..50_000, budget in 0i64..50_000,
    ) {
        let known = Known { project: "p0", month, executed: yuan(&done.to_string()), adjusted: yuan(&budget.to_string()) };
        let forecast = forecast(&years, &known);
        prop_assert!(forecast.expected >= known.executed);
        prop_assert!(forecast.expected <= known.executed.max(known.adjusted));
        prop_assert!(forecast.low <= forecast.expected && forecast.expected <= forecast.high);
        prop_assert!(forecast.errors.iter().all(|error| error.of_outturn >= Decimal::ZERO && error.low <= error.high));
    }

    /// Where every year was the same, the method knows the year's end and is never off by more than its rounding.
    #[test]
    fn a_steady_kind_is_forecast_without_error(each in 1i64..1_000, count in 2usize..8, month in 1u32..12) {
        let years: Vec<ProjectYear> = (0..count).map(|n| evenly(&format!("p{n}"), &(each * 12).to_string(), each)).collect();
        let done = (each * i64::from(month)).to_string();
        let forecast = forecast(&years, &known("new", month, &done, &(each * 12).to_string()));
        let end = yuan(&(each * 12).to_string());
        prop_assert!((forecast.expected.yuan() - end.yuan()).abs() <= dec("0.05"), "{:?}", forecast.expected);
        prop_assert!(forecast.errors.iter().all(|error| error.of_outturn <= dec("0.0001")));
    }

    /// More spent by the same month never forecasts less.
    #[test]
    fn more_spent_is_more_expected(
        years in prop::collection::vec(any_year(), 2..8), month in 0u32..=12, a in 0i64..50_000, b in 0i64..50_000,
    ) {
        let at = |done: i64| forecast(&years, &known("new", month, &done.to_string(), "50000"));
        prop_assert!(at(a.min(b)).expected <= at(a.max(b)).expected);
    }
}

/// Rows of a table of the year's test data, without its head.
fn table(name: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/haicang-2020").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Project-years of the test data, by kind (account and local type): payments and budgets of one year.
fn year_of_data(year: &str) -> BTreeMap<String, Vec<ProjectYear>> {
    let kinds: BTreeMap<String, String> = table("projects.csv")
        .into_iter()
        .map(|row| (row[0].clone(), format!("{}/{}", row[4], row[3])))
        .collect();
    let mut years: BTreeMap<String, ProjectYear> = BTreeMap::new();
    let mut add = |project: &str, month: usize, executed: Decimal, adjusted: Decimal| {
        let none = [Decimal::ZERO; 12];
        let fresh = || ProjectYear { project: project.to_owned(), executed: none, adjusted: none };
        let entry = years.entry(project.to_owned()).or_insert_with(fresh);
        entry.executed[month - 1..].iter_mut().for_each(|sum| *sum += executed);
        entry.adjusted[month - 1..].iter_mut().for_each(|sum| *sum += adjusted);
    };
    let month = |date: &str| date[5..7].parse::<usize>().unwrap();
    for row in table(&format!("payments-{year}.csv")) {
        add(&row[4], month(&row[2]), dec(&row[5]), Decimal::ZERO);
    }
    for row in table("budgets.csv").into_iter().filter(|row| row[1] == year) {
        let amount = if row[3] == "追减" { -dec(&row[4]).abs() } else { dec(&row[4]) };
        add(&row[0], if row[3] == "年初预算" { 1 } else { month(&row[5]) }, Decimal::ZERO, amount);
    }
    let mut by_kind: BTreeMap<String, Vec<ProjectYear>> = BTreeMap::new();
    for (project, year) in years {
        by_kind.entry(kinds[&project].clone()).or_default().push(year);
    }
    by_kind
}

/// The error on months that were held back: 2019 against itself, one project left out at a time, and 2020 by what 2019
/// taught, which is what a user gets. Run with `--no-capture` to read the table.
#[test]
fn the_error_on_the_data_of_the_year() {
    let (taught, after) = (year_of_data("2019"), year_of_data("2020"));
    let (mut held_back, mut next_year) = (BTreeMap::new(), BTreeMap::new());
    for (kind, years) in &taught {
        let history = History::learn(years).unwrap();
        let later = after.get(kind).map(Vec::as_slice).unwrap_or_default();
        for (month, place) in (1..=11u32).zip(0..) {
            for year in later
                .iter()
                .filter(|year| year.executed[11] > Decimal::ZERO && year.adjusted[place] > Decimal::ZERO)
            {
                let known = Known {
                    project: &year.project,
                    month,
                    executed: Money::from_yuan(year.executed[place]).unwrap(),
                    adjusted: Money::from_yuan(year.adjusted[place]).unwrap(),
                };
                let forecast = history.forecast(RULE, &known).unwrap();
                let off = (forecast.expected.yuan() - year.executed[11]).abs() / year.executed[11];
                let sum = next_year.entry(12 - month).or_insert((Decimal::ZERO, 0));
                *sum = (sum.0 + off, sum.1 + 1);
            }
        }
        let forecast = history.forecast(RULE, &known("new", 0, "0", "1")).unwrap();
        for error in forecast.errors {
            let sum = held_back.entry(error.months_left).or_insert((Decimal::ZERO, 0usize));
            *sum = (sum.0 + error.of_outturn * Decimal::from(error.samples), sum.1 + error.samples);
        }
    }
    let mean = |sums: &BTreeMap<u32, (Decimal, usize)>, left: u32| {
        let (sum, count) = sums[&left];
        (sum / Decimal::from(count)).round_dp(4)
    };
    for left in (1..=11).rev() {
        let (own, next) = (mean(&held_back, left), mean(&next_year, left));
        println!("{left:>2} months left: MAPE {own} of 2019 held back, {next} of 2020 by 2019");
    }
    assert!(mean(&held_back, 1) < mean(&held_back, 6), "less is open, so less is missed");
    assert!(mean(&next_year, 1) < mean(&next_year, 6));
    assert!(mean(&held_back, 1) < dec("0.10"), "with one month left the year is nearly known");
    assert!(mean(&held_back, 6) < dec("0.30"));
}
