//! ReviewSessionService: one short function per call.

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::review_session_service_server::ReviewSessionService;
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::assignments::{self, Hiring};
use super::{form, review_actions, review_commands as commands, review_wire};
use crate::domain::session::{self, SessionState};
use crate::registry::Registry;
use crate::store::assignment::Which;
use crate::store::opinion::OpinionFilter;
use crate::store::session::Progress;
use crate::{names, store};

/// The service.
#[derive(Clone)]
pub struct ReviewSessionApi {
    database: Database,
    registry: Registry,
}

impl ReviewSessionApi {
    /// A service over a schema and the registry.
    pub fn new(database: Database, registry: Registry) -> Self {
        Self { database, registry }
    }

    async fn load(&self, district: DistrictCode, resource: &str) -> Result<Progress> {
        let [_, id] = name::segments(resource, names::SESSION)?;
        let mut read = self.database.read_district(district).await?;
        store::session::load(read.connection(), district, id)
            .await?
            .ok_or_else(|| Failure::not_found(resource))
    }

    /// The session above an assignment or opinion.
    async fn above(&self, district: DistrictCode, session: &str) -> Result<Progress> {
        self.load(district, &names::session(district, session)).await
    }

    /// Who is hired for a session, and what else that institution was ever hired for.
    async fn hiring(&self, district: DistrictCode, session: &str) -> Result<Hiring> {
        let session = self.load(district, session).await?.session;
        let rules = self.registry.conflict_rules(district, session.work_year.as_i32()).await?;
        let reviewing = self.registry.engagement(district, &session.engagement).await?.engagement;
        let others = if rules.enforced {
            self.registry.engagements_of(district, &session.institution).await?
        } else {
            Vec::new()
        };
        Ok(Hiring { reviewing, others, rules })
    }
}

#[tonic::async_trait]
impl ReviewSessionService for ReviewSessionApi {
    async fn get_review_session(
        &self,
        request: Request<wire::GetReviewSessionRequest>,
    ) -> Result<Response<wire::ReviewSession>, Status> {
        let call = Call::open(request)?;
        let progress = self.load(call.district()?, &call.message.name).await?;
        let permit = call.permit(commands::facts(&call.message.name, &progress.session))?;
        Ok(permit.answer(review_wire::session(call.district()?, &progress)))
    }

    async fn list_review_sessions(
        &self,
        request: Request<wire::ListReviewSessionsRequest>,
    ) -> Result<Response<wire::ListReviewSessionsResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let (district, ask, scope) = (call.district()?, &call.message, call.scope());
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.fiscal_year, &ask.state],
        )?;
        let state = form::member(ask.state().as_str_name(), "STATE_").map(SessionState::as_str);
        let mut read = self.database.read(&call).await?;
        let institution = scope.participant.as_deref();
        let rows =
            store::session::list(read.connection(), district, ask.fiscal_year, state, institution, &page)
                .await?;
        let (rows, next_page_token) = page.cut(rows, |row| vec![row.session.id.clone()]);
        let review_sessions = rows.iter().map(|row| review_wire::session(district, row)).collect();
        Ok(permit.answer(wire::ListReviewSessionsResponse { review_sessions, next_page_token }))
    }

    async fn create_review_session(
        &self,
        request: Request<wire::CreateReviewSessionRequest>,
    ) -> Result<Response<wire::ReviewSession>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let given = call.message.review_session.clone().unwrap_or_default();
        let engagement =
            names::referred(district, "review_session.engagement", &given.engagement, names::ENGAGEMENT)?;
        let hired = self.registry.engagement(district, &engagement).await?;
        let rules = self.registry.review_rules(district, given.fiscal_year).await?;
        Ok(self
            .database
            .write(call, move |work| commands::create(work, engagement, hired, (*rules).clone()))
            .await?)
    }

    async fn update_review_session(
        &self,
        request: Request<wire::UpdateReviewSessionRequest>,
    ) -> Result<Response<wire::ReviewSession>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::update).await?)
    }

    async fn assign_objectives(
        &self,
        request: Request<wire::AssignObjectivesRequest>,
    ) -> Result<Response<wire::AssignObjectivesResponse>, Status> {
        let call = Call::open(request)?;
        let hiring = self.hiring(call.district()?, &call.message.name).await?;
        Ok(self.database.write(call, |work| assignments::assign(work, hiring)).await?)
    }

    async fn draw_objectives(
        &self,
        request: Request<wire::DrawObjectivesRequest>,
    ) -> Result<Response<wire::AssignObjectivesResponse>, Status> {
        let call = Call::open(request)?;
        let hiring = self.hiring(call.district()?, &call.message.name).await?;
        Ok(self.database.write(call, |work| assignments::draw(work, hiring)).await?)
    }

    async fn get_review_assignment(
        &self,
        request: Request<wire::GetReviewAssignmentRequest>,
    ) -> Result<Response<wire::ReviewAssignment>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let (session, id) = review_wire::assignment_parts(&call.message.name)?;
        let progress = self.above(district, session).await?;
        let permit = call.permit(commands::facts(&call.message.name, &progress.session))?;
        let mut read = self.database.read(&call).await?;
        let found =
            store::assignment::list(read.connection(), district, session, Which::Ids(&[id.to_owned()]))
                .await?;
        let found = found.first().ok_or_else(|| Failure::not_found(&call.message.name))?;
        Ok(permit.answer(review_wire::assignment(district, &progress.session, found)))
    }

    async fn list_review_assignments(
        &self,
        request: Request<wire::ListReviewAssignmentsRequest>,
    ) -> Result<Response<wire::ListReviewAssignmentsResponse>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let [_, session] = name::segments(&ask.parent, names::SESSION).map_err(Failure::from)?;
        let progress = self.load(district, &ask.parent).await?;
        let permit = call.permit(commands::facts(&ask.parent, &progress.session))?;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.unit])?;
        let unit = (!ask.unit.is_empty()).then(|| names::last(&ask.unit));
        let mut read = self.database.read(&call).await?;
        let rows =
            store::assignment::list(read.connection(), district, session, Which::Page { page: &page, unit })
                .await?;
        let (rows, next_page_token) = page.cut(rows, |row| vec![row.id.clone()]);
        let assignments =
            rows.iter().map(|row| review_wire::assignment(district, &progress.session, row)).collect();
        Ok(permit.answer(wire::ListReviewAssignmentsResponse { assignments, next_page_token }))
    }

    async fn create_review_opinion(
        &self,
        request: Request<wire::CreateReviewOpinionRequest>,
    ) -> Result<Response<wire::ReviewOpinion>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::give_opinion).await?)
    }

    async fn get_review_opinion(
        &self,
        request: Request<wire::GetReviewOpinionRequest>,
    ) -> Result<Response<wire::ReviewOpinion>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let [_, session, assignment, id] =
            name::segments(&call.message.name, names::OPINION).map_err(Failure::from)?;
        let progress = self.above(district, session).await?;
        let permit = call.permit(commands::facts(&call.message.name, &progress.session))?;
        let filter = OpinionFilter { assignment: Some(assignment), id: Some(id), superseded: true };
        let mut read = self.database.read(&call).await?;
        let found = store::opinion::list(read.connection(), district, session, filter, None).await?;
        let found = found.first().ok_or_else(|| Failure::not_found(&call.message.name))?;
        Ok(permit.answer(review_wire::opinion(district, session, found)))
    }

    async fn list_review_opinions(
        &self,
        request: Request<wire::ListReviewOpinionsRequest>,
    ) -> Result<Response<wire::ListReviewOpinionsResponse>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let (session, assignment) = review_wire::assignment_parts(&ask.parent)?;
        let progress = self.above(district, session).await?;
        let permit = call.permit(commands::facts(&ask.parent, &progress.session))?;
        let page =
            Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.show_superseded])?;
        let assignment = (assignment != "-").then_some(assignment);
        let filter = OpinionFilter { assignment, id: None, superseded: ask.show_superseded };
        let mut read = self.database.read(&call).await?;
        let rows = store::opinion::list(read.connection(), district, session, filter, Some(&page)).await?;
        let (rows, next_page_token) =
            page.cut(rows, |row| vec![row.create_time.to_rfc3339(), row.id.clone()]);
        let review_opinions = rows.iter().map(|row| review_wire::opinion(district, session, row)).collect();
        Ok(permit.answer(wire::ListReviewOpinionsResponse { review_opinions, next_page_token }))
    }

    async fn summarize_review_session(
        &self,
        request: Request<wire::SummarizeReviewSessionRequest>,
    ) -> Result<Response<wire::ReviewSummary>, Status> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let Progress { session, .. } = self.load(district, &call.message.name).await?;
        let permit = call.permit(commands::facts(&call.message.name, &session))?;
        let mut read = self.database.read(&call).await?;
        let findings = store::session::findings(read.connection(), district, &session.id).await?;
        let summary = session::summarize(&findings, &session.rules);
        Ok(permit.answer(review_wire::summary(district, &session.id, &summary, &session.rules)))
    }

    async fn close_review_session(
        &self,
        request: Request<wire::CloseReviewSessionRequest>,
    ) -> Result<Response<wire::ReviewSession>, Status> {
        Ok(self.database.write(Call::open(request)?, commands::close).await?)
    }

    async fn list_review_actions(
        &self,
        request: Request<wire::ListReviewActionsRequest>,
    ) -> Result<Response<wire::ListReviewActionsResponse>, Status> {
        Ok(review_actions::list(&self.database, Call::open(request)?).await?)
    }
}
