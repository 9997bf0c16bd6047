//! The private Postgres, killed and started again.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use wenxiao_platform::embedded::{EmbeddedError, EmbeddedPostgres};

async fn count(postgres: &EmbeddedPostgres) -> i64 {
    let mut connection = PgConnection::connect(postgres.url().expose()).await.unwrap();
    sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn kill(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_there_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    let mut connection = PgConnection::connect(postgres.url().expose()).await.unwrap();
    sqlx::raw_sql("create table kept (n int); insert into kept select generate_series(1, 1000)")
        .execute(&mut connection)
        .await
        .unwrap();
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&mut connection).await.unwrap();
    assert_eq!(fsync, "on");
    assert_eq!(mode(&data_dir.join("postgres.password")), 0o600);
    assert_eq!(mode(&data_dir.join("postgres")), 0o700);

    assert!(matches!(EmbeddedPostgres::start(&data_dir).await, Err(EmbeddedError::InUse(_))));

    kill("-KILL", postgres.process_id().unwrap());
    drop(postgres);
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    assert_eq!(count(&postgres).await, 1000);
    postgres.stop().await.unwrap();

    let begun = Instant::now();
    let postgres = EmbeddedPostgres::start(&data_dir).await.unwrap();
    let took = begun.elapsed();
    assert_eq!(count(&postgres).await, 1000);
    postgres.stop().await.unwrap();
    assert!(took < Duration::from_secs(2), "ready after {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_password_nobody_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    for host in ["127.0.0.1".to_owned(), folder.path().join("postgres").display().to_string()] {
        let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
            .host(&host)
            .port(postgres.port())
            .username("wenxiao")
            .password("guess")
            .database("wenxiao");
        let refused = PgConnection::connect_with(&options).await.unwrap_err();
        assert!(refused.to_string().contains("password authentication failed"), "{host}: {refused}");
    }
    postgres.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_first_start_is_begun_anew_and_a_strange_process_number_is_no_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let unfinished = folder.path().join("postgres.unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    postgres.stop().await.unwrap();
    let pid = format!("{}\n/elsewhere\n", std::process::id());
    std::fs::write(folder.path().join("postgres/postmaster.pid"), pid).unwrap();
    let postgres = EmbeddedPostgres::start(folder.path()).await.unwrap();
    postgres.stop().await.unwrap();
}
