//! ExAnteService (事前绩效评估).

use tonic::Request;
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::ex_ante_service_server::ExAnteService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Result};

use super::wire::{self, enum_value};
use super::{
    Answer, Api, Given, Reader, chosen_id, code_of, count, facts_of, found, given_unit, given_year, id_of,
    page_of, resolve, year_of,
};
use crate::domain::ex_ante::{ExAnte, Judgement, Request as Asked};
use crate::domain::rules::Rules;
use crate::store::{ex_ante as store, known, statistics};

const PATTERN: &str = "districts/*/exAnteEvaluations/*";

/// What an update may change.
const UPDATABLE: [&str; 7] =
    ["cause", "occasion", "requested_amount", "institution", "experts", "report_sections", "attachments"];

#[tonic::async_trait]
impl ExAnteService for Api {
    async fn get_ex_ante_evaluation(
        &self,
        request: Request<pb::GetExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        let call = Call::open(request)?;
        let full_name = &call.message.name;
        let mut read = self.database.read(&call).await?;
        let row =
            store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
        let row = found(row, full_name)?;
        Ok(call.permit(facts(full_name, &row.body))?.answer(message(&row)))
    }

    async fn list_ex_ante_evaluations(
        &self,
        request: Request<pb::ListExAnteEvaluationsRequest>,
    ) -> Answer<pb::ListExAnteEvaluationsResponse> {
        let call = Call::open(request)?;
        let ask = &call.message;
        let permit = call.permit(Facts::of(&ask.parent))?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.work_year, &ask.state, &ask.unit],
        )?;
        let filter = crate::store::Filter {
            work_year: given_year(ask.work_year),
            state: wire::word(ask.state().as_str_name(), "STATE_").map(crate::domain::ex_ante::State::as_str),
            unit: given_unit(&ask.unit),
            ..crate::store::Filter::of(&call, &page)
        };
        let rows = store::list(Reader::of(&self.database, &call).await?.connection(), &filter).await?;
        let (ex_ante_evaluations, next_page_token) = page_of(&page, rows, message);
        Ok(permit.answer(pb::ListExAnteEvaluationsResponse { ex_ante_evaluations, next_page_token }))
    }

    async fn create_ex_ante_evaluation(
        &self,
        request: Request<pb::CreateExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, create).await
    }

    async fn update_ex_ante_evaluation(
        &self,
        request: Request<pb::UpdateExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, |work| {
            change(work, "ex_ante_evaluation.updated", |evaluation, _, given| {
                let asked = given.message.ex_ante_evaluation.as_ref();
                let request = merged(&evaluation.request, asked, given.message.update_mask.as_ref())?;
                Ok(evaluation.edit(request)?)
            })
        })
        .await
    }

    async fn judge_ex_ante_evaluation(
        &self,
        request: Request<pb::JudgeExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, |work| {
            change(work, "ex_ante_evaluation.judged", |evaluation, rules, given| {
                Ok(evaluation.judge(judgements(&given.message.judgements)?, rules)?)
            })
        })
        .await
    }

    async fn submit_ex_ante_evaluation(
        &self,
        request: Request<pb::SubmitExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, |work| {
            change(work, "ex_ante_evaluation.submitted", |evaluation, _, given| {
                Ok(evaluation.submit(&given.actor)?)
            })
        })
        .await
    }

    async fn return_ex_ante_evaluation(
        &self,
        request: Request<pb::ReturnExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, |work| {
            change(work, "ex_ante_evaluation.returned", |evaluation, _, given| {
                Ok(evaluation.send_back(given.message.reason.clone())?)
            })
        })
        .await
    }

    async fn conclude_ex_ante_evaluation(
        &self,
        request: Request<pb::ConcludeExAnteEvaluationRequest>,
    ) -> Answer<pb::ExAnteEvaluation> {
        self.write(request, |work| {
            change(work, "ex_ante_evaluation.concluded", |evaluation, _, given| {
                let ask = &given.message;
                let mut fields = Fields::default();
                let amount = fields.money("supported_amount", ask.supported_amount.as_ref());
                let conclusion =
                    wire::required(&mut fields, "conclusion", ask.conclusion().as_str_name(), "CONCLUSION_");
                fields.check()?;
                let Some(conclusion) = conclusion else { return Ok(()) };
                Ok(evaluation.conclude(conclusion, amount, ask.reason.clone(), &given.actor, given.now)?)
            })
        })
        .await
    }

    async fn get_ex_ante_statistics(
        &self,
        request: Request<pb::GetExAnteStatisticsRequest>,
    ) -> Answer<pb::ExAnteStatistics> {
        let call = Call::open(request)?;
        let ask = &call.message;
        let permit = call.permit(Facts::of(&ask.name))?;
        let work_year = year_of(&ask.name, "districts/*/exAnteStatistics/*")?;
        let occasion = wire::word(ask.occasion().as_str_name(), "OCCASION_")
            .map(crate::domain::ex_ante::Occasion::as_str);
        let mut read = self.database.read(&call).await?;
        let row =
            statistics::ex_ante(read.connection(), call.district()?.as_i32(), work_year, occasion).await?;
        Ok(permit.answer(pb::ExAnteStatistics {
            name: ask.name.clone(),
            work_year,
            project_count: count(row.projects),
            policy_count: count(row.policies),
            requested_amount: Some(wire::sum(row.requested)?),
            supported_amount: Some(wire::sum(row.supported)?),
            supported_count: count(row.support),
            adjusted_count: count(row.adjust),
            refused_count: count(row.refuse),
            open_count: count(row.open),
        }))
    }
}

async fn create(mut work: Work<pb::CreateExAnteEvaluationRequest>) -> Result<Finished<pb::ExAnteEvaluation>> {
    let ask = work.call.message.clone();
    let asked = ask.ex_ante_evaluation.unwrap_or_default();
    let object = resolve(&mut work, asked.object.as_ref(), "ex_ante_evaluation.object").await?;
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.ex_ante_evaluation_id);
    let full_name = format!("districts/{district}/exAnteEvaluations/{id}");
    let rules = known::rules(work.connection(), district, asked.work_year).await?;
    let years = (asked.work_year, asked.applies_to_year);
    let evaluation = ExAnte::start(object, years, request_of(&asked)?, &rules)?;
    let permit = work.permit(facts(&full_name, &evaluation))?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, evaluation, now).await?;
    let answer = message(&row);
    let change = Change::new("ex_ante_evaluation.created", full_name, row.version, &answer);
    work.record(change.by_rule_set(row.body.rule_set.clone()));
    work.finish(permit, answer).await
}

/// Every other change: load and lock, permit, decide by the rules, save, record.
async fn change<M>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut ExAnte, &Rules, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::ExAnteEvaluation>>
where
    M: prost::Message + wenxiao_contract::Addressed + Clone,
{
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

/// Who concludes must not be who handed it in; guests see what is assigned to them.
fn facts(full_name: &str, evaluation: &ExAnte) -> Facts {
    let request = &evaluation.request;
    let guests = request.experts.iter().chain([&request.institution]).filter(|guest| !guest.is_empty());
    facts_of(full_name, &evaluation.object)
        .participants(guests.map(|guest| code_of(guest).to_owned()))
        .author(evaluation.submitter.clone())
}

fn judgements(given: &[pb::ExAnteJudgement]) -> Result<Vec<Judgement>> {
    let mut fields = Fields::default();
    let judgements = given
        .iter()
        .enumerate()
        .map(|(at, judgement)| Judgement {
            item: judgement.item.clone(),
            judgement: convert::grade_of(judgement.judgement()),
            score: fields.decimal(&format!("judgements[{at}].score"), judgement.score.as_ref()),
            comment: judgement.comment.clone(),
        })
        .collect();
    fields.check()?;
    Ok(judgements)
}

fn request_of(asked: &pb::ExAnteEvaluation) -> Result<Asked> {
    let mut fields = Fields::default();
    let amount = fields.money("ex_ante_evaluation.requested_amount", asked.requested_amount.as_ref());
    fields.check()?;
    Ok(Asked {
        cause: wire::word(asked.cause().as_str_name(), "CAUSE_"),
        occasion: wire::word(asked.occasion().as_str_name(), "OCCASION_"),
        amount,
        institution: asked.institution.clone(),
        experts: asked.experts.clone(),
        report_sections: wire::sections_of(&asked.report_sections),
        attachments: wire::attachments_of(&asked.attachments),
    })
}

/// What an update asks for; only what it means is read.
fn merged(
    before: &Asked,
    asked: Option<&pb::ExAnteEvaluation>,
    mask: Option<&prost_types::FieldMask>,
) -> Result<Asked> {
    mask::check(mask, &UPDATABLE)?;
    let current = described(before);
    let given = asked.cloned().unwrap_or_default();
    request_of(&edits::patched(&current, &given, mask, &UPDATABLE))
}

/// A request as the contract has it.
fn described(request: &Asked) -> pb::ExAnteEvaluation {
    pb::ExAnteEvaluation {
        cause: request
            .cause
            .map_or(0, |word| enum_value!(pb::ex_ante_evaluation::Cause, "CAUSE_", word.as_str())),
        occasion: request
            .occasion
            .map_or(0, |word| enum_value!(pb::ex_ante_evaluation::Occasion, "OCCASION_", word.as_str())),
        requested_amount: Some(convert::money(request.amount)),
        institution: request.institution.clone(),
        experts: request.experts.clone(),
        report_sections: wire::sections(&request.report_sections),
        attachments: wire::attachments(&request.attachments),
        ..pb::ExAnteEvaluation::default()
    }
}

fn message(row: &store::Row) -> pb::ExAnteEvaluation {
    let evaluation = &row.body;
    let decision = evaluation.decision.as_ref();
    let conclusion = |word: Option<crate::domain::rules::Conclusion>| match word {
        Some(word) => enum_value!(pb::ex_ante_evaluation::Conclusion, "CONCLUSION_", word.as_str()),
        None => 0,
    };
    pb::ExAnteEvaluation {
        name: format!("districts/{}/exAnteEvaluations/{}", row.district, row.id),
        object: Some(wire::object(&evaluation.object)),
        work_year: evaluation.work_year,
        applies_to_year: evaluation.applies_to_year,
        supported_amount: wire::money(decision.map(|decision| decision.amount)),
        dimensions: evaluation.dimensions.iter().map(dimension).collect(),
        total_score: wire::decimal(evaluation.total_score),
        explanation: evaluation.total_score.map(|_| convert::explanation(&evaluation.explanation)),
        suggested_conclusion: conclusion(evaluation.suggested),
        conclusion: conclusion(decision.map(|decision| decision.conclusion)),
        conclusion_reason: decision.map(|decision| decision.reason.clone()).unwrap_or_default(),
        concluder: decision.map(|decision| decision.concluder.clone()).unwrap_or_default(),
        conclude_time: decision.and_then(|decision| wire::time(decision.conclude_time)),
        return_reason: evaluation.return_reason.clone(),
        rule_set: evaluation.rule_set.clone(),
        state: enum_value!(pb::ex_ante_evaluation::State, "STATE_", evaluation.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
        ..described(&evaluation.request)
    }
}

fn dimension(dimension: &crate::domain::ex_ante::Dimension) -> pb::ExAnteDimension {
    pb::ExAnteDimension {
        code: dimension.code.clone(),
        title: dimension.title.clone(),
        points: wire::decimal(dimension.points().ok()),
        score: wire::decimal(dimension.score().ok().flatten()),
        items: dimension
            .items
            .iter()
            .map(|item| pb::ExAnteItem {
                code: item.code.clone(),
                title: item.title.clone(),
                points: Some(convert::decimal(item.points)),
                judgement: wire::grade(item.judgement),
                score: wire::decimal(item.score),
                comment: item.comment.clone(),
            })
            .collect(),
    }
}
