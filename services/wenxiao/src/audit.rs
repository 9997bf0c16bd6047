//! `wenxiao audit verify`

use std::process::ExitCode;

use wenxiao_kernel::{Clock, DistrictCode};
use wenxiao_platform::{Database, journal};

use crate::database::Opened;
use crate::{Common, services};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Recompute the hash chain of every change and compare
    Verify(Arguments),
}

#[derive(clap::Args)]
pub struct Arguments {
    /// Services whose trail is checked; all when none is named
    services: Vec<String>,
    /// Only this district
    #[arg(long)]
    district: Option<DistrictCode>,
}

pub async fn verify(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = common.load(Vec::new())?;
    let services = services::named(&arguments.services)?;
    let opened = Opened::start_or_join(&config).await?;
    let mut broken = 0_u32;
    for service in services {
        let database = Database::connect(&opened.config, service.name, Clock::system()).await?;
        for district in districts(&database, arguments.district).await? {
            match journal::verify(&database, district).await? {
                Ok(entries) => println!("{} {district}: {entries} entries, unbroken", service.name),
                Err(problem) => {
                    broken = broken.saturating_add(1);
                    println!("{} {district}: BROKEN: {problem}", service.name);
                }
            }
        }
        database.close().await;
    }
    opened.stop().await?;
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The districts in which something has been sealed, or the one that is asked for.
async fn districts(database: &Database, asked: Option<DistrictCode>) -> anyhow::Result<Vec<DistrictCode>> {
    if let Some(district) = asked {
        return Ok(vec![district]);
    }
    let mut read = database.read_across().await?;
    let heads = journal::heads(read.connection(), None).await?;
    Ok(heads.into_iter().map(|(code, ..)| DistrictCode::from_i32(code)).collect::<Result<_, _>>()?)
}
