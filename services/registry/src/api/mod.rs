//! The registry's gRPC (接口): conversion and one short function per call.

pub mod budget;
pub mod conflict;
pub mod defaults;
pub mod imports;
pub mod library;
pub mod participant;
pub mod plan;
mod plan_lists;
pub mod project;
mod proposal;
mod recommendation;
mod reflect;
pub mod resource;
mod rules;
pub mod unit;
pub mod wire;
