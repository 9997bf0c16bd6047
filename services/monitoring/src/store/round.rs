//! Monitoring rounds.

use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::updated;
use crate::domain::round::Round;
use crate::domain::rules::Rules;

/// A round.
pub async fn load(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Round>> {
    let body = sqlx::query_scalar!(
        r#"select body as "body: Json<Round>" from monitoring.rounds where district = $1 and round_id = $2"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// A round, locked, with the rules that it was opened with.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<(Round, Option<Rules>)>> {
    let row = sqlx::query!(
        r#"select body as "body: Json<Round>", rules as "rules: Json<Rules>" from monitoring.rounds
           where district = $1 and round_id = $2 for update"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.body.0, row.rules.map(|rules| rules.0))))
}

/// Inserts a new round; `false` when there is one with its id.
pub async fn insert(connection: &mut PgConnection, district: DistrictCode, round: &Round) -> Result<bool> {
    let done = sqlx::query!(
        "insert into monitoring.rounds (district, round_id, fiscal_year, state, body, version)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        district.as_i32(),
        round.id,
        round.fiscal_year.as_i32(),
        round.state.as_str(),
        Json(round) as _,
        round.version,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Saves a changed round whose version was raised by one; `rules` are given when it is opened.
pub async fn update(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &Round,
    rules: Option<&Rules>,
) -> Result<()> {
    let done = sqlx::query!(
        "update monitoring.rounds set fiscal_year = $3, state = $4, body = $5, version = $6,
           rules = coalesce($7, rules)
         where district = $1 and round_id = $2 and version = $6::bigint - 1",
        district.as_i32(),
        round.id,
        round.fiscal_year.as_i32(),
        round.state.as_str(),
        Json(round) as _,
        round.version,
        rules.map(Json) as _,
    )
    .execute(connection)
    .await?;
    updated(done.rows_affected(), &round.id)
}

/// What a list of rounds asks for.
pub struct Filter<'a> {
    /// Only these districts; `None` for all.
    pub districts: Option<Vec<i32>>,
    /// Only this budget year.
    pub fiscal_year: Option<i32>,
    /// Only this state.
    pub state: Option<&'a str>,
    /// District and id of the last one of the page before.
    pub after: Option<(i32, &'a str)>,
    /// How many.
    pub limit: i64,
}

/// Rounds by district and, the last one first, by id.
pub async fn list(connection: &mut PgConnection, filter: &Filter<'_>) -> Result<Vec<(i32, Round)>> {
    let rows = sqlx::query!(
        r#"select district, body as "body: Json<Round>" from monitoring.rounds
           where ($1::integer[] is null or district = any($1)) and ($2::integer is null or fiscal_year = $2)
             and ($3::text is null or state = $3)
             and ($4::integer is null or district > $4 or (district = $4 and round_id < $5))
           order by district, round_id desc limit $6"#,
        filter.districts.as_deref(),
        filter.fiscal_year,
        filter.state,
        filter.after.map(|(district, _)| district),
        filter.after.map_or("", |(_, id)| id),
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.district, row.body.0)).collect())
}
