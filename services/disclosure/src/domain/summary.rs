//! The annual summary (年度总结): from the facts of a year to its figures, its text and the places where numbers that should
//! agree do not.

use wenxiao_kernel::{AmountUnit, Bound, BudgetAccount, Decimal, Explanation, Money, Step};

use super::case::Case;
use super::document::Section;
use super::facts::{Covered, YearFacts};
use super::figure::{self, Figure, FigureUnit, Value};
use super::keys::{KEYS, Key, KeySpec};
use super::narrative;
use super::rules::Rules;
use super::words::Word;

/// A composed summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// 海沧区2020年绩效工作总结.
    pub title: String,
    /// Every figure, in the order of the text.
    pub figures: Vec<Figure>,
    /// Opening and seven sections.
    pub sections: Vec<Section>,
    /// Numbers that should agree and do not.
    pub mismatches: Vec<String>,
}

/// A value with the account of itself.
struct Reading {
    value: Option<Value>,
    steps: Vec<Step>,
    first_time: bool,
}

impl Reading {
    fn of(value: Option<Value>) -> Self {
        Self { value, steps: Vec::new(), first_time: false }
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// Composes the summary of a year.
pub fn compose(facts: &YearFacts, rules: &Rules) -> Summary {
    let figures = figures(facts, rules);
    let sections = narrative::sections(facts, &figures);
    Summary {
        title: format!("{}{}年绩效工作总结", facts.district_title, facts.work_year),
        sections,
        mismatches: mismatches(facts),
        figures,
    }
}

/// Every figure of a year, in the order of the text: the cases stand at the head of section 6.
pub fn figures(facts: &YearFacts, rules: &Rules) -> Vec<Figure> {
    let general = |section: &dyn Fn(i32) -> bool| -> Vec<Figure> {
        KEYS.iter()
            .filter(|spec| section(spec.section))
            .map(|spec| general_figure(spec, facts, rules))
            .collect()
    };
    let mut all = general(&|section| section < 6);
    all.extend(facts.cases.iter().flat_map(|case| case_figures(case, rules)));
    all.extend(general(&|section| section >= 6));
    all
}

fn general_figure(spec: &KeySpec, facts: &YearFacts, rules: &Rules) -> Figure {
    build(spec, spec.name(facts.work_year), read(spec.key, facts), rules)
}

fn build(spec: &KeySpec, key: String, reading: Reading, rules: &Rules) -> Figure {
    let explanation = reading.steps.into_iter().fold(Explanation::by("", key.clone()), Explanation::step);
    Figure {
        key,
        section: spec.section,
        label: spec.label.to_owned(),
        unit: spec.unit,
        bound: Bound::Exact,
        printed: print(reading.value.as_ref(), |value| {
            figure::print(value, spec.precision, Bound::Exact, rules)
        }),
        printed_text: print(reading.value.as_ref(), |value| {
            figure::print_text(value, spec.unit, spec.precision, Bound::Exact, rules)
        }),
        explanation: conclude(explanation, reading.value.is_some(), spec.label),
        value: reading.value,
        source_query: spec.query.to_owned(),
        first_time: reading.first_time,
    }
}

fn case_figures<'c>(case: &'c Case, rules: &'c Rules) -> impl Iterator<Item = Figure> + 'c {
    case.figures.iter().map(move |entry| {
        let (unit, precision) = entry.measure.print();
        let (value, bound) = entry.value();
        let key = entry.measure.key(&case.id);
        let label = match entry.measure.fiscal_year {
            0 => format!("{}：{}", case.title, entry.measure.measure.chinese()),
            year => format!("{}：{year}年{}", case.title, entry.measure.measure.chinese()),
        };
        let explanation =
            entry.steps.iter().cloned().fold(Explanation::by("", key.clone()), Explanation::step);
        Figure {
            key,
            section: 6,
            unit,
            bound,
            printed: print(value.as_ref(), |value| figure::print(value, precision, bound, rules)),
            printed_text: print(value.as_ref(), |value| {
                figure::print_text(value, unit, precision, bound, rules)
            }),
            explanation: conclude(explanation, value.is_some(), &label),
            label,
            value,
            source_query: "cases".to_owned(),
            first_time: false,
        }
    })
}

fn print(value: Option<&Value>, with: impl FnOnce(&Value) -> String) -> String {
    value.map_or_else(String::new, with)
}

fn conclude(explanation: Explanation, present: bool, label: &str) -> Explanation {
    if present {
        explanation.concluding(format!("{label}，由已存对象计算"), "computed from stored objects")
    } else {
        explanation
            .concluding(format!("{label}：没有已存对象给出该数"), "nothing that is stored gives this figure")
    }
}

fn read(key: Key, facts: &YearFacts) -> Reading {
    const GPB: BudgetAccount = BudgetAccount::GeneralPublic;
    const FUND: BudgetAccount = BudgetAccount::GovernmentFund;
    let plan = facts.plan.as_ref();
    let own = &facts.self_evaluation;
    let reviewed = &facts.key_evaluation;
    match key {
        Key::ReportYear => Reading::of(Some(figure::count(facts.work_year))),
        Key::PlanDocument => Reading::of(plan.map(|plan| Value::Texts(vec![plan.document_number.clone()]))),
        Key::PlanHorizon => Reading::of(plan.map(|plan| figure::count(plan.horizon_years))),
        Key::PlanTargetDate => Reading::of(plan.and_then(|plan| plan.target_date).map(Value::Date)),
        Key::TrainingTargets => Reading::of(texts(&facts.trainings)),
        Key::TargetGpbAmount => covered_amount(facts.objectives_of(GPB)),
        Key::TargetUnits => counted(facts.objective_participants.units),
        Key::TargetStreets => counted(facts.objective_participants.streets),
        Key::TargetGpbProjects => covered_count(facts.objectives_of(GPB)),
        Key::TargetGpbCoverage => covered_rate(facts.objectives_of(GPB)),
        Key::TargetGovfundProjects => covered_count(facts.objectives_of(FUND)),
        Key::TargetGovfundAmount => covered_amount(facts.objectives_of(FUND)),
        Key::MonitorGpbCoverage => covered_rate(facts.monitoring_of(GPB)),
        Key::MonitorGpbAmount => covered_amount(facts.monitoring_of(GPB)),
        Key::MonitorGovfundAmount => covered_amount(facts.monitoring_of(FUND)),
        Key::ExAnteProjects => counted(i64::try_from(facts.ex_ante.len()).unwrap_or(i64::MAX)),
        Key::ExAnteAmount => ex_ante_amount(facts),
        Key::SelfEvalUnits => counted(own.participants.units),
        Key::SelfEvalStreets => counted(own.participants.streets),
        Key::SelfEvalYear => years(&own.years),
        Key::SelfEvalAmount => covered_amount(Some(&own.covered).filter(|covered| covered.count > 0)),
        Key::SelfEvalCoverage => covered_rate(Some(&own.covered)),
        Key::KeyEvalTotal => counted(reviewed.finance.saturating_add(reviewed.department)).step(
            Step::new(
                "重点评价项目",
                "财政牵头 + 部门自主",
                reviewed.finance.saturating_add(reviewed.department),
            )
            .input("财政牵头", reviewed.finance)
            .input("部门自主", reviewed.department),
        ),
        Key::KeyEvalAmount => in_hundred_millions(Some(reviewed.amount).filter(|amount| !amount.is_zero())),
        Key::KeyEvalFinance => counted(reviewed.finance),
        Key::KeyEvalDepartment => counted(reviewed.department),
        Key::KeyEvalYear => years(&reviewed.years),
        Key::KeyEvalDeputies => counted(reviewed.deputies_and_members),
        Key::KeyEvalMinGrade => Reading::of(reviewed.worst_finance_grade.map(Value::Grade)),
        Key::PolicyBudgetYear => years(&facts.policy_budget_years),
        Key::DisclosureTargetYear => years(&facts.disclosure.objective_years),
        Key::DisclosureEvalYear => years(&facts.disclosure.result_years),
    }
}

/// A count of nothing is a figure, too: 0 is printed, and only an absent year is not.
fn counted(number: i64) -> Reading {
    Reading::of(Some(figure::count(number)))
}

fn texts(all: &[String]) -> Option<Value> {
    if all.is_empty() { None } else { Some(Value::Texts(all.to_vec())) }
}

/// One year as a number, several as a list, none as no value.
fn years(all: &[i32]) -> Reading {
    Reading::of(match all {
        [] => None,
        [one] => Some(figure::count(*one)),
        several => Some(Value::Texts(several.iter().map(ToString::to_string).collect())),
    })
}

fn in_hundred_millions(amount: Option<Money>) -> Reading {
    let reading = Reading::of(amount.map(|amount| figure::amount(amount, AmountUnit::HundredMillionYuan)));
    match amount {
        Some(amount) => reading.step(Step::new("合计", "Σ 金额", amount)),
        None => reading,
    }
}

fn covered_amount(covered: Option<&Covered>) -> Reading {
    in_hundred_millions(covered.map(|covered| covered.covered))
}

fn covered_count(covered: Option<&Covered>) -> Reading {
    Reading::of(covered.map(|covered| figure::count(covered.count)))
}

/// Unknown without a total: a coverage of 100 is never assumed.
fn covered_rate(covered: Option<&Covered>) -> Reading {
    let rate = covered.and_then(Covered::rate);
    let mut reading = Reading::of(rate.map(Value::Number));
    if let (Some(rate), Some(covered)) = (rate, covered) {
        reading.first_time = covered.full_for_the_first_time();
        reading = reading.step(coverage_step(covered, rate));
    }
    reading
}

/// The division behind a coverage rate.
pub fn coverage_step(covered: &Covered, rate: Decimal) -> Step {
    Step::new("资金覆盖率", "覆盖金额 ÷ 应覆盖金额 × 100%，四舍五入至两位小数", format!("{rate}%"))
        .input("覆盖金额", covered.covered)
        .input("应覆盖金额", covered.total.map_or_else(String::new, |total| total.to_string()))
}

fn ex_ante_amount(facts: &YearFacts) -> Reading {
    let total = Money::total(facts.ex_ante.iter().map(|entry| entry.requested));
    let step = facts.ex_ante.iter().fold(
        Step::new("涉及财政资金", "Σ 申请金额", total.map_or_else(String::new, |total| total.to_string())),
        |step, entry| step.input_of(entry.title.clone(), entry.requested, entry.source.clone()),
    );
    Reading::of(
        total
            .filter(|_| !facts.ex_ante.is_empty())
            .map(|sum| figure::amount(sum, AmountUnit::HundredMillionYuan)),
    )
    .step(step)
}

/// Sums over districts (全市合计) of the figures that can be summed: counts and amounts of the general keys. A figure that
/// any district lacks is summed over those that have it, and its explanation names them.
pub fn totals(districts: &[(String, Vec<Figure>)], work_year: i32, rules: &Rules) -> Vec<Figure> {
    const SUMMABLE: [FigureUnit; 4] =
        [FigureUnit::HundredMillionYuan, FigureUnit::Unit, FigureUnit::Item, FigureUnit::Person];
    let sum_of = |spec: &KeySpec| {
        let key = spec.name(work_year);
        let parts: Vec<(&str, Decimal)> = districts
            .iter()
            .filter_map(|(district, figures)| match figures.iter().find(|figure| figure.key == key)?.value {
                Some(Value::Number(number)) => Some((district.as_str(), number)),
                _ => None,
            })
            .collect();
        let sum = parts.iter().try_fold(Decimal::ZERO, |sum, (_, part)| sum.checked_add(*part));
        let value = sum.filter(|_| !parts.is_empty()).map(Value::Number);
        let step = parts.iter().fold(
            Step::new(spec.label, "Σ 各区", sum.map_or_else(String::new, |sum| sum.to_string())),
            |step, (district, part)| step.input(*district, part),
        );
        build(spec, key.clone(), Reading::of(value).step(step), rules)
    };
    KEYS.iter().filter(|spec| SUMMABLE.contains(&spec.unit)).map(sum_of).collect()
}

/// What the text would claim and the objects do not bear out.
fn mismatches(facts: &YearFacts) -> Vec<String> {
    let mut found = Vec::new();
    for entry in facts.objectives.iter().chain(&facts.monitoring) {
        if entry.covered.total.is_some_and(|total| entry.covered.covered > total) {
            found.push(format!("{}：覆盖金额大于应覆盖金额", entry.account.chinese()));
        }
    }
    for (what, years) in [("自评", &facts.self_evaluation.years), ("重点评价", &facts.key_evaluation.years)]
    {
        if years.len() > 1 {
            found.push(format!("{what}涉及不止一个年度，金额为各年度之和"));
        }
    }
    for case in &facts.cases {
        for entry in case.figures.iter().filter(|entry| entry.found.is_none()) {
            found.push(format!("案例{}缺少{}", case.id, entry.measure.measure.chinese()));
        }
    }
    found
}
