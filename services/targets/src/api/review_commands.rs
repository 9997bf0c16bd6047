//! What each transition of ReviewSessionService does inside its unit of work.

use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{FiscalYear, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::mask;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{places, review_wire};
use crate::domain::opinion;
use crate::domain::rules::ReviewRules;
use crate::domain::session::{Session, SessionState};
use crate::registry::Hired;
use crate::store::assignment::{Waiting, Which};
use crate::store::opinion::Opinion;
use crate::store::session::Progress;
use crate::{error, names, store};

/// What permission to anything in a session depends on: the institution that it is assigned to.
pub fn facts(name: &str, session: &Session) -> Facts {
    Facts::of(name).participants([session.institution.clone()])
}

/// Opens a session under an engagement for target review.
pub async fn create(
    mut work: Work<wire::CreateReviewSessionRequest>,
    engagement: String,
    hired: Hired,
    rules: ReviewRules,
) -> Result<Finished<wire::ReviewSession>> {
    let district = work.district;
    let given = work.call.message.review_session.clone().unwrap_or_default();
    let id = match work.call.message.review_session_id.as_str() {
        "" => work.new_id(),
        id => id.to_owned(),
    };
    let name = names::session(district, &id);
    let institution =
        names::referred(district, "review_session.institution", &given.institution, names::INSTITUTION)?;
    let permit = work.permit(Facts::of(&name))?;
    if hired.cancelled || hired.institution != institution {
        return Err(Failure::invalid_field(
            "review_session.engagement",
            "该委托已取消，或不是该机构的委托",
            "the engagement is called off or not one of this institution",
        ));
    }
    Session::may_open(hired.engagement.purpose).map_err(|refusal| error::session_refused(refusal, &name))?;
    let mut fields = Fields::default();
    let session = Session {
        id,
        title: given.title.clone(),
        fiscal_year: fields.year("review_session.fiscal_year", given.fiscal_year),
        work_year: FiscalYear::try_from(hired.engagement.work_year).map_err(Failure::internal)?,
        institution,
        engagement,
        state: SessionState::Open,
        start_date: fields.optional_date("review_session.start_date", given.start_date.as_ref()),
        due_date: fields.optional_date("review_session.due_date", given.due_date.as_ref()),
        rules: ReviewRules { reviewers: reviewers(given.reviewer_count, &rules), ..rules },
        conclusion: String::new(),
        create_time: work.now,
        update_time: work.now,
        close_time: None,
        version: 1,
    };
    fields.check()?;
    store::session::insert(work.connection(), district, &session).await?;
    let progress = Progress { session, assignments: 0, reviewed: 0 };
    let answer = review_wire::session(district, &progress);
    let noted = Change::new("review_session.opened", name, 1, &answer).by_rule_set(answer.rule_set.clone());
    work.record(noted);
    work.finish(permit, answer).await
}

/// How many reviewers a session asks for: what it says itself, else its rules.
fn reviewers(given: i32, rules: &ReviewRules) -> i32 {
    if given > 0 { given } else { rules.reviewers }
}

/// What an update may change.
const UPDATABLE: [&str; 3] = ["title", "start_date", "due_date"];

/// Changes title and dates.
pub async fn update(
    mut work: Work<wire::UpdateReviewSessionRequest>,
) -> Result<Finished<wire::ReviewSession>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.review_session.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let (district, now) = (work.district, work.now);
    let [_, id] = name::segments(&given.name, names::SESSION)?;
    let before = store::session::hold(work.connection(), district, id, true).await?;
    let before = before.ok_or_else(|| Failure::not_found(&given.name))?;
    let permit = work.permit(facts(&given.name, &before.session))?;
    work.check_etag(&given.name, &review_wire::etag(&before.session))?;
    let current = review_wire::session(district, &before);
    let asked = edits::patched(&current, &given, mask.as_ref(), &UPDATABLE);
    let mut fields = Fields::default();
    let start = fields.optional_date("review_session.start_date", asked.start_date.as_ref());
    let due = fields.optional_date("review_session.due_date", asked.due_date.as_ref());
    fields.check()?;
    let edited = before
        .session
        .edited(asked.title, start, due, now)
        .map_err(|refusal| error::session_refused(refusal, &given.name))?;
    let after = Progress { session: edited, ..before.clone() };
    save_session(&mut work, &before, &after, "review_session.edited", "").await?;
    work.finish(permit, review_wire::session(district, &after)).await
}

async fn save_session<M: prost::Message + wenxiao_contract::Addressed>(
    work: &mut Work<M>,
    before: &Progress,
    after: &Progress,
    event: &'static str,
    reason: &str,
) -> Result<()> {
    let district = work.district;
    let name = names::session(district, &after.session.id);
    if !store::session::update(work.connection(), district, before.session.version, &after.session).await? {
        return Err(Failure::etag_mismatch(name));
    }
    let noted = Change::new(event, name, after.session.version, &review_wire::session(district, after))
        .from(&review_wire::session(district, before))
        .because(reason);
    work.record(noted);
    Ok(())
}

/// Scores an opinion and keeps it, in the place of the same reviewer's earlier one.
pub async fn give_opinion(
    mut work: Work<wire::CreateReviewOpinionRequest>,
) -> Result<Finished<wire::ReviewOpinion>> {
    let (district, now) = (work.district, work.now);
    let (parent, given) =
        (work.call.message.parent.clone(), work.call.message.review_opinion.clone().unwrap_or_default());
    let (session_id, assignment_id) = review_wire::assignment_parts(&parent)?;
    let held = store::session::hold(work.connection(), district, session_id, false).await?;
    let Progress { session, .. } = held.ok_or_else(|| Failure::not_found(&parent))?;
    let permit = work.permit(facts(&parent, &session))?;
    let asked = [assignment_id.to_owned()];
    let found = store::assignment::list(work.connection(), district, session_id, Which::Ids(&asked)).await?;
    let assignment = found.into_iter().next().ok_or_else(|| Failure::not_found(&parent))?;
    let kind = review_wire::read_kind(&given);
    session.may_judge(kind, assignment.assigned()).map_err(|refusal| {
        error::session_refused(refusal, &names::objective(district, &assignment.objective))
    })?;
    let items = review_wire::read_items(&given.items)?;
    let (objective, number) = (&assignment.objective, assignment.version);
    let judged = store::version::get(work.connection(), district, objective, number).await?;
    let judged = judged.ok_or_else(|| Failure::internal("an assignment without its version"))?;
    let problems = places::read_remarks("review_opinion.problems", &given.problems, &judged.form)?;
    let scored = opinion::score(&session.rules, &items, &problems)
        .map_err(|faults| error::template_mismatch(&faults))?;
    let new = Opinion {
        assignment: assignment.id,
        id: match work.call.message.review_opinion_id.as_str() {
            "" => work.new_id(),
            id => id.to_owned(),
        },
        kind,
        objective: assignment.objective,
        version: assignment.version,
        content_hash: assignment.content_hash,
        items: scored.items,
        problems,
        conclusion: given.conclusion,
        properties: scored.properties,
        total: scored.total,
        grade: scored.grade,
        explanation: scored.explanation,
        reviewer: work.principal().subject.clone(),
        superseded: false,
        create_time: now,
    };
    store::opinion::insert(work.connection(), district, session_id, &new).await?;
    let answer = review_wire::opinion(district, session_id, &new);
    let noted = Change::new("review_opinion.given", answer.name.clone(), 1, &answer)
        .by_rule_set(&session.rules.rule_set);
    work.record(noted);
    work.finish(permit, answer).await
}

/// Ends a session with its conclusion.
pub async fn close(mut work: Work<wire::CloseReviewSessionRequest>) -> Result<Finished<wire::ReviewSession>> {
    let (district, now, name) = (work.district, work.now, work.call.message.name.clone());
    let conclusion = work.call.message.conclusion.clone();
    let [_, id] = name::segments(&name, names::SESSION)?;
    let before = store::session::hold(work.connection(), district, id, true).await?;
    let before = before.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(facts(&name, &before.session))?;
    work.check_etag(&name, &review_wire::etag(&before.session))?;
    let pending = store::assignment::pending(work.connection(), district, Waiting::Session(id)).await?;
    let missing = before.session.incomplete(pending.iter().map(|one| one.opinions.as_slice()));
    let closed = before.session.closed(conclusion.clone(), missing, now);
    let closed = closed.map_err(|refusal| error::session_refused(refusal, &name))?;
    let after = Progress { session: closed, ..before.clone() };
    save_session(&mut work, &before, &after, "review_session.closed", &conclusion).await?;
    work.finish(permit, review_wire::session(district, &after)).await
}
