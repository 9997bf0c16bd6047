//! Resource names (资源名称): `districts/{district}/units/{unit}`. Read against a pattern, so that no caller splits
//! strings by hand.

use crate::{DistrictCode, InvalidDistrict};

/// Why a text is not the resource name that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text does not have the pattern's shape.
    #[error("{name:?} is not of the form {pattern}")]
    Shape {
        /// The text, at most 80 characters of it.
        name: String,
        /// What was expected.
        pattern: &'static str,
    },
    /// The district is not one.
    #[error(transparent)]
    District(#[from] InvalidDistrict),
}

/// The variable segments of `name`, which must match `pattern`, such as `districts/*/units/*`.
///
/// ```
/// let [district, unit] = wenxiao_kernel::name::segments("districts/350205000/units/602001", "districts/*/units/*")?;
/// assert_eq!((district, unit), ("350205000", "602001"));
/// # Ok::<(), wenxiao_kernel::name::NameError>(())
/// ```
pub fn segments<'n, const N: usize>(name: &'n str, pattern: &'static str) -> Result<[&'n str; N], NameError> {
    let wrong = || NameError::Shape { name: name.chars().take(80).collect(), pattern };
    let mut found = [""; N];
    let mut places = found.iter_mut();
    let mut parts = name.split('/');
    for expected in pattern.split('/') {
        let part = parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong)?;
        if expected == "*" {
            *places.next().ok_or_else(wrong)? = part;
        } else if expected != part {
            return Err(wrong());
        }
    }
    if parts.next().is_some() || places.next().is_some() {
        return Err(wrong());
    }
    Ok(found)
}

/// Which districts a name is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One district.
    District(DistrictCode),
    /// `districts/-`: every district that the caller may read.
    EveryDistrict,
}

/// The district that a name starts with.
pub fn reach(name: &str) -> Result<Reach, NameError> {
    let wrong = || NameError::Shape { name: name.chars().take(80).collect(), pattern: "districts/*/…" };
    let rest = name.strip_prefix("districts/").ok_or_else(wrong)?;
    match rest.split('/').next() {
        Some("-") => Ok(Reach::EveryDistrict),
        Some(code) => Ok(Reach::District(code.parse()?)),
        None => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_their_pattern_or_are_refused() {
        assert_eq!(segments::<1>("districts/350205000", "districts/*").unwrap(), ["350205000"]);
        for name in [
            "",
            "districts",
            "districts/",
            "units/1",
            "districts/1/units",
            "districts/1/units/",
            "districts/1/units/2/x",
        ] {
            assert!(segments::<2>(name, "districts/*/units/*").is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_tells_its_reach() {
        assert_eq!(reach("districts/-/units").unwrap(), Reach::EveryDistrict);
        let haicang = "350205000".parse().unwrap();
        assert_eq!(reach("districts/350205000").unwrap(), Reach::District(haicang));
        for name in ["", "districts/", "districts/abc", "x/350205000"] {
            assert!(reach(name).is_err(), "{name}");
        }
    }
}
