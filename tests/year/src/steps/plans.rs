//! The work plans and the training sessions.

use anyhow::{Result, bail};
use chrono::Datelike as _;
use wenxiao_contract::wenxiao::registry::v1::{
    AdoptWorkPlanRequest, Attendance, CreateTrainingSessionRequest, CreateWorkPlanRequest, Milestone,
    RecordAttendanceRequest, RecordMilestoneProgressRequest, TrainingAudience, TrainingSession, WorkPlan,
    milestone, training_session, work_plan,
};

use crate::clients::Office;
use crate::data::rows::{PlanRow, PlanTaskRow, TrainingRow};
use crate::play::Play;
use crate::wire::{date, request_id};

/// Enters and adopts the annual plan and the rollout plan.
pub async fn adopt(play: &Play) -> Result<()> {
    play.each("工作计划", &play.data.plans, |row| async move {
        let request = CreateWorkPlanRequest {
            parent: play.district(),
            work_plan: Some(plan(play, row)?),
            work_plan_id: row.id.clone(),
            request_id: request_id("plan.create", &row.id),
        };
        let _: WorkPlan = play.call(&Office::performance(), request).await?;
        let request = AdoptWorkPlanRequest {
            name: play.name("workPlans", &row.id),
            request_id: request_id("plan.adopt", &row.id),
            adopt_date: chrono::NaiveDate::from_ymd_opt(row.first_year, 1, 2).and_then(date),
            ..AdoptWorkPlanRequest::default()
        };
        let _: WorkPlan = play.call(&Office::head(), request).await?;
        Ok(())
    })
    .await
}

fn plan(play: &Play, row: &PlanRow) -> Result<WorkPlan> {
    let kind = match row.kind.as_str() {
        "年度工作计划" => work_plan::Kind::Annual,
        "三年执行计划" => work_plan::Kind::Rollout,
        other => bail!("{other:?} is no kind of plan"),
    };
    let milestone = |task: &PlanTaskRow| Milestone {
        milestone_id: task.number.clone(),
        title: task.title.clone(),
        responsible_unit: play.unit(&task.unit),
        due_date: date(task.due),
        ..Milestone::default()
    };
    Ok(WorkPlan {
        kind: kind.into(),
        title: row.title.clone(),
        document_title: row.document_title.clone(),
        document_number: row.document.clone(),
        work_year: row.first_year,
        horizon_years: row.last_year - row.first_year + 1,
        target_date: date(row.target),
        goals: row.goals.clone(),
        milestones: tasks(play, row).iter().map(milestone).collect(),
        ..WorkPlan::default()
    })
}

fn tasks<'p>(play: &'p Play, plan: &PlanRow) -> &'p [PlanTaskRow] {
    play.data.plan_tasks.get(&plan.id).map_or(&[], Vec::as_slice)
}

/// Notes what of the plans was done in the year.
pub async fn finish(play: &Play) -> Result<()> {
    play.each("计划进度", &play.data.plans, |row| async move {
        for task in tasks(play, row) {
            let Some(done) = task.done.filter(|day| day.year() <= play.scene.year) else { continue };
            let request = RecordMilestoneProgressRequest {
                name: play.name("workPlans", &row.id),
                request_id: request_id("plan.progress", &format!("{}/{}", row.id, task.number)),
                milestone_id: task.number.clone(),
                state: milestone::State::Done.into(),
                done_date: date(done),
                ..RecordMilestoneProgressRequest::default()
            };
            let _: WorkPlan = play.call(&Office::performance(), request).await?;
        }
        Ok(())
    })
    .await
}

/// Enters the sessions and who came.
pub async fn train(play: &Play) -> Result<()> {
    play.each("培训", &play.data.trainings, |row| async move {
        let request = CreateTrainingSessionRequest {
            parent: play.district(),
            training_session: Some(session(play, row)?),
            training_session_id: row.id.clone(),
            request_id: request_id("training.create", &row.id),
        };
        let _: TrainingSession = play.call(&Office::performance(), request).await?;
        let came = |unit: String| Attendance { unit, ..Attendance::default() };
        let request = RecordAttendanceRequest {
            name: play.name("trainingSessions", &row.id),
            request_id: request_id("training.attendance", &row.id),
            attendances: units(play, row).into_iter().map(came).collect(),
            hold_date: date(row.date),
            ..RecordAttendanceRequest::default()
        };
        let _: TrainingSession = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}

fn session(play: &Play, row: &TrainingRow) -> Result<TrainingSession> {
    let stage = match row.stage.as_str() {
        "事前" => training_session::Stage::ExAnte,
        "事中" => training_session::Stage::InProcess,
        "事后" => training_session::Stage::ExPost,
        other => bail!("{other:?} is no stage of training"),
    };
    Ok(TrainingSession {
        title: row.title.clone(),
        work_year: row.work_year,
        stage: stage.into(),
        hold_date: date(row.date),
        topic: row.title.clone(),
        trainer: play.name("institutions", &row.trainer),
        audiences: vec![TrainingAudience { label: row.audience.clone(), units: units(play, row) }],
        ..TrainingSession::default()
    })
}

fn units(play: &Play, row: &TrainingRow) -> Vec<String> {
    row.units.split(';').filter(|code| !code.is_empty()).map(|code| play.unit(code)).collect()
}
