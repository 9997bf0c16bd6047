use serde_json::{Value, json};

use super::super::rule_set::Sections;
use super::*;

fn national(file: &str) -> Sections {
    let file: Value = serde_json::from_str(file).unwrap_or_else(|_| unreachable!());
    file.get("content").and_then(|content| serde_json::from_value(content.clone()).ok()).unwrap_or_default()
}

fn of_2021() -> Sections {
    national(include_str!("../../../data/rules-national-2021.json"))
}

fn told(name: &str, sections: &Sections) -> Vec<String> {
    sections.get(name).map(|section| sentences(name, section)).unwrap_or_default()
}

fn results(name: &str, sections: &Sections) -> Vec<String> {
    let steps = examples(name, sections).into_iter().flat_map(|one| one.steps);
    steps.map(|step| step.result).collect()
}

#[test]
fn bands_are_told_with_their_bounds() {
    let rules = of_2021();
    assert_eq!(
        told("grade_scales", &rules),
        [
            "通用：满分100分。",
            "通用：90分（含）至100分（含）为优。",
            "通用：80分（含）至90分（不含）为良。",
            "通用：60分（含）至80分（不含）为中。",
            "通用：0分（含）至60分（不含）为差。",
        ]
    );
    assert_eq!(results("grade_scales", &rules), ["良"]);
    let execution = told("execution_score", &rules);
    assert!(
        execution.contains(&"执行率80%（含）至100%（不含）的，得预算执行率权重的70%。".to_owned()),
        "{execution:?}"
    );
    assert!(
        execution.contains(&"执行率100%（含）以上的，得预算执行率权重的100%。".to_owned()),
        "{execution:?}"
    );
    assert!(execution.contains(&"执行率低于90%的须说明原因。".to_owned()));
}

#[test]
fn examples_compute_by_the_section() {
    let rules = of_2021();
    assert_eq!(results("execution_score", &rules), ["75%", "5.00"], "the band from 60 % gives half of 10");
    let older = national(include_str!("../../../data/rules-national-2020.json"));
    assert_eq!(results("execution_score", &older), ["75%", "7.50"], "in proportion");
    assert_eq!(results("monitoring", &rules), ["60.00", "60", "66.67", "144"]);
    let summary = examples("monitoring", &rules).first().map(|one| one.summary.clone()).unwrap_or_default();
    assert!(summary.ends_with("亮黄灯"), "35 % at the end of July is exactly 60: {summary}");
    assert_eq!(results("indicator_score", &rules), ["8.00", "8.33", "9.00", "8.00"]);
    assert_eq!(results("weights", &rules).first().map(String::as_str), Some("90"));
    let days = json!({"budget_lights": [{"schedule": "SCHEDULE_DAYS", "method": "METHOD_SCHEDULE_SHARE",
        "red_below": {"value": "60.27"}, "yellow_below": {"value": "80"}}]});
    let days = Sections::from([("monitoring".to_owned(), days)]);
    assert_eq!(results("monitoring", &days), ["60.26"]);
    assert!(examples("monitoring", &days).iter().all(|one| one.summary.ends_with("亮红灯")));
    let stages = json!({"budget_lights": [{"schedule": "SCHEDULE_STAGES", "method": "METHOD_SCHEDULE_SHARE",
        "red_below": {"value": "60"}, "yellow_below": {"value": "80"},
        "floors": [{"month": 6, "rate": {"value": "0.4"}}, {"month": 8, "rate": {"value": "0.6"}}]}]});
    let stages = Sections::from([("monitoring".to_owned(), stages)]);
    assert_eq!(results("monitoring", &stages), ["87.50"], "35 % of the 40 % that are due by July");
    let floors = json!({"budget_lights": [{"method": "METHOD_STAGED_FLOORS",
        "floors": [{"month": 6, "rate": {"value": "0.4"}}]}]});
    let floors = Sections::from([("monitoring".to_owned(), floors)]);
    assert_eq!(told("monitoring", &floors), ["所有项目：截至6月，预算执行率低于40%的予以预警。"]);
    assert_eq!(results("monitoring", &floors), ["预警"]);
    let one_place = Sections::from([("rounding".to_owned(), json!({"decimal_places": 1}))]);
    assert_eq!(results("rounding", &one_place), ["8.3"]);
}

#[test]
fn another_rule_gives_another_sentence_and_another_result() {
    let mut rules = of_2021();
    let band = rules.get_mut("execution_score").and_then(|section| section.pointer_mut("/bands/2/share"));
    if let Some(share) = band {
        *share = json!({"value": "0.4"});
    }
    assert_eq!(results("execution_score", &rules), ["75%", "4.00"]);
    assert!(told("execution_score", &rules).iter().any(|line| line.ends_with("得预算执行率权重的40%。")));
}

#[test]
fn every_section_is_told_without_a_word_of_the_contract() {
    for file in [
        include_str!("../../../data/rules-national-2020.json"),
        include_str!("../../../data/rules-national-2021.json"),
    ] {
        let rules = national(file);
        for name in [
            "grade_scales",
            "review",
            "weights",
            "execution_score",
            "indicator_score",
            "rounding",
            "monitoring",
            "ex_ante",
            "key_evaluation",
            "suspicion",
            "recheck_rules",
            "deadlines",
            "hint_rules",
            "conflict",
        ] {
            let lines = told(name, &rules);
            assert!(!lines.is_empty(), "{name} says nothing");
            for line in lines {
                assert!(!line.contains('_') && line.ends_with('。'), "{name}: {line}");
            }
        }
    }
}

#[test]
fn what_a_rule_does_not_forbid_is_told_too() {
    let older = national(include_str!("../../../data/rules-national-2020.json"));
    let told = |sections: &Sections| told("conflict", sections).concat();
    assert!(told(&older).starts_with("存在利益冲突的，只作提示，不禁止委托。"), "{}", told(&older));
    assert!(told(&of_2021()).starts_with("存在利益冲突的，不得委托。"));
    assert_eq!(
        sentences("key_evaluation", of_2021().get("key_evaluation").unwrap()).first().map(String::as_str),
        Some("满分100分：决策20分、过程20分、产出30分、效益30分。")
    );
}

#[test]
fn a_section_without_sentences_of_its_own_is_told_field_by_field() {
    let section = json!({"enforced": true, "unheard_of": {"value": "3"}});
    assert_eq!(sentences("unheard_of", &section), ["冲突时不得委托：是。", "unheard_of：3。"]);
    let list = json!([{"code": "a", "days": 3}]);
    assert_eq!(sentences("unheard_of", &list), ["代码：a，天数：3。"]);
    assert!(examples("unheard_of", &Sections::new()).is_empty());
}
