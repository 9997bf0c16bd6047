//! What targets keeps of the registry's events (投影): units, so that bodies are counted once, projects, so
//! that a unit can be told what it still owes, and budgets, the denominators of coverage.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::registry::v1::unit::Kind;
use wenxiao_contract::wenxiao::registry::v1::{BudgetEntry, BudgetEntryKind, Project, Unit, project};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{Fields, account_of};
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Failure, Result};

use crate::names;
use crate::store::projections::{self as store, BudgetIncrement};

/// What is kept of the registry's feed.
pub struct Registry;

#[tonic::async_trait]
impl Projection for Registry {
    fn feed(&self) -> &'static str {
        "registry"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        if let Some(unit) = resource::<Unit>(event)? {
            let id = names::last(&unit.name);
            let own = unit.kind() == Kind::OwnUnit && !unit.parent_unit.is_empty();
            let body = if own { names::last(&unit.parent_unit) } else { id };
            let subdistrict = unit.kind() == Kind::SubdistrictOffice;
            store::keep_unit(connection, district, id, body, subdistrict).await?;
        }
        if let Some(project) = resource::<Project>(event)? {
            let (id, unit) = (names::last(&project.name), names::last(&project.implementing_unit));
            let open = project.state() == project::State::Active;
            store::keep_project(connection, district, id, unit, open).await?;
        }
        if let Some(entry) = resource::<BudgetEntry>(event)? {
            store::add_to_budget(connection, district, &increment(&entry)?).await?;
        }
        Ok(())
    }
}

/// What an entry adds to a budget. Entries are never edited, so each event of one is a new entry.
fn increment(entry: &BudgetEntry) -> Result<BudgetIncrement> {
    let mut fields = Fields::default();
    let adjusted = fields.money("amount", entry.amount.as_ref());
    let account = account_of(entry.budget_account());
    if account.is_none() {
        fields.reject("budget_account", "预算账户缺失", "the entry names no budget account");
    }
    fields.check().map_err(Failure::internal)?;
    let initial = entry.kind() == BudgetEntryKind::Initial;
    Ok(BudgetIncrement {
        project_id: names::last(&entry.project).to_owned(),
        fiscal_year: entry.fiscal_year,
        account: account.map(|account| account.as_str()).unwrap_or_default(),
        initial: if initial { adjusted.yuan() } else { Default::default() },
        adjusted: adjusted.yuan(),
    })
}
