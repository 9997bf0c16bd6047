//! SelfEvaluationService (单位自评): one line per call.

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::self_evaluation_service_server::SelfEvaluationService;

use super::{Answer, Api, self_evaluation as form, task};

#[tonic::async_trait]
impl SelfEvaluationService for Api {
    async fn get_self_evaluation_task(
        &self,
        request: Request<pb::GetSelfEvaluationTaskRequest>,
    ) -> Answer<pb::SelfEvaluationTask> {
        task::get(self, request).await
    }

    async fn list_self_evaluation_tasks(
        &self,
        request: Request<pb::ListSelfEvaluationTasksRequest>,
    ) -> Answer<pb::ListSelfEvaluationTasksResponse> {
        task::list(self, request).await
    }

    async fn create_self_evaluation_task(
        &self,
        request: Request<pb::CreateSelfEvaluationTaskRequest>,
    ) -> Answer<pb::SelfEvaluationTask> {
        self.write(request, task::create).await
    }

    async fn update_self_evaluation_task(
        &self,
        request: Request<pb::UpdateSelfEvaluationTaskRequest>,
    ) -> Answer<pb::SelfEvaluationTask> {
        self.write(request, task::update).await
    }

    async fn close_self_evaluation_task(
        &self,
        request: Request<pb::CloseSelfEvaluationTaskRequest>,
    ) -> Answer<pb::SelfEvaluationTask> {
        self.write(request, task::close).await
    }

    async fn get_self_evaluation(
        &self,
        request: Request<pb::GetSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        form::get(self, request).await
    }

    async fn list_self_evaluations(
        &self,
        request: Request<pb::ListSelfEvaluationsRequest>,
    ) -> Answer<pb::ListSelfEvaluationsResponse> {
        form::list(self, request).await
    }

    async fn list_self_evaluation_versions(
        &self,
        request: Request<pb::ListSelfEvaluationVersionsRequest>,
    ) -> Answer<pb::ListSelfEvaluationVersionsResponse> {
        form::versions(self, request).await
    }

    async fn create_self_evaluation(
        &self,
        request: Request<pb::CreateSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::create).await
    }

    async fn update_self_evaluation(
        &self,
        request: Request<pb::UpdateSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::update).await
    }

    async fn refresh_self_evaluation(
        &self,
        request: Request<pb::RefreshSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::refresh).await
    }

    async fn submit_self_evaluation(
        &self,
        request: Request<pb::SubmitSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::submit).await
    }

    async fn review_self_evaluation(
        &self,
        request: Request<pb::ReviewSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::review).await
    }

    async fn confirm_self_evaluation(
        &self,
        request: Request<pb::ConfirmSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::confirm).await
    }

    async fn return_self_evaluation(
        &self,
        request: Request<pb::ReturnSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::send_back).await
    }

    async fn recheck_self_evaluation(
        &self,
        request: Request<pb::RecheckSelfEvaluationRequest>,
    ) -> Answer<pb::SelfEvaluation> {
        self.write(request, form::recheck).await
    }

    async fn score_self_evaluation(
        &self,
        request: Request<pb::ScoreSelfEvaluationRequest>,
    ) -> Answer<pb::ScoreSheet> {
        form::score(self, request).await
    }

    async fn verify_self_evaluation_score(
        &self,
        request: Request<pb::VerifySelfEvaluationScoreRequest>,
    ) -> Answer<pb::ScoreSheet> {
        form::verify(self, request).await
    }

    async fn get_self_evaluation_statistics(
        &self,
        request: Request<pb::GetSelfEvaluationStatisticsRequest>,
    ) -> Answer<pb::SelfEvaluationStatistics> {
        form::statistics(self, request).await
    }
}
