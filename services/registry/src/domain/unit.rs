//! Units and their tree (预算单位). A unit's place follows from its code: the parent's code is the same without the
//! last three digits. A department's "本级" unit is the department itself and is never counted beside it.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{DistrictCode, DistrictLevel, Explanation, Step, vocabulary};

use super::{Checks, Refusal};

/// Agency code (单位代码): 3 to 21 digits in segments of three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgencyCode(String);

/// Text that is not an agency code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 3 to 21 digits in segments of three")]
pub struct InvalidCode(String);

impl AgencyCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in for a code that is missing until that is refused.
    pub fn placeholder() -> Self {
        Self("000".to_owned())
    }

    /// Code of the unit above; none for departments and streets.
    pub fn parent(&self) -> Option<Self> {
        let length = self.0.len().checked_sub(3).filter(|length| *length > 0)?;
        self.0.get(..length).map(|head| Self(head.to_owned()))
    }

    /// Code of the department or street at the head of the branch.
    pub fn department(&self) -> Self {
        Self(self.0.get(..3).unwrap_or(&self.0).to_owned())
    }

    /// Whether the unit stands somewhere below `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.len() > other.0.len() && self.0.starts_with(&other.0)
    }
}

impl FromStr for AgencyCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segmented = (3..=21).contains(&text.len()) && text.len().is_multiple_of(3);
        if segmented && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode(text.chars().take(32).collect()))
        }
    }
}

impl TryFrom<String> for AgencyCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AgencyCode> for String {
    fn from(code: AgencyCode) -> Self {
        code.0
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

vocabulary! {
    /// What kind of body a unit is (单位类型).
    UnitKind {
        /// 主管部门.
        Department = "department",
        /// 所属预算单位.
        Unit = "unit",
        /// 本级: the same body as its parent.
        OwnUnit = "own_unit",
        /// 街道办事处.
        SubdistrictOffice = "subdistrict_office",
        /// 局属事业单位.
        Affiliated = "affiliated",
    }
}

vocabulary! {
    /// Whether a unit exists on a day (状态).
    UnitState {
        /// 有效.
        Active = "active",
        /// 尚未启用.
        Pending = "pending",
        /// 已撤销.
        Closed = "closed",
        /// 已合并.
        Merged = "merged",
    }
}

/// A district (区).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// 财政区划代码: its identity.
    pub code: DistrictCode,
    /// 名称.
    pub title: String,
    /// Name in English.
    pub title_en: String,
    /// City that it belongs to.
    pub city_title: String,
    /// Code of the finance bureau among its units.
    pub finance_bureau: Option<AgencyCode>,
}

impl District {
    /// What a district must be: an area at county level with a name.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            self.code.level() == DistrictLevel::County,
            "name",
            "不是县区级财政区划代码",
            "is not the code of a county-level area",
        );
        checks.done()
    }
}

/// A body that spends the budget (预算单位).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// 单位代码: its identity.
    pub agency_code: AgencyCode,
    /// 单位名称.
    pub title: String,
    /// 简称.
    pub short_title: String,
    /// 单位类型.
    pub kind: UnitKind,
    /// A street's own fiscal division (财政区划).
    pub fiscal_division: Option<DistrictCode>,
    /// 业务处室.
    pub managing_division: String,
    /// First day; none means always.
    pub start_date: Option<NaiveDate>,
    /// Last day; none means no end.
    pub end_date: Option<NaiveDate>,
    /// The unit that it was merged into.
    pub successor: Option<AgencyCode>,
}

impl Unit {
    /// Whether it exists on a day.
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        self.start_date.is_none_or(|start| start <= day) && self.end_date.is_none_or(|end| day <= end)
    }

    /// Whether it exists on a day, and if not, why.
    pub fn state(&self, day: NaiveDate) -> UnitState {
        if self.start_date.is_some_and(|start| day < start) {
            UnitState::Pending
        } else if self.exists_on(day) {
            UnitState::Active
        } else if self.successor.is_some() {
            UnitState::Merged
        } else {
            UnitState::Closed
        }
    }

    /// Code of the body that the unit is: the department's for a "本级" unit.
    pub fn body(&self) -> AgencyCode {
        match self.kind {
            UnitKind::OwnUnit => self.agency_code.parent().unwrap_or_else(|| self.agency_code.clone()),
            _ => self.agency_code.clone(),
        }
    }

    /// What the unit must be by itself, wherever it stands.
    pub fn check(&self, district: DistrictCode) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        let heads = matches!(self.kind, UnitKind::Department | UnitKind::SubdistrictOffice);
        checks.rule(
            heads == self.agency_code.parent().is_none(),
            "agency_code",
            "部门和街道的代码为3位，其他单位的代码在上级代码之后再加3位",
            "departments and streets have three digits, all others stand below one",
        );
        let street = self.kind == UnitKind::SubdistrictOffice;
        checks.rule(
            street || self.fiscal_division.is_none(),
            "fiscal_division",
            "只有街道有自己的财政区划",
            "only a street has a fiscal division of its own",
        );
        checks.rule(
            self.fiscal_division.is_none_or(|code| lies_in(code, district)),
            "fiscal_division",
            "不是本区的乡级财政区划",
            "is not a township of the district",
        );
        let ordered = self.start_date.zip(self.end_date).is_none_or(|(start, end)| start <= end);
        checks.rule(ordered, "start_date", "启用日期晚于停用日期", "lies after the end date");
        checks.done()
    }

    /// What the unit must be where it stands: below a unit that exists as long as it does, and at most one "本级".
    pub fn check_place(&self, parent: Option<&Self>, own_unit_beside: bool) -> Result<(), Refusal> {
        let Some(parent_code) = self.agency_code.parent() else { return Ok(()) };
        let missing = || Refusal::ParentUnitMissing {
            agency_code: self.agency_code.to_string(),
            parent_code: parent_code.to_string(),
        };
        let parent = parent.filter(|parent| covers(parent, self)).ok_or_else(missing)?;
        if self.kind == UnitKind::OwnUnit {
            if !matches!(parent.kind, UnitKind::Department | UnitKind::SubdistrictOffice) {
                return Err(missing());
            }
            if own_unit_beside {
                return Err(Refusal::OwnUnitExists { unit: parent.agency_code.to_string() });
            }
        }
        Ok(())
    }

    /// Ends the unit on its last day; `lasting` are units below it that exist after that day.
    pub fn close(&mut self, end_date: NaiveDate, lasting: bool) -> Result<(), Refusal> {
        let resource = self.agency_code.to_string();
        if self.end_date.is_some_and(|end| end <= end_date) {
            return Err(Refusal::State { resource, state: "closed".to_owned() });
        }
        if lasting {
            return Err(Refusal::UnitHasSubunits { unit: resource });
        }
        let mut checks = Checks::default();
        let after_start = self.start_date.is_none_or(|start| start <= end_date);
        checks.rule(after_start, "end_date", "停用日期早于启用日期", "lies before the start date");
        checks.done()?;
        self.end_date = Some(end_date);
        Ok(())
    }

    /// Ends the unit on the day before `merge_date` and names `survivor` as what it became.
    pub fn merge_into(
        &mut self,
        survivor: &Self,
        merge_date: NaiveDate,
        lasting: bool,
    ) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            self.agency_code != survivor.agency_code && !survivor.agency_code.is_below(&self.agency_code),
            "absorbed_units",
            "单位不能并入自己或自己的下级",
            "a unit cannot be merged into itself or into one below it",
        );
        checks.rule(
            survivor.exists_on(merge_date),
            "name",
            "合并日存续单位无效",
            "the surviving unit does not exist on that day",
        );
        checks.done()?;
        let last = merge_date.checked_sub_days(Days::new(1)).unwrap_or(merge_date);
        self.close(last, lasting)?;
        self.successor = Some(survivor.agency_code.clone());
        Ok(())
    }
}

fn lies_in(township: DistrictCode, district: DistrictCode) -> bool {
    let (code, head) = (township.as_i32(), district.as_i32());
    township.level() == DistrictLevel::Township && code.checked_div(1_000) == head.checked_div(1_000)
}

fn covers(parent: &Unit, child: &Unit) -> bool {
    let starts = match (parent.start_date, child.start_date) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(parent), Some(child)) => parent <= child,
    };
    let ends = match (parent.end_date, child.end_date) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(parent), Some(child)) => child <= parent,
    };
    starts && ends
}

/// How many units there are (单位统计).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// As they stand, by kind.
    pub kinds: Vec<(UnitKind, i64)>,
}

impl Counts {
    fn of(&self, kinds: &[UnitKind]) -> i64 {
        let found = self.kinds.iter().filter(|(kind, _)| kinds.contains(kind));
        found.fold(0_i64, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// 预算单位: without "本级" units, which are their departments, and without streets.
    pub fn budget_units(&self) -> i64 {
        self.of(&[UnitKind::Department, UnitKind::Unit, UnitKind::Affiliated])
    }

    /// 街道办事处.
    pub fn streets(&self) -> i64 {
        self.of(&[UnitKind::SubdistrictOffice])
    }

    /// "本级" units.
    pub fn own_units(&self) -> i64 {
        self.of(&[UnitKind::OwnUnit])
    }

    /// The bodies that file forms: budget units and streets.
    pub fn reporting_units(&self) -> i64 {
        self.budget_units().saturating_add(self.streets())
    }

    /// How the counts came about.
    pub fn explain(&self, day: NaiveDate) -> Explanation {
        let (units, streets) = (self.budget_units(), self.streets());
        Explanation::by("", "units.count")
            .concluding(
                format!("{day}有效的预算单位{units}家、街道办事处{streets}个；本级单位与其部门是同一单位，不重复计算。"),
                format!("{units} budget units and {streets} streets exist on {day}; an own unit is its department and counts once."),
            )
            .step(
                Step::new("预算单位", "主管部门 + 所属单位 + 局属事业单位", units)
                    .input("主管部门", self.of(&[UnitKind::Department]))
                    .input("所属单位", self.of(&[UnitKind::Unit]))
                    .input("局属事业单位", self.of(&[UnitKind::Affiliated]))
                    .input("本级单位（不计）", self.own_units()),
            )
            .step(
                Step::new("填报单位", "预算单位 + 街道办事处", self.reporting_units())
                    .input("预算单位", units)
                    .input("街道办事处", streets),
            )
    }
}

#[cfg(test)]
mod tests;
