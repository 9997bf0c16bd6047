//! The services that there are.

use anyhow::bail;
use wenxiao_platform::ServiceDefinition;

/// Every service of the suite.
pub static ALL: [&ServiceDefinition; 5] = [
    &wenxiao_registry::DEFINITION,
    &wenxiao_targets::DEFINITION,
    &wenxiao_monitoring::DEFINITION,
    &wenxiao_evaluation::DEFINITION,
    &wenxiao_disclosure::DEFINITION,
];

/// Names of all services.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|service| service.name).collect()
}

/// The services with these names; all when there are none.
pub fn named(names: &[String]) -> anyhow::Result<Vec<&'static ServiceDefinition>> {
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|service| service.name != **name)) {
        bail!("there is no service {unknown}; there are {}", self::names().join(", "));
    }
    Ok(ALL
        .into_iter()
        .filter(|service| names.is_empty() || names.iter().any(|name| name == service.name))
        .collect())
}
