//! Many objectives at once (批量办理): one transaction, one result each. What can be done is, what cannot says why and
//! leaves the rest alone. Each item is permitted and decided by the same functions as the single call.

use std::collections::HashMap;

use prost::Message;
use wenxiao_contract::Addressed;
use wenxiao_contract::google::rpc;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{Grade, day_in_china};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::grade_of;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::objective_commands::{self as commands, SubmissionRules};
use super::{decisions, objective_wire};
use crate::domain::action::Action;
use crate::domain::objective::Objective;
use crate::domain::rules::Consequence;
use crate::domain::window;
use crate::domain::workflow::{Change, Command};
use crate::{names, store};

/// What every grade leads to in the budget years of a batch.
pub type Consequences = HashMap<i32, Vec<(Grade, Consequence)>>;

/// A batch under way.
struct Batch {
    permit: Permit,
    action: Action,
    found: Vec<Objective>,
    results: Vec<wire::ObjectiveResult>,
}

impl Batch {
    /// Locks everything that the requests name, in the order of the ids, so that two batches never wait for each other
    /// in a circle.
    async fn lock<M: Message + Addressed, A: Addressed>(
        work: &mut Work<M>,
        action: Action,
        asks: &[A],
    ) -> Result<Self> {
        let permit = work.permit(Facts::of(work.call.message.address()))?;
        let ids: Vec<String> = asks.iter().map(|ask| names::last(ask.address()).to_owned()).collect();
        let district = work.district;
        let found = store::objective::lock(work.connection(), district, &ids).await?;
        Ok(Self { permit, action, found, results: Vec::with_capacity(asks.len()) })
    }

    fn ids(&self) -> Vec<String> {
        self.found.iter().map(|objective| objective.id.clone()).collect()
    }

    /// Takes one step. The database's own failure undoes the whole batch; a refusal touches only its item.
    async fn take<M: Message + Addressed, A: Addressed>(
        &mut self,
        work: &mut Work<M>,
        ask: &A,
        reason: &str,
        command: impl FnOnce(&Objective) -> Result<Command>,
    ) -> Result<()> {
        let (objective, error) = match self.step(work, ask, command) {
            Ok((before, change)) => {
                decisions::keep(work, before, &change, reason).await?;
                *before = change.objective;
                (Some(objective_wire::objective(work.district, before)), None)
            }
            Err(refusal) => (None, Some(failed(refusal))),
        };
        self.results.push(wire::ObjectiveResult { name: ask.address().to_owned(), objective, error });
        Ok(())
    }

    /// The objective that one request is about, and what its step makes of it.
    fn step<M: Message + Addressed, A: Addressed>(
        &mut self,
        work: &Work<M>,
        ask: &A,
        command: impl FnOnce(&Objective) -> Result<Command>,
    ) -> Result<(&mut Objective, Change)> {
        let (name, district) = (ask.address(), work.district);
        let id = names::referred(district, "name", name, names::OBJECTIVE)?;
        let before = self.found.iter_mut().find(|objective| objective.id == id);
        let before = before.ok_or_else(|| Failure::not_found(name))?;
        work.call.permit_for(self.action.method(), decisions::facts(district, before))?;
        if !ask.etag().is_empty() && ask.etag() != objective_wire::etag(before) {
            return Err(Failure::etag_mismatch(name));
        }
        let change = decisions::step(work, before, command(before)?)?;
        Ok((before, change))
    }

    async fn finish<M: Message + Addressed>(
        self,
        work: Work<M>,
    ) -> Result<Finished<wire::BatchObjectivesResponse>> {
        work.finish(self.permit, wire::BatchObjectivesResponse { results: self.results }).await
    }
}

/// 批量送审. `rules` has the budget years of all that can be found.
pub async fn submit(
    mut work: Work<wire::BatchSubmitObjectivesRequest>,
    rules: HashMap<i32, SubmissionRules>,
) -> Result<Finished<wire::BatchObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Submit, &asks).await?;
    let (district, today) = (work.district, day_in_china(work.now));
    let years: Vec<i32> = rules.keys().copied().collect();
    let windows = store::window::of_years(work.connection(), district, &years).await?;
    for ask in &asks {
        let command = |before: &Objective| {
            let rules = rules.get(&before.fiscal_year.as_i32()).cloned();
            let rules = rules.ok_or_else(|| Failure::internal("a budget year without its rules"))?;
            Ok(commands::submission(rules, window::filing(&windows, before, today)))
        };
        batch.take(&mut work, ask, "", command).await?;
    }
    batch.finish(work).await
}

/// 批量签字.
pub async fn sign(
    mut work: Work<wire::BatchSignObjectivesRequest>,
) -> Result<Finished<wire::BatchObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Sign, &asks).await?;
    for ask in &asks {
        let command = |_: &Objective| Ok(Command::Sign { opinion: ask.opinion.clone() });
        batch.take(&mut work, ask, &ask.opinion, command).await?;
    }
    batch.finish(work).await
}

/// 批量审核通过.
pub async fn pass(
    mut work: Work<wire::BatchPassObjectivesRequest>,
) -> Result<Finished<wire::BatchObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Pass, &asks).await?;
    for ask in &asks {
        batch.take(&mut work, ask, &ask.opinion, |before| commands::passing(ask, &before.form)).await?;
    }
    batch.finish(work).await
}

/// 批量退回.
pub async fn send_back(
    mut work: Work<wire::BatchReturnObjectivesRequest>,
) -> Result<Finished<wire::BatchObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Return, &asks).await?;
    let district = work.district;
    let opinions = store::opinion::standing(work.connection(), district, &batch.ids()).await?;
    for ask in &asks {
        let command = |before: &Objective| commands::returning(ask, &before.form, opinions.get(&before.id));
        batch.take(&mut work, ask, &ask.reason, command).await?;
    }
    batch.finish(work).await
}

/// 批量定级.
pub async fn grade(
    mut work: Work<wire::BatchGradeObjectivesRequest>,
    consequences: Consequences,
) -> Result<Finished<wire::BatchObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Grade, &asks).await?;
    let district = work.district;
    let opinions = store::opinion::standing(work.connection(), district, &batch.ids()).await?;
    for ask in &asks {
        let command = |before: &Objective| {
            let of_year = consequences.get(&before.fiscal_year.as_i32()).map(Vec::as_slice);
            let graded = graded(ask, of_year.unwrap_or_default())?;
            commands::grading(ask, graded, &before.form, opinions.get(&before.id))
        };
        batch.take(&mut work, ask, &ask.opinion, command).await?;
    }
    batch.finish(work).await
}

/// The grade that a request gives, and what it leads to.
pub fn graded(
    ask: &wire::GradeObjectiveRequest,
    consequences: &[(Grade, Consequence)],
) -> Result<(Grade, Consequence)> {
    let grade = grade_of(ask.grade())
        .ok_or_else(|| Failure::invalid_field("grade", "必须给出等级", "must be set"))?;
    let found = consequences.iter().find(|(of, _)| *of == grade).copied();
    found.ok_or_else(|| {
        Failure::invalid_field("grade", "审核规则没有这个等级", "the review rules do not know this grade")
    })
}

/// 批量批复.
pub async fn ratify(
    mut work: Work<wire::BatchRatifyObjectivesRequest>,
) -> Result<Finished<wire::BatchRatifyObjectivesResponse>> {
    let asks = work.call.message.requests.clone();
    let mut batch = Batch::lock(&mut work, Action::Ratify, &asks).await?;
    for ask in &asks {
        batch.take(&mut work, ask, "", |_| commands::ratification(ask)).await?;
    }
    let results = batch.results.into_iter().map(|result| wire::RatificationResult {
        name: result.name,
        objective: result.objective,
        error: result.error,
    });
    let answer = wire::BatchRatifyObjectivesResponse { results: results.collect() };
    work.finish(batch.permit, answer).await
}

/// A refusal as one result of many: code, message and details as they would have come alone.
fn failed(failure: Failure) -> rpc::Status {
    let status = failure.into_status();
    let whole = <rpc::Status as prost::Message>::decode(status.details());
    whole.unwrap_or_else(|_| rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}
