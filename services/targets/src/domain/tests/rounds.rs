//! Rounds (退回与重新报送): signatures, what a return unlocks, remarks until they are settled, where a form resumes.

use chrono::NaiveDate;
use wenxiao_kernel::{Grade, Secrecy};

use super::workflow::{
    actor, at, draft, graded, in_finance_review, pass, said, send_back, settle, step, submit, walk,
};
use super::*;
use crate::domain::action::{Action, Actor, Standing};
use crate::domain::form::{Remark, Severity};
use crate::domain::objective::{DecisionKind, Objective, State};
use crate::domain::remark::{Desk, Place, Unlocked};
use crate::domain::task::{self, Key, Task};
use crate::domain::window::Filing;
use crate::domain::workflow::{Command, Judgement, Refusal};

fn remark(field: &str, indicator: &str, severity: Severity) -> Remark {
    Remark {
        field: field.to_owned(),
        indicator_id: indicator.to_owned(),
        severity,
        text: "请修改".to_owned(),
        proposal: String::new(),
        item_code: String::new(),
        rule: String::new(),
    }
}

fn returning(remarks: Vec<Remark>) -> Command {
    let judgement = Judgement { remarks, ..said("请按意见修改") };
    Command::Return { judgement, unlock_all: false, due_date: NaiveDate::from_ymd_opt(2020, 11, 5) }
}

fn edit(form: Form) -> Command {
    Command::Edit { form: Some(Box::new(form)), secrecy: None, subject_secrecy: Secrecy::None }
}

fn signed_submission() -> Command {
    Command::Submit { rules: std::sync::Arc::new(form_rules()), signature: true, filing: Filing::Unbound }
}

#[test]
fn the_head_of_the_unit_signs_what_a_filer_submits() {
    let submitted = step(&draft(), signed_submission(), "filer").unwrap().objective;
    assert_eq!((submitted.state, submitted.submitted_version), (State::Submitted, 1));
    let sign = || Command::Sign { opinion: String::new() };
    assert_eq!(step(&submitted, pass(), "department").unwrap_err(), Refusal::State(State::Submitted));
    assert_eq!(step(&submitted, sign(), "filer").unwrap_err(), Refusal::Office);
    let signed = step(&submitted, sign(), "unit head").unwrap();
    assert_eq!(signed.objective.state, State::DepartmentReview);
    assert_eq!(signed.decision.unwrap().kind, DecisionKind::Signed);
    // A head who submits has signed; nobody signs what they submitted.
    let by_head = step(&draft(), signed_submission(), "unit head").unwrap().objective;
    assert_eq!(by_head.state, State::DepartmentReview);
    let own = Objective { submitter: "unit head".to_owned(), ..submitted };
    assert_eq!(step(&own, sign(), "unit head").unwrap_err(), Refusal::OwnWork);
}

#[test]
fn a_resubmission_goes_back_to_the_desk_that_returned_it() {
    let by_finance = step(&in_finance_review(), send_back("指标未量化"), "finance").unwrap().objective;
    let returned = by_finance.returned.clone().unwrap();
    assert_eq!((returned.by.as_str(), returned.back_to), ("finance", State::FinanceReview));
    assert_eq!(step(&by_finance, submit(), "filer").unwrap().objective.state, State::FinanceReview);
    let with_signature = step(&by_finance, signed_submission(), "filer").unwrap().objective;
    let signed = step(&with_signature, Command::Sign { opinion: String::new() }, "unit head").unwrap();
    assert_eq!(signed.objective.state, State::FinanceReview);

    let by_department =
        step(&walk(vec![(submit(), "filer")]), send_back("缺附件"), "department").unwrap().objective;
    let again = step(&by_department, submit(), "filer").unwrap().objective;
    assert_eq!(again.state, State::DepartmentReview);
    // The round ends with the desk's next word.
    assert_eq!(step(&again, pass(), "department").unwrap().objective.returned, None);
    // 中 goes through the full procedure, whoever gave it.
    let fair = step(&in_finance_review(), graded(Grade::Fair, None, "须重报"), "finance").unwrap().objective;
    assert_eq!(step(&fair, submit(), "filer").unwrap().objective.state, State::DepartmentReview);
}

#[test]
fn only_what_was_returned_unlocks() {
    let remarks = vec![
        remark("annual_goal", "", Severity::Warning),
        remark("indicators.target_value", "i2", Severity::Error),
    ];
    let returned = step(&in_finance_review(), returning(remarks), "finance").unwrap().objective;
    let mut form = returned.form.clone();
    form.annual_goal.push_str("，受益学生1200人");
    form.indicators[1].target = Some(crate::domain::target::Target::Number(number("1300")));
    form.indicators[1].measure_unit = "人".to_owned(); // a row unlocks as a whole
    let edited = step(&returned, edit(form.clone()), "filer").unwrap().objective;
    assert_eq!(edited.form, form);
    form.indicators[0].weight = Some(number("45"));
    form.phone_number = "0592-6051000".to_owned();
    let Err(Refusal::Locked(changes)) = step(&returned, edit(form), "filer") else { panic!("refused") };
    let places: Vec<_> = changes.iter().map(|c| (c.field.as_str(), c.indicator_id.as_str())).collect();
    assert_eq!(places, [("phone_number", ""), ("indicators.weight", "i1")]);
}

#[test]
fn a_remark_unlocks_what_it_names_and_no_more() {
    let unlocked = |field: &str, id: &str| Unlocked::by(&[remark(field, id, Severity::Hint)]);
    let mut changed = sound_form();
    changed.annual_funding.as_mut().unwrap().total = yuan("1");
    changed.indicators[0].weight = Some(number("1"));
    changed.indicators.remove(1);
    let changes = crate::domain::compare::compare(&sound_form(), &changed);
    let covered = |unlocked: &Unlocked| changes.iter().map(|c| unlocked.covers(c)).collect::<Vec<_>>();
    assert_eq!(changes.len(), 3, "{changes:?}");
    for (field, id, expected) in [
        ("", "", [true, true, true]),
        ("annual_funding", "", [true, false, false]),
        ("annual_funding.total_amount", "", [true, false, false]),
        ("annual", "", [false, false, false]),
        ("indicators", "", [false, true, true]),
        ("indicators.weight", "", [false, true, false]),
        ("indicators.title", "i1", [false, true, false]),
        ("", "i2", [false, false, true]),
    ] {
        assert_eq!(covered(&unlocked(field, id)), expected, "a remark on {field:?} of {id:?}");
    }
    assert_eq!(Unlocked::by(&[]), Unlocked::All);
    let place = Place { field: "annual_goal".to_owned(), indicator_id: String::new() };
    assert_eq!(unlocked("annual_goal", ""), Unlocked::Only(vec![place]));
}

#[test]
fn taking_it_back_unlocks_nothing() {
    let returned = step(
        &walk(vec![(submit(), "filer")]),
        returning(vec![remark("annual_goal", "", Severity::Hint)]),
        "department",
    )
    .unwrap()
    .objective;
    let again = step(&returned, submit(), "filer").unwrap().objective;
    let withdrawn = step(&again, Command::Withdraw { reason: String::new() }, "filer").unwrap().objective;
    assert_eq!((withdrawn.state, &withdrawn.returned), (State::Returned, &returned.returned));
    let mut form = withdrawn.form.clone();
    form.leader_name = "林局".to_owned();
    assert!(matches!(step(&withdrawn, edit(form), "filer"), Err(Refusal::Locked(_))));
}

#[test]
fn a_remark_is_open_until_the_desk_that_raised_it_settles_it() {
    let remarks =
        vec![remark("annual_goal", "", Severity::Error), remark("indicators.note", "i1", Severity::Hint)];
    let at_department = walk(vec![(submit(), "filer")]);
    let returned = step(&at_department, returning(remarks), "department").unwrap().objective;
    let ids: Vec<String> = returned.open_remarks.iter().map(|open| open.id.clone()).collect();
    assert_eq!(ids, ["3-1", "3-2"]);
    assert!(returned.open_remarks.iter().all(|open| open.desk == Desk::Department && open.round == 1));

    let answers = vec![("3-1".to_owned(), "已补充受益人数".to_owned())];
    let answered = step(&returned, Command::Answer { answers }, "filer").unwrap().objective;
    assert_eq!(answered.open_remarks[0].answer, "已补充受益人数");
    let nothing = Command::Answer { answers: vec![("9-9".to_owned(), "?".to_owned())] };
    assert_eq!(
        step(&returned, nothing, "filer").unwrap_err(),
        Refusal::NoSuchRemarks(vec!["9-9".to_owned()])
    );

    let again = step(&answered, submit(), "filer").unwrap().objective;
    assert_eq!(again.open_remarks.len(), 2, "a new round settles nothing by itself");
    assert_eq!(step(&again, pass(), "department").unwrap_err(), Refusal::RemarksOpen(vec!["3-1".to_owned()]));
    let resolve = |ids: &[&str]| Command::Resolve {
        remarks: ids.iter().map(|id| (*id).to_owned()).collect(),
        reason: "已修改到位".to_owned(),
    };
    assert_eq!(step(&again, resolve(&["3-1"]), "finance").unwrap_err(), Refusal::Office);
    let settled = step(&again, resolve(&["3-1"]), "department").unwrap().objective;
    let passed = step(&settled, pass(), "department").unwrap().objective;
    assert_eq!((passed.state, passed.open_remarks.len()), (State::FinanceReview, 1), "a hint may stay");
    // The finance bureau sees the department's remark, and does not settle it.
    assert_eq!(
        step(&passed, resolve(&["3-2"]), "finance").unwrap_err(),
        Refusal::NoSuchRemarks(vec!["3-2".to_owned()])
    );
    let all_at_once = Command::Pass { judgement: Judgement { resolve: true, ..said("同意") } };
    let passed = step(&again, all_at_once, "department").unwrap().objective;
    assert!(passed.open_remarks.is_empty());
}

#[test]
fn an_error_that_finance_named_stands_in_the_way_of_its_approval() {
    let named = returning(vec![remark("annual_goal", "", Severity::Error)]);
    let returned = step(&in_finance_review(), named, "finance").unwrap().objective;
    let again = step(&returned, submit(), "filer").unwrap().objective;
    let open = vec![again.open_remarks[0].id.clone()];
    let approve = graded(Grade::Excellent, None, "");
    assert_eq!(step(&again, approve, "finance").unwrap_err(), Refusal::RemarksOpen(open));
    let consulted = step(&again, graded(Grade::Good, None, ""), "finance").unwrap().objective;
    let settled = step(&consulted, settle("已当面商定", None), "finance").unwrap().objective;
    assert!(settled.open_remarks.is_empty(), "consultation settles what is open");
}

#[test]
fn what_could_be_done_is_what_can_be_done() {
    let submitted = walk(vec![(submit(), "filer")]);
    let may =
        |who: &str, action: Action| submitted.standing(&actor(who), Filing::Unbound).may(action, &actor(who));
    assert_eq!(may("department", Action::Pass), Ok(()));
    assert_eq!(may("filer", Action::Withdraw), Ok(()));
    assert_eq!(may("finance", Action::Grade), Err(Refusal::State(State::DepartmentReview)));
    assert_eq!(may("finance", Action::Return), Err(Refusal::Office));
    let late = Standing { state: State::Draft, own: false, filing: Filing::Over(at(0).date_naive()) };
    assert_eq!(late.may(Action::Submit, &actor("filer")), Err(Refusal::Filing(late.filing)));
    assert_eq!(late.may(Action::Edit, &actor("filer")), Ok(()), "a draft may still be written");
}

#[test]
fn who_stands_in_for_the_filer_does_not_judge_the_form_either() {
    let submitted = walk(vec![(submit(), "filer")]);
    let deputy = |place: &str| Actor {
        subject: "deputy".to_owned(),
        on_behalf_of: Some(place.to_owned()),
        department: true,
        ..Actor::default()
    };
    assert_eq!(submitted.apply(pass(), &deputy("filer"), at(9)).unwrap_err(), Refusal::OwnWork);
    let passed = submitted.apply(pass(), &deputy("department"), at(9)).unwrap();
    assert_eq!(passed.decision.unwrap().decider, "deputy");
}

/// What the policies of the suite let these people do at all.
fn permitted(who: &str) -> impl Fn(Action) -> bool {
    let actions: &'static [Action] = match who {
        "filer" => &[Action::Edit, Action::Submit, Action::Withdraw],
        "unit head" => &[Action::Edit, Action::Submit, Action::Withdraw, Action::Sign],
        "department" => &[Action::Pass, Action::Return, Action::Settle],
        "finance" => {
            &[Action::Return, Action::Grade, Action::Settle, Action::Ratify, Action::ApproveAdjustment]
        }
        _ => &[],
    };
    move |action| actions.contains(&action)
}

#[test]
fn everybody_sees_each_objective_on_exactly_one_list() {
    for who in ["filer", "unit head", "department", "finance", "guest"] {
        let keys: Vec<_> =
            Task::ALL.iter().flat_map(|task| task::keys(*task, &actor(who), &permitted(who))).collect();
        assert_eq!(keys.len(), Key::all().count(), "{who} sees each kind of objective on one list");
    }
    let list =
        |who: &str, state, own| task::of(Key { state, own, awaited: false }, &actor(who), &permitted(who));
    for (who, state, own, expected) in [
        ("filer", State::Draft, false, Task::ToSubmit),
        ("filer", State::Returned, true, Task::Returned),
        ("filer", State::DepartmentReview, true, Task::Submitted),
        ("unit head", State::Submitted, false, Task::ToReview),
        ("unit head", State::Submitted, true, Task::Submitted),
        ("department", State::Draft, false, Task::Preparing),
        ("department", State::DepartmentReview, false, Task::ToReview),
        ("finance", State::FinanceReview, false, Task::ToReview),
        ("finance", State::Approved, false, Task::ToReview),
        ("finance", State::Approved, true, Task::Submitted),
        ("finance", State::Adjusting, false, Task::ToReview),
        ("finance", State::Ratified, false, Task::Final),
        ("guest", State::FinanceReview, false, Task::Submitted),
    ] {
        assert_eq!(list(who, state, own), expected, "{who}, {state}, own: {own}");
    }
    // A hired reviewer's turn comes when a session waits for them, and ends with the finance bureau's word.
    let awaited =
        |state| task::of(Key { state, own: false, awaited: true }, &actor("guest"), &permitted("guest"));
    assert_eq!(awaited(State::FinanceReview), Task::ToReview);
    assert_eq!(awaited(State::Returned), Task::Preparing);
}
