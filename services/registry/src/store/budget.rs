//! Budget entries (预算变动).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{DistrictCode, FiscalYear, Money, PrintedAmount};
use wenxiao_platform::Result;

use super::{Window, district_of, position, read, timeline};
use crate::domain::budget::{Books, Entry, EntryKind, LineKey, PositionKey};
use crate::error::database;

struct EntryRow {
    district: i32,
    id: String,
    place: i64,
    project: String,
    fiscal_year: i32,
    budget_account: String,
    funding_source: String,
    kind: String,
    amount: Decimal,
    printed: Option<Json<PrintedAmount>>,
    entry_date: NaiveDate,
    document_number: String,
    remark: String,
    source_number: Option<String>,
    reversed_entry: Option<String>,
    creator: String,
    create_time: DateTime<Utc>,
}

/// An entry with the district that it belongs to and its place in the order of entering.
#[derive(Clone, Debug)]
pub struct PlacedEntry {
    /// District.
    pub district: DistrictCode,
    /// Place in the order of entering.
    pub place: i64,
    /// The entry.
    pub entry: Entry,
}

impl EntryRow {
    fn placed(self) -> Result<PlacedEntry> {
        let entry = Entry {
            id: self.id,
            project: self.project,
            fiscal_year: read(self.fiscal_year.try_into())?,
            account: read(self.budget_account.parse())?,
            source: read(self.funding_source.parse())?,
            kind: read(self.kind.parse())?,
            amount: read(Money::from_yuan(self.amount))?,
            printed: self.printed.map(|printed| printed.0),
            entry_date: self.entry_date,
            document_number: self.document_number,
            remark: self.remark,
            source_number: self.source_number,
            reversed_entry: self.reversed_entry,
            creator: self.creator,
            create_time: self.create_time,
        };
        Ok(PlacedEntry { district: district_of(self.district)?, place: self.place, entry })
    }
}

/// Entries by identifier, those that exist.
pub async fn load_entries(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<PlacedEntry>> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select district, id, place, project, fiscal_year, budget_account, funding_source, kind, amount,
                  printed as "printed: Json<PrintedAmount>", entry_date, document_number, remark, source_number,
                  reversed_entry, creator, create_time
           from registry.budget_entries where district = $1 and id = any($2) order by place"#,
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(EntryRow::placed).collect()
}

/// Entries in the order in which they were entered, narrowed. `after` is district and place of the row before.
pub async fn list_entries(
    connection: &mut PgConnection,
    window: &Window,
    project: Option<&str>,
    fiscal_year: Option<i32>,
    kind: Option<EntryKind>,
    unit_prefix: Option<&str>,
) -> Result<Vec<PlacedEntry>> {
    let after_place = window.after_id.as_deref().and_then(|place| place.parse::<i64>().ok());
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select e.district, e.id, e.place, e.project, e.fiscal_year, e.budget_account, e.funding_source, e.kind,
                  e.amount, e.printed as "printed: Json<PrintedAmount>", e.entry_date, e.document_number, e.remark,
                  e.source_number, e.reversed_entry, e.creator, e.create_time
           from registry.budget_entries e
           where ($1::integer[] is null or e.district = any($1))
             and ($2::bigint is null or (e.district, e.place) > ($3, $2))
             and ($5::text is null or e.project = $5)
             and ($6::integer is null or e.fiscal_year = $6)
             and ($7::text is null or e.kind = $7)
             and ($8::text is null or exists (select from registry.projects p
                  where p.district = e.district and p.id = e.project and starts_with(p.implementing_unit, $8)))
           order by e.district, e.place limit $4"#,
        window.districts.as_deref(),
        after_place,
        window.after_district,
        window.limit,
        project,
        fiscal_year,
        kind.map(EntryKind::as_str),
        unit_prefix,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(EntryRow::placed).collect()
}

/// What was paid of the years that a batch carries over from, by line, as far as monitoring has told.
async fn paid(
    connection: &mut PgConnection,
    district: DistrictCode,
    entries: &[Entry],
) -> Result<BTreeMap<(String, FiscalYear, LineKey), Money>> {
    let carried: Vec<&Entry> = entries.iter().filter(|entry| entry.kind == EntryKind::CarryOver).collect();
    if carried.is_empty() {
        return Ok(BTreeMap::new());
    }
    let projects: Vec<String> = carried.iter().map(|entry| entry.project.clone()).collect();
    let years: Vec<i32> = carried.iter().map(|entry| entry.fiscal_year.previous().as_i32()).collect();
    let lines = timeline::paid(connection, district, &projects, &years).await?;
    let line = |line: timeline::PaidLine| {
        let place = (read(line.budget_account.parse())?, read(line.funding_source.parse())?);
        let key = (line.project, read(line.fiscal_year.try_into())?, place);
        Ok((key, read(Money::from_yuan(line.amount))?))
    };
    lines.into_iter().map(line).collect()
}

/// What must be known before a batch is entered. Locks the positions that exist, in their order; two batches that open
/// the same position meet at its key.
pub async fn open_books(
    connection: &mut PgConnection,
    district: DistrictCode,
    entries: &[Entry],
) -> Result<Books> {
    let keys: BTreeSet<PositionKey> = entries.iter().map(|e| (e.project.clone(), e.fiscal_year)).collect();
    let reversed: Vec<String> = entries.iter().filter_map(|entry| entry.reversed_entry.clone()).collect();
    let carried = entries.iter().filter(|entry| entry.kind == EntryKind::CarryOver);
    let from = carried.map(|entry| (entry.project.clone(), entry.fiscal_year.previous()));
    let keys: BTreeSet<PositionKey> = keys.into_iter().chain(from).collect();
    let mut books =
        Books { positions: position::lock_positions(connection, district, &keys).await?, ..Books::default() };
    books.paid = paid(connection, district, entries).await?;
    if !reversed.is_empty() {
        let originals = load_entries(connection, district, &reversed).await?;
        books.reversed =
            originals.into_iter().map(|placed| (placed.entry.id.clone(), placed.entry)).collect();
        let before = sqlx::query_scalar!(
            r#"select reversed_entry as "id!" from registry.budget_entries
               where district = $1 and reversed_entry = any($2)"#,
            district.as_i32(),
            &reversed,
        )
        .fetch_all(connection)
        .await?;
        books.reversed_before = before.into_iter().collect();
    }
    Ok(books)
}

/// Writes the entries of a batch.
pub async fn insert_entries(
    connection: &mut PgConnection,
    district: DistrictCode,
    entries: &[Entry],
) -> Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let column = |field: fn(&Entry) -> String| entries.iter().map(field).collect::<Vec<_>>();
    let maybe = |field: fn(&Entry) -> Option<String>| entries.iter().map(field).collect::<Vec<_>>();
    let years: Vec<i32> = entries.iter().map(|entry| entry.fiscal_year.as_i32()).collect();
    let amounts: Vec<Decimal> = entries.iter().map(|entry| entry.amount.yuan()).collect();
    let days: Vec<NaiveDate> = entries.iter().map(|entry| entry.entry_date).collect();
    let printed: Vec<Option<Json<PrintedAmount>>> =
        entries.iter().map(|entry| entry.printed.map(Json)).collect();
    sqlx::query!(
        "insert into registry.budget_entries (district, id, project, fiscal_year, budget_account, funding_source, kind,
                amount, entry_date, document_number, remark, source_number, reversed_entry, creator, create_time,
                printed)
         select $1, e.id, e.project, e.fiscal_year, e.account, e.source, e.kind, e.amount, e.day, e.document, e.remark,
                e.number, e.reversed, $14, $15, e.printed
         from unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::numeric[],
                $9::date[], $10::text[], $11::text[], $12::text[], $13::text[], $16::jsonb[]) with ordinality
                as e(id, project, fiscal_year, account, source, kind, amount, day, document, remark, number, reversed,
                     printed, place)
         order by e.place",
        district.as_i32(),
        &column(|entry| entry.id.clone()),
        &column(|entry| entry.project.clone()),
        &years,
        &column(|entry| entry.account.as_str().to_owned()),
        &column(|entry| entry.source.as_str().to_owned()),
        &column(|entry| entry.kind.as_str().to_owned()),
        &amounts,
        &days,
        &column(|entry| entry.document_number.clone()),
        &column(|entry| entry.remark.clone()),
        &maybe(|entry| entry.source_number.clone()) as &[Option<String>],
        &maybe(|entry| entry.reversed_entry.clone()) as &[Option<String>],
        first.creator,
        first.create_time,
        &printed as &[Option<Json<PrintedAmount>>],
    )
    .execute(connection)
    .await
    .map_err(database)?;
    Ok(())
}

/// Entries of the district that have one of these numbers in the system that they came from.
pub async fn known_source_numbers(
    connection: &mut PgConnection,
    district: DistrictCode,
    numbers: &[String],
) -> Result<BTreeSet<String>> {
    let known = sqlx::query_scalar!(
        r#"select source_number as "number!" from registry.budget_entries
           where district = $1 and source_number = any($2)"#,
        district.as_i32(),
        numbers,
    )
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().collect())
}
