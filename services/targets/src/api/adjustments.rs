//! Changes of a ratified objective during the year (目标调整), and what differs between versions (版本比较).

use std::sync::Arc;

use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{decisions, form};
use crate::domain::compare::{self, FieldChange};
use crate::domain::form::Form;
use crate::domain::objective::{Adjustment, Objective, State};
use crate::domain::rules::FormRules;
use crate::domain::workflow::Command;
use crate::store;

/// 申请调整.
pub async fn propose(
    mut work: Work<wire::ProposeAdjustmentRequest>,
    rules: Arc<FormRules>,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let ask = work.call.message.clone();
    let mut fields = Fields::default();
    let form = form::read(&mut fields, "content", &ask.content.clone().unwrap_or_default());
    let amount = fields.optional_money("adjusted_amount", ask.adjusted_amount.as_ref());
    let kind = form::member(ask.adjustment_reason().as_str_name(), "ADJUSTMENT_REASON_");
    if kind.is_none() {
        fields.reject("adjustment_reason", "请选择调整原因", "must be set");
    }
    fields.check()?;
    let Some(reason_kind) = kind else { return Err(Failure::internal("a checked field is missing")) };
    let adjustment = Adjustment { reason_kind, reason: ask.reason.clone(), amount };
    let command = Command::ProposeAdjustment { form: Box::new(form), adjustment, rules };
    decisions::decide(work, locked, command, &ask.reason).await
}

/// 同意调整.
pub async fn approve(mut work: Work<wire::ApproveAdjustmentRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let opinion = work.call.message.opinion.clone();
    decisions::decide(work, locked, Command::ApproveAdjustment { opinion: opinion.clone() }, &opinion).await
}

/// 不同意调整.
pub async fn refuse(mut work: Work<wire::RefuseAdjustmentRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let (district, reason) = (work.district, work.call.message.reason.clone());
    let ratified = in_force(&mut work, district, &locked.before).await?;
    let command = Command::RefuseAdjustment { reason: reason.clone(), ratified: Box::new(ratified) };
    decisions::decide(work, locked, command, &reason).await
}

/// The form that is in force; of an objective that is not being adjusted, the one that it shows.
async fn in_force(
    work: &mut Work<wire::RefuseAdjustmentRequest>,
    district: DistrictCode,
    objective: &Objective,
) -> Result<Form> {
    if objective.state != State::Adjusting {
        return Ok(objective.form.clone());
    }
    let number = objective.ratified_version;
    let version = store::version::get(work.connection(), district, &objective.id, number).await?;
    version.map(|version| version.form).ok_or_else(|| Failure::internal("the ratified version is missing"))
}

/// What differs between two versions; `None` where one of them does not exist. Number 0 is the form as it stands.
pub async fn compare(
    connection: &mut sqlx::PgConnection,
    district: DistrictCode,
    objective: &Objective,
    (base, other): (i32, i32),
) -> Result<Option<Vec<FieldChange>>> {
    let older = store::version::get(connection, district, &objective.id, base).await?;
    let newer = match other {
        0 => Some(objective.form.clone()),
        number => {
            let version = store::version::get(connection, district, &objective.id, number).await?;
            version.map(|version| version.form)
        }
    };
    Ok(older.zip(newer).map(|(older, newer)| compare::compare(&older.form, &newer)))
}
