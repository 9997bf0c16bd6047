//! Reading key evaluations, checking panels, counting.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_kernel::Grade;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure, Result};

use super::super::wire::{self, enum_value};
use super::super::{Answer, Api, Reader, count, found, given_unit, given_year, id_of, page_of, year_of};
use super::output::message;
use super::{PATTERN, conflicts, facts, panel_of};
use crate::domain::key_evaluation::State;
use crate::domain::key_plan::Lead;
use crate::store::statistics::{self as counts, KeyEvaluationRow};
use crate::store::{Filter, key_evaluation as store, known};

pub(crate) async fn get(
    api: &Api,
    request: Request<pb::GetKeyEvaluationRequest>,
) -> Answer<pb::KeyEvaluation> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts(full_name, &row.body))?.answer(message(&row)))
}

pub(crate) async fn list(
    api: &Api,
    request: Request<pb::ListKeyEvaluationsRequest>,
) -> Answer<pb::ListKeyEvaluationsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.work_year, &ask.evaluated_year, &ask.lead, &ask.state, &ask.unit],
    )?;
    let filter = Filter {
        work_year: given_year(ask.work_year),
        evaluated_year: given_year(ask.evaluated_year),
        lead: wire::word(ask.lead().as_str_name(), "LEAD_").map(Lead::as_str),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        unit: given_unit(&ask.unit),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (key_evaluations, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListKeyEvaluationsResponse { key_evaluations, next_page_token }))
}

pub(crate) async fn check_panel(
    api: &Api,
    request: Request<pb::CheckPanelConflictsRequest>,
) -> Answer<pb::CheckPanelConflictsResponse> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), district, &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    let permit = call.permit(facts(full_name, &row.body))?;
    let mut panel = panel_of(call.message.panel.as_ref())?;
    let rules = known::rules(read.connection(), district, row.body.work_year).await?;
    let found = conflicts(read.connection(), district, &row.body, &mut panel, &rules).await?;
    let conflicts = found.iter().map(|conflict| pb::PanelConflict {
        kind: enum_value!(pb::panel_conflict::Kind, "KIND_", conflict.kind.as_str()),
        party: conflict.party.clone(),
        blocking: conflict.blocking,
        explanation: Some(convert::explanation(&conflict.explanation)),
    });
    Ok(permit.answer(pb::CheckPanelConflictsResponse { conflicts: conflicts.collect() }))
}

pub(crate) async fn statistics(
    api: &Api,
    request: Request<pb::GetKeyEvaluationStatisticsRequest>,
) -> Answer<pb::KeyEvaluationStatistics> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let work_year = year_of(full_name, "districts/*/keyEvaluationStatistics/*")?;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let rows = counts::key_evaluation(read.connection(), district, work_year).await?;
    let (deputies, members, both) = counts::panel_people(read.connection(), district, work_year).await?;
    let mut answer = summed(&rows)?;
    full_name.clone_into(&mut answer.name);
    answer.work_year = work_year;
    answer.deputy_count = count(deputies);
    answer.member_count = count(members);
    answer.deputy_member_count = count(both);
    Ok(permit.answer(answer))
}

/// Adds up what SQL has grouped: counts, money and worst grades of what is fixed.
fn summed(rows: &[KeyEvaluationRow]) -> Result<pb::KeyEvaluationStatistics> {
    let fixed = |lead: Option<&'static str>| {
        rows.iter().filter(move |row| row.fixed && lead.is_none_or(|lead| row.lead == lead))
    };
    let number = |lead| count(fixed(lead).map(|row| row.count).fold(0, i64::saturating_add));
    let amount = |lead| {
        let total = fixed(lead).try_fold(Decimal::ZERO, |sum, row| sum.checked_add(row.amount));
        wire::sum(total.ok_or_else(|| Failure::internal("the amounts are too large"))?)
    };
    let grades = |lead| -> Result<Vec<(Grade, i64)>> {
        let graded = fixed(lead).filter_map(|row| row.grade.as_ref().map(|grade| (grade, row.count)));
        graded.map(|(grade, n)| Ok((grade.parse().map_err(Failure::internal)?, n))).collect()
    };
    // Grades are ordered from the best: the worst is the greatest.
    let worst = |lead| Ok::<_, Failure>(wire::grade(grades(lead)?.into_iter().map(|(grade, _)| grade).max()));
    let (finance, department) = (Some(Lead::Finance.as_str()), Some(Lead::Department.as_str()));
    let years: BTreeSet<i32> = fixed(None).map(|row| row.evaluated_year).collect();
    Ok(pb::KeyEvaluationStatistics {
        evaluated_years: years.into_iter().collect(),
        total_count: number(None),
        finance_count: number(finance),
        department_count: number(department),
        total_amount: Some(amount(None)?),
        finance_amount: Some(amount(finance)?),
        department_amount: Some(amount(department)?),
        finance_minimum_grade: worst(finance)?,
        minimum_grade: worst(None)?,
        grade_counts: wire::grade_counts(grades(None)?),
        open_count: count(
            rows.iter().filter(|row| !row.fixed).map(|row| row.count).fold(0, i64::saturating_add),
        ),
        ..Default::default()
    })
}
