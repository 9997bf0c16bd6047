//! What is under way while a project changes hands: a form that is being entered, a decision, an import, a deadline.

use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::unit::State as UnitState;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::State;

use super::*;
use crate::support::days::{Days, day, window};

fn submitting(id: &str) -> wire::SubmitObjectiveRequest {
    wire::SubmitObjectiveRequest { name: objective(id), ..Default::default() }
}

/// Waits until so many commands wait for a lock.
async fn until_waiting(connection: &mut PgConnection, commands: i64) {
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..500 {
        let found: i64 = sqlx::query_scalar(waiting).fetch_one(&mut *connection).await.expect("an answer");
        if found == commands {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{commands} commands do not come to wait");
}

/// Whoever enters a form, and whoever holds many, waits for a hand-over that is being written.
#[tokio::test]
async fn who_enters_or_holds_forms_waits_for_the_hand_over() {
    let suite = start().await;
    for id in ["o2", "o3"] {
        bring_to_finance(&suite, id, &format!("p-602002-{id}"), 2020).await;
    }
    let mut projection = suite.superuser().await;
    let moving = "begin; select pg_advisory_xact_lock(7305821, 350205000);
        insert into targets.owners values (350205000, 'project', 'p-602002-1', '605002', '605', 2)";
    sqlx::raw_sql(moving).execute(&mut projection).await.unwrap();
    let mut heir = objectives(&suite, filer("605002"));
    let entered =
        tokio::spawn(async move { heir.create_objective(creation("o1", "p-602002-1", 2020)).await });
    let batch = wire::BatchReturnObjectivesRequest {
        parent: DISTRICT.to_owned(),
        requests: ["o3", "o2"].map(returning).to_vec(),
        ..Default::default()
    };
    let mut bureau = objectives(&suite, officer());
    let returned = tokio::spawn(async move { bureau.batch_return_objectives(batch).await });
    until_waiting(&mut suite.superuser().await, 2).await;
    // The batch holds no row yet: the hand-over takes both, in whatever order.
    let going_on = "update targets.objectives set unit_id = '605002', unit_code = '605002' where id = 'o3';
        update targets.objectives set unit_id = '605002', unit_code = '605002' where id = 'o2'; commit";
    sqlx::raw_sql(going_on).execute(&mut projection).await.unwrap();
    assert_eq!(entered.await.unwrap().unwrap().into_inner().unit, unit_name("605002"));
    let results = returned.await.unwrap().unwrap().into_inner().results;
    let units: Vec<_> = results.into_iter().filter_map(|result| result.objective).map(|of| of.unit).collect();
    assert_eq!(units, [unit_name("605002"), unit_name("605002")]);
}

/// Importing projects does not stop those who enter forms, nor they it; only a change of hands waits for them.
#[tokio::test]
async fn a_new_project_waits_for_nobody() {
    let suite = start().await;
    let mut entering = suite.superuser().await;
    let holding = "begin; select pg_advisory_xact_lock_shared(7305821, 350205000)";
    sqlx::raw_sql(holding).execute(&mut entering).await.unwrap();
    hand_over(&suite, "p-602002-1", "602002", 1).await;
    heard(&suite).await;
    hand_over(&suite, "p-602002-1", "605002", 2).await;
    let mut connection = suite.superuser().await;
    until_waiting(&mut connection, 1).await;
    let owner = "select unit_id, version from targets.owners where subject_id = 'p-602002-1'";
    let before: (String, i64) = sqlx::query_as(owner).fetch_one(&mut connection).await.unwrap();
    assert_eq!(before, ("602002".to_owned(), 1));
    sqlx::raw_sql("commit").execute(&mut entering).await.unwrap();
    heard(&suite).await;
    let after: (String, i64) = sqlx::query_as(owner).fetch_one(&mut connection).await.unwrap();
    assert_eq!(after, ("605002".to_owned(), 2));
}

fn returning(id: &str) -> wire::ReturnObjectiveRequest {
    wire::ReturnObjectiveRequest { name: objective(id), reason: "请修改".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_form_is_entered_for_the_unit_that_the_feed_has_told_of() {
    let suite = start().await;
    hand_over(&suite, "p-602002-1", "605002", 2).await;
    heard(&suite).await;
    // The registry still answers this call as on the day before.
    let late = objectives(&suite, filer("602002")).create_objective(creation("o1", "p-602002-1", 2020)).await;
    expect_refusal(late, Code::NotFound, "NOT_FOUND");
    let mut heir = objectives(&suite, filer("605002"));
    let created = heir.create_objective(creation("o1", "p-602002-1", 2020)).await.unwrap().into_inner();
    assert_eq!((created.unit, created.department), (unit_name("605002"), unit_name("605")));
    // An answer that is newer than the feed counts as well: the feed comes later.
    hand_over(&suite, "p-605002-2", "602002", 0).await;
    heard(&suite).await;
    let created = heir.create_objective(creation("o2", "p-605002-2", 2020)).await.unwrap().into_inner();
    assert_eq!(created.unit, unit_name("605002"));
}

#[tokio::test]
async fn a_command_that_meets_the_hand_over_sees_it() {
    let suite = start().await;
    for id in ["o1", "o2"] {
        bring_to_finance(&suite, id, &format!("p-602002-{id}"), 2020).await;
    }
    // The hand-over as the projection writes it, not committed yet.
    let mut projection = suite.superuser().await;
    let moving = "begin; update targets.objectives set unit_id = '605002', unit_code = '605002',
        department_id = '605', department_code = '605'";
    sqlx::raw_sql(moving).execute(&mut projection).await.unwrap();
    let close = wire::CloseObjectiveRequest {
        name: objective("o1"),
        reason: "项目取消".to_owned(),
        ..Default::default()
    };
    let mut bureau = objectives(&suite, officer());
    let decided = tokio::spawn(async move { bureau.close_objective(close).await });
    let back = wire::WithdrawObjectiveRequest { name: objective("o2"), ..Default::default() };
    let mut unit = objectives(&suite, filer("602002"));
    let refused = tokio::spawn(async move { unit.withdraw_objective(back).await });
    let mut connection = suite.superuser().await;
    until_waiting(&mut connection, 2).await;
    sqlx::raw_sql("commit").execute(&mut projection).await.unwrap();
    let closed = decided.await.unwrap().unwrap().into_inner();
    assert_eq!((closed.state(), closed.unit), (State::Closed, unit_name("605002")));
    expect_refusal(refused.await.unwrap(), Code::NotFound, "NOT_FOUND");
    let after = owners(&mut connection).await;
    assert!(after.iter().all(|(_, unit, department)| unit == "605002" && department == "605"), "{after:?}");
}

#[tokio::test]
async fn an_extension_counts_for_the_unit_that_takes_over() {
    let (suite, days) = Days::start().await;
    let mut request = window();
    if let Some(window) = &mut request.filing_window {
        window.extensions = vec![wire::FilingExtension {
            unit: unit_name("602002"),
            due_date: day(2019, 10, 25),
            reason: "机构改革".to_owned(),
        }];
    }
    let mut bureau = objectives(&suite, officer());
    let opened = bureau.create_filing_window(request).await.unwrap().into_inner();
    for id in ["o1", "o2"] {
        let created = creation(id, &format!("p-602002-{id}"), 2020);
        objectives(&suite, filer("602002")).create_objective(created).await.unwrap();
    }
    hand_over(&suite, "p-602002-o1", "605002", 2).await;
    heard(&suite).await;
    days.set("2019-10-20");
    let mut heir = objectives(&suite, filer("605002"));
    let late = heir.submit_objective(submitting("o1")).await;
    expect_refusal(late, Code::FailedPrecondition, "FILING_WINDOW_CLOSED");
    end(&suite, "602002", UnitState::Merged, &["605002"]).await;
    hand_over(&suite, "p-602002-o2", "605002", 2).await;
    heard(&suite).await;
    let ask = wire::ListFilingProgressRequest { name: opened.name.clone(), ..Default::default() };
    let progress = heir.list_filing_progress(ask).await.unwrap().into_inner().progress;
    let told: Vec<_> = progress.into_iter().map(|of| (of.unit, of.draft_count, of.due_date)).collect();
    assert_eq!(told, [(unit_name("605002"), 2, day(2019, 10, 25))]);
    heir.submit_objective(submitting("o1")).await.unwrap();
    // Through another end, and never into what was decided.
    end(&suite, "605002", UnitState::Moved, &["701"]).await;
    hand_over(&suite, "p-602002-o2", "701", 3).await;
    heard(&suite).await;
    objectives(&suite, filer("701")).submit_objective(submitting("o2")).await.unwrap();
    let get = wire::GetFilingWindowRequest { name: opened.name };
    let window = bureau.get_filing_window(get).await.unwrap().into_inner();
    assert_eq!((window.extensions, window.etag), (opened.extensions, opened.etag));
}

#[tokio::test]
async fn reminders_go_to_the_unit_that_owes_now() {
    let (suite, days) = Days::start().await;
    let mut bureau = objectives(&suite, officer());
    bureau.create_filing_window(window()).await.unwrap();
    let created = creation("o1", "p-602002-1", 2020);
    objectives(&suite, filer("602002")).create_objective(created).await.unwrap();
    hand_over(&suite, "p-602002-1", "605002", 2).await;
    heard(&suite).await;
    days.set("2019-10-14");
    let send = wire::SendFilingRemindersRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    bureau.send_filing_reminders(send).await.unwrap();
    // By this call or by the service's own job.
    let noted = "select unit_id from targets.filing_reminders where day = '2019-10-14'";
    let noted: Vec<String> = sqlx::query_scalar(noted).fetch_all(&mut suite.superuser().await).await.unwrap();
    assert_eq!(noted, ["605002"]);
}
