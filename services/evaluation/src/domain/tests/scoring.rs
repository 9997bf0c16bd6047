use wenxiao_kernel::{Grade, Operator};

use super::rules::{execution, indicator, rate_bands, scale, sourced};
use super::{dec, yuan};
use crate::domain::Failure;
use crate::domain::rules::*;
use crate::domain::scoring::execution::{Execution, score as execution_score};
use crate::domain::scoring::form::{Part, total};
use crate::domain::scoring::indicator::{Actual, Measured, Method, score};
use crate::domain::scoring::suspicion::{Picture, SignalKind, mismatch, signals};

fn spent(adjusted: &str, executed: &str, finished: bool) -> Execution {
    Execution {
        initial: yuan(adjusted),
        adjusted: yuan(adjusted),
        executed: yuan(executed),
        received: None,
        finished,
    }
}

fn quantitative<'a>(operator: Operator, target: &str, actual: &str, weight: &str) -> Measured<'a> {
    Measured {
        id: "i1",
        operator: Some(operator),
        target: Some(dec(target)),
        upper: None,
        unit: "",
        method: Method::Quantitative,
        weight: dec(weight),
        actual: Some(Actual::Number(dec(actual))),
        chosen: None,
    }
}

fn points(rules: &IndicatorRules, measured: &Measured<'_>) -> String {
    score(sourced(rules), measured, 2).unwrap().score.unwrap().to_string()
}

#[test]
fn budget_execution_by_both_rules() {
    use ExecutionMethod::{Banded, Proportional};
    for (method, adjusted, executed, finished, expected) in [
        (Proportional, "2600000", "1924000", false, "7.40"), // 74 % of the seed
        (Banded, "2600000", "1924000", false, "5.0"),
        (Banded, "100", "80", false, "7.0"),
        (Banded, "100", "79.99", false, "5.0"),
        (Banded, "100", "60", false, "5.0"),
        (Banded, "100", "59.99", false, "0"),
        (Banded, "100", "59.99", true, "10"), // finished and within budget
        (Banded, "100", "99.99", false, "7.0"),
        (Proportional, "100", "120", false, "10"), // never above the points
        (Proportional, "3", "2", false, "6.67"),
    ] {
        let rules = execution(method);
        let result =
            execution_score(sourced(&rules), spent(adjusted, executed, finished), dec("10"), 2).unwrap();
        assert_eq!(result.score.unwrap(), dec(expected), "{method} {executed}/{adjusted}");
    }
}

#[test]
fn a_zero_budget_is_no_division_by_one() {
    for (rule, executed, expected) in [
        (ZeroBudget::ZeroScore, "0", Some("0")),
        (ZeroBudget::FullScore, "0", Some("10")),
        (ZeroBudget::FullScore, "5", Some("0")),
        (ZeroBudget::NotScored, "0", None),
    ] {
        let rules = ExecutionRules { zero_budget: rule, ..execution(ExecutionMethod::Proportional) };
        let result = execution_score(sourced(&rules), spent("0", executed, false), dec("10"), 2).unwrap();
        assert_eq!((result.rate, result.score), (None, expected.map(dec)), "{rule}");
    }
}

#[test]
fn worked_indicator_scores() {
    let ratio = indicator(LowerIsBetter::Ratio);
    let linear = indicator(LowerIsBetter::Linear);
    for (operator, target, actual, weight, by_ratio, by_linear) in [
        (Operator::AtLeast, "95", "88.75", "10", "9.34", "9.34"),
        (Operator::AtLeast, "500", "487", "10", "9.74", "9.74"),
        (Operator::AtMost, "30", "36", "20", "16.67", "16.00"),
        (Operator::AtMost, "30", "60", "20", "10.00", "0.00"),
        (Operator::AtMost, "30", "75", "20", "8.00", "0.00"),
        (Operator::AtMost, "30", "30", "20", "20.00", "20.00"),
        (Operator::AtLeast, "98", "98", "20", "20.00", "20.00"), // 黄冈 printed 19.6
        (Operator::Equal, "10", "5", "8", "4.00", "4.00"),
        (Operator::Equal, "10", "12", "8", "8.00", "8.00"),
        (Operator::MoreThan, "10", "5", "8", "4.00", "4.00"),
        (Operator::LessThan, "10", "20", "8", "4.00", "0.00"),
    ] {
        let measured = quantitative(operator, target, actual, weight);
        assert_eq!(
            score(sourced(&ratio), &measured, 2).unwrap().score,
            Some(dec(by_ratio)),
            "{operator} {target}/{actual}"
        );
        assert_eq!(
            score(sourced(&linear), &measured, 2).unwrap().score,
            Some(dec(by_linear)),
            "{operator} {target}/{actual}"
        );
    }
}

#[test]
fn zero_is_a_target_like_any_other() {
    let by_operator = indicator(LowerIsBetter::Ratio);
    let exact = IndicatorRules { zero_target: ZeroTarget::ExactZero, ..by_operator.clone() };
    for (operator, actual, expected_by_operator, expected_exact) in [
        (Operator::AtMost, "0", "5", "5"), // 0 incidents, none happened
        (Operator::AtMost, "1", "0", "0"),
        (Operator::Equal, "0", "5", "5"),
        (Operator::Equal, "2", "0", "0"),
        (Operator::AtLeast, "3", "5", "0"), // "≥0": everything meets it, unless zero is meant
        (Operator::AtLeast, "0", "5", "5"),
        (Operator::MoreThan, "0", "0", "5"),
        (Operator::LessThan, "-1", "5", "0"),
    ] {
        let measured = quantitative(operator, "0", actual, "5");
        assert_eq!(dec(&points(&by_operator, &measured)), dec(expected_by_operator), "{operator} {actual}");
        assert_eq!(dec(&points(&exact, &measured)), dec(expected_exact), "{operator} {actual} exact");
    }
}

#[test]
fn equality_and_ranges() {
    let deviation =
        IndicatorRules { equal_target: EqualTarget::Deviation, ..indicator(LowerIsBetter::Ratio) };
    let exact = IndicatorRules { equal_target: EqualTarget::Exact, ..deviation.clone() };
    for (actual, by_deviation, by_exact) in
        [("10", "8", "8"), ("12", "6.4", "0"), ("8", "6.4", "0"), ("25", "0", "0")]
    {
        let measured = quantitative(Operator::Equal, "10", actual, "8");
        assert_eq!(dec(&points(&deviation, &measured)), dec(by_deviation));
        assert_eq!(dec(&points(&exact, &measured)), dec(by_exact));
    }
    for (actual, expected) in [("20", "8"), ("30", "8"), ("10", "4"), ("60", "4")] {
        let measured =
            Measured { upper: Some(dec("30")), ..quantitative(Operator::Range, "20", actual, "8") };
        assert_eq!(dec(&points(&deviation, &measured)), dec(expected), "{actual}");
    }
}

#[test]
fn far_above_the_target_is_noted_or_deducted() {
    let noted = indicator(LowerIsBetter::Ratio);
    let deducted = IndicatorRules { excess_deducted: true, ..noted.clone() };
    for (actual, expected, excessive) in
        [("129", "10", false), ("130", "10", true), ("180", "5", true), ("400", "0", true)]
    {
        let measured = quantitative(Operator::AtLeast, "100", actual, "10");
        let result = score(sourced(&deducted), &measured, 2).unwrap();
        assert_eq!((result.score, result.excessive), (Some(dec(expected)), excessive), "{actual}");
        assert_eq!(dec(&points(&noted, &measured)), dec("10"));
    }
}

#[test]
fn qualitative_scores_lie_inside_their_band() {
    let rules = indicator(LowerIsBetter::Ratio);
    for (level, chosen, allowed) in [
        (Level::Achieved, "10", true),
        (Level::Achieved, "8", true),
        (Level::Achieved, "7.99", false),
        (Level::PartlyAchieved, "8", false),
        (Level::PartlyAchieved, "7.99", true),
        (Level::PartlyAchieved, "6", true),
        (Level::NotAchieved, "6", false),
        (Level::NotAchieved, "0", true),
    ] {
        let measured = Measured {
            method: Method::Qualitative,
            actual: Some(Actual::Level(level)),
            chosen: Some(dec(chosen)),
            ..quantitative(Operator::Qualitative, "0", "0", "10")
        };
        match score(sourced(&rules), &measured, 2) {
            Ok(result) => assert!(allowed && result.score == Some(dec(chosen)), "{level} {chosen}"),
            Err(Failure::ScoreOutOfBand { .. }) => assert!(!allowed, "{level} {chosen}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn satisfaction_and_yes_or_no() {
    let banded = IndicatorRules {
        satisfaction: rate_bands(&[("0.9", "1"), ("0.8", "0.8"), ("0.6", "0.5"), ("0", "0")]),
        ..indicator(LowerIsBetter::Ratio)
    };
    for (actual, expected) in
        [("98", "10"), ("90", "10"), ("89.99", "8"), ("80", "8"), ("60", "5"), ("59.9", "0")]
    {
        let measured = Measured {
            unit: "%",
            method: Method::Satisfaction,
            ..quantitative(Operator::AtLeast, "95", actual, "10")
        };
        assert_eq!(dec(&points(&banded, &measured)), dec(expected), "{actual}");
    }
    for (done, expected) in [(true, "10"), (false, "0")] {
        let measured = Measured {
            method: Method::YesNo,
            actual: Some(Actual::Done(done)),
            ..quantitative(Operator::Equal, "1", "1", "10")
        };
        assert_eq!(dec(&points(&banded, &measured)), dec(expected));
    }
}

#[test]
fn not_reported_zero_and_not_applicable_are_three_things() {
    let rules = indicator(LowerIsBetter::Ratio);
    let zero = quantitative(Operator::AtLeast, "10", "0", "10");
    let result = |actual| score(sourced(&rules), &Measured { actual, ..zero.clone() }, 2).unwrap();
    let (none, nought, exempt) =
        (result(None), result(Some(Actual::Number(dec("0")))), result(Some(Actual::NotApplicable)));
    assert_eq!((none.score, none.applicable), (None, true));
    assert_eq!((nought.score, nought.applicable), (Some(dec("0")), true));
    assert_eq!((exempt.score, exempt.applicable), (None, false));
}

#[test]
fn every_score_has_exactly_one_grade() {
    let scale = scale(Purpose::Default);
    for (score, grade) in [
        ("59.99", Grade::Poor),
        ("60", Grade::Fair),
        ("79.99", Grade::Fair),
        ("80", Grade::Good),
        ("89.5", Grade::Good),
        ("89.99", Grade::Good),
        ("90", Grade::Excellent),
        ("100", Grade::Excellent),
        ("0", Grade::Poor),
    ] {
        assert_eq!(scale.band(dec(score)).unwrap().grade, grade, "{score}");
    }
    assert!(scale.band(dec("100.01")).is_err());
    assert!(scale.band(dec("-0.01")).is_err());
}

#[test]
fn the_total_is_the_sum_of_the_rounded_parts() {
    let scale = scale(Purpose::Default);
    let part = |points: &str, score: Option<&str>| Part {
        points: dec(points),
        applicable: true,
        score: score.map(dec),
    };
    let whole = total(sourced(&scale), &[part("10", Some("7.40")), part("90", Some("82.59"))], 2).unwrap();
    assert_eq!((whole.score, whole.grade), (Some(dec("89.99")), Some(Grade::Good)));
    let open = total(sourced(&scale), &[part("10", None), part("90", Some("90"))], 2).unwrap();
    assert_eq!((open.score, open.grade), (None, None));
    let exempt = Part { applicable: false, ..part("10", None) };
    let scaled = total(sourced(&scale), &[exempt, part("90", Some("81"))], 2).unwrap();
    assert_eq!(
        (scaled.score, scaled.grade, scaled.points),
        (Some(dec("81")), Some(Grade::Excellent), dec("90"))
    );
}

#[test]
fn signals_ask_for_a_second_look() {
    let rules = super::rules::content().suspicion.unwrap();
    let picture = |score: &str, execution: &str, adjusted: &str, executed: &str| Picture {
        indicator_score: Some(dec(score)),
        indicator_points: dec("90"),
        execution_score: Some(dec(execution)),
        execution_points: dec("10"),
        adjusted: yuan(adjusted),
        executed: yuan(executed),
    };
    let kinds =
        |picture| signals(sourced(&rules), picture).unwrap().into_iter().map(|s| s.kind).collect::<Vec<_>>();
    use SignalKind::{AllFull, LowExecution, ScoreAboveExecution, ZeroBudget};
    assert_eq!(kinds(picture("88", "7.4", "100", "74")), [ScoreAboveExecution, LowExecution]);
    assert_eq!(kinds(picture("90", "9.5", "100", "95")), [], "a gap of exactly 5 % is none");
    assert_eq!(kinds(picture("90", "9.49", "100", "94.9")), [ScoreAboveExecution]);
    assert_eq!(kinds(picture("72", "8", "100", "80")), [], "unspent by exactly 20 % is none");
    assert_eq!(kinds(picture("90", "10", "100", "100")), [AllFull]);
    assert_eq!(kinds(picture("80", "10", "0", "0")), [ZeroBudget]);
    assert!(mismatch("r", "i1", dec("19.6"), dec("20")).is_some());
    assert!(mismatch("r", "i1", dec("20"), dec("20.00")).is_none());
}
