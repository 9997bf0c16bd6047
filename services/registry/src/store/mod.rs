//! The registry's SQL (存储): one file per kind of object, and nothing else here speaks SQL.

pub mod budget;
pub mod delegation;
pub mod department_budget;
pub mod district;
pub mod document;
pub mod engagement;
pub mod library;
pub mod participant;
pub mod plan;
pub mod policy;
pub mod position;
pub mod project;
pub mod recommendation;
pub mod rule_set;
pub mod timeline;
pub mod unit;
pub mod unit_change;
pub mod untrained;

use std::future::Future;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure, Result};

/// An object as it is kept: whose it is, in which version, since when.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// District that it belongs to.
    pub district: DistrictCode,
    /// The object.
    pub value: T,
    /// Number of the version, from 1.
    pub version: i64,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
}

impl<T> Stored<T> {
    /// The first version of a new object.
    pub fn new(district: DistrictCode, value: T, now: DateTime<Utc>) -> Self {
        Self { district, value, version: 1, create_time: now, update_time: now }
    }

    /// The next version, with another value.
    pub fn next(&self, value: T, now: DateTime<Utc>) -> Self {
        let version = self.version.saturating_add(1);
        Self { district: self.district, value, version, create_time: self.create_time, update_time: now }
    }

    /// What a caller sends back to change only what it has read.
    pub fn etag(&self) -> String {
        self.version.to_string()
    }
}

/// An object that has a table of its own and is loaded and saved whole.
pub trait Kept: Sized {
    /// Loads one.
    fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> impl Future<Output = Result<Option<Stored<Self>>>> + Send;

    /// Writes a version: the first one when there is none yet, another one over exactly the one before. Says whether
    /// it was written.
    fn save(
        connection: &mut PgConnection,
        stored: &Stored<Self>,
    ) -> impl Future<Output = Result<bool>> + Send;
}

/// Reads a column whose words the table's CHECK keeps: anything else is a fault of ours.
pub(crate) fn read<T, E: std::fmt::Display>(value: std::result::Result<T, E>) -> Result<T> {
    value.map_err(Failure::internal)
}

/// The district of a row.
pub(crate) fn district_of(code: i32) -> Result<DistrictCode> {
    read(DistrictCode::from_i32(code))
}

/// Which rows of a list are asked for: the districts that the caller reaches, and the page.
#[derive(Clone, Debug)]
pub struct Window {
    /// Districts; `None` for every one there is.
    pub districts: Option<Vec<i32>>,
    /// District of the last row of the page before.
    pub after_district: Option<i32>,
    /// Identifier of the last row of the page before.
    pub after_id: Option<String>,
    /// Rows at the most.
    pub limit: i64,
}

impl Window {
    /// The window of a list call, for lists in the order of district and identifier.
    pub fn of<M>(call: &Call<M>, page: &Page) -> Self {
        let districts = call.districts().map(|codes| codes.into_iter().map(DistrictCode::as_i32).collect());
        let after_district = page.key(0).and_then(|code| code.parse().ok());
        Self { districts, after_district, after_id: page.key(1).map(str::to_owned), limit: page.limit() }
    }
}
