//! ExecutionService.

use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use tonic::{Request, Response, Status, Streaming};
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::wenxiao::monitoring::v1::execution_service_server::ExecutionService;
use wenxiao_kernel::{Money, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::call::Context;
use wenxiao_platform::convert as platform;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::execution as convert;
use super::convert::execution::Described;
use super::names::{Names, PROJECT, UNIT, id_of};
use super::{payment, reconcile};
use crate::domain::execution::Basis;
use crate::domain::payment::days_of;
use crate::domain::refusal::Refusal;
use crate::domain::schedule::milestones_are_ordered;
use crate::store;
use crate::store::execution::{Kind, Named, Span};

/// How many messages of one stream are worked on at once: one is checked and written while the one before commits.
const MESSAGES_AT_ONCE: usize = 2;

/// The service.
pub struct ExecutionApi {
    database: Database,
}

impl ExecutionApi {
    /// Over this service's schema.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl ExecutionService for ExecutionApi {
    async fn ingest_payments(
        &self,
        request: Request<Streaming<wire::IngestPaymentsRequest>>,
    ) -> Result<Response<wire::IngestPaymentsResponse>, Status> {
        let context = Context::of(&request)?;
        let (mut parent, mut rows) = (None, 0_i64);
        let parts = request.into_inner().map(move |message| {
            let message = message?;
            let first_row = rows;
            rows = rows.saturating_add(payment::count(message.payments.len()));
            if parent.get_or_insert_with(|| message.parent.clone()) != &message.parent {
                let english = "every message of a stream has the same parent";
                return Err(Failure::invalid_field("parent", "同一数据流须属于同一个区", english).into());
            }
            let call = context.clone().with(message)?;
            Ok(self.database.write(call, move |work| payment::ingest(work, first_row)).map_err(Status::from))
        });
        let nothing = wire::IngestPaymentsResponse {
            accepted_amount: Some(platform::money(Money::ZERO)),
            ..Default::default()
        };
        let add = |total, part: Response<_>| async move { Ok(payment::add(total, part.into_inner())?) };
        let total = parts.try_buffered(MESSAGES_AT_ONCE).try_fold(nothing, add).await?;
        Ok(Response::new(total))
    }

    async fn get_payment(
        &self,
        request: Request<wire::GetPaymentRequest>,
    ) -> Result<Response<wire::Payment>, Status> {
        let call = Call::open(request)?;
        let (district, name) = (call.district()?, &call.message.name);
        let mut read = self.database.read(&call).await?;
        let found =
            store::payment::load_many(read.connection(), district, &[convert::payment_id(name)?]).await?;
        let found = found.first().ok_or_else(|| Failure::not_found(name))?;
        let permit = call.permit(Facts::of(name))?;
        Ok(permit.answer(convert::stored_payment(Names(district), found)))
    }

    async fn list_payments(
        &self,
        request: Request<wire::ListPaymentsRequest>,
    ) -> Result<Response<wire::ListPaymentsResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let (district, ask) = (call.district()?, &call.message);
        let names = Names(district);
        let mut fields = Fields::default();
        let project = names.id(&mut fields, "project", &ask.project, PROJECT);
        let fiscal_year = fields.year("fiscal_year", ask.fiscal_year);
        fields.check()?;
        let (first, last) = match u32::try_from(ask.month) {
            Ok(month @ 1..=12) => (month, month),
            _ => (1, 12),
        };
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.fiscal_year, &ask.project, &ask.month],
        )?;
        let filter = store::payment::Filter {
            fiscal_year: ask.fiscal_year,
            project: some(&project),
            days: days_of(fiscal_year, first, last),
            after: page.key(0).and_then(|day| day.parse().ok()).zip(page.key(1)),
            limit: page.limit(),
        };
        let mut read = self.database.read(&call).await?;
        let rows = store::payment::list(read.connection(), district, &filter).await?;
        let (rows, next_page_token) = page.cut(rows, |(p, _)| vec![p.pay_date.to_string(), p.id.clone()]);
        let payments = rows.iter().map(|row| convert::stored_payment(names, row)).collect();
        Ok(permit.answer(wire::ListPaymentsResponse { payments, next_page_token }))
    }

    async fn reconcile_payments(
        &self,
        request: Request<wire::ReconcilePaymentsRequest>,
    ) -> Result<Response<wire::ReconcilePaymentsResponse>, Status> {
        Ok(Response::new(reconcile::report(&self.database, Call::open(request)?).await?))
    }

    async fn get_execution(
        &self,
        request: Request<wire::GetExecutionRequest>,
    ) -> Result<Response<wire::Execution>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let mut read = self.database.read(&call).await?;
        let (kind, named, fiscal_year) = subject_of(read.connection(), district, &ask.name).await?;
        let permit = call.permit(Facts::of(&ask.name).unit(&named.agency_code))?;
        let span = Span {
            fiscal_year,
            month: month_or_all(ask.month),
            account: platform::account_of(ask.budget_account()),
            funding_source: source_of(ask.funding_source),
        };
        let totals = store::execution::totals(read.connection(), district, kind, &named.id, span).await?;
        let basis = convert::basis_of(ask.basis(), Basis::Adjusted);
        let about = Described { kind, named: &named, span, basis };
        let mut execution = convert::execution(Names(district), &about, &totals.amounts());
        execution.funding_lines = totals.lines.iter().map(convert::funding_line).collect();
        let monthly = totals.monthly.iter().map(|yuan| Money::from_yuan(*yuan).map(platform::money));
        execution.monthly_amounts = monthly.collect::<Result<_, _>>().map_err(Failure::internal)?;
        Ok(permit.answer(execution))
    }

    async fn list_executions(
        &self,
        request: Request<wire::ListExecutionsRequest>,
    ) -> Result<Response<wire::ListExecutionsResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let (district, ask, scope) = (call.district()?, &call.message, call.scope());
        let names = Names(district);
        let mut fields = Fields::default();
        let department = names.id(&mut fields, "department", &ask.department, UNIT);
        let kind = listed_kind(&mut fields, ask.subject());
        fields.check()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[
                call.method(),
                &ask.parent,
                &ask.fiscal_year,
                &ask.subject,
                &ask.department,
                &ask.month,
                &ask.budget_account,
                &ask.funding_source,
                &ask.basis,
            ],
        )?;
        let span = Span {
            fiscal_year: ask.fiscal_year,
            month: month_or_all(ask.month),
            account: platform::account_of(ask.budget_account()),
            funding_source: source_of(ask.funding_source),
        };
        let filter = store::execution::Filter {
            kind,
            span,
            department: some(&department),
            unit_prefix: scope.unit_prefix.as_deref(),
            below: None,
            after: page.key(0),
            limit: page.limit(),
        };
        let mut read = self.database.read(&call).await?;
        let rows = store::execution::list(read.connection(), district, &filter).await?;
        let (rows, next_page_token) = page.cut(rows, |(named, _)| vec![named.id.clone()]);
        let basis = convert::basis_of(ask.basis(), Basis::Adjusted);
        let describe = |named| Described { kind, named, span, basis };
        let executions = rows
            .iter()
            .map(|(named, amounts)| convert::execution(names, &describe(named), amounts))
            .collect();
        Ok(permit.answer(wire::ListExecutionsResponse { executions, next_page_token }))
    }

    async fn get_milestone_plan(
        &self,
        request: Request<wire::GetMilestonePlanRequest>,
    ) -> Result<Response<wire::MilestonePlan>, Status> {
        let call = Call::open(request)?;
        let (district, name) = (call.district()?, &call.message.name);
        let (project, year) = plan_of(name)?;
        let mut read = self.database.read(&call).await?;
        let owner = store::execution::project(read.connection(), district, &project).await?;
        let owner = owner.ok_or_else(|| Failure::not_found(name))?;
        let permit = call.permit(Facts::of(name).unit(owner.agency_code))?;
        let plan = store::milestone::load(read.connection(), district, &project, year).await?;
        let plan = plan.ok_or_else(|| Failure::not_found(name))?;
        Ok(permit.answer(convert::milestone_plan(name, &plan)))
    }

    async fn update_milestone_plan(
        &self,
        request: Request<wire::UpdateMilestonePlanRequest>,
    ) -> Result<Response<wire::MilestonePlan>, Status> {
        Ok(self.database.write(Call::open(request)?, update_milestone_plan).await?)
    }
}

async fn update_milestone_plan(
    mut work: Work<wire::UpdateMilestonePlanRequest>,
) -> Result<Finished<wire::MilestonePlan>> {
    let plan = work.call.message.milestone_plan.clone().unwrap_or_default();
    let (project, year) = plan_of(&plan.name)?;
    let (district, now) = (work.district, work.now);
    let owner = store::execution::project(work.connection(), district, &project).await?;
    let owner = owner.ok_or_else(|| Failure::not_found(&plan.name))?;
    let permit = work.permit(Facts::of(&plan.name).unit(owner.agency_code))?;
    let before = store::milestone::load(work.connection(), district, &project, year).await?;
    let etag = before.as_ref().map(|before| before.version.to_string()).unwrap_or_default();
    work.check_etag(&plan.name, &etag)?;
    let mut fields = Fields::default();
    let milestones = convert::milestones(&mut fields, &plan);
    fields.check()?;
    if !milestones_are_ordered(&milestones) {
        return Err(Refusal::MilestonesUnordered.into());
    }
    let version = before.as_ref().map_or(0, |before| before.version);
    let stored =
        store::milestone::save(work.connection(), district, (&project, year), &milestones, version, now)
            .await?
            .ok_or_else(|| Failure::etag_mismatch(&plan.name))?;
    let answer = convert::milestone_plan(&plan.name, &stored);
    let mut change = Change::new("milestone_plan.written", &plan.name, stored.version, &answer);
    if let Some(before) = &before {
        change = change.from(&convert::milestone_plan(&plan.name, before));
    }
    work.record(change);
    work.finish(permit, answer).await
}

/// What the name of an execution is about, and its year.
async fn subject_of(
    connection: &mut sqlx::PgConnection,
    district: wenxiao_kernel::DistrictCode,
    text: &str,
) -> Result<(Kind, Named, i32)> {
    let missing = || Failure::not_found(text);
    let year = |text: &str| text.parse::<i32>().map_err(|_| missing());
    if let Ok([_, id, fiscal_year]) = name::segments::<3>(text, "districts/*/projects/*/executions/*") {
        let named = store::execution::project(connection, district, id).await?.ok_or_else(missing)?;
        return Ok((Kind::Project, named, year(fiscal_year)?));
    }
    if let Ok([_, id, fiscal_year]) = name::segments::<3>(text, "districts/*/units/*/executions/*") {
        let named = store::execution::unit(connection, district, id).await?.ok_or_else(missing)?;
        let kind = if named.is_department { Kind::Department } else { Kind::Unit };
        return Ok((kind, named, year(fiscal_year)?));
    }
    let fiscal_year = id_of(text, "districts/*/executions/*")?;
    let whole = Named {
        id: String::new(),
        title: String::new(),
        unit: String::new(),
        agency_code: String::new(),
        department: String::new(),
        is_department: false,
    };
    Ok((Kind::District, whole, year(&fiscal_year)?))
}

fn listed_kind(fields: &mut Fields, subject: wire::ExecutionSubject) -> Kind {
    match subject {
        wire::ExecutionSubject::Project => Kind::Project,
        wire::ExecutionSubject::Unit => Kind::Unit,
        wire::ExecutionSubject::Department => Kind::Department,
        wire::ExecutionSubject::District | wire::ExecutionSubject::Unspecified => {
            fields.reject("subject", "只能列出项目、单位或部门", "lists projects, units or departments");
            Kind::Project
        }
    }
}

fn plan_of(text: &str) -> Result<(String, i32)> {
    let [_, project, year] = name::segments::<3>(text, "districts/*/projects/*/milestonePlans/*")?;
    let year = year.parse().map_err(|_| Failure::not_found(text))?;
    Ok((project.to_owned(), year))
}

/// The month that a request names; all twelve for none.
pub(super) fn month_or_all(month: i32) -> i16 {
    i16::try_from(month).ok().filter(|month| (1..=12).contains(month)).unwrap_or(12)
}

/// The funding source that a request names, by the registry's number; `None` for all.
pub(super) fn source_of(number: i32) -> Option<i32> {
    (number != 0).then_some(number)
}

/// A filter's text; `None` when it is empty.
pub(super) fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
