use proptest::prelude::*;
use wenxiao_kernel::{AmountUnit, Bound, Decimal, Grade, Money};

use crate::domain::figure::{FigureUnit, Precision, Value, amount, print, print_text};
use crate::domain::rules::Rules;

fn yuan(text: &str) -> Money {
    Money::from_yuan(text.parse().unwrap()).unwrap()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[test]
fn figures_print_as_the_published_ones() {
    let rules = Rules::national_default().unwrap();
    let hundred = |value: &str| amount(yuan(value), AmountUnit::HundredMillionYuan);
    let ten = |value: &str| amount(yuan(value), AmountUnit::TenThousandYuan);
    let cases = [
        (
            hundred("3987000000"),
            FigureUnit::HundredMillionYuan,
            Precision::FIXED_TWO,
            Bound::Exact,
            "39.87",
            "39.87亿元",
        ),
        (
            hundred("3987499999.99"),
            FigureUnit::HundredMillionYuan,
            Precision::FIXED_TWO,
            Bound::Exact,
            "39.87",
            "39.87亿元",
        ),
        (
            hundred("3990000000"),
            FigureUnit::HundredMillionYuan,
            Precision::FIXED_TWO,
            Bound::Exact,
            "39.90",
            "39.90亿元",
        ),
        (
            hundred("190000000"),
            FigureUnit::HundredMillionYuan,
            Precision::up_to(1),
            Bound::Exact,
            "1.9",
            "1.9亿元",
        ),
        (
            hundred("60000000"),
            FigureUnit::HundredMillionYuan,
            Precision::up_to(1),
            Bound::AtLeast,
            ">0.6",
            "0.6亿多",
        ),
        (
            ten("18283400"),
            FigureUnit::TenThousandYuan,
            Precision::up_to(2),
            Bound::Exact,
            "1828.34",
            "1828.34万元",
        ),
        (ten("20000000"), FigureUnit::TenThousandYuan, Precision::up_to(2), Bound::Exact, "2000", "2000万元"),
        (number("100"), FigureUnit::Percent, Precision::UP_TO_TWO, Bound::Exact, "100", "100%"),
        (number("74.00"), FigureUnit::Percent, Precision::UP_TO_TWO, Bound::Exact, "74", "74%"),
        (
            Value::Date("2020-07-21".parse().unwrap()),
            FigureUnit::Date,
            Precision::WHOLE,
            Bound::Exact,
            "2020-07-21",
            "2020年7月21日",
        ),
        (Value::Grade(Grade::Good), FigureUnit::Grade, Precision::WHOLE, Bound::Exact, "良好", "良好"),
    ];
    for (value, unit, precision, bound, bare, text) in cases {
        assert_eq!(print(&value, precision, bound, &rules), bare);
        assert_eq!(print_text(&value, unit, precision, bound, &rules), text);
    }
}

proptest! {
    #[test]
    fn a_print_is_within_half_a_step_and_a_bound_stays_true(fen in 0i64..10_000_000_000_000, places in 0u32..5) {
        let rules = Rules::national_default().unwrap();
        let value = amount(Money::from_yuan(Decimal::new(fen, 2)).unwrap(), AmountUnit::HundredMillionYuan);
        let Value::Number(exact) = value else { unreachable!() };
        let value = Value::Number(exact);
        let read = |bound| print(&value, Precision::up_to(places), bound, &rules)
            .trim_start_matches(['<', '>']).parse::<Decimal>().unwrap();
        let step = Decimal::new(1, places);
        prop_assert!((read(Bound::Exact) - exact).abs() * Decimal::TWO <= step);
        prop_assert!(read(Bound::AtLeast) <= exact);
        prop_assert!(read(Bound::AtMost) >= exact);
    }
}
