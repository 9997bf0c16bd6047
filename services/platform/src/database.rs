//! A service's own schema (数据库): connections, the tenant of a transaction, reads.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::Notify;
use wenxiao_kernel::{Clock, DistrictCode};

use std::sync::Arc;

use crate::call::Call;
use crate::failure::{Failure, Result};

/// How the suite reaches Postgres: the role that owns the schemas. Each service then has two roles of its own.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://…` of a role that may create schemas and roles when migrating, or may log in as the service's role.
    pub url: String,
    /// Password of the services' roles; `None` where the server asks for none.
    pub service_password: Option<String>,
    /// Connections of one service at the most.
    pub max_connections: u32,
}

impl DatabaseConfig {
    /// How one of the services' roles connects.
    pub(crate) fn options(&self, role: &str) -> sqlx::Result<PgConnectOptions> {
        let options = PgConnectOptions::from_str(&self.url)?.username(role).application_name(role);
        Ok(match &self.service_password {
            Some(password) => options.password(password),
            None => options,
        })
    }
}

/// One service's schema, as its own role sees it.
#[derive(Clone)]
pub struct Database {
    tenant: PgPool,
    across: PgPool,
    schema: &'static str,
    clock: Clock,
    written: Arc<Notify>,
}

/// A read of one district: a transaction that knows its tenant and is rolled back at the end.
pub struct Read {
    transaction: Transaction<'static, Postgres>,
}

impl Read {
    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// A read across districts. Every query names the districts that the caller reaches.
pub struct ReadAcross {
    connection: sqlx::pool::PoolConnection<Postgres>,
}

impl ReadAcross {
    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Database {
    /// Connects a service to its schema, with few connections at first.
    pub async fn connect(config: &DatabaseConfig, schema: &'static str, clock: Clock) -> Result<Self> {
        let role = format!("wenxiao_{schema}");
        let tenant = pool(config, &role, config.max_connections).await?;
        let across = pool(config, &format!("{role}_across"), (config.max_connections / 4).max(2)).await?;
        Ok(Self { tenant, across, schema, clock, written: Arc::new(Notify::new()) })
    }

    /// The service's short name, which is its schema's.
    pub fn schema(&self) -> &'static str {
        self.schema
    }

    /// The clock that its rows are dated by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Rings when something was committed here: the sealer's doorbell.
    pub(crate) fn written(&self) -> &Notify {
        &self.written
    }

    /// Opens a read for a call about one district.
    pub async fn read<M>(&self, call: &Call<M>) -> Result<Read> {
        self.read_district(call.district()?).await
    }

    /// Opens a read of one district.
    pub async fn read_district(&self, district: DistrictCode) -> Result<Read> {
        Ok(Read { transaction: self.begin(district).await? })
    }

    /// Opens a read across districts.
    pub async fn read_across(&self) -> Result<ReadAcross> {
        Ok(ReadAcross { connection: self.across.acquire().await? })
    }

    /// A transaction of one district, its tenant set in the same round trip that begins it. Begun in a task of its
    /// own: sqlx 0.9.0 leaves a connection inside a transaction when the future that begins it is dropped, and
    /// handlers are dropped whenever a caller goes away.
    #[expect(clippy::disallowed_methods, reason = "the one place that begins transactions")]
    pub(crate) async fn begin(&self, district: DistrictCode) -> Result<Transaction<'static, Postgres>> {
        let pool = self.tenant.clone();
        let statement = format!("begin; set local app.district = '{}'", district.as_i32());
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
        begun.await.map_err(Failure::internal)?.map_err(Failure::from)
    }

    /// A transaction across districts, for the sealer.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sealer runs in its own task and is never dropped half-way"
    )]
    pub(crate) async fn begin_across(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.across.begin().await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.across).await?;
        Ok(())
    }

    /// Connections in use and idle, for metrics.
    pub fn connections(&self) -> (u32, usize) {
        (self.tenant.size(), self.tenant.num_idle())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.tenant.close().await;
        self.across.close().await;
    }
}

async fn pool(config: &DatabaseConfig, role: &str, max: u32) -> Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(Duration::from_secs(5))
        .max_lifetime(Duration::from_secs(15 * 60))
        // A dead connection shows at its first statement, which UNAVAILABLE tells the caller to repeat; asking each
        // one before each use costs a quarter of all reads.
        .test_before_acquire(false)
        .connect_with(config.options(role)?)
        .await?;
    Ok(pool)
}
