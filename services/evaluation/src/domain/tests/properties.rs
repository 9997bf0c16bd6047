use proptest::prelude::*;
use rust_decimal::Decimal;
use wenxiao_kernel::{Money, Operator};

use super::rules::{execution, indicator, scale, sourced};
use crate::domain::rules::*;
use crate::domain::scoring::execution::{Execution, score as execution_score};
use crate::domain::scoring::indicator::{Actual, Measured, Method, score};
use crate::domain::sunset_review::gap_days;

fn operators() -> impl Strategy<Value = Operator> {
    prop_oneof![
        Just(Operator::AtLeast),
        Just(Operator::MoreThan),
        Just(Operator::Equal),
        Just(Operator::LessThan),
        Just(Operator::AtMost),
    ]
}

fn variants() -> impl Strategy<Value = IndicatorRules> {
    (any::<bool>(), 0..3usize, any::<bool>(), any::<bool>()).prop_map(|(ratio, equal, exact, deducted)| {
        IndicatorRules {
            lower_is_better: if ratio { LowerIsBetter::Ratio } else { LowerIsBetter::Linear },
            equal_target: EqualTarget::ALL[equal],
            zero_target: if exact { ZeroTarget::ExactZero } else { ZeroTarget::ByOperator },
            excess_deducted: deducted,
            ..indicator(LowerIsBetter::Ratio)
        }
    })
}

fn measured<'a>(operator: Operator, target: i64, actual: i64, weight: i64) -> Measured<'a> {
    Measured {
        id: "i1",
        operator: Some(operator),
        target: Some(Decimal::new(target, 2)),
        upper: None,
        unit: "",
        method: Method::Quantitative,
        weight: Decimal::new(weight, 2),
        actual: Some(Actual::Number(Decimal::new(actual, 2))),
        chosen: None,
    }
}

proptest! {
    #[test]
    fn no_indicator_scores_outside_its_weight(
        rules in variants(), operator in operators(),
        target in -100_000i64..10_000_000, actual in -100_000i64..10_000_000, weight in 0i64..10_000,
    ) {
        let result = score(sourced(&rules), &measured(operator, target, actual, weight), 2).unwrap();
        let points = result.score.unwrap();
        prop_assert!(points >= Decimal::ZERO && points <= Decimal::new(weight, 2));
        prop_assert!(points.scale() <= 2);
    }

    #[test]
    fn a_target_that_is_met_and_not_far_exceeded_has_full_points(
        rules in variants(), operator in operators(), target in 1i64..1_000_000, more in 0i64..30, weight in 1i64..10_000,
    ) {
        let actual = match operator {
            Operator::AtLeast | Operator::MoreThan => target + target * more / 100 + i64::from(operator == Operator::MoreThan),
            Operator::Equal => target,
            _ => target - target * more / 100 - i64::from(operator == Operator::LessThan),
        };
        prop_assume!(actual * 100 < target * 130);
        let result = score(sourced(&rules), &measured(operator, target, actual, weight), 2).unwrap();
        prop_assert_eq!(result.met, Some(true));
        prop_assert_eq!(result.score.unwrap(), Decimal::new(weight, 2));
    }

    #[test]
    fn better_is_never_worth_less(
        ratio in any::<bool>(), target in 1i64..1_000_000, a in 0i64..1_000_000, b in 0i64..1_000_000, weight in 1i64..10_000,
    ) {
        let rules = indicator(if ratio { LowerIsBetter::Ratio } else { LowerIsBetter::Linear });
        let points = |operator, actual| score(sourced(&rules), &measured(operator, target, actual, weight), 2).unwrap().score;
        let (small, large) = (a.min(b), a.max(b));
        prop_assert!(points(Operator::AtLeast, small) <= points(Operator::AtLeast, large));
        prop_assert!(points(Operator::AtMost, large) <= points(Operator::AtMost, small));
    }

    #[test]
    fn execution_rises_with_spending_and_stays_within_its_points(
        banded in any::<bool>(), adjusted in 1i64..1_000_000_000, a in 0i64..2_000_000_000, b in 0i64..2_000_000_000,
    ) {
        let rules = execution(if banded { ExecutionMethod::Banded } else { ExecutionMethod::Proportional });
        let yuan = |fen| Money::from_yuan(Decimal::new(fen, 2)).unwrap();
        let points = |executed| {
            let money = Execution { initial: yuan(adjusted), adjusted: yuan(adjusted), executed: yuan(executed), received: None, finished: false };
            execution_score(sourced(&rules), money, Decimal::TEN, 2).unwrap().score.unwrap()
        };
        let (less, more) = (points(a.min(b)), points(a.max(b)));
        prop_assert!(less <= more && less >= Decimal::ZERO && more <= Decimal::TEN);
    }

    #[test]
    fn grades_cover_every_score(hundredths in 0i64..=10_000) {
        let scale = scale(Purpose::Default);
        let score = Decimal::new(hundredths, 2);
        let band = scale.band(score).unwrap();
        let fitting = scale.bands.iter().zip(std::iter::once(None).chain(scale.bands.iter().map(Some)))
            .filter(|(band, better)| band.lower_score <= score && better.is_none_or(|b| score < b.lower_score))
            .count();
        prop_assert_eq!(fitting, 1);
        prop_assert!(band.lower_score <= score);
    }

    #[test]
    fn a_gap_is_never_negative(days in -400i64..400) {
        let expiry = super::rules::day("2020-07-21");
        let renewal = expiry + chrono::Duration::days(days);
        prop_assert_eq!(i64::from(gap_days(expiry, renewal)), (days - 1).max(0));
    }
}
