//! The services that run in this process, put together (组装): connected, sealed, projected, behind one set of routes.

use std::sync::Arc;

use tokio::task::JoinSet;
use tonic::service::{Routes, RoutesBuilder};
use tower::{Layer, ServiceBuilder};
use wenxiao_contract::google::longrunning::operations_server::OperationsServer;
use wenxiao_contract::wenxiao::common::v1::event_service_server::EventServiceServer;
use wenxiao_kernel::Clock;

use crate::authz::{Authorization, AuthorizationLayer, Authorizer, PolicyError};
use crate::cache::Cache;
use crate::clients::Links;
use crate::database::{Database, DatabaseConfig};
use crate::definition::{Parts, ServedDistricts, ServiceDefinition};
use crate::delegation::{Delegated, DelegationLayer};
use crate::doorbell::Doorbell;
use crate::failure::Failure;
use crate::{feed, journal, operations, projection, upkeep};

/// The contract's limit of one message, both ways.
pub const MESSAGE_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Services that run here.
pub struct Suite {
    /// Every gRPC call of theirs, authorised; who calls is put into the extensions before.
    pub routes: Delegated<Authorization<Routes>>,
    /// Pages for the ops port.
    pub pages: axum::Router,
    /// Their databases, by service.
    pub databases: Vec<Database>,
    /// Their ways to each other; those to services that run elsewhere wait to be connected.
    pub links: Vec<(&'static str, Links)>,
    background: JoinSet<()>,
}

/// Why services could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// No service is to run.
    #[error("no service is named")]
    Empty,
    /// The database cannot be reached.
    #[error(transparent)]
    Database(#[from] Failure),
    /// Policies cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Suite {
    /// Builds `services`, connects them to their schemas and to each other and starts what runs in the background.
    /// `all` names every service of the suite, also those that run elsewhere; `doorbell` also rings for their events.
    /// Districts that are not `served` do not exist here.
    pub async fn start(
        services: &[&'static ServiceDefinition],
        all: &[&'static str],
        database: &DatabaseConfig,
        doorbell: Doorbell,
        cache: Cache,
        served: ServedDistricts,
        clock: Clock,
    ) -> Result<Self, SuiteError> {
        let policies = services.iter().map(|service| (service.package, service.policies));
        let shared = [(feed::PACKAGE, feed::POLICIES), (operations::PACKAGE, operations::POLICIES)];
        let authorizer = Authorizer::new(policies.chain(shared))?;
        let authorizer = Arc::new(authorizer.serving(served.clone()));
        let mut routes = RoutesBuilder::default();
        let (mut databases, mut links, mut projections) = (Vec::new(), Vec::new(), Vec::new());
        let mut workers = Vec::new();
        let mut jobs = Vec::new();
        let mut pages = axum::Router::new();
        for service in services {
            let database = Database::connect(database, service.name, clock.clone()).await?;
            let ways = Links::new(service.name, all);
            let parts = Parts {
                database: database.clone(),
                links: ways.clone(),
                served: served.clone(),
                cache: cache.clone(),
                clock: clock.clone(),
            };
            let mounted = (service.mount)(&parts, &mut routes);
            projections.extend(mounted.projections.into_iter().map(|p| (database.clone(), ways.clone(), p)));
            if !mounted.workers.is_empty() {
                workers.push((database.clone(), mounted.workers));
            }
            jobs.extend(mounted.jobs);
            pages = mounted.pages.into_iter().fold(pages, axum::Router::merge);
            databases.push(database);
            links.push((service.name, ways));
        }
        let events = feed::EventApi::new(databases.iter().cloned(), doorbell.clone());
        routes.add_service(EventServiceServer::new(events));
        let operations = operations::OperationsApi::new(databases.iter().cloned());
        routes.add_service(OperationsServer::new(operations));
        let authorised = AuthorizationLayer::new(authorizer).layer(routes.routes().prepare());
        let registry = links.first().map(|(_, ways): &(_, Links)| ways.to("registry"));
        let routes = DelegationLayer::new(registry.ok_or(SuiteError::Empty)?).layer(authorised);
        let inside = ServiceBuilder::new().service(routes.clone());
        for (_, ways) in &links {
            for service in services {
                ways.connect(service.name, inside.clone());
            }
        }
        let mut background = JoinSet::new();
        for database in &databases {
            background.spawn(journal::seal_forever(database.clone(), doorbell.clone()));
            background.spawn(upkeep::keep_up_forever(database.clone()));
        }
        for (database, ways, kept) in projections {
            let source = ways.to(kept.feed());
            background.spawn(projection::project_forever(database, kept, source, doorbell.clone()));
        }
        for (database, workers) in workers {
            background.spawn(operations::work_forever(database, workers));
        }
        for job in jobs {
            background.spawn(job);
        }
        Ok(Self { routes, pages, databases, links, background })
    }

    /// Stops what runs in the background and closes the connections.
    pub async fn stop(mut self) {
        self.background.shutdown().await;
        for database in &self.databases {
            database.close().await;
        }
    }
}
