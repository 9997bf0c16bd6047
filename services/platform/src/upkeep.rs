//! What a service does for itself now and then (日常维护): tells how its connections stand, forgets old answers.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use wenxiao_kernel::DistrictCode;

use crate::database::Database;
use crate::failure::{Failure, Result};
use crate::{journal, operations};

const OBSERVING: Duration = Duration::from_secs(5);
/// Between two looks for old answers, counted in observations: an hour.
const OBSERVATIONS_PER_TIDYING: u32 = 720;
/// How long the same request id is given the same answer. A system that was down for its holidays may still repeat
/// what it sent before them.
const REPLAYABLE: TimeDelta = TimeDelta::days(30);
/// Answers forgotten in one transaction: more would hold their locks too long.
const BATCH: i64 = 1000;

/// Keeps one service in order until the task is aborted. Any number of replicas may do it.
pub async fn keep_up_forever(database: Database) {
    loop {
        if let Err(failure) = forget_old_answers(&database, database.clock().now() - REPLAYABLE).await {
            tracing::warn!(%failure, schema = database.schema(), "old answers are still there: trying again later");
        }
        for _ in 0..OBSERVATIONS_PER_TIDYING {
            database.observe_connections();
            tokio::time::sleep(OBSERVING).await;
        }
    }
}

/// Forgets the answers given before a time, and says how many those were; operations that ended before it go too.
pub async fn forget_old_answers(database: &Database, before: DateTime<Utc>) -> Result<u64> {
    let heads = journal::heads(database.read_across().await?.connection(), None).await?;
    let mut forgotten = 0_u64;
    for (district, _, _) in heads {
        let district = DistrictCode::from_i32(district).map_err(Failure::internal)?;
        let mut transaction = database.begin(district).await?;
        operations::forget(&mut transaction, district, before, BATCH).await?;
        transaction.commit().await?;
        loop {
            let mut transaction = database.begin(district).await?;
            let gone = sqlx::query!(
                "delete from idempotency where (district, subject, request_id) in
                   (select district, subject, request_id from idempotency
                    where district = $1 and create_time < $2 order by create_time limit $3 for update skip locked)",
                district.as_i32(),
                before,
                BATCH,
            )
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            transaction.commit().await?;
            forgotten = forgotten.saturating_add(gone);
            if gone < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(forgotten)
}
