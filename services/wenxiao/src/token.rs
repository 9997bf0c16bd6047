//! `wenxiao token`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use wenxiao_kernel::{Clock, DistrictCode};
use wenxiao_platform::authn::DevIssuer;
use wenxiao_platform::identity::{Claims, Role};

use crate::Common;

#[derive(clap::Args)]
pub struct Arguments {
    /// Role that the caller holds; may be given several times
    #[arg(long, required = true)]
    role: Vec<Role>,
    /// District in which it is held (nine digits); may be given several times
    #[arg(long)]
    district: Vec<DistrictCode>,
    /// Agency code of the caller's unit
    #[arg(long)]
    unit: Option<String>,
    /// Institution, expert or deputy that the caller is
    #[arg(long)]
    institution: Option<String>,
    /// Stable id of the caller; made of the role and the unit when it is not given
    #[arg(long)]
    subject: Option<String>,
    /// Name of the caller, for people
    #[arg(long, default_value = "")]
    name: String,
    /// How long the token is valid: 30m, 8h, 7d
    #[arg(long, default_value = "8h", value_parser = duration)]
    ttl: Duration,
}

pub fn run(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = common.load(Vec::new())?;
    if let Some(issuer) = &config.identity.issuer {
        bail!("tokens come from {}: the development issuer is not in use", issuer.name);
    }
    std::fs::create_dir_all(&config.data_dir).with_context(|| config.data_dir.display().to_string())?;
    let issuer = DevIssuer::open(&config.data_dir, &config.identity.audience, Clock::system())?;
    println!("{}", issuer.token(&claims(&arguments), arguments.ttl)?);
    Ok(ExitCode::SUCCESS)
}

fn claims(arguments: &Arguments) -> Claims {
    let roles: Vec<&str> = arguments.role.iter().map(|role| role.as_str()).collect();
    let who = arguments
        .unit
        .iter()
        .chain(&arguments.institution)
        .fold(roles.join("+"), |who, id| format!("{who}:{id}"));
    Claims {
        iss: String::new(),
        aud: String::new(),
        sub: arguments.subject.clone().unwrap_or(who),
        exp: 0,
        iat: 0,
        name: arguments.name.clone(),
        roles: arguments.role.clone(),
        districts: arguments.district.clone(),
        unit: arguments.unit.clone(),
        participant: arguments.institution.clone(),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration such as 30m, 8h or 7d");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        for text in ["", "h", "8", "8w", "-1h", "99999999999999999999d", "八小时"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
