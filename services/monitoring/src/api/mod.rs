//! gRPC in, gRPC out: conversion and permission. No rule, no SQL.

mod action;
mod alert;
mod convert;
mod deadline;
pub mod execution;
mod forecast;
pub mod gate;
mod measure;
pub mod monitoring;
mod names;
mod payment;
mod progress;
mod reconcile;
mod report;
mod round;
