//! What the caller may do with an object, and why not: the same policies and the same rules that decide the call.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::names::{ALERT, MEASURE, ROUND, id_of, report_of};
use crate::domain::action::{AlertAction, MeasureAction, ReportAction, RoundAction};
use crate::domain::refusal::Refusal;
use crate::store;

type Ask = Call<wire::ListAvailableActionsRequest>;

pub(super) async fn list(database: &Database, call: Ask) -> Result<wire::ListAvailableActionsResponse> {
    let name = &call.message.name;
    let actions = if report_of(name).is_ok() {
        of_report(database, &call).await?
    } else if id_of(name, ROUND).is_ok() {
        of_round(database, &call).await?
    } else if id_of(name, ALERT).is_ok() {
        of_alert(database, &call).await?
    } else {
        of_measure(database, &call).await?
    };
    Ok(wire::ListAvailableActionsResponse { actions })
}

/// One action: the caller's office first, then the state, as in the call itself.
fn action(
    call: &Ask,
    facts: &Facts,
    action: &str,
    rpc: &str,
    state: Result<(), Refusal>,
) -> wire::AvailableAction {
    let allowed = call.permit_for(rpc, facts.clone()).and_then(|_| state.map_err(Failure::from));
    let refusal = allowed.err();
    let reason = refusal.as_ref().map_or("", |failure| failure.reason().as_str_name());
    wire::AvailableAction {
        action: action.to_owned(),
        allowed: refusal.is_none(),
        refusal_reason: reason.trim_start_matches("ERROR_REASON_").to_owned(),
        refusal_text: refusal.as_ref().map_or_else(String::new, |failure| failure.chinese().to_owned()),
    }
}

async fn of_round(database: &Database, call: &Ask) -> Result<Vec<wire::AvailableAction>> {
    let name = &call.message.name;
    let mut read = database.read(call).await?;
    let round = store::round::load(read.connection(), call.district()?, &id_of(name, ROUND)?).await?;
    let round = round.ok_or_else(|| Failure::not_found(name))?;
    let facts = Facts::of(name);
    call.permit(facts.clone())?;
    let rpc = |action| match action {
        RoundAction::Update => "UpdateMonitoringRound",
        RoundAction::Open => "OpenMonitoringRound",
        RoundAction::Close => "CloseMonitoringRound",
        RoundAction::AssignReviewers => "AssignReviewers",
        RoundAction::ProposeMeasures => "ProposeMeasures",
    };
    let all = RoundAction::ALL.iter();
    Ok(all.map(|one| action(call, &facts, one.as_str(), rpc(*one), round.may(*one))).collect())
}

async fn of_report(database: &Database, call: &Ask) -> Result<Vec<wire::AvailableAction>> {
    let name = &call.message.name;
    let (round, id) = report_of(name)?;
    let mut read = database.read(call).await?;
    let found = store::report::load_with_round(read.connection(), call.district()?, &round, &id).await?;
    let (round, report) = found.ok_or_else(|| Failure::not_found(name))?;
    let facts = super::report::facts(name, &report, call.principal());
    call.permit(facts.clone())?;
    let rpc = |action| match action {
        ReportAction::Update => "UpdateMonitoringReport",
        ReportAction::Submit => "SubmitMonitoringReport",
        ReportAction::Endorse => "EndorseMonitoringReport",
        ReportAction::Return => "ReturnMonitoringReport",
        ReportAction::Accept => "AcceptMonitoringReport",
        ReportAction::ConcludeRectification => "ConcludeRectification",
        ReportAction::CreateOpinion => "CreateReportOpinion",
    };
    let all = ReportAction::ALL.iter();
    Ok(all.map(|one| action(call, &facts, one.as_str(), rpc(*one), report.may(*one, &round))).collect())
}

async fn of_alert(database: &Database, call: &Ask) -> Result<Vec<wire::AvailableAction>> {
    let name = &call.message.name;
    let mut read = database.read(call).await?;
    let alert = store::alert::load(read.connection(), call.district()?, &id_of(name, ALERT)?).await?;
    let alert = alert.ok_or_else(|| Failure::not_found(name))?;
    let facts = Facts::of(name).unit(&alert.agency_code);
    call.permit(facts.clone())?;
    let rpc = |action| match action {
        AlertAction::Acknowledge => "AcknowledgeAlert",
        AlertAction::Answer => "AnswerAlert",
        AlertAction::Close => "CloseAlert",
    };
    let all = AlertAction::ALL.iter();
    Ok(all.map(|one| action(call, &facts, one.as_str(), rpc(*one), alert.may(*one))).collect())
}

async fn of_measure(database: &Database, call: &Ask) -> Result<Vec<wire::AvailableAction>> {
    let name = &call.message.name;
    let mut read = database.read(call).await?;
    let measure = store::measure::load(read.connection(), call.district()?, &id_of(name, MEASURE)?).await?;
    let measure = measure.ok_or_else(|| Failure::not_found(name))?;
    let facts = Facts::of(name).unit(&measure.agency_code).author(&measure.proposer);
    call.permit(facts.clone())?;
    let rpc = |action| match action {
        MeasureAction::Decide => "DecideMeasure",
        MeasureAction::Lift => "LiftMeasure",
    };
    let all = MeasureAction::ALL.iter();
    Ok(all.map(|one| action(call, &facts, one.as_str(), rpc(*one), measure.may(*one))).collect())
}
