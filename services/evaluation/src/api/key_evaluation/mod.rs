//! Key evaluations (重点绩效评价): commands.

mod output;
mod read;

use prost::Message;
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::{Addressed, edits};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::mask;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use self::output::message;
pub(super) use self::read::{check_panel, get, list, statistics};
use super::{Given, chosen_id, code_of, facts_of, found, id_of, referred, wire};
use crate::domain::conflict::{self, Conflict, Question};
use crate::domain::key_evaluation::{Indicator, IndicatorScore, KeyEvaluation, Member, Opinion, Panel, Role};
use crate::domain::rules::Rules;
use crate::store::{key_evaluation as store, key_plan as plans, known};

const PATTERN: &str = "districts/*/keyEvaluations/*";

pub(super) async fn create(
    mut work: Work<pb::CreateKeyEvaluationRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    let ask = work.call.message.clone();
    let asked = ask.key_evaluation.unwrap_or_default();
    let district = work.district.as_i32();
    let plan_id = id_of(&asked.plan, super::key_plan::PATTERN)?;
    let plan = referred(plans::load(work.connection(), district, &plan_id).await?, &asked.plan)?;
    let rules = known::rules(work.connection(), district, plan.body.work_year).await?;
    let mut evaluation = KeyEvaluation::start((&asked.plan, &plan.body), asked.plan_item, &rules)?;
    // The plan stays as it was approved; whoever answers for the object today is evaluated.
    let planned = evaluation.object.clone();
    let known = known::object(work.connection(), district, planned.kind, &planned.subject).await?;
    evaluation.object = planned.owned_as(referred(known, &evaluation.object.subject)?);
    evaluation.edit(asked.methods, wire::attachments_of(&asked.attachments))?;
    let id = chosen_id(&work, &ask.key_evaluation_id);
    let full_name = format!("districts/{district}/keyEvaluations/{id}");
    let permit = work.permit(facts(&full_name, &evaluation))?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, evaluation, now).await?;
    let answer = message(&row);
    let change = Change::new("key_evaluation.created", full_name, row.version, &answer);
    work.record(change.by_rule_set(row.body.rule_set.clone()));
    work.finish(permit, answer).await
}

pub(super) async fn update(
    work: Work<pb::UpdateKeyEvaluationRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.updated", |evaluation, _, given| {
        let asked = given.message.key_evaluation.clone().unwrap_or_default();
        let mask = given.message.update_mask.as_ref();
        mask::check(mask, &["methods", "attachments"])?;
        let means = edits::means(&asked, mask);
        let methods = if means("methods") { &asked.methods } else { &evaluation.methods }.clone();
        let attachments = if means("attachments") {
            wire::attachments_of(&asked.attachments)
        } else {
            evaluation.attachments.clone()
        };
        Ok(evaluation.edit(methods, attachments)?)
    })
    .await
}

/// Appoints the panel, after looking for conflicts of interest in what the registry has said.
pub(super) async fn appoint(mut work: Work<pb::AppointPanelRequest>) -> Result<Finished<pb::KeyEvaluation>> {
    let full_name = work.call.message.name.clone();
    let district = work.district.as_i32();
    let row = store::load(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let row = found(row, &full_name)?;
    work.permit(facts(&full_name, &row.body))?;
    let mut panel = panel_of(work.call.message.panel.as_ref())?;
    let rules = known::rules(work.connection(), district, row.body.work_year).await?;
    let conflicts = conflicts(work.connection(), district, &row.body, &mut panel, &rules).await?;
    change(work, "key_evaluation.panel_appointed", move |evaluation, _, _| {
        Ok(evaluation.appoint(panel, &conflicts)?)
    })
    .await
}

pub(super) async fn set_framework(
    work: Work<pb::SetFrameworkRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.framework_set", |evaluation, rules, given| {
        Ok(evaluation.set_framework(framework_of(&given.message.indicators)?, rules)?)
    })
    .await
}

pub(super) async fn score(work: Work<pb::ScoreIndicatorsRequest>) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.scored", |evaluation, rules, given| {
        let mut fields = Fields::default();
        let scores = given.message.scores.iter().enumerate().map(|(at, score)| IndicatorScore {
            code: score.code.clone(),
            score: fields.decimal(&format!("scores[{at}].score"), score.score.as_ref()),
            comment: score.comment.clone(),
        });
        let scores = scores.collect();
        fields.check()?;
        Ok(evaluation.score(scores, rules, &given.actor, given.now)?)
    })
    .await
}

/// An opinion of a member of the panel. A guest speaks for themselves; an officer may record what was said.
pub(super) async fn give_opinion(
    work: Work<pb::GivePanelOpinionRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    let speaker = work.call.message.participant.clone();
    if work.principal().participant.as_deref().is_some_and(|own| own != code_of(&speaker)) {
        return Err(Failure::denied(&**work.call.method()));
    }
    change(work, "key_evaluation.opinion_given", |evaluation, _, given| {
        let ask = &given.message;
        let mut fields = Fields::default();
        let suggested_score = fields.optional_decimal("suggested_score", ask.suggested_score.as_ref());
        fields.check()?;
        let opinion = Opinion {
            participant: ask.participant.clone(),
            phase: ask.phase.clone(),
            text: ask.text.clone(),
            suggested_score,
        };
        Ok(evaluation.give_opinion(opinion, given.now)?)
    })
    .await
}

pub(super) async fn send_draft(work: Work<pb::SendDraftRequest>) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.draft_sent", |evaluation, _, given| {
        Ok(evaluation.send_draft(given.message.message.clone(), given.now)?)
    })
    .await
}

pub(super) async fn answer_draft(work: Work<pb::AnswerDraftRequest>) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.draft_answered", |evaluation, _, given| {
        let ask = &given.message;
        Ok(evaluation.answer(ask.agreed, ask.answer.clone(), &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn submit_report(
    work: Work<pb::SubmitKeyEvaluationReportRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.reported", |evaluation, _, given| {
        Ok(evaluation.submit_report(wire::sections_of(&given.message.report_sections))?)
    })
    .await
}

pub(super) async fn fix(work: Work<pb::FixKeyEvaluationRequest>) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.fixed", |evaluation, rules, given| {
        Ok(evaluation.fix(rules, &given.actor, given.now)?)
    })
    .await
}

pub(super) async fn cancel(
    work: Work<pb::CancelKeyEvaluationRequest>,
) -> Result<Finished<pb::KeyEvaluation>> {
    change(work, "key_evaluation.cancelled", |evaluation, _, given| {
        Ok(evaluation.cancel(given.message.reason.clone())?)
    })
    .await
}

/// Every change: load and lock, permit, decide by the rules, save, record.
async fn change<M: Message + Addressed + Clone>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut KeyEvaluation, &Rules, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::KeyEvaluation>> {
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    let permit = work.permit(facts(&full_name, &before.body))?;
    work.check_etag(&full_name, &before.etag())?;
    let rules = known::rules(work.connection(), district, before.body.work_year).await?;
    let mut evaluation = before.body.0.clone();
    decide(&mut evaluation, &rules, &given)?;
    let after = store::update(work.connection(), &before, evaluation, given.now).await?;
    let answer = message(&after);
    let change = Change::new(kind, full_name, after.version, &answer).from(&message(&before));
    work.record(change.by_rule_set(after.body.rule_set.clone()));
    work.finish(permit, answer).await
}

/// Guests see what is assigned to them; nobody fixes the result of scores that they gave themselves.
fn facts(full_name: &str, evaluation: &KeyEvaluation) -> Facts {
    let panel = evaluation.panel.iter();
    let guests =
        panel.flat_map(|panel| panel.members.iter().map(|m| &m.participant).chain([&panel.institution]));
    let guests = guests.filter(|guest| !guest.is_empty()).map(|guest| code_of(guest).to_owned());
    let scorer = evaluation
        .indicators
        .iter()
        .filter_map(|indicator| indicator.score.as_ref())
        .max_by_key(|s| s.score_time);
    facts_of(full_name, &evaluation.object)
        .participants(guests)
        .author(scorer.map(|score| score.scorer.clone()).unwrap_or_default())
}

/// Conflicts of a panel; fills in the names of its members on the way. Everyone on it must be known.
async fn conflicts(
    connection: &mut PgConnection,
    district: i32,
    evaluation: &KeyEvaluation,
    panel: &mut Panel,
    rules: &Rules,
) -> Result<Vec<Conflict>> {
    let names: Vec<String> = panel.members.iter().map(|member| member.participant.clone()).collect();
    let known = known::people(connection, district, &names).await?;
    for member in &mut panel.members {
        let person = known.iter().find(|(person, _)| person.participant == member.participant);
        let (_, title) = person.ok_or_else(|| Failure::reference_not_found(&member.participant))?;
        if member.title.is_empty() {
            title.clone_into(&mut member.title);
        }
    }
    let people: Vec<_> = known.into_iter().map(|(person, _)| person).collect();
    let engagements = known::engagements(connection, district, &panel.institution).await?;
    if !panel.engagement.is_empty() && !engagements.iter().any(|known| known.name == panel.engagement) {
        return Err(Failure::reference_not_found(&panel.engagement));
    }
    let question = Question {
        institution: &panel.institution,
        engagement: &panel.engagement,
        engagements: &engagements,
        people: &people,
        evaluated_unit: &evaluation.object.unit,
        work_year: evaluation.work_year,
    };
    Ok(conflict::find(rules.conflict(), &question))
}

fn panel_of(panel: Option<&pb::KeyEvaluationPanel>) -> Result<Panel> {
    let panel = panel.cloned().unwrap_or_default();
    let mut fields = Fields::default();
    let members = panel.members.iter().enumerate().filter_map(|(at, member)| {
        let role: Option<Role> = wire::required(
            &mut fields,
            &format!("panel.members[{at}].role"),
            member.role().as_str_name(),
            "ROLE_",
        );
        Some(Member {
            participant: member.participant.clone(),
            title: member.display_name.clone(),
            role: role?,
        })
    });
    let members = members.collect();
    fields.check()?;
    Ok(Panel {
        institution: panel.institution,
        engagement: panel.engagement,
        lead_evaluator: panel.lead_evaluator,
        members,
    })
}

fn framework_of(indicators: &[pb::KeyEvaluationIndicator]) -> Result<Vec<Indicator>> {
    let mut fields = Fields::default();
    let indicators = indicators.iter().enumerate().filter_map(|(at, indicator)| {
        let path = |name: &str| format!("indicators[{at}].{name}");
        let name = indicator.dimension().as_str_name();
        let dimension = wire::required(&mut fields, &path("dimension"), name, "DIMENSION_");
        let points = fields.decimal(&path("points"), indicator.points.as_ref());
        Some(Indicator {
            code: indicator.code.clone(),
            dimension: dimension?,
            level2: indicator.level2.clone(),
            level3: indicator.level3.clone(),
            points,
            standard: indicator.standard.clone(),
            score: None,
        })
    });
    let indicators = indicators.collect();
    fields.check()?;
    Ok(indicators)
}
