//! Self-evaluations (单位自评): commands and reads.

mod input;
mod output;
mod read;

use prost::Message;
use sqlx::PgConnection;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::Result;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::work::{Change, Finished, Work};

use self::output::message;
pub(super) use self::read::{get, list, score, statistics, verify, versions};
use super::{Given, chosen_id, facts_of, found, id_of, referred, resolve};
use crate::domain::object::EvaluatedObject;
use crate::domain::rules::Rules;
use crate::domain::self_evaluation::{Act, Basis, RatifiedVersion, SelfEvaluation, State, in_force};
use crate::domain::task::Task;
use crate::store::{known, objective as objectives, self_evaluation as store, task as tasks};

const PATTERN: &str = "districts/*/selfEvaluations/*";

pub(super) async fn create(
    mut work: Work<pb::CreateSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    let ask = work.call.message.clone();
    let asked = ask.self_evaluation.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "self_evaluation.object").await?;
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.self_evaluation_id);
    let full_name = format!("districts/{district}/selfEvaluations/{id}");
    let permit = work.permit(facts_of(&full_name, &object))?;
    let task_id = id_of(&asked.task, super::task::PATTERN)?;
    let task = referred(tasks::load(work.connection(), district, &task_id).await?, &asked.task)?;
    let rules = known::rules(work.connection(), district, task.body.work_year).await?;
    let versions =
        ratified(work.connection(), district, &asked.objective, &object, task.body.evaluated_year).await?;
    let basis = basis(&asked, &versions, task.body.evaluated_year)?;
    let form = input::form(&asked, basis.version.map(|(version, _)| version))?;
    let evaluation = SelfEvaluation::start((&asked.task, &task.body), object, basis, form, &rules)?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, evaluation, now).await?;
    let answer = message(&row);
    let change = Change::new("self_evaluation.created", full_name, row.version, &answer);
    work.record(change.by_rule_set(row.body.rule_set.clone()));
    work.finish(permit, answer).await
}

/// The ratified versions of the objective that a form names; empty without one.
async fn ratified(
    connection: &mut PgConnection,
    district: i32,
    objective: &str,
    object: &EvaluatedObject,
    evaluated_year: i32,
) -> Result<Vec<RatifiedVersion>> {
    if objective.is_empty() {
        return Ok(Vec::new());
    }
    let known = objectives::load(connection, district, objective).await?;
    let known = referred(known.filter(|known| !known.versions.is_empty()), objective)?;
    let mut fields = Fields::default();
    let field = "self_evaluation.objective";
    if known.fiscal_year != evaluated_year {
        fields.reject(field, "绩效目标不属于评价年度", "the objective is not of the evaluated year");
    }
    if known.subject != object.subject {
        fields.reject(field, "绩效目标不属于该评价对象", "the objective is not of the evaluated object");
    }
    fields.check()?;
    Ok(known.versions)
}

/// The ratified objective says what coverage counts; only a form without one brings its own amount.
fn basis<'v>(
    asked: &pb::SelfEvaluation,
    versions: &'v [RatifiedVersion],
    evaluated_year: i32,
) -> Result<Basis<'v>> {
    let mut fields = Fields::default();
    let given = fields.optional_money("self_evaluation.objective_amount", asked.objective_amount.as_ref());
    fields.check()?;
    let version = in_force(versions, evaluated_year);
    let amount = version.map_or_else(|| given.unwrap_or_default(), |(version, _)| version.amount);
    Ok(Basis { objective: asked.objective.clone(), amount, version })
}

pub(super) async fn update(
    work: Work<pb::UpdateSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.updated", |evaluation, about, given| {
        let asked = given.message.self_evaluation.clone().unwrap_or_default();
        let (mask, version) = (given.message.update_mask.as_ref(), evaluation.version_of(&about.versions));
        let form = input::merged(&evaluation.form, &asked, mask, version)?;
        Ok(evaluation.edit(&about.task, form, &about.rules, &about.versions)?)
    })
    .await
}

pub(super) async fn refresh(
    work: Work<pb::RefreshSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.refreshed", |evaluation, about, _| {
        Ok(evaluation.refresh(&about.task, &about.rules, &about.versions)?)
    })
    .await
}

pub(super) async fn submit(
    work: Work<pb::SubmitSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.submitted", |evaluation, about, given| {
        Ok(evaluation.submit(&about.task, &about.rules, &about.versions, &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn review(
    work: Work<pb::ReviewSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.reviewed", |evaluation, about, given| {
        let mut fields = Fields::default();
        let score = fields.optional_decimal("score", given.message.score.as_ref());
        fields.check()?;
        Ok(evaluation.review(&about.rules, score, given.message.opinion.clone(), about.act(given))?)
    })
    .await
}

pub(super) async fn confirm(
    work: Work<pb::ConfirmSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.confirmed", |evaluation, about, given| {
        let mut fields = Fields::default();
        let score = fields.optional_decimal("score", given.message.score.as_ref());
        fields.check()?;
        Ok(evaluation.confirm(&about.rules, score, given.message.opinion.clone(), about.act(given))?)
    })
    .await
}

pub(super) async fn send_back(
    work: Work<pb::ReturnSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.returned", |evaluation, about, given| {
        Ok(evaluation.send_back(&about.rules, given.message.reason.clone(), about.act(given))?)
    })
    .await
}

pub(super) async fn recheck(
    work: Work<pb::RecheckSelfEvaluationRequest>,
) -> Result<Finished<pb::SelfEvaluation>> {
    change(work, "self_evaluation.rechecked", |evaluation, about, given| {
        let items = input::recheck_items(&given.message.items)?;
        let opinion = given.message.opinion.clone();
        Ok(evaluation.recheck(&about.rules, items, opinion, &given.actor, given.now, about.version)?)
    })
    .await
}

/// What a decision about a form also looks at.
struct About {
    task: Task,
    rules: Rules,
    /// Ratified versions of the objective that the form answers to; empty when the form is not with the unit.
    versions: Vec<RatifiedVersion>,
    version: i64,
}

impl About {
    fn act<'a, M>(&self, given: &'a Given<M>) -> Act<'a> {
        Act { actor: &given.actor, now: given.now, version: self.version }
    }
}

/// Every change of a form: load and lock, permit, decide by the rules, keep the version that others have seen, save.
async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut SelfEvaluation, &About, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::SelfEvaluation>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts(&full_name, &before.body))?;
    work.check_etag(&full_name, &before.etag())?;
    let task_id = id_of(&before.body.task, super::task::PATTERN)?;
    let task = referred(tasks::load(work.connection(), district, &task_id).await?, &before.body.task)?;
    let rules = known::rules(work.connection(), district, before.body.work_year).await?;
    let with_unit = matches!(before.body.state, State::Draft | State::Returned);
    let versions = if with_unit && !before.body.objective.is_empty() {
        let known = objectives::load(work.connection(), district, &before.body.objective).await?;
        known.map(|known| known.versions).unwrap_or_default()
    } else {
        Vec::new()
    };
    let about = About { task: task.body.0, rules, versions, version: before.version };
    let mut evaluation = before.body.0.clone();
    decide(&mut evaluation, &about, &given)?;
    if !matches!((before.body.state, evaluation.state), (State::Draft, State::Draft)) {
        store::keep_version(work.connection(), &before).await?;
    }
    let after = store::update(work.connection(), &before, evaluation, given.now).await?;
    let answer = message(&after);
    let change = Change::new(kind, full_name, after.version, &answer).from(&message(&before));
    work.record(change.by_rule_set(after.body.rule_set.clone()));
    work.finish(permit, answer).await
}

/// Nobody reviews the form that they handed in.
fn facts(full_name: &str, evaluation: &SelfEvaluation) -> Facts {
    facts_of(full_name, &evaluation.object).author(evaluation.submitter.clone())
}
