//! Counts of a work year, stage by stage.

use sqlx::PgConnection;
use wenxiao_kernel::{Grade, Money};
use wenxiao_platform::Result;

use super::figures::Ask;
use super::money;

/// One stage's counts.
pub struct StageCount {
    /// Stage's word.
    pub stage: String,
    /// Objects.
    pub objects: i64,
    /// Budget units.
    pub units: i64,
    /// Subdistrict offices.
    pub streets: i64,
    /// Money, where the objects have any.
    pub amount: Option<Money>,
    /// Objects per grade.
    pub grades: Vec<(Grade, i64)>,
}

/// Counts of every stage of the year: objects that count there, their units, money and grades.
pub async fn statistics(connection: &mut PgConnection, ask: Ask) -> Result<Vec<StageCount>> {
    let rows = sqlx::query!(
        r#"with objects(stage, place, unit, amount, grade, secrecy, object) as (
               select 'objectives', 1, unit, amount, '', secrecy, subject from disclosure.objectives
                   where district = $1 and fiscal_year = $2 and ratified
               union all
               select 'monitoring', 2, unit, null, '', '', object from disclosure.monitoring_reports
                   where district = $1 and fiscal_year = $2 and state in ('submitted', 'endorsed', 'accepted')
               union all
               select 'ex_ante', 3, unit, requested, '', secrecy, object from disclosure.ex_ante_evaluations
                   where district = $1 and work_year = $2 and concluded
               union all
               select 'self_evaluation', 4, unit, amount, grade, secrecy, object from disclosure.self_evaluations
                   where district = $1 and work_year = $2 and handed_in
               union all
               select 'key_evaluation', 5, unit, amount, grade, secrecy, object from disclosure.key_evaluations
                   where district = $1 and work_year = $2 and fixed
               union all
               select 'result_use', 6, unit, arranged, '', secrecy, object from disclosure.budget_decisions
                   where district = $1 and work_year = $2 and arranged is not null),
           secret as (select name from disclosure.marked_objects where district = $1 and $3)
           select o.stage as "stage!", count(*) as "objects!", sum(o.amount) as amount,
               count(distinct u.counted_as) filter (where body.kind <> 'subdistrict_office') as "units!",
               count(distinct u.counted_as) filter (where body.kind = 'subdistrict_office') as "streets!",
               count(*) filter (where o.grade = 'excellent') as "excellent!",
               count(*) filter (where o.grade = 'good') as "good!",
               count(*) filter (where o.grade = 'fair') as "fair!",
               count(*) filter (where o.grade = 'poor') as "poor!"
           from objects o
           left join disclosure.units u on u.district = $1 and u.name = o.unit
           left join disclosure.units body on body.district = $1 and body.name = u.counted_as
           where not ($3 and o.secrecy in ('internal', 'classified'))
             and not exists (select from secret where secret.name = o.object)
           group by o.stage, o.place order by o.place"#,
        ask.district,
        ask.year,
        ask.public,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let grades = [
                (Grade::Excellent, row.excellent),
                (Grade::Good, row.good),
                (Grade::Fair, row.fair),
                (Grade::Poor, row.poor),
            ];
            Ok(StageCount {
                stage: row.stage,
                objects: row.objects,
                units: row.units,
                streets: row.streets,
                amount: row.amount.map(money).transpose()?,
                grades: grades.into_iter().filter(|(_, count)| *count > 0).collect(),
            })
        })
        .collect()
}
