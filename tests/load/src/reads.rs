//! Reads: a project and its objective by random name, through the whole stack, against a bare server and against the
//! transport alone.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use prost::Message as _;
use prost::bytes::Bytes;
use wenxiao_contract::wenxiao::registry::v1::GetProjectRequest;
use wenxiao_contract::wenxiao::targets::v1::GetObjectiveRequest;
use wenxiao_platform::identity::Role;

use crate::bare::{self, Prepared, path};
use crate::bench::{Bench, encoded};
use crate::cpu::Watch;
use crate::data;
use crate::drive::{Figures, IN_FLIGHT, Random, Until, round};
use crate::raw::Caller;
use crate::report::{Aim, Report};
use crate::suite::Running;

const GET_PROJECT: &str = "/wenxiao.registry.v1.ProjectService/GetProject";
const GET_OBJECTIVE: &str = "/wenxiao.targets.v1.ObjectiveService/GetObjective";
/// Answers of both that are compared byte by byte before anything is measured.
const COMPARED: usize = 500;

/// One kind of read.
#[derive(Clone, Copy)]
struct Kind {
    key: &'static str,
    title: &'static str,
    /// What the suite is called for, one call after the other.
    ours: &'static [&'static str],
    /// What the bare server is called for.
    bare: &'static [&'static str],
}

const KINDS: [Kind; 4] = [
    Kind { key: "project", title: "GetProject", ours: &[GET_PROJECT], bare: &[path::PROJECT] },
    Kind { key: "objective", title: "GetObjective", ours: &[GET_OBJECTIVE], bare: &[path::OBJECTIVE] },
    Kind {
        key: "both",
        title: "both, two calls each",
        ours: &[GET_PROJECT, GET_OBJECTIVE],
        bare: &[path::PROJECT, path::OBJECTIVE],
    },
    Kind {
        key: "pair",
        title: "both, two calls against one",
        ours: &[GET_PROJECT, GET_OBJECTIVE],
        bare: &[path::PAIR],
    },
];

/// Measures the reads.
pub async fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    report.heading(&format!(
        "Reads: random ones of {} projects, {IN_FLIGHT} in flight, {} rounds of {} s in turns",
        bench.data.projects, bench.plan.rounds, bench.plan.seconds
    ));
    let bare = start_bare(bench).await?;
    let compared = compare(bench, &bare).await?;
    report.remark(&format!("{compared} projects with their objectives: both servers answer the same bytes"));
    for kind in KINDS {
        let mut ours = Vec::new();
        let mut peers = Vec::new();
        let mut shares = Vec::new();
        for turn in 0..bench.plan.rounds {
            bench.checkpoint().await?;
            let figures =
                bench.profiled(watched(bench, &bench.suite, kind.ours, turn, true, &mut shares)).await?;
            ours.push(figures);
            peers.push(watched(bench, &bare, kind.bare, turn, false, &mut shares).await?);
        }
        say(report, kind, &Figures::median(&ours), &Figures::median(&peers));
        for (who, share) in ["ours", "bare"].iter().zip(shares.iter().rev().take(2).rev()) {
            report.remark(&format!("processor per read, {who}: {share}"));
        }
    }
    let mut floors = Vec::new();
    for turn in 0..bench.plan.rounds {
        floors.push(reading(bench, &bare, &[path::FLOOR], turn, false).await?);
    }
    report.figures("reads.floor", "bare server, from memory: the transport", &Figures::median(&floors));
    bare.stop().await
}

fn say(report: &mut Report, kind: Kind, ours: &Figures, peer: &Figures) {
    let (key, title) = (kind.key, kind.title);
    report.figures(&format!("reads.{key}.ours"), &format!("{title}: ours"), ours);
    report.figures(&format!("reads.{key}.bare"), &format!("{title}: bare tonic"), peer);
    let ratio = ours.per_second / peer.per_second;
    report.verdict(
        &format!("reads.{key}.ratio"),
        &format!("{title}: ours / bare"),
        ratio,
        "",
        Aim::AtLeast(0.5),
    );
    report.verdict(&format!("reads.{key}.p99"), &format!("{title}: p99"), ours.p99, "ms", Aim::Below(5.0));
}

/// One round with each party's processor time noted.
async fn watched(
    bench: &Bench,
    server: &Running,
    paths: &'static [&'static str],
    turn: u64,
    as_officer: bool,
    shares: &mut Vec<String>,
) -> Result<Figures> {
    let watch = Watch::of(server.id()?, &bench.postgres).await?;
    let before = watch.used()?;
    let figures = reading(bench, server, paths, turn, as_officer).await?;
    let time = Duration::from_secs(bench.plan.seconds + 1); // with the warm-up
    shares.push(watch.used()?.per_call(before, figures.per_second, time));
    Ok(figures)
}

/// One round of reads.
async fn reading(
    bench: &Bench,
    server: &Running,
    paths: &'static [&'static str],
    turn: u64,
    as_officer: bool,
) -> Result<Figures> {
    let officer = bench.program.authorization(Role::FinancePerformanceOfficer, None)?;
    let caller = Caller::connect(&server.address, as_officer.then_some(officer)).await?;
    let projects = bench.data.projects;
    round(Until::Time(Duration::from_secs(bench.plan.seconds)), turn, move |worker, _, random| {
        let caller = caller.clone();
        async move {
            let number = Random(random).below(projects);
            for path in paths {
                caller.call(worker, path, request(path, number)).await?;
            }
            Ok(())
        }
    })
    .await
}

/// The bare server's requests are those of a project, whatever it answers.
fn request(path: &str, number: usize) -> Bytes {
    match path {
        GET_OBJECTIVE => encoded(&GetObjectiveRequest { name: data::objective(number) }),
        _ => encoded(&GetProjectRequest { name: data::project(number), ..Default::default() }),
    }
}

/// Reads everything once from the suite, for the bare server to repeat, and starts that.
async fn start_bare(bench: &Bench) -> Result<Running> {
    let caller = bench.caller(Role::FinancePerformanceOfficer).await?;
    let answers = stream::iter(0..bench.data.projects)
        .map(|number| {
            let caller = caller.clone();
            async move { ours(&caller, number).await }
        })
        .buffered(IN_FLIGHT)
        .try_fold(Vec::new(), |mut file, prepared| async move {
            prepared.encode_length_delimited(&mut file)?;
            Ok(file)
        })
        .await?;
    bare::start(bench, &answers).await
}

async fn ours(caller: &Caller, number: usize) -> Result<Prepared> {
    Ok(Prepared {
        id: data::code(number),
        project: caller.call(number, GET_PROJECT, request(GET_PROJECT, number)).await?,
        objective: caller.call(number, GET_OBJECTIVE, request(GET_OBJECTIVE, number)).await?,
    })
}

/// Holds answers of both servers against each other.
async fn compare(bench: &Bench, bare: &Running) -> Result<usize> {
    let caller = bench.caller(Role::FinancePerformanceOfficer).await?;
    let peer = Caller::connect(&bare.address, None).await?;
    let mut random = Random(7);
    for _ in 0..COMPARED {
        let number = random.below(bench.data.projects);
        let prepared = ours(&caller, number).await?;
        let ask = |path| peer.call(number, path, request(path, number));
        ensure!(ask(path::PROJECT).await? == prepared.project, "{} differs", data::project(number));
        ensure!(ask(path::OBJECTIVE).await? == prepared.objective, "{} differs", data::objective(number));
        ensure!(ask(path::PAIR).await? == prepared.pair(), "the pair of {} differs", data::project(number));
    }
    Ok(COMPARED)
}
