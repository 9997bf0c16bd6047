//! What is known about objects that may have budget hints (挂钩依据).

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::{Failure, Result};

use crate::domain::budget_hint::Fact;
use crate::domain::object::EvaluatedObject;

/// Every fact that hints for a budget year may rest on: fixed key evaluations and counting self-evaluations of earlier
/// years (a recheck's grade before the unit's own), budget execution by the latter, ex-ante conclusions that do not
/// support, measures of monitoring in force, overdue rectifications, and policies whose term ends before the budget year
/// without a decided review. Whatever unit an evaluation was about, a hint goes to the one that answers for the object now.
pub async fn of_budget_year(
    connection: &mut PgConnection,
    district: i32,
    applies_to_year: i32,
) -> Result<Vec<Fact>> {
    let first_day = NaiveDate::from_ymd_opt(applies_to_year, 1, 1)
        .ok_or_else(|| Failure::invalid_field("applies_to_year", "不是有效的年度", "not a year"))?;
    let rows = sqlx::query!(
        r#"
        with facts(kind, object, evaluated_year, resource, grade, rate, value) as (
          select 'key_evaluation', body -> 'object', evaluated_year, 'keyEvaluations/' || id, grade, null::numeric, grade
          from evaluation.key_evaluations
          where district = $1 and state = 'fixed' and evaluated_year = $2 - 2
          union all
          select 'self_evaluation', body -> 'object', evaluated_year, 'selfEvaluations/' || id,
                 coalesce(body #>> '{rechecks,-1,grade}', self_grade), null, coalesce(body #>> '{rechecks,-1,grade}', self_grade)
          from evaluation.self_evaluations
          where district = $1 and state in ('submitted', 'department_reviewed', 'confirmed') and evaluated_year = $2 - 2
          union all
          select 'execution', body -> 'object', evaluated_year, 'selfEvaluations/' || id, null,
                 execution_rate / 100, execution_rate::text || '%'
          from evaluation.self_evaluations
          where district = $1 and state in ('submitted', 'department_reviewed', 'confirmed') and evaluated_year = $2 - 2
            and execution_rate is not null
          union all
          select 'ex_ante', body -> 'object', work_year, 'exAnteEvaluations/' || id, null, null, conclusion
          from evaluation.ex_ante_evaluations
          where district = $1 and conclusion in ('adjust', 'refuse') and applies_to_year = $2
          union all
          select 'monitoring',
                 jsonb_build_object('kind', s.kind, 'subject', m.subject, 'unit', s.unit, 'title', s.title, 'unit_title', '',
                     'budget_account', s.budget_account, 'secrecy', s.secrecy),
                 m.fiscal_year, split_part(m.name, '/', 3) || '/' || split_part(m.name, '/', 4), null, null, m.kind
          from evaluation.measures m
          join evaluation.subjects s on s.district = m.district and s.name = m.subject
          where m.district = $1 and m.in_force and m.fiscal_year = $2 - 1
            and m.kind in ('reduce', 'suspend', 'stop_payment')
          union all
          select distinct on (f.subject) 'rectification', f.body -> 'object', r.work_year, 'rectifications/' || r.id,
                 null, null::numeric, 'overdue'
          from evaluation.rectifications r
          join evaluation.findings f
            on f.district = r.district and f.rectification = 'districts/' || r.district || '/rectifications/' || r.id
          where r.district = $1 and r.state = 'overdue' and r.work_year < $2
          union all
          select 'expiry',
                 jsonb_build_object('kind', s.kind, 'subject', s.name, 'unit', s.unit, 'title', s.title, 'unit_title', '',
                     'budget_account', s.budget_account, 'secrecy', s.secrecy),
                 $2 - 1, 'policies/' || split_part(s.name, '/', 4), null, null, s.expiry_date::text
          from evaluation.subjects s
          where s.district = $1 and s.kind = 'policy' and s.expiry_date < $3 and s.expiry_date >= $3 - interval '1 year'
            and not exists (select from evaluation.sunset_reviews r where r.district = $1 and r.subject = s.name
                            and r.applies_to_year = $2 and r.state = 'decided'))
        select f.kind as "kind!",
               f.object || case when u.name is null then '{}'
                                else jsonb_build_object('unit', u.name, 'unit_title', u.title) end
                 as "object!: Json<EvaluatedObject>",
               f.evaluated_year as "evaluated_year!", f.resource as "resource!", f.grade, f.rate, f.value as "value!"
        from facts f
        left join evaluation.subjects s on s.district = $1 and s.name = f.object ->> 'subject'
        left join evaluation.units w on w.district = $1 and w.name = f.object ->> 'subject'
        left join evaluation.units u on u.district = $1 and u.name = coalesce(s.unit, nullif(w.heir, ''), w.name)
        order by array_position(array['key_evaluation', 'self_evaluation', 'execution', 'ex_ante', 'monitoring',
                                      'rectification', 'expiry'], f.kind), f.resource
        "#,
        district,
        applies_to_year,
        first_day,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Fact {
                object: row.object.0,
                evaluated_year: row.evaluated_year,
                kind: row.kind.parse().map_err(Failure::internal)?,
                resource: format!("districts/{district}/{}", row.resource),
                grade: row.grade.map(|word| word.parse()).transpose().map_err(Failure::internal)?,
                rate: row.rate.map(|rate: Decimal| rate.normalize()),
                value: row.value,
            })
        })
        .collect()
}
