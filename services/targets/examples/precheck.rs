//! Measures the precheck: `cargo run -p wenxiao-targets --example precheck` prints, for the forms of
//! `tests/data/precheck`, hits, false alarms, misses, precision and recall of every rule, each false alarm and miss in
//! words, and then how often each rule speaks on a year's forms: `tests/data/haicang-2020`, or the folder that is named.
//! With `--readme` it writes the list of rules into the README beside them instead.

#[path = "../tests/precheck/corpus.rs"]
mod corpus;
#[path = "../tests/precheck/national.rs"]
mod national;
#[path = "../tests/precheck/readme.rs"]
mod readme;
#[path = "../tests/precheck/score.rs"]
mod score;
#[path = "../tests/precheck/year.rs"]
mod year;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

fn main() {
    let rules: BTreeMap<_, _> =
        [2019, 2020, 2021].into_iter().map(|year| (year, corpus::rules(year))).collect();
    let papers = corpus::read();
    if std::env::args().nth(1).as_deref() == Some("--readme") {
        let rules = rules.into_iter().filter(|(year, _)| *year >= 2020).collect();
        let (_, wanted) = readme::both(&papers, &rules);
        std::fs::write(readme::path(), wanted).expect("the README can be written");
        return;
    }
    println!("{:32} {:>5} {:>5} {:>5}   {:>6} {:>6}", "rule", "hits", "false", "miss", "prec.", "recall");
    print!("{}", score::of(&papers, &rules));
    let folder = std::env::args().nth(1).map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/haicang-2020"),
        PathBuf::from,
    );
    let papers = year::read(&folder);
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let start = Instant::now();
    for paper in &papers {
        for (said, text) in paper.remarks(&rules[&paper.year]) {
            let (count, _) =
                counts.entry(said.rule).or_insert_with(|| (0, format!("{}: {text}", paper.title)));
            *count += 1;
        }
    }
    let each = start.elapsed() / u32::try_from(papers.len()).unwrap_or(1);
    println!("\n{} forms of {}, {each:?} each", papers.len(), folder.display());
    for (rule, (count, first)) in counts {
        println!("{rule:32} {count:5}   {first}");
    }
}
