//! What is late, and who is reminded of it, on a real Postgres, at days of the test's own.

use crate::support::days::{Days, day, window};
use crate::support::*;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::identity::Principal;
use wenxiao_platform::testing::TestSuite;

/// What is late by unit: `(unit, days, returned, with the department, its days)`.
async fn late(suite: &TestSuite, who: Principal) -> Vec<(String, i32, i32, i32, i32)> {
    let name = format!("{DISTRICT}/filingWindows/annual-2020");
    let ask = wire::ListFilingProgressRequest { name, overdue_only: true, ..Default::default() };
    let told = objectives(suite, who).list_filing_progress(ask).await.expect("answered").into_inner();
    let read = told.progress.into_iter().map(|of| {
        let unit = of.unit.rsplit('/').next().unwrap_or_default().to_owned();
        let (returned, reviewed) = (of.overdue_returned_count, of.department_review_count);
        (unit, of.overdue_days, returned, reviewed, of.department_overdue_days)
    });
    read.collect()
}

#[tokio::test]
async fn what_is_late_is_listed_until_it_is_done() {
    let (suite, days) = Days::start().await;
    let mut bureau = objectives(&suite, officer());
    bureau.create_filing_window(window()).await.unwrap();
    for (id, unit) in [("o1", "602002"), ("o2", "701"), ("o3", "605002")] {
        let creation = creation(id, &format!("p-{unit}-1"), 2020);
        objectives(&suite, filer(unit)).create_objective(creation).await.unwrap();
    }
    objectives(&suite, filer("701")).submit_objective(submitting("o2")).await.unwrap();
    objectives(&suite, filer("605002")).submit_objective(submitting("o3")).await.unwrap();
    let back = wire::ReturnObjectiveRequest {
        name: objective("o2"),
        reason: "补充目标".to_owned(),
        resubmit_due_date: day(2019, 10, 20),
        ..Default::default()
    };
    objectives(&suite, reviewer("701")).return_objective(back).await.unwrap();
    days.set("2019-10-15");
    assert_eq!(late(&suite, officer()).await, []);
    days.set("2019-10-16");
    let of = |unit: &str, days, returned, reviewed, department| {
        (unit.to_owned(), days, returned, reviewed, department)
    };
    assert_eq!(late(&suite, officer()).await, [of("602002", 1, 0, 0, 0)]);
    days.set("2019-10-21");
    assert_eq!(late(&suite, officer()).await, [of("602002", 6, 0, 0, 0), of("701", 0, 1, 0, 0)]);
    days.set("2019-11-02");
    let all = [of("602002", 18, 0, 0, 0), of("605002", 0, 0, 1, 2), of("701", 0, 1, 0, 0)];
    assert_eq!(late(&suite, officer()).await, all);
    assert_eq!(late(&suite, reviewer("605")).await, all[1..2], "a department sees its own");
    // An extension, a review and a resubmission each end what was late; what comes back lies with the department.
    let extended = wire::UpdateFilingWindowRequest {
        filing_window: Some(wire::FilingWindow {
            name: format!("{DISTRICT}/filingWindows/annual-2020"),
            extensions: vec![wire::FilingExtension {
                unit: format!("{DISTRICT}/units/602002"),
                due_date: day(2019, 11, 30),
                reason: "机构改革".to_owned(),
            }],
            ..Default::default()
        }),
        update_mask: mask(&["extensions"]),
        ..Default::default()
    };
    bureau.update_filing_window(extended).await.unwrap();
    let pass = wire::PassObjectiveRequest { name: objective("o3"), ..Default::default() };
    objectives(&suite, reviewer("605")).pass_objective(pass).await.unwrap();
    objectives(&suite, filer("701")).submit_objective(submitting("o2")).await.unwrap();
    assert_eq!(late(&suite, officer()).await, [of("701", 0, 0, 1, 2)]);
}

#[tokio::test]
async fn a_window_says_how_long_it_reminds_of_what_is_late() {
    let (suite, days) = Days::start().await;
    let mut bureau = objectives(&suite, officer());
    let opened = bureau.create_filing_window(window()).await.unwrap().into_inner();
    assert_eq!(opened.overdue_reminder_days, Some(7), "as usual where nothing is said");
    objectives(&suite, filer("602002")).create_objective(creation("o1", "p-602002-1", 2020)).await.unwrap();
    let reminding = |days| wire::UpdateFilingWindowRequest {
        filing_window: Some(wire::FilingWindow {
            name: opened.name.clone(),
            overdue_reminder_days: Some(days),
            ..Default::default()
        }),
        update_mask: mask(&["overdue_reminder_days"]),
        ..Default::default()
    };
    let send = wire::SendFilingRemindersRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    days.set("2019-10-25");
    assert!(bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders.is_empty());
    let told = bureau.update_filing_window(reminding(10)).await.unwrap().into_inner();
    assert_eq!((told.overdue_reminder_days, told.reminder_days), (Some(10), vec![7, 1]));
    let sent = bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders;
    assert_eq!(sent.iter().map(|one| one.days_left).collect::<Vec<_>>(), [-10]);
    bureau.update_filing_window(reminding(0)).await.unwrap();
    days.set("2019-10-16");
    assert!(bureau.send_filing_reminders(send).await.unwrap().into_inner().reminders.is_empty());
}

/// The window is long over when what was returned is due.
#[tokio::test]
async fn a_unit_is_reminded_of_what_was_returned_by_the_day_of_the_return() {
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    bureau.create_filing_window(window()).await.unwrap();
    for id in ["o1", "o2"] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
    }
    unit.submit_objective(submitting("o2")).await.unwrap();
    let back = wire::ReturnObjectiveRequest {
        name: objective("o2"),
        reason: "补充目标".to_owned(),
        resubmit_due_date: day(2019, 11, 20),
        ..Default::default()
    };
    objectives(&suite, reviewer("602")).return_objective(back).await.unwrap();
    let send = wire::SendFilingRemindersRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut told = Vec::new();
    for today in ["2019-11-18", "2019-11-19", "2019-11-21"] {
        days.set(today);
        let sent = bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders;
        let read = |one: wire::FilingReminder| {
            (one.days_left, one.owed_count, one.returned_count, one.return_due_date)
        };
        told.push(sent.into_iter().map(read).collect::<Vec<_>>());
    }
    let due = day(2019, 11, 20);
    assert_eq!(told, [vec![], vec![(1, 0, 1, due)], vec![(-1, 0, 1, due)]], "o1 is late beyond reminding");
    unit.submit_objective(submitting("o2")).await.unwrap();
    days.set("2019-11-22");
    assert!(bureau.send_filing_reminders(send).await.unwrap().into_inner().reminders.is_empty());
}

#[tokio::test]
async fn a_department_is_reminded_of_what_it_has_to_review() {
    let (suite, days) = Days::start().await;
    let (mut unit, mut bureau) = (objectives(&suite, filer("602002")), objectives(&suite, officer()));
    bureau.create_filing_window(window()).await.unwrap();
    for id in ["o1", "o2"] {
        unit.create_objective(creation(id, &format!("p-602002-{id}"), 2020)).await.unwrap();
        unit.submit_objective(submitting(id)).await.unwrap();
    }
    let send = wire::SendFilingRemindersRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let mut told = Vec::new();
    for today in ["2019-10-23", "2019-10-30", "2019-11-01"] {
        days.set(today);
        let sent = bureau.send_filing_reminders(send.clone()).await.unwrap().into_inner().reminders;
        let read = |one: wire::FilingReminder| (one.unit, one.days_left, one.department_review_count);
        told.push(sent.into_iter().map(read).collect::<Vec<_>>());
        let pass = wire::PassObjectiveRequest { name: objective("o1"), ..Default::default() };
        if today == "2019-10-30" {
            objectives(&suite, reviewer("602")).pass_objective(pass).await.unwrap();
        }
    }
    let department = format!("{DISTRICT}/units/602");
    assert_eq!(told, [vec![], vec![(department.clone(), 1, 2)], vec![(department, -1, 1)]]);
}
