//! Institutions, experts, deputies and members (参与主体).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::participant::{
    Expert, Institution, InstitutionKind, Representative, RepresentativeKind, Standing,
};

impl Document for Institution {
    const TABLE: &'static str = "institutions";

    fn id(&self) -> &str {
        &self.id
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
        document::Row::<Institution>,
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
    rows.into_iter().map(document::Row::stored).collect()
}

impl Document for Expert {
    const TABLE: &'static str = "experts";

    fn id(&self) -> &str {
        &self.id
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
        document::Row::<Expert>,
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
    rows.into_iter().map(document::Row::stored).collect()
}

impl Document for Representative {
    const TABLE: &'static str = "representatives";

    fn id(&self) -> &str {
        &self.id
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
        document::Row::<Representative>,
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
    rows.into_iter().map(document::Row::stored).collect()
}
