//! The embedded default (内置数据库): a private Postgres made from the programs that are installed, in a folder of
//! our own. It is the same database as in production, fsync and all; only nobody had to set it up.

mod binaries;

use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::process::{Child, Command};

pub use binaries::{Binaries, User, user_to_run_as};

use crate::authn::write_secret;
use crate::config::Secret;

/// Owner of everything in the private database, and name of the database.
const OWNER: &str = "wenxiao";
/// After a crash Postgres replays its log before it answers.
const READY_LIMIT: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Backends of a killed Postgres notice within moments; until then a new one cannot start.
const START_ATTEMPTS: u32 = 10;
const START_PAUSE: Duration = Duration::from_millis(500);
/// Longest path that a Unix socket may have, less the name of the socket itself.
const SOCKET_FOLDER_LIMIT: usize = 85;
/// The log file is emptied when it is larger than this at the start.
const LOG_LIMIT_BYTES: u64 = 16 << 20;

/// The private Postgres cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Nothing suitable is installed.
    #[error(
        "no PostgreSQL {wanted} found: install it (Debian: apt-get install postgresql), or set DATABASE_URL"
    )]
    NoBinaries {
        /// Version that is needed.
        wanted: u32,
    },
    /// Root cannot run Postgres, and there is nobody else.
    #[error("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")]
    NoUser,
    /// Another process of ours uses the folder.
    #[error("{0} is in use by another wenxiao")]
    InUse(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// One of the programs failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it said.
        output: String,
    },
    /// The database does not answer, or not as it should.
    #[error("the private Postgres: {0}")]
    Database(#[from] sqlx::Error),
}

/// A running private Postgres. Stop it with [`stop`](Self::stop); when it is only dropped, it is told to end at once
/// and replays its log at the next start.
pub struct EmbeddedPostgres {
    place: Place,
    port: u16,
    password: String,
    process: Child,
    _lock: File,
}

/// Where it lives and how its programs are run.
#[derive(Clone)]
struct Place {
    data_dir: PathBuf,
    cluster: PathBuf,
    binaries: Binaries,
    user: Option<User>,
}

impl EmbeddedPostgres {
    /// Starts it, making the folder and everything in it on the first time. One that an earlier process left running
    /// is stopped first.
    pub async fn start(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let user = user_to_run_as()?;
        let data_dir = prepare_folder(data_dir, user)?;
        let lock = lock(&data_dir)?;
        let cluster = data_dir.join("postgres");
        let existing = fs::read_to_string(cluster.join("PG_VERSION")).ok();
        let binaries = Binaries::find(existing.as_deref().and_then(|version| version.trim().parse().ok()))?;
        let place = Place { data_dir, cluster, binaries, user };
        let password = place.password()?;
        if existing.is_none() {
            place.make_cluster(&password).await?;
        }
        place.end_leftover().await?;
        for attempt in 1.. {
            let port = free_port()?;
            let process = place.spawn(port)?;
            let mut started = Self {
                place: place.clone(),
                port,
                password: password.clone(),
                process,
                _lock: clone(&lock)?,
            };
            match started.wait_until_ready().await {
                Ok(()) => return Ok(started),
                Err(error) if attempt >= START_ATTEMPTS || started.process.id().is_some() => {
                    return Err(error);
                }
                Err(error) => tracing::warn!(%error, "the private Postgres did not start; trying again"),
            }
            tokio::time::sleep(START_PAUSE).await;
        }
        Err(EmbeddedError::Program { program: "postgres", output: place.end_of_log() })
    }

    /// URL of the database, as its owner. Holds the password.
    pub fn url(&self) -> Secret {
        self.url_of(OWNER)
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the server, for tests that kill it.
    pub fn process_id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Returns when the server has ended, which it does not do by itself.
    pub async fn ended(&mut self) {
        let status = self.process.wait().await;
        tracing::error!(?status, log = self.place.end_of_log(), "the private Postgres has ended");
    }

    /// Ends it cleanly: sessions are cut, everything is on disk.
    pub async fn stop(mut self) -> Result<(), EmbeddedError> {
        if self.process.try_wait().ok().flatten().is_none() {
            self.place.run("pg_ctl", self.place.stop_arguments("fast")).await?;
        }
        let _ = self.process.wait().await;
        Ok(())
    }

    /// URL of the one that another process runs in the folder, if one does.
    pub fn url_of_running(data_dir: &Path) -> Option<Secret> {
        let cluster = data_dir.canonicalize().ok()?.join("postgres");
        let status = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        let port = status.lines().nth(3)?.trim().parse().ok()?;
        let password = fs::read_to_string(data_dir.join("postgres.password")).ok()?;
        Some(url(&cluster, password.trim(), port, OWNER))
    }

    fn url_of(&self, database: &str) -> Secret {
        url(&self.place.cluster, &self.password, self.port, database)
    }

    async fn wait_until_ready(&mut self) -> Result<(), EmbeddedError> {
        let url = self.url_of("postgres");
        let begun = Instant::now();
        loop {
            if self.process.try_wait().ok().flatten().is_some() {
                return Err(EmbeddedError::Program { program: "postgres", output: self.place.end_of_log() });
            }
            match PgConnection::connect(url.expose()).await {
                Ok(connection) => return make_database(connection).await,
                Err(error) if begun.elapsed() > READY_LIMIT => return Err(error.into()),
                Err(_) => tokio::time::sleep(POLL_INTERVAL).await,
            }
        }
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if self.process.try_wait().ok().flatten().is_none() {
            let mut command = self.place.command("pg_ctl");
            command.args(self.place.stop_arguments("immediate")).arg("-W");
            let _ = command.as_std_mut().spawn().and_then(|mut child| child.wait());
        }
    }
}

async fn make_database(mut connection: PgConnection) -> Result<(), EmbeddedError> {
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(OWNER)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        sqlx::raw_sql("create database wenxiao").execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}

impl Place {
    /// The owner's password, kept in a file that only the owner of the folder reads.
    fn password(&self) -> Result<String, EmbeddedError> {
        let path = self.data_dir.join("postgres.password");
        match fs::read_to_string(&path) {
            Ok(password) => Ok(password.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut random = [0; 24];
                aws_lc_rs::rand::fill(&mut random)
                    .map_err(|_| at(&path)(std::io::Error::other("no randomness")))?;
                let password = hex::encode(random);
                write_secret(&path, password.as_bytes()).map_err(at(&path))?;
                Ok(password)
            }
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Runs initdb in a folder beside and moves it into place: one that was interrupted is not taken for a database.
    async fn make_cluster(&self, password: &str) -> Result<(), EmbeddedError> {
        let unfinished = self.data_dir.join("postgres.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
        }
        fs::create_dir(&unfinished).map_err(at(&unfinished))?;
        let password_file = self.data_dir.join("postgres.initial");
        let _ = fs::remove_file(&password_file);
        write_secret(&password_file, password.as_bytes()).map_err(at(&password_file))?;
        if let Some(User { uid, gid }) = self.user {
            for path in [&unfinished, &password_file] {
                chown(path, Some(uid), Some(gid)).map_err(at(path))?;
            }
        }
        let made = self
            .run(
                "initdb",
                [
                    "--pgdata".into(),
                    unfinished.clone().into_os_string(),
                    "--username".into(),
                    OWNER.into(),
                    "--auth=scram-sha-256".into(),
                    "--pwfile".into(),
                    password_file.clone().into_os_string(),
                    "--encoding=UTF8".into(),
                    "--locale=C".into(),
                    "--no-instructions".into(),
                ],
            )
            .await;
        let _ = fs::remove_file(&password_file);
        made?;
        fs::rename(&unfinished, &self.cluster).map_err(at(&self.cluster))
    }

    /// Ends a Postgres that an earlier process left running here. We hold the lock of the folder, so it is nobody's.
    async fn end_leftover(&self) -> Result<(), EmbeddedError> {
        let pid_file = self.cluster.join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&pid_file) else { return Ok(()) };
        let pid = text.lines().next().unwrap_or_default().trim().to_owned();
        // Postgres works inside its folder; another process may have got the same number since.
        let folder = fs::read_link(format!("/proc/{pid}/cwd")).ok();
        if folder.as_deref() != Some(self.cluster.as_path()) {
            return fs::remove_file(&pid_file).map_err(at(&pid_file));
        }
        tracing::info!(pid, "stopping the private Postgres that an earlier process left");
        if let Err(error) = self.run("pg_ctl", self.stop_arguments("fast")).await {
            tracing::warn!(%error, "it does not stop cleanly");
            self.run("pg_ctl", self.stop_arguments("immediate")).await?;
        }
        Ok(())
    }

    fn spawn(&self, port: u16) -> Result<Child, EmbeddedError> {
        let log_file = self.data_dir.join("postgres.log");
        let large = fs::metadata(&log_file).is_ok_and(|file| file.len() > LOG_LIMIT_BYTES);
        let mut options = File::options();
        let options = options.create(true).append(!large).write(true).truncate(large);
        let log = options.open(&log_file).map_err(at(&log_file))?;
        let errors = log.try_clone().map_err(at(&log_file))?;
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", socket_folder(&self.cluster).unwrap_or_default()),
            "max_connections=300".to_owned(),
            "shared_buffers=256MB".to_owned(),
            "max_wal_size=2GB".to_owned(),
            "jit=off".to_owned(),
        ];
        let mut command = self.command("postgres");
        command.arg("-D").arg(&self.cluster);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        command.spawn().map_err(at(&self.binaries.program("postgres")))
    }

    /// One of Postgres' programs, as the right user, in a process group of its own: Ctrl-C in the terminal is for us,
    /// and we stop Postgres when we have finished.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        command.current_dir("/").env_clear().env("LC_ALL", "C").process_group(0);
        if let Some(User { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    async fn run(
        &self,
        program: &'static str,
        arguments: impl IntoIterator<Item = std::ffi::OsString>,
    ) -> Result<(), EmbeddedError> {
        let output = self.command(program).args(arguments).stdin(Stdio::null()).output().await;
        let output = output.map_err(at(&self.binaries.program(program)))?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(EmbeddedError::Program { program, output: String::from_utf8_lossy(&said).trim().to_owned() })
    }

    fn stop_arguments(&self, mode: &str) -> Vec<std::ffi::OsString> {
        let cluster = self.cluster.clone().into_os_string();
        vec![
            "stop".into(),
            "-D".into(),
            cluster,
            "-m".into(),
            mode.into(),
            "-t".into(),
            "30".into(),
            "-s".into(),
        ]
    }

    fn end_of_log(&self) -> String {
        let text = fs::read(self.data_dir.join("postgres.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// The cluster's own folder, unless its path is too long for a socket.
fn socket_folder(cluster: &Path) -> Option<&str> {
    cluster.to_str().filter(|folder| folder.len() <= SOCKET_FOLDER_LIMIT && !folder.contains([',', '"']))
}

fn url(cluster: &Path, password: &str, port: u16, database: &str) -> Secret {
    let mut url = format!("postgres://{OWNER}:{password}@127.0.0.1:{port}/{database}");
    if let Some(folder) = socket_folder(cluster) {
        // A round trip over a socket costs about half of one over TCP.
        let encoded: String = folder.bytes().map(|byte| format!("%{byte:02X}")).collect();
        url.push_str(&format!("?host={encoded}"));
    }
    Secret::new(url)
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> EmbeddedError {
    let path = path.to_owned();
    move |source| EmbeddedError::File { path, source }
}

/// Makes the folder. Its secrets are readable by us only; the user that Postgres runs as may pass through.
fn prepare_folder(data_dir: &Path, user: Option<User>) -> Result<PathBuf, EmbeddedError> {
    fs::create_dir_all(data_dir).map_err(at(data_dir))?;
    let mode = if user.is_some() { 0o711 } else { 0o700 };
    fs::set_permissions(data_dir, Permissions::from_mode(mode)).map_err(at(data_dir))?;
    data_dir.canonicalize().map_err(at(data_dir))
}

/// Held as long as the file is open, by this process only; the system lets go of it when the process ends, however.
fn lock(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = data_dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(EmbeddedError::InUse(data_dir.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

fn clone(file: &File) -> Result<File, EmbeddedError> {
    file.try_clone().map_err(at(Path::new("lock")))
}

fn free_port() -> Result<u16, EmbeddedError> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(at(Path::new("127.0.0.1:0")))
}
