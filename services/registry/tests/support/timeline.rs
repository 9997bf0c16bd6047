//! What tests of the timeline have in common.

use prost::{Message, Name};
use wenxiao_contract::wenxiao::common::v1::{Event, SecrecyLevel};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::haicang;

use super::{HAICANG, Registry, a_project};

pub fn project_name() -> String {
    format!("{HAICANG}/projects/p1")
}

/// An event as a feed tells it.
pub fn event<R: Message + Name>(kind: &str, sequence: i64, day: &str, subject: &str, resource: &R) -> Event {
    let time: chrono::DateTime<chrono::Utc> = format!("{day}T02:00:00Z").parse().expect("a time");
    Event {
        sequence,
        r#type: kind.into(),
        subject: subject.into(),
        occur_time: Some(prost_types::Timestamp { seconds: time.timestamp(), nanos: 0 }),
        resource: Some(prost_types::Any {
            type_url: format!("type.googleapis.com/{}", R::full_name()),
            value: resource.encode_to_vec(),
        }),
        ..Event::default()
    }
}

pub async fn tell(registry: &Registry, projection: &dyn Projection, events: &[Event]) {
    let mut connection = registry.suite.superuser().await;
    for event in events {
        projection.apply(&mut connection, haicang(), event).await.expect("the event is kept");
    }
}

pub async fn timeline(registry: &Registry, ask: GetProjectTimelineRequest) -> GetProjectTimelineResponse {
    let ask = GetProjectTimelineRequest { name: project_name(), ..ask };
    registry.projects(Role::FinanceHead).get_project_timeline(ask).await.expect("a timeline").into_inner()
}

pub fn entries(of: &GetProjectTimelineResponse) -> Vec<&TimelineEntry> {
    of.years.iter().flat_map(|year| &year.entries).collect()
}

pub fn object() -> Option<evaluation::EvaluatedObject> {
    let kind = evaluation::evaluated_object::Kind::Project.into();
    Some(evaluation::EvaluatedObject { kind, subject: project_name(), ..Default::default() })
}

pub async fn start(secrecy: SecrecyLevel) -> Registry {
    let registry = Registry::start().await;
    registry.department().await;
    let ask = CreateProjectRequest {
        parent: HAICANG.into(),
        project: Some(Project { secrecy: secrecy.into(), ..a_project("602002") }),
        project_id: "p1".into(),
        ..Default::default()
    };
    registry.projects(Role::FinanceHead).create_project(ask).await.expect("a project");
    registry
}
