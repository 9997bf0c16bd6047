//! `wenxiao-load`: the running suite against peers that do the same work without it. `tests/load/run.sh` starts it.

mod bare;
mod bench;
mod cpu;
mod data;
mod drive;
mod idle;
mod import;
mod payments;
mod pgbench;
mod raw;
mod reads;
mod recorded;
mod report;
mod seed;
mod statements;
mod submit;
mod suite;
mod year;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::{Parser, Subcommand, ValueEnum};

use bench::{Bench, Plan};
use report::Report;
use suite::Program;

/// Measures the running suite against its peers.
#[derive(Parser)]
#[command(name = "wenxiao-load", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything, or what is named
    Run(Box<Arguments>),
    /// The peer for reads
    Bare(bare::Arguments),
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Reads,
    Submit,
    Payments,
    Idle,
    /// Forms in; only when it is named, on a database of its own
    Import,
    /// A year's payments; only when it is named, on a database of its own
    Year,
}

#[derive(clap::Args)]
struct Arguments {
    /// The released binary
    #[arg(long)]
    wenxiao: PathBuf,
    /// Superuser of an empty Postgres that may be filled
    #[arg(long)]
    database: String,
    /// Folder with Postgres' programs
    #[arg(long)]
    postgres_programs: PathBuf,
    /// Folder with Postgres' log in JSON
    #[arg(long)]
    postgres_log: PathBuf,
    /// Folder for keys, logs and the embedded default
    #[arg(long)]
    folder: PathBuf,
    /// Folder with the bureau's files: units.csv
    #[arg(long)]
    data: PathBuf,
    /// Length of a round
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds of each party
    #[arg(long, default_value_t = 3)]
    rounds: u64,
    /// Only these parts
    #[arg(long)]
    only: Vec<Part>,
    /// Projects in the database, each with a budget and an objective
    #[arg(long, default_value_t = 20_000)]
    projects: usize,
    /// Write the figures as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write a profile of the suite's process, taken while its own rounds of the one part run
    #[arg(long)]
    perf: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Bare(arguments) => bare::serve(arguments).await,
        Command::Run(arguments) => tokio::select! {
            ended = Box::pin(run(*arguments)) => ended,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wenxiao-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    if arguments.perf.is_some() && arguments.only.len() != 1 {
        bail!("--perf takes the profile of one part: say --only reads, submit or payments");
    }
    let plan = Plan { seconds: arguments.seconds, rounds: arguments.rounds, perf: arguments.perf.clone() };
    let program = Program {
        path: arguments.wenxiao.clone(),
        folder: arguments.folder.clone(),
        database: arguments.database.clone(),
    };
    program.migrate().await?;
    let mut bench = Bench {
        suite: program.serve().await?,
        program,
        postgres: bench::connect(&arguments.database).await?,
        data: data::Data::new(arguments.projects, &arguments.data)?,
        plan,
        postgres_programs: arguments.postgres_programs.clone(),
        postgres_log: arguments.postgres_log.clone(),
    };
    bench.postgres.batch_execute("create extension if not exists pg_stat_statements").await?;
    let mut report = Report::default();
    for part in [Part::Import, Part::Year] {
        let alone = !arguments.only.contains(&part) || arguments.only.len() == 1;
        ensure!(alone, "--only import and --only year fill the database in their own way: name one alone");
    }
    if arguments.only.contains(&Part::Import) {
        bench = import::measure(bench, &mut report).await?;
    }
    if arguments.only.contains(&Part::Year) {
        year::measure(&bench, &mut report).await?;
    }
    if wanted(Part::Idle) {
        idle::memory(&bench.suite, &mut report).await?;
    }
    if wanted(Part::Reads) || wanted(Part::Submit) || wanted(Part::Payments) {
        seed::everything(&bench, &report).await?;
    }
    if wanted(Part::Reads) {
        reads::measure(&bench, &mut report).await?;
    }
    if wanted(Part::Submit) {
        submit::measure(&bench, &mut report).await?;
    }
    if wanted(Part::Payments) {
        payments::measure(&bench, &mut report).await?;
    }
    idle::memory_after_load(&bench.suite, &mut report)?;
    if wanted(Part::Idle) {
        idle::ready(bench, &mut report).await?;
    } else {
        bench.suite.stop().await?;
    }
    report.close();
    match &arguments.json {
        Some(path) => report.write(path),
        None => Ok(()),
    }
}
