//! FundingGateService.

use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::monitoring::v1::funding_gate_service_server::FundingGateService;
use wenxiao_kernel::{DistrictCode, FiscalYear, Money};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::gate as convert;
use super::execution::some;
use super::names::{Names, id_of};
use crate::domain::execution::Amounts;
use crate::domain::gate::{self, Check, Override, Standing};
use crate::domain::measure::Subject;
use crate::domain::refusal::{Missing, Refusal};
use crate::domain::rules::Traits;
use crate::domain::schedule::{counted_month, day_of, month_end, schedule};
use crate::store;

const OVERRIDE: &str = "districts/*/blockOverrides/*";

/// The service.
pub struct FundingGateApi {
    database: Database,
}

impl FundingGateApi {
    /// Over this service's schema.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl FundingGateService for FundingGateApi {
    async fn check_supplement(
        &self,
        request: Request<wire::CheckSupplementRequest>,
    ) -> Result<Response<wire::SupplementCheck>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let mut fields = Fields::default();
        let day = fields.optional_date("as_of_date", ask.as_of_date.as_ref());
        let amount = fields.optional_money("amount", ask.amount.as_ref());
        let subject = Names(district).subject_of(&mut fields, "name", &ask.name);
        fields.check()?;
        let day = day.unwrap_or_else(|| day_of(self.database.clock().now()));
        let question = Question { subject, year: year_of(ask.fiscal_year, day)?, day, amount };
        let mut read = self.database.read(&call).await?;
        let (check, _, agency_code) = ask_gate(read.connection(), district, question, &ask.name).await?;
        let permit = call.permit(Facts::of(&ask.name).unit(agency_code))?;
        Ok(permit.answer(convert::check(Names(district), &check)))
    }

    async fn override_block(
        &self,
        request: Request<wire::OverrideBlockRequest>,
    ) -> Result<Response<wire::BlockOverride>, Status> {
        Ok(self.database.write(Call::open(request)?, override_block).await?)
    }

    async fn get_block_override(
        &self,
        request: Request<wire::GetBlockOverrideRequest>,
    ) -> Result<Response<wire::BlockOverride>, Status> {
        let call = Call::open(request)?;
        let (district, name) = (call.district()?, &call.message.name);
        let mut read = self.database.read(&call).await?;
        let exception = store::gate::load(read.connection(), district, &id_of(name, OVERRIDE)?).await?;
        let exception = exception.ok_or_else(|| Failure::not_found(name))?;
        let permit = call.permit(Facts::of(name).unit(&exception.agency_code))?;
        Ok(permit.answer(convert::block_override(Names(district), &exception)))
    }

    async fn list_block_overrides(
        &self,
        request: Request<wire::ListBlockOverridesRequest>,
    ) -> Result<Response<wire::ListBlockOverridesResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let (district, ask) = (call.district()?, &call.message);
        let names = Names(district);
        let mut fields = Fields::default();
        let subject = some(&ask.subject).map(|text| names.subject_of(&mut fields, "subject", text));
        fields.check()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.fiscal_year, &ask.subject],
        )?;
        let year = (ask.fiscal_year > 0).then_some(ask.fiscal_year);
        let mut read = self.database.read(&call).await?;
        let rows =
            store::gate::list(read.connection(), district, year, subject.as_ref(), page.key(0), page.limit())
                .await?;
        let (rows, next_page_token) = page.cut(rows, |one| vec![one.id.clone()]);
        let block_overrides = rows.iter().map(|one| convert::block_override(names, one)).collect();
        Ok(permit.answer(wire::ListBlockOverridesResponse { block_overrides, next_page_token }))
    }

    async fn revoke_block_override(
        &self,
        request: Request<wire::RevokeBlockOverrideRequest>,
    ) -> Result<Response<wire::BlockOverride>, Status> {
        Ok(self.database.write(Call::open(request)?, revoke).await?)
    }
}

/// A question to the gate.
struct Question {
    subject: Subject,
    year: FiscalYear,
    day: NaiveDate,
    amount: Option<Money>,
}

fn year_of(asked: i32, day: NaiveDate) -> Result<FiscalYear> {
    let mut fields = Fields::default();
    let year = fields.year("fiscal_year", if asked == 0 { day.year() } else { asked });
    fields.check()?;
    Ok(year)
}

/// The gate's answer, and the unit that the subject belongs to: its id and agency code.
async fn ask_gate(
    connection: &mut PgConnection,
    district: DistrictCode,
    question: Question,
    name: &str,
) -> Result<(Check, String, String)> {
    let Question { subject, year, day, amount } = question;
    let first_day = NaiveDate::from_ymd_opt(year.as_i32(), 1, 1).unwrap_or_default();
    let known = store::gate::known(connection, district, &subject, year.as_i32(), first_day).await?;
    let known = known.ok_or_else(|| Failure::not_found(name))?;
    let rules = known.rules.ok_or(Refusal::RulesMissing(year.as_i32()))?;
    let kind = rules.schedule_kind(&Traits::of_department());
    let counted = counted_month(&kind, year, day);
    let within = known.months.iter().filter(|(month, _)| *month <= counted);
    let amounts = within.fold(Amounts::default(), |sum, (_, month)| sum.checked_add(*month).unwrap_or(sum));
    let standing = Standing {
        subject,
        department: known.department,
        fiscal_year: year,
        day,
        amounts,
        schedule: schedule(&kind, year, day, &[]),
        measures: known.measures,
        objective_barred: known.objective_barred,
        objective_ratified: known.objective_ratified,
        overrides: known.overrides,
        amount,
    };
    Ok((gate::check(&rules, &standing), known.unit, known.agency_code))
}

async fn override_block(mut work: Work<wire::OverrideBlockRequest>) -> Result<Finished<wire::BlockOverride>> {
    let message = work.call.message.clone();
    let (district, names) = (work.district, Names(work.district));
    let mut fields = Fields::default();
    let limit = fields.optional_money("limit_amount", message.limit_amount.as_ref());
    let start = fields.optional_date("start_date", message.start_date.as_ref());
    let expire = fields.optional_date("expire_date", message.expire_date.as_ref());
    let subject = names.subject_of(&mut fields, "name", &message.name);
    fields.check()?;
    let start_date = start.unwrap_or_else(|| day_of(work.now));
    let year = year_of(message.fiscal_year, start_date)?;
    let expire_date = expire.unwrap_or_else(|| month_end(year, 12));
    if expire_date < start_date {
        let unfit = Missing::new("expire_date", "截止日期早于起始日期", "must not lie before start_date");
        return Err(Refusal::Unfit(vec![unfit]).into());
    }
    let question = Question { subject, year, day: start_date, amount: limit };
    store::owner::hold_projects(work.connection(), district).await?;
    let (check, unit, agency_code) = ask_gate(work.connection(), district, question, &message.name).await?;
    let permit = work.permit(Facts::of(&message.name).unit(&agency_code))?;
    let exception = Override {
        id: if message.block_override_id.is_empty() { work.new_id() } else { message.block_override_id },
        subject: check.subject.clone(),
        unit,
        agency_code,
        department: check.department.clone(),
        fiscal_year: year,
        grounds: gate::overridable(&check)?,
        reason: message.reason,
        limit,
        start_date,
        expire_date,
        check,
        decider: work.principal().subject.clone(),
        revoked: None,
        create_time: work.now,
        version: 1,
    };
    if !store::gate::insert(work.connection(), district, &exception).await? {
        return Err(Failure::already_exists(names.block_override(&exception.id)));
    }
    let answer = convert::block_override(names, &exception);
    let change = Change::new("block_override.granted", &answer.name, exception.version, &answer)
        .by_rule_set(&exception.check.explanation.rule_set)
        .because(&exception.reason);
    work.record(change);
    work.finish(permit, answer).await
}

async fn revoke(mut work: Work<wire::RevokeBlockOverrideRequest>) -> Result<Finished<wire::BlockOverride>> {
    let message = work.call.message.clone();
    let (district, names) = (work.district, Names(work.district));
    let before = store::gate::lock(work.connection(), district, &id_of(&message.name, OVERRIDE)?).await?;
    let before = before.ok_or_else(|| Failure::not_found(&message.name))?;
    let permit = work.permit(Facts::of(&message.name).unit(&before.agency_code))?;
    work.check_etag(&message.name, &before.version.to_string())?;
    let mut exception = before.clone();
    exception.revoke(&message.reason, work.now)?;
    exception.version += 1;
    store::gate::update(work.connection(), district, &exception).await?;
    let answer = convert::block_override(names, &exception);
    let change = Change::new("block_override.revoked", &message.name, exception.version, &answer)
        .from(&convert::block_override(names, &before))
        .because(&message.reason);
    work.record(change);
    work.finish(permit, answer).await
}
