//! Where the processor's time went: each party's share of a call, from `/proc`.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// `/proc` counts in hundredths of a second on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// By one process.
    pub process: f64,
    /// By Postgres with all of its processes.
    pub postgres: f64,
    /// By this program: the client.
    pub client: f64,
}

/// Whose time is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The process that is measured.
    pub process: u32,
    /// Postgres' first process.
    pub postmaster: u32,
}

impl Watch {
    /// A process beside the Postgres that a connection belongs to.
    pub async fn of(process: u32, postgres: &tokio_postgres::Client) -> Result<Self> {
        let backend: i32 = postgres.query_one("select pg_backend_pid()", &[]).await?.try_get(0)?;
        let (parent, _) = read(u32::try_from(backend)?)?;
        Ok(Self { process, postmaster: parent })
    }

    /// Time used until now.
    pub fn used(self) -> Result<Used> {
        let mut postgres = read(self.postmaster)?.1;
        for entry in std::fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            // A process may end while it is looked at.
            if let Ok((parent, time)) = read(id)
                && parent == self.postmaster
            {
                postgres += time;
            }
        }
        let client = read(std::process::id())?.1;
        Ok(Used { process: read(self.process)?.1, postgres, client })
    }
}

impl Used {
    /// Per call, in words, for a round of so many calls.
    pub fn per_call(self, before: Self, per_second: f64, elapsed: Duration) -> String {
        let calls = (per_second * elapsed.as_secs_f64()).max(1.0);
        let share = |after: f64, before: f64| (after - before) * 1e6 / calls;
        format!(
            "{:.0} µs server, {:.0} µs Postgres, {:.0} µs client",
            share(self.process, before.process),
            share(self.postgres, before.postgres),
            share(self.client, before.client)
        )
    }
}

/// Parent and processor seconds of a process.
fn read(id: u32) -> Result<(u32, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name stands in parentheses and may hold anything.
    let (_, rest) = text.rsplit_once(')').context("/proc/*/stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| -> Result<f64> { Ok(fields.get(place).context("/proc/*/stat")?.parse()?) };
    let parent = fields.get(1).context("/proc/*/stat")?.parse()?;
    Ok((parent, (number(11)? + number(12)?) / TICKS_PER_SECOND))
}
