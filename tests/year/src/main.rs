//! `wenxiao-year`: plays the year against a running suite and prints what came of it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use wenxiao_year::clients::{Caller, Tokens};
use wenxiao_year::data::Data;
use wenxiao_year::play::{Play, Scene};
use wenxiao_year::{figures, steps};

/// Plays a district's year through the public gRPC API.
#[derive(Parser)]
struct Arguments {
    /// Address of the running suite.
    #[arg(long, default_value = "http://127.0.0.1:50051")]
    address: String,
    /// Data folder of the running suite: tokens are signed with its key.
    #[arg(long)]
    data_dir: PathBuf,
    /// The suite's program, which makes the tokens.
    #[arg(long, default_value = "wenxiao")]
    wenxiao: PathBuf,
    /// Folder with the files of the year.
    #[arg(long, default_value = "tests/data/haicang-2020")]
    data: PathBuf,
    /// Fiscal division code of the district.
    #[arg(long, default_value = "350205000")]
    district: String,
    /// Name of the district.
    #[arg(long, default_value = "海沧区")]
    title: String,
    /// Name of its city.
    #[arg(long, default_value = "厦门市")]
    city: String,
    /// Year of work.
    #[arg(long, default_value_t = 2020)]
    year: i32,
    /// Rows that are worked on at once.
    #[arg(long, default_value_t = 16)]
    in_flight: usize,
    /// Fail unless every figure is as published.
    #[arg(long)]
    once: bool,
    /// Folder for summary.json and summary.md.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wenxiao-year: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let district = arguments.district.clone();
    let tokens = Tokens::Command { program: arguments.wenxiao, data_dir: arguments.data_dir, district };
    let caller = Caller::new(&arguments.address, tokens)?;
    let scene = Scene {
        district: arguments.district,
        title: arguments.title,
        city: arguments.city,
        year: arguments.year,
    };
    let play = Play::new(Data::read(&arguments.data)?, scene, caller, arguments.in_flight, false);
    steps::play(&play).await?;
    let summary = figures::summary(&play).await?;
    let compared = figures::compare(&play.data.figures, &summary);
    println!("\n{}\n{}", figures::text(&summary), figures::table(&compared));
    if let Some(folder) = &arguments.report {
        figures::report(folder, &summary, &compared)?;
    }
    let equal = compared.iter().all(|figure| figure.equal) && summary.mismatches.is_empty();
    Ok(if arguments.once && !equal { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
