//! A real suite for a test: the program itself, on the embedded default, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wenxiao_year::clients::{Caller, Tokens};
use wenxiao_year::data::Data;
use wenxiao_year::figures::{self, Compared};
use wenxiao_year::play::{Play, Scene};
use wenxiao_year::steps;

/// How long the suite may take to name its address: the first start makes the database.
const START: Duration = Duration::from_secs(120);

/// The files of Haicang's year.
pub fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/haicang-2020")
}

/// A folder that is gone with the test. The private Postgres of a suite that runs as root is another user, and must
/// reach its own folder in it.
pub fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap()
}

/// The program under test: `WENXIAO_PROGRAM`, or the one built beside this test.
fn program() -> PathBuf {
    if let Some(program) = std::env::var_os("WENXIAO_PROGRAM") {
        return program.into();
    }
    let test = std::env::current_exe().unwrap();
    let beside = test.ancestors().nth(2).unwrap().join("wenxiao");
    assert!(beside.exists(), "build the suite first: cargo build -p wenxiao");
    beside
}

/// The program on the embedded default, whatever else is configured where the tests run.
fn suite_command() -> Command {
    let mut command = Command::new(program());
    let configured = std::env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("WENXIAO_") || name == "DATABASE_URL" || name == "REDIS_URL"
    });
    for name in configured {
        command.env_remove(name);
    }
    command
}

/// A running suite.
pub struct Suite {
    process: Child,
    address: String,
    folder: PathBuf,
}

impl Suite {
    /// Starts it on a data folder, new or used.
    pub fn start(folder: &Path) -> Self {
        let greeting = folder.with_extension("out");
        let mut process = suite_command()
            .args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stdout(fs::File::create(&greeting).unwrap())
            .stderr(fs::File::create(folder.with_extension("log")).unwrap())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(&greeting).unwrap();
            if let Some(address) = said.lines().find_map(|line| line.trim().strip_prefix("gRPC")) {
                let address = format!("http://{}", address.trim());
                return Self { process, address, folder: folder.to_owned() };
            }
            let ended = process.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < START,
                "the suite did not start: see {}",
                greeting.display()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The year, to be played here.
    pub fn play(&self, files: &Path) -> Play {
        let scene = Scene {
            district: "350205000".to_owned(),
            title: "海沧区".to_owned(),
            city: "厦门市".to_owned(),
            year: 2020,
        };
        let (program, data_dir, district) = (program(), self.folder.clone(), scene.district.clone());
        let caller = Caller::new(&self.address, Tokens::Command { program, data_dir, district }).unwrap();
        Play::new(Data::read(files).unwrap(), scene, caller, 16, true)
    }

    /// Ends it at once, as a power cut would (kill -9).
    pub fn cut(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Whether the audit trail is unbroken.
    pub fn audit(&self) -> bool {
        let mut verify = suite_command();
        verify.args(["audit", "verify", "--data-dir"]).arg(&self.folder);
        verify.status().unwrap().success()
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

/// Plays the whole year and compares its figures.
pub async fn figures_of(play: &Play) -> Vec<Compared> {
    steps::play(play).await.unwrap_or_else(|error| panic!("{error:?}"));
    let summary = figures::summary(play).await.unwrap_or_else(|error| panic!("{error:?}"));
    figures::compare(&play.data.figures, &summary)
}

/// The keys of the figures that are not as published.
pub fn different(figures: &[Compared]) -> Vec<&str> {
    figures.iter().filter(|figure| !figure.equal).map(|figure| figure.key.as_str()).collect()
}
