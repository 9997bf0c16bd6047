//! Who calls? (认证) A bearer token becomes a [`Principal`]; no token becomes the public; a token that is not valid
//! becomes a refusal at once.

mod keys;
mod service_token;
#[cfg(test)]
mod tests;

use std::future::Ready;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::Either;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use moka::sync::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::{Layer, Service};
use wenxiao_kernel::Clock;

pub(crate) use keys::write_secret;
pub use keys::{DEVELOPMENT_ISSUER, DevIssuer};
pub use service_token::ServiceToken;

use crate::config::IssuerSettings;
use crate::failure::{Failure, Result};
use crate::identity::{Claims, Principal, Role};

/// Tokens remembered at the most, and the longest that one is believed without looking at its key again.
const REMEMBERED: u64 = 20_000;
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
/// How far the issuer's clock may be from ours.
const LEEWAY_SECONDS: i64 = 30;
/// A token longer than this is not one: checking it would cost more than it is worth.
const TOKEN_LIMIT_BYTES: usize = 8192;

/// Why tokens cannot be checked or made: found when the process starts.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// A file with keys or a token is missing or wrong.
    #[error("{file}: {cause}")]
    Keys {
        /// The file.
        file: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A token could not be made.
    #[error("a token could not be signed: {0}")]
    Signing(String),
}

enum Keys {
    File(keys::KeyFile),
    Development(Arc<DevIssuer>),
}

#[derive(Clone)]
struct Verified {
    principal: Arc<Principal>,
    expires: i64,
}

/// Checks tokens, each one once.
pub struct Authenticator {
    issuer: String,
    audience: String,
    keys: Keys,
    verified: Cache<[u8; 32], Verified>,
    anonymous: Arc<Principal>,
    clock: Clock,
}

impl Authenticator {
    /// Accepts the tokens of an identity provider that are for `audience`.
    pub fn of_issuer(
        issuer: &IssuerSettings,
        audience: &str,
        clock: Clock,
    ) -> Result<Self, AuthenticationError> {
        let keys = Keys::File(keys::KeyFile::open(&issuer.jwks_file, clock.clone())?);
        Ok(Self::new(&issuer.name, audience, keys, clock))
    }

    /// Accepts the tokens of the development issuer.
    pub fn of_development(issuer: Arc<DevIssuer>, clock: Clock) -> Self {
        let audience = issuer.audience().to_owned();
        Self::new(DEVELOPMENT_ISSUER, &audience, Keys::Development(issuer), clock)
    }

    fn new(issuer: &str, audience: &str, keys: Keys, clock: Clock) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys,
            verified: Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build(),
            anonymous: Arc::new(Principal::anonymous()),
            clock,
        }
    }

    /// Who the headers of a request say is calling.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Arc<Principal>> {
        let Some(value) = headers.get(AUTHORIZATION) else { return Ok(self.anonymous.clone()) };
        let token = value.to_str().ok().and_then(bearer);
        let token = token.ok_or_else(|| Failure::unauthenticated("authorization must be: Bearer <token>"))?;
        if token.len() > TOKEN_LIMIT_BYTES {
            return Err(Failure::unauthenticated("the token is too long"));
        }
        let now = self.clock.now().timestamp();
        let hash: [u8; 32] = Sha256::digest(token).into();
        let verified = match self.verified.get(&hash) {
            Some(verified) => verified,
            None => {
                let verified = self.verify(token)?;
                self.verified.insert(hash, verified.clone());
                verified
            }
        };
        if verified.expires.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Failure::unauthenticated("the token has expired"));
        }
        Ok(verified.principal)
    }

    fn verify(&self, token: &str) -> Result<Verified> {
        let invalid = |english: &str| Failure::unauthenticated(format!("the token is not valid: {english}"));
        // Refuses `none` and anything else that is no algorithm.
        let header = decode_header(token).map_err(|_| invalid("its header cannot be read"))?;
        if !matches!(header.alg, Algorithm::EdDSA | Algorithm::ES256 | Algorithm::RS256) {
            return Err(invalid("its algorithm is not EdDSA, ES256 or RS256"));
        }
        let key = match &self.keys {
            Keys::File(file) => file.find(header.kid.as_deref()),
            Keys::Development(issuer) => issuer.find(header.kid.as_deref()),
        };
        let key = key.ok_or_else(|| invalid("its key is not one of the issuer's"))?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_exp = false; // by our own clock, here and each time the token comes again
        let data =
            decode::<Value>(token, &key.key, &validation).map_err(|error| invalid(&error.to_string()))?;
        self.principal(data.claims).map_err(|cause| invalid(&cause))
    }

    /// The claims, with those of an identity provider made ours: several audiences, and roles that are not of the
    /// suite.
    fn principal(&self, mut claims: Value) -> Result<Verified, String> {
        if let Some(not_before) = claims.get("nbf").and_then(Value::as_i64)
            && not_before > self.clock.now().timestamp().saturating_add(LEEWAY_SECONDS)
        {
            return Err("it is not valid yet".to_owned());
        }
        let fields = claims.as_object_mut().ok_or("its claims are no object")?;
        fields.insert("aud".to_owned(), Value::from(self.audience.as_str()));
        if let Some(Value::Array(roles)) = fields.get_mut("roles") {
            roles.retain(|role| role.as_str().is_some_and(|word| word.parse::<Role>().is_ok()));
        }
        let claims: Claims = serde_json::from_value(claims).map_err(|error| error.to_string())?;
        Ok(Verified { expires: claims.exp, principal: Arc::new(claims.into()) })
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim())
}

/// Whether anyone may call a method without being looked at: probes and tools come without tokens, and a probe with
/// an expired one still wants an answer.
fn is_open(path: &str) -> bool {
    path.starts_with("/grpc.health.") || path.starts_with("/grpc.reflection.")
}

/// Puts an `Arc<Principal>` into each request's extensions.
#[derive(Clone)]
pub struct AuthenticationLayer {
    authenticator: Arc<Authenticator>,
}

impl AuthenticationLayer {
    /// A layer that asks `authenticator`.
    pub fn new(authenticator: Arc<Authenticator>) -> Self {
        Self { authenticator }
    }
}

impl<S> Layer<S> for AuthenticationLayer {
    type Service = Authentication<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authentication { inner, authenticator: self.authenticator.clone() }
    }
}

/// The service that [`AuthenticationLayer`] makes.
#[derive(Clone)]
pub struct Authentication<S> {
    inner: S,
    authenticator: Arc<Authenticator>,
}

impl<S, B> Service<http::Request<B>> for Authentication<S>
where
    S: Service<http::Request<B>, Response = http::Response<tonic::body::Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if is_open(request.uri().path()) {
            return Either::Left(self.inner.call(request));
        }
        match self.authenticator.authenticate(request.headers()) {
            Ok(principal) => {
                request.extensions_mut().insert(principal);
                Either::Left(self.inner.call(request))
            }
            Err(failure) => Either::Right(std::future::ready(Ok(failure.into_status().into_http()))),
        }
    }
}
