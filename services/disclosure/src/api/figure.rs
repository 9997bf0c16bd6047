//! Figures, coverage and statistics as the contract has them.

use wenxiao_contract::wenxiao::common::v1::{AmountUnit as WireUnit, FigureBound};
use wenxiao_contract::wenxiao::disclosure::v1 as wire;
use wenxiao_kernel::{AmountUnit, Bound, BudgetAccount, Explanation};
use wenxiao_platform::convert;
use wenxiao_platform::convert::enum_name;

use crate::domain::case::CaseMeasure;
use crate::domain::facts::{Covered, YearFacts};
use crate::domain::figure::{Figure, Value};
use crate::domain::summary;
use crate::domain::words::Word;
use crate::store::statistics::StageCount;

/// A figure as the contract has it.
pub fn figure(figure: &Figure) -> wire::Figure {
    use wire::figure::Value as WireValue;
    let value = figure.value.as_ref().map(|value| match value {
        Value::Number(number) => WireValue::Number(convert::decimal(*number)),
        Value::Date(day) => WireValue::Date(convert::date(*day)),
        Value::Texts(texts) => WireValue::Text(texts.join("; ")),
        Value::Grade(grade) => WireValue::Grade(convert::grade(*grade).into()),
    });
    let bound = match figure.bound {
        Bound::Exact => FigureBound::Exact,
        Bound::AtLeast => FigureBound::AtLeast,
        Bound::AtMost => FigureBound::AtMost,
    };
    wire::Figure {
        key: figure.key.clone(),
        section: figure.section,
        label: figure.label.clone(),
        unit: figure.unit.as_str().to_owned(),
        bound: bound.into(),
        printed: figure.printed.clone(),
        printed_text: figure.printed_text.clone(),
        explanation: Some(convert::explanation(&figure.explanation)),
        source_query: figure.source_query.clone(),
        first_time: figure.first_time,
        value,
    }
}

/// Coverage of every stage and account of a year.
pub fn stage_coverages(facts: &YearFacts) -> Vec<wire::StageCoverage> {
    let mut all = Vec::new();
    for (stage, entries) in
        [(wire::Stage::Objectives, &facts.objectives), (wire::Stage::Monitoring, &facts.monitoring)]
    {
        let year = facts.work_year;
        all.extend(
            entries.iter().map(|entry| stage_coverage(stage, Some(entry.account), year, &entry.covered)),
        );
    }
    let own = &facts.self_evaluation;
    if own.covered.count > 0 {
        let year = own.years.last().copied().unwrap_or_default();
        all.push(stage_coverage(wire::Stage::SelfEvaluation, None, year, &own.covered));
    }
    all
}

fn stage_coverage(
    stage: wire::Stage,
    account: Option<BudgetAccount>,
    evaluated_year: i32,
    covered: &Covered,
) -> wire::StageCoverage {
    let rate = covered.rate();
    let explanation = Explanation::by("", "coverage");
    let explanation = match rate {
        Some(rate) => explanation
            .step(summary::coverage_step(covered, rate))
            .concluding(format!("资金覆盖率{rate}%"), format!("{rate}% of the money is reached")),
        None => explanation
            .concluding("应覆盖金额未知，不推定覆盖率", "the total is not known: no rate is assumed"),
    };
    wire::StageCoverage {
        stage: stage.into(),
        account: account.map(convert::account).unwrap_or_default().into(),
        evaluated_year,
        covered_amount: Some(convert::money(covered.covered)),
        total_amount: covered.total.map(convert::money),
        rate: rate.map(convert::decimal),
        covered_count: count(covered.count),
        first_time: covered.full_for_the_first_time(),
        explanation: Some(convert::explanation(&explanation)),
    }
}

/// Counts of a stage as the contract has them.
pub fn stage_statistics(stage: &StageCount) -> wire::StageStatistics {
    let name = enum_name("STAGE_", &stage.stage);
    wire::StageStatistics {
        stage: wire::Stage::from_str_name(&name).unwrap_or_default().into(),
        object_count: count(stage.objects),
        unit_count: count(stage.units),
        street_count: count(stage.streets),
        amount: stage.amount.map(convert::money),
        grade_counts: stage
            .grades
            .iter()
            .map(|(grade, times)| wire::GradeCount {
                grade: convert::grade(*grade).into(),
                count: count(*times),
            })
            .collect(),
    }
}

/// A measure of a case as the contract has it.
pub fn measure(measure: &CaseMeasure) -> wire::CaseMeasure {
    let name = enum_name("MEASURE_", measure.measure.as_str());
    let unit = match measure.unit {
        AmountUnit::Yuan => WireUnit::Yuan,
        AmountUnit::TenThousandYuan => WireUnit::TenThousandYuan,
        AmountUnit::HundredMillionYuan => WireUnit::HundredMillionYuan,
    };
    wire::CaseMeasure {
        measure: wire::case_measure::Measure::from_str_name(&name).unwrap_or_default().into(),
        fiscal_year: measure.fiscal_year,
        unit: unit.into(),
        decimal_places: i32::try_from(measure.places).unwrap_or_default(),
    }
}

/// The measure that a request means; none when it names none.
pub fn measure_of(message: &wire::CaseMeasure) -> Option<CaseMeasure> {
    let unit = match message.unit() {
        WireUnit::Yuan => AmountUnit::Yuan,
        WireUnit::Unspecified | WireUnit::TenThousandYuan => AmountUnit::TenThousandYuan,
        WireUnit::HundredMillionYuan => AmountUnit::HundredMillionYuan,
    };
    Some(CaseMeasure {
        measure: super::convert::member(message.measure().as_str_name(), "MEASURE_")?,
        fiscal_year: message.fiscal_year,
        unit,
        places: u32::try_from(message.decimal_places).unwrap_or_default(),
    })
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
