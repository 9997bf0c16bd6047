//! gRPC in, gRPC out: conversion and one short function per call.

pub mod files;
pub mod objective;
pub mod review;

mod adjustments;
mod assignments;
mod batch;
mod decisions;
mod form;
mod objective_commands;
mod objective_wire;
mod places;
mod precheck;
mod reminders;
mod review_actions;
mod review_commands;
mod review_wire;
mod statistics;
mod tasks;
mod windows;
