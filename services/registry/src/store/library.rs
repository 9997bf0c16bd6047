//! Indicator frames, indicators and templates (指标框架、指标库、模板).

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::frame::Frame;
use crate::domain::indicator::{Indicator, IndicatorState};
use crate::domain::project::ProjectCategory;
use crate::domain::template::{Template, TemplateKind};

/// What a list of indicators is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct IndicatorFilter {
    /// Identifier of the frame.
    pub frame: Option<String>,
    /// Code of the level-two node.
    pub node_code: Option<String>,
    /// Department whose specific indicators come with the common ones.
    pub unit: Option<String>,
    /// State.
    pub state: Option<IndicatorState>,
    /// Text in name, code or keywords.
    pub text: Option<String>,
    /// Code of the level-one node.
    pub level_one: Option<String>,
    /// Category of projects that they are meant for, besides those for all.
    pub category: Option<ProjectCategory>,
    /// Day on which they may be used.
    pub enabled: Option<NaiveDate>,
    /// Common ones or specific ones.
    pub common: Option<bool>,
}

impl Document for Frame {
    const TABLE: &'static str = "indicator_frames";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Frames, optionally those valid for a budget year.
pub async fn list_frames(
    connection: &mut PgConnection,
    window: &Window,
    fiscal_year: Option<i32>,
) -> Result<Vec<Stored<Frame>>> {
    let rows = sqlx::query_as!(
        document::Row::<Frame>,
        r#"select district, version, body as "body: Json<Frame>", create_time, update_time
           from registry.indicator_frames
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::integer is null or first_fiscal_year is null or first_fiscal_year <= $5)
             and ($5::integer is null or last_fiscal_year is null or $5 <= last_fiscal_year)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        fiscal_year,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

impl Document for Indicator {
    const TABLE: &'static str = "indicators";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Indicators, narrowed.
pub async fn list_indicators(
    connection: &mut PgConnection,
    window: &Window,
    filter: &IndicatorFilter,
) -> Result<Vec<Stored<Indicator>>> {
    let rows = sqlx::query_as!(
        document::Row::<Indicator>,
        r#"select district, version, body as "body: Json<Indicator>", create_time, update_time
           from registry.indicators
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or frame = $5)
             and ($6::text is null or node_code = $6)
             and ($7::text is null or unit is null or unit = $7)
             and ($8::text is null or state = $8)
             and ($9::text is null or position($9 in title) > 0 or position($9 in code) > 0
                  or position($9 in (body->'keywords')::text) > 0)
             and ($10::text is null
                  or exists (select from registry.indicator_frames kept
                             cross join jsonb_array_elements(kept.body->'nodes') as node
                             where kept.district = indicators.district and kept.id = indicators.frame
                               and node->>'code' = indicators.node_code and node->>'parent_code' = $10))
             and ($11::text is null or coalesce(body->'project_categories', '[]') = '[]'
                  or body->'project_categories' ? $11)
             and ($12::date is null
                  or state in ('confirmed', 'retired')
                     and (start_date is null or start_date <= $12) and (end_date is null or $12 <= end_date))
             and ($13::boolean is null or common = $13)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.frame.as_deref(),
        filter.node_code.as_deref(),
        filter.unit.as_deref(),
        filter.state.map(IndicatorState::as_str),
        filter.text.as_deref(),
        filter.level_one.as_deref(),
        filter.category.map(ProjectCategory::as_str),
        filter.enabled,
        filter.common,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// Indicators that belong to one of these units, or that one of them proposed and nobody has taken into the library yet.
pub async fn of_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<Vec<Stored<Indicator>>> {
    let rows = sqlx::query_as!(
        document::Row::<Indicator>,
        r#"select district, version, body as "body: Json<Indicator>", create_time, update_time
           from registry.indicators
           where district = $1 and state <> 'refused'
             and (unit = any($2) or state in ('draft', 'endorsed') and body->'proposal'->>'unit' = any($2))
           order by id for update"#,
        district.as_i32(),
        codes,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

impl Document for Template {
    const TABLE: &'static str = "templates";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Templates, optionally of one kind or for one year.
pub async fn list_templates(
    connection: &mut PgConnection,
    window: &Window,
    kind: Option<TemplateKind>,
    fiscal_year: Option<i32>,
) -> Result<Vec<Stored<Template>>> {
    let rows = sqlx::query_as!(
        document::Row::<Template>,
        r#"select district, version, body as "body: Json<Template>", create_time, update_time
           from registry.templates
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::integer is null or first_fiscal_year is null or first_fiscal_year <= $6)
             and ($6::integer is null or last_fiscal_year is null or $6 <= last_fiscal_year)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        kind.map(TemplateKind::as_str),
        fiscal_year,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}
