//! gRPC in, gRPC out: conversion and permission. No rule, no SQL.

mod alert;
mod convert;
pub mod execution;
pub mod gate;
mod measure;
pub mod monitoring;
mod names;
mod payment;
mod progress;
mod report;
mod round;
