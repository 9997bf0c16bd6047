//! Questions to the registry at command time: what is this project, which rules hold, who hired this institution?
//! They are asked before a unit of work begins, never inside one.

mod many;

use std::collections::{BTreeSet, HashMap};
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
/// Most engagements and units that one question brings.
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
        let above =
            if project.department.is_empty() { &project.competent_department } else { &project.department };
        let (unit, department) = self.unit_and_department(&project.implementing_unit, above).await?;
        let account = account_of(project.budget_account());
        let secrecy = secrecy_of(project.secrecy()).unwrap_or(Secrecy::None);
        let owner = Owner { unit, department, version: project.version };
        Ok(SubjectFacts { display_name: project.title, owner, account, secrecy })
    }

    async fn policy(&self, district: DistrictCode, id: &str) -> Result<SubjectFacts> {
        let name = names::in_district(district, "policies", id);
        let client = ProjectServiceClient::new(self.link.clone());
        let asked = || {
            let (mut client, name) = (client.clone(), name.clone());
            async move { client.get_policy(timed(registry::GetPolicyRequest { name })).await }
        };
        let policy = ask(asked).await.map_err(|failure| reference(failure, &name))?;
        let unit = self.unit(&policy.executing_unit).await?;
        let (unit, department) = self.unit_and_department(&unit.name, &unit.department).await?;
        let secrecy = secrecy_of(policy.secrecy()).unwrap_or(Secrecy::None);
        let owner = Owner { unit, department, version: policy.version };
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

    async fn unit_and_department(&self, unit: &str, department: &str) -> Result<(UnitRef, UnitRef)> {
        let mut units = self.units(&[unit, department]).await?.into_iter();
        match (units.next(), units.next()) {
            (Some(unit), Some(department)) => Ok((unit, department)),
            _ => Err(Failure::reference_not_found(unit)),
        }
    }

    /// Units in the order asked.
    async fn units(&self, units: &[&str]) -> Result<Vec<UnitRef>> {
        let Some(first) = units.first() else { return Ok(Vec::new()) };
        let parent = first.split("/units/").next().unwrap_or_default().to_owned();
        let names: Vec<String> = units.iter().map(|name| (*name).to_owned()).collect();
        let client = UnitServiceClient::new(self.link.clone());
        let asked = || {
            let request = registry::BatchGetUnitsRequest {
                parent: parent.clone(),
                names: names.clone(),
                ..Default::default()
            };
            let mut client = client.clone();
            async move { client.batch_get_units(timed(request)).await }
        };
        let found = ask(asked).await.map_err(|failure| reference(failure, first))?.units;
        Ok(found.iter().map(reference_to).collect())
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
        let hired = self.hired(&[engagement]).await?.pop();
        hired.ok_or_else(|| Failure::reference_not_found(name))
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
            let hired = self.hired(&page.engagements).await?.into_iter();
            engagements.extend(hired.filter(|hired| !hired.cancelled).map(|hired| hired.engagement));
            if page.next_page_token.is_empty() {
                return Ok(engagements);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// Engagements with the codes of the units that they are between and about, which are asked for together.
    async fn hired(&self, engagements: &[registry::Engagement]) -> Result<Vec<Hired>> {
        let about = engagements.iter().flat_map(units_of);
        let named: BTreeSet<&str> = about.filter(|name| !name.is_empty()).collect();
        let named: Vec<&str> = named.into_iter().collect();
        let mut codes = HashMap::new();
        for names in named.chunks(many::MANY) {
            codes.extend(
                names.iter().copied().zip(self.units(names).await?.into_iter().map(|unit| unit.code)),
            );
        }
        Ok(engagements.iter().map(|engagement| hired(engagement, &codes)).collect())
    }
}

/// Whom an engagement is for, and after it the units that it is about.
fn units_of(engagement: &registry::Engagement) -> impl Iterator<Item = &str> {
    let about = engagement.objects.iter().filter(|object| object.contains("/units/"));
    std::iter::once(&engagement.principal).chain(about).map(String::as_str)
}

fn hired(engagement: &registry::Engagement, codes: &HashMap<&str, String>) -> Hired {
    let purpose = match engagement.kind() {
        registry::EngagementKind::TargetReview => EngagementPurpose::TargetReview,
        registry::EngagementKind::AssistOnly => EngagementPurpose::AssistOnly,
        _ => EngagementPurpose::Other,
    };
    let mut units = units_of(engagement).map(|name| codes.get(name).cloned().unwrap_or_default());
    Hired {
        institution: names::last(&engagement.participant).to_owned(),
        engagement: Engagement {
            purpose,
            work_year: engagement.work_year,
            principal_code: units.next().unwrap_or_default(),
            unit_codes: units.collect(),
        },
        cancelled: engagement.state() == registry::engagement::State::Cancelled,
    }
}

/// What is known of a whole department: it is its own.
fn department_facts(unit: registry::Unit) -> SubjectFacts {
    let own = reference_to(&unit);
    let owner = Owner { department: own.clone(), unit: own, version: unit.version };
    SubjectFacts { display_name: unit.title, owner, account: None, secrecy: Secrecy::None }
}

fn reference_to(unit: &registry::Unit) -> UnitRef {
    UnitRef { id: names::last(&unit.name).to_owned(), code: unit.agency_code.clone() }
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
