//! Policies (政策).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Document, Kept, Stored, Window, read};
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::unit::AgencyCode;
use crate::error::database;

/// What a list of policies is narrowed to.
#[derive(Clone, Debug)]
pub struct PolicyFilter {
    /// Unit that carries it out.
    pub executing_unit: Option<String>,
    /// First day of the window of expiry.
    pub expiry_start: Option<NaiveDate>,
    /// Last day of the window of expiry.
    pub expiry_end: Option<NaiveDate>,
    /// State on `today`.
    pub state: Option<PolicyState>,
    /// The day for the state.
    pub today: NaiveDate,
}

impl Kept for Policy {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<Policy>,
            r#"select district, version, body as "body: Json<Policy>", create_time, update_time
               from registry.policies where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.policies as kept (district, id, version, body, create_time, update_time)
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

/// Policies, narrowed. The states are those of `Policy::state`.
pub async fn list_policies(
    connection: &mut PgConnection,
    window: &Window,
    filter: &PolicyFilter,
) -> Result<Vec<Stored<Policy>>> {
    let rows = sqlx::query_as!(
        Document::<Policy>,
        r#"select district, version, body as "body: Json<Policy>", create_time, update_time
           from registry.policies
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or executing_unit = $5)
             and ($6::date is null or expiry_date >= $6)
             and ($7::date is null or expiry_date <= $7)
             and ($8::text is null or $8 = case
                  when $9::date < start_date then 'pending' when repeal_date < $9 then 'repealed'
                  when expiry_date < $9 then 'expired' else 'in_force' end)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.executing_unit.as_deref(),
        filter.expiry_start,
        filter.expiry_end,
        filter.state.map(PolicyState::as_str),
        filter.today,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}

/// Executing units of policies, by identifier.
pub async fn executing_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<(String, AgencyCode)>> {
    let rows = sqlx::query!(
        r#"select id, executing_unit as "executing_unit!" from registry.policies where district = $1 and id = any($2)"#,
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.id, read(row.executing_unit.parse())?))).collect()
}
