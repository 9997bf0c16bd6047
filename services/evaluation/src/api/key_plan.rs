//! Plans of key evaluations (重点绩效评价计划).

use prost::Message;
use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::{Addressed, edits};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result};

use super::wire::{self, enum_value};
use super::{Answer, Api, Reader, chosen_id, found, given_year, id_of, page_of, resolve};
use crate::domain::key_evaluation::State as EvaluationState;
use crate::domain::key_plan::{Plan, PlanItem, State, Stated, Stored, reconcile as compare};
use crate::store::{Filter, candidate as candidates, key_evaluation as evaluations, key_plan as store};

pub(super) const PATTERN: &str = "districts/*/keyEvaluationPlans/*";

pub(super) async fn get(
    api: &Api,
    request: Request<pb::GetKeyEvaluationPlanRequest>,
) -> Answer<pb::KeyEvaluationPlan> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    Ok(permit.answer(message(&found(row, full_name)?)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListKeyEvaluationPlansRequest>,
) -> Answer<pb::ListKeyEvaluationPlansResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.work_year])?;
    let filter = Filter { work_year: given_year(ask.work_year), ..Filter::of(&call, &page) };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (key_evaluation_plans, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListKeyEvaluationPlansResponse { key_evaluation_plans, next_page_token }))
}

pub(super) async fn reconcile(
    api: &Api,
    request: Request<pb::ReconcileKeyEvaluationPlanRequest>,
) -> Answer<pb::ReconcileKeyEvaluationPlanResponse> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let plan = store::load(read.connection(), district, &id_of(full_name, PATTERN)?).await?;
    let plan = found(plan, full_name)?;
    let rows = evaluations::of_plan(read.connection(), district, full_name).await?;
    let stored: Vec<Stored> = rows
        .iter()
        .map(|row| Stored {
            name: format!("districts/{district}/keyEvaluations/{}", row.id),
            plan_item: row.body.plan_item,
            lead: row.body.lead,
            amount: row.body.amount,
            fixed: row.body.state == EvaluationState::Fixed,
        })
        .collect();
    let result = compare(&plan.body, &stored).map_err(Failure::from)?;
    let reconciled = result.reconciled();
    let lines = result.lines.into_iter().map(|line| pb::ReconciliationLine {
        code: line.code.to_owned(),
        title: line.title.to_owned(),
        stated: line.stated,
        listed: line.listed,
        stored: line.stored,
        matching: line.matching,
    });
    Ok(permit.answer(pb::ReconcileKeyEvaluationPlanResponse {
        lines: lines.collect(),
        reconciled,
        missing_items: result.missing_items,
        unfinished_evaluations: result.unfinished,
        duplicate_subjects: result.duplicates,
    }))
}

pub(super) async fn create(
    mut work: Work<pb::CreateKeyEvaluationPlanRequest>,
) -> Result<Finished<pb::KeyEvaluationPlan>> {
    let ask = work.call.message.clone();
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.key_evaluation_plan_id);
    let full_name = format!("districts/{district}/keyEvaluationPlans/{id}");
    let permit = work.permit(Facts::of(&full_name))?;
    let asked = ask.key_evaluation_plan.unwrap_or_default();
    let plan = Plan {
        title: asked.title.clone(),
        work_year: asked.work_year,
        evaluated_year: asked.evaluated_year,
        items: items_of(&mut work, &asked.items).await?,
        stated: stated_of(asked.stated_totals.as_ref())?,
        approval: None,
        state: State::Draft,
    };
    plan.check()?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, plan, now).await?;
    let answer = message(&row);
    work.record(Change::new("key_evaluation_plan.created", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

pub(super) async fn update(
    mut work: Work<pb::UpdateKeyEvaluationPlanRequest>,
) -> Result<Finished<pb::KeyEvaluationPlan>> {
    let ask = work.call.message.clone();
    let asked = ask.key_evaluation_plan.unwrap_or_default();
    let permit = work.permit(Facts::of(&asked.name))?;
    mask::check(ask.update_mask.as_ref(), &["title", "items", "stated_totals"])?;
    let means = edits::means(&asked, ask.update_mask.as_ref());
    // Objects are held before the plan, in the order in which a hand-over holds them.
    let items = if means("items") { Some(items_of(&mut work, &asked.items).await?) } else { None };
    let before = locked(&mut work, &asked.name).await?;
    let mut plan = before.body.0.clone();
    let title = if means("title") { asked.title.clone() } else { plan.title.clone() };
    let items = items.unwrap_or_else(|| plan.items.clone());
    let stated =
        if means("stated_totals") { stated_of(asked.stated_totals.as_ref())? } else { plan.stated.clone() };
    plan.edit(title, items, stated)?;
    let now = work.now;
    let after = store::update(work.connection(), &before, plan, now).await?;
    let answer = message(&after);
    work.record(
        Change::new("key_evaluation_plan.updated", &asked.name, after.version, &answer)
            .from(&message(&before)),
    );
    work.finish(permit, answer).await
}

/// Approves a plan; the candidates that it chose leave the list.
pub(super) async fn approve(
    mut work: Work<pb::ApproveKeyEvaluationPlanRequest>,
) -> Result<Finished<pb::KeyEvaluationPlan>> {
    let full_name = work.call.message.name.clone();
    let permit = work.permit(Facts::of(&full_name))?;
    let before = locked(&mut work, &full_name).await?;
    let mut plan = before.body.0.clone();
    let (actor, now, district) = (work.principal().subject.clone(), work.now, work.district.as_i32());
    plan.approve(&actor, now)?;
    let chosen = plan.items.iter().filter(|item| !item.candidate.is_empty());
    let chosen: Result<Vec<String>> =
        chosen.map(|item| id_of(&item.candidate, super::candidate::PATTERN)).collect();
    let chosen = chosen?;
    let listed = candidates::lock_many(work.connection(), district, &chosen).await?;
    if let Some(absent) = chosen.iter().find(|id| !listed.iter().any(|row| &row.id == *id)) {
        return Err(Failure::reference_not_found(format!(
            "districts/{district}/evaluationCandidates/{absent}"
        )));
    }
    for row in listed {
        let mut candidate = row.body.0.clone();
        candidate.select(&full_name)?;
        let selected = candidates::update(work.connection(), &row, candidate, now).await?;
        super::candidate::record(&mut work, "evaluation_candidate.selected", &row, &selected);
    }
    let after = store::update(work.connection(), &before, plan, now).await?;
    let answer = message(&after);
    work.record(
        Change::new("key_evaluation_plan.approved", full_name, after.version, &answer)
            .from(&message(&before)),
    );
    work.finish(permit, answer).await
}

async fn locked<M: Message + Addressed>(work: &mut Work<M>, full_name: &str) -> Result<store::Row> {
    let district = work.district.as_i32();
    let row = found(store::lock(work.connection(), district, &id_of(full_name, PATTERN)?).await?, full_name)?;
    work.check_etag(full_name, &row.etag())?;
    Ok(row)
}

async fn items_of<M: Message + Addressed>(
    work: &mut Work<M>,
    items: &[pb::KeyEvaluationPlanItem],
) -> Result<Vec<PlanItem>> {
    let mut fields = Fields::default();
    let mut converted = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let path = |name: &str| format!("key_evaluation_plan.items[{at}].{name}");
        let object = resolve(work, item.object.as_ref(), &path("object")).await?;
        let lead = wire::required(&mut fields, &path("lead"), item.lead().as_str_name(), "LEAD_");
        let amount = fields.money(&path("amount"), item.amount.as_ref());
        let Some(lead) = lead else { continue };
        converted.push(PlanItem {
            number: item.number,
            object,
            lead,
            reasons: item
                .reasons()
                .filter_map(|reason| wire::word(reason.as_str_name(), "SELECTION_REASON_"))
                .collect(),
            remark: item.remark.clone(),
            candidate: item.candidate.clone(),
            amount,
        });
    }
    fields.check()?;
    Ok(converted)
}

fn stated_of(stated: Option<&pb::StatedTotals>) -> Result<Stated> {
    let Some(stated) = stated else { return Ok(Stated::default()) };
    let mut fields = Fields::default();
    let amount =
        wire::printed_of(&mut fields, "key_evaluation_plan.stated_totals.amount", stated.amount.as_ref());
    fields.check()?;
    let (total, finance, department) = (stated.total_count, stated.finance_count, stated.department_count);
    Ok(Stated { total, finance, department, amount })
}

fn message(row: &store::Row) -> pb::KeyEvaluationPlan {
    let plan = &row.body;
    let approval = plan.approval.as_ref();
    pb::KeyEvaluationPlan {
        name: format!("districts/{}/keyEvaluationPlans/{}", row.district, row.id),
        title: plan.title.clone(),
        work_year: plan.work_year,
        evaluated_year: plan.evaluated_year,
        items: plan.items.iter().map(item).collect(),
        stated_totals: Some(pb::StatedTotals {
            total_count: plan.stated.total,
            finance_count: plan.stated.finance,
            department_count: plan.stated.department,
            amount: plan.stated.amount.as_ref().map(wire::printed),
        }),
        approver: approval.map(|approval| approval.approver.clone()).unwrap_or_default(),
        approve_time: approval.and_then(|approval| wire::time(approval.approve_time)),
        state: enum_value!(pb::key_evaluation_plan::State, "STATE_", plan.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}

fn item(item: &PlanItem) -> pb::KeyEvaluationPlanItem {
    use pb::key_evaluation_plan::{Lead, SelectionReason};
    pb::KeyEvaluationPlanItem {
        number: item.number,
        object: Some(wire::object(&item.object)),
        lead: enum_value!(Lead, "LEAD_", item.lead.as_str()),
        reasons: item
            .reasons
            .iter()
            .map(|reason| enum_value!(SelectionReason, "SELECTION_REASON_", reason.as_str()))
            .collect(),
        remark: item.remark.clone(),
        candidate: item.candidate.clone(),
        amount: Some(convert::money(item.amount)),
    }
}
