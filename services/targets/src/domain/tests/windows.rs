//! Filing windows (申报期): in time, late, extended, reminded.

use chrono::NaiveDate;
use wenxiao_kernel::FiscalYear;

use super::workflow::{at, draft};
use crate::domain::objective::{FilingKind, Owner, UnitRef};
use crate::domain::window::{self, Extension, Filing, Owed, Reminder, Window};

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, month, day).unwrap()
}

fn window() -> Window {
    Window {
        id: "2020-annual".to_owned(),
        fiscal_year: FiscalYear::try_from(2020).unwrap(),
        filing_kind: FilingKind::Annual,
        open_date: day(9, 1),
        due_date: day(10, 15),
        department_due_date: Some(day(10, 31)),
        reminder_days: vec![7, 1],
        overdue_reminder_days: 7,
        extensions: vec![Extension {
            unit: "602009".to_owned(),
            due_date: day(10, 25),
            reason: "机构改革".to_owned(),
        }],
        inherited: Vec::new(),
        create_time: at(0),
        update_time: at(0),
        version: 1,
    }
}

#[test]
fn a_unit_files_from_the_first_to_its_last_day_both_included() {
    for (unit, today, expected) in [
        ("602001", day(8, 31), Filing::From(day(9, 1))),
        ("602001", day(9, 1), Filing::Until(day(10, 15))),
        ("602001", day(10, 15), Filing::Until(day(10, 15))),
        ("602001", day(10, 16), Filing::Over(day(10, 15))),
        ("602009", day(10, 16), Filing::Until(day(10, 25))),
        ("602009", day(10, 26), Filing::Over(day(10, 25))),
    ] {
        assert_eq!(window().filing(unit, today), expected, "{unit} on {today}");
    }
    assert_eq!(window::filing(&[window()], &draft(), day(10, 16)), Filing::Over(day(10, 15)));
    let other_kind = Window { filing_kind: FilingKind::MidYear, ..window() };
    assert_eq!(window::filing(&[other_kind], &draft(), day(10, 16)), Filing::Unbound);
}

/// What a unit takes over may come as late as it might have come from the other, and nothing of its own comes earlier.
#[test]
fn an_extension_counts_for_whoever_takes_over() {
    let until = |unit: &str, due_date| Extension { unit: unit.to_owned(), due_date, reason: String::new() };
    let inherited =
        vec![until("605001", day(10, 20)), until("605001", day(10, 22)), until("602009", day(10, 18))];
    let window = Window { inherited, ..window() };
    for (unit, due) in [("605001", day(10, 22)), ("602009", day(10, 25)), ("605002", day(10, 15))] {
        assert_eq!(window.due_of(unit), due, "{unit}");
    }
}

#[test]
fn of_two_answers_of_the_registry_the_newer_one_counts() {
    let owner = |unit: &str, version| {
        let unit = UnitRef::of_code(unit);
        Owner { department: unit.head(), unit, version }
    };
    let asked = owner("602002", 2);
    for (told, expected) in [
        (None, "602002"),
        (Some(owner("605002", 3)), "605002"),
        // The feed tells of the same state, or has gone on to an heir of the same version.
        (Some(owner("605002", 2)), "605002"),
        (Some(owner("605002", 1)), "602002"),
    ] {
        assert_eq!(asked.clone().or_newer(told.as_ref()).unit.code, expected, "{told:?}");
    }
    assert_eq!(
        (owner("602002003", 1).department.id.as_str(), UnitRef::of_code("602").head().id),
        ("602", "602".to_owned())
    );
}

#[test]
fn who_owes_nothing_is_not_late() {
    assert_eq!(window().overdue_days("602001", 2, day(10, 20)), 5);
    assert_eq!(window().overdue_days("602001", 0, day(10, 20)), 0);
    assert_eq!(window().overdue_days("602009", 2, day(10, 20)), 0);
}

#[test]
fn a_department_is_late_with_what_lies_with_it() {
    for (forms, today, expected) in
        [(2, day(10, 31), 0), (2, day(11, 1), 1), (2, day(11, 10), 10), (0, day(11, 10), 0)]
    {
        assert_eq!(window().department_overdue_days(forms, today), expected, "{forms} on {today}");
    }
    let without = Window { department_due_date: None, ..window() };
    assert_eq!(without.department_overdue_days(2, day(11, 10)), 0);
}

#[test]
fn a_window_says_how_long_it_reminds_of_what_is_late() {
    for (days, today, expected) in [
        (0, day(10, 16), None),
        (3, day(10, 18), Some(Reminder::Overdue { days: 3 })),
        (3, day(10, 19), None),
        (60, day(12, 14), Some(Reminder::Overdue { days: 60 })),
    ] {
        let window = Window { overdue_reminder_days: days, ..window() };
        assert_eq!(window.reminds("602001", today), expected, "{days} days, on {today}");
    }
}

#[test]
fn reminders_come_before_and_after_the_last_day() {
    for (unit, today, expected) in [
        ("602001", day(10, 7), None),
        ("602001", day(10, 8), Some(Reminder::Due { days: 7 })),
        ("602001", day(10, 14), Some(Reminder::Due { days: 1 })),
        ("602001", day(10, 15), None),
        ("602001", day(10, 16), Some(Reminder::Overdue { days: 1 })),
        ("602001", day(10, 22), Some(Reminder::Overdue { days: 7 })),
        ("602001", day(10, 23), None),
        ("602009", day(10, 18), Some(Reminder::Due { days: 7 })),
    ] {
        assert_eq!(window().reminds(unit, today), expected, "{unit} on {today}");
    }
}

#[test]
fn a_unit_is_told_of_first_filings_and_of_what_was_returned_each_by_its_day() {
    let tells = |forms, return_days: &[NaiveDate], today| {
        let told = window().tells(Owed { unit: "602001", forms, return_days, reviews: 0 }, today);
        told.map(|told| {
            (told.reminder.days_left(), told.due_date, told.forms, told.returned, told.return_due)
        })
    };
    for (forms, return_days, today, expected) in [
        (2, vec![], day(10, 14), Some((1, day(10, 15), 2, 0, None))),
        (0, vec![], day(10, 14), None),
        (0, vec![day(11, 5), day(11, 20)], day(11, 4), Some((1, day(11, 5), 0, 1, Some(day(11, 5))))),
        (0, vec![day(11, 5), day(11, 20)], day(11, 12), Some((-7, day(11, 5), 0, 1, Some(day(11, 5))))),
        (0, vec![day(11, 5), day(11, 20)], day(11, 13), Some((7, day(11, 20), 0, 1, Some(day(11, 20))))),
        (0, vec![day(11, 5), day(11, 20)], day(11, 14), None),
        // What it owes for the first time is not told again with a return whose day it is.
        (2, vec![day(10, 31)], day(10, 30), Some((1, day(10, 31), 0, 1, Some(day(10, 31))))),
        (2, vec![day(10, 15), day(10, 15)], day(10, 14), Some((1, day(10, 15), 2, 2, Some(day(10, 15))))),
    ] {
        assert_eq!(tells(forms, &return_days, today), expected, "{forms}, {return_days:?} on {today}");
    }
}

#[test]
fn a_department_is_told_of_what_it_has_to_review_by_its_own_day() {
    for (forms, today, expected) in [
        (0, day(10, 24), Some((7, day(10, 31), 0, 3))),
        (0, day(10, 25), None),
        (0, day(11, 7), Some((-7, day(10, 31), 0, 3))),
        (0, day(11, 8), None),
        (2, day(10, 14), Some((1, day(10, 15), 2, 0))), // its own form, by the day of those who file
    ] {
        let told = window().tells(Owed { unit: "602001", forms, return_days: &[], reviews: 3 }, today);
        let told = told.map(|told| (told.reminder.days_left(), told.due_date, told.forms, told.reviews));
        assert_eq!(told, expected, "{forms} on {today}");
    }
}

#[test]
fn everything_that_is_wrong_with_a_window_is_said_at_once() {
    assert_eq!(window().faults(), []);
    let extension =
        |due_date, reason: &str| Extension { unit: "602009".to_owned(), due_date, reason: reason.to_owned() };
    let wrong = Window {
        due_date: day(8, 1),
        department_due_date: Some(day(7, 1)),
        reminder_days: vec![61, -1],
        overdue_reminder_days: 61,
        extensions: vec![extension(day(7, 31), " "), extension(day(9, 1), "机构改革")],
        ..window()
    };
    let fields: Vec<_> = wrong.faults().into_iter().map(|(field, ..)| field).collect();
    assert_eq!(
        fields,
        [
            "due_date",
            "department_due_date",
            "reminder_days",
            "overdue_reminder_days",
            "extensions.due_date",
            "extensions.reason",
            "extensions.unit"
        ]
    );
}
