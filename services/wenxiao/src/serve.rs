//! `wenxiao serve`

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use wenxiao_kernel::Clock;
use wenxiao_platform::authn::{Authenticator, DevIssuer, ServiceToken};
use wenxiao_platform::cache::Cache;
use wenxiao_platform::config::Config;
use wenxiao_platform::database::DatabaseConfig;
use wenxiao_platform::doorbell::Doorbell;
use wenxiao_platform::embedded::EmbeddedPostgres;
use wenxiao_platform::peers::Peer;
use wenxiao_platform::server::{Check, Served, Server, Shutdown, services_of};
use wenxiao_platform::suite::Suite;
use wenxiao_platform::telemetry::Telemetry;
use wenxiao_platform::{Database, ServedDistricts, ServiceDefinition, feed, migrate, operations};

use crate::database::Opened;
use crate::{Common, services};

#[derive(clap::Args)]
pub struct Arguments {
    /// Services to run: registry, targets, monitoring, evaluation, disclosure; all when none is named
    services: Vec<String>,
    /// Address of the gRPC port; port 0 takes a free one
    #[arg(long)]
    listen: Option<String>,
    /// Address of the portal and ops port; port 0 takes a free one
    #[arg(long)]
    http: Option<String>,
    /// Bring the schemas up to date first; the private Postgres of the embedded default always is
    #[arg(long)]
    migrate: bool,
}

pub async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let overrides = [("listen", &arguments.listen), ("http", &arguments.http)];
    let overrides = overrides.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
    let config = common.load(overrides)?;
    let services = services::named(&arguments.services)?;
    let telemetry = Telemetry::start(&config.telemetry)?;
    let shutdown = Shutdown::on_signals()?;
    // Whatever happens from here on, what has been traced is sent.
    let ended = Box::pin(serve(&config, &services, arguments.migrate, shutdown)).await;
    telemetry.stop().await;
    ended
}

async fn serve(
    config: &Config,
    services: &[&'static ServiceDefinition],
    migrate_first: bool,
    shutdown: Shutdown,
) -> anyhow::Result<ExitCode> {
    let server = Server::bind(config.listen, config.http, &config.server).await?;
    let (grpc, ops) = server.addresses()?;
    let mut opened = Opened::start(config).await?;
    let ended = async {
        prepare_schemas(&opened.config, services, migrate_first || opened.embedded.is_some()).await?;
        let clock = Clock::system();
        let issuer = development_issuer(config, &clock)?;
        let suite = Suite::start(
            services,
            &services::names(),
            &opened.config,
            doorbell(config)?,
            cache(config, &opened.config)?,
            ServedDistricts::only(&config.districts),
            clock.clone(),
        )
        .await?;
        connect_peers(config, services, &suite, issuer.as_ref(), &clock)?;
        let served = Served {
            routes: suite.routes.clone(),
            services: services_of(
                &services
                    .iter()
                    .map(|service| service.package)
                    .chain([feed::PACKAGE, operations::PACKAGE])
                    .collect::<Vec<_>>(),
            ),
            pages: suite.pages.clone(),
            authenticator: Arc::new(authenticator(config, issuer, &clock)?),
            checks: suite.databases.iter().map(database_check).collect(),
        };
        print!("{}", greeting(config, services, grpc, ops, opened.embedded.as_ref()));
        let code = run_until_stopped(server, served, &shutdown, opened.embedded.as_mut()).await?;
        suite.stop().await;
        anyhow::Ok(code)
    }
    .await;
    let stopped = opened.stop().await;
    let code = ended?;
    stopped?;
    Ok(code)
}

/// Serves; when the private Postgres ends, so do we: nothing works without it.
async fn run_until_stopped<S>(
    server: Server,
    served: Served<S>,
    shutdown: &Shutdown,
    embedded: Option<&mut EmbeddedPostgres>,
) -> anyhow::Result<ExitCode>
where
    S: tower::Service<
            http::Request<tonic::body::Body>,
            Response = http::Response<tonic::body::Body>,
            Error = std::convert::Infallible,
        >,
    S: Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    let database_ended = async {
        match embedded {
            Some(embedded) => embedded.ended().await,
            None => std::future::pending().await,
        }
    };
    let mut running = std::pin::pin!(server.run(served, shutdown.clone()));
    tokio::select! {
        ended = &mut running => ended.map(|()| ExitCode::SUCCESS).map_err(Into::into),
        () = database_ended => {
            shutdown.begin();
            running.await?;
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn prepare_schemas(
    database: &DatabaseConfig,
    services: &[&'static ServiceDefinition],
    migrate_first: bool,
) -> anyhow::Result<()> {
    for service in services {
        // Where nothing has been made yet, the service's role cannot even log in to look.
        if migrate_first && migrate::require_current(database, service).await.is_err() {
            tracing::info!(schema = service.name, "bringing the schema up to date");
            migrate::migrate(database, service).await?;
        }
        migrate::require_current(database, service).await?;
    }
    Ok(())
}

/// Rings between processes where Redis is configured.
fn doorbell(config: &Config) -> anyhow::Result<Doorbell> {
    Ok(match &config.redis_url {
        Some(url) => Doorbell::redis(url)?,
        None => Doorbell::local(),
    })
}

/// Shared between the processes of one database where Redis is configured.
fn cache(config: &Config, database: &DatabaseConfig) -> anyhow::Result<Cache> {
    Ok(match &config.redis_url {
        Some(url) => Cache::redis(url, &database.url)?,
        None => Cache::local(),
    })
}

/// The development issuer, where anything needs it: without an identity provider, or without a token of our own.
fn development_issuer(config: &Config, clock: &Clock) -> anyhow::Result<Option<Arc<DevIssuer>>> {
    let remote = !config.peers.is_empty() && config.identity.service_token_file.is_none();
    if config.identity.issuer.is_some() {
        anyhow::ensure!(
            !remote,
            "peers are configured: identity.service_token_file must be too, since they ask for a token"
        );
        return Ok(None);
    }
    anyhow::ensure!(
        config.database.url.is_none(),
        "a database is configured and no identity provider (identity.issuer): the development issuer only serves the \
         embedded default"
    );
    std::fs::create_dir_all(&config.data_dir).with_context(|| config.data_dir.display().to_string())?;
    Ok(Some(Arc::new(DevIssuer::open(&config.data_dir, &config.identity.audience, clock.clone())?)))
}

fn authenticator(
    config: &Config,
    issuer: Option<Arc<DevIssuer>>,
    clock: &Clock,
) -> anyhow::Result<Authenticator> {
    match (&config.identity.issuer, issuer) {
        (Some(settings), _) => {
            Ok(Authenticator::of_issuer(settings, &config.identity.audience, clock.clone())?)
        }
        (None, Some(issuer)) => Ok(Authenticator::of_development(issuer, clock.clone())),
        (None, None) => anyhow::bail!("nobody issues tokens"),
    }
}

/// Connects the services here to those that run elsewhere. Nobody has to be there yet.
fn connect_peers(
    config: &Config,
    services: &[&'static ServiceDefinition],
    suite: &Suite,
    issuer: Option<&Arc<DevIssuer>>,
    clock: &Clock,
) -> anyhow::Result<()> {
    for peer in services::names() {
        if services.iter().any(|service| service.name == peer) {
            continue;
        }
        let Some(url) = config.peers.get(peer) else {
            tracing::warn!(
                peer,
                "neither runs here nor is configured (peers.{peer}): what needs it is UNAVAILABLE"
            );
            continue;
        };
        let peer_there = Peer::at(url)?;
        for (service, links) in &suite.links {
            let token = match (&config.identity.service_token_file, issuer) {
                (Some(file), _) => ServiceToken::from_file(file.clone(), clock.clone()),
                (None, Some(issuer)) => ServiceToken::from_issuer(issuer.clone(), service, clock.clone()),
                (None, None) => continue,
            };
            links.connect(peer, peer_there.calling_with(token));
        }
    }
    Ok(())
}

fn database_check(database: &Database) -> Check {
    let (name, database) = (database.schema(), database.clone());
    Check::new(name, move || {
        let database = database.clone();
        async move { database.ping().await.map_err(|failure| failure.to_string()) }
    })
}

/// What runs where, and a first call to try.
fn greeting(
    config: &Config,
    services: &[&'static ServiceDefinition],
    grpc: SocketAddr,
    ops: SocketAddr,
    embedded: Option<&EmbeddedPostgres>,
) -> String {
    let names: Vec<&str> = services.iter().map(|service| service.name).collect();
    let data = config.data_dir.display();
    let database = embedded.map_or("the configured PostgreSQL".to_owned(), |embedded| {
        format!("private PostgreSQL on port {} in {data}", embedded.port())
    });
    let mut text = format!(
        "问效 Wenxiao {}: {}\n  gRPC      {grpc}\n  HTTP      http://{ops}  (portal, /metrics, /healthz, /readyz)\n  \
         database  {database}\n",
        env!("CARGO_PKG_VERSION"),
        names.join(", "),
    );
    if config.identity.issuer.is_none() {
        let feed = names.first().copied().unwrap_or("registry");
        text.push_str(&format!(
            "\nTry it:\n  token=$(wenxiao token --data-dir {data} --role finance_performance_officer --district 350205000)\n  \
             grpcurl -plaintext -H \"authorization: Bearer $token\" \\\n    -d '{{\"parent\": \"districts/350205000/feeds/{feed}\"}}' \
             {grpc} wenxiao.common.v1.EventService/ListEvents\n  grpcurl -plaintext {grpc} list\n  curl http://{ops}/readyz\n",
        ));
    }
    text
}
