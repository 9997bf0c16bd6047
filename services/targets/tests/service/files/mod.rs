//! Official forms in and out, on a real Postgres: round trips, errors by their cells, many files and sheets, a worker
//! that dies half-way.

mod errors;
mod operations;
mod round_trip;

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

fn operator(suite: &TestSuite, principal: Principal) -> Operations {
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
    response(&finished(operator(suite, principal), &started.name).await)
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
