//! Questions to the registry at command time: what is this project, which rules hold, who hired this institution?
//! They are asked before a unit of work begins, never inside one.

mod many;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde::{Deserialize, Serialize};
use tonic::{Code, Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::library_service_client::LibraryServiceClient;
use wenxiao_contract::wenxiao::registry::v1::participant_service_client::ParticipantServiceClient;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_kernel::{BudgetAccount, DistrictCode, Secrecy};
use wenxiao_platform::clients::{Link, Links};
use wenxiao_platform::convert::{account_of, secrecy_of};
use wenxiao_platform::{Failure, Result};

use crate::domain::conflict::{Engagement, EngagementPurpose};
use crate::domain::objective::{Owner, Subject, UnitRef};
use crate::domain::rules::{ConflictRules, FormRules, ReviewRules};
use crate::names;
use crate::rules;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long rules are remembered: a rule set that takes effect today is seen within this.
const KEEP_RULES: Duration = Duration::from_secs(30);
/// Most engagements that one question brings.
const PAGE: i32 = 1000;

/// The registry, as far as targets asks it.
#[derive(Clone)]
pub struct Registry {
    link: Link,
    form_rules: Cache<(DistrictCode, i32), Arc<FormRules>>,
    review_rules: Cache<(DistrictCode, i32), Arc<ReviewRules>>,
}

/// What the registry knows of a subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubjectFacts {
    /// Name of the project, policy or department.
    pub display_name: String,
    /// Whose it is.
    #[serde(flatten)]
    pub owner: Owner,
    /// Which budget pays; `None` for policies and departments.
    pub account: Option<BudgetAccount>,
    /// How secret the subject is.
    pub secrecy: Secrecy,
}

/// An engagement with what a session takes from it.
#[derive(Clone, Debug)]
pub struct Hired {
    /// Institution, by the last part of its name.
    pub institution: String,
    /// The engagement.
    pub engagement: Engagement,
    /// Whether it has been called off.
    pub cancelled: bool,
}

impl Registry {
    /// The registry behind these links.
    pub fn new(links: &Links) -> Self {
        Self { link: links.to("registry"), form_rules: remembered(), review_rules: remembered() }
    }

    /// Who owns a subject and which budget pays for it. A subject that does not exist is a reference to nothing.
    pub async fn subject(&self, district: DistrictCode, subject: &Subject) -> Result<SubjectFacts> {
        match subject {
            Subject::Project(id) => self.project(district, id).await,
            Subject::Policy(id) => self.policy(district, id).await,
            Subject::WholeDepartment(id) => self.department(district, id).await,
        }
    }

    async fn project(&self, district: DistrictCode, id: &str) -> Result<SubjectFacts> {
        let name = names::in_district(district, "projects", id);
        let client = ProjectServiceClient::new(self.link.clone());
        let asked = || {
            let (mut client, name) = (client.clone(), name.clone());
            async move {
                client.get_project(timed(registry::GetProjectRequest { name, ..Default::default() })).await
            }
        };
        let project = ask(asked).await.map_err(|failure| reference(failure, &name))?;
        Ok(project_facts(project))
    }

    async fn policy(&self, district: DistrictCode, id: &str) -> Result<SubjectFacts> {
        let name = names::in_district(district, "policies", id);
        let client = ProjectServiceClient::new(self.link.clone());
        let asked = || {
            let (mut client, name) = (client.clone(), name.clone());
            async move {
                client.get_policy(timed(registry::GetPolicyRequest { name, ..Default::default() })).await
            }
        };
        let policy = ask(asked).await.map_err(|failure| reference(failure, &name))?;
        let owner = owner_of_policy(&policy);
        let secrecy = secrecy_of(policy.secrecy()).unwrap_or(Secrecy::None);
        Ok(SubjectFacts { display_name: policy.title, owner, account: None, secrecy })
    }

    async fn department(&self, district: DistrictCode, id: &str) -> Result<SubjectFacts> {
        let name = names::in_district(district, "units", id);
        let unit = self.unit(&name).await?;
        if !unit.department.is_empty() && unit.department != name {
            return Err(Failure::invalid_field(
                "objective.whole_department",
                "部门整体绩效目标只能由主管部门或街道填报",
                "only a department or subdistrict office has a whole-department objective",
            ));
        }
        Ok(department_facts(unit))
    }

    async fn unit(&self, name: &str) -> Result<registry::Unit> {
        let client = UnitServiceClient::new(self.link.clone());
        let asked = || {
            let (mut client, name) = (client.clone(), name.to_owned());
            async move { client.get_unit(timed(registry::GetUnitRequest { name, ..Default::default() })).await }
        };
        ask(asked).await.map_err(|failure| reference(failure, name))
    }

    /// The rules for forms of a budget year.
    pub async fn form_rules(&self, district: DistrictCode, fiscal_year: i32) -> Result<Arc<FormRules>> {
        let load = async {
            let effective = self.effective_rules(district, fiscal_year).await?;
            let frame = self.frame(district, fiscal_year).await?;
            rules::form_rules(&effective, frame.as_ref(), fiscal_year).map(Arc::new)
        };
        self.form_rules
            .try_get_with((district, fiscal_year), load)
            .await
            .map_err(|failure| (*failure).clone())
    }

    /// The rules for reviews of a budget year's objectives.
    pub async fn review_rules(&self, district: DistrictCode, fiscal_year: i32) -> Result<Arc<ReviewRules>> {
        let load = async {
            let effective = self.effective_rules(district, fiscal_year).await?;
            rules::review_rules(&effective).map(Arc::new)
        };
        self.review_rules
            .try_get_with((district, fiscal_year), load)
            .await
            .map_err(|failure| (*failure).clone())
    }

    /// The rules on conflicts of interest for a year of work.
    pub async fn conflict_rules(&self, district: DistrictCode, work_year: i32) -> Result<ConflictRules> {
        Ok(rules::conflict_rules(&self.effective_rules(district, work_year).await?))
    }

    async fn effective_rules(&self, district: DistrictCode, year: i32) -> Result<registry::EffectiveRuleSet> {
        let client = LibraryServiceClient::new(self.link.clone());
        let request = registry::GetEffectiveRuleSetRequest {
            parent: names::district(district),
            effective_date: None,
            fiscal_year: year,
        };
        let asked = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.get_effective_rule_set(timed(request)).await }
        };
        ask(asked).await.map_err(|failure| reference(failure, &format!("districts/{district}/ruleSets")))
    }

    /// The indicator frame of a budget year; `None` when there is none.
    async fn frame(&self, district: DistrictCode, year: i32) -> Result<Option<registry::IndicatorFrame>> {
        let client = LibraryServiceClient::new(self.link.clone());
        let request = registry::GetEffectiveIndicatorFrameRequest {
            parent: names::district(district),
            fiscal_year: year,
        };
        let asked = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.get_effective_indicator_frame(timed(request)).await }
        };
        match ask(asked).await {
            Ok(frame) => Ok(Some(frame)),
            Err(failure) if failure.code() == Code::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// An engagement.
    pub async fn engagement(&self, district: DistrictCode, id: &str) -> Result<Hired> {
        let name = names::in_district(district, "engagements", id);
        let client = ParticipantServiceClient::new(self.link.clone());
        let asked = || {
            let (mut client, name) = (client.clone(), name.clone());
            async move { client.get_engagement(timed(registry::GetEngagementRequest { name })).await }
        };
        let engagement = ask(asked).await.map_err(|failure| reference(failure, &name))?;
        Ok(hired(&engagement))
    }

    /// Everything that an institution was ever hired for and that was not called off.
    pub async fn engagements_of(&self, district: DistrictCode, institution: &str) -> Result<Vec<Engagement>> {
        let client = ParticipantServiceClient::new(self.link.clone());
        let mut request = registry::ListEngagementsRequest {
            parent: names::district(district),
            page_size: PAGE,
            participant: names::in_district(district, "institutions", institution),
            ..Default::default()
        };
        let mut engagements = Vec::new();
        loop {
            let asked = || {
                let (mut client, request) = (client.clone(), request.clone());
                async move { client.list_engagements(timed(request)).await }
            };
            let page = ask(asked).await?;
            let hired = page.engagements.iter().map(hired).filter(|hired| !hired.cancelled);
            engagements.extend(hired.map(|hired| hired.engagement));
            if page.next_page_token.is_empty() {
                return Ok(engagements);
            }
            request.page_token = page.next_page_token;
        }
    }
}

fn hired(engagement: &registry::Engagement) -> Hired {
    let purpose = match engagement.kind() {
        registry::EngagementKind::TargetReview => EngagementPurpose::TargetReview,
        registry::EngagementKind::AssistOnly => EngagementPurpose::AssistOnly,
        _ => EngagementPurpose::Other,
    };
    let about = engagement.objects.iter().filter(|object| object.contains("/units/"));
    Hired {
        institution: names::last(&engagement.participant).to_owned(),
        engagement: Engagement {
            purpose,
            work_year: engagement.work_year,
            principal_code: unit_of(&engagement.principal).code,
            unit_codes: about.map(|unit| unit_of(unit).code).collect(),
        },
        cancelled: engagement.state() == registry::engagement::State::Cancelled,
    }
}

/// The unit with this resource name, whose last part is its code.
pub fn unit_of(name: &str) -> UnitRef {
    UnitRef::of_code(names::last(name))
}

/// Whose a project is: of the unit that carries it out, and of the department that it is summed under.
pub fn owner_of_project(project: &registry::Project) -> Owner {
    let above =
        if project.department.is_empty() { &project.competent_department } else { &project.department };
    let (unit, department) = (unit_of(&project.implementing_unit), unit_of(above));
    Owner { unit, department, version: project.version }
}

/// Whose a policy is: of the unit that carries it out.
pub fn owner_of_policy(policy: &registry::Policy) -> Owner {
    let unit = unit_of(&policy.executing_unit);
    Owner { department: unit.head(), unit, version: policy.version }
}

/// What is known of a project.
fn project_facts(project: registry::Project) -> SubjectFacts {
    SubjectFacts {
        owner: owner_of_project(&project),
        account: account_of(project.budget_account()),
        secrecy: secrecy_of(project.secrecy()).unwrap_or(Secrecy::None),
        display_name: project.title,
    }
}

/// What is known of a whole department: it is its own.
fn department_facts(unit: registry::Unit) -> SubjectFacts {
    let own = unit_of(&unit.name);
    let owner = Owner { department: own.clone(), unit: own, version: unit.version };
    SubjectFacts { display_name: unit.title, owner, account: None, secrecy: Secrecy::None }
}

fn remembered<R: Clone + Send + Sync + 'static>() -> Cache<(DistrictCode, i32), R> {
    Cache::builder().max_capacity(1000).time_to_live(KEEP_RULES).build()
}

/// A request that does not wait for ever.
fn timed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(PATIENCE);
    request
}

/// Asks, and once more when nobody answered.
async fn ask<T, F, A>(question: F) -> Result<T>
where
    F: Fn() -> A,
    A: Future<Output = Result<Response<T>, Status>>,
{
    let once = || async {
        let answer = tokio::time::timeout(PATIENCE, question()).await;
        answer
            .map_err(|_| Failure::unavailable("the registry does not answer in time"))?
            .map_err(Failure::from)
    };
    let answer = match once().await {
        Err(failure) if failure.code() == Code::Unavailable => once().await,
        answer => answer,
    };
    answer.map(Response::into_inner)
}

/// What does not exist there is a reference to nothing here.
fn reference(failure: Failure, name: &str) -> Failure {
    if failure.code() == Code::NotFound { Failure::reference_not_found(name) } else { failure }
}
