use serde_json::Value;

use super::super::rule_words::shown;
use super::{list, plain, raw, words, yes};

/// What a form is looked through for: each rule with its severity and source, then its numbers and lists.
pub(super) fn precheck(section: &Value) -> Vec<String> {
    let shared = list(section, "word_lists").iter().map(|one| format!("共用{}。", word_list(one)));
    shared.chain(list(section, "rules").iter().flat_map(rule)).collect()
}

fn rule(rule: &Value) -> Vec<String> {
    let title = raw(rule, "title");
    let checked = if yes(rule, "verified") { "已核对" } else { "未经核对" };
    let severity = if yes(rule, "disabled") { "停用" } else { words(rule, "severity") };
    let source = raw(rule, "source");
    let mut lines = vec![if source.is_empty() {
        format!("{severity}：{title}（{checked}）。")
    } else {
        format!("{severity}：{title}。依据：{source}（{checked}）。")
    }];
    let threshold = |one: &Value| format!("{}为{}", words(one, "name"), plain(one, "value"));
    let thresholds = list(rule, "thresholds").iter().map(threshold);
    let lists = list(rule, "word_lists").iter().map(word_list);
    let costs = list(rule, "unit_costs").iter().map(unit_cost);
    let details = thresholds.chain(lists).chain(costs).chain(list(rule, "placements").iter().map(placement));
    lines.extend(details.map(|detail| format!("“{title}”：{detail}。")));
    lines
}

fn joined(of: &Value, name: &str) -> String {
    of.get(name).map(shown).unwrap_or_default()
}

fn word_list(of: &Value) -> String {
    format!("{}：{}", words(of, "name"), joined(of, "words"))
}

fn unit_cost(of: &Value) -> String {
    let (lower, upper) = (plain(of, "lower"), plain(of, "upper"));
    format!("{}每{}{lower}元至{upper}元", joined(of, "words"), joined(of, "measure_units"))
}

fn placement(of: &Value) -> String {
    let (belongs, never) = (raw(of, "belongs_under"), joined(of, "never_under"));
    format!("{}属于{belongs}，不应列在{never}之下", joined(of, "words"))
}
