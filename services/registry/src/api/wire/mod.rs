//! Between the registry's messages and its domain (转换), one file per service.

pub mod budget;
mod delegation;
pub mod library;
mod participant;
mod plan;
mod policy;
pub mod project;
pub mod unit;
mod unit_change;

pub use library::{content, effective, rule_content};
pub use participant::{engagement_of, verdict};
pub use plan::{attendances, progress};
pub use unit_change::{unit_change, unit_change_name};

use std::str::FromStr;

use wenxiao_kernel::{DistrictCode, FiscalYear};
use wenxiao_platform::Result;
use wenxiao_platform::convert::{self, Fields};

use super::resource::name_of;
use crate::domain::unit::AgencyCode;

/// Reads messages of one district and collects every field that is wrong. Readers answer something plain even when a
/// field is wrong, so [`Reader::done`] must be asked before anything is used.
pub struct Reader {
    /// Readers of plain values.
    pub fields: Fields,
    district: DistrictCode,
}

impl Reader {
    /// A reader for a district.
    pub fn new(district: DistrictCode) -> Self {
        Self { fields: Fields::default(), district }
    }

    /// The district.
    pub fn district(&self) -> DistrictCode {
        self.district
    }

    /// Fails with everything that was wrong, or hands the value on.
    pub fn done<T>(self, value: T) -> Result<T> {
        self.fields.check()?;
        Ok(value)
    }

    /// The rest of a name behind the district, when it is in one of `collections`: `institutions/JG01`. `None` for an
    /// empty name and a wrong one.
    pub fn relative(&mut self, field: &str, name: &str, collections: &[&str]) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        let prefix = format!("districts/{}/", self.district);
        let rest = name.strip_prefix(&prefix).unwrap_or_default();
        match rest.split_once('/') {
            Some((collection, id))
                if collections.contains(&collection) && !id.is_empty() && !id.contains('/') =>
            {
                Some(rest.to_owned())
            }
            _ => {
                let expected = collections.join(" / ");
                self.fields.reject(
                    field,
                    format!("不是本区的资源名称（{expected}）"),
                    format!("must name one of {expected} of the same district"),
                );
                None
            }
        }
    }

    /// The identifier in a name of `collection`.
    pub fn id(&mut self, field: &str, name: &str, collection: &str) -> Option<String> {
        let relative = self.relative(field, name, &[collection])?;
        relative.rsplit('/').next().map(str::to_owned)
    }

    /// The code in a unit's name.
    pub fn unit(&mut self, field: &str, name: &str) -> Option<AgencyCode> {
        let id = self.id(field, name, "units")?;
        let code = id.parse().ok();
        if code.is_none() {
            self.fields.reject(field, "单位代码不正确", "does not end in an agency code");
        }
        code
    }

    /// The code in the name of a unit that must be given.
    pub fn required_unit(&mut self, field: &str, name: &str) -> AgencyCode {
        if name.is_empty() {
            self.fields.reject(field, "必填项未填写", "must be set");
        }
        self.unit(field, name).unwrap_or_else(AgencyCode::placeholder)
    }

    /// A year that may be missing, which is 0.
    pub fn optional_year(&mut self, field: &str, year: i32) -> Option<FiscalYear> {
        (year != 0).then(|| self.fields.year(field, year))
    }

    /// A value that must be given; `plain` stands in until the fields are checked.
    pub fn required<T>(&mut self, field: &str, value: Option<T>, plain: T) -> T {
        value.unwrap_or_else(|| {
            self.fields.reject(field, "必填项未填写", "must be set");
            plain
        })
    }
}

/// Our word for a value of a contract's enum; `None` for the unspecified one.
pub fn word<T: FromStr>(value: &str, prefix: &str) -> Option<T> {
    convert::enum_word(value, prefix)?.parse().ok()
}

/// Our identifier as a resource name; empty for none.
pub fn optional_name(district: DistrictCode, collection: &str, id: Option<&str>) -> String {
    id.map(|id| name_of(district, collection, id)).unwrap_or_default()
}

/// The last part of a name in a filter; `None` for an empty one.
pub fn last(name: &str) -> Option<String> {
    name.rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
}

/// A unit's resource name.
pub fn unit_name(district: DistrictCode, code: &AgencyCode) -> String {
    name_of(district, "units", code.as_str())
}

/// A unit's resource name; empty for none.
pub fn optional_unit_name(district: DistrictCode, code: Option<&AgencyCode>) -> String {
    code.map(|code| unit_name(district, code)).unwrap_or_default()
}

/// A year as the contract has it: 0 for none.
pub fn optional_year(year: Option<FiscalYear>) -> i32 {
    year.map(FiscalYear::as_i32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wenxiao_contract::wenxiao::registry::v1 as pb;
    use wenxiao_platform::convert;

    use crate::domain::{
        budget, engagement, frame, indicator, participant, plan, policy, project, rule_set, template,
        timeline, training, unit, unit_change,
    };

    fn every<T: Copy + Into<String>>(words: &[T], prefix: &str, known: impl Fn(&str) -> bool) {
        for word in words {
            let name = convert::enum_name(prefix, &(*word).into());
            assert!(known(&name), "the contract has no {name}");
        }
    }

    #[test]
    fn our_words_are_the_contracts() {
        every(unit::UnitKind::ALL, "KIND_", |name| pb::unit::Kind::from_str_name(name).is_some());
        every(unit::UnitState::ALL, "STATE_", |name| pb::unit::State::from_str_name(name).is_some());
        every(unit_change::UnitChangeKind::ALL, "KIND_", |name| {
            pb::unit_change::Kind::from_str_name(name).is_some()
        });
        every(timeline::EntryKind::ALL, "KIND_", |name| {
            pb::timeline_entry::Kind::from_str_name(name).is_some()
        });
        every(project::ProjectCategory::ALL, "PROJECT_CATEGORY_", |name| {
            pb::ProjectCategory::from_str_name(name).is_some()
        });
        every(project::ProjectNature::ALL, "PROJECT_NATURE_", |name| {
            pb::ProjectNature::from_str_name(name).is_some()
        });
        every(policy::PolicyState::ALL, "STATE_", |name| pb::policy::State::from_str_name(name).is_some());
        every(budget::FundingSource::ALL, "FUNDING_SOURCE_", |name| {
            pb::FundingSource::from_str_name(name).is_some()
        });
        every(budget::EntryKind::ALL, "BUDGET_ENTRY_KIND_", |name| {
            pb::BudgetEntryKind::from_str_name(name).is_some()
        });
        every(rule_set::Layer::ALL, "LAYER_", |name| pb::rule_set::Layer::from_str_name(name).is_some());
        every(frame::NodeKind::ALL, "KIND_", |name| pb::frame_node::Kind::from_str_name(name).is_some());
        every(indicator::IndicatorState::ALL, "STATE_", |name| {
            pb::indicator::State::from_str_name(name).is_some()
        });
        every(template::TemplateKind::ALL, "KIND_", |name| pb::template::Kind::from_str_name(name).is_some());
        every(participant::InstitutionKind::ALL, "KIND_", |name| {
            pb::institution::Kind::from_str_name(name).is_some()
        });
        every(participant::Standing::ALL, "STATE_", |name| {
            pb::institution::State::from_str_name(name).is_some()
        });
        every(participant::Standing::ALL, "STATE_", |name| pb::expert::State::from_str_name(name).is_some());
        every(participant::RepresentativeKind::ALL, "KIND_", |name| {
            pb::representative::Kind::from_str_name(name).is_some()
        });
        every(engagement::EngagementKind::ALL, "ENGAGEMENT_KIND_", |name| {
            pb::EngagementKind::from_str_name(name).is_some()
        });
        every(engagement::EngagementState::ALL, "STATE_", |name| {
            pb::engagement::State::from_str_name(name).is_some()
        });
        every(engagement::ConflictKind::ALL, "KIND_", |name| {
            pb::conflict::Kind::from_str_name(name).is_some()
        });
        every(plan::PlanKind::ALL, "KIND_", |name| pb::work_plan::Kind::from_str_name(name).is_some());
        every(plan::PlanState::ALL, "STATE_", |name| pb::work_plan::State::from_str_name(name).is_some());
        every(plan::MilestoneState::ALL, "STATE_", |name| {
            pb::milestone::State::from_str_name(name).is_some()
        });
        every(training::Stage::ALL, "STAGE_", |name| {
            pb::training_session::Stage::from_str_name(name).is_some()
        });
        every(training::SessionState::ALL, "STATE_", |name| {
            pb::training_session::State::from_str_name(name).is_some()
        });
    }
}
