//! What a rule found, before the rule's code and severity are added.

use crate::domain::form::{Indicator, Remark, Severity};

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    field: String,
    indicator: String,
    text: String,
    proposal: String,
}

impl Finding {
    /// About a field of the form.
    pub fn at(field: &str, text: impl Into<String>, proposal: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            indicator: String::new(),
            text: text.into(),
            proposal: proposal.into(),
        }
    }

    /// About a field of a row.
    pub fn on(
        indicator: &Indicator,
        field: &str,
        text: impl Into<String>,
        proposal: impl Into<String>,
    ) -> Self {
        Self { indicator: indicator.id.clone(), ..Self::at(&format!("indicators.{field}"), text, proposal) }
    }

    /// The same about a row that is known by its identifier only.
    pub fn of_row(self, indicator: String) -> Self {
        Self { indicator, ..self }
    }

    /// The remark that a rule makes of it.
    pub fn remark(self, rule: &str, severity: Severity) -> Remark {
        Remark {
            field: self.field,
            indicator_id: self.indicator,
            severity,
            text: self.text,
            proposal: self.proposal,
            item_code: String::new(),
            rule: rule.to_owned(),
        }
    }
}
