//! What stands above and below the indicators: head, profile of a department, money, goals, signatures.

use wenxiao_kernel::{Decimal, Money};

use super::{Plan, Style, WIDTH, points};
use crate::domain::form::{AnnualFunding, DepartmentProfile, Printed, WholeLifeFunding};
use crate::domain::sheet::{Cell, Choice, Layout, values};

impl Plan<'_> {
    pub(super) fn heading(&mut self) {
        let head = self.head;
        let year = format!("（{}年度）", head.fiscal_year.as_i32());
        self.put(0, WIDTH, Some(Cell::Text(head.layout.title().to_owned())), Style::Title);
        self.next();
        self.put(0, WIDTH, Some(Cell::Text(year)), Style::Subtitle);
        self.next();
        let (name, code) = match head.layout {
            Layout::Project => ("项目名称", "项目代码"),
            Layout::WholeDepartment => ("部门名称", "部门代码"),
        };
        self.pair((name, &head.title), (code, &head.subject));
        if head.layout == Layout::Project {
            self.pair(("主管部门及代码", &head.department), ("实施单位", &head.unit));
            let nature = self.form.nature.map(values::nature_word).unwrap_or_default();
            self.label(0, 1, "项目性质");
            self.text(1, 3, nature);
            self.choose(Choice::Nature);
            self.label(4, 1, "项目类别");
            self.text(5, 3, &head.category);
            self.next();
        } else if let Some(nature) = self.form.nature {
            self.label(0, 1, "项目性质");
            self.text(1, 7, values::nature_word(nature));
            self.next();
        }
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let (start, end) = (day(self.form.planned_start), day(self.form.planned_end));
        if head.layout == Layout::Project || !start.is_empty() || !end.is_empty() {
            self.pair(("计划开始日期", &start), ("计划完成日期", &end));
        }
        self.label(0, 1, "金额单位");
        self.text(1, 3, head.amount_unit.chinese());
        self.choose(Choice::AmountUnit);
        self.label(4, 1, "指标框架");
        self.text(5, 3, head.frame.rsplit('/').next().unwrap_or_default());
        self.next();
    }

    pub(super) fn profile(&mut self, profile: &DepartmentProfile) {
        self.label(0, 1, "部门职能");
        self.text(1, 7, &profile.functions);
        self.next();
        let count = |count: i32| Some(Cell::Number(Decimal::from(count)));
        self.label(0, 1, "下属单位数");
        self.put(1, 3, count(profile.subordinate_units), Style::Value);
        self.label(4, 1, "人员编制数");
        self.put(5, 3, count(profile.staff_posts), Style::Value);
        self.next();
        for (left, right) in [
            (("部门预算总额", profile.total_budget), Some(("其中：财政资金", profile.fiscal))),
            (("其他资金", profile.other), Some(("基本支出", profile.basic_expenditure))),
            (
                ("其中：三公经费", profile.three_public_expenses),
                Some(("项目支出", profile.project_expenditure)),
            ),
            (("其中：专项资金", profile.special_fund), Some(("政府性基金预算", profile.government_fund))),
            (("国有资本经营预算", profile.state_capital), None),
        ] {
            self.label(0, 1, left.0);
            self.money(1, 3, left.1);
            if let Some((label, amount)) = right {
                self.label(4, 1, label);
                self.money(5, 3, amount);
            }
            self.next();
        }
        self.label(0, WIDTH, "年度主要任务");
        self.next();
        self.label(0, 2, "任务名称");
        self.label(2, 3, "主要内容");
        self.label(5, 1, "预算总额");
        self.label(6, 1, "其中：财政资金");
        self.label(7, 1, "其他资金");
        self.next();
        for duty in &profile.duty_tasks {
            self.text(0, 2, &duty.title);
            self.text(2, 3, &duty.description);
            self.money(5, 1, duty.total);
            self.money(6, 1, duty.fiscal);
            self.money(7, 1, duty.other);
            self.next();
        }
    }

    /// Whole-life money at the left, annual money at the right: never one below the other.
    pub(super) fn funding(&mut self) {
        let (whole, annual) = (self.form.whole_life_funding.as_ref(), self.form.annual_funding.as_ref());
        if self.head.layout == Layout::WholeDepartment && whole.is_none() && annual.is_none() {
            return;
        }
        self.label(0, 1, "项目资金");
        self.cover(4);
        let left = |part: fn(&WholeLifeFunding) -> Option<Money>| whole.and_then(part);
        let right = |part: fn(&AnnualFunding) -> Option<Money>| annual.and_then(part);
        let rows = [
            (Some(("项目资金总额", left(|f| Some(f.total)))), ("年度资金申请总额", right(|f| Some(f.total)))),
            (
                Some(("其中：财政资金", left(|f| f.fiscal))),
                ("其中：当年财政拨款", right(|f| f.appropriation)),
            ),
            (Some(("其他资金", left(|f| f.other))), ("上年结转资金", right(|f| f.carry_over))),
            (None, ("其他资金", right(|f| f.other))),
        ];
        for (left, right) in rows {
            if let Some((label, amount)) = left {
                self.label(1, 2, label);
                self.money(3, 1, amount);
            }
            self.label(4, 3, right.0);
            self.money(7, 1, right.1);
            self.next();
        }
        self.printed("项目资金总额", whole.and_then(|funding| funding.printed_total.as_ref()));
        self.printed("年度资金申请总额", annual.and_then(|funding| funding.printed_total.as_ref()));
    }

    /// A total as its source prints it: number, unit and bound, and the wording.
    fn printed(&mut self, total: &str, printed: Option<&Printed>) {
        if let Some(printed) = printed {
            let amount = (format!("{total}原文金额"), values::printed(printed.amount));
            self.pair((&amount.0, &amount.1), (&format!("{total}原文表述"), &printed.text));
        }
    }

    pub(super) fn goals(&mut self) {
        let whole_life = match self.head.layout {
            Layout::Project => "项目总目标",
            Layout::WholeDepartment => "中长期目标",
        };
        for (label, text) in
            [(whole_life, &self.form.medium_term_goal), ("年度总体目标", &self.form.annual_goal)]
        {
            self.label(0, 1, label);
            self.text(1, 7, text);
            self.next();
        }
        for goal in &self.form.weighted_goals {
            self.label(0, 1, &format!("年度绩效目标{}", goal.number));
            self.text(1, 5, &goal.text);
            self.label(6, 1, "目标权重");
            self.put(7, 1, Some(points(goal.weight)), Style::Value);
            self.next();
        }
    }

    pub(super) fn foot(&mut self) {
        self.label(0, 7, "权重合计");
        self.put(7, 1, self.form.declared_weight_total.map(points), Style::Value);
        self.next();
        self.label(0, 1, "填报人");
        self.text(1, 2, &self.form.filer_name);
        self.label(3, 1, "负责人");
        self.text(4, 2, &self.form.leader_name);
        self.label(6, 1, "电话");
        self.text(7, 1, &self.form.phone_number);
        self.next();
    }
}
