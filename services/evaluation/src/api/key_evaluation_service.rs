//! KeyEvaluationService (重点绩效评价): one line per call.

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::key_evaluation_service_server::KeyEvaluationService;

use super::{Answer, Api, key_evaluation as evaluation, key_plan as plan};

#[tonic::async_trait]
impl KeyEvaluationService for Api {
    async fn get_key_evaluation_plan(
        &self,
        request: Request<pb::GetKeyEvaluationPlanRequest>,
    ) -> Answer<pb::KeyEvaluationPlan> {
        plan::get(self, request).await
    }

    async fn list_key_evaluation_plans(
        &self,
        request: Request<pb::ListKeyEvaluationPlansRequest>,
    ) -> Answer<pb::ListKeyEvaluationPlansResponse> {
        plan::list(self, request).await
    }

    async fn create_key_evaluation_plan(
        &self,
        request: Request<pb::CreateKeyEvaluationPlanRequest>,
    ) -> Answer<pb::KeyEvaluationPlan> {
        self.write(request, plan::create).await
    }

    async fn update_key_evaluation_plan(
        &self,
        request: Request<pb::UpdateKeyEvaluationPlanRequest>,
    ) -> Answer<pb::KeyEvaluationPlan> {
        self.write(request, plan::update).await
    }

    async fn approve_key_evaluation_plan(
        &self,
        request: Request<pb::ApproveKeyEvaluationPlanRequest>,
    ) -> Answer<pb::KeyEvaluationPlan> {
        self.write(request, plan::approve).await
    }

    async fn reconcile_key_evaluation_plan(
        &self,
        request: Request<pb::ReconcileKeyEvaluationPlanRequest>,
    ) -> Answer<pb::ReconcileKeyEvaluationPlanResponse> {
        plan::reconcile(self, request).await
    }

    async fn get_key_evaluation(
        &self,
        request: Request<pb::GetKeyEvaluationRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        evaluation::get(self, request).await
    }

    async fn list_key_evaluations(
        &self,
        request: Request<pb::ListKeyEvaluationsRequest>,
    ) -> Answer<pb::ListKeyEvaluationsResponse> {
        evaluation::list(self, request).await
    }

    async fn create_key_evaluation(
        &self,
        request: Request<pb::CreateKeyEvaluationRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::create).await
    }

    async fn update_key_evaluation(
        &self,
        request: Request<pb::UpdateKeyEvaluationRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::update).await
    }

    async fn check_panel_conflicts(
        &self,
        request: Request<pb::CheckPanelConflictsRequest>,
    ) -> Answer<pb::CheckPanelConflictsResponse> {
        evaluation::check_panel(self, request).await
    }

    async fn appoint_panel(&self, request: Request<pb::AppointPanelRequest>) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::appoint).await
    }

    async fn set_framework(&self, request: Request<pb::SetFrameworkRequest>) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::set_framework).await
    }

    async fn score_indicators(
        &self,
        request: Request<pb::ScoreIndicatorsRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::score).await
    }

    async fn give_panel_opinion(
        &self,
        request: Request<pb::GivePanelOpinionRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::give_opinion).await
    }

    async fn send_draft(&self, request: Request<pb::SendDraftRequest>) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::send_draft).await
    }

    async fn answer_draft(&self, request: Request<pb::AnswerDraftRequest>) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::answer_draft).await
    }

    async fn submit_key_evaluation_report(
        &self,
        request: Request<pb::SubmitKeyEvaluationReportRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::submit_report).await
    }

    async fn fix_key_evaluation(
        &self,
        request: Request<pb::FixKeyEvaluationRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::fix).await
    }

    async fn cancel_key_evaluation(
        &self,
        request: Request<pb::CancelKeyEvaluationRequest>,
    ) -> Answer<pb::KeyEvaluation> {
        self.write(request, evaluation::cancel).await
    }

    async fn get_key_evaluation_statistics(
        &self,
        request: Request<pb::GetKeyEvaluationStatisticsRequest>,
    ) -> Answer<pb::KeyEvaluationStatistics> {
        evaluation::statistics(self, request).await
    }
}
