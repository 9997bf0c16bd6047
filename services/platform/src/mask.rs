//! Update masks (AIP-134, 161): which fields an update may name. What it means by them is the contract's
//! (`wenxiao_contract::edits`).

use prost_types::FieldMask;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;

use crate::failure::{Failure, FieldViolation, Result};

/// Refuses a mask that names anything but `updatable` fields, or `*` for all of them.
pub fn check(mask: Option<&FieldMask>, updatable: &[&str]) -> Result<()> {
    let named = mask.map(|mask| mask.paths.as_slice()).unwrap_or_default();
    let unknown = named.iter().filter(|path| *path != "*" && !updatable.contains(&path.as_str()));
    let violations: Vec<FieldViolation> = unknown
        .map(|path| {
            FieldViolation::new(
                format!("update_mask.{path}"),
                "此字段不存在或不可修改",
                format!("no such field, or not one that may be updated; those are: {}", updatable.join(", ")),
            )
        })
        .collect();
    if violations.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::invalid(violations);
    failure.set_reason(ErrorReason::InvalidUpdateMask);
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_names_fields_that_may_change() {
        let mask = |paths: &[&str]| FieldMask { paths: paths.iter().map(|p| (*p).to_owned()).collect() };
        let updatable = ["title", "end_date"];
        assert!(check(None, &updatable).is_ok());
        for allowed in [&["title"][..], &["end_date", "title"], &["*"]] {
            assert!(check(Some(&mask(allowed)), &updatable).is_ok(), "{allowed:?}");
        }
        let refused = check(Some(&mask(&["name", "title", "etag"])), &updatable).unwrap_err();
        assert_eq!((refused.reason(), refused.violations().len()), (ErrorReason::InvalidUpdateMask, 2));
    }
}
