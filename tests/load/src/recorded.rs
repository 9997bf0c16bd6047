//! The statements of one real submission, as Postgres saw them: text, protocol and parameters. What pgbench runs is
//! made of them, so it cannot be other SQL than the service's, nor smaller rows.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

/// Time in which every session has read a changed setting, and a log its last line.
const HEARD: Duration = Duration::from_millis(500);

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// What it was executed with; `None` where it was sent as plain text.
    pub parameters: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
struct Line {
    user: Option<String>,
    message: Option<String>,
    detail: Option<String>,
}

/// Postgres' log, of which the part that is written while something happens is read.
pub struct Log<'b> {
    /// Superuser.
    pub postgres: &'b tokio_postgres::Client,
    /// Where it is.
    pub folder: &'b Path,
}

impl Log<'_> {
    /// What `role` executes while `work` is done.
    pub async fn during(&self, role: &str, work: impl Future<Output = Result<()>>) -> Result<Vec<Statement>> {
        let begin = std::fs::read_to_string(self.file()?)?.len();
        self.set("alter system set log_statement = 'all'").await?;
        let done = work.await;
        self.set("alter system reset log_statement").await?;
        done?;
        let text = std::fs::read_to_string(self.file()?)?;
        let mut statements = Vec::new();
        for line in text.get(begin..).unwrap_or_default().lines() {
            let line: Line = serde_json::from_str(line).context("Postgres' log")?;
            if line.user.as_deref() == Some(role) {
                statements.extend(read(&line)?);
            }
        }
        ensure!(!statements.is_empty(), "Postgres' log says nothing about {role}");
        Ok(statements)
    }

    async fn set(&self, statement: &str) -> Result<()> {
        self.postgres.batch_execute(statement).await?;
        self.postgres.batch_execute("select pg_reload_conf()").await?;
        tokio::time::sleep(HEARD).await;
        Ok(())
    }

    fn file(&self) -> Result<PathBuf> {
        let files = std::fs::read_dir(self.folder)?.map(|entry| Ok(entry?.path()));
        let files: Vec<PathBuf> = files.collect::<Result<_>>()?;
        let json =
            files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "json"));
        json.with_context(|| format!("no log in {}", self.folder.display()))
    }
}

fn read(line: &Line) -> Result<Option<Statement>> {
    let message = line.message.as_deref().unwrap_or_default();
    if let Some(text) = message.strip_prefix("statement: ") {
        return Ok(Some(Statement { text: text.to_owned(), parameters: None }));
    }
    let Some((_, text)) = message.strip_prefix("execute ").and_then(|rest| rest.split_once(": ")) else {
        return Ok(None);
    };
    let parameters = parameters(line.detail.as_deref().unwrap_or_default())?;
    Ok(Some(Statement { text: text.to_owned(), parameters: Some(parameters) }))
}

/// Reads `parameters: $1 = 'it''s', $2 = NULL`.
fn parameters(detail: &str) -> Result<Vec<Option<String>>> {
    let mut found = Vec::new();
    let mut rest = detail.split_once(": ").map_or("", |(_, list)| list);
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            found.push(None);
            rest = after;
            continue;
        }
        let Some(mut open) = value.strip_prefix('\'') else {
            bail!("a parameter cannot be read: {value:.40}")
        };
        let mut text = String::new();
        loop {
            let (part, after) = open.split_once('\'').context("a parameter has no end")?;
            text.push_str(part);
            match after.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    open = more;
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        found.push(Some(text));
    }
    Ok(found)
}

/// The statements of the last sample that are in all of them, each as often as in the one that has it least: what
/// happened beside the call is left out.
pub fn common(mut samples: Vec<Vec<Statement>>) -> Result<Vec<Statement>> {
    let last = samples.pop().context("no sample")?;
    let counts: Vec<HashMap<String, usize>> = samples
        .iter()
        .map(|sample| {
            sample.iter().fold(HashMap::new(), |mut counts, statement| {
                *counts.entry(statement.text.clone()).or_default() += 1;
                counts
            })
        })
        .collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    Ok(last
        .into_iter()
        .filter(|statement| {
            let so_far = seen.entry(statement.text.clone()).or_default();
            *so_far += 1;
            counts.iter().all(|counts| counts.get(&statement.text).is_some_and(|count| count >= so_far))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_with_quotes_and_nulls() {
        let read = parameters("parameters: $1 = '350205000', $2 = NULL, $3 = 'it''s = ', $4 = ''").unwrap();
        assert_eq!(
            read,
            [Some("350205000".to_owned()), None, Some("it's = ".to_owned()), Some(String::new())]
        );
        assert_eq!(parameters("").unwrap(), []);
    }

    #[test]
    fn what_is_not_in_every_sample_is_left_out() {
        let statement = |text: &str| Statement { text: text.to_owned(), parameters: None };
        let samples = [vec!["a", "x", "b"], vec!["a", "b", "b"], vec!["y", "a", "b", "b"]];
        let samples = samples.map(|texts| texts.into_iter().map(statement).collect()).to_vec();
        assert_eq!(common(samples).unwrap(), [statement("a"), statement("b")]);
    }
}
