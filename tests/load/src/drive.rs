//! The closed loop: a fixed number of calls in flight, each followed by the next, and what came of it.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Calls in flight.
pub const IN_FLIGHT: usize = 16;

/// What one round or the median of several found.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// Calls (or rows) per second.
    pub per_second: f64,
    /// Half of the calls were faster, in milliseconds.
    pub p50: f64,
    /// 99 of 100 calls were faster, in milliseconds.
    pub p99: f64,
}

impl Figures {
    /// The median of each figure by itself.
    pub fn median(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure).collect());
        Self { per_second: of(|f| f.per_second), p50: of(|f| f.p50), p99: of(|f| f.p99) }
    }

    /// Figures of calls that took `histogram` microseconds and `elapsed` together.
    pub fn of(histogram: &Histogram<u64>, elapsed: Duration) -> Self {
        let milliseconds =
            |quantile| Duration::from_micros(histogram.value_at_quantile(quantile)).as_secs_f64() * 1e3;
        Self {
            per_second: histogram.len() as f64 / elapsed.as_secs_f64(),
            p50: milliseconds(0.5),
            p99: milliseconds(0.99),
        }
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// An empty histogram of microseconds, to a minute, exact to 0.1 %.
pub fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

/// How long a round is.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// So long, after a warm-up.
    Time(Duration),
    /// Until this many calls have been made.
    Calls(u64),
}

/// Cheap random numbers (SplitMix64), the same in every run.
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

/// How long calls are made before they count.
const WARM_UP: Duration = Duration::from_secs(1);

/// Calls `call(worker, turn, random)` without a pause from [`IN_FLIGHT`] workers. The first failure ends everything.
/// `turn` counts the calls of all workers together when their number is fixed.
pub async fn round<F, Fut>(until: Until, seed: u64, call: F) -> Result<Figures>
where
    F: Fn(usize, u64, u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let begin = Instant::now();
    let (counted, end) = match until {
        Until::Time(time) => (begin + WARM_UP, Some(begin + WARM_UP + time)),
        Until::Calls(_) => (begin, None),
    };
    let mut workers = JoinSet::new();
    for worker in 0..IN_FLIGHT {
        let call = call.clone();
        let mut random = Random(seed.wrapping_mul(1000).wrapping_add(worker as u64));
        workers.spawn(async move {
            let mut seen = histogram()?;
            for turn in (worker as u64..).step_by(IN_FLIGHT) {
                let started = Instant::now();
                let over = match until {
                    Until::Time(_) => end.is_some_and(|end| started >= end),
                    Until::Calls(calls) => turn >= calls,
                };
                if over {
                    break;
                }
                call(worker, turn, random.next()).await?;
                let ended = Instant::now();
                if ended >= counted && end.is_none_or(|end| ended < end) {
                    seen.record(u64::try_from((ended - started).as_micros()).unwrap_or(u64::MAX))?;
                }
            }
            anyhow::Ok(seen)
        });
    }
    let mut all = histogram()?;
    while let Some(worker) = workers.join_next().await {
        all.add(worker.context("a worker crashed")??)?;
    }
    Ok(Figures::of(&all, end.unwrap_or_else(Instant::now) - counted))
}

/// Makes so many calls a second for `time`, each at its moment whatever became of those before (open loop), and counts
/// what follows a warm-up: from the moment at which a call was due to its answer.
pub async fn paced<F, Fut>(per_second: u32, time: Duration, seed: u64, call: F) -> Result<Figures>
where
    F: Fn(usize, u64) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    let (sender, mut calls) = mpsc::unbounded_channel();
    let runtime = Handle::current();
    let pause = Duration::from_secs(1) / per_second;
    let total = ((WARM_UP + time).as_secs_f64() * f64::from(per_second)) as u32;
    // The runtime's timer knows only whole milliseconds: a thread sleeps more exactly.
    let ticking = tokio::task::spawn_blocking(move || {
        let (begin, mut random) = (Instant::now(), Random(seed));
        for turn in 0..total {
            let due = begin + pause * turn;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let answer = call(turn as usize, random.next());
            let counts = due >= begin + WARM_UP;
            let made = runtime.spawn(async move { answer.await.map(|()| counts.then(|| due.elapsed())) });
            if sender.send(made).is_err() {
                return;
            }
        }
    });
    let mut seen = histogram()?;
    while let Some(made) = calls.recv().await {
        if let Some(took) = made.await.context("a call crashed")?? {
            seen.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX))?;
        }
    }
    ticking.await.context("the clock crashed")?;
    Ok(Figures::of(&seen, time))
}
