//! All IO that every service shares (平台): a call's way in, permission, the unit of work, the journal, projections.
//! `README.md` beside this crate shows how a service uses it.

pub mod authn;
pub mod authz;
pub mod cache;
pub mod call;
pub mod clients;
pub mod config;
pub mod convert;
pub mod database;
pub mod definition;
pub mod delegation;
pub mod doorbell;
pub mod embedded;
pub mod failure;
pub mod feed;
pub mod identity;
pub mod journal;
pub mod mask;
pub mod migrate;
pub mod operations;
pub mod page;
pub mod peers;
pub mod projection;
pub mod server;
pub mod suite;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod upkeep;
pub mod work;
pub mod workbook;

pub use call::Call;
pub use database::Database;
pub use definition::{Mounted, Parts, ServedDistricts, ServiceDefinition};
pub use failure::{Failure, FieldViolation, Result};
