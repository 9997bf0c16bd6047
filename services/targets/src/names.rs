//! Resource names of targets, and the last parts of the registry's.

use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::{Failure, FieldViolation, Result};

/// Pattern of an objective's name.
pub const OBJECTIVE: &str = "districts/*/objectives/*";
/// Pattern of a version's name.
pub const VERSION: &str = "districts/*/objectives/*/versions/*";
/// Pattern of a filing window's name.
pub const WINDOW: &str = "districts/*/filingWindows/*";
/// Pattern of a session's name.
pub const SESSION: &str = "districts/*/reviewSessions/*";
/// Pattern of an assignment's name.
pub const ASSIGNMENT: &str = "districts/*/reviewSessions/*/assignments/*";
/// Pattern of an opinion's name.
pub const OPINION: &str = "districts/*/reviewSessions/*/assignments/*/opinions/*";

/// Pattern of a project's name.
pub const PROJECT: &str = "districts/*/projects/*";
/// Pattern of a policy's name.
pub const POLICY: &str = "districts/*/policies/*";
/// Pattern of a unit's name.
pub const UNIT: &str = "districts/*/units/*";
/// Pattern of an engagement's name.
pub const ENGAGEMENT: &str = "districts/*/engagements/*";
/// Pattern of an institution's name.
pub const INSTITUTION: &str = "districts/*/institutions/*";

/// Name of the district itself, the parent of most.
pub fn district(district: DistrictCode) -> String {
    format!("districts/{district}")
}

/// Name of a resource directly below a district: `in_district(d, "objectives", id)`.
pub fn in_district(district: DistrictCode, collection: &str, id: &str) -> String {
    format!("districts/{district}/{collection}/{id}")
}

/// Name of an objective.
pub fn objective(district: DistrictCode, id: &str) -> String {
    in_district(district, "objectives", id)
}

/// Name of a session.
pub fn session(district: DistrictCode, id: &str) -> String {
    in_district(district, "reviewSessions", id)
}

/// Name of an assignment.
pub fn assignment(district: DistrictCode, session: &str, id: &str) -> String {
    format!("districts/{district}/reviewSessions/{session}/assignments/{id}")
}

/// The last part of a name that a request refers to, which must lie in the district that the request is about.
pub fn referred(district: DistrictCode, field: &str, name: &str, pattern: &'static str) -> Result<String> {
    let wrong = || {
        let english = format!("must be a name of the form {pattern} in district {district}");
        Failure::invalid(vec![FieldViolation::new(
            field,
            format!("应为本区的资源名称（{pattern}）"),
            english,
        )])
    };
    let [of, id] = name::segments(name, pattern).map_err(|_| wrong())?;
    if of == district.to_string() { Ok(id.to_owned()) } else { Err(wrong()) }
}

/// The last part of any name.
pub fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
