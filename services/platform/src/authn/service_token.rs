//! What our own services show when they call each other over the network.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use wenxiao_kernel::Clock;

use super::{AuthenticationError, DevIssuer};
use crate::identity::{Claims, Role};

/// A token is fetched again when it is older than this: projected tokens and those of the development issuer live
/// much longer.
const RENEWAL: Duration = Duration::from_secs(60);
const DEVELOPMENT_LIFETIME: Duration = Duration::from_secs(600);

/// The bearer token of a service of ours, renewed in time.
#[derive(Clone)]
pub struct ServiceToken {
    source: Arc<Source>,
    current: Arc<Mutex<Option<Current>>>,
    clock: Clock,
}

struct Current {
    since: DateTime<Utc>,
    value: HeaderValue,
}

enum Source {
    /// Something outside renews the file.
    File(PathBuf),
    Development {
        issuer: Arc<DevIssuer>,
        service: String,
    },
}

impl ServiceToken {
    /// The token in a file.
    pub fn from_file(path: PathBuf, clock: Clock) -> Self {
        Self { source: Arc::new(Source::File(path)), current: Arc::default(), clock }
    }

    /// A token that the development issuer signs for `service`.
    pub fn from_issuer(issuer: Arc<DevIssuer>, service: &str, clock: Clock) -> Self {
        let source = Source::Development { issuer, service: service.to_owned() };
        Self { source: Arc::new(source), current: Arc::default(), clock }
    }

    /// Puts the token on an outgoing call. Without one the call goes out bare, and the other side says so.
    pub fn attach<B>(&self, mut request: http::Request<B>) -> http::Request<B> {
        match self.bearer() {
            Ok(value) => {
                request.headers_mut().insert(AUTHORIZATION, value);
            }
            Err(error) => tracing::warn!(%error, "no service token"),
        }
        request
    }

    fn bearer(&self) -> Result<HeaderValue, AuthenticationError> {
        let now = self.clock.now();
        let mut current = self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(current) = &*current
            && (now - current.since).to_std().is_ok_and(|age| age < RENEWAL)
        {
            return Ok(current.value.clone());
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.fetch()?))
            .map_err(|error| AuthenticationError::Signing(error.to_string()))?;
        value.set_sensitive(true);
        *current = Some(Current { since: now, value: value.clone() });
        Ok(value)
    }

    fn fetch(&self) -> Result<String, AuthenticationError> {
        match &*self.source {
            Source::File(path) => {
                fs::read_to_string(path).map(|text| text.trim().to_owned()).map_err(|error| {
                    AuthenticationError::Keys { file: path.display().to_string(), cause: error.to_string() }
                })
            }
            Source::Development { issuer, service } => issuer.token(
                &Claims {
                    iss: String::new(),
                    aud: String::new(),
                    sub: format!("service:{service}"),
                    exp: 0,
                    iat: 0,
                    name: service.clone(),
                    roles: vec![Role::Service],
                    districts: Vec::new(),
                    unit: None,
                    participant: None,
                },
                DEVELOPMENT_LIFETIME,
            ),
        }
    }
}
