//! Forms: target values with their traps (DOMAIN 3.2), weights (3.4), money and levels (3.1, 3.3).

use proptest::prelude::*;
use wenxiao_kernel::{Decimal, Operator};

use super::*;
use crate::domain::form::{Nature, Remark, Severity, WeightedGoal, WholeLifeFunding};
use crate::domain::objective::Subject;
use crate::domain::precheck::{self, Draft};
use crate::domain::target::{self, TargetFault};
use crate::domain::weights::{self, WeightFault};

fn check(form: &Form) -> Vec<Remark> {
    let subject = Subject::Project("p".to_owned());
    let draft = Draft { form, subject: &subject, title: "校舍修缮", neighbours: &[] };
    precheck::check(draft, &form_rules())
}

/// Rules that a form with this indicator in the first place breaks.
fn broken_by(change: impl FnOnce(&mut Indicator)) -> Vec<(String, Severity)> {
    let mut form = sound_form();
    change(&mut form.indicators[0]);
    check(&form).into_iter().map(|remark| (remark.rule, remark.severity)).collect()
}

fn error(rule: &str) -> Vec<(String, Severity)> {
    vec![(rule.to_owned(), Severity::Error)]
}

fn warning(rule: &str) -> Vec<(String, Severity)> {
    vec![(rule.to_owned(), Severity::Warning)]
}

#[test]
fn a_sound_form_has_no_remarks() {
    assert_eq!(check(&sound_form()), []);
}

#[test]
fn printed_values_are_read_as_they_stand() {
    let value = |text: &str| Target::Number(number(text));
    let range = |lower: &str, upper: &str| Target::Range { lower: number(lower), upper: number(upper) };
    let text = |text: &str| Target::Text(text.to_owned());
    let cases = [
        ("≥95%", Operator::AtLeast, value("95"), "%"),
        ("<=30万元", Operator::AtMost, value("30"), "万元"),
        ("≤ 30 万元", Operator::AtMost, value("30"), "万元"),
        ("＞3", Operator::MoreThan, value("3"), ""),
        ("0起", Operator::Equal, value("0"), "起"),
        ("0", Operator::Equal, value("0"), ""),
        ("290%", Operator::Equal, value("290"), "%"),
        ("17.4万元", Operator::Equal, value("17.4"), "万元"),
        ("850余个", Operator::AtLeast, value("850"), "个"),
        ("0.6亿多", Operator::AtLeast, value("0.6"), "亿"),
        ("2万多元", Operator::AtLeast, value("2"), "万元"),
        ("90%-95%", Operator::Range, range("90", "95"), "%"),
        ("3~5个", Operator::Range, range("3", "5"), "个"),
        ("1,200平方米", Operator::Equal, value("1200"), "平方米"),
        ("不超过10次", Operator::AtMost, value("10"), "次"),
        ("显著提升", Operator::Qualitative, text("显著提升"), ""),
        ("完成", Operator::Qualitative, text("完成"), ""),
        ("3个乡镇2条路", Operator::Qualitative, text("3个乡镇2条路"), ""),
    ];
    for (printed, operator, target, unit) in cases {
        let read = target::read(printed).unwrap();
        assert_eq!((read.operator, &read.target, read.unit.as_str()), (operator, &target, unit), "{printed}");
    }
    for nothing in ["", " ", "*", "/", "—", "-", "//"] {
        assert_eq!(target::read(nothing), None, "{nothing:?} is nothing, never zero");
    }
}

#[test]
fn a_value_belongs_to_its_operator() {
    let text = Target::Text("完成".to_owned());
    let zero = Target::Number(Decimal::ZERO);
    let reversed = Target::Range { lower: number("5"), upper: number("3") };
    let cases = [
        (Operator::AtMost, Some(&text), Err(TargetFault::NeedsNumber)), // 成本控制数 ≤30 万元, "完成"
        (Operator::Equal, Some(&zero), Ok(())),                         // 安全事件 0 起
        (Operator::Equal, None, Err(TargetFault::Missing)),
        (Operator::Qualitative, Some(&zero), Err(TargetFault::NeedsText)),
        (Operator::Qualitative, Some(&text), Ok(())),
        (Operator::Range, Some(&zero), Err(TargetFault::NeedsRange)),
        (Operator::Range, Some(&reversed), Err(TargetFault::RangeReversed)),
    ];
    for (operator, target, expected) in cases {
        assert_eq!(target::check(operator, target), expected, "{operator} {target:?}");
    }
}

#[test]
fn every_trap_of_real_forms_is_seen() {
    assert_eq!(broken_by(|i| i.target = Some(Target::Text("完成".to_owned()))), error("value.needs_number"));
    assert_eq!(broken_by(|i| i.target = Some(Target::Number(Decimal::ZERO))), []);
    assert_eq!(broken_by(|i| i.target = None), error("value.missing"));
    let cost = |operator| {
        broken_by(|i| {
            i.level2_code = "14".to_owned();
            i.operator = Some(operator);
        })
    };
    assert_eq!(cost(Operator::AtLeast), error("operator.cost_direction")); // 统战特别费 ≥17.4 万元
    assert_eq!(cost(Operator::AtMost), []);
    assert_eq!(cost(Operator::Equal), []);
    // 科目调整次数 ≤10 次, 结余率 ≤5 %: lower is better and nothing is wrong with it.
    assert_eq!(broken_by(|i| i.operator = Some(Operator::AtMost)), []);
    let vague = broken_by(|i| {
        i.title = "社会效益明显".to_owned();
        i.measure_unit = "%".to_owned();
        i.target = Some(Target::Number(number("95")));
    });
    assert_eq!(vague, warning("value.false_quantification"));
    let no_standard = broken_by(|i| {
        i.operator = Some(Operator::Qualitative);
        i.target = Some(Target::Text("显著提升".to_owned()));
        i.measure_unit = String::new();
    });
    assert_eq!(no_standard, warning("value.no_standard"));
    assert_eq!(broken_by(|i| i.measure_unit = String::new()), error("indicator.unit"));
    let mut form = sound_form();
    form.indicators[2].measure_unit = "%".to_owned();
    form.indicators[2].target = Some(Target::Number(number("290")));
    assert_eq!(check(&form)[0].rule, "value.satisfaction_range");
}

#[test]
fn levels_are_those_of_the_year() {
    // Cost at level one belongs to the tree of 2021, not to that of 2020.
    assert_eq!(
        broken_by(|i| {
            i.level1 = Some(Level1::Cost);
            i.operator = Some(Operator::AtMost);
        }),
        [error("levels.level1"), warning("levels.required")].concat()
    );
    assert_eq!(broken_by(|i| i.level2_code = "22".to_owned()), error("levels.level2"));
    assert_eq!(broken_by(|i| i.level2_code = "11".to_owned()), []);
}

#[test]
fn weights_are_exact_against_the_total_of_the_form() {
    let quarters = |declared: Option<&str>| {
        let mut form = sound_form();
        form.indicators = (0..4).map(|i| indicator(&format!("i{i}"), Level1::Output, "22.5")).collect();
        form.declared_weight_total = declared.map(number);
        weights::check(&form, &form_rules())
    };
    assert_eq!(quarters(None), []);
    assert_eq!(quarters(Some("90")), []);
    let sum = WeightFault::Sum { goal: 0, expected: number("100"), actual: number("90") };
    assert_eq!(quarters(Some("100")), [sum]);
    assert_eq!(quarters(Some("110")), [WeightFault::TotalNotAllowed { declared: number("110") }]);

    // The real form whose rows sum to 110 while it prints 100: 70 + 20 + 10, and 10 for execution.
    let mut form = sound_form();
    for (indicator, weight) in form.indicators.iter_mut().zip(["70", "20", "10"]) {
        indicator.weight = Some(number(weight));
    }
    let sum = WeightFault::Sum { goal: 0, expected: number("90"), actual: number("100") };
    assert_eq!(weights::check(&form, &form_rules()), [sum]);

    let mut form = sound_form();
    form.indicators[1].weight = None;
    form.indicators[2].weight = Some(Decimal::ZERO);
    let faults = weights::check(&form, &form_rules());
    assert!(faults.contains(&WeightFault::Missing { indicator: "i2".to_owned() }));
    assert!(faults.contains(&WeightFault::OutOfBounds { indicator: "i3".to_owned(), weight: Decimal::ZERO }));
    // One indicator may carry all of it.
    let mut form = sound_form();
    form.indicators = vec![indicator("i1", Level1::Output, "90")];
    assert_eq!(weights::check(&form, &form_rules()), []);
}

#[test]
fn what_is_promised_for_the_whole_life_carries_no_weight_in_the_year() {
    let mut form = sound_form();
    let mut whole = indicator("w1", Level1::Output, "40");
    whole.period = Period::WholeLife;
    form.indicators.push(whole);
    assert_eq!(weights::check(&form, &form_rules()), [], "the year's rows add up by themselves");
    form.indicators[3].weight = None;
    assert_eq!(weights::check(&form, &form_rules()), []);
    form.indicators[3].period = Period::Annual;
    assert_eq!(weights::check(&form, &form_rules()), [WeightFault::Missing { indicator: "w1".to_owned() }]);
}

#[test]
fn weights_may_belong_to_goals() {
    let mut rules = form_rules();
    rules.weight_totals = vec![number("80")]; // 20 for execution, 40 + 40 for two goals
    let goal = |n| WeightedGoal { number: n, text: "目标".to_owned(), weight: number("40") };
    let mut form = sound_form();
    form.weighted_goals = vec![goal(1), goal(2)];
    form.indicators = vec![indicator("a", Level1::Output, "25"), indicator("b", Level1::Benefit, "15")];
    form.indicators[0].goal_number = 1;
    form.indicators[1].goal_number = 1;
    assert_eq!(weights::check(&form, &rules), []);
    form.indicators[1].weight = Some(number("14.9999"));
    let sum = WeightFault::Sum { goal: 1, expected: number("40"), actual: number("39.9999") };
    assert_eq!(weights::check(&form, &rules), [sum]);
    form.indicators[1].goal_number = 3;
    assert!(weights::check(&form, &rules).contains(&WeightFault::UnknownGoal { indicator: "b".to_owned() }));
}

#[test]
fn money_adds_up_and_years_stay_apart() {
    let rules = |form: &Form| check(form).into_iter().map(|remark| remark.rule).collect::<Vec<_>>();
    let mut form = sound_form();
    form.annual_funding.as_mut().unwrap().other = Some(yuan("0.01"));
    assert_eq!(rules(&form), ["money.sum"]);
    // The whole-life total is no part of the annual one's sum. It is only ever the larger of the two, or where there is
    // one year alone, the same.
    let with_whole = |total: &str, nature: Nature| {
        let whole = WholeLifeFunding { total: yuan(total), fiscal: None, other: None, printed_total: None };
        let goal = "三年完成".to_owned();
        Form { nature: Some(nature), whole_life_funding: Some(whole), medium_term_goal: goal, ..sound_form() }
    };
    assert_eq!(rules(&with_whole("2000000", Nature::Phased)), [""; 0]);
    assert_eq!(rules(&with_whole("850000", Nature::OneOff)), [""; 0]);
    assert_eq!(rules(&with_whole("850000", Nature::Phased)), ["money.annual_whole"]);
    assert_eq!(rules(&with_whole("849999.99", Nature::OneOff)), ["money.annual_whole"]);
    let mut form = sound_form();
    form.annual_funding = None;
    assert_eq!(rules(&form), ["completeness.annual_funding"]);
}

proptest! {
    #[test]
    fn any_exact_split_passes_and_any_slip_fails(parts in proptest::collection::vec(1u32..200_000, 1..30)) {
        let total = parts.iter().map(|part| i64::from(*part)).sum::<i64>();
        let mut rules = form_rules();
        rules.weight_totals = vec![Decimal::new(total, 4)];
        let mut form = sound_form();
        form.indicators = parts.iter().enumerate()
            .map(|(n, part)| indicator(&format!("i{n}"), Level1::Output, &Decimal::new(i64::from(*part), 4).to_string()))
            .collect();
        prop_assert_eq!(weights::check(&form, &rules), vec![]);
        let first = form.indicators[0].weight.unwrap();
        form.indicators[0].weight = Some(first + Decimal::new(1, 4));
        prop_assert!(!weights::check(&form, &rules).is_empty());
    }

    #[test]
    fn printed_numbers_come_back(value in 0i64..1_000_000_000, scale in 0u32..4, sign in 0usize..5) {
        let (prefix, operator) = [
            ("≥", Operator::AtLeast), ("＞", Operator::MoreThan), ("＝", Operator::Equal),
            ("＜", Operator::LessThan), ("≤", Operator::AtMost),
        ][sign];
        let value = Decimal::new(value, scale);
        let read = target::read(&format!("{prefix}{value}万元")).unwrap();
        prop_assert_eq!((read.operator, read.target, read.unit), (operator, Target::Number(value), "万元".to_owned()));
    }

    #[test]
    fn reading_never_fails(text in "\\PC{0,40}") {
        let _ = target::read(&text);
    }
}
