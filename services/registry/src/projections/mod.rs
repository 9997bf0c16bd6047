//! What the registry keeps of other services' events (投影).

mod indicator_use;

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::projection::Projection;

/// What is kept of the feed of targets. A feed has one cursor in each service, so everything that is kept of it hangs
/// here.
pub struct Targets;

#[tonic::async_trait]
impl Projection for Targets {
    fn feed(&self) -> &'static str {
        "targets"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        indicator_use::keep(connection, district, event).await
    }
}
