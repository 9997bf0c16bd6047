//! GetMultiYearBudget (跨年度预算).

use std::collections::BTreeMap;

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::{FiscalYear, Money, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Call, Database, Failure, convert};

use super::resource::Resource;
use super::wire::budget::bound;
use crate::domain::multi_year::{MultiYear, Year};
use crate::domain::project::Project;
use crate::store::{self, Kept, Stored};

/// Answers with all years of a project.
pub async fn get(
    database: &Database,
    request: Request<pb::GetMultiYearBudgetRequest>,
) -> Result<Response<pb::MultiYearBudget>, Status> {
    let call = Call::open(request)?;
    let (asked, district) = (call.message.name.clone(), call.district()?);
    let [_, id] = name::segments(&asked, "districts/*/projects/*/multiYearBudget").map_err(Failure::from)?;
    let mut read = database.read(&call).await?;
    let stored = Project::load(read.connection(), district, id).await?;
    let stored = stored.ok_or_else(|| Failure::not_found(&asked))?;
    let permit = call.permit(stored.value.facts(Facts::of(&asked)))?;
    let positions = store::position::of_project(read.connection(), district, id).await?;
    let budgets: BTreeMap<_, _> = positions
        .into_iter()
        .map(|shown| (shown.fiscal_year, shown.position.total().unwrap_or_default()))
        .collect();
    let details = &stored.value.details;
    let of = MultiYear::of(details.total_amount, &details.year_plans, &budgets);
    let of = of.ok_or_else(|| Failure::internal("budgets add up to more than money can hold"))?;
    Ok(permit.answer(shown(asked, &stored, &of)))
}

fn shown(name: String, project: &Stored<Project>, of: &MultiYear) -> pb::MultiYearBudget {
    let printed = project.value.details.printed_total;
    pb::MultiYearBudget {
        name,
        total_amount: of.total.map(convert::money),
        total_amount_printed: printed.map(convert::printed_amount),
        planned_amount: Some(convert::money(of.planned)),
        arranged_amount: Some(convert::money(of.arranged)),
        unarranged_amount: of.unarranged().map(convert::money),
        arranged_bound: bound(of.bound).into(),
        years: of.years.iter().map(year).collect(),
        explanation: Some(convert::explanation(&of.explain())),
    }
}

fn year((fiscal_year, year): (&FiscalYear, &Year)) -> pb::YearBudget {
    let money = |amount: Money| Some(convert::money(amount));
    let line = year.line;
    pb::YearBudget {
        fiscal_year: fiscal_year.as_i32(),
        planned_amount: year.planned.map(convert::money),
        initial_amount: money(line.initial),
        supplement_amount: money(line.supplement),
        reduction_amount: money(line.reduction),
        carry_over_amount: money(line.carry_over),
        virement_amount: money(line.virement),
        adjusted_amount: money(line.adjusted().unwrap_or_default()),
        carried_forward_amount: money(year.carried_forward),
    }
}
