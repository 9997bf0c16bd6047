//! What the tests of the house share: the suite's services, and calls by descriptor instead of by generated client.

pub mod rpc;

use wenxiao_platform::ServiceDefinition;

/// Every service of the suite.
pub fn services() -> Vec<&'static ServiceDefinition> {
    vec![
        &wenxiao_registry::DEFINITION,
        &wenxiao_targets::DEFINITION,
        &wenxiao_monitoring::DEFINITION,
        &wenxiao_evaluation::DEFINITION,
        &wenxiao_disclosure::DEFINITION,
    ]
}
