//! Projects and local project types (项目与地方类型).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{BudgetAccount, DistrictCode};
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Kept, Stored, Window, district_of, read};
use crate::domain::project::{LocalProjectType, Project, ProjectCategory, ProjectDetails};
use crate::error::database;

impl Document for LocalProjectType {
    const TABLE: &'static str = "local_project_types";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Local types, optionally those for projects set up in a year.
pub async fn list_types(
    connection: &mut PgConnection,
    window: &Window,
    setup_year: Option<i32>,
) -> Result<Vec<Stored<LocalProjectType>>> {
    let rows = sqlx::query_as!(
        document::Row::<LocalProjectType>,
        r#"select district, version, body as "body: Json<LocalProjectType>", create_time, update_time
           from registry.local_project_types
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::integer is null or first_setup_year is null or first_setup_year <= $5)
             and ($5::integer is null or last_setup_year is null or $5 <= last_setup_year)
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        setup_year,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

struct Row {
    district: i32,
    id: String,
    project_code: Option<String>,
    title: String,
    category: String,
    local_project_type: Option<String>,
    budget_account: String,
    nature: Option<String>,
    competent_department: String,
    implementing_unit: String,
    setup_year: i32,
    secrecy: Option<String>,
    end_date: Option<NaiveDate>,
    details: Json<ProjectDetails>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl Row {
    fn stored(self) -> Result<Stored<Project>> {
        let value = Project {
            id: self.id,
            code: self.project_code.map(|code| read(code.parse())).transpose()?,
            title: self.title,
            category: read(self.category.parse())?,
            local_project_type: self.local_project_type,
            budget_account: read(self.budget_account.parse())?,
            nature: self.nature.map(|word| read(word.parse())).transpose()?,
            competent_department: read(self.competent_department.parse())?,
            implementing_unit: read(self.implementing_unit.parse())?,
            setup_year: read(self.setup_year.try_into())?,
            secrecy: self.secrecy.map(|word| read(word.parse())).transpose()?,
            end_date: self.end_date,
            details: self.details.0,
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

impl Kept for Project {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        // Not by way of `load_many`: Postgres plans `any` anew each time, and this is the most frequent read.
        let row = sqlx::query_as!(
            Row,
            r#"select district, id, project_code, title, category, local_project_type, budget_account, nature,
                      competent_department, implementing_unit, setup_year, secrecy, end_date,
                      details as "details: Json<ProjectDetails>", version, create_time, update_time
               from registry.projects where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Row::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        Ok(save_many(connection, std::slice::from_ref(stored)).await? == 1)
    }
}

/// Projects by identifier, those that exist.
pub async fn load_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<BTreeMap<String, Stored<Project>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, project_code, title, category, local_project_type, budget_account, nature,
                  competent_department, implementing_unit, setup_year, secrecy, end_date,
                  details as "details: Json<ProjectDetails>", version, create_time, update_time
           from registry.projects where district = $1 and id = any($2) order by id"#,
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.id.clone(), row.stored()?))).collect()
}

/// Writes versions of many projects of one district: new ones, and others over exactly the version before. Says how
/// many were written.
pub async fn save_many(connection: &mut PgConnection, projects: &[Stored<Project>]) -> Result<u64> {
    let Some(first) = projects.first() else { return Ok(0) };
    let column = |field: fn(&Project) -> String| projects.iter().map(|p| field(&p.value)).collect::<Vec<_>>();
    let maybe =
        |field: fn(&Project) -> Option<String>| projects.iter().map(|p| field(&p.value)).collect::<Vec<_>>();
    let years: Vec<i32> = projects.iter().map(|project| project.value.setup_year.as_i32()).collect();
    let ends: Vec<Option<NaiveDate>> = projects.iter().map(|project| project.value.end_date).collect();
    let details: Vec<serde_json::Value> = projects
        .iter()
        .map(|project| serde_json::to_value(&project.value.details))
        .collect::<Result<_, _>>()
        .map_err(wenxiao_platform::Failure::internal)?;
    let versions: Vec<i64> = projects.iter().map(|project| project.version).collect();
    let done = sqlx::query!(
        "insert into registry.projects as kept (district, id, project_code, title, category, local_project_type,
                budget_account, nature, competent_department, implementing_unit, setup_year, secrecy, end_date,
                details, version, create_time, update_time)
         select $1, *, $16, $17 from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::integer[], $12::text[], $13::date[], $14::jsonb[],
                $15::bigint[])
         on conflict (district, id) do update
         set title = excluded.title, category = excluded.category, local_project_type = excluded.local_project_type,
             budget_account = excluded.budget_account, nature = excluded.nature,
             competent_department = excluded.competent_department, implementing_unit = excluded.implementing_unit,
             setup_year = excluded.setup_year, secrecy = excluded.secrecy, end_date = excluded.end_date,
             details = excluded.details, version = excluded.version, update_time = excluded.update_time
         where kept.version = excluded.version - 1",
        first.district.as_i32(),
        &column(|project| project.id.clone()),
        &maybe(|project| project.code.as_ref().map(ToString::to_string)) as &[Option<String>],
        &column(|project| project.title.clone()),
        &column(|project| project.category.as_str().to_owned()),
        &maybe(|project| project.local_project_type.clone()) as &[Option<String>],
        &column(|project| project.budget_account.as_str().to_owned()),
        &maybe(|project| project.nature.map(|nature| nature.as_str().to_owned())) as &[Option<String>],
        &column(|project| project.competent_department.to_string()),
        &column(|project| project.implementing_unit.to_string()),
        &years,
        &maybe(|project| project.secrecy.map(|secrecy| secrecy.as_str().to_owned())) as &[Option<String>],
        &ends as &[Option<NaiveDate>],
        &details,
        &versions,
        first.create_time,
        first.update_time,
    )
    .execute(connection)
    .await
    .map_err(database)?;
    Ok(done.rows_affected())
}

/// What a list of projects is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Implementing unit, or the head of its branch.
    pub unit: Option<String>,
    /// Day on which it was that unit; none for the one that the project has.
    pub day: Option<NaiveDate>,
    /// Category.
    pub category: Option<ProjectCategory>,
    /// Identifier of the local type.
    pub local_project_type: Option<String>,
    /// Account.
    pub budget_account: Option<BudgetAccount>,
    /// Only with a budget in this year.
    pub fiscal_year: Option<i32>,
    /// Only closed ones, or only others.
    pub closed: Option<bool>,
    /// Only cancelled ones, or only others.
    pub cancelled: Option<bool>,
    /// Text in the title.
    pub text: Option<String>,
    /// Only projects of units whose code begins so: what a unit role sees.
    pub unit_prefix: Option<String>,
    /// Only projects that this participant is engaged for: what a guest sees.
    pub participant: Option<String>,
}

/// Projects in the order of their identifiers.
pub async fn list_projects(
    connection: &mut PgConnection,
    window: &Window,
    filter: &ProjectFilter,
) -> Result<Vec<Stored<Project>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, project_code, title, category, local_project_type, budget_account, nature,
                  competent_department, implementing_unit, setup_year, secrecy, end_date,
                  details as "details: Json<ProjectDetails>", version, create_time, update_time
           from registry.projects p
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::text is null or starts_with(case when $15::date is null then implementing_unit
                    else registry.implementing_unit_on(implementing_unit, details, $15) end, $5))
             and ($6::text is null or category = $6)
             and ($7::text is null or local_project_type = $7)
             and ($8::text is null or budget_account = $8)
             and ($9::integer is null or exists (select from registry.budget_positions b
                  where b.district = p.district and b.project = p.id and b.fiscal_year = $9))
             and ($10::boolean is null or (end_date is not null) = $10)
             and ($14::boolean is null or (jsonb_typeof(details->'cancellation') = 'object') is true = $14)
             and ($11::text is null or position($11 in title) > 0)
             and ($12::text is null or starts_with(implementing_unit, $12))
             and ($13::text is null or exists (select from registry.engagements e
                  where e.district = p.district and split_part(e.participant, '/', 2) = $13 and not e.cancelled
                    and (e.body->'objects' ?| array['projects/' || p.id, 'units/' || p.implementing_unit]
                         or jsonb_array_length(e.body->'objects') = 0)))
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.unit.as_deref(),
        filter.category.map(ProjectCategory::as_str),
        filter.local_project_type.as_deref(),
        filter.budget_account.map(BudgetAccount::as_str),
        filter.fiscal_year,
        filter.closed,
        filter.text.as_deref(),
        filter.unit_prefix.as_deref(),
        filter.participant.as_deref(),
        filter.cancelled,
        filter.day,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::stored).collect()
}

/// All local types of a district, for reading a file.
pub async fn all_types(
    connection: &mut PgConnection,
    district: DistrictCode,
) -> Result<Vec<LocalProjectType>> {
    let bodies = sqlx::query_scalar!(
        r#"select body as "body: Json<LocalProjectType>" from registry.local_project_types
           where district = $1 order by id"#,
        district.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    Ok(bodies.into_iter().map(|body| body.0).collect())
}

/// Projects that a file names by identifier or by code, by the name that was used.
pub async fn find_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    named: &[String],
) -> Result<BTreeMap<String, Stored<Project>>> {
    let ids = sqlx::query!(
        "select id, project_code from registry.projects
         where district = $1 and (id = any($2) or project_code = any($2))",
        district.as_i32(),
        named,
    )
    .fetch_all(&mut *connection)
    .await?;
    let wanted: Vec<String> = ids.iter().map(|row| row.id.clone()).collect();
    let found = load_many(connection, district, &wanted).await?;
    let mut by_name = BTreeMap::new();
    for row in ids {
        let Some(project) = found.get(&row.id) else { continue };
        by_name.extend(row.project_code.map(|code| (code, project.clone())));
        by_name.insert(row.id, project.clone());
    }
    Ok(by_name)
}

/// Projects that belong to one of these units, or did on or after a day.
pub async fn of_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
    day: NaiveDate,
) -> Result<BTreeMap<String, Stored<Project>>> {
    let ids = sqlx::query_scalar!(
        r#"select id from registry.projects
           where district = $1 and (implementing_unit = any($2) or competent_department = any($2)
             or exists (select from jsonb_array_elements(details->'former_owners') o
                where iso_date(o->>'end_date') >= $3
                  and (o->>'implementing_unit' = any($2) or o->>'competent_department' = any($2))))"#,
        district.as_i32(),
        codes,
        day,
    )
    .fetch_all(&mut *connection)
    .await?;
    load_many(connection, district, &ids).await
}
