use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

use super::*;
use crate::config::IssuerSettings;

const NOW: i64 = 1_800_000_000;

/// A clock that a test moves.
fn clock(offset: &Arc<AtomicI64>) -> Clock {
    let offset = offset.clone();
    Clock::from_source(move || DateTime::from_timestamp(NOW + offset.load(Ordering::Relaxed), 0).unwrap())
}

fn claims() -> Claims {
    let district = "350205000".parse().unwrap();
    Claims {
        iss: String::new(),
        aud: String::new(),
        sub: "u1".to_owned(),
        exp: 0,
        iat: 0,
        name: "林晓".to_owned(),
        roles: vec![Role::UnitFiler],
        districts: vec![district],
        unit: Some("602001".to_owned()),
        participant: None,
    }
}

fn with(token: &str) -> HeaderMap {
    let value = format!("Bearer {token}").parse().unwrap();
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}

struct Development {
    issuer: Arc<DevIssuer>,
    authenticator: Authenticator,
    offset: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

fn development() -> Development {
    let folder = tempfile::tempdir().unwrap();
    let offset = Arc::new(AtomicI64::new(0));
    let issuer = Arc::new(DevIssuer::open(folder.path(), "wenxiao", clock(&offset)).unwrap());
    let authenticator = Authenticator::of_development(issuer.clone(), clock(&offset));
    Development { issuer, authenticator, offset, _folder: folder }
}

fn refusal(authenticator: &Authenticator, token: &str) -> String {
    let failure = authenticator.authenticate(&with(token)).unwrap_err();
    assert_eq!(failure.code(), tonic::Code::Unauthenticated);
    failure.to_string()
}

#[test]
fn a_token_says_who_calls_until_it_expires() {
    let Development { issuer, authenticator, offset, .. } = development();
    let token = issuer.token(&claims(), Duration::from_secs(600)).unwrap();
    for _ in 0..2 {
        let principal = authenticator.authenticate(&with(&token)).unwrap();
        assert_eq!((principal.subject.as_str(), principal.unit.as_deref()), ("u1", Some("602001")));
        assert!(principal.has(Role::UnitFiler) && principal.reaches("350205000".parse().unwrap()));
    }
    offset.store(600 + LEEWAY_SECONDS, Ordering::Relaxed);
    assert!(refusal(&authenticator, &token).contains("expired"), "a remembered token expires too");
}

#[test]
fn without_a_token_anyone_is_the_public_and_with_a_wrong_header_nobody() {
    let Development { authenticator, .. } = development();
    assert!(authenticator.authenticate(&HeaderMap::new()).unwrap().is_anonymous());
    for value in ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "token"] {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert!(authenticator.authenticate(&headers).is_err(), "{value:?}");
    }
    assert!(refusal(&authenticator, &"x".repeat(TOKEN_LIMIT_BYTES + 1)).contains("too long"));
}

#[test]
fn the_development_key_is_kept_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let open = || DevIssuer::open(folder.path(), "wenxiao", Clock::system()).unwrap();
    assert_eq!(open().jwks(), open().jwks());
    let file = std::fs::metadata(folder.path().join("development-issuer.key")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn other_issuers_audiences_keys_and_algorithms_are_refused() {
    let Development { issuer, authenticator, offset, .. } = development();
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = DevIssuer::open(elsewhere.path(), "wenxiao", clock(&offset)).unwrap();
    let foreign = stranger.token(&claims(), Duration::from_secs(60)).unwrap();
    assert!(refusal(&authenticator, &foreign).contains("key"));

    let token = issuer.token(&claims(), Duration::from_secs(60)).unwrap();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = head.split_once('.').unwrap();
    let encoded =
        |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
    let none = format!("{}.{payload}.", encoded(r#"{"alg":"none","typ":"JWT"}"#));
    assert!(refusal(&authenticator, &none).contains("header"));
    let unsigned = format!("{header}.{payload}.");
    refusal(&authenticator, &unsigned);
    let changed = encoded(
        &json!({"iss": DEVELOPMENT_ISSUER, "aud": "wenxiao", "sub": "u2", "exp": NOW + 60}).to_string(),
    );
    refusal(&authenticator, &format!("{header}.{changed}.{signature}"));
    // The classic confusion: HS256 with the public key as the secret.
    let secret = EncodingKey::from_secret(issuer.jwks().as_bytes());
    let confused = encode(&Header::new(Algorithm::HS256), &claims(), &secret).unwrap();
    assert!(refusal(&authenticator, &confused).contains("algorithm"));
    for garbage in ["x", "a.b.c", "..", "e30.e30.e30"] {
        refusal(&authenticator, garbage);
    }
}

/// An identity provider with a key file, as in production.
struct Provider {
    folder: tempfile::TempDir,
    settings: IssuerSettings,
    offset: Arc<AtomicI64>,
}

impl Provider {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            IssuerSettings { name: "https://id".to_owned(), jwks_file: folder.path().join("jwks.json") };
        Self { folder, settings, offset: Arc::default() }
    }

    fn publish(&self, keys: Vec<Jwk>) {
        let text = serde_json::to_string(&JwkSet { keys }).unwrap();
        std::fs::write(self.folder.path().join("jwks.json"), text).unwrap();
    }

    fn authenticator(&self) -> Authenticator {
        Authenticator::of_issuer(&self.settings, "wenxiao", clock(&self.offset)).unwrap()
    }
}

fn es256_key(id: &str) -> (EncodingKey, Jwk) {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let pkcs8 = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &random,
    );
    let key = EncodingKey::from_ec_der(pkcs8.unwrap().as_ref());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    (key, jwk)
}

fn signed(key: &EncodingKey, id: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": "https://id", "aud": ["account", "wenxiao"], "sub": "u1", "exp": NOW + 60, "iat": NOW,
        "roles": ["finance_head", "offline_access"], "districts": ["350205000"],
    });
    change(&mut claims);
    let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::ES256) };
    encode(&header, &claims, key).unwrap()
}

#[test]
fn an_identity_providers_tokens_are_taken_as_they_are() {
    let provider = Provider::new();
    let (key, jwk) = es256_key("k1");
    provider.publish(vec![jwk]);
    let authenticator = provider.authenticator();
    let principal = authenticator.authenticate(&with(&signed(&key, "k1", |_| ()))).unwrap();
    assert_eq!(principal.roles, [Role::FinanceHead]);
    for (field, value) in [
        ("iss", json!("https://other")),
        ("aud", json!("other")),
        ("sub", Value::Null),
        ("exp", json!(NOW - 3600)),
        ("nbf", json!(NOW + 3600)),
        ("districts", json!(["Haicang"])),
    ] {
        let token = signed(&key, "k1", |claims| claims[field] = value.clone());
        refusal(&authenticator, &token);
    }
    for field in ["iss", "aud", "sub", "exp"] {
        let token = signed(&key, "k1", |claims| {
            claims.as_object_mut().unwrap().remove(field);
        });
        refusal(&authenticator, &token);
    }
}

#[test]
fn new_keys_are_read_when_a_token_names_them_but_not_all_the_time() {
    let provider = Provider::new();
    let ((_, first), (key, second)) = (es256_key("k1"), es256_key("k2"));
    provider.publish(vec![first]);
    let authenticator = provider.authenticator();
    provider.publish(vec![second]);
    let token = signed(&key, "k2", |_| ());
    assert!(refusal(&authenticator, &token).contains("key"));
    provider.offset.store(11, Ordering::Relaxed);
    assert!(authenticator.authenticate(&with(&token)).is_ok());
}

#[test]
fn symmetric_keys_in_a_key_file_are_not_keys() {
    let provider = Provider::new();
    let secret = EncodingKey::from_secret(b"secret");
    provider.publish(vec![Jwk::from_encoding_key(&secret, Algorithm::HS256).unwrap()]);
    let error = Authenticator::of_issuer(&provider.settings, "wenxiao", Clock::system()).err().unwrap();
    assert!(error.to_string().contains("no key"), "{error}");
}

#[test]
fn our_services_know_each_other_by_a_token_that_renews_itself() {
    let Development { issuer, authenticator, offset, .. } = development();
    let token = ServiceToken::from_issuer(issuer, "targets", clock(&offset));
    let call = || token.attach(http::Request::new(())).headers().clone();
    let first = call();
    assert!(authenticator.authenticate(&first).unwrap().has(Role::Service));
    assert_eq!(first, call());
    offset.store(3600, Ordering::Relaxed);
    assert!(authenticator.authenticate(&first).is_err() && authenticator.authenticate(&call()).is_ok());
}
