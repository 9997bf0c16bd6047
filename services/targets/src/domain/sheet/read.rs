//! Reads a form from the cells of a sheet.

use std::collections::{BTreeMap, BTreeSet};

use wenxiao_kernel::{AmountUnit, Money};

use super::labels::{self, Amount, Block, Column, DutyColumn, Field};
use super::target::{self, Cells};
use super::{Cell, Fault, Layout, Place, Sheet, values};
use crate::domain::form::{
    AnnualFunding, DepartmentProfile, DutyTask, Form, Indicator, Level1, Period, Printed, WeightedGoal,
    WholeLifeFunding,
};
use crate::domain::rules::FrameNode;

/// Bounds of the contract, in characters or rows.
const LONG_TEXT: usize = 4000;
const ROWS: usize = 200;
const GOALS: usize = 20;
const DUTIES: usize = 100;

/// What the reader of a sheet expects.
pub struct Asked<'a> {
    /// Which form it must be.
    pub layout: Layout,
    /// Which budget year it must be for.
    pub fiscal_year: i32,
    /// The indicator frame of that year; empty where none is known.
    pub frame: &'a [FrameNode],
    /// Resource name under which frames stand: `districts/{district}/indicatorFrames`.
    pub frames: &'a str,
}

/// A form that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Last part of the name of the project or department, as the form prints it.
    pub subject: String,
    /// Where that stands.
    pub subject_at: Place,
    /// Name of the project or department; empty when the form does not print it.
    pub title: String,
    /// Where that stands.
    pub title_at: Place,
    /// The form; indicators that the sheet does not number have no identifier yet.
    pub form: Form,
}

/// Reads a form, or says everything that is wrong with the sheet.
pub fn read(sheet: &Sheet, asked: &Asked<'_>) -> Result<Filed, Vec<Fault>> {
    let mut reader = Reader::new(asked);
    if !reader.is_the_layout(sheet) {
        let title = asked.layout.title();
        return Err(vec![Fault::of_sheet(format!("工作表不是“{title}”：没有找到表名"))]);
    }
    let mut table = Table::None;
    for (row, cells) in &sheet.rows {
        table = reader.row(*row, cells, table);
    }
    reader.finish()
}

/// The table that a row may belong to.
enum Table {
    None,
    Indicators(BTreeMap<Column, u32>),
    Duties(BTreeMap<DutyColumn, u32>),
}

type Row = BTreeMap<u32, Cell>;

struct Reader<'a> {
    asked: &'a Asked<'a>,
    faults: Vec<Fault>,
    form: Form,
    subject: Option<(Place, String)>,
    title: Option<(Place, String)>,
    year: Option<(Place, i32)>,
    unit: Option<AmountUnit>,
    /// Blocks of money by the column of their total's label, and the one seen last.
    blocks: BTreeMap<u32, Block>,
    block: Option<Block>,
    whole_life: Money4,
    annual: Money4,
    profile: DepartmentProfile,
    has_profile: bool,
    /// Level one and two of the row before: merged cells hold their text once.
    level1: Option<Level1>,
    level2: (String, String),
    identifiers: BTreeSet<String>,
}

/// Total and parts of a block while it is read.
#[derive(Default)]
struct Money4 {
    at: Option<Place>,
    total: Option<Money>,
    fiscal: Option<Money>,
    carry_over: Option<Money>,
    other: Option<Money>,
    amount: Option<Printed>,
    text: Option<String>,
    from_cell: Option<Printed>,
}

impl<'a> Reader<'a> {
    fn new(asked: &'a Asked<'a>) -> Self {
        Self {
            asked,
            faults: Vec::new(),
            form: Form::default(),
            subject: None,
            title: None,
            year: None,
            unit: None,
            blocks: BTreeMap::new(),
            block: None,
            whole_life: Money4::default(),
            annual: Money4::default(),
            profile: DepartmentProfile::default(),
            has_profile: false,
            level1: None,
            level2: Default::default(),
            identifiers: BTreeSet::new(),
        }
    }

    fn is_the_layout(&self, sheet: &Sheet) -> bool {
        let key = match self.asked.layout {
            Layout::Project => "项目支出绩效目标",
            Layout::WholeDepartment => "部门整体支出绩效目标",
        };
        let top = sheet.rows.values().take(5).flat_map(|row| row.values());
        top.map(Cell::text).any(|text| text.replace(char::is_whitespace, "").contains(key))
    }

    /// Takes one row; answers the table that goes on below it.
    fn row(&mut self, row: u32, cells: &Row, table: Table) -> Table {
        let columns = headings(cells, labels::column);
        if columns.contains_key(&Column::Level1) && columns.contains_key(&Column::Title) {
            return Table::Indicators(columns);
        }
        let duties = headings(cells, labels::duty_column);
        if duties.contains_key(&DutyColumn::Title) && duties.contains_key(&DutyColumn::Description) {
            self.has_profile = true;
            return Table::Duties(duties);
        }
        match table {
            Table::Indicators(columns) if !ends_table(cells, columns.get(&Column::Title).copied()) => {
                self.indicator(row, cells, &columns);
                Table::Indicators(columns)
            }
            Table::Duties(columns) if !ends_table(cells, columns.get(&DutyColumn::Description).copied()) => {
                self.duty(row, cells, &columns);
                Table::Duties(columns)
            }
            _ => {
                self.fields(row, cells);
                Table::None
            }
        }
    }

    /// A row of labels with their values to the right.
    fn fields(&mut self, row: u32, cells: &Row) {
        let mut left = cells.iter().peekable();
        while let Some((column, cell)) = left.next() {
            let place = Place { row, column: *column };
            let text = cell.text();
            if let Some(unit) = labels::unit_in_brackets(&text) {
                self.unit = Some(unit);
            }
            if let Some(field) = labels::field(&text) {
                let value = left.next_if(|(_, next)| labels::field(&next.text()).is_none());
                let beside = Place { column: column.saturating_add(1), ..place };
                let (at, value) = value.map_or((beside, None), |(column, cell)| {
                    (Place { column: *column, ..place }, Some(cell))
                });
                self.field(field, place, at, value);
            } else if let Some((field, value)) = labels::inline(&text) {
                self.field(field, place, place, Some(&Cell::Text(value.to_owned())));
            } else if let Some(year) = labels::year(&text) {
                self.year.get_or_insert((place, year));
            }
        }
    }

    /// One labelled value. Blanks leave the field as it is.
    fn field(&mut self, field: Field, label: Place, at: Place, value: Option<&Cell>) {
        if let Field::Money(Amount::Total(block)) = field {
            self.block = Some(block);
            self.blocks.insert(label.column, block);
        }
        let profile = matches!(field, Field::Functions | Field::SubordinateUnits | Field::StaffPosts);
        self.has_profile |= profile && value.is_some();
        let Some(cell) = value else { return };
        match field {
            Field::SubjectName => self.title = Some((at, cell.text().trim().to_owned())),
            Field::SubjectCode => self.subject = Some((at, cell.text().trim().to_owned())),
            Field::Nature => self.form.nature = self.kept(values::nature(at, cell)).flatten(),
            Field::Start => self.form.planned_start = self.kept(values::date(at, cell)).flatten(),
            Field::End => self.form.planned_end = self.kept(values::date(at, cell)).flatten(),
            Field::Year => self.stated_year(at, cell),
            Field::Unit => self.stated_unit(at, cell),
            Field::Frame => self.form.frame = format!("{}/{}", self.asked.frames, cell.text().trim()),
            Field::Functions => self.profile.functions = self.text(at, cell, LONG_TEXT),
            Field::SubordinateUnits => {
                self.profile.subordinate_units = self.kept(values::count(at, cell)).unwrap_or_default();
            }
            Field::StaffPosts => {
                self.profile.staff_posts = self.kept(values::count(at, cell)).unwrap_or_default();
            }
            Field::Money(amount) => self.money(amount, label, at, cell),
            Field::PrintedAmount(block) => self.printed_amount(block, at, cell),
            Field::PrintedText(block) => {
                let text = self.text(at, cell, 200);
                self.block_of(block).text = Some(text);
            }
            Field::MediumTermGoal => self.form.medium_term_goal = self.text(at, cell, LONG_TEXT),
            Field::AnnualGoal => self.form.annual_goal = self.text(at, cell, LONG_TEXT),
            Field::WeightedGoal(number) => self.goal(number, at, cell),
            Field::GoalWeight => self.goal_weight(at, cell),
            Field::WeightTotal => {
                self.form.declared_weight_total = self.kept(values::weight(at, cell)).flatten();
            }
            Field::Filer => self.form.filer_name = self.text(at, cell, 60),
            Field::Leader => self.form.leader_name = self.text(at, cell, 60),
            Field::Phone => self.form.phone_number = self.text(at, cell, 40),
            Field::Ignored | Field::Indicators => {}
        }
    }

    fn stated_year(&mut self, at: Place, cell: &Cell) {
        let text = cell.text();
        let digits = text.trim().trim_end_matches("年度").trim_end_matches('年');
        match digits.parse() {
            Ok(year) => self.year = Some((at, year)),
            Err(_) => self.faults.push(Fault::at(at, format!("“{text}”不是年度"))),
        }
    }

    fn stated_unit(&mut self, at: Place, cell: &Cell) {
        let text = cell.text();
        self.unit = labels::unit(&text);
        if self.unit.is_none() {
            self.faults.push(Fault::at(at, format!("金额单位“{text}”应为元、万元或亿元")));
        }
    }

    fn block_of(&mut self, block: Block) -> &mut Money4 {
        if block == Block::WholeLife { &mut self.whole_life } else { &mut self.annual }
    }

    fn money(&mut self, amount: Amount, label: Place, at: Place, cell: &Cell) {
        let unit = self.unit;
        let block = match amount {
            Amount::Total(block) => Some(block),
            Amount::Appropriation | Amount::CarryOver => Some(Block::Annual),
            // Side by side, each block stands under its total; one below the other, the last total counts.
            _ => self.blocks.get(&label.column).copied().or(self.block),
        };
        if let (Amount::Total(total), Some(Block::WholeLife | Block::Annual)) = (amount, block) {
            let found = self.kept(values::amount(at, cell, unit)).flatten();
            let block = self.block_of(total);
            block.at = Some(at);
            if let Some((amount, printed)) = found {
                (block.total, block.from_cell) = (Some(amount), printed);
            }
            return;
        }
        let found = self.kept(values::exact_amount(at, cell, unit)).flatten();
        match (amount, block) {
            (Amount::Fiscal, Some(Block::WholeLife)) => self.whole_life.fiscal = found,
            (Amount::Other, Some(Block::WholeLife)) => self.whole_life.other = found,
            (Amount::Fiscal, Some(Block::Annual)) | (Amount::Appropriation, _) => self.annual.fiscal = found,
            (Amount::Other, Some(Block::Annual)) => self.annual.other = found,
            (Amount::CarryOver, _) => self.annual.carry_over = found,
            _ => {
                self.has_profile |= found.is_some();
                self.department(amount, found);
            }
        }
        // A part without its total is an error where the part stands.
        match block {
            Some(Block::WholeLife) => drop(self.whole_life.at.get_or_insert(at)),
            Some(Block::Annual) => drop(self.annual.at.get_or_insert(at)),
            _ => {}
        }
    }

    fn department(&mut self, amount: Amount, found: Option<Money>) {
        let profile = &mut self.profile;
        let slot = match amount {
            Amount::Total(_) => &mut profile.total_budget,
            Amount::Fiscal => &mut profile.fiscal,
            Amount::Other => &mut profile.other,
            Amount::Basic => &mut profile.basic_expenditure,
            Amount::ThreePublic => &mut profile.three_public_expenses,
            Amount::Projects => &mut profile.project_expenditure,
            Amount::SpecialFund => &mut profile.special_fund,
            Amount::GovernmentFund => &mut profile.government_fund,
            Amount::StateCapital => &mut profile.state_capital,
            Amount::Appropriation | Amount::CarryOver => return,
        };
        *slot = found;
    }

    fn printed_amount(&mut self, block: Block, at: Place, cell: &Cell) {
        let text = cell.text();
        match text.parse() {
            Ok(amount) => self.block_of(block).amount = Some(Printed { amount, text: String::new() }),
            Err(_) => self.faults.push(Fault::at(at, format!("“{text}”不是带单位的金额，例如0.6亿多"))),
        }
    }

    fn goal(&mut self, number: i32, at: Place, cell: &Cell) {
        if !(1..=20).contains(&number) || self.form.weighted_goals.len() >= GOALS {
            self.faults.push(Fault::at(at, "年度绩效目标最多20个，编号从1到20"));
            return;
        }
        let text = self.text(at, cell, 2000);
        self.form.weighted_goals.push(WeightedGoal { number, text, weight: Default::default() });
    }

    fn goal_weight(&mut self, at: Place, cell: &Cell) {
        let weight = self.kept(values::weight(at, cell)).flatten();
        if let (Some(goal), Some(weight)) = (self.form.weighted_goals.last_mut(), weight) {
            goal.weight = weight;
        }
    }

    fn duty(&mut self, row: u32, cells: &Row, columns: &BTreeMap<DutyColumn, u32>) {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let Some((at, title)) = cell(DutyColumn::Title) else {
            if let Some((column, _)) = cells.iter().next() {
                self.faults.push(Fault::at(Place { row, column: *column }, "主要任务没有填写任务名称"));
            }
            return;
        };
        if self.profile.duty_tasks.len() >= DUTIES {
            self.faults.push(Fault::at(at, "主要任务超过100项"));
            return;
        }
        let unit = self.unit;
        let title = self.text(at, title, 300);
        let description = cell(DutyColumn::Description).map(|(at, cell)| self.text(at, cell, 2000));
        let mut amount = |column| {
            let (at, cell) = cell(column)?;
            self.kept(values::exact_amount(at, cell, unit)).flatten()
        };
        let (total, fiscal, other) =
            (amount(DutyColumn::Total), amount(DutyColumn::Fiscal), amount(DutyColumn::Other));
        let description = description.unwrap_or_default();
        self.profile.duty_tasks.push(DutyTask { title, description, total, fiscal, other });
    }

    fn indicator(&mut self, row: u32, cells: &Row, columns: &BTreeMap<Column, u32>) {
        let beside = Place { row, column: columns.get(&Column::Title).copied().unwrap_or_default() };
        self.levels(row, cells, columns);
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let filled = columns.iter().filter(|(column, _)| !matches!(column, Column::Level1 | Column::Level2));
        if filled.into_iter().all(|(_, column)| !cells.contains_key(column)) {
            return; // prepared and not filled in
        }
        if self.form.indicators.len() >= ROWS {
            self.faults.push(Fault::at(beside, "绩效指标超过200个"));
            return;
        }
        if cell(Column::Title).is_none() {
            self.faults.push(Fault::at(beside, "没有填写三级指标"));
        }
        let mut text =
            |column, limit| cell(column).map(|(at, cell)| self.text(at, cell, limit)).unwrap_or_default();
        let indicator = Indicator {
            id: String::new(),
            level1: None,
            level2_code: String::new(),
            level2_name: String::new(),
            title: text(Column::Title, 300),
            library_indicator: text(Column::Library, 160),
            period: Period::Annual,
            operator: None,
            target: None,
            printed_target: String::new(),
            measure_unit: text(Column::MeasureUnit, 30),
            weight: None,
            goal_number: 0,
            description: text(Column::Description, 1000),
            scoring_standard: text(Column::Standard, 2000),
            data_source: text(Column::DataSource, 1000),
            baseline: text(Column::Baseline, 200),
            note: text(Column::Note, 1000),
        };
        let indicator = self.with_target(indicator, row, cells, columns);
        let indicator = self.with_numbers(indicator, row, cells, columns);
        if self.level1.is_none() {
            self.faults.push(Fault::at(beside, "没有填写一级指标"));
        }
        let (level2_name, level2_code) = self.level2.clone();
        self.form.indicators.push(Indicator { level1: self.level1, level2_name, level2_code, ..indicator });
    }

    /// Levels one and two of a row: a merged cell holds its text in its first row.
    fn levels(&mut self, row: u32, cells: &Row, columns: &BTreeMap<Column, u32>) {
        let (frame, cell) = (self.asked.frame, |column| cell_of(row, cells, columns.get(&column)));
        if let Some((at, cell)) = cell(Column::Level1) {
            let text = cell.text();
            self.level2 = Default::default();
            self.level1 = values::known_level1(&text, frame);
            let of_year =
                |level1| frame.is_empty() || frame.iter().any(|node| node.top && node.level1 == level1);
            if !self.level1.is_some_and(of_year) {
                self.faults.push(Fault::at(at, format!("该年度的指标框架没有一级指标“{}”", text.trim())));
            }
        }
        let code = cell(Column::Level2Code).map(|(_, cell)| cell.text().trim().to_owned());
        if let Some((at, cell)) = cell(Column::Level2) {
            let text = self.text(at, cell, 60);
            let node = self.level1.and_then(|level1| values::level2_node(&text, level1, frame));
            let fixed = frame.iter().any(|node| !node.top);
            if let (Some(level1), None, true) = (self.level1, node, fixed) {
                let above = values::level1_word(level1, frame);
                let text = format!("二级指标“{}”不在“{above}”之下，请按该年度的指标框架选择", text.trim());
                self.faults.push(Fault::at(at, text));
            }
            self.level2 = (text, node.map(|node| node.code.clone()).unwrap_or_default());
        }
        // A form that prints codes means them, also where it prints none.
        if columns.contains_key(&Column::Level2Code) {
            self.level2.1 = code.unwrap_or_default();
        }
    }

    fn with_target(
        &mut self,
        row_so_far: Indicator,
        row: u32,
        cells: &Row,
        columns: &BTreeMap<Column, u32>,
    ) -> Indicator {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let operator = cell(Column::Operator);
        let no_operator = operator.is_some_and(|(_, cell)| values::is_nothing(&cell.text()));
        let operator = operator.map(|(at, cell)| values::operator(at, cell));
        let (operator, known) = match operator {
            Some(Err(fault)) => {
                self.faults.push(fault);
                (None, false)
            }
            Some(Ok(operator)) => (operator, true),
            None => (None, true),
        };
        let printed = columns
            .contains_key(&Column::Printed)
            .then(|| cell(Column::Printed).map(|(at, cell)| self.text(at, cell, 200)).unwrap_or_default());
        let said = target::read(&Cells {
            operator,
            no_operator,
            value: cell(Column::Value).filter(|_| known),
            measure_unit: row_so_far.measure_unit.clone(),
            printed,
            satisfaction: self.level1 == Some(Level1::Satisfaction),
        });
        let said = self.kept(said).unwrap_or_default();
        Indicator {
            operator: said.operator,
            target: said.target,
            printed_target: said.printed,
            measure_unit: said.measure_unit,
            ..row_so_far
        }
    }

    fn with_numbers(
        &mut self,
        row_so_far: Indicator,
        row: u32,
        cells: &Row,
        columns: &BTreeMap<Column, u32>,
    ) -> Indicator {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let weight = cell(Column::Weight).map(|(at, cell)| values::weight(at, cell));
        let weight = weight.and_then(|weight| self.kept(weight)).flatten();
        let period = cell(Column::Period).map(|(at, cell)| values::period(at, cell));
        let period = period.and_then(|period| self.kept(period)).unwrap_or(Period::Annual);
        let goal = cell(Column::Goal).map(|(at, cell)| values::count(at, cell));
        let goal_number = goal.and_then(|goal| self.kept(goal)).unwrap_or_default();
        let id = cell(Column::Identifier).map(|(at, cell)| (at, cell.text().trim().to_owned()));
        if let Some((at, id)) = &id {
            self.check_identifier(*at, id);
        }
        let id = id.map(|(_, id)| id).unwrap_or_default();
        Indicator { weight, period, goal_number, id, ..row_so_far }
    }

    fn check_identifier(&mut self, at: Place, id: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let starts = id.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || id.len() > 63 || !id.chars().all(word) {
            let text = format!("指标编号“{id}”只能由字母、数字和._-组成，不超过63个字符");
            self.faults.push(Fault::at(at, text));
        } else if !self.identifiers.insert(id.to_owned()) {
            self.faults.push(Fault::at(at, format!("指标编号“{id}”重复")));
        }
    }

    /// The text of a cell, within the bounds of its field.
    fn text(&mut self, at: Place, cell: &Cell, limit: usize) -> String {
        let text = cell.text();
        let length = text.chars().count();
        if length > limit {
            self.faults.push(Fault::at(at, format!("内容有{length}字，超过{limit}字的限制")));
        }
        text
    }

    /// A value, or its fault noted.
    fn kept<T>(&mut self, value: Result<T, Fault>) -> Option<T> {
        value.map_err(|fault| self.faults.push(fault)).ok()
    }

    fn finish(mut self) -> Result<Filed, Vec<Fault>> {
        let expected = self.asked.fiscal_year;
        match self.year {
            Some((at, year)) if year != expected => {
                self.faults.push(Fault::at(at, format!("表上是{year}年度，应为{expected}年度")));
            }
            Some(_) => {}
            None => self.faults.push(Fault::of_sheet("表头没有年度，例如（2021年度）")),
        }
        let (whole_life, annual) = (std::mem::take(&mut self.whole_life), std::mem::take(&mut self.annual));
        if let Some((total, printed)) = self.funding(&whole_life, "项目资金总额") {
            let funding = WholeLifeFunding {
                total,
                fiscal: whole_life.fiscal,
                other: whole_life.other,
                printed_total: printed,
            };
            self.form.whole_life_funding = Some(funding);
        }
        if let Some((total, printed)) = self.funding(&annual, "年度资金申请总额") {
            self.form.annual_funding = Some(AnnualFunding {
                total,
                appropriation: annual.fiscal,
                carry_over: annual.carry_over,
                other: annual.other,
                printed_total: printed,
            });
        }
        if self.has_profile {
            self.form.department_profile = Some(std::mem::take(&mut self.profile));
        }
        let what = match self.asked.layout {
            Layout::Project => "项目代码",
            Layout::WholeDepartment => "部门代码",
        };
        self.split_title();
        let subject = self.subject.take().filter(|(_, code)| !code.is_empty());
        if subject.is_none() {
            let fault = match &self.title {
                Some((at, _)) => Fault::at(*at, format!("没有{what}：请填写“代码-名称”，或在{what}一栏填写")),
                None => Fault::of_sheet(format!("没有填写{what}")),
            };
            self.faults.push(fault);
        }
        match subject {
            Some((subject_at, subject)) if self.faults.is_empty() => {
                let (title_at, title) = self.title.unwrap_or((subject_at, String::new()));
                Ok(Filed { subject, subject_at, title, title_at, form: self.form })
            }
            _ => Err(self.faults),
        }
    }

    /// `35020515T000000000007-促进…` holds code and name.
    fn split_title(&mut self) {
        let Some((at, title)) = &self.title else { return };
        let word = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let code = |code: &str| word(code) && code.bytes().any(|byte| byte.is_ascii_digit());
        let split = match &self.subject {
            Some((_, subject)) => title
                .strip_prefix(subject.as_str())
                .and_then(|rest| rest.strip_prefix('-'))
                .map(|name| (None, name)),
            None => title
                .split_once('-')
                .filter(|(before, _)| code(before))
                .map(|(code, name)| (Some(code), name)),
        };
        if let Some((code, name)) = split {
            let (at, code, name) = (*at, code.map(str::to_owned), name.trim().to_owned());
            if let Some(code) = code {
                self.subject = Some((at, code));
            }
            self.title = Some((at, name));
        }
    }

    /// Total of a block with its printed form; parts without a total are an error.
    fn funding(&mut self, block: &Money4, label: &str) -> Option<(Money, Option<Printed>)> {
        let parts = [block.fiscal, block.carry_over, block.other];
        match (block.total, block.at) {
            (Some(total), _) => {
                let text = block.text.clone().unwrap_or_default();
                let stated = block.amount.as_ref().map(|printed| Printed { text, ..printed.clone() });
                Some((total, stated.or_else(|| block.from_cell.clone())))
            }
            (None, Some(at)) if parts.iter().any(Option::is_some) => {
                self.faults.push(Fault::at(at, format!("填写了分项，却没有{label}")));
                None
            }
            _ => None,
        }
    }
}

fn headings<C: Ord>(cells: &Row, meaning: fn(&str) -> Option<C>) -> BTreeMap<C, u32> {
    let mut columns = BTreeMap::new();
    for (column, cell) in cells {
        if let Cell::Text(text) = cell
            && let Some(meaning) = meaning(text)
        {
            columns.entry(meaning).or_insert(*column);
        }
    }
    columns
}

/// Whether a row no longer belongs to a table: its first filled cell, left of the column `before`, is a label.
fn ends_table(cells: &Row, before: Option<u32>) -> bool {
    let Some((column, cell)) = cells.iter().next() else { return false };
    let left = before.is_none_or(|before| *column < before);
    let text = cell.text();
    let label = labels::field(&text).is_some_and(|field| field != Field::Indicators);
    left && (label || labels::inline(&text).is_some())
}

fn cell_of<'c>(row: u32, cells: &'c Row, column: Option<&u32>) -> Option<(Place, &'c Cell)> {
    let column = *column?;
    cells.get(&column).map(|cell| (Place { row, column }, cell))
}
