//! Reads a form from the cells of a sheet.

mod money;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use wenxiao_kernel::AmountUnit;

use money::Money4;
use table::{Row, Table, ends_table, headings};

use super::labels::{self, Amount, Block, Column, DutyColumn, Field};
use super::{Cell, Fault, Layout, Place, Sheet, values};
use crate::domain::form::{AnnualFunding, DepartmentProfile, Form, Level1, WeightedGoal, WholeLifeFunding};
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
}
