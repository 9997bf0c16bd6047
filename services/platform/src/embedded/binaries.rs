//! The installed Postgres programs, and the user they may run as.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::EmbeddedError;

/// Oldest Postgres that the suite's SQL runs on.
const OLDEST: u32 = 15;

/// A folder with `initdb`, `postgres` and `pg_ctl` of one version.
#[derive(Clone, Debug)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest ones installed, or those of version `wanted`, which an existing data folder needs.
    pub fn find(wanted: Option<u32>) -> Result<Self, EmbeddedError> {
        let mut found: Vec<Self> = candidates().iter().filter_map(|folder| Self::in_folder(folder)).collect();
        found.sort_by_key(|binaries| binaries.major);
        let fits =
            |binaries: &Self| wanted.map_or(binaries.major >= OLDEST, |wanted| binaries.major == wanted);
        found
            .into_iter()
            .rev()
            .find(fits)
            .ok_or(EmbeddedError::NoBinaries { wanted: wanted.unwrap_or(OLDEST) })
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        if !["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file()) {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let major = version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(Self { folder: folder.to_owned(), major })
    }

    /// Path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Major version.
    pub fn major(&self) -> u32 {
        self.major
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for (parent, below) in [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/opt/homebrew/opt", "bin")] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let versions = entries.filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            parent.ends_with("postgresql") || name.starts_with("pgsql-") || name.starts_with("postgresql@")
        });
        folders.extend(versions.map(|entry| entry.path().join(below)));
    }
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<_>>());
    let mut folders: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// A user of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub uid: u32,
    /// Number of its group.
    pub gid: u32,
}

/// As whom Postgres has to run: it refuses to run as root, so root hands it to `postgres` or `nobody`. `None` is
/// whoever runs this process.
pub fn user_to_run_as() -> Result<Option<User>, EmbeddedError> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| users.lines().find_map(|line| parse_user(line, name));
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or(EmbeddedError::NoUser)
}

fn parse_user(line: &str, name: &str) -> Option<User> {
    let mut fields = line.split(':');
    (fields.next()? == name).then_some(())?;
    fields.next()?; // password
    Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let line = "postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash";
        assert_eq!(parse_user(line, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(parse_user(line, "post"), None);
        assert_eq!(parse_user("postgres:x:abc", "postgres"), None);
    }
}
