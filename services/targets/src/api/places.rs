//! Places of a form that remarks name. Only what the remarks of a return name is unlocked, so that a place must be one: a
//! field that the form does not have would lock everything.

use prost_reflect::MessageDescriptor;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::Result;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::server::contract;

use super::form;
use crate::domain::form::{Form, Remark};

/// The message whose fields remarks name.
const CONTENT: &str = "wenxiao.targets.v1.ObjectiveContent";
/// Its package: what comes from elsewhere is an amount, a day or a number.
const PACKAGE: &str = "wenxiao.targets.v1";
/// The field that holds the rows, which have names and no places.
const ROWS: &str = "indicators";
/// A value as the form prints it, told apart from the value itself.
const PRINTED: &str = "indicators.target_value.printed";

/// Remarks that a person makes about a form, each about a place that it has; every wrong one is named. `at` is where they
/// stand in the request.
pub fn read_remarks(at: &str, remarks: &[wire::ReviewRemark], form: &Form) -> Result<Vec<Remark>> {
    let mut fields = Fields::default();
    for (number, remark) in remarks.iter().enumerate() {
        if !is_field(&remark.field) {
            let chinese = format!("申报表没有字段“{}”", remark.field);
            let english = format!("{:?} is no field of the form", remark.field);
            fields.reject(&format!("{at}[{number}].field"), chinese, english);
        }
        let row = remark.indicator_id.as_str();
        if row.is_empty() {
            continue;
        }
        if !form.indicators.iter().any(|indicator| indicator.id == row) {
            let chinese = format!("申报表没有指标“{row}”");
            fields.reject(
                &format!("{at}[{number}].indicator_id"),
                chinese,
                format!("{row:?} is no indicator of the form"),
            );
        } else if !remark.field.is_empty() && !remark.field.starts_with(ROWS) {
            let chinese = format!("“{}”不是指标的字段", remark.field);
            let english = format!("{:?} is no field of an indicator", remark.field);
            fields.reject(&format!("{at}[{number}].field"), chinese, english);
        }
    }
    fields.check()?;
    Ok(form::read_remarks(remarks))
}

/// Whether a path such as `annual_funding.total_amount` or `weighted_goals[0]` is one of the content's, and of the kind that
/// a comparison of two forms tells of: an amount, a day and a row of a list are one each. The empty one is the form as a
/// whole.
fn is_field(path: &str) -> bool {
    if path.is_empty() || path == PRINTED {
        return true;
    }
    let mut message = contract().get_message_by_name(CONTENT);
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        let (name, place) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            Some((name, place)) => (name, Some(place)),
            None => (part, None),
        };
        let Some(field) = message.as_ref().and_then(|message| message.get_field_by_name(name)) else {
            return false;
        };
        let rows = name == ROWS;
        if let Some(place) = place {
            return field.is_list() && !rows && place.parse::<u8>().is_ok() && parts.peek().is_none();
        }
        let parted = |message: &&MessageDescriptor| {
            message.package_name() == PACKAGE && (rows || !field.is_list()) && message.name() != "TargetValue"
        };
        message = field.kind().as_message().filter(parted).cloned();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_field;

    #[test]
    fn fields_are_those_of_the_contract() {
        for field in [
            "",
            "annual_goal",
            "annual_funding",
            "annual_funding.total_amount",
            "weighted_goals[1]",
            "indicators",
            "indicators.target_value",
            "indicators.target_value.printed",
            "department_profile.duty_tasks",
            "department_profile.duty_tasks[0]",
            "department_profile.functions",
            "indicators.weight",
        ] {
            assert!(is_field(field), "{field:?}");
        }
        for field in [
            "annual_gaol",
            "annual_goal.text",
            "indicators[i1].weight",
            "indicators[0]",
            "indicators.target_value.number",
            "annual_goal[0]",
            "annual_funding.total_amount.units",
            "planned_start_date.year",
            "weighted_goals[1].text",
            "weighted_goals.text",
            "department_profile.duty_tasks[0].title",
            "content.annual_goal",
            ".",
            "年度目标",
        ] {
            assert!(!is_field(field), "{field:?}");
        }
    }
}
