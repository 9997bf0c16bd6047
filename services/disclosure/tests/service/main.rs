//! Disclosure on a real Postgres, in the roles that would do it.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod edits;
mod owners;
mod publication;
mod world;
mod year;
