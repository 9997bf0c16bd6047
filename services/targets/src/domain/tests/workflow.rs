//! The way from draft to ratification: every step of DOMAIN 3.5, and what no sequence of steps may do.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Grade, Secrecy};

use super::*;
use crate::domain::action::Actor;
use crate::domain::objective::{
    DecisionKind, FilingKind, NewObjective, Objective, Owner, State, Subject, UnitRef, VersionKind,
};
use crate::domain::window::Filing;
use crate::domain::workflow::{Change, Command, Judgement, Refusal, leads_to};

pub(super) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_600_000_000 + second, 0).unwrap()
}

pub(super) fn draft() -> Objective {
    let year = FiscalYear::try_from(2020).unwrap();
    let unit = UnitRef::of_code("602001");
    let filed = NewObjective {
        id: "o1".to_owned(),
        subject: Subject::Project("p1".to_owned()),
        fiscal_year: year,
        work_year: year.previous(),
        filing_kind: FilingKind::Annual,
        display_name: "校舍修缮".to_owned(),
        owner: Owner { department: unit.head(), unit, version: 1 },
        account: Some(BudgetAccount::GeneralPublic),
        secrecy: Secrecy::None,
        form: sound_form(),
    };
    Objective::draft(filed, at(0))
}

pub(super) fn actor(subject: &str) -> Actor {
    Actor {
        subject: subject.to_owned(),
        on_behalf_of: in_place_of(subject).map(str::to_owned),
        head: matches!(subject, "unit head" | "everything" | "deputy"),
        department: matches!(subject, "department" | "everything" | "deputy"),
        finance: matches!(subject, "finance" | "everything" | "deputy"),
    }
}

/// Whom somebody stands in for.
pub(super) fn in_place_of(subject: &str) -> Option<&'static str> {
    (subject == "deputy").then_some("filer")
}

pub(super) fn said(opinion: &str) -> Judgement {
    Judgement { opinion: opinion.to_owned(), ..Judgement::default() }
}

pub(super) fn graded(grade: Grade, recommended: Option<Grade>, opinion: &str) -> Command {
    let consequence = review_rules().consequence(grade).unwrap();
    Command::Grade { grade, consequence, recommended, judgement: said(opinion) }
}

pub(super) fn submit() -> Command {
    Command::Submit { rules: Arc::new(form_rules()), signature: false, filing: Filing::Unbound }
}

pub(super) fn settle(agreement: &str, form: Option<Box<Form>>) -> Command {
    Command::Settle { agreement: agreement.to_owned(), form, rules: Arc::new(form_rules()) }
}

pub(super) fn pass() -> Command {
    Command::Pass { judgement: said("同意") }
}

pub(super) fn send_back(reason: &str) -> Command {
    Command::Return { judgement: said(reason), unlock_all: false, due_date: None }
}

pub(super) fn ratify() -> Command {
    Command::Ratify { amount: yuan("850000"), document: "厦海财〔2020〕1号".to_owned() }
}

pub(super) fn step(objective: &Objective, command: Command, who: &str) -> Result<Change, Refusal> {
    objective.apply(command, &actor(who), at(objective.version))
}

#[test]
fn a_form_is_never_less_secret_than_its_subject() {
    for (asked, subject_secrecy, kept) in [
        (Some(Secrecy::None), Secrecy::Internal, Secrecy::Internal),
        (Some(Secrecy::Classified), Secrecy::Internal, Secrecy::Classified),
        (Some(Secrecy::Internal), Secrecy::None, Secrecy::Internal),
        (None, Secrecy::Classified, Secrecy::None), // an edit that does not speak of it changes nothing
    ] {
        let command = Command::Edit { form: None, secrecy: asked, subject_secrecy };
        let change = draft().apply(command, &actor("filer"), at(1)).unwrap();
        assert_eq!(change.objective.secrecy, kept, "{asked:?} of a subject that is {subject_secrecy:?}");
    }
}

pub(super) fn walk(steps: Vec<(Command, &str)>) -> Objective {
    steps
        .into_iter()
        .fold(draft(), |objective, (command, who)| step(&objective, command, who).unwrap().objective)
}

pub(super) fn in_finance_review() -> Objective {
    walk(vec![(submit(), "filer"), (pass(), "department")])
}

#[test]
fn four_grades_lead_four_ways() {
    let cases = [
        (Grade::Excellent, State::Approved),
        (Grade::Good, State::Consultation),
        (Grade::Fair, State::Returned),
        (Grade::Poor, State::Barred),
    ];
    for (grade, state) in cases {
        let change = step(&in_finance_review(), graded(grade, Some(grade), "意见"), "finance").unwrap();
        assert_eq!((change.objective.state, change.objective.grade), (state, Some(grade)));
        assert_eq!(leads_to(review_rules().consequence(grade).unwrap()), state);
        assert_eq!(change.objective.return_count, i32::from(grade == Grade::Fair));
    }
}

#[test]
fn fair_goes_through_the_full_procedure_again_as_a_new_version() {
    let returned =
        step(&in_finance_review(), graded(Grade::Fair, None, "指标不量化"), "finance").unwrap().objective;
    let again = step(&returned, submit(), "filer").unwrap();
    let version = again.version.unwrap();
    assert_eq!((version.number, version.kind), (2, VersionKind::Resubmission));
    assert_eq!((again.objective.state, again.objective.grade), (State::DepartmentReview, None));
    assert_eq!(version.content_hash, again.objective.form.content_hash());
}

#[test]
fn good_is_settled_by_consultation_with_or_without_another_text() {
    let consulted = step(&in_finance_review(), graded(Grade::Good, None, ""), "finance").unwrap().objective;
    let missing = step(&consulted, settle(" ", None), "finance").unwrap_err();
    assert_eq!(missing, Refusal::ReasonMissing { recommended: None });
    let same = step(&consulted, settle("维持原文", None), "finance").unwrap();
    assert_eq!((same.objective.state, same.version), (State::Approved, None));
    let mut better = sound_form();
    better.annual_goal.push_str("，受益学生1200人");
    let settled = step(&consulted, settle("补充受益人数", Some(Box::new(better))), "finance").unwrap();
    assert_eq!(settled.version.as_ref().unwrap().kind, VersionKind::Consultation);
    // Who wrote the settled text does not ratify it as well.
    assert_eq!(step(&settled.objective, ratify(), "finance").unwrap_err(), Refusal::OwnWork);
    assert_eq!(step(&settled.objective, ratify(), "head").unwrap().objective.state, State::Ratified);
}

#[test]
fn poor_is_barred_until_somebody_entitled_lifts_it() {
    let barred = step(&in_finance_review(), graded(Grade::Poor, None, "不属财政支出范围"), "finance")
        .unwrap()
        .objective;
    for command in [submit(), pass(), ratify()] {
        assert_eq!(step(&barred, command, "finance").unwrap_err(), Refusal::State(State::Barred));
    }
    let reopened = step(&barred, Command::Reopen { reason: "补充了立项依据".to_owned() }, "head").unwrap();
    assert_eq!(reopened.objective.state, State::Returned);
}

#[test]
fn a_decision_against_the_opinions_needs_a_reason() {
    let objective = in_finance_review();
    let missing = Refusal::ReasonMissing { recommended: Some(Grade::Good) };
    assert_eq!(
        step(&objective, graded(Grade::Excellent, Some(Grade::Good), ""), "finance").unwrap_err(),
        missing
    );
    let change =
        step(&objective, graded(Grade::Excellent, Some(Grade::Good), "已当场修正"), "finance").unwrap();
    let decision = change.decision.unwrap();
    assert_eq!((decision.grade, decision.recommended), (Some(Grade::Excellent), Some(Grade::Good)));
    for grade in [Grade::Fair, Grade::Poor] {
        let refused = step(&objective, graded(grade, Some(grade), " "), "finance").unwrap_err();
        assert_eq!(refused, Refusal::ReasonMissing { recommended: Some(grade) });
    }
}

#[test]
fn each_office_returns_what_lies_with_it() {
    let at_department = walk(vec![(submit(), "filer")]);
    assert_eq!(step(&at_department, send_back("缺指标"), "finance").unwrap_err(), Refusal::Office);
    let returned = step(&at_department, send_back("缺指标"), "department").unwrap();
    assert_eq!((returned.objective.state, returned.objective.return_count), (State::Returned, 1));
    assert_eq!(returned.decision.unwrap().kind, DecisionKind::Returned);
    assert_eq!(step(&in_finance_review(), send_back("缺指标"), "department").unwrap_err(), Refusal::Office);
    let silent = step(&in_finance_review(), send_back(" "), "finance").unwrap_err();
    assert_eq!(silent, Refusal::ReasonMissing { recommended: None });
}

#[test]
fn ratification_freezes_version_and_amount() {
    let approved =
        step(&in_finance_review(), graded(Grade::Excellent, None, ""), "finance").unwrap().objective;
    let negative = Command::Ratify { amount: yuan("-0.01"), document: String::new() };
    assert_eq!(step(&approved, negative, "finance").unwrap_err(), Refusal::NegativeAmount);
    let ratified = step(&approved, ratify(), "finance").unwrap().objective;
    assert_eq!((ratified.ratified_version, ratified.ratified_amount), (1, Some(yuan("850000"))));
    assert_eq!(step(&ratified, ratify(), "finance").unwrap_err(), Refusal::State(State::Ratified));
}

#[test]
fn a_form_with_errors_stays_where_it_is() {
    let mut objective = draft();
    objective.form.annual_goal.clear();
    objective.form.indicators[0].weight = Some(number("49.99"));
    let Err(Refusal::Form(remarks)) = step(&objective, submit(), "filer") else { panic!("refused") };
    let rules: Vec<_> = remarks.iter().map(|remark| remark.rule.as_str()).collect();
    assert_eq!(rules, ["completeness.annual_goal", "weights.sum"]);
}
