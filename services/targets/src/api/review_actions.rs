//! What the caller may do with a session or an assignment (可办事项). Policies say who may do such a thing at all, the
//! domain whether it is its time: the same two that decide the calls themselves.

use tonic::Response;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::name;
use wenxiao_platform::convert::enum_name;
use wenxiao_platform::{Call, Database, Failure, Result};

use super::review_commands::facts;
use super::review_wire;
use super::tasks::Verdict;
use crate::domain::opinion::OpinionKind;
use crate::domain::session::{Session, SessionAction, SessionRefusal};
use crate::store::assignment::{Waiting, Which};
use crate::store::session::Progress;
use crate::{error, names, store};

type Ask = wire::ListReviewActionsRequest;

/// The call that gives an opinion, as the contract names it.
const OPINE: &str = "CreateReviewOpinion";

/// Everything that a session or an assignment has to do, allowed or refused.
pub async fn list(database: &Database, call: Call<Ask>) -> Result<Response<wire::ListReviewActionsResponse>> {
    let (district, resource) = (call.district()?, call.message.name.as_str());
    let missing = || Failure::not_found(resource);
    let assignment = review_wire::assignment_parts(resource).ok();
    let id = match assignment {
        Some((session, _)) => session,
        None => {
            let [_, session] = name::segments(resource, names::SESSION)?;
            session
        }
    };
    let mut read = database.read(&call).await?;
    let Progress { session, .. } =
        store::session::load(read.connection(), district, id).await?.ok_or_else(missing)?;
    let permit = call.permit(facts(resource, &session))?;
    let actions = match assignment {
        Some((_, assignment)) => {
            let ids = [assignment.to_owned()];
            let found = store::assignment::list(read.connection(), district, id, Which::Ids(&ids)).await?;
            let found = found.first().ok_or_else(missing)?;
            let of = |kind| opining(&call, &session, kind, session.may_judge(kind, found.assigned()));
            OpinionKind::ALL.iter().map(|kind| of(*kind)).collect()
        }
        None => {
            let waiting = Waiting::Session(id);
            let pending = store::assignment::pending(read.connection(), district, waiting).await?;
            let incomplete = session.incomplete(pending.iter().map(|one| one.opinions.as_slice()));
            let of = |action: SessionAction| {
                let verdict = verdict(&call, &session, action.method(), session.may(action, incomplete));
                write(action.method(), wire::OpinionKind::Unspecified, verdict)
            };
            SessionAction::ALL.iter().map(|action| of(*action)).collect()
        }
    };
    Ok(permit.answer(wire::ListReviewActionsResponse { actions }))
}

fn opining(
    call: &Call<Ask>,
    session: &Session,
    kind: OpinionKind,
    timely: std::result::Result<(), SessionRefusal>,
) -> wire::ReviewAction {
    let name = enum_name("OPINION_KIND_", kind.as_str());
    let kind = wire::OpinionKind::from_str_name(&name).unwrap_or_default();
    write(OPINE, kind, verdict(call, session, OPINE, timely))
}

fn verdict(
    call: &Call<Ask>,
    session: &Session,
    method: &str,
    timely: std::result::Result<(), SessionRefusal>,
) -> Verdict {
    let resource = &call.message.name;
    let permitted = call.permit_for(method, facts(resource, session)).map(|_| ());
    Verdict::of(permitted.and_then(|()| timely.map_err(|refusal| error::session_refused(refusal, resource))))
}

fn write(method: &str, kind: wire::OpinionKind, verdict: Verdict) -> wire::ReviewAction {
    wire::ReviewAction {
        method: method.to_owned(),
        opinion_kind: kind.into(),
        allowed: verdict.allowed,
        refusal: verdict.refusal,
        refusal_reason: verdict.reason,
    }
}
