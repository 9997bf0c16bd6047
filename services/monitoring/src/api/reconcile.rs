//! Reconciliation with the treasury system: its totals against what was taken in.

use std::collections::{BTreeSet, HashSet};

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{BudgetAccount, FiscalYear};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert as platform;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::execution as convert;
use super::execution::{some, source_of};
use super::names::{Names, PROJECT};
use crate::domain::payment::days_of;
use crate::domain::reconcile::{Control, Key, reconcile};
use crate::store;

/// How many unlisted lines and missing payments an answer has.
const LISTED: usize = 1000;

pub(super) async fn report(
    database: &Database,
    call: Call<wire::ReconcilePaymentsRequest>,
) -> Result<wire::ReconcilePaymentsResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask) = (call.district()?, &call.message);
    let names = Names(district);
    let controls = controls(names, ask)?;
    let named: BTreeSet<u32> = controls.iter().map(|control| control.key.month).collect();
    let months: Vec<i16> = named.iter().filter_map(|month| i16::try_from(*month).ok()).collect();
    let (first, last) = (named.first().copied().unwrap_or(1), named.last().copied().unwrap_or(12));
    let year = FiscalYear::try_from(ask.fiscal_year).map_err(Failure::internal)?;
    let days = days_of(year, first, last);
    let mut read = database.read(&call).await?;
    let recorded =
        store::payment::recorded(read.connection(), district, ask.fiscal_year, &months, days).await?;
    let limit = i64::try_from(LISTED).unwrap_or(i64::MAX);
    let missing =
        store::payment::missing_originals(read.connection(), district, ask.fiscal_year, limit).await?;
    let compared = reconcile(&controls, &recorded);
    let (lines, unlisted) = compared.ok_or_else(|| Failure::internal("beyond 10^16 yuan"))?;
    let lines: Vec<wire::ReconciliationLine> = controls
        .iter()
        .zip(&lines)
        .map(|(control, line)| convert::reconciliation_line(names, control, line))
        .collect();
    let agrees = |line: &wire::ReconciliationLine| line.state() == wire::reconciliation_line::State::Balanced;
    Ok(wire::ReconcilePaymentsResponse {
        balanced: lines.iter().all(agrees) && unlisted.is_empty(),
        lines,
        unlisted_lines: unlisted.iter().take(LISTED).map(|one| convert::unlisted_line(names, one)).collect(),
        missing_payments: missing.iter().map(|id| names.payment(id)).collect(),
    })
}

/// The control totals as they came in: no two about the same.
fn controls(names: Names, ask: &wire::ReconcilePaymentsRequest) -> Result<Vec<Control>> {
    let mut fields = Fields::default();
    let mut controls = Vec::with_capacity(ask.control_totals.len());
    let mut seen = HashSet::new();
    for (place, total) in ask.control_totals.iter().enumerate() {
        let field = |name: &str| format!("control_totals[{place}].{name}");
        let project = names.id(&mut fields, &field("project"), &total.project, PROJECT);
        let key = Key {
            account: platform::account_of(total.budget_account()).unwrap_or(BudgetAccount::GeneralPublic),
            month: u32::try_from(total.month).unwrap_or_default(),
            project: some(&project).map(str::to_owned),
            funding_source: source_of(total.funding_source),
        };
        if !seen.insert(key.clone()) {
            fields.reject(
                &field("month"),
                "同一账户、月份、项目和来源只能有一个控制数",
                "repeats another control total",
            );
        }
        let amount = fields.money(&field("amount"), total.amount.as_ref());
        controls.push(Control { key, amount, count: total.payment_count });
    }
    fields.check()?;
    Ok(controls)
}
