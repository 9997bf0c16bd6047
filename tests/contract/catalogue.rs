//! The live schema keeps the tenant rules: every table of every service, not the ones somebody remembered.

use sqlx::{PgConnection, Row};
use wenxiao_platform::testing::TestSuite;
use wenxiao_tests::services;

/// Every table of every service but the migrator's own.
macro_rules! tables {
    () => {
        "select c.oid, n.oid as namespace, n.nspname as schema, c.oid::regclass::text as name
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('registry', 'targets', 'monitoring', 'evaluation', 'disclosure')
         and c.relkind in ('r', 'p') and c.relname <> '_sqlx_migrations'"
    };
}

async fn breaches(connection: &mut PgConnection, rule: &str, query: &'static str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(connection).await.expect("the catalogue answers");
    rows.iter().map(|row| format!("{}: {rule}", row.get::<String, _>(0))).collect()
}

#[tokio::test]
async fn every_table_is_a_tenants_table() {
    let suite = TestSuite::start(&services()).await;
    let mut connection = suite.superuser().await;
    let tables: i64 = sqlx::query_scalar(concat!("select count(*) from (", tables!(), ") t"))
        .fetch_one(&mut connection)
        .await
        .expect("a count");
    assert!(tables > 25, "only {tables} tables were found: the test looks at the wrong place");

    let mut found = Vec::new();
    for (rule, query) in [
        (
            "district is not its first column, an integer that must be there",
            concat!("select t.name from (", tables!(), ") t where not exists (select from pg_attribute a where a.attrelid = t.oid
                and a.attnum = 1 and a.attname = 'district' and a.atttypid = 'integer'::regtype and a.attnotnull)"),
        ),
        (
            "row-level security is not forced",
            concat!("select t.name from (", tables!(), ") t join pg_class c on c.oid = t.oid
                where not (c.relrowsecurity and c.relforcerowsecurity)"),
        ),
        (
            "the tenant policy is not the one of the house",
            concat!("select t.name from (", tables!(), ") t where not exists (select from pg_policy p where p.polrelid = t.oid
                and p.polroles = array[('wenxiao_' || t.schema)::regrole::oid]
                and pg_get_expr(p.polqual, p.polrelid) = '(district = (current_setting(''app.district''::text))::integer)')"),
        ),
        (
            "somebody besides the service's two roles has a policy",
            concat!("select t.name from (", tables!(), ") t join pg_policy p on p.polrelid = t.oid
                where p.polroles <> array[('wenxiao_' || t.schema)::regrole::oid]
                and p.polroles <> array[('wenxiao_' || t.schema || '_across')::regrole::oid]"),
        ),
        (
            "it has no primary key",
            concat!("select t.name from (", tables!(), ") t
                where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)"),
        ),
        (
            "an index does not start with district",
            concat!("select t.name || ' ' || i.indexrelid::regclass::text from (", tables!(), ") t
                join pg_index i on i.indrelid = t.oid
                join pg_attribute a on a.attrelid = t.oid and a.attname = 'district' where i.indkey[0] <> a.attnum"),
        ),
        (
            "a foreign key does not start with district on both sides, or leaves the schema",
            concat!("select t.name || ' ' || k.conname from (", tables!(), ") t
                join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
                join pg_class other on other.oid = k.confrelid
                where (select attname from pg_attribute where attrelid = t.oid and attnum = k.conkey[1]) <> 'district'
                   or (select attname from pg_attribute where attrelid = other.oid and attnum = k.confkey[1]) <> 'district'
                   or other.relnamespace <> t.namespace"),
        ),
        (
            "a service's role owns it, and so could lift its rules",
            concat!("select t.name from (", tables!(), ") t join pg_class c on c.oid = t.oid
                where c.relowner::regrole::text like 'wenxiao_%'"),
        ),
    ] {
        found.extend(breaches(&mut connection, rule, query).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn no_role_of_ours_is_above_the_rules() {
    let suite = TestSuite::start(&services()).await;
    let mut connection = suite.superuser().await;
    let query = "select rolname::text from pg_roles where rolname like 'wenxiao_%' and (rolsuper or rolbypassrls or rolcreaterole)";
    let found = breaches(&mut connection, "may bypass row-level security", query).await;
    assert!(found.is_empty(), "{found:?}");
}
