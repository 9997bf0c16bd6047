//! ProjectService (项目、政策与预算).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::project_service_server::ProjectService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database};

use super::resource::{self, Reading, page_of, today};
use super::wire::Reader;
use super::{budget, cancel, department_budget, imports, multi_year, policy, project_reads, timeline};
use crate::domain::department_budget::DepartmentBudget;
use crate::domain::policy::Policy;
use crate::domain::project::{LocalProjectType, Project};
use crate::store::Window;
use crate::store::project as store;

type Answer<T> = Result<Response<T>, Status>;

/// Answers ProjectService.
pub struct ProjectApi {
    database: Database,
}

impl ProjectApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl ProjectService for ProjectApi {
    async fn create_local_project_type(
        &self,
        request: Request<pb::CreateLocalProjectTypeRequest>,
    ) -> Answer<pb::LocalProjectType> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, LocalProjectType>(work, ask.local_project_type, ask.local_project_type_id)
        });
        Ok(done.await?)
    }

    async fn get_local_project_type(
        &self,
        request: Request<pb::GetLocalProjectTypeRequest>,
    ) -> Answer<pb::LocalProjectType> {
        Ok(resource::get::<_, LocalProjectType>(&self.database, request).await?)
    }

    async fn list_local_project_types(
        &self,
        request: Request<pb::ListLocalProjectTypesRequest>,
    ) -> Answer<pb::ListLocalProjectTypesResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.setup_year])?;
        let year = (ask.setup_year != 0).then_some(ask.setup_year);
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_types(read.connection(), &Window::of(&call, &page), year).await?;
        let (local_project_types, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListLocalProjectTypesResponse { local_project_types, next_page_token }))
    }

    async fn update_local_project_type(
        &self,
        request: Request<pb::UpdateLocalProjectTypeRequest>,
    ) -> Answer<pb::LocalProjectType> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, LocalProjectType>(work, ask.local_project_type, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn create_project(&self, request: Request<pb::CreateProjectRequest>) -> Answer<pb::Project> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            let code = ask.project.as_ref().map(|project| project.project_code.clone()).unwrap_or_default();
            let id = if ask.project_id.is_empty() { code } else { ask.project_id };
            resource::create::<_, Project>(work, ask.project, id)
        });
        Ok(done.await?)
    }

    async fn get_project(&self, request: Request<pb::GetProjectRequest>) -> Answer<pb::Project> {
        project_reads::get(&self.database, request).await
    }

    async fn list_projects(
        &self,
        request: Request<pb::ListProjectsRequest>,
    ) -> Answer<pb::ListProjectsResponse> {
        project_reads::list(&self.database, request).await
    }

    async fn update_project(&self, request: Request<pb::UpdateProjectRequest>) -> Answer<pb::Project> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Project>(work, ask.project, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn batch_get_projects(
        &self,
        request: Request<pb::BatchGetProjectsRequest>,
    ) -> Answer<pb::BatchGetProjectsResponse> {
        project_reads::batch_get(&self.database, request).await
    }

    async fn close_project(&self, request: Request<pb::CloseProjectRequest>) -> Answer<pb::Project> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let mut reader = Reader::new(work.district);
            let day = reader.fields.optional_date("end_date", work.call.message.end_date.as_ref());
            let day = reader.done(day)?;
            let reason = work.call.message.reason.clone();
            resource::transition::<_, Project>(work, "project.closed", reason, move |project, today| {
                project.close(day.unwrap_or(today))
            })
            .await
        });
        Ok(done.await?)
    }

    async fn cancel_project(
        &self,
        request: Request<pb::CancelProjectRequest>,
    ) -> Answer<pb::CancelProjectResponse> {
        Ok(self.database.write(Call::open(request)?, cancel::cancel).await?)
    }

    async fn get_multi_year_budget(
        &self,
        request: Request<pb::GetMultiYearBudgetRequest>,
    ) -> Answer<pb::MultiYearBudget> {
        multi_year::get(&self.database, request).await
    }

    async fn get_project_timeline(
        &self,
        request: Request<pb::GetProjectTimelineRequest>,
    ) -> Answer<pb::GetProjectTimelineResponse> {
        timeline::get(&self.database, request).await
    }

    async fn import_projects(
        &self,
        request: Request<pb::ImportProjectsRequest>,
    ) -> Answer<pb::ImportProjectsResponse> {
        let call = Call::open(request)?;
        let table = imports::table(call.message.file.clone()).await?;
        let done = self.database.write(call, move |work| imports::projects::import(work, table));
        Ok(done.await?)
    }

    async fn create_policy(&self, request: Request<pb::CreatePolicyRequest>) -> Answer<pb::Policy> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Policy>(work, ask.policy, ask.policy_id)
        });
        Ok(done.await?)
    }

    async fn get_policy(&self, request: Request<pb::GetPolicyRequest>) -> Answer<pb::Policy> {
        policy::get(&self.database, request).await
    }

    async fn list_policies(
        &self,
        request: Request<pb::ListPoliciesRequest>,
    ) -> Answer<pb::ListPoliciesResponse> {
        policy::list(&self.database, request).await
    }

    async fn update_policy(&self, request: Request<pb::UpdatePolicyRequest>) -> Answer<pb::Policy> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Policy>(work, ask.policy, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn repeal_policy(&self, request: Request<pb::RepealPolicyRequest>) -> Answer<pb::Policy> {
        policy::repeal(&self.database, request).await
    }

    async fn create_budget_entry(
        &self,
        request: Request<pb::CreateBudgetEntryRequest>,
    ) -> Answer<pb::BudgetEntry> {
        Ok(self.database.write(Call::open(request)?, budget::create).await?)
    }

    async fn batch_create_budget_entries(
        &self,
        request: Request<pb::BatchCreateBudgetEntriesRequest>,
    ) -> Answer<pb::BatchCreateBudgetEntriesResponse> {
        Ok(self.database.write(Call::open(request)?, budget::create_batch).await?)
    }

    async fn get_budget_entry(&self, request: Request<pb::GetBudgetEntryRequest>) -> Answer<pb::BudgetEntry> {
        budget::get_entry(&self.database, request).await
    }

    async fn list_budget_entries(
        &self,
        request: Request<pb::ListBudgetEntriesRequest>,
    ) -> Answer<pb::ListBudgetEntriesResponse> {
        budget::list_entries(&self.database, request).await
    }

    async fn get_budget_position(
        &self,
        request: Request<pb::GetBudgetPositionRequest>,
    ) -> Answer<pb::BudgetPosition> {
        budget::get_position(&self.database, request).await
    }

    async fn list_budget_positions(
        &self,
        request: Request<pb::ListBudgetPositionsRequest>,
    ) -> Answer<pb::ListBudgetPositionsResponse> {
        budget::list_positions(&self.database, request).await
    }

    async fn summarize_budgets(
        &self,
        request: Request<pb::SummarizeBudgetsRequest>,
    ) -> Answer<pb::SummarizeBudgetsResponse> {
        budget::summarize(&self.database, request).await
    }

    async fn import_budget_entries(
        &self,
        request: Request<pb::ImportBudgetEntriesRequest>,
    ) -> Answer<pb::ImportBudgetEntriesResponse> {
        let call = Call::open(request)?;
        let table = imports::table(call.message.file.clone()).await?;
        let done = self.database.write(call, move |work| imports::entries::import(work, table));
        Ok(done.await?)
    }

    async fn create_department_budget(
        &self,
        request: Request<pb::CreateDepartmentBudgetRequest>,
    ) -> Answer<pb::DepartmentBudget> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, DepartmentBudget>(work, ask.department_budget, ask.department_budget_id)
        });
        Ok(done.await?)
    }

    async fn get_department_budget(
        &self,
        request: Request<pb::GetDepartmentBudgetRequest>,
    ) -> Answer<pb::DepartmentBudget> {
        Ok(resource::get::<_, DepartmentBudget>(&self.database, request).await?)
    }

    async fn list_department_budgets(
        &self,
        request: Request<pb::ListDepartmentBudgetsRequest>,
    ) -> Answer<pb::ListDepartmentBudgetsResponse> {
        department_budget::list(&self.database, request).await
    }

    async fn update_department_budget(
        &self,
        request: Request<pb::UpdateDepartmentBudgetRequest>,
    ) -> Answer<pb::DepartmentBudget> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, DepartmentBudget>(work, ask.department_budget, ask.update_mask)
        });
        Ok(done.await?)
    }
}
