//! Rounding, in one place: half up (四舍五入), as Chinese forms do it, never banker's.

use rust_decimal::{Decimal, RoundingStrategy};

/// `value` with `places` decimals, a half away from zero.
pub fn half_up(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// `part ÷ whole`, or `None` when there is no whole to divide by or the result does not fit.
pub fn ratio(part: Decimal, whole: Decimal) -> Option<Decimal> {
    if whole.is_zero() { None } else { part.checked_div(whole) }
}

/// `part ÷ whole × 100` with `places` decimals, or `None` when there is no whole.
pub fn percentage(part: Decimal, whole: Decimal, places: u32) -> Option<Decimal> {
    // Multiplied first: a third of 300 is then exactly 100 %.
    let scaled = part.checked_mul(Decimal::ONE_HUNDRED)?;
    ratio(scaled, whole).map(|value| half_up(value, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_up() {
        for (value, places, expected) in [
            ("9.735", 2, "9.74"),
            ("-9.735", 2, "-9.74"),
            ("2.5", 0, "3"),
            ("0.005", 2, "0.01"),
            ("89.995", 2, "90.00"),
        ] {
            assert_eq!(half_up(value.parse().unwrap(), places), expected.parse().unwrap(), "{value}");
        }
    }

    #[test]
    fn percentages_of_the_seed_year() {
        let percent =
            |a: &str, b: &str| percentage(a.parse().unwrap(), b.parse().unwrap(), 2).unwrap().to_string();
        assert_eq!(percent("1327.92", "3327.92"), "39.90");
        assert_eq!(percent("58", "143"), "40.56");
        assert_eq!(percent("2000", "1828.34"), "109.39");
        assert_eq!(percentage(Decimal::ONE, Decimal::ZERO, 2), None);
    }
}
