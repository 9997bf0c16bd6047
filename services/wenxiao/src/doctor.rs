//! `wenxiao doctor`

use std::process::ExitCode;
use std::time::Duration;

use wenxiao_kernel::Clock;
use wenxiao_platform::authn::Authenticator;
use wenxiao_platform::cache::Cache;
use wenxiao_platform::config::Config;
use wenxiao_platform::database::DatabaseConfig;
use wenxiao_platform::embedded::{Binaries, user_to_run_as};
use wenxiao_platform::{Database, migrate};

use crate::database::Opened;
use crate::{Common, services};

/// What has been looked at, and how much of it was wrong.
#[derive(Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn note(&mut self, what: &str, found: anyhow::Result<String>) {
        match found {
            Ok(fact) => println!("  ok   {what}: {fact}"),
            Err(problem) => {
                self.wrong = self.wrong.saturating_add(1);
                println!("  BAD  {what}: {problem:#}");
            }
        }
    }
}

pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    let config = common.load(Vec::new())?;
    findings.note("configuration", Ok("valid".to_owned()));
    identity(&mut findings, &config);
    redis(&mut findings, &config).await;
    if config.database.url.is_none() {
        findings.note("installed PostgreSQL", installed());
    }
    match Opened::start_or_join(&config).await {
        Ok(opened) => {
            database(&mut findings, &opened.config).await;
            findings.note("database ends", opened.stop().await.map(|()| "cleanly".to_owned()));
        }
        Err(error) => findings.note("database", Err(error)),
    }
    if findings.wrong == 0 {
        println!("nothing is wrong");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} thing(s) are wrong", findings.wrong);
    Ok(ExitCode::FAILURE)
}

fn identity(findings: &mut Findings, config: &Config) {
    match &config.identity.issuer {
        Some(issuer) => {
            let opened = Authenticator::of_issuer(issuer, &config.identity.audience, Clock::system());
            findings.note("identity provider", opened.map(|_| issuer.name.clone()).map_err(Into::into));
        }
        None => findings.note("identity provider", Ok("none: development tokens only".to_owned())),
    }
    if let Some(file) = &config.identity.service_token_file {
        let read = std::fs::read_to_string(file).map(|_| file.display().to_string());
        findings.note("service token", read.map_err(|error| anyhow::anyhow!("{}: {error}", file.display())));
    }
}

async fn redis(findings: &mut Findings, config: &Config) {
    let Some(url) = &config.redis_url else {
        return findings.note("Redis", Ok("none: in-process cache".to_owned()));
    };
    let kept = async {
        let cache = Cache::redis(url, "doctor")?;
        cache.put("wenxiao:doctor", b"well", Duration::from_secs(5)).await;
        let found = cache.get("wenxiao:doctor").await;
        cache.remove("wenxiao:doctor").await;
        anyhow::ensure!(
            found.as_deref() == Some(b"well".as_slice()),
            "{url:?} does not keep what it is given"
        );
        Ok(format!("{url:?}"))
    };
    findings.note("Redis", kept.await);
}

fn installed() -> anyhow::Result<String> {
    let binaries = Binaries::find(None)?;
    let user = user_to_run_as()?.map_or("you".to_owned(), |user| format!("user {}", user.uid));
    Ok(format!("version {} in {}, run as {user}", binaries.major(), binaries.program("").display()))
}

async fn database(findings: &mut Findings, config: &DatabaseConfig) {
    for service in services::ALL {
        let what = format!("schema {}", service.name);
        if let Err(error) = migrate::require_current(config, service).await {
            findings.note(&what, Err(error.into()));
            continue;
        }
        let usable = async {
            let database = Database::connect(config, service.name, Clock::system()).await?;
            database.ping().await?;
            database.close().await;
            Ok("current, and its role can log in".to_owned())
        };
        findings.note(&what, usable.await);
    }
}
