//! Institutions, experts, deputies and members (参与主体).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Document, Kept, Stored, Window};
use crate::domain::participant::{
    Expert, Institution, InstitutionKind, Representative, RepresentativeKind, Standing,
};
use crate::error::database;

impl Kept for Institution {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<Institution>,
            r#"select district, version, body as "body: Json<Institution>", create_time, update_time
               from registry.institutions where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.institutions as kept (district, id, version, body, create_time, update_time)
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

/// Institutions, optionally of one kind or state.
pub async fn list_institutions(
    connection: &mut PgConnection,
    window: &Window,
    kind: Option<InstitutionKind>,
    state: Option<Standing>,
) -> Result<Vec<Stored<Institution>>> {
    let rows = sqlx::query_as!(
        Document::<Institution>,
        r#"select district, version, body as "body: Json<Institution>", create_time, update_time
           from registry.institutions
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::text is null or state = $6)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        kind.map(InstitutionKind::as_str),
        state.map(Standing::as_str),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}

impl Kept for Expert {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<Expert>,
            r#"select district, version, body as "body: Json<Expert>", create_time, update_time
               from registry.experts where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.experts as kept (district, id, version, body, create_time, update_time)
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

/// Experts, optionally of one field or state.
pub async fn list_experts(
    connection: &mut PgConnection,
    window: &Window,
    specialty: Option<&str>,
    state: Option<Standing>,
) -> Result<Vec<Stored<Expert>>> {
    let rows = sqlx::query_as!(
        Document::<Expert>,
        r#"select district, version, body as "body: Json<Expert>", create_time, update_time
           from registry.experts
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or body->'specialties' ? $5)
             and ($6::text is null or state = $6)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        specialty,
        state.map(Standing::as_str),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}

impl Kept for Representative {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<Representative>,
            r#"select district, version, body as "body: Json<Representative>", create_time, update_time
               from registry.representatives where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.representatives as kept (district, id, version, body, create_time, update_time)
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

/// Deputies and members, optionally of one body or in office on a day.
pub async fn list_representatives(
    connection: &mut PgConnection,
    window: &Window,
    kind: Option<RepresentativeKind>,
    day: Option<NaiveDate>,
) -> Result<Vec<Stored<Representative>>> {
    let rows = sqlx::query_as!(
        Document::<Representative>,
        r#"select district, version, body as "body: Json<Representative>", create_time, update_time
           from registry.representatives
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::date is null or term_start_date is null or term_start_date <= $6)
             and ($6::date is null or term_end_date is null or $6 <= term_end_date)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        kind.map(RepresentativeKind::as_str),
        day,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}
