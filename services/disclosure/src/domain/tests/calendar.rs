use chrono::NaiveDate;
use proptest::prelude::*;

use crate::domain::calendar::{Calendar, YearDays};
use crate::domain::rules::DeadlineRule;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule(days: u16, working_days: bool) -> DeadlineRule {
    DeadlineRule { rule: "test".to_owned(), days, working_days }
}

#[test]
fn make_up_days_work_and_holidays_do_not() {
    let calendar = Calendar::built_in().unwrap();
    for (text, works) in [
        ("2020-01-19", true),  // a Sunday that makes up for the Spring Festival
        ("2020-01-24", false), // a Friday off
        ("2020-09-26", false), // a plain Saturday
        ("2020-09-27", true),  // a Sunday made up
        ("2020-10-08", false), // a Thursday off
        ("2020-10-10", true),  // a Saturday made up
        ("2020-10-12", true),
        ("2030-10-01", true), // a year that nobody has loaded: Monday to Friday
    ] {
        assert_eq!(calendar.is_working_day(day(text)), works, "{text}");
    }
}

#[test]
fn twenty_days_are_not_twenty_working_days() {
    let calendar = Calendar::built_in().unwrap();
    let basis = day("2020-09-21");
    assert_eq!(calendar.due(&rule(20, false), basis).unwrap().day, day("2020-10-11"));
    // 22–25, 27–30 September, then 9, 10, 12–16, 19–23 October: the eight days off and the two made-up days count.
    assert_eq!(calendar.due(&rule(20, true), basis).unwrap().day, day("2020-10-23"));
    assert_eq!(calendar.due(&rule(0, true), basis).unwrap().day, basis);
}

#[test]
fn every_built_in_year_is_sound() {
    let calendar = Calendar::built_in().unwrap();
    for year in 2019..=2021 {
        calendar.year(year).unwrap().check().unwrap();
    }
    let monday = YearDays {
        year: 2020,
        source: String::new(),
        holidays: Default::default(),
        make_up_days: [day("2020-01-06")].into(),
    };
    assert!(monday.check().is_err());
}

proptest! {
    #[test]
    fn the_due_day_is_a_working_day_with_exactly_that_many_before_it(start in 0i64..900, days in 1u16..60) {
        let calendar = Calendar::built_in().unwrap();
        let basis = day("2019-01-01") + chrono::Duration::days(start);
        let due = calendar.due(&rule(days, true), basis).unwrap().day;
        prop_assert!(calendar.is_working_day(due));
        let counted = basis.iter_days().skip(1).take_while(|d| *d <= due).filter(|d| calendar.is_working_day(*d)).count();
        prop_assert_eq!(counted, usize::from(days));
        prop_assert!(due >= calendar.due(&rule(days, false), basis).unwrap().day);
    }
}
