//! Update masks (AIP-134, 161): which fields an update means.

use prost_types::FieldMask;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;

use crate::failure::{Failure, FieldViolation, Result};

/// The fields that an update means. Without a mask, all that may be updated.
#[derive(Clone, Debug)]
pub struct Mask {
    paths: Vec<String>,
}

impl Mask {
    /// Reads a mask; every path must be one of `updatable`.
    pub fn of(mask: Option<&FieldMask>, updatable: &[&str]) -> Result<Self> {
        let asked = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if asked.is_empty() || asked.iter().any(|path| path == "*") {
            return Ok(Self { paths: updatable.iter().map(|path| (*path).to_owned()).collect() });
        }
        let unknown: Vec<&String> = asked.iter().filter(|path| !updatable.contains(&path.as_str())).collect();
        if unknown.is_empty() {
            return Ok(Self { paths: asked.to_vec() });
        }
        let violations = unknown.iter().map(|path| {
            FieldViolation::new(
                format!("update_mask.{path}"),
                "此字段不存在或不可修改",
                format!("no such field, or not one that may be updated; those are: {}", updatable.join(", ")),
            )
        });
        let mut failure = Failure::invalid(violations.collect());
        failure.set_reason(ErrorReason::InvalidUpdateMask);
        Err(failure)
    }

    /// Whether the update means this field.
    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|asked| asked == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_names_fields_that_may_change() {
        let mask = |paths: &[&str]| FieldMask { paths: paths.iter().map(|p| (*p).to_owned()).collect() };
        let updatable = ["title", "end_date"];
        assert!(Mask::of(None, &updatable).unwrap().has("end_date"));
        assert!(!Mask::of(Some(&mask(&["title"])), &updatable).unwrap().has("end_date"));
        let refused = Mask::of(Some(&mask(&["name", "title", "etag"])), &updatable).unwrap_err();
        assert_eq!((refused.reason(), refused.violations().len()), (ErrorReason::InvalidUpdateMask, 2));
    }
}
