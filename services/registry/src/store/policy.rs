//! Policies (政策).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::policy::{Policy, PolicyState};

/// What a list of policies is narrowed to.
#[derive(Clone, Debug)]
pub struct PolicyFilter {
    /// Unit that carries it out.
    pub executing_unit: Option<String>,
    /// First day of the window of expiry.
    pub expiry_start: Option<NaiveDate>,
    /// Last day of the window of expiry.
    pub expiry_end: Option<NaiveDate>,
    /// State on `day`.
    pub state: Option<PolicyState>,
    /// Day on which that unit carried it out; none for the one that does.
    pub asked_day: Option<NaiveDate>,
    /// The day for the state.
    pub day: NaiveDate,
}

impl Document for Policy {
    const TABLE: &'static str = "policies";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Policies, narrowed. The states are those of `Policy::state`.
pub async fn list_policies(
    connection: &mut PgConnection,
    window: &Window,
    filter: &PolicyFilter,
) -> Result<Vec<Stored<Policy>>> {
    let rows = sqlx::query_as!(
        document::Row::<Policy>,
        r#"select district, version, body as "body: Json<Policy>", create_time, update_time
           from registry.policies
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or case when $10::date is null then executing_unit
                    else registry.executing_unit_on(body, $10) end = $5)
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
        filter.day,
        filter.asked_day,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// Policies that one of these units carries out, or did on or after a day.
pub async fn of_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
    day: NaiveDate,
) -> Result<BTreeMap<String, Stored<Policy>>> {
    let rows = sqlx::query_as!(
        document::Row::<Policy>,
        r#"select district, version, body as "body: Json<Policy>", create_time, update_time
           from registry.policies
           where district = $1 and (executing_unit = any($2)
             or exists (select from jsonb_array_elements(body->'former_executors') o
                where registry.iso_date(o->>'end_date') >= $3 and o->>'executing_unit' = any($2)))
           order by id"#,
        district.as_i32(),
        codes,
        day,
    )
    .fetch_all(connection)
    .await?;
    let stored = rows.into_iter().map(document::Row::stored);
    stored.map(|stored| stored.map(|policy| (policy.value.id.clone(), policy))).collect()
}

/// Policies by identifier, those that exist.
pub async fn load_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<BTreeMap<String, Stored<Policy>>> {
    let rows = sqlx::query_as!(
        document::Row::<Policy>,
        r#"select district, version, body as "body: Json<Policy>", create_time, update_time
           from registry.policies where district = $1 and id = any($2) order by id"#,
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    let stored = rows.into_iter().map(document::Row::stored);
    stored.map(|stored| stored.map(|policy| (policy.value.id.clone(), policy))).collect()
}
