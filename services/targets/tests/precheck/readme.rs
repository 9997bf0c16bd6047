//! The list of rules in the README beside the rules: written from the rule set, with an example of each from the forms.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use wenxiao_targets::domain::form::Severity;
use wenxiao_targets::domain::rules::FormRules;

use super::corpus::Paper;
use super::score;

const BEGIN: &str = "<!-- written by `cargo run -p wenxiao-targets --example precheck -- --readme` -->\n";

/// The file.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/domain/precheck/README.md")
}

/// What stands there and what should stand there.
pub fn both(papers: &[Paper], rules: &BTreeMap<i32, FormRules>) -> (String, String) {
    let now = fs::read_to_string(path()).expect("the README");
    let by_hand = now.split_once(BEGIN).map_or(now.as_str(), |(by_hand, _)| by_hand);
    let wanted = format!("{by_hand}{BEGIN}\n{}", table(papers, rules));
    (now, wanted)
}

fn table(papers: &[Paper], rules: &BTreeMap<i32, FormRules>) -> String {
    let total = score::of(papers, rules).total();
    let clean = papers.iter().filter(|paper| paper.expected.is_empty()).count();
    let mut lines = vec![
        format!(
            "{} forms, {clean} of them clean, {} remarks expected: precision {}, recall {}.",
            papers.len(),
            total.hits + total.misses,
            total.precision(),
            total.recall()
        ),
        String::new(),
        "| rule | looks that | weighs | source | example |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let newest = rules.values().next_back().expect("rules");
    for rule in &newest.precheck.rules {
        let weighs = match rule.severity {
            Severity::Error => "必须修改",
            Severity::Warning => "建议修改",
            Severity::Hint => "提示",
        };
        let example = example(&rule.code, papers, rules);
        lines.push(format!("| `{}` | {} | {weighs} | {} | {example} |", rule.code, rule.title, rule.source));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The first form in which the rule is planted, what stands there, and what the rule says of it.
fn example(rule: &str, papers: &[Paper], rules: &BTreeMap<i32, FormRules>) -> String {
    let planted = papers.iter().filter(|paper| paper.expected.iter().any(|said| said.rule == rule));
    let said = planted.filter_map(|paper| {
        let remarks = paper.remarks(&rules[&paper.year]).into_iter();
        let (said, text) = remarks.into_iter().find(|(said, _)| said.rule == rule)?;
        let row = said.place.parse::<usize>().ok().and_then(|n| paper.form.indicators.get(n - 1));
        let where_from = row.map_or_else(
            || format!("《{}》", paper.title),
            |row| format!("{} {}{}", row.title, row.printed_target, row.measure_unit),
        );
        Some(format!("{where_from}: {text}").replace('|', "/"))
    });
    said.into_iter().next().unwrap_or_default()
}
