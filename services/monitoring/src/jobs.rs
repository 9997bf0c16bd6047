//! What monitoring does by itself (定时任务): it looks now and then whether units have let a time limit pass. It calls its
//! own RPC, so that policy, unit of work and journal are those of every other command, and the actor is the system.

use std::time::Duration;

use wenxiao_contract::wenxiao::monitoring::v1::EnforceAlertDeadlinesRequest;
use wenxiao_contract::wenxiao::monitoring::v1::monitoring_service_client::MonitoringServiceClient;
use wenxiao_platform::clients::Link;
use wenxiao_platform::{Database, Result};

use crate::domain::schedule::day_of;
use crate::store;

/// Time limits are days: a quarter of an hour is soon enough.
const BETWEEN: Duration = Duration::from_secs(15 * 60);

/// Looks after time limits until the task is aborted. Any number of replicas may do it: each alert is taken once.
pub async fn enforce_forever(database: Database, own: Link) {
    loop {
        if let Err(failure) = enforce_alert_deadlines(&database, &own).await {
            tracing::warn!(%failure, "time limits of alerts were not looked after: trying again later");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Lets follow what the rules say in every district, and says for how many alerts something did.
pub async fn enforce_alert_deadlines(database: &Database, own: &Link) -> Result<usize> {
    let today = day_of(database.clock().now());
    let mut read = database.read_across().await?;
    let districts = store::alert::silent_districts(read.connection(), today).await?;
    drop(read);
    let mut client = MonitoringServiceClient::new(own.clone());
    let mut followed = 0_usize;
    for district in districts {
        loop {
            let parent = format!("districts/{district}");
            let request = EnforceAlertDeadlinesRequest { parent, ..Default::default() };
            let answer = client.enforce_alert_deadlines(request).await?.into_inner();
            followed = followed.saturating_add(answer.alerts.len());
            if !answer.incomplete {
                break;
            }
        }
    }
    Ok(followed)
}
