//! A year's payments: a million streamed in against `COPY`, then how long execution and the funding gate take to answer,
//! and the same again with ten times the payments.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use prost::Message as _;
use prost::bytes::Bytes;
use wenxiao_contract::wenxiao::monitoring::v1::{CheckSupplementRequest, Execution, GetExecutionRequest};
use wenxiao_contract::wenxiao::registry::v1::GetProjectRequest;
use wenxiao_platform::identity::Role;

use crate::bare::{self, Prepared, path};
use crate::bench::{Bench, encoded};
use crate::data;
use crate::drive::{Figures, Random, median, paced};
use crate::payments::{copy, ingest, prepare_copy};
use crate::raw::Caller;
use crate::report::{Aim, Report};
use crate::seed;
use crate::suite::DISTRICT;

const EXECUTION: &str = "/wenxiao.monitoring.v1.ExecutionService/GetExecution";
const GET_PROJECT: &str = "/wenxiao.registry.v1.ProjectService/GetProject";
const SUPPLEMENT: &str = "/wenxiao.monitoring.v1.FundingGateService/CheckSupplement";
/// Payments of one stream: a stream is made before it is sent, so that only sending is timed.
const STREAM: usize = 250_000;
/// Streams of the year, and how many times as much there is in the end.
const STREAMS: usize = 4;
const TIMES: usize = 10;
/// Calls a second, of each kind of question by itself.
const READS_PER_SECOND: u32 = 100;
const CHECKS_PER_SECOND: u32 = 200;

/// Measures on an empty database.
pub async fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    report.heading(&format!(
        "A year: {} payments for {} projects, in streams of {STREAM}, each copied before the next is sent",
        STREAM * STREAMS,
        bench.data.projects
    ));
    seed::registry(bench).await?;
    prepare_copy(bench).await?;
    bench.settle().await?;
    let (mut ours, mut copies) = (Vec::new(), Vec::new());
    for stream in 0..STREAMS {
        let prefix = format!("Y{stream:03}");
        ours.push(rate(ingest(bench, &prefix, STREAM).await?));
        bench.settle().await?;
        bench.suite.pause().await?;
        let copied = copy(bench, &prefix, STREAM).await;
        bench.suite.resume().await?;
        copies.push(rate(copied?));
    }
    let (ours, copies) = (median(ours), median(copies));
    report.value("year.ours", "IngestPayments: ours", ours, "rows/s");
    report.value("year.copy", "COPY by a superuser, the same rows and indexes", copies, "rows/s");
    report.value("year.ratio", "ours / COPY", ours / copies, "");
    let once = questions(bench, report, "once").await?;

    report.heading(&format!("The same with {} payments", STREAM * STREAMS * TIMES));
    let mut last = f64::NAN;
    for stream in STREAMS..STREAMS * TIMES {
        last = rate(ingest(bench, &format!("Y{stream:03}"), STREAM).await?);
    }
    report.value("year.last", "IngestPayments: the last stream", last, "rows/s");
    bench.settle().await?;
    let tenfold = questions(bench, report, "tenfold").await?;
    for ((what, before), (_, after)) in once.iter().zip(&tenfold) {
        report.value(
            &format!("year.{what}.growth"),
            &format!("p99 with ten times the payments / before: {what}"),
            after.p99 / before.p99,
            "",
        );
    }
    Ok(())
}

fn rate(time: Duration) -> f64 {
    STREAM as f64 / time.as_secs_f64()
}

/// Every kind of question by itself, and whether its 99th percentile is what it is to be.
async fn questions(bench: &Bench, report: &mut Report, when: &str) -> Result<Vec<(&'static str, Figures)>> {
    check_district(bench).await?;
    let units = bench.data.units.clone();
    let departments = departments(&units);
    let projects = bench.data.projects;
    let project = move |random: u64| data::project(place(random, projects));
    let department = move |random| unit(&departments, random);
    let of_gate = department.clone();
    let mut found = vec![
        ("project", executions(bench, project).await?),
        ("unit", executions(bench, move |random| unit(&units, random)).await?),
        ("department", executions(bench, department).await?),
        ("district", executions(bench, |_| format!("districts/{DISTRICT}")).await?),
    ];
    for (what, figures) in &found {
        judge(report, when, what, &format!("GetExecution of a {what}"), figures, 10.0);
    }
    let floor = floor(bench).await?;
    report.figures(&format!("year.{when}.floor"), "bare server, from memory: the transport", &floor);
    let subject =
        move |random: u64| if random.is_multiple_of(2) { project(random >> 1) } else { of_gate(random >> 1) };
    let gate = gate(bench, subject).await?;
    judge(report, when, "gate", "CheckSupplement of projects and departments", &gate, 2.0);
    found.push(("gate", gate));
    Ok(found)
}

fn judge(report: &mut Report, when: &str, what: &str, words: &str, figures: &Figures, aim: f64) {
    report.figures(&format!("year.{when}.{what}"), words, figures);
    report.verdict(
        &format!("year.{when}.{what}.p99"),
        &format!("p99: {words}"),
        figures.p99,
        "ms",
        Aim::AtMost(aim),
    );
}

/// What the district has executed is what was paid.
async fn check_district(bench: &Bench) -> Result<()> {
    let paid: String = bench
        .postgres
        .query_one("select sum(amount)::bigint::text from monitoring.payments", &[])
        .await?
        .try_get(0)?;
    let caller = bench.caller(Role::FinanceBusinessOfficer).await?;
    let answer = caller.call(0, EXECUTION, execution(&format!("districts/{DISTRICT}"))).await?;
    let executed = Execution::decode(answer)?.executed_amount.context("nothing was executed")?;
    ensure!(executed.units.to_string() == paid, "{executed:?} was executed and {paid} paid");
    Ok(())
}

fn execution(subject: &str) -> Bytes {
    let name = format!("{subject}/executions/{}", data::YEAR);
    encoded(&GetExecutionRequest { name, ..GetExecutionRequest::default() })
}

async fn executions(
    bench: &Bench,
    subject: impl Fn(u64) -> String + Clone + Send + 'static,
) -> Result<Figures> {
    let caller = bench.caller(Role::FinanceBusinessOfficer).await?;
    let call = move |turn, random| {
        let (caller, request) = (caller.clone(), execution(&subject(random)));
        async move { caller.call(turn, EXECUTION, request).await.map(drop) }
    };
    rounds(bench, READS_PER_SECOND, call).await
}

async fn gate(bench: &Bench, subject: impl Fn(u64) -> String + Clone + Send + 'static) -> Result<Figures> {
    let caller = bench.caller(Role::BudgetingSystem).await?;
    let call = move |turn, random| {
        let request = CheckSupplementRequest {
            name: subject(random),
            fiscal_year: data::YEAR,
            as_of_date: data::date(10, 31),
            amount: data::money(100_000),
        };
        let (caller, request) = (caller.clone(), encoded(&request));
        async move { caller.call(turn, SUPPLEMENT, request).await.map(drop) }
    };
    rounds(bench, CHECKS_PER_SECOND, call).await
}

/// What the machine lets nobody do better: a server that answers the same bytes to everybody, as often as the gate is
/// asked.
async fn floor(bench: &Bench) -> Result<Figures> {
    let caller = bench.caller(Role::BudgetingSystem).await?;
    let request = encoded(&GetProjectRequest { name: data::project(0), ..Default::default() });
    let project = caller.call(0, GET_PROJECT, request.clone()).await?;
    let answer = Prepared { id: data::code(0), objective: project.clone(), project };
    let server = bare::start(bench, &answer.encode_length_delimited_to_vec()).await?;
    let caller = Caller::connect(&server.address, None).await?;
    let call = move |turn, _| {
        let (caller, request) = (caller.clone(), request.clone());
        async move { caller.call(turn, path::FLOOR, request).await.map(drop) }
    };
    let figures = rounds(bench, CHECKS_PER_SECOND, call).await?;
    server.stop().await?;
    Ok(figures)
}

async fn rounds<F, Fut>(bench: &Bench, per_second: u32, call: F) -> Result<Figures>
where
    F: Fn(usize, u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let mut rounds = Vec::new();
    for round in 0..bench.plan.rounds {
        bench.checkpoint().await?;
        let time = Duration::from_secs(bench.plan.seconds);
        rounds.push(paced(per_second, time, round, call.clone()).await?);
    }
    Ok(Figures::median(&rounds))
}

/// Heads of the branches that the units belong to.
fn departments(units: &[String]) -> Vec<String> {
    let heads: BTreeSet<&str> = units.iter().filter_map(|unit| unit.get(..3)).collect();
    heads.into_iter().map(str::to_owned).collect()
}

fn unit(codes: &[String], random: u64) -> String {
    let code = codes.get(place(random, codes.len())).map_or("", String::as_str);
    format!("districts/{DISTRICT}/units/{code}")
}

fn place(random: u64, limit: usize) -> usize {
    Random(random).below(limit)
}
