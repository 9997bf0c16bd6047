//! Public keys of the issuer, and the development issuer that stands in for one.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use wenxiao_kernel::Clock;

use super::AuthenticationError;
use crate::identity::Claims;

/// A token that names an unknown key makes the file be read again, but not more often than this.
const REREAD_INTERVAL: Duration = Duration::from_secs(10);
/// Issuer name of development tokens.
pub const DEVELOPMENT_ISSUER: &str = "wenxiao-development";

/// One public key and the only algorithm that it may be used with: the key decides, never the token.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    id: Option<String>,
    pub algorithm: Algorithm,
    pub key: DecodingKey,
}

impl VerifyingKey {
    /// `None` for keys that are not for EdDSA, ES256 or RS256 signatures.
    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
                Algorithm::ES256
            }
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            _ => return None,
        };
        let declared = jwk.common.key_algorithm;
        let agrees = declared.is_none_or(|declared| declared == KeyAlgorithm::from(algorithm));
        let key = DecodingKey::from_jwk(jwk).ok().filter(|_| for_signatures && agrees)?;
        Some(Self { id: jwk.common.key_id.clone(), algorithm, key })
    }
}

/// The keys of an issuer, kept in a JWKS file that something else renews.
pub(super) struct KeyFile {
    path: PathBuf,
    keys: RwLock<Vec<VerifyingKey>>,
    read_at: Mutex<DateTime<Utc>>,
    clock: Clock,
}

impl KeyFile {
    pub fn open(path: &Path, clock: Clock) -> Result<Self, AuthenticationError> {
        let keys = RwLock::new(read_keys(path)?);
        Ok(Self { path: path.to_owned(), keys, read_at: Mutex::new(clock.now()), clock })
    }

    /// The key that a token names; without a name, the only key there is.
    pub fn find(&self, id: Option<&str>) -> Option<VerifyingKey> {
        self.look_up(id).or_else(|| {
            self.read_again_if_due();
            self.look_up(id)
        })
    }

    fn look_up(&self, id: Option<&str>) -> Option<VerifyingKey> {
        let keys = self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        match id {
            Some(id) => keys.iter().find(|key| key.id.as_deref() == Some(id)).cloned(),
            None if keys.len() == 1 => keys.first().cloned(),
            None => None,
        }
    }

    fn read_again_if_due(&self) {
        let mut read_at = self.read_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = self.clock.now();
        if (now - *read_at).to_std().is_ok_and(|age| age < REREAD_INTERVAL) {
            return;
        }
        *read_at = now;
        match read_keys(&self.path) {
            Ok(keys) => *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = keys,
            Err(error) => tracing::warn!(%error, "the issuer's keys stay as they were"),
        }
    }
}

fn read_keys(path: &Path) -> Result<Vec<VerifyingKey>, AuthenticationError> {
    let wrong = |cause: String| AuthenticationError::Keys { file: path.display().to_string(), cause };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let set: JwkSet = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let keys: Vec<_> = set.keys.iter().filter_map(VerifyingKey::from_jwk).collect();
    if keys.is_empty() {
        return Err(wrong("holds no key for EdDSA, ES256 or RS256".to_owned()));
    }
    Ok(keys)
}

/// Signs tokens on a machine without an identity provider: development, demonstrations, tests. Its key never leaves
/// the data folder, so nobody without access to that folder can make a token.
pub struct DevIssuer {
    signing: EncodingKey,
    key_id: String,
    audience: String,
    verifying: VerifyingKey,
    jwks: String,
    clock: Clock,
}

impl DevIssuer {
    /// The issuer whose key is kept in `folder`, made when it is missing.
    pub fn open(folder: &Path, audience: &str, clock: Clock) -> Result<Self, AuthenticationError> {
        let path = folder.join("development-issuer.key");
        let wrong = |cause: String| AuthenticationError::Keys { file: path.display().to_string(), cause };
        let key = match fs::read(&path) {
            Ok(key) => key,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new());
                let made = made.map_err(|error| wrong(error.to_string()))?;
                match write_secret(&path, made.as_ref()) {
                    Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                        return Err(wrong(error.to_string()));
                    }
                    _ => fs::read(&path).map_err(|error| wrong(error.to_string()))?,
                }
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        Self::from_key(&key, audience, clock).map_err(wrong)
    }

    fn from_key(pkcs8: &[u8], audience: &str, clock: Clock) -> Result<Self, String> {
        let signing = EncodingKey::from_ed_der(pkcs8);
        let mut jwk =
            Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(|error| error.to_string())?;
        let thumbprint = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256);
        let key_id = thumbprint.map_err(|error| error.to_string())?;
        jwk.common.key_id = Some(key_id.clone());
        let verifying = VerifyingKey::from_jwk(&jwk).ok_or("the key is not an Ed25519 key")?;
        let jwks = serde_json::to_string(&JwkSet { keys: vec![jwk] }).map_err(|error| error.to_string())?;
        Ok(Self { signing, key_id, audience: audience.to_owned(), verifying, jwks, clock })
    }

    /// Whom its tokens are for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Its public key as a JWKS document, for a process elsewhere that is to accept its tokens.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// A signed token that says what `claims` say, with this issuer, the audience and the validity put in.
    pub fn token(&self, claims: &Claims, valid_for: Duration) -> Result<String, AuthenticationError> {
        let now = self.clock.now().timestamp();
        let seconds = i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iss: DEVELOPMENT_ISSUER.to_owned(),
            aud: self.audience.clone(),
            iat: now,
            exp: now.saturating_add(seconds),
            ..claims.clone()
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &self.signing)
            .map_err(|error| AuthenticationError::Signing(error.to_string()))
    }

    pub(super) fn find(&self, id: Option<&str>) -> Option<VerifyingKey> {
        id.is_none_or(|id| id == self.key_id).then(|| self.verifying.clone())
    }
}

/// Makes a file that only its owner reads, whole or not at all. Of two processes that make it at once, the first
/// wins, and the other one is told that it exists.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_added_extension(format!("part-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let made = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&unfinished, path));
    fs::remove_file(&unfinished)?;
    made
}
