//! Writes: submitting objectives, durable, with journal, event and idempotency, against pgbench with the same SQL.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tonic::metadata::{Ascii, MetadataValue};
use wenxiao_contract::wenxiao::targets::v1::SubmitObjectiveRequest;

use crate::bench::{Bench, encoded};
use crate::cpu::Watch;
use crate::drive::{Figures, IN_FLIGHT, Random, Until, round};
use crate::pgbench::{self, Pgbench};
use crate::raw::Caller;
use crate::recorded::{Log, Statement, common};
use crate::report::{Aim, Report};
use crate::statements::{self, Statements};
use crate::suite::DISTRICT;

const SUBMIT: &str = "/wenxiao.targets.v1.ObjectiveService/SubmitObjective";
/// Role of the service whose statements are compared.
const ROLE: &str = "wenxiao_targets";
/// Submissions per second of the plan: a round is a number of submissions and takes about as long as was asked for.
const PER_SECOND: u64 = 2000;
/// Submissions that are recorded.
const SAMPLES: usize = 3;

/// A party's drafts, in the order in which they are submitted.
struct Drafts {
    order: Arc<Vec<usize>>,
    filers: Arc<Vec<MetadataValue<Ascii>>>,
}

/// Measures submissions.
pub async fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let (rounds, per_round) = (bench.plan.rounds, calls(bench.plan.seconds * PER_SECOND));
    let warm_up = calls(per_round / 5);
    let drafts = warm_up + SAMPLES as u64 + rounds * per_round;
    report.heading(&format!(
        "SubmitObjective: random drafts, {IN_FLIGHT} in flight, {rounds} rounds of {per_round} submissions in turns"
    ));
    copy_drafts(bench, drafts).await?;
    let mine = Drafts::new(bench, drafts)?;
    let filler = |first, calls| submitting(bench, &mine, first, calls);
    filler(0, warm_up).await?;
    let (statements, sample) = record(bench, &mine, warm_up).await?;
    let types = pgbench::types(&bench.postgres, "targets", &statements).await?;
    let script = pgbench::script(&statements, &types, &sample);
    let peer = Pgbench {
        programs: &bench.postgres_programs,
        database: &bench.program.database.replace("postgres@", &format!("{ROLE}@")),
        folder: &bench.program.folder,
        drafts,
    };
    peer.run(&script, 0, warm_up).await?;
    let (mut ours, mut its) = (Vec::new(), Vec::new());
    let (mut my_statements, mut its_statements) = (Statements::default(), Statements::default());
    let mut share = String::new();
    for turn in 0..rounds {
        let first = warm_up + SAMPLES as u64 + turn * per_round;
        bench.settle().await?;
        statements::forget(&bench.postgres).await?;
        let watch = Watch::of(bench.suite.id()?, &bench.postgres).await?;
        let before = watch.used()?;
        let figures = bench.profiled(filler(first, per_round)).await?;
        let time = per_round as f64 / figures.per_second;
        share = watch.used()?.per_call(before, figures.per_second, Duration::from_secs_f64(time));
        my_statements.add(&bench.postgres, ROLE, per_round).await?;
        ours.push(figures);
        bench.settle().await?;
        statements::forget(&bench.postgres).await?;
        bench.suite.pause().await?;
        its.push(peer.run(&script, warm_up + turn * per_round, per_round).await?);
        bench.suite.resume().await?;
        its_statements.add(&bench.postgres, ROLE, per_round).await?;
    }
    check(bench, "ours", drafts).await?;
    check(bench, "peer", warm_up + rounds * per_round).await?;
    say(report, &Figures::median(&ours), &Figures::median(&its));
    report.remark(&format!("processor per submission, ours: {share}"));
    my_statements.costliest("submission", report);
    statements::compare(&my_statements, &its_statements, report)
}

fn say(report: &mut Report, ours: &Figures, peer: &Figures) {
    report.figures("submit.ours", "SubmitObjective: ours", ours);
    report.figures("submit.pgbench", "SubmitObjective: pgbench, same SQL", peer);
    let ratio = ours.per_second / peer.per_second;
    report.verdict("submit.ratio", "SubmitObjective: ours / pgbench", ratio, "", Aim::AtLeast(0.7));
    report.verdict("submit.p99", "SubmitObjective: p99", ours.p99, "ms", Aim::Below(20.0));
}

/// A number that every client of a round makes the same part of.
fn calls(number: u64) -> u64 {
    let clients = IN_FLIGHT as u64;
    number.div_ceil(clients).max(1) * clients
}

/// Makes drafts for both parties from the forms that the units have filed: the same rows with another id, year and
/// kind of filing. By SQL, since the API makes one at a time.
async fn copy_drafts(bench: &Bench, drafts: u64) -> Result<()> {
    for (party, kind) in [("ours", "annual"), ("peer", "mid_year")] {
        let statement = "insert into targets.objectives
            select copy.* from generate_series(0, $1::bigint - 1) as number
            join (select row_number() over (order by id) - 1 as place, count(*) over () as size, objectives
                  from targets.objectives where fiscal_year = 2020) as filed on filed.place = number % filed.size,
            jsonb_populate_record(filed.objectives, jsonb_build_object('id', $2::text || '-' || number,
              'fiscal_year', 2021 + number / filed.size, 'filing_kind', $3::text)) as copy";
        bench.postgres.execute(statement, &[&i64::try_from(drafts)?, &party, &kind]).await?;
    }
    bench.settle().await
}

impl Drafts {
    fn new(bench: &Bench, drafts: u64) -> Result<Self> {
        let mut order: Vec<usize> = (0..usize::try_from(drafts)?).collect();
        let mut random = Random(42);
        for place in (1..order.len()).rev() {
            order.swap(place, random.below(place + 1));
        }
        let filers = bench.filers()?;
        let filers = (0..bench.data.projects)
            .map(|project| filers.get(bench.data.unit(project)).cloned().context("a unit without a filer"));
        Ok(Self { order: Arc::new(order), filers: Arc::new(filers.collect::<Result<_>>()?) })
    }
}

/// What a draft and the request that submits it are called by.
fn name(draft: usize) -> String {
    format!("ours-{draft}")
}

async fn submitting(bench: &Bench, drafts: &Drafts, first: u64, calls: u64) -> Result<Figures> {
    let caller = Caller::connect(&bench.suite.address, None).await?;
    let (order, filers) = (drafts.order.clone(), drafts.filers.clone());
    round(Until::Calls(calls), first, move |worker, turn, _| {
        let (caller, order, filers) = (caller.clone(), order.clone(), filers.clone());
        async move {
            let draft = order.get(usize::try_from(first + turn)?).context("no draft is left")?;
            let request = SubmitObjectiveRequest {
                name: format!("districts/{DISTRICT}/objectives/{}", name(*draft)),
                request_id: format!("submit-{}", name(*draft)),
                ..SubmitObjectiveRequest::default()
            };
            let filer = filers.get(draft % filers.len());
            caller.call_as(worker, SUBMIT, encoded(&request), filer).await.map(drop)
        }
    })
    .await
}

/// Records a few submissions, and says what the last one was called by.
async fn record(bench: &Bench, drafts: &Drafts, first: u64) -> Result<(Vec<Statement>, String)> {
    let log = Log { postgres: &bench.postgres, folder: &bench.postgres_log };
    let mut samples = Vec::new();
    for sample in 0..SAMPLES as u64 {
        let one = async { submitting(bench, drafts, first + sample, 1).await.map(drop) };
        samples.push(log.during(ROLE, one).await?);
    }
    let last = drafts.order.get(usize::try_from(first)? + SAMPLES - 1).context("no draft is left")?;
    Ok((common(samples)?, name(*last)))
}

/// Every call has had its whole effect.
async fn check(bench: &Bench, party: &str, submissions: u64) -> Result<()> {
    let statement = "select count(*) from targets.objectives
        join targets.objective_versions versions on versions.objective_id = objectives.id and versions.number = 1
        where objectives.id like $1 || '-%' and state <> 'draft'";
    let found: i64 = bench.postgres.query_one(statement, &[&party]).await?.try_get(0)?;
    ensure!(u64::try_from(found)? == submissions, "{party}: {found} submitted, not {submissions}");
    let statement = "select count(*) from targets.idempotency where request_id like 'submit-' || $1 || '-%'";
    let found: i64 = bench.postgres.query_one(statement, &[&party]).await?.try_get(0)?;
    ensure!(u64::try_from(found)? == submissions, "{party}: {found} request ids kept, not {submissions}");
    Ok(())
}
