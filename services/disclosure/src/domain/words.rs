//! Closed lists of words (代码表) and how each is spelt in storage, in rule data and in Chinese.

use serde::{Deserialize, Serialize};

/// A closed list whose members have a fixed spelling.
pub trait Word: Copy + PartialEq + 'static {
    /// Every member: itself, its spelling in storage, its Chinese term.
    const TABLE: &'static [(Self, &'static str, &'static str)];

    /// Spelling in storage.
    fn as_str(self) -> &'static str {
        Self::TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Chinese term.
    fn chinese(self) -> &'static str {
        Self::TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// The member with that spelling.
    fn parse(word: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.1 == word).map(|row| row.0)
    }
}

/// To whom a publication goes (公开对象). The order is the ladder, narrowest first; units stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// 区领导.
    DistrictLeaders,
    /// 政府常务会.
    ExecutiveMeeting,
    /// 人大.
    PeoplesCongress,
    /// 参与评价的人大代表和政协委员.
    Participants,
    /// 社会公众.
    Public,
    /// 被评价单位.
    EvaluatedUnits,
}

impl Word for Audience {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::DistrictLeaders, "district_leaders", "区领导"),
        (Self::ExecutiveMeeting, "executive_meeting", "政府常务会"),
        (Self::PeoplesCongress, "peoples_congress", "人大"),
        (Self::Participants, "participants", "参与评价的人大代表和政协委员"),
        (Self::Public, "public", "社会公众"),
        (Self::EvaluatedUnits, "evaluated_units", "被评价单位"),
    ];
}

impl Audience {
    /// Whether something that may go as far as `self` may go to `other`. An evaluated unit always may have its own
    /// result; what may go to the units only goes nowhere else.
    pub fn reaches(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::EvaluatedUnits) => true,
            (Self::EvaluatedUnits, _) => false,
            (widest, asked) => asked <= widest,
        }
    }
}

/// What a document shows of its subject (文件种类).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 绩效目标表.
    ObjectiveTable,
    /// 重点评价结果.
    KeyEvaluationResult,
    /// 重点评价报告.
    KeyEvaluationReport,
    /// 自评结果.
    SelfEvaluationResult,
    /// 事前评估结论.
    ExAnteResult,
    /// 年度绩效工作总结.
    AnnualSummary,
}

impl Word for DocumentKind {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::ObjectiveTable, "objective_table", "绩效目标表"),
        (Self::KeyEvaluationResult, "key_evaluation_result", "重点评价结果"),
        (Self::KeyEvaluationReport, "key_evaluation_report", "重点评价报告"),
        (Self::SelfEvaluationResult, "self_evaluation_result", "自评结果"),
        (Self::ExAnteResult, "ex_ante_result", "事前评估结论"),
        (Self::AnnualSummary, "annual_summary", "年度绩效工作总结"),
    ];
}

/// Kind of publication (公开形式).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationKind {
    /// 重点项目绩效目标表汇编.
    ObjectiveTables,
    /// 重点评价结果专报.
    SpecialReport,
    /// 评价报告汇编.
    ReportCompilation,
    /// 评价结果通报.
    UnitResults,
    /// 自评结果公开.
    SelfEvaluationResults,
    /// 年度绩效工作总结.
    AnnualSummary,
    /// 事前评估结果.
    ExAnteResults,
}

impl Word for PublicationKind {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::ObjectiveTables, "objective_tables", "重点项目绩效目标表汇编"),
        (Self::SpecialReport, "special_report", "重点评价结果专报"),
        (Self::ReportCompilation, "report_compilation", "评价报告汇编"),
        (Self::UnitResults, "unit_results", "评价结果通报"),
        (Self::SelfEvaluationResults, "self_evaluation_results", "自评结果公开"),
        (Self::AnnualSummary, "annual_summary", "年度绩效工作总结"),
        (Self::ExAnteResults, "ex_ante_results", "事前评估结果"),
    ];
}

/// Why a document is withheld (不公开理由).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithholdGround {
    /// 国家秘密.
    StateSecret,
    /// 商业秘密.
    TradeSecret,
    /// 个人隐私.
    Privacy,
    /// 内部事务、过程性信息.
    ProcessInformation,
    /// 其他.
    Other,
}

impl Word for WithholdGround {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::StateSecret, "state_secret", "国家秘密"),
        (Self::TradeSecret, "trade_secret", "商业秘密"),
        (Self::Privacy, "privacy", "个人隐私"),
        (Self::ProcessInformation, "process_information", "内部事务、过程性信息"),
        (Self::Other, "other", "其他"),
    ];
}
