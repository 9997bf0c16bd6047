//! The monitoring round of the first half-year: reports, the institution's opinions, returns, approval.

use anyhow::{Context as _, Result, bail};
use chrono::Days;
use rust_decimal::Decimal;
use wenxiao_contract::google::r#type as google;
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::monitoring::v1::{
    AcceptMonitoringReportRequest, AssignReviewersRequest, CloseMonitoringRoundRequest,
    CreateMonitoringRoundRequest, CreateReportOpinionRequest, DeviationReason,
    EndorseMonitoringReportRequest, GetMonitoringReportRequest, GetMonitoringRoundRequest,
    ListDepartmentProgressRequest, ListDepartmentProgressResponse, MonitoringReport, MonitoringRound,
    OpenMonitoringRoundRequest, QualitativeLevel, ReportConclusion, ReportFunding, ReportIndicator,
    ReportOpinion, ReturnMonitoringReportRequest, ReviewAssignment, SubmitMonitoringReportRequest,
    UpdateMonitoringReportRequest, monitoring_round, report_opinion,
};

use super::participants;
use crate::clients::Office;
use crate::data::rows::{IndicatorRow, ReportIndicatorRow, ReportRow};
use crate::play::Play;
use crate::wire::{date, money, number, operator, request_id};

/// What a form says about a deviation before anybody asks.
const UNEXPLAINED: &str = "暂无";

fn id(play: &Play) -> String {
    format!("{}-first-half", play.scene.year)
}

/// Name of the round.
pub fn round(play: &Play) -> String {
    play.name("monitoringRounds", &id(play))
}

/// Opens the round, once monitoring knows of every ratified objective, and says who reviews.
pub async fn open(play: &Play) -> Result<()> {
    let office = Office::performance();
    let filed = play.data.reports.iter().map(|row| row.filed).max().context("no report")?;
    let round_name = round(play);
    let round = MonitoringRound {
        title: format!("{}年1-6月绩效运行监控", play.scene.year),
        fiscal_year: play.scene.year,
        end_month: 6,
        kind: monitoring_round::Kind::Regular.into(),
        deadline_date: filed.checked_add_days(Days::new(5)).and_then(date),
        ..MonitoringRound::default()
    };
    let request = CreateMonitoringRoundRequest {
        parent: play.district(),
        monitoring_round: Some(round),
        monitoring_round_id: id(play),
        request_id: request_id("round.create", &round_name),
    };
    let created: MonitoringRound = play.call(&office, request).await?;
    let engagement = participants::engagement(play, "监控审核", "")?;
    let request = AssignReviewersRequest {
        name: created.name.clone(),
        assignments: vec![ReviewAssignment {
            institution: play.name("institutions", &engagement.institution),
            departments: Vec::new(),
        }],
        request_id: request_id("round.assign", &round_name),
        etag: String::new(),
    };
    let _: MonitoringRound = play.call(&office, request).await?;
    let open = |validate_only| OpenMonitoringRoundRequest {
        name: created.name.clone(),
        request_id: if validate_only { String::new() } else { request_id("round.open", &round_name) },
        etag: String::new(),
        validate_only,
    };
    if created.report_count == 0 && !is_open(play).await? {
        let expected = play.data.reports.len();
        play.until("a monitoring round of every ratified objective", || async {
            let tried: MonitoringRound = play.call(&office, open(true)).await?;
            Ok((usize::try_from(tried.report_count)? >= expected).then_some(()))
        })
        .await?;
    }
    let _: MonitoringRound = play.call(&office, open(false)).await?;
    Ok(())
}

async fn is_open(play: &Play) -> Result<bool> {
    let round: MonitoringRound =
        play.call(&Office::performance(), GetMonitoringRoundRequest { name: round(play) }).await?;
    Ok(round.state() != monitoring_round::State::Planned)
}

/// Closes the round.
pub async fn close(play: &Play) -> Result<()> {
    let name = round(play);
    let request_id = request_id("round.close", &name);
    let request = CloseMonitoringRoundRequest { name, request_id, etag: String::new() };
    let _: MonitoringRound = play.call(&Office::performance(), request).await?;
    Ok(())
}

/// Every report: filled and submitted by the unit, passed on by the department, looked at by the institution,
/// returned where its quality asks for it, approved by the bureau.
pub async fn report(play: &Play) -> Result<()> {
    play.each("绩效监控表", &play.data.reports, |row| async move {
        let returned = row.verdict.starts_with("退回");
        fill(play, row, 1, returned).await?;
        opinion(play, row, 1, returned).await?;
        if returned {
            let request = ReturnMonitoringReportRequest {
                name: name(play, row),
                reason: row.opinion.clone(),
                request_id: request_id("report.return", &row.project),
                ..ReturnMonitoringReportRequest::default()
            };
            let _: MonitoringReport = play.call(&Office::performance(), request).await?;
            fill(play, row, 2, false).await?;
            opinion(play, row, 2, false).await?;
        }
        let request = AcceptMonitoringReportRequest {
            name: name(play, row),
            conclusion: ReportConclusion::Normal.into(),
            request_id: request_id("report.accept", &row.project),
            ..AcceptMonitoringReportRequest::default()
        };
        let _: MonitoringReport = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}

fn name(play: &Play, row: &ReportRow) -> String {
    format!("{}/reports/{}", round(play), row.project)
}

async fn fill(play: &Play, row: &ReportRow, round: i32, unexplained: bool) -> Result<()> {
    let unit = &play.data.project(&row.project)?.unit;
    let filer = Office::filer(unit);
    let key = format!("{}/{round}", row.project);
    let prefilled: MonitoringReport =
        play.call(&filer, GetMonitoringReportRequest { name: name(play, row) }).await?;
    let report = MonitoringReport {
        name: name(play, row),
        fundings: fundings(row, &prefilled)?,
        indicators: indicators(play, row, unexplained)?,
        filler: "示例填报人".to_owned(),
        ..MonitoringReport::default()
    };
    let request = UpdateMonitoringReportRequest {
        report: Some(report),
        request_id: request_id("report.fill", &key),
        ..UpdateMonitoringReportRequest::default()
    };
    let _: MonitoringReport = play.call(&filer, request).await?;
    let request = SubmitMonitoringReportRequest {
        name: name(play, row),
        request_id: request_id("report.submit", &key),
        ..SubmitMonitoringReportRequest::default()
    };
    let _: MonitoringReport = play.call(&filer, request).await?;
    let request = EndorseMonitoringReportRequest {
        name: name(play, row),
        comment: "同意".to_owned(),
        request_id: request_id("report.endorse", &key),
        etag: String::new(),
    };
    let _: MonitoringReport = play.call(&Office::department(play.data.department_of(unit)), request).await?;
    Ok(())
}

/// What the unit expects to spend in the year, on the form's funding sources in proportion to their budgets.
fn fundings(row: &ReportRow, prefilled: &MonitoringReport) -> Result<Vec<ReportFunding>> {
    let adjusted = |funding: &ReportFunding| {
        let amount = funding.adjusted_amount.clone().unwrap_or_default();
        Decimal::from(amount.units) + Decimal::new(i64::from(amount.nanos), 9)
    };
    let all: Decimal = prefilled.fundings.iter().map(adjusted).sum();
    let mut left = row.expected;
    let count = prefilled.fundings.len();
    let mut fundings = Vec::new();
    for (place, funding) in prefilled.fundings.iter().enumerate() {
        let part = match place + 1 == count || all.is_zero() {
            true => left,
            false => (row.expected * adjusted(funding) / all).round_dp(2),
        };
        left -= part;
        fundings.push(ReportFunding {
            funding_source: funding.funding_source,
            budget_account: funding.budget_account,
            expected_amount: money(part),
            ..ReportFunding::default()
        });
    }
    Ok(fundings)
}

fn indicators(play: &Play, row: &ReportRow, unexplained: bool) -> Result<Vec<ReportIndicator>> {
    let planned = play.data.indicators_of(play.scene.year, &row.project)?;
    let reached = play.data.report_indicators.get(&row.project).context("no indicator in the report")?;
    reached
        .iter()
        .map(|reached| {
            let plan = planned.iter().find(|plan| plan.number == reached.number);
            let plan =
                plan.with_context(|| format!("{} has no indicator {}", row.project, reached.number))?;
            indicator(plan, reached, unexplained)
        })
        .collect()
}

fn indicator(
    plan: &IndicatorRow,
    reached: &ReportIndicatorRow,
    unexplained: bool,
) -> Result<ReportIndicator> {
    let qualitative = operator(&plan.operator)? == IndicatorOperator::Qualitative;
    let level = |text: &str| match text {
        _ if !qualitative => QualitativeLevel::Unspecified,
        "达成目标" => QualitativeLevel::Achieved,
        text if text.starts_with("部分") => QualitativeLevel::Partly,
        _ => QualitativeLevel::Missed,
    };
    let value = |text: &str| -> Option<google::Decimal> { if qualitative { None } else { number(text) } };
    let said = |text: &str| if qualitative { text.to_owned() } else { format!("{text}{}", plan.unit) };
    let reason = match reached.reason.is_empty() {
        true => String::new(),
        false if unexplained => UNEXPLAINED.to_owned(),
        false => reached.reason.clone(),
    };
    Ok(ReportIndicator {
        indicator: reached.number.clone(),
        achieved_text: said(&reached.achieved),
        achieved_value: value(&reached.achieved),
        achieved_level: level(&reached.achieved).into(),
        expected_text: said(&reached.expected),
        expected_value: value(&reached.expected),
        deviation_reasons: reached.reason_code.map(reason_code).transpose()?.into_iter().collect(),
        deviation_text: reason,
        likelihood: reached.likelihood,
        ..ReportIndicator::default()
    })
}

/// The national codes are the contract's numbers.
fn reason_code(code: i32) -> Result<i32> {
    match DeviationReason::try_from(code) {
        Ok(reason) if reason != DeviationReason::Unspecified => Ok(reason.into()),
        _ => bail!("{code} is no reason of a deviation"),
    }
}

async fn opinion(play: &Play, row: &ReportRow, round: i32, deficient: bool) -> Result<()> {
    let verdict = if deficient { report_opinion::Verdict::Fail } else { report_opinion::Verdict::Pass };
    let opinion = ReportOpinion {
        institution: play.name("institutions", &row.institution),
        verdict: verdict.into(),
        problem: if deficient { row.opinion.clone() } else { String::new() },
        ..ReportOpinion::default()
    };
    let request = CreateReportOpinionRequest {
        parent: name(play, row),
        opinion: Some(opinion),
        opinion_id: format!("{}-{round}", row.institution),
        request_id: request_id("report.opinion", &format!("{}/{round}", row.project)),
    };
    let _: ReportOpinion = play.call(&Office::institution(&row.institution), request).await?;
    Ok(())
}

/// Which departments spend below schedule: those that in principle get no more money.
pub async fn progress(play: &Play) -> Result<()> {
    let request = ListDepartmentProgressRequest {
        parent: play.district(),
        page_size: 1000,
        fiscal_year: play.scene.year,
        month: 6,
        below_schedule_only: true,
        ..ListDepartmentProgressRequest::default()
    };
    let answer: ListDepartmentProgressResponse = play.call(&Office::performance(), request).await?;
    let codes: Vec<&str> =
        answer.departments.iter().filter_map(|one| one.department.rsplit('/').next()).collect();
    play.say(&format!("  支出进度低于序时进度的部门：{}", codes.join("、")));
    Ok(())
}
