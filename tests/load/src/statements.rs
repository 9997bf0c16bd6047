//! What Postgres has executed for whom, by `pg_stat_statements`: the proof that two parties ran the same SQL.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::report::Report;

/// A statement that is executed at least so often per submission belongs to it.
const BELONGS: f64 = 0.9;
/// Counts per submission differ by less than this in two parties that do the same.
const SAME: f64 = 0.02;

/// How many statements are told as the costliest.
const COSTLIEST: usize = 6;

/// How often one statement was executed, and for how long.
#[derive(Clone, Debug, Default)]
struct Executed {
    role: String,
    text: String,
    calls: i64,
    milliseconds: f64,
}

/// What was executed in a party's rounds so far.
#[derive(Default)]
pub struct Statements {
    of_role: BTreeMap<i64, Executed>,
    /// What other roles executed meanwhile: the sealer, projections.
    others: BTreeMap<i64, Executed>,
    /// Submissions, or whatever else was done.
    done: u64,
}

/// Forgets what was executed until now.
pub async fn forget(postgres: &tokio_postgres::Client) -> Result<()> {
    Ok(postgres.batch_execute("select pg_stat_statements_reset()").await?)
}

impl Statements {
    /// Adds what was executed since the last [`forget`], in a round in which so much was done.
    pub async fn add(&mut self, postgres: &tokio_postgres::Client, role: &str, done: u64) -> Result<()> {
        let rows = postgres
            .query(
                "select queryid, query, calls, total_exec_time, rolname from pg_stat_statements
                 join pg_roles on pg_roles.oid = userid where not rolsuper and queryid is not null",
                &[],
            )
            .await?;
        for row in rows {
            let of: String = row.try_get("rolname")?;
            let all = if of == role { &mut self.of_role } else { &mut self.others };
            let one = all.entry(row.try_get("queryid")?).or_default();
            one.role = of;
            one.text = row.try_get("query")?;
            one.calls += row.try_get::<_, i64>("calls")?;
            one.milliseconds += row.try_get::<_, f64>("total_exec_time")?;
        }
        self.done += done;
        Ok(())
    }

    /// Says where Postgres' time went, whoever spent it.
    pub fn costliest(&self, unit: &str, report: &Report) {
        let mut all: Vec<&Executed> = self.of_role.values().chain(self.others.values()).collect();
        all.sort_by(|one, other| other.milliseconds.total_cmp(&one.milliseconds));
        report.remark(&format!(
            "costliest statements meanwhile, of every role (µs in the executor per {unit}, calls)"
        ));
        for one in all.into_iter().take(COSTLIEST) {
            let microseconds = one.milliseconds * 1e3 / self.done.max(1) as f64;
            let role = one.role.trim_start_matches("wenxiao_");
            report.remark(&format!(
                "  {microseconds:>7.1} {:>7}  {role:<17} {:.80}",
                one.calls,
                line(&one.text)
            ));
        }
    }

    fn per_submission(&self, id: i64) -> f64 {
        self.of_role.get(&id).map_or(0.0, |one| one.calls as f64 / self.done.max(1) as f64)
    }

    fn microseconds(&self, id: i64) -> f64 {
        self.of_role.get(&id).map_or(0.0, |one| one.milliseconds * 1e3 / self.done.max(1) as f64)
    }
}

/// Says which statements belong to a submission, and fails when the peer's are not exactly those.
pub fn compare(ours: &Statements, peer: &Statements, report: &mut Report) -> Result<()> {
    let mut ids: Vec<i64> = ours.of_role.keys().chain(peer.of_role.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| ours.per_submission(*id).max(peer.per_submission(*id)) >= BELONGS);
    report.remark("statements per submission: ours and pgbench (times, µs inside the executor)");
    let mut differing = 0;
    let mut listed = Vec::new();
    for id in &ids {
        let (mine, its) = (ours.per_submission(*id), peer.per_submission(*id));
        let text = ours.of_role.get(id).or(peer.of_role.get(id)).map_or("", |one| &one.text);
        let text = line(text);
        let same = (mine - its).abs() < SAME;
        differing += usize::from(!same);
        let (my_time, its_time) = (ours.microseconds(*id), peer.microseconds(*id));
        report.remark(&format!(
            "  {} {mine:.2} {my_time:>6.1}   {its:.2} {its_time:>6.1}   {text:.90}",
            if same { "=" } else { "≠" }
        ));
        listed.push(json!({ "text": text, "ours": mine, "pgbench": its }));
    }
    report.note("submit.statements", Value::Array(listed));
    let beside: f64 = ours.others.values().map(|one| one.milliseconds).sum();
    report.remark(&format!(
        "not counted, but paid for by ours: {} statements of other roles (sealer, projections), {:.0} µs per submission",
        ours.others.len(),
        beside * 1e3 / ours.done.max(1) as f64
    ));
    ensure!(differing == 0, "pgbench does not run the statements of the service: {differing} differ");
    report
        .remark(&format!("the same SQL: {} queryids, each as often per submission on both sides", ids.len()));
    Ok(())
}

/// A statement on one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
