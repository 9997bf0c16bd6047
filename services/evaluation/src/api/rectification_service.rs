//! RectificationService (问题整改): one line per call.

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::rectification_service_server::RectificationService;

use super::{Answer, Api, finding, rectification as demand};

#[tonic::async_trait]
impl RectificationService for Api {
    async fn get_finding(&self, request: Request<pb::GetFindingRequest>) -> Answer<pb::Finding> {
        finding::get(self, request).await
    }

    async fn list_findings(
        &self,
        request: Request<pb::ListFindingsRequest>,
    ) -> Answer<pb::ListFindingsResponse> {
        finding::list(self, request).await
    }

    async fn create_finding(&self, request: Request<pb::CreateFindingRequest>) -> Answer<pb::Finding> {
        self.write(request, finding::create).await
    }

    async fn update_finding(&self, request: Request<pb::UpdateFindingRequest>) -> Answer<pb::Finding> {
        self.write(request, finding::update).await
    }

    async fn dismiss_finding(&self, request: Request<pb::DismissFindingRequest>) -> Answer<pb::Finding> {
        self.write(request, finding::dismiss).await
    }

    async fn get_rectification(
        &self,
        request: Request<pb::GetRectificationRequest>,
    ) -> Answer<pb::Rectification> {
        demand::get(self, request).await
    }

    async fn list_rectifications(
        &self,
        request: Request<pb::ListRectificationsRequest>,
    ) -> Answer<pb::ListRectificationsResponse> {
        demand::list(self, request).await
    }

    async fn create_rectification(
        &self,
        request: Request<pb::CreateRectificationRequest>,
    ) -> Answer<pb::Rectification> {
        self.write(request, demand::create).await
    }

    async fn report_measures(
        &self,
        request: Request<pb::ReportMeasuresRequest>,
    ) -> Answer<pb::Rectification> {
        self.write(request, demand::report).await
    }

    async fn accept_rectification(
        &self,
        request: Request<pb::AcceptRectificationRequest>,
    ) -> Answer<pb::Rectification> {
        self.write(request, demand::accept).await
    }

    async fn reject_rectification(
        &self,
        request: Request<pb::RejectRectificationRequest>,
    ) -> Answer<pb::Rectification> {
        self.write(request, demand::reject).await
    }

    async fn mark_rectification_overdue(
        &self,
        request: Request<pb::MarkRectificationOverdueRequest>,
    ) -> Answer<pb::Rectification> {
        self.write(request, demand::mark_overdue).await
    }

    async fn get_rectification_statistics(
        &self,
        request: Request<pb::GetRectificationStatisticsRequest>,
    ) -> Answer<pb::RectificationStatistics> {
        demand::statistics(self, request).await
    }
}
