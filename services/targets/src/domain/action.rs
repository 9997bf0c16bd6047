//! What may be done with an objective, by whom, when (可办事项). One function says so: for the call that does it, for
//! the list of what could be done, and for the counts of what waits, so that they cannot disagree.

use wenxiao_kernel::vocabulary;

use super::objective::State;
use super::window::Filing;
use super::workflow::Refusal;

vocabulary! {
    /// One thing that can be done with an objective.
    Action {
        /// 修改.
        Edit = "edit",
        /// 送审.
        Submit = "submit",
        /// 单位负责人签字.
        Sign = "sign",
        /// 撤回.
        Withdraw = "withdraw",
        /// 答复审核意见.
        Answer = "answer",
        /// 销号: the desk that raised a remark settles it.
        Resolve = "resolve",
        /// 主管部门审核通过.
        Pass = "pass",
        /// 退回.
        Return = "return",
        /// 财政审核定级.
        Grade = "grade",
        /// 协商一致.
        Settle = "settle",
        /// 解除“差”.
        Reopen = "reopen",
        /// 批复.
        Ratify = "ratify",
        /// 申请调整.
        ProposeAdjustment = "propose_adjustment",
        /// 同意调整.
        ApproveAdjustment = "approve_adjustment",
        /// 不同意调整.
        RefuseAdjustment = "refuse_adjustment",
        /// 结束.
        Close = "close",
    }
}

/// Who acts, and in which offices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Subject of the token.
    pub subject: String,
    /// In whose place they act (授权人); `None` for acting as oneself.
    pub on_behalf_of: Option<String>,
    /// 单位负责人.
    pub head: bool,
    /// 主管部门审核人.
    pub department: bool,
    /// 财政局.
    pub finance: bool,
}

/// All of an objective that decides what may be done with it next, seen by one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub state: State,
    /// Whether the actor submitted what stands there.
    pub own: bool,
    /// Whether a first submission would come in time.
    pub filing: Filing,
}

impl Actor {
    /// Whether what this person submitted is the actor's own work: theirs, or that of whom they stand in for.
    pub fn is(&self, person: &str) -> bool {
        self.subject == person || self.on_behalf_of.as_deref() == Some(person)
    }
}

impl Action {
    /// The call that does it, as the contract names it.
    pub fn method(self) -> &'static str {
        match self {
            Self::Edit => "UpdateObjective",
            Self::Submit => "SubmitObjective",
            Self::Sign => "SignObjective",
            Self::Withdraw => "WithdrawObjective",
            Self::Answer => "AnswerRemarks",
            Self::Resolve => "ResolveRemarks",
            Self::Pass => "PassObjective",
            Self::Return => "ReturnObjective",
            Self::Grade => "GradeObjective",
            Self::Settle => "SettleObjective",
            Self::Reopen => "ReopenObjective",
            Self::Ratify => "RatifyObjective",
            Self::ProposeAdjustment => "ProposeAdjustment",
            Self::ApproveAdjustment => "ApproveAdjustment",
            Self::RefuseAdjustment => "RefuseAdjustment",
            Self::Close => "CloseObjective",
        }
    }

    /// In which states it can be done at all.
    fn states(self) -> &'static [State] {
        match self {
            Self::Edit | Self::Submit => &[State::Draft, State::Returned],
            Self::Answer => &[State::Returned],
            Self::Sign => &[State::Submitted],
            Self::Withdraw => &[State::Submitted, State::DepartmentReview],
            Self::Pass => &[State::DepartmentReview],
            Self::Resolve => &[State::DepartmentReview, State::FinanceReview, State::Consultation],
            Self::Return => {
                &[State::DepartmentReview, State::FinanceReview, State::Consultation, State::Approved]
            }
            Self::Grade => &[State::FinanceReview],
            Self::Settle => &[State::Consultation],
            Self::Reopen => &[State::Barred],
            Self::Ratify => &[State::Approved],
            Self::ProposeAdjustment => &[State::Ratified],
            Self::ApproveAdjustment | Self::RefuseAdjustment => &[State::Adjusting],
            Self::Close => &[
                State::Draft,
                State::Submitted,
                State::DepartmentReview,
                State::FinanceReview,
                State::Consultation,
                State::Approved,
                State::Returned,
                State::Barred,
                State::Ratified,
            ],
        }
    }

    /// Whether it judges what somebody submitted: nobody does that to their own work.
    pub fn judges(self) -> bool {
        match self {
            Self::Sign
            | Self::Resolve
            | Self::Pass
            | Self::Return
            | Self::Grade
            | Self::Settle
            | Self::Reopen
            | Self::Ratify
            | Self::ApproveAdjustment
            | Self::RefuseAdjustment => true,
            Self::Edit
            | Self::Submit
            | Self::Withdraw
            | Self::Answer
            | Self::ProposeAdjustment
            | Self::Close => false,
        }
    }

    /// Whether the actor's office reaches the stage: a department returns what lies with it, the finance bureau what
    /// lies with it. Who has which office at all is said by the policies.
    fn reaches(self, state: State, actor: &Actor) -> bool {
        match self {
            Self::Sign => actor.head,
            Self::Return | Self::Resolve if state == State::DepartmentReview => actor.department,
            Self::Return | Self::Resolve => actor.finance,
            _ => true,
        }
    }
}

impl Standing {
    /// Whether `action` may be taken by `actor`, or why not. What depends on the action's own words (a reason that is
    /// missing, a form with errors) is found when it is taken.
    pub fn may(&self, action: Action, actor: &Actor) -> Result<(), Refusal> {
        if !action.states().contains(&self.state) {
            return Err(Refusal::State(self.state));
        }
        if !action.reaches(self.state, actor) {
            return Err(Refusal::Office);
        }
        if self.own && action.judges() {
            return Err(Refusal::OwnWork);
        }
        if action == Action::Submit && self.state == State::Draft && !self.filing.is_open() {
            return Err(Refusal::Filing(self.filing));
        }
        Ok(())
    }
}
