//! What a round asks of whom when it is opened: one prefilled form per object in scope (下达监控任务).

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use wenxiao_kernel::{BudgetAccount, Money};

use super::execution::{Amounts, FundingLine};
use super::form::{Funding, LastValue, ObjectiveForm};
use super::judging::Lights;
use super::report::{Report, ReportState};
use super::round::{Candidate, MonitoredKind, Round};
use super::rules::{Rules, Traits};
use super::schedule::{Milestone, Share, month_end, physical_progress, schedule};

/// An object with a ratified objective.
#[derive(Clone, Debug)]
pub struct Object {
    /// What it is.
    pub kind: MonitoredKind,
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Unit that fills, by id.
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department that answers, by id.
    pub department: String,
    /// What decides which rules fit.
    pub traits: Traits,
    /// Objective, by id.
    pub objective: String,
    /// Its version.
    pub version: i64,
    /// Its form.
    pub form: ObjectiveForm,
    /// Planned progress, for construction.
    pub milestones: Vec<Milestone>,
}

/// Funding lines up to the end of the stage.
#[derive(Clone, Debug, Default)]
pub struct FundingLines {
    /// By project id.
    pub of_projects: HashMap<String, Vec<FundingLine>>,
    /// Projects whose money together is that of a department or a policy (政策资金由关联项目构成), by the id of either.
    pub parts: HashMap<(MonitoredKind, String), Vec<String>>,
}

impl FundingLines {
    /// The projects whose money is an object's.
    pub fn projects_of<'a>(&'a self, object: &'a Object) -> &'a [String] {
        match object.kind {
            MonitoredKind::Project => std::slice::from_ref(&object.id),
            whole @ (MonitoredKind::Policy | MonitoredKind::Department) => {
                self.parts.get(&(whole, object.id.clone())).map(Vec::as_slice).unwrap_or_default()
            }
        }
    }

    fn of_project(&self, project: &str) -> &[FundingLine] {
        self.of_projects.get(project).map(Vec::as_slice).unwrap_or_default()
    }

    /// An object's money by account and source.
    fn of(&self, object: &Object) -> Vec<FundingLine> {
        let mut sums: BTreeMap<(BudgetAccount, i32), Amounts> = BTreeMap::new();
        for line in self.projects_of(object).iter().flat_map(|project| self.of_project(project)) {
            let sum = sums.entry((line.account, line.funding_source)).or_default();
            *sum = sum.checked_add(line.amounts).unwrap_or(*sum);
        }
        let line = |((account, funding_source), amounts)| FundingLine { account, funding_source, amounts };
        sums.into_iter().map(line).collect()
    }

    /// All of a project's money together.
    pub fn amounts_of_project(&self, project: &str) -> Amounts {
        total(self.of_project(project))
    }
}

fn total(lines: &[FundingLine]) -> Amounts {
    lines.iter().fold(Amounts::default(), |sum, line| sum.checked_add(line.amounts).unwrap_or(sum))
}

/// What a form is prefilled with besides the objective: money, what was reported before, what the year will come to.
#[derive(Clone, Debug, Default)]
pub struct Prefill {
    /// Money up to the end of the stage.
    pub money: FundingLines,
    /// What was accepted last before, by object id and indicator.
    pub last: HashMap<(String, String), LastValue>,
    /// Forecasts of the year, by project id; none where history says too little.
    pub forecasts: HashMap<String, Money>,
}

impl Prefill {
    /// What the year will come to: the sum over an object's projects that have money in it. `None` where there is none, or
    /// history says too little of any: a sum of some would look like all.
    fn forecast(&self, object: &Object) -> Option<Money> {
        let projects = self.money.projects_of(object).iter();
        let mut with_money = projects.filter(|project| !self.money.of_project(project).is_empty()).peekable();
        with_money.peek()?;
        with_money.try_fold(Money::ZERO, |sum, project| sum.checked_add(*self.forecasts.get(project)?))
    }
}

/// The prefilled forms of every object that the round takes.
pub fn reports(
    round: &Round,
    rules: &Rules,
    objects: Vec<Object>,
    prefill: &Prefill,
    now: DateTime<Utc>,
) -> Vec<Report> {
    let mut reports = Vec::new();
    let day = month_end(round.fiscal_year, round.end_month);
    for object in objects {
        let lines = prefill.money.of(&object);
        let kind = rules.schedule_kind(&object.traits);
        let candidate = Candidate {
            kind: object.kind,
            id: &object.id,
            department: &object.department,
            account: object.traits.account,
            amounts: total(&lines),
            schedule: schedule(&kind, round.fiscal_year, day, &object.milestones),
        };
        if let Some(criteria) = round.takes(rules, &candidate) {
            let mut report = Report {
                schedule: candidate.schedule,
                physical_progress: physical_progress(&object.milestones, day),
                key_criteria: criteria,
                forecast: prefill.forecast(&object),
                fundings: lines.into_iter().map(|line| Funding { line, expected: None }).collect(),
                ..blank(round, object, now)
            };
            for row in &mut report.rows {
                row.last = prefill.last.get(&(report.id.clone(), row.indicator.clone())).cloned();
            }
            report.judge(rules);
            reports.push(report);
        }
    }
    reports
}

fn blank(round: &Round, object: Object, now: DateTime<Utc>) -> Report {
    Report {
        round: round.id.clone(),
        id: object.id,
        kind: object.kind,
        title: object.title,
        unit: object.unit,
        agency_code: object.agency_code,
        institution: round.reviewer(&object.department).to_owned(),
        department: object.department,
        fiscal_year: round.fiscal_year,
        end_month: round.end_month,
        traits: object.traits,
        objective: object.objective,
        objective_version: object.version,
        objective_text: object.form.text,
        fundings: Vec::new(),
        rows: object.form.rows,
        schedule: Share::ONE,
        physical_progress: None,
        key_criteria: Vec::new(),
        forecast: None,
        duty_fulfilled: None,
        lights: Lights::default(),
        state: ReportState::Draft,
        revision_count: 0,
        submit_time: None,
        submitter: String::new(),
        writers: Vec::new(),
        late: false,
        return_count: 0,
        return_reason: String::new(),
        remarks: Vec::new(),
        endorsement: String::new(),
        conclusion: None,
        rectification_advice: String::new(),
        rectification_conclusion: String::new(),
        accept_time: None,
        filler: String::new(),
        telephone: String::new(),
        create_time: now,
        update_time: now,
        version: 1,
    }
}
