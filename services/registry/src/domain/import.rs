//! Rows of imported files (导入): headings are found by name, cells are read by kind, and everything that is wrong is said
//! with its row and column. What is in the cells becomes units, projects and entries in the sibling modules.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money, PrintedAmount, Secrecy};

use super::budget::{EntryKind, FundingSource, negated};
use super::project::{ProjectCategory, ProjectNature};
use super::unit::UnitKind;

/// A file as rows of text (表格): the heading first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Headings.
    pub headings: Vec<String>,
    /// Line in the file and cells, without empty lines.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// What is wrong with one cell, row or file (行错误).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Line in the file, the heading being 1; 0 for the file as a whole.
    pub row: usize,
    /// Heading of the column; empty for the row as a whole.
    pub column: String,
    /// What was read.
    pub value: String,
    /// Machine-readable reason.
    pub reason: String,
    /// What is wrong, in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

/// A column that a file may have.
#[derive(Debug)]
pub struct Column {
    /// What the program calls it.
    pub key: &'static str,
    /// Headings by which it is found, besides the key itself.
    pub headings: &'static [&'static str],
    /// Whether the file must have it.
    pub required: bool,
}

const fn must(key: &'static str, headings: &'static [&'static str]) -> Column {
    Column { key, headings, required: true }
}

const fn may(key: &'static str, headings: &'static [&'static str]) -> Column {
    Column { key, headings, required: false }
}

/// Columns of a file of units.
pub const UNIT_COLUMNS: &[Column] = &[
    must("agency_code", &["单位代码"]),
    must("title", &["单位名称"]),
    may("short_title", &["简称", "单位简称"]),
    must("kind", &["单位类型"]),
    may("parent_code", &["上级代码", "上级单位代码"]),
    may("department_code", &["主管部门代码"]),
    may("fiscal_division", &["财政区划", "财政区划代码"]),
    may("managing_division", &["管理科室", "业务处室"]),
    may("start_date", &["启用日期", "生效日期"]),
    may("end_date", &["停用日期", "失效日期"]),
];

/// Columns of a file of projects.
pub const PROJECT_COLUMNS: &[Column] = &[
    may("project_id", &["标识"]),
    may("project_code", &["项目代码"]),
    must("title", &["项目名称"]),
    must("category", &["项目类别", "项目类别代码"]),
    may("local_project_type", &["地方类型", "地方项目类型"]),
    must("budget_account", &["预算", "预算账户"]),
    may("nature", &["项目性质"]),
    may("competent_department", &["主管部门", "主管部门代码"]),
    must("implementing_unit", &["单位代码", "实施单位代码"]),
    must("setup_year", &["设立年度"]),
    may("start_year", &["开始年度", "起始年度"]),
    may("term_years", &["期限", "期限年数"]),
    may("total_amount", &["总金额", "项目总金额"]),
    may("secrecy", &["密级"]),
    may("policy", &["政策编号"]),
];

/// Columns of a file of budget entries.
pub const ENTRY_COLUMNS: &[Column] = &[
    may("source_number", &["分录编号", "来源编号"]),
    must("project", &["项目代码", "项目标识"]),
    may("unit", &["单位代码"]),
    must("fiscal_year", &["预算年度", "年度"]),
    may("budget_account", &["预算账户", "预算"]),
    must("funding_source", &["资金来源"]),
    must("kind", &["类型", "变动类型"]),
    must("amount", &["金额"]),
    may("entry_date", &["日期", "生效日期"]),
    may("document_number", &["文号"]),
    may("remark", &["摘要"]),
];

/// Where the columns of a file stand, or what is wrong with its heading.
pub fn find_columns(table: &Table, known: &[Column]) -> Result<BTreeMap<&'static str, usize>, Vec<RowError>> {
    let mut places = BTreeMap::new();
    let mut errors = Vec::new();
    let mut refuse = |heading: &str, reason: &str, chinese: &str, english: &str| {
        errors.push(RowError {
            row: 1,
            column: heading.to_owned(),
            value: heading.to_owned(),
            reason: reason.to_owned(),
            chinese: chinese.to_owned(),
            english: english.to_owned(),
        });
    };
    for (place, heading) in
        table.headings.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty())
    {
        let heading = heading.trim();
        match known.iter().find(|column| column.key == heading || column.headings.contains(&heading)) {
            None => refuse(heading, "UNKNOWN_COLUMN", "没有这一列", "is no column of this file"),
            Some(column) => {
                if places.insert(column.key, place).is_some() {
                    refuse(heading, "UNKNOWN_COLUMN", "此列重复", "stands twice");
                }
            }
        }
    }
    for column in known.iter().filter(|column| column.required && !places.contains_key(column.key)) {
        let heading = column.headings.first().copied().unwrap_or(column.key);
        refuse(heading, "MISSING_VALUE", "缺少必需的列", "is missing from the file");
    }
    if errors.is_empty() { Ok(places) } else { Err(errors) }
}

/// One row being read. Readers answer `None` for what is empty or wrong; what is wrong is noted.
pub struct Row<'t> {
    /// Line in the file.
    pub line: usize,
    cells: &'t [String],
    headings: &'t [String],
    places: &'t BTreeMap<&'static str, usize>,
    errors: &'t mut Vec<RowError>,
}

impl<'t> Row<'t> {
    /// A row of a table whose columns were found.
    pub fn new(
        table: &'t Table,
        line: usize,
        cells: &'t [String],
        places: &'t BTreeMap<&'static str, usize>,
        errors: &'t mut Vec<RowError>,
    ) -> Self {
        Self { line, cells, headings: &table.headings, places, errors }
    }

    /// The text of a cell without blanks around it; empty when there is no such column.
    pub fn text(&self, key: &str) -> &'t str {
        let place = self.places.get(key).copied();
        place.and_then(|place| self.cells.get(place)).map_or("", |cell| cell.trim())
    }

    /// Notes that a cell is wrong.
    pub fn refuse(
        &mut self,
        key: &str,
        reason: &str,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) {
        let place = self.places.get(key).copied();
        let column = place.and_then(|place| self.headings.get(place)).cloned().unwrap_or_default();
        let value = self.text(key).chars().take(200).collect();
        self.errors.push(RowError {
            row: self.line,
            column,
            value,
            reason: reason.to_owned(),
            chinese: chinese.into(),
            english: english.into(),
        });
    }

    /// Reads a cell that may be empty.
    pub fn optional<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.refuse(key, "INVALID_VALUE", "无法识别", "cannot be read");
        }
        value
    }

    /// Reads a cell that must be filled.
    pub fn required<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        if self.text(key).is_empty() {
            self.refuse(key, "MISSING_VALUE", "必填项为空", "is required");
            return None;
        }
        self.optional(key, read)
    }
}

/// Reads whatever reads itself.
pub fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A text as it is.
pub fn plain(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A date: `2020-01-17`, `2020/1/17`, `20200117`, `2020年1月17日`.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.split([' ', 'T']).next().unwrap_or(text);
    ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
}

/// A year: `2020`, `2020年`.
pub fn year(text: &str) -> Option<FiscalYear> {
    let digits = text.trim_end_matches(['年', '度']);
    digits.parse::<i32>().ok().and_then(|year| FiscalYear::try_from(year).ok())
}

/// An amount: in yuan when it is a bare number, with or without thousands separators, and otherwise as a document prints
/// it, `1.9亿`, `260万元`, `0.6亿多`, whose unit, precision and bound are kept.
pub fn money(text: &str) -> Option<(Money, Option<PrintedAmount>)> {
    let plain = text.replace([',', '，', '￥', '¥'], "");
    if let Ok(number) = plain.trim_end_matches('元').parse::<Decimal>() {
        return Money::from_yuan(number).ok().map(|amount| (amount, None));
    }
    let (size, negative) = plain.strip_prefix(['-', '－', '−']).map_or((&*plain, false), |size| (size, true));
    let printed: PrintedAmount = size.parse().ok()?;
    let amount = printed.amount().ok()?;
    Some((if negative { negated(amount) } else { amount }, Some(printed)))
}

/// A kind of unit, by the words that finance bureaus use.
pub fn unit_kind(text: &str) -> Option<UnitKind> {
    Some(match text {
        "主管部门" | "部门" => UnitKind::Department,
        "下属单位" | "所属单位" | "预算单位" | "所属预算单位" => UnitKind::Unit,
        "本级单位" | "本级" => UnitKind::OwnUnit,
        "街道办事处" | "街道" => UnitKind::SubdistrictOffice,
        "局属事业单位" | "事业单位" => UnitKind::Affiliated,
        word => word.parse().ok()?,
    })
}

/// A national category, by code or name.
pub fn category(text: &str) -> Option<ProjectCategory> {
    Some(match text {
        "1" | "人员类" => ProjectCategory::Personnel,
        "2" | "运转类" => ProjectCategory::Operating,
        "21" | "公用经费" => ProjectCategory::OfficeOperating,
        "22" | "其他运转类" => ProjectCategory::OtherOperating,
        "3" | "特定目标类" => ProjectCategory::SpecificPurpose,
        word => word.parse().ok()?,
    })
}

/// A project's nature.
pub fn nature(text: &str) -> Option<ProjectNature> {
    Some(match text.trim_end_matches("项目") {
        "经常性" => ProjectNature::Recurrent,
        "一次性" => ProjectNature::OneOff,
        "阶段性" => ProjectNature::Phased,
        word => word.parse().ok()?,
    })
}

/// A budget account, by name.
pub fn account(text: &str) -> Option<BudgetAccount> {
    let named = BudgetAccount::ALL.iter().copied().find(|account| account.chinese().starts_with(text));
    named.or_else(|| text.parse().ok())
}

/// A secrecy level.
pub fn secrecy(text: &str) -> Option<Secrecy> {
    Some(match text {
        "非涉密" | "公开" => Secrecy::None,
        "内部" => Secrecy::Internal,
        "涉密" => Secrecy::Classified,
        word => word.parse().ok()?,
    })
}

/// A funding source.
pub fn funding_source(text: &str) -> Option<FundingSource> {
    Some(match text.trim_end_matches("资金").trim_end_matches("财政") {
        "区级" | "县级" | "本级" | "区" => FundingSource::DistrictFiscal,
        "中央" | "中央级" => FundingSource::CentralFiscal,
        "省级" | "省" => FundingSource::ProvincialFiscal,
        "市级" | "地市级" | "市" => FundingSource::MunicipalFiscal,
        "财政专户管理" | "财政专户" => FundingSource::SpecialAccount,
        "单位" | "单位自筹" | "自筹" => FundingSource::UnitFunds,
        "银行贷款" => FundingSource::BankLoan,
        "社会投入" | "社会" => FundingSource::SocialCapital,
        "其他" => FundingSource::Other,
        word => word.parse().ok()?,
    })
}

/// A kind of budget entry.
pub fn entry_kind(text: &str) -> Option<EntryKind> {
    Some(match text {
        "年初" | "年初预算" | "年初批复" => EntryKind::Initial,
        "追加" => EntryKind::Supplement,
        "追减" | "调减" => EntryKind::Reduction,
        "结转" | "上年结转" => EntryKind::CarryOver,
        "调剂" => EntryKind::Virement,
        word => word.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(headings: &[&str], rows: &[&[&str]]) -> Table {
        let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let rows =
            rows.iter().enumerate().map(|(place, cells)| (place.saturating_add(2), texts(cells))).collect();
        Table { headings: texts(headings), rows }
    }

    #[test]
    fn columns_are_found_by_any_of_their_names() {
        let known =
            find_columns(&table(&["kind", "单位代码", "单位名称"], &[]), UNIT_COLUMNS).unwrap_or_default();
        assert_eq!(known.get("agency_code"), Some(&1));
        let wrong = find_columns(&table(&["单位代码", "单位代码", "颜色"], &[]), UNIT_COLUMNS).unwrap_err();
        let columns: Vec<&str> = wrong.iter().map(|error| error.column.as_str()).collect();
        assert_eq!(columns, ["单位代码", "颜色", "单位名称", "单位类型"]);
    }

    #[test]
    fn a_wrong_cell_is_named_with_row_and_column() {
        let file = table(&["单位代码", "单位名称", "单位类型"], &[&[" 602 ", "", "公司"]]);
        let places = find_columns(&file, UNIT_COLUMNS).unwrap_or_default();
        let mut errors = Vec::new();
        let (line, cells) = &file.rows[0];
        let mut row = Row::new(&file, *line, cells, &places, &mut errors);
        assert_eq!(row.required("agency_code", plain).as_deref(), Some("602"));
        assert_eq!(row.required("title", plain), None);
        assert_eq!(row.required("kind", unit_kind), None);
        assert_eq!(row.optional("start_date", date), None);
        let said: Vec<(usize, &str, &str)> =
            errors.iter().map(|e| (e.row, e.column.as_str(), e.reason.as_str())).collect();
        assert_eq!(said, [(2, "单位名称", "MISSING_VALUE"), (2, "单位类型", "INVALID_VALUE")]);
    }

    #[test]
    fn cells_are_read_as_bureaus_write_them() {
        for text in ["2020-01-07", "2020/1/7", "20200107", "2020年1月7日", "2020-01-07 00:00:00"] {
            assert_eq!(date(text), NaiveDate::from_ymd_opt(2020, 1, 7), "{text}");
        }
        for (text, yuan, printed) in [
            ("1,828,340.50元", "1828340.50", ""),
            ("260万元", "2600000.00", "260万元"),
            ("1.9亿", "190000000.00", "1.9亿元"),
            ("0.6亿多", "60000000.00", "0.6亿多"),
            ("不足0.6亿元", "60000000.00", "不足0.6亿元"),
            ("-143万", "-1430000.00", "143万元"),
        ] {
            let (amount, said) = money(text).unwrap_or_default();
            assert_eq!(amount.yuan().to_string(), yuan, "{text}");
            assert_eq!(said.map(|said| said.to_string()).unwrap_or_default(), printed, "{text}");
        }
        assert_eq!(money("1.234"), None);
        assert_eq!(
            money("1.23456789亿元").map(|(amount, _)| amount.yuan().to_string()).as_deref(),
            Some("123456789.00")
        );
        assert_eq!(money("0.00000012345万元"), None, "fractions of a fen");
        assert_eq!(money("约六千万"), None);
        assert_eq!(category("22"), Some(ProjectCategory::OtherOperating));
        assert_eq!(account("政府性基金预算"), Some(BudgetAccount::GovernmentFund));
        assert_eq!(funding_source("区级"), Some(FundingSource::DistrictFiscal));
        assert_eq!(funding_source("市级财政资金"), Some(FundingSource::MunicipalFiscal));
        assert_eq!(entry_kind("追减"), Some(EntryKind::Reduction));
        assert_eq!(year("2020年度").map(FiscalYear::as_i32), Some(2020));
    }
}
