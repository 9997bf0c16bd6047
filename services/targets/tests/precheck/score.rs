//! Precision and recall of the precheck on the forms, per rule and in total.

use std::collections::BTreeMap;
use std::fmt;

use wenxiao_kernel::{Decimal, rounding};
use wenxiao_targets::domain::rules::FormRules;

use super::corpus::Paper;

/// What one rule got right and wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Said and expected.
    pub hits: u32,
    /// Said and not expected.
    pub false_alarms: u32,
    /// Expected and not said.
    pub misses: u32,
}

impl Tally {
    /// Share of what was said that was expected; 1 when nothing was said.
    pub fn precision(self) -> Decimal {
        share(self.hits, self.hits + self.false_alarms)
    }

    /// Share of what was expected that was said; 1 when nothing was.
    pub fn recall(self) -> Decimal {
        share(self.hits, self.hits + self.misses)
    }
}

fn share(part: u32, whole: u32) -> Decimal {
    let ratio = rounding::ratio(part.into(), whole.into()).unwrap_or(Decimal::ONE);
    rounding::half_up(ratio, 4)
}

/// The measurement.
pub struct Score {
    /// Per rule.
    pub rules: BTreeMap<String, Tally>,
    /// Every false alarm and miss in words.
    pub wrong: Vec<String>,
}

impl Score {
    /// All rules together.
    pub fn total(&self) -> Tally {
        self.rules.values().fold(Tally::default(), |sum, tally| Tally {
            hits: sum.hits + tally.hits,
            false_alarms: sum.false_alarms + tally.false_alarms,
            misses: sum.misses + tally.misses,
        })
    }
}

/// Measures the rules of each form's year on it. Several remarks of one rule at one place are as many.
pub fn of(papers: &[Paper], rules: &BTreeMap<i32, FormRules>) -> Score {
    let mut score = Score { rules: BTreeMap::new(), wrong: Vec::new() };
    for paper in papers {
        let mut expected = paper.expected.clone();
        for (said, text) in paper.remarks(&rules[&paper.year]) {
            let tally = score.rules.entry(said.rule.clone()).or_default();
            if let Some(at) = expected.iter().position(|other| *other == said) {
                expected.swap_remove(at);
                tally.hits += 1;
            } else {
                tally.false_alarms += 1;
                score
                    .wrong
                    .push(format!("false alarm  {}: {} {}: {text}", paper.name, said.rule, said.place));
            }
        }
        for said in expected {
            score.rules.entry(said.rule.clone()).or_default().misses += 1;
            score.wrong.push(format!("miss         {}: {} {}", paper.name, said.rule, said.place));
        }
    }
    score
}

impl fmt::Display for Score {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, tally: Tally| {
            let (precision, recall) = (tally.precision(), tally.recall());
            let Tally { hits, false_alarms, misses } = tally;
            writeln!(out, "{name:32} {hits:5} {false_alarms:5} {misses:5}   {precision:>6} {recall:>6}")
        };
        for (rule, tally) in &self.rules {
            line(rule, *tally)?;
        }
        line("total", self.total())?;
        self.wrong.iter().try_for_each(|wrong| writeln!(out, "{wrong}"))
    }
}
