//! What every step needs: the data, the way to the suite, names, progress, and how many rows at once.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use prost::{Message, Name};
use wenxiao_contract::wenxiao::common::v1::{ListFeedsRequest, ListFeedsResponse};
use wenxiao_contract::wenxiao::disclosure::v1::{Freshness, GetFreshnessRequest};

use crate::clients::{Caller, Office};
use crate::data::Data;

/// How long the suite may take to make one thing known to its other services.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is asked.
const INTERVAL: Duration = Duration::from_millis(100);

/// Which year of which district is played.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Fiscal division code of the district (财政区划), nine digits.
    pub district: String,
    /// Name of the district.
    pub title: String,
    /// Name of its city.
    pub city: String,
    /// Year of work (工作年度), whose summary comes out.
    pub year: i32,
}

/// A year being played.
pub struct Play {
    /// The input.
    pub data: Data,
    /// Which year of which district.
    pub scene: Scene,
    caller: Caller,
    in_flight: usize,
    quiet: bool,
}

impl Play {
    /// A year of `data`, played over `caller` with at most `in_flight` rows at once.
    pub fn new(data: Data, scene: Scene, caller: Caller, in_flight: usize, quiet: bool) -> Self {
        Self { data, scene, caller, in_flight, quiet }
    }

    /// How many calls have been answered so far.
    pub fn answered(&self) -> u64 {
        self.caller.answered()
    }

    /// Makes a call in an office.
    pub async fn call<A, Q>(&self, office: &Office, request: Q) -> Result<A>
    where
        Q: Message + Name + Clone + Default + 'static,
        A: Message + Name + Default + 'static,
    {
        Box::pin(self.caller.call(office, request)).await
    }

    /// Streams messages in, in an office.
    pub async fn stream<A, Q>(&self, office: &Office, messages: Vec<Q>) -> Result<A>
    where
        Q: Message + Name + Clone + Default + 'static,
        A: Message + Name + Default + 'static,
    {
        self.caller.stream(office, messages).await
    }

    /// `districts/{district}`.
    pub fn district(&self) -> String {
        format!("districts/{}", self.scene.district)
    }

    /// `districts/{district}/{collection}/{id}`.
    pub fn name(&self, collection: &str, id: &str) -> String {
        format!("districts/{}/{collection}/{id}", self.scene.district)
    }

    /// A unit's name by its code.
    pub fn unit(&self, code: &str) -> String {
        self.name("units", code)
    }

    /// A project's name by its code.
    pub fn project(&self, code: &str) -> String {
        self.name("projects", code)
    }

    /// The name of a project's objective in a year.
    pub fn objective(&self, year: i32, project: &str) -> String {
        self.name("objectives", &format!("{year}-{project}"))
    }

    /// The name of an institution, expert, deputy or member by its number.
    pub fn participant(&self, id: &str) -> Result<String> {
        let row = self.data.participants.iter().find(|row| row.id == id);
        let row = row.with_context(|| format!("panel.csv has no {id}"))?;
        Ok(self.name(crate::steps::participants::collection(&row.kind)?, id))
    }

    /// Does the same for every row, many at once, with a bar that shows how far it is.
    pub async fn each<T, F>(
        &self,
        title: &str,
        rows: impl IntoIterator<Item = T>,
        work: impl Fn(T) -> F,
    ) -> Result<()>
    where
        F: Future<Output = Result<()>>,
    {
        let rows: Vec<T> = rows.into_iter().collect();
        let bar = self.bar(title, rows.len());
        let began = Instant::now();
        let done = futures::stream::iter(rows.into_iter().map(work))
            .buffer_unordered(self.in_flight)
            .try_for_each(|()| {
                bar.inc(1);
                std::future::ready(Ok(()))
            })
            .await;
        bar.finish_and_clear();
        done.with_context(|| title.to_owned())?;
        self.say(&format!("  {title}：{}，{:.1}秒", bar.position(), began.elapsed().as_secs_f32()));
        Ok(())
    }

    /// Tells the reader of the demonstration something.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            println!("{line}");
        }
    }

    fn bar(&self, title: &str, length: usize) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(u64::try_from(length).ok(), target);
        if let Ok(style) = ProgressStyle::with_template("  {msg} {wide_bar} {pos}/{len} {per_sec}") {
            bar.set_style(style);
        }
        bar.with_message(title.to_owned())
    }

    /// Asks until the answer is there: what one service says reaches the others a moment later.
    pub async fn until<T, F>(&self, what: &str, ask: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let began = Instant::now();
        let mut trouble = None;
        while began.elapsed() < PATIENCE {
            match ask().await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => trouble = None,
                Err(error) => trouble = Some(error),
            }
            tokio::time::sleep(INTERVAL).await;
        }
        match trouble {
            Some(error) => Err(error.context(format!("{what} did not come about"))),
            None => bail!("{what} did not come about in {PATIENCE:?}"),
        }
    }

    /// Waits until the summary has taken over everything that every service has recorded.
    pub async fn settled(&self) -> Result<()> {
        let office = Office::performance();
        self.until("an up-to-date summary", || async {
            let behind = self.behind(&office).await?;
            if behind {
                return Ok(None);
            }
            // A change is numbered a moment after it was made: look twice.
            tokio::time::sleep(INTERVAL).await;
            Ok((!self.behind(&office).await?).then_some(()))
        })
        .await
    }

    async fn behind(&self, office: &Office) -> Result<bool> {
        let heads: ListFeedsResponse =
            self.call(office, ListFeedsRequest { parent: self.district() }).await?;
        let name = format!("{}/freshness", self.district());
        let fresh: Freshness = self.call(office, GetFreshnessRequest { name }).await?;
        Ok(fresh.feeds.iter().any(|feed| {
            let head = heads.feeds.iter().find(|head| head.name.ends_with(&format!("/feeds/{}", feed.feed)));
            head.is_some_and(|head| head.head_sequence > feed.applied_sequence)
        }))
    }
}
