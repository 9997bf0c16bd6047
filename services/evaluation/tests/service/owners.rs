//! Open objects follow the unit that their project is handed over to; what is done stays as it was.

use std::time::Duration;

use sqlx::Row as _;
use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;

use crate::support::forms::{form, open_task};
use crate::support::*;

fn form_name(id: &str) -> String {
    name(&format!("selfEvaluations/{id}"))
}

/// A form of project `p<n>` without an objective, as the unit has begun it.
async fn draft(world: &World, n: usize, id: &str, unit: &str) {
    let request = pb::CreateSelfEvaluationRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_id: id.to_owned(),
        self_evaluation: Some(pb::SelfEvaluation { objective: String::new(), ..form(n, 740_000) }),
        ..Default::default()
    };
    world.forms(filer(unit)).create_self_evaluation(request).await.expect("a form");
}

async fn submitted(world: &World, n: usize, id: &str, unit: &str) {
    draft(world, n, id, unit).await;
    let request = pb::SubmitSelfEvaluationRequest { name: form_name(id), ..Default::default() };
    world.forms(filer(unit)).submit_self_evaluation(request).await.expect("handed in");
}

/// Forms of project p5 in every state, by their state's name, and a draft of p6.
async fn forms_in_every_state(world: &World) {
    open_task(world).await;
    draft(world, 5, "draft", "301").await;
    draft(world, 6, "other", "301").await;
    for id in ["submitted", "returned", "reviewed", "confirmed"] {
        submitted(world, 5, id, "301").await;
    }
    let back = pb::ReturnSelfEvaluationRequest {
        name: form_name("returned"),
        reason: "佐证不足".to_owned(),
        ..Default::default()
    };
    world.forms(reviewer("301")).return_self_evaluation(back).await.expect("sent back");
    for id in ["reviewed", "confirmed"] {
        let review = pb::ReviewSelfEvaluationRequest {
            name: form_name(id),
            opinion: "同意".to_owned(),
            ..Default::default()
        };
        world.forms(reviewer("301")).review_self_evaluation(review).await.expect("reviewed");
    }
    let confirm = pb::ConfirmSelfEvaluationRequest {
        name: form_name("confirmed"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.forms(officer()).confirm_self_evaluation(confirm).await.expect("confirmed");
}

async fn finding(world: &World, n: usize) -> String {
    let finding = pb::Finding {
        object: project(&format!("p{n}")),
        source: pb::finding::Source::FinanceEvaluation.into(),
        evaluated_year: 2019,
        work_year: 2020,
        category: pb::finding::Category::LowExecution.into(),
        description: "执行率偏低".to_owned(),
        ..Default::default()
    };
    let request = pb::CreateFindingRequest {
        parent: DISTRICT.to_owned(),
        finding: Some(finding),
        ..Default::default()
    };
    world.rectification(officer()).create_finding(request).await.expect("recorded").into_inner().name
}

async fn demand(
    world: &World,
    id: &str,
    unit: &str,
    findings: Vec<String>,
) -> Result<pb::Rectification, tonic::Status> {
    let request = pb::CreateRectificationRequest {
        parent: DISTRICT.to_owned(),
        rectification_id: id.to_owned(),
        rectification: Some(pb::Rectification {
            unit: name(&format!("units/{unit}")),
            findings,
            demand: "限期整改".to_owned(),
            work_year: 2020,
            demand_date: day(2020, 9, 1),
            ..Default::default()
        }),
        ..Default::default()
    };
    Ok(world.rectification(officer()).create_rectification(request).await?.into_inner())
}

async fn report(world: &World, id: &str, unit: &str) -> Result<pb::Rectification, tonic::Status> {
    let request = pb::ReportMeasuresRequest {
        name: name(&format!("rectifications/{id}")),
        text: "已整改".to_owned(),
        ..Default::default()
    };
    Ok(world.rectification(filer(unit)).report_measures(request).await?.into_inner())
}

/// The registry says whose project p`n` is now, and evaluation has heard it.
async fn hand_over(world: &World, n: usize, unit: &str) {
    say_owner(world, n, unit).await;
    heard(world, &format!("select unit from evaluation.subjects where name like '%/p{n}'"), unit).await;
}

async fn say_owner(world: &World, n: usize, unit: &str) {
    let project = registry::Project {
        name: name(&format!("projects/p{n}")),
        title: format!("项目{n}"),
        implementing_unit: name(&format!("units/{unit}")),
        ..Default::default()
    };
    let request = registry::UpdateProjectRequest { project: Some(project), ..Default::default() };
    let mut client = ProjectServiceClient::new(world.suite.as_caller(officer()));
    client.update_project(request).await.expect("it is said");
}

/// Asks again until the first column of the first row is that unit: projections come a moment later.
async fn heard(world: &World, sql: &str, unit: &str) {
    let mut connection = world.suite.superuser().await;
    for _ in 0..200 {
        let row =
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_optional(&mut connection).await.expect("an answer");
        if row.map(|row| row.get::<String, _>(0)) == Some(name(&format!("units/{unit}"))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{sql} is not {unit}");
}

/// Identifiers of the forms that a unit sees.
async fn seen_by(world: &World, unit: &str) -> Vec<String> {
    let request = pb::ListSelfEvaluationsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let list = world.forms(filer(unit)).list_self_evaluations(request).await.expect("a list").into_inner();
    list.self_evaluations
        .iter()
        .map(|form| form.name.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

/// Everything that is kept of the forms and findings: owners, versions, bodies.
async fn kept(world: &World) -> Vec<String> {
    let sql = "select id || version || unit || unit_title || body::text from evaluation.self_evaluations
               union all select id || version || unit || unit_title || body::text from evaluation.findings
               union all select id || version || unit || body::text from evaluation.rectifications order by 1";
    let rows = sqlx::raw_sql(sql).fetch_all(&mut world.suite.superuser().await).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn forms_follow_their_project_until_they_are_confirmed() {
    let world = World::with_registry().await;
    forms_in_every_state(&world).await;
    hand_over(&world, 5, "302").await;
    assert_eq!(seen_by(&world, "302").await, ["draft", "returned", "reviewed", "submitted"]);
    assert_eq!(
        seen_by(&world, "301").await,
        ["confirmed", "other"],
        "what is done stays, and so do others' projects"
    );
    let get = pb::GetSelfEvaluationRequest { name: form_name("submitted") };
    let gone =
        world.forms(filer("301")).get_self_evaluation(get.clone()).await.expect_err("not theirs any more");
    assert_eq!(gone.code(), Code::NotFound);
    let form = world.forms(filer("302")).get_self_evaluation(get).await.expect("theirs").into_inner();
    let object = form.object.expect("an object");
    assert_eq!((object.unit, object.unit_display_name.as_str()), (name("units/302"), "区府办"));
    assert_eq!(form.version, 2, "no version was raised");

    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form_name("returned"),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.forms(filer("302")).update_self_evaluation(update).await.expect("the heir goes on");
    let review = pb::ReviewSelfEvaluationRequest {
        name: form_name("submitted"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    let strange = world.forms(reviewer("301")).review_self_evaluation(review.clone()).await;
    assert_eq!(strange.expect_err("not their unit's any more").code(), Code::NotFound);
    world.forms(reviewer("302")).review_self_evaluation(review).await.expect("the heir's department reviews");
    let ask = pb::ListSelfEvaluationVersionsRequest { name: form_name("returned"), ..Default::default() };
    let versions = world.forms(officer()).list_self_evaluation_versions(ask).await.expect("versions");
    let units: Vec<_> =
        versions.into_inner().self_evaluations.into_iter().filter_map(|v| v.object).map(|o| o.unit).collect();
    assert_eq!(
        units,
        ["302", "301", "301"].map(|unit| name(&format!("units/{unit}"))),
        "history is not rewritten"
    );

    // Heard again, it changes nothing.
    let before = kept(&world).await;
    say_owner(&world, 5, "302").await;
    hand_over(&world, 6, "901").await;
    let after: Vec<_> = kept(&world).await.into_iter().filter(|row| !row.starts_with("other")).collect();
    assert_eq!(after, before.into_iter().filter(|row| !row.starts_with("other")).collect::<Vec<_>>());
}

#[tokio::test]
async fn findings_and_demands_follow_their_project_until_they_are_met() {
    let world = World::with_registry().await;
    let (open, one, mixed, other) = (
        finding(&world, 5).await,
        finding(&world, 5).await,
        finding(&world, 5).await,
        finding(&world, 6).await,
    );
    let met = finding(&world, 5).await;
    demand(&world, "one", "301", vec![one]).await.expect("demanded");
    demand(&world, "mixed", "301", vec![mixed, other]).await.expect("demanded");
    demand(&world, "met", "301", vec![met]).await.expect("demanded");
    report(&world, "met", "301").await.expect("reported");
    let accept = pb::AcceptRectificationRequest {
        name: name("rectifications/met"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.rectification(officer()).accept_rectification(accept).await.expect("accepted");

    hand_over(&world, 5, "302").await;
    assert_eq!(report(&world, "one", "301").await.expect_err("not theirs any more").code(), Code::NotFound);
    let reported = report(&world, "one", "302").await.expect("the heir reports");
    assert_eq!((reported.unit, reported.version), (name("units/302"), 2));
    let get = |id: &str| pb::GetRectificationRequest { name: name(&format!("rectifications/{id}")) };
    let kept = world.rectification(filer("301")).get_rectification(get("met")).await;
    assert_eq!(kept.expect("what was met stays").into_inner().unit, name("units/301"));
    // A demand whose findings lie with two units stays until they lie with one.
    world.rectification(filer("301")).get_rectification(get("mixed")).await.expect("still theirs");
    let refused = demand(&world, "late", "301", vec![open.clone()]).await.expect_err("not 301's finding");
    assert_eq!(reason(&refused), "FINDING_NOT_DEMANDABLE");
    demand(&world, "late", "302", vec![open]).await.expect("the heir is asked");
    hand_over(&world, 6, "302").await;
    world.rectification(filer("302")).get_rectification(get("mixed")).await.expect("now it is the heir's");
}

#[tokio::test]
async fn a_command_in_flight_does_not_undo_a_hand_over() {
    let world = World::with_registry().await;
    open_task(&world).await;
    draft(&world, 5, "draft", "301").await;
    let mut holder = world.suite.superuser().await;
    sqlx::raw_sql("begin; select from evaluation.self_evaluations where id = 'draft' for update")
        .execute(&mut holder)
        .await
        .expect("the form is held");
    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form_name("draft"),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut forms = world.forms(filer("301"));
    let command = tokio::spawn(async move { forms.update_self_evaluation(update).await });
    waiting(&world, 1).await;
    say_owner(&world, 5, "302").await;
    waiting(&world, 2).await;
    sqlx::raw_sql("commit").execute(&mut holder).await.expect("it is let go");
    command.await.expect("an answer").expect("it had come first");
    heard(&world, "select unit from evaluation.self_evaluations where id = 'draft'", "302").await;
    let get = pb::GetSelfEvaluationRequest { name: form_name("draft") };
    let form = world.forms(filer("302")).get_self_evaluation(get).await.expect("the heir's").into_inner();
    assert_eq!((form.problems.as_str(), form.version), ("进度偏慢", 2));
}

/// Until so many sessions of the database wait for a lock.
async fn waiting(world: &World, sessions: i64) {
    let mut connection = world.suite.superuser().await;
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..400 {
        let row = sqlx::raw_sql(sql).fetch_one(&mut connection).await.expect("a count");
        if row.get::<i64, _>(0) >= sessions {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("fewer than {sessions} sessions wait");
}

#[tokio::test]
async fn what_is_about_a_whole_department_goes_to_the_department_of_its_successor() {
    let world = World::with_registry().await;
    open_task(&world).await;
    let whole = pb::SelfEvaluation {
        object: object(pb::evaluated_object::Kind::WholeDepartment, "units/302"),
        objective: String::new(),
        ..form(1, 740_000)
    };
    let request = pb::CreateSelfEvaluationRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_id: "whole".to_owned(),
        self_evaluation: Some(whole),
        ..Default::default()
    };
    world.forms(filer("302")).create_self_evaluation(request).await.expect("a form");
    let findings = vec![finding(&world, 2).await];
    demand(&world, "of302", "302", findings).await.expect("demanded");
    let unit = registry::Unit {
        name: name("units/302"),
        title: "区府办".to_owned(),
        end_date: day(2020, 12, 31),
        successor: name("units/301001"),
        ..Default::default()
    };
    let request = registry::UpdateUnitRequest { unit: Some(unit), ..Default::default() };
    let mut client = UnitServiceClient::new(world.suite.as_caller(officer()));
    client.update_unit(request).await.expect("it is said");
    heard(&world, "select unit from evaluation.self_evaluations where id = 'whole'", "301").await;
    assert!(seen_by(&world, "302").await.is_empty());
    // Until its project is handed over, too, a demand waits with the successor.
    heard(&world, "select unit from evaluation.rectifications where id = 'of302'", "301001").await;
    hand_over(&world, 2, "901").await;
    let reported = report(&world, "of302", "901").await.expect("whoever has the project reports");
    assert_eq!(reported.unit, name("units/901"));
}

/// A plan with project p5 in it, approved; its evaluation begun, cancelled and begun again.
async fn evaluate_in_depth(world: &World) {
    use pb::key_evaluation_plan::{Lead, SelectionReason};
    let item = pb::KeyEvaluationPlanItem {
        number: 1,
        object: project("p5"),
        lead: Lead::Finance.into(),
        reasons: vec![SelectionReason::Livelihood.into()],
        amount: yuan(100),
        ..Default::default()
    };
    let plan = pb::KeyEvaluationPlan {
        title: "2020年重点评价".to_owned(),
        work_year: 2020,
        evaluated_year: 2019,
        items: vec![item],
        ..Default::default()
    };
    let request = pb::CreateKeyEvaluationPlanRequest {
        parent: DISTRICT.to_owned(),
        key_evaluation_plan_id: "y2020".to_owned(),
        key_evaluation_plan: Some(plan),
        ..Default::default()
    };
    world.key(officer()).create_key_evaluation_plan(request).await.expect("a plan");
    let approve =
        pb::ApproveKeyEvaluationPlanRequest { name: name("keyEvaluationPlans/y2020"), ..Default::default() };
    world.key(head()).approve_key_evaluation_plan(approve).await.expect("approved");
    for id in ["cancelled", "k5"] {
        let request = pb::CreateKeyEvaluationRequest {
            parent: DISTRICT.to_owned(),
            key_evaluation_id: id.to_owned(),
            key_evaluation: Some(pb::KeyEvaluation {
                plan: name("keyEvaluationPlans/y2020"),
                plan_item: 1,
                ..Default::default()
            }),
            ..Default::default()
        };
        world.key(officer()).create_key_evaluation(request).await.expect("started");
        if id == "cancelled" {
            let cancel = pb::CancelKeyEvaluationRequest {
                name: name("keyEvaluations/cancelled"),
                reason: "重新组织".to_owned(),
                ..Default::default()
            };
            world.key(officer()).cancel_key_evaluation(cancel).await.expect("cancelled");
        }
    }
}

#[tokio::test]
async fn other_work_in_hand_follows_as_well() {
    let world = World::with_registry().await;
    evaluate_in_depth(&world).await;
    let asked = pb::ExAnteEvaluation {
        object: project("p5"),
        work_year: 2020,
        applies_to_year: 2021,
        requested_amount: yuan(100),
        ..Default::default()
    };
    let request = pb::CreateExAnteEvaluationRequest {
        parent: DISTRICT.to_owned(),
        ex_ante_evaluation: Some(asked),
        ..Default::default()
    };
    let ex_ante =
        world.ex_ante(filer("301")).create_ex_ante_evaluation(request).await.expect("started").into_inner();
    let decision = pb::BudgetDecision {
        object: project("p5"),
        work_year: 2020,
        applies_to_year: 2021,
        requested: Some(pb::BudgetFigure { amount: yuan(100), printed: None }),
        ..Default::default()
    };
    let request = pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision: Some(decision),
        ..Default::default()
    };
    let decision =
        world.budget(filer("301")).create_budget_decision(request).await.expect("requested").into_inner();

    hand_over(&world, 5, "302").await;
    let update = pb::UpdateExAnteEvaluationRequest {
        ex_ante_evaluation: Some(pb::ExAnteEvaluation {
            name: ex_ante.name,
            cause: pb::ex_ante_evaluation::Cause::New.into(),
            ..Default::default()
        }),
        update_mask: mask(&["cause"]),
        ..Default::default()
    };
    let strange = world.ex_ante(filer("301")).update_ex_ante_evaluation(update.clone()).await;
    assert_eq!(strange.expect_err("not theirs any more").code(), Code::NotFound);
    world.ex_ante(filer("302")).update_ex_ante_evaluation(update).await.expect("the heir goes on");
    let get = pb::GetBudgetDecisionRequest { name: decision.name };
    let decision =
        world.budget(filer("302")).get_budget_decision(get).await.expect("the heir's").into_inner();
    assert_eq!((decision.object.map(|object| object.unit), decision.version), (Some(name("units/302")), 1));
    let get = |id: &str| pb::GetKeyEvaluationRequest { name: name(&format!("keyEvaluations/{id}")) };
    world.key(filer("302")).get_key_evaluation(get("k5")).await.expect("the heir answers its draft");
    world.key(filer("301")).get_key_evaluation(get("cancelled")).await.expect("what is over stays");
}
