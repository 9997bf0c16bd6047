//! gRPC in, gRPC out: conversion and one short function per call.

pub mod files;
pub mod objective;
pub mod review;

mod decisions;
mod form;
mod objective_commands;
mod objective_wire;
mod review_commands;
mod review_wire;
mod statistics;
