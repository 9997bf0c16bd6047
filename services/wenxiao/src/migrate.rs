//! `wenxiao migrate`

use std::process::ExitCode;

use wenxiao_platform::migrate;

use crate::database::Opened;
use crate::{Common, services};

#[derive(clap::Args)]
pub struct Arguments {
    /// Services whose schemas are meant; all when none is named
    services: Vec<String>,
}

pub async fn run(common: &Common, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = common.load(Vec::new())?;
    let services = services::named(&arguments.services)?;
    let opened = Opened::start_or_join(&config).await?;
    for service in services {
        migrate::migrate(&opened.config, service).await?;
        println!("{}: up to date", service.name);
    }
    opened.stop().await?;
    Ok(ExitCode::SUCCESS)
}
