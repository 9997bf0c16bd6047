//! A form answers to the version of its objective that was in force at the end of the evaluated year.

use proptest::prelude::*;
use wenxiao_kernel::Operator;

use super::budget::object;
use super::flows::{form, now, task};
use super::rules::rules;
use super::{dec, yuan};
use crate::domain::Failure;
use crate::domain::object::ObjectKind;
use crate::domain::rules::Level;
use crate::domain::scoring::indicator::{Actual, Method};
use crate::domain::self_evaluation::{
    Basis, DepartureKind, Form, Promise, RatifiedVersion, SelfEvaluation, WeightedGoal, in_force,
};

fn promise(id: &str, target: &str, weight: &str) -> Promise {
    Promise {
        id: id.into(),
        level1: "产出指标".into(),
        level2: "数量指标".into(),
        level3: "完成数量".into(),
        operator: Some(Operator::AtLeast),
        target: Some(dec(target)),
        upper: None,
        target_text: String::new(),
        unit: "%".into(),
        weight: Some(dec(weight)),
        goal: 0,
    }
}

/// Version `number` of the objective, with the indicators `a` and `b` of the form in `flows`.
fn version(number: i32, ratified: &str) -> RatifiedVersion {
    RatifiedVersion {
        number,
        ratify_time: ratified.parse().unwrap(),
        amount: yuan("2600000"),
        goal: "完成整治".into(),
        goals: Vec::new(),
        indicators: vec![promise("a", "95", "80"), promise("b", "95", "10")],
    }
}

fn first() -> RatifiedVersion {
    version(1, "2019-01-28T08:00:00Z")
}

fn started(form: Form, versions: &[RatifiedVersion]) -> Result<SelfEvaluation, Failure> {
    let basis = Basis { objective: "o".into(), amount: yuan("2600000"), version: in_force(versions, 2019) };
    SelfEvaluation::start(("t", &task()), object(ObjectKind::Project), basis, form, &rules())
}

fn bare() -> Form {
    Form { indicators: Vec::new(), planned_goal: String::new(), ..form() }
}

#[test]
fn the_version_ratified_last_by_the_end_of_the_year_is_in_force() {
    assert_eq!(in_force(&[], 2019), None);
    let cases = [
        ("2019-01-28T08:00:00Z", 1, false),
        ("2019-01-28T08:00:00Z 2019-08-01T08:00:00Z", 2, false),
        // A year ends at midnight in China, which is four in the afternoon in Greenwich.
        ("2019-01-28T08:00:00Z 2019-12-31T15:59:59Z", 2, false),
        ("2019-01-28T08:00:00Z 2019-12-31T16:00:00Z", 1, false),
        // Recorded after the year: what was ratified last holds, and is marked.
        ("2020-02-01T08:00:00Z", 1, true),
        ("2020-02-01T08:00:00Z 2020-03-01T08:00:00Z", 2, true),
    ];
    for (times, number, late) in cases {
        let versions: Vec<_> =
            times.split(' ').zip(1..).map(|(time, number)| version(number, time)).collect();
        let (found, noted) = in_force(&versions, 2019).unwrap();
        assert_eq!((found.number, noted.number, noted.late), (number, number, late), "{times}");
    }
}

#[test]
fn goal_indicators_and_weights_are_the_objectives() {
    let versions = [first()];
    let evaluation = started(bare(), &versions).unwrap();
    let filled: Vec<_> = evaluation.form.indicators.iter().map(|i| (i.id.as_str(), i.weight)).collect();
    assert_eq!(filled, [("a", dec("80")), ("b", dec("10"))]);
    assert_eq!(evaluation.form.planned_goal, "完成整治");
    assert_eq!(evaluation.objective_version.unwrap().number, 1);
    assert!(evaluation.form.indicators.iter().all(|indicator| indicator.actual.is_none()));

    // The identifier is enough; what the unit says stands beside what the objective says, in its order.
    let mut own = form();
    own.indicators.reverse();
    for item in &mut own.indicators {
        (item.level1, item.level2, item.level3, item.unit) = Default::default();
        (item.operator, item.target) = (None, None);
    }
    let mut evaluation = started(own, &versions).unwrap();
    assert_eq!(evaluation.form.indicators[0].level3, "完成数量");
    assert_eq!(evaluation.form.indicators[1].deviation_reason, "雨季停工");
    assert_eq!(evaluation.sheet.totals.self_score, Some(dec("96.74")));
    let edited =
        Form { planned_goal: String::new(), problems: "进度偏慢".into(), ..evaluation.form.clone() };
    evaluation.edit(&task(), edited, &rules(), &versions).unwrap();
    assert_eq!(evaluation.form.planned_goal, "完成整治", "what the objective says is not edited away");
    evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap();
}

#[test]
fn every_difference_is_named_at_once() {
    let mut other = form();
    other.planned_goal = "别的目标".into();
    other.indicators[0].target = Some(dec("90"));
    other.indicators[0].weight = dec("70");
    other.indicators[0].method = Some(Method::YesNo);
    other.indicators.push(other.indicators[0].clone());
    other.indicators[1].id = "c".into();
    let Failure::ObjectiveDiffers { version: 1, departures } = started(other, &[first()]).unwrap_err() else {
        panic!("the form departs from version 1");
    };
    let named: Vec<_> =
        departures.iter().map(|d| (d.field.as_str(), d.indicator.as_str(), d.kind.clone())).collect();
    let ratified = |text: &str| DepartureKind::Other { ratified: text.into() };
    assert_eq!(
        named,
        [
            ("planned_goal", "", ratified("完成整治")),
            ("indicators[0].target_value", "a", ratified("95")),
            ("indicators[0].weight", "a", ratified("80")),
            ("indicators[0].method", "a", DepartureKind::Method),
            ("indicators[1].indicator_id", "c", DepartureKind::Unknown),
            ("indicators[2].indicator_id", "a", DepartureKind::Repeated),
            ("indicators", "b", DepartureKind::Missing),
        ]
    );
    // The same number otherwise written is no difference.
    let mut same = form();
    same.indicators[0].target = Some(dec("95.00"));
    assert!(started(same, &[first()]).is_ok());
}

/// An adjustment: `a` asks for less, `b` counts in another unit, `c` is new.
fn adjusted() -> RatifiedVersion {
    let mut adjusted = version(2, "2019-09-01T08:00:00Z");
    adjusted.indicators = vec![
        promise("a", "90", "70"),
        Promise { unit: "个".into(), ..promise("b", "95", "10") },
        Promise { operator: Some(Operator::Qualitative), target: None, ..promise("c", "0", "10") },
    ];
    adjusted.goal = "完成大部分整治".into();
    adjusted.amount = yuan("2000000");
    adjusted
}

#[test]
fn a_form_follows_an_adjustment_before_it_is_handed_in() {
    let mut own = form();
    own.indicators[0].unit_score = Some(dec("80"));
    let mut evaluation = started(own, &[first()]).unwrap();
    let current = evaluation.refresh(&task(), &rules(), &[first()]).unwrap_err();
    assert_eq!(current, Failure::ObjectiveCurrent { version: 1 });

    let versions = [first(), adjusted()];
    let refused = evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap_err();
    assert_eq!(refused, Failure::ObjectiveOutdated { noted: 1, in_force: 2 });
    evaluation.refresh(&task(), &rules(), &versions).unwrap();
    assert_eq!(evaluation.objective_version.unwrap().number, 2);
    assert_eq!(
        (evaluation.form.planned_goal.as_str(), evaluation.objective_amount),
        ("完成大部分整治", yuan("2000000"))
    );
    let [a, b, c] = evaluation.form.indicators.as_slice() else { panic!("three indicators") };
    assert_eq!((a.weight, a.target, a.actual), (dec("70"), Some(dec("90")), Some(Actual::Number(dec("96")))));
    assert_eq!(a.unit_score, None, "a score belongs to its target and weight");
    assert_eq!((b.actual, b.deviation_reason.as_str()), (None, "雨季停工"), "a value belongs to its unit");
    assert_eq!((c.actual, c.operator), (None, Some(Operator::Qualitative)));

    let mut done = evaluation.form.clone();
    done.indicators[1].actual = Some(Actual::Number(dec("100")));
    done.indicators[2].actual = Some(Actual::Level(Level::Achieved));
    done.indicators[2].unit_score = Some(dec("9"));
    evaluation.edit(&task(), done, &rules(), &versions).unwrap();
    evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap();
    assert!(evaluation.refresh(&task(), &rules(), &versions).is_err(), "not while it lies with others");
}

#[test]
fn what_is_adjusted_after_the_year_does_not_touch_its_evaluation() {
    let mut evaluation = started(form(), &[first()]).unwrap();
    let versions = [first(), RatifiedVersion { ratify_time: now(), ..adjusted() }];
    assert!(evaluation.refresh(&task(), &rules(), &versions).is_err());
    evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap();
}

#[test]
fn a_form_from_before_takes_the_version_up_and_one_without_an_objective_goes_on() {
    let mut before = started(form(), &[]).unwrap();
    let refused = before.submit(&task(), &rules(), &[first()], "u", now()).unwrap_err();
    assert_eq!(refused, Failure::ObjectiveOutdated { noted: 0, in_force: 1 });
    before.refresh(&task(), &rules(), &[first()]).unwrap();
    assert_eq!(before.form.indicators[0].actual, Some(Actual::Number(dec("96"))));
    before.submit(&task(), &rules(), &[first()], "u", now()).unwrap();

    let mut without = started(form(), &[]).unwrap();
    without.submit(&task(), &rules(), &[], "u", now()).unwrap();
}

#[test]
fn a_unit_divides_the_weight_of_a_goal_among_its_indicators() {
    let below = |id: &str, goal| Promise { weight: None, goal, ..promise(id, "95", "0") };
    let mut version = first();
    version.goals =
        vec![WeightedGoal { number: 1, weight: dec("80") }, WeightedGoal { number: 2, weight: dec("10") }];
    version.indicators = vec![below("a", 1), below("b", 2)];
    let versions = [version];
    let mut own = form();
    own.indicators[0].weight = dec("79");
    own.indicators[1].weight = dec("11");
    let mut evaluation = started(own.clone(), &versions).unwrap();
    let refused = evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap_err();
    assert_eq!(refused, Failure::GoalPoints { goal: 1, sum: dec("79"), required: dec("80") });
    own.indicators[0].weight = dec("80");
    own.indicators[1].weight = dec("10");
    evaluation.edit(&task(), own, &rules(), &versions).unwrap();
    evaluation.submit(&task(), &rules(), &versions, "u", now()).unwrap();
}

proptest! {
    /// Whatever is ratified and whatever the unit says of it: a filled form says both, and filling it again, or renewing
    /// it by the same version, changes nothing.
    #[test]
    fn filling_keeps_both_sides(rows in prop::collection::vec((0i64..10_000, 1i64..10_000, prop::option::of(0i64..20_000)), 1..12)) {
        let mut version = first();
        version.indicators = rows
            .iter()
            .zip(0..)
            .map(|((target, weight, _), id)| Promise {
                target: Some(rust_decimal::Decimal::new(*target, 2)),
                weight: Some(rust_decimal::Decimal::new(*weight, 2)),
                ..promise(&format!("i{id}"), "0", "0")
            })
            .collect();
        let mut own = version.fill(Form::default()).unwrap();
        for (item, (_, _, actual)) in own.indicators.iter_mut().zip(&rows) {
            item.actual = actual.map(|value| Actual::Number(rust_decimal::Decimal::new(value, 2)));
        }
        own.indicators.reverse();
        let filled = version.fill(own).unwrap();
        for ((item, promise), (_, _, actual)) in filled.indicators.iter().zip(&version.indicators).zip(&rows) {
            prop_assert_eq!((&item.id, item.target, Some(item.weight)), (&promise.id, promise.target, promise.weight));
            prop_assert_eq!(item.actual.is_some(), actual.is_some());
        }
        prop_assert_eq!(&version.fill(filled.clone()).unwrap(), &filled);
        prop_assert_eq!(&version.renew(filled.clone()), &filled);
    }
}
