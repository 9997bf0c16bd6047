//! The rules in force.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{DistrictCode, FiscalYear};
use wenxiao_platform::Result;

use crate::domain::refusal::Refusal;
use crate::domain::rules::{self, Rules, Sections};

/// The rules for a budget year: those in force on its first day.
pub async fn of_year(
    connection: &mut PgConnection,
    district: DistrictCode,
    year: FiscalYear,
) -> Result<Rules> {
    let first_day = NaiveDate::from_ymd_opt(year.as_i32(), 1, 1).unwrap_or_default();
    let rows = sqlx::query_scalar!(
        r#"select sections as "sections: Json<Sections>" from monitoring.rule_sets
           where district = $1 and start_date <= $2 and (end_date is null or end_date >= $2)
           order by of_district desc, start_date desc, rule_set_id"#,
        district.as_i32(),
        first_day,
    )
    .fetch_all(connection)
    .await?;
    let sections = rows.into_iter().map(|row| row.0).collect();
    Ok(rules::effective(sections).ok_or(Refusal::RulesMissing(year.as_i32()))?)
}
