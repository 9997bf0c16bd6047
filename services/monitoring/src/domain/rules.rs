//! The dated rules that monitoring follows (监控规则), as read from the rule set in force. Data only: every number that
//! decides something is in here and nowhere in the code.

use chrono::{Datelike, NaiveDate, Weekday};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::BudgetAccount;

use super::measure::MeasureKind;
use super::schedule::ScheduleKind;

/// The rules in force for one district and year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Resource name of the rule set that the monitoring section comes from.
    pub rule_set: String,
    /// Lights of execution; the first that fits is used.
    pub execution_lights: Vec<ExecutionLightRule>,
    /// Lights of quantitative indicators; the first that fits is used.
    pub indicator_lights: Vec<IndicatorLightRule>,
    /// Warn when achievement and execution differ by more than this many percentage points.
    pub divergence_points: Option<Decimal>,
    /// Whether an object's light is its worst indicator's.
    pub worst_indicator_decides: bool,
    /// What slow progress means for more money.
    pub supplement: Option<SupplementRule>,
    /// What lights and progress recommend.
    pub consequences: Vec<ConsequenceRule>,
    /// How long a unit has to choose after an alert.
    pub choice: Option<ChoiceDeadline>,
}

/// What one rule set says about monitoring; a section that it does not have says nothing (规则集中的监控部分).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sections {
    /// Lights, schedule and supplements; its `consequences` and `choice` are empty.
    pub monitoring: Option<Rules>,
    /// What lights and progress recommend; empty when the rule set says nothing.
    pub consequences: Vec<ConsequenceRule>,
    /// How long a unit has to choose.
    pub choice: Option<ChoiceDeadline>,
}

/// The rules in force (现行规则): each section from the first rule set that has it. `in_order` starts with the
/// district's own, the newest first. `None` when no rule set has lights.
pub fn effective(in_order: Vec<Sections>) -> Option<Rules> {
    let mut rules = in_order.iter().find_map(|sections| sections.monitoring.clone())?;
    rules.choice = in_order.iter().find_map(|sections| sections.choice);
    rules.consequences = in_order
        .into_iter()
        .map(|sections| sections.consequences)
        .find(|all| !all.is_empty())
        .unwrap_or_default();
    Some(rules)
}

/// What a rule is for (适用范围). Nothing given means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleScope {
    /// Only these accounts.
    pub accounts: Vec<BudgetAccount>,
    /// Only these local project types.
    pub local_project_types: Vec<String>,
    /// Only capital works, or only others.
    pub capital_works: Option<bool>,
}

/// What about an object decides which rules fit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// Account; `None` for a whole department.
    pub account: Option<BudgetAccount>,
    /// Local project type; empty when it has none.
    pub local_project_type: String,
    /// Whether it is capital works.
    pub capital_works: bool,
}

impl Traits {
    /// A department: nothing that a narrower rule could be for.
    pub fn of_department() -> Self {
        Self { account: None, local_project_type: String::new(), capital_works: false }
    }
}

impl RuleScope {
    /// Whether the rule is for this object.
    pub fn fits(&self, object: &Traits) -> bool {
        let account = self.accounts.is_empty() || object.account.is_some_and(|a| self.accounts.contains(&a));
        let local = self.local_project_types.is_empty()
            || self.local_project_types.contains(&object.local_project_type);
        let capital = self.capital_works.is_none_or(|wanted| wanted == object.capital_works);
        account && local && capital
    }
}

/// Lights by budget execution (预算执行预警).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionLightRule {
    /// What it is for.
    pub scope: RuleScope,
    /// What the schedule is.
    pub schedule: ScheduleKind,
    /// What is compared.
    pub method: ExecutionMethod,
}

/// How execution is judged (比较方法).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionMethod {
    /// Rate ÷ schedule × 100 against two thresholds.
    ScheduleShare {
        /// Red below it.
        red_below: Decimal,
        /// Yellow below it.
        yellow_below: Decimal,
    },
    /// Rate against the floor of the last stage that has ended; below it is yellow.
    StagedFloors(Vec<StageFloor>),
}

/// Lowest rate through a month (阶段要求).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFloor {
    /// Through which month.
    pub month: u32,
    /// Lowest rate, a fraction.
    pub rate: Decimal,
}

/// Lights by the achievement of a quantitative indicator (指标完成预警).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorLightRule {
    /// What it is for.
    pub scope: RuleScope,
    /// Red when actual ÷ prorated target × 100 is below it.
    pub red_below: Decimal,
    /// Yellow below it.
    pub yellow_below: Decimal,
    /// Blue from this share on; `None` for never.
    pub blue_share: Option<Decimal>,
    /// Whether blue compares with the whole year's target.
    pub blue_annual_target: bool,
    /// Whether an actual value of zero is red whatever the month.
    pub red_zero_actual: bool,
}

/// How hard a rule binds (约束强度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// 提示: says so and does no more.
    Advisory,
    /// 原则上: blocks, may be overridden.
    Soft,
    /// 禁止: blocks.
    Hard,
}

/// What slow progress means for more money (原则上不予追加).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplementRule {
    /// Whether a department strictly below schedule gets no more.
    pub block_below_schedule: bool,
    /// How hard.
    pub strength: Strength,
}

/// What sets a recommendation off (触发条件). A low rate of execution is none of them: it speaks of next year's budget
/// once the year is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A red light of a project.
    RedLight,
    /// A department below schedule.
    DepartmentBelowSchedule,
}

/// What a light or a progress recommends (结果应用).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsequenceRule {
    /// Code of the rule.
    pub code: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// What is recommended.
    pub measure: MeasureKind,
    /// For a reduction: share of the adjusted budget; `None` leaves the amount to a person.
    pub reduction_share: Option<Decimal>,
    /// The recommendation in one Chinese sentence.
    pub message: String,
}

/// How long a unit has to choose (处置选择时限).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceDeadline {
    /// How many days.
    pub days: u32,
    /// Whether they are working days.
    pub working_days: bool,
}

/// Which days are worked (工作日历): Monday to Friday, but for what the yearly notice says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Weekdays that are off (法定节假日).
    pub holidays: Vec<NaiveDate>,
    /// Weekend days that are worked (调休上班).
    pub make_up_days: Vec<NaiveDate>,
}

impl Calendar {
    /// Whether `day` is worked.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if weekend { self.make_up_days.contains(&day) } else { !self.holidays.contains(&day) }
    }

    /// The day that is `deadline` after `start`, which does not count itself.
    pub fn deadline(&self, start: NaiveDate, deadline: ChoiceDeadline) -> NaiveDate {
        let mut day = start;
        let mut left = deadline.days;
        while left > 0 {
            let Some(next) = day.succ_opt() else { return day };
            day = next;
            if !deadline.working_days || self.is_working_day(day) {
                left = left.saturating_sub(1);
            }
        }
        day
    }
}

impl Rules {
    /// The rule for execution lights and schedule of an object.
    pub fn execution_light(&self, object: &Traits) -> Option<&ExecutionLightRule> {
        self.execution_lights.iter().find(|rule| rule.scope.fits(object))
    }

    /// The rule for the lights of an object's indicators.
    pub fn indicator_light(&self, object: &Traits) -> Option<&IndicatorLightRule> {
        self.indicator_lights.iter().find(|rule| rule.scope.fits(object))
    }

    /// How the schedule of an object runs; by months where no rule says otherwise.
    pub fn schedule_kind(&self, object: &Traits) -> ScheduleKind {
        self.execution_light(object).map_or(ScheduleKind::Months, |rule| rule.schedule)
    }
}
