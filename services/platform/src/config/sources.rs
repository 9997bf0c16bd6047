//! Where settings come from: layers merged by figment, each value with its origin, read one by one so that every
//! violation is reported at once.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

/// One setting: its key in the file and the environment variables that override it, the last one strongest.
pub(super) struct Setting {
    pub key: &'static str,
    pub variables: &'static [&'static str],
    pub secret: bool,
}

const fn setting(key: &'static str, variables: &'static [&'static str]) -> Setting {
    Setting { key, variables, secret: false }
}

const fn secret(key: &'static str, variables: &'static [&'static str]) -> Setting {
    Setting { key, variables, secret: true }
}

/// Every setting there is; a key that is not among them is a mistake.
pub(super) const SETTINGS: &[Setting] = &[
    setting("listen", &["WENXIAO_LISTEN"]),
    setting("http", &["WENXIAO_HTTP"]),
    setting("data_dir", &["WENXIAO_DATA_DIR"]),
    setting("districts", &["WENXIAO_DISTRICTS"]),
    secret("database.url", &["DATABASE_URL", "WENXIAO_DATABASE_URL"]),
    secret("database.service_password", &["WENXIAO_DATABASE_SERVICE_PASSWORD"]),
    setting("database.max_connections", &["WENXIAO_DATABASE_MAX_CONNECTIONS"]),
    secret("redis.url", &["REDIS_URL", "WENXIAO_REDIS_URL"]),
    setting("identity.issuer", &["WENXIAO_ISSUER"]),
    setting("identity.audience", &["WENXIAO_AUDIENCE"]),
    setting("identity.jwks_file", &["WENXIAO_JWKS_FILE"]),
    setting("identity.service_token_file", &["WENXIAO_SERVICE_TOKEN_FILE"]),
    setting("peers.registry", &["WENXIAO_PEERS_REGISTRY"]),
    setting("peers.targets", &["WENXIAO_PEERS_TARGETS"]),
    setting("peers.monitoring", &["WENXIAO_PEERS_MONITORING"]),
    setting("peers.evaluation", &["WENXIAO_PEERS_EVALUATION"]),
    setting("peers.disclosure", &["WENXIAO_PEERS_DISCLOSURE"]),
    setting("telemetry.log", &["WENXIAO_LOG"]),
    setting("telemetry.filter", &["RUST_LOG", "WENXIAO_LOG_FILTER"]),
    setting("telemetry.otlp_endpoint", &["WENXIAO_OTLP_ENDPOINT"]),
    setting("telemetry.trace_percent", &["WENXIAO_TRACE_PERCENT"]),
    setting("server.default_deadline_seconds", &["WENXIAO_DEFAULT_DEADLINE_SECONDS"]),
    setting("server.max_deadline_seconds", &["WENXIAO_MAX_DEADLINE_SECONDS"]),
    setting("server.max_in_flight", &["WENXIAO_MAX_IN_FLIGHT"]),
    setting("server.connection_age_seconds", &["WENXIAO_CONNECTION_AGE_SECONDS"]),
    setting("server.drain_delay_milliseconds", &["WENXIAO_DRAIN_DELAY_MILLISECONDS"]),
    setting("server.shutdown_seconds", &["WENXIAO_SHUTDOWN_SECONDS"]),
];

/// Values from one place, under the name by which an operator knows it.
struct Layer {
    origin: String,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// The merged layers, and what was found wrong so far.
pub(super) struct Reader {
    figment: Figment,
    pub violations: Vec<String>,
}

impl Reader {
    /// A reader over the embedded defaults.
    pub fn new(defaults: &str) -> Self {
        let mut reader = Self { figment: Figment::new(), violations: Vec::new() };
        reader.add_toml("default", defaults);
        reader
    }

    /// Adds a TOML text, which overrides what is there. A key that no setting has is a violation: it is a typing error.
    pub fn add_toml(&mut self, origin: &str, text: &str) {
        match toml::from_str::<Dict>(text) {
            Ok(values) => {
                let known = |key: &str| SETTINGS.iter().any(|setting| setting.key == key);
                for key in leaves("", &values).into_iter().filter(|key| !known(key)) {
                    self.violations.push(format!("{origin}: there is no setting {key}"));
                }
                self.add(origin.to_owned(), values);
            }
            Err(error) => self.violations.push(format!("{origin}: {}", error.to_string().trim())),
        }
    }

    /// Adds one value, which overrides what is there.
    pub fn add_value(&mut self, origin: String, key: &str, value: String) {
        let nested = figment::util::nest(key, Value::from(value));
        self.add(origin, nested.into_dict().unwrap_or_default());
    }

    fn add(&mut self, origin: String, values: Dict) {
        let figment = std::mem::take(&mut self.figment);
        self.figment = figment.merge(Layer { origin, values });
    }

    /// The value of a setting as text; an empty one counts as unset.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let value = self.figment.find_value(key).ok()?;
        let text = match &value {
            Value::String(_, text) => text.trim().to_owned(),
            Value::Num(_, number) => number.to_i128().map(|number| number.to_string()).unwrap_or_default(),
            Value::Array(_, items) => {
                let items = items.iter().map(|item| item.clone().into_string().unwrap_or_default());
                items.collect::<Vec<_>>().join(",")
            }
            _ => {
                self.violation(key, "is neither text nor a number");
                return None;
            }
        };
        (!text.is_empty()).then_some(text)
    }

    /// The value of a setting that something can be made of.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        text.parse().map_err(|error: T::Err| self.violation(key, &format!("{text:?}: {error}"))).ok()
    }

    /// A whole number within bounds; the lower bound stands in for one that is wrong or missing.
    pub fn number(&mut self, key: &str, bounds: RangeInclusive<u32>) -> u32 {
        let number = self.parsed(key).unwrap_or(*bounds.start());
        if !bounds.contains(&number) {
            self.violation(key, &format!("{number} is not between {} and {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// A URL with one of `schemes`.
    pub fn url(&mut self, key: &str, schemes: &[&str]) -> Option<String> {
        let url = self.text(key)?;
        if !schemes.iter().any(|scheme| url.starts_with(&format!("{scheme}://"))) {
            self.violation(key, &format!("does not start with {}://", schemes.join(":// or ")));
        }
        Some(url)
    }

    /// Notes what is wrong with a setting and where it was set.
    pub fn violation(&mut self, key: &str, problem: &str) {
        let origin = self.origin(key).unwrap_or_else(|| "unset".to_owned());
        self.violations.push(format!("{key} ({origin}) {problem}"));
    }

    /// Where the value of a setting comes from; `None` when it has none.
    pub fn origin(&self, key: &str) -> Option<String> {
        self.figment.find_metadata(key).map(|metadata| metadata.name.to_string())
    }
}

fn leaves(prefix: &str, values: &Dict) -> Vec<String> {
    let mut keys = Vec::new();
    for (name, value) in values {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Dict(_, inner) => keys.extend(leaves(&key, inner)),
            _ => keys.push(key),
        }
    }
    keys
}

/// A secret as an operator may see it: of a URL everything but the password, of anything else nothing.
pub(super) fn masked(secret: &str) -> String {
    let Some((scheme, rest)) = secret.split_once("://") else { return "•••".to_owned() };
    let Some((credentials, place)) = rest.rsplit_once('@') else { return secret.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:•••@{place}")
}
