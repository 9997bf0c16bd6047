//! The edges of the platform over real sockets, a real Postgres and a real Redis.

mod embedded;
mod limits;
mod redis;
mod server;
mod support;
