//! The only room with SQL. Each aggregate is one row with its domain value in `body`; the columns that queries filter
//! and sum are derived from it by the database (see the migrations). Only whose an object is stands in columns beside
//! it, which win when it is read; whose the items of a plan are stands in its body.

pub mod budget_decision;
pub mod budget_hint;
pub mod candidate;
pub mod ex_ante;
pub mod facts;
pub mod finding;
pub mod key_evaluation;
pub mod key_plan;
pub mod known;
pub mod objective;
pub mod owner;
pub mod rectification;
pub mod self_evaluation;
pub mod statistics;
pub mod sunset_review;
pub mod task;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use wenxiao_platform::identity::Scope;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure, Result};

/// A stored aggregate.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// District.
    pub district: i32,
    /// Identifier in the district.
    pub id: String,
    /// Version, from 1.
    pub version: i64,
    /// When it was made.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// The value.
    pub body: Json<T>,
}

impl<T> Stored<T> {
    fn first(district: i32, id: &str, body: Json<T>, now: DateTime<Utc>) -> Self {
        Self { district, id: id.to_owned(), version: 1, create_time: now, update_time: now, body }
    }

    fn next(&self, body: T, now: DateTime<Utc>) -> Self {
        Self {
            district: self.district,
            id: self.id.clone(),
            version: self.version.saturating_add(1),
            create_time: self.create_time,
            update_time: now,
            body: Json(body),
        }
    }

    /// Fingerprint of the version.
    pub fn etag(&self) -> String {
        self.version.to_string()
    }
}

/// What a list is narrowed to; a list binds what its table has.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Districts; none for every one.
    pub districts: Option<Vec<i32>>,
    /// District of the last row of the page before.
    pub after_district: Option<i32>,
    /// Identifier of that row.
    pub after_id: Option<String>,
    /// How many rows, one more than the page.
    pub limit: i64,
    /// What the caller may see.
    pub scope: Scope,
    /// Year of the work.
    pub work_year: Option<i32>,
    /// Year that is evaluated.
    pub evaluated_year: Option<i32>,
    /// Budget year.
    pub applies_to_year: Option<i32>,
    /// Code of a unit.
    pub unit: Option<String>,
    /// State.
    pub state: Option<&'static str>,
    /// Who leads.
    pub lead: Option<&'static str>,
    /// Resource name of the subject.
    pub subject: Option<String>,
    /// Resource name of the source.
    pub source: Option<String>,
    /// Resource name of the task.
    pub task: Option<String>,
}

impl Filter {
    /// The districts and the page of a call.
    pub fn of<M>(call: &Call<M>, page: &Page) -> Self {
        Self {
            districts: call
                .districts()
                .map(|all| all.into_iter().map(|district| district.as_i32()).collect()),
            after_district: page.key(0).and_then(|key| key.parse().ok()),
            after_id: page.key(1).map(str::to_owned),
            limit: page.limit(),
            scope: call.scope(),
            ..Self::default()
        }
    }
}

/// One row was written; none means that somebody was faster.
fn written(id: &str, rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Failure::etag_mismatch(id)) }
}
