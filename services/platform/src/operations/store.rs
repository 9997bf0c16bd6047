//! The rows of operations.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;

use crate::failure::Result;
use crate::work::Origin;

/// A new operation.
pub struct New {
    pub id: String,
    pub kind: &'static str,
    pub origin: Origin,
    /// Code of the unit that the starter is held to; empty for the whole district.
    pub unit: String,
    pub request: Vec<u8>,
    pub metadata_type: String,
    pub metadata: Vec<u8>,
}

/// What a caller sees of an operation.
pub struct Row {
    pub id: String,
    pub starter: String,
    pub metadata_type: String,
    pub metadata: Vec<u8>,
    pub response_type: String,
    pub response: Option<Vec<u8>>,
    pub error: Option<Vec<u8>>,
    pub done: bool,
    pub cancel_requested: bool,
    pub version: i64,
}

/// What a worker needs of an operation that it holds.
pub struct Held {
    pub starter: String,
    pub on_behalf_of: String,
    pub starter_roles: String,
    pub starter_unit: String,
    pub method: String,
    pub request_id: String,
    pub trace_parent: String,
    pub kind: String,
    pub request: Vec<u8>,
    pub cursor: Vec<u8>,
    pub cancel_requested: bool,
    pub failures: i32,
    pub create_time: DateTime<Utc>,
}

/// Enters an operation that anybody may take.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    new: &New,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into operations (district, id, kind, starter, starter_roles, starter_unit, method, request_id,
             trace_parent, request, cursor, metadata_type, metadata, response_type, done, cancel_requested, lease_owner,
             lease_until, failures, create_time, update_time, version, on_behalf_of)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12, '', false, false, '', '-infinity', 0, $13, $13, 1, $14)",
        district.as_i32(),
        new.id,
        new.kind,
        new.origin.subject,
        new.origin.roles,
        new.unit,
        new.origin.method,
        new.origin.request_id,
        new.origin.trace_parent,
        new.request,
        new.metadata_type,
        new.metadata,
        now,
        new.origin.on_behalf_of,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An operation.
pub async fn load(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "select id, starter, metadata_type, metadata, response_type, response, error, done, cancel_requested, version
         from operations where district = $1 and id = $2",
        district.as_i32(),
        id,
    );
    Ok(row.fetch_optional(connection).await?)
}

/// An operation, locked.
pub async fn lock(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "select id, starter, metadata_type, metadata, response_type, response, error, done, cancel_requested, version
         from operations where district = $1 and id = $2 for update",
        district.as_i32(),
        id,
    );
    Ok(row.fetch_optional(connection).await?)
}

/// Operations after `after`, by id; only those of a starter when one is given.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    starter: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, starter, metadata_type, metadata, response_type, response, error, done, cancel_requested, version
         from operations
         where district = $1 and ($2::text is null or starter = $2) and ($3::text is null or id > $3)
         order by id limit $4",
        district.as_i32(),
        starter,
        after,
        limit,
    );
    Ok(rows.fetch_all(connection).await?)
}

/// Asks whoever works on it to stop.
pub async fn ask_to_cancel(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update operations set cancel_requested = true, update_time = $3, version = version + 1
         where district = $1 and id = $2",
        district.as_i32(),
        id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes an operation that has ended.
pub async fn delete(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<()> {
    sqlx::query!("delete from operations where district = $1 and id = $2", district.as_i32(), id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes operations of a district that ended before a time, the oldest of them.
pub async fn forget(
    connection: &mut PgConnection,
    district: DistrictCode,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<()> {
    sqlx::query!(
        "delete from operations where district = $1 and id in
           (select id from operations where district = $1 and done and end_time < $2 order by end_time limit $3
            for update skip locked)",
        district.as_i32(),
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Open operations of these kinds whose lease has ended, anywhere, the oldest first.
pub async fn waiting(connection: &mut PgConnection, kinds: &[&str]) -> Result<Vec<(i32, String)>> {
    let rows = sqlx::query!(
        "select district, id from operations
         where not done and lease_until < clock_timestamp() and kind = any($1 :: text[])
         order by create_time limit 20",
        kinds as &[&str],
    );
    let rows = rows.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.district, row.id)).collect())
}

/// Takes an operation whose lease has ended; `None` when somebody else was faster.
pub async fn take(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
    seconds: f64,
) -> Result<bool> {
    let taken = sqlx::query!(
        "update operations set lease_owner = $3, lease_until = clock_timestamp() + make_interval(secs => $4)
         where district = $1 and id in
           (select id from operations where district = $1 and id = $2 and not done and lease_until < clock_timestamp()
            for update skip locked)",
        district.as_i32(),
        id,
        owner,
        seconds,
    );
    Ok(taken.execute(connection).await?.rows_affected() == 1)
}

/// Keeps an operation for longer; false when it is somebody else's by now.
pub async fn renew(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
    seconds: f64,
) -> Result<bool> {
    let renewed = sqlx::query!(
        "update operations set lease_until = clock_timestamp() + make_interval(secs => $4)
         where district = $1 and id = $2 and lease_owner = $3 and not done",
        district.as_i32(),
        id,
        owner,
        seconds,
    );
    Ok(renewed.execute(connection).await?.rows_affected() == 1)
}

/// An operation that `owner` holds; `None` when it does not any more.
pub async fn held(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
) -> Result<Option<Held>> {
    let row = sqlx::query_as!(
        Held,
        "select starter, on_behalf_of, starter_roles, starter_unit, method, request_id, trace_parent, kind, request, cursor,
           cancel_requested, failures, create_time
         from operations where district = $1 and id = $2 and lease_owner = $3 and not done",
        district.as_i32(),
        id,
        owner,
    );
    Ok(row.fetch_optional(connection).await?)
}

/// Moves the cursor on, if `owner` still holds the operation. Its row stays locked until the transaction ends, so that
/// nobody takes it over in between.
pub async fn advance(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
    cursor: &[u8],
    metadata: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let moved = sqlx::query!(
        "update operations set cursor = $4, metadata = $5, update_time = $6, failures = 0, version = version + 1
         where district = $1 and id = $2 and lease_owner = $3 and not done",
        district.as_i32(),
        id,
        owner,
        cursor,
        metadata,
        now,
    );
    Ok(moved.execute(connection).await?.rows_affected() == 1)
}

/// What an operation ends with.
pub struct End {
    pub response_type: String,
    pub response: Option<Vec<u8>>,
    pub error: Option<Vec<u8>>,
}

/// Ends an operation that `owner` holds, and tells its version after; `None` when it is held no more. Without new
/// metadata it keeps what it had.
pub async fn end(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
    metadata: Option<&[u8]>,
    end: &End,
    now: DateTime<Utc>,
) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        "update operations set done = true, metadata = coalesce($4, metadata), response_type = $5, response = $6,
           error = $7, update_time = $8, end_time = $8, version = version + 1
         where district = $1 and id = $2 and lease_owner = $3 and not done
         returning id, starter, metadata_type, metadata, response_type, response, error, done, cancel_requested, version",
        district.as_i32(),
        id,
        owner,
        metadata,
        end.response_type,
        end.response.as_deref(),
        end.error.as_deref(),
        now,
    );
    Ok(row.fetch_optional(connection).await?)
}

/// Counts a failed step and lets go of the operation for a while.
pub async fn fail(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    owner: &str,
    seconds: f64,
) -> Result<()> {
    sqlx::query!(
        "update operations set failures = failures + 1, lease_owner = '',
           lease_until = clock_timestamp() + make_interval(secs => $4)
         where district = $1 and id = $2 and lease_owner = $3 and not done",
        district.as_i32(),
        id,
        owner,
        seconds,
    )
    .execute(connection)
    .await?;
    Ok(())
}
