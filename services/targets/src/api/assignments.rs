//! How objectives come into a session (送审分配): named one by one, taken by a rule, or drawn at random.

use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::name;
use wenxiao_platform::authz::Permit;
use wenxiao_platform::convert::{Fields, account_of};
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::review_commands::facts;
use super::review_wire;
use crate::domain::conflict::{self, Conflict, Engagement};
use crate::domain::draw;
use crate::domain::rules::ConflictRules;
use crate::domain::session::{AssignmentBasis, Session, SessionAction};
use crate::store::assignment::{Rule, Which};
use crate::store::session::Progress;
use crate::{error, names, store};

/// Most objectives that one call assigns.
const MOST: usize = 1000;

/// Who is hired under which rules: what decides whether an institution gets a unit's form.
pub struct Hiring {
    /// Engagement under which it reviews.
    pub reviewing: Engagement,
    /// Everything that it was ever hired for, where the rules ask.
    pub others: Vec<Engagement>,
    /// The rules of the year of work.
    pub rules: ConflictRules,
}

impl Hiring {
    /// Whom the institution has helped, it has helped whatever became of them.
    fn conflict(&self, unit_codes: &[String]) -> Option<Conflict> {
        unit_codes.iter().find_map(|code| conflict::find(&self.reviewing, &self.others, code, &self.rules))
    }
}

/// A session that a unit of work has locked, alone, so that two assignments of the same form at once cannot both miss
/// the other.
struct Locked {
    before: Progress,
    permit: Permit,
}

async fn lock<M: prost::Message + Addressed>(work: &mut Work<M>) -> Result<Locked> {
    let name = work.call.message.address().to_owned();
    let [_, id] = name::segments(&name, names::SESSION)?;
    let district = work.district;
    let before = store::session::hold(work.connection(), district, id, true).await?;
    let before = before.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(facts(&name, &before.session))?;
    work.check_etag(&name, &review_wire::etag(&before.session))?;
    Ok(Locked { before, permit })
}

/// Gives objectives to the session, all or none.
pub async fn assign(
    mut work: Work<wire::AssignObjectivesRequest>,
    hiring: Hiring,
) -> Result<Finished<wire::AssignObjectivesResponse>> {
    let locked = lock(&mut work).await?;
    let (district, asked) = (work.district, work.call.message.objectives.clone());
    let ids = asked.iter().map(|name| names::referred(district, "objectives", name, names::OBJECTIVE));
    let ids = ids.collect::<Result<Vec<String>>>()?;
    let new = checked(&mut work, &locked.before.session, &hiring, ids).await?;
    let assignments = enter(&mut work, &locked.before, &new, AssignmentBasis::Named, "").await?;
    let answer = wire::AssignObjectivesResponse { assignments, ..Default::default() };
    work.finish(locked.permit, answer).await
}

/// Draws objectives, or takes all that the rule fits.
pub async fn draw(
    mut work: Work<wire::DrawObjectivesRequest>,
    hiring: Hiring,
) -> Result<Finished<wire::AssignObjectivesResponse>> {
    let locked = lock(&mut work).await?;
    let (district, ask, session) = (work.district, work.call.message.clone(), &locked.before.session);
    session.may(SessionAction::Draw, 0).map_err(|refusal| error::session_refused(refusal, &ask.name))?;
    let rule = read_rule(&work)?;
    let all = store::assignment::drawable(work.connection(), district, session.fiscal_year, &rule).await?;
    let found = all.len();
    let candidates: Vec<String> =
        all.into_iter().filter(|(_, codes)| hiring.conflict(codes).is_none()).map(|(id, _)| id).collect();
    let wanted = usize::try_from(ask.draw_count).ok().filter(|count| *count > 0).unwrap_or(MOST);
    let seed = if ask.seed == 0 { new_seed(&work) } else { ask.seed };
    let drawn = draw::draw(&candidates, wanted.min(MOST), seed);
    let reason = format!("抽取：种子{seed}，候选{}个，抽中{}个", candidates.len(), drawn.len());
    let new = checked(&mut work, session, &hiring, drawn).await?;
    let assignments = enter(&mut work, &locked.before, &new, AssignmentBasis::Drawn, &reason).await?;
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let answer = wire::AssignObjectivesResponse {
        assignments,
        seed,
        candidate_count: count(candidates.len()),
        recused_count: count(found.saturating_sub(candidates.len())),
    };
    work.finish(locked.permit, answer).await
}

fn read_rule(work: &Work<wire::DrawObjectivesRequest>) -> Result<Rule> {
    let ask = &work.call.message;
    let mut fields = Fields::default();
    let minimum = fields.optional_money("minimum_amount", ask.minimum_amount.as_ref());
    fields.check()?;
    let departments =
        ask.departments.iter().map(|name| names::referred(work.district, "departments", name, names::UNIT));
    Ok(Rule {
        minimum: minimum.map(|amount| amount.yuan()),
        account: account_of(ask.budget_account()).map(|account| account.as_str()),
        departments: departments.collect::<Result<Vec<String>>>()?,
    })
}

/// A seed that nobody could have chosen: the random end of a new identifier.
fn new_seed(work: &Work<wire::DrawObjectivesRequest>) -> i64 {
    let id = work.new_id();
    let random = id.rsplit('-').next().unwrap_or_default();
    i64::from_str_radix(random, 16).unwrap_or(1).max(1)
}

/// The assignments of these objectives, `(id, objective, version)`, or why one of them cannot be.
async fn checked<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    session: &Session,
    hiring: &Hiring,
    ids: Vec<String>,
) -> Result<Vec<(String, String, i32)>> {
    let district = work.district;
    let found = store::assignment::candidates(work.connection(), district, &ids).await?;
    let mut new = Vec::with_capacity(ids.len());
    for id in ids {
        let name = names::objective(district, &id);
        let objective = found.iter().find(|objective| objective.id == id);
        let objective = objective.ok_or_else(|| Failure::reference_not_found(&name))?;
        session.may_take(objective.reviewed).map_err(|refusal| error::session_refused(refusal, &name))?;
        if let Some(conflict) = hiring.conflict(&objective.unit_codes) {
            let institution = names::in_district(district, "institutions", &session.institution);
            let unit = names::in_district(district, "units", &objective.unit);
            return Err(error::conflict(&conflict, &institution, &unit));
        }
        let version = objective.reviewed.submitted_version;
        new.push((format!("{id}-v{version}"), id, version));
    }
    Ok(new)
}

/// Enters assignments and notes them.
async fn enter<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    before: &Progress,
    new: &[(String, String, i32)],
    basis: AssignmentBasis,
    reason: &str,
) -> Result<Vec<wire::ReviewAssignment>> {
    let (district, now, id) = (work.district, work.now, &before.session.id);
    let count = store::assignment::insert(work.connection(), district, id, new, basis, now).await?;
    if usize::try_from(count).unwrap_or(0) < new.len() {
        return Err(Failure::already_exists("an assignment of one of the objectives in this session"));
    }
    let ids: Vec<String> = new.iter().map(|(id, _, _)| id.clone()).collect();
    let rows = store::assignment::list(work.connection(), district, id, Which::Ids(&ids)).await?;
    let in_order = ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id));
    let assignments = in_order.map(|row| review_wire::assignment(district, &before.session, row)).collect();
    let added = i32::try_from(new.len()).unwrap_or(i32::MAX);
    let after = Progress { assignments: before.assignments.saturating_add(added), ..before.clone() };
    let name = names::session(district, id);
    let answer = review_wire::session(district, &after);
    let noted = Change::new("review_session.assigned", name, after.session.version, &answer);
    work.record(noted.from(&review_wire::session(district, before)).because(reason));
    Ok(assignments)
}
