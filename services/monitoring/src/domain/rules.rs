//! The dated rules that monitoring follows (监控规则), as read from the rule set in force. Data only: every number that
//! decides something is in here and nowhere in the code.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::calendar::Calendar;
use wenxiao_kernel::{BudgetAccount, Money};

use super::forecast::ForecastRule;
use super::light::Light;
use super::measure::MeasureKind;
use super::schedule::{ScheduleKind, StageFloor};

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
    /// Lights of what is expected for the whole year; the first that fits is used.
    #[serde(default)]
    pub forecast_lights: Vec<ForecastLightRule>,
    /// What audit practice calls abnormal.
    #[serde(default)]
    pub audit: Option<AuditRule>,
    /// Light of a whole department by duty and goal; `None` for the worst indicator's.
    #[serde(default)]
    pub department_light: Option<DepartmentLightRule>,
    /// Which objects a key round takes.
    #[serde(default)]
    pub key_round: Option<KeyRoundRule>,
    /// What follows when a unit does not choose in time.
    #[serde(default)]
    pub unanswered: Unanswered,
    /// How much history a forecast rests on.
    #[serde(default)]
    pub forecast: ForecastRule,
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
    /// Whether a target that is to be met exactly is green only when it is, and not prorated.
    #[serde(default)]
    pub equal_exact: bool,
}

/// Lights by what is expected for the whole year (全年预计完成情况偏离度预警): expected ÷ target × 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastLightRule {
    /// What it is for.
    pub scope: RuleScope,
    /// Red below it.
    pub red_below: Decimal,
    /// Yellow below it.
    pub yellow_below: Decimal,
    /// Blue from it on; `None` for never.
    pub blue_share: Option<Decimal>,
}

/// What audit practice calls abnormal (审计口径): each limit warns, `None` does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRule {
    /// Abnormal when rate ÷ schedule × 100 is below it.
    pub execution_below: Option<Decimal>,
    /// Abnormal when it is above it.
    pub execution_above: Option<Decimal>,
    /// Payment ahead of the works by more than so many percentage points is idle money.
    pub idle_money_points: Option<Decimal>,
}

/// Light of a whole department by two questions (履职与目标).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentLightRule {
    /// Duty done, goal met.
    pub both_met: Light,
    /// Duty done, goal missed.
    pub goal_missed: Light,
    /// Duty not done, whatever the goal.
    pub duty_missed: Light,
}

/// Which objects a key round takes (重点监控选取标准): those that meet any criterion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRoundRule {
    /// Behind schedule by more than so many percentage points.
    pub lag_points: Option<Decimal>,
    /// An adjusted budget of at least so much.
    pub large_amount: Option<Money>,
    /// Whether projects count that the round names for the attention they get.
    pub social_attention: bool,
}

/// What follows when a unit does not choose in time (逾期未答复).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// Nothing by itself.
    #[default]
    Nothing,
    /// A suspension is proposed.
    Propose,
    /// The project is suspended.
    Suspend,
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
    /// How hard it binds that a project has no ratified objective; `None` for not at all.
    #[serde(default)]
    pub without_objective: Option<Strength>,
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

impl ChoiceDeadline {
    /// Last day to choose on what was found on `day`; the day itself does not count.
    pub fn last_day(self, calendar: &Calendar, day: NaiveDate) -> Option<NaiveDate> {
        calendar.last_of(day, self.days, self.working_days)
    }
}

impl ForecastLightRule {
    /// The same as a rule for indicators: at the year's end everything is due.
    pub fn at_the_years_end(&self) -> IndicatorLightRule {
        IndicatorLightRule {
            scope: self.scope.clone(),
            red_below: self.red_below,
            yellow_below: self.yellow_below,
            blue_share: self.blue_share,
            blue_annual_target: true,
            red_zero_actual: false,
            equal_exact: false,
        }
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

    /// The rule for the lights of what an object expects for the whole year.
    pub fn forecast_light(&self, object: &Traits) -> Option<IndicatorLightRule> {
        let own = self.forecast_lights.iter().find(|rule| rule.scope.fits(object));
        own.map(ForecastLightRule::at_the_years_end).or_else(|| self.indicator_light(object).cloned())
    }

    /// How the schedule of an object runs; by months where no rule says otherwise.
    pub fn schedule_kind(&self, object: &Traits) -> ScheduleKind {
        self.execution_light(object).map_or(ScheduleKind::Months, |rule| rule.schedule.clone())
    }
}
