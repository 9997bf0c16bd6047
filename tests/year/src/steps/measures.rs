//! What follows from monitoring: no supplement, a reduction, a candidate for next year's evaluation.

use anyhow::{Result, bail, ensure};
use wenxiao_contract::wenxiao::monitoring::v1::{
    CheckSupplementRequest, CreateMeasureRequest, DecideMeasureRequest, Measure, SupplementCheck,
    decide_measure_request, measure, supplement_check,
};

use super::monitoring;
use crate::clients::Office;
use crate::data::rows::MeasureRow;
use crate::play::Play;
use crate::wire::{date, money, request_id};

/// The performance division proposes, the head of the bureau decides; then the gate is asked.
pub async fn decide(play: &Play) -> Result<()> {
    let numbered = play.data.measures.iter().enumerate();
    play.each("处置措施", numbered, |(place, row)| async move {
        let id = format!("{}-{:02}", play.scene.year, place + 1);
        let measure = Measure {
            kind: kind(row)?.into(),
            subject: subject(play, row),
            fiscal_year: play.scene.year,
            amount: row.amount.and_then(money),
            monitoring_round: monitoring::round(play),
            propose_reason: row.basis.clone(),
            ..Measure::default()
        };
        let request = CreateMeasureRequest {
            parent: play.district(),
            measure: Some(measure),
            measure_id: id.clone(),
            request_id: request_id("measure.create", &id),
        };
        let _: Measure = play.call(&Office::performance(), request).await?;
        let request = DecideMeasureRequest {
            name: play.name("measures", &id),
            decision: decide_measure_request::Decision::Enforce.into(),
            reason: row.basis.clone(),
            decided_amount: row.amount.and_then(money),
            effective_date: date(row.date),
            request_id: request_id("measure.decide", &id),
            etag: String::new(),
        };
        let _: Measure = play.call(&Office::head(), request).await?;
        Ok(())
    })
    .await?;
    ask_the_gate(play).await
}

fn kind(row: &MeasureRow) -> Result<measure::Kind> {
    Ok(match row.kind.as_str() {
        "不予追加" => measure::Kind::NoSupplement,
        "调减" => measure::Kind::Reduce,
        "暂停" => measure::Kind::Suspend,
        "停止拨付" => measure::Kind::StopPayment,
        "列入重点评价备选" => measure::Kind::KeyEvaluationCandidate,
        other => bail!("{other:?} is no measure"),
    })
}

fn subject(play: &Play, row: &MeasureRow) -> String {
    if row.subject_kind == "部门" { play.unit(&row.subject) } else { play.project(&row.subject) }
}

/// A department that is held back gets no supplement, as the budgeting system would be told.
async fn ask_the_gate(play: &Play) -> Result<()> {
    let Some(held) = play.data.measures.iter().find(|row| row.kind == "不予追加") else { return Ok(()) };
    let request = CheckSupplementRequest {
        name: subject(play, held),
        fiscal_year: play.scene.year,
        as_of_date: date(held.date),
        amount: None,
    };
    let check: SupplementCheck = play.call(&Office::budgeting_system(), request).await?;
    let blocked = [supplement_check::Verdict::SoftBlocked, supplement_check::Verdict::Blocked];
    ensure!(
        blocked.contains(&check.verdict()),
        "{} could get more money: {:?}",
        held.subject,
        check.verdict()
    );
    let grounds: Vec<&str> = check.grounds.iter().map(|ground| ground.summary.as_str()).collect();
    play.say(&format!("  追加核查{}：{}", held.subject, grounds.join("；")));
    Ok(())
}
