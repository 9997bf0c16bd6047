//! ObjectiveService: one short function per call.

mod lists;
mod support;

use std::collections::HashMap;

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};
use wenxiao_contract::google::longrunning::Operation;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective_service_server::ObjectiveService;
use wenxiao_kernel::name;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure};

use super::{
    adjustments, batch, files, objective_commands as commands, objective_wire, precheck, reminders,
    statistics, tasks, windows,
};
use crate::{names, store};

pub use support::ObjectiveApi;

#[tonic::async_trait]
impl ObjectiveService for ObjectiveApi {
    async fn get_objective(
        &self,
        request: Request<wire::GetObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let [_, id] = name::segments(&call.message.name, names::OBJECTIVE).map_err(Failure::from)?;
        let (objective, facts) = self.load(district, &call.message.name, id).await?;
        let permit = call.permit(self.with_guests(&call, id, facts).await?)?;
        Ok(permit.answer(objective_wire::objective(district, &objective)))
    }

    async fn list_objectives(
        &self,
        request: Request<wire::ListObjectivesRequest>,
    ) -> Result<Response<wire::ListObjectivesResponse>, Status> {
        Ok(lists::list(&self.database, Call::open(request)?).await?)
    }

    async fn create_objective(
        &self,
        request: Request<wire::CreateObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let subject = commands::subject(call.district()?, call.message.objective.as_ref())?;
        let facts = self.registry.subject(call.district()?, &subject).await?;
        Ok(self.database.write(call, |work| commands::create(work, subject, facts)).await?)
    }

    async fn update_objective(
        &self,
        request: Request<wire::UpdateObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let secrecy = self.subject_secrecy(&call).await?;
        Ok(self.database.write(call, move |work| commands::update(work, secrecy)).await?)
    }

    async fn precheck_objective(
        &self,
        request: Request<wire::PrecheckObjectiveRequest>,
    ) -> Result<Response<wire::PrecheckObjectiveResponse>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let [_, id] = name::segments(&call.message.name, names::OBJECTIVE).map_err(Failure::from)?;
        let (paper, facts) = if id == precheck::NOT_STORED {
            precheck::unsaved(&self.registry, &call).await?
        } else {
            let (objective, facts) = self.load(district, &call.message.name, id).await?;
            (precheck::stored(objective, call.message.content.as_ref())?, facts)
        };
        let permit = call.permit(facts)?;
        let rules = self.registry.form_rules(district, paper.fiscal_year).await?;
        let mut read = self.database.read(&call).await?;
        let neighbours = store::similar::find(read.connection(), district, &paper.place()).await?;
        Ok(permit.answer(precheck::answer(&paper, &neighbours, &rules)))
    }

    async fn submit_objective(
        &self,
        request: Request<wire::SubmitObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let year = self.fiscal_year(call.district()?, &call.message.name).await?;
        let rules = self.submission_rules(call.district()?, year).await?;
        Ok(self.database.write(call, |work| commands::submit(work, rules)).await?)
    }

    async fn sign_objective(
        &self,
        request: Request<wire::SignObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::sign).await?)
    }

    async fn answer_remarks(
        &self,
        request: Request<wire::AnswerRemarksRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::answer_remarks).await?)
    }

    async fn resolve_remarks(
        &self,
        request: Request<wire::ResolveRemarksRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::resolve_remarks).await?)
    }

    async fn withdraw_objective(
        &self,
        request: Request<wire::WithdrawObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::withdraw).await?)
    }

    async fn pass_objective(
        &self,
        request: Request<wire::PassObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::pass).await?)
    }

    async fn return_objective(
        &self,
        request: Request<wire::ReturnObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::send_back).await?)
    }

    async fn grade_objective(
        &self,
        request: Request<wire::GradeObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let year = self.fiscal_year(call.district()?, &call.message.name).await?;
        let rules = self.registry.review_rules(call.district()?, year).await?;
        let (grade, consequence) = batch::graded(&call.message, &rules.consequences)?;
        Ok(self.database.write(call, move |work| commands::grade(work, grade, consequence)).await?)
    }

    async fn settle_objective(
        &self,
        request: Request<wire::SettleObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let rules = self.form_rules(call.district()?, &call.message.name).await?;
        Ok(self.database.write(call, |work| commands::settle(work, rules)).await?)
    }

    async fn reopen_objective(
        &self,
        request: Request<wire::ReopenObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::reopen).await?)
    }

    async fn ratify_objective(
        &self,
        request: Request<wire::RatifyObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::ratify).await?)
    }

    async fn batch_ratify_objectives(
        &self,
        request: Request<wire::BatchRatifyObjectivesRequest>,
    ) -> Result<Response<wire::BatchRatifyObjectivesResponse>, Status> {
        Ok(self.database.write(Call::open(request)?, batch::ratify).await?)
    }

    async fn batch_submit_objectives(
        &self,
        request: Request<wire::BatchSubmitObjectivesRequest>,
    ) -> Result<Response<wire::BatchObjectivesResponse>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let mut rules = HashMap::new();
        for year in self.fiscal_years(district, &call.message.requests).await? {
            rules.insert(year, self.submission_rules(district, year).await?);
        }
        Ok(self.database.write(call, |work| batch::submit(work, rules)).await?)
    }

    async fn batch_sign_objectives(
        &self,
        request: Request<wire::BatchSignObjectivesRequest>,
    ) -> Result<Response<wire::BatchObjectivesResponse>, Status> {
        Ok(self.database.write(Call::open(request)?, batch::sign).await?)
    }

    async fn batch_pass_objectives(
        &self,
        request: Request<wire::BatchPassObjectivesRequest>,
    ) -> Result<Response<wire::BatchObjectivesResponse>, Status> {
        Ok(self.database.write(Call::open(request)?, batch::pass).await?)
    }

    async fn batch_return_objectives(
        &self,
        request: Request<wire::BatchReturnObjectivesRequest>,
    ) -> Result<Response<wire::BatchObjectivesResponse>, Status> {
        Ok(self.database.write(Call::open(request)?, batch::send_back).await?)
    }

    async fn batch_grade_objectives(
        &self,
        request: Request<wire::BatchGradeObjectivesRequest>,
    ) -> Result<Response<wire::BatchObjectivesResponse>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let mut consequences = HashMap::new();
        for year in self.fiscal_years(district, &call.message.requests).await? {
            let rules = self.registry.review_rules(district, year).await?;
            consequences.insert(year, rules.consequences.clone());
        }
        Ok(self.database.write(call, |work| batch::grade(work, consequences)).await?)
    }

    async fn propose_adjustment(
        &self,
        request: Request<wire::ProposeAdjustmentRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let rules = self.form_rules(call.district()?, &call.message.name).await?;
        Ok(self.database.write(call, |work| adjustments::propose(work, rules)).await?)
    }

    async fn approve_adjustment(
        &self,
        request: Request<wire::ApproveAdjustmentRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, adjustments::approve).await?)
    }

    async fn refuse_adjustment(
        &self,
        request: Request<wire::RefuseAdjustmentRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, adjustments::refuse).await?)
    }

    async fn close_objective(
        &self,
        request: Request<wire::CloseObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::close).await?)
    }

    async fn get_objective_version(
        &self,
        request: Request<wire::GetObjectiveVersionRequest>,
    ) -> Result<Response<wire::ObjectiveVersion>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let missing = || Failure::not_found(&call.message.name);
        let [_, id, number] = name::segments(&call.message.name, names::VERSION).map_err(Failure::from)?;
        let number: i32 = number.parse().map_err(|_| missing())?;
        let (_, facts) = self.load(district, &call.message.name, id).await?;
        let permit = call.permit(self.with_guests(&call, id, facts).await?)?;
        let mut read = self.database.read(&call).await?;
        let version =
            store::version::get(read.connection(), district, id, number).await?.ok_or_else(missing)?;
        let decisions = store::version::decisions(read.connection(), district, id, &[number]).await?;
        Ok(permit.answer(objective_wire::version(district, id, &version, &decisions)))
    }

    async fn list_objective_versions(
        &self,
        request: Request<wire::ListObjectiveVersionsRequest>,
    ) -> Result<Response<wire::ListObjectiveVersionsResponse>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let [_, id] = name::segments(&ask.parent, names::OBJECTIVE).map_err(Failure::from)?;
        let (_, facts) = self.load(district, &ask.parent, id).await?;
        let permit = call.permit(self.with_guests(&call, id, facts).await?)?;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
        let mut read = self.database.read(&call).await?;
        let rows = store::version::list(read.connection(), district, id, &page).await?;
        let (rows, next_page_token) = page.cut(rows, |row| vec![row.number.to_string()]);
        let numbers: Vec<i32> = rows.iter().map(|row| row.number).collect();
        let decisions = store::version::decisions(read.connection(), district, id, &numbers).await?;
        let versions =
            rows.iter().map(|row| objective_wire::version(district, id, row, &decisions)).collect();
        Ok(permit.answer(wire::ListObjectiveVersionsResponse { versions, next_page_token }))
    }

    async fn compare_objective_versions(
        &self,
        request: Request<wire::CompareObjectiveVersionsRequest>,
    ) -> Result<Response<wire::CompareObjectiveVersionsResponse>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let [_, id] = name::segments(&ask.name, names::OBJECTIVE).map_err(Failure::from)?;
        let (objective, facts) = self.load(district, &ask.name, id).await?;
        let permit = call.permit(facts)?;
        let mut read = self.database.read(&call).await?;
        let numbers = (ask.base_number, ask.other_number);
        let changes = adjustments::compare(read.connection(), district, &objective, numbers).await?;
        let changes = changes.ok_or_else(|| Failure::not_found(format!("{}/versions", ask.name)))?;
        let changes = changes.iter().map(objective_wire::field_change).collect();
        Ok(permit.answer(wire::CompareObjectiveVersionsResponse { changes }))
    }

    async fn list_objective_actions(
        &self,
        request: Request<wire::ListObjectiveActionsRequest>,
    ) -> Result<Response<wire::ListObjectiveActionsResponse>, Status> {
        Ok(tasks::actions(&self.database, Call::open(request)?).await?)
    }

    async fn count_objective_tasks(
        &self,
        request: Request<wire::CountObjectiveTasksRequest>,
    ) -> Result<Response<wire::CountObjectiveTasksResponse>, Status> {
        Ok(tasks::counts(&self.database, Call::open(request)?).await?)
    }

    async fn get_filing_window(
        &self,
        request: Request<wire::GetFilingWindowRequest>,
    ) -> Result<Response<wire::FilingWindow>, Status> {
        Ok(windows::get(&self.database, Call::open(request)?).await?)
    }

    async fn list_filing_windows(
        &self,
        request: Request<wire::ListFilingWindowsRequest>,
    ) -> Result<Response<wire::ListFilingWindowsResponse>, Status> {
        Ok(windows::list(&self.database, Call::open(request)?).await?)
    }

    async fn create_filing_window(
        &self,
        request: Request<wire::CreateFilingWindowRequest>,
    ) -> Result<Response<wire::FilingWindow>, Status> {
        Ok(self.database.write(Call::open(request)?, windows::create).await?)
    }

    async fn update_filing_window(
        &self,
        request: Request<wire::UpdateFilingWindowRequest>,
    ) -> Result<Response<wire::FilingWindow>, Status> {
        Ok(self.database.write(Call::open(request)?, windows::update).await?)
    }

    async fn send_filing_reminders(
        &self,
        request: Request<wire::SendFilingRemindersRequest>,
    ) -> Result<Response<wire::SendFilingRemindersResponse>, Status> {
        Ok(self.database.write(Call::open(request)?, reminders::send).await?)
    }

    async fn list_filing_progress(
        &self,
        request: Request<wire::ListFilingProgressRequest>,
    ) -> Result<Response<wire::ListFilingProgressResponse>, Status> {
        Ok(windows::progress(&self.database, Call::open(request)?).await?)
    }

    async fn import_objectives(
        &self,
        request: Request<Streaming<wire::ImportObjectivesRequest>>,
    ) -> Result<Response<Operation>, Status> {
        files::import::import(&self.database, request).await
    }

    async fn export_objectives(
        &self,
        request: Request<wire::ExportObjectivesRequest>,
    ) -> Result<Response<BoxStream<wire::ExportObjectivesResponse>>, Status> {
        files::export::export(&self.database, &self.registry, request).await
    }

    async fn download_objective_template(
        &self,
        request: Request<wire::DownloadObjectiveTemplateRequest>,
    ) -> Result<Response<BoxStream<wire::ExportObjectivesResponse>>, Status> {
        files::export::template(&self.registry, request).await
    }

    async fn summarize_objectives(
        &self,
        request: Request<wire::SummarizeObjectivesRequest>,
    ) -> Result<Response<wire::ObjectiveStatistics>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let mut read = self.database.read(&call).await?;
        let now = self.database.clock().now();
        Ok(permit.answer(statistics::of(read.connection(), call.district()?, &call.message, now).await?))
    }
}
