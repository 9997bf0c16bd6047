//! Engagements and conflicts of interest (委托与利益冲突回避): who engages must not be who is judged, and who helps a unit
//! must not judge it. Whether that forbids an engagement is dated rule data: by default from FY2021, not before.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear, Money, Step, vocabulary};

use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// What somebody is engaged for (委托事项).
    EngagementKind {
        /// 绩效目标审核.
        TargetReview = "target_review",
        /// 事前绩效评估.
        ExAnte = "ex_ante",
        /// 绩效评价.
        Evaluation = "evaluation",
        /// 评价结果复核.
        ResultRecheck = "result_recheck",
        /// 指标体系建设.
        IndicatorLibrary = "indicator_library",
        /// 辅助工作: may never sign a report.
        AssistOnly = "assist_only",
    }
}

impl EngagementKind {
    /// Whether the participant judges the objects.
    fn judges(self) -> bool {
        !matches!(self, Self::IndicatorLibrary | Self::AssistOnly)
    }

    /// Whether the participant may issue a report in its own name.
    pub fn may_sign_report(self) -> bool {
        self != Self::AssistOnly
    }

    /// Whether it may cover all units of the district without naming any.
    fn may_cover_all(self) -> bool {
        matches!(self, Self::IndicatorLibrary | Self::TargetReview | Self::AssistOnly)
    }
}

vocabulary! {
    /// Where an engagement stands on a day (状态).
    EngagementState {
        /// 未开始.
        Pending = "pending",
        /// 进行中.
        Active = "active",
        /// 已结束.
        Ended = "ended",
        /// 已取消.
        Cancelled = "cancelled",
    }
}

vocabulary! {
    /// What is wrong (冲突类型).
    ConflictKind {
        /// 委托主体与管理对象未分离.
        PrincipalIsObject = "principal_is_object",
        /// The participant helps or helped the unit.
        AssistedObject = "assisted_object",
        /// The participant judges or judged the unit.
        EvaluatedObject = "evaluated_object",
        /// The unit controls or employs the participant.
        ControlledParticipant = "controlled_participant",
        /// 内部管理事务外包.
        InternalWorkOutsourced = "internal_work_outsourced",
        /// The participant may not be engaged at present.
        ParticipantSuspended = "participant_suspended",
    }
}

/// An engagement (委托).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Identifier.
    pub id: String,
    /// 委托事项.
    pub kind: EngagementKind,
    /// Who is engaged, relative to the district: `institutions/JG01`, `experts/ZJ01`.
    pub participant: String,
    /// 委托主体.
    pub principal: AgencyCode,
    /// 委托名称.
    pub title: String,
    /// What it is about, relative to the district: `units/602`, `projects/…`, `policies/…`.
    pub objects: Vec<String>,
    /// Year in which the work is done.
    pub work_year: FiscalYear,
    /// Year that is evaluated; none when there is none.
    pub evaluated_year: Option<FiscalYear>,
    /// 委托开始.
    pub start_date: NaiveDate,
    /// 委托结束.
    pub end_date: NaiveDate,
    /// 合同编号.
    pub contract_number: String,
    /// 委托费用.
    pub fee: Option<Money>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// What the last conflict check said.
    pub verdict: Verdict,
}

/// What a conflict-of-interest check says (利益冲突审查结论).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the rules of the year of work forbid conflicts.
    pub enforced: bool,
    /// What was found.
    pub conflicts: Vec<Conflict>,
    /// Which rules looked at what.
    pub explanation: Explanation,
}

impl Verdict {
    /// Whether the engagement may be.
    pub fn allowed(&self) -> bool {
        !self.enforced || self.conflicts.is_empty()
    }
}

/// A conflict of interest (利益冲突).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What is wrong.
    pub kind: ConflictKind,
    /// The unit concerned.
    pub unit: Option<AgencyCode>,
    /// The object concerned.
    pub object: Option<String>,
    /// Identifier of the other engagement.
    pub engagement: Option<String>,
    /// The conflict in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

/// The rules that decide, from the rule set of the year of work (利益冲突规则).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConflictRules {
    /// Identifier of the rule set.
    pub rule_set: String,
    /// Whether conflicts forbid an engagement.
    pub enforced: bool,
    /// Whether units may not have internal work done from outside.
    pub internal_work_reserved: bool,
    /// How many years back another engagement still makes a conflict.
    pub cooling_years: i32,
}

/// An object and the body that spends it (委托对象).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectOf {
    /// The object, relative to the district.
    pub object: String,
    /// Code of the body: a "本级" unit is its department.
    pub body: AgencyCode,
}

/// What is known around an engagement when it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Body of the principal.
    pub principal_body: Option<AgencyCode>,
    /// The objects with their bodies.
    pub objects: Vec<ObjectOf>,
    /// Body that controls or employs the participant.
    pub controlling_body: Option<AgencyCode>,
    /// Whether the participant may not be engaged at present.
    pub suspended: bool,
    /// Other engagements of the same participant that were not called off, with the bodies of their objects.
    pub others: Vec<(Engagement, Vec<AgencyCode>)>,
}

impl Engagement {
    /// What an engagement must be by itself.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            self.start_date <= self.end_date,
            "end_date",
            "委托结束早于委托开始",
            "lies before the first day",
        );
        checks.rule(
            !self.objects.is_empty() || self.kind.may_cover_all(),
            "objects",
            "此类委托须列明委托对象",
            "must name its objects for this kind",
        );
        checks.rule(
            self.participant.starts_with("institutions/") || self.participant.starts_with("experts/"),
            "participant",
            "受托方须为第三方机构或专家",
            "must be an institution or an expert",
        );
        checks.rule(
            self.fee.is_none_or(|fee| !fee.is_negative()),
            "fee_amount",
            "委托费用为负数",
            "is below zero",
        );
        checks.done()
    }

    /// Where it stands on a day.
    pub fn state(&self, day: NaiveDate) -> EngagementState {
        if self.cancelled {
            EngagementState::Cancelled
        } else if day < self.start_date {
            EngagementState::Pending
        } else if day <= self.end_date {
            EngagementState::Active
        } else {
            EngagementState::Ended
        }
    }

    /// Ends it: done on `end_date`, or called off.
    pub fn end(&mut self, cancelled: bool, end_date: NaiveDate, reason: &str) -> Result<(), Refusal> {
        if self.cancelled {
            return Err(Refusal::State { resource: self.id.clone(), state: "cancelled".to_owned() });
        }
        let mut checks = Checks::default();
        if cancelled {
            checks.filled(reason, "reason");
            checks.done()?;
            self.cancelled = true;
            return Ok(());
        }
        checks.rule(
            self.start_date <= end_date && end_date <= self.end_date,
            "end_date",
            "结束日期不在委托期内",
            "lies outside the time of the engagement",
        );
        checks.done()?;
        self.end_date = end_date;
        Ok(())
    }

    /// Year whose work the engagement touches: conflicts are between engagements about the same year.
    fn year_touched(&self) -> i32 {
        self.evaluated_year.unwrap_or(self.work_year).as_i32()
    }

    /// Looks for conflicts of interest. Says what it finds even when the rules do not forbid it.
    pub fn judge(&self, around: &Surroundings, rules: &ConflictRules) -> Verdict {
        let mut conflicts = Vec::new();
        self.separate_principal(around, rules, &mut conflicts);
        self.independent_participant(around, &mut conflicts);
        self.no_helper_judges(around, rules, &mut conflicts);
        let verdict = Verdict { enforced: rules.enforced, conflicts, explanation: Explanation::default() };
        let explanation = self.explain(around, rules, &verdict);
        Verdict { explanation, ..verdict }
    }

    fn separate_principal(&self, around: &Surroundings, rules: &ConflictRules, found: &mut Vec<Conflict>) {
        if !self.kind.judges() {
            return;
        }
        let own = around.objects.iter().filter(|object| Some(&object.body) == around.principal_body.as_ref());
        for object in own {
            let outsourced = rules.internal_work_reserved && self.kind == EngagementKind::TargetReview;
            let (kind, chinese, english) = if outsourced {
                (
                    ConflictKind::InternalWorkOutsourced,
                    "单位将自身的绩效目标管理工作委托第三方，属内部管理事务外包",
                    "a unit has the management of its own objectives done from outside",
                )
            } else {
                (
                    ConflictKind::PrincipalIsObject,
                    "委托方就是被评价的单位，委托主体与管理对象没有分离",
                    "the principal's own spending would be judged by its own contractor",
                )
            };
            found.push(conflict(kind, Some(&object.body), Some(&object.object), None, chinese, english));
        }
    }

    fn independent_participant(&self, around: &Surroundings, found: &mut Vec<Conflict>) {
        if around.suspended {
            let (chinese, english) = ("受托方目前暂停委托", "the participant may not be engaged at present");
            found.push(conflict(ConflictKind::ParticipantSuspended, None, None, None, chinese, english));
        }
        if !self.kind.judges() {
            return;
        }
        let Some(controlling) = &around.controlling_body else { return };
        for object in around.objects.iter().filter(|object| &object.body == controlling) {
            let (chinese, english) =
                ("受托方由被评价单位控制或任职于该单位", "the unit controls or employs the participant");
            let kind = ConflictKind::ControlledParticipant;
            found.push(conflict(kind, Some(controlling), Some(&object.object), None, chinese, english));
        }
    }

    fn no_helper_judges(&self, around: &Surroundings, rules: &ConflictRules, found: &mut Vec<Conflict>) {
        let (kind, chinese, english) = if self.kind == EngagementKind::AssistOnly {
            (
                ConflictKind::EvaluatedObject,
                "受托方已受托评价该单位，不得再为其提供辅助",
                "the participant judges the unit that it would help",
            )
        } else if self.kind.judges() {
            (
                ConflictKind::AssistedObject,
                "受托方已为该单位提供辅助，不得再评价该单位",
                "the participant helps the unit that it would judge",
            )
        } else {
            return;
        };
        for (other, bodies) in &around.others {
            let opposed = match kind {
                ConflictKind::EvaluatedObject => other.kind.judges(),
                _ => other.kind == EngagementKind::AssistOnly,
            };
            let apart = i64::from(self.year_touched()).abs_diff(i64::from(other.year_touched()));
            let near = apart <= u64::try_from(rules.cooling_years).unwrap_or(0);
            let shared = around.objects.iter().find(|object| bodies.contains(&object.body));
            let meets = other.objects.is_empty() || self.objects.is_empty() || shared.is_some();
            if other.id != self.id && !other.cancelled && opposed && near && meets {
                let (body, object) = (shared.map(|object| &object.body), shared.map(|object| &object.object));
                found.push(conflict(kind, body, object, Some(&other.id), chinese, english));
            }
        }
    }

    fn explain(&self, around: &Surroundings, rules: &ConflictRules, verdict: &Verdict) -> Explanation {
        let found = verdict.conflicts.len();
        let (chinese, english) = match (found, rules.enforced) {
            (0, _) => ("未发现利益冲突".to_owned(), "no conflict of interest was found".to_owned()),
            (_, true) => {
                (format!("发现{found}处利益冲突，不得委托"), format!("{found} conflict(s): not allowed"))
            }
            (_, false) => (
                format!("发现{found}处利益冲突；{}年度规则未作禁止，予以提示", self.work_year.as_i32()),
                format!("{found} conflict(s), which the rules of {} do not forbid", self.work_year.as_i32()),
            ),
        };
        Explanation::by(rules.rule_set.clone(), "conflict").concluding(chinese, english).step(
            Step::new("利益冲突审查", "委托主体与对象分离、受托方独立、辅助与评价分开", found)
                .input("工作年度", self.work_year.as_i32())
                .input("委托方", &self.principal)
                .input("委托对象", around.objects.len())
                .input("同一受托方的其他委托", around.others.len())
                .input("间隔年数", rules.cooling_years)
                .input("规则是否禁止", if rules.enforced { "是" } else { "否" }),
        )
    }
}

fn conflict(
    kind: ConflictKind,
    unit: Option<&AgencyCode>,
    object: Option<&String>,
    engagement: Option<&String>,
    chinese: &str,
    english: &str,
) -> Conflict {
    Conflict {
        kind,
        unit: unit.cloned(),
        object: object.cloned(),
        engagement: engagement.cloned(),
        chinese: chinese.to_owned(),
        english: english.to_owned(),
    }
}

#[cfg(test)]
mod tests;
