//! What evaluation hears from a registry, for the tests of evaluation alone: units and projects that are said to have
//! changed become events, as the real one's do. The whole suite is tested together elsewhere.

use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_server::{ProjectService, ProjectServiceServer};
use wenxiao_contract::wenxiao::registry::v1::unit_service_server::{UnitService, UnitServiceServer};
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

#[tonic::async_trait]
impl ProjectService for Api {
    async fn update_project(
        &self,
        request: Request<registry::UpdateProjectRequest>,
    ) -> Result<Response<registry::Project>, Status> {
        let hand_over = |mut work: Work<registry::UpdateProjectRequest>| async move {
            let permit = work.permit(Facts::default())?;
            let project = work.call.message.project.clone().unwrap_or_default();
            work.record(Change::new("project.handed_over", &project.name, 2, &project));
            let done: Result<Finished<registry::Project>> = work.finish(permit, project).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, hand_over).await?)
    }
}

#[tonic::async_trait]
impl UnitService for Api {
    async fn update_unit(
        &self,
        request: Request<registry::UpdateUnitRequest>,
    ) -> Result<Response<registry::Unit>, Status> {
        let merge = |mut work: Work<registry::UpdateUnitRequest>| async move {
            let permit = work.permit(Facts::default())?;
            let unit = work.call.message.unit.clone().unwrap_or_default();
            work.record(Change::new("unit.merged", &unit.name, 2, &unit));
            let done: Result<Finished<registry::Unit>> = work.finish(permit, unit).await;
            done
        };
        Ok(self.database.write(Call::open(request)?, merge).await?)
    }
}
