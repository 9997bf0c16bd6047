//! Resource names of disclosure.

use wenxiao_kernel::DistrictCode;

/// Pattern of a decision's name.
pub const DECISION: &str = "districts/*/disclosureDecisions/*";
/// Pattern of a publication's name.
pub const PUBLICATION: &str = "districts/*/publications/*";
/// Pattern of a frozen document's name.
pub const DOCUMENT: &str = "districts/*/publications/*/documents/*";
/// Pattern of a notice's name.
pub const NOTICE: &str = "districts/*/notices/*";
/// Pattern of a year of working days.
pub const CALENDAR: &str = "districts/*/workCalendars/*";
/// Pattern of a summary's name.
pub const SUMMARY: &str = "districts/*/annualSummaries/*";
/// Pattern of a case's name.
pub const CASE: &str = "districts/*/annualSummaries/*/cases/*";
/// Pattern of a coverage's name.
pub const COVERAGE: &str = "districts/*/coverages/*";
/// Pattern of a statistics' name.
pub const STATISTICS: &str = "districts/*/statistics/*";
/// Pattern of a freshness' name.
pub const FRESHNESS: &str = "districts/*/freshness";

/// Name of a resource directly below a district.
pub fn in_district(district: DistrictCode, collection: &str, id: &str) -> String {
    format!("districts/{district}/{collection}/{id}")
}

/// Name of a decision.
pub fn decision(district: DistrictCode, id: &str) -> String {
    in_district(district, "disclosureDecisions", id)
}

/// Name of a publication.
pub fn publication(district: DistrictCode, id: &str) -> String {
    in_district(district, "publications", id)
}

/// Name of a notice.
pub fn notice(district: DistrictCode, id: &str) -> String {
    in_district(district, "notices", id)
}

/// Name of a summary.
pub fn summary(district: DistrictCode, year: i32) -> String {
    in_district(district, "annualSummaries", &year.to_string())
}

/// Name of a case.
pub fn case(district: DistrictCode, year: i32, id: &str) -> String {
    format!("districts/{district}/annualSummaries/{year}/cases/{id}")
}

/// Name of a frozen document.
pub fn document(district: DistrictCode, publication: &str, id: &str) -> String {
    format!("districts/{district}/publications/{publication}/documents/{id}")
}

/// The department or street at the head of a unit's branch: the first segment, of three digits, of its code.
pub fn department(unit: &str) -> String {
    let code = last(unit);
    format!("{}{}", unit.strip_suffix(code).unwrap_or_default(), code.get(..3).unwrap_or(code))
}

/// The last part of any name.
pub fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
