//! gRPC in, gRPC out: conversions and one short function per call. No rule and no SQL.

mod budget_decision;
mod budget_hint;
mod budget_link;
mod candidate;
mod ex_ante;
mod finding;
mod key_evaluation;
mod key_evaluation_service;
mod key_plan;
mod rectification;
mod rectification_service;
mod self_evaluation;
mod self_evaluation_service;
mod sunset_review;
mod task;
mod wire;

use std::future::Future;

use chrono::{DateTime, Utc};
use prost::Message;
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use wenxiao_contract::{Addressed, Validate};
use wenxiao_kernel::name;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::database::{Read, ReadAcross};
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use crate::domain::object::EvaluatedObject;
use crate::store::Stored;

/// Answer of a call.
type Answer<T> = Result<Response<T>, Status>;

/// The five services over one schema.
#[derive(Clone)]
pub struct Api {
    database: Database,
}

impl Api {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn write<M, R, F, Fut>(&self, request: Request<M>, command: F) -> Answer<R>
    where
        M: Message + Addressed + Validate + Clone + 'static,
        R: Message + Default + 'static,
        F: FnOnce(Work<M>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Finished<R>>> + Send,
    {
        Ok(self.database.write(Call::open(request)?, command).await?)
    }
}

/// A connection for a list: of one district, or across them.
enum Reader {
    District(Read),
    Across(ReadAcross),
}

impl Reader {
    async fn of<M>(database: &Database, call: &Call<M>) -> Result<Self> {
        if call.is_across() {
            Ok(Self::Across(database.read_across().await?))
        } else {
            Ok(Self::District(database.read(call).await?))
        }
    }

    fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::District(read) => read.connection(),
            Self::Across(read) => read.connection(),
        }
    }
}

/// What a decision is made from besides the object itself.
struct Given<M> {
    /// The request.
    message: M,
    /// Subject of the caller's token.
    actor: String,
    /// The one time.
    now: DateTime<Utc>,
}

impl<M: Clone> Given<M> {
    fn of(work: &Work<M>) -> Self
    where
        M: Message + Addressed,
    {
        Self { message: work.call.message.clone(), actor: work.principal().subject.clone(), now: work.now }
    }
}

/// The identifier in a resource name of this pattern.
fn id_of(full_name: &str, pattern: &'static str) -> Result<String> {
    let [_, id] = name::segments(full_name, pattern)?;
    Ok(id.to_owned())
}

/// The identifier that the caller chose, or a new one.
fn chosen_id<M: Message + Addressed>(work: &Work<M>, chosen: &str) -> String {
    if chosen.is_empty() { work.new_id() } else { chosen.to_owned() }
}

/// The last part of a resource name: the code of a unit, the id of a participant.
fn code_of(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

/// What permission cares about in an evaluated object.
fn facts_of(full_name: &str, object: &EvaluatedObject) -> Facts {
    Facts::of(full_name).unit(code_of(&object.unit))
}

/// A filter value that is given.
fn given_year(year: i32) -> Option<i32> {
    (year != 0).then_some(year)
}

/// Code of the unit that a list is asked for; none for all.
fn given_unit(unit: &str) -> Option<String> {
    (!unit.is_empty()).then(|| code_of(unit).to_owned())
}

/// A text that is given.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The rows of a page as messages, and the token of the next page.
fn page_of<T, R>(page: &Page, rows: Vec<Stored<T>>, message: impl Fn(&Stored<T>) -> R) -> (Vec<R>, String) {
    let (rows, token) = page.cut(rows, |row| vec![row.district.to_string(), row.id.clone()]);
    (rows.iter().map(message).collect(), token)
}

/// An object that must be there.
fn found<T>(row: Option<T>, full_name: &str) -> Result<T> {
    row.ok_or_else(|| Failure::not_found(full_name))
}

/// Something that a request refers to and that must be there.
fn referred<T>(row: Option<T>, full_name: &str) -> Result<T> {
    row.ok_or_else(|| Failure::reference_not_found(full_name))
}

/// The object that a request names, as the registry has it, with the request's own words for what it does not know. Whose
/// it is, the registry alone says: nobody makes an object their own by a request.
async fn resolve<M: Message + Addressed>(
    work: &mut Work<M>,
    asked: Option<&wire::Object>,
    field: &str,
) -> Result<EvaluatedObject> {
    let asked = asked
        .ok_or_else(|| Failure::invalid_field(field, "评价对象未填写", "the evaluated object must be set"))?;
    let kind = wire::object_kind(asked, field)?;
    name_in_district(&asked.subject, work.district.as_i32(), field)?;
    let district = work.district.as_i32();
    let known = crate::store::known::object(work.connection(), district, kind, &asked.subject).await?;
    let mut object = referred(known, &asked.subject)?;
    if object.unit.is_empty() {
        asked.unit.clone_into(&mut object.unit);
    } else if !asked.unit.is_empty() && asked.unit != object.unit {
        let field = format!("{field}.unit");
        return Err(Failure::invalid_field(
            field,
            "不是该评价对象的责任单位",
            "not the unit that answers for the object",
        ));
    }
    if !asked.display_name.is_empty() {
        asked.display_name.clone_into(&mut object.title);
    }
    object.budget_account =
        object.budget_account.or(wenxiao_platform::convert::account_of(asked.budget_account()));
    object.secrecy = object.secrecy.max(wenxiao_platform::convert::secrecy_of(asked.secrecy_level()));
    Ok(object)
}

/// Refuses a reference into another district.
fn name_in_district(resource: &str, district: i32, field: &str) -> Result<()> {
    if resource.starts_with(&format!("districts/{district}/")) {
        return Ok(());
    }
    Err(Failure::invalid_field(field, "须为本区的资源名称", "must be a resource name of the same district"))
}

/// Numbers of a year at the end of a statistic's name.
fn year_of(full_name: &str, pattern: &'static str) -> Result<i32> {
    let id = id_of(full_name, pattern)?;
    match id.parse::<i32>() {
        Ok(year) if (2000..=2100).contains(&year) => Ok(year),
        _ => Err(Failure::not_found(full_name)),
    }
}

/// A count as the contract has it.
fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
