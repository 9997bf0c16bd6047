//! Budget hints (预算挂钩建议).

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Reader, code_of, count, facts_of, found, given, given_unit, given_year, id_of, page_of,
};
use crate::domain::budget_hint::{Hint, State, derive};
use crate::store::{Filter, budget_hint as store, facts, known};

const PATTERN: &str = "districts/*/budgetHints/*";

pub(super) async fn get(api: &Api, request: Request<pb::GetBudgetHintRequest>) -> Answer<pb::BudgetHint> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts_of(full_name, &row.body.object))?.answer(message(&row)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListBudgetHintsRequest>,
) -> Answer<pb::ListBudgetHintsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.applies_to_year, &ask.unit, &ask.subject, &ask.state],
    )?;
    let filter = Filter {
        applies_to_year: given_year(ask.applies_to_year),
        unit: given_unit(&ask.unit),
        subject: given(&ask.subject),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (budget_hints, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListBudgetHintsResponse { budget_hints, next_page_token }))
}

/// Makes the hints of a budget year from what is known now. Repeating it changes nothing as long as nothing new is
/// known: a hint's identifier says what it is about.
pub(super) async fn generate(
    mut work: Work<pb::GenerateBudgetHintsRequest>,
) -> Result<Finished<pb::GenerateBudgetHintsResponse>> {
    let ask = work.call.message.clone();
    let (district, now) = (work.district.as_i32(), work.now);
    let permit = work.permit(Facts::of(&ask.parent))?;
    let rules = known::rules(work.connection(), district, ask.work_year).await?;
    let facts = facts::of_budget_year(work.connection(), district, ask.applies_to_year).await?;
    let hints = derive(&rules.hints(), &facts, ask.work_year, ask.applies_to_year)?;
    let active = store::lock_active(work.connection(), district, ask.applies_to_year).await?;
    let (mut created, mut unchanged, mut superseded) = (0_i64, 0_i64, 0_i64);
    let mut kept = Vec::new();
    for hint in hints {
        let id = identifier(&hint);
        kept.push(id.clone());
        let before = active.iter().find(|row| row.id == id);
        if before.is_some_and(|row| row.body.0 == hint) {
            unchanged = unchanged.saturating_add(1);
            continue;
        }
        created = created.saturating_add(1);
        let earlier = match before {
            Some(row) => Some(row.clone()),
            None => store::lock(work.connection(), district, &id).await?, // one that was superseded holds again
        };
        let after = match &earlier {
            Some(row) => store::update(work.connection(), row, hint, now).await?,
            None => store::insert(work.connection(), district, &id, hint, now).await?,
        };
        record(&mut work, "budget_hint.generated", earlier.as_ref(), &after);
    }
    for row in active.iter().filter(|row| !kept.contains(&row.id)) {
        superseded = superseded.saturating_add(1);
        let hint = Hint { state: State::Superseded, ..row.body.0.clone() };
        let after = store::update(work.connection(), row, hint, now).await?;
        record(&mut work, "budget_hint.superseded", Some(row), &after);
    }
    let answer = pb::GenerateBudgetHintsResponse {
        created_count: count(created),
        unchanged_count: count(unchanged),
        superseded_count: count(superseded),
    };
    work.finish(permit, answer).await
}

fn identifier(hint: &Hint) -> String {
    let subject = code_of(&hint.object.subject);
    format!("{}-{}-{subject}-{}", hint.applies_to_year, hint.object.kind, hint.action)
}

fn record(
    work: &mut Work<pb::GenerateBudgetHintsRequest>,
    kind: &'static str,
    before: Option<&store::Row>,
    after: &store::Row,
) {
    let answer = message(after);
    let mut change = Change::new(kind, answer.name.clone(), after.version, &answer)
        .by_rule_set(after.body.explanation.rule_set.clone());
    if let Some(before) = before {
        change = change.from(&message(before));
    }
    work.record(change);
}

fn message(row: &store::Row) -> pb::BudgetHint {
    let hint = &row.body;
    let basis = hint.basis.iter().map(|basis| pb::HintBasis {
        kind: enum_value!(pb::hint_basis::Kind, "KIND_", basis.kind.as_str()),
        resource: basis.resource.clone(),
        value: basis.value.clone(),
    });
    pb::BudgetHint {
        name: format!("districts/{}/budgetHints/{}", row.district, row.id),
        object: Some(wire::object(&hint.object)),
        evaluated_year: hint.evaluated_year,
        work_year: hint.work_year,
        applies_to_year: hint.applies_to_year,
        action: enum_value!(pb::budget_hint::Action, "ACTION_", hint.action.as_str()),
        strength: enum_value!(pb::budget_hint::Strength, "STRENGTH_", hint.strength.as_str()),
        reduction_percent: wire::decimal(hint.reduction_percent),
        basis: basis.collect(),
        explanation: Some(convert::explanation(&hint.explanation)),
        state: enum_value!(pb::budget_hint::State, "STATE_", hint.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}
