//! Evaluation before the money, at the budget adjustment of the middle of the year (事前绩效评估).

use anyhow::{Context as _, Result, bail};
use wenxiao_contract::wenxiao::evaluation::v1::{
    ConcludeExAnteEvaluationRequest, CreateExAnteEvaluationRequest, EvaluatedObject, ExAnteEvaluation,
    ExAnteJudgement, JudgeExAnteEvaluationRequest, ReportSection, SubmitExAnteEvaluationRequest,
    evaluated_object, ex_ante_evaluation,
};

use crate::clients::Office;
use crate::data::rows::ExAnteRow;
use crate::play::Play;
use crate::wire::{decimal, money, request_id};

/// The bureau selects the projects, the institution judges, the head draws the conclusion.
pub async fn evaluate(play: &Play) -> Result<()> {
    play.each("事前评估", &play.data.ex_ante, |row| async move {
        let name = play.name("exAnteEvaluations", &row.id);
        let evaluation = create(play, row).await?;
        let institution = Office::institution(&row.institution);
        let request = JudgeExAnteEvaluationRequest {
            name: name.clone(),
            judgements: judgements(row, &evaluation)?,
            request_id: request_id("exante.judge", &row.id),
            etag: String::new(),
        };
        let _: ExAnteEvaluation = play.call(&institution, request).await?;
        let request = SubmitExAnteEvaluationRequest {
            name: name.clone(),
            request_id: request_id("exante.submit", &row.id),
            etag: String::new(),
        };
        let _: ExAnteEvaluation = play.call(&institution, request).await?;
        let request = ConcludeExAnteEvaluationRequest {
            name,
            conclusion: conclusion(&row.conclusion)?.into(),
            supported_amount: money(row.arranged),
            reason: row.note.clone(),
            request_id: request_id("exante.conclude", &row.id),
            etag: String::new(),
        };
        let _: ExAnteEvaluation = play.call(&Office::head(), request).await?;
        Ok(())
    })
    .await
}

async fn create(play: &Play, row: &ExAnteRow) -> Result<ExAnteEvaluation> {
    let evaluation = ExAnteEvaluation {
        object: Some(project(play, &row.project)?),
        work_year: row.work_year,
        applies_to_year: row.year,
        cause: ex_ante_evaluation::Cause::Selected.into(),
        occasion: ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
        requested_amount: money(row.requested),
        institution: play.name("institutions", &row.institution),
        report_sections: vec![ReportSection {
            code: "conclusion".to_owned(),
            title: "评估结论".to_owned(),
            text: format!("{}：{}", row.conclusion, row.note),
        }],
        ..ExAnteEvaluation::default()
    };
    let request = CreateExAnteEvaluationRequest {
        parent: play.district(),
        ex_ante_evaluation_id: row.id.clone(),
        ex_ante_evaluation: Some(evaluation),
        request_id: request_id("exante.create", &row.id),
        validate_only: false,
    };
    // The project may have reached the registry a moment ago only.
    play.until("the project in the evaluation", || async {
        play.call(&Office::performance(), request.clone()).await.map(Some)
    })
    .await
}

/// A project as the object of an evaluation or decision.
pub fn project(play: &Play, code: &str) -> Result<EvaluatedObject> {
    let row = play.data.project(code)?;
    Ok(EvaluatedObject {
        kind: evaluated_object::Kind::Project.into(),
        subject: play.project(code),
        unit: play.unit(&row.unit),
        display_name: row.title.clone(),
        budget_account: crate::wire::account(&row.account)?.into(),
        ..EvaluatedObject::default()
    })
}

/// The five dimensions' points, on the items that the rules lay out for each.
fn judgements(row: &ExAnteRow, evaluation: &ExAnteEvaluation) -> Result<Vec<ExAnteJudgement>> {
    let scores = [row.need, row.economy, row.objectives, row.feasibility, row.funding];
    let mut judgements = Vec::new();
    for (dimension, score) in evaluation.dimensions.iter().zip(scores) {
        let item = dimension.items.first().with_context(|| format!("{} has no item", dimension.title))?;
        judgements.push(ExAnteJudgement {
            item: item.code.clone(),
            score: decimal(score),
            comment: format!("{}得{}分：{}", dimension.title, score.normalize(), row.note),
            ..ExAnteJudgement::default()
        });
    }
    if judgements.len() != scores.len() {
        bail!("the rules have {} dimensions and the file {}", evaluation.dimensions.len(), scores.len());
    }
    Ok(judgements)
}

fn conclusion(word: &str) -> Result<ex_ante_evaluation::Conclusion> {
    Ok(match word {
        "支持" | "予以支持" => ex_ante_evaluation::Conclusion::Support,
        "调整后支持" => ex_ante_evaluation::Conclusion::Adjust,
        "不予支持" => ex_ante_evaluation::Conclusion::Refuse,
        other => bail!("{other:?} is no conclusion"),
    })
}
