use chrono::{DateTime, Utc};
use wenxiao_kernel::{Grade, Operator};

use super::budget::object;
use super::rules::{day, rules};
use super::{dec, yuan};
use crate::domain::Failure;
use crate::domain::conflict::{ConflictKind, Engagement, Person, Question, find};
use crate::domain::ex_ante::{ExAnte, Judgement, Request, State as ExAnteState};
use crate::domain::key_evaluation::{
    IndicatorScore, KeyEvaluation, Member, Opinion, Panel, Role, State as KeyState,
};
use crate::domain::key_plan::{
    Lead, Plan, PlanItem, SelectionReason, State as PlanState, Stated, Stored, reconcile,
};
use crate::domain::object::{ObjectKind, ReportSection};
use crate::domain::rectification::{Effect, Rectification, State as RectificationState};
use crate::domain::rules::{Conclusion, ConflictRules, Sourced};
use crate::domain::scoring::indicator::Actual;
use crate::domain::self_evaluation::{
    Act, Basis, Form, FundRow, FundSource, Indicator, RecheckItem, SelfEvaluation, State,
};
use crate::domain::task::{State as TaskState, Task};

pub(super) fn now() -> DateTime<Utc> {
    "2020-06-01T08:00:00Z".parse().unwrap()
}

pub(super) fn task() -> Task {
    Task {
        title: "2019年度绩效自评".into(),
        evaluated_year: 2019,
        work_year: 2020,
        start_date: None,
        due_date: None,
        description: String::new(),
        rule_set: String::new(),
        state: TaskState::Open,
    }
}

fn item(id: &str, weight: &str, actual: Option<&str>) -> Indicator {
    Indicator {
        id: id.into(),
        level1: "产出指标".into(),
        level2: "数量指标".into(),
        level3: "完成数量".into(),
        operator: Some(Operator::AtLeast),
        target: Some(dec("95")),
        upper: None,
        target_text: String::new(),
        unit: "%".into(),
        method: None,
        weight: dec(weight),
        actual: actual.map(|value| Actual::Number(dec(value))),
        actual_text: String::new(),
        unit_score: None,
        deviation_reason: String::new(),
        evidence: Vec::new(),
    }
}

pub(super) fn form() -> Form {
    Form {
        achieved_goal: "基本完成".into(),
        fund_rows: vec![FundRow {
            source: FundSource::CurrentYearFiscal,
            initial: yuan("2600000"),
            adjustment: yuan("0"),
            executed: yuan("1924000"),
            reason: String::new(),
        }],
        execution_reason: "部分工程延后".into(),
        indicators: vec![
            item("a", "80", Some("96")),
            Indicator { deviation_reason: "雨季停工".into(), ..item("b", "10", Some("88.75")) },
        ],
        conclusion: "良好".into(),
        project_leader: "甲".into(),
        finance_leader: "乙".into(),
        ..Form::default()
    }
}

fn started(form: Form) -> Result<SelfEvaluation, Failure> {
    let task = task();
    SelfEvaluation::start(
        ("t", &task),
        object(ObjectKind::Project),
        Basis { amount: yuan("2600000"), ..Basis::default() },
        form,
        &rules(),
    )
}

fn act() -> Act<'static> {
    Act { actor: "test:reviewer", now: now(), version: 3 }
}

#[test]
fn a_form_goes_its_way_and_nothing_is_overwritten() {
    let mut evaluation = started(form()).unwrap();
    assert_eq!(evaluation.sheet.totals.self_score, Some(dec("96.74"))); // 7.40 + 80 + 9.34
    assert_eq!(evaluation.sheet.totals.self_grade, Some(Grade::Excellent));
    evaluation.submit(&task(), &rules(), &[], "u", now()).unwrap();
    assert!(matches!(
        evaluation.clone().edit(&task(), form(), &rules(), &[]),
        Err(Failure::StateNotAllowed { .. })
    ));
    evaluation.send_back(&rules(), "佐证不足".into(), act()).unwrap();
    assert_eq!(evaluation.state, State::Returned);
    evaluation.submit(&task(), &rules(), &[], "u", now()).unwrap();
    evaluation.review(&rules(), Some(dec("89.99")), "同意".into(), act()).unwrap();
    evaluation.confirm(&rules(), None, "同意".into(), act()).unwrap();
    assert_eq!((evaluation.state, evaluation.submission_count), (State::Confirmed, 2));
    let marks: Vec<_> = evaluation.review_marks.iter().map(|m| (m.returned, m.grade)).collect();
    assert_eq!(marks, [(true, None), (false, Some(Grade::Good)), (false, None)]);
    assert_eq!(evaluation.sheet.totals.self_score, Some(dec("96.74")), "the unit's own score stays");
}

#[test]
fn what_is_missing_is_named_at_once() {
    let mut bare = form();
    bare.conclusion.clear();
    bare.execution_reason.clear();
    bare.indicators[0].actual = None;
    bare.indicators[1].deviation_reason.clear();
    let refused = started(bare).unwrap().submit(&task(), &rules(), &[], "u", now()).unwrap_err();
    let Failure::Incomplete { missing } = refused else { panic!("{refused}") };
    assert_eq!(
        missing,
        ["conclusion", "execution_reason", "indicators[0].actual", "indicators[1].deviation_reason"]
    );

    let mut heavy = form();
    heavy.indicators[0].weight = dec("90");
    let refused = started(heavy).unwrap().submit(&task(), &rules(), &[], "u", now()).unwrap_err();
    assert_eq!(refused, Failure::FrameworkPoints { sum: dec("110"), required: dec("100") });

    let mut closed = task();
    closed.close().unwrap();
    assert!(matches!(
        started(form()).unwrap().submit(&closed, &rules(), &[], "u", now()),
        Err(Failure::TaskClosed { .. })
    ));
}

#[test]
fn a_recheck_stands_beside_the_units_values() {
    let mut evaluation = started(form()).unwrap();
    evaluation.submit(&task(), &rules(), &[], "u", now()).unwrap();
    let check = |rule: &str, remark: &str, score: &str| RecheckItem {
        indicator_id: "a".into(),
        actual: None,
        actual_text: String::new(),
        score: dec(score),
        rule: rule.into(),
        remark: remark.into(),
    };
    let mut recheck =
        |item| evaluation.recheck(&rules(), vec![item], String::new(), "test:checker", now(), 4);
    assert!(matches!(recheck(check("", "", "0")), Err(Failure::DeductionReasonRequired { .. })));
    assert!(matches!(recheck(check("invented", "x", "0")), Err(Failure::UnknownPart { .. })));
    assert!(matches!(recheck(check("no_evidence", "无佐证", "5")), Err(Failure::ScoreOutOfBand { .. })));
    recheck(check("partly_late", "两项逾期", "56")).unwrap();
    let found = &evaluation.rechecks[0];
    assert_eq!((found.total_score, found.deviation, found.grade), (dec("72.74"), dec("-24.00"), Grade::Fair));
    assert_eq!(evaluation.sheet.totals.self_score, Some(dec("96.74")));
}

fn plan_item(number: i32, lead: Lead, amount: &str) -> PlanItem {
    let mut chosen = object(ObjectKind::Project);
    chosen.subject = format!("districts/350205000/projects/p{number}");
    PlanItem {
        number,
        object: chosen,
        lead,
        reasons: vec![SelectionReason::Livelihood],
        remark: String::new(),
        candidate: String::new(),
        amount: yuan(amount),
    }
}

fn plan() -> Plan {
    Plan {
        title: "2020年重点评价".into(),
        work_year: 2020,
        evaluated_year: 2019,
        items: vec![plan_item(1, Lead::Finance, "100"), plan_item(2, Lead::Department, "50")],
        stated: Stated::default(),
        approval: None,
        state: PlanState::Draft,
    }
}

#[test]
fn plans_need_reasons_and_are_reconciled_with_what_is_stored() {
    let mut twice = plan();
    twice.items[1].object.subject = twice.items[0].object.subject.clone();
    assert!(twice.approve("x", now()).is_err());
    let mut bare = plan();
    bare.items[0].reasons.clear();
    assert!(matches!(bare.approve("x", now()), Err(Failure::Incomplete { .. })));

    let mut good = plan();
    good.stated = Stated { total: Some(3), finance: Some(1), department: Some(1), amount: None }; // text says three
    good.approve("x", now()).unwrap();
    let stored = |plan_item, lead, amount: &str| Stored {
        name: format!("k{plan_item}"),
        plan_item,
        lead,
        amount: yuan(amount),
        fixed: true,
    };
    let found = reconcile(&good, &[stored(1, Lead::Finance, "100")]).unwrap();
    let broken: Vec<_> = found.lines.iter().filter(|l| !l.matching).map(|l| l.code).collect();
    assert_eq!(broken, ["total_count", "department_count", "amount"]);
    assert_eq!(found.missing_items, [2]);
    assert!(!found.reconciled());
}

#[test]
fn a_key_evaluation_hears_everyone_and_fixes_its_grade_by_the_rules() {
    let mut plan = plan();
    assert!(KeyEvaluation::start(("p", &plan), 1, &rules()).is_err(), "not before the plan is approved");
    plan.approve("x", now()).unwrap();
    let mut evaluation = KeyEvaluation::start(("p", &plan), 1, &rules()).unwrap();
    let member =
        |participant: &str, role| Member { participant: participant.into(), title: String::new(), role };
    let panel = Panel {
        institution: "i".into(),
        engagement: "e".into(),
        lead_evaluator: "主评人".into(),
        members: vec![member("expert", Role::Expert), member("deputy", Role::PeoplesDeputy)],
    };
    let unled = Panel { institution: String::new(), ..panel.clone() };
    assert!(matches!(evaluation.appoint(unled, &[]), Err(Failure::Incomplete { .. })));
    evaluation.appoint(panel, &[]).unwrap();
    let opinion = |who: &str, score: Option<&str>| Opinion {
        participant: who.into(),
        phase: "实地".into(),
        text: "意见".into(),
        suggested_score: score.map(dec),
    };
    assert!(matches!(
        evaluation.give_opinion(opinion("deputy", Some("90")), now()),
        Err(Failure::AdviceOnly { .. })
    ));
    evaluation.give_opinion(opinion("deputy", None), now()).unwrap();
    evaluation.give_opinion(opinion("expert", Some("85")), now()).unwrap();
    assert!(matches!(evaluation.send_draft(String::new(), now()), Err(Failure::Incomplete { .. })));
    let score = |code: &str, score: &str, comment: &str| IndicatorScore {
        code: code.into(),
        score: dec(score),
        comment: comment.into(),
    };
    assert!(matches!(
        evaluation.score(vec![score("01", "19", "")], &rules(), "s", now()),
        Err(Failure::DeductionReasonRequired { .. })
    ));
    assert!(matches!(
        evaluation.score(vec![score("01", "20.01", "")], &rules(), "s", now()),
        Err(Failure::ScoreOutOfBand { .. })
    ));
    let all = vec![
        score("01", "18", "依据不足"),
        score("02", "15", "制度不全"),
        score("03", "27", "一项未完成"),
        score("04", "29.99", "满意度略低"),
    ];
    evaluation.score(all, &rules(), "s", now()).unwrap();
    assert_eq!((evaluation.total_score, evaluation.grade), (Some(dec("89.99")), Some(Grade::Good)));
    evaluation.send_draft(String::new(), now()).unwrap();
    assert!(evaluation.clone().fix(&rules(), "x", now()).is_err(), "not before the unit was heard");
    assert!(evaluation.answer(false, String::new(), "u", now()).is_err());
    evaluation.answer(true, String::new(), "u", now()).unwrap();
    let section =
        ReportSection { code: "overview".into(), title: "基本情况".into(), text: "……".into() };
    evaluation.submit_report(vec![section]).unwrap();
    evaluation.fix(&rules(), "x", now()).unwrap();
    assert_eq!(evaluation.state, KeyState::Fixed);
    assert_eq!(evaluation.fixed.unwrap().notice_due_date, Some(day("2020-06-21")));
}

#[test]
fn conflicts_bar_from_the_year_in_which_the_rules_enforce_them() {
    let engagement = |principal: &str, may_sign| Engagement {
        name: "e".into(),
        participant: "i".into(),
        principal: principal.into(),
        may_sign,
        work_year: 2020,
    };
    let people = [Person { participant: "expert".into(), employer: "unit".into() }];
    let engagements = [engagement("unit", true)];
    let question = Question {
        institution: "i",
        engagement: "",
        engagements: &engagements,
        people: &people,
        evaluated_unit: "unit",
        work_year: 2020,
    };
    for enforced in [false, true] {
        let rule = ConflictRules { enforced, cooling_years: 1 };
        let found = find(Some(Sourced { rule_set: "r", rule: &rule }), &question);
        let kinds: Vec<_> = found.iter().map(|c| (c.kind, c.blocking)).collect();
        assert_eq!(
            kinds,
            [
                (ConflictKind::EngagedByEvaluatedUnit, enforced),
                (ConflictKind::PersonOfEvaluatedUnit, enforced)
            ]
        );
    }
    let engagements = [engagement("finance", false)];
    let own = Question { engagement: "e", engagements: &engagements, people: &[], ..question };
    let found = find(None, &own);
    assert_eq!((found[0].kind, found[0].blocking), (ConflictKind::AssistOnly, true), "a helper never signs");
}

#[test]
fn ex_ante_scores_suggest_and_people_conclude() {
    let request = Request {
        cause: None,
        occasion: None,
        amount: yuan("20000000"),
        institution: String::new(),
        experts: Vec::new(),
        report_sections: Vec::new(),
        attachments: Vec::new(),
    };
    let mut evaluation = ExAnte::start(object(ObjectKind::Project), (2020, 2020), request, &rules()).unwrap();
    assert!(matches!(evaluation.submit("u"), Err(Failure::Incomplete { .. })));
    let judge = |item: &str, score: &str| Judgement {
        item: item.into(),
        judgement: None,
        score: dec(score),
        comment: "意见".into(),
    };
    let all =
        ["need", "economy", "objectives", "feasibility", "funding"].map(|code| judge(code, "17.5")).to_vec();
    evaluation.judge(all, &rules()).unwrap();
    assert_eq!((evaluation.total_score, evaluation.suggested), (Some(dec("87.5")), Some(Conclusion::Adjust)));
    evaluation.submit("u").unwrap();
    for (conclusion, amount) in [
        (Conclusion::Support, "1"),
        (Conclusion::Adjust, "0"),
        (Conclusion::Adjust, "20000001"),
        (Conclusion::Refuse, "1"),
    ] {
        let refused = evaluation.clone().conclude(conclusion, yuan(amount), "x".into(), "x", now());
        assert!(matches!(refused, Err(Failure::AmountNotAllowed { .. })), "{conclusion} {amount}");
    }
    evaluation.conclude(Conclusion::Support, yuan("20000000"), "民生急需".into(), "x", now()).unwrap();
    assert_eq!(evaluation.state, ExAnteState::Concluded);
}

#[test]
fn a_demand_is_overdue_only_after_its_last_day() {
    let mut demand = Rectification::demand(
        "unit".into(),
        vec!["f".into()],
        "整改".into(),
        2020,
        day("2020-09-01"),
        None,
        &rules(),
    )
    .unwrap();
    assert_eq!(demand.due_date, day("2020-10-01"));
    assert!(matches!(
        demand.mark_overdue(Effect::StopPayment, "x".into(), day("2020-10-01")),
        Err(Failure::NotOverdue { .. })
    ));
    demand.mark_overdue(Effect::StopPayment, "逾期".into(), day("2020-10-02")).unwrap();
    demand.report("已整改".into(), Vec::new(), "u", now()).unwrap();
    demand.decide(false, "不到位".into(), None, "x", now()).unwrap();
    demand.report("再整改".into(), Vec::new(), "u", now()).unwrap();
    demand.decide(true, "同意".into(), None, "x", now()).unwrap();
    assert_eq!(
        (demand.state, demand.measures.len(), demand.effect),
        (RectificationState::Accepted, 2, Some(Effect::StopPayment))
    );
}
