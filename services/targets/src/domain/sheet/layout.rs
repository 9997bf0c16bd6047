//! Lays a form out as cells, in the order and with the merged cells of the official forms.

use wenxiao_kernel::{AmountUnit, Decimal, FiscalYear, Money};

use super::{Cell, Choice, Layout, Place, target, values};
use crate::domain::form::{
    AnnualFunding, DepartmentProfile, DutyTask, Form, Indicator, Period, Printed, WholeLifeFunding,
};
use crate::domain::rules::FrameNode;

/// Columns of the form as it is printed; what only programs need stands to the right of them.
const WIDTH: u32 = 8;
/// Rows of indicators that an empty form has prepared.
const PREPARED: u32 = 30;
/// Rows of duties that an empty form has prepared.
const PREPARED_DUTIES: usize = 8;

/// What stands at the head of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which form.
    pub layout: Layout,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Last part of the name of the project or department.
    pub subject: String,
    /// Its name.
    pub title: String,
    /// 主管部门及代码.
    pub department: String,
    /// 实施单位.
    pub unit: String,
    /// Resource name of the indicator frame; empty for none.
    pub frame: String,
    /// Unit in which money is printed.
    pub amount_unit: AmountUnit,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The form's title.
    Title,
    /// The year below it.
    Subtitle,
    /// A label or heading.
    Label,
    /// What is filled in.
    Value,
    /// An amount that is filled in.
    Amount,
}

/// One cell, or several that are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The first of its cells.
    pub place: Place,
    /// How many rows it covers.
    pub rows: u32,
    /// How many columns it covers.
    pub columns: u32,
    /// What stands in it; `None` for an empty one.
    pub cell: Option<Cell>,
    /// How it looks.
    pub style: Style,
    /// What may be chosen for it.
    pub choice: Option<Choice>,
}

/// A form as cells.
pub fn plan(head: &Head, form: &Form, frame: &[FrameNode]) -> Vec<Piece> {
    Plan { head, form, frame, prepared: 0, row: 0, pieces: Vec::new() }.all()
}

/// The empty form as cells, with rows prepared.
pub fn blank(head: &Head, frame: &[FrameNode]) -> Vec<Piece> {
    let mut form = Form::default();
    if head.layout == Layout::WholeDepartment {
        let nothing = DutyTask {
            title: String::new(),
            description: String::new(),
            total: None,
            fiscal: None,
            other: None,
        };
        let profile =
            DepartmentProfile { duty_tasks: vec![nothing; PREPARED_DUTIES], ..DepartmentProfile::default() };
        form.department_profile = Some(profile);
    }
    Plan { head, form: &form, frame, prepared: PREPARED, row: 0, pieces: Vec::new() }.all()
}

struct Plan<'a> {
    head: &'a Head,
    form: &'a Form,
    frame: &'a [FrameNode],
    /// Empty rows of indicators; 0 on a form that is filled in.
    prepared: u32,
    row: u32,
    pieces: Vec<Piece>,
}

impl Plan<'_> {
    fn all(mut self) -> Vec<Piece> {
        self.heading();
        if let Some(profile) = &self.form.department_profile {
            self.profile(profile);
        }
        self.funding();
        self.goals();
        self.indicators();
        self.foot();
        self.pieces
    }

    fn put(&mut self, column: u32, columns: u32, cell: Option<Cell>, style: Style) {
        let place = Place { row: self.row, column };
        let cell = cell.filter(|cell| !cell.is_blank());
        self.pieces.push(Piece { place, rows: 1, columns, cell, style, choice: None });
    }

    /// What may be chosen for the cell put last.
    fn choose(&mut self, choice: Choice) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.choice = Some(choice);
        }
    }

    fn next(&mut self) {
        self.row = self.row.saturating_add(1);
    }

    fn label(&mut self, column: u32, columns: u32, text: &str) {
        self.put(column, columns, Some(Cell::Text(text.to_owned())), Style::Label);
    }

    fn text(&mut self, column: u32, columns: u32, text: &str) {
        self.put(column, columns, Some(Cell::Text(text.to_owned())), Style::Value);
    }

    fn money(&mut self, column: u32, columns: u32, amount: Option<Money>) {
        let scale = match self.head.amount_unit {
            AmountUnit::Yuan => 0,
            AmountUnit::TenThousandYuan => 4,
            AmountUnit::HundredMillionYuan => 8,
        };
        let printed = |amount: Money| amount.yuan().checked_mul(Decimal::new(1, scale)).unwrap_or_default();
        let cell = amount.map(|amount| Cell::Number(printed(amount).normalize()));
        self.put(column, columns, cell, Style::Amount);
    }

    /// Label and value twice in a row.
    fn pair(&mut self, left: (&str, &str), right: (&str, &str)) {
        self.label(0, 1, left.0);
        self.text(1, 3, left.1);
        self.label(4, 1, right.0);
        self.text(5, 3, right.1);
        self.next();
    }

    fn heading(&mut self) {
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
        self.label(0, 1, name);
        self.text(1, 3, &head.title);
        self.label(4, 1, code);
        self.text(5, 3, &head.subject);
        self.next();
        if head.layout == Layout::Project {
            self.pair(("主管部门及代码", &head.department), ("实施单位", &head.unit));
            let nature = self.form.nature.map(values::nature_word).unwrap_or_default();
            self.label(0, 1, "项目性质");
            self.text(1, 7, nature);
            self.choose(Choice::Nature);
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

    fn profile(&mut self, profile: &DepartmentProfile) {
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
    fn funding(&mut self) {
        let (whole, annual) = (self.form.whole_life_funding.as_ref(), self.form.annual_funding.as_ref());
        if self.head.layout == Layout::WholeDepartment && whole.is_none() && annual.is_none() {
            return;
        }
        let place = Place { row: self.row, column: 0 };
        let cell = Some(Cell::Text("项目资金".to_owned()));
        self.pieces.push(Piece { place, rows: 4, columns: 1, cell, style: Style::Label, choice: None });
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

    fn goals(&mut self) {
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

    fn indicators(&mut self) {
        let rows = u32::try_from(self.form.indicators.len()).unwrap_or(u32::MAX).max(self.prepared);
        let place = Place { row: self.row, column: 0 };
        let cell = Some(Cell::Text("绩效指标".to_owned()));
        let piece = Piece {
            place,
            rows: rows.saturating_add(1),
            columns: 1,
            cell,
            style: Style::Label,
            choice: None,
        };
        self.pieces.push(piece);
        let mut headings = vec![
            "一级指标",
            "二级指标",
            "三级指标",
            "计算符号",
            "指标值",
            "计量单位",
            "权重",
            "指标内容",
            "评（扣）分标准",
            "备注",
            "数据来源",
            "上年值",
            "指标期限",
        ];
        if self.prepared == 0 {
            headings.extend(["所属年度绩效目标", "指标值原文", "指标编号", "二级指标代码", "指标库指标"]);
        }
        for (column, heading) in (1..).zip(&headings) {
            self.label(column, 1, heading);
        }
        self.next();
        let form = self.form;
        for (at, indicator) in form.indicators.iter().enumerate() {
            self.levels(&form.indicators, at);
            self.indicator(indicator);
            self.next();
        }
        for _ in 0..self.prepared {
            for (column, choice) in
                [(1, Choice::Level1), (2, Choice::Level2), (4, Choice::Operator), (13, Choice::Period)]
            {
                self.text(column, 1, "");
                self.choose(choice);
            }
            for column in [3, 5, 6, 7] {
                self.text(column, 1, "");
            }
            self.next();
        }
    }

    /// Levels one and two, merged over the rows that share them.
    fn levels(&mut self, rows: &[Indicator], at: usize) {
        let Some(row) = rows.get(at) else { return };
        let above = at.checked_sub(1).and_then(|above| rows.get(above));
        // A row without a level two below one that has it must say its level one again, or it would inherit both.
        let starts1 = |row: &Indicator, above: Option<&Indicator>| {
            above.is_none_or(|above| {
                above.level1 != row.level1 || (row.level2_name.is_empty() && !above.level2_name.is_empty())
            })
        };
        let starts2 = |row: &Indicator, above: Option<&Indicator>| {
            starts1(row, above) || above.is_none_or(|above| above.level2_name != row.level2_name)
        };
        let below = rows.iter().skip(at.saturating_add(1));
        let pairs = || below.clone().zip(rows.iter().skip(at));
        let length = |starts: &dyn Fn(&Indicator, Option<&Indicator>) -> bool| {
            let same = pairs().take_while(|(row, above)| !starts(row, Some(above))).count();
            u32::try_from(same).unwrap_or_default().saturating_add(1)
        };
        let word = row.level1.map_or("*".to_owned(), |level1| values::level1_word(level1, self.frame));
        let merged = [
            (starts1(row, above), 1, word, length(&starts1), Choice::Level1),
            (starts2(row, above), 2, row.level2_name.clone(), length(&starts2), Choice::Level2),
        ];
        for (starts, column, word, rows, choice) in merged {
            if starts {
                self.text(column, 1, &word);
                self.choose(choice);
                if let Some(piece) = self.pieces.last_mut() {
                    piece.rows = rows;
                }
            }
        }
    }

    fn indicator(&mut self, indicator: &Indicator) {
        let sign = match (indicator.operator, &indicator.target) {
            (Some(operator), _) => values::sign(operator),
            // Nothing is to be read into what has no sign.
            (None, Some(target::Target::Text(_) | target::Target::Range { .. })) => "*",
            (None, _) => "",
        };
        self.text(3, 1, &indicator.title);
        self.text(4, 1, sign);
        self.choose(Choice::Operator);
        self.put(5, 1, indicator.target.as_ref().map(target::value_cell), Style::Value);
        self.text(6, 1, &indicator.measure_unit);
        self.put(7, 1, indicator.weight.map(points), Style::Value);
        let period = match indicator.period {
            Period::Annual => "年度",
            Period::WholeLife => "中长期",
        };
        let goal = match indicator.goal_number {
            0 => String::new(),
            number => number.to_string(),
        };
        let rest = [
            indicator.description.as_str(),
            &indicator.scoring_standard,
            &indicator.note,
            &indicator.data_source,
            &indicator.baseline,
            period,
            &goal,
            &indicator.printed_target,
            &indicator.id,
            &indicator.level2_code,
            &indicator.library_indicator,
        ];
        for (column, text) in (WIDTH..).zip(rest) {
            self.text(column, 1, text);
        }
    }

    fn foot(&mut self) {
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

/// Points as a number; as text where a number would lose decimals that the form has (22.50).
fn points(points: Decimal) -> Cell {
    if points.normalize().scale() == points.scale() {
        Cell::Number(points)
    } else {
        Cell::Text(points.to_string())
    }
}
