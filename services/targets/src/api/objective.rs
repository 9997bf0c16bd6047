//! ObjectiveService: one short function per call.

use std::sync::Arc;

use moka::future::Cache;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};
use wenxiao_contract::google::longrunning::Operation;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective_service_server::ObjectiveService;
use wenxiao_kernel::{DistrictCode, Secrecy, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{account_of, grade_of};
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::{decisions, files, form, objective_commands as commands, objective_wire, statistics};
use crate::domain::form_check;
use crate::domain::objective::{FilingKind, Objective, State};
use crate::domain::rules::FormRules;
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
        let (objective, facts) = self.load(district, &call.message.name, id).await?;
        let permit = call.permit(facts)?;
        let rules = self.registry.form_rules(district, objective.fiscal_year.as_i32()).await?;
        let remarks = form_check::check(&objective.form, &objective.subject, &rules);
        Ok(permit.answer(wire::PrecheckObjectiveResponse {
            submittable: form_check::is_submittable(&remarks),
            remarks: form::write_remarks(&remarks),
            rule_set: rules.rule_set.clone(),
        }))
    }

    async fn submit_objective(
        &self,
        request: Request<wire::SubmitObjectiveRequest>,
    ) -> Result<Response<wire::Objective>, Status> {
        let call = Call::open(request)?;
        let rules = self.form_rules(call.district()?, &call.message.name).await?;
        Ok(self.database.write(call, |work| commands::submit(work, rules)).await?)
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
        let grade = grade_of(call.message.grade())
            .ok_or_else(|| Failure::invalid_field("grade", "必须给出等级", "must be set"))?;
        let year = self.fiscal_year(call.district()?, &call.message.name).await?;
        let rules = self.registry.review_rules(call.district()?, year).await?;
        let consequence = rules.consequence(grade).ok_or_else(|| {
            Failure::invalid_field("grade", "审核规则没有这个等级", "the review rules do not know this grade")
        })?;
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
        Ok(self.database.write(Call::open(request)?, commands::batch_ratify).await?)
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
    })
}
