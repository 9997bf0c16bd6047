//! The unit of work (工作单元): one transaction for one district in which a command happens wholly or not at all.
//!
//! Tenant set → idempotency look-up → load → rule → save → journal and idempotency row → commit. It runs in a task
//! that outlives the call, so that a caller who goes away never leaves half a transaction behind.

use std::future::Future;

use chrono::{DateTime, Utc};
use prost::{Message, Name};
use sqlx::PgConnection;
use sqlx::types::Json;
use tonic::Response;
use uuid::Uuid;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_kernel::DistrictCode;

use crate::authz::{Facts, Permit};
use crate::call::Call;
use crate::database::{Database, Transaction};
use crate::failure::{Failure, Result};
use crate::identity::Principal;

/// One change of one object: it becomes one journal entry, which is the event and the audit record.
pub struct Change {
    kind: &'static str,
    subject: String,
    version: i64,
    resource_type: String,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    rule_set: String,
    reason: String,
}

impl Change {
    /// `kind` happened to `subject`, which is `after` now, in this version. `kind` is the object and a past
    /// participle: `objective.submitted`.
    pub fn new<R: Message + Name>(
        kind: &'static str,
        subject: impl Into<String>,
        version: i64,
        after: &R,
    ) -> Self {
        Self {
            kind,
            subject: subject.into(),
            version,
            resource_type: R::full_name(),
            before: None,
            after: Some(after.encode_to_vec()),
            rule_set: String::new(),
            reason: String::new(),
        }
    }

    /// What the subject was before.
    #[must_use]
    pub fn from<R: Message + Name>(mut self, before: &R) -> Self {
        self.before = Some(before.encode_to_vec());
        self
    }

    /// The rule set that decided.
    #[must_use]
    pub fn by_rule_set(mut self, rule_set: impl Into<String>) -> Self {
        self.rule_set = rule_set.into();
        self
    }

    /// The reason that the caller gave.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

/// A unit of work under way.
pub struct Work<M> {
    /// The call that it does.
    pub call: Call<M>,
    /// The district that it is about.
    pub district: DistrictCode,
    /// The one time at which all of it happens.
    pub now: DateTime<Utc>,
    transaction: Transaction,
    changes: Vec<Change>,
}

/// A unit of work that has been finished: only [`Work::finish`] makes one.
pub struct Finished<R>(R);

impl<M: Message + Addressed> Work<M> {
    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// Who does it.
    pub fn principal(&self) -> &Principal {
        self.call.principal()
    }

    /// A new id for an object: sortable by time.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn new_id(&self) -> String {
        Uuid::now_v7().to_string()
    }

    /// Refuses when the caller has seen another version than the one loaded. `etag` is the loaded one.
    pub fn check_etag(&self, resource: &str, etag: &str) -> Result<()> {
        let seen = self.call.message.etag();
        if seen.is_empty() || seen == etag { Ok(()) } else { Err(Failure::etag_mismatch(resource)) }
    }

    /// Whether the caller may do this to an object with these facts.
    pub fn permit(&self, facts: Facts) -> Result<Permit> {
        self.call.permit(facts)
    }

    /// Notes a change. Call it after the object's row is locked or written.
    pub fn record(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Writes the journal and the idempotency row and commits; with `validate_only`, undoes everything instead.
    pub async fn finish<R: Message>(mut self, permit: Permit, answer: R) -> Result<Finished<R>> {
        if self.call.message.validate_only() {
            self.transaction.rollback().await?;
            return Ok(Finished(answer));
        }
        self.settle(&permit, answer.encode_to_vec()).await?;
        self.transaction.commit().await?;
        Ok(Finished(answer))
    }

    /// All changes and the answer to be replayed, in one statement.
    async fn settle(&mut self, permit: &Permit, answer: Vec<u8>) -> Result<()> {
        let request_id = self.call.message.request_id().to_owned();
        if self.changes.is_empty() && request_id.is_empty() {
            return Ok(());
        }
        let fingerprint = if request_id.is_empty() { Vec::new() } else { self.call.fingerprint() };
        let origin = Origin::of(&self.call);
        let kept = Some(Kept { fingerprint, permit, answer });
        note(&mut self.transaction, self.district, self.now, &origin, &self.changes, kept).await
    }
}

/// Who asked for changes, in which roles, by which call.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub subject: String,
    /// In whose place; empty for acting as oneself.
    pub on_behalf_of: String,
    /// Comma-separated.
    pub roles: String,
    pub method: String,
    pub request_id: String,
    pub trace_parent: String,
}

impl Origin {
    pub fn of<M: Addressed>(call: &Call<M>) -> Self {
        let principal = call.principal();
        Self {
            subject: principal.subject.clone(),
            on_behalf_of: principal.on_behalf_of.clone().unwrap_or_default(),
            roles: principal.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(","),
            method: call.method().to_string(),
            request_id: call.message.request_id().to_owned(),
            trace_parent: call.trace_parent().to_owned(),
        }
    }
}

/// An answer to be replayed to the same request.
pub(crate) struct Kept<'a> {
    fingerprint: Vec<u8>,
    permit: &'a Permit,
    answer: Vec<u8>,
}

/// Writes changes to the journal's queue, and the answer when there is one to keep, in one statement.
pub(crate) async fn note(
    connection: &mut PgConnection,
    district: DistrictCode,
    now: DateTime<Utc>,
    origin: &Origin,
    changes: &[Change],
    kept: Option<Kept<'_>>,
) -> Result<()> {
    let column = |field: fn(&Change) -> &str| changes.iter().map(field).collect::<Vec<_>>();
    let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
    let before: Vec<Option<&[u8]>> = changes.iter().map(|change| change.before.as_deref()).collect();
    let after: Vec<Option<&[u8]>> = changes.iter().map(|change| change.after.as_deref()).collect();
    let nobody = Facts::default();
    let facts = kept.as_ref().map_or(&nobody, |kept| kept.permit.facts());
    sqlx::query!(
        r#"with kept as (
             insert into idempotency (district, subject, request_id, fingerprint, facts, answer, create_time)
             select $1, $3, $6, $16, $17, $18, $2 where $6 <> '' and $19
           )
           insert into journal_queue (district, occur_time, type, subject, subject_version, actor, actor_roles,
             on_behalf_of, method, request_id, trace_parent, rule_set, reason, resource_type, before, after)
           select $1, $2, change.type, change.subject, change.version, $3, $4, $20, $5, $6, $7,
             change.rule_set, change.reason, change.resource_type, change.before, change.after
           from unnest($8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::bytea[],
             $15::bytea[]) with ordinality
             as change(type, subject, version, rule_set, reason, resource_type, before, after, place)
           order by change.place"#,
        district.as_i32(),
        now,
        origin.subject,
        origin.roles,
        origin.method,
        origin.request_id,
        origin.trace_parent,
        &column(|change| change.kind) as &[&str],
        &column(|change| &change.subject) as &[&str],
        &versions,
        &column(|change| &change.rule_set) as &[&str],
        &column(|change| &change.reason) as &[&str],
        &column(|change| &change.resource_type) as &[&str],
        &before as &[Option<&[u8]>],
        &after as &[Option<&[u8]>],
        kept.as_ref().map_or(&[][..], |kept| &kept.fingerprint),
        Json(facts) as _,
        kept.as_ref().map_or(&[][..], |kept| &kept.answer),
        kept.is_some(),
        origin.on_behalf_of,
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Database {
    /// Does a command as one unit of work. The same request id with the same request gets the same answer; `command`
    /// then does not run again.
    pub async fn write<M, R, F, Fut>(&self, call: Call<M>, command: F) -> Result<Response<R>>
    where
        M: Message + Addressed + Clone + 'static,
        R: Message + Default + 'static,
        F: FnOnce(Work<M>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Finished<R>>> + Send,
    {
        let database = self.clone();
        let span = tracing::Span::current();
        let task = async move {
            let district = call.district()?;
            let replay = Replay::of(&call, district);
            let mut transaction = database.begin(district).await?;
            if let Some(answer) = replay.stored(&call, &mut transaction).await? {
                transaction.rollback().await?;
                return Ok(answer);
            }
            let again = replay.keep_for_a_race(&call);
            let now = database.clock().now();
            let work = Work { call, district, now, transaction, changes: Vec::new() };
            match command(work).await {
                Ok(Finished(answer)) => {
                    database.written().notify_one();
                    Ok(answer)
                }
                Err(failure) => match again {
                    // The same request may have run twice at once and the other one was first: then whatever stopped
                    // this one (the state that the other made, its row, its etag), the other's answer is ours too.
                    Some(call) => {
                        let mut transaction = database.begin(district).await?;
                        let answer = replay.stored(&call, &mut transaction).await?;
                        transaction.rollback().await?;
                        answer.ok_or(failure)
                    }
                    None => Err(failure),
                },
            }
        };
        let done = tokio::spawn(tracing::Instrument::instrument(task, span)).await;
        done.map_err(Failure::internal)?.map(Response::new)
    }
}

/// Looks for the answer that an earlier try of the same request was given.
struct Replay {
    district: DistrictCode,
    request_id: String,
    fingerprint: Vec<u8>,
}

impl Replay {
    fn of<M: Message + Addressed>(call: &Call<M>, district: DistrictCode) -> Self {
        let request_id = call.message.request_id().to_owned();
        let fingerprint = if request_id.is_empty() { Vec::new() } else { call.fingerprint() };
        Self { district, request_id, fingerprint }
    }

    /// A copy of the call, for the case that the same request runs twice at once; `None` without a request id.
    fn keep_for_a_race<M: Clone>(&self, call: &Call<M>) -> Option<Call<M>> {
        (!self.request_id.is_empty()).then(|| call.clone())
    }

    async fn stored<M: Message + Addressed, R: Message + Default>(
        &self,
        call: &Call<M>,
        transaction: &mut Transaction,
    ) -> Result<Option<R>> {
        if self.request_id.is_empty() {
            return Ok(None);
        }
        let row = sqlx::query!(
            r#"select fingerprint, facts as "facts: Json<Facts>", answer from idempotency
               where district = $1 and subject = $2 and request_id = $3"#,
            self.district.as_i32(),
            call.principal().subject,
            self.request_id,
        )
        .fetch_optional(&mut **transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        call.permit(row.facts.0)?; // authorised before replaying: the caller may have lost the right since
        if row.fingerprint != self.fingerprint {
            return Err(Failure::new(
                tonic::Code::InvalidArgument,
                ErrorReason::RequestIdReused,
                "请求编号已用于另一个请求",
                "the request id was used for another request",
            )
            .with("request_id", self.request_id.clone()));
        }
        R::decode(row.answer.as_slice()).map(Some).map_err(Failure::internal)
    }
}
