//! Objectives: the form that was ratified, as the rows of a monitoring form.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_kernel::{DistrictCode, Explanation, Operator};
use wenxiao_platform::{Result, convert};

use super::{decimal, id};
use crate::domain::form::{ObjectiveForm, Row};
use crate::domain::light::Target;
use crate::store::projections as store;

pub(super) async fn keep(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &targets::Objective,
) -> Result<()> {
    use targets::objective::{State, Subject};
    let (subject_kind, subject) = match &objective.subject {
        Some(Subject::Project(name)) => ("project", name),
        Some(Subject::Policy(name)) => ("policy", name),
        Some(Subject::WholeDepartment(name)) => ("department", name),
        None => return Ok(()),
    };
    // While an adjustment is under way the content is the proposal: only a ratified state shows the form in force.
    let ratified = objective.state() == State::Ratified && objective.ratified_version > 0;
    let form = if ratified { Some(form(objective.content.as_ref())?) } else { None };
    let kept = store::Objective {
        id: id(&objective.name),
        subject_kind,
        subject: id(subject),
        fiscal_year: objective.fiscal_year,
        title: &objective.display_name,
        unit: id(&objective.unit),
        department: id(&objective.department),
        barred: objective.state() == State::Barred,
        ratified: form.as_ref().map(|form| (i64::from(objective.ratified_version), form)),
    };
    store::keep_objective(connection, district, &kept).await
}

fn form(content: Option<&targets::ObjectiveContent>) -> Result<ObjectiveForm> {
    let Some(content) = content else { return Ok(ObjectiveForm::default()) };
    let annual = content.indicators.iter().filter(|one| one.period() != targets::IndicatorPeriod::WholeLife);
    Ok(ObjectiveForm { text: content.annual_goal.clone(), rows: annual.map(row).collect::<Result<_>>()? })
}

fn row(indicator: &targets::Indicator) -> Result<Row> {
    use targets::target_value::Value;
    let target = indicator.target_value.as_ref();
    let mut text = target.map(|target| target.printed.clone()).unwrap_or_default();
    let (value, upper) = match target.and_then(|target| target.value.as_ref()) {
        Some(Value::Number(number)) => (decimal(Some(number))?, None),
        Some(Value::Range(range)) => (decimal(range.lower.as_ref())?, decimal(range.upper.as_ref())?),
        Some(Value::Text(words)) => {
            text = if text.is_empty() { words.clone() } else { text };
            (None, None)
        }
        None => (None, None),
    };
    let operator = convert::operator_of(indicator.operator()).unwrap_or(Operator::Qualitative);
    if text.is_empty() {
        text = printed(operator, value, upper, &indicator.measure_unit);
    }
    Ok(Row {
        indicator: indicator.indicator_id.clone(),
        levels: [
            level1(indicator.level1()).to_owned(),
            indicator.level2_name.clone(),
            indicator.title.clone(),
        ],
        code: id(&indicator.library_indicator).to_owned(),
        target: Target { operator, value, upper, measure_unit: indicator.measure_unit.clone() },
        target_text: text,
        achieved_text: String::new(),
        achieved_value: None,
        achieved_level: None,
        expected_text: String::new(),
        expected_value: None,
        expected_level: None,
        deviation_reasons: Vec::new(),
        deviation_text: String::new(),
        likelihood: None,
        corrective_action: String::new(),
        light: None,
        explanation: Explanation::default(),
        forecast_light: None,
        last: None,
    })
}

fn level1(level: targets::IndicatorLevel1) -> &'static str {
    match level {
        targets::IndicatorLevel1::Unspecified => "",
        targets::IndicatorLevel1::Output => "产出指标",
        targets::IndicatorLevel1::Benefit => "效益指标",
        targets::IndicatorLevel1::Satisfaction => "满意度指标",
        targets::IndicatorLevel1::Cost => "成本指标",
    }
}

fn printed(
    operator: Operator,
    value: Option<wenxiao_kernel::Decimal>,
    upper: Option<wenxiao_kernel::Decimal>,
    unit: &str,
) -> String {
    let sign = match operator {
        Operator::AtLeast => "≥",
        Operator::MoreThan => "＞",
        Operator::Equal => "＝",
        Operator::LessThan => "＜",
        Operator::AtMost => "≤",
        Operator::Qualitative | Operator::Range => "",
    };
    match (value, upper) {
        (Some(value), Some(upper)) => format!("{value}—{upper}{unit}"),
        (Some(value), None) => format!("{sign}{value}{unit}"),
        _ => String::new(),
    }
}
