//! Targets on a real Postgres, called in the roles that would do it.

mod coverage;
mod objectives;
mod precheck;
mod sessions;
mod support;
