//! Official forms in and out, on a real Postgres: round trips, errors by their cells, many files and sheets, a worker
//! that dies half-way.

use std::io::{Cursor, Read, Write};
use std::time::Duration;

use prost::Message;
use sqlx::PgConnection;
use tonic::{Code, Status};
use wenxiao_contract::google::longrunning::operation::Result as Outcome;
use wenxiao_contract::google::longrunning::operations_client::OperationsClient;
use wenxiao_contract::google::longrunning::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest, Operation,
    WaitOperationRequest,
};
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject;
use wenxiao_kernel::Clock;
use wenxiao_platform::ServedDistricts;
use wenxiao_platform::cache::Cache;
use wenxiao_platform::clients::{Link, Links};
use wenxiao_platform::database::DatabaseConfig;
use wenxiao_platform::doorbell::Doorbell;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::suite::Suite;
use wenxiao_platform::testing::{TestSuite, caller};

use crate::support::*;

type Operations = OperationsClient<Link>;

fn operations(suite: &TestSuite, principal: Principal) -> Operations {
    OperationsClient::new(suite.as_caller(principal))
}

/// A file as the messages of a stream.
fn sending(file: &[u8], options: wire::ImportObjectivesRequest) -> Vec<wire::ImportObjectivesRequest> {
    let chunk = |chunk: &[u8]| wire::ImportObjectivesRequest {
        parent: DISTRICT.to_owned(),
        chunk: chunk.to_vec(),
        ..Default::default()
    };
    let mut messages: Vec<_> = file.chunks(100_000).map(chunk).collect();
    if messages.is_empty() {
        messages.push(chunk(&[]));
    }
    messages[0] = wire::ImportObjectivesRequest { chunk: messages[0].chunk.clone(), ..options };
    messages
}

fn options() -> wire::ImportObjectivesRequest {
    wire::ImportObjectivesRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2021,
        file_name: "申报表.zip".to_owned(),
        ..Default::default()
    }
}

async fn start_import(
    suite: &TestSuite,
    principal: Principal,
    file: &[u8],
    options: wire::ImportObjectivesRequest,
) -> Result<Operation, Status> {
    let messages = sending(file, options);
    let answer = objectives(suite, principal).import_objectives(tokio_stream::iter(messages)).await?;
    Ok(answer.into_inner())
}

async fn finished(mut operations: Operations, name: &str) -> Operation {
    for _ in 0..60 {
        let ask = WaitOperationRequest {
            name: name.to_owned(),
            timeout: Some(prost_types::Duration { seconds: 1, nanos: 0 }),
        };
        let operation = operations.wait_operation(ask).await.expect("as it should be").into_inner();
        if operation.done {
            return operation;
        }
    }
    panic!("{name} does not end");
}

fn response(operation: &Operation) -> wire::ImportObjectivesResponse {
    match &operation.result {
        Some(Outcome::Response(any)) => {
            assert!(any.type_url.ends_with("wenxiao.targets.v1.ImportObjectivesResponse"));
            wire::ImportObjectivesResponse::decode(any.value.as_slice()).expect("as it should be")
        }
        other => panic!("{other:?}"),
    }
}

fn progress(operation: &Operation) -> wire::ImportObjectivesMetadata {
    let any = operation.metadata.as_ref().expect("as it should be");
    wire::ImportObjectivesMetadata::decode(any.value.as_slice()).expect("as it should be")
}

async fn import(
    suite: &TestSuite,
    principal: Principal,
    file: &[u8],
    options: wire::ImportObjectivesRequest,
) -> wire::ImportObjectivesResponse {
    let started = start_import(suite, principal.clone(), file, options).await.expect("as it should be");
    response(&finished(operations(suite, principal), &started.name).await)
}

async fn collect(
    answer: Result<tonic::Response<tonic::Streaming<wire::ExportObjectivesResponse>>, Status>,
) -> (String, Vec<u8>) {
    let mut parts = answer.expect("as it should be").into_inner();
    let (mut name, mut file) = (String::new(), Vec::new());
    while let Some(part) = parts.message().await.expect("as it should be") {
        if name.is_empty() {
            name = part.file_name;
        }
        file.extend(part.chunk);
    }
    (name, file)
}

fn exporting(names: &[&str]) -> wire::ExportObjectivesRequest {
    wire::ExportObjectivesRequest {
        parent: DISTRICT.to_owned(),
        fiscal_year: 2021,
        objectives: names.iter().map(|id| objective(id)).collect(),
        ..Default::default()
    }
}

fn files_of(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("as it should be");
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).expect("as it should be");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("as it should be");
        files.push((file.name().expect("as it should be").into_owned(), content));
    }
    files
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("as it should be");
        writer.write_all(content).expect("as it should be");
    }
    writer.finish().expect("as it should be").into_inner()
}

/// A workbook of sheets with these rows of cells; numbers stand as numbers.
fn workbook(sheets: &[Vec<Vec<&str>>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for rows in sheets {
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, text) in (0..).zip(cells) {
                match text.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).expect("as it should be"),
                    Err(_) => sheet.write_string(row, column, *text).expect("as it should be"),
                };
            }
        }
    }
    book.save_to_buffer().expect("as it should be")
}

/// A form of a project as a clerk fills it in, with one row of an indicator.
fn form<'a>(project: &'a str, sign: &'a str, value: &'a str, unit: &'a str) -> Vec<Vec<&'a str>> {
    vec![
        vec!["项目支出绩效目标申报表"],
        vec!["（2021年度）"],
        vec!["项目代码", project],
        vec!["项目资金（万元）", "项目资金总额", "", "300", "年度资金申请总额", "", "", "100.5"],
        vec!["", "其中：财政资金", "", "300", "其中：当年财政拨款", "", "", "100.5"],
        vec!["年度总体目标", "完成校舍修缮"],
        vec!["绩效指标", "一级指标", "二级指标", "三级指标", "计算符号", "指标值", "计量单位", "权重"],
        vec!["", "产出指标", "", "修缮面积", sign, value, unit, "50"],
        vec!["", "满意度指标", "", "师生满意度", "≥", "90", "%", "40"],
    ]
}

async fn hashes(suite: &TestSuite) -> Vec<(String, String, i64)> {
    let rows: Vec<(String, serde_json::Value, i64)> =
        sqlx::query_as("select subject_id, form, version from targets.objectives order by subject_id")
            .fetch_all(&mut suite.superuser().await)
            .await
            .expect("as it should be");
    let hash = |form: serde_json::Value| {
        let form: wenxiao_targets::domain::form::Form =
            serde_json::from_value(form).expect("as it should be");
        form.content_hash()
    };
    rows.into_iter().map(|(subject, form, version)| (subject, hash(form), version)).collect()
}

async fn count(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.expect("as it should be")
}

fn money(units: i64, nanos: i32) -> Option<wenxiao_contract::google::r#type::Money> {
    Some(wenxiao_contract::google::r#type::Money { currency_code: "CNY".to_owned(), units, nanos })
}

/// A whole department's form with everything that it has.
fn department_form() -> wire::ObjectiveContent {
    wire::ObjectiveContent {
        department_profile: Some(wire::DepartmentProfile {
            functions: "主管全区教育".to_owned(),
            subordinate_unit_count: 42,
            staff_post_count: 3100,
            total_budget: money(1_900_000_000, 120_000_000),
            three_public_expenses_amount: money(350_000, 0),
            duty_tasks: vec![wire::DutyTask {
                title: "学校建设".to_owned(),
                description: "新建、改扩建".to_owned(),
                total_amount: money(500_000_000, 0),
                ..Default::default()
            }],
            ..Default::default()
        }),
        annual_funding: None,
        ..content("办好人民满意的教育")
    }
}

#[tokio::test]
async fn both_layouts_come_back_with_the_same_hash() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    let mut request = creation("o1", "p-602002-1", 2021);
    let form = request.objective.as_mut().unwrap().content.as_mut().unwrap();
    form.whole_life_funding = Some(wire::WholeLifeFunding {
        total_amount: money(63_210_000, 0),
        printed_total: Some(common::PrintedAmount {
            value: number("0.6"),
            unit: common::AmountUnit::HundredMillionYuan.into(),
            bound: common::FigureBound::AtLeast.into(),
            text: "0.6亿多".to_owned(),
        }),
        ..Default::default()
    });
    form.indicators[1].target_value =
        Some(wire::TargetValue { printed: "*".to_owned(), ..Default::default() });
    form.nature = wire::ProjectNature::Phased.into();
    form.medium_term_goal = "三年内完成\n全部校舍修缮".to_owned();
    unit.create_objective(request).await.unwrap();
    let mut head = objectives(&suite, officer());
    let mut whole = creation("o2", "", 2021);
    let objective = whole.objective.as_mut().unwrap();
    objective.subject = Some(Subject::WholeDepartment(format!("{DISTRICT}/units/602")));
    objective.content = Some(department_form());
    objectives(&suite, filer("602")).create_objective(whole).await.unwrap();
    let before = hashes(&suite).await;
    assert_eq!(before.len(), 2);

    for (layout, id, amount_unit) in [
        (wire::FormLayout::Project, "o1", common::AmountUnit::TenThousandYuan),
        (wire::FormLayout::WholeDepartment, "o2", common::AmountUnit::Yuan),
    ] {
        let ask = wire::ExportObjectivesRequest {
            layout: layout.into(),
            amount_unit: amount_unit.into(),
            ..exporting(&[id])
        };
        let (name, file) = collect(head.export_objectives(ask).await).await;
        assert!(name.starts_with("2021") && name.ends_with(".xlsx"), "{name}");
        let options = wire::ImportObjectivesRequest { layout: layout.into(), ..options() };
        // What is there already stays as it is: the same hash, and no new version.
        let again = import(&suite, officer(), &file, options.clone()).await;
        assert_eq!((again.unchanged_count, again.errors.len()), (1, 0), "{again:?}");
        assert_eq!(hashes(&suite).await, before);
        // And where it was taken away, the file brings it back.
        sqlx::query("delete from targets.objectives where id = $1")
            .bind(id)
            .execute(&mut suite.superuser().await)
            .await
            .unwrap();
        let restored = import(&suite, officer(), &file, options).await;
        assert_eq!((restored.created_count, restored.errors.len()), (1, 0), "{restored:?}");
        assert_eq!(hashes(&suite).await, before);
    }
}

#[tokio::test]
async fn a_zip_of_many_and_a_workbook_of_many_sheets_are_read_and_written() {
    let suite = start().await;
    let projects: Vec<String> = (1..=30).map(|n| format!("p-602002-{n}")).collect();
    let books: Vec<(String, Vec<u8>)> = projects[..20]
        .iter()
        .map(|project| (format!("学校/{project}.xlsx"), workbook(&[form(project, "≥", "1200", "平方米")])))
        .chain([("__MACOSX/._x.xlsx".to_owned(), b"shadow".to_vec())])
        .collect();
    let done = import(&suite, officer(), &archive(&books), options()).await;
    assert_eq!((done.created_count, done.objective_count, done.errors.len()), (20, 20, 0), "{done:?}");
    // A unit imports its own in one workbook: those that are there are changed, those that are not are made.
    let mut sheets: Vec<_> = projects[10..].iter().map(|p| form(p, "≤", "900", "平方米")).collect();
    sheets.push(vec![]);
    let done = import(&suite, filer("602002"), &workbook(&sheets), options()).await;
    assert_eq!((done.created_count, done.updated_count, done.errors.len()), (10, 10, 0), "{done:?}");
    let list =
        wire::ListObjectivesRequest { parent: DISTRICT.to_owned(), page_size: 100, ..Default::default() };
    let all = objectives(&suite, officer()).list_objectives(list).await.unwrap().into_inner().objectives;
    assert_eq!(all.len(), 30);
    let one = all
        .iter()
        .find(|one| one.subject == Some(Subject::Project(format!("{DISTRICT}/projects/p-602002-11"))));
    let one = one.unwrap();
    assert_eq!((one.version, one.unit.as_str()), (2, &*format!("{DISTRICT}/units/602002")));
    let content = one.content.as_ref().unwrap();
    assert_eq!(content.annual_funding.as_ref().unwrap().total_amount, yuan(1_005_000), "万元 became yuan");
    assert_eq!(content.indicators[0].indicator_id, "i1");

    let mut connection = suite.superuser().await;
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);
    assert_eq!(count(&mut connection, "select count(*) from targets.import_forms").await, 0);
    wait_for_the_journal(&mut connection, "objective.created", 30).await;
    wait_for_the_journal(&mut connection, "objective.edited", 10).await;

    let (name, file) = collect(objectives(&suite, officer()).export_objectives(exporting(&[])).await).await;
    assert_eq!(name, "2021项目支出绩效目标申报表.zip");
    let packed = files_of(&file);
    assert_eq!(packed.len(), 30);
    assert!(packed[0].0.starts_with("p-602002-") && packed[0].0.ends_with(".xlsx"), "{}", packed[0].0);
    let again = import(&suite, officer(), &file, options()).await;
    assert_eq!((again.unchanged_count, again.objective_count), (30, 0), "{again:?}");
    let book =
        wire::ExportObjectivesRequest { packaging: wire::FormPackaging::Workbook.into(), ..exporting(&[]) };
    let (_, file) = collect(objectives(&suite, filer("602002")).export_objectives(book).await).await;
    let again = import(&suite, filer("602002"), &file, options()).await;
    assert_eq!(again.unchanged_count, 30, "many sheets come back too: {again:?}");
    // Another unit sees none of them.
    let (_, file) = collect(objectives(&suite, filer("701")).export_objectives(exporting(&[])).await).await;
    assert_eq!(files_of(&file).len(), 0);
}

async fn wait_for_the_journal(connection: &mut PgConnection, kind: &str, expected: i64) {
    for _ in 0..100 {
        let found: i64 = sqlx::query_scalar("select count(*) from targets.journal where type = $1")
            .bind(kind)
            .fetch_one(&mut *connection)
            .await
            .expect("as it should be");
        if found == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the journal does not have {expected} of {kind}");
}

#[tokio::test]
async fn every_error_is_said_at_its_file_sheet_and_cell_and_nothing_is_written() {
    let suite = start().await;
    bring_to_finance(&suite, "o1", "p-602002-9", 2021).await;
    let mut lost = form("p-602002-2", "≥", "1200", "平方米");
    lost[8][5] = "290%";
    let mut year = form("p-602002-3", "≥", "1200", "平方米");
    year[1][0] = "（2020年度）";
    let mut unitless = form("p-602002-4", "≥", "1200", "平方米");
    unitless[3][0] = "项目资金";
    let mut misnamed = form("p-602002-5", "≥", "1200", "平方米");
    misnamed[2].extend(["", "", "项目名称", "道路改造"]);
    let books = [
        ("1好的.xlsx", workbook(&[form("p-602002-1", "≥", "1200", "平方米")])),
        ("2数值.xlsx", workbook(&[lost, form("p-602002-6", "≥", "完成", "平方米")])),
        ("3年度.xlsx", workbook(&[year])),
        ("4金额.xlsx", workbook(&[unitless])),
        ("5名称.xlsx", workbook(&[misnamed])),
        ("6没有.xlsx", workbook(&[form("p-999999-1", "≥", "1200", "平方米")])),
        ("7重复.xlsx", workbook(&[form("p-602002-1", "≥", "1", "平方米")])),
        ("8在审.xlsx", workbook(&[form("p-602002-9", "≥", "1", "平方米")])),
        ("9坏的.xlsx", b"PK nonsense".to_vec()),
        ("旧的.xls", b"old".to_vec()),
    ];
    let books: Vec<_> = books.into_iter().map(|(name, book)| (name.to_owned(), book)).collect();
    let before = hashes(&suite).await;
    let done = import(&suite, officer(), &archive(&books), options()).await;
    let said: Vec<(&str, &str)> =
        done.errors.iter().map(|error| (error.file_name.as_str(), error.cell.as_str())).collect();
    let expected = [
        ("2数值.xlsx", "F9"),
        ("2数值.xlsx", "F8"),
        ("3年度.xlsx", "A2"),
        ("4金额.xlsx", "D4"),
        ("4金额.xlsx", "H4"),
        ("4金额.xlsx", "D5"),
        ("4金额.xlsx", "H5"),
        ("5名称.xlsx", "F3"),
        ("6没有.xlsx", "B3"),
        ("8在审.xlsx", "B3"),
        ("9坏的.xlsx", ""),
        ("旧的.xls", ""),
        ("7重复.xlsx", ""),
    ];
    assert_eq!(said, expected, "{:#?}", done.errors);
    assert!(done.errors[0].text.contains("290%超过100%") && done.errors[0].sheet == "Sheet1");
    assert!(done.errors[1].text.contains("不是数字") && done.errors[1].sheet == "Sheet2");
    assert!(done.errors[9].text.contains("财政审核"));
    assert_eq!(done.objective_count, 0);
    assert_eq!(hashes(&suite).await, before, "one error, and nothing is written");

    // A unit does not file for another, and hears no more of its projects than that they are not its own.
    let foreign = workbook(&[form("p-602001-1", "≥", "1", "平方米")]);
    let done = import(&suite, filer("602002"), &foreign, options()).await;
    assert!(done.errors[0].text.contains("没有本单位的项目"), "{done:?}");
    for (file, says) in
        [(&b"no archive"[..], "文件无法读取"), (&workbook(&[vec![vec!["别的表"]]]), "不是“项目支出")]
    {
        let done = import(&suite, officer(), file, options()).await;
        assert!(done.errors[0].text.contains(says), "{done:?}");
    }
    // Only checking changes nothing, and says that all is well.
    let good = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let check = wire::ImportObjectivesRequest { validate_only: true, ..options() };
    let done = import(&suite, officer(), &good, check).await;
    assert_eq!((done.errors.len(), done.objective_count), (0, 0));
    assert_eq!(hashes(&suite).await, before);
}

#[tokio::test]
async fn errors_are_bounded() {
    let suite = start().await;
    let mut bad = form("p-602002-1", "约", "1200", "平方米");
    let row = bad[7].clone();
    bad.extend(vec![row; 150]);
    let sheets: Vec<_> = (0..20).map(|_| bad.clone()).collect();
    let done = import(&suite, officer(), &workbook(&sheets), options()).await;
    assert_eq!((done.errors.len(), done.errors_truncated), (1000, true));
}

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
    let done = finished(operations(&suite, filer("602002")), &first.name).await;
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
    finished(operations(&suite, filer("602002")), &started.name).await;
    assert!(operations(&suite, officer()).get_operation(get()).await.unwrap().into_inner().done);
    let colleague = Principal { subject: "test:another".to_owned(), ..filer("602002") };
    for stranger in [colleague, filer("701")] {
        let mut theirs = operations(&suite, stranger);
        assert_eq!(theirs.get_operation(get()).await.unwrap_err().code(), Code::NotFound);
        let cancel = CancelOperationRequest { name: started.name.clone() };
        assert_eq!(theirs.cancel_operation(cancel).await.unwrap_err().code(), Code::NotFound);
        let list = ListOperationsRequest { name: DISTRICT.to_owned(), ..Default::default() };
        assert!(theirs.list_operations(list).await.unwrap().into_inner().operations.is_empty());
    }
    for role in [Role::ThirdPartyReviewer, Role::CityReader, Role::BudgetingSystem] {
        let refused = operations(&suite, caller(role)).get_operation(get()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
        let refused = start_import(&suite, caller(role), &file, options()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
    let mut own = operations(&suite, filer("602002"));
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

#[tokio::test]
async fn checking_can_be_cancelled_and_writing_cannot() {
    let suite = start().await;
    let mut connection = suite.superuser().await;
    // Nobody works while another process seems to hold it.
    let file = workbook(&[form("p-602002-1", "≥", "1200", "平方米")]);
    let hold = "create function targets.hold() returns trigger language plpgsql as
        $$ begin new.lease_until := now() + interval '1 hour'; new.lease_owner := 'nobody'; return new; end $$;
        create trigger hold before insert on targets.operations for each row execute function targets.hold()";
    sqlx::raw_sql(hold).execute(&mut connection).await.unwrap();
    let started = start_import(&suite, filer("602002"), &file, options()).await.unwrap();
    let mut own = operations(&suite, filer("602002"));
    let deleted = own.delete_operation(DeleteOperationRequest { name: started.name.clone() }).await;
    expect_refusal(deleted, Code::FailedPrecondition, "STATE_NOT_ALLOWED");
    own.cancel_operation(CancelOperationRequest { name: started.name.clone() }).await.unwrap();
    release(&mut connection).await;
    let ended = finished(operations(&suite, filer("602002")), &started.name).await;
    let Some(Outcome::Error(error)) = ended.result else { panic!("{ended:?}") };
    assert_eq!(error.code, i32::from(Code::Cancelled));
    assert_eq!(count(&mut connection, "select count(*) from targets.objectives").await, 0);
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);

    // One that already writes goes on to its end, and leaves alone what was submitted meanwhile.
    let file = workbook(&[form("p-602002-2", "≥", "1", "个"), form("p-602002-3", "≥", "1", "个")]);
    let started = start_import(&suite, officer(), &file, options()).await.unwrap();
    let pause = "create function targets.pause() returns trigger language plpgsql as
        $$ begin new.lease_until := now() + interval '1 hour'; new.lease_owner := 'nobody'; return new; end $$;
        create trigger pause before update of cursor on targets.operations for each row execute function targets.pause()";
    sqlx::raw_sql(pause).execute(&mut connection).await.unwrap();
    release(&mut connection).await;
    until(&mut connection, "select count(*) from targets.import_forms", 2).await;
    sqlx::raw_sql("drop trigger pause on targets.operations").execute(&mut connection).await.unwrap();
    bring_to_finance(&suite, "o3", "p-602002-3", 2021).await;
    operations(&suite, officer())
        .cancel_operation(CancelOperationRequest { name: started.name.clone() })
        .await
        .unwrap();
    release(&mut connection).await;
    let done = response(&finished(operations(&suite, officer()), &started.name).await);
    assert_eq!((done.created_count, done.errors.len()), (1, 1), "{done:?}");
    assert!(done.errors[0].text.contains("财政审核"));
}

#[tokio::test]
async fn the_template_is_the_years_and_reads_when_it_is_filled_in() {
    let suite = start().await;
    for (layout, title) in [
        (wire::FormLayout::Project, "项目支出绩效目标申报表"),
        (wire::FormLayout::WholeDepartment, "部门整体支出绩效目标表"),
    ] {
        let ask = wire::DownloadObjectiveTemplateRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year: 2021,
            layout: layout.into(),
            amount_unit: common::AmountUnit::TenThousandYuan.into(),
        };
        let answer = objectives(&suite, filer("602002")).download_objective_template(ask).await;
        let (name, file) = collect(answer).await;
        assert_eq!(name, format!("2021{title}模板.xlsx"));
        let parts = files_of(&file);
        let part = |name: &str| {
            let found = parts.iter().find(|(part, _)| part == name).unwrap();
            String::from_utf8(found.1.clone()).unwrap()
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        assert!(sheet.matches("<dataValidation ").count() > 90, "lists for levels, operators and more");
        assert!(sheet.contains("选项!$C$1:$C$3"), "three levels in the frame of the year");
        assert!(part("xl/sharedStrings.xml").contains("定性"));
        // Nobody has filled it in: it says what is missing and no more.
        let options = wire::ImportObjectivesRequest { layout: layout.into(), ..options() };
        let done = import(&suite, officer(), &file, options).await;
        assert_eq!(done.errors.len(), 1, "{done:?}");
        assert!(done.errors[0].text.starts_with("没有填写"));
    }
}

/// The bureau's own forms of 2020 are read to the last cell: only that these projects are not in the small registry of
/// these tests is said, at the cell with the code.
#[tokio::test]
async fn the_forms_of_haicang_are_read() {
    let suite = start().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/haicang-2020/forms");
    let mut forms: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        forms.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
    }
    forms.sort();
    assert_eq!(forms.len(), 8);
    let options = wire::ImportObjectivesRequest { fiscal_year: 2020, ..options() };
    let done = import(&suite, officer(), &archive(&forms), options).await;
    let said: Vec<(&str, &str)> =
        done.errors.iter().map(|error| (error.file_name.as_str(), error.cell.as_str())).collect();
    let expected: Vec<(&str, &str)> = forms.iter().map(|(name, _)| (name.as_str(), "B3")).collect();
    assert_eq!(said, expected, "{:#?}", done.errors);
    assert!(done.errors.iter().all(|error| error.text.starts_with("项目库中没有本单位的项目")));
}

#[tokio::test]
async fn bombs_and_endless_files_are_refused() {
    let suite = start().await;
    let zeros = vec![0_u8; 70 << 20];
    let bomb = archive(&[("xl/worksheets/sheet1.xml".to_owned(), zeros)]);
    let done = import(&suite, officer(), &archive(&[("炸弹.xlsx".to_owned(), bomb)]), options()).await;
    assert!(done.errors[0].text.contains("too much"), "{done:?}");
    let part = wire::ImportObjectivesRequest { chunk: vec![7; 1 << 20], ..options() };
    let endless = tokio_stream::iter((0..200).map(move |_| part.clone()));
    let refused = objectives(&suite, officer()).import_objectives(endless).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "IMPORT_FILE_TOO_LARGE".to_owned()));
    let mut connection = suite.superuser().await;
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);
    let empty = start_import(&suite, officer(), b"", options()).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument);
    let no_year = wire::ImportObjectivesRequest { fiscal_year: 0, ..options() };
    assert_eq!(
        start_import(&suite, officer(), b"x", no_year).await.unwrap_err().code(),
        Code::InvalidArgument
    );
}
