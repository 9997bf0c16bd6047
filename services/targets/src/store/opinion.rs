//! Opinions on the four properties.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode, Explanation, Grade};
use wenxiao_platform::Result;
use wenxiao_platform::page::Page;

use super::word;
use crate::domain::form::Remark;
use crate::domain::opinion::{ItemOpinion, OpinionKind, PropertyScore, StandingOpinions};

/// An opinion as it is kept.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// Assignment that it is about, by id.
    pub assignment: String,
    /// Last part of its name.
    pub id: String,
    /// Individual or reconciled.
    pub kind: OpinionKind,
    /// Objective, by id.
    pub objective: String,
    /// Version under review.
    pub version: i32,
    /// Hash of the version.
    pub content_hash: String,
    /// What is said about each item.
    pub items: Vec<ItemOpinion>,
    /// Problems.
    pub problems: Vec<Remark>,
    /// 综合意见.
    pub conclusion: String,
    /// Points per property.
    pub properties: Vec<PropertyScore>,
    /// Total.
    pub total: Decimal,
    /// Its grade.
    pub grade: Grade,
    /// How it came about.
    pub explanation: Explanation,
    /// Who gave it.
    pub reviewer: String,
    /// Whether a later one took its place.
    pub superseded: bool,
    /// When.
    pub create_time: DateTime<Utc>,
}

/// Enters an opinion in the place of the same reviewer's earlier one of the same kind.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    session: &str,
    new: &Opinion,
) -> Result<()> {
    sqlx::query!(
        "update targets.review_opinions set superseded = true
         where district = $1 and session_id = $2 and assignment_id = $3 and reviewer = $4 and kind = $5
           and not superseded",
        district.as_i32(),
        session,
        new.assignment,
        new.reviewer,
        new.kind.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    let problem_items: Vec<&str> = new.problems.iter().map(|problem| problem.item_code.as_str()).collect();
    sqlx::query!(
        "insert into targets.review_opinions (district, session_id, assignment_id, id, kind, content_hash, items,
             problems, problem_items, conclusion, property_scores, total_score, grade, explanation, reviewer,
             superseded, create_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, false, $16)",
        district.as_i32(),
        session,
        new.assignment,
        new.id,
        new.kind.as_str(),
        new.content_hash,
        Json(&new.items) as _,
        Json(&new.problems) as _,
        &problem_items as &[&str],
        new.conclusion,
        Json(&new.properties) as _,
        new.total,
        new.grade.as_str(),
        Json(&new.explanation) as _,
        new.reviewer,
        new.create_time,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which opinions of a session.
#[derive(Clone, Copy, Debug)]
pub struct OpinionFilter<'a> {
    /// Only on this assignment.
    pub assignment: Option<&'a str>,
    /// Only this one.
    pub id: Option<&'a str>,
    /// Whether superseded ones come too.
    pub superseded: bool,
}

/// Opinions of a session, oldest first, after the page before.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    session: &str,
    filter: OpinionFilter<'_>,
    page: Option<&Page>,
) -> Result<Vec<Opinion>> {
    let after: Option<DateTime<Utc>> = page.and_then(|page| page.key(0)).and_then(|key| key.parse().ok());
    let rows = sqlx::query!(
        r#"select p.assignment_id, p.id, p.kind, p.content_hash, p.items as "items: Json<Vec<ItemOpinion>>",
             p.problems as "problems: Json<Vec<Remark>>", p.conclusion,
             p.property_scores as "properties: Json<Vec<PropertyScore>>", p.total_score, p.grade,
             p.explanation as "explanation: Json<Explanation>", p.reviewer, p.superseded, p.create_time,
             a.objective_id, a.objective_version
           from targets.review_opinions p
           join targets.review_assignments a on a.district = p.district and a.session_id = p.session_id
             and a.id = p.assignment_id
           where p.district = $1 and p.session_id = $2 and ($3::text is null or p.assignment_id = $3)
             and ($4::text is null or p.id = $4) and ($5 or not p.superseded)
             and ($6::timestamptz is null or (p.create_time, p.id) > ($6, $7::text))
           order by p.create_time, p.id limit $8"#,
        district.as_i32(),
        session,
        filter.assignment,
        filter.id,
        filter.superseded,
        after,
        page.and_then(|page| page.key(1)),
        page.map_or(1, Page::limit),
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Opinion {
            assignment: row.assignment_id,
            id: row.id,
            kind: word("review_opinions.kind", &row.kind)?,
            objective: row.objective_id,
            version: row.objective_version,
            content_hash: row.content_hash,
            items: row.items.0,
            problems: row.problems.0,
            conclusion: row.conclusion,
            properties: row.properties.0,
            total: row.total_score,
            grade: word("review_opinions.grade", &row.grade)?,
            explanation: row.explanation.0,
            reviewer: row.reviewer,
            superseded: row.superseded,
            create_time: row.create_time,
        })
    });
    read.collect()
}

/// The opinions that stand on the present versions of these objectives, of whatever session, by objective.
pub async fn standing(
    connection: &mut PgConnection,
    district: DistrictCode,
    objectives: &[String],
) -> Result<HashMap<String, StandingOpinions>> {
    let rows = sqlx::query!(
        r#"select a.objective_id, p.kind, p.grade, p.problems as "problems: Json<Vec<Remark>>",
             coalesce((s.rules ->> 'reviewers')::integer, 1) as "reviewers!"
           from targets.objectives o
           join targets.review_assignments a on a.district = o.district and a.objective_id = o.id
             and a.objective_version = o.submitted_version
           join targets.review_sessions s on s.district = a.district and s.id = a.session_id
           join targets.review_opinions p on p.district = a.district and p.session_id = a.session_id
             and p.assignment_id = a.id and not p.superseded
           where o.district = $1 and o.id = any($2) order by p.create_time, p.id"#,
        district.as_i32(),
        objectives,
    )
    .fetch_all(connection)
    .await?;
    let mut standing: HashMap<String, StandingOpinions> = HashMap::new();
    for row in rows {
        let kind = word("review_opinions.kind", &row.kind)?;
        let grade = word("review_opinions.grade", &row.grade)?;
        let of_one = standing.entry(row.objective_id).or_default();
        of_one.reviewers = of_one.reviewers.max(row.reviewers);
        of_one.opinions.push((kind, grade, row.problems.0));
    }
    Ok(standing)
}
