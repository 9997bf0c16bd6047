//! Sessions, assignments, opinions and summaries as the contract has them.

use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{self, Fields, enum_name};
use wenxiao_platform::{Failure, Result};

use super::form;
use crate::domain::opinion::{self, ItemOpinion, OpinionKind, PropertyScore};
use crate::domain::rules::{Property, ReviewItem, ReviewRules};
use crate::domain::session::{Session, Summary};
use crate::names;
use crate::store::assignment::Assignment;
use crate::store::opinion::Opinion;
use crate::store::session::Progress;

/// A session with how far it has come.
pub fn session(district: DistrictCode, of: &Progress) -> wire::ReviewSession {
    let Progress { session, assignments, reviewed } = of;
    let state = enum_name("STATE_", session.state.as_str());
    wire::ReviewSession {
        name: names::session(district, &session.id),
        title: session.title.clone(),
        fiscal_year: session.fiscal_year.as_i32(),
        work_year: session.work_year.as_i32(),
        institution: names::in_district(district, "institutions", &session.institution),
        engagement: names::in_district(district, "engagements", &session.engagement),
        state: wire::review_session::State::from_str_name(&state).unwrap_or_default().into(),
        start_date: session.start_date.map(convert::date),
        due_date: session.due_date.map(convert::date),
        rule_set: session.rules.rule_set.clone(),
        items: session.rules.items.iter().map(item).collect(),
        assignment_count: *assignments,
        reviewed_count: *reviewed,
        conclusion: session.conclusion.clone(),
        create_time: Some(convert::timestamp(session.create_time)),
        update_time: Some(convert::timestamp(session.update_time)),
        close_time: session.close_time.map(convert::timestamp),
        etag: etag(session),
        reviewer_count: session.rules.reviewers,
    }
}

/// The etag of a session: its version.
pub fn etag(session: &Session) -> String {
    session.version.to_string()
}

fn item(item: &ReviewItem) -> wire::ReviewItem {
    wire::ReviewItem {
        code: item.code.clone(),
        property: property(item.property).into(),
        title: item.title.clone(),
        points: Some(convert::decimal(item.points)),
        standard: item.standard.clone(),
    }
}

fn property(property: Property) -> wire::ReviewProperty {
    let name = enum_name("REVIEW_PROPERTY_", property.as_str());
    wire::ReviewProperty::from_str_name(&name).unwrap_or_default()
}

/// An assignment with what its opinions recommend.
pub fn assignment(district: DistrictCode, session: &Session, of: &Assignment) -> wire::ReviewAssignment {
    let recommended = opinion::recommendation(&of.opinions, session.rules.reviewers);
    let basis = enum_name("ASSIGNMENT_BASIS_", of.basis.as_str());
    wire::ReviewAssignment {
        name: names::assignment(district, &session.id, &of.id),
        objective: names::objective(district, &of.objective),
        objective_version: of.version,
        display_name: of.display_name.clone(),
        unit: names::in_district(district, "units", &of.unit),
        basis: wire::AssignmentBasis::from_str_name(&basis).unwrap_or_default().into(),
        opinion_count: i32::try_from(of.opinions.len()).unwrap_or(i32::MAX),
        recommended_grade: recommended.map(convert::grade).unwrap_or_default().into(),
        create_time: Some(convert::timestamp(of.create_time)),
    }
}

/// What a request says about the items; wrong scores are named.
pub fn read_items(given: &[wire::ItemOpinion]) -> Result<Vec<ItemOpinion>> {
    let mut fields = Fields::default();
    let items = given.iter().enumerate().map(|(n, item)| ItemOpinion {
        item_code: item.item_code.clone(),
        score: fields.decimal(&format!("review_opinion.items[{n}].score"), item.score.as_ref()),
        grade: None,
        answer: item.answer.clone(),
    });
    let items = items.collect();
    fields.check()?;
    Ok(items)
}

/// An opinion.
pub fn opinion(district: DistrictCode, session: &str, of: &Opinion) -> wire::ReviewOpinion {
    let kind = enum_name("OPINION_KIND_", of.kind.as_str());
    wire::ReviewOpinion {
        name: format!("{}/opinions/{}", names::assignment(district, session, &of.assignment), of.id),
        kind: wire::OpinionKind::from_str_name(&kind).unwrap_or_default().into(),
        objective: names::objective(district, &of.objective),
        objective_version: of.version,
        content_hash: of.content_hash.clone(),
        items: of.items.iter().map(item_opinion).collect(),
        problems: form::write_remarks(&of.problems),
        conclusion: of.conclusion.clone(),
        property_scores: of.properties.iter().map(property_score).collect(),
        total_score: Some(convert::decimal(of.total.normalize())),
        grade: convert::grade(of.grade).into(),
        explanation: Some(convert::explanation(&of.explanation)),
        reviewer: of.reviewer.clone(),
        superseded: of.superseded,
        create_time: Some(convert::timestamp(of.create_time)),
    }
}

/// The kind of opinion that a request gives.
pub fn read_kind(given: &wire::ReviewOpinion) -> OpinionKind {
    form::member(given.kind().as_str_name(), "OPINION_KIND_").unwrap_or(OpinionKind::Individual)
}

fn item_opinion(item: &ItemOpinion) -> wire::ItemOpinion {
    wire::ItemOpinion {
        item_code: item.item_code.clone(),
        score: Some(convert::decimal(item.score)),
        grade: item.grade.map(convert::grade).unwrap_or_default().into(),
        answer: item.answer.clone(),
    }
}

fn property_score(score: &PropertyScore) -> wire::PropertyScore {
    wire::PropertyScore {
        property: property(score.property).into(),
        score: Some(convert::decimal(score.score)),
        points: Some(convert::decimal(score.points)),
    }
}

/// A summary.
pub fn summary(
    district: DistrictCode,
    session: &str,
    of: &Summary,
    rules: &ReviewRules,
) -> wire::ReviewSummary {
    let title = |code: &str| rules.items.iter().find(|item| item.code == code).map(|item| item.title.clone());
    let grades = of.grades.iter().map(|(grade, assignment_count)| wire::ReviewGradeCount {
        grade: grade.map(convert::grade).unwrap_or_default().into(),
        assignment_count: *assignment_count,
    });
    let items = of.items.iter().map(|(code, problem_count)| wire::ItemProblemCount {
        item_code: code.clone(),
        title: title(code).unwrap_or_default(),
        problem_count: *problem_count,
    });
    let units = of.units.iter().map(|unit| wire::UnitProblems {
        unit: names::in_district(district, "units", &unit.unit),
        assignment_count: unit.assignments,
        problem_count: unit.problems,
        deficient_count: unit.deficient,
    });
    wire::ReviewSummary {
        review_session: names::session(district, session),
        assignment_count: of.assignments,
        reviewed_count: of.reviewed,
        grades: grades.collect(),
        items: items.collect(),
        units: units.collect(),
        problem_count: of.problems,
    }
}

/// Parts of an assignment's name.
pub fn assignment_parts(name: &str) -> Result<(&str, &str)> {
    let [_, session, assignment] =
        wenxiao_kernel::name::segments(name, names::ASSIGNMENT).map_err(Failure::from)?;
    Ok((session, assignment))
}
