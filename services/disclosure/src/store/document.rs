//! Frozen documents. They are inserted once; nobody may change or remove them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::word;
use crate::domain::document::{Document, Section};
use crate::domain::figure::Figure;
use crate::domain::words::{DocumentKind, PublicationKind, Word};

/// A frozen document as it is read, with what its publication says today.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Publication that it belongs to.
    pub publication: String,
    /// Kind of that publication.
    pub publication_kind: PublicationKind,
    /// Last part of its name.
    pub id: String,
    /// What it says.
    pub document: Document,
    /// Hash that it was frozen with.
    pub content_hash: String,
    /// Whether anyone may read it.
    pub is_public: bool,
    /// When it was published.
    pub publish_time: DateTime<Utc>,
    /// Day of publication.
    pub publish_date: NaiveDate,
    /// Reason, public note, person and time of a withdrawal.
    pub withdrawal: Option<crate::domain::publication::Withdrawal>,
}

struct Row {
    publication: String,
    publication_kind: String,
    id: String,
    kind: String,
    title: String,
    unit_title: String,
    evaluated_year: i32,
    sections: Json<Vec<Section>>,
    figures: Json<Vec<Figure>>,
    content_hash: String,
    is_public: bool,
    publish_time: DateTime<Utc>,
    publish_date: Option<NaiveDate>,
    withdraw_reason: Option<String>,
    withdraw_note: Option<String>,
    withdrawer: Option<String>,
    withdraw_time: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Frozen {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let withdrawal = match (row.withdraw_reason, row.withdraw_note, row.withdrawer, row.withdraw_time) {
            (Some(reason), Some(public_note), Some(withdrawer), Some(time)) => {
                Some(crate::domain::publication::Withdrawal { reason, public_note, withdrawer, time })
            }
            _ => None,
        };
        let document = Document {
            kind: word(&row.kind)?,
            title: row.title,
            unit_title: row.unit_title,
            evaluated_year: row.evaluated_year,
            sections: row.sections.0,
            figures: row.figures.0,
        };
        Ok(Self {
            publication: row.publication,
            publication_kind: word(&row.publication_kind)?,
            id: row.id,
            document,
            content_hash: row.content_hash,
            is_public: row.is_public,
            publish_time: row.publish_time,
            publish_date: row.publish_date.unwrap_or_else(|| row.publish_time.date_naive()),
            withdrawal,
        })
    }
}

/// A document to be frozen.
pub struct Freeze {
    /// Last part of its name.
    pub id: String,
    /// Object that it shows.
    pub subject: String,
    /// What it says.
    pub document: Document,
    /// Hash of it.
    pub content_hash: String,
}

/// Freezes the documents of a publication, in order, in one statement.
pub async fn freeze(
    connection: &mut PgConnection,
    district: i32,
    publication: &str,
    documents: &[Freeze],
    is_public: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let column = |field: fn(&Freeze) -> String| documents.iter().map(field).collect::<Vec<_>>();
    let json = |field: fn(&Freeze) -> serde_json::Result<serde_json::Value>| {
        documents.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(Failure::internal)
    };
    let years: Vec<i32> = documents.iter().map(|entry| entry.document.evaluated_year).collect();
    sqlx::query!(
        "insert into disclosure.documents (district, publication, id, ordinal, subject, kind, title, unit_title,
             evaluated_year, sections, figures, content_hash, is_public, publish_time)
         select $1, $2, d.id, d.place::integer, d.subject, d.kind, d.title, d.unit_title, d.year, d.sections, d.figures, d.hash,
             $3, $4
         from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::integer[], $11::jsonb[],
             $12::jsonb[], $13::text[]) with ordinality
             as d(id, subject, kind, title, unit_title, year, sections, figures, hash, place)",
        district,
        publication,
        is_public,
        now,
        &column(|entry| entry.id.clone()),
        &column(|entry| entry.subject.clone()),
        &column(|entry| entry.document.kind.as_str().to_owned()),
        &column(|entry| entry.document.title.clone()),
        &column(|entry| entry.document.unit_title.clone()),
        &years,
        &json(|entry| serde_json::to_value(&entry.document.sections))?,
        &json(|entry| serde_json::to_value(&entry.document.figures))?,
        &column(|entry| entry.content_hash.clone()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One frozen document.
pub async fn load(
    connection: &mut PgConnection,
    district: i32,
    publication: &str,
    id: &str,
) -> Result<Option<Frozen>> {
    sqlx::query_as!(
        Row,
        r#"select d.publication, p.kind as publication_kind, d.id, d.kind, d.title, d.unit_title, d.evaluated_year,
               d.sections as "sections: Json<Vec<Section>>", d.figures as "figures: Json<Vec<Figure>>", d.content_hash,
               d.is_public, d.publish_time, p.publish_date, p.withdraw_reason, p.withdraw_note, p.withdrawer,
               p.withdraw_time
           from disclosure.documents d
           join disclosure.publications p on p.district = d.district and p.id = d.publication
           where d.district = $1 and d.publication = $2 and d.id = $3"#,
        district,
        publication,
        id,
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// The documents of a publication, in its order.
pub async fn list(
    connection: &mut PgConnection,
    district: i32,
    publication: &str,
    page: &Page,
) -> Result<Vec<Frozen>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select d.publication, p.kind as publication_kind, d.id, d.kind, d.title, d.unit_title, d.evaluated_year,
               d.sections as "sections: Json<Vec<Section>>", d.figures as "figures: Json<Vec<Figure>>", d.content_hash,
               d.is_public, d.publish_time, p.publish_date, p.withdraw_reason, p.withdraw_note, p.withdrawer,
               p.withdraw_time
           from disclosure.documents d
           join disclosure.publications p on p.district = d.district and p.id = d.publication
           where d.district = $1 and d.publication = $2 and ($3::text is null or d.ordinal > (
               select ordinal from disclosure.documents where district = $1 and publication = $2 and id = $3))
           order by d.ordinal limit $4"#,
        district,
        publication,
        page.key(0),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Filters of the public list.
#[derive(Default)]
pub struct Filter {
    /// Kind of document.
    pub kind: Option<DocumentKind>,
    /// Year that it is about, 0 for all.
    pub evaluated_year: i32,
}

/// One page of the public documents, newest first, without their content.
pub async fn list_public(
    connection: &mut PgConnection,
    district: i32,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Frozen>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select d.publication, p.kind as publication_kind, d.id, d.kind, d.title, d.unit_title, d.evaluated_year,
               '[]'::jsonb as "sections!: Json<Vec<Section>>", '[]'::jsonb as "figures!: Json<Vec<Figure>>",
               d.content_hash, d.is_public, d.publish_time, p.publish_date, p.withdraw_reason, p.withdraw_note,
               p.withdrawer, p.withdraw_time
           from disclosure.documents d
           join disclosure.publications p on p.district = d.district and p.id = d.publication
           where d.district = $1 and d.is_public and ($2::text is null or d.kind = $2)
             and ($3 = 0 or d.evaluated_year = $3)
             and ($4::text is null or (d.publish_time, d.publication, d.id) < ($4::text::timestamptz, $5, $6))
           order by d.publish_time desc, d.publication desc, d.id desc limit $7"#,
        district,
        filter.kind.map(|kind| kind.as_str()),
        filter.evaluated_year,
        page.key(0),
        page.key(1),
        page.key(2),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The newest public summary of a year that has not been withdrawn: publication and id.
pub async fn newest_summary(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
) -> Result<Option<(String, String)>> {
    let row = sqlx::query!(
        "select d.publication, d.id from disclosure.documents d
         join disclosure.publications p on p.district = d.district and p.id = d.publication
         where d.district = $1 and d.is_public and d.kind = 'annual_summary' and d.evaluated_year = $2
           and p.state = 'published'
         order by d.publish_time desc, d.publication desc limit 1",
        district,
        work_year,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.publication, row.id)))
}

/// Districts that have public documents: code and name.
pub async fn districts(connection: &mut PgConnection) -> Result<Vec<(i32, String)>> {
    let rows = sqlx::query!(
        r#"select d.district, coalesce(max(n.title), '') as "title!" from (
               select distinct district from disclosure.documents where is_public) d
           left join disclosure.districts n on n.district = d.district
           group by d.district order by d.district"#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.district, row.title)).collect())
}
