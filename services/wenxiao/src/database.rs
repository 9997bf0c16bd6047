//! The database of a command: the configured one, the private one of a running `wenxiao serve`, or a private one
//! that the command starts and stops itself.

use wenxiao_platform::config::{Config, Secret};
use wenxiao_platform::database::DatabaseConfig;
use wenxiao_platform::embedded::{EmbeddedError, EmbeddedPostgres};

/// A Postgres that can be used until it is let go.
pub struct Opened {
    /// How services reach it.
    pub config: DatabaseConfig,
    /// The private one, when this process runs it.
    pub embedded: Option<EmbeddedPostgres>,
}

impl Opened {
    /// Opens what the configuration says. Without a URL the private one is started.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database.url {
            let password = config.database.service_password.as_ref().map(|secret| secret.expose().to_owned());
            return Ok(Self::at(url, password, config, None));
        }
        let embedded = EmbeddedPostgres::start(&config.data_dir).await?;
        Ok(Self::private(&embedded.url(), config, Some(embedded)))
    }

    /// The same for a command beside a running server: its private Postgres is used and left alone.
    pub async fn start_or_join(config: &Config) -> anyhow::Result<Self> {
        match Self::start(config).await {
            Err(error) if matches!(error.downcast_ref(), Some(EmbeddedError::InUse(_))) => {
                let url = EmbeddedPostgres::url_of_running(&config.data_dir).ok_or(error)?;
                Ok(Self::private(&url, config, None))
            }
            opened => opened,
        }
    }

    /// In the private Postgres every role has the one password that is in the data folder.
    fn private(url: &Secret, config: &Config, embedded: Option<EmbeddedPostgres>) -> Self {
        let password = url.expose().split(['@', ':']).nth(2).map(str::to_owned);
        Self::at(url, password, config, embedded)
    }

    fn at(
        url: &Secret,
        service_password: Option<String>,
        config: &Config,
        embedded: Option<EmbeddedPostgres>,
    ) -> Self {
        let max_connections = config.database.max_connections;
        let config = DatabaseConfig {
            url: url.expose().to_owned(),
            service_password,
            max_connections,
            statement_timeout: config.server.default_deadline,
        };
        Self { config, embedded }
    }

    /// Lets go of it.
    pub async fn stop(self) -> anyhow::Result<()> {
        if let Some(embedded) = self.embedded {
            embedded.stop().await?;
        }
        Ok(())
    }
}
