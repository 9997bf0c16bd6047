//! MonitoringService: each call is one line here and one function in its aggregate's file.

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::monitoring::v1::monitoring_service_server::MonitoringService;
use wenxiao_platform::{Call, Database};

use super::{action, alert, deadline, forecast, measure, progress, report, round};

type Answer<T> = Result<Response<T>, Status>;

/// The service.
pub struct MonitoringApi {
    database: Database,
}

impl MonitoringApi {
    /// Over this service's schema.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl MonitoringService for MonitoringApi {
    async fn get_monitoring_round(
        &self,
        request: Request<wire::GetMonitoringRoundRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(Response::new(round::get(&self.database, Call::open(request)?).await?))
    }

    async fn list_monitoring_rounds(
        &self,
        request: Request<wire::ListMonitoringRoundsRequest>,
    ) -> Answer<wire::ListMonitoringRoundsResponse> {
        Ok(Response::new(round::list(&self.database, Call::open(request)?).await?))
    }

    async fn list_round_statistics(
        &self,
        request: Request<wire::ListRoundStatisticsRequest>,
    ) -> Answer<wire::ListRoundStatisticsResponse> {
        Ok(Response::new(round::statistics(&self.database, Call::open(request)?).await?))
    }

    async fn create_monitoring_round(
        &self,
        request: Request<wire::CreateMonitoringRoundRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(self.database.write(Call::open(request)?, round::create).await?)
    }

    async fn update_monitoring_round(
        &self,
        request: Request<wire::UpdateMonitoringRoundRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(self.database.write(Call::open(request)?, round::update).await?)
    }

    async fn open_monitoring_round(
        &self,
        request: Request<wire::OpenMonitoringRoundRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(self.database.write(Call::open(request)?, round::open).await?)
    }

    async fn close_monitoring_round(
        &self,
        request: Request<wire::CloseMonitoringRoundRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(self.database.write(Call::open(request)?, round::close).await?)
    }

    async fn assign_reviewers(
        &self,
        request: Request<wire::AssignReviewersRequest>,
    ) -> Answer<wire::MonitoringRound> {
        Ok(self.database.write(Call::open(request)?, round::assign).await?)
    }

    async fn get_monitoring_report(
        &self,
        request: Request<wire::GetMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(Response::new(report::get(&self.database, Call::open(request)?).await?))
    }

    async fn list_monitoring_reports(
        &self,
        request: Request<wire::ListMonitoringReportsRequest>,
    ) -> Answer<wire::ListMonitoringReportsResponse> {
        Ok(Response::new(report::list(&self.database, Call::open(request)?).await?))
    }

    async fn list_report_revisions(
        &self,
        request: Request<wire::ListReportRevisionsRequest>,
    ) -> Answer<wire::ListReportRevisionsResponse> {
        Ok(Response::new(report::list_revisions(&self.database, Call::open(request)?).await?))
    }

    async fn list_report_opinions(
        &self,
        request: Request<wire::ListReportOpinionsRequest>,
    ) -> Answer<wire::ListReportOpinionsResponse> {
        Ok(Response::new(report::list_opinions(&self.database, Call::open(request)?).await?))
    }

    async fn update_monitoring_report(
        &self,
        request: Request<wire::UpdateMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::update).await?)
    }

    async fn submit_monitoring_report(
        &self,
        request: Request<wire::SubmitMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::submit).await?)
    }

    async fn endorse_monitoring_report(
        &self,
        request: Request<wire::EndorseMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::endorse).await?)
    }

    async fn return_monitoring_report(
        &self,
        request: Request<wire::ReturnMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::send_back).await?)
    }

    async fn accept_monitoring_report(
        &self,
        request: Request<wire::AcceptMonitoringReportRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::accept).await?)
    }

    async fn conclude_rectification(
        &self,
        request: Request<wire::ConcludeRectificationRequest>,
    ) -> Answer<wire::MonitoringReport> {
        Ok(self.database.write(Call::open(request)?, report::conclude_rectification).await?)
    }

    async fn create_report_opinion(
        &self,
        request: Request<wire::CreateReportOpinionRequest>,
    ) -> Answer<wire::ReportOpinion> {
        Ok(self.database.write(Call::open(request)?, report::create_opinion).await?)
    }

    async fn get_alert(&self, request: Request<wire::GetAlertRequest>) -> Answer<wire::Alert> {
        Ok(Response::new(alert::get(&self.database, Call::open(request)?).await?))
    }

    async fn list_alerts(
        &self,
        request: Request<wire::ListAlertsRequest>,
    ) -> Answer<wire::ListAlertsResponse> {
        Ok(Response::new(alert::list(&self.database, Call::open(request)?).await?))
    }

    async fn acknowledge_alert(
        &self,
        request: Request<wire::AcknowledgeAlertRequest>,
    ) -> Answer<wire::Alert> {
        Ok(self.database.write(Call::open(request)?, alert::acknowledge).await?)
    }

    async fn answer_alert(&self, request: Request<wire::AnswerAlertRequest>) -> Answer<wire::Alert> {
        Ok(self.database.write(Call::open(request)?, alert::answer).await?)
    }

    async fn enforce_alert_deadlines(
        &self,
        request: Request<wire::EnforceAlertDeadlinesRequest>,
    ) -> Answer<wire::EnforceAlertDeadlinesResponse> {
        Ok(self.database.write(Call::open(request)?, deadline::enforce).await?)
    }

    async fn list_available_actions(
        &self,
        request: Request<wire::ListAvailableActionsRequest>,
    ) -> Answer<wire::ListAvailableActionsResponse> {
        Ok(Response::new(action::list(&self.database, Call::open(request)?).await?))
    }

    async fn close_alert(&self, request: Request<wire::CloseAlertRequest>) -> Answer<wire::Alert> {
        Ok(self.database.write(Call::open(request)?, alert::close).await?)
    }

    async fn get_measure(&self, request: Request<wire::GetMeasureRequest>) -> Answer<wire::Measure> {
        Ok(Response::new(measure::get(&self.database, Call::open(request)?).await?))
    }

    async fn list_measures(
        &self,
        request: Request<wire::ListMeasuresRequest>,
    ) -> Answer<wire::ListMeasuresResponse> {
        Ok(Response::new(measure::list(&self.database, Call::open(request)?).await?))
    }

    async fn list_evaluation_candidates(
        &self,
        request: Request<wire::ListEvaluationCandidatesRequest>,
    ) -> Answer<wire::ListEvaluationCandidatesResponse> {
        Ok(Response::new(measure::list_candidates(&self.database, Call::open(request)?).await?))
    }

    async fn create_measure(&self, request: Request<wire::CreateMeasureRequest>) -> Answer<wire::Measure> {
        Ok(self.database.write(Call::open(request)?, measure::create).await?)
    }

    async fn propose_measures(
        &self,
        request: Request<wire::ProposeMeasuresRequest>,
    ) -> Answer<wire::ProposeMeasuresResponse> {
        Ok(self.database.write(Call::open(request)?, measure::propose_by_rules).await?)
    }

    async fn decide_measure(&self, request: Request<wire::DecideMeasureRequest>) -> Answer<wire::Measure> {
        Ok(self.database.write(Call::open(request)?, measure::decide).await?)
    }

    async fn lift_measure(&self, request: Request<wire::LiftMeasureRequest>) -> Answer<wire::Measure> {
        Ok(self.database.write(Call::open(request)?, measure::lift).await?)
    }

    async fn list_department_progress(
        &self,
        request: Request<wire::ListDepartmentProgressRequest>,
    ) -> Answer<wire::ListDepartmentProgressResponse> {
        Ok(Response::new(progress::list_departments(&self.database, Call::open(request)?).await?))
    }

    async fn get_monitoring_statistics(
        &self,
        request: Request<wire::GetMonitoringStatisticsRequest>,
    ) -> Answer<wire::MonitoringStatistics> {
        Ok(Response::new(progress::statistics(&self.database, Call::open(request)?).await?))
    }

    async fn get_forecast(&self, request: Request<wire::GetForecastRequest>) -> Answer<wire::Forecast> {
        Ok(Response::new(forecast::get(&self.database, Call::open(request)?).await?))
    }

    async fn list_forecasts(
        &self,
        request: Request<wire::ListForecastsRequest>,
    ) -> Answer<wire::ListForecastsResponse> {
        Ok(Response::new(forecast::list(&self.database, Call::open(request)?).await?))
    }

    async fn get_monitoring_coverage(
        &self,
        request: Request<wire::GetMonitoringCoverageRequest>,
    ) -> Answer<wire::MonitoringCoverage> {
        Ok(Response::new(progress::coverage(&self.database, Call::open(request)?).await?))
    }
}
