//! The forms of `tests/data/precheck` and what a reviewer should say of them. That folder's README has the format.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wenxiao_kernel::{Decimal, Money, Operator};
use wenxiao_targets::domain::form::{
    AnnualFunding, DepartmentProfile, Form, Indicator, Level1, Nature, Period, Printed, Remark, WeightedGoal,
    WholeLifeFunding,
};
use wenxiao_targets::domain::objective::Subject;
use wenxiao_targets::domain::precheck::{self, Draft, Neighbour};
use wenxiao_targets::domain::rules::FormRules;
use wenxiao_targets::domain::target::Target;
use wenxiao_targets::rules::form_rules;

use super::national;

/// A form, and what should be said of it.
pub struct Paper {
    /// Name of the file.
    pub name: String,
    /// Budget year.
    pub year: i32,
    /// Name of the project.
    pub title: String,
    /// What it is for.
    pub subject: Subject,
    /// The form.
    pub form: Form,
    /// Other forms.
    pub neighbours: Vec<Neighbour>,
    /// Expected remarks.
    pub expected: Vec<Said>,
}

/// A remark by its rule and its place: number of the row, or field. Ordered, so that lists of them can be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// Rule.
    pub rule: String,
    /// Row from 1, or field.
    pub place: String,
}

impl Paper {
    /// Everything that the rules say of it.
    pub fn whole_remarks(&self, rules: &FormRules) -> Vec<Remark> {
        let draft = Draft {
            form: &self.form,
            subject: &self.subject,
            title: &self.title,
            neighbours: &self.neighbours,
        };
        precheck::check(draft, rules)
    }

    /// The rules that speak and their places, with the words.
    pub fn remarks(&self, rules: &FormRules) -> Vec<(Said, String)> {
        let remarks = self.whole_remarks(rules).into_iter().map(|remark| {
            let row = self.form.indicators.iter().position(|row| row.id == remark.indicator_id);
            let place = row.map_or(remark.field, |row| (row + 1).to_string());
            (Said { rule: remark.rule, place }, remark.text)
        });
        remarks.collect()
    }
}

/// The rules of a budget year, as targets takes them from the registry.
pub fn rules(year: i32) -> FormRules {
    form_rules(&national::rules(year), Some(&national::frame(year)), year)
        .expect("the national rules are rules")
}

/// All forms, by name.
pub fn read() -> Vec<Paper> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/precheck");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let read = files.iter().map(|path| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        paper(&name, &fs::read_to_string(path).expect("text"))
    });
    read.collect()
}

fn paper(name: &str, text: &str) -> Paper {
    let mut heads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let (mut rows, mut expected) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(row) = line.strip_prefix("- ") {
            rows.push(row);
        } else if let Some(said) = line.strip_prefix("! ") {
            let (rule, place) = said.split_once(' ').expect("rule and place");
            expected.push(Said { rule: rule.to_owned(), place: place.to_owned() });
        } else {
            let (key, value) = line.split_once('：').unwrap_or_else(|| panic!("{name}: {line}"));
            heads.entry(key).or_default().push(value);
        }
    }
    let first = |key: &str| heads.get(key).and_then(|all| all.first()).copied();
    let year: i32 = first("年度").expect("年度").parse().expect("a year");
    let frame = national::frame(year);
    let indicators = rows.iter().enumerate().map(|(n, row)| indicator(n, row, &frame)).collect();
    let (start, end) = first("期限").and_then(|span| span.split_once('~')).unzip();
    let date = |text: Option<&str>| text.map(|text| text.parse().expect("a date"));
    let of_printed = || {
        first("印刷").map(|text| Printed { amount: text.parse().expect("an amount"), text: text.to_owned() })
    };
    let id = "p".to_owned();
    let subject = match first("类型").unwrap_or("项目") {
        "政策" => Subject::Policy(id),
        "部门" => Subject::WholeDepartment(id),
        _ => Subject::Project(id),
    };
    let nature = first("性质").map(|nature| match nature {
        "经常性" => Nature::Recurrent,
        "一次性" => Nature::OneOff,
        _ => Nature::Phased,
    });
    let goals = heads.get("加权目标").into_iter().flatten().map(|line| {
        let [number, weight, text] = parts(line);
        WeightedGoal { number: number.parse().expect("a number"), text, weight: decimal(&weight) }
    });
    let form = Form {
        nature,
        planned_start: date(start),
        planned_end: date(end),
        whole_life_funding: first("总额").map(|line| {
            let (total, parts) = amounts(line);
            let part = |n: usize| parts.get(n).copied();
            WholeLifeFunding { total, fiscal: part(0), other: part(1), printed_total: None }
        }),
        annual_funding: first("年度资金").map(|line| {
            let (total, parts) = amounts(line);
            let part = |n: usize| parts.get(n).copied();
            AnnualFunding {
                total,
                appropriation: part(0),
                carry_over: part(1),
                other: part(2),
                printed_total: of_printed(),
            }
        }),
        medium_term_goal: first("总目标").unwrap_or_default().to_owned(),
        annual_goal: first("目标").unwrap_or_default().to_owned(),
        weighted_goals: goals.collect(),
        indicators,
        declared_weight_total: first("总分").map(decimal),
        department_profile: first("概况").map(|_| DepartmentProfile::default()),
        ..Form::default()
    };
    let neighbours = heads.get("他表").into_iter().flatten().enumerate().map(|(n, line)| {
        let [title, year, whose, annual_goal] = parts(line);
        Neighbour {
            name: format!("districts/350205000/objectives/other-{n}"),
            title,
            fiscal_year: year.parse().expect("a year"),
            same_subject: whose == "本项目",
            annual_goal,
        }
    });
    Paper {
        name: name.to_owned(),
        year,
        title: first("项目").expect("项目").to_owned(),
        subject,
        form,
        neighbours: neighbours.collect(),
        expected,
    }
}

fn parts<const N: usize>(line: &str) -> [String; N] {
    let all: Vec<String> = line.splitn(N, '|').map(|part| part.trim().to_owned()).collect();
    all.try_into().unwrap_or_else(|_| panic!("{line}"))
}

fn decimal(text: impl AsRef<str>) -> Decimal {
    text.as_ref().trim().parse().expect("a decimal")
}

/// `total=part+part`.
fn amounts(line: &str) -> (Money, Vec<Money>) {
    let (total, parts) = line.split_once('=').unwrap_or((line, ""));
    let money = |text: &str| Money::from_yuan(decimal(text)).expect("an amount");
    (money(total), parts.split('+').filter(|part| !part.is_empty()).map(money).collect())
}

fn indicator(
    place: usize,
    row: &str,
    frame: &wenxiao_contract::wenxiao::registry::v1::IndicatorFrame,
) -> Indicator {
    let columns: Vec<&str> = row.split('|').map(str::trim).collect();
    let column = |n: usize| columns.get(n).copied().unwrap_or_default();
    let (level1, below) = column(0).split_once('/').map_or((None, column(0)), |(one, two)| (Some(one), two));
    let node =
        frame.nodes.iter().find(|node| !node.parent_code.is_empty() && node.title == format!("{below}指标"));
    let above = node.and_then(|node| frame.nodes.iter().find(|top| top.code == node.parent_code));
    let level1 = match level1.or(above.map(|top| top.title.trim_end_matches("指标"))).unwrap_or_default() {
        "产出" => Some(Level1::Output),
        "效益" => Some(Level1::Benefit),
        "满意度" => Some(Level1::Satisfaction),
        "成本" => Some(Level1::Cost),
        _ => None,
    };
    let (operator, printed) = operator(column(2));
    let options = column(7);
    Indicator {
        id: options
            .split_once("id=")
            .map_or_else(|| format!("i{}", place + 1), |(_, id)| id.trim().to_owned()),
        level1,
        level2_code: node.map(|node| node.code.clone()).unwrap_or_default(),
        level2_name: if below.is_empty() { String::new() } else { format!("{below}指标") },
        title: column(1).to_owned(),
        library_indicator: String::new(),
        period: if options.contains("中长期") { Period::WholeLife } else { Period::Annual },
        operator,
        target: target(operator, printed),
        printed_target: column(2).to_owned(),
        measure_unit: column(3).to_owned(),
        weight: Some(column(4)).filter(|weight| !weight.is_empty()).map(decimal),
        goal_number: options.split_once("目标").map_or(0, |(_, n)| n.trim().parse().expect("a goal")),
        description: String::new(),
        scoring_standard: column(5).to_owned(),
        data_source: column(6).to_owned(),
        baseline: String::new(),
        note: String::new(),
    }
}

fn operator(value: &str) -> (Option<Operator>, &str) {
    let signs = [
        ("≥", Operator::AtLeast),
        ("≤", Operator::AtMost),
        ("＞", Operator::MoreThan),
        ("＜", Operator::LessThan),
        ("=", Operator::Equal),
        ("定性:", Operator::Qualitative),
        ("区间:", Operator::Range),
    ];
    let found =
        signs.into_iter().find_map(|(sign, operator)| Some((Some(operator), value.strip_prefix(sign)?)));
    found.unwrap_or((None, value.trim_start_matches('?')))
}

/// A value as a filer would enter it beside its operator: a number, two bounds or text; `*` and nothing are nothing.
fn target(operator: Option<Operator>, printed: &str) -> Option<Target> {
    let text = printed.trim().trim_start_matches(':');
    if text.is_empty() || text == "*" || text == "/" {
        return None;
    }
    let number = |text: &str| text.trim_end_matches('%').parse::<Decimal>().ok();
    if let Some((lower, upper)) = text.split_once('~')
        && operator == Some(Operator::Range)
    {
        return Some(Target::Range { lower: number(lower)?, upper: number(upper)? });
    }
    Some(number(text).map_or_else(|| Target::Text(text.to_owned()), Target::Number))
}
