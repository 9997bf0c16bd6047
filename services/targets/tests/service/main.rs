//! Targets on a real Postgres, called in the roles that would do it.

mod adjustments;
mod coverage;
mod deadlines;
mod files;
mod filing;
mod handover;
mod objectives;
mod precheck;
mod rounds;
mod sessions;
mod support;
