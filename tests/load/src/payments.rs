//! Payments streamed in, each checked, known or new, added to its project's outturn and told to other services, against
//! `COPY` by a superuser of the same rows into a table with the same indexes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use prost::bytes::Bytes;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1::{
    IngestPaymentsRequest, IngestPaymentsResponse, Payment, PaymentKind,
};
use wenxiao_contract::wenxiao::registry::v1::FundingSource;
use wenxiao_platform::identity::Role;

use crate::bench::{Bench, encoded};
use crate::cpu::Watch;
use crate::data;
use crate::drive::{Random, median};
use crate::report::{Aim, Report};
use crate::statements::{self, Statements};
use crate::suite::DISTRICT;

const INGEST: &str = "/wenxiao.monitoring.v1.ExecutionService/IngestPayments";
const ROLE: &str = "wenxiao_monitoring";
/// Payments of one message: the most that the contract takes.
const MESSAGE: usize = 1000;
/// Payments per second of the plan, in all rounds together: 200,000 by default.
const PER_SECOND: u64 = 40_000;
/// Payments that come before any that count.
const WARM_UP: usize = 5000;

/// Makes the table that is copied into.
pub async fn prepare_copy(bench: &Bench) -> Result<()> {
    let prepare = "create schema if not exists load;
        create table load.payments (like monitoring.payments including all)";
    Ok(bench.postgres.batch_execute(prepare).await?)
}

/// Measures the stream.
pub async fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let rounds = usize::try_from(bench.plan.rounds)?;
    let per_round = usize::try_from(bench.plan.seconds * PER_SECOND)?.div_ceil(rounds);
    report.heading(&format!(
        "Payments: one stream of messages of {MESSAGE}, by day, for random ones of {} projects, {rounds} rounds of \
         {per_round} in turns",
        bench.data.projects
    ));
    prepare_copy(bench).await?;
    ingest(bench, "W", WARM_UP).await?;
    copy(bench, "W", WARM_UP).await?;
    let (mut ours, mut copies, mut behind) = (Vec::new(), Vec::new(), Vec::new());
    let (mut share, mut executed) = (String::new(), Statements::default());
    for turn in 0..rounds {
        let prefix = format!("R{turn}");
        bench.settle().await?;
        statements::forget(&bench.postgres).await?;
        let watch = Watch::of(bench.suite.id()?, &bench.postgres).await?;
        let before = watch.used()?;
        let time = bench.profiled(ingest(bench, &prefix, per_round)).await?;
        share = watch.used()?.per_call(before, per_round as f64, Duration::from_secs(1));
        executed.add(&bench.postgres, ROLE, u64::try_from(per_round)?).await?;
        ours.push(per_round as f64 / time.as_secs_f64());
        let begin = Instant::now();
        bench.settle().await?;
        behind.push(begin.elapsed().as_secs_f64());
        bench.suite.pause().await?;
        let copied = copy(bench, &prefix, per_round).await;
        bench.suite.resume().await?;
        copies.push(per_round as f64 / copied?.as_secs_f64());
    }
    let (ours, copies) = (median(ours), median(copies));
    report.value("payments.ours", "IngestPayments: ours", ours, "rows/s");
    report.value("payments.copy", "COPY by a superuser, the same rows and indexes", copies, "rows/s");
    report.verdict("payments.ratio", "IngestPayments: ours / COPY", ours / copies, "", Aim::AtLeast(0.4));
    report.remark(&format!("processor per payment, ours: {share}"));
    executed.costliest("payment", report);
    report.value("payments.behind", "then, until every service knows (and a vacuum)", median(behind), "s");
    Ok(())
}

/// Streams payments in and says how long that took.
pub async fn ingest(bench: &Bench, prefix: &str, rows: usize) -> Result<Duration> {
    let messages = messages(bench, prefix, rows);
    let caller = bench.caller(Role::BudgetingSystem).await?;
    let begin = Instant::now();
    let answer: IngestPaymentsResponse = caller.stream(INGEST, messages).await?;
    let time = begin.elapsed();
    let rows = i64::try_from(rows)?;
    ensure!(
        (answer.accepted_count, answer.rejected_count, answer.unmatched_count) == (rows, 0, 0),
        "{rows} payments: {answer:?}"
    );
    Ok(time)
}

/// Payments as a treasury system sends them: in the order of their days, whatever they are for.
fn messages(bench: &Bench, prefix: &str, rows: usize) -> Vec<Bytes> {
    let mut random = Random(prefix.bytes().map(u64::from).sum());
    let payment = |row: usize, random: &mut Random| {
        let project = random.below(bench.data.projects);
        let day = i32::try_from(row * 336 / rows).unwrap_or(0);
        Payment {
            name: format!("districts/{DISTRICT}/payments/ZF{prefix}-{row:07}"),
            project: data::project(project),
            unit: format!("districts/{DISTRICT}/units/{}", bench.data.unit(project)),
            fiscal_year: data::YEAR,
            budget_account: BudgetAccount::GeneralPublic.into(),
            funding_source: source(project).into(),
            amount: data::money(1000 + i64::try_from(random.below(90_000)).unwrap_or(0)),
            pay_date: data::date(day / 28 + 1, day % 28 + 1),
            kind: PaymentKind::Payment.into(),
            purpose: format!("{}月支付", day / 28 + 1),
            ..Payment::default()
        }
    };
    let message = |first: usize, random: &mut Random| {
        let last = (first + MESSAGE).min(rows);
        encoded(&IngestPaymentsRequest {
            parent: format!("districts/{DISTRICT}"),
            payments: (first..last).map(|row| payment(row, random)).collect(),
        })
    };
    (0..rows).step_by(MESSAGE).map(|first| message(first, &mut random)).collect()
}

/// Funding source of a project's payments: each unit's come from three.
fn source(project: usize) -> FundingSource {
    match project % 3 {
        0 => FundingSource::DistrictFiscal,
        1 => FundingSource::CentralFiscal,
        _ => FundingSource::MunicipalFiscal,
    }
}

/// Copies the rows that were streamed in into the table beside, and says how long that took.
pub async fn copy(bench: &Bench, prefix: &str, rows: usize) -> Result<Duration> {
    let out = format!(
        "copy (select * from monitoring.payments where payment_id like 'ZF{prefix}-%' order by payment_id) to stdout"
    );
    let chunks: Vec<Bytes> = bench.postgres.copy_out(&out).await?.try_collect().await?;
    // In pieces as large as a client would send.
    let pieces: Vec<Bytes> = chunks.chunks(500).map(|some| Bytes::from(some.concat())).collect();
    let begin = Instant::now();
    let mut sink = Box::pin(bench.postgres.copy_in("copy load.payments from stdin").await?);
    sink.send_all(&mut stream::iter(pieces).map(Ok)).await?;
    let copied = sink.as_mut().finish().await.context("copy")?;
    let time = begin.elapsed();
    ensure!(copied == u64::try_from(rows)?, "{copied} of {rows} rows were copied");
    Ok(time)
}
