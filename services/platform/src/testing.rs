//! Test support: services of ours on a fresh, real database, called in any role without a network between.

use std::time::Duration;

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;
use wenxiao_kernel::{Clock, DistrictCode};

use crate::cache::Cache;
use crate::clients::{Link, Links};
use crate::database::DatabaseConfig;
use crate::definition::{ServedDistricts, ServiceDefinition};
use crate::doorbell::Doorbell;
use crate::identity::{Principal, Role};
use crate::migrate;
use crate::suite::Suite;

/// Services on a database of their own, which is dropped at the end.
pub struct TestSuite {
    /// The services.
    pub suite: Suite,
    /// How to reach their database.
    pub database: DatabaseConfig,
    way: Links,
}

/// The district of most tests: 海沧区.
pub fn haicang() -> DistrictCode {
    DistrictCode::from_i32(350_205_000).expect("a district")
}

/// A caller with one role in 海沧区.
pub fn caller(role: Role) -> Principal {
    Principal {
        subject: format!("test:{role}"),
        name: format!("测试 {role}"),
        roles: vec![role],
        districts: vec![haicang()],
        unit: None,
        participant: None,
        on_behalf_of: None,
    }
}

/// A caller with a unit role for one unit of 海沧区.
pub fn unit_caller(role: Role, unit: &str) -> Principal {
    Principal { subject: format!("test:{role}:{unit}"), unit: Some(unit.to_owned()), ..caller(role) }
}

impl TestSuite {
    /// Starts `services` on a new database. `WENXIAO_TEST_DATABASE_URL` says where Postgres is, as a superuser;
    /// `tests/run.sh` starts one and sets it.
    pub async fn start(services: &[&'static ServiceDefinition]) -> Self {
        Self::start_at(services, Clock::system()).await
    }

    /// The same with a clock of the test's.
    pub async fn start_at(services: &[&'static ServiceDefinition], clock: Clock) -> Self {
        Self::start_serving(services, clock, &[]).await
    }

    /// The same for these districts only.
    pub async fn start_serving(
        services: &[&'static ServiceDefinition],
        clock: Clock,
        districts: &[DistrictCode],
    ) -> Self {
        let url = std::env::var("WENXIAO_TEST_DATABASE_URL")
            .expect("WENXIAO_TEST_DATABASE_URL names a Postgres for tests: use tests/run.sh, or source tests/dev-db.sh");
        let database = fresh_database(&url, services).await;
        let names: Vec<&'static str> = services.iter().map(|service| service.name).collect();
        let suite = Suite::start(
            services,
            &names,
            &database,
            Doorbell::local(),
            Cache::local(),
            ServedDistricts::only(districts),
            clock,
        )
        .await
        .expect("the suite starts");
        let way = Links::new("test", &["suite"]);
        way.connect("suite", suite.routes.clone());
        Self { suite, database, way }
    }

    /// The way in for a caller: `UnitServiceClient::new(suite.as_caller(caller(Role::FinanceHead)))`.
    pub fn as_caller(&self, principal: Principal) -> Link {
        self.way.to("suite").acting_as(principal)
    }

    /// A connection as superuser, to look at what is really there.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.database.url).await.expect("the database answers")
    }
}

/// A copy of a template database to which all migrations have been applied once.
async fn fresh_database(url: &str, services: &[&'static ServiceDefinition]) -> DatabaseConfig {
    let at = |database: &str| {
        let options = PgConnectOptions::from_str(url).expect("a Postgres address").database(database);
        DatabaseConfig {
            url: options.to_url_lossy().to_string(),
            service_password: None,
            max_connections: 4,
            statement_timeout: Duration::from_secs(15),
        }
    };
    let template = format!("wenxiao_template_{}", migrate::fingerprint(services));
    let mut server = PgConnection::connect(url).await.expect("the test server answers");
    let run = |statement: String| AssertSqlSafe(statement);
    // One maker at a time: test processes start together. The name is taken only when the template is complete.
    sqlx::query("select pg_advisory_lock(7305812)").execute(&mut server).await.expect("a lock");
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut server)
        .await
        .expect("a list of databases");
    if !exists {
        let draft = format!("draft_{}", random());
        sqlx::raw_sql(run(format!("create database {draft}")))
            .execute(&mut server)
            .await
            .expect("a database");
        for service in services {
            migrate::migrate(&at(&draft), service).await.expect("the migrations apply");
        }
        let rename = run(format!("alter database {draft} rename to {template}"));
        sqlx::raw_sql(rename).execute(&mut server).await.expect("a template");
    }
    let name = format!("test_{}", random());
    let copy = run(format!("create database {name} template {template}"));
    sqlx::raw_sql(copy).execute(&mut server).await.expect("a copy of the template");
    // Settings of a role in a database do not come with the copy.
    for service in services {
        for role in [format!("wenxiao_{}", service.name), format!("wenxiao_{}_across", service.name)] {
            let set = run(format!("alter role {role} in database {name} set search_path = {}", service.name));
            sqlx::raw_sql(set).execute(&mut server).await.expect("a search path");
        }
    }
    sqlx::query("select pg_advisory_unlock(7305812)").execute(&mut server).await.expect("an unlock");
    at(&name)
}

#[expect(clippy::disallowed_methods, reason = "names of test databases, not ids of objects")]
fn random() -> String {
    Uuid::new_v4().simple().to_string()
}
