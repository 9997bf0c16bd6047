//! PlanService (工作计划与培训).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::plan_service_server::PlanService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database};

use super::plan_lists;
use super::resource::{self, Around, Reading, page_of, today};
use super::wire::unit::require_units;
use super::wire::{self, Reader, last, word};
use crate::domain::plan::WorkPlan;
use crate::domain::training::TrainingSession;
use crate::store::Window;
use crate::store::plan::{self as store, SessionFilter};

type Answer<T> = Result<Response<T>, Status>;

/// Answers PlanService.
pub struct PlanApi {
    database: Database,
}

impl PlanApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl PlanService for PlanApi {
    async fn create_work_plan(&self, request: Request<pb::CreateWorkPlanRequest>) -> Answer<pb::WorkPlan> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, WorkPlan>(work, ask.work_plan, ask.work_plan_id)
        });
        Ok(done.await?)
    }

    async fn get_work_plan(&self, request: Request<pb::GetWorkPlanRequest>) -> Answer<pb::WorkPlan> {
        Ok(resource::get::<_, WorkPlan>(&self.database, request).await?)
    }

    async fn list_work_plans(
        &self,
        request: Request<pb::ListWorkPlansRequest>,
    ) -> Answer<pb::ListWorkPlansResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.kind, &ask.work_year, &ask.state],
        )?;
        let (kind, state) =
            (word(ask.kind().as_str_name(), "KIND_"), word(ask.state().as_str_name(), "STATE_"));
        let year = (ask.work_year != 0).then_some(ask.work_year);
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            store::list_work_plans(read.connection(), &Window::of(&call, &page), kind, year, state).await?;
        let (work_plans, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListWorkPlansResponse { work_plans, next_page_token }))
    }

    async fn update_work_plan(&self, request: Request<pb::UpdateWorkPlanRequest>) -> Answer<pb::WorkPlan> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, WorkPlan>(work, ask.work_plan, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn adopt_work_plan(&self, request: Request<pb::AdoptWorkPlanRequest>) -> Answer<pb::WorkPlan> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let mut reader = Reader::new(work.district);
            let day = reader.fields.optional_date("adopt_date", work.call.message.adopt_date.as_ref());
            let day = reader.done(day)?;
            resource::transition::<_, WorkPlan>(
                work,
                "work_plan.adopted",
                String::new(),
                move |plan, today| plan.adopt(day.unwrap_or(today)),
            )
            .await
        });
        Ok(done.await?)
    }

    async fn record_milestone_progress(
        &self,
        request: Request<pb::RecordMilestoneProgressRequest>,
    ) -> Answer<pb::WorkPlan> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let progress = wire::progress(&work.call.message, work.district)?;
            resource::transition::<_, WorkPlan>(work, "work_plan.progressed", String::new(), |plan, today| {
                plan.note(progress, today)
            })
            .await
        });
        Ok(done.await?)
    }

    async fn close_work_plan(&self, request: Request<pb::CloseWorkPlanRequest>) -> Answer<pb::WorkPlan> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let reason = work.call.message.reason.clone();
            resource::transition::<_, WorkPlan>(work, "work_plan.closed", reason.clone(), move |plan, _| {
                plan.close(&reason)
            })
            .await
        });
        Ok(done.await?)
    }

    async fn list_overdue_tasks(
        &self,
        request: Request<pb::ListOverdueTasksRequest>,
    ) -> Answer<pb::ListOverdueTasksResponse> {
        Ok(plan_lists::overdue(&self.database, Call::open(request)?).await?)
    }

    async fn list_untrained_units(
        &self,
        request: Request<pb::ListUntrainedUnitsRequest>,
    ) -> Answer<pb::ListUntrainedUnitsResponse> {
        Ok(plan_lists::untrained(&self.database, Call::open(request)?).await?)
    }

    async fn create_training_session(
        &self,
        request: Request<pb::CreateTrainingSessionRequest>,
    ) -> Answer<pb::TrainingSession> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, TrainingSession>(work, ask.training_session, ask.training_session_id)
        });
        Ok(done.await?)
    }

    async fn get_training_session(
        &self,
        request: Request<pb::GetTrainingSessionRequest>,
    ) -> Answer<pb::TrainingSession> {
        Ok(resource::get::<_, TrainingSession>(&self.database, request).await?)
    }

    async fn list_training_sessions(
        &self,
        request: Request<pb::ListTrainingSessionsRequest>,
    ) -> Answer<pb::ListTrainingSessionsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let mut fields = Fields::default();
        let overdue = fields.optional_date("overdue_date", ask.overdue_date.as_ref());
        fields.check()?;
        let asked_day = format!("{overdue:?}");
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.work_year, &ask.stage, &ask.state, &ask.unit, &asked_day],
        )?;
        let filter = SessionFilter {
            work_year: (ask.work_year != 0).then_some(ask.work_year),
            stage: word(ask.stage().as_str_name(), "STAGE_"),
            state: word(ask.state().as_str_name(), "STATE_"),
            unit: last(&ask.unit),
            overdue,
        };
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            store::list_training_sessions(read.connection(), &Window::of(&call, &page), &filter).await?;
        let (training_sessions, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListTrainingSessionsResponse { training_sessions, next_page_token }))
    }

    async fn update_training_session(
        &self,
        request: Request<pb::UpdateTrainingSessionRequest>,
    ) -> Answer<pb::TrainingSession> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, TrainingSession>(work, ask.training_session, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn record_attendance(
        &self,
        request: Request<pb::RecordAttendanceRequest>,
    ) -> Answer<pb::TrainingSession> {
        let done = self.database.write(Call::open(request)?, |mut work| async move {
            let (came, day) = wire::attendances(&work.call.message, work.district)?;
            let (before, permit) = resource::begin::<_, TrainingSession>(&mut work).await?;
            let (district, today) = (work.district, today(work.now));
            let around = Around { connection: work.connection(), district, today };
            require_units(around, came.iter().map(|one| &one.unit)).await?;
            let mut session = before.value.clone();
            let day = day.or(session.hold_date).unwrap_or(today);
            session.record_attendance(came, day)?;
            let answer = resource::replace(&mut work, &before, session, "training_session.held", "").await?;
            work.finish(permit, answer).await
        });
        Ok(done.await?)
    }

    async fn cancel_training_session(
        &self,
        request: Request<pb::CancelTrainingSessionRequest>,
    ) -> Answer<pb::TrainingSession> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let reason = work.call.message.reason.clone();
            resource::transition::<_, TrainingSession>(
                work,
                "training_session.cancelled",
                reason,
                |session, _| session.cancel(),
            )
            .await
        });
        Ok(done.await?)
    }
}
