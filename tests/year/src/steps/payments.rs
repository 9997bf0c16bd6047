//! Payments as the treasury system pushes them.

use anyhow::{Result, ensure};
use wenxiao_contract::wenxiao::monitoring::v1::{
    IngestPaymentsRequest, IngestPaymentsResponse, Payment, PaymentKind, PaymentProblem,
};

use crate::clients::Office;
use crate::data::rows::PaymentRow;
use crate::play::Play;
use crate::wire::{account, date, funding_source, money};

/// Payments of one message, and messages of one stream.
const MESSAGE: usize = 200;
const STREAM: usize = 1000;

/// Streams all payments in; those that are there already count once.
pub async fn take_in(play: &Play) -> Result<()> {
    play.each("支付数据（千笔）", play.data.payments.chunks(STREAM), |rows| async move {
        let message = |rows: &[PaymentRow]| -> Result<IngestPaymentsRequest> {
            let payments = rows.iter().map(|row| payment(play, row)).collect::<Result<_>>()?;
            Ok(IngestPaymentsRequest { parent: play.district(), payments })
        };
        let messages: Vec<IngestPaymentsRequest> =
            rows.chunks(MESSAGE).map(message).collect::<Result<_>>()?;
        let answer: IngestPaymentsResponse = play.stream(&Office::budgeting_system(), messages).await?;
        let refused: Vec<String> = answer
            .rejected_payments
            .iter()
            .take(5)
            .map(|one| {
                let problem = PaymentProblem::try_from(one.problem).unwrap_or_default();
                format!("{} {} {}", one.payment, problem.as_str_name(), one.field)
            })
            .collect();
        ensure!(answer.rejected_count == 0, "payments were refused: {}", refused.join("; "));
        ensure!(answer.received_count == i64::try_from(rows.len())?, "not all payments were received");
        Ok(())
    })
    .await
}

fn payment(play: &Play, row: &PaymentRow) -> Result<Payment> {
    let kind = if row.amount.is_sign_negative() { PaymentKind::Reversal } else { PaymentKind::Payment };
    Ok(Payment {
        name: play.name("payments", &row.number),
        project: play.project(&row.project),
        unit: play.unit(&row.unit),
        fiscal_year: row.year,
        budget_account: account(&play.data.project(&row.project)?.account)?.into(),
        funding_source: funding_source(&row.source)?.into(),
        amount: money(row.amount),
        pay_date: date(row.date),
        kind: kind.into(),
        purpose: row.purpose.clone(),
        ..Payment::default()
    })
}
