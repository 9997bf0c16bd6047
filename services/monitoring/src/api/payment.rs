//! Payments: each row accepted, known already, or refused; and what the treasury system says in total.

use std::collections::{BTreeMap, HashSet};

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{DistrictCode, Money};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert as platform;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::convert::execution as convert;
use super::names::Names;
use crate::domain::payment::{Payment, Problem, increments};
use crate::store;

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
    store::department_totals::hold_projects(work.connection(), district).await?;
    let taken = store::payment::take_in(work.connection(), district, &fresh, now).await?;
    let taken: HashSet<String> = taken.into_iter().collect();
    let (accepted, rest): (Vec<&Payment>, Vec<&Payment>) = fresh.iter().partition(|p| taken.contains(&p.id));
    if !rest.is_empty() {
        let ids: Vec<String> = rest.iter().map(|payment| payment.id.clone()).collect();
        for (known, _) in store::payment::load_many(work.connection(), district, &ids).await? {
            batch.compare_with_known(Names(district), &known);
        }
    }
    batch.rejected.sort_by_key(|rejected| rejected.row);
    let mut result = wire::IngestPaymentsResponse {
        received_count: count(rows.len()),
        accepted_count: count(accepted.len()),
        repeated_count: batch.repeated,
        rejected_count: count(batch.rejected.len()),
        unmatched_count: 0,
        accepted_amount: Some(platform::money(Money::ZERO)),
        rejected_payments: batch.rejected,
    };
    if !accepted.is_empty() {
        let too_much = || Failure::internal("a batch beyond 10^16 yuan");
        let sum = Money::total(accepted.iter().map(|p| p.amount)).ok_or_else(too_much)?;
        let increments = increments(accepted.iter().copied()).ok_or_else(too_much)?;
        let unknown = store::payment::add_to_outturn(work.connection(), district, &increments).await?;
        result.accepted_amount = Some(platform::money(sum));
        result.unmatched_count = count(accepted.iter().filter(|p| unknown.contains(&p.project)).count());
        let increments = increments.iter().map(|one| convert::increment(Names(district), one)).collect();
        let event = wire::PaymentsIngested { result: Some(result.clone()), increments };
        work.record(Change::new("payments.ingested", format!("districts/{district}"), 0, &event));
    }
    work.finish(permit, result).await
}

/// The rows of one message, sorted out before the database sees them.
struct Batch {
    /// The first row of each id, by id: two streams that bring the same ids meet in one order.
    firsts: BTreeMap<String, (i64, Payment)>,
    repeated: i64,
    rejected: Vec<wire::RejectedPayment>,
}

impl Batch {
    fn sort(district: DistrictCode, rows: &[wire::Payment], first_row: i64) -> Self {
        let mut batch = Self { firsts: BTreeMap::new(), repeated: 0, rejected: Vec::new() };
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

    fn compare_with_known(&mut self, names: Names, known: &Payment) {
        match self.firsts.get(&known.id) {
            Some((_, sent)) if sent == known => self.repeated += 1,
            Some((row, _)) => self.differs(*row, names.payment(&known.id)),
            None => {}
        }
    }

    fn differs(&mut self, row: i64, payment: String) {
        self.rejected.push(convert::rejected(row, payment, Problem::ContentDiffers, ""));
    }
}

pub(super) fn add(
    mut total: wire::IngestPaymentsResponse,
    part: wire::IngestPaymentsResponse,
) -> Result<wire::IngestPaymentsResponse> {
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
    Ok(total)
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
