//! Questions about many subjects at once.

use std::collections::{BTreeSet, HashMap};

use tonic::Code;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::registry::v1::project_service_client::ProjectServiceClient;
use wenxiao_contract::wenxiao::registry::v1::unit_service_client::UnitServiceClient;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::{Failure, Result};

use super::{Registry, SubjectFacts, ask, department_facts, project_facts, timed};
use crate::names;

/// Names in one question at the most.
const MANY: usize = 1000;

impl Registry {
    /// What the registry knows of projects, by id. Those that do not exist are left out.
    pub async fn projects(
        &self,
        district: DistrictCode,
        ids: &[String],
    ) -> Result<HashMap<String, SubjectFacts>> {
        let names = ids.iter().map(|id| names::in_district(district, "projects", id)).collect();
        let projects = existing(names, |names| self.ask_projects(district, names)).await?;
        let facts = projects.into_iter();
        Ok(facts.map(|project| (names::last(&project.name).to_owned(), project_facts(project))).collect())
    }

    /// What the registry knows of departments and subdistrict offices, by id. Other units are left out.
    pub async fn departments(
        &self,
        district: DistrictCode,
        ids: &[String],
    ) -> Result<HashMap<String, SubjectFacts>> {
        let names = ids.iter().map(|id| names::in_district(district, "units", id)).collect();
        let units = self.existing_units(district, names).await?;
        let own = units.into_iter().filter(|unit| unit.department.is_empty() || unit.department == unit.name);
        Ok(own.map(|unit| (names::last(&unit.name).to_owned(), department_facts(unit))).collect())
    }

    /// Categories of projects (项目类别), by id, as forms print them.
    pub async fn project_categories(
        &self,
        district: DistrictCode,
        ids: &[String],
    ) -> Result<HashMap<String, String>> {
        let names = ids.iter().map(|id| names::in_district(district, "projects", id)).collect();
        let projects = existing(names, |names| self.ask_projects(district, names)).await?.into_iter();
        let printed = projects
            .map(|project| (names::last(&project.name).to_owned(), category(project.category()).to_owned()));
        Ok(printed.collect())
    }

    /// Names of units, by id, as forms print them.
    pub async fn unit_titles(
        &self,
        district: DistrictCode,
        ids: BTreeSet<String>,
    ) -> Result<HashMap<String, String>> {
        let names = ids.iter().map(|id| names::in_district(district, "units", id)).collect();
        let units = self.existing_units(district, names).await?;
        Ok(units.into_iter().map(|unit| (names::last(&unit.name).to_owned(), unit.title)).collect())
    }

    /// Resource name of the indicator frame of a budget year; empty when there is none.
    pub async fn frame_name(&self, district: DistrictCode, fiscal_year: i32) -> Result<String> {
        Ok(self.frame(district, fiscal_year).await?.map(|frame| frame.name).unwrap_or_default())
    }

    async fn existing_units(
        &self,
        district: DistrictCode,
        names: Vec<String>,
    ) -> Result<Vec<registry::Unit>> {
        existing(names, |names| self.ask_units(district, names)).await
    }

    async fn ask_projects(
        &self,
        district: DistrictCode,
        names: Vec<String>,
    ) -> Result<Vec<registry::Project>> {
        let client = ProjectServiceClient::new(self.link.clone());
        let request = registry::BatchGetProjectsRequest { parent: names::district(district), names };
        let asked = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.batch_get_projects(timed(request)).await }
        };
        Ok(ask(asked).await?.projects)
    }

    async fn ask_units(&self, district: DistrictCode, names: Vec<String>) -> Result<Vec<registry::Unit>> {
        let client = UnitServiceClient::new(self.link.clone());
        let parent = names::district(district);
        let request = registry::BatchGetUnitsRequest { parent, names, ..Default::default() };
        let asked = || {
            let (mut client, request) = (client.clone(), request.clone());
            async move { client.batch_get_units(timed(request)).await }
        };
        Ok(ask(asked).await?.units)
    }
}

/// The words of the national list.
fn category(of: registry::ProjectCategory) -> &'static str {
    use registry::ProjectCategory::{
        OfficeOperating, Operating, OtherOperating, Personnel, SpecificPurpose, Unspecified,
    };
    match of {
        Unspecified => "",
        Personnel => "人员类",
        Operating => "运转类",
        OfficeOperating => "公用经费",
        OtherOperating => "其他运转类",
        SpecificPurpose => "特定目标类",
    }
}

/// Asks for many by name. A batch is refused as a whole when one of its names does not exist (or is no name at all), so
/// it is halved until those are alone: few questions for few missing ones.
async fn existing<T, F, A>(names: Vec<String>, question: F) -> Result<Vec<T>>
where
    F: Fn(Vec<String>) -> A,
    A: Future<Output = Result<Vec<T>, Failure>>,
{
    let mut found = Vec::new();
    let mut open: Vec<Vec<String>> = names.chunks(MANY).map(<[String]>::to_vec).collect();
    while let Some(mut names) = open.pop() {
        match question(names.clone()).await {
            Ok(some) => found.extend(some),
            Err(failure) if matches!(failure.code(), Code::NotFound | Code::InvalidArgument) => {
                if names.len() > 1 {
                    open.push(names.split_off(names.len() / 2));
                    open.push(names);
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}
