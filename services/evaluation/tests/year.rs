//! The year of evaluation on a real Postgres, through the public contract, in the roles that would do it.

mod support;

use support::*;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::identity::Role;

fn form(n: usize, executed: i64) -> pb::SelfEvaluation {
    let budget = 1_000_000;
    let indicator = |id: &str, weight: &str, actual: &str| pb::SelfEvaluationIndicator {
        indicator_id: id.to_owned(),
        level3: "完成率".to_owned(),
        operator: common::IndicatorOperator::AtLeast.into(),
        target_value: dec("95"),
        measure_unit: "%".to_owned(),
        weight: dec(weight),
        actual: Some(pb::ActualValue {
            value: Some(pb::actual_value::Value::Number(dec(actual).unwrap_or_default())),
            text: String::new(),
        }),
        deviation_reason: "雨季停工".to_owned(),
        ..Default::default()
    };
    pb::SelfEvaluation {
        task: name("selfEvaluationTasks/fy2019"),
        object: project(&format!("p{n}")),
        objective: name(&format!("objectives/o{n}")),
        achieved_goal: "基本完成".to_owned(),
        fund_rows: vec![pb::FundRow {
            source: pb::fund_row::Source::CurrentYearFiscal.into(),
            initial_amount: yuan(budget),
            executed_amount: yuan(executed),
            ..Default::default()
        }],
        execution_reason: "部分延后".to_owned(),
        indicators: vec![indicator("a", "80", "96"), indicator("b", "10", "88.75")],
        conclusion: "良好".to_owned(),
        report_sections: vec![pb::ReportSection {
            code: "all".into(),
            title: "报告".into(),
            text: "……".into(),
        }],
        project_leader: "甲".to_owned(),
        finance_leader: "乙".to_owned(),
        ..Default::default()
    }
}

async fn file(world: &World, n: usize, unit: &str, executed: i64) -> pb::SelfEvaluation {
    let created = world
        .forms(filer(unit))
        .create_self_evaluation(pb::CreateSelfEvaluationRequest {
            parent: DISTRICT.to_owned(),
            self_evaluation_id: format!("s{n}"),
            self_evaluation: Some(form(n, executed)),
            request_id: format!("create-{n}"),
        })
        .await
        .expect("the form is started")
        .into_inner();
    world
        .forms(filer(unit))
        .submit_self_evaluation(pb::SubmitSelfEvaluationRequest { name: created.name, ..Default::default() })
        .await
        .expect("the form is handed in")
        .into_inner()
}

async fn open_task(world: &World) {
    let task = pb::SelfEvaluationTask {
        title: "2019年度自评".to_owned(),
        evaluated_year: 2019,
        work_year: 2020,
        ..Default::default()
    };
    let request = pb::CreateSelfEvaluationTaskRequest {
        parent: DISTRICT.to_owned(),
        self_evaluation_task_id: "fy2019".to_owned(),
        self_evaluation_task: Some(task),
        request_id: String::new(),
    };
    world.forms(officer()).create_self_evaluation_task(request).await.expect("the task is opened");
}

#[tokio::test]
async fn units_evaluate_themselves_and_coverage_is_counted() {
    let world = World::start().await;
    open_task(&world).await;
    let first = file(&world, 1, "301", 740_000).await;
    assert_eq!(first.self_score.as_ref().unwrap().value, "96.74");
    assert_eq!(first.self_grade(), common::Grade::Excellent);
    assert_eq!(first.objective_amount, yuan(1_000_000), "the ratified objective says the amount");
    assert_eq!(first.object.as_ref().unwrap().unit, name("units/301"));
    assert_eq!(first.suspicion_signals.len(), 2);
    file(&world, 2, "302", 1_000_000).await;
    file(&world, 3, "901", 1_000_000).await;
    file(&world, 4, "301", 1_000_000).await; // 301001 is the department itself
    let stats = world
        .forms(officer())
        .get_self_evaluation_statistics(pb::GetSelfEvaluationStatisticsRequest {
            name: name("selfEvaluationStatistics/2019"),
        })
        .await
        .expect("statistics")
        .into_inner();
    assert_eq!((stats.unit_count, stats.street_count, stats.form_count), (2, 1, 4));
    assert_eq!((stats.evaluated_amount, stats.ratified_amount), (yuan(10_000_000), yuan(10_000_000)));
    assert_eq!(stats.coverage_rate, dec("100"));
    assert_eq!(stats.missing_report_count, 0);

    let sheet = world
        .forms(officer())
        .verify_self_evaluation_score(pb::VerifySelfEvaluationScoreRequest {
            name: first.name.clone(),
            rule_set: String::new(),
        })
        .await
        .expect("a sheet")
        .into_inner();
    assert!(sheet.consistent);
    assert!(!sheet.explanation.unwrap().steps.is_empty());

    let page = world
        .forms(filer("302"))
        .list_self_evaluations(pb::ListSelfEvaluationsRequest {
            parent: DISTRICT.to_owned(),
            ..Default::default()
        })
        .await
        .expect("a list")
        .into_inner();
    assert_eq!(page.self_evaluations.len(), 1, "a unit sees its own forms");
    let foreign = world
        .forms(filer("302"))
        .get_self_evaluation(pb::GetSelfEvaluationRequest { name: first.name.clone() })
        .await
        .expect_err("another unit's form");
    assert_eq!(foreign.code(), Code::NotFound);
}

#[tokio::test]
async fn a_form_that_is_sent_back_keeps_its_versions() {
    let world = World::start().await;
    open_task(&world).await;
    let form = file(&world, 1, "301", 740_000).await;
    let returned = world
        .forms(reviewer("301"))
        .return_self_evaluation(pb::ReturnSelfEvaluationRequest {
            name: form.name.clone(),
            reason: "佐证不足".to_owned(),
            etag: form.etag.clone(),
            ..Default::default()
        })
        .await
        .expect("it is sent back")
        .into_inner();
    assert_eq!(returned.state(), pb::self_evaluation::State::Returned);
    let late = world
        .forms(reviewer("301"))
        .review_self_evaluation(pb::ReviewSelfEvaluationRequest {
            name: form.name.clone(),
            opinion: "同意".to_owned(),
            etag: form.etag.clone(),
            ..Default::default()
        })
        .await
        .expect_err("somebody was faster");
    assert_eq!(late.code(), Code::Aborted);
    let update = pb::UpdateSelfEvaluationRequest {
        self_evaluation: Some(pb::SelfEvaluation {
            name: form.name.clone(),
            problems: "进度偏慢".to_owned(),
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["problems".to_owned()] }),
        ..Default::default()
    };
    let updated =
        world.forms(filer("301")).update_self_evaluation(update).await.expect("it is changed").into_inner();
    assert_eq!((updated.problems.as_str(), updated.conclusion.as_str()), ("进度偏慢", "良好"));
    let submit = pb::SubmitSelfEvaluationRequest { name: form.name.clone(), ..Default::default() };
    world.forms(filer("301")).submit_self_evaluation(submit).await.expect("it is handed in again");
    let review = pb::ReviewSelfEvaluationRequest {
        name: form.name.clone(),
        score: dec("95"),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.forms(reviewer("301")).review_self_evaluation(review).await.expect("the department reviews");
    let recheck = pb::RecheckSelfEvaluationRequest {
        name: form.name.clone(),
        items: vec![pb::RecheckItem {
            indicator_id: "b".to_owned(),
            score: dec("0"),
            rule: "no_evidence".to_owned(),
            remark: "无佐证".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    };
    world.forms(officer()).recheck_self_evaluation(recheck).await.expect("a recheck");
    let confirm = pb::ConfirmSelfEvaluationRequest {
        name: form.name.clone(),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    let confirmed =
        world.forms(business()).confirm_self_evaluation(confirm).await.expect("confirmed").into_inner();
    assert_eq!(confirmed.self_score, dec("96.74"), "nothing is overwritten");
    assert_eq!(confirmed.rechecks[0].total_score, dec("87.40"));
    assert_eq!(confirmed.review_marks.len(), 3);
    let versions = world
        .forms(officer())
        .list_self_evaluation_versions(pb::ListSelfEvaluationVersionsRequest {
            name: form.name.clone(),
            page_size: 2,
            ..Default::default()
        })
        .await
        .expect("versions")
        .into_inner();
    assert_eq!(versions.self_evaluations.len(), 2);
    assert!(!versions.next_page_token.is_empty());
}

#[tokio::test]
async fn two_projects_are_evaluated_before_they_get_more() {
    let world = World::start().await;
    for (id, amount) in [("p1", 20_000_000), ("p2", 16_000_000)] {
        let asked = pb::ExAnteEvaluation {
            object: project(id),
            work_year: 2020,
            applies_to_year: 2020,
            occasion: pb::ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
            requested_amount: yuan(amount),
            ..Default::default()
        };
        let request = pb::CreateExAnteEvaluationRequest {
            parent: DISTRICT.to_owned(),
            ex_ante_evaluation_id: id.to_owned(),
            ex_ante_evaluation: Some(asked),
            ..Default::default()
        };
        let created =
            world.ex_ante(officer()).create_ex_ante_evaluation(request).await.expect("started").into_inner();
        let judgements = created.dimensions.iter().flat_map(|d| &d.items).map(|item| pb::ExAnteJudgement {
            item: item.code.clone(),
            score: dec("18.5"),
            comment: "较充分".to_owned(),
            ..Default::default()
        });
        let judge = pb::JudgeExAnteEvaluationRequest {
            name: created.name.clone(),
            judgements: judgements.collect(),
            ..Default::default()
        };
        let judged =
            world.ex_ante(officer()).judge_ex_ante_evaluation(judge).await.expect("judged").into_inner();
        assert_eq!(judged.total_score, dec("92.5"));
        let submit = pb::SubmitExAnteEvaluationRequest { name: created.name.clone(), ..Default::default() };
        world.ex_ante(officer()).submit_ex_ante_evaluation(submit).await.expect("handed in");
        let conclude = pb::ConcludeExAnteEvaluationRequest {
            name: created.name.clone(),
            conclusion: pb::ex_ante_evaluation::Conclusion::Support.into(),
            supported_amount: yuan(amount),
            reason: "民生急需".to_owned(),
            ..Default::default()
        };
        let own = world
            .ex_ante(officer())
            .conclude_ex_ante_evaluation(conclude.clone())
            .await
            .expect_err("own work");
        assert_eq!(own.code(), Code::PermissionDenied);
        world.ex_ante(head()).conclude_ex_ante_evaluation(conclude).await.expect("concluded");
    }
    let stats = world
        .ex_ante(officer())
        .get_ex_ante_statistics(pb::GetExAnteStatisticsRequest {
            name: name("exAnteStatistics/2020"),
            occasion: pb::ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
        })
        .await
        .expect("statistics")
        .into_inner();
    assert_eq!((stats.project_count, stats.requested_amount, stats.open_count), (2, yuan(36_000_000), 0));
}

async fn evaluate(world: &World, n: i32, lead: pb::key_evaluation_plan::Lead) -> pb::KeyEvaluation {
    let request = pb::CreateKeyEvaluationRequest {
        parent: DISTRICT.to_owned(),
        key_evaluation_id: format!("k{n}"),
        key_evaluation: Some(pb::KeyEvaluation {
            plan: name("keyEvaluationPlans/y2020"),
            plan_item: n,
            ..Default::default()
        }),
        ..Default::default()
    };
    let created = world.key(officer()).create_key_evaluation(request).await.expect("started").into_inner();
    let member = |n: i32| pb::PanelMember {
        participant: name(&format!("representatives/r{n}")),
        role: if n > 2 { pb::panel_member::Role::CppccMember } else { pb::panel_member::Role::PeoplesDeputy }
            .into(),
        ..Default::default()
    };
    let finance = lead == pb::key_evaluation_plan::Lead::Finance;
    let panel = pb::KeyEvaluationPanel {
        institution: if finance { name("institutions/i1") } else { String::new() },
        engagement: if finance { name("engagements/e1") } else { String::new() },
        lead_evaluator: "主评人".to_owned(),
        members: if finance { vec![member(1 + n % 4)] } else { Vec::new() },
    };
    let appoint =
        pb::AppointPanelRequest { name: created.name.clone(), panel: Some(panel), ..Default::default() };
    world.key(officer()).appoint_panel(appoint).await.expect("a panel");
    let scorer = if finance { guest(Role::ThirdPartyReviewer, "i1") } else { officer() };
    let scores = created.indicators.iter().map(|indicator| pb::KeyEvaluationIndicatorScore {
        code: indicator.code.clone(),
        score: if indicator.code == "01" { dec("11") } else { indicator.points.clone() },
        comment: "依据不充分".to_owned(),
    });
    let score = pb::ScoreIndicatorsRequest {
        name: created.name.clone(),
        scores: scores.collect(),
        ..Default::default()
    };
    world.key(scorer.clone()).score_indicators(score).await.expect("scored");
    let send = pb::SendDraftRequest { name: created.name.clone(), ..Default::default() };
    world.key(scorer.clone()).send_draft(send).await.expect("sent");
    let answer = pb::AnswerDraftRequest { name: created.name.clone(), agreed: true, ..Default::default() };
    world.key(filer("301")).answer_draft(answer).await.expect("answered");
    let report = pb::SubmitKeyEvaluationReportRequest {
        name: created.name.clone(),
        report_sections: vec![pb::ReportSection {
            code: "overview".into(),
            title: "基本情况".into(),
            text: "……".into(),
        }],
        ..Default::default()
    };
    world.key(scorer).submit_key_evaluation_report(report).await.expect("reported");
    let fix = pb::FixKeyEvaluationRequest { name: created.name.clone(), ..Default::default() };
    world.key(head()).fix_key_evaluation(fix).await.expect("fixed").into_inner()
}

#[tokio::test]
async fn thirty_three_objects_are_evaluated_in_depth() {
    use pb::key_evaluation_plan::{Lead, SelectionReason};
    let world = World::start().await;
    let objects: Vec<i32> = (5..38).collect();
    let items = objects.iter().map(|n| pb::KeyEvaluationPlanItem {
        number: *n,
        object: project(&format!("p{n}")),
        lead: if *n < 13 { Lead::Finance } else { Lead::Department }.into(),
        reasons: vec![SelectionReason::Livelihood.into()],
        amount: yuan(8_545_455),
        ..Default::default()
    });
    let plan = pb::KeyEvaluationPlan {
        title: "2020年重点评价".to_owned(),
        work_year: 2020,
        evaluated_year: 2019,
        items: items.collect(),
        stated_totals: Some(pb::StatedTotals {
            total_count: Some(33),
            finance_count: Some(8),
            department_count: Some(25),
            amount: Some(common::PrintedAmount {
                value: dec("2.82"),
                unit: common::AmountUnit::HundredMillionYuan.into(),
                bound: common::FigureBound::Exact.into(),
                text: "2.82亿元".to_owned(),
            }),
        }),
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
    for n in objects {
        let lead = if n < 13 { Lead::Finance } else { Lead::Department };
        let fixed = evaluate(&world, n, lead).await;
        assert_eq!((fixed.total_score, fixed.grade), (dec("91"), common::Grade::Excellent.into()));
    }
    let stats = pb::GetKeyEvaluationStatisticsRequest { name: name("keyEvaluationStatistics/2020") };
    let stats =
        world.key(officer()).get_key_evaluation_statistics(stats).await.expect("statistics").into_inner();
    assert_eq!((stats.total_count, stats.finance_count, stats.department_count), (33, 8, 25));
    assert_eq!(stats.total_amount, yuan(282_000_015));
    assert_eq!(stats.evaluated_years, [2019]);
    assert_eq!((stats.deputy_count, stats.member_count, stats.deputy_member_count), (2, 2, 4));
    assert_eq!(stats.finance_minimum_grade(), common::Grade::Excellent);
    let reconcile = pb::ReconcileKeyEvaluationPlanRequest { name: name("keyEvaluationPlans/y2020") };
    let result =
        world.key(officer()).reconcile_key_evaluation_plan(reconcile).await.expect("reconciled").into_inner();
    assert!(result.reconciled, "{:?}", result.lines);

    let list = pb::ListKeyEvaluationsRequest { parent: DISTRICT.to_owned(), ..Default::default() };
    let seen =
        world.key(guest(Role::Deputy, "r1")).list_key_evaluations(list).await.expect("a list").into_inner();
    assert_eq!(seen.key_evaluations.len(), 2, "a deputy sees what is assigned to them");
}

#[tokio::test]
async fn a_helper_of_the_unit_does_not_evaluate_it() {
    use pb::key_evaluation_plan::{Lead, SelectionReason};
    let world = World::start().await;
    let plan = pb::KeyEvaluationPlan {
        title: "计划".to_owned(),
        work_year: 2020,
        evaluated_year: 2019,
        items: vec![pb::KeyEvaluationPlanItem {
            number: 1,
            object: project("p1"),
            lead: Lead::Finance.into(),
            reasons: vec![SelectionReason::Livelihood.into()],
            amount: yuan(1),
            ..Default::default()
        }],
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
    let create = pb::CreateKeyEvaluationRequest {
        parent: DISTRICT.to_owned(),
        key_evaluation_id: "k1".to_owned(),
        key_evaluation: Some(pb::KeyEvaluation {
            plan: name("keyEvaluationPlans/y2020"),
            plan_item: 1,
            ..Default::default()
        }),
        ..Default::default()
    };
    let created = world.key(officer()).create_key_evaluation(create).await.expect("started").into_inner();
    let panel = pb::KeyEvaluationPanel {
        institution: name("institutions/i2"),
        engagement: name("engagements/helper"),
        lead_evaluator: "主评人".to_owned(),
        members: Vec::new(),
    };
    let check = pb::CheckPanelConflictsRequest { name: created.name.clone(), panel: Some(panel.clone()) };
    let found = world.key(officer()).check_panel_conflicts(check).await.expect("a check").into_inner();
    assert_eq!(found.conflicts.len(), 2);
    let appoint = pb::AppointPanelRequest { name: created.name, panel: Some(panel), ..Default::default() };
    let refused = world.key(officer()).appoint_panel(appoint).await.expect_err("a conflict");
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "CONFLICT_OF_INTEREST")
    );
}

#[tokio::test]
async fn problems_are_demanded_rectified_and_accepted_together() {
    let world = World::start().await;
    let mut findings = Vec::new();
    for category in [pb::finding::Category::LowExecution, pb::finding::Category::ImpreciseBudget] {
        let finding = pb::Finding {
            object: project("p1"),
            source: pb::finding::Source::FinanceEvaluation.into(),
            evaluated_year: 2019,
            work_year: 2020,
            category: category.into(),
            description: "执行率偏低".to_owned(),
            ..Default::default()
        };
        let request = pb::CreateFindingRequest {
            parent: DISTRICT.to_owned(),
            finding: Some(finding),
            ..Default::default()
        };
        let created =
            world.rectification(officer()).create_finding(request).await.expect("recorded").into_inner();
        findings.push(created.name);
    }
    let demand = pb::Rectification {
        unit: name("units/301"),
        findings: findings.clone(),
        demand: "限期整改".to_owned(),
        work_year: 2020,
        demand_date: day(2020, 9, 1),
        ..Default::default()
    };
    let request = pb::CreateRectificationRequest {
        parent: DISTRICT.to_owned(),
        rectification: Some(demand),
        ..Default::default()
    };
    let demanded = world
        .rectification(officer())
        .create_rectification(request.clone())
        .await
        .expect("demanded")
        .into_inner();
    assert_eq!(demanded.due_date, day(2020, 10, 1));
    let twice =
        world.rectification(officer()).create_rectification(request).await.expect_err("demanded already");
    assert_eq!(reason(&twice), "FINDING_NOT_DEMANDABLE");
    let report = pb::ReportMeasuresRequest {
        name: demanded.name.clone(),
        text: "已整改".to_owned(),
        ..Default::default()
    };
    world.rectification(filer("301")).report_measures(report).await.expect("reported");
    let accept = pb::AcceptRectificationRequest {
        name: demanded.name.clone(),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.rectification(officer()).accept_rectification(accept).await.expect("accepted");
    let get = pb::GetFindingRequest { name: findings[0].clone() };
    let finding = world.rectification(filer("301")).get_finding(get).await.expect("a finding").into_inner();
    assert_eq!(finding.state(), pb::finding::State::Rectified);
    let stats = pb::GetRectificationStatisticsRequest { name: name("rectificationStatistics/2020") };
    let stats =
        world.rectification(officer()).get_rectification_statistics(stats).await.expect("stats").into_inner();
    assert_eq!((stats.finding_count, stats.rectified_count, stats.accepted_count), (2, 2, 1));
}

fn printed(
    value: &str,
    unit: common::AmountUnit,
    bound: common::FigureBound,
    text: &str,
) -> Option<pb::BudgetFigure> {
    let printed = common::PrintedAmount {
        value: dec(value),
        unit: unit.into(),
        bound: bound.into(),
        text: text.to_owned(),
    };
    Some(pb::BudgetFigure { amount: None, printed: Some(printed) })
}

#[tokio::test]
async fn budgets_are_decided_by_people_who_say_why() {
    use common::{AmountUnit::HundredMillionYuan, AmountUnit::TenThousandYuan, FigureBound};
    let world = World::start().await;
    open_task(&world).await;
    file(&world, 2, "302", 740_000).await; // 74 %: below 80 %
    let generate = pb::GenerateBudgetHintsRequest {
        parent: DISTRICT.to_owned(),
        applies_to_year: 2021,
        work_year: 2020,
        ..Default::default()
    };
    let made =
        world.budget(officer()).generate_budget_hints(generate.clone()).await.expect("hints").into_inner();
    assert_eq!(
        (made.created_count, made.unchanged_count),
        (2, 0),
        "low execution, and a policy that has expired"
    );
    let again =
        world.budget(officer()).generate_budget_hints(generate.clone()).await.expect("hints").into_inner();
    assert_eq!((again.created_count, again.unchanged_count), (0, 2));

    let asked = pb::BudgetDecision {
        object: project("p2"),
        evaluated_year: 2019,
        work_year: 2020,
        applies_to_year: 2021,
        requested: printed("143", TenThousandYuan, FigureBound::Exact, "143万元"),
        base_figures: vec![pb::BaseFigure {
            kind: pb::base_figure::Kind::InitialBudget.into(),
            fiscal_year: 2019,
            figure: printed("80", TenThousandYuan, FigureBound::Exact, "80万元"),
            execution_rate: dec("74"),
        }],
        ..Default::default()
    };
    let create = pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision_id: "office".to_owned(),
        budget_decision: Some(asked),
        ..Default::default()
    };
    let created =
        world.budget(filer("302")).create_budget_decision(create).await.expect("requested").into_inner();
    let mut arrange = pb::ArrangeBudgetRequest {
        name: created.name.clone(),
        figure: printed("85", TenThousandYuan, FigureBound::Exact, "85万元"),
        reason: "按上年执行核定".to_owned(),
        evidence: vec![pb::Evidence {
            resource: name("selfEvaluations/s2"), text: "执行率74%".to_owned()
        }],
        ..Default::default()
    };
    let refused =
        world.budget(business()).arrange_budget(arrange.clone()).await.expect_err("a hint stands in the way");
    assert_eq!(reason(&refused), "OVERRIDE_REASON_REQUIRED");
    arrange.override_reason = "房屋安全需要".to_owned();
    let arranged = world.budget(business()).arrange_budget(arrange).await.expect("arranged").into_inner();
    assert_eq!((arranged.cut_amount, arranged.cut_rate), (yuan(580_000), dec("40.56")));
    assert_eq!(arranged.hints.len(), 1);

    let open = pb::BudgetDecision {
        object: object(pb::evaluated_object::Kind::WholeDepartment, "units/301"),
        work_year: 2020,
        applies_to_year: 2021,
        base_figures: vec![pb::BaseFigure {
            kind: pb::base_figure::Kind::AdjustedBudget.into(),
            fiscal_year: 2020,
            figure: printed("1.9", HundredMillionYuan, FigureBound::Exact, "1.9亿"),
            execution_rate: None,
        }],
        ..Default::default()
    };
    let create = pb::CreateBudgetDecisionRequest {
        parent: DISTRICT.to_owned(),
        budget_decision: Some(open),
        ..Default::default()
    };
    let created =
        world.budget(business()).create_budget_decision(create).await.expect("recorded").into_inner();
    let arrange = pb::ArrangeBudgetRequest {
        name: created.name,
        figure: printed("0.6", HundredMillionYuan, FigureBound::AtLeast, "0.6亿多"),
        reason: "进度偏慢".to_owned(),
        evidence: vec![pb::Evidence { resource: String::new(), text: "2020年进度".to_owned() }],
        ..Default::default()
    };
    let arranged = world.budget(head()).arrange_budget(arrange).await.expect("arranged").into_inner();
    let kept = arranged.arrangements[0].figure.as_ref().unwrap().printed.as_ref().unwrap();
    assert_eq!((kept.text.as_str(), kept.bound()), ("0.6亿多", FigureBound::AtLeast));
    assert!(arranged.cut_amount.is_none() && !arranged.comparisons[0].exact);

    let due = pb::OpenDueSunsetReviewsRequest {
        parent: DISTRICT.to_owned(),
        work_year: 2020,
        applies_to_year: 2021,
        ..Default::default()
    };
    let opened =
        world.budget(officer()).open_due_sunset_reviews(due).await.expect("due").into_inner().sunset_reviews;
    assert_eq!(opened.len(), 1);
    let evaluate = pb::EvaluateSunsetReviewRequest {
        name: opened[0].name.clone(),
        grade: common::Grade::Good.into(),
        text: "成效良好".to_owned(),
        ..Default::default()
    };
    world.budget(reviewer("302")).evaluate_sunset_review(evaluate).await.expect("evaluated");
    let decide = pb::DecideSunsetReviewRequest {
        name: opened[0].name.clone(),
        outcome: pb::sunset_review::Outcome::Continue.into(),
        reason: "评价良好".to_owned(),
        renewal_start_date: day(2021, 1, 1),
        ..Default::default()
    };
    let decided = world.budget(head()).decide_sunset_review(decide).await.expect("decided").into_inner();
    assert_eq!(decided.gap_day_count, 163);
    let made = world.budget(officer()).generate_budget_hints(generate).await.expect("hints").into_inner();
    assert_eq!((made.unchanged_count, made.superseded_count), (1, 1), "a decided review settles the expiry");

    let stats = pb::GetBudgetLinkStatisticsRequest { name: name("budgetLinkStatistics/2021") };
    let stats =
        world.budget(officer()).get_budget_link_statistics(stats).await.expect("statistics").into_inner();
    assert_eq!((stats.arranged_count, stats.cut_count, stats.inexact_count), (2, 1, 1));
    assert_eq!(
        (stats.cut_amount, stats.sunset_review_count, stats.continued_policy_count),
        (yuan(580_000), 1, 1)
    );
}

#[tokio::test]
async fn what_is_not_yet_there_says_so() {
    let world = World::start().await;
    let draw = pb::CreateRecheckDrawRequest {
        parent: DISTRICT.to_owned(),
        recheck_draw: Some(pb::RecheckDraw::default()),
        ..Default::default()
    };
    let refused = world.forms(officer()).create_recheck_draw(draw).await.expect_err("not implemented");
    assert_eq!(refused.code(), Code::Unimplemented);
}
