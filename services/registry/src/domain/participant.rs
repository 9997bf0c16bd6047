//! Institutions, experts, deputies and members (参与主体).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::unit::AgencyCode;
use super::{Checks, Refusal};
use wenxiao_kernel::vocabulary;

vocabulary! {
    /// What an institution is (机构类型).
    InstitutionKind {
        /// 专业咨询机构.
        Consultancy = "consultancy",
        /// 会计师事务所.
        AccountingFirm = "accounting_firm",
        /// 资产评估机构.
        AppraisalFirm = "appraisal_firm",
        /// 律师事务所.
        LawFirm = "law_firm",
        /// 科研院所.
        ResearchInstitute = "research_institute",
        /// 高等院校.
        University = "university",
        /// 其他.
        Other = "other",
    }
}

vocabulary! {
    /// Whether a participant may be engaged (状态).
    Standing {
        /// 可委托.
        Active = "active",
        /// 暂停委托.
        Suspended = "suspended",
    }
}

vocabulary! {
    /// Which body a deputy or member belongs to (类别).
    RepresentativeKind {
        /// 人大代表.
        PeoplesDeputy = "peoples_deputy",
        /// 政协委员.
        CppccMember = "cppcc_member",
    }
}

/// A third-party institution (第三方机构).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Identifier.
    pub id: String,
    /// 机构名称.
    pub title: String,
    /// 统一社会信用代码; empty when not known.
    pub credit_code: String,
    /// 机构类型.
    pub kind: InstitutionKind,
    /// Whether it may be engaged.
    pub state: Standing,
    /// 联系人.
    pub contact_name: String,
    /// Telephone.
    pub contact_phone: String,
    /// 主评人.
    pub lead_evaluators: Vec<String>,
    /// 信用记录.
    pub credit_records: Vec<CreditRecord>,
    /// Unit that owns or controls it.
    pub controlling_unit: Option<AgencyCode>,
}

/// One remark about an institution's work (信用记录).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditRecord {
    /// Day of the remark.
    pub record_date: NaiveDate,
    /// What happened.
    pub content: String,
    /// Who says so.
    pub source: String,
}

/// An expert (专家).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expert {
    /// Identifier.
    pub id: String,
    /// 姓名.
    pub title: String,
    /// 工作单位.
    pub organization: String,
    /// The same when it is one of the registry's units.
    pub employer_unit: Option<AgencyCode>,
    /// The same when it is one of the registry's institutions.
    pub institution: Option<String>,
    /// 专业领域.
    pub specialties: Vec<String>,
    /// 职称.
    pub professional_title: String,
    /// Whether the expert may be engaged.
    pub state: Standing,
    /// Telephone.
    pub contact_phone: String,
}

/// A people's deputy or CPPCC member (人大代表、政协委员).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Identifier.
    pub id: String,
    /// 姓名.
    pub title: String,
    /// 类别.
    pub kind: RepresentativeKind,
    /// 工作单位.
    pub organization: String,
    /// The same when it is one of the registry's units.
    pub employer_unit: Option<AgencyCode>,
    /// 任期开始.
    pub term_start_date: Option<NaiveDate>,
    /// 任期结束.
    pub term_end_date: Option<NaiveDate>,
    /// Telephone.
    pub contact_phone: String,
}

impl Institution {
    /// What an institution must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.done()
    }
}

impl Expert {
    /// What an expert must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.done()
    }
}

impl Representative {
    /// What a deputy or member must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            self.term_start_date.zip(self.term_end_date).is_none_or(|(start, end)| start <= end),
            "term_end_date",
            "任期结束早于任期开始",
            "lies before the first day of the term",
        );
        checks.done()
    }
}
