//! Reading projects (项目查询).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::project::State;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{Reading, Resource, id_of, name_of, page_of, today};
use super::wire::{Reader, last, word};
use crate::domain::project::Project;
use crate::store::project::{self as store, ProjectFilter};
use crate::store::{self as all, Kept, Window};

type Answer<T> = Result<Response<T>, Status>;

/// GetProject.
pub async fn get(database: &Database, request: Request<pb::GetProjectRequest>) -> Answer<pb::Project> {
    let call = Call::open(request)?;
    let (name, district) = (call.message.name.clone(), call.district()?);
    let id = id_of::<Project>(&name)?;
    let mut read = database.read(&call).await?;
    let stored = Project::load(read.connection(), district, &id).await?;
    let stored = stored.ok_or_else(|| Failure::not_found(&name))?;
    let mut facts = stored.value.facts(Facts::of(&name));
    if call.scope().participant.is_some() {
        let objects = [format!("projects/{id}"), format!("units/{}", stored.value.implementing_unit)];
        facts = facts
            .participants(all::engagement::participants_of(read.connection(), district, &objects).await?);
    }
    let permit = call.permit(facts)?;
    let mut fields = Fields::default();
    let day = fields.optional_date("effective_date", call.message.effective_date.as_ref());
    fields.check()?;
    Ok(permit.answer(Project::show(&stored, day.unwrap_or_else(|| today(database.clock().now())))))
}

/// ListProjects.
pub async fn list(
    database: &Database,
    request: Request<pb::ListProjectsRequest>,
) -> Answer<pb::ListProjectsResponse> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let mut fields = Fields::default();
    let day = fields.optional_date("effective_date", ask.effective_date.as_ref());
    fields.check()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[
            call.method(),
            &ask.parent,
            &format!("{day:?}"),
            &ask.unit,
            &ask.category,
            &ask.local_project_type,
            &ask.budget_account,
            &ask.fiscal_year,
            &ask.state,
            &ask.query,
        ],
    )?;
    let scope = call.scope();
    let filter = ProjectFilter {
        unit: last(&ask.unit),
        day,
        category: word(ask.category().as_str_name(), "PROJECT_CATEGORY_"),
        local_project_type: last(&ask.local_project_type),
        budget_account: convert::account_of(ask.budget_account()),
        fiscal_year: (ask.fiscal_year != 0).then_some(ask.fiscal_year),
        closed: match ask.state() {
            State::Unspecified => None,
            state => Some(state != State::Active),
        },
        cancelled: match ask.state() {
            State::Unspecified | State::Active => None,
            state => Some(state == State::Cancelled),
        },
        text: Some(ask.query.clone()).filter(|text| !text.is_empty()),
        unit_prefix: scope.unit_prefix,
        participant: scope.participant,
    };
    let mut read = Reading::open(database, &call).await?;
    let rows = store::list_projects(read.connection(), &Window::of(&call, &page), &filter).await?;
    let (projects, next_page_token) =
        page_of(&page, rows, day.unwrap_or_else(|| today(database.clock().now())));
    Ok(permit.answer(pb::ListProjectsResponse { projects, next_page_token }))
}

/// BatchGetProjects.
pub async fn batch_get(
    database: &Database,
    request: Request<pb::BatchGetProjectsRequest>,
) -> Answer<pb::BatchGetProjectsResponse> {
    let call = Call::open(request)?;
    let district = call.district()?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let mut reader = Reader::new(district);
    let ids =
        call.message.names.iter().filter_map(|name| reader.id("names", name, Project::COLLECTION)).collect();
    let ids: Vec<String> = reader.done(ids)?;
    let mut read = database.read(&call).await?;
    let found = store::load_many(read.connection(), district, &ids).await?;
    let today = today(database.clock().now());
    let projects = ids.iter().map(|id| {
        let stored =
            found.get(id).ok_or_else(|| Failure::not_found(name_of(district, Project::COLLECTION, id)))?;
        Ok::<_, Failure>(Project::show(stored, today))
    });
    let projects = projects.collect::<Result<_, _>>()?;
    Ok(permit.answer(pb::BatchGetProjectsResponse { projects }))
}
