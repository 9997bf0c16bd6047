//! Changes of units that are taken back before their day, against a real Postgres.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeZone, Utc};
use support::reform::{
    apply, changes, clock, owner_on, pair, part, project_name, rename, unit_name, unit_on,
};
use support::{HAICANG, Registry, a_project, date, refusal, refused_with};
use tonic::{Code, Status};
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::clients::Link;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

fn at(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).single().unwrap_or_default()
}

/// A registry on 1 June 2024 with two departments, and its clock.
async fn registry() -> (Registry, Arc<AtomicI64>) {
    let (clock, seconds) = clock(at(2024, 6, 1));
    let registry = Registry::start_at(clock).await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::OwnUnit).await;
    (registry, seconds)
}

fn cancel(change: &UnitChange) -> CancelUnitChangeRequest {
    CancelUnitChangeRequest {
        name: change.name.clone(),
        reason: "方案调整，暂缓".into(),
        ..Default::default()
    }
}

async fn cancelled(finance: &mut UnitServiceClient<Link>, change: &UnitChange) -> CancelUnitChangeResponse {
    finance.cancel_unit_change(cancel(change)).await.expect("a change taken back").into_inner()
}

async fn relocated(finance: &mut UnitServiceClient<Link>, code: &str, to: &str) -> Result<Unit, Status> {
    let ask = MoveUnitRequest {
        name: unit_name(code),
        new_agency_code: to.into(),
        effective_date: Some(date(2025, 1, 1)),
        reason: "划转".into(),
        ..Default::default()
    };
    finance.move_unit(ask).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_merger_to_come_is_taken_back_as_a_whole() {
    let (registry, seconds) = registry().await;
    registry.project("p1", "603001").await;
    let mut finance = registry.units(Role::FinanceHead);
    let merge = MergeUnitsRequest {
        name: unit_name("602"),
        absorbed_units: vec![unit_name("603"), unit_name("603001")],
        merge_date: Some(date(2025, 1, 1)),
        reason: "机构改革".into(),
        ..Default::default()
    };
    let before = unit_on(&mut finance, "603", None).await;
    finance.merge_units(merge.clone()).await.unwrap();
    assert_eq!(unit_on(&mut finance, "603", Some(date(2025, 1, 1))).await.state(), unit::State::Merged);
    let decided = changes(&mut finance, "603", false).await;
    let stranger =
        registry.units_as(unit_caller(Role::UnitHead, "603")).cancel_unit_change(cancel(&decided[0])).await;
    assert_eq!(refusal(stranger).0, Code::PermissionDenied);
    let stale = CancelUnitChangeRequest { etag: "7".into(), ..cancel(&decided[0]) };
    assert_eq!(refusal(finance.cancel_unit_change(stale).await), (Code::Aborted, "ETAG_MISMATCH".into()));
    let nothing =
        CancelUnitChangeRequest { name: format!("{HAICANG}/unitChanges/none"), ..cancel(&decided[0]) };
    assert_eq!(refusal(finance.cancel_unit_change(nothing).await).0, Code::NotFound);

    let ask = CancelUnitChangeRequest {
        etag: decided[0].etag.clone(),
        request_id: "take-back".into(),
        ..cancel(&decided[0])
    };
    let done = finance.cancel_unit_change(ask.clone()).await.unwrap().into_inner();
    assert_eq!(finance.cancel_unit_change(ask).await.unwrap().into_inner(), done, "the same request, once");
    let units: Vec<&str> = done.units.iter().map(|unit| unit.agency_code.as_str()).collect();
    assert_eq!((done.unit_changes.len(), units), (2, vec!["603", "603001"]));
    let after = unit_on(&mut finance, "603", None).await;
    let same =
        Unit { etag: before.etag.clone(), version: before.version, update_time: before.update_time, ..after };
    assert_eq!(same, before, "as if it had not been decided");
    for code in ["603", "603001"] {
        assert_eq!(unit_on(&mut finance, code, Some(date(2025, 6, 1))).await.state(), unit::State::Active);
    }
    for history in [changes(&mut finance, "603", false).await, changes(&mut finance, "602", false).await] {
        let told = &history[0];
        assert!(told.cancel_time.is_some() && told.apply_time.is_none() && !told.creator.is_empty());
        assert_eq!(
            (told.canceller.as_str(), told.cancel_reason.as_str()),
            ("test:finance_head", "方案调整，暂缓")
        );
    }
    let again = finance.cancel_unit_change(cancel(&decided[0])).await;
    assert_eq!(refusal(again), (Code::FailedPrecondition, "STATE_NOT_ALLOWED".into()));

    seconds.store(at(2025, 1, 2).timestamp(), Ordering::SeqCst);
    assert_eq!(apply(&mut finance).await.unit_changes.len(), 0, "what was taken back never takes effect");
    assert_eq!(owner_on(&registry, "p1", None).await, pair("603001", "603"));
    let merge = MergeUnitsRequest { merge_date: Some(date(2024, 12, 1)), ..merge };
    finance.merge_units(merge).await.expect("what was taken back does not count in the order of changes");
    assert_eq!(owner_on(&registry, "p1", None).await, pair("602", "602"));
    let applied = changes(&mut finance, "603", false).await;
    let late = finance.cancel_unit_change(cancel(&applied[0])).await;
    assert_eq!(refusal(late), (Code::FailedPrecondition, "UNIT_CHANGE_IN_FORCE".into()));
}

#[tokio::test]
async fn a_change_whose_day_has_come_stays_even_before_it_is_applied() {
    let (registry, seconds) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    finance.rename_unit(rename("602", "应急管理局", date(2024, 7, 1))).await.unwrap();
    let decided = changes(&mut finance, "602", false).await;
    seconds.store(Utc.with_ymd_and_hms(2024, 6, 30, 16, 0, 0).unwrap().timestamp(), Ordering::SeqCst);
    let (reason, day) = refused_with(finance.cancel_unit_change(cancel(&decided[0])).await, "effective_date");
    assert_eq!((reason.as_str(), day.as_str()), ("UNIT_CHANGE_IN_FORCE", "2024-07-01"));
}

#[tokio::test]
async fn a_unit_that_was_to_begin_is_gone_and_its_code_free() {
    let (registry, _) = registry().await;
    registry.unit("602002001", unit::Kind::Unit).await;
    let mut finance = registry.units(Role::FinanceHead);
    relocated(&mut finance, "602002", "603007").await.unwrap();
    let decided = changes(&mut finance, "602002", false).await;
    assert_eq!(decided[0].entered_units, [unit_name("603007")]);
    assert_eq!(cancelled(&mut finance, &decided[0]).await.unit_changes.len(), 2, "with what is below it");

    let gone = GetUnitRequest { name: unit_name("603007"), effective_date: Some(date(2025, 6, 1)) };
    assert_eq!(refusal(finance.get_unit(gone).await).0, Code::NotFound);
    for effective_date in [None, Some(date(2020, 1, 1)), Some(date(2025, 6, 1))] {
        for show_closed in [false, true] {
            let parent = HAICANG.into();
            let list = ListUnitsRequest { parent, effective_date, show_closed, ..Default::default() };
            let found = finance.list_units(list).await.unwrap().into_inner().units;
            let codes: Vec<&str> = found.iter().map(|unit| unit.agency_code.as_str()).collect();
            assert_eq!(codes, ["602", "602001", "602002", "602002001", "603", "603001"]);
        }
    }
    let count = CountUnitsRequest { parent: HAICANG.into(), effective_date: Some(date(2025, 6, 1)) };
    assert_eq!(finance.count_units(count).await.unwrap().into_inner().budget_unit_count, 4);
    let old = unit_on(&mut finance, "602002", Some(date(2025, 6, 1))).await;
    assert_eq!((old.state(), old.end_date, old.successors.len()), (unit::State::Active, None, 0));

    registry.unit("603007", unit::Kind::Unit).await;
    relocated(&mut finance, "602002", "603008").await.unwrap();
    let chain = changes(&mut finance, "603008", true).await;
    assert_eq!(chain.len(), 2, "its own and the one that was taken back: {chain:?}");
    let chain = changes(&mut finance, "603007", true).await;
    assert_eq!(chain.len(), 1, "nothing leads on from what was taken back: {chain:?}");
}

#[tokio::test]
async fn later_changes_are_taken_back_first() {
    let (registry, _) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    relocated(&mut finance, "602002", "603007").await.unwrap();
    finance.rename_unit(rename("603007", "新名", date(2025, 3, 1))).await.unwrap();
    let renamed = changes(&mut finance, "603007", false).await.pop().unwrap();
    let moved = changes(&mut finance, "602002", false).await.pop().unwrap();
    let (reason, named) = refused_with(finance.cancel_unit_change(cancel(&moved)).await, "unit_changes");
    assert_eq!((reason.as_str(), &named), ("UNIT_CHANGE_BUILT_UPON", &renamed.name));
    assert_eq!(unit_on(&mut finance, "603007", Some(date(2025, 3, 1))).await.title, "新名");
    cancelled(&mut finance, &renamed).await;
    let old = unit_on(&mut finance, "603007", Some(date(2025, 3, 1))).await;
    assert_eq!((old.title.as_str(), old.former_titles.len()), ("单位602002", 0));
    cancelled(&mut finance, &moved).await;
    let told = changes(&mut finance, "603007", false).await;
    assert_eq!(told.len(), 2, "the history stays when the unit is gone");
}

#[tokio::test]
async fn what_was_entered_for_a_unit_that_never_begins_is_named() {
    let (registry, _) = registry().await;
    registry.project("p1", "602002").await;
    let mut finance = registry.units(Role::FinanceHead);
    let split = SplitUnitRequest {
        name: unit_name("602002"),
        effective_date: Some(date(2025, 1, 1)),
        parts: vec![part("602003", &["p1"]), part("602004", &[])],
        reason: "分设".into(),
        ..Default::default()
    };
    finance.split_unit(split).await.unwrap();
    registry.project("p2", "602004").await;
    registry.project("p3", "602002").await;
    let decided = changes(&mut finance, "602002", false).await;
    let (reason, named) = refused_with(finance.cancel_unit_change(cancel(&decided[0])).await, "resources");
    assert_eq!((reason.as_str(), &named), ("UNIT_IN_USE", &project_name("p2")));
    let unit = unit_on(&mut finance, "602002", Some(date(2025, 1, 1))).await;
    assert_eq!(unit.state(), unit::State::Split, "a refusal changes nothing");

    let given_back =
        Project { name: project_name("p2"), implementing_unit: unit_name("602001"), ..Default::default() };
    let mask = Some(prost_types::FieldMask { paths: vec!["implementing_unit".into()] });
    let ask = UpdateProjectRequest { project: Some(given_back), update_mask: mask, ..Default::default() };
    registry.projects(Role::FinanceHead).update_project(ask).await.unwrap();
    let answer = finance.cancel_unit_change(cancel(&decided[0])).await;
    let (reason, named) = refused_with(answer, "resources");
    assert_eq!(
        (reason.as_str(), &named),
        ("UNIT_IN_USE", &project_name("p2")),
        "it was the unit's for a time"
    );
}

#[tokio::test]
async fn a_unit_comes_back_only_where_it_may_stand() {
    let (registry, _) = registry().await;
    registry.unit("602002001", unit::Kind::Unit).await;
    let mut finance = registry.units(Role::FinanceHead);
    let close = |code: &str, month| CloseUnitRequest {
        name: unit_name(code),
        end_date: Some(date(2025, month, 28)),
        reason: "撤销".into(),
        ..Default::default()
    };
    finance.close_unit(close("602002001", 1)).await.unwrap();
    finance.close_unit(close("602002", 2)).await.unwrap();
    finance.close_unit(close("603001", 1)).await.unwrap();
    registry.unit("603002", unit::Kind::OwnUnit).await;
    for (code, expected) in [("602002001", "PARENT_UNIT_MISSING"), ("603001", "OWN_UNIT_EXISTS")] {
        let decided = changes(&mut finance, code, false).await;
        let refused = refusal(finance.cancel_unit_change(cancel(&decided[0])).await);
        assert_eq!(refused, (Code::FailedPrecondition, expected.into()), "{code}");
    }
    for code in ["602002", "602002001"] {
        let decided = changes(&mut finance, code, false).await;
        cancelled(&mut finance, &decided[0]).await;
        assert_eq!(unit_on(&mut finance, code, Some(date(2026, 1, 1))).await.state(), unit::State::Active);
    }
}

#[tokio::test]
async fn an_own_unit_that_was_to_be_split_is_the_own_unit_again() {
    let (registry, _) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    let split = SplitUnitRequest {
        name: unit_name("603001"),
        effective_date: Some(date(2025, 1, 1)),
        parts: vec![part("603002", &[]), part("603003", &[])],
        reason: "分设".into(),
        ..Default::default()
    };
    finance.split_unit(split).await.unwrap();
    let decided = changes(&mut finance, "603001", false).await;
    cancelled(&mut finance, &decided[0]).await;
    let count = CountUnitsRequest { parent: HAICANG.into(), effective_date: Some(date(2025, 6, 1)) };
    let counted = finance.count_units(count).await.unwrap().into_inner();
    assert_eq!((counted.own_unit_count, counted.budget_unit_count), (2, 3));
}

#[tokio::test]
async fn an_end_that_was_known_before_is_the_end_again() {
    let (registry, _) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    let file = "单位代码,单位名称,单位类型,停用日期\n602003,临时机构,所属单位,2026-12-31\n";
    let ask = ImportUnitsRequest {
        parent: HAICANG.into(),
        file: Some(ImportFile { format: ImportFormat::Csv.into(), content: file.as_bytes().to_vec() }),
        ..Default::default()
    };
    assert!(finance.import_units(ask).await.unwrap().into_inner().result.unwrap().written);
    let close = CloseUnitRequest {
        name: unit_name("602003"),
        end_date: Some(date(2025, 6, 30)),
        reason: "提前撤销".into(),
        ..Default::default()
    };
    finance.close_unit(close).await.unwrap();
    let decided = changes(&mut finance, "602003", false).await;
    cancelled(&mut finance, &decided[0]).await;
    assert_eq!(unit_on(&mut finance, "602003", None).await.end_date, Some(date(2026, 12, 31)));
}

#[tokio::test]
async fn no_project_is_left_with_a_unit_that_never_begins() {
    let (registry, _) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    relocated(&mut finance, "602002", "603007").await.unwrap();
    let decided = changes(&mut finance, "602002", false).await;
    let makers: Vec<_> = (0..12)
        .map(|number| {
            let mut client = registry.projects(Role::FinanceHead);
            let ask = CreateProjectRequest {
                parent: HAICANG.into(),
                project: Some(a_project("603007")),
                project_id: format!("p{number}"),
                ..Default::default()
            };
            tokio::spawn(async move { client.create_project(ask).await.map(|_| ()) })
        })
        .collect();
    let taken_back = finance.cancel_unit_change(cancel(&decided[0])).await.map(|_| ());
    let mut entered = 0;
    for maker in makers {
        match maker.await.unwrap() {
            Ok(()) => entered += 1,
            refused => assert_eq!(refusal(refused), (Code::FailedPrecondition, "REFERENCE_NOT_FOUND".into())),
        }
    }
    match taken_back {
        Ok(()) => assert_eq!(entered, 0),
        refused => assert_eq!(refusal(refused), (Code::FailedPrecondition, "UNIT_IN_USE".into())),
    }
}

#[tokio::test]
async fn other_services_are_told_what_units_are_again() {
    use sqlx::Row;
    let (registry, _) = registry().await;
    let mut finance = registry.units(Role::FinanceHead);
    relocated(&mut finance, "602002", "603007").await.unwrap();
    let decided = changes(&mut finance, "602002", false).await;
    cancelled(&mut finance, &decided[0]).await;
    let mut superuser = registry.suite.superuser().await;
    let said = "select type, subject, reason, after from (
                  select type, subject, reason, after from registry.journal_queue union all
                  select type, subject, reason, after from registry.journal) told
                where type in ('unit.withdrawn', 'unit.change_cancelled', 'unit_change.cancelled') order by type";
    let rows = sqlx::query(said).fetch_all(&mut superuser).await.unwrap();
    let told: Vec<(String, String)> = rows.iter().map(|row| (row.get("type"), row.get("subject"))).collect();
    let expected = [
        ("unit.change_cancelled", unit_name("602002")),
        ("unit.withdrawn", unit_name("603007")),
        ("unit_change.cancelled", decided[0].name.clone()),
    ];
    assert_eq!(told, expected.map(|(kind, subject)| (kind.to_owned(), subject)));
    assert!(rows.iter().all(|row| row.get::<String, _>("reason") == "方案调整，暂缓"));
    let unit = |place: usize| <Unit as prost::Message>::decode(rows[place].get::<&[u8], _>("after")).unwrap();
    assert_eq!((unit(0).state(), unit(0).end_date), (unit::State::Active, None));
    assert_eq!(unit(1).state(), unit::State::Withdrawn);
}
