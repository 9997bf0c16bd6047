//! ObjectiveService: one short function per call.

use std::collections::HashMap;
use std::sync::Arc;

use moka::future::Cache;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};
use wenxiao_contract::Addressed;
use wenxiao_contract::google::longrunning::Operation;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective_service_server::ObjectiveService;
use wenxiao_kernel::{DistrictCode, Secrecy, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::account_of;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::objective_commands::SubmissionRules;
use super::{
    adjustments, batch, decisions, files, form, objective_commands as commands, objective_wire, precheck,
    reminders, statistics, tasks, windows,
};
use crate::domain::objective::{FilingKind, Objective, State};
use crate::domain::rules::FormRules;
use crate::domain::task::Task;
use crate::registry::Registry;
use crate::store::objective::Filter;
use crate::{names, store};

/// Objectives whose budget year is remembered: it never changes.
const REMEMBERED_YEARS: u64 = 100_000;

/// The service.
#[derive(Clone)]
pub struct ObjectiveApi {
    database: Database,
    registry: Registry,
    years: Cache<(DistrictCode, String), i32>,
}

impl ObjectiveApi {
    /// A service over a schema and the registry.
    pub fn new(database: Database, registry: Registry) -> Self {
        Self { database, registry, years: Cache::new(REMEMBERED_YEARS) }
    }

    /// Budget year of an objective, for the rules that a unit of work will need.
    async fn fiscal_year(&self, district: DistrictCode, resource: &str) -> Result<i32> {
        let [_, id] = name::segments(resource, names::OBJECTIVE)?;
        let key = (district, id.to_owned());
        if let Some(year) = self.years.get(&key).await {
            return Ok(year);
        }
        let mut read = self.database.read_district(district).await?;
        let year = store::objective::fiscal_year(read.connection(), district, id).await?;
        let year = year.ok_or_else(|| Failure::not_found(resource))?;
        self.years.insert(key, year).await;
        Ok(year)
    }

    async fn form_rules(&self, district: DistrictCode, resource: &str) -> Result<Arc<FormRules>> {
        let year = self.fiscal_year(district, resource).await?;
        self.registry.form_rules(district, year).await
    }

    async fn submission_rules(&self, district: DistrictCode, fiscal_year: i32) -> Result<SubmissionRules> {
        let form = self.registry.form_rules(district, fiscal_year).await?;
        let signature = self.registry.review_rules(district, fiscal_year).await?.head_signature;
        Ok(SubmissionRules { form, signature })
    }

    /// Budget years of the objectives that a batch names.
    async fn fiscal_years<A: Addressed>(&self, district: DistrictCode, asks: &[A]) -> Result<Vec<i32>> {
        let ids: Vec<String> = asks.iter().map(|ask| names::last(ask.address()).to_owned()).collect();
        let mut read = self.database.read_district(district).await?;
        store::objective::fiscal_years(read.connection(), district, &ids).await
    }

    async fn load(&self, district: DistrictCode, resource: &str, id: &str) -> Result<(Objective, Facts)> {
        let mut read = self.database.read_district(district).await?;
        let found = store::objective::load(read.connection(), district, id).await?;
        let objective = found.ok_or_else(|| Failure::not_found(resource))?;
        let facts = decisions::facts(district, &objective);
        Ok((objective, facts))
    }

    /// How secret the subject of an objective is, where an update speaks of secrecy.
    async fn subject_secrecy(&self, call: &Call<wire::UpdateObjectiveRequest>) -> Result<Secrecy> {
        let Some(given) = call.message.objective.as_ref().filter(|given| given.secrecy != 0) else {
            return Ok(Secrecy::None);
        };
        let district = call.district()?;
        let [_, id] = name::segments(&given.name, names::OBJECTIVE)?;
        let (objective, _) = self.load(district, &given.name, id).await?;
        Ok(self.registry.subject(district, &objective.subject).await?.secrecy)
    }

    /// The facts with the institutions that were given the objective: only guests need them.
    async fn with_guests<M>(&self, call: &Call<M>, id: &str, facts: Facts) -> Result<Facts> {
        if call.scope().participant.is_none() {
            return Ok(facts);
        }
        let mut read = self.database.read(call).await?;
        let institutions = store::objective::institutions(read.connection(), call.district()?, id).await?;
        Ok(facts.participants(institutions))
    }
}

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
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[
                call.method(),
                &ask.parent,
                &ask.fiscal_year,
                &ask.state,
                &ask.unit,
                &ask.department,
                &ask.budget_account,
                &ask.subject,
                &ask.filing_kind,
                &ask.task,
                &ask.returned_by_me,
            ],
        )?;
        let filter = filter(&call)?;
        let rows = if call.is_across() {
            store::objective::list(self.database.read_across().await?.connection(), &filter, &page).await?
        } else {
            store::objective::list(self.database.read(&call).await?.connection(), &filter, &page).await?
        };
        let (rows, next_page_token) =
            page.cut(rows, |(district, row)| vec![district.to_string(), row.id.clone()]);
        let objectives =
            rows.iter().map(|(district, row)| objective_wire::objective(*district, row)).collect();
        Ok(permit.answer(wire::ListObjectivesResponse { objectives, next_page_token }))
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

/// What a list is narrowed to: what the caller asks for, within what the caller may see.
fn filter(call: &Call<wire::ListObjectivesRequest>) -> Result<Filter> {
    let ask = &call.message;
    let scope = call.scope();
    let id = |name: &str| (!name.is_empty()).then(|| names::last(name).to_owned());
    let state = form::member(ask.state().as_str_name(), "STATE_");
    let kind = form::member(ask.filing_kind().as_str_name(), "FILING_KIND_");
    let subject = match ask.subject.split('/').nth(2) {
        Some("projects") => Some("project"),
        Some("policies") => Some("policy"),
        Some("units") => Some("whole_department"),
        Some(_) => {
            return Err(Failure::invalid_field(
                "subject",
                "不是项目、政策或单位的名称",
                "no name of a subject",
            ));
        }
        None => None,
    };
    let districts = call.districts();
    Ok(Filter {
        districts: districts.map(|codes| codes.into_iter().map(DistrictCode::as_i32).collect()),
        fiscal_year: ask.fiscal_year,
        state: state.map(State::as_str),
        unit: id(&ask.unit),
        department: id(&ask.department),
        account: account_of(ask.budget_account()).map(|account| account.as_str()),
        subject: subject.map(|kind| (kind, names::last(&ask.subject).to_owned())),
        filing_kind: kind.map(FilingKind::as_str),
        unit_prefix: scope.unit_prefix,
        participant: scope.participant,
        keys: form::member::<Task>(ask.task().as_str_name(), "OBJECTIVE_TASK_")
            .map(|task| tasks::Lists::of(call).keys(task)),
        caller: call.principal().subject.clone(),
        returned_by_caller: ask.returned_by_me,
    })
}
