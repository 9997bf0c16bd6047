//! Units and their tree (预算单位). A unit's place follows from its code: the parent's code is the same without the
//! last three digits. A department's "本级" unit is the department itself and is never counted beside it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{DistrictCode, DistrictLevel, vocabulary};

pub use code::AgencyCode;
pub use counts::Counts;

use super::unit_change::{UnitChange, UnitChangeKind};
use super::{Checks, Refusal};

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
        /// 已分设.
        Split = "split",
        /// 已划转: it goes on under another code.
        Moved = "moved",
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
    /// 单位名称: the first one that it had.
    pub title: String,
    /// 简称: the first one that it had.
    pub short_title: String,
    /// Names that it was given later, in the order of days.
    pub renames: Vec<Rename>,
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
    /// What ended it; none while its end is not decided, and for an end that was only imported.
    pub ending: Option<UnitChangeKind>,
    /// Units that took over, the main one first.
    pub successors: Vec<AgencyCode>,
}

/// Another name of a unit (更名).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// First day on which it is called so.
    pub effective_date: NaiveDate,
    /// 单位名称.
    pub title: String,
    /// 简称.
    pub short_title: String,
}

impl Unit {
    /// Name and short name on a day.
    pub fn name_on(&self, day: NaiveDate) -> (&str, &str) {
        let given = self.renames.iter().rev().find(|rename| rename.effective_date <= day);
        given.map_or((&self.title, &self.short_title), |rename| (&rename.title, &rename.short_title))
    }

    /// Names before the one on a day, the oldest first, each with its last day.
    pub fn former_names(&self, day: NaiveDate) -> Vec<(&str, &str, NaiveDate)> {
        let given = self.renames.iter().filter(|rename| rename.effective_date <= day);
        let last = |rename: &Rename| rename.effective_date.pred_opt().unwrap_or(rename.effective_date);
        given
            .map(|rename| {
                let (title, short_title) = self.name_on(last(rename));
                (title, short_title, last(rename))
            })
            .collect()
    }

    /// Gives it another name from a day on, which no change of it is later than.
    pub fn rename(&mut self, rename: Rename) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&rename.title, "title");
        checks.rule(
            self.exists_on(rename.effective_date),
            "effective_date",
            "单位在该日无效",
            "the unit does not exist on that day",
        );
        let (title, short_title) = self.name_on(rename.effective_date);
        checks.rule(
            title != rename.title || short_title != rename.short_title,
            "title",
            "与原名称相同",
            "is the name that it has",
        );
        checks.done()?;
        self.renames.push(rename);
        Ok(())
    }

    /// Takes texts that were read for the unit as corrections of the name that `before` has today.
    pub fn correct_name(&mut self, before: &Self, today: NaiveDate) {
        let mut names = (before.title.clone(), before.short_title.clone(), before.renames.clone());
        let (title, short_title) = (std::mem::take(&mut self.title), std::mem::take(&mut self.short_title));
        match names.2.iter_mut().rev().find(|rename| rename.effective_date <= today) {
            Some(rename) => (rename.title, rename.short_title) = (title, short_title),
            None => (names.0, names.1) = (title, short_title),
        }
        (self.title, self.short_title, self.renames) = names;
    }

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
        } else {
            match self.ending {
                Some(UnitChangeKind::Split) => UnitState::Split,
                Some(UnitChangeKind::Move) => UnitState::Moved,
                Some(UnitChangeKind::Merge) => UnitState::Merged,
                // An end from before changes were kept names a successor when it was a merger.
                None if !self.successors.is_empty() => UnitState::Merged,
                Some(UnitChangeKind::Close | UnitChangeKind::Rename) | None => UnitState::Closed,
            }
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

    /// Ends the unit on the day before `first_day`, on which its successors take over; `lasting` says whether units
    /// below it exist after its last day.
    pub fn end(
        &mut self,
        ending: UnitChangeKind,
        first_day: NaiveDate,
        successors: Vec<AgencyCode>,
        lasting: bool,
    ) -> Result<(), Refusal> {
        let resource = self.agency_code.to_string();
        let last = first_day.pred_opt().unwrap_or(first_day);
        if self.end_date.is_some_and(|end| end <= last) {
            return Err(Refusal::State { resource, state: "closed".to_owned() });
        }
        if lasting {
            return Err(Refusal::UnitHasSubunits { unit: resource });
        }
        let mut checks = Checks::default();
        let after_start = self.start_date.is_none_or(|start| start <= last);
        checks.rule(after_start, "end_date", "停用日期早于启用日期", "lies before the start date");
        let heirs = successors.iter();
        let others = heirs.clone().all(|heir| *heir != self.agency_code && !heir.is_below(&self.agency_code));
        checks.rule(
            others,
            "successors",
            "承接单位不能是该单位自己或其下级",
            "a unit cannot be taken over by itself or by one below it",
        );
        checks.done()?;
        self.end_date = Some(last);
        self.ending = Some(ending);
        self.successors = successors;
        Ok(())
    }

    /// Makes it what it was before a change of it that has not come into force and that no later one builds on.
    pub fn undo(&mut self, change: &UnitChange) {
        match change.kind {
            UnitChangeKind::Rename => {
                self.renames.retain(|rename| rename.effective_date != change.effective_date);
            }
            UnitChangeKind::Split if change.unit_goes_on => {}
            UnitChangeKind::Merge | UnitChangeKind::Split | UnitChangeKind::Move | UnitChangeKind::Close => {
                self.end_date = change.former_end_date;
                self.ending = None;
                self.successors = Vec::new();
            }
        }
    }

    /// Refuses unless something may be entered for the unit: it has not ended, and it does not end without an heir.
    pub fn check_owner(&self, today: NaiveDate) -> Result<(), Refusal> {
        let lasts = self.end_date.is_none_or(|end| today <= end);
        if lasts && (self.ending.is_none() || !self.successors.is_empty()) {
            return Ok(());
        }
        Err(self.not_in_force(today))
    }

    /// Refuses unless a budget may be entered for a year that begins on a day: the unit exists then, or whoever takes over
    /// from it will get the budget.
    pub fn check_budget(&self, begins: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        if self.end_date.is_none_or(|end| begins <= end) { Ok(()) } else { self.check_owner(today) }
    }

    fn not_in_force(&self, day: NaiveDate) -> Refusal {
        let successor = self.successors.first().map(ToString::to_string).unwrap_or_default();
        Refusal::UnitNotInForce { unit: self.agency_code.to_string(), day, successor }
    }

    /// Refuses unless the unit exists on a day, and on the day before, from which it goes on.
    pub fn check_lasts(&self, day: NaiveDate) -> Result<(), Refusal> {
        let eve = day.pred_opt().unwrap_or(day);
        if self.exists_on(eve) && self.exists_on(day) { Ok(()) } else { Err(self.not_in_force(day)) }
    }

    /// Refuses unless the unit can take something over from a day on: it exists then and no end of it is known.
    pub fn check_heir(&self, day: NaiveDate) -> Result<(), Refusal> {
        if self.exists_on(day) && self.end_date.is_none() {
            return Ok(());
        }
        Err(self.not_in_force(day))
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

mod code;
mod counts;
#[cfg(test)]
mod tests;
