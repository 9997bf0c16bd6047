//! Moves schemas forward, and refuses to serve on one that is not current (迁移).

use std::borrow::Cow;
use std::str::FromStr;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::database::DatabaseConfig;
use crate::definition::ServiceDefinition;

static PLATFORM: Migrator = sqlx::migrate!("./migrations");

/// Why a schema could not be moved or used.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database said no.
    #[error("schema {schema}: {source}")]
    Database {
        /// Schema that was being worked on.
        schema: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A migration failed, or an applied one has been edited since.
    #[error("schema {schema}: {source}")]
    Migration {
        /// Schema that was being worked on.
        schema: &'static str,
        /// What went wrong.
        source: MigrateError,
    },
    /// The schema is older or newer than this program.
    #[error("schema {schema} is at version {found}, this program needs {needed}: run `wenxiao migrate`")]
    NotCurrent {
        /// Schema that was looked at.
        schema: &'static str,
        /// Newest version applied to it.
        found: i64,
        /// Newest version that this program has.
        needed: i64,
    },
}

/// Creates the service's roles and schema where they are missing and applies what has not been applied. Safe to run
/// from several places at once. Must reach Postgres directly, not through a pooler.
pub async fn migrate(config: &DatabaseConfig, service: &ServiceDefinition) -> Result<(), MigrationError> {
    let schema = service.name;
    let database = |source| MigrationError::Database { schema, source };
    let migration = |source| MigrationError::Migration { schema, source };
    let mut connection = owner(config).await.map_err(database)?;
    prepare(&mut connection, config, schema).await.map_err(database)?;
    let migrator = migrator(service);
    migrator.run_direct(None, &mut connection, false).await.map_err(migration)?;
    connection.close().await.map_err(database)
}

/// Fails unless everything that this program knows, and nothing else, has been applied to the service's schema.
pub async fn require_current(
    config: &DatabaseConfig,
    service: &ServiceDefinition,
) -> Result<(), MigrationError> {
    let schema = service.name;
    let database = |source| MigrationError::Database { schema, source };
    let needed = migrator(service).iter().map(|migration| migration.version).max().unwrap_or(0);
    let role = config.options(&format!("wenxiao_{schema}")).map_err(database)?;
    let mut connection = match role.connect().await {
        Ok(connection) => connection,
        // The first migration makes the role: without it there is no schema either.
        Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some("28000") => {
            return Err(MigrationError::NotCurrent { schema, found: 0, needed });
        }
        Err(error) => return Err(database(error)),
    };
    let table = format!("{schema}._sqlx_migrations");
    let exists: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(&table)
        .fetch_one(&mut connection)
        .await
        .map_err(database)?;
    let found = if exists {
        let query = format!("select coalesce(max(version), 0) from {table} where success");
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connection).await.map_err(database)?
    } else {
        0
    };
    connection.close().await.map_err(database)?;
    if found == needed { Ok(()) } else { Err(MigrationError::NotCurrent { schema, found, needed }) }
}

fn migrator(service: &ServiceDefinition) -> Migrator {
    let all = PLATFORM.iter().chain(service.migrations.iter()).cloned().collect();
    Migrator::with_migrations(all)
}

async fn owner(config: &DatabaseConfig) -> sqlx::Result<PgConnection> {
    PgConnectOptions::from_str(&config.url)?.application_name("wenxiao_migrate").connect().await
}

/// Roles, schema and the session's search path. Names are our own constants, never input.
async fn prepare(
    connection: &mut PgConnection,
    config: &DatabaseConfig,
    schema: &'static str,
) -> sqlx::Result<()> {
    let mut statements = Vec::new();
    for role in [format!("wenxiao_{schema}"), format!("wenxiao_{schema}_across")] {
        // Roles belong to the cluster: another database's migration may create the same one at the same moment.
        statements.push(format!(
            "do $$ begin create role {role} login; exception when duplicate_object or unique_violation then null; end $$"
        ));
        if let Some(password) = &config.service_password {
            let quoted = password.replace('\'', "''");
            statements.push(format!("alter role {role} password '{quoted}'"));
        }
    }
    statements.push(format!("create schema if not exists {schema}"));
    statements.push(format!("set search_path = {schema}"));
    let database: String =
        sqlx::query_scalar("select current_database()::text").fetch_one(&mut *connection).await?;
    for role in [format!("wenxiao_{schema}"), format!("wenxiao_{schema}_across")] {
        let quoted = database.replace('"', "\"\"");
        for setting in [
            format!("search_path = {schema}"),
            "statement_timeout = '30s'".to_owned(),
            "lock_timeout = '5s'".to_owned(),
            "idle_in_transaction_session_timeout = '10s'".to_owned(),
        ] {
            statements.push(format!("alter role {role} in database \"{quoted}\" set {setting}"));
        }
    }
    // One at a time in the cluster: two migrations that alter the same role would fail on each other.
    sqlx::query("select pg_advisory_lock(7305811)").execute(&mut *connection).await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    sqlx::query("select pg_advisory_unlock(7305811)").execute(&mut *connection).await?;
    Ok(())
}

/// Hash over every migration of the services: tests make one template database per state of the migrations.
pub fn fingerprint(services: &[&ServiceDefinition]) -> String {
    let mut hash = <sha2::Sha256 as sha2::Digest>::new();
    for service in services {
        sha2::Digest::update(&mut hash, service.name);
        for migration in migrator(service).iter() {
            let checksum: &Cow<'static, [u8]> = &migration.checksum;
            sha2::Digest::update(&mut hash, checksum);
        }
    }
    hex::encode(sha2::Digest::finalize(hash))[..16].to_owned()
}
