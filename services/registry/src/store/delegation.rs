//! Delegations (授权代办).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Document, Kept, Stored, Window};
use crate::domain::delegation::Delegation;
use crate::error::database;

impl Kept for Delegation {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<Delegation>,
            r#"select district, version, body as "body: Json<Delegation>", create_time, update_time
               from registry.delegations where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.delegations as kept (district, id, version, body, create_time, update_time)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (district, id) do update
             set version = excluded.version, body = excluded.body, update_time = excluded.update_time
             where kept.version = excluded.version - 1",
            stored.district.as_i32(),
            stored.value.id,
            stored.version,
            Json(&stored.value) as _,
            stored.create_time,
            stored.update_time,
        )
        .execute(connection)
        .await
        .map_err(database)?;
        Ok(done.rows_affected() == 1)
    }
}

/// Delegations of everybody, or of one person on either side; those that hold on a day where one is given.
pub async fn list(
    connection: &mut PgConnection,
    window: &Window,
    person: Option<&str>,
    active_on: Option<NaiveDate>,
) -> Result<Vec<Stored<Delegation>>> {
    let rows = sqlx::query_as!(
        Document::<Delegation>,
        r#"select district, version, body as "body: Json<Delegation>", create_time, update_time
           from registry.delegations
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or delegator = $5 or deputy = $5)
             and ($6::date is null or (body->>'ended' is null and (body->>'start_date')::date <= $6
               and (body->>'end_date')::date >= $6))
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id,
        window.after_district,
        window.limit,
        person,
        active_on,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}
