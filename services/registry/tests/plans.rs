//! Plans and trainings: what is overdue, and who was not trained.

mod support;

use support::{HAICANG, Registry, date, decimal, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_platform::identity::Role;

fn unit_name(code: &str) -> String {
    format!("{HAICANG}/units/{code}")
}

fn task(id: &str, unit: &str, month: i32) -> Milestone {
    Milestone {
        milestone_id: id.into(),
        title: format!("任务{id}"),
        responsible_unit: if unit.is_empty() { String::new() } else { unit_name(unit) },
        due_date: Some(date(2020, month, 28)),
        ..Milestone::default()
    }
}

/// An adopted plan of the year 2020.
async fn plan(registry: &Registry, id: &str, kind: work_plan::Kind, milestones: Vec<Milestone>) -> WorkPlan {
    let mut officer = registry.plans(Role::FinancePerformanceOfficer);
    let rollout = kind == work_plan::Kind::Rollout;
    let plan = WorkPlan {
        kind: kind.into(),
        title: format!("计划{id}"),
        document_number: "厦海委〔2019〕70号".into(),
        work_year: 2020,
        horizon_years: if rollout { 3 } else { 1 },
        target_date: Some(date(if rollout { 2022 } else { 2020 }, 12, 31)),
        milestones,
        ..WorkPlan::default()
    };
    let ask = CreateWorkPlanRequest {
        parent: HAICANG.into(),
        work_plan: Some(plan),
        work_plan_id: id.into(),
        ..Default::default()
    };
    let made = officer.create_work_plan(ask).await.expect("an answer").into_inner();
    let adopt =
        AdoptWorkPlanRequest { name: made.name, adopt_date: Some(date(2020, 1, 10)), ..Default::default() };
    assert_eq!(refusal(officer.adopt_work_plan(adopt.clone()).await).0, Code::PermissionDenied);
    registry.plans(Role::FinanceHead).adopt_work_plan(adopt).await.expect("an answer").into_inner()
}

fn overdue(day: (i32, i32, i32)) -> ListOverdueTasksRequest {
    ListOverdueTasksRequest {
        parent: HAICANG.into(),
        as_of_date: Some(date(day.0, day.1, day.2)),
        ..Default::default()
    }
}

fn told(answer: &ListOverdueTasksResponse) -> Vec<(&str, i32)> {
    answer.overdue_tasks.iter().map(|one| (one.milestone_id.as_str(), one.days_late)).collect()
}

#[tokio::test]
async fn what_is_overdue_is_listed_by_who_answers_for_it() {
    let registry = Registry::start().await;
    registry.department().await;
    let tasks =
        vec![task("a", "602002", 3), task("b", "602001", 2), task("c", "", 4), task("d", "602001", 1)];
    plan(&registry, "annual", work_plan::Kind::Annual, tasks).await;
    plan(&registry, "rollout", work_plan::Kind::Rollout, vec![task("e", "602001", 2)]).await;
    let mut officer = registry.plans(Role::FinancePerformanceOfficer);
    let noted = RecordMilestoneProgressRequest {
        name: format!("{HAICANG}/workPlans/annual"),
        milestone_id: "d".into(),
        state: milestone::State::Done.into(),
        done_date: Some(date(2020, 3, 1)),
        note: "已印发".into(),
        ..Default::default()
    };
    officer.record_milestone_progress(noted.clone()).await.unwrap();
    let half = RecordMilestoneProgressRequest {
        milestone_id: "a".into(),
        state: milestone::State::Open.into(),
        progress_rate: Some(decimal("0.5")),
        note: "已完成一半".into(),
        ..noted.clone()
    };
    let answer = officer.record_milestone_progress(half).await.unwrap().into_inner();
    assert_eq!(answer.progress_rate.unwrap().value, "0.375");
    let unknown = RecordMilestoneProgressRequest { milestone_id: "x".into(), ..noted };
    assert_eq!(refusal(officer.record_milestone_progress(unknown).await).1, "REFERENCE_NOT_FOUND");

    let mut filer = registry.plans(Role::UnitFiler);
    let answer = filer.list_overdue_tasks(overdue((2020, 5, 1))).await.unwrap().into_inner();
    assert_eq!(told(&answer), [("c", 3), ("b", 63), ("e", 63), ("a", 34)]);
    assert_eq!(answer.overdue_tasks[3].note, "已完成一半");
    let early = filer.list_overdue_tasks(overdue((2020, 2, 28))).await.unwrap().into_inner();
    assert_eq!(told(&early), [("d", 31)], "done later than the day asked for, and no other day has passed");
    assert_eq!(early.overdue_tasks[0].done_date, Some(date(2020, 3, 1)));
    let before = filer.list_overdue_tasks(overdue((2020, 1, 9))).await.unwrap().into_inner();
    assert!(before.overdue_tasks.is_empty(), "the plan was not adopted yet");
    let of_unit = ListOverdueTasksRequest { responsible_unit: unit_name("602001"), ..overdue((2020, 5, 1)) };
    assert_eq!(told(&filer.list_overdue_tasks(of_unit).await.unwrap().into_inner()), [("b", 63), ("e", 63)]);

    let mut ask = ListOverdueTasksRequest { page_size: 1, ..overdue((2020, 5, 1)) };
    let mut all = Vec::new();
    loop {
        let page = filer.list_overdue_tasks(ask.clone()).await.unwrap().into_inner();
        all.extend(page.overdue_tasks.into_iter().map(|one| one.milestone_id));
        ask.page_token = page.next_page_token;
        if ask.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(all, ["c", "b", "e", "a"]);
    let mut guest = registry.plans(Role::Expert);
    assert_eq!(refusal(guest.list_overdue_tasks(overdue((2020, 5, 1))).await).0, Code::PermissionDenied);
    let wrong = ListOverdueTasksRequest { responsible_unit: "units/602".into(), ..overdue((2020, 5, 1)) };
    assert_eq!(refusal(filer.list_overdue_tasks(wrong).await).0, Code::InvalidArgument);
}

async fn session(registry: &Registry, id: &str, year: i32, invited: &[&str]) -> TrainingSession {
    let session = TrainingSession {
        title: format!("培训{id}"),
        work_year: year,
        stage: training_session::Stage::ExAnte.into(),
        audiences: vec![TrainingAudience {
            label: "受邀单位".into(),
            units: invited.iter().map(|code| unit_name(code)).collect(),
        }],
        ..TrainingSession::default()
    };
    let ask = CreateTrainingSessionRequest {
        parent: HAICANG.into(),
        training_session: Some(session),
        training_session_id: id.into(),
        ..Default::default()
    };
    registry
        .plans(Role::FinancePerformanceOfficer)
        .create_training_session(ask)
        .await
        .expect("an answer")
        .into_inner()
}

async fn came(registry: &Registry, session: &TrainingSession, units: &[&str]) {
    let attendance =
        |code: &&str| Attendance { unit: unit_name(code), attendee_count: 2, ..Default::default() };
    let ask = RecordAttendanceRequest {
        name: session.name.clone(),
        attendances: units.iter().map(attendance).collect(),
        hold_date: Some(date(2020, 3, 5)),
        ..Default::default()
    };
    registry.plans(Role::FinancePerformanceOfficer).record_attendance(ask).await.expect("an answer");
}

#[tokio::test]
async fn who_was_not_trained_is_a_list_of_bodies() {
    let registry = Registry::start().await;
    registry.department().await;
    for (code, kind) in
        [("603", unit::Kind::Department), ("603001", unit::Kind::OwnUnit), ("603002", unit::Kind::Unit)]
    {
        registry.unit(code, kind).await;
    }
    let first = session(&registry, "S1", 2020, &["602001", "602002", "603002"]).await;
    session(&registry, "S2", 2020, &["603"]).await;
    let old = session(&registry, "S0", 2019, &[]).await;
    came(&registry, &first, &["602001"]).await;
    came(&registry, &old, &["603002"]).await;
    let mut head = registry.plans(Role::FinanceHead);
    let ask = ListUntrainedUnitsRequest { parent: HAICANG.into(), work_year: 2020, ..Default::default() };
    let answer = head.list_untrained_units(ask.clone()).await.unwrap().into_inner();
    let told = |answer: &ListUntrainedUnitsResponse| -> Vec<(String, i32, i32)> {
        let short = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        answer
            .untrained_units
            .iter()
            .map(|one| (short(&one.unit), one.invited_count, one.planned_count))
            .collect()
    };
    let row = |code: &str, invited, planned| (code.to_owned(), invited, planned);
    assert_eq!(told(&answer), [row("602002", 1, 0), row("603", 0, 1), row("603002", 1, 0)]);
    let rename = support::reform::rename("602002", "新名", date(2021, 1, 1));
    registry.units(Role::FinanceHead).rename_unit(rename).await.unwrap();
    for (day, title) in [(date(2020, 12, 31), "单位602002"), (date(2021, 1, 1), "新名")] {
        let on = ListUntrainedUnitsRequest { effective_date: Some(day), ..ask.clone() };
        let named = head.list_untrained_units(on).await.unwrap().into_inner();
        assert_eq!(named.untrained_units[0].title, title);
    }
    assert_eq!(
        (answer.unit_count, answer.trained_count, answer.untrained_count),
        (4, 1, 3),
        "602 and 602001 are one"
    );

    let every = ListUntrainedUnitsRequest { work_year: 0, ..ask.clone() };
    assert_eq!(head.list_untrained_units(every).await.unwrap().into_inner().untrained_count, 2);
    let of_session =
        ListUntrainedUnitsRequest { work_year: 0, training_session: first.name.clone(), ..ask.clone() };
    let answer = head.list_untrained_units(of_session.clone()).await.unwrap().into_inner();
    assert_eq!(told(&answer), [row("602002", 1, 0), row("603002", 1, 0)], "only whom it invited");
    assert_eq!((answer.unit_count, answer.trained_count), (3, 1));

    let mut paged = ListUntrainedUnitsRequest { page_size: 2, ..ask.clone() };
    let page = head.list_untrained_units(paged.clone()).await.unwrap().into_inner();
    assert_eq!((page.untrained_units.len(), page.untrained_count), (2, 3));
    paged.page_token = page.next_page_token;
    let page = head.list_untrained_units(paged).await.unwrap().into_inner();
    assert_eq!((told(&page), page.next_page_token.as_str()), (vec![row("603002", 1, 0)], ""));
    came(&registry, &first, &["602002", "603001", "603002"]).await;
    let done = head.list_untrained_units(ask.clone()).await.unwrap().into_inner();
    assert_eq!((done.untrained_units.len(), done.unit_count, done.trained_count), (0, 4, 4));

    let nobody = ListUntrainedUnitsRequest {
        training_session: format!("{HAICANG}/trainingSessions/S9"),
        ..ask.clone()
    };
    assert_eq!(refusal(head.list_untrained_units(nobody).await).0, Code::NotFound);
    let mut guest = registry.plans(Role::Expert);
    assert_eq!(refusal(guest.list_untrained_units(ask).await).0, Code::PermissionDenied);
}
