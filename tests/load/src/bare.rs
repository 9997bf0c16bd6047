//! The peer for reads: a tonic server that does nothing but ask Postgres the same number of statements for the same
//! columns, as a superuser without row-level security, and answer. It flatters itself: the answer was made at the
//! start, so it never converts a row into a message.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use anyhow::{Context as _, Result};
use prost::Message;
use prost::bytes::Bytes;
use tokio::process::Command;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Code, Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1::GetProjectRequest;

use crate::bench::{Bench, connect};
use crate::data::objective_id;
use crate::raw::RawCodec;
use crate::suite::{DISTRICT, Running, free_port};

const PROJECT: &str = "select district, id, project_code, title, category, local_project_type, budget_account, nature,
    competent_department, implementing_unit, setup_year, secrecy, end_date, details, version, create_time, update_time
  from registry.projects where district = $1 and id = $2";
const OBJECTIVE: &str = "select district, id, subject_kind, subject_id, fiscal_year, work_year, filing_kind,
    display_name, unit_id, unit_code, department_id, department_code, account, secrecy, form, state, submitted_version,
    ratified_version, grade, return_count, open_remarks, ratified_amount, ratification_document, submitter, submit_time,
    ratify_time, create_time, update_time, version
  from targets.objectives where district = $1 and id = $2";
/// Connections to Postgres: as many as calls are in flight, the number that was best for this server.
const CONNECTIONS: usize = 16;

/// Paths of the server's methods.
pub mod path {
    /// One project.
    pub const PROJECT: &str = "/wenxiao.load.Bare/Project";
    /// One objective; the request names its project.
    pub const OBJECTIVE: &str = "/wenxiao.load.Bare/Objective";
    /// Both, by two statements in flight at once.
    pub const PAIR: &str = "/wenxiao.load.Bare/Pair";
    /// Both, without asking Postgres.
    pub const FLOOR: &str = "/wenxiao.load.Bare/Floor";
}

/// Starts the server beside the suite. `answers` are what it repeats: [`Prepared`]s, each after its length.
pub async fn start(bench: &Bench, answers: &[u8]) -> Result<Running> {
    let file = bench.program.folder.join("answers");
    std::fs::write(&file, answers)?;
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").arg("--listen").arg(format!("127.0.0.1:{port}"));
    command.arg("--database").arg(&bench.program.database).arg("--answers").arg(&file);
    Running::at_port(command, port).await
}

/// What the server is started with.
#[derive(clap::Args)]
pub struct Arguments {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// Postgres, as superuser.
    #[arg(long)]
    database: String,
    /// The answers, in a file of messages with their lengths.
    #[arg(long)]
    answers: PathBuf,
}

/// An answer that was made beforehand.
#[derive(Clone, PartialEq, Message)]
pub struct Prepared {
    /// Id of the project.
    #[prost(string, tag = "1")]
    pub id: String,
    /// The project as the suite answers it.
    #[prost(bytes = "bytes", tag = "2")]
    pub project: Bytes,
    /// Its objective as the suite answers it.
    #[prost(bytes = "bytes", tag = "3")]
    pub objective: Bytes,
}

impl Prepared {
    /// Both messages in one.
    pub fn pair(&self) -> Bytes {
        [self.project.as_ref(), self.objective.as_ref()].concat().into()
    }
}

struct Connection {
    client: Client,
    project: Statement,
    objective: Statement,
}

struct Shared {
    answers: HashMap<String, (Prepared, Bytes)>,
    connections: Vec<Connection>,
    next: AtomicUsize,
    district: i32,
}

/// Serves until it is killed.
pub async fn serve(arguments: Arguments) -> Result<()> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = connect(&arguments.database).await?;
        let (project, objective) = (client.prepare(PROJECT).await?, client.prepare(OBJECTIVE).await?);
        connections.push(Connection { client, project, objective });
    }
    let mut file = Bytes::from(std::fs::read(&arguments.answers)?);
    let mut answers = HashMap::new();
    while !file.is_empty() {
        let prepared = Prepared::decode_length_delimited(&mut file)?;
        let pair = prepared.pair();
        answers.insert(prepared.id.clone(), (prepared, pair));
    }
    let shared = Shared { answers, connections, next: AtomicUsize::new(0), district: DISTRICT.parse()? };
    let server = tonic::transport::Server::builder().add_service(Bare(Arc::new(shared)));
    server.serve(arguments.listen).await.context("bare server")
}

#[derive(Clone)]
struct Bare(Arc<Shared>);

impl NamedService for Bare {
    const NAME: &'static str = "wenxiao.load.Bare";
}

type Answering<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl tower::Service<http::Request<Body>> for Bare {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answering<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let shared = self.0.clone();
        Box::pin(async move {
            let method = Method { shared, path: request.uri().path().to_owned() };
            Ok(Grpc::new(RawCodec).unary(method, request).await)
        })
    }
}

struct Method {
    shared: Arc<Shared>,
    path: String,
}

impl UnaryService<Bytes> for Method {
    type Response = Bytes;
    type Future = Answering<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (shared, path) = (self.shared.clone(), std::mem::take(&mut self.path));
        Box::pin(async move { shared.answer(&path, request.into_inner()).await.map(Response::new) })
    }
}

impl Shared {
    async fn answer(&self, path: &str, request: Bytes) -> Result<Bytes, Status> {
        let name = GetProjectRequest::decode(request).map_err(|error| refused(Code::Internal, &error))?.name;
        let id = name.rsplit('/').next().unwrap_or_default();
        let (prepared, pair) = self.answers.get(id).ok_or_else(|| refused(Code::NotFound, &name))?;
        let place = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let connection = self.connections.get(place).ok_or_else(|| refused(Code::Internal, &place))?;
        let Connection { client, project, objective } = connection;
        let objective_id = objective_id(id);
        // Neither is asked before it is awaited.
        let (ours, its): ([&(dyn ToSql + Sync); 2], [&(dyn ToSql + Sync); 2]) =
            ([&self.district, &id], [&self.district, &objective_id]);
        let project = client.query_one(project, &ours);
        let objective = client.query_one(objective, &its);
        let failed = |error| refused(Code::Unavailable, &error);
        match path {
            path::PROJECT => project.await.map(|_| prepared.project.clone()).map_err(failed),
            path::OBJECTIVE => objective.await.map(|_| prepared.objective.clone()).map_err(failed),
            path::PAIR => futures::try_join!(project, objective).map(|_| pair.clone()).map_err(failed),
            _ => Ok(pair.clone()),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this server has none of the suite's failures")]
fn refused(code: Code, why: &(impl ToString + ?Sized)) -> Status {
    Status::new(code, why.to_string())
}
