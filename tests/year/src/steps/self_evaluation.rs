//! Units and streets evaluate what they did with last year's money (单位自评).

use anyhow::{Context as _, Result, bail};
use wenxiao_contract::wenxiao::common::v1::IndicatorOperator;
use wenxiao_contract::wenxiao::evaluation::v1::{
    ActualValue, ConfirmSelfEvaluationRequest, CreateSelfEvaluationRequest, CreateSelfEvaluationTaskRequest,
    FundRow, GetSelfEvaluationStatisticsRequest, ReportSection, ReviewSelfEvaluationRequest, SelfEvaluation,
    SelfEvaluationIndicator, SelfEvaluationStatistics, SelfEvaluationTask, SubmitSelfEvaluationRequest,
    actual_value, fund_row,
};

use super::ex_ante::project;
use super::participants;
use crate::clients::Office;
use crate::data::rows::{SelfEvaluationRow, SelfIndicatorRow};
use crate::play::Play;
use crate::wire::{date, decimal, money, number, operator, request_id};

fn task(play: &Play) -> String {
    play.name("selfEvaluationTasks", &format!("{}", play.scene.year - 1))
}

/// Starts the task, once every objective that was ratified for the year is known.
pub async fn open(play: &Play) -> Result<()> {
    let year = play.scene.year - 1;
    let of_year = play.data.objectives.iter().filter(|row| row.year == year && row.ratified.is_some());
    let ratified = money(of_year.map(|row| row.total).sum());
    play.until("every ratified objective in the self-evaluation", || async {
        let name = play.name("selfEvaluationStatistics", &year.to_string());
        let request = GetSelfEvaluationStatisticsRequest { name };
        let statistics: SelfEvaluationStatistics = play.call(&Office::performance(), request).await?;
        Ok((statistics.ratified_amount == ratified).then_some(()))
    })
    .await?;
    let filed = play.data.self_evaluations.iter().map(|row| row.filed);
    let task = SelfEvaluationTask {
        title: format!("{year}年度项目支出绩效自评"),
        evaluated_year: year,
        work_year: play.scene.year,
        start_date: filed.clone().min().and_then(date),
        due_date: filed.max().and_then(date),
        description: "对批复的全部绩效目标进行自评，报送自评报告和自评表".to_owned(),
        ..SelfEvaluationTask::default()
    };
    let request = CreateSelfEvaluationTaskRequest {
        parent: play.district(),
        self_evaluation_task_id: year.to_string(),
        self_evaluation_task: Some(task),
        request_id: request_id("selfevaluation.task", &year.to_string()),
    };
    let _: SelfEvaluationTask = play.call(&Office::performance(), request).await?;
    Ok(())
}

/// Every form: filled and handed in by the unit, reviewed by the department, confirmed by the bureau.
pub async fn evaluate(play: &Play) -> Result<()> {
    play.each("单位自评", &play.data.self_evaluations, |row| async move {
        let id = format!("{}-{}", row.year, row.project);
        let name = play.name("selfEvaluations", &id);
        let unit = &play.data.project(&row.project)?.unit;
        let filer = Office::filer(unit);
        let request = CreateSelfEvaluationRequest {
            parent: play.district(),
            self_evaluation_id: id.clone(),
            self_evaluation: Some(form(play, row)?),
            request_id: request_id("selfevaluation.create", &id),
        };
        let _: SelfEvaluation = play.call(&filer, request).await?;
        let request = SubmitSelfEvaluationRequest {
            name: name.clone(),
            request_id: request_id("selfevaluation.submit", &id),
            ..SubmitSelfEvaluationRequest::default()
        };
        let _: SelfEvaluation = play.call(&filer, request).await?;
        let request = ReviewSelfEvaluationRequest {
            name: name.clone(),
            opinion: "自评内容完整，同意报送".to_owned(),
            request_id: request_id("selfevaluation.review", &id),
            ..ReviewSelfEvaluationRequest::default()
        };
        let department = Office::department(play.data.department_of(unit));
        let _: SelfEvaluation = play.call(&department, request).await?;
        let request = ConfirmSelfEvaluationRequest {
            name,
            opinion: "已审核".to_owned(),
            request_id: request_id("selfevaluation.confirm", &id),
            ..ConfirmSelfEvaluationRequest::default()
        };
        let _: SelfEvaluation = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}

fn form(play: &Play, row: &SelfEvaluationRow) -> Result<SelfEvaluation> {
    let assisted = row.manner.contains("第三方");
    let assisting_engagement = match assisted {
        true => play.name("engagements", &participants::engagement(play, "自评辅导", "")?.id),
        false => String::new(),
    };
    Ok(SelfEvaluation {
        task: task(play),
        object: Some(project(play, &row.project)?),
        objective: play.objective(row.year, &row.project),
        achieved_goal: row.achieved_goal.clone(),
        fund_rows: vec![FundRow {
            source: fund_row::Source::CurrentYearFiscal.into(),
            initial_amount: money(row.initial),
            adjustment_amount: money(row.increase - row.reduction),
            executed_amount: money(row.executed),
            ..FundRow::default()
        }],
        task_finished: true,
        execution_reason: execution_reason(play, row),
        indicators: indicators(play, row)?,
        conclusion: row.achieved_goal.clone(),
        problems: row.problems.clone(),
        improvements: row.improvements.clone(),
        report_sections: sections(row),
        project_leader: "示例项目负责人".to_owned(),
        finance_leader: "示例财务负责人".to_owned(),
        assisting_engagement,
        ..SelfEvaluation::default()
    })
}

/// Why little was spent, in the unit's words, and every change of the budget in the year with its document.
fn execution_reason(play: &Play, row: &SelfEvaluationRow) -> String {
    let changes =
        play.data.budgets.iter().filter(|entry| {
            entry.project == row.project && entry.year == row.year && entry.kind != "年初预算"
        });
    let told =
        changes.map(|entry| format!("年中{}{}元（{}）。", entry.kind, entry.amount.abs(), entry.document));
    std::iter::once(row.execution_reason.clone()).chain(told).collect()
}

/// The report beside the form (自评报告): what the unit has to say, under the usual headings.
fn sections(row: &SelfEvaluationRow) -> Vec<ReportSection> {
    let section = |(code, title, text): (&str, &str, &String)| ReportSection {
        code: code.to_owned(),
        title: title.to_owned(),
        text: text.clone(),
    };
    [
        ("achievement", "绩效目标完成情况", &row.achieved_goal),
        ("problems", "存在问题", &row.problems),
        ("improvements", "改进措施", &row.improvements),
    ]
    .into_iter()
    .filter(|(_, _, text)| !text.is_empty())
    .map(section)
    .collect()
}

/// What the unit says of each indicator; the rest is the ratified objective's.
fn indicators(play: &Play, row: &SelfEvaluationRow) -> Result<Vec<SelfEvaluationIndicator>> {
    let planned = play.data.indicators_of(row.year, &row.project)?;
    let reached = play
        .data
        .self_indicators
        .get(&(row.year, row.project.clone()))
        .context("no indicator in the form")?;
    reached
        .iter()
        .map(|reached| {
            let plan = planned.iter().find(|plan| plan.number == reached.number);
            let plan =
                plan.with_context(|| format!("{} has no indicator {}", row.project, reached.number))?;
            indicator(operator(&plan.operator)?, reached)
        })
        .collect()
}

fn indicator(operator: IndicatorOperator, reached: &SelfIndicatorRow) -> Result<SelfEvaluationIndicator> {
    let value = match operator {
        IndicatorOperator::Qualitative => actual_value::Value::Level(level(&reached.level)?.into()),
        _ => {
            let reached_value = number(&reached.actual);
            actual_value::Value::Number(
                reached_value.with_context(|| format!("{:?} is no number", reached.actual))?,
            )
        }
    };
    Ok(SelfEvaluationIndicator {
        indicator_id: reached.number.clone(),
        actual: Some(ActualValue { value: Some(value), text: reached.actual.clone() }),
        unit_score: reached.score.and_then(decimal),
        deviation_reason: reached.reason.clone(),
        ..SelfEvaluationIndicator::default()
    })
}

fn level(word: &str) -> Result<actual_value::Level> {
    Ok(match word {
        "达成年度指标" => actual_value::Level::Achieved,
        word if word.starts_with("部分") => actual_value::Level::PartlyAchieved,
        word if word.starts_with("未达成") => actual_value::Level::NotAchieved,
        other => bail!("{other:?} is no level"),
    })
}
