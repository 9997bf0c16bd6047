//! CancelProject (项目撤销).

use std::collections::BTreeMap;

use chrono::Datelike;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::FiscalYear;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Result, convert};

use super::budget::{self, Draft};
use super::resource::{self, today};
use super::wire::{Reader, word};
use crate::domain::budget::{Entry, EntryKind, FundingSource, Line, LineKey, negated};
use crate::domain::cancel::{Winding, wind_up};
use crate::domain::project::{Cancellation, Project};
use crate::store::{self, Stored};

/// Gives a project up: its budgets are wound up first, then it ends.
pub async fn cancel(mut work: Work<pb::CancelProjectRequest>) -> Result<Finished<pb::CancelProjectResponse>> {
    let (before, permit) = resource::begin::<_, Project>(&mut work).await?;
    let ask = work.call.message.clone();
    let mut reader = Reader::new(work.district);
    let cancel_date = reader.fields.optional_date("cancel_date", ask.cancel_date.as_ref());
    let cancel_date = cancel_date.unwrap_or_else(|| today(work.now));
    let year = reader.fields.year("cancel_date", cancel_date.year());
    let asked: Vec<_> = ask
        .reclaims
        .iter()
        .enumerate()
        .map(|(place, reclaim)| {
            let field = |name: &str| format!("reclaims[{place}].{name}");
            let source = word(reclaim.funding_source().as_str_name(), "FUNDING_SOURCE_");
            let source = reader.required(&field("funding_source"), source, FundingSource::DistrictFiscal);
            let account = convert::account_of(reclaim.budget_account());
            let key = (account.unwrap_or(before.value.budget_account), source);
            (key, reader.fields.money(&field("amount"), reclaim.amount.as_ref()))
        })
        .collect();
    let asked = reader.done(asked)?;
    let budgets = budgets(&mut work, &before.value.id).await?;
    let winding = wind_up(year, &budgets, &asked)?;
    let remaining = winding.remaining;
    let mut project = before.value.clone();
    project.cancel(Cancellation {
        cancel_date,
        reason: ask.reason.clone(),
        document_number: ask.document_number.clone(),
        remaining_note: ask.remaining_note.clone(),
        remaining,
    })?;
    let drafts = drafts(&work, &before, &winding, &project);
    let budget_entries =
        if drafts.is_empty() { Vec::new() } else { budget::enter(&mut work, drafts).await? };
    let shown = resource::replace(&mut work, &before, project, "project.cancelled", &ask.reason).await?;
    let answer = pb::CancelProjectResponse {
        project: Some(shown),
        budget_entries,
        remaining_amount: Some(convert::money(remaining)),
    };
    work.finish(permit, answer).await
}

/// The project's budgets of all years, by line.
async fn budgets(
    work: &mut Work<pb::CancelProjectRequest>,
    project: &str,
) -> Result<BTreeMap<FiscalYear, BTreeMap<LineKey, Line>>> {
    let district = work.district;
    let found = store::position::of_project(work.connection(), district, project).await?;
    Ok(found.into_iter().map(|shown| (shown.fiscal_year, shown.position.lines)).collect())
}

/// The reductions that take back what is taken back.
fn drafts(
    work: &Work<pb::CancelProjectRequest>,
    before: &Stored<Project>,
    winding: &Winding,
    project: &Project,
) -> Vec<Draft> {
    let Some(cancellation) = &project.details.cancellation else { return Vec::new() };
    let entry = |(fiscal_year, (account, source), amount): &(FiscalYear, LineKey, _)| Entry {
        id: work.new_id(),
        project: before.value.id.clone(),
        fiscal_year: *fiscal_year,
        account: *account,
        source: *source,
        kind: EntryKind::Reduction,
        amount: negated(*amount),
        printed: None,
        entry_date: cancellation.cancel_date,
        document_number: cancellation.document_number.clone(),
        remark: format!("项目撤销收回：{}", cancellation.reason.chars().take(200).collect::<String>()),
        source_number: None,
        reversed_entry: None,
        creator: work.principal().subject.clone(),
        create_time: work.now,
    };
    winding.reclaims.iter().map(|reclaim| (entry(reclaim), true)).collect()
}
