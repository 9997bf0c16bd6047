//! Targets on a real Postgres, called in the roles that would do it.

mod adjustments;
mod coverage;
mod filing;
mod files;
mod objectives;
mod rounds;
mod precheck;
mod sessions;
mod support;
