//! Connections that remember their tenant (租户连接), and transactions on them.
//!
//! Setting the tenant is a round trip, and sqlx's own pool adds one more each time that a connection comes back. Most
//! calls of a process are about the district of the call before, so a connection keeps its district until another one
//! needs it. A read is then one round trip. What that could break is guarded twice: row-level security answers for
//! the session's district only, and every statement names the district that it wants.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::managed::{BuildError, Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use deadpool::{Runtime, Status};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use wenxiao_kernel::DistrictCode;

/// The longest that a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections older than this are replaced: their statements' plans and their memory with them.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Connections that nobody needed for this long are closed.
const IDLE: Duration = Duration::from_secs(5 * 60);
const REAPING: Duration = Duration::from_secs(60);

/// How often this process has seen a database connection break.
static BREAKS: AtomicU64 = AtomicU64::new(0);

/// Notes that a connection broke: then every other one is looked at before its next use. In quiet times none is.
pub(crate) fn note_break() {
    BREAKS.fetch_add(1, Ordering::Relaxed);
}

/// Connects sessions of one role.
struct Dialler(PgConnectOptions);

/// One connection.
struct Session {
    connection: PgConnection,
    /// The district that the session holds; `None` while that is not certain.
    district: Option<DistrictCode>,
    /// [`BREAKS`] when the connection was last known to be well.
    breaks: u64,
}

impl Manager for Dialler {
    type Type = Session;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<Session> {
        let breaks = BREAKS.load(Ordering::Relaxed);
        Ok(Session { connection: self.0.connect().await?, district: None, breaks })
    }

    async fn recycle(&self, session: &mut Session, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.created.elapsed() > LIFETIME {
            return Err(RecycleError::message("old"));
        }
        let breaks = BREAKS.load(Ordering::Relaxed);
        if session.breaks != breaks {
            session.connection.ping().await?;
            session.breaks = breaks;
        }
        Ok(())
    }
}

/// The connections of one service's role.
#[derive(Clone)]
pub(super) struct Tenants {
    pool: Pool<Dialler>,
}

impl Tenants {
    /// A pool of at most `max` connections; the first one is made now, so that a wrong address shows at once.
    pub async fn connect(options: PgConnectOptions, max: u32) -> sqlx::Result<Self> {
        let built = Pool::builder(Dialler(options))
            .max_size(usize::try_from(max).unwrap_or(usize::MAX))
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build();
        let pool = built.map_err(|error: BuildError| sqlx::Error::Configuration(error.into()))?;
        let tenants = Self { pool };
        drop(tenants.any().await?);
        tokio::spawn(reap(tenants.pool.clone()));
        Ok(tenants)
    }

    /// A connection whose session is in `district`.
    pub async fn lease(&self, district: DistrictCode) -> sqlx::Result<Lease> {
        let mut session = self.any().await?;
        if session.district != Some(district) {
            session.district = None; // should this future be dropped before the answer
            let statement = format!("set app.district = '{}'", district.as_i32());
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut session.connection).await?;
            session.district = Some(district);
        }
        Ok(Lease { session })
    }

    /// A transaction of `district`. Must run in a task that is not dropped half-way.
    pub async fn begin(&self, district: DistrictCode) -> sqlx::Result<Transaction> {
        let session = self.any().await?;
        // One round trip either way. Not `set` for good: undoing the transaction would undo that too. What a unit of
        // work asks goes by key, for which one plan is as good as another: without the setting, every `id = any($2)`
        // would be planned anew each time, which costs more than running it.
        let tenant = if session.district == Some(district) {
            String::new()
        } else {
            format!("; set local app.district = '{}'", district.as_i32())
        };
        let statement = format!("begin; set local plan_cache_mode = force_generic_plan{tenant}");
        let mut transaction = Transaction { session: Some(session) };
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    async fn any(&self) -> sqlx::Result<Object<Dialler>> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Closed => sqlx::Error::PoolClosed,
            PoolError::Timeout(_) => sqlx::Error::PoolTimedOut,
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                sqlx::Error::Configuration(error.to_string().into())
            }
        })
    }

    /// How many connections there are, idle and wanted.
    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Closes what is idle now and the rest when it comes back.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Closes connections that nobody needs, until the pool is closed.
async fn reap(pool: Pool<Dialler>) {
    while !pool.is_closed() {
        tokio::time::sleep(REAPING).await;
        pool.retain(|_, metrics| metrics.last_used() < IDLE);
    }
}

/// A connection of one district, outside of any transaction: each statement sees what is committed.
pub(super) struct Lease {
    session: Object<Dialler>,
}

impl Lease {
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.session.connection
    }
}

/// A transaction of one district. Dropped without an end, it is rolled back in the background, and only then does its
/// connection go back.
pub(crate) struct Transaction {
    /// `None` once it has ended.
    session: Option<Object<Dialler>>,
}

impl Transaction {
    /// Makes it last.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.end("commit").await
    }

    /// Undoes it.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.end("rollback").await
    }

    async fn end(mut self, statement: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(statement).execute(&mut *self).await?;
        self.session = None;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.session.as_ref().expect("a transaction has its connection until it ends").connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.session.as_mut().expect("a transaction has its connection until it ends").connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut session) = self.session.take() else { return };
        let undo = async move {
            if sqlx::raw_sql("rollback").execute(&mut session.connection).await.is_err() {
                drop(Object::take(session)); // closed: the server undoes what it still knows of it
            }
        };
        // Without a runtime the process ends, and the server sees its connection close.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(undo);
        }
    }
}
