//! Payments: each row accepted, known already, or refused; and what the treasury system says in total.

use std::collections::{BTreeSet, HashMap, HashSet};

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{Decimal, DistrictCode, Money};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert as platform;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::convert::execution as convert;
use super::names::Names;
use crate::domain::execution::Basis;
use crate::domain::payment::{Payment, Problem};
use crate::store;
use crate::store::execution::Kind;

/// How many refused rows an answer lists.
const REJECTED_LISTED: usize = 1000;

/// Takes in one message of the stream: each row is accepted, known already, or refused.
pub(super) async fn ingest(
    mut work: Work<wire::IngestPaymentsRequest>,
    first_row: i64,
) -> Result<Finished<wire::IngestPaymentsResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, now) = (work.district, work.now);
    let rows = std::mem::take(&mut work.call.message.payments);
    let mut batch = Batch::sort(district, &rows, first_row);
    let fresh: Vec<Payment> = batch.firsts.values().map(|(_, payment)| payment.clone()).collect();
    let touched: BTreeSet<(String, i32)> =
        fresh.iter().map(|p| (p.project.clone(), p.fiscal_year.as_i32())).collect();
    let touched: Vec<(String, i32)> = touched.into_iter().collect();
    store::execution::lock_project_years(work.connection(), district, &touched).await?;
    let taken = store::payment::take_in(work.connection(), district, &fresh, now).await?;
    let accepted: HashSet<&str> = taken.iter().map(|one| one.payment_id.as_str()).collect();
    let rest: Vec<String> =
        fresh.iter().filter(|p| !accepted.contains(p.id.as_str())).map(|p| p.id.clone()).collect();
    if !rest.is_empty() {
        for (known, _) in store::payment::load_many(work.connection(), district, &rest).await? {
            batch.compare_with_known(&known);
        }
    }
    let amounts = fresh.iter().filter(|p| accepted.contains(p.id.as_str())).map(|p| p.amount);
    let accepted_amount =
        Money::total(amounts).ok_or_else(|| Failure::internal("a batch beyond 10^16 yuan"))?;
    batch.rejected.sort_by_key(|rejected| rejected.row);
    let answer = wire::IngestPaymentsResponse {
        received_count: count(rows.len()),
        accepted_count: count(taken.len()),
        repeated_count: batch.repeated,
        rejected_count: count(batch.rejected.len()),
        unmatched_count: count(taken.iter().filter(|one| !one.matched).count()),
        accepted_amount: Some(platform::money(accepted_amount)),
        rejected_payments: batch.rejected,
    };
    if !taken.is_empty() {
        let subject = format!("districts/{district}");
        work.record(Change::new("payments.ingested", subject, 0, &answer));
        announce(&mut work, &touched).await?;
    }
    work.finish(permit, answer).await
}

/// Tells other services what each project-year comes to now: they keep outturns without asking for each.
async fn announce(work: &mut Work<wire::IngestPaymentsRequest>, touched: &[(String, i32)]) -> Result<()> {
    let district = work.district;
    for (named, fiscal_year, amounts) in
        store::execution::project_years(work.connection(), district, touched).await?
    {
        let about = convert::Described {
            kind: Kind::Project,
            id: &named.id,
            title: &named.title,
            department: &named.department,
            fiscal_year,
            month: 12,
            account: 0,
            basis: Basis::Adjusted,
        };
        let execution = convert::execution(Names(district), &about, &amounts);
        work.record(Change::new("execution.changed", execution.name.clone(), 0, &execution));
    }
    Ok(())
}

/// The rows of one message, sorted out before the database sees them.
struct Batch {
    /// The first row of each id, by id.
    firsts: HashMap<String, (i64, Payment)>,
    repeated: i64,
    rejected: Vec<wire::RejectedPayment>,
}

impl Batch {
    fn sort(district: DistrictCode, rows: &[wire::Payment], first_row: i64) -> Self {
        let mut batch = Self { firsts: HashMap::new(), repeated: 0, rejected: Vec::new() };
        for (row, message) in (first_row..).zip(rows) {
            match convert::payment(district, message) {
                Err((problem, field)) => {
                    batch.rejected.push(convert::rejected(row, message.name.clone(), problem, field));
                }
                Ok(payment) => match batch.firsts.get(&payment.id) {
                    None => drop(batch.firsts.insert(payment.id.clone(), (row, payment))),
                    Some((_, first)) if *first == payment => batch.repeated += 1,
                    Some(_) => batch.differs(row, message.name.clone()),
                },
            }
        }
        batch
    }

    fn compare_with_known(&mut self, known: &Payment) {
        match self.firsts.get(&known.id) {
            Some((_, sent)) if sent == known => self.repeated += 1,
            Some((row, _)) => {
                let (row, id) = (*row, known.id.clone());
                self.differs(row, id);
            }
            None => {}
        }
    }

    fn differs(&mut self, row: i64, payment: String) {
        self.rejected.push(convert::rejected(row, payment, Problem::ContentDiffers, ""));
    }
}

pub(super) fn add(
    total: &mut wire::IngestPaymentsResponse,
    part: wire::IngestPaymentsResponse,
) -> Result<()> {
    let mut fields = Fields::default();
    let so_far = fields.money("accepted_amount", total.accepted_amount.as_ref());
    let more = fields.money("accepted_amount", part.accepted_amount.as_ref());
    fields.check()?;
    let sum = so_far.checked_add(more).ok_or_else(|| Failure::internal("a stream beyond 10^16 yuan"))?;
    total.accepted_amount = Some(platform::money(sum));
    total.received_count += part.received_count;
    total.accepted_count += part.accepted_count;
    total.repeated_count += part.repeated_count;
    total.rejected_count += part.rejected_count;
    total.unmatched_count += part.unmatched_count;
    let room = REJECTED_LISTED.saturating_sub(total.rejected_payments.len());
    total.rejected_payments.extend(part.rejected_payments.into_iter().take(room));
    Ok(())
}

pub(super) fn reconcile(
    ask: &wire::ReconcilePaymentsRequest,
    recorded: &[(String, i16, Decimal)],
) -> Result<wire::ReconcilePaymentsResponse> {
    let mut fields = Fields::default();
    let mut lines = Vec::new();
    let mut balanced = true;
    for (at, total) in ask.control_totals.iter().enumerate() {
        let control = fields.money(&format!("control_totals[{at}].amount"), total.amount.as_ref());
        let account = platform::account_of(total.budget_account());
        let found = recorded.iter().find(|(of, month, _)| {
            account.is_some_and(|account| account.as_str() == of) && i32::from(*month) == total.month
        });
        let here =
            found.map(|(_, _, yuan)| Money::from_yuan(*yuan)).transpose().map_err(Failure::internal)?;
        let here = here.unwrap_or_default();
        let difference = here.checked_sub(control).ok_or_else(|| Failure::internal("beyond 10^16 yuan"))?;
        balanced &= difference.is_zero();
        lines.push(wire::ReconciliationLine {
            budget_account: total.budget_account,
            month: total.month,
            control_amount: Some(platform::money(control)),
            recorded_amount: Some(platform::money(here)),
            difference: Some(platform::money(difference)),
        });
    }
    fields.check()?;
    Ok(wire::ReconcilePaymentsResponse { lines, balanced })
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
