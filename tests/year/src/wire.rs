//! From the words of the files to those of the contract.

use std::str::FromStr as _;

use anyhow::{Result, bail};
use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use sha2::{Digest as _, Sha256};
use wenxiao_contract::google::r#type as google;
use wenxiao_contract::wenxiao::common::v1::{
    AmountUnit, BudgetAccount, FigureBound, Grade, IndicatorOperator, PrintedAmount,
};
use wenxiao_contract::wenxiao::registry::v1::FundingSource;

const NANOS_PER_YUAN: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// An amount in yuan.
pub fn money(yuan: Decimal) -> Option<google::Money> {
    let units = yuan.trunc().to_i64().unwrap_or_default();
    let nanos = (yuan.fract() * NANOS_PER_YUAN).to_i32().unwrap_or_default();
    Some(google::Money { currency_code: "CNY".to_owned(), units, nanos })
}

/// A number without useless zeros.
pub fn decimal(number: Decimal) -> Option<google::Decimal> {
    Some(google::Decimal { value: number.normalize().to_string() })
}

/// A number as a file writes it; `None` for text that is none.
pub fn number(text: &str) -> Option<google::Decimal> {
    Decimal::from_str(text.trim()).ok().and_then(decimal)
}

/// A day.
pub fn date(day: NaiveDate) -> Option<google::Date> {
    let part = |value: u32| i32::try_from(value).unwrap_or_default();
    Some(google::Date { year: day.year(), month: part(day.month()), day: part(day.day()) })
}

/// The id of a request: the same for the same step of the same row, whenever the year is played. So a replay after a
/// crash repeats answers and not effects.
pub fn request_id(step: &str, row: &str) -> String {
    let digest = Sha256::new().chain_update(step).chain_update([0]).chain_update(row).finalize();
    hex::encode(digest).chars().take(32).collect()
}

/// 一般公共预算, 政府性基金预算.
pub fn account(word: &str) -> Result<BudgetAccount> {
    Ok(match word {
        "一般公共预算" => BudgetAccount::GeneralPublic,
        "政府性基金预算" => BudgetAccount::GovernmentFund,
        "国有资本经营预算" => BudgetAccount::StateCapital,
        "社会保险基金预算" => BudgetAccount::SocialInsuranceFund,
        _ => bail!("{word:?} is no budget account"),
    })
}

/// 本级财政资金, 市级财政资金.
pub fn funding_source(word: &str) -> Result<FundingSource> {
    Ok(match word {
        "本级财政资金" => FundingSource::DistrictFiscal,
        "中央财政资金" => FundingSource::CentralFiscal,
        "省级财政资金" => FundingSource::ProvincialFiscal,
        "市级财政资金" => FundingSource::MunicipalFiscal,
        "单位资金" => FundingSource::UnitFunds,
        "其他资金" => FundingSource::Other,
        _ => bail!("{word:?} is no funding source"),
    })
}

/// ≥ ＞ ＝ ＜ ≤ 定性.
pub fn operator(word: &str) -> Result<IndicatorOperator> {
    Ok(match word {
        "≥" => IndicatorOperator::AtLeast,
        "＞" => IndicatorOperator::MoreThan,
        "＝" => IndicatorOperator::Equal,
        "＜" => IndicatorOperator::LessThan,
        "≤" => IndicatorOperator::AtMost,
        "定性" => IndicatorOperator::Qualitative,
        _ => bail!("{word:?} is no operator"),
    })
}

/// 优, 良, 中, 差.
pub fn grade(word: &str) -> Result<Grade> {
    Ok(match word {
        "优" => Grade::Excellent,
        "良" => Grade::Good,
        "中" => Grade::Fair,
        "差" => Grade::Poor,
        _ => bail!("{word:?} is no grade"),
    })
}

/// An amount as a document prints it: `1828.34万元`, `0.6亿多`.
pub fn printed(text: &str) -> Result<PrintedAmount> {
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let rest = &text[digits.len()..];
    let unit = match rest.chars().next() {
        Some('万') => AmountUnit::TenThousandYuan,
        Some('亿') => AmountUnit::HundredMillionYuan,
        _ => AmountUnit::Yuan,
    };
    let bound = if rest.ends_with(['多', '余']) { FigureBound::AtLeast } else { FigureBound::Exact };
    let value = Decimal::from_str(&digits)?;
    Ok(PrintedAmount {
        value: Some(google::Decimal { value: value.to_string() }),
        unit: unit.into(),
        bound: bound.into(),
        text: text.to_owned(),
    })
}

/// The amount in yuan that a printed one names, whether exact or a bound.
pub fn printed_yuan(amount: &PrintedAmount) -> Result<Decimal> {
    let value = Decimal::from_str(amount.value.as_ref().map_or("", |value| value.value.as_str()))?;
    let scale = match amount.unit() {
        AmountUnit::HundredMillionYuan => Decimal::from(100_000_000),
        AmountUnit::TenThousandYuan => Decimal::from(10_000),
        AmountUnit::Yuan | AmountUnit::Unspecified => Decimal::ONE,
    };
    Ok(value * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_fen() {
        let amount = money("-1827.05".parse().unwrap()).unwrap();
        assert_eq!((amount.units, amount.nanos), (-1827, -50_000_000));
    }

    #[test]
    fn printed_amounts_keep_unit_precision_and_bound() {
        let bound = printed("0.6亿多").unwrap();
        assert_eq!((bound.unit(), bound.bound()), (AmountUnit::HundredMillionYuan, FigureBound::AtLeast));
        assert_eq!(printed_yuan(&bound).unwrap(), Decimal::from(60_000_000));
        assert_eq!(printed("1828.34万元").unwrap().bound(), FigureBound::Exact);
    }

    #[test]
    fn request_ids_depend_on_step_and_row_alone() {
        assert_eq!(request_id("submit", "1"), request_id("submit", "1"));
        assert_ne!(request_id("submit", "11"), request_id("submit1", "1"));
    }
}
