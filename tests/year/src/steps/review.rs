//! The collective review of the year's forms by the hired institution (集中会审), and what the bureau makes of it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rust_decimal::{Decimal, RoundingStrategy};
use wenxiao_contract::wenxiao::common::v1::Grade;
use wenxiao_contract::wenxiao::targets::v1::{
    AssignObjectivesRequest, AssignObjectivesResponse, CloseReviewSessionRequest, CreateReviewOpinionRequest,
    CreateReviewSessionRequest, ItemOpinion, Objective, OpinionKind, RemarkSeverity, ReviewItem,
    ReviewOpinion, ReviewProperty, ReviewRemark, ReviewSession, SettleObjectiveRequest,
    UpdateObjectiveRequest,
};

use super::{objectives, participants};
use crate::clients::Office;
use crate::data::rows::ReviewRow;
use crate::play::Play;
use crate::wire::{date, decimal, grade, request_id};

/// The institution reviews every form; the bureau grades it: 优 goes on, 良 after consultation, 中 comes back.
pub async fn first_round(play: &Play, year: i32) -> Result<()> {
    let session = open(play, year).await?;
    review(play, &session, year, 1).await
}

/// Returned forms are revised, submitted and reviewed again; then the session ends.
pub async fn second_round(play: &Play, year: i32) -> Result<()> {
    let again = play.data.reviews.iter().filter(|row| row.year == year && row.round == 2);
    play.each("退回修改重新报送", again, |row| async move {
        let filed = play.data.objective(year, &row.project)?;
        let name = play.objective(year, &row.project);
        let objective = Objective {
            name,
            fiscal_year: year,
            content: Some(objectives::content(play, filed, &filed.annual_goal)?),
            ..Objective::default()
        };
        let request = UpdateObjectiveRequest {
            objective: Some(objective),
            update_mask: Some(prost_types::FieldMask { paths: vec!["content".to_owned()] }),
            request_id: request_id("objective.revise", &format!("{year}-{}", row.project)),
            ..UpdateObjectiveRequest::default()
        };
        let _: Objective = play.call(&Office::filer(&filed.unit), request).await?;
        objectives::submit(play, filed, 2).await
    })
    .await?;
    let session = open(play, year).await?;
    review(play, &session, year, 2).await?;
    let request = CloseReviewSessionRequest {
        name: session.name.clone(),
        request_id: request_id("session.close", &session.name),
        conclusion: "集中会审完成：不符合质量要求的目标已退回修改并重新报送，修改后均达到要求。".to_owned(),
        ..CloseReviewSessionRequest::default()
    };
    let institution = session.institution.rsplit('/').next().unwrap_or_default();
    let _: ReviewSession = play.call(&Office::institution(institution), request).await?;
    Ok(())
}

async fn open(play: &Play, year: i32) -> Result<ReviewSession> {
    let engagement = participants::engagement(play, "目标审核", "")?;
    let session = ReviewSession {
        title: format!("{year}年绩效目标集中会审"),
        fiscal_year: year,
        institution: play.name("institutions", &engagement.institution),
        engagement: play.name("engagements", &engagement.id),
        start_date: date(engagement.start),
        due_date: date(engagement.end),
        ..ReviewSession::default()
    };
    let id = format!("{year}-objectives");
    let request = CreateReviewSessionRequest {
        parent: play.district(),
        review_session: Some(session),
        review_session_id: id.clone(),
        request_id: request_id("session.create", &id),
    };
    play.call(&Office::performance(), request).await
}

async fn review(play: &Play, session: &ReviewSession, year: i32, round: i32) -> Result<()> {
    let rows: Vec<&ReviewRow> =
        play.data.reviews.iter().filter(|row| row.year == year && row.round == round).collect();
    let request = AssignObjectivesRequest {
        name: session.name.clone(),
        request_id: request_id("session.assign", &format!("{}/{round}", session.name)),
        objectives: rows.iter().map(|row| play.objective(year, &row.project)).collect(),
        ..AssignObjectivesRequest::default()
    };
    let assigned: AssignObjectivesResponse = play.call(&Office::performance(), request).await?;
    let places: BTreeMap<String, String> =
        assigned.assignments.into_iter().map(|assignment| (assignment.objective, assignment.name)).collect();
    let places = &places;
    play.each(&format!("{year}年目标会审（第{round}轮）"), rows, |row| async move {
        let objective = play.objective(year, &row.project);
        let place = places.get(&objective).with_context(|| format!("{objective} was not assigned"))?;
        give_opinion(play, session, place, row).await?;
        decide(play, row).await
    })
    .await
}

async fn give_opinion(play: &Play, session: &ReviewSession, assignment: &str, row: &ReviewRow) -> Result<()> {
    let mut items = Vec::new();
    for (property, score) in [
        (ReviewProperty::Completeness, row.completeness),
        (ReviewProperty::Relevance, row.relevance),
        (ReviewProperty::Appropriateness, row.appropriateness),
        (ReviewProperty::Feasibility, row.feasibility),
    ] {
        let of_property: Vec<&ReviewItem> =
            session.items.iter().filter(|item| item.property() == property).collect();
        items.extend(split(&of_property, score)?);
    }
    let problem = |text: &str| ReviewRemark {
        severity: RemarkSeverity::Warning.into(),
        text: text.to_owned(),
        ..ReviewRemark::default()
    };
    let opinion = ReviewOpinion {
        kind: OpinionKind::Reconciled.into(),
        items,
        problems: row.problem.split('；').filter(|text| !text.is_empty()).map(problem).collect(),
        conclusion: if row.problem.is_empty() {
            "符合质量要求".to_owned()
        } else {
            row.problem.clone()
        },
        ..ReviewOpinion::default()
    };
    let key = format!("{}-{}", row.project, row.round);
    let request = CreateReviewOpinionRequest {
        parent: assignment.to_owned(),
        review_opinion: Some(opinion),
        review_opinion_id: format!("{}-{}", row.institution, row.round),
        request_id: request_id("opinion.create", &key),
        validate_only: false,
    };
    let _: ReviewOpinion = play.call(&Office::institution(&row.institution), request).await?;
    Ok(())
}

/// Gives each item of a property its part of the property's points, exactly.
fn split(items: &[&ReviewItem], score: Decimal) -> Result<Vec<ItemOpinion>> {
    let points = |item: &ReviewItem| -> Result<Decimal> {
        Ok(item.points.as_ref().context("an item has no points")?.value.parse()?)
    };
    let all =
        items.iter().try_fold(Decimal::ZERO, |sum, item| Ok::<_, anyhow::Error>(sum + points(item)?))?;
    let mut left = score;
    let mut opinions = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let last = place + 1 == items.len();
        let part = score * points(item)? / all;
        let part =
            if last { left } else { part.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero) };
        left -= part;
        opinions.push(ItemOpinion {
            item_code: item.code.clone(),
            score: decimal(part),
            ..ItemOpinion::default()
        });
    }
    Ok(opinions)
}

async fn decide(play: &Play, row: &ReviewRow) -> Result<()> {
    let filed = play.data.objective(row.year, &row.project)?;
    let given = grade(&row.grade)?;
    let opinion = if row.problem.is_empty() { "同意" } else { &row.problem };
    objectives::grade(play, filed, row.round, given, opinion).await?;
    if given == Grade::Good {
        let request = SettleObjectiveRequest {
            name: play.objective(row.year, &row.project),
            request_id: request_id(
                "objective.settle",
                &format!("{}-{}/{}", row.year, row.project, row.round),
            ),
            agreement: format!("经与单位协商，就“{opinion}”达成一致，按现有目标执行。"),
            ..SettleObjectiveRequest::default()
        };
        let _: Objective = play.call(&Office::performance(), request).await?;
    }
    Ok(())
}
