//! 问效: the one binary. `wenxiao serve` runs everything, `wenxiao serve targets` one service; nothing but the
//! arguments differs between a laptop and a city.

mod audit;
mod config;
mod database;
mod doctor;
mod migrate;
mod serve;
mod services;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use wenxiao_platform::config::Config;

/// 问效: budget performance management of a district over its whole cycle.
#[derive(Parser)]
#[command(name = "wenxiao", version, about)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command needs to know.
#[derive(clap::Args)]
struct Common {
    /// File with settings (TOML); `wenxiao config --defaults` prints one to start from
    #[arg(long, global = true, env = "WENXIAO_CONFIG")]
    config: Option<PathBuf>,
    /// Folder in which the embedded default keeps its state
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
}

impl Common {
    /// The configuration in force, with what the command line overrides.
    fn load(&self, mut arguments: Vec<(&'static str, String)>) -> anyhow::Result<Config> {
        if let Some(folder) = &self.data_dir {
            arguments.push(("data_dir", folder.display().to_string()));
        }
        Ok(Config::load(self.config.as_deref(), |name| std::env::var(name).ok(), &arguments)?)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Run the services: all, or those named
    Serve(serve::Arguments),
    /// Bring the schemas up to date
    Migrate(migrate::Arguments),
    /// Print the configuration in force and where each value comes from
    Config(config::Arguments),
    /// Make a token of the development issuer
    Token(token::Arguments),
    /// Check the audit trail
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look for what is wrong with this installation
    Doctor,
}

/// Threads at the least: exporting traces can block one of them.
const THREADS_MIN: usize = 2;
/// What is still running when everything else has ended is cut after this.
const LAST_WORDS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let threads = std::thread::available_parallelism().map_or(THREADS_MIN, |n| n.get().max(THREADS_MIN));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let ended = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let ended = runtime.block_on(Box::pin(run(cli)));
        runtime.shutdown_timeout(LAST_WORDS);
        ended
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wenxiao: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    match cli.command {
        Command::Serve(arguments) => serve::run(&common, arguments).await,
        Command::Migrate(arguments) => migrate::run(&common, arguments).await,
        Command::Config(arguments) => config::run(&common, &arguments),
        Command::Token(arguments) => token::run(&common, arguments),
        Command::Audit(audit::Command::Verify(arguments)) => audit::verify(&common, arguments).await,
        Command::Doctor => doctor::run(&common).await,
    }
}
