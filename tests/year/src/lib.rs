//! Plays a district's year through the public gRPC API, in the roles that would do it, from files as a finance bureau
//! has them; then holds the figures of the annual summary against the published ones.
//!
//! Every request carries an id made of its step and row, so a year that was interrupted is simply played again.

pub mod clients;
pub mod data;
pub mod figures;
pub mod play;
pub mod steps;
pub mod wire;
