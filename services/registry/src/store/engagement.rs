//! Engagements (委托).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::engagement::{Engagement, EngagementKind, EngagementState};

/// What a list of engagements is narrowed to.
#[derive(Clone, Debug)]
pub struct EngagementFilter {
    /// Kind.
    pub kind: Option<EngagementKind>,
    /// Participant, relative to the district.
    pub participant: Option<String>,
    /// An object that it names, relative to the district.
    pub object: Option<String>,
    /// Year of work.
    pub work_year: Option<i32>,
    /// State on `today`.
    pub state: Option<EngagementState>,
    /// The day for the state.
    pub today: NaiveDate,
    /// Only those whose principal's code begins so.
    pub principal_prefix: Option<String>,
    /// Only those of the participant with this identifier.
    pub participant_id: Option<String>,
}

impl Document for Engagement {
    const TABLE: &'static str = "engagements";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Engagements, narrowed. The states are those of `Engagement::state`.
pub async fn list_engagements(
    connection: &mut PgConnection,
    window: &Window,
    filter: &EngagementFilter,
) -> Result<Vec<Stored<Engagement>>> {
    let rows = sqlx::query_as!(
        document::Row::<Engagement>,
        r#"select district, version, body as "body: Json<Engagement>", create_time, update_time
           from registry.engagements
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::text is null or participant = $6)
             and ($7::text is null or body->'objects' ? $7)
             and ($8::integer is null or work_year = $8)
             and ($9::text is null or $9 = case when cancelled then 'cancelled'
                  when $10::date < start_date then 'pending' when $10 <= end_date then 'active' else 'ended' end)
             and ($11::text is null or starts_with(body->>'principal', $11))
             and ($12::text is null or split_part(participant, '/', 2) = $12)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.kind.map(EngagementKind::as_str),
        filter.participant.as_deref(),
        filter.object.as_deref(),
        filter.work_year,
        filter.state.map(EngagementState::as_str),
        filter.today,
        filter.principal_prefix.as_deref(),
        filter.participant_id.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// Engagements of one participant that were not called off.
pub async fn of_participant(
    connection: &mut PgConnection,
    district: DistrictCode,
    participant: &str,
) -> Result<Vec<Engagement>> {
    let bodies = sqlx::query_scalar!(
        r#"select body as "body: Json<Engagement>" from registry.engagements
           where district = $1 and participant = $2 and not cancelled order by id"#,
        district.as_i32(),
        participant,
    )
    .fetch_all(connection)
    .await?;
    Ok(bodies.into_iter().map(|body| body.0).collect())
}

/// Identifiers of the participants that are or were engaged for an object, or for all objects of the district.
pub async fn participants_of(
    connection: &mut PgConnection,
    district: DistrictCode,
    objects: &[String],
) -> Result<Vec<String>> {
    let ids = sqlx::query_scalar!(
        r#"select distinct split_part(participant, '/', 2) as "id!" from registry.engagements
           where district = $1 and not cancelled
             and (body->'objects' ?| $2 or jsonb_array_length(body->'objects') = 0)"#,
        district.as_i32(),
        objects,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}
