//! What is printed and written: figures with their peers, and aims met or missed. Nothing here fails a run: an aim
//! that is missed is said, not asserted.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::drive::Figures;

/// What an aim asks of a value.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// Not less than this.
    AtLeast(f64),
    /// Not more than this.
    AtMost(f64),
    /// Less than this.
    Below(f64),
}

impl Aim {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::Below(bound) => value < bound,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtLeast(bound) => format!("≥ {bound}"),
            Self::AtMost(bound) => format!("≤ {bound}"),
            Self::Below(bound) => format!("< {bound}"),
        }
    }
}

#[derive(Serialize)]
struct Verdict {
    what: String,
    value: f64,
    unit: &'static str,
    aim: String,
    met: bool,
}

/// Everything that a run has found so far.
#[derive(Default)]
pub struct Report {
    figures: Map<String, Value>,
    verdicts: Vec<Verdict>,
}

impl Report {
    /// A heading for people.
    pub fn heading(&self, text: &str) {
        println!("\n{text}");
    }

    /// A remark for people.
    pub fn remark(&self, text: &str) {
        println!("  {text}");
    }

    /// Throughput and latency of one party.
    pub fn figures(&mut self, key: &str, who: &str, figures: &Figures) {
        println!(
            "  {who:<46} {:>8.0}/s   p50 {:>6.2} ms   p99 {:>6.2} ms",
            figures.per_second, figures.p50, figures.p99
        );
        self.figures.insert(key.to_owned(), json!(figures));
    }

    /// One value without an aim.
    pub fn value(&mut self, key: &str, what: &str, value: f64, unit: &'static str) {
        println!("  {what:<46} {value:>8.2} {unit}");
        self.figures.insert(key.to_owned(), json!({ "value": value, "unit": unit }));
    }

    /// One value that is held against an aim.
    pub fn verdict(&mut self, key: &str, what: &str, value: f64, unit: &'static str, aim: Aim) {
        let met = aim.is_met(value);
        let (words, outcome) = (aim.words(), if met { "met" } else { "MISSED" });
        println!("  {what:<46} {value:>8.2} {unit:<3} aim {words}: {outcome}");
        self.figures.insert(key.to_owned(), json!({ "value": value, "unit": unit }));
        self.verdicts.push(Verdict { what: what.to_owned(), value, unit, aim: words, met });
    }

    /// Anything else for the machine-readable form.
    pub fn note(&mut self, key: &str, value: Value) {
        self.figures.insert(key.to_owned(), value);
    }

    /// The aims once more, all in one place.
    pub fn close(&self) {
        self.heading("Aims");
        for one in &self.verdicts {
            let outcome = if one.met { "met   " } else { "MISSED" };
            println!("  {outcome}  {:<58} {:.2} {} (aim {})", one.what, one.value, one.unit, one.aim);
        }
    }

    /// Writes what was found as JSON.
    pub fn write(&self, path: &Path) -> Result<()> {
        let all = json!({ "figures": self.figures, "aims": self.verdicts });
        Ok(std::fs::write(path, serde_json::to_string_pretty(&all)?)?)
    }
}
