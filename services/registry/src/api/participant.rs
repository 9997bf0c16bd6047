//! ParticipantService (参与主体).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::participant_service_server::ParticipantService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database};

use super::conflict;
use super::resource::{self, Around, Reading, Resource, id_of, page_of, today};
use super::wire::{self, Reader, word};
use crate::domain::engagement::Engagement;
use crate::domain::participant::{Expert, Institution, Representative};
use crate::store::engagement::EngagementFilter;
use crate::store::participant as store;
use crate::store::{self as all, Window};

type Answer<T> = Result<Response<T>, Status>;

/// Answers ParticipantService.
pub struct ParticipantApi {
    database: Database,
}

impl ParticipantApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl ParticipantService for ParticipantApi {
    async fn create_institution(
        &self,
        request: Request<pb::CreateInstitutionRequest>,
    ) -> Answer<pb::Institution> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Institution>(work, ask.institution, ask.institution_id)
        });
        Ok(done.await?)
    }

    async fn get_institution(&self, request: Request<pb::GetInstitutionRequest>) -> Answer<pb::Institution> {
        Ok(resource::get::<_, Institution>(&self.database, request).await?)
    }

    async fn list_institutions(
        &self,
        request: Request<pb::ListInstitutionsRequest>,
    ) -> Answer<pb::ListInstitutionsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page =
            Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.kind, &ask.state])?;
        let (kind, state) =
            (word(ask.kind().as_str_name(), "KIND_"), word(ask.state().as_str_name(), "STATE_"));
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            store::list_institutions(read.connection(), &Window::of(&call, &page), kind, state).await?;
        let (institutions, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListInstitutionsResponse { institutions, next_page_token }))
    }

    async fn update_institution(
        &self,
        request: Request<pb::UpdateInstitutionRequest>,
    ) -> Answer<pb::Institution> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Institution>(work, ask.institution, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn create_expert(&self, request: Request<pb::CreateExpertRequest>) -> Answer<pb::Expert> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Expert>(work, ask.expert, ask.expert_id)
        });
        Ok(done.await?)
    }

    async fn get_expert(&self, request: Request<pb::GetExpertRequest>) -> Answer<pb::Expert> {
        Ok(resource::get::<_, Expert>(&self.database, request).await?)
    }

    async fn list_experts(
        &self,
        request: Request<pb::ListExpertsRequest>,
    ) -> Answer<pb::ListExpertsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.specialty, &ask.state],
        )?;
        let state = word(ask.state().as_str_name(), "STATE_");
        let specialty = Some(ask.specialty.as_str()).filter(|field| !field.is_empty());
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            store::list_experts(read.connection(), &Window::of(&call, &page), specialty, state).await?;
        let (experts, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListExpertsResponse { experts, next_page_token }))
    }

    async fn update_expert(&self, request: Request<pb::UpdateExpertRequest>) -> Answer<pb::Expert> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Expert>(work, ask.expert, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn create_representative(
        &self,
        request: Request<pb::CreateRepresentativeRequest>,
    ) -> Answer<pb::Representative> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Representative>(work, ask.representative, ask.representative_id)
        });
        Ok(done.await?)
    }

    async fn get_representative(
        &self,
        request: Request<pb::GetRepresentativeRequest>,
    ) -> Answer<pb::Representative> {
        Ok(resource::get::<_, Representative>(&self.database, request).await?)
    }

    async fn list_representatives(
        &self,
        request: Request<pb::ListRepresentativesRequest>,
    ) -> Answer<pb::ListRepresentativesResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let kind = word(ask.kind().as_str_name(), "KIND_");
        let mut fields = Fields::default();
        let day = fields.optional_date("effective_date", ask.effective_date.as_ref());
        fields.check()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.kind, &format!("{day:?}")],
        )?;
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            store::list_representatives(read.connection(), &Window::of(&call, &page), kind, day).await?;
        let (representatives, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListRepresentativesResponse { representatives, next_page_token }))
    }

    async fn update_representative(
        &self,
        request: Request<pb::UpdateRepresentativeRequest>,
    ) -> Answer<pb::Representative> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Representative>(work, ask.representative, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn create_engagement(
        &self,
        request: Request<pb::CreateEngagementRequest>,
    ) -> Answer<pb::Engagement> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Engagement>(work, ask.engagement, ask.engagement_id)
        });
        Ok(done.await?)
    }

    async fn get_engagement(&self, request: Request<pb::GetEngagementRequest>) -> Answer<pb::Engagement> {
        Ok(resource::get::<_, Engagement>(&self.database, request).await?)
    }

    async fn list_engagements(
        &self,
        request: Request<pb::ListEngagementsRequest>,
    ) -> Answer<pb::ListEngagementsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[
                call.method(),
                &ask.parent,
                &ask.kind,
                &ask.participant,
                &ask.object,
                &ask.work_year,
                &ask.state,
            ],
        )?;
        let today = today(self.database.clock().now());
        let scope = call.scope();
        // Behind the district a name says the same whichever district it is in, which is what the rows hold.
        let relative = |name: &str| name.splitn(3, '/').nth(2).map(str::to_owned);
        let filter = EngagementFilter {
            kind: word(ask.kind().as_str_name(), "ENGAGEMENT_KIND_"),
            participant: relative(&ask.participant),
            object: relative(&ask.object),
            work_year: (ask.work_year != 0).then_some(ask.work_year),
            state: word(ask.state().as_str_name(), "STATE_"),
            today,
            principal_prefix: scope.unit_prefix,
            participant_id: scope.participant,
        };
        let mut read = Reading::open(&self.database, &call).await?;
        let window = Window::of(&call, &page);
        let rows = all::engagement::list_engagements(read.connection(), &window, &filter).await?;
        let (engagements, next_page_token) = page_of(&page, rows, today);
        Ok(permit.answer(pb::ListEngagementsResponse { engagements, next_page_token }))
    }

    async fn update_engagement(
        &self,
        request: Request<pb::UpdateEngagementRequest>,
    ) -> Answer<pb::Engagement> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Engagement>(work, ask.engagement, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn end_engagement(&self, request: Request<pb::EndEngagementRequest>) -> Answer<pb::Engagement> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let ask = work.call.message.clone();
            let mut reader = Reader::new(work.district);
            let end_date = reader.fields.optional_date("end_date", ask.end_date.as_ref());
            let end_date = reader.done(end_date)?;
            let event = if ask.cancelled { "engagement.cancelled" } else { "engagement.ended" };
            let reason = ask.reason.clone();
            resource::transition::<_, Engagement>(work, event, ask.reason, move |engagement, today| {
                engagement.end(ask.cancelled, end_date.unwrap_or(today), &reason)
            })
            .await
        });
        Ok(done.await?)
    }

    async fn check_conflict(
        &self,
        request: Request<pb::CheckConflictRequest>,
    ) -> Answer<pb::CheckConflictResponse> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let wire = call.message.engagement.clone().unwrap_or_default();
        let id = if wire.name.is_empty() { String::new() } else { id_of::<Engagement>(&wire.name)? };
        let engagement = wire::engagement_of(&wire, id, Reader::new(district), None)?;
        let permit = call.permit(engagement.facts(Facts::of(&call.message.parent)))?;
        engagement.check().map_err(wenxiao_platform::Failure::from)?;
        let mut read = self.database.read(&call).await?;
        let today = today(self.database.clock().now());
        let around = Around { connection: read.connection(), district, today };
        let verdict = conflict::check(&engagement, around).await?;
        let conflict_verdict = Some(wire::verdict(district, &verdict));
        Ok(permit.answer(pb::CheckConflictResponse { conflict_verdict }))
    }
}
