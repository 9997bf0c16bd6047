//! What a resource that is created must have, and what an update means (AIP-134, AIP-203).
//!
//! A resource is one message, whether it is read, created or changed. So its `buf.validate` rules only bound what is
//! there, and `field_behavior` says what must be there: REQUIRED fields when it is created, and those that an update
//! names.

use prost_protovalidate::Violation;
use prost_types::FieldMask;

use crate::ValidationError;

/// A resource that clients create or change. Generated from the descriptors; choices (`oneof`) are left out, since no
/// update changes them.
pub trait Editable: Clone {
    /// Fields that must have a value.
    const REQUIRED: &'static [&'static str];
    /// Fields that stay what they were when the resource was created.
    const IMMUTABLE: &'static [&'static str];
    /// Whether a field has a value.
    fn has(&self, field: &str) -> bool;
    /// Takes a field from another state of the resource.
    fn take(&mut self, field: &str, from: &Self);
}

/// Whether an update means a field: the mask names it or is `*`; without a mask it is set (AIP-134).
pub fn means<'r, R: Editable>(given: &'r R, mask: Option<&'r FieldMask>) -> impl Fn(&str) -> bool + 'r {
    let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
    move |field| if paths.is_empty() { given.has(field) } else { names(paths, field) }
}

/// `current` with those of the `updatable` fields that an update means.
pub fn patched<R: Editable>(current: &R, given: &R, mask: Option<&FieldMask>, updatable: &[&str]) -> R {
    let means = means(given, mask);
    let mut next = current.clone();
    for field in updatable.iter().filter(|field| means(field)) {
        next.take(field, given);
    }
    next
}

fn names(paths: &[String], field: &str) -> bool {
    paths.iter().any(|path| path == "*" || path == field)
}

/// Declared rules, and that a new resource has every required field.
pub(crate) fn created<R: Editable>(
    declared: Result<(), ValidationError>,
    at: &str,
    resource: Option<&R>,
) -> Result<(), ValidationError> {
    complete(declared, at, resource, |_| true)
}

/// Declared rules, and that an update does not empty a required field that it names.
pub(crate) fn updated<R: Editable>(
    declared: Result<(), ValidationError>,
    at: &str,
    resource: Option<&R>,
    mask: Option<&FieldMask>,
) -> Result<(), ValidationError> {
    let paths = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
    complete(declared, at, resource, |field| names(paths, field) && !R::IMMUTABLE.contains(&field))
}

fn complete<R: Editable>(
    declared: Result<(), ValidationError>,
    at: &str,
    resource: Option<&R>,
    needed: impl Fn(&str) -> bool,
) -> Result<(), ValidationError> {
    let mut violations = declared.err().map(ValidationError::into_violations).unwrap_or_default();
    let missing = |field: &&&str| needed(field) && resource.is_some_and(|resource| !resource.has(field));
    for field in R::REQUIRED.iter().filter(missing) {
        let path = format!("{at}.{field}");
        if violations.iter().all(|violation| violation.field_path() != path) {
            violations.push(Violation::new(path, "required", "value is required"));
        }
    }
    if violations.is_empty() { Ok(()) } else { Err(ValidationError::new(violations)) }
}
