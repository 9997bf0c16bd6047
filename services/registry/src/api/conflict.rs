//! What a conflict-of-interest check has to look at (利益冲突审查): gathered here, judged by the domain.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::{Failure, Result};

use super::resource::{Around, name_of};
use crate::domain::engagement::{ConflictRules, Engagement, ObjectOf, Surroundings, Verdict};
use crate::domain::participant::{Expert, Institution, Standing};
use crate::domain::rule_set;
use crate::domain::unit::AgencyCode;
use crate::store::{self, Kept};

/// Judges an engagement by the rules of its year of work.
pub async fn check(engagement: &Engagement, around: Around<'_>) -> Result<Verdict> {
    let Around { connection, district, .. } = around;
    let rules = rules(connection, district, engagement).await?;
    let mut known = Surroundings::default();
    describe_participant(connection, district, engagement, &mut known).await?;
    let others = store::engagement::of_participant(connection, district, &engagement.participant).await?;
    let mut objects: Vec<String> = engagement.objects.clone();
    objects.extend(others.iter().flat_map(|other| other.objects.clone()));
    objects.push(format!("units/{}", engagement.principal));
    objects.extend(known.controlling_body.iter().map(|code| format!("units/{code}")));
    let bodies = bodies(connection, district, &objects).await?;
    let body = |object: &String| bodies.get(object).cloned();
    for object in &engagement.objects {
        let missing = || Failure::reference_not_found(format!("districts/{district}/{object}"));
        known.objects.push(ObjectOf { object: object.clone(), body: body(object).ok_or_else(missing)? });
    }
    let principal = format!("units/{}", engagement.principal);
    let missing = || Failure::reference_not_found(name_of(district, "units", engagement.principal.as_str()));
    known.principal_body = Some(body(&principal).ok_or_else(missing)?);
    known.controlling_body = known.controlling_body.and_then(|code| body(&format!("units/{code}")));
    known.others = others
        .into_iter()
        .map(|other| {
            let of = other.objects.iter().filter_map(body).collect();
            (other, of)
        })
        .collect();
    Ok(engagement.judge(&known, &rules))
}

async fn rules(
    connection: &mut PgConnection,
    district: DistrictCode,
    engagement: &Engagement,
) -> Result<ConflictRules> {
    let sets = store::rule_set::all_rule_sets(connection, district).await?;
    let effective = rule_set::effective(&sets, engagement.work_year.first_day())?;
    let section = effective.sections.get("conflict");
    let flag = |name: &str| {
        section.and_then(|rules| rules.get(name)).and_then(|value| value.as_bool()).unwrap_or(false)
    };
    let years =
        section.and_then(|rules| rules.get("cooling_years")).and_then(|value| value.as_i64()).unwrap_or(0);
    let source = effective.sources.iter().find(|(name, ..)| name == "conflict");
    Ok(ConflictRules {
        rule_set: source.map(|(_, set, _)| name_of(district, "ruleSets", set)).unwrap_or_default(),
        enforced: flag("enforced"),
        internal_work_reserved: flag("internal_work_reserved"),
        cooling_years: i32::try_from(years).unwrap_or(0),
    })
}

async fn describe_participant(
    connection: &mut PgConnection,
    district: DistrictCode,
    engagement: &Engagement,
    known: &mut Surroundings,
) -> Result<()> {
    let missing = || Failure::reference_not_found(format!("districts/{district}/{}", engagement.participant));
    let (collection, id) = engagement.participant.split_once('/').unwrap_or_default();
    let (state, controlling) = if collection == "experts" {
        let expert = Expert::load(connection, district, id).await?.ok_or_else(missing)?.value;
        (expert.state, expert.employer_unit)
    } else {
        let institution = Institution::load(connection, district, id).await?.ok_or_else(missing)?.value;
        (institution.state, institution.controlling_unit)
    };
    known.suspended = state == Standing::Suspended;
    known.controlling_body = controlling;
    Ok(())
}

/// The body that spends each object: the unit itself, the project's implementing unit, the policy's executing unit; a
/// "本级" unit is its department. Objects that do not exist are left out.
async fn bodies(
    connection: &mut PgConnection,
    district: DistrictCode,
    objects: &[String],
) -> Result<BTreeMap<String, AgencyCode>> {
    let ids = |collection: &str| -> Vec<String> {
        let of = objects.iter().filter_map(|object| object.strip_prefix(collection));
        of.map(str::to_owned).collect()
    };
    let mut spenders: BTreeMap<String, AgencyCode> = BTreeMap::new();
    for (id, project) in store::project::load_many(connection, district, &ids("projects/")).await? {
        spenders.insert(format!("projects/{id}"), project.value.implementing_unit);
    }
    for (id, policy) in store::policy::load_many(connection, district, &ids("policies/")).await? {
        spenders.insert(format!("policies/{id}"), policy.value.executing_unit);
    }
    let mut codes = ids("units/");
    codes.extend(spenders.values().map(ToString::to_string));
    let units = store::unit::load_many(connection, district, &codes).await?;
    let named = units.keys().map(|code| (format!("units/{code}"), code.clone()));
    let spent = spenders.into_iter().map(|(object, code)| (object, code.to_string()));
    let all: Vec<(String, String)> = named.chain(spent).collect();
    Ok(all.into_iter().filter_map(|(object, code)| Some((object, units.get(&code)?.value.body()))).collect())
}
