//! What all resources of the registry have in common (资源): how one is read, created, changed and shown, once.

use std::future::Future;

use chrono::{DateTime, Days, NaiveDate, Utc};
use prost::{Message, Name};
use prost_types::FieldMask;
use sqlx::PgConnection;
use tonic::{Request, Response};
use wenxiao_contract::{Addressed, Editable, Validate, edits};
use wenxiao_kernel::DistrictCode;
pub use wenxiao_kernel::day_in_china as today;
use wenxiao_kernel::name::NameError;
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::database::{Read, ReadAcross};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::wire::Reader;
use crate::domain::Refusal;
use crate::store::{Kept, Stored};

/// The day before.
pub fn yesterday(now: DateTime<Utc>) -> NaiveDate {
    today(now).checked_sub_days(Days::new(1)).unwrap_or_default()
}

/// What surrounds an object when it is entered or changed.
pub struct Around<'c> {
    /// The unit of work's connection.
    pub connection: &'c mut PgConnection,
    /// The district.
    pub district: DistrictCode,
    /// The day.
    pub today: NaiveDate,
}

/// A kind of object that the registry keeps.
pub trait Resource: Kept + Clone + Send + Sync + 'static {
    /// Its message.
    type Wire: Message + Name + Default + Editable;
    /// Its collection in resource names: `institutions`.
    const COLLECTION: &'static str;
    /// Event type of a new one.
    const CREATED: &'static str;
    /// Event type of a changed one.
    const UPDATED: &'static str;
    /// Fields that an update may change.
    const UPDATABLE: &'static [&'static str];

    /// Its identifier.
    fn id(&self) -> &str;

    /// Its resource name.
    fn name(&self, district: DistrictCode) -> String {
        name_of(district, Self::COLLECTION, self.id())
    }

    /// The object as the contract shows it.
    fn show(stored: &Stored<Self>, today: NaiveDate) -> Self::Wire;

    /// The object that a message describes; what only the service may set comes from `before`.
    fn read(wire: &Self::Wire, id: String, reader: Reader, before: Option<&Self>) -> Result<Self>;

    /// Whether the object may be entered, or take the place of `before`; may complete it from what surrounds it.
    fn admit(&mut self, before: Option<&Self>, around: Around<'_>)
    -> impl Future<Output = Result<()>> + Send;

    /// Whose it is, as far as permission cares.
    fn facts(&self, facts: Facts) -> Facts {
        facts
    }
}

/// `districts/{district}/{collection}/{id}`.
pub fn name_of(district: DistrictCode, collection: &str, id: &str) -> String {
    format!("districts/{district}/{collection}/{id}")
}

/// Identifier in the name of an `R`; empty for a district, which its name identifies.
pub fn id_of<R: Resource>(name: &str) -> Result<String> {
    let wrong = || NameError::Shape { name: name.chars().take(80).collect(), pattern: "districts/*/…/*" };
    if R::COLLECTION == "districts" && name.matches('/').count() == 1 {
        return Ok(String::new());
    }
    let mut parts = name.split('/').skip(2);
    let found = parts.next() == Some(R::COLLECTION);
    match (found, parts.next(), parts.next()) {
        (true, Some(id), None) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err(wrong().into()),
    }
}

/// Answers a Get.
pub async fn get<M, R>(database: &Database, request: Request<M>) -> Result<Response<R::Wire>>
where
    M: Addressed + Validate,
    R: Resource,
{
    let call = Call::open(request)?;
    let name = call.message.address();
    let id = id_of::<R>(name)?;
    let mut read = database.read(&call).await?;
    let stored =
        R::load(read.connection(), call.district()?, &id).await?.ok_or_else(|| Failure::not_found(name))?;
    let permit = call.permit(stored.value.facts(Facts::of(name)))?;
    Ok(permit.answer(R::show(&stored, today(database.clock().now()))))
}

/// Does a Create.
pub async fn create<M, R>(mut work: Work<M>, wire: Option<R::Wire>, id: String) -> Result<Finished<R::Wire>>
where
    M: Message + Addressed,
    R: Resource,
{
    let district = work.district;
    let id = if id.is_empty() { work.new_id() } else { id };
    let name = name_of(district, R::COLLECTION, &id);
    let mut value = R::read(&wire.unwrap_or_default(), id, Reader::new(district), None)?;
    let permit = work.permit(value.facts(Facts::of(name)))?;
    let today = today(work.now);
    value.admit(None, Around { connection: work.connection(), district, today }).await?;
    let answer = enter(&mut work, value, R::CREATED).await?;
    work.finish(permit, answer).await
}

/// Writes a new object and records it.
pub async fn enter<M, R>(work: &mut Work<M>, value: R, event: &'static str) -> Result<R::Wire>
where
    M: Message + Addressed,
    R: Resource,
{
    let stored = Stored::new(work.district, value, work.now);
    let name = stored.value.name(work.district);
    if !R::save(work.connection(), &stored).await? {
        return Err(Failure::already_exists(name));
    }
    let answer = R::show(&stored, today(work.now));
    work.record(Change::new(event, name, stored.version, &answer));
    Ok(answer)
}

/// Does an Update.
pub async fn update<M, R>(
    mut work: Work<M>,
    wire: Option<R::Wire>,
    mask: Option<FieldMask>,
) -> Result<Finished<R::Wire>>
where
    M: Message + Addressed,
    R: Resource,
{
    let (before, permit) = begin::<M, R>(&mut work).await?;
    let (district, today) = (work.district, today(work.now));
    mask::check(mask.as_ref(), R::UPDATABLE)?;
    let current = R::show(&before, today);
    let merged = edits::patched(&current, &wire.unwrap_or_default(), mask.as_ref(), R::UPDATABLE);
    let id = before.value.id().to_owned();
    let mut value = R::read(&merged, id, Reader::new(district), Some(&before.value))?;
    value.admit(Some(&before.value), Around { connection: work.connection(), district, today }).await?;
    let answer = replace(&mut work, &before, value, R::UPDATED, "").await?;
    work.finish(permit, answer).await
}

/// Does a transition: `change` is the rule.
pub async fn transition<M, R>(
    mut work: Work<M>,
    event: &'static str,
    reason: String,
    change: impl FnOnce(&mut R, NaiveDate) -> std::result::Result<(), Refusal> + Send,
) -> Result<Finished<R::Wire>>
where
    M: Message + Addressed,
    R: Resource,
{
    let (before, permit) = begin::<M, R>(&mut work).await?;
    let mut value = before.value.clone();
    change(&mut value, today(work.now))?;
    let answer = replace(&mut work, &before, value, event, &reason).await?;
    work.finish(permit, answer).await
}

/// Loads what a command changes, and checks that the caller may change it and has seen it as it is.
pub async fn begin<M, R>(work: &mut Work<M>) -> Result<(Stored<R>, Permit)>
where
    M: Message + Addressed,
    R: Resource,
{
    let name = work.call.message.address().to_owned();
    let (district, id) = (work.district, id_of::<R>(&name)?);
    let before = R::load(work.connection(), district, &id).await?.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(before.value.facts(Facts::of(&name)))?;
    work.check_etag(&name, &before.etag())?;
    Ok((before, permit))
}

/// Writes the next version of an object and records the change.
pub async fn replace<M, R>(
    work: &mut Work<M>,
    before: &Stored<R>,
    value: R,
    event: &'static str,
    reason: &str,
) -> Result<R::Wire>
where
    M: Message + Addressed,
    R: Resource,
{
    let after = before.next(value, work.now);
    let name = after.value.name(work.district);
    if !R::save(work.connection(), &after).await? {
        return Err(Failure::etag_mismatch(name));
    }
    let today = today(work.now);
    let answer = R::show(&after, today);
    let change = Change::new(event, name, after.version, &answer);
    work.record(change.from(&R::show(before, today)).because(reason));
    Ok(answer)
}

/// A read of one district or across them, as the call asks.
pub enum Reading {
    /// One district.
    District(Read),
    /// Across districts.
    Across(ReadAcross),
}

impl Reading {
    /// Opens the read that the call needs.
    pub async fn open<M>(database: &Database, call: &Call<M>) -> Result<Self> {
        Ok(if call.is_across() {
            Self::Across(database.read_across().await?)
        } else {
            Self::District(database.read(call).await?)
        })
    }

    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::District(read) => read.connection(),
            Self::Across(read) => read.connection(),
        }
    }
}

/// Cuts a list in the order of district and identifier to its page and shows it.
pub fn page_of<R: Resource>(page: &Page, rows: Vec<Stored<R>>, today: NaiveDate) -> (Vec<R::Wire>, String) {
    let key = |row: &Stored<R>| vec![row.district.to_string(), row.value.id().to_owned()];
    let (rows, next_page_token) = page.cut(rows, key);
    (rows.iter().map(|row| R::show(row, today)).collect(), next_page_token)
}
