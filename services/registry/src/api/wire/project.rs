use std::collections::BTreeMap;

use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::{BudgetAccount, DistrictCode, FiscalYear, Money};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::unit::require_owners;
use super::{Reader, optional_name, optional_year, unit_name, word};
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::ownership::{Former, Owner};
use crate::domain::project::{Cancellation, LocalProjectType, Project, ProjectCategory, ProjectDetails};
use crate::store::{Kept, Stored};

impl Resource for LocalProjectType {
    type Wire = pb::LocalProjectType;
    const COLLECTION: &'static str = "localProjectTypes";
    const CREATED: &'static str = "local_project_type.created";
    const UPDATED: &'static str = "local_project_type.updated";
    const UPDATABLE: &'static [&'static str] =
        &["title", "capital_works", "first_setup_year", "last_setup_year"];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::LocalProjectType {
        let kind = &stored.value;
        pb::LocalProjectType {
            name: name_of(stored.district, Self::COLLECTION, &kind.id),
            title: kind.title.clone(),
            capital_works: kind.capital_works,
            first_setup_year: optional_year(kind.first_setup_year),
            last_setup_year: optional_year(kind.last_setup_year),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::LocalProjectType, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let first_setup_year = reader.optional_year("first_setup_year", wire.first_setup_year);
        let last_setup_year = reader.optional_year("last_setup_year", wire.last_setup_year);
        let (title, capital_works) = (wire.title.clone(), wire.capital_works);
        reader.done(Self { id, title, capital_works, first_setup_year, last_setup_year })
    }

    async fn admit(&mut self, _: Option<&Self>, _: Around<'_>) -> Result<()> {
        Ok(self.check()?)
    }
}

impl Resource for Project {
    type Wire = pb::Project;
    const COLLECTION: &'static str = "projects";
    const CREATED: &'static str = "project.created";
    const UPDATED: &'static str = "project.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "title",
        "category",
        "local_project_type",
        "budget_account",
        "nature",
        "competent_department",
        "implementing_unit",
        "setup_year",
        "start_year",
        "term_years",
        "total_amount",
        "total_amount_printed",
        "year_plans",
        "function_code",
        "capital_works",
        "government_purchase",
        "scientific",
        "parent_project",
        "managing_division",
        "leader_name",
        "leader_phone",
        "planned_start_date",
        "planned_end_date",
        "secrecy",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.unit(self.implementing_unit.as_str())
    }

    /// The project as it is, with the owner that it had on a day.
    fn show(stored: &Stored<Self>, day: NaiveDate) -> pb::Project {
        let (project, district) = (&stored.value, stored.district);
        let details = &project.details;
        let category = convert::enum_name("PROJECT_CATEGORY_", project.category.as_str());
        let nature = project.nature.map(|nature| convert::enum_name("PROJECT_NATURE_", nature.as_str()));
        let nature = nature.and_then(|name| pb::ProjectNature::from_str_name(&name));
        let state = match (project.end_date, &details.cancellation) {
            (None, _) => pb::project::State::Active,
            (Some(_), None) => pb::project::State::Closed,
            (Some(_), Some(_)) => pb::project::State::Cancelled,
        };
        let owner = project.owner_on(day);
        pb::Project {
            name: name_of(district, Self::COLLECTION, &project.id),
            project_code: project.code.as_ref().map(ToString::to_string).unwrap_or_default(),
            title: project.title.clone(),
            category: pb::ProjectCategory::from_str_name(&category).unwrap_or_default().into(),
            local_project_type: optional_name(
                district,
                LocalProjectType::COLLECTION,
                project.local_project_type.as_deref(),
            ),
            budget_account: convert::account(project.budget_account).into(),
            nature: nature.unwrap_or_default().into(),
            competent_department: unit_name(district, &owner.competent_department),
            implementing_unit: unit_name(district, &owner.implementing_unit),
            setup_year: project.setup_year.as_i32(),
            start_year: optional_year(details.start_year),
            term_years: details.term_years,
            total_amount: details.total_amount.map(convert::money),
            function_code: details.function_code.clone(),
            capital_works: details.capital_works,
            government_purchase: details.government_purchase,
            scientific: details.scientific,
            parent_project: optional_name(district, Self::COLLECTION, details.parent_project.as_deref()),
            managing_division: details.managing_division.clone(),
            leader_name: details.leader_name.clone(),
            leader_phone: details.leader_phone.clone(),
            planned_start_date: details.planned_start_date.map(convert::date),
            planned_end_date: details.planned_end_date.map(convert::date),
            secrecy: project.secrecy.map(convert::secrecy).unwrap_or_default().into(),
            state: state.into(),
            end_date: project.end_date.map(convert::date),
            department: unit_name(district, &owner.implementing_unit.department()),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
            total_amount_printed: details.printed_total.map(convert::printed_amount),
            year_plans: details.year_plans.iter().map(year_plan).collect(),
            former_owners: details
                .former_owners
                .iter()
                .filter(|former| former.end_date < day)
                .map(|former| former_owner(district, former))
                .collect(),
            cancellation: details.cancellation.as_ref().map(cancellation),
        }
    }

    fn read(wire: &pb::Project, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let code = match wire.project_code.as_str() {
            "" => None,
            text => Some(text.parse()),
        };
        let code = code.and_then(|code| {
            code.map_err(|_| reader.fields.reject("project_code", "项目代码不正确", "is not a project code"))
                .ok()
        });
        let category = word(wire.category().as_str_name(), "PROJECT_CATEGORY_");
        let category = reader.required("category", category, ProjectCategory::SpecificPurpose);
        let account = convert::account_of(wire.budget_account());
        let budget_account = reader.required("budget_account", account, BudgetAccount::GeneralPublic);
        let local_project_type =
            reader.id("local_project_type", &wire.local_project_type, LocalProjectType::COLLECTION);
        let competent_department = reader.required_unit("competent_department", &wire.competent_department);
        let implementing_unit = reader.required_unit("implementing_unit", &wire.implementing_unit);
        let setup_year = reader.fields.year("setup_year", wire.setup_year);
        let details = details(wire, &mut reader, before.map(|project| &project.details));
        reader.done(Self {
            id,
            code,
            title: wire.title.clone(),
            category,
            local_project_type,
            budget_account,
            nature: word(wire.nature().as_str_name(), "PROJECT_NATURE_"),
            competent_department,
            implementing_unit,
            setup_year,
            secrecy: convert::secrecy_of(wire.secrecy()),
            end_date: before.and_then(|project| project.end_date),
            details,
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        let Around { connection, district, today } = around;
        let local_type = match &self.local_project_type {
            Some(id) => LocalProjectType::load(connection, district, id).await?,
            None => None,
        };
        self.check(local_type.as_ref().map(|stored| &stored.value))?;
        if let Some(id) = &self.details.parent_project
            && Self::load(connection, district, id).await?.is_none()
        {
            return Err(Failure::reference_not_found(name_of(district, Self::COLLECTION, id)));
        }
        if let Some(before) = before {
            self.note_owner(before, today);
        }
        let owner = self.owner();
        if before.is_some_and(|before| before.owner() == owner) {
            return Ok(());
        }
        let owners = [owner.competent_department, owner.implementing_unit];
        require_owners(Around { connection, district, today }, &owners).await
    }
}

fn year_plan((year, amount): (&FiscalYear, &Money)) -> pb::YearPlan {
    pb::YearPlan { fiscal_year: year.as_i32(), planned_amount: Some(convert::money(*amount)) }
}

fn former_owner(district: DistrictCode, former: &Former<Owner>) -> pb::ProjectOwner {
    pb::ProjectOwner {
        implementing_unit: unit_name(district, &former.owner.implementing_unit),
        competent_department: unit_name(district, &former.owner.competent_department),
        end_date: Some(convert::date(former.end_date)),
    }
}

fn cancellation(of: &Cancellation) -> pb::ProjectCancellation {
    pb::ProjectCancellation {
        cancel_date: Some(convert::date(of.cancel_date)),
        reason: of.reason.clone(),
        document_number: of.document_number.clone(),
        remaining_note: of.remaining_note.clone(),
        remaining_amount: Some(convert::money(of.remaining)),
    }
}

fn year_plans(wire: &pb::Project, reader: &mut Reader) -> BTreeMap<FiscalYear, Money> {
    let mut plans = BTreeMap::new();
    for (place, plan) in wire.year_plans.iter().enumerate() {
        let field = |name: &str| format!("year_plans[{place}].{name}");
        let year = reader.fields.year(&field("fiscal_year"), plan.fiscal_year);
        let amount = reader.fields.money(&field("planned_amount"), plan.planned_amount.as_ref());
        if plans.insert(year, amount).is_some() {
            reader.fields.reject(&field("fiscal_year"), "年度重复", "names a year twice");
        }
    }
    plans
}

/// The details in a message; what only the service may set comes from `before`.
fn details(wire: &pb::Project, reader: &mut Reader, before: Option<&ProjectDetails>) -> ProjectDetails {
    let said = wire.total_amount_printed.as_ref();
    let printed_total = reader.fields.printed_amount("total_amount_printed", said);
    let total_amount = reader.fields.optional_money("total_amount", wire.total_amount.as_ref());
    ProjectDetails {
        printed_total,
        total_amount: total_amount.or_else(|| printed_total.and_then(|said| said.amount().ok())),
        year_plans: year_plans(wire, reader),
        former_owners: before.map(|details| details.former_owners.clone()).unwrap_or_default(),
        cancellation: before.and_then(|details| details.cancellation.clone()),
        start_year: reader.optional_year("start_year", wire.start_year),
        term_years: wire.term_years,
        function_code: wire.function_code.clone(),
        capital_works: wire.capital_works,
        government_purchase: wire.government_purchase,
        scientific: wire.scientific,
        parent_project: reader.id("parent_project", &wire.parent_project, Project::COLLECTION),
        managing_division: wire.managing_division.clone(),
        leader_name: wire.leader_name.clone(),
        leader_phone: wire.leader_phone.clone(),
        planned_start_date: reader
            .fields
            .optional_date("planned_start_date", wire.planned_start_date.as_ref()),
        planned_end_date: reader.fields.optional_date("planned_end_date", wire.planned_end_date.as_ref()),
    }
}
