//! Lists of objectives: what the caller asks for, within what the caller may see.

use tonic::Response;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::account_of;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use crate::api::{form, objective_wire, tasks};
use crate::domain::objective::{FilingKind, State};
use crate::domain::task::Task;
use crate::store::objective::Filter;
use crate::{names, store};

/// A page of objectives.
pub async fn list(
    database: &Database,
    call: Call<wire::ListObjectivesRequest>,
) -> Result<Response<wire::ListObjectivesResponse>> {
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
    let mut filter = filter(&call)?;
    let rows = if call.is_across() {
        store::objective::list(database.read_across().await?.connection(), &filter, &page).await?
    } else {
        let mut read = database.read(&call).await?;
        if filter.keys.is_some() {
            let awaited = tasks::awaited(read.connection(), &call, call.district()?, ask.fiscal_year).await?;
            filter.awaited = awaited.into_keys().collect();
        }
        store::objective::list(read.connection(), &filter, &page).await?
    };
    let (rows, next_page_token) =
        page.cut(rows, |(district, row)| vec![district.to_string(), row.id.clone()]);
    let objectives = rows.iter().map(|(district, row)| objective_wire::objective(*district, row)).collect();
    Ok(permit.answer(wire::ListObjectivesResponse { objectives, next_page_token }))
}

/// What a list is narrowed to: what the caller asks for, within what the caller may see.
fn filter(call: &Call<wire::ListObjectivesRequest>) -> Result<Filter> {
    let ask = &call.message;
    let scope = call.scope();
    let id = |name: &str| (!name.is_empty()).then(|| names::last(name).to_owned());
    let state = form::member(ask.state().as_str_name(), "STATE_");
    let kind = form::member(ask.filing_kind().as_str_name(), "FILING_KIND_");
    let subject_kind = match ask.subject.split('/').nth(2) {
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
        subject_kind,
        subject_id: id(&ask.subject),
        filing_kind: kind.map(FilingKind::as_str),
        unit_prefix: scope.unit_prefix,
        participant: scope.participant,
        keys: form::member::<Task>(ask.task().as_str_name(), "OBJECTIVE_TASK_")
            .map(|task| tasks::Lists::of(call).keys(task)),
        awaited: Vec::new(),
        people: call.principal().people().map(str::to_owned).collect(),
        returned_by_caller: ask.returned_by_me,
    })
}
