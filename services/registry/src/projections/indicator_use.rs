//! Which indicators ratified forms of projects have: what `RecommendIndicators` calls last year's.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::targets::v1::objective::{State, Subject};
use wenxiao_contract::wenxiao::targets::v1::{IndicatorPeriod, Objective};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::projection::resource;

use crate::store::recommendation as store;

/// Takes an event into account: a ratified form replaces what was kept of the project and year. Other states of a form
/// leave the ratified one in force.
pub async fn keep(connection: &mut PgConnection, district: DistrictCode, event: &Event) -> Result<()> {
    let Some(objective) = resource::<Objective>(event)? else { return Ok(()) };
    let Some(Subject::Project(project)) = &objective.subject else { return Ok(()) };
    if objective.state() != State::Ratified || objective.ratified_version == 0 {
        return Ok(());
    }
    let content = objective.content.unwrap_or_default();
    let annual = content.indicators.iter().filter(|one| one.period() != IndicatorPeriod::WholeLife);
    // The same name twice on one form is one use.
    let used: BTreeMap<&str, Option<&str>> =
        annual.map(|one| (one.title.as_str(), last(&one.library_indicator))).collect();
    store::keep_uses(connection, district, last(project).unwrap_or_default(), objective.fiscal_year, &used)
        .await
}

fn last(name: &str) -> Option<&str> {
    name.rsplit('/').next().filter(|id| !id.is_empty())
}
