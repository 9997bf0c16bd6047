//! What a round needs when it is opened: objectives, money and milestones of every object at once.

use std::collections::HashMap;

use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

use super::{money, word};
use crate::domain::execution::{Amounts, FundingLine};
use crate::domain::form::{LastValue, ObjectiveForm};
use crate::domain::opening::{FundingLines, Object};
use crate::domain::round::{MonitoredKind, Round};
use crate::domain::rules::Traits;
use crate::domain::schedule::Milestone;

/// Every object of the year that has a ratified objective, with whose it is today: the objective says whose it was when it
/// was last changed.
pub async fn objects(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
) -> Result<Vec<Object>> {
    let rows = sqlx::query!(
        r#"select o.subject_kind, o.subject_id, o.title, o.objective_id, o.version, o.form as "form!: Json<ObjectiveForm>",
             x.unit_id as "unit_id!", coalesce(u.agency_code, x.unit_id) as "agency_code!",
             coalesce(p.department_id, case when x.unit_id <> o.unit_id then u.department_id end, o.department_id)
               as "department_id!",
             p.account as "account?", coalesce(p.local_project_type, '') as "local_project_type!",
             coalesce(p.capital_works, false) as "capital_works!",
             coalesce(m.milestones, '[]') as "milestones!: Json<Vec<Milestone>>"
           from monitoring.objectives o
           left join monitoring.projects p
             on p.district = o.district and p.project_id = o.subject_id and o.subject_kind = 'project'
           left join monitoring.policies y
             on y.district = o.district and y.policy_id = o.subject_id and o.subject_kind = 'policy'
           left join monitoring.units e on e.district = o.district and e.unit_id = coalesce(y.unit_id, o.unit_id)
           cross join lateral (select coalesce(p.unit_id, e.heir_id, y.unit_id, o.unit_id) as unit_id) x
           left join monitoring.units u on u.district = o.district and u.unit_id = x.unit_id
           left join monitoring.milestone_plans m
             on m.district = o.district and m.project_id = p.project_id and m.fiscal_year = o.fiscal_year
           where o.district = $1 and o.fiscal_year = $2 and o.form is not null
           order by o.subject_kind, o.subject_id"#,
        district.as_i32(),
        fiscal_year,
    )
    .fetch_all(connection)
    .await?;
    let mut objects = Vec::with_capacity(rows.len());
    for row in rows {
        objects.push(Object {
            kind: word(&row.subject_kind)?,
            id: row.subject_id,
            title: row.title,
            unit: row.unit_id,
            agency_code: row.agency_code,
            department: row.department_id,
            traits: Traits {
                account: row.account.as_deref().map(word).transpose()?,
                local_project_type: row.local_project_type,
                capital_works: row.capital_works,
            },
            objective: row.objective_id,
            version: row.version,
            form: row.form.0,
            milestones: row.milestones.0,
        });
    }
    Ok(objects)
}

/// The money of every project of the year, and which projects make up each department and policy.
pub async fn funding_lines(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    month: i16,
) -> Result<FundingLines> {
    let rows = sqlx::query!(
        r#"select t.project_id, p.department_id as "department_id?", t.account, t.funding_source,
             sum(t.initial) as "initial!", sum(t.increase) as "increase!", sum(t.reduction) as "reduction!",
             sum(t.executed) as "executed!"
           from monitoring.execution_totals t
           left join monitoring.projects p on p.district = t.district and p.project_id = t.project_id
           where t.district = $1 and t.fiscal_year = $2 and t.month <= $3
           group by t.project_id, p.department_id, t.account, t.funding_source
           order by t.project_id, t.account, t.funding_source"#,
        district.as_i32(),
        fiscal_year,
        month,
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut all = FundingLines::default();
    for row in rows {
        let amounts = Amounts {
            initial: money(row.initial)?,
            increase: money(row.increase)?,
            reduction: money(row.reduction)?,
            executed: money(row.executed)?,
        };
        let line = FundingLine { account: word(&row.account)?, funding_source: row.funding_source, amounts };
        match all.of_projects.get_mut(&row.project_id) {
            Some(lines) => lines.push(line),
            None => {
                if let Some(department) = row.department_id {
                    let whole = (MonitoredKind::Department, department);
                    all.parts.entry(whole).or_default().push(row.project_id.clone());
                }
                all.of_projects.insert(row.project_id, vec![line]);
            }
        }
    }
    let policies = sqlx::query!(
        "select policy_id, project_id from monitoring.policy_projects where district = $1 order by 1, 2",
        district.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    for row in policies {
        all.parts.entry((MonitoredKind::Policy, row.policy_id)).or_default().push(row.project_id);
    }
    Ok(all)
}

/// What is asked of an earlier report's row.
#[derive(Debug, Deserialize)]
struct EarlierRow {
    indicator: String,
    achieved_text: String,
    achieved_value: Option<Decimal>,
}

/// What was accepted last of every object and indicator of the year before the round's stage.
pub async fn last_values(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &Round,
) -> Result<HashMap<(String, String), LastValue>> {
    let reports = sqlx::query!(
        r#"select distinct on (report_id) report_id, end_month as "end_month!",
             body->'rows' as "rows!: Json<Vec<EarlierRow>>"
           from monitoring.reports
           where district = $1 and fiscal_year = $2 and state = 'accepted' and end_month < $3
           order by report_id, end_month desc, accept_time desc"#,
        district.as_i32(),
        round.fiscal_year.as_i32(),
        i16::try_from(round.end_month).unwrap_or(12),
    )
    .fetch_all(connection)
    .await?;
    let mut last = HashMap::new();
    for report in reports {
        let end_month = u32::try_from(report.end_month).unwrap_or_default();
        for row in report.rows.0 {
            let value =
                LastValue { end_month, achieved_text: row.achieved_text, achieved_value: row.achieved_value };
            last.insert((report.report_id.clone(), row.indicator), value);
        }
    }
    Ok(last)
}
