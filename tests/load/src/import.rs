//! Forms in: a zip of official forms as one operation, with the memory that it takes; and the same with the process
//! killed in the midst of writing.

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use prost::bytes::Bytes;
use rust_xlsxwriter::Workbook;
use wenxiao_contract::google::longrunning::operation::Result as Outcome;
use wenxiao_contract::google::longrunning::{GetOperationRequest, Operation};
use wenxiao_contract::wenxiao::targets::v1::{
    FormLayout, ImportObjectivesMetadata, ImportObjectivesRequest, ImportObjectivesResponse,
};
use wenxiao_platform::identity::Role;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::{Bench, ask, encoded};
use crate::data;
use crate::report::{Aim, Report};
use crate::seed;
use crate::suite::DISTRICT;

const IMPORT: &str = "/wenxiao.targets.v1.ObjectiveService/ImportObjectives";
const GET: &str = "/google.longrunning.Operations/GetOperation";
/// Bytes of a message's part of the file.
const PART: usize = 1 << 20;
/// Budget years of the forms: of the run that is left alone, and of the one that is killed.
const YEARS: (i32, i32) = (2021, 2022);
const PATIENCE: Duration = Duration::from_secs(300);

/// Measures imports on a process that has done nothing before.
pub async fn measure(mut bench: Bench, report: &mut Report) -> Result<Bench> {
    let forms = bench.data.projects;
    report.heading(&format!("ImportObjectives: {forms} workbooks with 8 indicators each in one zip"));
    seed::registry(&bench).await?;
    bench.settle().await?;
    bench.suite.stop().await?;
    bench.suite = bench.program.serve().await?;
    let file = file(&bench, YEARS.0)?;
    report.value("import.file", "the file", file.len() as f64 / f64::from(1 << 20), "MiB");
    let begin = Instant::now();
    let operation = start(&bench, &file, YEARS.0).await?;
    report.value("import.upload", "sent and kept after", begin.elapsed().as_secs_f64(), "s");
    let (response, writing) = finished(&bench, &operation).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let writing = writing.context("nothing was written")?.as_secs_f64();
    report.remark(&format!("the first were written {writing:.1} s after the file had been taken in"));
    ensure!(response.errors.is_empty(), "{:?}", response.errors.first());
    ensure!(usize::try_from(response.created_count)? == forms, "{} of {forms}", response.created_count);
    report.verdict(
        "import.rate",
        "forms per second, from the first byte to the end",
        forms as f64 / seconds,
        "/s",
        Aim::AtLeast(200.0),
    );
    let peak = bench.suite.peak_memory()?;
    report.verdict(
        "import.peak",
        "peak memory (VmHWM) of the five services",
        peak,
        "MiB",
        Aim::AtMost(200.0),
    );
    check(&bench, YEARS.0, forms).await?;
    killed(&mut bench, report).await?;
    Ok(bench)
}

/// The same file of another year; in the midst of writing the process is killed, and another goes on.
async fn killed(bench: &mut Bench, report: &mut Report) -> Result<()> {
    let forms = bench.data.projects;
    report.heading("The same, and kill -9 in the midst of writing");
    let operation = start(bench, &file(bench, YEARS.1)?, YEARS.1).await?;
    let begin = Instant::now();
    let written = loop {
        let written = count(bench, YEARS.1).await?;
        if written >= forms / 3 {
            break written;
        }
        ensure!(begin.elapsed() < PATIENCE, "nothing is written");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    let died = Instant::now();
    bench.suite.kill().await?;
    bench.suite = bench.program.serve().await?;
    ensure!(written < forms, "all was written before the process could be killed");
    report.value("import.killed_at", "written when it was killed, at least", written as f64, "forms");
    let (response, _) = finished(bench, &operation).await?;
    report.value("import.resumed", "all written after the death", died.elapsed().as_secs_f64(), "s");
    ensure!(response.errors.is_empty(), "{:?}", response.errors.first());
    ensure!(usize::try_from(response.created_count)? == forms, "{} of {forms}", response.created_count);
    check(bench, YEARS.1, forms).await?;
    report.remark("none lost, none twice, each with one event");
    Ok(())
}

async fn start(bench: &Bench, file: &[u8], year: i32) -> Result<Operation> {
    let parent = format!("districts/{DISTRICT}");
    let messages = file.chunks(PART).enumerate().map(|(place, chunk)| {
        encoded(&ImportObjectivesRequest {
            parent: parent.clone(),
            layout: FormLayout::Project.into(),
            fiscal_year: year,
            file_name: "申报表.zip".to_owned(),
            chunk: chunk.to_vec(),
            request_id: if place == 0 { format!("import-{year}") } else { String::new() },
            ..ImportObjectivesRequest::default()
        })
    });
    let messages: Vec<Bytes> = messages.collect();
    bench.caller(Role::FinancePerformanceOfficer).await?.stream(IMPORT, messages).await
}

/// Looks at the operation until it has ended: what it came to, and after how long something had been written.
async fn finished(
    bench: &Bench,
    operation: &Operation,
) -> Result<(ImportObjectivesResponse, Option<Duration>)> {
    let caller = bench.caller(Role::FinancePerformanceOfficer).await?;
    let officer = bench.program.authorization(Role::FinancePerformanceOfficer, None)?;
    let request = GetOperationRequest { name: operation.name.clone() };
    let begin = Instant::now();
    let mut writing = None;
    loop {
        let now: Operation = ask(&caller, GET, &request, &officer).await?;
        let progress = now.metadata.as_ref().context("no metadata")?;
        let progress = ImportObjectivesMetadata::decode(progress.value.as_slice())?;
        if progress.written_count > 0 {
            writing.get_or_insert(begin.elapsed());
        }
        match now.result {
            Some(Outcome::Response(any)) => {
                return Ok((ImportObjectivesResponse::decode(any.value.as_slice())?, writing));
            }
            Some(Outcome::Error(error)) => anyhow::bail!("the import failed: {}", error.message),
            None => ensure!(begin.elapsed() < PATIENCE, "the import does not end: {progress:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn count(bench: &Bench, year: i32) -> Result<usize> {
    let statement = "select count(*) from targets.objectives where fiscal_year = $1";
    Ok(usize::try_from(bench.postgres.query_one(statement, &[&year]).await?.try_get::<_, i64>(0)?)?)
}

/// Each project has its objective of the year once, and one event that says so.
async fn check(bench: &Bench, year: i32, forms: usize) -> Result<()> {
    bench.settle().await?;
    let statement = "select count(*), count(distinct subject_id), count(distinct o.id), count(j.sequence)
        from targets.objectives o left join targets.journal j on j.district = o.district
          and j.type = 'objective.created' and j.subject = 'districts/' || o.district || '/objectives/' || o.id
        where o.fiscal_year = $1 and jsonb_array_length(o.form -> 'indicators') = 8";
    let row = bench.postgres.query_one(statement, &[&year]).await?;
    let forms = i64::try_from(forms)?;
    for column in 0..4 {
        let found: i64 = row.try_get(column)?;
        ensure!(found == forms, "column {column} of the check of {year} is {found} and not {forms}");
    }
    let left = bench.postgres.query_one("select count(*) from targets.import_chunks", &[]).await?;
    ensure!(left.try_get::<_, i64>(0)? == 0, "the file is still there");
    Ok(())
}

/// A zip of one workbook per project, in the layout of the official form.
fn file(bench: &Bench, year: i32) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for number in 0..bench.data.projects {
        archive.start_file(format!("{}/{}.xlsx", bench.data.unit(number), data::code(number)), stored)?;
        archive.write_all(&workbook(number, year)?)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn workbook(number: usize, year: i32) -> Result<Vec<u8>> {
    let value = (number % 40 + 60).to_string();
    let goal = "按规定标准及时、足额落实公共服务保障经费，切实保障服务对象权益。";
    let name = format!("{}-示例发展经费（公共服务保障）{number:05}", data::code(number));
    let title = format!("（{year}年度）");
    let (annual, whole) = (data::amount(number).to_string(), (data::amount(number) * 5).to_string());
    let standard = "达到指标值得满分，未达到按完成比例得分";
    let mut rows: Vec<Vec<&str>> = vec![
        vec!["项目支出绩效目标申报表"],
        vec![&title],
        vec!["项目名称", &name, "", "", "项目性质", "经常性"],
        vec!["计划开始日期", "2021-01-01", "", "", "计划完成日期", "2021-12-31"],
        vec!["项目资金（元）", "项目资金总额", "", &whole, "年度资金申请总额", "", "", &annual],
        vec!["", "其中：财政资金", "", &whole, "其中：当年财政拨款", "", "", &annual],
        vec!["", "其他资金", "", "0", "上年结转资金", "", "", "0"],
        vec!["", "", "", "", "其他资金", "", "", "0"],
        vec!["项目总目标", goal],
        vec!["年度总体目标", goal],
        vec![
            "绩效指标",
            "一级指标",
            "二级指标",
            "三级指标",
            "计算符号",
            "指标值",
            "计量单位",
            "权重",
            "评（扣）分标准",
        ],
    ];
    rows.extend(
        [
            ["成本指标", "经济成本指标", "人均补助标准", "≤", &value, "元/人", "20"],
            ["产出指标", "数量指标", "服务对象发放人次", "≥", &value, "人次", "14"],
            ["", "质量指标", "补助对象认定准确率", "＝", &value, "%", "13"],
            ["", "时效指标", "补助资金按时发放率", "≥", &value, "%", "13"],
            ["效益指标", "社会效益指标", "补助对象基本生活保障程度", "定性", "有效改善", "", "10"],
            ["", "", "错发冒领事件数", "＝", "0", "起", "5"],
            ["", "经济效益指标", "带动就业人数", "≥", &value, "人", "5"],
            ["满意度指标", "服务对象满意度指标", "补助对象满意度", "≥", &value, "%", "10"],
        ]
        .map(|row| std::iter::once("").chain(row).chain([standard]).collect()),
    );
    rows.push(vec!["填报人", "张三", "", "负责人", "李四", "", "电话", "0592-6051234"]);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, cells) in (0..).zip(&rows) {
        for (column, text) in (0..).zip(cells) {
            // Amounts and points are numbers, values of indicators are text, as bureaus have them.
            match text.parse::<f64>() {
                Ok(amount) if column != 5 => sheet.write_number(line, column, amount)?,
                _ => sheet.write_string(line, column, *text)?,
            };
        }
    }
    Ok(book.save_to_buffer()?)
}
