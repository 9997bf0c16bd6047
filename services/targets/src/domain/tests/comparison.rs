//! What differs between two forms (版本比较).

use proptest::prelude::*;

use super::*;
use crate::domain::compare::{ChangeMark, compare};
use crate::domain::target::Target;

#[test]
fn a_form_does_not_differ_from_itself() {
    assert_eq!(compare(&sound_form(), &sound_form()), []);
    assert_eq!(compare(&Form::default(), &Form::default()), []);
}

#[test]
fn old_and_new_stand_side_by_side_as_the_form_prints_them() {
    let (old, mut new) = (sound_form(), sound_form());
    new.annual_goal = "完成四所学校校舍修缮".to_owned();
    new.planned_start = chrono::NaiveDate::from_ymd_opt(2020, 3, 1);
    new.annual_funding.as_mut().unwrap().total = yuan("900000");
    new.indicators[0].target = Some(Target::Range { lower: number("90"), upper: number("95") });
    new.indicators[1].weight = None;
    let added =
        Indicator { id: "i9".to_owned(), title: "新增指标".to_owned(), ..new.indicators[2].clone() };
    new.indicators.remove(2);
    new.indicators.push(added);
    let changes = compare(&old, &new);
    let seen: Vec<_> = changes
        .iter()
        .map(|c| (c.field.as_str(), c.indicator_id.as_str(), c.mark, c.old.as_str(), c.new.as_str()))
        .collect();
    use ChangeMark::{Added, Changed, Removed};
    let old_total = old.annual_funding.as_ref().unwrap().total.to_string();
    assert_eq!(seen[0], ("planned_start_date", "", Added, "", "2020-03-01"));
    assert_eq!(seen[1], ("annual_funding.total_amount", "", Changed, old_total.as_str(), "900000.00元"));
    assert_eq!(seen[2].0, "annual_goal");
    assert_eq!((seen[3].0, seen[3].1, seen[3].4), ("indicators.target_value", "i1", "90–95"));
    assert_eq!((seen[4].0, seen[4].1, seen[4].2), ("indicators.weight", "i2", Removed));
    assert_eq!((seen[5].0, seen[5].1, seen[5].2), ("indicators", "i9", Added));
    assert!(seen[5].4.contains("新增指标"));
    assert_eq!((seen[6].0, seen[6].1, seen[6].2), ("indicators", "i3", Removed));
    assert_eq!(seen.len(), 7);
}

#[test]
fn another_order_is_a_difference() {
    let (old, mut new) = (sound_form(), sound_form());
    new.indicators.swap(0, 1);
    let changes = compare(&old, &new);
    assert_eq!((changes.len(), changes[0].field.as_str()), (1, "indicators"));
    assert_eq!((changes[0].old.as_str(), changes[0].new.as_str()), ("i1、i2、i3", "i2、i1、i3"));
}

/// One edit of a form.
#[derive(Clone, Debug)]
enum Edit {
    Goal(String),
    LongGoal(String),
    Leader(String),
    CarryOver(i64),
    Profile(bool),
    Value(usize, Option<Target>),
    Remove(usize),
    Note(usize, String),
    Reverse,
}

impl Edit {
    fn make(self, form: &mut Form) {
        match self {
            Self::Goal(text) => form.annual_goal = text,
            Self::LongGoal(text) => form.medium_term_goal = text,
            Self::Leader(text) => form.leader_name = text,
            Self::CarryOver(fen) => {
                let amount = Money::from_yuan(Decimal::new(fen, 2)).unwrap();
                form.annual_funding.as_mut().unwrap().carry_over = (fen > 0).then_some(amount);
            }
            Self::Profile(there) => form.department_profile = there.then(Default::default),
            Self::Value(row, value) => {
                form.indicators.iter_mut().skip(row).take(1).for_each(|row| row.target = value.clone())
            }
            Self::Remove(row) if row < form.indicators.len() => drop(form.indicators.remove(row)),
            Self::Remove(_) => {}
            Self::Note(row, text) => {
                form.indicators.iter_mut().skip(row).take(1).for_each(|row| row.note = text.clone())
            }
            Self::Reverse => form.indicators.reverse(),
        }
    }
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let text = || "[甲乙丙]{0,3}";
    let value = prop_oneof![
        Just(None),
        Just(Some(Target::Text("5".to_owned()))),
        Just(Some(Target::Number(Decimal::from(5)))),
    ];
    prop_oneof![
        text().prop_map(Edit::Goal),
        text().prop_map(Edit::LongGoal),
        text().prop_map(Edit::Leader),
        (0i64..3).prop_map(Edit::CarryOver),
        any::<bool>().prop_map(Edit::Profile),
        (0usize..3, value).prop_map(|(row, value)| Edit::Value(row, value)),
        (0usize..3).prop_map(Edit::Remove),
        (0usize..3, text()).prop_map(|(row, text)| Edit::Note(row, text)),
        Just(Edit::Reverse),
    ]
}

proptest! {
    /// What the comparison does not name did not change, and the other way round: the hash says the same.
    #[test]
    fn the_comparison_is_as_sharp_as_the_hash(
        first in proptest::collection::vec(any_edit(), 0..5),
        second in proptest::collection::vec(any_edit(), 0..5),
    ) {
        let (mut one, mut other) = (sound_form(), sound_form());
        first.into_iter().for_each(|edit| edit.make(&mut one));
        second.into_iter().for_each(|edit| edit.make(&mut other));
        let changes = compare(&one, &other);
        prop_assert_eq!(changes.is_empty(), one.content_hash() == other.content_hash());
        for change in &changes {
            prop_assert_eq!(change.mark == ChangeMark::Added, change.old.is_empty() && !change.new.is_empty());
        }
        let back = compare(&other, &one);
        prop_assert_eq!(changes.len(), back.len(), "looked at from the other side there is as much");
    }
}
