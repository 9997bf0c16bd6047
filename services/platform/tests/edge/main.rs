//! The edges of the platform over real sockets, a real Postgres and a real Redis.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod embedded;
mod limits;
mod redis;
mod server;
mod support;
mod traces;
