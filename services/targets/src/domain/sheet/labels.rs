//! The words that forms print beside their fields, in the spellings that are in use.

use wenxiao_kernel::AmountUnit;

/// A field of the form outside of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    SubjectName,
    SubjectCode,
    Nature,
    Start,
    End,
    Year,
    Unit,
    Frame,
    Functions,
    SubordinateUnits,
    StaffPosts,
    Money(Amount),
    PrintedAmount(Block),
    PrintedText(Block),
    MediumTermGoal,
    AnnualGoal,
    WeightedGoal(i32),
    GoalWeight,
    WeightTotal,
    Filer,
    Leader,
    Phone,
    /// A label whose value the registry knows better.
    Ignored,
    /// What stands beside the table of indicators, on some forms in each row.
    Indicators,
}

/// Which sum of money. What several blocks call by one word is told apart by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Total(Block),
    Fiscal,
    Other,
    Appropriation,
    CarryOver,
    Basic,
    ThreePublic,
    Projects,
    SpecialFund,
    GovernmentFund,
    StateCapital,
}

/// A block of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    WholeLife,
    Annual,
    Department,
}

/// A column of the indicator table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Level1,
    Level2,
    Title,
    Operator,
    Value,
    MeasureUnit,
    Weight,
    Description,
    Standard,
    Note,
    DataSource,
    Baseline,
    Period,
    Goal,
    Printed,
    Identifier,
    Level2Code,
    Library,
}

/// A column of the table of duties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DutyColumn {
    Title,
    Description,
    Total,
    Fiscal,
    Other,
}

const FIELDS: &[(&str, Field)] = &[
    ("项目名称", Field::SubjectName),
    ("部门名称", Field::SubjectName),
    ("项目代码", Field::SubjectCode),
    ("项目编码", Field::SubjectCode),
    ("部门代码", Field::SubjectCode),
    ("部门编码", Field::SubjectCode),
    ("项目性质", Field::Nature),
    ("项目属性", Field::Nature),
    ("计划开始日期", Field::Start),
    ("计划完成日期", Field::End),
    ("年度", Field::Year),
    ("预算年度", Field::Year),
    ("金额单位", Field::Unit),
    ("指标框架", Field::Frame),
    ("部门职能", Field::Functions),
    ("下属单位数", Field::SubordinateUnits),
    ("人员编制数", Field::StaffPosts),
    ("项目资金总额", Field::Money(Amount::Total(Block::WholeLife))),
    ("中期资金总额", Field::Money(Amount::Total(Block::WholeLife))),
    ("年度资金申请总额", Field::Money(Amount::Total(Block::Annual))),
    ("年度资金总额", Field::Money(Amount::Total(Block::Annual))),
    ("部门预算总额", Field::Money(Amount::Total(Block::Department))),
    ("财政资金", Field::Money(Amount::Fiscal)),
    ("财政拨款", Field::Money(Amount::Fiscal)),
    ("当年财政拨款", Field::Money(Amount::Appropriation)),
    ("上年结转资金", Field::Money(Amount::CarryOver)),
    ("上年结转", Field::Money(Amount::CarryOver)),
    ("其他资金", Field::Money(Amount::Other)),
    ("基本支出", Field::Money(Amount::Basic)),
    ("三公经费", Field::Money(Amount::ThreePublic)),
    ("项目支出", Field::Money(Amount::Projects)),
    ("专项资金", Field::Money(Amount::SpecialFund)),
    ("政府性基金预算", Field::Money(Amount::GovernmentFund)),
    ("国有资本经营预算", Field::Money(Amount::StateCapital)),
    ("项目资金总额原文金额", Field::PrintedAmount(Block::WholeLife)),
    ("项目资金总额原文表述", Field::PrintedText(Block::WholeLife)),
    ("年度资金申请总额原文金额", Field::PrintedAmount(Block::Annual)),
    ("年度资金申请总额原文表述", Field::PrintedText(Block::Annual)),
    ("项目总目标", Field::MediumTermGoal),
    ("中长期目标", Field::MediumTermGoal),
    ("年度总体目标", Field::AnnualGoal),
    ("年度目标", Field::AnnualGoal),
    ("目标权重", Field::GoalWeight),
    ("权重合计", Field::WeightTotal),
    ("权重总分", Field::WeightTotal),
    ("填报人", Field::Filer),
    ("负责人", Field::Leader),
    ("电话", Field::Phone),
    ("联系电话", Field::Phone),
    ("主管部门", Field::Ignored),
    ("主管部门及代码", Field::Ignored),
    ("实施单位", Field::Ignored),
    ("项目类别", Field::Ignored),
    ("预算账户", Field::Ignored),
    ("项目资金", Field::Ignored),
    ("部门概况", Field::Ignored),
    ("部门预算", Field::Ignored),
    ("年度主要任务", Field::Ignored),
    ("绩效指标", Field::Indicators),
];

const COLUMNS: &[(&str, Column)] = &[
    ("一级指标", Column::Level1),
    ("二级指标", Column::Level2),
    ("三级指标", Column::Title),
    ("计算符号", Column::Operator),
    ("指标性质", Column::Operator),
    ("指标值", Column::Value),
    ("目标值", Column::Value),
    ("计量单位", Column::MeasureUnit),
    ("度量单位", Column::MeasureUnit),
    ("权重", Column::Weight),
    ("分值", Column::Weight),
    ("指标内容", Column::Description),
    ("评分标准", Column::Standard),
    ("备注", Column::Note),
    ("数据来源", Column::DataSource),
    ("上年值", Column::Baseline),
    ("指标期限", Column::Period),
    ("所属年度绩效目标", Column::Goal),
    ("指标值原文", Column::Printed),
    ("指标编号", Column::Identifier),
    ("二级指标代码", Column::Level2Code),
    ("指标库指标", Column::Library),
];

const DUTY_COLUMNS: &[(&str, DutyColumn)] = &[
    ("任务名称", DutyColumn::Title),
    ("主要内容", DutyColumn::Description),
    ("预算总额", DutyColumn::Total),
    ("财政资金", DutyColumn::Fiscal),
    ("其他资金", DutyColumn::Other),
];

/// A label without what differs from form to form: blanks, remarks in brackets, 其中, the colon.
pub(super) fn bare(text: &str) -> String {
    let (mut bare, mut depth) = (String::new(), 0_u32);
    for c in text.chars() {
        match c {
            '（' | '(' => depth = depth.saturating_add(1),
            '）' | ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() => {}
            _ => bare.push(c),
        }
    }
    let bare = bare.trim_end_matches(['：', ':']);
    bare.strip_prefix("其中").unwrap_or(bare).trim_start_matches(['：', ':']).to_owned()
}

fn find<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    let bare = bare(text);
    words.iter().find(|(word, _)| *word == bare).map(|(_, meaning)| *meaning)
}

/// The field that a label stands for.
pub(super) fn field(text: &str) -> Option<Field> {
    // Labels are short: a goal of a thousand characters is none.
    if text.chars().count() > 40 {
        return None;
    }
    let numbered = || bare(text).strip_prefix("年度绩效目标")?.parse().ok().map(Field::WeightedGoal);
    find(FIELDS, text).or_else(numbered)
}

/// A label with its value in one cell: `填报人：张三`.
pub(super) fn inline(text: &str) -> Option<(Field, &str)> {
    let (label, value) = text.split_once(['：', ':'])?;
    let field = field(label)?;
    let short = matches!(
        field,
        Field::Filer | Field::Leader | Field::Phone | Field::Unit | Field::Year | Field::SubjectCode
    );
    (short && !value.trim().is_empty()).then(|| (field, value.trim()))
}

/// The column that a heading stands for.
pub(super) fn column(text: &str) -> Option<Column> {
    find(COLUMNS, text)
}

/// The column that a heading of the table of duties stands for.
pub(super) fn duty_column(text: &str) -> Option<DutyColumn> {
    find(DUTY_COLUMNS, text)
}

/// The unit that a label names in brackets: `项目资金（万元）`.
pub(super) fn unit_in_brackets(text: &str) -> Option<AmountUnit> {
    let inside = text.split(['（', '(']).nth(1)?.split(['）', ')']).next()?;
    unit(inside.trim_start_matches("金额单位").trim_start_matches("单位").trim_start_matches(['：', ':']))
}

/// A unit of money by its word.
pub(super) fn unit(text: &str) -> Option<AmountUnit> {
    let units = [AmountUnit::Yuan, AmountUnit::TenThousandYuan, AmountUnit::HundredMillionYuan];
    units.into_iter().find(|unit| unit.chinese() == text.trim())
}

/// The year of a form's head: `（2020年度）`.
pub(super) fn year(text: &str) -> Option<i32> {
    let text = text.trim().trim_matches(['（', '）', '(', ')']);
    let digits = text.trim().trim_end_matches("年度").trim_end_matches('年');
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && digits.len() < text.trim().len() { digits.parse().ok() } else { None }
}
