//! Projects, policies and whole departments change hands while their forms are under way, on a real Postgres.

mod follow;
mod meanwhile;

use std::time::Duration;

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_contract::wenxiao::registry::v1::{self as registry, unit};
use wenxiao_platform::testing::TestSuite;

use crate::support::registry::{policy_of, project_of, unit_of};
use crate::support::*;

fn unit_name(code: &str) -> String {
    format!("{DISTRICT}/units/{code}")
}

/// The registry hands a project over and says so.
pub async fn hand_over(suite: &TestSuite, project: &str, unit: &str, version: i64) {
    let project = registry::Project {
        implementing_unit: unit_name(unit),
        department: unit_name(&unit[..3]),
        version,
        ..project_of(project).expect("a project")
    };
    let ask = registry::UpdateProjectRequest { project: Some(project), ..Default::default() };
    ProjectServiceClient::new(suite.as_caller(officer())).update_project(ask).await.expect("told");
}

async fn hand_over_policy(suite: &TestSuite, policy: &str, unit: &str) {
    let policy = registry::Policy {
        executing_unit: unit_name(unit),
        version: 2,
        ..policy_of(policy).expect("a policy")
    };
    let ask = registry::UpdatePolicyRequest { policy: Some(policy), ..Default::default() };
    ProjectServiceClient::new(suite.as_caller(officer())).update_policy(ask).await.expect("told");
}

/// The registry says that a unit has ended, or is going to, and who takes over.
async fn end(suite: &TestSuite, code: &str, state: unit::State, heirs: &[&str]) {
    let unit = registry::Unit {
        state: state.into(),
        successor: heirs.first().map(|heir| unit_name(heir)).unwrap_or_default(),
        successors: heirs.iter().map(|heir| unit_name(heir)).collect(),
        version: 2,
        ..unit_of(code).expect("a unit")
    };
    let ask = registry::UpdateUnitRequest { unit: Some(unit), ..Default::default() };
    UnitServiceClient::new(suite.as_caller(officer())).update_unit(ask).await.expect("told");
}

/// Waits until everything that the registry has told has been taken into account.
pub async fn heard(suite: &TestSuite) {
    let mut connection = suite.superuser().await;
    let open = "select (select count(*) from registry.journal_queue)
        + (select coalesce(max(sequence), 0) from registry.journal)
        - (select coalesce(max(sequence), 0) from targets.feed_cursors where feed = 'registry')";
    for _ in 0..400 {
        let left: i64 = sqlx::query_scalar(open).fetch_one(&mut connection).await.expect("an answer");
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the registry's feed is not read to its end");
}

/// Everything that is stored of objectives, their versions and decisions, but for whose they are.
async fn kept(connection: &mut PgConnection) -> Vec<serde_json::Value> {
    let all = "select to_jsonb(o) - '{unit_id,unit_code,department_id,department_code}'::text[] as row
          from targets.objectives o
        union all select to_jsonb(v) from targets.objective_versions v
        union all select to_jsonb(d) from targets.objective_decisions d
        order by row";
    sqlx::query_scalar(all).fetch_all(connection).await.expect("an answer")
}

/// Whose every objective is: id, unit and department.
async fn owners(connection: &mut PgConnection) -> Vec<(String, String, String)> {
    let all = "select id, unit_id, department_id from targets.objectives
        where unit_id = unit_code and department_id = department_code order by id";
    sqlx::query_as(all).fetch_all(connection).await.expect("an answer")
}
