//! Whole-department budgets (部门整体支出预算).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database};

use super::resource::{Reading, page_of, today};
use super::wire::last;
use crate::store::Window;
use crate::store::department_budget as store;

/// ListDepartmentBudgets.
pub async fn list(
    database: &Database,
    request: Request<pb::ListDepartmentBudgetsRequest>,
) -> Result<Response<pb::ListDepartmentBudgetsResponse>, Status> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.department],
    )?;
    let (year, department) = ((ask.fiscal_year != 0).then_some(ask.fiscal_year), last(&ask.department));
    let mut read = Reading::open(database, &call).await?;
    let window = Window::of(&call, &page);
    let prefix = call.scope().unit_prefix;
    let rows = store::list_department_budgets(
        read.connection(),
        &window,
        year,
        department.as_deref(),
        prefix.as_deref(),
    )
    .await?;
    let (department_budgets, next_page_token) = page_of(&page, rows, today(database.clock().now()));
    Ok(permit.answer(pb::ListDepartmentBudgetsResponse { department_budgets, next_page_token }))
}
