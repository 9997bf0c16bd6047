//! Budget decisions (预算安排决定).

use prost::Message;
use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::{Addressed, edits};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::identity::Role;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Given, Reader, chosen_id, count, facts_of, found, given_unit, given_year, id_of, page_of,
    resolve, year_of,
};
use crate::domain::budget_decision::{
    BudgetStep, Comparison, Decision, Evidence, KnownHint, Request as Asked, State,
};
use crate::store::{Filter, budget_decision as store, budget_hint as hints, statistics as counts};

const PATTERN: &str = "districts/*/budgetDecisions/*";

pub(super) async fn get(
    api: &Api,
    request: Request<pb::GetBudgetDecisionRequest>,
) -> Answer<pb::BudgetDecision> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts_of(full_name, &row.body.object))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListBudgetDecisionsRequest>,
) -> Answer<pb::ListBudgetDecisionsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.applies_to_year, &ask.unit, &ask.state],
    )?;
    let filter = Filter {
        applies_to_year: given_year(ask.applies_to_year),
        unit: given_unit(&ask.unit),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (budget_decisions, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListBudgetDecisionsResponse { budget_decisions, next_page_token }))
}

pub(super) async fn create(
    mut work: Work<pb::CreateBudgetDecisionRequest>,
) -> Result<Finished<pb::BudgetDecision>> {
    let ask = work.call.message.clone();
    let asked = ask.budget_decision.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "budget_decision.object").await?;
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.budget_decision_id);
    let full_name = format!("districts/{district}/budgetDecisions/{id}");
    let permit = work.permit(facts_of(&full_name, &object))?;
    let years = (asked.work_year, asked.applies_to_year);
    let request = request_of(&asked)?;
    let decision = Decision::start(object, given_year(asked.evaluated_year), years, request)?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, decision, now).await?;
    link_review(&mut work, &row).await?;
    let answer = message(&row);
    work.record(Change::new("budget_decision.created", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

/// A decision that follows a sunset review is named in that review.
async fn link_review<M: Message + Addressed>(work: &mut Work<M>, row: &store::Row) -> Result<()> {
    let review = row.body.request.sunset_review.clone();
    if review.is_empty() {
        return Ok(());
    }
    let decision = format!("districts/{}/budgetDecisions/{}", row.district, row.id);
    super::sunset_review::link(work, &review, decision).await
}

pub(super) async fn update(
    work: Work<pb::UpdateBudgetDecisionRequest>,
) -> Result<Finished<pb::BudgetDecision>> {
    change(work, "budget_decision.updated", |decision, _, given| {
        let asked = given.message.budget_decision.clone().unwrap_or_default();
        let mask = given.message.update_mask.as_ref();
        mask::check(mask, &["base_figures", "requested"])?;
        let means = edits::means(&asked, mask);
        let new = request_of(&asked)?;
        let mut request = decision.request.clone();
        if means("base_figures") {
            request.base_figures = new.base_figures;
        }
        if means("requested") {
            request.requested = new.requested;
        }
        Ok(decision.edit(request)?)
    })
    .await
}

pub(super) async fn recommend(
    work: Work<pb::RecommendBudgetRequest>,
) -> Result<Finished<pb::BudgetDecision>> {
    change(work, "budget_decision.recommended", |decision, _, given| {
        let ask = &given.message;
        let step = step_of(ask.figure.as_ref(), &ask.reason, &ask.evidence, "", given)?;
        Ok(decision.recommend(step)?)
    })
    .await
}

pub(super) async fn arrange(work: Work<pb::ArrangeBudgetRequest>) -> Result<Finished<pb::BudgetDecision>> {
    let by_head = work.principal().has(Role::FinanceHead);
    change(work, "budget_decision.arranged", move |decision, hints, given| {
        let ask = &given.message;
        let step = step_of(ask.figure.as_ref(), &ask.reason, &ask.evidence, &ask.override_reason, given)?;
        Ok(decision.arrange(step, hints, by_head)?)
    })
    .await
}

pub(super) async fn statistics(
    api: &Api,
    request: Request<pb::GetBudgetLinkStatisticsRequest>,
) -> Answer<pb::BudgetLinkStatistics> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let applies_to_year = year_of(full_name, "districts/*/budgetLinkStatistics/*")?;
    let mut read = api.database.read(&call).await?;
    let row = counts::budget_link(read.connection(), call.district()?.as_i32(), applies_to_year).await?;
    Ok(permit.answer(pb::BudgetLinkStatistics {
        name: full_name.clone(),
        applies_to_year,
        arranged_count: count(row.arranged),
        cut_count: count(row.cut),
        requested_amount: Some(wire::sum(row.requested_amount)?),
        arranged_amount: Some(wire::sum(row.arranged_amount)?),
        cut_amount: Some(wire::sum(row.cut_amount)?),
        inexact_count: count(row.inexact),
        sunset_review_count: count(row.reviews),
        continued_policy_count: count(row.continued),
    }))
}

/// Every change, with the hints that hold for the object and the budget year.
async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut Decision, &[KnownHint], &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::BudgetDecision>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts_of(&full_name, &before.body.object))?;
    work.check_etag(&full_name, &before.etag())?;
    let (subject, year) = (&before.body.object.subject, before.body.applies_to_year);
    let rows = hints::active_of(work.connection(), district, subject, year).await?;
    let known: Vec<KnownHint> = rows
        .into_iter()
        .map(|row| (format!("districts/{district}/budgetHints/{}", row.id), row.body.0))
        .collect();
    let mut decision = before.body.0.clone();
    decide(&mut decision, &known, &given)?;
    let after = store::update(work.connection(), &before, decision, given.now).await?;
    let answer = message(&after);
    let reason = after.body.arrangements.last().map(|step| step.reason.clone()).unwrap_or_default();
    work.record(Change::new(kind, full_name, after.version, &answer).from(&message(&before)).because(reason));
    work.finish(permit, answer).await
}

fn request_of(asked: &pb::BudgetDecision) -> Result<Asked> {
    let mut fields = Fields::default();
    let requested = wire::figure_of(&mut fields, "budget_decision.requested", asked.requested.as_ref());
    let base_figures = asked.base_figures.iter().enumerate().filter_map(|(at, base)| {
        wire::base_of(&mut fields, &format!("budget_decision.base_figures[{at}]"), base)
    });
    let base_figures = base_figures.collect();
    fields.check()?;
    Ok(Asked { requested, base_figures, sunset_review: asked.sunset_review.clone() })
}

fn step_of<M>(
    figure: Option<&pb::BudgetFigure>,
    reason: &str,
    evidence: &[pb::Evidence],
    override_reason: &str,
    given: &Given<M>,
) -> Result<BudgetStep> {
    let mut fields = Fields::default();
    let figure = wire::figure_of(&mut fields, "figure", figure);
    fields.check()?;
    let figure = figure.ok_or_else(|| Failure::invalid_field("figure", "金额未填写", "must be set"))?;
    let evidence = evidence.iter().map(|e| Evidence { resource: e.resource.clone(), text: e.text.clone() });
    Ok(BudgetStep {
        figure,
        reason: reason.to_owned(),
        evidence: evidence.collect(),
        override_reason: override_reason.to_owned(),
        decider: given.actor.clone(),
        decide_time: given.now,
    })
}

fn message(row: &store::Row) -> pb::BudgetDecision {
    let decision = &row.body;
    let outcome = &decision.outcome;
    let arranged = !decision.arrangements.is_empty();
    pb::BudgetDecision {
        name: format!("districts/{}/budgetDecisions/{}", row.district, row.id),
        object: Some(wire::object(&decision.object)),
        evaluated_year: decision.evaluated_year.unwrap_or_default(),
        work_year: decision.work_year,
        applies_to_year: decision.applies_to_year,
        base_figures: decision.request.base_figures.iter().map(wire::base).collect(),
        requested: decision.request.requested.as_ref().map(wire::figure),
        recommendations: decision.recommendations.iter().map(step).collect(),
        arrangements: decision.arrangements.iter().map(step).collect(),
        hints: decision.hints.clone(),
        cut_amount: wire::money(outcome.cut),
        cut_rate: wire::decimal(outcome.cut_rate),
        comparisons: outcome.comparisons.iter().map(comparison).collect(),
        explanation: arranged.then(|| convert::explanation(&outcome.explanation)),
        sunset_review: decision.request.sunset_review.clone(),
        state: enum_value!(pb::budget_decision::State, "STATE_", decision.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}

fn step(step: &BudgetStep) -> pb::BudgetStep {
    let evidence =
        step.evidence.iter().map(|e| pb::Evidence { resource: e.resource.clone(), text: e.text.clone() });
    pb::BudgetStep {
        figure: Some(wire::figure(&step.figure)),
        reason: step.reason.clone(),
        evidence: evidence.collect(),
        override_reason: step.override_reason.clone(),
        decider: step.decider.clone(),
        decide_time: wire::time(step.decide_time),
    }
}

fn comparison(comparison: &Comparison) -> pb::BaseComparison {
    pb::BaseComparison {
        base: Some(wire::base(&comparison.base)),
        ratio: wire::decimal(comparison.ratio),
        exact: comparison.exact,
    }
}
