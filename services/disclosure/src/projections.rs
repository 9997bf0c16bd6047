//! What disclosure keeps of the other services' events (投影): as much as the summary's figures and the published documents
//! need.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::evaluation::v1::{
    BudgetDecision, ExAnteEvaluation, Finding, KeyEvaluation, SelfEvaluation, SunsetReview,
};
use wenxiao_contract::wenxiao::monitoring::v1::{MonitoringReport, MonitoringRound, PaymentsIngested};
use wenxiao_contract::wenxiao::registry::v1::{
    BudgetEntry, District, Policy, Project, TrainingSession, Unit, WorkPlan,
};
use wenxiao_contract::wenxiao::targets::v1::{Objective, ReviewSession};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::projection::{Projection, resource};

use crate::store::projections::{evaluation, monitoring, registry, targets};

/// Feeds that are followed.
pub const FEEDS: [&str; 4] = ["registry", "targets", "monitoring", "evaluation"];

/// What is kept of the registry's feed.
pub struct Registry;

#[tonic::async_trait]
impl Projection for Registry {
    fn feed(&self) -> &'static str {
        "registry"
    }

    async fn apply(&self, connection: &mut PgConnection, code: DistrictCode, event: &Event) -> Result<()> {
        let district = code.as_i32();
        if let Some(kept) = resource::<District>(event)? {
            registry::keep_district(connection, district, &kept).await
        } else if let Some(kept) = resource::<Unit>(event)? {
            registry::keep_unit(connection, district, &kept).await
        } else if let Some(kept) = resource::<Project>(event)? {
            registry::keep_project(connection, district, &kept).await
        } else if let Some(kept) = resource::<BudgetEntry>(event)? {
            registry::keep_budget_entry(connection, district, &kept).await
        } else if let Some(kept) = resource::<Policy>(event)? {
            registry::keep_policy(connection, district, &kept).await
        } else if let Some(kept) = resource::<WorkPlan>(event)? {
            registry::keep_plan(connection, district, &kept).await
        } else if let Some(kept) = resource::<TrainingSession>(event)? {
            registry::keep_training(connection, district, &kept).await
        } else {
            Ok(())
        }
    }
}

/// What is kept of the targets service's feed.
pub struct Targets;

#[tonic::async_trait]
impl Projection for Targets {
    fn feed(&self) -> &'static str {
        "targets"
    }

    async fn apply(&self, connection: &mut PgConnection, code: DistrictCode, event: &Event) -> Result<()> {
        let district = code.as_i32();
        if let Some(kept) = resource::<Objective>(event)? {
            targets::keep_objective(connection, district, &kept).await
        } else if let Some(kept) = resource::<ReviewSession>(event)? {
            targets::keep_review_session(connection, district, &kept).await
        } else {
            Ok(())
        }
    }
}

/// What is kept of the monitoring service's feed.
pub struct Monitoring;

#[tonic::async_trait]
impl Projection for Monitoring {
    fn feed(&self) -> &'static str {
        "monitoring"
    }

    async fn apply(&self, connection: &mut PgConnection, code: DistrictCode, event: &Event) -> Result<()> {
        let district = code.as_i32();
        if let Some(kept) = resource::<MonitoringRound>(event)? {
            monitoring::keep_round(connection, district, &kept).await
        } else if let Some(kept) = resource::<MonitoringReport>(event)? {
            monitoring::keep_report(connection, district, &kept).await
        } else if let Some(payments) = resource::<PaymentsIngested>(event)? {
            monitoring::add_to_outturns(connection, district, &payments.increments).await
        } else {
            Ok(())
        }
    }
}

/// What is kept of the evaluation service's feed.
pub struct Evaluation;

#[tonic::async_trait]
impl Projection for Evaluation {
    fn feed(&self) -> &'static str {
        "evaluation"
    }

    async fn apply(&self, connection: &mut PgConnection, code: DistrictCode, event: &Event) -> Result<()> {
        let district = code.as_i32();
        if let Some(kept) = resource::<ExAnteEvaluation>(event)? {
            evaluation::keep_ex_ante(connection, district, &kept).await
        } else if let Some(kept) = resource::<SelfEvaluation>(event)? {
            evaluation::keep_self_evaluation(connection, district, &kept).await
        } else if let Some(kept) = resource::<KeyEvaluation>(event)? {
            evaluation::keep_key_evaluation(connection, district, &kept).await
        } else if let Some(kept) = resource::<Finding>(event)? {
            evaluation::keep_finding(connection, district, &kept).await
        } else if let Some(kept) = resource::<BudgetDecision>(event)? {
            evaluation::keep_budget_decision(connection, district, &kept).await
        } else if let Some(kept) = resource::<SunsetReview>(event)? {
            evaluation::keep_sunset_review(connection, district, &kept).await
        } else {
            Ok(())
        }
    }
}
