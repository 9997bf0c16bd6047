//! Districts (区划).

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Kept, Stored, Window, district_of, read};
use crate::domain::unit::District;
use crate::error::database;

impl Kept for District {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        _: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Row,
            "select district, title, title_en, city_title, finance_bureau, version, create_time, update_time
             from registry.districts where district = $1",
            district.as_i32(),
        )
        .fetch_optional(connection)
        .await?;
        row.map(Row::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let district = &stored.value;
        let done = sqlx::query!(
            "insert into registry.districts as kept
                (district, title, title_en, city_title, finance_bureau, version, create_time, update_time)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (district) do update
             set title = excluded.title, title_en = excluded.title_en, city_title = excluded.city_title,
                 finance_bureau = excluded.finance_bureau, version = excluded.version,
                 update_time = excluded.update_time
             where kept.version = excluded.version - 1",
            stored.district.as_i32(),
            district.title,
            district.title_en,
            district.city_title,
            district.finance_bureau.as_ref().map(|code| code.as_str()),
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

/// Districts in the order of their codes.
pub async fn list_districts(connection: &mut PgConnection, window: &Window) -> Result<Vec<Stored<District>>> {
    let rows = sqlx::query_as!(
        Row,
        "select district, title, title_en, city_title, finance_bureau, version, create_time, update_time
         from registry.districts
         where ($1::integer[] is null or district = any($1)) and ($2::integer is null or district > $2)
         order by district limit $3",
        window.districts.as_deref(),
        window.after_district,
        window.limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::stored).collect()
}

struct Row {
    district: i32,
    title: String,
    title_en: String,
    city_title: String,
    finance_bureau: Option<String>,
    version: i64,
    create_time: chrono::DateTime<chrono::Utc>,
    update_time: chrono::DateTime<chrono::Utc>,
}

impl Row {
    fn stored(self) -> Result<Stored<District>> {
        let code = district_of(self.district)?;
        let value = District {
            code,
            title: self.title,
            title_en: self.title_en,
            city_title: self.city_title,
            finance_bureau: self.finance_bureau.map(|code| read(code.parse())).transpose()?,
        };
        Ok(Stored {
            district: code,
            value,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}
