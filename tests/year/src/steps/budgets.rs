//! Budgets: approved at the beginning, changed in the year, arranged for the next one.

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1::{
    BatchCreateBudgetEntriesRequest, BatchCreateBudgetEntriesResponse, BudgetEntry, BudgetEntryDraft,
    BudgetEntryKind, ImportBudgetEntriesRequest, ImportBudgetEntriesResponse,
};

use super::registry::{csv, imported};
use crate::clients::Office;
use crate::data::rows::BudgetRow;
use crate::play::Play;
use crate::wire::{date, funding_source, money, request_id};

/// Entries of one batch.
const BATCH: usize = 200;
const HEADING: [&str; 9] =
    ["项目代码", "年度", "资金来源", "变动类型", "金额", "日期", "文号", "摘要", "来源编号"];

/// Imports what was known when monitoring began: earlier years, and this year up to the end of June.
pub async fn opening(play: &Play) -> Result<()> {
    let end_of_june = NaiveDate::from_ymd_opt(play.scene.year, 6, 30).context("a year")?;
    let rows: Vec<&BudgetRow> = play.data.budgets.iter().filter(|row| row.date <= end_of_june).collect();
    import(play, "opening", "年初预算及上半年变动", &rows).await
}

/// Enters what the budget adjustment of the second half changed (预算调整).
pub async fn adjust(play: &Play) -> Result<()> {
    let end_of_june = NaiveDate::from_ymd_opt(play.scene.year, 6, 30).context("a year")?;
    let changed = |row: &&BudgetRow| row.date > end_of_june && row.year <= play.scene.year;
    let rows: Vec<&BudgetRow> = play.data.budgets.iter().filter(changed).collect();
    play.each("预算调整（批）", rows.chunks(BATCH), |batch| async move {
        let first = batch.first().map_or("", |row| row.number.as_str());
        let drafts = batch.iter().map(|row| draft(play, row)).collect::<Result<_>>()?;
        let request = BatchCreateBudgetEntriesRequest {
            parent: play.district(),
            drafts,
            validate_only: false,
            request_id: request_id("budget.adjust", first),
        };
        let _: BatchCreateBudgetEntriesResponse = play.call(&Office::business(), request).await?;
        Ok(())
    })
    .await
}

/// Imports the next year's budget, in which results were heeded.
pub async fn next_year(play: &Play) -> Result<()> {
    let rows: Vec<&BudgetRow> = play.data.budgets.iter().filter(|row| row.year > play.scene.year).collect();
    if rows.is_empty() {
        return Ok(());
    }
    import(play, "next-year", "下年度预算", &rows).await
}

async fn import(play: &Play, step: &str, what: &str, rows: &[&BudgetRow]) -> Result<()> {
    let mut file = csv_writer();
    file.write_record(HEADING)?;
    for row in rows {
        let (year, amount, day) = (row.year.to_string(), row.amount.to_string(), row.date.to_string());
        file.write_record([
            row.project.as_str(),
            &year,
            &row.source,
            &row.kind,
            &amount,
            &day,
            &row.document,
            &row.remark,
            &row.number,
        ])?;
    }
    let request = ImportBudgetEntriesRequest {
        parent: play.district(),
        file: Some(csv(file.into_inner()?)),
        validate_only: false,
        request_id: request_id("budget.import", step),
    };
    let answer: ImportBudgetEntriesResponse = play.call(&Office::business(), request).await?;
    imported(play, what, answer.result)
}

fn csv_writer() -> csv::Writer<Vec<u8>> {
    csv::Writer::from_writer(Vec::new())
}

fn draft(play: &Play, row: &BudgetRow) -> Result<BudgetEntryDraft> {
    let kind = match row.kind.as_str() {
        "年初预算" => BudgetEntryKind::Initial,
        "追加" => BudgetEntryKind::Supplement,
        "追减" => BudgetEntryKind::Reduction,
        "上年结转" => BudgetEntryKind::CarryOver,
        other => anyhow::bail!("{other:?} is no kind of budget entry"),
    };
    let entry = BudgetEntry {
        project: play.project(&row.project),
        fiscal_year: row.year,
        funding_source: funding_source(&row.source)?.into(),
        kind: kind.into(),
        amount: money(row.amount),
        entry_date: date(row.date),
        document_number: row.document.clone(),
        remark: row.remark.clone(),
        source_number: row.number.clone(),
        ..BudgetEntry::default()
    };
    Ok(BudgetEntryDraft { budget_entry: Some(entry), budget_entry_id: row.number.clone() })
}
