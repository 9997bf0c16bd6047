//! The registry (基础信息): districts and units, projects and budgets, rules, institutions and engagements, plans and
//! trainings. What all other services refer to.

pub mod api;
pub mod domain;
mod error;
mod jobs;
pub mod projections;
pub mod store;
mod words;

use tonic::service::RoutesBuilder;
use wenxiao_contract::wenxiao::registry::v1::delegation_service_server::DelegationServiceServer;
use wenxiao_contract::wenxiao::registry::v1::library_service_server::LibraryServiceServer;
use wenxiao_contract::wenxiao::registry::v1::participant_service_server::ParticipantServiceServer;
use wenxiao_contract::wenxiao::registry::v1::plan_service_server::PlanServiceServer;
use wenxiao_contract::wenxiao::registry::v1::project_service_server::ProjectServiceServer;
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::UnitServiceServer;
use wenxiao_platform::suite::MESSAGE_LIMIT_BYTES;
use wenxiao_platform::{Mounted, Parts, ServiceDefinition};

/// The registry's migrations.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The registry, for the binary that runs it.
pub static DEFINITION: ServiceDefinition = ServiceDefinition {
    name: "registry",
    package: "wenxiao.registry.v1",
    policies: include_str!("../policies.cedar"),
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let database = || parts.database.clone();
    routes.add_service(
        UnitServiceServer::new(api::unit::UnitApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        ProjectServiceServer::new(api::project::ProjectApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        LibraryServiceServer::new(api::library::LibraryApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        ParticipantServiceServer::new(api::participant::ParticipantApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        PlanServiceServer::new(api::plan::PlanApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        DelegationServiceServer::new(api::delegation::DelegationApi::new(database()))
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    let takes_effect = jobs::apply_unit_changes(database(), parts.served.clone(), parts.links.to("registry"));
    Mounted {
        projections: vec![
            Box::new(projections::Own),
            Box::new(projections::Targets),
            Box::new(projections::Monitoring),
            Box::new(projections::Evaluation),
            Box::new(projections::Disclosure),
        ],
        jobs: vec![Box::pin(takes_effect)],
        ..Mounted::default()
    }
}
