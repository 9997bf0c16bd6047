//! Targets on a real Postgres, called in the roles that would do it.

mod coverage;
mod files;
mod objectives;
mod sessions;
mod support;
