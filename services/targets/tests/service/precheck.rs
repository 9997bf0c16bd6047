//! The precheck of stored, edited and not yet created forms, and the search for goals that read alike.

use crate::support::*;
use sqlx::Connection;
use tonic::Code;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller};

const GOAL: &str =
    "配备网格员85名，常态化开展网格巡查走访、矛盾纠纷排查化解和便民代办服务，群众诉求就近就地解决。";

async fn precheck(
    suite: &TestSuite,
    who: Principal,
    ask: wire::PrecheckObjectiveRequest,
) -> wire::PrecheckObjectiveResponse {
    objectives(suite, who).precheck_objective(ask).await.expect("an answer").into_inner()
}

fn rules(answer: &wire::PrecheckObjectiveResponse) -> Vec<&str> {
    answer.remarks.iter().map(|remark| remark.rule.as_str()).collect()
}

fn asking(id: &str) -> wire::PrecheckObjectiveRequest {
    wire::PrecheckObjectiveRequest { name: objective(id), ..Default::default() }
}

/// A form that does not exist yet.
fn asking_new(project: &str, year: i32, content: wire::ObjectiveContent) -> wire::PrecheckObjectiveRequest {
    wire::PrecheckObjectiveRequest {
        content: Some(content),
        subject: format!("{DISTRICT}/projects/{project}"),
        fiscal_year: year,
        ..asking("-")
    }
}

async fn file(suite: &TestSuite, id: &str, project: &str, year: i32, goal: &str) {
    let unit = project.split('-').nth(1).expect("a unit");
    let mut request = creation(id, project, year);
    request.objective.as_mut().expect("a form").content = Some(content(goal));
    objectives(suite, filer(unit)).create_objective(request).await.expect("accepted");
}

#[tokio::test]
async fn a_form_is_prechecked_before_it_exists_and_as_it_would_be_edited() {
    let suite = start().await;
    let mut form = content("完成三所学校校舍修缮");
    form.indicators[1].operator = 0;
    form.indicators[1].target_value =
        Some(wire::TargetValue { printed: "/".to_owned(), ..Default::default() });
    form.indicators[2].weight = number("9.99");
    let new = precheck(&suite, filer("602002"), asking_new("p-602002-1", 2020, form.clone())).await;
    assert_eq!(rules(&new), ["indicator.operator", "weights.sum"]);
    assert!(!new.submittable);
    assert_eq!(new.precheck_rule_set, format!("{DISTRICT}/ruleSets/national-2020"));
    assert_eq!(new.unknown_rules, [""; 0]);
    let nothing =
        objectives(&suite, officer()).get_objective(wire::GetObjectiveRequest { name: objective("-") }).await;
    assert_eq!(nothing.unwrap_err().code(), Code::NotFound, "nothing was stored");

    file(&suite, "o1", "p-602002-1", 2020, "完成三所学校校舍修缮").await;
    assert_eq!(rules(&precheck(&suite, filer("602002"), asking("o1")).await), [""; 0]);
    let edited = wire::PrecheckObjectiveRequest { content: Some(form), ..asking("o1") };
    assert_eq!(
        rules(&precheck(&suite, reviewer("602"), edited).await),
        ["indicator.operator", "weights.sum"]
    );
    let kept = precheck(&suite, filer("602002"), asking("o1")).await;
    assert!(kept.submittable, "the stored form is as it was");
}

#[tokio::test]
async fn a_new_form_is_prechecked_only_for_its_own_unit_and_with_all_that_it_needs() {
    let suite = start().await;
    let ask = asking_new("p-602002-1", 2020, content("完成三所学校校舍修缮"));
    let other = objectives(&suite, filer("701")).precheck_objective(ask).await;
    assert!(matches!(other.unwrap_err().code(), Code::NotFound | Code::PermissionDenied));
    let mut unit = objectives(&suite, filer("602002"));
    let refused = unit.precheck_objective(asking("-")).await;
    expect_violations(refused, "INVALID_REQUEST", &["fiscal_year", "content", "subject"]);
    let elsewhere = wire::PrecheckObjectiveRequest {
        subject: "districts/350206000/projects/p-602002-1".to_owned(),
        ..asking_new("", 2020, content("完成三所学校校舍修缮"))
    };
    expect_violations(unit.precheck_objective(elsewhere).await, "INVALID_REQUEST", &["subject"]);
    let nowhere = asking_new("p-999999-1", 2020, content("完成三所学校校舍修缮"));
    expect_refusal(unit.precheck_objective(nowhere).await, Code::FailedPrecondition, "REFERENCE_NOT_FOUND");
}

#[tokio::test]
async fn a_goal_like_another_projects_or_last_years_is_named() {
    let suite = start().await;
    file(&suite, "a2019", "p-602001-1", 2019, GOAL).await;
    file(&suite, "b2020", "p-602002-1", 2020, &GOAL.replace("85名", "90名")).await;
    file(&suite, "s2020", "c-602002-2", 2020, GOAL).await;
    file(
        &suite,
        "x2020",
        "p-602002-3",
        2020,
        "新建社区养老服务站20个，为独居老人提供助餐、助浴、助医等居家上门服务。",
    )
    .await;

    // Not stored yet, of the project of `a2019`: last year's form has the same text and figures, another project's as well.
    let new = asking_new("p-602001-1", 2020, content(GOAL));
    let answer = precheck(&suite, filer("602001"), new.clone()).await;
    assert_eq!(rules(&answer), ["goal.figure_missing", "text.same_as_other", "text.same_as_last_year"]);
    let other = &answer.remarks[1];
    assert!(
        other.text.contains(&objective("b2020")) && other.text.contains("项目p-602002-1"),
        "{}",
        other.text
    );
    let named: Vec<_> =
        answer.similar_objectives.iter().map(|s| (s.objective.as_str(), s.same_subject)).collect();
    let (a, b) = (objective("a2019"), objective("b2020"));
    assert_eq!(
        named,
        [(a.as_str(), true), (b.as_str(), false)],
        "what is classified is named to no other unit"
    );
    assert_eq!(answer.similar_objectives[1].similarity, number("1"));
    assert!(answer.submittable, "a person weighs it");
    // The unit of the classified form sees its own.
    let own = precheck(&suite, filer("602002"), asking("b2020")).await;
    assert!(own.similar_objectives.iter().any(|s| s.objective == objective("s2020")));

    // New figures are a recurrent project, and a text that is edited is looked for no more.
    let update = wire::UpdateObjectiveRequest {
        objective: Some(wire::Objective {
            name: objective("b2020"),
            content: Some(content(
                "开展校园安全宣传教育，组织师生应急疏散演练，消除校舍、食堂和周边交通隐患。",
            )),
            ..Default::default()
        }),
        update_mask: mask(&["content"]),
        ..Default::default()
    };
    objectives(&suite, filer("602002")).update_objective(update).await.unwrap();
    let anew =
        wire::PrecheckObjectiveRequest { content: Some(content(&GOAL.replace("85名", "60名"))), ..new };
    let answer = precheck(&suite, filer("602001"), anew).await;
    assert_eq!(rules(&answer), ["goal.figure_missing"]);
}

/// However many forms share a phrase, the search stays within its bounds and still finds the one that is the same.
#[tokio::test]
async fn a_crowd_of_forms_with_one_phrase_does_not_hide_the_copy() {
    let suite = start().await;
    file(&suite, "zz-copy", "p-602002-1", 2020, GOAL).await;
    let mut connection = suite.superuser().await;
    let crowd = "insert into targets.objectives
        select district, 'crowd-' || n, subject_kind, 'crowd-' || n, fiscal_year, work_year, filing_kind, display_name,
          unit_id, unit_code, department_id, department_code, account, secrecy,
          jsonb_set(form, '{annual_goal}', to_jsonb('配备网格员' || n || '名，常态化开展网格巡查走访、矛盾纠纷排查化解，第' ||
            translate(n::text, '0123456789', '甲乙丙丁戊己庚辛壬癸') || '批。')),
          state, submitted_version, ratified_version, grade, return_count, open_remarks, ratified_amount,
          ratification_document, submitter, submit_time, ratify_time, create_time, update_time, version
        from targets.objectives, generate_series(1, 400) n where id = 'zz-copy'";
    sqlx::query(crowd).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let ask = asking_new("p-602001-1", 2020, content(GOAL));
    let answer = precheck(&suite, filer("602001"), ask).await;
    assert_eq!(answer.similar_objectives[0].objective, objective("zz-copy"));
    assert_eq!(answer.similar_objectives.len(), 10);
}

#[tokio::test]
async fn a_districts_own_rules_decide_what_stops_a_submission() {
    let suite = start().await;
    let mut request = creation("o1", "p-602002-1", 2030);
    let form = request.objective.as_mut().unwrap().content.as_mut().unwrap();
    form.indicators[0].weight = number("49");
    let mut unit = objectives(&suite, filer("602002"));
    unit.create_objective(request.clone()).await.unwrap();
    let answer = precheck(&suite, filer("602002"), asking("o1")).await;
    assert_eq!((rules(&answer), answer.submittable), (vec![], true), "weights.sum is switched off");
    assert_eq!(answer.unknown_rules, ["district.own"]);
    let submit = |id: &str| wire::SubmitObjectiveRequest { name: objective(id), ..Default::default() };
    unit.submit_objective(submit("o1")).await.unwrap();

    request.objective_id = "o2".to_owned();
    let given = request.objective.as_mut().unwrap();
    given.subject = creation("o2", "p-602002-2", 2030).objective.unwrap().subject;
    let rows = &mut given.content.as_mut().unwrap().indicators;
    rows[1].title = rows[0].title.clone();
    unit.create_objective(request).await.unwrap();
    let refused = unit.submit_objective(submit("o2")).await;
    let status =
        expect_violations(refused, "OBJECTIVE_FORM_INVALID", &["objective.content.indicators[i2].title"]);
    let said = &violations(&status)[0].description;
    assert_eq!(said, "指标“修缮校舍面积”重复 (the indicator is there twice)");
    let finance = precheck(&suite, caller(Role::FinanceHead), asking("o2")).await;
    assert!(!finance.submittable);
}
