//! What every part of the benchmark works with.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prost::Message;
use prost::bytes::Bytes;
use tokio_postgres::NoTls;
use tonic::metadata::{Ascii, MetadataValue};
use wenxiao_platform::identity::Role;

use crate::data::Data;
use crate::raw::Caller;
use crate::suite::{Program, Running};

/// Schemas of the suite.
pub const SCHEMAS: [&str; 5] = ["registry", "targets", "monitoring", "evaluation", "disclosure"];
/// What one service said is known to the others after this at the latest.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);

/// How long and how often is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Length of a round in seconds.
    pub seconds: u64,
    /// Rounds of each party, one after the other in turns.
    pub rounds: u64,
    /// Record a profile of the suite's process while its own rounds run.
    pub perf: Option<PathBuf>,
}

/// One run.
pub struct Bench {
    /// The program under measurement.
    pub program: Program,
    /// Its process.
    pub suite: Running,
    /// Postgres' superuser.
    pub postgres: tokio_postgres::Client,
    /// What is in the database.
    pub data: Data,
    /// How long and how often.
    pub plan: Plan,
    /// Folder of Postgres' programs.
    pub postgres_programs: PathBuf,
    /// Folder of Postgres' log, as JSON.
    pub postgres_log: PathBuf,
}

/// Connects to Postgres as superuser.
pub async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("Postgres")?;
    tokio::spawn(connection);
    Ok(client)
}

/// Asks by message and decodes the answer.
pub async fn ask<A: Message + Default>(
    caller: &Caller,
    path: &'static str,
    request: &impl Message,
    authorization: &MetadataValue<Ascii>,
) -> Result<A> {
    let answer = caller.call_as(0, path, encoded(request), Some(authorization)).await?;
    Ok(A::decode(answer)?)
}

/// A message on the wire.
pub fn encoded(message: &impl Message) -> Bytes {
    message.encode_to_vec().into()
}

impl Bench {
    /// The `authorization` of each unit's filer (填报人), by agency code.
    pub fn filers(&self) -> Result<Arc<HashMap<String, MetadataValue<Ascii>>>> {
        let token =
            |unit: &String| Ok((unit.clone(), self.program.authorization(Role::UnitFiler, Some(unit))?));
        Ok(Arc::new(self.data.units.iter().map(token).collect::<Result<_>>()?))
    }

    /// Connections to the suite in a role.
    pub async fn caller(&self, role: Role) -> Result<Caller> {
        Caller::connect(&self.suite.address, Some(self.program.authorization(role, None)?)).await
    }

    /// Waits until everything that was said has been numbered and read by whoever reads it, so that no round pays for
    /// what came before it; then leaves Postgres without work of its own.
    pub async fn settle(&self) -> Result<()> {
        let begin = Instant::now();
        while self.is_behind().await? {
            ensure!(begin.elapsed() < SETTLES_WITHIN, "the suite does not come to rest");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.postgres.batch_execute("vacuum analyze").await?;
        self.checkpoint().await
    }

    /// Writes out what is dirty: each round begins so.
    pub async fn checkpoint(&self) -> Result<()> {
        Ok(self.postgres.batch_execute("checkpoint").await?)
    }

    async fn is_behind(&self) -> Result<bool> {
        let queues = SCHEMAS.map(|schema| format!("select from {schema}.journal_queue")).join(" union all ");
        let heads = SCHEMAS
            .map(|schema| {
                format!("select district, '{schema}' as feed, sequence from {schema}.journal_heads")
            })
            .join(" union all ");
        let cursors = SCHEMAS
            .map(|schema| format!("select district, feed, sequence from {schema}.feed_cursors"))
            .join(" union all ");
        let statement = format!(
            "select exists ({queues}) or exists (select from ({cursors}) as read
               join ({heads}) as head using (district, feed) where read.sequence < head.sequence)"
        );
        Ok(self.postgres.query_one(&statement, &[]).await?.try_get(0)?)
    }

    /// Runs `work` while the suite's process is being profiled, if that was asked for.
    pub async fn profiled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(file) = &self.plan.perf else { return work.await };
        let mut command = tokio::process::Command::new("perf");
        command.args(["record", "--quiet", "-F", "499", "--call-graph", "dwarf,16384", "-p"]);
        command.arg(self.suite.id()?.to_string()).arg("-o").arg(file).kill_on_drop(true);
        let mut perf = command.spawn().context("perf record")?;
        let done = work.await;
        let id = perf.id().context("perf record ended early")?;
        tokio::process::Command::new("kill").args(["-INT", &id.to_string()]).status().await?;
        perf.wait().await?;
        done
    }
}
