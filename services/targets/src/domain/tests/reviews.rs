//! The four-property review, conflicts of interest, coverage.

use proptest::prelude::*;
use wenxiao_kernel::{BudgetAccount, Decimal, FiscalYear, Grade};

use super::*;
use crate::domain::conflict::{self, Conflict, Engagement, EngagementPurpose};
use crate::domain::coverage::{self, AccountFigures, Basis};
use crate::domain::draw;
use crate::domain::opinion::{self, ItemOpinion, OpinionKind, TemplateFault};
use crate::domain::rules::{ConflictRules, RuleFault};
use crate::domain::session::{self, Finding};

fn opinions(scores: [&str; 8]) -> Vec<ItemOpinion> {
    let items = review_rules().items;
    let pairs = items.iter().zip(scores);
    pairs
        .map(|(item, score)| ItemOpinion {
            item_code: item.code.clone(),
            score: number(score),
            grade: None,
            answer: String::new(),
        })
        .collect()
}

#[test]
fn points_add_up_and_are_graded() {
    let cases = [
        (["10", "10", "15", "15", "15", "15", "10", "10"], "100", Grade::Excellent),
        (["9", "9", "13.5", "13.5", "13.5", "13.5", "9", "9"], "90.0", Grade::Excellent),
        (["9", "9", "13.5", "13.5", "13.5", "13.5", "9", "8.99"], "89.99", Grade::Good),
        (["8", "8", "12", "12", "12", "12", "8", "8"], "80", Grade::Good),
        (["8", "8", "12", "12", "12", "12", "8", "7.99"], "79.99", Grade::Fair),
        (["6", "6", "9", "9", "9", "9", "6", "6"], "60", Grade::Fair),
        (["6", "6", "9", "9", "9", "9", "6", "5.99"], "59.99", Grade::Poor),
        (["0", "0", "0", "0", "0", "0", "0", "0"], "0", Grade::Poor),
    ];
    for (scores, total, grade) in cases {
        let scored = opinion::score(&review_rules(), &opinions(scores), &[]).unwrap();
        assert_eq!((scored.total, scored.grade), (number(total), grade));
        let of_properties: Decimal = scored.properties.iter().map(|property| property.score).sum();
        assert_eq!(of_properties, scored.total);
        assert_eq!(scored.explanation.steps.len(), 6, "four properties, the total, the grade");
    }
    let scored =
        opinion::score(&review_rules(), &opinions(["10", "8", "9", "8.9", "15", "15", "10", "10"]), &[])
            .unwrap();
    let grades: Vec<_> = scored.items.iter().take(4).map(|item| item.grade.unwrap()).collect();
    assert_eq!(grades, [Grade::Excellent, Grade::Good, Grade::Fair, Grade::Poor]);
}

#[test]
fn an_opinion_fits_its_template() {
    let mut given = opinions(["10", "10", "15", "15", "15", "15", "10", "10.01"]);
    given[0].item_code = "beauty".to_owned();
    given[2].item_code = "clarity".to_owned();
    let faults = opinion::score(&review_rules(), &given, &[]).unwrap_err();
    assert!(faults.contains(&TemplateFault::Unknown("beauty".to_owned())));
    assert!(faults.contains(&TemplateFault::Twice("clarity".to_owned())));
    assert!(faults.contains(&TemplateFault::Missing("form".to_owned())));
    assert!(
        faults.contains(&TemplateFault::OutOfBounds { item: "conditions".to_owned(), points: number("10") })
    );
}

#[test]
fn rules_with_gaps_are_refused() {
    assert_eq!(review_rules().check(), Ok(()));
    let mut gap = review_rules();
    gap.bands[3].from = Decimal::ONE;
    assert_eq!(gap.check(), Err(RuleFault::Bands));
    let mut overlap = review_rules();
    overlap.bands[1].from = number("90");
    assert_eq!(overlap.check(), Err(RuleFault::Bands));
    let mut short = review_rules();
    short.items.pop();
    assert!(matches!(short.check(), Err(RuleFault::Points { .. })));
    let mut nowhere = review_rules();
    nowhere.consequences.pop();
    assert_eq!(nowhere.check(), Err(RuleFault::Consequence(Grade::Poor)));
}

#[test]
fn reviewers_who_differ_recommend_nothing_until_they_reconcile() {
    use Grade::{Excellent, Fair, Good};
    use OpinionKind::{Individual, Reconciled};
    assert_eq!(opinion::recommendation(&[], 1), None);
    assert_eq!(opinion::recommendation(&[(Individual, Good)], 1), Some(Good));
    assert_eq!(opinion::recommendation(&[(Individual, Good), (Individual, Good)], 2), Some(Good));
    assert_eq!(opinion::recommendation(&[(Individual, Good), (Individual, Fair)], 2), None);
    let reconciled = [(Individual, Good), (Reconciled, Fair), (Individual, Excellent)];
    assert_eq!(opinion::recommendation(&reconciled, 2), Some(Fair));
}

#[test]
fn a_reviewer_who_is_missing_is_waited_for() {
    use Grade::{Fair, Good};
    use OpinionKind::{Individual, Reconciled};
    use opinion::{Completeness, completeness, may_reconcile};
    assert_eq!(completeness(&[], 1), Completeness::Missing(1));
    assert_eq!(completeness(&[(Individual, Good)], 2), Completeness::Missing(1));
    assert_eq!(opinion::recommendation(&[(Individual, Good)], 2), None);
    assert_eq!(completeness(&[(Individual, Good), (Individual, Fair)], 2), Completeness::Unreconciled);
    let settled = [(Individual, Good), (Individual, Fair), (Reconciled, Fair)];
    assert_eq!(completeness(&settled, 2), Completeness::Complete);
    assert!(!may_reconcile(&settled[..1], 2) && may_reconcile(&settled[..2], 2) && may_reconcile(&[], 1));
}

#[test]
fn a_session_waits_for_whoever_has_not_spoken_or_not_agreed() {
    use Grade::{Fair, Good};
    use OpinionKind::{Individual, Reconciled};
    for (opinions, reviewers, spoken, expected) in [
        (vec![], 1, false, true),
        (vec![(Individual, Good)], 1, false, false), // a colleague's opinion is enough
        (vec![(Individual, Good)], 2, true, false),
        (vec![(Individual, Good)], 2, false, true),
        (vec![(Individual, Good), (Individual, Good)], 2, true, false),
        (vec![(Individual, Good), (Individual, Fair)], 2, true, true),
        (vec![(Individual, Good), (Individual, Fair), (Reconciled, Fair)], 2, true, false),
    ] {
        let waits = opinion::waits_for(&opinions, reviewers, spoken);
        assert_eq!(waits, expected, "{opinions:?} of {reviewers}, spoken: {spoken}");
    }
}

/// By hand: `for x in a b c d; do printf "1:$x" | sha256sum; done` begins with 41, 6f, b8 and 24.
#[test]
fn anybody_can_repeat_a_draw() {
    let candidates = ["a", "b", "c", "d"].map(str::to_owned);
    assert_eq!(draw::draw(&candidates, 3, 1), ["d", "a", "b"]);
    assert_eq!(draw::draw(&candidates, 3, 2), ["c", "d", "a"]);
    assert_eq!(draw::draw(&candidates, 9, 1).len(), 4);
    let turned = ["d", "c", "b", "a"].map(str::to_owned);
    assert_eq!(draw::draw(&turned, 2, 1), ["d", "a"], "the order of the candidates says nothing");
}

#[test]
fn a_session_adds_up_per_item_and_per_unit() {
    use Grade::{Excellent, Fair};
    use OpinionKind::{Individual, Reconciled};
    let finding = |assignment: &str, unit: &str, opinion, items: &[&str]| Finding {
        assignment: assignment.to_owned(),
        unit: unit.to_owned(),
        opinion,
        problem_items: items.iter().map(|item| (*item).to_owned()).collect(),
    };
    let findings = [
        finding("a", "u1", Some((Individual, Excellent)), &["money", "goal"]),
        finding("a", "u1", Some((Reconciled, Fair)), &["goal", "clarity"]),
        finding("b", "u2", Some((Individual, Excellent)), &[]),
        finding("c", "u1", Some((Individual, Fair)), &["goal", "", "form"]),
        finding("d", "u2", None, &[]),
    ];
    let summary = session::summarize(&findings, &review_rules());
    assert_eq!((summary.assignments, summary.reviewed, summary.problems), (4, 3, 5));
    assert_eq!(summary.grades, [(Some(Excellent), 1), (Some(Fair), 2), (None, 1)]);
    assert_eq!(summary.items[0], ("goal".to_owned(), 2));
    let first = &summary.units[0];
    assert_eq!((first.unit.as_str(), first.assignments, first.problems, first.deficient), ("u1", 2, 5, 2));
}

#[test]
fn who_helped_a_unit_does_not_review_it() {
    let engagement = |purpose, work_year, principal: &str, units: &[&str]| Engagement {
        purpose,
        work_year,
        principal_code: principal.to_owned(),
        unit_codes: units.iter().map(|code| (*code).to_owned()).collect(),
    };
    let review = engagement(EngagementPurpose::TargetReview, 2022, "101", &[]);
    let helped = [
        engagement(EngagementPurpose::AssistOnly, 2022, "602", &[]),
        engagement(EngagementPurpose::AssistOnly, 2021, "101", &["603001"]),
        engagement(EngagementPurpose::Other, 2022, "604", &[]),
    ];
    let rules = |enforced, cooling_years| ConflictRules { enforced, cooling_years };
    let find = |unit: &str, rules| conflict::find(&review, &helped, unit, &rules);
    assert_eq!(find("602001", rules(true, 0)), Some(Conflict::Assisted));
    assert_eq!(find("602", rules(true, 0)), Some(Conflict::Assisted));
    assert_eq!(find("602001", rules(false, 0)), None, "the rule did not hold in 2020");
    assert_eq!(find("603001", rules(true, 0)), None);
    assert_eq!(find("603001", rules(true, 1)), Some(Conflict::Assisted));
    assert_eq!(find("604001", rules(true, 1)), None);
    assert_eq!(find("101003", rules(true, 0)), Some(Conflict::Principal));
    assert_eq!(find("605001", rules(true, 3)), None);
}

#[test]
fn coverage_has_a_denominator_of_its_own_account() {
    let year = FiscalYear::try_from(2020).unwrap();
    let figures = |account, amount: &str, budget: &str| AccountFigures {
        account,
        filed: 282,
        ratified: 282,
        ratified_amount: yuan(amount),
        budget_projects: 282,
        budget_amount: yuan(budget),
    };
    let general = figures(BudgetAccount::GeneralPublic, "3987000000", "3987000000");
    let (rate, explanation) = coverage::rate(&general, year, Basis::InitialBudget);
    assert_eq!(rate, Some(number("100")));
    assert!(explanation.summary.contains("一般公共预算"));
    let fund = figures(BudgetAccount::GovernmentFund, "862000000", "0");
    assert_eq!(coverage::rate(&fund, year, Basis::InitialBudget).0, None, "100 % is never assumed");
    let part = figures(BudgetAccount::GeneralPublic, "1", "3");
    assert_eq!(coverage::rate(&part, year, Basis::AdjustedBudget).0, Some(number("33.33")));
}

proptest! {
    #[test]
    fn every_total_has_one_grade_and_falls_with_the_score(scores in proptest::collection::vec(0i64..=1000, 8)) {
        let rules = review_rules();
        let given: Vec<_> = rules.items.iter().zip(&scores).map(|(item, part)| ItemOpinion {
            item_code: item.code.clone(),
            score: item.points * Decimal::new(*part, 3),
            grade: None,
            answer: String::new(),
        }).collect();
        let scored = opinion::score(&rules, &given, &[]).unwrap();
        prop_assert!(scored.total >= Decimal::ZERO && scored.total <= rules.full_score);
        let of_items: Decimal = scored.items.iter().map(|item| item.score).sum();
        prop_assert_eq!(of_items, scored.total);
        let band = rules.bands.iter().find(|band| band.grade == scored.grade).unwrap();
        prop_assert!(scored.total >= band.from);
        let above = rules.bands.iter().find(|band| band.grade < scored.grade && scored.total >= band.from);
        prop_assert!(above.is_none());
    }
}
