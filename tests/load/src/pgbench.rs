//! The peer for submissions: pgbench, as the service's role and with the statements that were recorded. They are
//! prepared once per connection and then executed by name; begin and commit are plain text, as the service sends them.
//!
//! Not `-M prepared`: pgbench numbers each place of a parameter anew, so a statement that names `$1` twice becomes
//! another statement with another queryid, and its form is sent and parsed twice.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::drive::{Figures, IN_FLIGHT, histogram};
use crate::recorded::Statement;
use crate::suite::DISTRICT;

/// Threads of pgbench.
const THREADS: usize = 2;

/// pgbench on a set of drafts, of which each is submitted once.
pub struct Pgbench<'b> {
    /// Folder of Postgres' programs.
    pub programs: &'b Path,
    /// The database, as the service's role.
    pub database: &'b str,
    /// Folder for the script and the log.
    pub folder: &'b Path,
    /// Drafts in all rounds together.
    pub drafts: u64,
}

impl Pgbench<'_> {
    /// Submits `calls` drafts, beginning with the `first`th in a fixed random order.
    pub async fn run(&self, script: &str, first: u64, calls: u64) -> Result<Figures> {
        let file = self.folder.join("submit.pgbench");
        std::fs::write(&file, script)?;
        let log = self.folder.join(format!("pgbench-{first}"));
        let mut command = Command::new(self.programs.join("pgbench"));
        command.args(["--no-vacuum", "--protocol=simple", "--log"]).arg("--log-prefix").arg(&log);
        command.arg(format!("--client={IN_FLIGHT}")).arg(format!("--jobs={THREADS}"));
        let each = calls / IN_FLIGHT as u64;
        command.arg(format!("--transactions={each}"));
        for (name, value) in
            [("ready", 0), ("turn", 0), ("first", first), ("each", each), ("drafts", self.drafts)]
        {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        command.arg("--file").arg(&file).arg(self.database);
        // A session of the service holds its district.
        command.env("PGOPTIONS", format!("-c app.district={DISTRICT}"));
        command.kill_on_drop(true).stdin(Stdio::null());
        let done = command.output().await.context("pgbench")?;
        let (out, said) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        let whole = format!("transactions actually processed: {0}/{0}", each * IN_FLIGHT as u64);
        ensure!(done.status.success() && out.contains(&whole), "pgbench: {out}{said:.2000}");
        let rate = out.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        let mut figures = self.latencies(&log)?;
        figures.per_second = rate.and_then(|rate| rate.parse().ok()).context("pgbench says no rate")?;
        Ok(figures)
    }

    fn latencies(&self, log: &Path) -> Result<Figures> {
        let prefix = log.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned() + ".";
        let mut seen = histogram()?;
        for entry in std::fs::read_dir(self.folder)? {
            let path: PathBuf = entry?.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix)) {
                for line in std::fs::read_to_string(&path)?.lines() {
                    let microseconds = line.split(' ').nth(2).context("pgbench's log")?;
                    seen.record(microseconds.parse()?)?;
                }
            }
        }
        Ok(Figures::of(&seen, std::time::Duration::from_secs(1)))
    }
}

/// Types of each statement's parameters, which the service names when it prepares them. Left to Postgres, some
/// statements would be read as other ones: `insert … select $1` is planned differently before the type is known.
pub async fn types(
    postgres: &tokio_postgres::Client,
    schema: &str,
    statements: &[Statement],
) -> Result<HashMap<String, String>> {
    postgres.batch_execute(&format!("set search_path to {schema}, public")).await?;
    let mut types = HashMap::new();
    for statement in statements.iter().filter(|statement| statement.parameters.is_some()) {
        let prepared = postgres.prepare(&statement.text).await?;
        let names: Vec<&str> = prepared.params().iter().map(tokio_postgres::types::Type::name).collect();
        types.insert(statement.text.clone(), names.join(", "));
    }
    postgres.batch_execute("reset search_path").await?;
    Ok(types)
}

/// pgbench's script: the statements in their order, with the names of one submission replaced by those of the draft
/// whose turn it is. `sample` is what the recorded one was called by; `:draft` takes its place.
pub fn script(statements: &[Statement], types: &HashMap<String, String>, sample: &str) -> String {
    let mut prepared: HashMap<&str, String> = HashMap::new();
    let (mut prepare, mut execute) = (String::new(), String::new());
    for statement in statements {
        let Some(parameters) = &statement.parameters else {
            execute.push_str(&format!("{};\n", several(&statement.text)));
            continue;
        };
        let next = format!("step{}", prepared.len());
        let name = prepared.entry(&statement.text).or_insert_with(|| {
            let types = types.get(&statement.text).filter(|types| !types.is_empty());
            let types = types.map_or(String::new(), |types| format!(" ({types})"));
            prepare.push_str(&format!("prepare {next}{types} as {};\n", statement.text));
            next
        });
        let values: Vec<String> = parameters.iter().map(|value| literal(value.as_deref(), sample)).collect();
        let list = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        execute.push_str(&format!("execute {name}{list};\n"));
    }
    format!(
        "\\set draft permute(:first + :client_id * :each + :turn, :drafts, 42)\n\\set turn :turn + 1\n\
         \\if :ready\n\\else\n{prepare}\\set ready 1\n\\endif\n{execute}"
    )
}

fn literal(value: Option<&str>, sample: &str) -> String {
    value.map_or("null".to_owned(), |text| {
        format!("'{}'", text.replace('\'', "''").replace(sample, "peer-:draft"))
    })
}

/// Several statements that were sent as one text are sent as one by pgbench too.
fn several(text: &str) -> String {
    let mut quoted = false;
    let mut whole = String::new();
    for letter in text.trim().trim_end_matches(';').chars() {
        quoted ^= letter == '\'';
        if letter == ';' && !quoted {
            whole.push_str(" \\");
        }
        whole.push(letter);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_prepares_once_and_names_the_draft_whose_turn_it_is() {
        let plain = |text: &str| Statement { text: text.to_owned(), parameters: None };
        let read = Statement {
            text: "select $1".to_owned(),
            parameters: Some(vec![Some("ours-7 it's".to_owned()), None]),
        };
        let types = HashMap::from([("select $1".to_owned(), "text".to_owned())]);
        let steps = [plain("begin; set local x = ';'"), read.clone(), read, plain("commit")];
        let made = script(&steps, &types, "ours-7");
        let expected = "prepare step0 (text) as select $1;\n\\set ready 1\n\\endif\nbegin \\; set local x = ';';\n\
                        execute step0('peer-:draft it''s', null);\nexecute step0('peer-:draft it''s', null);\ncommit;\n";
        assert!(made.ends_with(expected), "{made}");
    }
}
