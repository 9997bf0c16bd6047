//! `wenxiao config`

use std::process::ExitCode;

use wenxiao_platform::config::DEFAULTS;

use crate::Common;

#[derive(clap::Args)]
pub struct Arguments {
    /// Print the documented defaults instead: a file to start from
    #[arg(long)]
    defaults: bool,
}

pub fn run(common: &Common, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.defaults {
        print!("{DEFAULTS}");
    } else {
        print!("{}", common.load(Vec::new())?.render_masked());
    }
    Ok(ExitCode::SUCCESS)
}
