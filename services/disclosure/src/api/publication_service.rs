//! PublicationService: one line per call.

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::disclosure::v1::publication_service_server::PublicationService;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_platform::Call;

use super::{DisclosureApi, calendar, decision, publication};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl PublicationService for DisclosureApi {
    async fn get_disclosure_decision(
        &self,
        ask: Request<GetDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        Ok(decision::get(&self.database, Call::open(ask)?).await?)
    }

    async fn list_disclosure_decisions(
        &self,
        ask: Request<ListDisclosureDecisionsRequest>,
    ) -> Answer<ListDisclosureDecisionsResponse> {
        Ok(decision::list(&self.database, Call::open(ask)?).await?)
    }

    async fn create_disclosure_decision(
        &self,
        ask: Request<CreateDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| decision::create(work, rules)).await?)
    }

    async fn update_disclosure_decision(
        &self,
        ask: Request<UpdateDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        Ok(self.database.write(Call::open(ask)?, decision::update).await?)
    }

    async fn submit_disclosure_decision(
        &self,
        ask: Request<SubmitDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        Ok(self.database.write(Call::open(ask)?, decision::submit).await?)
    }

    async fn approve_disclosure_decision(
        &self,
        ask: Request<ApproveDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| decision::approve(work, rules)).await?)
    }

    async fn return_disclosure_decision(
        &self,
        ask: Request<ReturnDisclosureDecisionRequest>,
    ) -> Answer<DisclosureDecision> {
        Ok(self.database.write(Call::open(ask)?, decision::send_back).await?)
    }

    async fn get_publication(&self, ask: Request<GetPublicationRequest>) -> Answer<Publication> {
        Ok(publication::get(&self.database, Call::open(ask)?, &self.rules).await?)
    }

    async fn list_publications(
        &self,
        ask: Request<ListPublicationsRequest>,
    ) -> Answer<ListPublicationsResponse> {
        Ok(publication::list(&self.database, Call::open(ask)?, &self.rules).await?)
    }

    async fn create_publication(&self, ask: Request<CreatePublicationRequest>) -> Answer<Publication> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| publication::create(work, rules)).await?)
    }

    async fn update_publication(&self, ask: Request<UpdatePublicationRequest>) -> Answer<Publication> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| publication::update(work, rules)).await?)
    }

    async fn publish_publication(&self, ask: Request<PublishPublicationRequest>) -> Answer<Publication> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| publication::publish(work, rules)).await?)
    }

    async fn withdraw_publication(&self, ask: Request<WithdrawPublicationRequest>) -> Answer<Publication> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| publication::withdraw(work, rules)).await?)
    }

    async fn record_delivery(&self, ask: Request<RecordDeliveryRequest>) -> Answer<Publication> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| publication::record_delivery(work, rules)).await?)
    }

    async fn get_published_document(
        &self,
        ask: Request<GetPublishedDocumentRequest>,
    ) -> Answer<PublishedDocument> {
        Ok(publication::get_document(&self.database, Call::open(ask)?).await?)
    }

    async fn list_published_documents(
        &self,
        ask: Request<ListPublishedDocumentsRequest>,
    ) -> Answer<ListPublishedDocumentsResponse> {
        Ok(publication::list_documents(&self.database, Call::open(ask)?).await?)
    }

    async fn get_work_calendar(&self, ask: Request<GetWorkCalendarRequest>) -> Answer<WorkCalendar> {
        Ok(calendar::get(&self.database, Call::open(ask)?).await?)
    }

    async fn update_work_calendar(&self, ask: Request<UpdateWorkCalendarRequest>) -> Answer<WorkCalendar> {
        Ok(self.database.write(Call::open(ask)?, calendar::update).await?)
    }
}
