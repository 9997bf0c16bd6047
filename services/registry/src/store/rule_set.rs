//! Rule sets (规则集).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Kept, Stored, Window, district_of, read};
use crate::domain::rule_set::{Layer, RuleSet, Sections};
use crate::error::database;

struct Row {
    district: i32,
    id: String,
    title: String,
    source: String,
    verified: bool,
    layer: String,
    start_date: NaiveDate,
    end_date: Option<NaiveDate>,
    sections: Json<Sections>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl Row {
    fn stored(self) -> Result<Stored<RuleSet>> {
        let value = RuleSet {
            id: self.id,
            title: self.title,
            source: self.source,
            verified: self.verified,
            layer: read(self.layer.parse())?,
            start_date: self.start_date,
            end_date: self.end_date,
            sections: self.sections.0,
            version: self.version,
        };
        Ok(Stored {
            district: district_of(self.district)?,
            value,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}

impl Kept for RuleSet {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Row,
            r#"select district, id, title, source, verified, layer, start_date, end_date,
                      sections as "sections: Json<Sections>", version, create_time, update_time
               from registry.rule_sets where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Row::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let set = &stored.value;
        let done = sqlx::query!(
            "insert into registry.rule_sets as kept (district, id, title, source, verified, layer, start_date,
                    end_date, sections, version, create_time, update_time)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (district, id) do update
             set title = excluded.title, source = excluded.source, verified = excluded.verified,
                 start_date = excluded.start_date, end_date = excluded.end_date, sections = excluded.sections,
                 version = excluded.version, update_time = excluded.update_time
             where kept.version = excluded.version - 1",
            stored.district.as_i32(),
            set.id,
            set.title,
            set.source,
            set.verified,
            set.layer.as_str(),
            set.start_date,
            set.end_date,
            Json(&set.sections) as _,
            stored.version,
            stored.create_time,
            stored.update_time,
        )
        .execute(connection)
        .await
        .map_err(database)?;
        Ok(done.rows_affected() == 1)
    }
}

/// All rule sets of a district: few, and the effective rules are made of them.
pub async fn all_rule_sets(connection: &mut PgConnection, district: DistrictCode) -> Result<Vec<RuleSet>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, title, source, verified, layer, start_date, end_date,
                  sections as "sections: Json<Sections>", version, create_time, update_time
           from registry.rule_sets where district = $1 order by start_date, id"#,
        district.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.stored().map(|stored| stored.value)).collect()
}

/// Rule sets of a district that have a section, with nothing else in them: a whole set is large.
pub async fn rule_sets_with(
    connection: &mut PgConnection,
    district: DistrictCode,
    section: &str,
) -> Result<Vec<RuleSet>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, title, source, verified, layer, start_date, end_date,
                  jsonb_build_object($2::text, sections -> $2) as "sections!: Json<Sections>", version, create_time,
                  update_time
           from registry.rule_sets where district = $1 and sections ? $2 order by start_date, id"#,
        district.as_i32(),
        section,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.stored().map(|stored| stored.value)).collect()
}

/// Rule sets, optionally of one layer or in force on a day.
pub async fn list_rule_sets(
    connection: &mut PgConnection,
    window: &Window,
    layer: Option<Layer>,
    day: Option<NaiveDate>,
) -> Result<Vec<Stored<RuleSet>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, title, source, verified, layer, start_date, end_date,
                  sections as "sections: Json<Sections>", version, create_time, update_time
           from registry.rule_sets
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or layer = $5)
             and ($6::date is null or start_date <= $6 and (end_date is null or $6 <= end_date))
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        layer.map(Layer::as_str),
        day,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::stored).collect()
}
