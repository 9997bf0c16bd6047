//! RecommendIndicators (指标推荐): gathers what the rule needs, and shows what it says.

use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;
use tonic::Response;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::{DistrictCode, FiscalYear};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Call, Database, Failure, Result, convert};

use super::resource::{Around, Resource, today};
use super::rules;
use super::wire::{self, Reader};
use crate::domain::indicator::Indicator;
use crate::domain::project::{Project, ProjectCategory};
use crate::domain::recommendation::{self as rule, Reason, Sought, Suggestion, Use, Weights};
use crate::domain::unit::AgencyCode;
use crate::domain::{Refusal, frame, rule_set};
use crate::store::recommendation::{self as store, Pick};
use crate::store::rule_set::rule_sets_with;
use crate::store::{Kept, Stored};
use crate::words::words;

/// Section of a rule set that gives the points.
const SECTION: &str = "recommendation";

const DEFAULT_SUGGESTIONS: usize = 20;

/// What the request says, with what its project adds.
struct Asked {
    project: String,
    year: FiscalYear,
    words: Vec<String>,
    full_words: usize,
    unit: AgencyCode,
    category: Option<ProjectCategory>,
    last_year_titles: Vec<String>,
    limit: usize,
}

/// Answers RecommendIndicators.
pub async fn recommend(
    database: &Database,
    call: Call<pb::RecommendIndicatorsRequest>,
) -> Result<Response<pb::RecommendIndicatorsResponse>> {
    let district = call.district()?;
    let today = today(database.clock().now());
    let mut read = database.read(&call).await?;
    let (asked, facts) = asked(&call.message, district, read.connection()).await?;
    let permit = call.permit(facts)?;
    let (weights, rule_origin) = weights(read.connection(), district, asked.year).await?;
    let frames = wire::library::frames(Around { connection: read.connection(), district, today }).await?;
    let frame = frame::effective(&frames, asked.year).map_err(Failure::from)?.id.clone();
    let matching = if asked.words.is_empty() {
        Vec::new()
    } else {
        let mut across = database.read_across().await?;
        store::matching(across.connection(), district, &frame, &asked.words).await?
    };
    let sought = sought(&asked, district, read.connection()).await?;
    let (ids, titles) = named(matching, &sought);
    let day = enabled_day(asked.year, today);
    let department = sought.department.as_ref();
    let pick = Pick { frame: &frame, day, ids: &ids, titles: &titles, department };
    let candidates = store::candidates(read.connection(), district, &pick).await?;
    let indicators = candidates.iter().map(|stored| stored.value.clone()).collect();
    let suggestions = rule::recommend(&sought, indicators, &weights, asked.limit);
    let shown = suggestions.iter().filter_map(|one| {
        let stored = candidates.iter().find(|stored| stored.value.id == one.indicator.id)?;
        Some(show(one, stored, today))
    });
    Ok(permit.answer(pb::RecommendIndicatorsResponse {
        suggestions: shown.collect(),
        words: sought.words.clone(),
        effective_date: Some(convert::date(day)),
        rule_origin: Some(rule_origin),
    }))
}

/// The points by the rules of a budget year, and the rule set that gives them.
async fn weights(
    connection: &mut PgConnection,
    district: DistrictCode,
    year: FiscalYear,
) -> Result<(Weights, pb::RuleOrigin)> {
    let day = year.first_day();
    let sets = rule_sets_with(connection, district, SECTION).await?;
    let silent = || Failure::from(Refusal::NoRulesInForce(format!("{day} {SECTION}")));
    let speaker = rule_set::speaking(&sets, SECTION, day).into_iter().next().ok_or_else(silent)?;
    let weights = speaker.sections.get(SECTION).and_then(Weights::of);
    let weights =
        weights.ok_or_else(|| Failure::internal(format!("{SECTION} of {} cannot be read", speaker.id)))?;
    Ok((weights, rules::origin(district, speaker)))
}

/// Reads the request and the project that it names.
async fn asked(
    wire: &pb::RecommendIndicatorsRequest,
    district: DistrictCode,
    connection: &mut PgConnection,
) -> Result<(Asked, Facts)> {
    let mut reader = Reader::new(district);
    let year = reader.fields.year("fiscal_year", wire.fiscal_year);
    let id = reader.id("project", &wire.project, Project::COLLECTION);
    let unit = reader.unit("unit", &wire.unit);
    if id.is_none() && wire.project.is_empty() {
        if unit.is_none() && wire.unit.is_empty() {
            reader.fields.reject("unit", "未填写项目时须填写单位", "must be set when no project is named");
        }
        if wire.title.is_empty() {
            reader.fields.reject(
                "title",
                "未填写项目时须填写项目名称",
                "must be set when no project is named",
            );
        }
    }
    let (id, unit) = reader.done((id, unit))?;
    let project = match &id {
        Some(id) => {
            let found = Project::load(connection, district, id).await?;
            Some(found.ok_or_else(|| Failure::not_found(&wire.project))?.value)
        }
        None => None,
    };
    let title = match &project {
        Some(project) if wire.title.is_empty() => &project.title,
        _ => &wire.title,
    };
    // A project keeps to its own unit: otherwise one could read its uses under another unit's name.
    let own = project.as_ref().map(|project| project.implementing_unit.clone());
    let unit = own.or(unit).unwrap_or_else(AgencyCode::placeholder);
    let facts =
        Facts::of(if wire.project.is_empty() { &wire.parent } else { &wire.project }).unit(unit.as_str());
    let limit = usize::try_from(wire.max_suggestions).ok().filter(|limit| *limit > 0);
    let words_of_all = words(&format!("{title} {}", wire.description));
    let asked = Asked {
        project: id.unwrap_or_default(),
        year,
        full_words: Some(words(title).len()).filter(|count| *count > 0).unwrap_or(words_of_all.len()),
        words: words_of_all,
        unit,
        category: wire::library::category_of(wire.category())
            .or(project.as_ref().map(|project| project.category)),
        last_year_titles: wire.last_year_titles.clone(),
        limit: limit.unwrap_or(DEFAULT_SUGGESTIONS),
    };
    Ok((asked, facts))
}

/// Adds what was used last year.
async fn sought(asked: &Asked, district: DistrictCode, connection: &mut PgConnection) -> Result<Sought> {
    let last_year = asked.year.as_i32().saturating_sub(1);
    let department = asked.unit.department();
    let mut used = store::uses_of(connection, district, &asked.project, last_year).await?;
    used.extend(asked.last_year_titles.iter().cloned().map(Use::Titled));
    let similar = match asked.category {
        Some(category) => {
            let like = (&department, category);
            store::uses_beside(connection, district, &asked.project, like, last_year).await?
        }
        None => Default::default(),
    };
    Ok(Sought {
        words: asked.words.clone(),
        full_words: asked.full_words,
        department: Some(department),
        category: asked.category,
        last_year: used,
        similar,
    })
}

/// Identifiers and names of the candidates: what matches by text, and what was used.
fn named(matching: Vec<String>, sought: &Sought) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut titles) = (matching, Vec::new());
    for used in sought.last_year.iter().chain(sought.similar.keys()) {
        match used {
            Use::Picked(id) => ids.push(id.clone()),
            Use::Titled(title) => titles.push(title.clone()),
        }
    }
    (ids, titles)
}

/// Today, or the nearest day of the budget year.
fn enabled_day(year: FiscalYear, today: NaiveDate) -> NaiveDate {
    let end = |month, day| NaiveDate::from_ymd_opt(year.as_i32(), month, day);
    let nearest = if today.year() < year.as_i32() { end(1, 1) } else { end(12, 31) };
    if today.year() == year.as_i32() { today } else { nearest.unwrap_or(today) }
}

fn show(suggestion: &Suggestion, stored: &Stored<Indicator>, today: NaiveDate) -> pb::IndicatorSuggestion {
    let reason = |reason: &Reason| {
        let part = convert::enum_name("PART_", reason.part.as_str());
        pb::SuggestionReason {
            part: pb::suggestion_reason::Part::from_str_name(&part).unwrap_or_default().into(),
            points: Some(convert::decimal(reason.points)),
            full_points: Some(convert::decimal(reason.full)),
            sentence: reason.sentence.clone(),
        }
    };
    pb::IndicatorSuggestion {
        indicator: Some(Indicator::show(stored, today)),
        points: Some(convert::decimal(suggestion.points)),
        reasons: suggestion.reasons.iter().map(reason).collect(),
    }
}
