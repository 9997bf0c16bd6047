//! Disclosure (信息公开): decisions, publications, notices, and the summary of a year.

mod api;
pub mod domain;
mod error;
mod names;
pub mod portal;
pub mod projections;
mod store;
mod time;

use std::sync::Arc;

use tonic::service::RoutesBuilder;
use wenxiao_contract::wenxiao::disclosure::v1::catalog_service_server::CatalogServiceServer;
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_server::NoticeServiceServer;
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_server::PublicationServiceServer;
use wenxiao_contract::wenxiao::disclosure::v1::summary_service_server::SummaryServiceServer;
use wenxiao_platform::definition::{Mounted, Parts, ServiceDefinition};
use wenxiao_platform::suite::MESSAGE_LIMIT_BYTES;

use crate::api::DisclosureApi;
use crate::domain::rules::Rules;

/// The service's migrations, after the platform's.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// What the binary needs to know of the service.
pub static DEFINITION: ServiceDefinition = ServiceDefinition {
    name: "disclosure",
    package: "wenxiao.disclosure.v1",
    policies: include_str!("../policies.cedar"),
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let rules = Rules::national_default().expect("the rules that are shipped can be read: a test says so");
    let api = DisclosureApi::new(parts.database.clone(), Arc::new(rules));
    routes
        .add_service(
            PublicationServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            NoticeServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            SummaryServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            CatalogServiceServer::new(api)
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        );
    Mounted {
        projections: vec![
            Box::new(projections::Registry),
            Box::new(projections::Targets),
            Box::new(projections::Monitoring),
            Box::new(projections::Evaluation),
        ],
        pages: Some(portal::router(parts)),
        ..Mounted::default()
    }
}
