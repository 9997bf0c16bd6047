//! The input of a year: files as a finance bureau has them (README of the data folder says what each holds).
//!
//! Decimals are read from text and never pass through a float.

pub mod forms;
pub mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::de::DeserializeOwned;

use rows::*;

/// Everything that the files of one folder say.
#[derive(Debug)]
pub struct Data {
    /// The folder.
    pub folder: PathBuf,
    /// Units by code (预算单位).
    pub units: BTreeMap<String, UnitRow>,
    /// Projects by code (项目).
    pub projects: BTreeMap<String, ProjectRow>,
    /// Budget entries (预算变动).
    pub budgets: Vec<BudgetRow>,
    /// Objectives (绩效目标申报表); those for which a form is at hand as the form has them.
    pub objectives: Vec<ObjectiveRow>,
    /// Indicators by budget year and project (绩效指标).
    pub indicators: BTreeMap<(i32, String), Vec<IndicatorRow>>,
    /// Rounds of the collective review (集中会审).
    pub reviews: Vec<ReviewRow>,
    /// Payments (支付).
    pub payments: Vec<PaymentRow>,
    /// Monitoring reports (监控表).
    pub reports: Vec<ReportRow>,
    /// Indicators in them by project.
    pub report_indicators: BTreeMap<String, Vec<ReportIndicatorRow>>,
    /// Measures after monitoring (处置措施).
    pub measures: Vec<MeasureRow>,
    /// Self-evaluations (单位自评).
    pub self_evaluations: Vec<SelfEvaluationRow>,
    /// Indicators in them by evaluated year and project.
    pub self_indicators: BTreeMap<(i32, String), Vec<SelfIndicatorRow>>,
    /// Key evaluations (重点评价).
    pub key_evaluations: Vec<KeyEvaluationRow>,
    /// Their scores by evaluation.
    pub key_scores: BTreeMap<String, Vec<KeyScoreRow>>,
    /// Their findings by evaluation.
    pub findings: BTreeMap<String, Vec<FindingRow>>,
    /// Who took part in them, by evaluation.
    pub panels: BTreeMap<String, Vec<PanelRow>>,
    /// Institutions, experts, deputies and members (参与人).
    pub participants: Vec<ParticipantRow>,
    /// Engagements (委托).
    pub engagements: Vec<EngagementRow>,
    /// Ex-ante evaluations (事前评估).
    pub ex_ante: Vec<ExAnteRow>,
    /// Budget decisions (预算安排).
    pub decisions: Vec<DecisionRow>,
    /// Policies (政策).
    pub policies: Vec<PolicyRow>,
    /// Reviews of expiring policies (到期再评估).
    pub sunset: Vec<SunsetRow>,
    /// Work plans (工作计划).
    pub plans: Vec<PlanRow>,
    /// Their tasks by plan.
    pub plan_tasks: BTreeMap<String, Vec<PlanTaskRow>>,
    /// Training sessions (培训).
    pub trainings: Vec<TrainingRow>,
    /// Publications, a row per audience (公开).
    pub disclosures: Vec<DisclosureRow>,
    /// What is in them.
    pub disclosure_items: Vec<DisclosureItemRow>,
    /// Which figures the summary tells of which case (案例).
    pub cases: Vec<CaseRow>,
    /// The published figures: compared with at the end, read for nothing else.
    pub figures: Vec<FigureRow>,
}

impl Data {
    /// Reads all files of `folder`.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut payments: Vec<PaymentRow> = Vec::new();
        for file in files_like(folder, "payments-", ".csv")? {
            payments.extend(table::<PaymentRow>(folder, &file)?);
        }
        let mut data = Self {
            folder: folder.to_owned(),
            units: keyed(table(folder, "units.csv")?, |row: &UnitRow| row.code.clone()),
            projects: keyed(table(folder, "projects.csv")?, |row: &ProjectRow| row.code.clone()),
            budgets: table(folder, "budgets.csv")?,
            objectives: table(folder, "objectives.csv")?,
            indicators: grouped(table(folder, "indicators.csv")?, |row: &IndicatorRow| {
                (row.year, row.project.clone())
            }),
            reviews: table(folder, "reviews.csv")?,
            payments,
            reports: table(folder, "monitoring-reports.csv")?,
            report_indicators: grouped(
                table(folder, "monitoring-indicators.csv")?,
                |row: &ReportIndicatorRow| row.project.clone(),
            ),
            measures: table(folder, "measures.csv")?,
            self_evaluations: table(folder, "selfevaluations.csv")?,
            self_indicators: grouped(
                table(folder, "selfevaluation-indicators.csv")?,
                |row: &SelfIndicatorRow| (row.year, row.project.clone()),
            ),
            key_evaluations: table(folder, "keyevaluations.csv")?,
            key_scores: grouped(table(folder, "keyevaluation-scores.csv")?, |row: &KeyScoreRow| {
                row.evaluation.clone()
            }),
            findings: grouped(table(folder, "keyevaluation-findings.csv")?, |row: &FindingRow| {
                row.evaluation.clone()
            }),
            panels: grouped(table(folder, "keyevaluation-panel.csv")?, |row: &PanelRow| {
                row.evaluation.clone()
            }),
            participants: table(folder, "panel.csv")?,
            engagements: table(folder, "engagements.csv")?,
            ex_ante: table(folder, "exante.csv")?,
            decisions: table(folder, "decisions.csv")?,
            policies: table(folder, "policies.csv")?,
            sunset: table(folder, "sunset.csv")?,
            plans: table(folder, "plans.csv")?,
            plan_tasks: grouped(table(folder, "plan-tasks.csv")?, |row: &PlanTaskRow| row.plan.clone()),
            trainings: table(folder, "trainings.csv")?,
            disclosures: table(folder, "disclosures.csv")?,
            disclosure_items: table(folder, "disclosure-items.csv")?,
            cases: table(folder, "cases.csv")?,
            figures: table(folder, "figures.csv")?,
        };
        data.take_forms()?;
        Ok(data)
    }

    /// What units handed in as workbooks goes before what the tables say.
    fn take_forms(&mut self) -> Result<()> {
        let folder = self.folder.join("forms");
        for file in files_like(&folder, "", ".xlsx")? {
            let form = forms::read(&folder.join(&file)).with_context(|| format!("forms/{file}"))?;
            let filed = self
                .objectives
                .iter_mut()
                .find(|row| row.year == form.year && row.project == form.project)
                .with_context(|| format!("forms/{file} is of no objective in objectives.csv"))?;
            form.head.apply(filed);
            let tabled = self.indicators.remove(&(form.year, form.project.clone())).unwrap_or_default();
            let mut indicators = form.indicators;
            for indicator in &mut indicators {
                // The printed form has no room for the scoring standards.
                let same = tabled.iter().find(|row| row.number == indicator.number);
                indicator.standard = same.map(|row| row.standard.clone()).unwrap_or_default();
            }
            self.indicators.insert((form.year, form.project), indicators);
        }
        Ok(())
    }

    /// A project, by code.
    pub fn project(&self, code: &str) -> Result<&ProjectRow> {
        self.projects.get(code).with_context(|| format!("projects.csv has no project {code}"))
    }

    /// A unit, by code.
    pub fn unit(&self, code: &str) -> Result<&UnitRow> {
        self.units.get(code).with_context(|| format!("units.csv has no unit {code}"))
    }

    /// The objective of a project in a year.
    pub fn objective(&self, year: i32, project: &str) -> Result<&ObjectiveRow> {
        let found = self.objectives.iter().find(|row| row.year == year && row.project == project);
        found.with_context(|| format!("objectives.csv has no objective {year} of {project}"))
    }

    /// The indicators of that objective.
    pub fn indicators_of(&self, year: i32, project: &str) -> Result<&[IndicatorRow]> {
        let found = self.indicators.get(&(year, project.to_owned()));
        Ok(found.with_context(|| format!("indicators.csv has nothing for {year} {project}"))?)
    }

    /// The department or street at the head of a unit's branch: its first three digits.
    pub fn department_of<'u>(&self, unit: &'u str) -> &'u str {
        unit.get(..3).unwrap_or(unit)
    }
}

/// The rows of a table, in their order.
fn table<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>> {
    let path = folder.join(name);
    let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
    let rows: Result<Vec<T>, _> = reader.deserialize().collect();
    let rows = rows.with_context(|| path.display().to_string())?;
    ensure!(!rows.is_empty(), "{} has no row", path.display());
    Ok(rows)
}

fn files_like(folder: &Path, start: &str, end: &str) -> Result<Vec<String>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut names: Vec<String> = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<_>>()
        .with_context(|| folder.display().to_string())?;
    names.retain(|name| name.starts_with(start) && name.ends_with(end));
    names.sort();
    Ok(names)
}

fn keyed<T, K: Ord>(rows: Vec<T>, key: impl Fn(&T) -> K) -> BTreeMap<K, T> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

fn grouped<T, K: Ord>(rows: Vec<T>, key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<T>> {
    let mut groups: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
