//! What the registry does by itself (定时任务): changes of units take effect when their day has come.

use std::time::Duration;

use wenxiao_contract::wenxiao::registry::v1::ApplyUnitChangesRequest;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_platform::clients::Link;
use wenxiao_platform::definition::ServedDistricts;
use wenxiao_platform::{Database, Result};

use crate::api::resource::today;
use crate::store::unit_change;

/// How long after midnight a change waits at the most.
const EVERY: Duration = Duration::from_secs(60);

/// Lets changes take effect on their day, until the task is aborted. It asks its own service for it, so that what happens
/// is authorised, journalled and told like every other change; of two replicas one finds nothing left to do.
pub async fn apply_unit_changes(database: Database, served: ServedDistricts, own: Link) {
    let mut units = UnitServiceClient::new(own);
    loop {
        if let Err(failure) = step(&database, &served, &mut units).await {
            tracing::warn!(%failure, "changes of units did not take effect: trying again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn step(
    database: &Database,
    served: &ServedDistricts,
    units: &mut UnitServiceClient<Link>,
) -> Result<()> {
    let today = today(database.clock().now());
    let districts = unit_change::districts_due(database.read_across().await?.connection(), today).await?;
    for district in districts.into_iter().filter(|district| served.has(*district)) {
        let parent = format!("districts/{district}");
        units.apply_unit_changes(ApplyUnitChangesRequest { parent, ..Default::default() }).await?;
    }
    Ok(())
}
