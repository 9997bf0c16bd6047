use chrono::NaiveDate;
use wenxiao_kernel::{Explanation, Step};

use super::UnitKind;

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
