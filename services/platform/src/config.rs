//! The configuration (配置): one TOML file, overridden by the environment, overridden by the command line. Everything
//! has a default, everything is checked at once, and everything can be shown with its origin.

mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sources::{Reader, SETTINGS, masked};
use wenxiao_kernel::DistrictCode;

/// The documented defaults, as a file to start from.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// Services that a process can run or call.
pub const SERVICES: [&str; 5] = ["registry", "targets", "monitoring", "evaluation", "disclosure"];

/// Text that is not to be printed: a password, or a URL that holds one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// gRPC port.
    pub listen: SocketAddr,
    /// Ops port and portal.
    pub http: SocketAddr,
    /// State of the embedded default.
    pub data_dir: PathBuf,
    /// Districts served; empty for all.
    pub districts: Vec<DistrictCode>,
    /// Postgres.
    pub database: DatabaseSettings,
    /// Redis; `None` for in-process cache and doorbell.
    pub redis_url: Option<Secret>,
    /// Tokens.
    pub identity: IdentitySettings,
    /// URLs of services that do not run in this process, by name.
    pub peers: BTreeMap<&'static str, String>,
    /// Log, traces.
    pub telemetry: TelemetrySettings,
    /// Limits and times of the server.
    pub server: ServerSettings,
    rendered: String,
}

/// Postgres.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where it is; `None` for the embedded one.
    pub url: Option<Secret>,
    /// Password of the services' own roles; `None` where the server asks for none.
    pub service_password: Option<Secret>,
    /// Connections held at most, per service.
    pub max_connections: u32,
}

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Issuer with its keys; `None` for the development issuer.
    pub issuer: Option<IssuerSettings>,
    /// Audience that tokens must name.
    pub audience: String,
    /// Token for calls between services; `None` for one of the development issuer.
    pub service_token_file: Option<PathBuf>,
}

/// An identity provider.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// The `iss` of its tokens.
    pub name: String,
    /// Its public keys.
    pub jwks_file: PathBuf,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object per line.
    Json,
}

/// Log and traces.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// Form of the log.
    pub log: LogFormat,
    /// What is logged (EnvFilter syntax).
    pub filter: String,
    /// OTLP collector; `None` for no traces.
    pub otlp_endpoint: Option<String>,
    /// Share of traces recorded, 0–100 percent.
    pub trace_percent: u32,
}

/// Limits and times of the server.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Time of a call that names none.
    pub default_deadline: Duration,
    /// Most time that a call gets.
    pub max_deadline: Duration,
    /// Calls worked on at once.
    pub max_in_flight: usize,
    /// Age at which a connection is asked to end, before jitter.
    pub connection_age: Duration,
    /// How long calls are still taken after the signal to stop.
    pub drain_delay: Duration,
    /// How long running calls may take after that.
    pub shutdown: Duration,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} problem(s):\n  - {}", .0.len(), .0.join("\n  - "))]
pub struct InvalidConfig(pub Vec<String>);

impl Config {
    /// The configuration in force: defaults, then `file`, then the variables, then `arguments` (key and value of what
    /// the command line overrides).
    pub fn load(
        file: Option<&Path>,
        variables: impl Fn(&str) -> Option<String>,
        arguments: &[(&'static str, String)],
    ) -> Result<Self, InvalidConfig> {
        let mut reader = Reader::new(DEFAULTS);
        if let Some(file) = file {
            match std::fs::read_to_string(file) {
                Ok(text) => reader.add_toml(&file.display().to_string(), &text),
                Err(error) => reader.violations.push(format!("{}: {error}", file.display())),
            }
        }
        for setting in SETTINGS {
            for name in setting.variables {
                if let Some(value) = variables(name).filter(|value| !value.trim().is_empty()) {
                    reader.add_value(format!("environment {name}"), setting.key, value);
                }
            }
        }
        for (key, value) in arguments {
            reader.add_value("command line".to_owned(), key, value.clone());
        }
        let config = read(&mut reader, &variables);
        match config {
            Some(config) if reader.violations.is_empty() => Ok(config),
            _ => Err(InvalidConfig(reader.violations)),
        }
    }

    /// What is in force, one setting per line, secrets masked, with the place that each value comes from.
    pub fn render_masked(&self) -> &str {
        &self.rendered
    }
}

/// `None` only when a violation has been noted.
fn read(reader: &mut Reader, variables: &impl Fn(&str) -> Option<String>) -> Option<Config> {
    let listen = reader.parsed("listen");
    let http = reader.parsed("http");
    let default_data_dir = default_data_dir(variables);
    let data_dir = reader.text("data_dir").map_or_else(|| default_data_dir.clone(), PathBuf::from);
    let districts = districts(reader);
    let database = database(reader);
    let redis_url = reader.url("redis.url", &["redis", "redis+unix", "unix"]).map(Secret);
    let identity = identity(reader);
    let mut peers = BTreeMap::new();
    for service in SERVICES {
        if let Some(url) = reader.url(&format!("peers.{service}"), &["http"]) {
            peers.insert(service, url);
        }
    }
    let telemetry = telemetry(reader);
    let server = server(reader);
    let rendered = render(reader, &default_data_dir);
    Some(Config {
        listen: listen?,
        http: http?,
        data_dir,
        districts,
        database,
        redis_url,
        identity,
        peers,
        telemetry,
        server,
        rendered,
    })
}

fn districts(reader: &mut Reader) -> Vec<DistrictCode> {
    let text = reader.text("districts").unwrap_or_default();
    let mut districts = Vec::new();
    for code in text.split(',').map(str::trim).filter(|code| !code.is_empty()) {
        match code.parse::<DistrictCode>() {
            Ok(district) => districts.push(district),
            Err(error) => reader.violation("districts", &error.to_string()),
        }
    }
    districts
}

fn database(reader: &mut Reader) -> DatabaseSettings {
    DatabaseSettings {
        url: reader.url("database.url", &["postgres", "postgresql"]).map(Secret),
        service_password: reader.text("database.service_password").map(Secret),
        max_connections: reader.number("database.max_connections", 2..=1000),
    }
}

fn identity(reader: &mut Reader) -> IdentitySettings {
    let issuer = reader.text("identity.issuer");
    let jwks_file = reader.text("identity.jwks_file").map(PathBuf::from);
    let service_token_file = reader.text("identity.service_token_file").map(PathBuf::from);
    let issuer = match (issuer, jwks_file) {
        (Some(name), Some(jwks_file)) => Some(IssuerSettings { name, jwks_file }),
        (None, None) => None,
        (Some(_), None) => {
            reader.violation("identity.issuer", "needs identity.jwks_file: the issuer's public keys");
            None
        }
        (None, Some(_)) => {
            reader.violation("identity.jwks_file", "needs identity.issuer: the issuer's name");
            None
        }
    };
    let audience = reader.text("identity.audience").unwrap_or_default();
    if audience.is_empty() {
        reader.violation("identity.audience", "must not be empty");
    }
    IdentitySettings { issuer, audience, service_token_file }
}

fn telemetry(reader: &mut Reader) -> TelemetrySettings {
    let log = match reader.text("telemetry.log").as_deref() {
        Some("json") => LogFormat::Json,
        Some("human") => LogFormat::Human,
        other => {
            let problem = format!("{:?} is neither human nor json", other.unwrap_or_default());
            reader.violation("telemetry.log", &problem);
            LogFormat::Human
        }
    };
    TelemetrySettings {
        log,
        filter: reader.text("telemetry.filter").unwrap_or_default(),
        otlp_endpoint: reader.url("telemetry.otlp_endpoint", &["http", "https"]),
        trace_percent: reader.number("telemetry.trace_percent", 0..=100),
    }
}

fn server(reader: &mut Reader) -> ServerSettings {
    let seconds = |number: u32| Duration::from_secs(number.into());
    let default_deadline = seconds(reader.number("server.default_deadline_seconds", 1..=3600));
    let max_deadline = seconds(reader.number("server.max_deadline_seconds", 1..=3600));
    if default_deadline > max_deadline {
        reader.violation("server.default_deadline_seconds", "is more than server.max_deadline_seconds");
    }
    let drain_delay = reader.number("server.drain_delay_milliseconds", 0..=60_000);
    ServerSettings {
        default_deadline,
        max_deadline,
        max_in_flight: usize::try_from(reader.number("server.max_in_flight", 1..=1_000_000))
            .unwrap_or(usize::MAX),
        connection_age: seconds(reader.number("server.connection_age_seconds", 1..=86_400)),
        drain_delay: Duration::from_millis(drain_delay.into()),
        shutdown: seconds(reader.number("server.shutdown_seconds", 1..=300)),
    }
}

fn default_data_dir(variables: &impl Fn(&str) -> Option<String>) -> PathBuf {
    let home = variables("HOME").filter(|home| !home.is_empty());
    match (variables("XDG_DATA_HOME").filter(|folder| !folder.is_empty()), home) {
        (Some(folder), _) => PathBuf::from(folder).join("wenxiao"),
        // The private Postgres of root runs as another user, who does not get into /root.
        (None, Some(home)) if home != "/root" => PathBuf::from(home).join(".local/share/wenxiao"),
        _ => PathBuf::from("/var/lib/wenxiao"),
    }
}

fn render(reader: &mut Reader, default_data_dir: &Path) -> String {
    let mut lines = Vec::new();
    for setting in SETTINGS {
        let value = reader.text(setting.key);
        let origin = reader.origin(setting.key).unwrap_or_else(|| "unset".to_owned());
        let value = match value {
            Some(text) if setting.secret => format!("{:?}", masked(&text)),
            Some(text) => format!("{text:?}"),
            None if setting.key == "data_dir" => format!("{:?}", default_data_dir.display().to_string()),
            None => "–".to_owned(),
        };
        lines.push(format!("{:<42} = {value:<40} # {origin}\n", setting.key));
    }
    lines.concat()
}

#[cfg(test)]
mod tests;
