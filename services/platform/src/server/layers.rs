//! How the layers of the server are written: each one a function around a call.

use std::convert::Infallible;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::layer::util::{Identity, Stack};
use tower::{Layer, Service};

pub(super) type Request = http::Request<Body>;
pub(super) type Response = http::Response<Body>;
pub(super) type Answer = BoxFuture<'static, Result<Response, Infallible>>;

/// Something done around each call.
pub(super) trait Around: Clone + Send + Sync + 'static {
    /// Does it. `call` goes on inwards; it is always ready.
    fn around<F>(&self, request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static;
}

/// The layer that does `A` around each call.
#[derive(Clone)]
pub(super) struct AroundLayer<A>(pub A);

impl<A: Clone, S> Layer<S> for AroundLayer<A> {
    type Service = Surrounded<A, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Surrounded { around: self.0.clone(), inner }
    }
}

#[derive(Clone)]
pub(super) struct Surrounded<A, S> {
    around: A,
    inner: S,
}

impl<A, S> Service<Request> for Surrounded<A, S>
where
    A: Around,
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { around, inner } = self;
        around.around(request, |request| inner.call(request))
    }
}

/// Layers with their names, the outermost first.
pub(super) struct Named<L> {
    names: Vec<&'static str>,
    layers: L,
}

impl Named<Identity> {
    pub fn new() -> Self {
        Self { names: Vec::new(), layers: Identity::new() }
    }
}

impl<L> Named<L> {
    /// Adds a layer inside those that are there.
    pub fn then<N>(mut self, name: &'static str, layer: N) -> Named<Stack<N, L>> {
        self.names.push(name);
        Named { names: self.names, layers: Stack::new(layer, self.layers) }
    }

    /// The service with all layers around it, and their names.
    pub fn around<S>(self, service: S) -> (Vec<&'static str>, L::Service)
    where
        L: Layer<S>,
    {
        (self.names, self.layers.layer(service))
    }
}

/// How a call went, as far as its headers tell: a stream that breaks off later says so in its trailers.
pub(super) fn code_of(response: &Response) -> Code {
    response.headers().get(Status::GRPC_STATUS).map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}
