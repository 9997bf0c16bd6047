//! The year's summary as the suite computes it, held against the published figures.

use anyhow::{Context as _, Result};
use wenxiao_contract::wenxiao::disclosure::v1::{
    AnnualSummary, DocumentSection, Figure, GetAnnualSummaryRequest,
};

use crate::clients::Office;
use crate::data::rows::FigureRow;
use crate::play::Play;
use crate::steps::cases;

/// A published figure beside the computed one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Compared {
    /// What it is.
    pub key: String,
    /// As it was published.
    pub published: String,
    /// As the suite prints it, at the printed precision; empty when nothing that is stored gives it.
    pub computed: String,
    /// The exact value behind it.
    pub exact: String,
    /// Unit.
    pub unit: String,
    /// Whether both are the same, character by character.
    pub equal: bool,
}

/// Asks for the summary, once it is up to date.
pub async fn summary(play: &Play) -> Result<AnnualSummary> {
    play.settled().await?;
    let name = cases::summary(play);
    play.call(&Office::performance(), GetAnnualSummaryRequest { name, public_view: false }).await
}

/// Every published figure beside the service's answer.
pub fn compare(published: &[FigureRow], summary: &AnnualSummary) -> Vec<Compared> {
    let row = |row: &FigureRow| {
        let figure = summary.figures.iter().find(|figure| figure.key == row.key);
        let computed = figure.map(|figure| figure.printed.clone()).unwrap_or_default();
        Compared {
            key: row.key.clone(),
            published: row.value.clone(),
            equal: !computed.is_empty() && computed == row.value,
            computed,
            exact: figure.map(exact).unwrap_or_default(),
            unit: row.unit.clone(),
        }
    };
    published.iter().map(row).collect()
}

fn exact(figure: &Figure) -> String {
    use wenxiao_contract::wenxiao::disclosure::v1::figure::Value;
    match &figure.value {
        Some(Value::Number(number)) => number.value.clone(),
        Some(Value::Date(day)) => format!("{:04}-{:02}-{:02}", day.year, day.month, day.day),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Grade(_)) => figure.printed.clone(),
        None => String::new(),
    }
}

/// The summary's text as Markdown.
pub fn text(summary: &AnnualSummary) -> String {
    let mut text = format!("# {}\n", summary.title);
    for section in &summary.sections {
        text.push('\n');
        text.push_str(&section_text(section));
    }
    for mismatch in &summary.mismatches {
        text.push_str(&format!("\n> 勾稽不符：{mismatch}\n"));
    }
    text
}

fn section_text(section: &DocumentSection) -> String {
    let mut text = String::new();
    if !section.heading.is_empty() {
        text.push_str(&format!("## {}\n\n", section.heading));
    }
    for paragraph in &section.paragraphs {
        text.push_str(&format!("{paragraph}\n\n"));
    }
    for table in &section.tables {
        text.push_str(&format!("| {} |\n", table.columns.join(" | ")));
        text.push_str(&format!("|{}\n", " --- |".repeat(table.columns.len())));
        for row in &table.rows {
            text.push_str(&format!("| {} |\n", row.cells.join(" | ")));
        }
    }
    text.trim_end().to_owned() + "\n"
}

/// The comparison as a table.
pub fn table(figures: &[Compared]) -> String {
    let mut text = String::from(
        "| 指标 | 公布 | 计算 | 精确值 | 单位 | 一致 |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for figure in figures {
        let equal = if figure.equal { "✓" } else { "✗" };
        let Compared { key, published, computed, exact, unit, .. } = figure;
        text.push_str(&format!("| {key} | {published} | {computed} | {exact} | {unit} | {equal} |\n"));
    }
    let equal = figures.iter().filter(|figure| figure.equal).count();
    text.push_str(&format!("\n{equal}/{} 项与公布数一致\n", figures.len()));
    text
}

/// Writes `summary.json` and `summary.md` into a folder.
pub fn report(folder: &std::path::Path, summary: &AnnualSummary, figures: &[Compared]) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let sections: Vec<serde_json::Value> = summary
        .sections
        .iter()
        .map(|section| serde_json::json!({ "heading": section.heading, "paragraphs": section.paragraphs }))
        .collect();
    let json = serde_json::json!({
        "name": summary.name,
        "title": summary.title,
        "work_year": summary.work_year,
        "figures": figures,
        "sections": sections,
        "mismatches": summary.mismatches,
    });
    std::fs::write(folder.join("summary.json"), serde_json::to_string_pretty(&json)? + "\n")?;
    let markdown = format!("{}\n## 与公布数对照\n\n{}", text(summary), table(figures));
    std::fs::write(folder.join("summary.md"), markdown)?;
    Ok(())
}
