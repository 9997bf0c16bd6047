//! The precheck measured against forms that were written, with what a reviewer should say, before its rules were tuned.

mod corpus;
mod national;
mod readme;
mod score;

use std::collections::BTreeMap;
use std::time::Instant;

use corpus::Paper;
use wenxiao_kernel::Decimal;
use wenxiao_targets::domain::form::Severity;
use wenxiao_targets::domain::precheck;
use wenxiao_targets::domain::precheck::rule::WordList;
use wenxiao_targets::domain::rules::FormRules;

fn rules() -> BTreeMap<i32, FormRules> {
    [2020, 2021].into_iter().map(|year| (year, corpus::rules(year))).collect()
}

#[test]
fn the_precheck_finds_what_a_reviewer_finds_and_little_else() {
    let (papers, rules) = (corpus::read(), rules());
    let clean = papers.iter().filter(|paper| paper.expected.is_empty()).count();
    assert!(clean >= 30 && papers.len() - clean >= 30, "{clean} of {} forms are clean", papers.len());
    let score = score::of(&papers, &rules);
    let least: Decimal = "0.95".parse().unwrap();
    let total = score.total();
    assert!(total.precision() >= least && total.recall() >= least, "{score}");
    for rule in precheck::codes() {
        let planted =
            papers.iter().flat_map(|paper| &paper.expected).filter(|said| said.rule == rule).count();
        assert!(planted >= 2, "{rule} is planted {planted} times");
        let tally = score.rules.get(rule).copied().unwrap_or_default();
        assert!(tally.hits > 0, "{rule} is never found: {tally:?}");
    }
}

#[test]
fn every_remark_says_where_it_is_how_much_it_weighs_and_what_to_do() {
    for (paper, rules) in corpus::read().iter().map(|paper| (paper, corpus::rules(paper.year))) {
        for remark in paper.whole_remarks(&rules) {
            let rule = rules.precheck.rules.iter().find(|rule| rule.code == remark.rule).expect("its rule");
            assert_eq!(remark.severity, rule.severity, "{remark:?}");
            assert!(!remark.text.is_empty() && !remark.proposal.is_empty(), "{remark:?}");
            let row = paper.form.indicators.iter().any(|row| row.id == remark.indicator_id);
            assert_eq!(row, !remark.indicator_id.is_empty(), "{remark:?}");
            assert!(row || !remark.field.is_empty(), "{remark:?}");
        }
    }
}

#[test]
fn a_form_is_prechecked_in_well_under_five_milliseconds() {
    let (papers, rules) = (corpus::read(), rules());
    let start = Instant::now();
    let rounds = 20;
    for _ in 0..rounds {
        for paper in &papers {
            let _ = paper.remarks(&rules[&paper.year]);
        }
    }
    let each = start.elapsed() / (rounds * u32::try_from(papers.len()).unwrap());
    assert!(each.as_micros() < 5000, "{each:?} per form, unoptimised");
}

#[test]
fn every_rule_of_the_national_sets_has_a_function_and_every_function_a_rule() {
    for (year, rules) in rules() {
        let mut of_data: Vec<&str> = rules.precheck.rules.iter().map(|rule| rule.code.as_str()).collect();
        let mut of_code: Vec<&str> = precheck::codes().collect();
        of_data.sort_unstable();
        of_code.sort_unstable();
        assert_eq!(of_data, of_code, "{year}");
        assert!(
            rules
                .precheck
                .rules
                .iter()
                .all(|rule| rule.on && !rule.title.is_empty() && !rule.source.is_empty())
        );
    }
}

#[test]
fn the_readme_lists_the_rules_as_they_are() {
    let (now, wanted) = readme::both(&corpus::read(), &rules());
    assert!(now == wanted, "run `cargo run -p wenxiao-targets --example precheck -- --readme`");
}

/// Data decides: what a district switches off is not said, what it makes an error stops a submission, what it adds to a
/// list is found.
#[test]
fn a_district_changes_rules_by_data_alone() {
    let paper = named("clean-08-greening-2021");
    let mut rules = corpus::rules(2021);
    let rule =
        rules.precheck.rules.iter_mut().find(|rule| rule.code == "operator.negative_direction").unwrap();
    rule.severity = Severity::Error;
    // A list of the rule's own goes before the one that rules share.
    rule.lists.push(WordList { name: "negatives".to_owned(), words: vec!["成活率".to_owned()] });
    let said: Vec<String> = paper.remarks(&rules).into_iter().map(|(said, _)| said.rule).collect();
    assert_eq!(said, ["operator.negative_direction"]);
    rules.precheck.rules.iter_mut().find(|rule| rule.code == "operator.negative_direction").unwrap().on =
        false;
    assert_eq!(paper.remarks(&rules), []);
}

/// A submission does not look at other forms, so that a rule about them stops none whatever its severity.
#[test]
fn what_needs_other_forms_weighs_at_most_a_warning() {
    let paper = named("fault-14-copied-from-other");
    let mut rules = corpus::rules(2020);
    for rule in &mut rules.precheck.rules {
        rule.on = rule.code.starts_with("text.");
        rule.severity = Severity::Error;
    }
    let draft = precheck::Draft {
        form: &paper.form,
        subject: &paper.subject,
        title: &paper.title,
        neighbours: &paper.neighbours,
    };
    let remarks = precheck::check(draft, &rules);
    assert_eq!(remarks.len(), 1);
    assert!(precheck::is_submittable(&remarks));
    assert!(remarks[0].text.contains("districts/350205000/objectives/other-0"), "it names the other form");
}

fn named(name: &str) -> Paper {
    corpus::read().into_iter().find(|paper| paper.name == name).expect("such a form")
}
