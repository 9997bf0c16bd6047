//! Sunset reviews (到期政策再评估).

use chrono::{Days, NaiveDate};
use prost::Message;
use tonic::Request;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Given, Reader, chosen_id, facts_of, found, given_year, id_of, page_of, referred, resolve,
};
use crate::domain::object::ObjectKind;
use crate::domain::rules::{DeadlineKind, Rules};
use crate::domain::sunset_review::{State, SunsetReview, Verdict};
use crate::store::{Filter, known, sunset_review as store};

const PATTERN: &str = "districts/*/sunsetReviews/*";

pub(super) async fn get(api: &Api, request: Request<pb::GetSunsetReviewRequest>) -> Answer<pb::SunsetReview> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts(full_name, &row.body))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListSunsetReviewsRequest>,
) -> Answer<pb::ListSunsetReviewsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.work_year, &ask.applies_to_year, &ask.state],
    )?;
    let filter = Filter {
        work_year: given_year(ask.work_year),
        applies_to_year: given_year(ask.applies_to_year),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (sunset_reviews, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListSunsetReviewsResponse { sunset_reviews, next_page_token }))
}

/// Opens a review. The registry's last day of the policy is the one that counts.
pub(super) async fn create(
    mut work: Work<pb::CreateSunsetReviewRequest>,
) -> Result<Finished<pb::SunsetReview>> {
    let ask = work.call.message.clone();
    let asked = ask.sunset_review.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "sunset_review.object").await?;
    let (district, now) = (work.district.as_i32(), work.now);
    let id = chosen_id(&work, &ask.sunset_review_id);
    let full_name = format!("districts/{district}/sunsetReviews/{id}");
    let permit = work.permit(facts_of(&full_name, &object))?;
    let known = known::policy_term(work.connection(), district, &object.subject).await?;
    let mut fields = Fields::default();
    let given = fields.optional_date("sunset_review.expiry_date", asked.expiry_date.as_ref());
    let (expiry, term) = known.unwrap_or_default();
    let expiry = match (expiry, given) {
        (Some(known), Some(given)) if known != given => {
            fields.reject(
                "sunset_review.expiry_date",
                "与登记的到期日不一致",
                "differs from the registry's last day",
            );
            known
        }
        (Some(day), _) | (None, Some(day)) => day,
        (None, None) => fields.date("sunset_review.expiry_date", None),
    };
    fields.check()?;
    let term_years = if term == 0 { asked.term_years } else { term };
    let review = SunsetReview::open(object, expiry, term_years, (asked.work_year, asked.applies_to_year))?;
    let row = store::insert(work.connection(), district, &id, review, now).await?;
    let answer = message(&row);
    work.record(Change::new("sunset_review.opened", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

/// Opens the reviews of all policies whose term ends before the budget year begins or within the notice term after.
pub(super) async fn open_due(
    mut work: Work<pb::OpenDueSunsetReviewsRequest>,
) -> Result<Finished<pb::OpenDueSunsetReviewsResponse>> {
    let ask = work.call.message.clone();
    let (district, now) = (work.district.as_i32(), work.now);
    let permit = work.permit(Facts::of(&ask.parent))?;
    let rules = known::rules(work.connection(), district, ask.work_year).await?;
    let lead = rules.deadline(DeadlineKind::SunsetNotice).map_or(0, |term| term.days);
    let until = NaiveDate::from_ymd_opt(ask.work_year, 12, 31)
        .and_then(|day| day.checked_add_days(Days::new(u64::from(lead))))
        .ok_or_else(|| Failure::invalid_field("work_year", "不是有效的年度", "not a year"))?;
    let mut sunset_reviews = Vec::new();
    for (policy, expiry, term) in store::due(work.connection(), district, ask.applies_to_year, until).await? {
        let object = known::object(work.connection(), district, ObjectKind::Policy, &policy).await?;
        let review = SunsetReview::open(
            referred(object, &policy)?,
            expiry,
            term,
            (ask.work_year, ask.applies_to_year),
        )?;
        let id = work.new_id();
        let row = store::insert(work.connection(), district, &id, review, now).await?;
        let opened = message(&row);
        work.record(Change::new("sunset_review.opened", opened.name.clone(), row.version, &opened));
        sunset_reviews.push(opened);
    }
    work.finish(permit, pb::OpenDueSunsetReviewsResponse { sunset_reviews }).await
}

pub(super) async fn evaluate(
    work: Work<pb::EvaluateSunsetReviewRequest>,
) -> Result<Finished<pb::SunsetReview>> {
    change(work, "sunset_review.evaluated", |review, rules, given| {
        let ask = &given.message;
        let mut fields = Fields::default();
        let verdict = Verdict {
            score: fields.optional_decimal("score", ask.score.as_ref()),
            grade: convert::grade_of(ask.grade()),
            text: ask.text.clone(),
            resource: ask.evaluation.clone(),
        };
        fields.check()?;
        Ok(review.evaluate(verdict, rules, &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn decide(work: Work<pb::DecideSunsetReviewRequest>) -> Result<Finished<pb::SunsetReview>> {
    change(work, "sunset_review.decided", |review, _, given| {
        let ask = &given.message;
        let mut fields = Fields::default();
        let renewal = fields.optional_date("renewal_start_date", ask.renewal_start_date.as_ref());
        let outcome = wire::required(&mut fields, "outcome", ask.outcome().as_str_name(), "OUTCOME_");
        fields.check()?;
        let Some(outcome) = outcome else { return Ok(()) };
        Ok(review.decide(outcome, ask.reason.clone(), renewal, &given.actor, given.now)?)
    })
    .await
}

async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut SunsetReview, &Rules, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::SunsetReview>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts(&full_name, &before.body))?;
    work.check_etag(&full_name, &before.etag())?;
    let rules = known::rules(work.connection(), district, before.body.work_year).await?;
    let mut review = before.body.0.clone();
    decide(&mut review, &rules, &given)?;
    let after = store::update(work.connection(), &before, review, given.now).await?;
    let answer = message(&after);
    work.record(Change::new(kind, full_name, after.version, &answer).from(&message(&before)));
    work.finish(permit, answer).await
}

/// Names the budget decision that follows a review.
pub(super) async fn link<M: Message + Addressed>(
    work: &mut Work<M>,
    review: &str,
    decision: String,
) -> Result<()> {
    let (district, now) = (work.district.as_i32(), work.now);
    let before = store::lock(work.connection(), district, &id_of(review, PATTERN)?).await?;
    let before = referred(before, review)?;
    let linked = SunsetReview { budget_decision: decision, ..before.body.0.clone() };
    let after = store::update(work.connection(), &before, linked, now).await?;
    let answer = message(&after);
    work.record(Change::new("sunset_review.linked", review, after.version, &answer).from(&message(&before)));
    Ok(())
}

/// Nobody decides about the evaluation that they made.
fn facts(full_name: &str, review: &SunsetReview) -> Facts {
    let evaluator = review.evaluation.as_ref().map(|evaluation| evaluation.evaluator.clone());
    facts_of(full_name, &review.object).author(evaluator.unwrap_or_default())
}

fn message(row: &store::Row) -> pb::SunsetReview {
    let review = &row.body;
    let (evaluation, decision) = (review.evaluation.as_ref(), review.decision.as_ref());
    pb::SunsetReview {
        name: format!("districts/{}/sunsetReviews/{}", row.district, row.id),
        object: Some(wire::object(&review.object)),
        expiry_date: Some(convert::date(review.expiry_date)),
        term_years: review.term_years,
        work_year: review.work_year,
        applies_to_year: review.applies_to_year,
        grade: wire::grade(evaluation.map(|evaluation| evaluation.grade)),
        score: wire::decimal(evaluation.and_then(|evaluation| evaluation.score)),
        evaluation_text: evaluation.map(|evaluation| evaluation.text.clone()).unwrap_or_default(),
        evaluation: evaluation.map(|evaluation| evaluation.resource.clone()).unwrap_or_default(),
        evaluator: evaluation.map(|evaluation| evaluation.evaluator.clone()).unwrap_or_default(),
        evaluate_time: evaluation.and_then(|evaluation| wire::time(evaluation.evaluate_time)),
        outcome: decision.map_or(0, |decision| {
            enum_value!(pb::sunset_review::Outcome, "OUTCOME_", decision.outcome.as_str())
        }),
        decision_reason: decision.map(|decision| decision.reason.clone()).unwrap_or_default(),
        decider: decision.map(|decision| decision.decider.clone()).unwrap_or_default(),
        decide_time: decision.and_then(|decision| wire::time(decision.decide_time)),
        renewal_start_date: decision.and_then(|decision| decision.renewal_start_date).map(convert::date),
        gap_day_count: decision.map(|decision| decision.gap_days).unwrap_or_default(),
        budget_decision: review.budget_decision.clone(),
        state: enum_value!(pb::sunset_review::State, "STATE_", review.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}
