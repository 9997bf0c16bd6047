//! Resource names of what monitoring speaks of, from and to ids.

use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::Result;
use wenxiao_platform::convert::Fields;

use crate::domain::measure::Subject;
use crate::domain::round::MonitoredKind;

/// Makes names within one district. An empty id makes an empty name.
#[derive(Clone, Copy, Debug)]
pub struct Names(pub DistrictCode);

impl Names {
    fn of(self, collection: &str, id: &str) -> String {
        if id.is_empty() { String::new() } else { format!("districts/{}/{collection}/{id}", self.0) }
    }

    /// A unit.
    pub fn unit(self, id: &str) -> String {
        self.of("units", id)
    }

    /// A project.
    pub fn project(self, id: &str) -> String {
        self.of("projects", id)
    }

    /// A payment.
    pub fn payment(self, id: &str) -> String {
        self.of("payments", id)
    }

    /// An objective.
    pub fn objective(self, id: &str) -> String {
        self.of("objectives", id)
    }

    /// An institution.
    pub fn institution(self, id: &str) -> String {
        self.of("institutions", id)
    }

    /// A round.
    pub fn round(self, id: &str) -> String {
        self.of("monitoringRounds", id)
    }

    /// A report of a round.
    pub fn report(self, round: &str, id: &str) -> String {
        if id.is_empty() { String::new() } else { format!("{}/reports/{id}", self.round(round)) }
    }

    /// An alert.
    pub fn alert(self, id: &str) -> String {
        self.of("alerts", id)
    }

    /// A measure.
    pub fn measure(self, id: &str) -> String {
        self.of("measures", id)
    }

    /// An exception.
    pub fn block_override(self, id: &str) -> String {
        self.of("blockOverrides", id)
    }

    /// A project or unit.
    pub fn subject(self, subject: &Subject) -> String {
        match subject {
            Subject::Project(id) => self.project(id),
            Subject::Unit(id) => self.unit(id),
        }
    }

    /// What a report monitors.
    pub fn monitored(self, kind: MonitoredKind, id: &str) -> String {
        match kind {
            MonitoredKind::Project => self.project(id),
            MonitoredKind::Policy => self.of("policies", id),
            MonitoredKind::Department => self.unit(id),
        }
    }

    /// Id of a reference into this district, such as `districts/*/units/*`; empty for an empty name.
    pub fn id(self, fields: &mut Fields, field: &str, text: &str, pattern: &'static str) -> String {
        if text.is_empty() {
            return String::new();
        }
        match name::segments::<2>(text, pattern) {
            Ok([district, id]) if district == self.0.to_string() => id.to_owned(),
            _ => {
                fields.reject(
                    field,
                    "资源名称不正确或不属于本区",
                    format!("is not of the form {pattern} in this district"),
                );
                String::new()
            }
        }
    }

    /// The project or unit that a name of this district means; an empty unit where it means neither.
    pub fn subject_of(self, fields: &mut Fields, field: &str, text: &str) -> Subject {
        let own = |pattern| match name::segments::<2>(text, pattern) {
            Ok([district, id]) if district == self.0.to_string() => Some(id.to_owned()),
            _ => None,
        };
        let subject = own(PROJECT).map(Subject::Project).or_else(|| own(UNIT).map(Subject::Unit));
        subject.unwrap_or_else(|| {
            let english = format!("is not of the form {PROJECT} or {UNIT} in this district");
            fields.reject(field, "资源名称不正确或不属于本区", english);
            Subject::Unit(String::new())
        })
    }

    /// Rejects what is neither empty nor the name of a report of this district.
    pub fn check_report(self, fields: &mut Fields, field: &str, text: &str) {
        let own =
            name::segments::<3>(text, REPORT).is_ok_and(|[district, ..]| district == self.0.to_string());
        if !text.is_empty() && !own {
            let english = format!("is not of the form {REPORT} in this district");
            fields.reject(field, "资源名称不正确或不属于本区", english);
        }
    }
}

/// Pattern of unit names.
pub const UNIT: &str = "districts/*/units/*";
/// Pattern of project names.
pub const PROJECT: &str = "districts/*/projects/*";
/// Pattern of institution names.
pub const INSTITUTION: &str = "districts/*/institutions/*";
/// Pattern of round names.
pub const ROUND: &str = "districts/*/monitoringRounds/*";
/// Pattern of report names.
pub const REPORT: &str = "districts/*/monitoringRounds/*/reports/*";
/// Pattern of alert names.
pub const ALERT: &str = "districts/*/alerts/*";
/// Pattern of measure names.
pub const MEASURE: &str = "districts/*/measures/*";

/// Id after the district in a name.
pub fn id_of(text: &str, pattern: &'static str) -> Result<String> {
    let [_, id] = name::segments::<2>(text, pattern)?;
    Ok(id.to_owned())
}

/// Ids of the round and the report in a report's name.
pub fn report_of(text: &str) -> Result<(String, String)> {
    let [_, round, id] = name::segments::<3>(text, REPORT)?;
    Ok((round.to_owned(), id.to_owned()))
}
