//! PrecheckObjective: which form is meant, and what is said about it.

use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::{Call, Result};

use super::form;
use crate::domain::form::Form;
use crate::domain::objective::{Objective, Subject};
use crate::domain::precheck::{self, Draft, Neighbour};
use crate::domain::rules::FormRules;
use crate::names;
use crate::registry::Registry;
use crate::store::similar::Place;

/// In place of an objective's identifier: the form is not stored.
pub const NOT_STORED: &str = "-";

/// Most forms that read alike which an answer names.
const ALIKE: usize = 10;

/// A form to be checked, stored or not.
pub struct Paper {
    /// Budget year.
    pub fiscal_year: i32,
    id: String,
    subject: Subject,
    unit: String,
    title: String,
    form: Form,
}

impl Paper {
    /// Where it stands among the forms of the district.
    pub fn place(&self) -> Place<'_> {
        Place {
            id: &self.id,
            subject: &self.subject,
            unit: &self.unit,
            fiscal_year: self.fiscal_year,
            goal: &self.form.annual_goal,
        }
    }
}

/// The stored form, or what the caller would put in its place.
pub fn stored(objective: Objective, content: Option<&wire::ObjectiveContent>) -> Result<Paper> {
    let edited = content.map(read).transpose()?;
    Ok(Paper {
        fiscal_year: objective.fiscal_year.as_i32(),
        id: objective.id,
        subject: objective.subject,
        unit: objective.unit.id,
        title: objective.display_name,
        form: edited.unwrap_or(objective.form),
    })
}

/// A form that is not created yet: its subject says whose it would be.
pub async fn unsaved(
    registry: &Registry,
    call: &Call<wire::PrecheckObjectiveRequest>,
) -> Result<(Paper, Facts)> {
    let (district, ask) = (call.district()?, &call.message);
    let mut fields = Fields::default();
    let fiscal_year = fields.year("fiscal_year", ask.fiscal_year);
    let given = ask.content.clone().unwrap_or_default();
    let form = form::read(&mut fields, "content", &given);
    if ask.content.is_none() {
        fields.reject("content", "未提供申报表内容", "must be set for a form that is not stored");
    }
    let subject = subject_of(district, &ask.subject).unwrap_or_else(|| {
        fields.reject(
            "subject",
            "须指定本区的项目、政策或部门",
            "name a project, policy or unit of the district",
        );
        Subject::Project(String::new())
    });
    fields.check()?;
    let known = registry.subject(district, &subject).await?;
    let facts = Facts::of(&ask.name).unit(&known.owner.unit.code);
    let paper = Paper {
        fiscal_year: fiscal_year.as_i32(),
        id: String::new(),
        subject,
        unit: known.owner.unit.id,
        title: known.display_name,
        form,
    };
    Ok((paper, facts))
}

/// The subject that a resource name of the district means.
fn subject_of(district: DistrictCode, name: &str) -> Option<Subject> {
    let collection = name.split('/').nth(2)?;
    let (pattern, of): (_, fn(String) -> Subject) = match collection {
        "projects" => (names::PROJECT, Subject::Project),
        "policies" => (names::POLICY, Subject::Policy),
        "units" => (names::UNIT, Subject::WholeDepartment),
        _ => return None,
    };
    names::referred(district, "subject", name, pattern).ok().map(of)
}

fn read(content: &wire::ObjectiveContent) -> Result<Form> {
    let mut fields = Fields::default();
    let form = form::read(&mut fields, "content", content);
    fields.check()?;
    Ok(form)
}

/// Everything that the rules say of a form.
pub fn answer(paper: &Paper, neighbours: &[Neighbour], rules: &FormRules) -> wire::PrecheckObjectiveResponse {
    let draft = Draft { form: &paper.form, subject: &paper.subject, title: &paper.title, neighbours };
    let remarks = precheck::check(draft, rules);
    let alike = precheck::alike(&paper.form.annual_goal, neighbours).into_iter();
    let similar = alike.take(ALIKE).map(|(share, other)| wire::SimilarObjective {
        objective: other.name.clone(),
        display_name: other.title.clone(),
        fiscal_year: other.fiscal_year,
        same_subject: other.same_subject,
        similarity: Some(convert::decimal(share)),
    });
    let unknown = rules.precheck.rules.iter().filter(|rule| precheck::codes().all(|code| code != rule.code));
    wire::PrecheckObjectiveResponse {
        submittable: precheck::is_submittable(&remarks),
        remarks: form::write_remarks(&remarks),
        rule_set: rules.rule_set.clone(),
        similar_objectives: similar.collect(),
        precheck_rule_set: rules.precheck.rule_set.clone(),
        unknown_rules: unknown.map(|rule| rule.code.clone()).collect(),
    }
}
