//! The binary as an operator meets it: started with nothing, called, killed, started again, stopped.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use wenxiao_contract::wenxiao::common::v1::ListFeedsRequest;
use wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient;

fn wenxiao(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wenxiao"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .arg("--data-dir")
        .arg(data_dir);
    command
}

fn output(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, text)
}

struct Served {
    process: Child,
    grpc: String,
    http: String,
}

impl Served {
    /// Starts `wenxiao serve` on free ports and reads them from what it prints.
    fn start(data_dir: &Path) -> Self {
        let mut command = wenxiao(data_dir);
        command.args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (mut grpc, mut http) = (None, None);
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("gRPC"), Some(address)) => grpc = Some(format!("http://{address}")),
                (Some("HTTP"), Some(address)) => {
                    http = Some(address.trim_start_matches("http://").to_owned())
                }
                (Some("curl"), _) => break,
                _ => {}
            }
        }
        Self { process, grpc: grpc.expect("it says where"), http: http.expect("it says where") }
    }

    fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success()
        );
    }

    async fn client(&self) -> EventServiceClient<Channel> {
        EventServiceClient::new(Endpoint::from_shared(self.grpc.clone()).unwrap().connect().await.unwrap())
    }
}

impl Drop for Served {
    /// A test that fails leaves nothing behind.
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("-TERM");
            let _ = self.process.wait();
        }
    }
}

fn ask(token: Option<&str>) -> Request<ListFeedsRequest> {
    let mut request = Request::new(ListFeedsRequest { parent: "districts/350205000".to_owned() });
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_with_no_configuration_and_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path());
    let (made, token) = output(wenxiao(folder.path()).args([
        "token",
        "--role",
        "ops",
        "--district",
        "350205000",
        "--ttl",
        "5m",
    ]));
    assert!(made.status.success(), "{token}");
    let mut client = served.client().await;
    client.list_feeds(ask(Some(token.trim()))).await.expect("the token is good");
    assert_eq!(client.list_feeds(ask(None)).await.unwrap_err().code(), Code::Unauthenticated);

    // What runs beside it: a second server is refused, commands join.
    let (second, text) =
        output(wenxiao(folder.path()).args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]));
    assert!(!second.status.success() && text.contains("in use by another wenxiao"), "{text}");
    for arguments in [&["doctor"][..], &["migrate"], &["audit", "verify"]] {
        let (ended, text) = output(wenxiao(folder.path()).args(arguments));
        assert!(ended.status.success(), "{arguments:?}: {text}");
    }

    served.signal("-KILL");
    let mut killed = served;
    killed.process.wait().unwrap();
    let mut served = Served::start(folder.path());
    served.client().await.list_feeds(ask(Some(token.trim()))).await.expect("the old token is still good");
    std::net::TcpStream::connect(&served.http).unwrap();

    let begun = Instant::now();
    served.signal("-TERM");
    let status = served.process.wait().unwrap();
    assert!(
        status.success() && begun.elapsed() < Duration::from_secs(10),
        "{status} after {:?}",
        begun.elapsed()
    );
    assert!(!folder.path().join("postgres/postmaster.pid").exists(), "its database has ended too");
}

#[test]
fn what_is_wrong_is_said_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = wenxiao(folder.path());
    let (ended, text) =
        output(command.env("WENXIAO_LISTEN", "nowhere").env("WENXIAO_ISSUER", "https://id").arg("serve"));
    assert!(
        !ended.status.success() && text.contains("WENXIAO_LISTEN") && text.contains("identity.jwks_file"),
        "{text}"
    );
    let (ended, text) = output(wenxiao(folder.path()).args(["serve", "tragets"]));
    assert!(!ended.status.success() && text.contains("registry, targets"), "{text}");
    let (ended, text) = output(wenxiao(folder.path()).args(["token", "--role", "king"]));
    assert!(!ended.status.success() && text.contains("king"), "{text}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing has been made");
}

#[test]
fn the_configuration_in_force_is_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = wenxiao(folder.path());
    let (ended, text) = output(command.env("DATABASE_URL", "postgres://u:s3cret@db/wenxiao").arg("config"));
    assert!(
        ended.status.success() && text.contains("environment DATABASE_URL") && !text.contains("s3cret"),
        "{text}"
    );
    let (ended, text) = output(wenxiao(folder.path()).args(["config", "--defaults"]));
    assert!(ended.status.success() && text.contains("listen = \"127.0.0.1:50051\""), "{text}");
}
