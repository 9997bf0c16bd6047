//! What targets keeps of the registry's events (投影): units, so that bodies are counted once, projects, so that a unit
//! can be told what it still owes, budgets, the denominators of coverage, and whose everything is, so that forms follow
//! their subject when units merge, split, move or end.

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::registry::v1::unit::{Kind, State};
use wenxiao_contract::wenxiao::registry::v1::{BudgetEntry, BudgetEntryKind, Policy, Project, Unit, project};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{Fields, account_of};
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Failure, Result};

use crate::domain::objective::{Owner, Subject, UnitRef};
use crate::names;
use crate::registry::{owner_of_policy, owner_of_project, unit_of};
use crate::store::owner;
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
            keep_unit(connection, district, &unit).await
        } else if let Some(project) = resource::<Project>(event)? {
            keep_project(connection, district, &project).await
        } else if let Some(policy) = resource::<Policy>(event)? {
            keep_policy(connection, district, &policy).await
        } else if let Some(entry) = resource::<BudgetEntry>(event)? {
            store::add_to_budget(connection, district, &increment(&entry)?).await
        } else {
            Ok(())
        }
    }
}

async fn keep_unit(connection: &mut PgConnection, district: DistrictCode, unit: &Unit) -> Result<()> {
    let this = unit_of(&unit.name);
    let own = unit.kind() == Kind::OwnUnit && !unit.parent_unit.is_empty();
    let body = if own { names::last(&unit.parent_unit) } else { &this.id };
    let subdistrict = unit.kind() == Kind::SubdistrictOffice;
    store::keep_unit(connection, district, &this.id, body, subdistrict).await?;
    // What is decided for a day to come names its heirs as well: nothing changes hands before the day.
    let ended = matches!(unit.state(), State::Merged | State::Split | State::Moved | State::Closed);
    let heirs: &[String] = if ended { &unit.successors } else { &[] };
    let heads = unit.department.is_empty() || unit.department == unit.name;
    let Some(main) = heirs.first().map(|heir| unit_of(heir)) else {
        return if heads { keep_department(connection, district, &this, unit.version).await } else { Ok(()) };
    };
    let mut taking: Vec<String> = heirs.iter().map(|heir| unit_of(heir).id).collect();
    if heads {
        taking.push(main.head().id);
        take_over(connection, district, &this, unit.version, &main.head()).await?;
    }
    owner::keep_heirs(connection, district, &this.id, &taking).await
}

/// A department or subdistrict office answers for itself as a whole.
async fn keep_department(
    connection: &mut PgConnection,
    district: DistrictCode,
    department: &UnitRef,
    version: i64,
) -> Result<()> {
    let owner = Owner { unit: department.clone(), department: department.clone(), version };
    let subject = Subject::WholeDepartment(department.id.clone());
    owner::hand_over(connection, district, &subject, &owner).await
}

/// What a department answered for as a whole, itself and whatever it had taken over, is its heir's.
async fn take_over(
    connection: &mut PgConnection,
    district: DistrictCode,
    department: &UnitRef,
    version: i64,
    heir: &UnitRef,
) -> Result<()> {
    let mut departments = owner::departments_of(connection, district, &department.id).await?;
    departments.retain(|(id, _)| *id != department.id);
    departments.push((department.id.clone(), version));
    for (id, version) in departments {
        let owner = Owner { unit: heir.clone(), department: heir.clone(), version };
        owner::hand_over(connection, district, &Subject::WholeDepartment(id), &owner).await?;
    }
    Ok(())
}

async fn keep_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &Project,
) -> Result<()> {
    let (id, owner) = (names::last(&project.name), owner_of_project(project));
    let open = project.state() == project::State::Active;
    store::keep_project(connection, district, id, &owner.unit.id, open).await?;
    owner::hand_over(connection, district, &Subject::Project(id.to_owned()), &owner).await
}

async fn keep_policy(connection: &mut PgConnection, district: DistrictCode, policy: &Policy) -> Result<()> {
    let owner = owner_of_policy(policy);
    let subject = Subject::Policy(names::last(&policy.name).to_owned());
    owner::hand_over(connection, district, &subject, &owner).await
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
