//! The suite when nobody calls: its memory without Postgres, and how soon it is ready.

use std::time::Duration;

use anyhow::Result;

use crate::bench::Bench;
use crate::drive::median;
use crate::report::{Aim, Report};
use crate::suite::{Program, Running};

/// After this a process that nobody calls has come to rest.
const REST: Duration = Duration::from_secs(10);
const STARTS: usize = 3;

/// Memory of a process that has not been called yet.
pub async fn memory(suite: &Running, report: &mut Report) -> Result<()> {
    report.heading("Idle: all five services in one process, Postgres outside, 10 s after the start");
    tokio::time::sleep(REST).await;
    let memory = suite.memory()?;
    report.verdict("idle.rss", "memory (RSS) of the idle suite", memory.resident, "MiB", Aim::AtMost(60.0));
    report.value("idle.pss", "its proportional part (PSS)", memory.proportional, "MiB");
    Ok(())
}

/// What is left in memory after everything else.
pub fn memory_after_load(suite: &Running, report: &mut Report) -> Result<()> {
    report.heading("After the load");
    let memory = suite.memory()?;
    report.value("after.rss", "memory (RSS)", memory.resident, "MiB");
    report.value("after.pss", "its proportional part (PSS)", memory.proportional, "MiB");
    Ok(())
}

/// From the start of the process to `/readyz`, on data that is there.
pub async fn ready(bench: Bench, report: &mut Report) -> Result<()> {
    let Bench { program, suite, .. } = bench;
    suite.stop().await?;
    report.heading(&format!("Ready, on data that is there: median of {STARTS} starts"));
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(timed(program.serve().await?).await?);
    }
    report.verdict("ready.external", "ready, with Postgres outside", median(times), "s", Aim::Below(2.0));
    embedded(&program, report).await
}

async fn embedded(program: &Program, report: &mut Report) -> Result<()> {
    let first = timed(program.serve_embedded().await?).await?;
    report.value("ready.embedded_first", "ready, embedded default, making its folder", first, "s");
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(timed(program.serve_embedded().await?).await?);
    }
    report.verdict(
        "ready.embedded",
        "ready, embedded default on an existing folder",
        median(times),
        "s",
        Aim::Below(2.0),
    );
    Ok(())
}

async fn timed(running: Running) -> Result<f64> {
    let time = running.ready_after.as_secs_f64();
    running.stop().await?;
    Ok(time)
}
