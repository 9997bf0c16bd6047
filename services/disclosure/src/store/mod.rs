//! The only room with SQL. Every statement names its district; a row becomes a domain value here or is an internal fault.

use wenxiao_kernel::{Decimal, Grade, Money, Secrecy};
use wenxiao_platform::{Failure, Result};

use crate::domain::words::Word;

pub mod calendar;
pub mod case;
pub mod case_figures;
pub mod decision;
pub mod document;
pub mod facts;
pub mod figures;
pub mod notice;
pub mod owner;
pub mod projections;
pub mod publication;
pub mod statistics;
pub mod subject;

/// A stored object with its version and times.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// The object.
    pub value: T,
    /// Its version, from 1.
    pub version: i64,
    /// When it was created.
    pub created: chrono::DateTime<chrono::Utc>,
    /// When it last changed.
    pub updated: chrono::DateTime<chrono::Utc>,
}

impl<T> Stored<T> {
    /// A new object.
    pub fn new(value: T, now: chrono::DateTime<chrono::Utc>) -> Self {
        Self { value, version: 1, created: now, updated: now }
    }

    /// The next version, with the object changed by a rule.
    pub fn changed<E>(
        &self,
        now: chrono::DateTime<chrono::Utc>,
        change: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<Self, E>
    where
        T: Clone,
    {
        let mut value = self.value.clone();
        change(&mut value)?;
        Ok(Self { value, version: self.version.saturating_add(1), created: self.created, updated: now })
    }

    /// Its etag.
    pub fn etag(&self) -> String {
        self.version.to_string()
    }
}

/// A stored word of a closed list; an unknown one is a fault of ours.
fn word<W: Word>(text: &str) -> Result<W> {
    W::parse(text).ok_or_else(|| Failure::internal(format!("unknown word {text:?}")))
}

/// A stored amount.
fn money(yuan: Decimal) -> Result<Money> {
    Money::from_yuan(yuan).map_err(Failure::internal)
}

/// A stored secrecy; empty when none was given.
fn secrecy(text: &str) -> Option<Secrecy> {
    text.parse().ok()
}

/// A stored grade; empty when none was given.
fn grade(text: &str) -> Option<Grade> {
    text.parse().ok()
}

/// Fails when another change came first: the row had another version.
fn one_row(affected: u64, name: &str) -> Result<()> {
    if affected == 1 { Ok(()) } else { Err(Failure::etag_mismatch(name)) }
}
