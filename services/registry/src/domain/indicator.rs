//! The indicator library (指标库): what an indicator says, and how one comes into the library and goes out of it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Operator, vocabulary};

use super::frame::{Frame, NodeKind};
use super::project::ProjectCategory;
use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// Whether an indicator may be used (状态).
    IndicatorState {
        /// 待确认.
        Draft = "draft",
        /// 部门已确认.
        Endorsed = "endorsed",
        /// 已入库.
        Confirmed = "confirmed",
        /// 已停用.
        Retired = "retired",
        /// 未通过.
        Refused = "refused",
    }
}

/// Who proposed an indicator, and how far that has come (入库申请).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// 申请单位.
    pub unit: AgencyCode,
    /// Identifier of the project from whose form it was taken.
    pub project: Option<String>,
    /// 申请理由.
    pub reason: String,
    /// Who proposed it.
    pub proposer: String,
    /// When.
    pub propose_time: DateTime<Utc>,
    /// When the department confirmed it.
    pub endorse_time: Option<DateTime<Utc>>,
}

/// A level-three indicator of the library (指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Identifier.
    pub id: String,
    /// 代码.
    pub code: String,
    /// 指标名称.
    pub title: String,
    /// Identifier of the frame.
    pub frame: String,
    /// Code of the level-two node.
    pub node_code: String,
    /// 共性指标.
    pub common: bool,
    /// Department that a specific indicator belongs to.
    pub unit: Option<AgencyCode>,
    /// 计算符号.
    pub operator: Option<Operator>,
    /// 计量单位.
    pub measure_unit: String,
    /// 指标解释.
    pub value_description: String,
    /// 参考值.
    pub suggested_value: String,
    /// 评分标准.
    pub scoring_standard: String,
    /// 数据来源.
    pub data_source: String,
    /// 关键词.
    pub keywords: Vec<String>,
    /// 启用日期.
    pub start_date: Option<NaiveDate>,
    /// 停用日期.
    pub end_date: Option<NaiveDate>,
    /// Whether it may be used.
    pub state: IndicatorState,
    /// 适用项目类别; empty for all.
    #[serde(default)]
    pub project_categories: Vec<ProjectCategory>,
    /// 入库申请; none for one that the bureau entered.
    #[serde(default)]
    pub proposal: Option<Proposal>,
    /// 未通过原因.
    #[serde(default)]
    pub refusal_reason: String,
    /// Words of title and keywords, by which it is found: cut when it is written, with spaces between.
    #[serde(default)]
    pub words: String,
}

impl Indicator {
    /// What an indicator must be, hanging in its frame.
    pub fn check(&self, frame: &Frame) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        let node = frame.level_two(&self.node_code);
        checks.rule(
            node.is_some(),
            "node_code",
            "框架中没有这个二级指标",
            "is no level-two node of the frame",
        );
        checks.rule(
            self.common == self.unit.is_none(),
            "unit",
            "个性指标须有所属部门，共性指标没有",
            "a specific indicator belongs to a department, a common one to none",
        );
        checks.rule(
            self.start_date.zip(self.end_date).is_none_or(|(start, end)| start <= end),
            "end_date",
            "停用日期早于启用日期",
            "lies before the first day",
        );
        // 统战特别费 ≥17.4 万元 as a cost indicator asks for more spending.
        let more_is_better = matches!(self.operator, Some(Operator::AtLeast | Operator::MoreThan));
        checks.rule(
            !(more_is_better && node.is_some_and(|node| measures_cost(node.kind))),
            "operator",
            "成本指标应当控制支出，计算符号不能是“≥”或“＞”",
            "a cost indicator limits spending and cannot ask for at least a value",
        );
        checks.rule(
            !self.numeric() || self.suggested_value.is_empty() || is_number(&self.suggested_value),
            "suggested_value",
            "定量指标的参考值须是数值",
            "of a quantitative indicator must be a number",
        );
        let home = self.unit.as_ref().zip(self.proposal.as_ref()).filter(|_| self.is_proposed());
        checks.rule(
            home.is_none_or(|(unit, proposal)| *unit == proposal.unit.department()),
            "unit",
            "申请入库的个性指标须属于申请单位的主管部门",
            "a specific indicator that is proposed belongs to the proposer's department",
        );
        checks.done()
    }

    /// What an indicator needs to be used on forms: without it a unit would not know what to fill or how it is scored.
    fn check_usable(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            self.operator.is_some(),
            "operator",
            "入库须填写计算符号",
            "is required to take it into the library",
        );
        checks.rule(
            !self.scoring_standard.trim().is_empty(),
            "scoring_standard",
            "入库须填写评分标准",
            "is required to take it into the library",
        );
        checks.rule(
            !self.numeric() || !self.measure_unit.trim().is_empty(),
            "measure_unit",
            "定量指标须填写计量单位",
            "is required of a quantitative indicator",
        );
        // A percentage without formula and source is a false quantification (假量化): 社会效益明显 ≥95%.
        let traceable = !self.value_description.trim().is_empty() || !self.data_source.trim().is_empty();
        checks.rule(
            !self.measure_unit.contains('%') || traceable,
            "value_description",
            "以百分比计量的指标须说明计算公式或数据来源",
            "a percentage needs its formula or the source of its data",
        );
        checks.done()
    }

    /// Whether it is proposed and waits for the department or the bureau.
    fn is_proposed(&self) -> bool {
        self.proposal.is_some() && matches!(self.state, IndicatorState::Draft | IndicatorState::Endorsed)
    }

    /// Hands it from `unit` to `heir`: the department that it belongs to, and the unit of a proposal that somebody has yet
    /// to confirm. Who proposed what is in the library stays as it was. Says whether that changed anything.
    pub fn hand_over(&mut self, unit: &AgencyCode, heir: &AgencyCode) -> bool {
        let proposed = self.is_proposed();
        let proposal = self.proposal.as_mut().filter(|proposal| proposed && proposal.unit == *unit);
        let passes = self.unit.as_ref() == Some(unit) || proposal.is_some() && self.unit.is_some();
        if passes {
            self.unit = Some(heir.department());
        }
        let proposes = proposal.map(|proposal| proposal.unit = heir.clone()).is_some();
        passes || proposes
    }

    /// Enters it as a proposal. What a department itself proposes needs no confirmation by the department.
    pub fn propose(&mut self, proposal: Proposal, by_department: bool) {
        let endorsed = by_department && proposal.unit == proposal.unit.department();
        self.state = if endorsed { IndicatorState::Endorsed } else { IndicatorState::Draft };
        let endorse_time = endorsed.then_some(proposal.propose_time);
        self.proposal = Some(Proposal { endorse_time, ..proposal });
    }

    /// The department confirms a proposal.
    pub fn endorse(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.leave(&[IndicatorState::Draft])?;
        let wrong_state = self.wrong_state();
        let proposal = self.proposal.as_mut().ok_or(wrong_state)?;
        proposal.endorse_time = Some(now);
        self.state = IndicatorState::Endorsed;
        Ok(())
    }

    /// Takes a draft of the bureau's, or a proposal that the department has confirmed, into the library.
    pub fn confirm(&mut self) -> Result<(), Refusal> {
        let from = if self.proposal.is_some() { IndicatorState::Endorsed } else { IndicatorState::Draft };
        self.leave(&[from])?;
        self.check_usable()?;
        self.state = IndicatorState::Confirmed;
        Ok(())
    }

    /// Refuses it for good.
    pub fn refuse(&mut self, reason: &str) -> Result<(), Refusal> {
        self.leave(&[IndicatorState::Draft, IndicatorState::Endorsed])?;
        let mut checks = Checks::default();
        checks.filled(reason, "reason");
        checks.done()?;
        self.state = IndicatorState::Refused;
        reason.clone_into(&mut self.refusal_reason);
        Ok(())
    }

    /// Takes it out of use after a day. What was enabled on a day that is past stays so.
    pub fn retire(&mut self, end_date: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        self.leave(&[IndicatorState::Confirmed])?;
        let mut checks = Checks::default();
        checks.rule(
            today <= end_date && self.start_date.is_none_or(|start| start <= end_date),
            "end_date",
            "停用日期不能早于今天或启用日期",
            "lies before today or before the first day",
        );
        checks.done()?;
        self.state = IndicatorState::Retired;
        self.end_date = Some(end_date);
        Ok(())
    }

    /// A retired or refused indicator never changes; one that somebody has confirmed keeps its place, so that what
    /// uses it, and who confirmed it, still means the same.
    pub fn check_change_from(&self, before: &Self) -> Result<(), Refusal> {
        let kept = (&self.code, &self.frame, &self.node_code, self.operator, self.common, &self.unit)
            == (&before.code, &before.frame, &before.node_code, before.operator, before.common, &before.unit);
        match before.state {
            IndicatorState::Draft => Ok(()),
            IndicatorState::Endorsed if kept => Ok(()),
            IndicatorState::Confirmed if kept => self.check_usable(),
            _ => Err(before.wrong_state()),
        }
    }

    /// Whether it states a number.
    fn numeric(&self) -> bool {
        self.operator.is_some_and(|operator| !matches!(operator, Operator::Qualitative | Operator::Range))
    }

    fn leave(&self, states: &[IndicatorState]) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(self.wrong_state()) }
    }

    fn wrong_state(&self) -> Refusal {
        Refusal::State { resource: self.id.clone(), state: self.state.as_str().to_owned() }
    }
}

fn measures_cost(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Cost | NodeKind::EconomicCost | NodeKind::SocialCost | NodeKind::EcologicalCost)
}

/// Whether a text is a number, as forms write one: 95, 95%, 1,200.5.
fn is_number(text: &str) -> bool {
    let bare: String = text.trim().trim_end_matches('%').chars().filter(|sign| *sign != ',').collect();
    bare.parse::<Decimal>().is_ok()
}

#[cfg(test)]
mod tests;
