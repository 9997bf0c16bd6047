//! The registry's gRPC (接口): conversion and one short function per call.

pub mod budget;
mod cancel;
pub mod conflict;
pub mod defaults;
pub mod delegation;
pub mod imports;
pub mod library;
mod multi_year;
pub mod participant;
pub mod plan;
mod plan_lists;
pub mod project;
mod proposal;
mod recommendation;
mod reflect;
mod reform;
pub mod resource;
mod rules;
mod timeline;
pub mod unit;
mod unit_commands;
pub mod wire;
