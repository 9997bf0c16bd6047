//! A round from its opening to its end: forms, lights, review, return, opinions, alerts.

mod support;

use prost_types::FieldMask;
use support::{DISTRICT, World, date, decimal, filled, institution, payment, yuan};
use tonic::Code;
use tonic_types::StatusExt;
use wenxiao_contract::wenxiao::common::v1::BudgetAccount;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::registry::v1::{BudgetEntryKind, FundingSource};
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{caller, unit_caller};

fn report(project: &str) -> String {
    format!("{DISTRICT}/monitoringRounds/2020-07/reports/{project}")
}

fn reason(status: &tonic::Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The fields that a refusal names, in its order.
fn fields(status: &tonic::Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    bad.into_iter().map(|violation| violation.field).collect()
}

async fn get(world: &World, project: &str, who: Principal) -> Result<wire::MonitoringReport, tonic::Status> {
    let request = wire::GetMonitoringReportRequest { name: report(project) };
    Ok(world.monitoring(who).get_monitoring_report(request).await?.into_inner())
}

#[tokio::test]
async fn opening_a_round_makes_a_prefilled_form_for_every_ratified_objective() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 420_000), payment("b", "p1", 8, 1)]).await;
    let round = world.open_round().await;
    assert_eq!((round.state(), round.report_count), (wire::monitoring_round::State::Open, 3));
    assert_eq!(round.rule_set, format!("{DISTRICT}/ruleSets/national-2020"));

    let form = get(&world, "p1", caller(Role::FinancePerformanceOfficer)).await.unwrap();
    assert_eq!(form.execution_rate, Some(decimal("0.3500")), "August is not in the stage");
    assert_eq!(form.execution_light(), wire::Light::Yellow, "35 % at the end of July is exactly 60");
    assert_eq!(form.schedule, Some(decimal("0.5833")));
    assert_eq!(form.objective, format!("{DISTRICT}/objectives/p1-2020"));
    assert_eq!(form.indicators[0].target_text, "≥100个");
    assert_eq!(form.fundings[0].adjusted_amount, Some(yuan(1_200_000)));

    let again = wire::OpenMonitoringRoundRequest { name: round.name, ..Default::default() };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let refused = officer.open_monitoring_round(again).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "ROUND_NOT_OPEN".to_owned()));
}

#[tokio::test]
async fn a_form_goes_to_review_and_back_and_every_submission_stays() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 700_000)]).await;
    world.open_round().await;
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let submit = wire::SubmitMonitoringReportRequest { name: report("p1"), ..Default::default() };
    let empty = filer.submit_monitoring_report(submit).await.unwrap_err();
    assert_eq!((empty.code(), reason(&empty).as_str()), (Code::FailedPrecondition, "REPORT_INCOMPLETE"));
    let row = ["achieved_text", "expected_text", "likelihood", "achieved_value"];
    let mut lacks: Vec<String> = row.map(|field| format!("report.indicators[q1].{field}")).to_vec();
    lacks.push("report.fundings[1].expected_amount".to_owned());
    assert_eq!(fields(&empty), lacks);

    let first = world.submit("p1", "602002", "30").await;
    assert_eq!((first.state(), first.revision_count), (wire::monitoring_report::State::Submitted, 1));
    assert_eq!((first.execution_light(), first.light()), (wire::Light::Green, wire::Light::Red));
    assert!(first.late, "the clock of the test is after 2020-08-31");

    let mut reviewer = world.monitoring(unit_caller(Role::DepartmentReviewer, "602"));
    let endorse = wire::EndorseMonitoringReportRequest { name: report("p1"), ..Default::default() };
    reviewer.endorse_monitoring_report(endorse).await.unwrap();
    let back = wire::ReturnMonitoringReportRequest {
        name: report("p1"),
        reason: "偏差原因过于笼统".to_owned(),
        remarks: vec![wire::ReportRemark {
            indicator: "q1".to_owned(),
            field: "deviation_text".to_owned(),
            problem: "未说明措施".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let returned = officer.return_monitoring_report(back).await.unwrap().into_inner();
    assert_eq!(returned.state(), wire::monitoring_report::State::Returned);

    let second = world.submit("p1", "602002", "60").await;
    assert_eq!((second.revision_count, second.light()), (2, wire::Light::Green));
    assert_eq!(world.accept("p1").await.state(), wire::monitoring_report::State::Accepted);

    let request = wire::ListReportRevisionsRequest { parent: report("p1"), ..Default::default() };
    let revisions = officer.list_report_revisions(request).await.unwrap().into_inner().revisions;
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0].return_reason, "偏差原因过于笼统");
    assert_eq!(revisions[0].report.as_ref().unwrap().indicators[0].achieved_value, Some(decimal("30")));
    assert_ne!(revisions[0].content_hash, revisions[1].content_hash);

    let request = wire::ListRoundStatisticsRequest { parent: format!("{DISTRICT}/monitoringRounds/2020-07") };
    let statistics = officer.list_round_statistics(request).await.unwrap().into_inner();
    let total = statistics.total.unwrap();
    assert_eq!((total.draft_count, total.accepted_count, total.ever_returned_count), (2, 1, 1));
}

#[tokio::test]
async fn a_project_of_two_accounts_says_for_each_what_it_expects() {
    let world = World::start().await;
    let fund = BudgetAccount::GovernmentFund;
    world.tell_registry(&support::budget("p1", fund, BudgetEntryKind::Initial, 300_000, 1)).await;
    world.open_round().await;
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let mut fill = async |accounts: &[(BudgetAccount, i64)]| {
        let line = |(account, units): &(BudgetAccount, i64)| wire::ReportFunding {
            funding_source: FundingSource::DistrictFiscal.into(),
            budget_account: (*account).into(),
            expected_amount: Some(yuan(*units)),
            ..Default::default()
        };
        let fundings = accounts.iter().map(line).collect();
        let report = Some(wire::MonitoringReport { fundings, ..filled(&report("p1"), "60") });
        let request = wire::UpdateMonitoringReportRequest { report, ..Default::default() };
        filer.update_monitoring_report(request).await.map(tonic::Response::into_inner)
    };
    let unsaid = fill(&[(BudgetAccount::Unspecified, 1)]).await.unwrap_err();
    assert_eq!(fields(&unsaid), ["report.fundings[1].budget_account"]);
    let general = BudgetAccount::GeneralPublic;
    let told = fill(&[(general, 1_000_000)]).await.unwrap();
    let lines: Vec<_> =
        told.fundings.iter().map(|one| (one.budget_account(), one.expected_amount.clone())).collect();
    assert_eq!(lines, [(general, Some(yuan(1_000_000))), (fund, None)]);
    let submit = || wire::SubmitMonitoringReportRequest { name: report("p1"), ..Default::default() };
    let mut unit = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let refused = unit.submit_monitoring_report(submit()).await.unwrap_err();
    assert_eq!(fields(&refused), ["report.fundings[1,government_fund].expected_amount"]);
    fill(&[(fund, 200_000)]).await.unwrap();
    let submitted = unit.submit_monitoring_report(submit()).await.unwrap().into_inner();
    assert_eq!(submitted.expected_execution_rate, Some(decimal("0.8000")));
}

#[tokio::test]
async fn an_institution_gives_opinions_only_on_what_is_assigned_to_it() {
    let world = World::start().await;
    world.open_round().await;
    world.submit("p1", "602002", "60").await;
    let share = |institution: &str, department: &str| wire::ReviewAssignment {
        institution: format!("{DISTRICT}/institutions/{institution}"),
        departments: vec![format!("{DISTRICT}/units/{department}")],
    };
    let assign = |assignments| wire::AssignReviewersRequest {
        name: format!("{DISTRICT}/monitoringRounds/2020-07"),
        assignments,
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let overlap =
        officer.assign_reviewers(assign(vec![share("a", "602"), share("b", "602")])).await.unwrap_err();
    assert_eq!(reason(&overlap), "REVIEWER_OVERLAP");
    officer.assign_reviewers(assign(vec![share("a", "602"), share("b", "603")])).await.unwrap();

    let opinion =
        |institution: &str, verdict: wire::report_opinion::Verdict| wire::CreateReportOpinionRequest {
            parent: report("p1"),
            opinion: Some(wire::ReportOpinion {
                institution: format!("{DISTRICT}/institutions/{institution}"),
                verdict: verdict.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
    use wire::report_opinion::Verdict;
    let mut a = world.monitoring(institution("a"));
    let silent = a.create_report_opinion(opinion("a", Verdict::Fail)).await.unwrap_err();
    assert_eq!(silent.code(), Code::InvalidArgument, "a FAIL says what is wrong");
    let borrowed = a.create_report_opinion(opinion("b", Verdict::Pass)).await.unwrap_err();
    assert_eq!(reason(&borrowed), "REVIEWER_NOT_ASSIGNED");
    let given = a.create_report_opinion(opinion("a", Verdict::Pass)).await.unwrap().into_inner();
    assert_eq!((given.revision, given.content_hash.len()), (1, 64));

    let mut b = world.monitoring(institution("b"));
    let foreign = b.create_report_opinion(opinion("b", Verdict::Pass)).await.unwrap_err();
    assert_eq!(foreign.code(), Code::NotFound);
    let list = wire::ListMonitoringReportsRequest {
        parent: format!("{DISTRICT}/monitoringRounds/2020-07"),
        ..Default::default()
    };
    let seen = b.list_monitoring_reports(list).await.unwrap().into_inner().reports;
    assert_eq!(seen.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), [report("p3")]);
}

#[tokio::test]
async fn nobody_reviews_their_own_form_nor_another_department_s() {
    let world = World::start().await;
    world.open_round().await;
    world.submit("p1", "602002", "60").await;
    let same = Principal {
        roles: vec![Role::UnitFiler, Role::FinancePerformanceOfficer],
        ..unit_caller(Role::UnitFiler, "602002")
    };
    let accept = || wire::AcceptMonitoringReportRequest {
        name: report("p1"),
        conclusion: wire::ReportConclusion::Normal.into(),
        ..Default::default()
    };
    let own = world.monitoring(same).accept_monitoring_report(accept()).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
    let endorse = wire::EndorseMonitoringReportRequest { name: report("p1"), ..Default::default() };
    let mut stranger = world.monitoring(unit_caller(Role::DepartmentReviewer, "603"));
    assert_eq!(stranger.endorse_monitoring_report(endorse).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(
        get(&world, "p1", unit_caller(Role::UnitFiler, "603")).await.unwrap_err().code(),
        Code::NotFound
    );
}

/// Who filled a form is its author although somebody else submitted it, and stays so when others take over; so does whoever
/// stands in for that person.
#[tokio::test]
async fn nobody_approves_a_form_that_they_have_filled_or_submitted_before() {
    let world = World::start().await;
    world.open_round().await;
    let both = |subject: &str| Principal {
        subject: subject.to_owned(),
        roles: vec![Role::UnitFiler, Role::FinancePerformanceOfficer],
        ..unit_caller(Role::UnitFiler, "602002")
    };
    let fill = wire::UpdateMonitoringReportRequest {
        report: Some(filled(&report("p1"), "60")),
        ..Default::default()
    };
    let submit = || wire::SubmitMonitoringReportRequest { name: report("p1"), ..Default::default() };
    world.monitoring(both("filled")).update_monitoring_report(fill).await.unwrap();
    world.monitoring(both("submitted")).submit_monitoring_report(submit()).await.unwrap();
    let back = wire::ReturnMonitoringReportRequest {
        name: report("p1"),
        reason: "请补充".to_owned(),
        ..Default::default()
    };
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    officer.return_monitoring_report(back).await.unwrap();
    world.monitoring(both("again")).submit_monitoring_report(submit()).await.unwrap();
    let accept = || wire::AcceptMonitoringReportRequest {
        name: report("p1"),
        conclusion: wire::ReportConclusion::Normal.into(),
        ..Default::default()
    };
    let deputy = Principal { on_behalf_of: Some("filled".to_owned()), ..both("deputy") };
    for who in [both("filled"), both("submitted"), both("again"), deputy] {
        let actions = wire::ListAvailableActionsRequest { name: report("p1") };
        let listed =
            world.monitoring(who.clone()).list_available_actions(actions).await.unwrap().into_inner();
        let listed = listed.actions.into_iter().find(|one| one.action == "accept").unwrap();
        assert_eq!((listed.allowed, listed.refusal_reason.as_str()), (false, "PERMISSION_DENIED"));
        let subject = who.subject.clone();
        let refused = world.monitoring(who).accept_monitoring_report(accept()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{subject}");
    }
    let stranger = world.monitoring(both("stranger")).accept_monitoring_report(accept()).await.unwrap();
    assert_eq!(stranger.into_inner().state(), wire::monitoring_report::State::Accepted);
}

#[tokio::test]
async fn two_officers_at_once_one_wins_and_the_other_is_told() {
    let world = World::start().await;
    world.open_round().await;
    let etag = world.submit("p1", "602002", "60").await.etag;
    let decide = |subject: &str| {
        let officer = Principal { subject: subject.to_owned(), ..caller(Role::FinancePerformanceOfficer) };
        let mut client = world.monitoring(officer);
        let request = wire::AcceptMonitoringReportRequest {
            name: report("p1"),
            conclusion: wire::ReportConclusion::Normal.into(),
            etag: etag.clone(),
            ..Default::default()
        };
        async move { client.accept_monitoring_report(request).await.map(|_| ()) }
    };
    let (one, other) = tokio::join!(decide("one"), decide("other"));
    assert!(one.is_ok() != other.is_ok());
    let lost = one.and(other).unwrap_err();
    assert_eq!((lost.code(), reason(&lost)), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
}

#[tokio::test]
async fn the_same_submission_twenty_times_at_once_has_one_effect() {
    let world = World::start().await;
    world.open_round().await;
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let form = wire::UpdateMonitoringReportRequest {
        report: Some(filled(&report("p1"), "60")),
        ..Default::default()
    };
    filer.update_monitoring_report(form).await.unwrap();
    let calls = (0..20).map(|_| {
        let mut filer = filer.clone();
        async move {
            let request = wire::SubmitMonitoringReportRequest {
                name: report("p1"),
                request_id: "submit-p1".to_owned(),
                ..Default::default()
            };
            filer.submit_monitoring_report(request).await.map(tonic::Response::into_inner)
        }
    });
    let answers: Vec<_> = futures::future::join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].revision_count, 1);
}

#[tokio::test]
async fn an_accepted_form_opens_alerts_that_its_unit_answers() {
    let world = World::start().await;
    world.pay(vec![payment("a", "p1", 7, 100)]).await;
    world.open_round().await;
    world.submit("p1", "602002", "10").await;
    world.accept("p1").await;
    let mut filer = world.monitoring(unit_caller(Role::UnitFiler, "602002"));
    let list =
        wire::ListAlertsRequest { parent: DISTRICT.to_owned(), fiscal_year: 2020, ..Default::default() };
    let alerts = filer.list_alerts(list.clone()).await.unwrap().into_inner().alerts;
    let kinds: Vec<_> = alerts.iter().map(wire::Alert::kind).collect();
    assert!(
        kinds.contains(&wire::alert::Kind::ExecutionBehind)
            && kinds.contains(&wire::alert::Kind::IndicatorBehind)
    );
    let alert = &alerts[0];
    assert!(alert.deadline_date.is_some() && alert.explanation.is_some());
    let answer = wire::AnswerAlertRequest {
        name: alert.name.clone(),
        choice: wire::alert::Choice::Reallocate.into(),
        answer: "调剂用于急需项目".to_owned(),
        ..Default::default()
    };
    let answered = filer.answer_alert(answer).await.unwrap().into_inner();
    assert_eq!(
        (answered.state(), answered.choice()),
        (wire::alert::State::Answered, wire::alert::Choice::Reallocate)
    );
    let close = wire::CloseAlertRequest {
        name: alert.name.clone(),
        reason: "已调剂".to_owned(),
        ..Default::default()
    };
    assert_eq!(filer.close_alert(close.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    let mut officer = world.monitoring(caller(Role::FinanceBusinessOfficer));
    assert_eq!(officer.close_alert(close).await.unwrap().into_inner().state(), wire::alert::State::Closed);
    let mut stranger = world.monitoring(unit_caller(Role::UnitFiler, "603"));
    assert!(stranger.list_alerts(list).await.unwrap().into_inner().alerts.is_empty());
}

#[tokio::test]
async fn a_round_is_edited_by_field_until_it_is_open() {
    let world = World::start().await;
    let mut officer = world.monitoring(caller(Role::FinancePerformanceOfficer));
    let create = |round: wire::MonitoringRound| wire::CreateMonitoringRoundRequest {
        parent: DISTRICT.to_owned(),
        monitoring_round: Some(round),
        monitoring_round_id: "2020-07".to_owned(),
        ..Default::default()
    };
    let refused =
        officer.create_monitoring_round(create(wire::MonitoringRound::default())).await.unwrap_err();
    let lacks = ["title", "fiscal_year", "end_month", "kind", "deadline_date"];
    assert_eq!(fields(&refused), lacks.map(|field| format!("monitoring_round.{field}")));
    let round = wire::MonitoringRound {
        title: "上半年监控".to_owned(),
        fiscal_year: 2020,
        end_month: 7,
        kind: wire::monitoring_round::Kind::Regular.into(),
        deadline_date: Some(date(2020, 8, 31)),
        ..Default::default()
    };
    let name = officer.create_monitoring_round(create(round)).await.unwrap().into_inner().name;
    let update = |round: wire::MonitoringRound, paths: &[&str]| wire::UpdateMonitoringRoundRequest {
        monitoring_round: Some(wire::MonitoringRound { name: name.clone(), ..round }),
        update_mask: Some(FieldMask { paths: paths.iter().map(ToString::to_string).collect() }),
        ..Default::default()
    };
    let titled = || wire::MonitoringRound { title: "1-7月监控".to_owned(), ..Default::default() };
    let told = officer.update_monitoring_round(update(titled(), &["title"])).await.unwrap().into_inner();
    assert_eq!((told.title.as_str(), told.fiscal_year, told.end_month), ("1-7月监控", 2020, 7));
    let told = officer.update_monitoring_round(update(titled(), &[])).await.unwrap().into_inner();
    assert_eq!(told.deadline_date, Some(date(2020, 8, 31)), "an empty mask means what is set");
    let seen = |etag: &str| wire::UpdateMonitoringRoundRequest {
        etag: etag.to_owned(),
        ..update(titled(), &["title"])
    };
    let late = officer.update_monitoring_round(seen("1")).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    officer.update_monitoring_round(seen(&told.etag)).await.unwrap();
    let emptied = update(wire::MonitoringRound::default(), &["deadline_date"]);
    let refused = officer.update_monitoring_round(emptied).await.unwrap_err();
    assert_eq!(fields(&refused), ["monitoring_round.deadline_date"]);

    let open = wire::OpenMonitoringRoundRequest { name: name.clone(), ..Default::default() };
    officer.open_monitoring_round(open).await.unwrap();
    let later = wire::MonitoringRound { deadline_date: Some(date(2020, 9, 10)), ..Default::default() };
    let told = officer.update_monitoring_round(update(later, &["deadline_date"])).await.unwrap().into_inner();
    assert_eq!(told.deadline_date, Some(date(2020, 9, 10)));
    let wider = wire::MonitoringRound { end_month: 6, ..Default::default() };
    let refused = officer.update_monitoring_round(update(wider, &["end_month"])).await.unwrap_err();
    assert_eq!(reason(&refused), "ROUND_NOT_OPEN");
}
