use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::monitoring::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Failure, Result, convert};

use super::{day, entry, is_project, keep, money, said, year};
use crate::domain::timeline::{Entry, EntryKind};
use crate::store::timeline::{self as store, Payments};

/// What is kept of the feed of monitoring: payments by month, reports with their lights, alerts and measures.
pub struct Monitoring;

#[tonic::async_trait]
impl Projection for Monitoring {
    fn feed(&self) -> &'static str {
        "monitoring"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        let told = if let Some(of) = resource::<pb::PaymentsIngested>(event)? {
            return store::add_payments(connection, district, event.sequence, &payments(&of)?).await;
        } else if let Some(of) = resource::<pb::MonitoringReport>(event)? {
            report(event, &of)?
        } else if let Some(of) = resource::<pb::Alert>(event)? {
            alert(event, &of)?
        } else if let Some(of) = resource::<pb::Measure>(event)? {
            measure(event, &of)?
        } else {
            None
        };
        keep(connection, district, self.feed(), event, told.filter(|told| is_project(&told.subject))).await
    }
}

fn payments(of: &pb::PaymentsIngested) -> Result<Payments> {
    let mut kept = Payments::default();
    for one in &of.increments {
        let account = convert::account_of(one.budget_account());
        let account = account.ok_or_else(|| Failure::internal("a payment without an account"))?;
        // A payment need not say where its money comes from.
        let source = convert::enum_word(one.funding_source().as_str_name(), "FUNDING_SOURCE_");
        kept.projects.push(one.project.rsplit('/').next().unwrap_or_default().to_owned());
        kept.years.push(one.fiscal_year);
        kept.months.push(one.month);
        kept.accounts.push(account.as_str().to_owned());
        kept.sources.push(source.unwrap_or_default());
        kept.amounts.push(money(one.amount.as_ref())?.unwrap_or_default().yuan());
    }
    Ok(kept)
}

/// The light in a sentence, and as the contract names it; nothing when it is not judged.
fn light(of: pb::Light) -> (&'static str, String) {
    let words = match of {
        pb::Light::Unspecified => return ("", String::new()),
        pb::Light::Red => "，红灯",
        pb::Light::Yellow => "，黄灯",
        pb::Light::Green => "，绿灯",
        pb::Light::Blue => "，蓝灯",
    };
    (words, of.as_str_name().to_owned())
}

fn report(event: &Event, of: &pb::MonitoringReport) -> Result<Option<Entry>> {
    let what = match event.r#type.as_str() {
        "monitoring_report.submitted" => "报送",
        "monitoring_report.endorsed" => "主管部门审核",
        "monitoring_report.returned" => "退回",
        "monitoring_report.accepted" => "财政部门审定",
        "monitoring_report.rectified" => "完成整改：",
        _ => return Ok(None),
    };
    let (words, named) = light(of.light());
    let summary = format!("{what}{}年1—{}月绩效监控报告{words}", of.fiscal_year, of.end_month);
    let mut told = entry(event, &of.monitored_object, EntryKind::Monitoring, summary)?;
    (told.fiscal_year, told.light) = (year(of.fiscal_year), named);
    Ok(Some(told))
}

fn alert(event: &Event, of: &pb::Alert) -> Result<Option<Entry>> {
    use pb::alert::Kind;
    let what = match event.r#type.as_str() {
        "alert.opened" => "发出预警",
        "alert.answered" => "答复预警",
        "alert.unanswered" => "逾期未答复预警",
        "alert.closed" => "解除预警",
        _ => return Ok(None),
    };
    let about = match of.kind() {
        Kind::ExecutionBehind => "预算执行滞后",
        Kind::IndicatorBehind => "绩效指标滞后",
        Kind::TargetSuspicious => "指标值异常",
        Kind::ForecastDeviates => "预计偏离目标",
        Kind::ProgressGap => "资金与进度不一致",
        Kind::DepartmentBehind => "部门执行滞后",
        Kind::ExecutionAbnormal => "执行进度异常",
        Kind::IdleMoney => "资金闲置",
        Kind::Unspecified => "绩效预警",
    };
    let (words, named) = light(of.light());
    let summary = format!("{}年度{what}：{about}{words}", of.fiscal_year);
    let mut told = entry(event, &of.subject, EntryKind::Alert, summary)?;
    (told.fiscal_year, told.light) = (year(of.fiscal_year), named);
    Ok(Some(told))
}

fn measure(event: &Event, of: &pb::Measure) -> Result<Option<Entry>> {
    use pb::measure::Kind;
    let what = match event.r#type.as_str() {
        "measure.proposed" => "提出",
        "measure.enforced" => "执行",
        "measure.rejected" => "不予采纳",
        "measure.lifted" => "解除",
        _ => return Ok(None),
    };
    let about = match of.kind() {
        Kind::NoSupplement => "不予追加",
        Kind::Reduce => "调减预算",
        Kind::Suspend => "暂缓拨付",
        Kind::StopPayment => "停止拨付",
        Kind::KeyEvaluationCandidate => "列入重点评价备选",
        Kind::Unspecified => "监控处置",
    };
    let decided = money(of.decided_amount.as_ref())?;
    let amount = decided.or(money(of.amount.as_ref())?);
    let summary = format!("{}年度{what}处置措施：{about}{}", of.fiscal_year, said("金额", amount));
    let mut told = entry(event, &of.subject, EntryKind::Measure, summary)?;
    if event.r#type == "measure.enforced" {
        told.entry_date = day(of.effective_date.as_ref())?.unwrap_or(told.entry_date);
    }
    (told.fiscal_year, told.amount) = (year(of.fiscal_year), amount);
    Ok(Some(told))
}
