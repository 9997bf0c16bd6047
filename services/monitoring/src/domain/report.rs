//! The monitoring form and its way through review (绩效运行监控表).

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, Money};

use super::action::ReportAction;
use super::execution::{self, Amounts, FundingLine};
use super::form::{Entry, Funding, FundingEntry, Remark, Row, RowEntry};
use super::judging::Lights;
use super::refusal::{Missing, Refusal};
use super::round::{KeyCriterion, MonitoredKind};
use super::rules::{Rules, Traits};
use super::schedule::Share;

wenxiao_kernel::vocabulary! {
    /// Where a report stands (审核状态).
    ReportState {
        /// 待填报.
        Draft = "draft",
        /// 已报送.
        Submitted = "submitted",
        /// 主管部门已审核.
        Endorsed = "endorsed",
        /// 已退回.
        Returned = "returned",
        /// 终审通过.
        Accepted = "accepted",
    }
}

wenxiao_kernel::vocabulary! {
    /// What the final approval concludes (审核结论).
    Conclusion {
        /// 正常.
        Normal = "normal",
        /// 需调整目标.
        AdjustObjective = "adjust_objective",
        /// 需整改.
        Rectify = "rectify",
    }
}

/// The form of one object in one round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Round that it belongs to.
    pub round: String,
    /// Id: the object's own.
    pub id: String,
    /// What is monitored.
    pub kind: MonitoredKind,
    /// Its name.
    pub title: String,
    /// Unit that fills, by id.
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department that answers, by id.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Figures count from January to this month.
    pub end_month: u32,
    /// What decides which rules fit.
    pub traits: Traits,
    /// Objective that is monitored, by id.
    pub objective: String,
    /// Its version.
    pub objective_version: i64,
    /// Its text.
    pub objective_text: String,
    /// Money by source.
    pub fundings: Vec<Funding>,
    /// Indicators.
    pub rows: Vec<Row>,
    /// Planned progress at the end of the stage.
    pub schedule: Share,
    /// Physical progress at the end of the stage; `None` without milestones.
    #[serde(default)]
    pub physical_progress: Option<Decimal>,
    /// Why a key round takes it.
    #[serde(default)]
    pub key_criteria: Vec<KeyCriterion>,
    /// What the year was forecast to come to when the round was opened; `None` when history said too little.
    #[serde(default)]
    pub forecast: Option<Money>,
    /// Whether a department does its duty, where the rules ask for it.
    #[serde(default)]
    pub duty_fulfilled: Option<bool>,
    /// Lights and how they came about.
    pub lights: Lights,
    /// Where it stands.
    pub state: ReportState,
    /// How often it was submitted.
    pub revision_count: i32,
    /// When it was last submitted.
    pub submit_time: Option<DateTime<Utc>>,
    /// Who submitted it last.
    pub submitter: String,
    /// Everybody who has filled or submitted it: none of them reviews it.
    #[serde(default)]
    pub writers: Vec<String>,
    /// Whether the first submission missed the deadline.
    pub late: bool,
    /// How often it was returned.
    pub return_count: i32,
    /// Why it was last returned.
    pub return_reason: String,
    /// What to change.
    pub remarks: Vec<Remark>,
    /// What the department said.
    pub endorsement: String,
    /// What the final approval concluded.
    pub conclusion: Option<Conclusion>,
    /// What is demanded.
    pub rectification_advice: String,
    /// What came of it.
    pub rectification_conclusion: String,
    /// When it was accepted.
    pub accept_time: Option<DateTime<Utc>>,
    /// Institution that reviews it; empty when none does.
    pub institution: String,
    /// Who filled it.
    pub filler: String,
    /// Telephone.
    pub telephone: String,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl Report {
    /// Money of all sources together.
    pub fn amounts(&self) -> Amounts {
        let lines = self.fundings.iter().map(|funding| funding.line.amounts);
        lines.fold(Amounts::default(), |sum, one| sum.checked_add(one).unwrap_or(sum))
    }

    /// Rate of execution that the unit expects for the year, of the adjusted budget; 0 before it says.
    pub fn expected_rate(&self) -> Decimal {
        let expected = Money::total(self.fundings.iter().filter_map(|funding| funding.expected));
        execution::rate(expected.unwrap_or_default(), self.amounts().adjusted())
    }

    /// Fills the form (填报) and judges it anew.
    pub fn fill(&mut self, entry: Entry, rules: &Rules, writer: &str) -> Result<(), Refusal> {
        self.state_allows(ReportAction::Update)?;
        let mut unfit = self.fill_rows(entry.rows.unwrap_or_default());
        unfit.extend(self.fill_fundings(&entry.fundings.unwrap_or_default()));
        if !unfit.is_empty() {
            return Err(Refusal::Unfit(unfit));
        }
        self.filler = entry.filler.unwrap_or_else(|| std::mem::take(&mut self.filler));
        self.telephone = entry.telephone.unwrap_or_else(|| std::mem::take(&mut self.telephone));
        self.duty_fulfilled = entry.duty_fulfilled.unwrap_or(self.duty_fulfilled);
        self.note_writer(writer);
        self.judge(rules);
        Ok(())
    }

    fn note_writer(&mut self, writer: &str) {
        if !self.writers.iter().any(|one| one == writer) {
            self.writers.push(writer.to_owned());
        }
    }

    /// Whether somebody has filled or submitted it, now or in an earlier round of it.
    pub fn is_by(&self, person: &str) -> bool {
        self.writers.iter().any(|one| one == person)
    }

    /// Fills the rows, and says which the form does not have.
    fn fill_rows(&mut self, entries: Vec<(String, RowEntry)>) -> Vec<Missing> {
        let mut unfit = Vec::new();
        for (id, filled) in entries {
            match self.rows.iter_mut().find(|row| row.indicator == id) {
                Some(row) => row.fill(filled),
                None => unfit.push(Missing::new(
                    format!("report.indicators[{id}]"),
                    "监控表中没有该指标",
                    "the report has no such indicator",
                )),
            }
        }
        unfit
    }

    /// Fills the funding lines, and says which the form does not have or has more than once.
    fn fill_fundings(&mut self, entries: &[FundingEntry]) -> Vec<Missing> {
        let mut unfit = Vec::new();
        for entry in entries {
            let mut meant = self.fundings.iter_mut().filter(|funding| entry.means(&funding.line));
            match (meant.next(), meant.next()) {
                (Some(funding), None) => funding.expected = entry.expected,
                (Some(_), Some(_)) => unfit.push(Missing::new(
                    format!("{}.budget_account", entry.field()),
                    "多个预算账户有该资金来源，请写明账户",
                    "several accounts have this funding source: say which is meant",
                )),
                (None, _) => unfit.push(Missing::new(
                    entry.field(),
                    "监控表中没有该资金来源",
                    "the report has no such funding source",
                )),
            }
        }
        unfit
    }

    /// A funding line as an entry names it: with its account where several have the source.
    fn named(&self, line: &FundingLine) -> FundingEntry {
        let of_source = self.fundings.iter().filter(|one| one.line.funding_source == line.funding_source);
        let account = (of_source.count() > 1).then_some(line.account);
        FundingEntry { account, funding_source: line.funding_source, expected: None }
    }

    /// What the form still lacks (DOMAIN 4.2: text fields are content and not decoration).
    pub fn missing(&self, rules: &Rules) -> Vec<Missing> {
        let mut missing: Vec<Missing> = self.rows.iter().flat_map(Row::missing).collect();
        if self.department_rule(rules).is_some() && self.duty_fulfilled.is_none() {
            missing.push(Missing::new(
                "report.duty_fulfilled",
                "未填写部门履职情况",
                "whether the department does its duty is missing",
            ));
        }
        for funding in self.fundings.iter().filter(|funding| funding.expected.is_none()) {
            missing.push(Missing::new(
                format!("{}.expected_amount", self.named(&funding.line).field()),
                "未填写全年预计执行数",
                "the amount expected for the whole year is missing",
            ));
        }
        missing
    }

    /// Submits the form (报送). Returns the number of the revision.
    pub fn submit(
        &mut self,
        rules: &Rules,
        submitter: &str,
        late: bool,
        now: DateTime<Utc>,
    ) -> Result<i32, Refusal> {
        self.state_allows(ReportAction::Submit)?;
        let missing = self.missing(rules);
        if !missing.is_empty() {
            return Err(Refusal::Incomplete(missing));
        }
        if self.revision_count == 0 {
            self.late = late;
        }
        self.state = ReportState::Submitted;
        self.revision_count = self.revision_count.saturating_add(1);
        self.submit_time = Some(now);
        submitter.clone_into(&mut self.submitter);
        self.note_writer(submitter);
        self.endorsement.clear();
        Ok(self.revision_count)
    }

    /// The competent department passes it on (主管部门审核).
    pub fn endorse(&mut self, comment: &str) -> Result<(), Refusal> {
        self.state_allows(ReportAction::Endorse)?;
        self.state = ReportState::Endorsed;
        comment.clone_into(&mut self.endorsement);
        Ok(())
    }

    /// Sends it back (退回修改).
    pub fn send_back(&mut self, reason: &str, remarks: Vec<Remark>) -> Result<(), Refusal> {
        self.state_allows(ReportAction::Return)?;
        let unknown = remarks.iter().filter(|remark| {
            !remark.indicator.is_empty() && !self.rows.iter().any(|row| row.indicator == remark.indicator)
        });
        let unfit: Vec<Missing> = unknown
            .map(|remark| {
                Missing::new(
                    format!("remarks[{}].indicator", remark.indicator),
                    "监控表中没有该指标",
                    "the report has no such indicator",
                )
            })
            .collect();
        if !unfit.is_empty() {
            return Err(Refusal::Unfit(unfit));
        }
        self.state = ReportState::Returned;
        self.return_count = self.return_count.saturating_add(1);
        reason.clone_into(&mut self.return_reason);
        self.remarks = remarks;
        Ok(())
    }

    /// Approves it finally (终审).
    pub fn accept(
        &mut self,
        conclusion: Conclusion,
        advice: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.state_allows(ReportAction::Accept)?;
        if conclusion == Conclusion::Rectify && advice.trim().is_empty() {
            let missing = Missing::new(
                "rectification_advice",
                "结论为需整改时须填写整改要求和建议",
                "must say what is demanded when the conclusion is RECTIFY",
            );
            return Err(Refusal::Unfit(vec![missing]));
        }
        self.state = ReportState::Accepted;
        self.conclusion = Some(conclusion);
        advice.clone_into(&mut self.rectification_advice);
        self.accept_time = Some(now);
        self.return_reason.clear();
        self.remarks.clear();
        Ok(())
    }

    /// Records what came of a demanded rectification (整改结果和结论).
    pub fn conclude_rectification(&mut self, conclusion: &str) -> Result<(), Refusal> {
        self.state_allows(ReportAction::ConcludeRectification)?;
        conclusion.clone_into(&mut self.rectification_conclusion);
        Ok(())
    }

    /// Whether an opinion may be given now, by this institution.
    pub fn must_await_opinion_of(&self, institution: &str) -> Result<(), Refusal> {
        self.state_allows(ReportAction::CreateOpinion)?;
        if self.institution.is_empty() || self.institution != institution {
            return Err(Refusal::ReviewerNotAssigned(institution.to_owned()));
        }
        Ok(())
    }
}
