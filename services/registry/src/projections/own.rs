use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::projection::{Projection, resource};

use super::{day, entry, keep, money, year};
use crate::domain::timeline::{Entry, EntryKind};

/// What is kept of the registry's own feed: projects and their budgets.
pub struct Own;

#[tonic::async_trait]
impl Projection for Own {
    fn feed(&self) -> &'static str {
        "registry"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        let told = match event.r#type.as_str() {
            "budget_entry.created" => match resource::<pb::BudgetEntry>(event)? {
                Some(of) => Some(budget(event, &of)?),
                None => None,
            },
            kind if kind.starts_with("project.") => match resource::<pb::Project>(event)? {
                Some(of) => project(event, &of)?,
                None => None,
            },
            _ => None,
        };
        keep(connection, district, self.feed(), event, told).await
    }
}

fn project(event: &Event, of: &pb::Project) -> Result<Option<Entry>> {
    let unit = of.implementing_unit.rsplit('/').next().unwrap_or_default();
    let summary = match event.r#type.as_str() {
        "project.created" => format!("立项：{}，设立年度{}，实施单位{unit}", of.title, of.setup_year),
        "project.handed_over" => format!("因机构变动，项目由单位{unit}承接"),
        "project.closed" => "项目终止或完成".to_owned(),
        "project.cancelled" => {
            let how = of.cancellation.clone().unwrap_or_default();
            format!("项目撤销（{}）：{}", how.document_number, how.reason)
        }
        _ => return Ok(None),
    };
    let mut told = entry(event, &of.name, EntryKind::Project, summary)?;
    let handed_over = of.former_owners.last().filter(|_| event.r#type == "project.handed_over");
    let taken_over = match handed_over {
        Some(former) => day(former.end_date.as_ref())?.and_then(|last| last.succ_opt()),
        None => day(of.end_date.as_ref())?,
    };
    told.entry_date = taken_over.unwrap_or(told.entry_date);
    told.fiscal_year = year(of.setup_year).filter(|_| event.r#type == "project.created");
    Ok(Some(told))
}

fn budget(event: &Event, of: &pb::BudgetEntry) -> Result<Entry> {
    use pb::BudgetEntryKind as Kind;
    let what = match of.kind() {
        Kind::Initial => "年初预算",
        Kind::Supplement => "追加",
        Kind::Reduction => "追减",
        Kind::CarryOver => "上年结转",
        Kind::Virement => "调剂",
        Kind::Unspecified => "预算变动",
    };
    let back = if of.reversed_entry.is_empty() { "" } else { "（冲销）" };
    let amount = money(of.amount.as_ref())?;
    let printed = of.amount_printed.as_ref().map(|printed| printed.text.clone());
    let figure = printed.or_else(|| amount.map(|amount| amount.to_string())).unwrap_or_default();
    let document =
        if of.document_number.is_empty() { String::new() } else { format!("（{}）", of.document_number) };
    let summary = format!("{}年度{what}{back}{figure}{document}", of.fiscal_year);
    let mut told = entry(event, &of.project, EntryKind::Budget, summary)?;
    told.entry_date = day(of.entry_date.as_ref())?.unwrap_or(told.entry_date);
    (told.fiscal_year, told.amount) = (year(of.fiscal_year), amount);
    Ok(told)
}
