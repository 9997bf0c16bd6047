//! The methods that there are: what may become a label of a metric, and which calls stream in.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use prost_reflect::DescriptorPool;

use crate::operations;

/// Methods that do not come from our contract.
const FOREIGN: [&str; 3] = [
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
];

/// The contract's descriptors. Reading them takes a while: once for the whole process.
pub fn contract() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(wenxiao_contract::DESCRIPTORS).unwrap_or_default())
}

/// A value per known method, and one for all others together: a caller that makes up names cannot fill the memory.
#[derive(Clone)]
pub(super) struct PerMethod<T> {
    known: Arc<HashMap<String, T>>,
    unknown: Arc<T>,
}

impl<T> PerMethod<T> {
    /// Makes the values from path and whether the caller streams.
    pub fn new(make: impl Fn(&str, bool) -> T) -> Self {
        let mut known: HashMap<String, T> =
            FOREIGN.iter().map(|path| ((*path).to_owned(), make(path, false))).collect();
        let ours = |package: &str| package.starts_with("wenxiao.") || package == operations::PACKAGE;
        for service in contract().services().filter(|service| ours(service.package_name())) {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let value = make(&path, method.is_client_streaming());
                known.insert(path, value);
            }
        }
        Self { known: Arc::new(known), unknown: Arc::new(make("unknown", false)) }
    }

    pub fn get(&self, path: &str) -> &T {
        self.known.get(path).unwrap_or(&self.unknown)
    }
}

/// Full names of the gRPC services of these packages of the contract.
pub fn services_of(packages: &[&str]) -> Vec<String> {
    let wanted = contract().services().filter(|service| packages.contains(&service.package_name()));
    wanted.map(|service| service.full_name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_contract_is_known_and_made_up_ones_share_one_value() {
        let methods = PerMethod::new(|path, _| path.to_owned());
        let known = "/wenxiao.common.v1.EventService/ListFeeds";
        assert_eq!(methods.get(known), known);
        assert_eq!(methods.get("/made.up/Method"), "unknown");
        assert_eq!(services_of(&["wenxiao.common.v1"]), ["wenxiao.common.v1.EventService"]);
    }
}
