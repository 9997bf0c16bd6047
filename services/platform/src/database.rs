//! A service's own schema (数据库): connections, the tenant of a transaction, reads.

mod tenants;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::sync::Notify;
use wenxiao_kernel::{Clock, DistrictCode};

use crate::call::Call;
use crate::failure::Result;
use tenants::{Lease, Tenants};
pub(crate) use tenants::{Transaction, note_break};

/// How the suite reaches Postgres: the role that owns the schemas. Each service then has two roles of its own.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://…` of a role that may create schemas and roles when migrating, or may log in as the service's role.
    pub url: String,
    /// Password of the services' roles; `None` where the server asks for none.
    pub service_password: Option<String>,
    /// Connections of one service at the most.
    pub max_connections: u32,
    /// Longest that one statement may run: dropping a call tells the server nothing, so it must stop by itself.
    pub statement_timeout: Duration,
}

impl DatabaseConfig {
    /// How one of the services' roles connects.
    pub(crate) fn options(&self, role: &str) -> sqlx::Result<PgConnectOptions> {
        let options = PgConnectOptions::from_str(&self.url)?.username(role).application_name(role);
        let milliseconds = self.statement_timeout.as_millis().to_string();
        let options = options.options([("statement_timeout", milliseconds)]);
        Ok(match &self.service_password {
            Some(password) => options.password(password),
            None => options,
        })
    }
}

/// One service's schema, as its own role sees it.
#[derive(Clone)]
pub struct Database {
    tenants: Tenants,
    across: PgPool,
    schema: &'static str,
    clock: Clock,
    written: Arc<Notify>,
}

/// A read of one district.
pub struct Read {
    lease: Lease,
}

impl Read {
    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        self.lease.connection()
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
        let tenants = Tenants::connect(config.options(&role)?, config.max_connections).await?;
        let across = pool(config, &format!("{role}_across"), (config.max_connections / 4).max(2)).await?;
        Ok(Self { tenants, across, schema, clock, written: Arc::new(Notify::new()) })
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
        Ok(Read { lease: self.tenants.lease(district).await? })
    }

    /// Opens a read across districts.
    pub async fn read_across(&self) -> Result<ReadAcross> {
        Ok(ReadAcross { connection: self.across.acquire().await? })
    }

    /// A transaction of one district, for a task that is not dropped half-way: a unit of work, a projection.
    pub(crate) async fn begin(&self, district: DistrictCode) -> Result<Transaction> {
        Ok(self.tenants.begin(district).await?)
    }

    /// A transaction across districts, for the sealer.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sealer runs in its own task and is never dropped half-way"
    )]
    pub(crate) async fn begin_across(&self) -> Result<sqlx::Transaction<'static, Postgres>> {
        Ok(self.across.begin().await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.across).await?;
        Ok(())
    }

    /// Tells Prometheus how the connections stand.
    pub(crate) fn observe_connections(&self) {
        let tenants = self.tenants.status();
        let of_tenants = [
            ("used", tenants.size.saturating_sub(tenants.available)),
            ("idle", tenants.available),
            ("awaited", tenants.waiting),
        ];
        let (size, idle) = (usize::try_from(self.across.size()).unwrap_or(0), self.across.num_idle());
        let of_across = [("used", size.saturating_sub(idle)), ("idle", idle)];
        for (pool, states) in [("tenant", &of_tenants[..]), ("across", &of_across[..])] {
            for (state, number) in states {
                let labels = [("service", self.schema), ("pool", pool), ("state", *state)];
                metrics::gauge!("wenxiao_database_connections", &labels).set(number_of(*number));
            }
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.tenants.close();
        self.across.close().await;
    }
}

/// A gauge is a float, whatever is counted.
fn number_of(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
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
