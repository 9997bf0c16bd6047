//! Problems that the key evaluations found, and what the units did about them (问题整改).

use anyhow::{Context as _, Result};
use wenxiao_contract::wenxiao::evaluation::v1::{
    AcceptRectificationRequest, CreateFindingRequest, CreateRectificationRequest, Finding, Rectification,
    ReportMeasuresRequest, finding,
};

use super::ex_ante::project;
use super::key_evaluation::by_finance;
use crate::clients::Office;
use crate::data::rows::{FindingRow, KeyEvaluationRow};
use crate::play::Play;
use crate::wire::{date, request_id};

/// The bureau records and demands, the unit reports, the bureau accepts.
pub async fn rectify(play: &Play) -> Result<()> {
    play.each("问题整改", &play.data.key_evaluations, |row| async move {
        let Some(found) = play.data.findings.get(&row.id) else { return Ok(()) };
        for finding in found {
            record(play, row, finding).await?;
        }
        demand(play, row, found).await?;
        let request = ReportMeasuresRequest {
            name: play.name("rectifications", &row.id),
            text: found.iter().map(|one| one.measures.clone()).collect::<Vec<_>>().join("；"),
            request_id: request_id("rectification.report", &row.id),
            ..ReportMeasuresRequest::default()
        };
        let _: Rectification = play.call(&Office::filer(&row.unit), request).await?;
        if found.iter().all(|one| one.state == "已完成") {
            let request = AcceptRectificationRequest {
                name: play.name("rectifications", &row.id),
                opinion: "整改到位".to_owned(),
                request_id: request_id("rectification.accept", &row.id),
                etag: String::new(),
            };
            let _: Rectification = play.call(&Office::performance(), request).await?;
        }
        Ok(())
    })
    .await
}

fn id(row: &FindingRow) -> String {
    format!("{}-{}", row.evaluation, row.number)
}

async fn record(play: &Play, row: &KeyEvaluationRow, found: &FindingRow) -> Result<()> {
    let source = if by_finance(row) {
        finding::Source::FinanceEvaluation
    } else {
        finding::Source::DepartmentEvaluation
    };
    let finding = Finding {
        object: Some(project(play, &row.project)?),
        source: source.into(),
        source_resource: play.name("keyEvaluations", &row.id),
        evaluated_year: row.evaluated_year,
        work_year: row.work_year,
        category: category(&found.category).into(),
        description: found.text.clone(),
        suggestion: found.suggestion.clone(),
        ..Finding::default()
    };
    let request = CreateFindingRequest {
        parent: play.district(),
        finding_id: id(found),
        finding: Some(finding),
        request_id: request_id("finding.create", &id(found)),
    };
    let _: Finding = play.call(&Office::performance(), request).await?;
    Ok(())
}

fn category(word: &str) -> finding::Category {
    match word {
        "绩效管理意识薄弱" => finding::Category::WeakAwareness,
        "预算编制不够精准细化" => finding::Category::ImpreciseBudget,
        "预算执行率偏低" => finding::Category::LowExecution,
        _ => finding::Category::Other,
    }
}

async fn demand(play: &Play, row: &KeyEvaluationRow, found: &[FindingRow]) -> Result<()> {
    let first = found.first().with_context(|| format!("{} has no finding", row.id))?;
    let rectification = Rectification {
        unit: play.unit(&row.unit),
        findings: found.iter().map(|one| play.name("findings", &id(one))).collect(),
        demand: found.iter().map(|one| one.suggestion.clone()).collect::<Vec<_>>().join("；"),
        work_year: row.work_year,
        demand_date: date(row.notified),
        due_date: date(first.due),
        ..Rectification::default()
    };
    let request = CreateRectificationRequest {
        parent: play.district(),
        rectification_id: row.id.clone(),
        rectification: Some(rectification),
        request_id: request_id("rectification.create", &row.id),
    };
    let _: Rectification = play.call(&Office::performance(), request).await?;
    Ok(())
}
