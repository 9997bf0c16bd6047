//! Reading forms, scoring them again, and counting them.

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_kernel::rounding::percentage;
use wenxiao_kernel::{Explanation, Step};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure, Result};

use super::super::{
    Answer, Api, Reader, count, found, given, given_unit, given_year, id_of, page_of, referred, wire, year_of,
};
use super::output::{message, score_sheet};
use super::{PATTERN, facts, input};
use crate::domain::rules::Rules;
use crate::domain::self_evaluation::{State, assess};
use crate::store::{Filter, known, self_evaluation as store, statistics as counts, task as tasks};

pub(crate) async fn get(
    api: &Api,
    request: Request<pb::GetSelfEvaluationRequest>,
) -> Answer<pb::SelfEvaluation> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    let row = found(row, full_name)?;
    Ok(call.permit(facts(full_name, &row.body))?.answer(message(&row)))
}

pub(crate) async fn list(
    api: &Api,
    request: Request<pb::ListSelfEvaluationsRequest>,
) -> Answer<pb::ListSelfEvaluationsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.evaluated_year, &ask.unit, &ask.state, &ask.task],
    )?;
    let filter = Filter {
        evaluated_year: given_year(ask.evaluated_year),
        unit: given_unit(&ask.unit),
        state: wire::word(ask.state().as_str_name(), "STATE_").map(State::as_str),
        task: given(&ask.task),
        ..Filter::of(&call, &page)
    };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (self_evaluations, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListSelfEvaluationsResponse { self_evaluations, next_page_token }))
}

pub(crate) async fn versions(
    api: &Api,
    request: Request<pb::ListSelfEvaluationVersionsRequest>,
) -> Answer<pb::ListSelfEvaluationVersionsResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let (district, id) = (call.district()?.as_i32(), id_of(&ask.name, PATTERN)?);
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.name])?;
    let mut read = api.database.read(&call).await?;
    let row = found(store::load(read.connection(), district, &id).await?, &ask.name)?;
    let permit = call.permit(facts(&ask.name, &row.body))?;
    let before = page.key(0).and_then(|key| key.parse().ok());
    let rows = store::versions(read.connection(), district, &id, before, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.version.to_string()]);
    let self_evaluations = rows.iter().map(message).collect();
    Ok(permit.answer(pb::ListSelfEvaluationVersionsResponse { self_evaluations, next_page_token }))
}

/// Scores a form that need not be stored, by the rules of its task's work year.
pub(crate) async fn score(
    api: &Api,
    request: Request<pb::ScoreSelfEvaluationRequest>,
) -> Answer<pb::ScoreSheet> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let asked = call.message.self_evaluation.clone().unwrap_or_default();
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let task_id = id_of(&asked.task, super::super::task::PATTERN)?;
    let task = referred(tasks::load(read.connection(), district, &task_id).await?, &asked.task)?;
    let rules = known::rules(read.connection(), district, task.body.work_year).await?;
    let form = input::form(&asked, None)?;
    let sheet = assess(&form, &rules).map_err(Failure::from)?;
    Ok(permit.answer(score_sheet(&form, &sheet, true)))
}

/// Scores a stored form again, and says whether the stored totals hold.
pub(crate) async fn verify(
    api: &Api,
    request: Request<pb::VerifySelfEvaluationScoreRequest>,
) -> Answer<pb::ScoreSheet> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let row = found(store::load(read.connection(), district, &id_of(full_name, PATTERN)?).await?, full_name)?;
    let permit = call.permit(facts(full_name, &row.body))?;
    let wanted = &call.message.rule_set;
    let rules = if wanted.is_empty() {
        known::rules(read.connection(), district, row.body.work_year).await?
    } else {
        let set = referred(known::rules_of(read.connection(), district, wanted).await?, wanted)?;
        let day = set.start_date;
        Rules::in_force([set], day)
    };
    let sheet = assess(&row.body.form, &rules).map_err(Failure::from)?;
    let (stored, again) = (&row.body.sheet.totals, &sheet.totals);
    let consistent = (stored.self_score, stored.computed_score, stored.self_grade)
        == (again.self_score, again.computed_score, again.self_grade);
    Ok(permit.answer(score_sheet(&row.body.form, &sheet, consistent)))
}

pub(crate) async fn statistics(
    api: &Api,
    request: Request<pb::GetSelfEvaluationStatisticsRequest>,
) -> Answer<pb::SelfEvaluationStatistics> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let evaluated_year = year_of(full_name, "districts/*/selfEvaluationStatistics/*")?;
    let district = call.district()?.as_i32();
    let mut read = api.database.read(&call).await?;
    let row = counts::self_evaluation(read.connection(), district, evaluated_year).await?;
    let grades = counts::self_evaluation_grades(read.connection(), district, evaluated_year).await?;
    let grades = grades.into_iter().map(|(grade, n)| Ok((grade.parse().map_err(Failure::internal)?, n)));
    let coverage = percentage(row.evaluated, row.ratified, 2);
    let words =
        coverage.map_or_else(|| "没有批复的绩效目标".to_owned(), |rate| format!("自评资金覆盖率{rate}%"));
    let english =
        coverage.map_or_else(|| "nothing is ratified".to_owned(), |rate| format!("coverage {rate}%"));
    let explanation = Explanation::by("", "self_evaluation.coverage")
        .step(
            Step::new("覆盖率", "自评资金 ÷ 批复目标资金 × 100%", coverage.unwrap_or_default())
                .input("自评资金", row.evaluated)
                .input("批复目标资金", row.ratified),
        )
        .concluding(words, english);
    Ok(permit.answer(pb::SelfEvaluationStatistics {
        name: full_name.clone(),
        evaluated_year,
        unit_count: count(row.units),
        street_count: count(row.streets),
        form_count: count(row.forms),
        evaluated_amount: Some(wire::sum(row.evaluated)?),
        ratified_amount: Some(wire::sum(row.ratified)?),
        coverage_rate: wire::decimal(coverage),
        explanation: Some(convert::explanation(&explanation)),
        grade_counts: wire::grade_counts(grades.collect::<Result<Vec<_>>>()?),
        missing_report_count: count(row.without_report),
    }))
}
