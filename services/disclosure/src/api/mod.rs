//! gRPC in, gRPC out: conversion and one short function per call. Rules are in `domain/`, SQL is in `store/`.

use std::sync::Arc;

use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::{Database, Failure, Result};

use crate::domain::rules::Rules;

mod calendar;
mod catalog;
mod convert;
mod decision;
mod figure;
mod notice;
mod publication;
mod publication_service;
mod summary;
mod summary_case;

/// The four services of the package over one schema.
#[derive(Clone)]
pub struct DisclosureApi {
    database: Database,
    rules: Arc<Rules>,
}

impl DisclosureApi {
    /// The services over this database, under these rules.
    pub fn new(database: Database, rules: Arc<Rules>) -> Self {
        Self { database, rules }
    }
}

/// The last part of a name that a request refers to, which must lie in the district that the request is about.
fn referred(district: DistrictCode, field: &str, text: &str, pattern: &'static str) -> Result<String> {
    let [of, id] = name::segments(text, pattern).unwrap_or_default();
    if of == district.to_string() {
        return Ok(id.to_owned());
    }
    Err(Failure::invalid_field(
        field,
        format!("应为本区的资源名称（{pattern}）"),
        format!("must be a name of the form {pattern} in district {district}"),
    ))
}

/// The year that a name ends with.
fn year_of(text: &str, full: &str) -> Result<i32> {
    let year = text.parse::<i32>().ok().filter(|year| (1990..=2100).contains(year));
    year.ok_or_else(|| Failure::not_found(full))
}
