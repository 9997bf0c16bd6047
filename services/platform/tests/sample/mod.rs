//! A service as small as one can be, to test the platform by: training sessions with a title and nothing else.

use sqlx::Row;
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1::plan_service_server::{PlanService, PlanServiceServer};
use wenxiao_contract::wenxiao::registry::v1::{
    CreateTrainingSessionRequest, GetTrainingSessionRequest, TrainingSession, UpdateTrainingSessionRequest,
};
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Mounted, Parts, Result, ServiceDefinition};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./tests/sample_migrations");

pub static SAMPLE: ServiceDefinition = ServiceDefinition {
    name: "sample",
    package: "wenxiao.registry.v1",
    policies: r#"
        permit(principal in Role::"finance_performance_officer",
               action in [Action::"CreateTrainingSession", Action::"UpdateTrainingSession"], resource);
        permit(principal in Group::"district", action == Action::"GetTrainingSession", resource);
    "#,
    migrations: &MIGRATIONS,
    mount,
};

fn mount(parts: &Parts, routes: &mut RoutesBuilder) -> Mounted {
    routes.add_service(PlanServiceServer::new(Api { database: parts.database.clone() }));
    Mounted::default()
}

struct Api {
    database: Database,
}

#[tonic::async_trait]
impl PlanService for Api {
    async fn create_training_session(
        &self,
        request: Request<CreateTrainingSessionRequest>,
    ) -> Result<Response<TrainingSession>, Status> {
        Ok(self.database.write(Call::open(request)?, create).await?)
    }

    async fn update_training_session(
        &self,
        request: Request<UpdateTrainingSessionRequest>,
    ) -> Result<Response<TrainingSession>, Status> {
        Ok(self.database.write(Call::open(request)?, update).await?)
    }

    async fn get_training_session(
        &self,
        request: Request<GetTrainingSessionRequest>,
    ) -> Result<Response<TrainingSession>, Status> {
        let call = Call::open(request)?;
        let mut read = self.database.read(&call).await?;
        let session = load(read.connection(), call.district()?, &call.message.name, "").await?;
        let permit = call.permit(Facts::of(&call.message.name))?;
        Ok(permit.answer(session))
    }
}

async fn load(
    connection: &mut sqlx::PgConnection,
    district: DistrictCode,
    full_name: &str,
    lock: &str,
) -> Result<TrainingSession> {
    let [_, id] = name::segments(full_name, "districts/*/trainingSessions/*")?;
    let query = format!("select title, version from sample.notes where district = $1 and id = $2 {lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(query))
        .bind(district.as_i32())
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let row = row.ok_or_else(|| Failure::not_found(full_name))?;
    Ok(session(full_name, row.get("title"), row.get("version")))
}

fn session(name: &str, title: String, version: i64) -> TrainingSession {
    TrainingSession { name: name.to_owned(), title, version, etag: version.to_string(), ..Default::default() }
}

async fn create(mut work: Work<CreateTrainingSessionRequest>) -> Result<Finished<TrainingSession>> {
    let district = work.district;
    let mut id = work.call.message.training_session_id.clone();
    if id.is_empty() {
        id = work.new_id();
    }
    let name = format!("districts/{district}/trainingSessions/{id}");
    let permit = work.permit(Facts::of(&name))?;
    let title = work.call.message.training_session.clone().unwrap_or_default().title;
    sqlx::query("insert into sample.notes values ($1, $2, $3, 1)")
        .bind(district.as_i32())
        .bind(&id)
        .bind(&title)
        .execute(work.connection())
        .await?;
    let answer = session(&name, title, 1);
    work.record(Change::new("training_session.created", &name, 1, &answer));
    work.finish(permit, answer).await
}

async fn update(mut work: Work<UpdateTrainingSessionRequest>) -> Result<Finished<TrainingSession>> {
    let district = work.district;
    let asked = work.call.message.training_session.clone().unwrap_or_default();
    let before = load(work.connection(), district, &asked.name, "for update").await?;
    let permit = work.permit(Facts::of(&asked.name))?;
    work.check_etag(&asked.name, &before.etag)?;
    let after = session(&asked.name, asked.title, before.version + 1);
    sqlx::query("update sample.notes set title = $3, version = $4 where district = $1 and id = split_part($2, '/', 4)")
        .bind(district.as_i32())
        .bind(&asked.name)
        .bind(&after.title)
        .bind(after.version)
        .execute(work.connection())
        .await?;
    work.record(Change::new("training_session.updated", &asked.name, after.version, &after).from(&before));
    work.finish(permit, after).await
}
