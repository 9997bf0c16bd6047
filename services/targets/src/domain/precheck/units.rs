//! Units of measure (度量单位): that they fit what is measured, and are one within a form.

use wenxiao_kernel::AmountUnit;

use super::Case;
use super::finding::Finding;
use super::indicators::rows;
use super::text::ends;
use super::values::{highest, percent};
use crate::domain::form::Indicator;
use crate::domain::target;

/// "95%" with the unit 个; a rate counted in 人; a number of persons in %.
pub fn mismatch(case: &Case<'_>) -> Vec<Finding> {
    let units = case.units();
    let wrong = |row: &Indicator| {
        let unit = row.measure_unit.trim();
        let printed = target::read(&row.printed_target).map(|read| read.unit).unwrap_or_default();
        let other = !printed.is_empty() && units.plain(&printed) != units.plain(unit);
        let counted_rate = ends(&row.title, case.words("rate_suffixes"))
            && !ends(&row.title, case.words("exceptions"))
            && !case.words("share_units").contains(&units.plain(unit).1);
        let rated_count = percent(row) && ends(&row.title, case.words("count_suffixes"));
        !unit.is_empty() && highest(row).is_some() && (other || counted_rate || rated_count)
    };
    let text = "度量单位与指标值或指标名称不一致";
    rows(case, "measure_unit", wrong, text, "比率用%，数量用个、人、次等，与指标值的写法一致")
}

/// Sums in 元 beside sums in 万元 are read wrongly; a price in 元 is not meant.
pub fn mixed(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    let is = |row: &Indicator, unit: AmountUnit| row.measure_unit.trim() == unit.chinese();
    if !form.indicators.iter().any(|row| is(row, AmountUnit::TenThousandYuan)) {
        return Vec::new();
    }
    let least = case.rule.number("minimum").unwrap_or_else(|| AmountUnit::TenThousandYuan.yuan());
    let wrong = |row: &Indicator| {
        is(row, AmountUnit::Yuan) && highest(row).is_some_and(|amount| amount.abs() >= least)
    };
    rows(case, "measure_unit", wrong, "同一张表中元和万元混用", "大额金额统一用万元")
}
