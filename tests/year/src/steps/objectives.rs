//! Objectives from the unit's form to ratification.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use chrono::Datelike as _;
use wenxiao_contract::google::r#type as google;
use wenxiao_contract::wenxiao::common::v1::{Grade, IndicatorOperator, SecrecyLevel};
use wenxiao_contract::wenxiao::targets::v1::{
    AnnualFunding, BatchRatifyObjectivesRequest, BatchRatifyObjectivesResponse, CreateObjectiveRequest,
    GradeObjectiveRequest, Indicator, IndicatorLevel1, Objective, ObjectiveContent, PassObjectiveRequest,
    ProjectNature, RatifyObjectiveRequest, SignObjectiveRequest, SubmitObjectiveRequest, TargetValue,
    WholeLifeFunding, objective, target_value,
};

use crate::clients::Office;
use crate::data::rows::{IndicatorRow, ObjectiveRow};
use crate::play::Play;
use crate::wire::{date, decimal, money, number, operator, request_id};

/// Objectives of one ratifying call.
const BATCH: usize = 50;

/// Units file and submit the year's forms, departments pass them on.
pub async fn file(play: &Play, year: i32) -> Result<()> {
    let rows = play.data.objectives.iter().filter(|row| row.year == year);
    play.each(&format!("{year}年目标申报"), rows, |row| async move {
        let objective = Objective {
            subject: Some(objective::Subject::Project(play.project(&row.project))),
            fiscal_year: year,
            work_year: row.filed.year(),
            secrecy: secrecy(play, &row.project)?.into(),
            content: Some(content(play, row, &first_goal(play, row))?),
            ..Objective::default()
        };
        let id = format!("{year}-{}", row.project);
        let request = CreateObjectiveRequest {
            parent: play.district(),
            objective: Some(objective),
            objective_id: id.clone(),
            request_id: request_id("objective.create", &id),
            validate_only: false,
        };
        let _: Objective = play.call(&Office::filer(&row.unit), request).await?;
        submit(play, row, 1).await
    })
    .await
}

/// The goal as it was written first: forms that were returned had another one.
fn first_goal(play: &Play, row: &ObjectiveRow) -> String {
    let first = play
        .data
        .reviews
        .iter()
        .find(|one| one.year == row.year && one.project == row.project && one.round == 1);
    first.map(|one| &one.goal).filter(|goal| !goal.is_empty()).unwrap_or(&row.annual_goal).clone()
}

/// The unit submits the form, its head signs, its department passes it on.
pub async fn submit(play: &Play, row: &ObjectiveRow, round: i32) -> Result<()> {
    let name = play.objective(row.year, &row.project);
    let key = format!("{}-{}/{round}", row.year, row.project);
    let request = SubmitObjectiveRequest {
        name: name.clone(),
        request_id: request_id("objective.submit", &key),
        ..SubmitObjectiveRequest::default()
    };
    let _: Objective = play.call(&Office::filer(&row.unit), request).await?;
    let request = SignObjectiveRequest {
        name: name.clone(),
        request_id: request_id("objective.sign", &key),
        ..SignObjectiveRequest::default()
    };
    let _: Objective = play.call(&Office::unit_head(&row.unit), request).await?;
    let request = PassObjectiveRequest {
        name,
        request_id: request_id("objective.pass", &key),
        opinion: "同意报送".to_owned(),
        ..PassObjectiveRequest::default()
    };
    let department = play.data.department_of(&row.unit);
    let _: Objective = play.call(&Office::department(department), request).await?;
    Ok(())
}

/// The form of an objective, with the annual goal that it had then.
pub fn content(play: &Play, row: &ObjectiveRow, annual_goal: &str) -> Result<ObjectiveContent> {
    let nature = match play.data.project(&row.project)?.nature.as_str() {
        "经常性" => ProjectNature::Recurrent,
        "一次性" => ProjectNature::OneOff,
        "阶段性" => ProjectNature::Phased,
        _ => ProjectNature::Unspecified,
    };
    let indicators = play.data.indicators_of(row.year, &row.project)?;
    Ok(ObjectiveContent {
        nature: nature.into(),
        planned_start_date: date(row.start),
        planned_end_date: date(row.end),
        whole_life_funding: Some(WholeLifeFunding {
            total_amount: money(row.life_total),
            fiscal_amount: money(row.life_fiscal),
            other_amount: money(row.life_other),
            printed_total: None,
        }),
        annual_funding: Some(AnnualFunding {
            total_amount: money(row.total),
            appropriation_amount: money(row.appropriation),
            carry_over_amount: money(row.carry_over),
            other_amount: money(row.other),
            printed_total: None,
        }),
        medium_term_goal: row.medium_goal.clone(),
        annual_goal: annual_goal.to_owned(),
        indicators: indicators.iter().map(indicator).collect::<Result<_>>()?,
        ..ObjectiveContent::default()
    })
}

fn indicator(row: &IndicatorRow) -> Result<Indicator> {
    let level1 = match row.level1.as_str() {
        "产出指标" => IndicatorLevel1::Output,
        "效益指标" => IndicatorLevel1::Benefit,
        "满意度指标" => IndicatorLevel1::Satisfaction,
        "成本指标" => IndicatorLevel1::Cost,
        other => bail!("{other:?} is no first level"),
    };
    let operator = operator(&row.operator)?;
    let value = match operator {
        IndicatorOperator::Qualitative => target_value::Value::Text(row.target.clone()),
        _ => target_value::Value::Number(target(row)?),
    };
    Ok(Indicator {
        indicator_id: row.number.clone(),
        level1: level1.into(),
        level2_name: row.level2.clone(),
        title: row.title.clone(),
        operator: operator.into(),
        target_value: Some(TargetValue { value: Some(value), printed: String::new() }),
        measure_unit: row.unit.clone(),
        weight: decimal(row.weight),
        scoring_standard: row.standard.clone(),
        ..Indicator::default()
    })
}

fn target(row: &IndicatorRow) -> Result<google::Decimal> {
    number(&row.target)
        .with_context(|| format!("{} {}: {:?} is no number", row.project, row.title, row.target))
}

fn secrecy(play: &Play, project: &str) -> Result<SecrecyLevel> {
    Ok(match play.data.project(project)?.secrecy.as_str() {
        "非涉密" => SecrecyLevel::None,
        "内部" => SecrecyLevel::Internal,
        "涉密" => SecrecyLevel::Classified,
        _ => SecrecyLevel::Unspecified,
    })
}

/// The finance bureau approves forms of a year in which no institution reviewed them.
pub async fn approve_without_review(play: &Play, year: i32) -> Result<()> {
    let rows = play.data.objectives.iter().filter(|row| row.year == year);
    play.each(&format!("{year}年目标审核"), rows, |row| async move {
        grade(play, row, 1, Grade::Excellent, "目标完整、指标可考核").await.map(|_| ())
    })
    .await
}

/// The performance division grades a form.
pub async fn grade(
    play: &Play,
    row: &ObjectiveRow,
    round: i32,
    grade: Grade,
    opinion: &str,
) -> Result<Objective> {
    let request = GradeObjectiveRequest {
        name: play.objective(row.year, &row.project),
        request_id: request_id("objective.grade", &format!("{}-{}/{round}", row.year, row.project)),
        grade: grade.into(),
        opinion: opinion.to_owned(),
        ..GradeObjectiveRequest::default()
    };
    play.call(&Office::performance(), request).await
}

/// The head of the bureau ratifies the objectives with their budgets (批复).
pub async fn ratify(play: &Play, year: i32) -> Result<()> {
    let mut documents: BTreeMap<&str, Vec<&ObjectiveRow>> = BTreeMap::new();
    for row in play.data.objectives.iter().filter(|row| row.year == year && row.ratified.is_some()) {
        documents.entry(&row.document).or_default().push(row);
    }
    let batches =
        documents.iter().flat_map(|(document, rows)| rows.chunks(BATCH).map(move |rows| (*document, rows)));
    play.each(&format!("{year}年目标批复（批）"), batches, |(document, rows)| async move {
        let first = rows.first().map_or("", |row| row.project.as_str());
        let one = |row: &&ObjectiveRow| RatifyObjectiveRequest {
            name: play.objective(year, &row.project),
            ratified_amount: money(row.total),
            document: document.to_owned(),
            ..RatifyObjectiveRequest::default()
        };
        let request = BatchRatifyObjectivesRequest {
            parent: play.district(),
            requests: rows.iter().map(one).collect(),
            request_id: request_id("objective.ratify", &format!("{year}-{first}")),
        };
        let answer: BatchRatifyObjectivesResponse = play.call(&Office::head(), request).await?;
        for result in answer.results {
            if let Some(status) = result.error {
                bail!("{} was not ratified: {}", result.name, status.message);
            }
        }
        Ok(())
    })
    .await
}
