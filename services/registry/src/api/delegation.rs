//! DelegationService (授权代办).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::delegation_service_server::DelegationService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{self, Resource, id_of, name_of, page_of, today};
use super::wire::Reader;
use crate::domain::delegation::{Delegation, Delegator};
use crate::store::{Kept, Window, delegation as store};

type Answer<T> = Result<Response<T>, Status>;

/// Roles that can be given away: those of people who are assigned or called by name cannot.
const DELEGABLE: [Role; 6] = [
    Role::UnitFiler,
    Role::UnitHead,
    Role::DepartmentReviewer,
    Role::FinancePerformanceOfficer,
    Role::FinanceBusinessOfficer,
    Role::FinanceHead,
];

/// Answers DelegationService.
pub struct DelegationApi {
    database: Database,
}

impl DelegationApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Whether a caller sees all delegations of the district, or only those of their own.
fn sees_all(caller: &Principal) -> bool {
    let bureau = [Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead];
    caller.has(Role::Service) || bureau.into_iter().any(|role| caller.has(role))
}

/// Who delegates, as their token says.
fn delegator(caller: &Principal) -> Delegator {
    let own = DELEGABLE.into_iter().filter(|role| caller.has(*role));
    Delegator {
        subject: caller.subject.clone(),
        name: caller.name.clone(),
        roles: own.map(|role| role.as_str().to_owned()).collect(),
        unit_code: caller.unit.clone().unwrap_or_default(),
        is_deputy: caller.on_behalf_of.is_some(),
    }
}

async fn create(
    mut work: Work<pb::CreateDelegationRequest>,
) -> wenxiao_platform::Result<Finished<pb::Delegation>> {
    let (district, ask) = (work.district, work.call.message.clone());
    let id = if ask.delegation_id.is_empty() { work.new_id() } else { ask.delegation_id };
    let permit = work.permit(Facts::of(name_of(district, Delegation::COLLECTION, &id)))?;
    let asked = Delegation::read(&ask.delegation.unwrap_or_default(), id, Reader::new(district), None)?;
    let given = asked.by(delegator(work.principal()), today(work.now))?;
    let answer = resource::enter(&mut work, given, Delegation::CREATED).await?;
    work.finish(permit, answer).await
}

#[tonic::async_trait]
impl DelegationService for DelegationApi {
    async fn create_delegation(
        &self,
        request: Request<pb::CreateDelegationRequest>,
    ) -> Answer<pb::Delegation> {
        Ok(self.database.write(Call::open(request)?, create).await?)
    }

    async fn get_delegation(&self, request: Request<pb::GetDelegationRequest>) -> Answer<pb::Delegation> {
        let call = Call::open(request)?;
        let name = &call.message.name;
        let id = id_of::<Delegation>(name)?;
        let mut read = self.database.read(&call).await?;
        let stored = Delegation::load(read.connection(), call.district()?, &id).await?;
        let permit = call.permit(Facts::of(name))?;
        let caller = call.principal();
        let concerned =
            |of: &Delegation| sees_all(caller) || [&of.delegator, &of.deputy].contains(&&caller.subject);
        let stored = stored.filter(|stored| concerned(&stored.value));
        let stored = stored.ok_or_else(|| Failure::not_found(name))?;
        Ok(permit.answer(Delegation::show(&stored, today(self.database.clock().now()))))
    }

    async fn list_delegations(
        &self,
        request: Request<pb::ListDelegationsRequest>,
    ) -> Answer<pb::ListDelegationsResponse> {
        let call = Call::open(request)?;
        let ask = &call.message;
        let permit = call.permit(Facts::of(&ask.parent))?;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.active_only])?;
        let today = today(self.database.clock().now());
        let (caller, window) = (call.principal(), Window::of(&call, &page));
        let active_on = ask.active_only.then_some(today);
        let mut read = self.database.read(&call).await?;
        let rows = if sees_all(caller) {
            store::list(read.connection(), &window, active_on).await?
        } else {
            store::list_of(read.connection(), call.district()?, &caller.subject, &window, active_on).await?
        };
        let (delegations, next_page_token) = page_of(&page, rows, today);
        Ok(permit.answer(pb::ListDelegationsResponse { delegations, next_page_token }))
    }

    async fn end_delegation(&self, request: Request<pb::EndDelegationRequest>) -> Answer<pb::Delegation> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            // Whoever stands in for the delegator does their work, and does not settle who else does.
            if work.principal().on_behalf_of.is_some() && !work.principal().has(Role::FinanceHead) {
                return Err(Failure::denied(work.call.method().to_string()));
            }
            let reason = work.call.message.reason.clone();
            resource::transition::<_, Delegation>(
                work,
                "delegation.ended",
                reason.clone(),
                move |delegation, today| delegation.end(&reason, today),
            )
            .await
        });
        Ok(done.await?)
    }

    async fn resolve_delegation(
        &self,
        request: Request<pb::ResolveDelegationRequest>,
    ) -> Answer<pb::Delegation> {
        Ok(resource::get::<_, Delegation>(&self.database, request).await?)
    }
}
