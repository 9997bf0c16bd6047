//! Disclosure decisions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::PrintedAmount;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::{Stored, one_row, word};
use crate::domain::decision::{Decision, Proposal, Ruling};
use crate::domain::words::{DocumentKind, Word};

struct Row {
    id: String,
    subject: String,
    document_kind: String,
    title: String,
    widest_audience: Option<String>,
    withhold_ground: Option<String>,
    reason: String,
    legal_basis: String,
    public_amount: Option<Json<PrintedAmount>>,
    unit: String,
    evaluated_year: i32,
    secrecy: Option<String>,
    proposer: String,
    approver: Option<String>,
    approve_time: Option<DateTime<Utc>>,
    return_opinion: String,
    state: String,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl TryFrom<Row> for Stored<Decision> {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let ruling = match (&row.widest_audience, &row.withhold_ground) {
            (Some(audience), _) => Ruling::Publish(word(audience)?),
            (None, Some(ground)) => Ruling::Withhold(word(ground)?),
            (None, None) => return Err(Failure::internal("a decision without a ruling")),
        };
        let proposal = Proposal {
            title: row.title,
            ruling,
            reason: row.reason,
            legal_basis: row.legal_basis,
            public_amount: row.public_amount.map(|amount| amount.0),
        };
        let value = Decision {
            id: row.id,
            subject: row.subject,
            document_kind: word(&row.document_kind)?,
            proposal,
            unit: row.unit,
            evaluated_year: row.evaluated_year,
            secrecy: row.secrecy.as_deref().and_then(super::secrecy),
            proposer: row.proposer,
            approval: row.approver.zip(row.approve_time),
            return_opinion: row.return_opinion,
            state: word(&row.state)?,
        };
        Ok(Self { value, version: row.version, created: row.create_time, updated: row.update_time })
    }
}

/// The decisions with these ids, in the order of the ids.
pub async fn load(
    connection: &mut PgConnection,
    district: i32,
    ids: &[String],
) -> Result<Vec<Stored<Decision>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select d.id, subject, document_kind, title, widest_audience, withhold_ground, reason, legal_basis,
               public_amount as "public_amount: Json<PrintedAmount>", unit, evaluated_year, secrecy, proposer, approver,
               approve_time, return_opinion, state, version, create_time, update_time
           from unnest($2::text[]) with ordinality as asked(id, place)
           join disclosure.decisions d on d.district = $1 and d.id = asked.id
           order by asked.place"#,
        district,
        ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The approved decision about a document, when there is one.
pub async fn in_force(
    connection: &mut PgConnection,
    district: i32,
    subject: &str,
    kind: DocumentKind,
) -> Result<Option<Stored<Decision>>> {
    let found = sqlx::query_scalar!(
        "select id from disclosure.decisions
         where district = $1 and subject = $2 and document_kind = $3 and state = 'approved'",
        district,
        subject,
        kind.as_str(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    match found {
        Some(id) => Ok(load(connection, district, &[id]).await?.pop()),
        None => Ok(None),
    }
}

/// Filters of a list; empty ones let everything through.
pub struct Filter<'f> {
    /// State's word.
    pub state: Option<&'static str>,
    /// Subject.
    pub subject: &'f str,
    /// Unit's resource name.
    pub unit: &'f str,
}

/// One page, newest first.
pub async fn list(
    connection: &mut PgConnection,
    district: i32,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<Vec<Stored<Decision>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, subject, document_kind, title, widest_audience, withhold_ground, reason, legal_basis,
               public_amount as "public_amount: Json<PrintedAmount>", unit, evaluated_year, secrecy, proposer, approver,
               approve_time, return_opinion, state, version, create_time, update_time
           from disclosure.decisions
           where district = $1 and ($2::text is null or state = $2) and ($3 = '' or subject = $3)
             and ($4 = '' or unit = $4)
             and ($5::text is null or (create_time, id) < ($5::text::timestamptz, $6))
           order by create_time desc, id desc limit $7"#,
        district,
        filter.state,
        filter.subject,
        filter.unit,
        page.key(0),
        page.key(1),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores a new decision.
pub async fn insert(connection: &mut PgConnection, district: i32, stored: &Stored<Decision>) -> Result<()> {
    let decision = &stored.value;
    let (audience, ground) = ruling(decision);
    sqlx::query!(
        "insert into disclosure.decisions (district, id, subject, document_kind, title, widest_audience, withhold_ground,
             reason, legal_basis, public_amount, unit, evaluated_year, proposer, return_opinion, state, version,
             create_time, update_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $16, $16)",
        district,
        decision.id,
        decision.subject,
        decision.document_kind.as_str(),
        decision.proposal.title,
        audience,
        ground,
        decision.proposal.reason,
        decision.proposal.legal_basis,
        decision.proposal.public_amount.map(Json) as _,
        decision.unit,
        decision.evaluated_year,
        decision.proposer,
        decision.state.as_str(),
        stored.version,
        stored.created,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the next version of a decision, unless it changed, or changed hands, since it was loaded. Whose it is stays what
/// the registry said last.
pub async fn update(connection: &mut PgConnection, district: i32, stored: &Stored<Decision>) -> Result<()> {
    let decision = &stored.value;
    let (audience, ground) = ruling(decision);
    let done = sqlx::query!(
        "update disclosure.decisions set title = $4, widest_audience = $5, withhold_ground = $6, reason = $7,
             legal_basis = $8, public_amount = $9, secrecy = $10, proposer = $11, approver = $12, approve_time = $13,
             return_opinion = $14, state = $15, version = $3, update_time = $16
         where district = $1 and id = $2 and version = $3::bigint - 1 and unit = $17",
        district,
        decision.id,
        stored.version,
        decision.proposal.title,
        audience,
        ground,
        decision.proposal.reason,
        decision.proposal.legal_basis,
        decision.proposal.public_amount.map(Json) as _,
        decision.secrecy.map(|secrecy| secrecy.as_str()),
        decision.proposer,
        decision.approval.as_ref().map(|approval| &approval.0),
        decision.approval.as_ref().map(|approval| approval.1),
        decision.return_opinion,
        decision.state.as_str(),
        stored.updated,
        decision.unit,
    )
    .execute(connection)
    .await?;
    one_row(done.rows_affected(), &decision.id)
}

fn ruling(decision: &Decision) -> (Option<&'static str>, Option<&'static str>) {
    match decision.proposal.ruling {
        Ruling::Publish(audience) => (Some(audience.as_str()), None),
        Ruling::Withhold(ground) => (None, Some(ground.as_str())),
    }
}
