//! May they? (授权) Policies are data in Cedar, one file per service, read like a regulation and replaceable per
//! deployment. What a decision may depend on is small on purpose: the caller's roles, the action, and four facts
//! about caller and object. So each decision is made once and remembered.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use std::sync::{Arc, RwLock};
use std::task::{Context as TaskContext, Poll};

use cedar_policy::{
    Authorizer as Cedar, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use tower::{Layer, Service};
use wenxiao_kernel::DistrictCode;

use crate::definition::ServedDistricts;
use crate::failure::{Failure, Result};
use crate::identity::{Principal, Role};

/// Groups of roles that policies may name (`Group::"finance"`).
const GROUPS: &[(&str, &[Role])] = &[
    ("unit", &[Role::UnitFiler, Role::UnitHead]),
    ("finance", &[Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead]),
    ("guest", &[Role::ThirdPartyReviewer, Role::Expert, Role::Deputy]),
    (
        "district",
        &[
            Role::UnitFiler,
            Role::UnitHead,
            Role::DepartmentReviewer,
            Role::FinancePerformanceOfficer,
            Role::FinanceBusinessOfficer,
            Role::FinanceHead,
        ],
    ),
];

/// What a decision may depend on besides roles and action: the attributes of Cedar's `context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Relation {
    /// `context.own_unit`: the object belongs to the caller's unit, or to a unit of the caller's department.
    own_unit: bool,
    /// `context.assigned`: the object is assigned to the caller's institution, or to the expert or deputy.
    assigned: bool,
    /// `context.author`: the caller did the step that this action judges (filed what is reviewed).
    author: bool,
    /// `context.across`: the call reads `districts/-`.
    across: bool,
}

/// Paths of the one vendored service that acts on objects of ours.
const OPERATIONS: &str = "/google.longrunning.Operations/";

/// What an object is, as far as permission cares (授权要素).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    /// Resource name, for the refusal.
    pub name: String,
    /// Agency code of the unit that it belongs to; empty when it belongs to the district as a whole.
    pub unit: String,
    /// Institutions, experts and deputies that it is assigned to.
    pub participants: Vec<String>,
    /// Subject of the person whose step this action judges; empty when it judges none.
    pub author: String,
}

impl Facts {
    /// An object of the district as a whole.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Which belongs to a unit.
    #[must_use]
    pub fn unit(mut self, code: impl Into<String>) -> Self {
        self.unit = code.into();
        self
    }

    /// Which is assigned to these guests.
    #[must_use]
    pub fn participants(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.participants = ids.into_iter().collect();
        self
    }

    /// Whose earlier step was done by this person.
    #[must_use]
    pub fn author(mut self, subject: impl Into<String>) -> Self {
        self.author = subject.into();
        self
    }

    fn relation(&self, principal: &Principal, across: bool) -> Relation {
        let unit = principal.unit.as_deref().filter(|unit| !unit.is_empty());
        let guest = principal.participant.as_deref();
        Relation {
            own_unit: unit.is_some_and(|unit| self.unit.starts_with(unit)),
            assigned: guest.is_some_and(|guest| self.participants.iter().any(|id| id == guest)),
            author: !self.author.is_empty() && principal.people().any(|person| person == self.author),
            across,
        }
    }
}

/// Proof that an action on an object was allowed. A unit of work cannot be finished without one.
#[derive(Clone, Debug)]
pub struct Permit {
    facts: Facts,
}

impl Permit {
    /// What was permitted.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The answer to a permitted read.
    pub fn answer<T>(&self, message: T) -> tonic::Response<T> {
        tonic::Response::new(message)
    }
}

/// All policies of the services that run here, and the decisions made so far.
pub struct Authorizer {
    policies: HashMap<String, PolicySet>,
    roles: Entities,
    decisions: RwLock<HashMap<Question, bool>>,
    served: ServedDistricts,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    roles: Vec<Role>,
    method: Arc<str>,
    relation: Relation,
}

/// Why policies cannot be used: found when the server starts, never while it serves.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The text is not Cedar.
    #[error("the policies of {package} cannot be read: {cause}")]
    Syntax {
        /// Package of the policies.
        package: String,
        /// What the parser said.
        cause: String,
    },
    /// A policy names an action that the contract does not have.
    #[error("the policies of {package} name the action {action:?}, which is no call of the contract")]
    UnknownAction {
        /// Package of the policies.
        package: String,
        /// The action.
        action: String,
    },
}

impl Authorizer {
    /// An authoriser over `(package, policies)`, such as `("wenxiao.registry.v1", include_str!("…"))`. Every action
    /// that a policy names must be an RPC of the package.
    pub fn new<'t>(sets: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, PolicyError> {
        let mut policies = HashMap::new();
        for (package, text) in sets {
            let syntax = |cause: String| PolicyError::Syntax { package: package.to_owned(), cause };
            let set = PolicySet::from_str(text).map_err(|error| syntax(error.to_string()))?;
            let known = rpc_names(package);
            for action in actions_named(text) {
                if !known.contains(&action) {
                    return Err(PolicyError::UnknownAction { package: package.to_owned(), action });
                }
            }
            policies.insert(package.to_owned(), set);
        }
        let roles =
            role_entities().map_err(|cause| PolicyError::Syntax { package: "roles".to_owned(), cause })?;
        Ok(Self { policies, roles, decisions: RwLock::default(), served: ServedDistricts::default() })
    }

    /// The same for these districts only.
    #[must_use]
    pub fn serving(self, served: ServedDistricts) -> Self {
        Self { served, ..self }
    }

    pub(crate) fn serves(&self, district: DistrictCode) -> bool {
        self.served.has(district)
    }

    /// Whether the caller may call the method on any object at all: asked before the request is even read.
    fn may_ever(&self, principal: &Principal, method: &Arc<str>) -> bool {
        let flags = [false, true];
        flags.iter().any(|&own_unit| {
            flags.iter().any(|&assigned| {
                flags.iter().any(|&across| {
                    flags.iter().any(|&author| {
                        let relation = Relation { own_unit, assigned, across, author };
                        self.decide(principal, method, relation)
                    })
                })
            })
        })
    }

    /// Whether the caller may do this to that object.
    pub(crate) fn permit(
        &self,
        principal: &Principal,
        method: &Arc<str>,
        facts: Facts,
        across: bool,
    ) -> Result<Permit> {
        let relation = facts.relation(principal, across);
        if self.decide(principal, method, relation) {
            return Ok(Permit { facts });
        }
        let scope = principal.scope();
        let visible = scope.unit_prefix.is_none_or(|_| relation.own_unit || facts.unit.is_empty())
            && scope.participant.is_none_or(|_| relation.assigned);
        Err(if visible { Failure::denied(&**method) } else { Failure::not_found(facts.name) })
    }

    fn decide(&self, principal: &Principal, method: &Arc<str>, relation: Relation) -> bool {
        let question = Question { roles: principal.roles.clone(), method: method.clone(), relation };
        if let Ok(known) = self.decisions.read()
            && let Some(decision) = known.get(&question)
        {
            return *decision;
        }
        let decision = self.ask_cedar(&question).unwrap_or_else(|cause| {
            tracing::error!(%cause, %method, "policy evaluation failed: refused");
            false
        });
        if let Ok(mut known) = self.decisions.write() {
            known.insert(question, decision);
        }
        decision
    }

    fn ask_cedar(&self, question: &Question) -> Result<bool, String> {
        let Some((service, rpc)) = question.method.trim_start_matches('/').split_once('/') else {
            return Ok(false);
        };
        let package = service.rsplit_once('.').map_or(service, |(package, _)| package);
        let Some(policies) = self.policies.get(package) else { return Ok(false) };
        let caller = uid("Caller", "caller")?;
        let parents = question
            .roles
            .iter()
            .map(|role| uid("Role", role.as_str()))
            .collect::<Result<HashSet<_>, _>>()?;
        let entity = Entity::new_no_attrs(caller.clone(), parents);
        let entities = self.roles.clone().add_entities([entity], None).map_err(|error| error.to_string())?;
        let flag = |name: &str, value: bool| (name.to_owned(), RestrictedExpression::new_bool(value));
        let relation = question.relation;
        let context = Context::from_pairs([
            flag("own_unit", relation.own_unit),
            flag("assigned", relation.assigned),
            flag("author", relation.author),
            flag("across", relation.across),
        ])
        .map_err(|error| error.to_string())?;
        let request = Request::new(caller, uid("Action", rpc)?, uid("Object", "object")?, context, None)
            .map_err(|error| error.to_string())?;
        Ok(Cedar::new().is_authorized(&request, policies, &entities).decision() == Decision::Allow)
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    EntityUid::from_str(&format!("{kind}::{id:?}")).map_err(|error| error.to_string())
}

fn role_entities() -> Result<Entities, String> {
    let mut entities = Vec::new();
    for role in Role::ALL {
        let groups = GROUPS.iter().filter(|(_, members)| members.contains(role));
        let parents = groups.map(|(group, _)| uid("Group", group)).collect::<Result<HashSet<_>, _>>()?;
        entities.push(Entity::new_no_attrs(uid("Role", role.as_str())?, parents));
    }
    for (group, _) in GROUPS {
        entities.push(Entity::new_no_attrs(uid("Group", group)?, HashSet::new()));
    }
    Entities::from_entities(entities, None).map_err(|error| error.to_string())
}

fn rpc_names(package: &str) -> BTreeSet<String> {
    let services = crate::server::contract().services().filter(|service| service.package_name() == package);
    services.flat_map(|service| service.methods().map(|m| m.name().to_owned()).collect::<Vec<_>>()).collect()
}

fn actions_named(text: &str) -> BTreeSet<String> {
    let quoted = text.split("Action::\"").skip(1);
    quoted.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// What the layers have found out about a call before it reaches a handler.
#[derive(Clone)]
pub(crate) struct Caller {
    pub principal: Arc<Principal>,
    pub method: Arc<str>,
    pub authorizer: Arc<Authorizer>,
}

/// Refuses calls that no object could make right, and hands the rest on with what handlers need to decide on theirs.
/// Stands behind authentication, which has put an `Arc<Principal>` into the extensions.
#[derive(Clone)]
pub struct AuthorizationLayer {
    authorizer: Arc<Authorizer>,
}

impl AuthorizationLayer {
    /// A layer that asks `authorizer`.
    pub fn new(authorizer: Arc<Authorizer>) -> Self {
        Self { authorizer }
    }
}

impl<S> Layer<S> for AuthorizationLayer {
    type Service = Authorization<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authorization { inner, authorizer: self.authorizer.clone() }
    }
}

/// The service that [`AuthorizationLayer`] makes.
#[derive(Clone)]
pub struct Authorization<S> {
    inner: S,
    authorizer: Arc<Authorizer>,
}

impl<S, B> Service<http::Request<B>> for Authorization<S>
where
    S: Service<http::Request<B>, Response = http::Response<tonic::body::Body>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = futures::future::Either<S::Future, std::future::Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let path = request.uri().path();
        if !path.starts_with("/wenxiao.") && !path.starts_with(OPERATIONS) {
            return futures::future::Either::Left(self.inner.call(request)); // health, reflection
        }
        let method: Arc<str> = path.into();
        let principal = request.extensions().get::<Arc<Principal>>().cloned();
        let principal = principal.unwrap_or_else(|| Arc::new(Principal::anonymous()));
        if self.authorizer.may_ever(&principal, &method) {
            request.extensions_mut().insert(Caller {
                principal,
                method,
                authorizer: self.authorizer.clone(),
            });
            return futures::future::Either::Left(self.inner.call(request));
        }
        let failure = if principal.is_anonymous() {
            Failure::unauthenticated("this call needs a token")
        } else {
            Failure::denied(&*method)
        };
        futures::future::Either::Right(std::future::ready(Ok(failure.into_status().into_http())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICIES: &str = r#"
        permit(principal in Group::"finance", action in [Action::"ListFeeds", Action::"ListEvents"], resource)
            when { !context.across };
        permit(principal in Role::"unit_filer", action == Action::"ListEvents", resource) when { context.own_unit };
        forbid(principal, action, resource) when { context.author };
    "#;

    fn caller(role: Role, unit: Option<&str>) -> Principal {
        Principal {
            roles: vec![role],
            unit: unit.map(str::to_owned),
            subject: "p1".to_owned(),
            ..Principal::anonymous()
        }
    }

    fn method(rpc: &str) -> Arc<str> {
        format!("/wenxiao.common.v1.EventService/{rpc}").into()
    }

    #[test]
    fn the_object_decides_within_what_the_role_may() {
        let authorizer = Authorizer::new([("wenxiao.common.v1", POLICIES)]).unwrap();
        let filer = caller(Role::UnitFiler, Some("602"));
        assert!(authorizer.may_ever(&filer, &method("ListEvents")));
        assert!(!authorizer.may_ever(&filer, &method("ListFeeds")));
        let own = Facts::of("x").unit("602001");
        assert!(authorizer.permit(&filer, &method("ListEvents"), own.clone(), false).is_ok());
        let foreign = authorizer.permit(&filer, &method("ListEvents"), Facts::of("x").unit("603001"), false);
        assert_eq!(foreign.unwrap_err().code(), tonic::Code::NotFound, "what one may not see does not exist");
        let judged = authorizer.permit(&filer, &method("ListEvents"), own.author("p1"), false);
        assert_eq!(judged.unwrap_err().code(), tonic::Code::PermissionDenied, "nobody judges their own step");
        let finance = caller(Role::FinanceHead, None);
        assert!(authorizer.permit(&finance, &method("ListFeeds"), Facts::of("x"), false).is_ok());
        assert!(authorizer.permit(&finance, &method("ListFeeds"), Facts::of("x"), true).is_err());
    }

    #[test]
    fn a_policy_for_a_call_that_does_not_exist_is_found_at_start() {
        let text = r#"permit(principal, action == Action::"ListEventz", resource);"#;
        assert!(matches!(
            Authorizer::new([("wenxiao.common.v1", text)]),
            Err(PolicyError::UnknownAction { action, .. }) if action == "ListEventz"
        ));
    }
}
