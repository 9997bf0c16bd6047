//! What evaluation hears from a registry, for the tests of evaluation alone: units, projects and policies that are said to
//! have changed become events, as the real one's do. The whole suite is tested together elsewhere.

use prost::{Message, Name};
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_server::{ProjectService, ProjectServiceServer};
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::{UnitService, UnitServiceServer};
use wenxiao_contract::{Addressed, Validate};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Mounted, Parts, Result, ServiceDefinition};

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
    routes.add_service(ProjectServiceServer::new(api.clone()));
    routes.add_service(UnitServiceServer::new(api));
    Mounted::default()
}

#[derive(Clone)]
struct Api {
    database: Database,
}

impl Api {
    /// What a request says is so now; it becomes an event.
    async fn said<M, R>(
        &self,
        request: Request<M>,
        kind: &'static str,
        of: fn(&M) -> (String, R),
    ) -> std::result::Result<Response<R>, Status>
    where
        M: Message + Addressed + Validate + Clone + 'static,
        R: Message + Name + Default + 'static,
    {
        let say = move |mut work: Work<M>| async move {
            let permit = work.permit(Facts::default())?;
            let (name, now) = of(&work.call.message);
            work.record(Change::new(kind, name, 2, &now));
            let done: Result<Finished<R>> = work.finish(permit, now).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, say).await?)
    }
}

#[tonic::async_trait]
impl ProjectService for Api {
    async fn update_project(
        &self,
        request: Request<registry::UpdateProjectRequest>,
    ) -> std::result::Result<Response<registry::Project>, Status> {
        self.said(request, "project.handed_over", |asked| {
            let project = asked.project.clone().unwrap_or_default();
            (project.name.clone(), project)
        })
        .await
    }

    async fn update_policy(
        &self,
        request: Request<registry::UpdatePolicyRequest>,
    ) -> std::result::Result<Response<registry::Policy>, Status> {
        self.said(request, "policy.handed_over", |asked| {
            let policy = asked.policy.clone().unwrap_or_default();
            (policy.name.clone(), policy)
        })
        .await
    }
}

#[tonic::async_trait]
impl UnitService for Api {
    async fn update_unit(
        &self,
        request: Request<registry::UpdateUnitRequest>,
    ) -> std::result::Result<Response<registry::Unit>, Status> {
        self.said(request, "unit.updated", |asked| {
            let unit = asked.unit.clone().unwrap_or_default();
            (unit.name.clone(), unit)
        })
        .await
    }
}
