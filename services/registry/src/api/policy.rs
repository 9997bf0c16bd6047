//! Policies (政策): reading, and what is particular to them.

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{self, Reading, Resource, id_of, page_of, today};
use super::wire::{Reader, last, word};
use crate::domain::policy::Policy;
use crate::store::policy::{self as store, PolicyFilter};
use crate::store::{Kept, Window};

type Answer<T> = Result<Response<T>, Status>;

/// GetPolicy.
pub async fn get(database: &Database, request: Request<pb::GetPolicyRequest>) -> Answer<pb::Policy> {
    let call = Call::open(request)?;
    let name = &call.message.name;
    let id = id_of::<Policy>(name)?;
    let mut read = database.read(&call).await?;
    let stored = Policy::load(read.connection(), call.district()?, &id).await?;
    let stored = stored.ok_or_else(|| Failure::not_found(name))?;
    let permit = call.permit(stored.value.facts(Facts::of(name)))?;
    let mut fields = Fields::default();
    let day = fields.optional_date("effective_date", call.message.effective_date.as_ref());
    fields.check()?;
    Ok(permit.answer(Policy::show(&stored, day.unwrap_or_else(|| today(database.clock().now())))))
}

/// ListPolicies.
pub async fn list(
    database: &Database,
    request: Request<pb::ListPoliciesRequest>,
) -> Answer<pb::ListPoliciesResponse> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let mut fields = Fields::default();
    let expiry_start = fields.optional_date("expiry_start_date", ask.expiry_start_date.as_ref());
    let expiry_end = fields.optional_date("expiry_end_date", ask.expiry_end_date.as_ref());
    let asked_day = fields.optional_date("effective_date", ask.effective_date.as_ref());
    fields.check()?;
    let window = format!("{expiry_start:?} {expiry_end:?} {asked_day:?}");
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.executing_unit, &ask.state, &window],
    )?;
    let day = asked_day.unwrap_or_else(|| today(database.clock().now()));
    let filter = PolicyFilter {
        executing_unit: last(&ask.executing_unit),
        expiry_start,
        expiry_end,
        state: word(ask.state().as_str_name(), "STATE_"),
        asked_day,
        day,
    };
    let mut read = Reading::open(database, &call).await?;
    let rows = store::list_policies(read.connection(), &Window::of(&call, &page), &filter).await?;
    let (policies, next_page_token) = page_of(&page, rows, day);
    Ok(permit.answer(pb::ListPoliciesResponse { policies, next_page_token }))
}

/// RepealPolicy.
pub async fn repeal(database: &Database, request: Request<pb::RepealPolicyRequest>) -> Answer<pb::Policy> {
    let done = database.write(Call::open(request)?, |work| async move {
        let mut reader = Reader::new(work.district);
        let day = reader.fields.date("repeal_date", work.call.message.repeal_date.as_ref());
        let day = reader.done(day)?;
        let reason = work.call.message.reason.clone();
        resource::transition::<_, Policy>(work, "policy.repealed", reason, move |policy, _| {
            policy.repeal(day)
        })
        .await
    });
    Ok(done.await?)
}
