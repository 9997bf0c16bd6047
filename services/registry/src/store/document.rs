//! Objects that are only read and written whole (文档): their tables differ by name alone, so their SQL stands here once.
//! It cannot be checked when it is compiled, as all other SQL is: each table has its test in `tests/`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Kept, Stored, district_of};
use crate::error::database;

/// An object that is kept as a document, in a table with district, identifier, version, body and the two times.
pub trait Document: Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its table in the schema of the registry.
    const TABLE: &'static str;

    /// Its identifier.
    fn id(&self) -> &str;
}

/// A row of such a table.
#[derive(sqlx::FromRow)]
pub(crate) struct Row<T> {
    pub district: i32,
    pub version: i64,
    pub body: Json<T>,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl<T> Row<T> {
    pub(crate) fn stored(self) -> Result<Stored<T>> {
        Ok(Stored {
            district: district_of(self.district)?,
            value: self.body.0,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}

impl<T: Document> Kept for T {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let statement = format!(
            "select district, version, body, create_time, update_time from registry.{}
             where district = $1 and id = $2",
            T::TABLE
        );
        let query = sqlx::query_as::<_, Row<T>>(AssertSqlSafe(statement));
        let row = query.bind(district.as_i32()).bind(id).fetch_optional(connection).await?;
        row.map(Row::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let statement = format!(
            "insert into registry.{} as kept (district, id, version, body, create_time, update_time)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (district, id) do update
             set version = excluded.version, body = excluded.body, update_time = excluded.update_time
             where kept.version = excluded.version - 1",
            T::TABLE
        );
        let done = sqlx::query(AssertSqlSafe(statement))
            .bind(stored.district.as_i32())
            .bind(stored.value.id())
            .bind(stored.version)
            .bind(Json(&stored.value))
            .bind(stored.create_time)
            .bind(stored.update_time)
            .execute(connection)
            .await
            .map_err(database)?;
        Ok(done.rows_affected() == 1)
    }
}
