//! Units that change over time, against a real Postgres.

mod support;

use std::sync::atomic::Ordering;

use chrono::{TimeZone, Utc};
use support::reform::{changes, clock, owner_on, pair, part, project_name, rename, unit_name, unit_on};
use support::{HAICANG, Registry, a_project, date, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::testing::unit_caller;

#[tokio::test]
async fn a_name_is_what_it_was_on_the_day_asked_for() {
    let registry = Registry::start().await;
    registry.department().await;
    let mut finance = registry.units(Role::FinanceHead);
    let ask = rename("602", "应急管理局", date(2020, 3, 1));
    let renamed = finance.rename_unit(ask.clone()).await.unwrap().into_inner();
    assert_eq!((renamed.title.as_str(), renamed.version), ("应急管理局", 2));
    assert_eq!(renamed.former_titles[0].title, "单位602");
    assert_eq!(unit_on(&mut finance, "602", Some(date(2020, 2, 29))).await.title, "单位602");
    let list = ListUnitsRequest {
        parent: HAICANG.into(),
        query: "单位602".into(),
        kind: unit::Kind::Department.into(),
        ..Default::default()
    };
    let found = finance.list_units(list.clone()).await.unwrap().into_inner().units;
    assert_eq!(found[0].title, "应急管理局", "found by its old name, called by its new one");
    let before = ListUnitsRequest { effective_date: Some(date(2020, 1, 1)), ..list };
    let found = finance.list_units(before).await.unwrap().into_inner().units;
    assert_eq!(found[0].title, "单位602");
    let batch = BatchGetUnitsRequest {
        parent: HAICANG.into(),
        names: vec![unit_name("602")],
        effective_date: Some(date(2020, 1, 1)),
    };
    let found = finance.batch_get_units(batch).await.unwrap().into_inner().units;
    assert_eq!((found[0].title.as_str(), found[0].former_titles.len()), ("单位602", 0));

    let history = changes(&mut finance, "602", false).await;
    assert_eq!(history.len(), 1);
    assert_eq!((history[0].former_title.as_str(), history[0].title.as_str()), ("单位602", "应急管理局"));
    assert_eq!(history[0].document_number, "厦海委编〔2020〕3号");
    assert!(history[0].apply_time.is_some());

    let earlier = finance.rename_unit(rename("602", "安监局", date(2020, 3, 1))).await;
    assert_eq!(refusal(earlier), (Code::FailedPrecondition, "UNIT_CHANGE_OUT_OF_ORDER".into()));
    let same = finance.rename_unit(rename("602", "应急管理局", date(2021, 3, 1))).await;
    assert_eq!(refusal(same), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let stale = RenameUnitRequest { etag: "1".into(), ..rename("602", "应急局", date(2021, 3, 1)) };
    assert_eq!(refusal(finance.rename_unit(stale).await), (Code::Aborted, "ETAG_MISMATCH".into()));
    let stranger = registry
        .units_as(unit_caller(Role::UnitHead, "602"))
        .rename_unit(rename("602", "应急局", date(2021, 3, 1)))
        .await;
    assert_eq!(refusal(stranger).0, Code::PermissionDenied);
    let correction = Unit { name: unit_name("602"), title: "区应急管理局".into(), ..Unit::default() };
    let mask = Some(prost_types::FieldMask { paths: vec!["title".into()] });
    let ask = UpdateUnitRequest { unit: Some(correction), update_mask: mask, ..Default::default() };
    assert_eq!(finance.update_unit(ask).await.unwrap().into_inner().title, "区应急管理局");
    assert_eq!(unit_on(&mut finance, "602", Some(date(2020, 1, 1))).await.title, "单位602");
}

#[tokio::test]
async fn projects_of_a_merged_department_go_to_its_successor() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::OwnUnit).await;
    registry.project("p1", "603001").await;
    registry.project("p2", "602002").await;
    let mut finance = registry.units(Role::FinanceHead);
    let ask = MergeUnitsRequest {
        name: unit_name("602"),
        absorbed_units: vec![unit_name("603"), unit_name("603001")],
        merge_date: Some(date(2021, 1, 1)),
        reason: "机构改革".into(),
        document_number: "厦海委编〔2020〕9号".into(),
        request_id: "merge".into(),
        ..Default::default()
    };
    finance.merge_units(ask.clone()).await.unwrap();
    finance.merge_units(ask).await.unwrap(); // the same request, once
    assert_eq!(owner_on(&registry, "p1", None).await, pair("602", "602"));
    assert_eq!(owner_on(&registry, "p1", Some(date(2020, 12, 31))).await, pair("603001", "603"));
    assert_eq!(owner_on(&registry, "p2", None).await, pair("602002", "602"));
    let mut project = registry.projects(Role::FinanceHead);
    let shown = GetProjectRequest { name: project_name("p1"), ..Default::default() };
    let shown = project.get_project(shown).await.unwrap().into_inner();
    assert_eq!(shown.department, unit_name("602"));
    assert_eq!(shown.former_owners[0].implementing_unit, unit_name("603001"));
    let history = changes(&mut finance, "602", false).await;
    assert_eq!(history.len(), 2, "what it took over stands in its history too");
    let new = CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(a_project("603001")),
        project_id: "p3".into(),
        ..Default::default()
    };
    let refused = project.create_project(new).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "UNIT_NOT_IN_FORCE".into()));
    let again = MergeUnitsRequest {
        name: unit_name("603"),
        absorbed_units: vec![unit_name("602002")],
        merge_date: Some(date(2021, 6, 1)),
        reason: "并入已撤销的单位".into(),
        ..Default::default()
    };
    let refused = finance.merge_units(again).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "UNIT_NOT_IN_FORCE".into()));
}

#[tokio::test]
async fn a_split_says_where_every_project_goes() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602002").await;
    registry.project("p2", "602002").await;
    registry.project("q", "602001").await;
    let mut finance = registry.units(Role::FinanceHead);
    let split = |parts: Vec<SplitPart>| SplitUnitRequest {
        name: unit_name("602002"),
        effective_date: Some(date(2021, 1, 1)),
        parts,
        reason: "分设".into(),
        ..Default::default()
    };
    let left = finance.split_unit(split(vec![part("602003", &["p1"]), part("602004", &[])])).await;
    assert_eq!(refusal(left), (Code::FailedPrecondition, "UNIT_HAS_PROJECTS".into()));
    let twice = finance.split_unit(split(vec![part("602003", &["p1", "p2"]), part("602004", &["p1"])])).await;
    assert_eq!(refusal(twice), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let foreign =
        finance.split_unit(split(vec![part("602003", &["p1", "p2"]), part("602004", &["q"])])).await;
    assert_eq!(refusal(foreign), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let same = finance.split_unit(split(vec![part("602003", &["p1"]), part("602003", &["p2"])])).await;
    assert!(matches!(refusal(same).0, Code::InvalidArgument));
    let ended = finance
        .split_unit(split(vec![part("602003", &["p1"]), part("602004", &["p2"])]))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(ended.state(), unit::State::Split);
    assert_eq!(ended.successors, [unit_name("602003"), unit_name("602004")]);
    assert_eq!(owner_on(&registry, "p1", None).await, pair("602003", "602"));
    assert_eq!(owner_on(&registry, "p2", None).await, pair("602004", "602"));
    assert_eq!(owner_on(&registry, "p2", Some(date(2020, 12, 31))).await, pair("602002", "602"));
    let count = |year| CountUnitsRequest { parent: HAICANG.into(), effective_date: Some(date(year, 6, 1)) };
    assert_eq!(finance.count_units(count(2020)).await.unwrap().into_inner().budget_unit_count, 2);
    assert_eq!(finance.count_units(count(2021)).await.unwrap().into_inner().budget_unit_count, 3);
}

#[tokio::test]
async fn a_unit_that_moves_goes_on_under_a_new_code() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("602002001", unit::Kind::Unit).await;
    registry.unit("605", unit::Kind::Department).await;
    registry.project("p1", "602002").await;
    registry.project("p2", "602002001").await;
    let mut finance = registry.units(Role::FinanceHead);
    let relocate = |code: &str, to: &str| MoveUnitRequest {
        name: unit_name(code),
        new_agency_code: to.into(),
        effective_date: Some(date(2021, 7, 1)),
        reason: "划转".into(),
        ..Default::default()
    };
    for (code, to, expected) in [
        ("602", "605007", (Code::InvalidArgument, "INVALID_REQUEST")),
        ("602001", "605007", (Code::InvalidArgument, "INVALID_REQUEST")),
        ("602002", "602002009", (Code::InvalidArgument, "INVALID_REQUEST")),
        ("602002", "609007", (Code::FailedPrecondition, "PARENT_UNIT_MISSING")),
        ("602002", "602001", (Code::AlreadyExists, "CODE_TAKEN")),
    ] {
        let refused = refusal(finance.move_unit(relocate(code, to)).await);
        assert_eq!((refused.0, refused.1.as_str()), expected, "{code} to {to}");
    }
    let moved = finance.move_unit(relocate("602002", "605007")).await.unwrap().into_inner();
    assert_eq!((moved.name.as_str(), moved.department), (&*unit_name("605007"), unit_name("605")));
    assert_eq!(moved.title, "单位602002");
    let old = unit_on(&mut finance, "602002", None).await;
    assert_eq!((old.state(), old.successor), (unit::State::Moved, unit_name("605007")));
    assert_eq!(unit_on(&mut finance, "602002", Some(date(2021, 6, 30))).await.state(), unit::State::Active);
    assert_eq!(unit_on(&mut finance, "605007", Some(date(2021, 6, 30))).await.state(), unit::State::Pending);
    assert_eq!(owner_on(&registry, "p1", None).await, pair("605007", "605"));
    assert_eq!(owner_on(&registry, "p2", None).await, pair("605007001", "605"), "what is below moves along");
    assert_eq!(owner_on(&registry, "p2", Some(date(2021, 6, 30))).await, pair("602002001", "602"));
    for year in [2021, 2022] {
        let count = CountUnitsRequest { parent: HAICANG.into(), effective_date: Some(date(year, 1, 1)) };
        assert_eq!(finance.count_units(count).await.unwrap().into_inner().budget_unit_count, 4, "{year}");
    }

    finance.rename_unit(rename("605007", "新名", date(2022, 1, 1))).await.unwrap();
    registry.unit("605008", unit::Kind::Unit).await;
    let merge = MergeUnitsRequest {
        name: unit_name("605008"),
        absorbed_units: vec![unit_name("605007001")],
        merge_date: Some(date(2022, 7, 1)),
        reason: "并".into(),
        ..Default::default()
    };
    finance.merge_units(merge).await.unwrap();
    let kinds = |changes: &[UnitChange]| changes.iter().map(UnitChange::kind).collect::<Vec<_>>();
    use unit_change::Kind;
    let chain = changes(&mut finance, "602002001", true).await;
    assert_eq!(kinds(&chain), [Kind::Move, Kind::Merge], "forwards");
    let chain = changes(&mut finance, "605008", true).await;
    assert_eq!(kinds(&chain), [Kind::Move, Kind::Merge], "and backwards");
    let mut page = ListUnitChangesRequest { parent: HAICANG.into(), page_size: 3, ..Default::default() };
    let first = finance.list_unit_changes(page.clone()).await.unwrap().into_inner();
    assert_eq!(first.unit_changes.len(), 3);
    page.page_token = first.next_page_token;
    let rest = finance.list_unit_changes(page).await.unwrap().into_inner();
    assert_eq!((kinds(&rest.unit_changes), rest.next_page_token.as_str()), (vec![Kind::Merge], ""));
}

#[tokio::test]
async fn a_unit_ends_only_when_somebody_takes_its_projects() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602002").await;
    let mut finance = registry.units(Role::FinanceHead);
    let close = |receiver: &str| CloseUnitRequest {
        name: unit_name("602002"),
        end_date: Some(date(2021, 12, 31)),
        receiving_unit: if receiver.is_empty() { String::new() } else { unit_name(receiver) },
        reason: "撤销".into(),
        ..Default::default()
    };
    let orphans = finance.close_unit(close("")).await;
    assert_eq!(refusal(orphans), (Code::FailedPrecondition, "UNIT_HAS_PROJECTS".into()));
    let itself = finance.close_unit(close("602002")).await;
    assert_eq!(refusal(itself), (Code::InvalidArgument, "INVALID_REQUEST".into()));
    let nobody = finance.close_unit(close("602009")).await;
    assert_eq!(refusal(nobody), (Code::FailedPrecondition, "REFERENCE_NOT_FOUND".into()));
    let closed = finance.close_unit(close("602001")).await.unwrap().into_inner();
    assert_eq!((closed.state(), closed.end_date), (unit::State::Closed, Some(date(2021, 12, 31))));
    assert_eq!(owner_on(&registry, "p1", None).await, pair("602001", "602"));
    let file = "单位代码,单位名称,单位类型,停用日期\n602001,单位602001,本级,2022-12-31\n";
    let ask = ImportUnitsRequest {
        parent: HAICANG.into(),
        file: Some(ImportFile { format: ImportFormat::Csv.into(), content: file.as_bytes().to_vec() }),
        ..Default::default()
    };
    let result = finance.import_units(ask.clone()).await.unwrap().into_inner().result.unwrap();
    assert_eq!(
        (result.written, result.row_errors[0].reason.as_str(), result.row_errors[0].column.as_str()),
        (false, "UNIT_HAS_PROJECTS", "停用日期")
    );
    let end = CloseProjectRequest {
        name: project_name("p1"),
        end_date: Some(date(2022, 6, 30)),
        reason: "完成".into(),
        ..Default::default()
    };
    registry.projects(Role::FinanceHead).close_project(end).await.unwrap();
    let result = finance.import_units(ask).await.unwrap().into_inner().result.unwrap();
    assert_eq!((result.written, result.updated_count), (true, 1));
    assert_eq!(changes(&mut finance, "602001", false).await.last().unwrap().kind(), unit_change::Kind::Close);
}

#[tokio::test]
async fn a_change_to_come_shows_from_its_day() {
    let (clock, seconds) = clock(Utc.with_ymd_and_hms(2024, 6, 1, 0, 0, 0).unwrap());
    let registry = Registry::start_at(clock).await;
    registry.department().await;
    registry.project("p1", "602002").await;
    let mut finance = registry.units(Role::FinanceHead);
    let close = CloseUnitRequest {
        name: unit_name("602002"),
        end_date: Some(date(2024, 6, 30)),
        receiving_unit: unit_name("602001"),
        reason: "撤销".into(),
        ..Default::default()
    };
    let closed = finance.close_unit(close).await.unwrap().into_inner();
    assert_eq!(closed.state(), unit::State::Active);
    let renamed =
        finance.rename_unit(rename("602", "应急管理局", date(2024, 7, 1))).await.unwrap().into_inner();
    assert_eq!(renamed.title, "单位602");
    assert_eq!(owner_on(&registry, "p1", None).await, pair("602002", "602"));
    registry.project("p2", "602002").await; // entered after the decision, for a unit that has an heir
    let ask = ApplyUnitChangesRequest { parent: HAICANG.into(), ..Default::default() };
    let early = finance.apply_unit_changes(ask.clone()).await.unwrap().into_inner();
    assert_eq!((early.unit_changes.len(), early.project_count), (0, 0));

    // 16:00 UTC is midnight in Beijing.
    seconds.store(Utc.with_ymd_and_hms(2024, 6, 30, 16, 0, 0).unwrap().timestamp(), Ordering::SeqCst);
    assert_eq!(unit_on(&mut finance, "602", None).await.title, "应急管理局");
    assert_eq!(unit_on(&mut finance, "602002", None).await.state(), unit::State::Closed);
    let done = finance.apply_unit_changes(ask.clone()).await.unwrap().into_inner();
    assert_eq!((done.unit_changes.len(), done.project_count), (2, 2));
    for id in ["p1", "p2"] {
        assert_eq!(owner_on(&registry, id, None).await, pair("602001", "602"));
        assert_eq!(owner_on(&registry, id, Some(date(2024, 6, 30))).await, pair("602002", "602"));
    }
    let again = finance.apply_unit_changes(ask).await.unwrap().into_inner();
    assert_eq!((again.unit_changes.len(), again.project_count), (0, 0), "again changes nothing");
}

#[tokio::test]
async fn no_project_slips_past_the_end_of_its_unit() {
    let registry = Registry::start().await;
    registry.department().await;
    let makers: Vec<_> = (0..12)
        .map(|number| {
            let mut client = registry.projects(Role::FinanceHead);
            let ask = CreateProjectRequest {
                parent: HAICANG.into(),
                project: Some(a_project("602002")),
                project_id: format!("p{number}"),
                ..Default::default()
            };
            tokio::spawn(async move { client.create_project(ask).await.is_ok() })
        })
        .collect();
    let close = CloseUnitRequest {
        name: unit_name("602002"),
        end_date: Some(date(2021, 12, 31)),
        receiving_unit: unit_name("602001"),
        reason: "撤销".into(),
        ..Default::default()
    };
    let mut finance = registry.units(Role::FinanceHead);
    finance.close_unit(close).await.unwrap();
    for (number, maker) in makers.into_iter().enumerate() {
        if maker.await.unwrap() {
            assert_eq!(owner_on(&registry, &format!("p{number}"), None).await, pair("602001", "602"));
        }
    }
}

#[tokio::test]
async fn other_services_are_told_of_units_and_of_owners() {
    use sqlx::Row;
    let registry = Registry::start().await;
    registry.department().await;
    registry.project("p1", "602002").await;
    registry.unit("605", unit::Kind::Department).await;
    let ask = MoveUnitRequest {
        name: unit_name("602002"),
        new_agency_code: "605001".into(),
        effective_date: Some(date(2021, 7, 1)),
        reason: "划转".into(),
        ..Default::default()
    };
    registry.units(Role::FinanceHead).move_unit(ask).await.unwrap();
    let mut superuser = registry.suite.superuser().await;
    let said = "select type from (select id, type from registry.journal_queue union all
                select 0, type from registry.journal) all_of_them
                where type in ('unit.created', 'unit.moved', 'unit_change.created', 'project.handed_over')";
    let rows = sqlx::query(said).fetch_all(&mut superuser).await.unwrap();
    let told: Vec<String> = rows.iter().map(|row| row.get("type")).collect();
    for (kind, times) in
        [("unit.created", 5), ("unit.moved", 1), ("unit_change.created", 1), ("project.handed_over", 1)]
    {
        assert_eq!(told.iter().filter(|told| *told == kind).count(), times, "{kind}");
    }
}
