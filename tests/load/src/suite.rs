//! The suite as it is deployed: the released program as a process of its own, started, looked at from outside, stopped.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tonic::metadata::{Ascii, MetadataValue};
use wenxiao_kernel::{Clock, DistrictCode};
use wenxiao_platform::authn::{DEVELOPMENT_ISSUER, DevIssuer};
use wenxiao_platform::identity::{Claims, Role};

/// The district of all data.
pub const DISTRICT: &str = "350205000";
/// How long a start may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);
const AUDIENCE: &str = "wenxiao";

/// The program and what it is to run with.
pub struct Program {
    /// The released binary.
    pub path: PathBuf,
    /// Folder for keys, data and logs of this run.
    pub folder: PathBuf,
    /// The Postgres of this run, as superuser.
    pub database: String,
}

/// Memory of a process in MiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident, with all of the pages that are shared with others.
    pub resident: f64,
    /// Resident, with its share of those.
    pub proportional: f64,
}

/// A running process of ours; it is killed when it is dropped.
pub struct Running {
    child: Child,
    /// Where gRPC is, as a URL.
    pub address: String,
    /// From the start of the process to readiness.
    pub ready_after: Duration,
}

/// Takes a port that is free at the moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Program {
    /// The program without the settings of whoever runs this.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("WENXIAO_") || matches!(&*text, "DATABASE_URL" | "REDIS_URL" | "RUST_LOG") {
                command.env_remove(&name);
            }
        }
        command.kill_on_drop(true).stdin(Stdio::null());
        command
    }

    /// With the Postgres of this run and an identity provider whose keys are those of the development issuer: beside a
    /// configured database the suite does not accept the development issuer itself.
    fn external(&self) -> Result<Command> {
        let keys = self.folder.join("issuer.jwks.json");
        std::fs::write(&keys, self.issuer()?.jwks())?;
        let mut command = self.command();
        command.env("WENXIAO_DATABASE_URL", &self.database);
        command.env("WENXIAO_ISSUER", DEVELOPMENT_ISSUER).env("WENXIAO_JWKS_FILE", keys);
        command.env("WENXIAO_DATA_DIR", self.folder.join("external"));
        Ok(command)
    }

    fn issuer(&self) -> Result<DevIssuer> {
        let folder = self.folder.join("issuer");
        std::fs::create_dir_all(&folder)?;
        Ok(DevIssuer::open(&folder, AUDIENCE, Clock::system())?)
    }

    /// The `authorization` of somebody in a role, for a unit where the role is one of a unit's.
    pub fn authorization(&self, role: Role, unit: Option<&str>) -> Result<MetadataValue<Ascii>> {
        let claims = Claims {
            iss: String::new(),
            aud: String::new(),
            sub: format!("{role}:{}", unit.unwrap_or_default()),
            exp: 0,
            iat: 0,
            name: String::new(),
            roles: vec![role],
            districts: vec![DISTRICT.parse::<DistrictCode>()?],
            unit: unit.map(str::to_owned),
            participant: None,
        };
        let token = self.issuer()?.token(&claims, Duration::from_secs(8 * 3600))?;
        Ok(format!("Bearer {token}").parse()?)
    }

    /// Makes the schemas.
    pub async fn migrate(&self) -> Result<()> {
        let done = self.external()?.arg("migrate").output().await?;
        ensure!(done.status.success(), "wenxiao migrate: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }

    /// All five services on the Postgres of this run.
    pub async fn serve(&self) -> Result<Running> {
        self.start(self.external()?).await
    }

    /// The embedded default: no configuration, a private Postgres in a folder.
    pub async fn serve_embedded(&self) -> Result<Running> {
        let mut command = self.command();
        command.env("WENXIAO_DATA_DIR", self.folder.join("embedded"));
        self.start(command).await
    }

    async fn start(&self, mut command: Command) -> Result<Running> {
        let (grpc, ops) = (free_port()?, free_port()?);
        let log = File::options().create(true).append(true).open(self.log())?;
        command.arg("serve");
        command
            .arg("--listen")
            .arg(format!("127.0.0.1:{grpc}"))
            .arg("--http")
            .arg(format!("127.0.0.1:{ops}"));
        command.stdout(log.try_clone()?).stderr(log);
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| self.path.display().to_string())?;
        while !is_ready(ops).await {
            if let Some(status) = child.try_wait()? {
                bail!("wenxiao serve ended with {status}: {}", tail(&self.log()));
            }
            ensure!(started.elapsed() < PATIENCE, "wenxiao serve is not ready: {}", tail(&self.log()));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Running { child, address: format!("http://127.0.0.1:{grpc}"), ready_after: started.elapsed() })
    }

    fn log(&self) -> PathBuf {
        self.folder.join("serve.log")
    }
}

impl Running {
    /// A process that is ready when it accepts connections on a port.
    pub async fn at_port(mut command: Command, port: u16) -> Result<Self> {
        let started = Instant::now();
        let mut child = command.kill_on_drop(true).stdin(Stdio::null()).spawn()?;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("{command:?} ended with {status}");
            }
            ensure!(started.elapsed() < PATIENCE, "nobody listens on port {port}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Self { child, address: format!("http://127.0.0.1:{port}"), ready_after: started.elapsed() })
    }

    /// Its process id.
    pub fn id(&self) -> Result<u32> {
        self.child.id().ok_or_else(|| anyhow!("the process has ended"))
    }

    /// What it holds in memory.
    pub fn memory(&self) -> Result<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.id()?))?;
        let kibibytes: BTreeMap<&str, f64> = text
            .lines()
            .filter_map(|line| {
                let (name, rest) = line.split_once(':')?;
                Some((name, rest.split_whitespace().next()?.parse().ok()?))
            })
            .collect();
        let of =
            |name| kibibytes.get(name).map(|number| number / 1024.0).with_context(|| format!("no {name}"));
        Ok(Memory { resident: of("Rss")?, proportional: of("Pss")? })
    }

    /// The most that it has held in memory so far (VmHWM), MiB.
    pub fn peak_memory(&self) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: f64 = line.split_whitespace().next().context("no number")?.parse()?;
        Ok(kibibytes / 1024.0)
    }

    /// Ends it as a power cut would: no chance to tidy up.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Keeps it from doing anything until [`Running::resume`]: what a peer writes is not to cost the peer what this
    /// process would make of it.
    pub async fn pause(&self) -> Result<()> {
        self.signal("-STOP").await
    }

    /// Lets it go on.
    pub async fn resume(&self) -> Result<()> {
        self.signal("-CONT").await
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        self.signal("-TERM").await?;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.context("the process does not stop")??;
        Ok(())
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        let sent = Command::new("kill").arg(signal).arg(self.id()?.to_string()).status().await?;
        ensure!(sent.success(), "{signal} cannot be sent");
        Ok(())
    }
}

async fn is_ready(port: u16) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    asked.await.unwrap_or(false)
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
