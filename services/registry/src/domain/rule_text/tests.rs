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
    let said = told("monitoring", &stages);
    assert!(
        said[0].ends_with("序时进度为最近一个已结束阶段的最低执行率（截至6月40%，截至8月60%）。"),
        "{said:?}"
    );
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
        assert_eq!(rules.len(), 16);
        for name in rules.keys() {
            let lines = told(name, &rules);
            assert!(!lines.is_empty(), "{name} says nothing");
            for line in lines {
                assert!(!line.contains('_') && line.ends_with('。'), "{name}: {line}");
            }
        }
    }
}

#[test]
fn every_rule_of_monitoring_is_told() {
    let rules = told("monitoring", &of_2021()).join("\n");
    for said in [
        "部门预算支出低于序时进度的，不予追加预算（原则上限制，可说明理由后突破）。",
        "没有批复绩效目标的项目，不予追加预算（原则上限制，可说明理由后突破）。",
        "重点监控选取：低于序时进度超过20个百分点，或调整后预算数达到10000000元，或社会关注的项目。",
        "项目的灯以最差的指标为准，依次为红、黄、绿、蓝。",
    ] {
        assert!(rules.contains(said), "{said} is missing from\n{rules}");
    }
    let all = json!({
        "forecast_lights": [{"red_below": {"value": "80"}, "yellow_below": {"value": "100"}, "blue_share": {"value": "120"}}],
        "indicator_lights": [{"red_below": {"value": "60"}, "yellow_below": {"value": "80"},
            "equal_target": "EQUAL_TARGET_EXACT"}],
        "audit": {"execution_below": {"value": "80"}, "execution_above": {"value": "120"},
            "idle_money_points": {"value": "20"}},
        "department_light": {"both_met": "COLOUR_GREEN", "goal_missed": "COLOUR_YELLOW", "duty_missed": "COLOUR_RED"},
        "unanswered_alert": "UNANSWERED_ALERT_SUSPEND",
        "forecast": {"history_years": 3, "minimum_samples": 2}
    });
    assert_eq!(
        sentences("monitoring", &all),
        [
            "所有项目的定量指标：完成值÷序时目标值×100，低于60亮红灯，60（含）至80（不含）亮黄灯，80（含）以上亮绿灯；序时目标值＝全年目标值÷12×已过月份。",
            "目标为“＝”的，与目标值相等亮绿灯，否则亮红灯。",
            "所有项目的全年预计：预计完成值÷全年目标值×100，低于80亮红灯，80（含）至100（不含）亮黄灯，100（含）以上亮绿灯。",
            "预计完成值达到全年目标值的120%以上亮蓝灯。",
            "部门整体：履职且目标达到的亮绿灯，履职但目标未达到的亮黄灯，未履职的亮红灯。",
            "预算执行率÷序时进度×100低于80或高于120的，为执行进度异常，亮黄灯。",
            "支付进度超过工程进度20个百分点以上的，为资金闲置，亮黄灯。",
            "单位逾期未选择处置方式的：自动暂停，直至人工解除。",
            "全年执行预测：参考前3年的同类项目，样本不足2个的说明历史数据不足。",
        ]
    );
}

#[test]
fn the_precheck_is_told_rule_by_rule() {
    let rules = told("precheck", &of_2021()).join("\n");
    for said in [
        "必须修改：权重合计等于总分。依据：财预〔2020〕10号（未经核对）。",
        "“成本标准乘以数量与资金相符”：允许偏差为0.05。",
        "“资金÷数量在合理区间内”：路灯、LED灯每盏300元至20000元。",
        "“满意度不用≤、＜”：排除词：不满意。",
        "共用含糊词：明显、显著",
    ] {
        assert!(rules.contains(said), "{said} is missing from\n{rules}");
    }
    let off = json!({"rules": [{"title": "年度目标可衡量", "severity": "SEVERITY_HINT", "disabled": true, "verified": true}]});
    assert_eq!(sentences("precheck", &off), ["停用：年度目标可衡量（已核对）。"]);
}

#[test]
fn points_of_suggestions_are_told_and_computed() {
    let rules = of_2021();
    assert!(told("recommendation", &rules).contains(
        &"同类项目使用：满分15分，上年同部门同类别有5个项目用过的得满分，不足的按比例。".to_owned()
    ));
    assert_eq!(results("recommendation", &rules), ["20", "6"]);
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
