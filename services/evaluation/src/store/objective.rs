//! Ratified objectives of targets and each of their ratified versions (批复的绩效目标).

use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use crate::domain::self_evaluation::RatifiedVersion;

/// A ratified objective.
pub struct Objective {
    /// Resource name.
    pub name: String,
    /// Budget year.
    pub fiscal_year: i32,
    /// What it is for.
    pub subject: String,
    /// Unit that filed it.
    pub unit: String,
    /// Amount in yuan.
    pub amount: Decimal,
}

/// What a self-evaluation asks of its objective.
pub struct Known {
    /// Budget year.
    pub fiscal_year: i32,
    /// What it is for.
    pub subject: String,
    /// Ratified versions, oldest first.
    pub versions: Vec<RatifiedVersion>,
}

/// Keeps a ratified objective.
pub async fn keep(connection: &mut PgConnection, district: i32, objective: &Objective) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.objectives (district, name, fiscal_year, subject, unit, amount)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, name) do update set amount = excluded.amount, unit = excluded.unit",
        district,
        objective.name,
        objective.fiscal_year,
        objective.subject,
        objective.unit,
        objective.amount,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a ratified version. What was ratified never changes: the first that is heard of it holds.
pub async fn keep_version(
    connection: &mut PgConnection,
    district: i32,
    objective: &str,
    version: &RatifiedVersion,
) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.objective_versions (district, objective, number, body) values ($1, $2, $3, $4)
         on conflict (district, objective, number) do nothing",
        district,
        objective,
        version.number,
        Json(version) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An objective with its ratified versions; none when nothing of that name was ratified.
pub async fn load(connection: &mut PgConnection, district: i32, name: &str) -> Result<Option<Known>> {
    let rows = sqlx::query!(
        r#"select o.fiscal_year, o.subject, v.body as "body?: Json<RatifiedVersion>"
           from evaluation.objectives o
           left join evaluation.objective_versions v on v.district = o.district and v.objective = o.name
           where o.district = $1 and o.name = $2 order by v.number"#,
        district,
        name,
    )
    .fetch_all(connection)
    .await?;
    let mut known: Option<Known> = None;
    for row in rows {
        let (fiscal_year, subject) = (row.fiscal_year, row.subject);
        let known = known.get_or_insert_with(|| Known { fiscal_year, subject, versions: Vec::new() });
        known.versions.extend(row.body.map(|body| body.0));
    }
    Ok(known)
}
