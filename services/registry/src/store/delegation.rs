//! Delegations (授权代办).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::delegation::Delegation;

impl Document for Delegation {
    const TABLE: &'static str = "delegations";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Delegations of everybody; those that hold on a day where one is given.
pub async fn list(
    connection: &mut PgConnection,
    window: &Window,
    active_on: Option<NaiveDate>,
) -> Result<Vec<Stored<Delegation>>> {
    let rows = sqlx::query_as!(
        document::Row::<Delegation>,
        r#"select district, version, body as "body: Json<Delegation>", create_time, update_time
           from registry.delegations
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::date is null or (body->>'ended' is null and registry.iso_date(body->>'start_date') <= $5
               and registry.iso_date(body->>'end_date') >= $5))
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id,
        window.after_district,
        window.limit,
        active_on,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// The same of one person on either side: each side by its own index, in the order of the list, so that a page costs two
/// pages at the most. Nobody delegates to themselves, so that no delegation is found twice.
pub async fn list_of(
    connection: &mut PgConnection,
    district: DistrictCode,
    person: &str,
    window: &Window,
    active_on: Option<NaiveDate>,
) -> Result<Vec<Stored<Delegation>>> {
    let rows = sqlx::query_as!(
        document::Row::<Delegation>,
        r#"select district as "district!", version as "version!", body as "body!: Json<Delegation>",
                  create_time as "create_time!", update_time as "update_time!"
           from (
             (select * from registry.delegations
              where district = $1 and delegator = $2 and ($3::text is null or id > $3)
                and ($5::date is null or (body->>'ended' is null and registry.iso_date(body->>'start_date') <= $5
                  and registry.iso_date(body->>'end_date') >= $5))
              order by id limit $4)
             union all
             (select * from registry.delegations
              where district = $1 and deputy = $2 and ($3::text is null or id > $3)
                and ($5::date is null or (body->>'ended' is null and registry.iso_date(body->>'start_date') <= $5
                  and registry.iso_date(body->>'end_date') >= $5))
              order by id limit $4)
           ) either
           order by id limit $4"#,
        district.as_i32(),
        person,
        window.after_id,
        window.limit,
        active_on,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}
