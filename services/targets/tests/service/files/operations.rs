//! The operation behind an import: repeated, seen by whom it concerns, taken over, cancelled.

use super::*;
use crate::handover::{hand_over, heard};

#[tokio::test]
async fn the_same_request_is_one_operation() {
    let suite = start().await;
    let file = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let asked = wire::ImportObjectivesRequest { request_id: "r1".to_owned(), ..options() };
    let first = start_import(&suite, filer("602002"), &file, asked.clone()).await.unwrap();
    let again = start_import(&suite, filer("602002"), &file, asked.clone()).await.unwrap();
    assert_eq!(first.name, again.name);
    let other = workbook(&[form("p-602002-1", "≥", "1300", "平方米")]);
    let reused = start_import(&suite, filer("602002"), &other, asked).await.unwrap_err();
    assert_eq!(reason(&reused), (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
    let done = finished(operator(&suite, filer("602002")), &first.name).await;
    assert_eq!(response(&done).created_count, 1);
    assert_eq!(progress(&done).phase(), wire::import_objectives_metadata::Phase::Ended);
    // What a refused or repeated upload left behind is gone, or goes with the next one a day later.
    let mut connection = suite.superuser().await;
    let left = "select count(distinct operation_id) from targets.import_chunks";
    assert_eq!(count(&mut connection, left).await, 1, "the reused id's file has no operation");
    sqlx::query("update targets.import_chunks set create_time = now() - interval '2 days'")
        .execute(&mut connection)
        .await
        .unwrap();
    import(&suite, filer("602002"), &file, options()).await;
    assert_eq!(count(&mut connection, left).await, 0);
}

#[tokio::test]
async fn an_operation_is_the_starters_and_the_bureaus() {
    let suite = start().await;
    let file = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let started = start_import(&suite, filer("602002"), &file, options()).await.unwrap();
    let get = || GetOperationRequest { name: started.name.clone() };
    finished(operator(&suite, filer("602002")), &started.name).await;
    assert!(operator(&suite, officer()).get_operation(get()).await.unwrap().into_inner().done);
    let colleague = Principal { subject: "test:another".to_owned(), ..filer("602002") };
    for stranger in [colleague, filer("701")] {
        let mut theirs = operator(&suite, stranger);
        assert_eq!(theirs.get_operation(get()).await.unwrap_err().code(), Code::NotFound);
        let cancel = CancelOperationRequest { name: started.name.clone() };
        assert_eq!(theirs.cancel_operation(cancel).await.unwrap_err().code(), Code::NotFound);
        let list = ListOperationsRequest { name: DISTRICT.to_owned(), ..Default::default() };
        assert!(theirs.list_operations(list).await.unwrap().into_inner().operations.is_empty());
    }
    for role in [Role::ThirdPartyReviewer, Role::CityReader, Role::BudgetingSystem] {
        let refused = operator(&suite, caller(role)).get_operation(get()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
        let refused = start_import(&suite, caller(role), &file, options()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
    let mut own = operator(&suite, filer("602002"));
    let list = ListOperationsRequest { name: DISTRICT.to_owned(), page_size: 1, ..Default::default() };
    let page = own.list_operations(list.clone()).await.unwrap().into_inner();
    assert_eq!((page.operations.len(), page.next_page_token.as_str()), (1, ""));
    own.delete_operation(DeleteOperationRequest { name: started.name.clone() }).await.unwrap();
    assert_eq!(own.get_operation(get()).await.unwrap_err().code(), Code::NotFound);
    assert!(own.list_operations(list).await.unwrap().into_inner().operations.is_empty());
}

/// The operation as if its worker had died: nobody holds it, and the lease of the dead one has ended.
async fn release(connection: &mut PgConnection) {
    sqlx::query("update targets.operations set lease_until = '-infinity'")
        .execute(connection)
        .await
        .expect("as it should be");
}

/// A process more on the same database: the services of another replica.
async fn start_second(database: &DatabaseConfig) -> Suite {
    Suite::start(
        &[&registry::REGISTRY, &wenxiao_targets::DEFINITION],
        &["registry", "targets"],
        database,
        Doorbell::local(),
        Cache::local(),
        ServedDistricts::default(),
        Clock::system(),
    )
    .await
    .expect("as it should be")
}

async fn until(connection: &mut PgConnection, query: &'static str, enough: i64) {
    for _ in 0..2000 {
        if count(connection, query).await >= enough {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{query} does not reach {enough}");
}

#[tokio::test]
async fn a_worker_that_dies_in_either_phase_is_taken_over_and_nothing_is_lost_or_doubled() {
    let suite = start().await;
    let projects: Vec<String> = (1..=700).map(|n| format!("p-602002-{n}")).collect();
    let sheets: Vec<_> = projects.iter().map(|project| form(project, "≥", "1200", "平方米")).collect();
    let books: Vec<_> = sheets
        .chunks(20)
        .enumerate()
        .map(|(at, sheets)| (format!("{at:03}.xlsx"), workbook(sheets)))
        .collect();
    let started = start_import(&suite, officer(), &archive(&books), options()).await.unwrap();
    let mut connection = suite.superuser().await;
    // In the midst of reading the process ends.
    until(&mut connection, "select count(*) from targets.import_forms", 100).await;
    let TestSuite { suite: first, database, .. } = suite;
    first.stop().await;
    let read = count(&mut connection, "select count(*) from targets.import_forms").await;
    let written = "select count(*) from targets.objectives";
    assert!((100..700).contains(&read) && count(&mut connection, written).await == 0, "{read} were read");
    // Another one takes over, and ends in the midst of writing.
    release(&mut connection).await;
    let second = start_second(&database).await;
    until(&mut connection, written, 200).await;
    second.stop().await;
    let half = count(&mut connection, written).await;
    assert!((200..700).contains(&half), "{half} were written");
    // While the lease of the dead one lasts, nobody touches it.
    let third = start_second(&database).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(count(&mut connection, written).await, half);
    release(&mut connection).await;
    let way = Links::new("test", &["suite"]);
    way.connect("suite", third.routes.clone());
    let client = OperationsClient::new(way.to("suite").acting_as(officer()));
    let done = response(&finished(client, &started.name).await);
    assert_eq!((done.created_count, done.updated_count, done.errors.len()), (700, 0, 0), "{done:?}");
    assert_eq!(count(&mut connection, written).await, 700);
    wait_for_the_journal(&mut connection, "objective.created", 700).await;
    let once = "select count(distinct subject) from targets.journal where type = 'objective.created'";
    assert_eq!(count(&mut connection, once).await, 700);
    third.stop().await;
}

/// Lets an operation that nobody works on check so many forms, and go no further.
async fn pause_before_writing(connection: &mut PgConnection, forms: i64) {
    let pause = "create function targets.pause() returns trigger language plpgsql as
        $$ begin new.lease_until := now() + interval '1 hour'; new.lease_owner := 'nobody'; return new; end $$;
        create trigger pause before update of cursor on targets.operations for each row execute function targets.pause()";
    sqlx::raw_sql(pause).execute(&mut *connection).await.expect("as it should be");
    release(connection).await;
    until(connection, "select count(*) from targets.import_forms", forms).await;
    let go = "drop trigger pause on targets.operations";
    sqlx::raw_sql(go).execute(connection).await.expect("as it should be");
}

/// Nobody works on what is started from now on: another process seems to hold it.
async fn hold_operations(connection: &mut PgConnection) {
    let hold = "create function targets.hold() returns trigger language plpgsql as
        $$ begin new.lease_until := now() + interval '1 hour'; new.lease_owner := 'nobody'; return new; end $$;
        create trigger hold before insert on targets.operations for each row execute function targets.hold()";
    sqlx::raw_sql(hold).execute(connection).await.expect("as it should be");
}

#[tokio::test]
async fn what_passes_to_another_unit_between_checking_and_writing_is_left_alone() {
    let suite = start().await;
    let mut connection = suite.superuser().await;
    hold_operations(&mut connection).await;
    let mut unit = objectives(&suite, filer("602002"));
    unit.create_objective(creation("o3", "p-602002-3", 2021)).await.unwrap();
    let projects = ["p-602002-1", "p-602002-2", "p-602002-3"];
    let file = workbook(&projects.map(|project| form(project, "≥", "1200", "平方米")));
    let started = start_import(&suite, filer("602002"), &file, options()).await.unwrap();
    pause_before_writing(&mut connection, 3).await;
    for project in ["p-602002-2", "p-602002-3"] {
        hand_over(&suite, project, "605002", 2).await;
    }
    heard(&suite).await;
    release(&mut connection).await;
    let done = response(&finished(operator(&suite, filer("602002")), &started.name).await);
    let said: Vec<String> = done.errors.into_iter().map(|error| error.text).collect();
    let gone = ["2", "3"].map(|n| format!("“项目p-602002-{n}”已由其他单位承接，本表没有导入"));
    assert_eq!((done.created_count, done.updated_count, said), (1, 0, gone.to_vec()));
    let versions = "select count(*) from targets.objectives where version = 1";
    assert_eq!(count(&mut connection, versions).await, 2, "the heir's draft is as it was");
}

#[tokio::test]
async fn checking_can_be_cancelled_and_writing_cannot() {
    let suite = start().await;
    let mut connection = suite.superuser().await;
    hold_operations(&mut connection).await;
    let file = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let started = start_import(&suite, filer("602002"), &file, options()).await.unwrap();
    let mut own = operator(&suite, filer("602002"));
    let deleted = own.delete_operation(DeleteOperationRequest { name: started.name.clone() }).await;
    expect_refusal(deleted, Code::FailedPrecondition, "STATE_NOT_ALLOWED");
    own.cancel_operation(CancelOperationRequest { name: started.name.clone() }).await.unwrap();
    release(&mut connection).await;
    let ended = finished(operator(&suite, filer("602002")), &started.name).await;
    let Some(Outcome::Error(error)) = ended.result else { panic!("{ended:?}") };
    assert_eq!(error.code, i32::from(Code::Cancelled));
    assert_eq!(count(&mut connection, "select count(*) from targets.objectives").await, 0);
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);

    // One that already writes goes on to its end, and leaves alone what was submitted meanwhile.
    let file = workbook(&[form("p-602002-2", "≥", "1", "个"), form("p-602002-3", "≥", "1", "个")]);
    let started = start_import(&suite, officer(), &file, options()).await.unwrap();
    pause_before_writing(&mut connection, 2).await;
    bring_to_finance(&suite, "o3", "p-602002-3", 2021).await;
    operator(&suite, officer())
        .cancel_operation(CancelOperationRequest { name: started.name.clone() })
        .await
        .unwrap();
    release(&mut connection).await;
    let done = response(&finished(operator(&suite, officer()), &started.name).await);
    assert_eq!((done.created_count, done.errors.len()), (1, 1), "{done:?}");
    assert!(done.errors[0].text.contains("财政审核"));
}
