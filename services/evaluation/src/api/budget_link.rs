//! BudgetLinkService (结果应用): one line per call.

use tonic::Request;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::budget_link_service_server::BudgetLinkService;

use super::{
    Answer, Api, budget_decision as decision, budget_hint as hint, candidate, sunset_review as review,
};

#[tonic::async_trait]
impl BudgetLinkService for Api {
    async fn get_evaluation_candidate(
        &self,
        request: Request<pb::GetEvaluationCandidateRequest>,
    ) -> Answer<pb::EvaluationCandidate> {
        candidate::get(self, request).await
    }

    async fn list_evaluation_candidates(
        &self,
        request: Request<pb::ListEvaluationCandidatesRequest>,
    ) -> Answer<pb::ListEvaluationCandidatesResponse> {
        candidate::list(self, request).await
    }

    async fn create_evaluation_candidate(
        &self,
        request: Request<pb::CreateEvaluationCandidateRequest>,
    ) -> Answer<pb::EvaluationCandidate> {
        self.write(request, candidate::create).await
    }

    async fn drop_evaluation_candidate(
        &self,
        request: Request<pb::DropEvaluationCandidateRequest>,
    ) -> Answer<pb::EvaluationCandidate> {
        self.write(request, candidate::drop_from_list).await
    }

    async fn get_budget_hint(&self, request: Request<pb::GetBudgetHintRequest>) -> Answer<pb::BudgetHint> {
        hint::get(self, request).await
    }

    async fn list_budget_hints(
        &self,
        request: Request<pb::ListBudgetHintsRequest>,
    ) -> Answer<pb::ListBudgetHintsResponse> {
        hint::list(self, request).await
    }

    async fn generate_budget_hints(
        &self,
        request: Request<pb::GenerateBudgetHintsRequest>,
    ) -> Answer<pb::GenerateBudgetHintsResponse> {
        self.write(request, hint::generate).await
    }

    async fn get_budget_decision(
        &self,
        request: Request<pb::GetBudgetDecisionRequest>,
    ) -> Answer<pb::BudgetDecision> {
        decision::get(self, request).await
    }

    async fn list_budget_decisions(
        &self,
        request: Request<pb::ListBudgetDecisionsRequest>,
    ) -> Answer<pb::ListBudgetDecisionsResponse> {
        decision::list(self, request).await
    }

    async fn create_budget_decision(
        &self,
        request: Request<pb::CreateBudgetDecisionRequest>,
    ) -> Answer<pb::BudgetDecision> {
        self.write(request, decision::create).await
    }

    async fn update_budget_decision(
        &self,
        request: Request<pb::UpdateBudgetDecisionRequest>,
    ) -> Answer<pb::BudgetDecision> {
        self.write(request, decision::update).await
    }

    async fn recommend_budget(
        &self,
        request: Request<pb::RecommendBudgetRequest>,
    ) -> Answer<pb::BudgetDecision> {
        self.write(request, decision::recommend).await
    }

    async fn arrange_budget(&self, request: Request<pb::ArrangeBudgetRequest>) -> Answer<pb::BudgetDecision> {
        self.write(request, decision::arrange).await
    }

    async fn get_sunset_review(
        &self,
        request: Request<pb::GetSunsetReviewRequest>,
    ) -> Answer<pb::SunsetReview> {
        review::get(self, request).await
    }

    async fn list_sunset_reviews(
        &self,
        request: Request<pb::ListSunsetReviewsRequest>,
    ) -> Answer<pb::ListSunsetReviewsResponse> {
        review::list(self, request).await
    }

    async fn create_sunset_review(
        &self,
        request: Request<pb::CreateSunsetReviewRequest>,
    ) -> Answer<pb::SunsetReview> {
        self.write(request, review::create).await
    }

    async fn open_due_sunset_reviews(
        &self,
        request: Request<pb::OpenDueSunsetReviewsRequest>,
    ) -> Answer<pb::OpenDueSunsetReviewsResponse> {
        self.write(request, review::open_due).await
    }

    async fn evaluate_sunset_review(
        &self,
        request: Request<pb::EvaluateSunsetReviewRequest>,
    ) -> Answer<pb::SunsetReview> {
        self.write(request, review::evaluate).await
    }

    async fn decide_sunset_review(
        &self,
        request: Request<pb::DecideSunsetReviewRequest>,
    ) -> Answer<pb::SunsetReview> {
        self.write(request, review::decide).await
    }

    async fn get_budget_link_statistics(
        &self,
        request: Request<pb::GetBudgetLinkStatisticsRequest>,
    ) -> Answer<pb::BudgetLinkStatistics> {
        decision::statistics(self, request).await
    }
}
