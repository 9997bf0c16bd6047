//! Consequences of monitoring (处置措施): proposed by a rule or a person, decided and lifted by people with reasons.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear, Money, Step, rounding};

use super::action::MeasureAction;
use super::alert::Alert;
use super::execution::{Amounts, Basis};
use super::light::Light;
use super::refusal::{Missing, Refusal};
use super::rules::{ConsequenceRule, Rules, Trigger, Unanswered};
use super::schedule::Share;

wenxiao_kernel::vocabulary! {
    /// What is done (措施).
    MeasureKind {
        /// 原则上不予追加.
        NoSupplement = "no_supplement",
        /// 调减预算.
        Reduce = "reduce",
        /// 暂停实施.
        Suspend = "suspend",
        /// 停止拨付.
        StopPayment = "stop_payment",
        /// 列入下年度重点绩效评价备选.
        KeyEvaluationCandidate = "key_evaluation_candidate",
    }
}

wenxiao_kernel::vocabulary! {
    /// Where a measure stands (状态).
    MeasureState {
        /// 建议.
        Proposed = "proposed",
        /// 执行中.
        InForce = "in_force",
        /// 不采纳.
        Rejected = "rejected",
        /// 已解除.
        Lifted = "lifted",
    }
}

/// What a measure or a question to the gate is about (对象).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A project, by id.
    Project(String),
    /// A unit, normally a department, by id.
    Unit(String),
}

impl Subject {
    /// Id of the project or unit.
    pub fn id(&self) -> &str {
        match self {
            Self::Project(id) | Self::Unit(id) => id,
        }
    }
}

/// A measure (处置措施).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Id within the district.
    pub id: String,
    /// What is done.
    pub kind: MeasureKind,
    /// To what.
    pub subject: Subject,
    /// Name of the subject.
    pub title: String,
    /// Unit that it belongs to, by id; of a unit's measure whom it binds: the unit or its heir.
    #[serde(default)]
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department that answers, by id.
    pub department: String,
    /// Budget year that gives the reason.
    pub fiscal_year: FiscalYear,
    /// Proposed reduction, positive; `None` leaves it to the decision.
    pub amount: Option<Money>,
    /// Of a reduction: whether the objective is adjusted with the budget (同步调整绩效目标).
    #[serde(default)]
    pub adjust_objective: bool,
    /// Round, report and alert that it comes from, as resource names; empty for none.
    pub origin: Origin,
    /// Why it was proposed.
    pub propose_reason: String,
    /// By which rule and figures; empty of steps when a person proposed it.
    pub explanation: Explanation,
    /// Who proposed it.
    pub proposer: String,
    /// Where it stands.
    pub state: MeasureState,
    /// What was decided.
    pub decision: Option<Decision>,
    /// How it ended.
    pub lift: Option<Lift>,
    /// When it was proposed.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

/// Where a proposal comes from (来源).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Code of the rule; empty when a person proposed it.
    pub rule: String,
    /// Round.
    pub round: String,
    /// Report.
    pub report: String,
    /// Alert.
    pub alert: String,
}

/// A decision on a measure (决定).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Amount of a reduction.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// Who.
    pub decider: String,
    /// When.
    pub time: DateTime<Utc>,
    /// From which day it is in force.
    pub effective_date: NaiveDate,
}

/// The end of a measure (解除).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// Why.
    pub reason: String,
    /// Who.
    pub lifter: String,
    /// When.
    pub time: DateTime<Utc>,
}

impl Measure {
    /// Year that the measure bears on (适用年度): the next one for a candidate.
    pub fn applies_to_year(&self) -> FiscalYear {
        match self.kind {
            MeasureKind::KeyEvaluationCandidate => self.fiscal_year.next(),
            _ => self.fiscal_year,
        }
    }

    /// Whether a proposal makes sense: the kind fits its subject, the amount fits the kind and the budget.
    pub fn check(&self, adjusted: Money) -> Result<(), Refusal> {
        let of_projects = matches!(self.kind, MeasureKind::Suspend | MeasureKind::KeyEvaluationCandidate);
        if of_projects && matches!(self.subject, Subject::Unit(_)) {
            return Err(Refusal::MeasureUnfit(self.subject.id().to_owned()));
        }
        if self.adjust_objective && self.kind != MeasureKind::Reduce {
            let unfit = Missing::new(
                "measure.adjust_objective",
                "只有调减预算可以同步调整绩效目标",
                "only goes with a reduction",
            );
            return Err(Refusal::Unfit(vec![unfit]));
        }
        check_amount(self.kind, self.amount, adjusted, "measure.amount")
    }

    /// Puts it in force (执行).
    pub fn enforce(&mut self, decision: Decision, adjusted: Money) -> Result<(), Refusal> {
        self.may(MeasureAction::Decide)?;
        let amount = decision.amount.or(self.amount);
        check_amount(self.kind, amount, adjusted, "decided_amount")?;
        if self.kind == MeasureKind::Reduce && amount.is_none() {
            let missing = Missing::new("decided_amount", "调减预算须写明金额", "a reduction needs an amount");
            return Err(Refusal::Unfit(vec![missing]));
        }
        self.decision = Some(Decision { amount, ..decision });
        self.state = MeasureState::InForce;
        Ok(())
    }

    /// Decides against it (不采纳).
    pub fn reject(&mut self, decision: Decision) -> Result<(), Refusal> {
        self.may(MeasureAction::Decide)?;
        self.decision = Some(Decision { amount: None, ..decision });
        self.state = MeasureState::Rejected;
        Ok(())
    }

    /// Ends it (解除).
    pub fn end(&mut self, lift: Lift) -> Result<(), Refusal> {
        self.may(MeasureAction::Lift)?;
        self.lift = Some(lift);
        self.state = MeasureState::Lifted;
        Ok(())
    }
}

fn check_amount(
    kind: MeasureKind,
    amount: Option<Money>,
    adjusted: Money,
    field: &str,
) -> Result<(), Refusal> {
    let unfit =
        |chinese: &str, english: &str| Err(Refusal::Unfit(vec![Missing::new(field, chinese, english)]));
    match (kind, amount) {
        (_, None) => Ok(()),
        (MeasureKind::Reduce, Some(amount)) if amount.is_negative() || amount.is_zero() => {
            unfit("调减金额须大于0", "must be above zero")
        }
        (MeasureKind::Reduce, Some(amount)) if amount > adjusted => {
            Err(Refusal::ReductionExceedsBudget { amount, budget: adjusted })
        }
        (MeasureKind::Reduce, Some(_)) => Ok(()),
        (_, Some(_)) => unfit("只有调减预算可以填写金额", "only a reduction has an amount"),
    }
}

/// What monitoring found about a project or a department.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Project or department.
    pub subject: Subject,
    /// Its light, for a project.
    pub light: Option<Light>,
    /// Whether its report was concluded with a demand to adjust the objective.
    pub adjust_objective: bool,
    /// Its money.
    pub amounts: Amounts,
    /// Its schedule.
    pub schedule: Share,
    /// Months counted.
    pub month: u32,
}

/// What a rule recommends for a finding (建议).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is done.
    pub kind: MeasureKind,
    /// By how much, for a reduction whose rule says so.
    pub amount: Option<Money>,
    /// Of a reduction: whether the objective is adjusted with the budget.
    pub adjust_objective: bool,
    /// Code of the rule.
    pub rule: String,
    /// Why, in one sentence.
    pub reason: String,
    /// By which figures.
    pub explanation: Explanation,
}

/// What the rules recommend for a finding: each kind of measure once, by the first rule that asks for it.
pub fn propose(rules: &Rules, finding: &Finding) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for rule in rules.consequences.iter().filter(|rule| is_set_off(rule, finding)) {
        if proposals.iter().all(|proposal| proposal.kind != rule.measure) {
            proposals.push(proposal(rules, rule, finding));
        }
    }
    proposals
}

fn is_set_off(rule: &ConsequenceRule, finding: &Finding) -> bool {
    match (rule.trigger, &finding.subject) {
        (Trigger::RedLight, Subject::Project(_)) => finding.light == Some(Light::Red),
        (Trigger::DepartmentBelowSchedule, Subject::Unit(_)) => finding.amounts.is_below(finding.schedule),
        _ => false,
    }
}

fn proposal(rules: &Rules, rule: &ConsequenceRule, finding: &Finding) -> Proposal {
    let adjusted = finding.amounts.adjusted();
    let amount = rule.reduction_share.and_then(|share| {
        let cut = adjusted.yuan().checked_mul(share)?;
        Money::from_yuan(rounding::half_up(cut, 2)).ok()
    });
    let adjust_objective = finding.adjust_objective && rule.measure == MeasureKind::Reduce;
    let rate = finding.amounts.rate(Basis::Adjusted);
    let mut step = Step::new("触发条件", "灯号、预算执行率与序时进度", rule.code.as_str())
        .input("截至月份", finding.month)
        .input("灯号", finding.light.map_or("不判定", Light::chinese))
        .input("预算执行率", rate)
        .input("序时进度", finding.schedule.value());
    if adjust_objective {
        step = step.input("审核结论", "需调整目标，随预算同步调整绩效目标");
    }
    let explanation = Explanation::by(&rules.rule_set, format!("hint_rules.{}", rule.code))
        .concluding(&rule.message, format!("Rule {} recommends {}", rule.code, rule.measure.as_str()))
        .step(step);
    Proposal {
        kind: rule.measure,
        amount,
        adjust_objective,
        rule: rule.code.clone(),
        reason: rule.message.clone(),
        explanation,
    }
}

/// What follows for a project whose unit has not answered an alert in time (逾期未答复，DOMAIN 4.5): a suspension, proposed or
/// in force as the rules say. `None` where they let nothing follow.
pub fn on_silence(rules: &Rules, alert: &Alert, today: NaiveDate) -> Option<Proposal> {
    let (follows, english) = match rules.unanswered {
        Unanswered::Nothing => return None,
        Unanswered::Propose => ("建议暂停实施", "A suspension is proposed"),
        Unanswered::Suspend => ("自动暂停实施", "The project is suspended"),
    };
    let deadline = alert.deadline.filter(|_| alert.is_unanswered(today))?;
    let reason = format!("预警应于{deadline}前答复，单位逾期未作选择，{follows}");
    let mut step = Step::new("逾期未答复", "今日 ＞ 答复期限，且单位未选择继续、调剂或取消", follows)
        .input("预警日期", super::schedule::day_of(alert.create_time))
        .input("答复期限", deadline)
        .input("今日", today);
    if let Some(choice) = rules.choice {
        let kind = if choice.working_days { "个工作日" } else { "个自然日" };
        step = step.input("时限", format!("{}{kind}", choice.days));
    }
    let explanation = Explanation::by(&rules.rule_set, UNANSWERED)
        .concluding(&reason, format!("{english}: nobody chose by {deadline}"))
        .step(step);
    let kind = MeasureKind::Suspend;
    let rule = UNANSWERED.to_owned();
    Some(Proposal { kind, amount: None, adjust_objective: false, rule, reason, explanation })
}

/// Name of the rule by which silence has a consequence.
const UNANSWERED: &str = "monitoring.unanswered_alert";
