//! Sessions of collective review and what they add up to.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::page::Page;

use super::{maybe_word, word, year};
use crate::domain::rules::ReviewRules;
use crate::domain::session::{Finding, Session};

/// A session with how far it has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The session.
    pub session: Session,
    /// Assignments.
    pub assignments: i32,
    /// Assignments with an opinion.
    pub reviewed: i32,
}

struct SessionRow {
    id: String,
    title: String,
    fiscal_year: i32,
    work_year: i32,
    institution_id: String,
    engagement_id: String,
    state: String,
    start_date: Option<NaiveDate>,
    due_date: Option<NaiveDate>,
    rules: Json<ReviewRules>,
    conclusion: String,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    close_time: Option<DateTime<Utc>>,
    version: i64,
    assignments: i32,
    reviewed: i32,
}

impl SessionRow {
    fn read(self) -> Result<Progress> {
        let session = Session {
            id: self.id,
            title: self.title,
            fiscal_year: year("review_sessions.fiscal_year", self.fiscal_year)?,
            work_year: year("review_sessions.work_year", self.work_year)?,
            institution: self.institution_id,
            engagement: self.engagement_id,
            state: word("review_sessions.state", &self.state)?,
            start_date: self.start_date,
            due_date: self.due_date,
            rules: self.rules.0,
            conclusion: self.conclusion,
            create_time: self.create_time,
            update_time: self.update_time,
            close_time: self.close_time,
            version: self.version,
        };
        Ok(Progress { session, assignments: self.assignments, reviewed: self.reviewed })
    }
}

/// The sessions `s` that a condition finds, with how far they have come.
macro_rules! sessions {
    ($condition:tt, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            SessionRow,
            r#"select id, title, fiscal_year, work_year, institution_id, engagement_id, state, start_date, due_date,
                 rules as "rules: Json<ReviewRules>", conclusion, create_time, update_time, close_time, version,
                 (select count(*)::integer from targets.review_assignments a
                  where a.district = s.district and a.session_id = s.id) as "assignments!",
                 (select count(distinct o.assignment_id)::integer from targets.review_opinions o
                  where o.district = s.district and o.session_id = s.id) as "reviewed!"
               from targets.review_sessions s "# + $condition,
            $($value),+
        )
    };
}

/// A session with how far it has come.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Progress>> {
    let row = sessions!("where district = $1 and id = $2", district.as_i32(), id,)
        .fetch_optional(connection)
        .await?;
    row.map(SessionRow::read).transpose()
}

/// A session, kept from being changed (`alone`: from being used) by others until the unit of work ends: whoever judges in
/// it shares it, and whoever changes it has it alone.
pub async fn hold(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    alone: bool,
) -> Result<Option<Progress>> {
    if alone {
        sqlx::query!(
            "select version from targets.review_sessions where district = $1 and id = $2 for update",
            district.as_i32(),
            id
        )
        .fetch_optional(&mut *connection)
        .await?;
    } else {
        sqlx::query!(
            "select version from targets.review_sessions where district = $1 and id = $2 for share",
            district.as_i32(),
            id
        )
        .fetch_optional(&mut *connection)
        .await?;
    }
    load(connection, district, id).await
}

/// A page of sessions by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    state: Option<&str>,
    institution: Option<&str>,
    page: &Page,
) -> Result<Vec<Progress>> {
    let rows = sessions!(
        "where district = $1 and ($2::integer = 0 or fiscal_year = $2) and ($3::text is null or state = $3)
         and ($4::text is null or institution_id = $4) and ($5::text is null or id > $5)
         order by id limit $6",
        district.as_i32(),
        fiscal_year,
        state,
        institution,
        page.key(0),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(SessionRow::read).collect()
}

/// Enters a new session.
pub async fn insert(connection: &mut PgConnection, district: DistrictCode, new: &Session) -> Result<()> {
    sqlx::query!(
        "insert into targets.review_sessions (district, id, title, fiscal_year, work_year, institution_id,
             engagement_id, state, start_date, due_date, rules, conclusion, create_time, update_time, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, $12, $13)",
        district.as_i32(),
        new.id,
        new.title,
        new.fiscal_year.as_i32(),
        new.work_year.as_i32(),
        new.institution,
        new.engagement,
        new.state.as_str(),
        new.start_date,
        new.due_date,
        Json(&new.rules) as _,
        new.create_time,
        new.version,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Saves a session that still has version `before`; tells whether it did.
pub async fn update(
    connection: &mut PgConnection,
    district: DistrictCode,
    before: i64,
    after: &Session,
) -> Result<bool> {
    let done = sqlx::query!(
        "update targets.review_sessions set title = $4, start_date = $5, due_date = $6, state = $7, conclusion = $8,
             close_time = $9, update_time = $10, version = $11
         where district = $1 and id = $2 and version = $3",
        district.as_i32(),
        after.id,
        before,
        after.title,
        after.start_date,
        after.due_date,
        after.state.as_str(),
        after.conclusion,
        after.close_time,
        after.update_time,
        after.version,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Everything that a summary of a session looks at, by assignment and, within one, oldest first.
pub async fn findings(
    connection: &mut PgConnection,
    district: DistrictCode,
    session: &str,
) -> Result<Vec<Finding>> {
    let rows = sqlx::query!(
        r#"select a.id, o.unit_id, p.kind as "kind?", p.grade as "grade?",
             coalesce(p.problem_items, '{}') as "problem_items!"
           from targets.review_assignments a
           join targets.objectives o on o.district = a.district and o.id = a.objective_id
           left join targets.review_opinions p on p.district = a.district and p.session_id = a.session_id
             and p.assignment_id = a.id and not p.superseded
           where a.district = $1 and a.session_id = $2 order by a.id, p.create_time, p.id"#,
        district.as_i32(),
        session,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        let kind = maybe_word("review_opinions.kind", row.kind.as_deref())?;
        let grade = maybe_word("review_opinions.grade", row.grade.as_deref())?;
        let opinion = kind.zip(grade);
        Ok(Finding { assignment: row.id, unit: row.unit_id, opinion, problem_items: row.problem_items })
    });
    read.collect()
}
