use sqlx::PgConnection;
use wenxiao_contract::google::r#type::Decimal;
use wenxiao_contract::wenxiao::common::v1::{Event, Grade};
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Result, convert};

use super::{entry, is_project, keep, money, said, year};
use crate::domain::timeline::{Entry, EntryKind};
use crate::store::timeline as store;

/// What is kept of the feed of evaluation: the three evaluations, findings and budget decisions of projects.
pub struct Evaluation;

#[tonic::async_trait]
impl Projection for Evaluation {
    fn feed(&self) -> &'static str {
        "evaluation"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        let (object, told) = if let Some(of) = resource::<pb::ExAnteEvaluation>(event)? {
            (of.object.clone(), ex_ante(event, &of)?)
        } else if let Some(of) = resource::<pb::SelfEvaluation>(event)? {
            (of.object.clone(), self_evaluation(event, &of)?)
        } else if let Some(of) = resource::<pb::KeyEvaluation>(event)? {
            (of.object.clone(), key_evaluation(event, &of)?)
        } else if let Some(of) = resource::<pb::Finding>(event)? {
            (of.object.clone(), finding(event, &of)?)
        } else if let Some(of) = resource::<pb::BudgetDecision>(event)? {
            (of.object.clone(), budget_decision(event, &of)?)
        } else {
            return Ok(());
        };
        let subject = object.unwrap_or_default().subject;
        if !is_project(&subject) {
            return Ok(());
        }
        store::link(connection, district, &event.subject, &subject).await?;
        keep(connection, district, self.feed(), event, told).await
    }
}

/// What hangs on the evaluated object.
fn about(
    event: &Event,
    object: Option<&pb::EvaluatedObject>,
    kind: EntryKind,
    summary: String,
) -> Result<Entry> {
    entry(event, object.map(|object| object.subject.as_str()).unwrap_or_default(), kind, summary)
}

/// Score and grade within a sentence.
fn result(score: Option<&Decimal>, grade: Grade) -> String {
    let score = score.map(|score| format!("，得分{}", score.value)).unwrap_or_default();
    let grade = convert::grade_of(grade).map(|grade| format!("，等级为{}", grade.chinese()));
    format!("{score}{}", grade.unwrap_or_default())
}

fn ex_ante(event: &Event, of: &pb::ExAnteEvaluation) -> Result<Option<Entry>> {
    use pb::ex_ante_evaluation::Conclusion;
    let concluded = match of.conclusion() {
        Conclusion::Support => "，予以支持",
        Conclusion::Adjust => "，调整完善后支持",
        Conclusion::Refuse => "，不予支持",
        Conclusion::Unspecified => "",
    };
    let (what, amount) = match event.r#type.as_str() {
        "ex_ante_evaluation.created" => ("开展事前绩效评估", money(of.requested_amount.as_ref())?),
        "ex_ante_evaluation.submitted" => ("提交事前绩效评估报告", None),
        "ex_ante_evaluation.returned" => ("退回事前绩效评估报告", None),
        "ex_ante_evaluation.concluded" => ("事前绩效评估结论", money(of.supported_amount.as_ref())?),
        _ => return Ok(None),
    };
    let words = if event.r#type == "ex_ante_evaluation.concluded" {
        format!(
            "{concluded}{}{}",
            result(of.total_score.as_ref(), Grade::Unspecified),
            said("支持金额", amount)
        )
    } else {
        said("申请金额", amount)
    };
    let summary = format!("{}年度预算：{what}{words}", of.applies_to_year);
    let mut told = about(event, of.object.as_ref(), EntryKind::Evaluation, summary)?;
    (told.fiscal_year, told.amount) = (year(of.applies_to_year), amount);
    Ok(Some(told))
}

fn self_evaluation(event: &Event, of: &pb::SelfEvaluation) -> Result<Option<Entry>> {
    let (what, score, grade) = match event.r#type.as_str() {
        "self_evaluation.submitted" => ("报送单位自评", of.self_score.as_ref(), of.self_grade()),
        "self_evaluation.reviewed" => ("主管部门审核单位自评", None, Grade::Unspecified),
        "self_evaluation.confirmed" => ("确认单位自评", of.self_score.as_ref(), of.self_grade()),
        "self_evaluation.returned" => ("退回单位自评", None, Grade::Unspecified),
        "self_evaluation.rechecked" => {
            let last = of.rechecks.last();
            let score = last.and_then(|recheck| recheck.total_score.as_ref());
            ("抽查复核单位自评", score, last.map(pb::Recheck::grade).unwrap_or_default())
        }
        _ => return Ok(None),
    };
    let summary = format!("{}年度：{what}{}", of.evaluated_year, result(score, grade));
    let mut told = about(event, of.object.as_ref(), EntryKind::Evaluation, summary)?;
    (told.fiscal_year, told.grade) = (year(of.evaluated_year), convert::grade_of(grade));
    Ok(Some(told))
}

fn key_evaluation(event: &Event, of: &pb::KeyEvaluation) -> Result<Option<Entry>> {
    let fixed = event.r#type == "key_evaluation.fixed";
    let what = match event.r#type.as_str() {
        "key_evaluation.created" => "列入重点绩效评价",
        "key_evaluation.draft_sent" => "重点绩效评价征求意见",
        "key_evaluation.draft_answered" => "反馈重点绩效评价意见",
        "key_evaluation.reported" => "提交重点绩效评价报告",
        "key_evaluation.fixed" => "重点绩效评价定稿",
        "key_evaluation.cancelled" => "取消重点绩效评价",
        _ => return Ok(None),
    };
    let grade = if fixed { of.grade() } else { Grade::Unspecified };
    let words = result(of.total_score.as_ref().filter(|_| fixed), grade);
    let summary = format!("{}年度：{what}{words}", of.evaluated_year);
    let mut told = about(event, of.object.as_ref(), EntryKind::Evaluation, summary)?;
    (told.fiscal_year, told.grade) = (year(of.evaluated_year), convert::grade_of(grade));
    Ok(Some(told))
}

fn finding(event: &Event, of: &pb::Finding) -> Result<Option<Entry>> {
    let what = match event.r#type.as_str() {
        "finding.created" => "发现问题",
        "finding.demanded" => "要求整改",
        "finding.rectified" => "完成整改",
        "finding.dismissed" => "不作为问题处理",
        _ => return Ok(None),
    };
    let described: String = of.description.chars().take(60).collect();
    let summary = format!("{}年度{what}：{described}", of.evaluated_year);
    let mut told = about(event, of.object.as_ref(), EntryKind::Finding, summary)?;
    (told.fiscal_year, told.amount) = (year(of.evaluated_year), money(of.amount.as_ref())?);
    Ok(Some(told))
}

fn budget_decision(event: &Event, of: &pb::BudgetDecision) -> Result<Option<Entry>> {
    let last = |steps: &[pb::BudgetStep]| steps.last().and_then(|step| step.figure.clone());
    let (what, figure) = match event.r#type.as_str() {
        "budget_decision.created" => ("申请预算", of.requested.clone()),
        "budget_decision.recommended" => ("建议安排预算", last(&of.recommendations)),
        "budget_decision.arranged" => ("安排预算", last(&of.arrangements)),
        _ => return Ok(None),
    };
    let figure = figure.unwrap_or_default();
    let amount = money(figure.amount.as_ref())?;
    let printed = figure.printed.map(|printed| printed.text).filter(|text| !text.is_empty());
    let figure = printed.or_else(|| amount.map(|amount| amount.to_string())).unwrap_or_default();
    let summary = format!("{}年度{what}{figure}", of.applies_to_year);
    let mut told = about(event, of.object.as_ref(), EntryKind::BudgetDecision, summary)?;
    (told.fiscal_year, told.amount) = (year(of.applies_to_year), amount);
    Ok(Some(told))
}
