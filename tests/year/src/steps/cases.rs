//! The cases that the summary tells, and the summary itself as a published document.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use wenxiao_contract::wenxiao::common::v1::AmountUnit;
use wenxiao_contract::wenxiao::disclosure::v1::{
    Audience, CaseMeasure, CreateSummaryCaseRequest, DisclosureDecision, DocumentKind, Publication,
    PublicationKind, SummaryCase, case_measure, disclosure_decision,
};

use super::disclosure::{decide, release};
use crate::clients::Office;
use crate::data::rows::CaseRow;
use crate::play::Play;
use crate::wire::request_id;

/// The performance division chooses the cases and which of their figures are printed how.
pub async fn tell(play: &Play) -> Result<()> {
    play.settled().await?;
    let mut cases: BTreeMap<&str, Vec<&CaseRow>> = BTreeMap::new();
    for row in play.data.cases.iter().filter(|row| row.year == play.scene.year) {
        cases.entry(&row.case).or_default().push(row);
    }
    play.each("案例", cases, |(id, rows)| async move {
        let Some(first) = rows.first() else { return Ok(()) };
        let case = SummaryCase {
            subject: subject(play, &first.object)?,
            ordinal: first.ordinal,
            measures: rows.iter().map(|row| measure(row)).collect::<Result<_>>()?,
            ..SummaryCase::default()
        };
        let request = CreateSummaryCaseRequest {
            parent: summary(play),
            summary_case: Some(case),
            summary_case_id: id.to_owned(),
            request_id: request_id("case.create", &format!("{}/{id}", play.scene.year)),
        };
        let _: SummaryCase = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}

/// Name of the year's summary.
pub fn summary(play: &Play) -> String {
    play.name("annualSummaries", &play.scene.year.to_string())
}

fn subject(play: &Play, id: &str) -> Result<String> {
    if play.data.decisions.iter().any(|row| row.id == id) {
        Ok(play.name("budgetDecisions", id))
    } else if play.data.sunset.iter().any(|row| row.id == id) {
        Ok(play.name("sunsetReviews", id))
    } else {
        bail!("cases.csv names {id}, which is neither a decision nor a review")
    }
}

fn measure(row: &CaseRow) -> Result<CaseMeasure> {
    use case_measure::Measure;
    let measure = match row.measure.as_str() {
        "实际支出" => Measure::Actual,
        "年初预算" => Measure::InitialBudget,
        "调整后预算" => Measure::AdjustedBudget,
        "预算执行率" => Measure::ExecutionRate,
        "申请预算" => Measure::Request,
        "安排预算" => Measure::Approved,
        "预算" => Measure::Budget,
        "到期日" => Measure::Expiry,
        "执行期限" => Measure::Term,
        other => bail!("{other:?} is no figure of a case"),
    };
    let unit = match row.unit.as_str() {
        "元" => AmountUnit::Yuan,
        "万元" => AmountUnit::TenThousandYuan,
        "亿元" => AmountUnit::HundredMillionYuan,
        _ => AmountUnit::Unspecified,
    };
    Ok(CaseMeasure {
        measure: measure.into(),
        fiscal_year: row.fiscal_year.unwrap_or_default(),
        unit: unit.into(),
        decimal_places: row.places.unwrap_or_default(),
    })
}

/// The summary goes to everybody, as one more decision and one more publication.
pub async fn publish_summary(play: &Play) -> Result<()> {
    play.settled().await?;
    let year = play.scene.year;
    let id = format!("summary-{year}");
    let decision = DisclosureDecision {
        subject: summary(play),
        document_kind: DocumentKind::AnnualSummary.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: Audience::Public.into(),
        reason: "年度绩效工作总结，主动公开".to_owned(),
        ..DisclosureDecision::default()
    };
    decide(play, id.clone(), decision).await?;
    let publication = Publication {
        kind: PublicationKind::AnnualSummary.into(),
        title: format!("{}{year}年绩效工作总结", play.scene.title),
        audiences: vec![Audience::PeoplesCongress.into(), Audience::Public.into()],
        disclosure_decisions: vec![play.name("disclosureDecisions", &id)],
        work_year: year,
        evaluated_year: year,
        ..Publication::default()
    };
    let published = release(play, &id, publication).await?;
    play.say(&format!("  年度总结已公开：{} {}", published.name, published.url));
    Ok(())
}
