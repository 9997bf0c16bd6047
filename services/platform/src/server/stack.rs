//! What stands around the services: the layers in their order, health and reflection.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::Either;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;
use tonic_web::GrpcWebLayer;
use tower::Service;

use super::deadline::DeadlineKept;
use super::guards::{LoadShed, PanicsCaught, UnimplementedExplained};
use super::layers::{AroundLayer, Named, Request, Response};
use super::observe::{Identified, Measured, Traced};
use crate::authn::{AuthenticationLayer, Authenticator};
use crate::config::ServerSettings;

/// What the layers are made of.
pub(super) struct Edge<'s> {
    pub settings: &'s ServerSettings,
    pub authenticator: Arc<Authenticator>,
}

impl Edge<'_> {
    /// `services` with every layer around it, and the layers' names, the outermost first. The order is meant: what is
    /// refused further in still has an id, a trace and a count.
    pub fn around<S>(
        self,
        services: S,
    ) -> (
        Vec<&'static str>,
        impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
    )
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
    {
        Named::new()
            .then("grpc_web", GrpcWebLayer::new())
            .then("request_id", AroundLayer(Identified))
            .then("trace", AroundLayer(Traced))
            .then("metrics", AroundLayer(Measured::new()))
            .then("catch_panic", AroundLayer(PanicsCaught))
            .then("load_shed", AroundLayer(LoadShed::new(self.settings.max_in_flight)))
            .then("deadline", AroundLayer(DeadlineKept::new(self.settings)))
            .then("unimplemented", AroundLayer(UnimplementedExplained))
            .then("authentication", AuthenticationLayer::new(self.authenticator))
            .around(services)
    }
}

/// Health and reflection beside the services.
#[derive(Clone)]
pub(super) struct Front<S> {
    common: Routes,
    services: S,
}

impl<S> Front<S> {
    pub fn new(
        health: HealthServer<HealthService>,
        names: &[String],
        services: S,
    ) -> Result<Self, tonic_reflection::server::Error> {
        // Only what runs here is named, whatever else the contract holds.
        let mut reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(wenxiao_contract::COMMENTED_DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health")
            .with_service_name("grpc.reflection.v1.ServerReflection");
        for name in names {
            reflection = reflection.with_service_name(name);
        }
        let common = Routes::new(health).add_service(reflection.build_v1()?).prepare();
        Ok(Self { common, services })
    }
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<<Routes as Service<Request>>::Future, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.services.poll_ready(context) // the routes beside it are always ready
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.uri().path().starts_with("/grpc.") {
            Either::Left(self.common.call(request))
        } else {
            Either::Right(self.services.call(request))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn the_layers_stand_in_this_order() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(None, |_| None, &[]).unwrap();
        let clock = wenxiao_kernel::Clock::system();
        let issuer =
            Arc::new(crate::authn::DevIssuer::open(folder.path(), "wenxiao", clock.clone()).unwrap());
        let authenticator = Arc::new(Authenticator::of_development(issuer, clock));
        let edge = Edge { settings: &config.server, authenticator };
        let (names, _) = edge.around(Routes::default());
        assert_eq!(
            names,
            [
                "grpc_web",
                "request_id",
                "trace",
                "metrics",
                "catch_panic",
                "load_shed",
                "deadline",
                "unimplemented",
                "authentication"
            ]
        );
    }
}
