//! What targets does by itself (定时任务): units are reminded of the forms that they owe. It calls its own RPC, so that
//! policy, unit of work and journal are those of every other command, and the actor is the system.

use std::time::Duration;

use wenxiao_contract::wenxiao::targets::v1::SendFilingRemindersRequest;
use wenxiao_contract::wenxiao::targets::v1::objective_service_client::ObjectiveServiceClient;
use wenxiao_kernel::day_in_china;
use wenxiao_platform::clients::Link;
use wenxiao_platform::{Database, Result, ServedDistricts};

use crate::{names, store};

/// Reminders are for a day: within the hour is soon enough.
const BETWEEN: Duration = Duration::from_secs(3600);

/// Reminds until the task is aborted. Any number of replicas may do it: each unit is reminded once a day.
pub async fn remind_forever(database: Database, served: ServedDistricts, own: Link) {
    loop {
        if let Err(failure) = remind(&database, &served, &own).await {
            tracing::warn!(%failure, "nobody was reminded of their forms: trying again later");
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn remind(database: &Database, served: &ServedDistricts, own: &Link) -> Result<()> {
    let today = day_in_china(database.clock().now());
    let mut read = database.read_across().await?;
    let districts = store::window::reminding_districts(read.connection(), today).await?;
    drop(read);
    let mut client = ObjectiveServiceClient::new(own.clone());
    for district in districts.into_iter().filter(|district| served.has(*district)) {
        let ask = SendFilingRemindersRequest { parent: names::district(district), ..Default::default() };
        if let Err(status) = client.send_filing_reminders(ask).await {
            tracing::warn!(%status, %district, "units were not reminded of their forms: trying again later");
        }
    }
    Ok(())
}
