//! What sessions of collective review were given.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use wenxiao_kernel::{Decimal, DistrictCode, FiscalYear, Grade};
use wenxiao_platform::Result;
use wenxiao_platform::page::Page;

use super::{owner, word, year};
use crate::domain::opinion::OpinionKind;
use crate::domain::session::{Assigned, AssignmentBasis, Reviewed};

/// An assignment with what its list shows.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Last part of its name.
    pub id: String,
    /// Objective, by id.
    pub objective: String,
    /// Version under review.
    pub version: i32,
    /// Name of the subject.
    pub display_name: String,
    /// Unit that filed it, by id.
    pub unit: String,
    /// How it came into the session.
    pub basis: AssignmentBasis,
    /// When.
    pub create_time: DateTime<Utc>,
    /// Kinds and grades of the standing opinions, oldest first.
    pub opinions: Vec<(OpinionKind, Grade)>,
    /// How the objective stands now.
    pub reviewed: Reviewed,
    /// Hash of the version under review.
    pub content_hash: String,
}

impl Assignment {
    /// What an opinion on it depends on.
    pub fn assigned(&self) -> Assigned<'_> {
        Assigned { objective: self.reviewed, version: self.version, opinions: &self.opinions }
    }
}

/// Enters assignments; those that the session has already are left out of the count that comes back.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    session: &str,
    assignments: &[(String, String, i32)],
    basis: AssignmentBasis,
    now: DateTime<Utc>,
) -> Result<u64> {
    let ids: Vec<&str> = assignments.iter().map(|(id, _, _)| id.as_str()).collect();
    let objectives: Vec<&str> = assignments.iter().map(|(_, objective, _)| objective.as_str()).collect();
    let versions: Vec<i32> = assignments.iter().map(|(_, _, version)| *version).collect();
    let done = sqlx::query!(
        "insert into targets.review_assignments
             (district, session_id, id, objective_id, objective_version, basis, create_time)
         select $1, $2, new.id, new.objective_id, new.version, $6, $7
         from unnest($3::text[], $4::text[], $5::integer[]) as new(id, objective_id, version)
         on conflict do nothing",
        district.as_i32(),
        session,
        &ids as &[&str],
        &objectives as &[&str],
        &versions,
        basis.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Which assignments of a session: those with these ids, or a page of all.
pub enum Which<'a> {
    /// These.
    Ids(&'a [String]),
    /// A page, of one unit where one is given.
    Page {
        /// The page.
        page: &'a Page,
        /// Unit, by id.
        unit: Option<&'a str>,
    },
}

/// Assignments of a session by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    session: &str,
    which: Which<'_>,
) -> Result<Vec<Assignment>> {
    let (ids, unit, after, limit) = match which {
        Which::Ids(ids) => (Some(ids), None, None, i64::MAX),
        Which::Page { page, unit } => (None, unit, page.key(0), page.limit()),
    };
    let rows = sqlx::query!(
        r#"select a.id, a.objective_id, a.objective_version, a.basis, a.create_time, o.display_name, o.unit_id,
             o.state, o.fiscal_year, o.submitted_version, v.content_hash,
             array(select p.kind from targets.review_opinions p where p.district = a.district
               and p.session_id = a.session_id and p.assignment_id = a.id and not p.superseded
               order by p.create_time, p.id) as "kinds!",
             array(select p.grade from targets.review_opinions p where p.district = a.district
               and p.session_id = a.session_id and p.assignment_id = a.id and not p.superseded
               order by p.create_time, p.id) as "grades!"
           from targets.review_assignments a
           join targets.objectives o on o.district = a.district and o.id = a.objective_id
           join targets.objective_versions v on v.district = a.district and v.objective_id = a.objective_id
             and v.number = a.objective_version
           where a.district = $1 and a.session_id = $2 and ($3::text[] is null or a.id = any($3))
             and ($4::text is null or o.unit_id = $4) and ($5::text is null or a.id > $5)
           order by a.id limit $6"#,
        district.as_i32(),
        session,
        ids as Option<&[String]>,
        unit,
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Assignment {
            id: row.id,
            objective: row.objective_id,
            version: row.objective_version,
            display_name: row.display_name,
            unit: row.unit_id,
            basis: word("review_assignments.basis", &row.basis)?,
            create_time: row.create_time,
            opinions: kinds_and_grades(&row.kinds, &row.grades)?,
            reviewed: Reviewed {
                state: word("objectives.state", &row.state)?,
                fiscal_year: year("objectives.fiscal_year", row.fiscal_year)?,
                submitted_version: row.submitted_version,
            },
            content_hash: row.content_hash,
        })
    });
    read.collect()
}

/// A form that lies in finance review and that an open session has in its present version, as far as who must still say
/// something is concerned.
pub struct Pending {
    /// Objective, by id.
    pub objective: String,
    /// Kinds and grades of the standing opinions, oldest first.
    pub opinions: Vec<(OpinionKind, Grade)>,
    /// How many reviewers the session asks for.
    pub reviewers: i32,
    /// Whether the caller has given an opinion of their own.
    pub spoken: bool,
    /// The session's last day.
    pub due_date: Option<NaiveDate>,
}

/// Whose open sessions.
#[derive(Clone, Copy)]
pub enum Waiting<'a> {
    /// This one, by id.
    Session(&'a str),
    /// Those of an institution, of one budget year or all.
    Institution {
        /// By id.
        institution: &'a str,
        /// 0 for all.
        fiscal_year: i32,
        /// The caller, and in whose place they act.
        people: &'a [&'a str],
    },
}

/// What open sessions have that still counts.
pub async fn pending(
    connection: &mut PgConnection,
    district: DistrictCode,
    of: Waiting<'_>,
) -> Result<Vec<Pending>> {
    let (session, institution, fiscal_year, people) = match of {
        Waiting::Session(session) => (Some(session), None, 0, [].as_slice()),
        Waiting::Institution { institution, fiscal_year, people } => {
            (None, Some(institution), fiscal_year, people)
        }
    };
    let rows = sqlx::query!(
        r#"select a.objective_id, s.due_date, coalesce((s.rules ->> 'reviewers')::integer, 1) as "reviewers!",
             exists (select 1 from targets.review_opinions p where p.district = a.district
               and p.session_id = a.session_id and p.assignment_id = a.id and not p.superseded
               and p.kind = 'individual' and p.reviewer = any($4)) as "spoken!",
             array(select p.kind from targets.review_opinions p where p.district = a.district
               and p.session_id = a.session_id and p.assignment_id = a.id and not p.superseded
               order by p.create_time, p.id) as "kinds!",
             array(select p.grade from targets.review_opinions p where p.district = a.district
               and p.session_id = a.session_id and p.assignment_id = a.id and not p.superseded
               order by p.create_time, p.id) as "grades!"
           from targets.review_sessions s
           join targets.review_assignments a on a.district = s.district and a.session_id = s.id
           join targets.objectives o on o.district = a.district and o.id = a.objective_id
           where s.district = $1 and ($2::text is null or s.institution_id = $2) and s.state = 'open'
             and ($3::integer = 0 or s.fiscal_year = $3) and ($5::text is null or s.id = $5)
             and o.state = 'finance_review' and o.submitted_version = a.objective_version"#,
        district.as_i32(),
        institution,
        fiscal_year,
        people as &[&str],
        session,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Pending {
            objective: row.objective_id,
            opinions: kinds_and_grades(&row.kinds, &row.grades)?,
            reviewers: row.reviewers,
            spoken: row.spoken,
            due_date: row.due_date,
        })
    });
    read.collect()
}

/// Kinds and grades as the database has them.
pub fn kinds_and_grades(kinds: &[String], grades: &[String]) -> Result<Vec<(OpinionKind, Grade)>> {
    let read = kinds.iter().zip(grades).map(|(kind, grade)| {
        let kind = word("review_opinions.kind", kind)?;
        Ok((kind, word("review_opinions.grade", grade)?))
    });
    read.collect()
}

/// An objective, as far as assigning it looks at it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Last part of its name.
    pub id: String,
    /// How it stands.
    pub reviewed: Reviewed,
    /// Unit that filed it, by id.
    pub unit: String,
    /// Agency codes of the unit and of those that it has taken over.
    pub unit_codes: Vec<String>,
}

/// How objectives stand and whose they are, kept so until the unit of work ends, by id.
pub async fn candidates(
    connection: &mut PgConnection,
    district: DistrictCode,
    objectives: &[String],
) -> Result<Vec<Candidate>> {
    owner::hold(connection, district).await?;
    let rows = sqlx::query!(
        r#"select id, state, fiscal_year, submitted_version, unit_id,
             unit_code || array(select h.unit_id from targets.unit_heirs h
               where h.district = o.district and h.heir_id = o.unit_id) as "unit_codes!"
           from targets.objectives o where district = $1 and id = any($2) order by id for share of o"#,
        district.as_i32(),
        objectives,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        let reviewed = Reviewed {
            state: word("objectives.state", &row.state)?,
            fiscal_year: year("objectives.fiscal_year", row.fiscal_year)?,
            submitted_version: row.submitted_version,
        };
        Ok(Candidate { id: row.id, reviewed, unit: row.unit_id, unit_codes: row.unit_codes })
    });
    read.collect()
}

/// What a draw asks for.
#[derive(Debug, Default)]
pub struct Rule {
    /// Least amount asked for in the year.
    pub minimum: Option<Decimal>,
    /// Budget account.
    pub account: Option<&'static str>,
    /// Departments, by id; empty for all.
    pub departments: Vec<String>,
}

/// Objectives of a budget year that lie in finance review and are in no session in their present version, as far as a
/// rule fits them: id, and agency codes of the unit and of those that it has taken over.
pub async fn drawable(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: FiscalYear,
    rule: &Rule,
) -> Result<Vec<(String, Vec<String>)>> {
    let rows = sqlx::query!(
        r#"select o.id, o.unit_code || array(select h.unit_id from targets.unit_heirs h
           where h.district = o.district and h.heir_id = o.unit_id) as "unit_codes!"
         from targets.objectives o
         where o.district = $1 and o.fiscal_year = $2 and o.state = 'finance_review'
           and ($3::numeric is null or (o.form #>> '{annual_funding,total}')::numeric >= $3)
           and ($4::text is null or o.account = $4)
           and (cardinality($5::text[]) = 0 or o.department_id = any($5))
           and not exists (select 1 from targets.review_assignments a where a.district = o.district
             and a.objective_id = o.id and a.objective_version = o.submitted_version)
         order by o.id"#,
        district.as_i32(),
        fiscal_year.as_i32(),
        rule.minimum,
        rule.account,
        &rule.departments,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.unit_codes)).collect())
}
