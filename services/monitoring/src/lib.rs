//! The monitoring service (绩效运行监控): payments in, execution, rounds with reports and lights, what follows from them,
//! and the gate that other systems ask before money moves.

mod api;
mod domain;
mod error;
pub mod jobs;
pub mod projections;
mod store;

use tonic::service::RoutesBuilder;
use wenxiao_contract::wenxiao::monitoring::v1::execution_service_server::ExecutionServiceServer;
use wenxiao_contract::wenxiao::monitoring::v1::funding_gate_service_server::FundingGateServiceServer;
use wenxiao_contract::wenxiao::monitoring::v1::monitoring_service_server::MonitoringServiceServer;
use wenxiao_platform::suite::MESSAGE_LIMIT_BYTES;
use wenxiao_platform::{Mounted, Parts, ServiceDefinition};

/// The schema of the service.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// What the suite needs to know of the service.
pub static DEFINITION: ServiceDefinition = ServiceDefinition {
    name: "monitoring",
    package: "wenxiao.monitoring.v1",
    policies: include_str!("../policies.cedar"),
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let execution = ExecutionServiceServer::new(api::execution::ExecutionApi::new(parts.database.clone()));
    let monitoring =
        MonitoringServiceServer::new(api::monitoring::MonitoringApi::new(parts.database.clone()));
    let gate = FundingGateServiceServer::new(api::gate::FundingGateApi::new(parts.database.clone()));
    routes
        .add_service(
            execution
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            monitoring
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            gate.max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        );
    Mounted {
        projections: vec![
            Box::new(projections::Registry),
            Box::new(projections::Targets),
            Box::new(projections::Disclosure),
        ],
        jobs: vec![Box::pin(jobs::enforce_forever(parts.database.clone(), parts.links.to("monitoring")))],
        ..Mounted::default()
    }
}
