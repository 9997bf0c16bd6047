use proptest::prelude::*;
use serde_json::json;

use super::*;

fn wrong(name: &str, section: Value) -> Vec<String> {
    let mut checks = Checks::default();
    check(&Sections::from([(name.to_owned(), section)]), &mut checks);
    checks.violations().iter().map(|violation| violation.field.clone()).collect()
}

fn scale(lowers: &[&str]) -> Value {
    let bands: Vec<Value> = lowers
        .iter()
        .enumerate()
        .map(|(place, lower)| json!({"grade": place.to_string(), "lower_score": {"value": lower}}))
        .collect();
    json!([{"purpose": "SCORE_PURPOSE_DEFAULT", "full_score": {"value": "100"}, "bands": bands}])
}

#[test]
fn a_scale_has_no_gaps() {
    assert!(wrong("grade_scales", scale(&["90", "80", "60", "0"])).is_empty());
    assert!(!wrong("grade_scales", scale(&["90", "80", "60"])).is_empty(), "nothing below 60");
    assert!(!wrong("grade_scales", scale(&["90", "90", "0"])).is_empty(), "two bands at 90");
    assert!(!wrong("grade_scales", scale(&["100", "0"])).is_empty(), "the best band is empty");
    assert!(!wrong("grade_scales", scale(&[])).is_empty());
}

#[test]
fn weights_add_up_exactly() {
    let rules = |execution: &str, output: &str| {
        json!({
            "declaration_total": {"value": "90"}, "execution_weight": {"value": execution},
            "evaluation_total": {"value": "100"},
            "splits": [{"output": {"value": output}, "outcome": {"value": "22.5"},
                        "satisfaction": {"value": "22.5"}, "cost": {"value": "22.5"}}],
        })
    };
    assert!(wrong("weights", rules("10", "22.5")).is_empty());
    assert_eq!(
        wrong("weights", rules("20", "22.4")),
        ["content.weights.evaluation_total", "content.weights.splits[0]"]
    );
}

#[test]
fn codes_are_used_once_and_lights_are_ordered() {
    assert_eq!(wrong("hint_rules", json!([{"code": "a"}, {"code": "a"}])), ["content.hint_rules"]);
    assert!(wrong("deadlines", json!([{"kind": "A"}, {"kind": "B"}])).is_empty());
    let light = |red: &str| json!({"budget_lights": [{"red_below": {"value": red}, "yellow_below": {"value": "80"}}]});
    assert!(wrong("monitoring", light("60")).is_empty());
    assert_eq!(wrong("monitoring", light("80")), ["content.monitoring.budget_lights[0]"]);
}

#[test]
fn what_cannot_be_read_is_said() {
    assert_eq!(wrong("weights", json!({"declaration_total": {"value": "ninety"}})), ["content.weights"]);
}

#[test]
fn what_is_scored_is_graded_out_of_the_same_score() {
    let weights = |sum: &str| {
        json!({"declaration_total": {"value": "90"}, "execution_weight": {"value": sum},
            "evaluation_total": {"value": (Decimal::from(90) + sum.parse::<Decimal>().unwrap()).to_string()}})
    };
    let found = |sum: &str, purpose: &str| {
        let mut scales = scale(&["90", "0"]);
        scales[0]["purpose"] = json!(purpose);
        let sections = [("grade_scales".to_owned(), scales), ("weights".to_owned(), weights(sum))];
        let mut checks = Checks::default();
        check(&Sections::from(sections), &mut checks);
        checks.violations().iter().map(|violation| violation.field.clone()).collect::<Vec<_>>()
    };
    assert!(found("10", "SCORE_PURPOSE_DEFAULT").is_empty());
    assert_eq!(found("20", "SCORE_PURPOSE_DEFAULT"), ["content.weights.evaluation_total"]);
    assert_eq!(found("20", "SCORE_PURPOSE_SELF_EVALUATION").len(), 1);
    assert!(found("20", "SCORE_PURPOSE_KEY_EVALUATION").is_empty(), "a scale for something else");
    assert!(wrong("weights", weights("20")).is_empty(), "another rule set has the scale");
}

#[test]
fn a_light_that_an_earlier_one_covers_is_never_used() {
    let light =
        |scope: Value| json!({"scope": scope, "red_below": {"value": "60"}, "yellow_below": {"value": "80"}});
    let rules = |scopes: &[Value]| {
        let lights: Vec<Value> = scopes.iter().cloned().map(light).collect();
        wrong("monitoring", json!({"budget_lights": lights}))
    };
    assert!(rules(&[json!({"capital_works": true}), json!({})]).is_empty());
    assert_eq!(
        rules(&[json!({}), json!({"capital_works": true})]),
        ["content.monitoring.budget_lights[1].scope"]
    );
    let funds = json!({"budget_accounts": ["BUDGET_ACCOUNT_GOVERNMENT_FUND"]});
    let both =
        json!({"budget_accounts": ["BUDGET_ACCOUNT_GENERAL_PUBLIC", "BUDGET_ACCOUNT_GOVERNMENT_FUND"]});
    assert!(rules(&[funds.clone(), both.clone()]).is_empty(), "the second is wider");
    assert_eq!(rules(&[both, funds]).len(), 1);
    let others = json!({"capital_works": false});
    assert!(rules(&[json!({"capital_works": true}), others, json!({})]).is_empty());
}

#[test]
fn shares_and_thresholds_are_in_order() {
    let banded = |upper: &str, lower: &str| {
        json!({"method": "METHOD_BANDED", "bands": [
            {"lower_rate": {"value": "0.8"}, "share": {"value": upper}},
            {"lower_rate": {"value": "0"}, "share": {"value": lower}}]})
    };
    assert!(wrong("execution_score", banded("1", "0.5")).is_empty());
    assert_eq!(wrong("execution_score", banded("0.5", "1")), ["content.execution_score.bands"]);
    let blue = json!({"indicator_lights": [{"red_below": {"value": "60"}, "yellow_below": {"value": "80"},
        "blue_share": {"value": "70"}}]});
    assert_eq!(wrong("monitoring", blue), ["content.monitoring.indicator_lights[0].blue_share"]);
    let falling = json!({"budget_lights": [{"method": "METHOD_STAGED_FLOORS", "floors": [
        {"month": 4, "rate": {"value": "0.4"}}, {"month": 6, "rate": {"value": "0.25"}}]}]});
    assert_eq!(wrong("monitoring", falling), ["content.monitoring.budget_lights[0]"]);
    let unstaged = json!({"budget_lights": [{"method": "METHOD_SCHEDULE_SHARE", "schedule": "SCHEDULE_STAGES",
        "red_below": {"value": "60"}, "yellow_below": {"value": "80"}}]});
    assert_eq!(
        wrong("monitoring", unstaged),
        ["content.monitoring.budget_lights[0]"],
        "a staged table has stages"
    );
    assert_eq!(
        wrong(
            "hint_rules",
            json!([{"code": "a", "trigger": "TRIGGER_EVALUATION_GRADE"},
            {"code": "b", "trigger": "TRIGGER_LOW_EXECUTION"}])
        ),
        ["content.hint_rules[0].grades", "content.hint_rules[1].execution_below_rate"]
    );
    assert_eq!(
        wrong("suspicion", json!({"unspent_share": {"value": "20"}})),
        ["content.suspicion.unspent_share"]
    );
}

proptest! {
    /// What validates grades every score exactly once; what does not validate leaves a score without a grade, gives a
    /// band that no score reaches, or stands out of order.
    #[test]
    fn a_scale_that_validates_grades_every_score_once(
        lowers in prop::collection::vec(0_u32..=1000, 1..6), full in 1_u32..=1000, scores in prop::collection::vec(0_u32..=1000, 20),
    ) {
        let tenth = |number: u32| Decimal::new(i64::from(number), 1);
        let bands: Vec<Value> = lowers.iter().enumerate()
            .map(|(place, lower)| json!({"grade": place.to_string(), "lower_score": {"value": tenth(*lower)}})).collect();
        let section = json!([{"purpose": "P", "full_score": {"value": tenth(full)}, "bands": bands}]);
        let sound = wrong("grade_scales", section).is_empty();
        let grades_of = |score: u32| lowers.iter().enumerate().filter(|(place, lower)| {
            let top = if *place == 0 { full.saturating_add(1) } else { *lowers.get(place.wrapping_sub(1)).unwrap_or(&0) };
            **lower <= score && score < top
        }).count();
        let once = |score: u32| grades_of(score) == 1;
        if sound {
            for score in scores.into_iter().filter(|score| *score <= full) { prop_assert!(once(score), "{score}"); }
        } else {
            let falling = lowers.windows(2).all(|pair| matches!(pair, [upper, lower] if upper > lower));
            let reached = lowers.first().is_some_and(|top| *top < full);
            prop_assert!(!falling || !reached || !(0..=full).all(once));
        }
    }
}

#[test]
fn a_precheck_has_each_rule_once_and_bounds_in_order() {
    let bound = |lower: &str, upper: &str| {
        json!({"rules": [
            {"code": "volume.unit_cost", "unit_costs": [{"lower": {"value": lower}, "upper": {"value": upper}}]},
            {"code": "weights.sum"}
        ]})
    };
    assert!(wrong("precheck", bound("5", "5")).is_empty());
    assert_eq!(wrong("precheck", bound("5", "4.99")), ["content.precheck.rules[0].unit_costs[0]"]);
    let twice = json!({"rules": [{"code": "weights.sum"}, {"code": "weights.sum"}]});
    assert_eq!(wrong("precheck", twice), ["content.precheck.rules"]);
}

#[test]
fn every_limit_has_its_bounds() {
    for (name, section, expected) in [
        (
            "monitoring",
            json!({"audit": {"execution_below": {"value": "80"}, "execution_above": {"value": "120"}}}),
            "",
        ),
        (
            "monitoring",
            json!({"audit": {"execution_below": {"value": "120"}, "execution_above": {"value": "120"}}}),
            "content.monitoring.audit.execution_above",
        ),
        (
            "monitoring",
            json!({"audit": {"idle_money_points": {"value": "0"}}}),
            "content.monitoring.audit.idle_money_points",
        ),
        (
            "monitoring",
            json!({"key_round": {"large_amount": {"currency_code": "CNY", "units": "0"}}}),
            "content.monitoring.key_round.large_amount",
        ),
        (
            "monitoring",
            json!({"key_round": {"lag_points": {"value": "-1"}}}),
            "content.monitoring.key_round.lag_points",
        ),
        (
            "ex_ante",
            json!({"conclusions": [{"lower_score": {"value": "0"}}], "growth_rate": {"value": "-0.1"}}),
            "content.ex_ante.growth_rate",
        ),
        (
            "ex_ante",
            json!({"conclusions": [{"lower_score": {"value": "0"}}],
                   "new_request_amount": {"currency_code": "CNY", "units": "-1"}}),
            "content.ex_ante.new_request_amount",
        ),
        (
            "indicator_score",
            json!({"qualitative_bands": [{"lower_share": {"value": "0"}}], "excess_achievement_rate": {"value": "0.9"}}),
            "content.indicator_score.excess_achievement_rate",
        ),
        (
            "key_evaluation",
            json!({"full_score": {"value": "0"}, "framework": [{"points": {"value": "5"}}, {"points": {"value": "-5"}}]}),
            "content.key_evaluation.framework[1].points",
        ),
        (
            "review",
            json!({"dimensions": [{"points": {"value": "0"}, "items": [{"points": {"value": "1"}}, {"points": {"value": "-1"}}]}]}),
            "content.review.dimensions[0].items[1].points",
        ),
        (
            "precheck",
            json!({"rules": [{"code": "a", "thresholds": [{"name": "minimum", "value": {"value": "-1"}}]}]}),
            "content.precheck.rules[0].thresholds[0].value",
        ),
        (
            "precheck",
            json!({"rules": [{"code": "a", "word_lists": [{"name": "words"}, {"name": "words"}]}]}),
            "content.precheck.rules[0].word_lists",
        ),
        ("recommendation", json!({"text_match": {"value": "1"}, "last_year": {"value": "0"}}), ""),
        (
            "recommendation",
            json!({"text_match": {"value": "1"}, "last_year": {"value": "-1"}, "same_category": {"value": "1"}}),
            "content.recommendation.last_year",
        ),
        ("recommendation", json!({"text_match": {"value": "0"}}), "content.recommendation"),
    ] {
        assert_eq!(wrong(name, section.clone()).join(" "), expected, "{name}: {section}");
    }
}

#[test]
fn a_department_that_does_better_has_no_worse_light() {
    let lights = |both: &str, goal: &str, duty: &str| {
        wrong(
            "monitoring",
            json!({"department_light": {"both_met": both, "goal_missed": goal, "duty_missed": duty}}),
        )
    };
    assert!(lights("COLOUR_GREEN", "COLOUR_YELLOW", "COLOUR_RED").is_empty());
    assert!(lights("COLOUR_GREEN", "COLOUR_RED", "COLOUR_RED").is_empty());
    for (both, goal, duty) in
        [("COLOUR_YELLOW", "COLOUR_GREEN", "COLOUR_RED"), ("COLOUR_GREEN", "COLOUR_RED", "COLOUR_YELLOW")]
    {
        assert_eq!(lights(both, goal, duty), ["content.monitoring.department_light"]);
    }
}
