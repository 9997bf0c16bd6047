//! Evaluation (绩效评价): before the money, by the unit itself, in depth; what follows from problems; what results mean
//! for the next budget.

mod api;
pub mod domain;
mod error;
mod projections;
mod store;

use tonic::service::RoutesBuilder;
use wenxiao_contract::wenxiao::evaluation::v1::budget_link_service_server::BudgetLinkServiceServer;
use wenxiao_contract::wenxiao::evaluation::v1::ex_ante_service_server::ExAnteServiceServer;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_service_server::KeyEvaluationServiceServer;
use wenxiao_contract::wenxiao::evaluation::v1::rectification_service_server::RectificationServiceServer;
use wenxiao_contract::wenxiao::evaluation::v1::self_evaluation_service_server::SelfEvaluationServiceServer;
use wenxiao_platform::suite::MESSAGE_LIMIT_BYTES;
use wenxiao_platform::{Mounted, Parts, ServiceDefinition};

use crate::api::Api;

/// The schema's migrations.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The evaluation service.
pub static DEFINITION: ServiceDefinition = ServiceDefinition {
    name: "evaluation",
    package: "wenxiao.evaluation.v1",
    policies: include_str!("../policies.cedar"),
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let api = Api::new(parts.database.clone());
    routes
        .add_service(
            ExAnteServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            SelfEvaluationServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            KeyEvaluationServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            RectificationServiceServer::new(api.clone())
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        )
        .add_service(
            BudgetLinkServiceServer::new(api)
                .max_decoding_message_size(MESSAGE_LIMIT_BYTES)
                .max_encoding_message_size(MESSAGE_LIMIT_BYTES),
        );
    Mounted {
        projections: vec![
            Box::new(projections::Registry),
            Box::new(projections::Targets),
            Box::new(projections::Monitoring),
        ],
        ..Mounted::default()
    }
}
