//! Between the contract's types and the kernel's (转换): money, decimals, dates, vocabularies, explanations.
//!
//! Into the contract is always possible; out of it checks, and says which field is wrong.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::prelude::ToPrimitive;
use wenxiao_contract::google::r#type as wire;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_kernel::{
    AmountUnit, Bound, BudgetAccount, Decimal, Explanation, FiscalYear, Grade, Money, Operator,
    PrintedAmount, Secrecy,
};

use crate::failure::{Failure, FieldViolation, Result};

const NANOS_PER_FEN: i32 = 10_000_000;

/// Money as the contract has it.
pub fn money(amount: Money) -> wire::Money {
    let yuan = amount.yuan();
    let units = yuan.trunc().to_i64().unwrap_or_default();
    let fen = (yuan.fract() * Decimal::ONE_HUNDRED).to_i32().unwrap_or_default();
    wire::Money { currency_code: "CNY".to_owned(), units, nanos: fen.saturating_mul(NANOS_PER_FEN) }
}

/// A decimal as the contract has it.
pub fn decimal(value: Decimal) -> wire::Decimal {
    wire::Decimal { value: value.to_string() }
}

/// A day as the contract has it.
pub fn date(day: NaiveDate) -> wire::Date {
    let part = |value: u32| i32::try_from(value).unwrap_or_default();
    wire::Date { year: day.year(), month: part(day.month()), day: part(day.day()) }
}

/// A time as the contract has it.
pub fn timestamp(time: DateTime<Utc>) -> prost_types::Timestamp {
    let nanos = i32::try_from(time.timestamp_subsec_nanos()).unwrap_or_default();
    prost_types::Timestamp { seconds: time.timestamp(), nanos }
}

/// An explanation as the contract has it.
pub fn explanation(explanation: &Explanation) -> common::Explanation {
    let step = |step: &wenxiao_kernel::Step| common::ExplanationStep {
        label: step.label.clone(),
        formula: step.formula.clone(),
        inputs: step
            .inputs
            .iter()
            .map(|input| common::ExplanationInput {
                name: input.name.clone(),
                value: input.value.clone(),
                source: input.source.clone(),
            })
            .collect(),
        result: step.result.clone(),
    };
    common::Explanation {
        rule_set: explanation.rule_set.clone(),
        rule: explanation.rule.clone(),
        summary: explanation.summary.clone(),
        summary_en: explanation.summary_en.clone(),
        steps: explanation.steps.iter().map(step).collect(),
    }
}

/// A printed amount as the contract has it.
pub fn printed_amount(amount: PrintedAmount) -> common::PrintedAmount {
    let unit = match amount.unit {
        AmountUnit::Yuan => common::AmountUnit::Yuan,
        AmountUnit::TenThousandYuan => common::AmountUnit::TenThousandYuan,
        AmountUnit::HundredMillionYuan => common::AmountUnit::HundredMillionYuan,
    };
    let bound = match amount.bound {
        Bound::Exact => common::FigureBound::Exact,
        Bound::AtLeast => common::FigureBound::AtLeast,
        Bound::AtMost => common::FigureBound::AtMost,
    };
    common::PrintedAmount {
        value: Some(decimal(amount.value)),
        unit: unit.into(),
        bound: bound.into(),
        text: amount.to_string(),
    }
}

/// Collects every field that is wrong, so that a caller hears of all at once.
///
/// ```
/// use wenxiao_platform::convert::Fields;
///
/// let mut fields = Fields::default();
/// let year = fields.year("budget.fiscal_year", 20_200);
/// let failure = fields.check().unwrap_err(); // names every field that was wrong
/// assert_eq!(failure.violations()[0].field, "budget.fiscal_year");
/// ```
/// Each reader answers a plain value even when the field is wrong (zero, the first member): [`Fields::check`] must be
/// called before any of them is used.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<FieldViolation>,
}

impl Fields {
    /// Notes that `field` is wrong.
    pub fn reject(&mut self, field: &str, chinese: impl Into<String>, english: impl Into<String>) {
        self.violations.push(FieldViolation::new(field, chinese, english));
    }

    /// Fails with everything that was wrong.
    pub fn check(self) -> Result<()> {
        if self.violations.is_empty() { Ok(()) } else { Err(Failure::invalid(self.violations)) }
    }

    /// An amount that must be there, in CNY, to the fen.
    pub fn money(&mut self, field: &str, value: Option<&wire::Money>) -> Money {
        match self.optional_money(field, value) {
            Some(amount) => amount,
            None if value.is_none() => {
                self.reject(field, "金额未填写", "must be set");
                Money::ZERO
            }
            None => Money::ZERO,
        }
    }

    /// An amount that may be missing.
    pub fn optional_money(&mut self, field: &str, value: Option<&wire::Money>) -> Option<Money> {
        let value = value?;
        if value.currency_code != "CNY" {
            self.reject(field, "币种必须为人民币（CNY）", "the currency must be CNY");
            return None;
        }
        let sign_fits = value.units == 0 || value.nanos == 0 || (value.units > 0) == (value.nanos > 0);
        if value.nanos % NANOS_PER_FEN != 0 || value.nanos.abs() >= 1_000_000_000 || !sign_fits {
            self.reject(field, "金额最多两位小数", "an amount has at most two decimals and one sign");
            return None;
        }
        let fen = Decimal::new(i64::from(value.nanos / NANOS_PER_FEN), 2);
        let yuan = Decimal::from(value.units).checked_add(fen);
        let amount = yuan.and_then(|yuan| Money::from_yuan(yuan).ok());
        if amount.is_none() {
            self.reject(field, "金额过大", "the amount is too large");
        }
        amount
    }

    /// A decimal that must be there, with at most 12 decimals and within ±10^16.
    pub fn decimal(&mut self, field: &str, value: Option<&wire::Decimal>) -> Decimal {
        if value.is_none_or(|value| value.value.is_empty()) {
            self.reject(field, "数值未填写", "must be set");
            return Decimal::ZERO;
        }
        self.optional_decimal(field, value).unwrap_or_default()
    }

    /// A decimal that may be missing: missing is not zero.
    pub fn optional_decimal(&mut self, field: &str, value: Option<&wire::Decimal>) -> Option<Decimal> {
        let text = value.map(|value| value.value.as_str()).filter(|text| !text.is_empty())?;
        let parsed = if text.len() > 40 { None } else { text.parse::<Decimal>().ok() };
        let limit = Decimal::from(10_000_000_000_000_000_i64);
        match parsed {
            Some(number) if number.scale() <= 12 && number.abs() < limit => Some(number),
            _ => {
                self.reject(field, "不是有效的数值", "not a decimal with at most 12 decimals below 10^16");
                None
            }
        }
    }

    /// A day that must be there.
    pub fn date(&mut self, field: &str, value: Option<&wire::Date>) -> NaiveDate {
        if value.is_none() {
            self.reject(field, "日期未填写", "must be set");
        }
        self.optional_date(field, value).unwrap_or_default()
    }

    /// A day that may be missing.
    pub fn optional_date(&mut self, field: &str, value: Option<&wire::Date>) -> Option<NaiveDate> {
        let value = value?;
        let part = |part: i32| u32::try_from(part).unwrap_or(0);
        let day = NaiveDate::from_ymd_opt(value.year, part(value.month), part(value.day));
        let day = day.filter(|day| (1900..=2200).contains(&day.year()));
        if day.is_none() {
            self.reject(field, "不是有效的日期", "not a whole date between 1900 and 2200");
        }
        day
    }

    /// A fiscal year that must be there.
    pub fn year(&mut self, field: &str, value: i32) -> FiscalYear {
        FiscalYear::try_from(value).unwrap_or_else(|_| {
            self.reject(field, "不是有效的年度", "not a fiscal year between 1990 and 2100");
            FiscalYear::FIRST
        })
    }

    /// A printed amount that may be missing.
    pub fn printed_amount(
        &mut self,
        field: &str,
        value: Option<&common::PrintedAmount>,
    ) -> Option<PrintedAmount> {
        let value = value?;
        let number = self.decimal(field, value.value.as_ref());
        let unit = match value.unit() {
            common::AmountUnit::Yuan => AmountUnit::Yuan,
            common::AmountUnit::TenThousandYuan => AmountUnit::TenThousandYuan,
            common::AmountUnit::HundredMillionYuan => AmountUnit::HundredMillionYuan,
            common::AmountUnit::Unspecified => {
                self.reject(field, "金额单位未填写", "the unit must be set");
                return None;
            }
        };
        let bound = match value.bound() {
            common::FigureBound::Unspecified | common::FigureBound::Exact => Bound::Exact,
            common::FigureBound::AtLeast => Bound::AtLeast,
            common::FigureBound::AtMost => Bound::AtMost,
        };
        Some(PrintedAmount { value: number, unit, bound })
    }
}

/// The stable word of a contract enum's value: `enum_word("STATE_IN_REVIEW", "STATE_")` is `in_review`; `None` for
/// the unspecified one. Our vocabularies use the contract's words in small letters.
pub fn enum_word(value: &str, prefix: &str) -> Option<String> {
    let word = value.strip_prefix(prefix)?;
    (word != "UNSPECIFIED").then(|| word.to_ascii_lowercase())
}

/// The name of a contract enum's value for a stable word: `enum_name("STATE_", "in_review")` is `STATE_IN_REVIEW`.
pub fn enum_name(prefix: &str, word: &str) -> String {
    format!("{prefix}{}", word.to_ascii_uppercase())
}

/// A budget account as the contract has it.
pub fn account(account: BudgetAccount) -> common::BudgetAccount {
    match account {
        BudgetAccount::GeneralPublic => common::BudgetAccount::GeneralPublic,
        BudgetAccount::GovernmentFund => common::BudgetAccount::GovernmentFund,
        BudgetAccount::StateCapital => common::BudgetAccount::StateCapital,
        BudgetAccount::SocialInsuranceFund => common::BudgetAccount::SocialInsuranceFund,
    }
}

/// The budget account that the contract means; `None` when none is given.
pub fn account_of(account: common::BudgetAccount) -> Option<BudgetAccount> {
    match account {
        common::BudgetAccount::Unspecified => None,
        common::BudgetAccount::GeneralPublic => Some(BudgetAccount::GeneralPublic),
        common::BudgetAccount::GovernmentFund => Some(BudgetAccount::GovernmentFund),
        common::BudgetAccount::StateCapital => Some(BudgetAccount::StateCapital),
        common::BudgetAccount::SocialInsuranceFund => Some(BudgetAccount::SocialInsuranceFund),
    }
}

/// A grade as the contract has it.
pub fn grade(grade: Grade) -> common::Grade {
    match grade {
        Grade::Excellent => common::Grade::Excellent,
        Grade::Good => common::Grade::Good,
        Grade::Fair => common::Grade::Fair,
        Grade::Poor => common::Grade::Poor,
    }
}

/// The grade that the contract means; `None` when none is given.
pub fn grade_of(grade: common::Grade) -> Option<Grade> {
    match grade {
        common::Grade::Unspecified => None,
        common::Grade::Excellent => Some(Grade::Excellent),
        common::Grade::Good => Some(Grade::Good),
        common::Grade::Fair => Some(Grade::Fair),
        common::Grade::Poor => Some(Grade::Poor),
    }
}

/// A secrecy level as the contract has it.
pub fn secrecy(secrecy: Secrecy) -> common::SecrecyLevel {
    match secrecy {
        Secrecy::None => common::SecrecyLevel::None,
        Secrecy::Internal => common::SecrecyLevel::Internal,
        Secrecy::Classified => common::SecrecyLevel::Classified,
    }
}

/// The secrecy level that the contract means; `None` when none is given.
pub fn secrecy_of(level: common::SecrecyLevel) -> Option<Secrecy> {
    match level {
        common::SecrecyLevel::Unspecified => None,
        common::SecrecyLevel::None => Some(Secrecy::None),
        common::SecrecyLevel::Internal => Some(Secrecy::Internal),
        common::SecrecyLevel::Classified => Some(Secrecy::Classified),
    }
}

/// An operator as the contract has it.
pub fn operator(operator: Operator) -> common::IndicatorOperator {
    match operator {
        Operator::AtLeast => common::IndicatorOperator::AtLeast,
        Operator::MoreThan => common::IndicatorOperator::MoreThan,
        Operator::Equal => common::IndicatorOperator::Equal,
        Operator::LessThan => common::IndicatorOperator::LessThan,
        Operator::AtMost => common::IndicatorOperator::AtMost,
        Operator::Qualitative => common::IndicatorOperator::Qualitative,
        Operator::Range => common::IndicatorOperator::Range,
    }
}

/// The operator that the contract means; `None` when none is given.
pub fn operator_of(operator: common::IndicatorOperator) -> Option<Operator> {
    match operator {
        common::IndicatorOperator::Unspecified => None,
        common::IndicatorOperator::AtLeast => Some(Operator::AtLeast),
        common::IndicatorOperator::MoreThan => Some(Operator::MoreThan),
        common::IndicatorOperator::Equal => Some(Operator::Equal),
        common::IndicatorOperator::LessThan => Some(Operator::LessThan),
        common::IndicatorOperator::AtMost => Some(Operator::AtMost),
        common::IndicatorOperator::Qualitative => Some(Operator::Qualitative),
        common::IndicatorOperator::Range => Some(Operator::Range),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn money_survives_the_wire(fen in -1_000_000_000_000i64..1_000_000_000_000) {
            let amount = Money::from_yuan(Decimal::new(fen, 2)).unwrap();
            let mut fields = Fields::default();
            prop_assert_eq!(fields.money("amount", Some(&money(amount))), amount);
            prop_assert!(fields.check().is_ok());
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut fields = Fields::default();
        let dollars = wire::Money { currency_code: "USD".to_owned(), units: 1, nanos: 0 };
        fields.money("a", Some(&dollars));
        fields.money("b", Some(&wire::Money { nanos: 1, ..money(Money::ZERO) }));
        fields.money("c", None);
        fields.decimal("d", Some(&wire::Decimal { value: "1e5x".to_owned() }));
        fields.date("e", Some(&wire::Date { year: 2020, month: 2, day: 30 }));
        fields.year("f", 20_200);
        let failure = fields.check().unwrap_err();
        let named: Vec<&str> =
            failure.violations().iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(named, ["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn missing_is_not_zero() {
        let mut fields = Fields::default();
        assert_eq!(fields.optional_decimal("x", None), None);
        assert_eq!(fields.optional_decimal("x", Some(&decimal(Decimal::ZERO))), Some(Decimal::ZERO));
    }
}
