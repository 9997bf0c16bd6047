//! An objective (绩效目标) with its versions and the decisions on them, as plain data. The steps are in
//! [`workflow`](super::workflow).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Grade, Money, Secrecy, vocabulary};

use super::form::{Form, Remark};
use super::remark::{OpenRemark, Returned};

vocabulary! {
    /// Where an objective stands (状态).
    State {
        /// 草稿.
        Draft = "draft",
        /// 已送审待签.
        Submitted = "submitted",
        /// 主管部门审核.
        DepartmentReview = "department_review",
        /// 财政审核.
        FinanceReview = "finance_review",
        /// 协商完善.
        Consultation = "consultation",
        /// 审核通过.
        Approved = "approved",
        /// 退回修改.
        Returned = "returned",
        /// 不予安排.
        Barred = "barred",
        /// 已批复.
        Ratified = "ratified",
        /// 调整中.
        Adjusting = "adjusting",
        /// 已结束.
        Closed = "closed",
    }
}

impl State {
    /// The Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "已送审待签",
            Self::DepartmentReview => "主管部门审核",
            Self::FinanceReview => "财政审核",
            Self::Consultation => "协商完善",
            Self::Approved => "审核通过",
            Self::Returned => "退回修改",
            Self::Barred => "不予安排",
            Self::Ratified => "已批复",
            Self::Adjusting => "调整中",
            Self::Closed => "已结束",
        }
    }
}

vocabulary! {
    /// Part of the budget process (申报类型).
    FilingKind {
        /// 年初申报.
        Annual = "annual",
        /// 年中追加.
        MidYear = "mid_year",
    }
}

vocabulary! {
    /// Why there is a version (版本来由).
    VersionKind {
        /// 首次申报.
        First = "first",
        /// 重新报送.
        Resubmission = "resubmission",
        /// 协商完善.
        Consultation = "consultation",
        /// 目标调整.
        Adjustment = "adjustment",
    }
}

vocabulary! {
    /// What a decision did (审核动作).
    DecisionKind {
        /// 单位负责人签字.
        Signed = "signed",
        /// 答复审核意见.
        Answered = "answered",
        /// 审核意见销号.
        Resolved = "resolved",
        /// 撤回.
        Withdrawn = "withdrawn",
        /// 主管部门审核通过.
        DepartmentPassed = "department_passed",
        /// 退回修改.
        Returned = "returned",
        /// 财政审核定级.
        Graded = "graded",
        /// 协商一致.
        Consulted = "consulted",
        /// 批复.
        Ratified = "ratified",
        /// 解除“差”.
        Reopened = "reopened",
        /// 申请调整.
        AdjustmentProposed = "adjustment_proposed",
        /// 同意调整.
        AdjustmentApproved = "adjustment_approved",
        /// 不同意调整.
        AdjustmentRefused = "adjustment_refused",
        /// 结束.
        Closed = "closed",
    }
}

vocabulary! {
    /// Kind of reason for an adjustment (调整原因).
    AdjustmentReason {
        /// 自行申请.
        OwnRequest = "own_request",
        /// 项目内容变更.
        ProjectChanged = "project_changed",
        /// 预算追加追减.
        BudgetChanged = "budget_changed",
        /// 政策调整、突发事件.
        ObjectiveCause = "objective_cause",
    }
}

/// A change that is proposed for a ratified objective (目标调整). The ratified version stays in force meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Kind of reason.
    pub reason_kind: AdjustmentReason,
    /// Why.
    pub reason: String,
    /// Amount after the budget adjustment that goes with it; `None` when the budget stays.
    pub amount: Option<Money>,
}

/// How secret a form is for which `asked` is filed: never less than its subject.
pub fn secrecy(asked: Secrecy, subject: Secrecy) -> Secrecy {
    asked.max(subject)
}

/// What an objective is for, by the last part of its resource name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Project.
    Project(String),
    /// Policy.
    Policy(String),
    /// Whole department, by its unit.
    WholeDepartment(String),
}

impl Subject {
    /// The word for its kind in the database, and its id.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Project(id) => ("project", id),
            Self::Policy(id) => ("policy", id),
            Self::WholeDepartment(id) => ("whole_department", id),
        }
    }

    /// The subject of such a kind.
    pub fn of(kind: &str, id: String) -> Option<Self> {
        match kind {
            "project" => Some(Self::Project(id)),
            "policy" => Some(Self::Policy(id)),
            "whole_department" => Some(Self::WholeDepartment(id)),
            _ => None,
        }
    }
}

/// A unit as an objective remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRef {
    /// Last part of its resource name.
    pub id: String,
    /// 单位代码, by which permissions reach it.
    pub code: String,
}

impl UnitRef {
    /// The unit with this code, which is the last part of its resource name as well.
    pub fn of_code(code: &str) -> Self {
        Self { id: code.to_owned(), code: code.to_owned() }
    }

    /// The department or subdistrict office at the head of its branch: the first of the code's segments of three digits.
    pub fn head(&self) -> Self {
        Self::of_code(self.code.get(..3).unwrap_or(&self.code))
    }
}

/// Whose a subject is (归属), and so whose its forms are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// 实施单位; the executing unit of a policy, a whole department itself.
    pub unit: UnitRef,
    /// 主管部门.
    pub department: UnitRef,
    /// Version of the project, policy or unit that says so.
    #[serde(default)]
    pub version: i64,
}

impl Owner {
    /// The newer of two answers of the registry: this one, and what its feed has told.
    pub fn or_newer(self, told: Option<&Self>) -> Self {
        match told {
            Some(told) if told.version >= self.version => told.clone(),
            _ => self,
        }
    }
}

/// An objective with all that decisions depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    /// Last part of the resource name.
    pub id: String,
    /// What it is for.
    pub subject: Subject,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Year in which it was filed.
    pub work_year: FiscalYear,
    /// Part of the budget process.
    pub filing_kind: FilingKind,
    /// Name of the subject when it was filed.
    pub display_name: String,
    /// 实施单位.
    pub unit: UnitRef,
    /// 主管部门.
    pub department: UnitRef,
    /// Which budget pays; `None` for policies and departments.
    pub account: Option<BudgetAccount>,
    /// 密级.
    pub secrecy: Secrecy,
    /// The form as it stands.
    pub form: Form,
    /// Where it stands.
    pub state: State,
    /// Version submitted last; 0 before the first.
    pub submitted_version: i32,
    /// Version in force; 0 before ratification.
    pub ratified_version: i32,
    /// Grade of the version submitted last.
    pub grade: Option<Grade>,
    /// 退回次数.
    pub return_count: i32,
    /// What reviewers said and nobody has settled.
    pub open_remarks: Vec<OpenRemark>,
    /// The return that it is being revised for, or comes back from.
    pub returned: Option<Returned>,
    /// The change that is proposed while it is being adjusted.
    pub adjustment: Option<Adjustment>,
    /// 批复金额.
    pub ratified_amount: Option<Money>,
    /// 批复文号.
    pub ratification_document: String,
    /// Who submitted it last; empty before.
    pub submitter: String,
    /// When it was submitted last.
    pub submit_time: Option<DateTime<Utc>>,
    /// When it was ratified.
    pub ratify_time: Option<DateTime<Utc>>,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// How many changes it has seen, from 1.
    pub version: i64,
}

/// What a new objective starts from.
#[derive(Clone, Debug)]
pub struct NewObjective {
    /// Last part of the resource name.
    pub id: String,
    /// What it is for.
    pub subject: Subject,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Year in which it is filed.
    pub work_year: FiscalYear,
    /// Part of the budget process.
    pub filing_kind: FilingKind,
    /// Name of the subject now.
    pub display_name: String,
    /// Whose it is.
    pub owner: Owner,
    /// Which budget pays.
    pub account: Option<BudgetAccount>,
    /// 密级.
    pub secrecy: Secrecy,
    /// The form.
    pub form: Form,
}

impl Objective {
    /// A new form, in draft.
    pub fn draft(filed: NewObjective, now: DateTime<Utc>) -> Self {
        Self {
            id: filed.id,
            subject: filed.subject,
            fiscal_year: filed.fiscal_year,
            work_year: filed.work_year,
            filing_kind: filed.filing_kind,
            display_name: filed.display_name,
            unit: filed.owner.unit,
            department: filed.owner.department,
            account: filed.account,
            secrecy: filed.secrecy,
            form: filed.form,
            state: State::Draft,
            submitted_version: 0,
            ratified_version: 0,
            grade: None,
            return_count: 0,
            open_remarks: Vec::new(),
            returned: None,
            adjustment: None,
            ratified_amount: None,
            ratification_document: String::new(),
            submitter: String::new(),
            submit_time: None,
            ratify_time: None,
            create_time: now,
            update_time: now,
            version: 1,
        }
    }
}

/// A frozen form (版本).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Number, from 1.
    pub number: i32,
    /// Why there is one.
    pub kind: VersionKind,
    /// The form.
    pub form: Form,
    /// Hash of the form.
    pub content_hash: String,
    /// Who submitted it.
    pub submitter: String,
    /// When.
    pub submit_time: DateTime<Utc>,
    /// By which rule set it was checked.
    pub rule_set: String,
}

/// One decision on a version (审核记录).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveDecision {
    /// What was done.
    pub kind: DecisionKind,
    /// State before.
    pub from: State,
    /// State after.
    pub to: State,
    /// Version that it was about; 0 when nothing had been submitted.
    pub version: i32,
    /// Grade given.
    pub grade: Option<Grade>,
    /// Grade that the opinions recommended.
    pub recommended: Option<Grade>,
    /// Opinion or reason.
    pub reason: String,
    /// 逐项意见.
    pub remarks: Vec<Remark>,
    /// Who decided.
    pub decider: String,
    /// When.
    pub decide_time: DateTime<Utc>,
    /// 批复金额.
    pub ratified_amount: Option<Money>,
}
