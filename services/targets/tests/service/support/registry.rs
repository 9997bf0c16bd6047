//! What targets asks of a registry and hears from it, for the tests of targets alone: a service of the same contract
//! with a handful of fixed units, projects, policies, engagements and rules. What is created becomes an event, as with the
//! real one. What is updated becomes an event and nothing else: asked, the stand-in goes on to answer as on the day before,
//! like a registry that was asked just before its objects changed hands. The whole suite is tested together elsewhere.

mod rules;

use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, SecrecyLevel};
use wenxiao_contract::wenxiao::registry::v1::library_service_server::{LibraryService, LibraryServiceServer};
use wenxiao_contract::wenxiao::registry::v1::participant_service_server::{
    ParticipantService, ParticipantServiceServer,
};
use wenxiao_contract::wenxiao::registry::v1::project_service_server::{ProjectService, ProjectServiceServer};
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::{UnitService, UnitServiceServer};
use wenxiao_contract::wenxiao::registry::v1::{self as registry, unit};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Mounted, Parts, Result, ServiceDefinition};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate::Migrator::DEFAULT;

/// The stand-in.
pub static REGISTRY: ServiceDefinition = ServiceDefinition {
    name: "registry",
    package: "wenxiao.registry.v1",
    policies: "permit(principal, action, resource);",
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    let api = Api { database: parts.database.clone() };
    routes.add_service(UnitServiceServer::new(api.clone()));
    routes.add_service(ProjectServiceServer::new(api.clone()));
    routes.add_service(LibraryServiceServer::new(api.clone()));
    routes.add_service(ParticipantServiceServer::new(api));
    Mounted::default()
}

#[derive(Clone)]
struct Api {
    database: Database,
}

fn named(collection: &str, id: &str) -> String {
    format!("districts/350205000/{collection}/{id}")
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// 101 finance bureau; 602 education bureau with its own unit 602001 and the school 602002; 605 another bureau with the
/// school 605002; 701 a subdistrict office.
pub fn unit_of(code: &str) -> Option<registry::Unit> {
    let (kind, parent) = match code {
        "101" | "602" | "605" => (unit::Kind::Department, ""),
        "602001" => (unit::Kind::OwnUnit, "602"),
        "602002" => (unit::Kind::Unit, "602"),
        "605002" => (unit::Kind::Unit, "605"),
        "701" => (unit::Kind::SubdistrictOffice, ""),
        _ => return None,
    };
    let department = if parent.is_empty() { code } else { parent };
    Some(registry::Unit {
        name: named("units", code),
        agency_code: code.to_owned(),
        title: format!("单位{code}"),
        kind: kind.into(),
        parent_unit: if parent.is_empty() { String::new() } else { named("units", parent) },
        department: named("units", department),
        state: unit::State::Active.into(),
        version: 1,
        ..Default::default()
    })
}

/// `p-602001-1` is a project of 602001; those with a `g` are paid by the government fund, those with a `c` classified.
pub fn project_of(id: &str) -> Option<registry::Project> {
    let unit = unit_of(id.split('-').nth(1)?)?;
    let account =
        if id.starts_with('g') { BudgetAccount::GovernmentFund } else { BudgetAccount::GeneralPublic };
    Some(registry::Project {
        name: named("projects", id),
        title: format!("项目{id}"),
        category: registry::ProjectCategory::SpecificPurpose.into(),
        budget_account: account.into(),
        implementing_unit: unit.name,
        department: unit.department,
        state: registry::project::State::Active.into(),
        secrecy: if id.starts_with('c') { SecrecyLevel::Classified } else { SecrecyLevel::None }.into(),
        version: 1,
        ..Default::default()
    })
}

/// `m-602002-1` is a policy that 602002 carries out.
pub fn policy_of(id: &str) -> Option<registry::Policy> {
    Some(registry::Policy {
        name: named("policies", id),
        title: format!("政策{id}"),
        executing_unit: unit_of(id.split('-').nth(1)?)?.name,
        version: 1,
        ..Default::default()
    })
}

/// `review-2019` and `review-2021` hire institution `i1` for the finance bureau; `assist-2021` helps bureau 602.
fn engagement_of(id: &str) -> Option<registry::Engagement> {
    let (kind, principal, work_year) = match id {
        "review-2019" => (registry::EngagementKind::TargetReview, "101", 2019),
        "review-2021" => (registry::EngagementKind::TargetReview, "101", 2021),
        "assist-2021" => (registry::EngagementKind::AssistOnly, "602", 2021),
        _ => return None,
    };
    Some(registry::Engagement {
        name: named("engagements", id),
        kind: kind.into(),
        participant: named("institutions", "i1"),
        principal: named("units", principal),
        work_year,
        ..Default::default()
    })
}

/// The event of an object, and nothing else.
async fn tell<M, R>(
    work: Work<M>,
    kind: &'static str,
    name: String,
    version: i64,
    told: R,
) -> Result<Finished<R>>
where
    M: prost::Message + wenxiao_contract::Addressed,
    R: prost::Message + prost::Name + Default + Clone,
{
    let mut work = work;
    let permit = work.permit(Facts::default())?;
    work.record(Change::new(kind, &name, version, &told));
    work.finish(permit, told).await
}

fn found<T>(found: Option<T>, name: &str) -> Result<Response<T>, Status> {
    Ok(Response::new(found.ok_or_else(|| Failure::not_found(name))?))
}

#[tonic::async_trait]
impl UnitService for Api {
    async fn get_unit(
        &self,
        request: Request<registry::GetUnitRequest>,
    ) -> Result<Response<registry::Unit>, Status> {
        let name = request.into_inner().name;
        found(unit_of(last(&name)), &name)
    }

    async fn batch_get_units(
        &self,
        request: Request<registry::BatchGetUnitsRequest>,
    ) -> Result<Response<registry::BatchGetUnitsResponse>, Status> {
        let request = request.into_inner();
        let units = request.names.iter().map(|name| unit_of(last(name))).collect::<Option<Vec<_>>>();
        found(units.map(|units| registry::BatchGetUnitsResponse { units }), &request.parent)
    }

    async fn create_unit(
        &self,
        request: Request<registry::CreateUnitRequest>,
    ) -> Result<Response<registry::Unit>, Status> {
        let create = |mut work: Work<registry::CreateUnitRequest>| async move {
            let permit = work.permit(Facts::default())?;
            let unit = unit_of(&work.call.message.unit_id).ok_or_else(|| Failure::not_found("unit"))?;
            work.record(Change::new("unit.created", &unit.name, 1, &unit));
            let done: Result<Finished<registry::Unit>> = work.finish(permit, unit).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, create).await?)
    }

    async fn update_unit(
        &self,
        request: Request<registry::UpdateUnitRequest>,
    ) -> Result<Response<registry::Unit>, Status> {
        let update = |work: Work<registry::UpdateUnitRequest>| {
            let unit = work.call.message.unit.clone().unwrap_or_default();
            tell(work, "unit.merged", unit.name.clone(), unit.version, unit)
        };
        Ok(self.database.write(Call::open(request)?, update).await?)
    }
}

#[tonic::async_trait]
impl ProjectService for Api {
    async fn get_project(
        &self,
        request: Request<registry::GetProjectRequest>,
    ) -> Result<Response<registry::Project>, Status> {
        let name = request.into_inner().name;
        found(project_of(last(&name)), &name)
    }

    async fn create_project(
        &self,
        request: Request<registry::CreateProjectRequest>,
    ) -> Result<Response<registry::Project>, Status> {
        let create = |mut work: Work<registry::CreateProjectRequest>| async move {
            let permit = work.permit(Facts::default())?;
            let project =
                project_of(&work.call.message.project_id).ok_or_else(|| Failure::not_found("project"))?;
            work.record(Change::new("project.created", &project.name, 1, &project));
            let done: Result<Finished<registry::Project>> = work.finish(permit, project).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, create).await?)
    }

    async fn update_project(
        &self,
        request: Request<registry::UpdateProjectRequest>,
    ) -> Result<Response<registry::Project>, Status> {
        let update = |work: Work<registry::UpdateProjectRequest>| {
            let project = work.call.message.project.clone().unwrap_or_default();
            tell(work, "project.handed_over", project.name.clone(), project.version, project)
        };
        Ok(self.database.write(Call::open(request)?, update).await?)
    }

    async fn get_policy(
        &self,
        request: Request<registry::GetPolicyRequest>,
    ) -> Result<Response<registry::Policy>, Status> {
        let name = request.into_inner().name;
        found(policy_of(last(&name)), &name)
    }

    async fn update_policy(
        &self,
        request: Request<registry::UpdatePolicyRequest>,
    ) -> Result<Response<registry::Policy>, Status> {
        let update = |work: Work<registry::UpdatePolicyRequest>| {
            let policy = work.call.message.policy.clone().unwrap_or_default();
            tell(work, "policy.updated", policy.name.clone(), policy.version, policy)
        };
        Ok(self.database.write(Call::open(request)?, update).await?)
    }

    async fn batch_get_projects(
        &self,
        request: Request<registry::BatchGetProjectsRequest>,
    ) -> Result<Response<registry::BatchGetProjectsResponse>, Status> {
        let request = request.into_inner();
        let projects = request.names.iter().map(|name| project_of(last(name))).collect::<Option<Vec<_>>>();
        found(projects.map(|projects| registry::BatchGetProjectsResponse { projects }), &request.parent)
    }

    async fn create_budget_entry(
        &self,
        request: Request<registry::CreateBudgetEntryRequest>,
    ) -> Result<Response<registry::BudgetEntry>, Status> {
        let create = |mut work: Work<registry::CreateBudgetEntryRequest>| async move {
            let permit = work.permit(Facts::default())?;
            let mut entry = work.call.message.budget_entry.clone().unwrap_or_default();
            entry.name = named("budgetEntries", &work.new_id());
            entry.budget_account =
                project_of(last(&entry.project)).map(|p| p.budget_account).unwrap_or_default();
            work.record(Change::new("budget_entry.created", &entry.name, 1, &entry));
            let done: Result<Finished<registry::BudgetEntry>> = work.finish(permit, entry).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, create).await?)
    }
}

#[tonic::async_trait]
impl ParticipantService for Api {
    async fn get_engagement(
        &self,
        request: Request<registry::GetEngagementRequest>,
    ) -> Result<Response<registry::Engagement>, Status> {
        let name = request.into_inner().name;
        found(engagement_of(last(&name)), &name)
    }

    async fn list_engagements(
        &self,
        _: Request<registry::ListEngagementsRequest>,
    ) -> Result<Response<registry::ListEngagementsResponse>, Status> {
        let all = ["review-2019", "review-2021", "assist-2021"];
        let engagements = all.into_iter().filter_map(engagement_of).collect();
        Ok(Response::new(registry::ListEngagementsResponse { engagements, ..Default::default() }))
    }
}

#[tonic::async_trait]
impl LibraryService for Api {
    async fn get_effective_rule_set(
        &self,
        request: Request<registry::GetEffectiveRuleSetRequest>,
    ) -> Result<Response<registry::EffectiveRuleSet>, Status> {
        Ok(Response::new(rules::rules(request.into_inner().fiscal_year)))
    }

    async fn get_effective_indicator_frame(
        &self,
        request: Request<registry::GetEffectiveIndicatorFrameRequest>,
    ) -> Result<Response<registry::IndicatorFrame>, Status> {
        Ok(Response::new(super::national::frame(request.into_inner().fiscal_year)))
    }
}
