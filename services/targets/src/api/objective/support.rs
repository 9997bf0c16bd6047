//! What the calls of ObjectiveService share: objectives as they stand, and the rules of their years.

use std::sync::Arc;

use moka::future::Cache;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, Secrecy, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Call, Database, Failure, Result};

use crate::api::decisions;
use crate::api::objective_commands::SubmissionRules;
use crate::domain::objective::Objective;
use crate::domain::rules::FormRules;
use crate::registry::Registry;
use crate::{names, store};

/// Objectives whose budget year is remembered: it never changes.
const REMEMBERED_YEARS: u64 = 100_000;

/// The service.
#[derive(Clone)]
pub struct ObjectiveApi {
    pub(super) database: Database,
    pub(super) registry: Registry,
    years: Cache<(DistrictCode, String), i32>,
}

impl ObjectiveApi {
    /// A service over a schema and the registry.
    pub fn new(database: Database, registry: Registry) -> Self {
        Self { database, registry, years: Cache::new(REMEMBERED_YEARS) }
    }

    /// Budget year of an objective, for the rules that a unit of work will need.
    pub(super) async fn fiscal_year(&self, district: DistrictCode, resource: &str) -> Result<i32> {
        let [_, id] = name::segments(resource, names::OBJECTIVE)?;
        let key = (district, id.to_owned());
        if let Some(year) = self.years.get(&key).await {
            return Ok(year);
        }
        let mut read = self.database.read_district(district).await?;
        let year = store::objective::fiscal_year(read.connection(), district, id).await?;
        let year = year.ok_or_else(|| Failure::not_found(resource))?;
        self.years.insert(key, year).await;
        Ok(year)
    }

    pub(super) async fn form_rules(&self, district: DistrictCode, resource: &str) -> Result<Arc<FormRules>> {
        let year = self.fiscal_year(district, resource).await?;
        self.registry.form_rules(district, year).await
    }

    pub(super) async fn submission_rules(
        &self,
        district: DistrictCode,
        fiscal_year: i32,
    ) -> Result<SubmissionRules> {
        let form = self.registry.form_rules(district, fiscal_year).await?;
        let signature = self.registry.review_rules(district, fiscal_year).await?.head_signature;
        Ok(SubmissionRules { form, signature })
    }

    /// Budget years of the objectives that a batch names.
    pub(super) async fn fiscal_years<A: Addressed>(
        &self,
        district: DistrictCode,
        asks: &[A],
    ) -> Result<Vec<i32>> {
        let ids: Vec<String> = asks.iter().map(|ask| names::last(ask.address()).to_owned()).collect();
        let mut read = self.database.read_district(district).await?;
        store::objective::fiscal_years(read.connection(), district, &ids).await
    }

    pub(super) async fn load(
        &self,
        district: DistrictCode,
        resource: &str,
        id: &str,
    ) -> Result<(Objective, Facts)> {
        let mut read = self.database.read_district(district).await?;
        let found = store::objective::load(read.connection(), district, id).await?;
        let objective = found.ok_or_else(|| Failure::not_found(resource))?;
        let facts = decisions::facts(district, &objective);
        Ok((objective, facts))
    }

    /// How secret the subject of an objective is, where an update speaks of secrecy.
    pub(super) async fn subject_secrecy(&self, call: &Call<wire::UpdateObjectiveRequest>) -> Result<Secrecy> {
        let Some(given) = call.message.objective.as_ref().filter(|given| given.secrecy != 0) else {
            return Ok(Secrecy::None);
        };
        let district = call.district()?;
        let [_, id] = name::segments(&given.name, names::OBJECTIVE)?;
        let (objective, _) = self.load(district, &given.name, id).await?;
        Ok(self.registry.subject(district, &objective.subject).await?.secrecy)
    }

    /// The facts with the institutions that were given the objective: only guests need them.
    pub(super) async fn with_guests<M>(&self, call: &Call<M>, id: &str, facts: Facts) -> Result<Facts> {
        if call.scope().participant.is_none() {
            return Ok(facts);
        }
        let mut read = self.database.read(call).await?;
        let institutions = store::objective::institutions(read.connection(), call.district()?, id).await?;
        Ok(facts.participants(institutions))
    }
}
