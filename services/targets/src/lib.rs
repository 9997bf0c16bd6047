//! Targets (绩效目标): what projects, policies and departments promise for a year, from draft to ratification, and the
//! collective review of it. `README.md` beside this crate is the map.

pub mod domain;
pub mod rules;

mod api;
mod error;
mod jobs;
mod names;
mod projections;
mod registry;
mod store;

use tonic::service::RoutesBuilder;
use wenxiao_contract::wenxiao::targets::v1::objective_service_server::ObjectiveServiceServer;
use wenxiao_contract::wenxiao::targets::v1::review_session_service_server::ReviewSessionServiceServer;
use wenxiao_platform::suite::MESSAGE_LIMIT_BYTES;
use wenxiao_platform::{Mounted, Parts, ServiceDefinition};

/// Schema of the service, numbered from 0100.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The service, as the binary runs it.
pub static DEFINITION: ServiceDefinition = ServiceDefinition {
    name: "targets",
    package: "wenxiao.targets.v1",
    policies: include_str!("../policies.cedar"),
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let registry = registry::Registry::new(&parts.links);
    let objectives = api::objective::ObjectiveApi::new(parts.database.clone(), registry.clone());
    let sessions = api::review::ReviewSessionApi::new(parts.database.clone(), registry.clone());
    routes.add_service(
        ObjectiveServiceServer::new(objectives)
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    routes.add_service(
        ReviewSessionServiceServer::new(sessions)
            .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
            .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
    );
    let reminders =
        jobs::remind_forever(parts.database.clone(), parts.served.clone(), parts.links.to("targets"));
    Mounted {
        projections: vec![Box::new(projections::Registry)],
        jobs: vec![Box::pin(reminders)],
        workers: vec![api::files::worker::worker(parts.database.clone(), registry)],
        ..Mounted::default()
    }
}
