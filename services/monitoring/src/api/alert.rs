//! Alerts: opened with what shows them, seen, answered, closed.

use chrono::NaiveDate;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::consequence as convert;
use super::execution::some;
use super::names::{ALERT, Names, ROUND, UNIT, id_of};
use crate::domain::alert::{About, Alert, AlertState, Warning, warning_of_department, warnings};
use crate::domain::measure::{Finding, Subject};
use crate::domain::report::Report;
use crate::domain::round::Round;
use crate::domain::rules::Rules;
use crate::domain::schedule::day_of;
use crate::store;
use crate::store::execution::Named;

/// Opens what an accepted report warns of.
pub(super) async fn open_for_report<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    rules: &Rules,
    report: &Report,
) -> Result<()> {
    let found = warnings(report).into_iter().map(|warning| (About::report(report), warning));
    open(work, rules, found.collect()).await
}

/// Opens an alert for each department below schedule.
pub(super) async fn open_for_departments<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    rules: &Rules,
    round: &Round,
    behind: Vec<(Named, Finding)>,
) -> Result<()> {
    let about = |department: Named| About {
        subject: Subject::Unit(department.id),
        title: department.title,
        unit: department.unit,
        agency_code: department.agency_code,
        department: department.department,
        fiscal_year: round.fiscal_year,
        round: round.id.clone(),
        report: String::new(),
    };
    let found = behind.into_iter();
    let found = found.map(|(named, finding)| (about(named), warning_of_department(rules, &finding)));
    open(work, rules, found.collect()).await
}

/// Last day to choose on what is found today, by the district's working days.
async fn deadline<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    rules: &Rules,
) -> Result<Option<NaiveDate>> {
    let Some(choice) = rules.choice else { return Ok(None) };
    let (district, today) = (work.district, day_of(work.now));
    let calendar = store::calendar::calendar(work.connection(), district).await?;
    Ok(choice.last_day(&calendar, today))
}

async fn open<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    rules: &Rules,
    found: Vec<(About, Warning)>,
) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let (district, names) = (work.district, Names(work.district));
    let deadline = deadline(work, rules).await?;
    let found = found.into_iter();
    let alerts: Vec<Alert> = found
        .map(|(about, warning)| Alert::open(work.new_id(), about, warning, deadline, work.now))
        .collect();
    let alerts = alerts.as_slice();
    let new = store::alert::insert_many(work.connection(), district, alerts).await?;
    for alert in alerts.iter().filter(|alert| new.contains(&alert.id)) {
        let message = convert::alert(names, alert);
        let change = Change::new("alert.opened", &message.name, alert.version, &message)
            .by_rule_set(&alert.explanation.rule_set);
        work.record(change);
    }
    Ok(())
}

pub(super) async fn get(database: &Database, call: Call<wire::GetAlertRequest>) -> Result<wire::Alert> {
    let (district, name) = (call.district()?, &call.message.name);
    let mut read = database.read(&call).await?;
    let alert = store::alert::load(read.connection(), district, &id_of(name, ALERT)?).await?;
    let alert = alert.ok_or_else(|| Failure::not_found(name))?;
    call.permit(Facts::of(name).unit(&alert.agency_code))?;
    Ok(convert::alert(Names(district), &alert))
}

pub(super) async fn list(
    database: &Database,
    call: Call<wire::ListAlertsRequest>,
) -> Result<wire::ListAlertsResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask, scope) = (call.district()?, &call.message, call.scope());
    let names = Names(district);
    let mut fields = Fields::default();
    let department = names.id(&mut fields, "department", &ask.department, UNIT);
    let round = names.id(&mut fields, "monitoring_round", &ask.monitoring_round, ROUND);
    fields.check()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.state, &ask.department, &ask.monitoring_round],
    )?;
    let filter = store::alert::Filter {
        fiscal_year: (ask.fiscal_year > 0).then_some(ask.fiscal_year),
        state: convert::alert_state_of(ask.state()).map(AlertState::as_str),
        department: some(&department),
        round: some(&round),
        unit_prefix: scope.unit_prefix.as_deref(),
        after: page.key(0),
        limit: page.limit(),
    };
    let mut read = database.read(&call).await?;
    let rows = store::alert::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |alert| vec![alert.id.clone()]);
    let alerts = rows.iter().map(|alert| convert::alert(names, alert)).collect();
    Ok(wire::ListAlertsResponse { alerts, next_page_token })
}

pub(super) async fn acknowledge(
    mut work: Work<wire::AcknowledgeAlertRequest>,
) -> Result<Finished<wire::Alert>> {
    let name = work.call.message.name.clone();
    let (permit, before) = lock(&mut work, &name).await?;
    let mut alert = before.clone();
    alert.acknowledge()?;
    let answer = save(&mut work, "alert.acknowledged", &before, alert, "").await?;
    work.finish(permit, answer).await
}

pub(super) async fn answer(mut work: Work<wire::AnswerAlertRequest>) -> Result<Finished<wire::Alert>> {
    let message = work.call.message.clone();
    let (permit, before) = lock(&mut work, &message.name).await?;
    let mut alert = before.clone();
    alert.reply(convert::choice_of(message.choice()), &message.answer, work.now)?;
    let answer = save(&mut work, "alert.answered", &before, alert, &message.answer).await?;
    work.finish(permit, answer).await
}

pub(super) async fn close(mut work: Work<wire::CloseAlertRequest>) -> Result<Finished<wire::Alert>> {
    let message = work.call.message.clone();
    let (permit, before) = lock(&mut work, &message.name).await?;
    let mut alert = before.clone();
    alert.close(&message.reason, work.now)?;
    let answer = save(&mut work, "alert.closed", &before, alert, &message.reason).await?;
    work.finish(permit, answer).await
}

async fn lock<M: prost::Message + Addressed>(work: &mut Work<M>, name: &str) -> Result<(Permit, Alert)> {
    let (id, district) = (id_of(name, ALERT)?, work.district);
    let alert = store::alert::lock(work.connection(), district, &id).await?;
    let alert = alert.ok_or_else(|| Failure::not_found(name))?;
    let permit = work.permit(Facts::of(name).unit(&alert.agency_code))?;
    work.check_etag(name, &alert.version.to_string())?;
    Ok((permit, alert))
}

pub(super) async fn save<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    happened: &'static str,
    before: &Alert,
    mut alert: Alert,
    reason: &str,
) -> Result<wire::Alert> {
    let (district, names) = (work.district, Names(work.district));
    alert.update_time = work.now;
    alert.version += 1;
    store::alert::update(work.connection(), district, &alert).await?;
    let answer = convert::alert(names, &alert);
    let change = Change::new(happened, &answer.name, alert.version, &answer)
        .from(&convert::alert(names, before))
        .by_rule_set(&alert.explanation.rule_set)
        .because(reason);
    work.record(change);
    Ok(answer)
}
