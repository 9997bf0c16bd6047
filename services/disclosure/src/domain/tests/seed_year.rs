//! The summary of Haicang's 2020, composed from facts, against the published figures. The facts here stand in for the
//! queries; that the queries give them from stored objects is shown by the service tests.

use wenxiao_kernel::{AmountUnit, Bound, BudgetAccount, Grade, Money};

use crate::domain::case::{Case, CaseFigure, CaseKind, CaseMeasure, Found, Measure};
use crate::domain::facts::*;
use crate::domain::rules::Rules;
use crate::domain::summary::{self, Summary};

/// `key,printed` of every figure that was published.
const PUBLISHED: &str = include_str!("published-2020.csv");

fn wan(amount: &str) -> Money {
    Money::from_yuan(
        amount.parse::<wenxiao_kernel::Decimal>().unwrap() * wenxiao_kernel::Decimal::from(10_000),
    )
    .unwrap()
}

fn covered(count: i64, covered: &str, total: Option<&str>) -> Covered {
    Covered { count, covered: wan(covered), total: total.map(wan), full_before: false }
}

fn found(measure: Measure, fiscal_year: i32, unit: AmountUnit, places: u32, found: Found) -> CaseFigure {
    CaseFigure {
        measure: CaseMeasure { measure, fiscal_year, unit, places },
        found: Some(found),
        steps: Vec::new(),
    }
}

fn exact(measure: Measure, year: i32, amount: &str) -> CaseFigure {
    found(measure, year, AmountUnit::TenThousandYuan, 2, Found::Amount(wan(amount), Bound::Exact))
}

fn case(id: &str, kind: CaseKind, unit: &str, title: &str, figures: Vec<CaseFigure>) -> Case {
    Case {
        id: id.to_owned(),
        subject: String::new(),
        kind,
        unit_title: unit.to_owned(),
        title: title.to_owned(),
        reason: String::new(),
        conclusion: String::new(),
        applies_to_year: 2021,
        figures,
    }
}

fn cases() -> Vec<Case> {
    let yi = AmountUnit::HundredMillionYuan;
    let day = |text: &str| Found::Date(text.parse().unwrap());
    let wan_unit = AmountUnit::TenThousandYuan;
    vec![
        case(
            "waste",
            CaseKind::Decision,
            "环卫中心",
            "垃圾分类（对下转移）",
            vec![
                exact(Measure::Actual, 2020, "1828.34"),
                exact(Measure::Request, 2021, "3327.92"),
                exact(Measure::Approved, 2021, "2000"),
            ],
        ),
        case(
            "agri",
            CaseKind::DepartmentDecision,
            "农业农村局",
            "农业农村局",
            vec![
                found(Measure::AdjustedBudget, 2020, yi, 1, Found::Amount(wan("19000"), Bound::Exact)),
                found(Measure::Budget, 2021, yi, 1, Found::Amount(wan("6000"), Bound::AtLeast)),
            ],
        ),
        case(
            "office",
            CaseKind::Decision,
            "区府办",
            "房屋修缮维护费",
            vec![
                exact(Measure::InitialBudget, 2019, "260"),
                found(Measure::ExecutionRate, 2019, wan_unit, 2, Found::Percent("74.00".parse().unwrap())),
                exact(Measure::Request, 2021, "143"),
                exact(Measure::Approved, 2021, "85"),
            ],
        ),
        case(
            "policy_civil",
            CaseKind::SunsetReview,
            "区民政局",
            "海沧区培育发展社会组织专项扶持资金管理办法",
            vec![
                found(Measure::Expiry, 0, wan_unit, 0, day("2020-07-21")),
                found(Measure::Term, 0, wan_unit, 0, Found::Years(5)),
            ],
        ),
        case(
            "policy_hr",
            CaseKind::SunsetReview,
            "区人社局",
            "转产就业创业实施细则",
            vec![found(Measure::Expiry, 0, wan_unit, 0, day("2020-12-31"))],
        ),
    ]
}

pub fn haicang() -> YearFacts {
    let account = |account, covered| AccountCoverage { account, covered };
    let (gpb, fund) = (BudgetAccount::GeneralPublic, BudgetAccount::GovernmentFund);
    YearFacts {
        district_title: "海沧区".to_owned(),
        work_year: 2020,
        plan: Some(Plan {
            source: String::new(),
            document_title: "关于全面实施预算绩效管理的落实方案".to_owned(),
            document_number: "厦海委〔2019〕70号".to_owned(),
            horizon_years: 3,
            target_date: "2022-12-31".parse().ok(),
        }),
        trainings: ["财政局及局属事业单位", "教育局", "各街道"].map(str::to_owned).to_vec(),
        objectives: vec![
            account(gpb, covered(282, "398700", Some("398700"))),
            account(fund, covered(37, "86200", None)),
        ],
        objective_participants: Participants { units: 167, streets: 4 },
        monitoring: vec![
            account(gpb, covered(282, "398700", Some("398700"))),
            account(fund, covered(37, "86200", Some("120000"))),
        ],
        ex_ante: [("区建交局", "海沧区农村污水管网溯源排查", "2100"), ("文旅局", "金沙书院展陈费用", "1500")]
            .map(|(unit, title, amount)| ExAnte {
                source: String::new(),
                unit_title: unit.to_owned(),
                title: title.to_owned(),
                requested: wan(amount),
                at_adjustment: true,
            })
            .to_vec(),
        self_evaluation: SelfEvaluation {
            years: vec![2019],
            participants: Participants { units: 167, streets: 4 },
            covered: covered(480, "598700", Some("598700")),
            assisted: 3,
        },
        key_evaluation: KeyEvaluation {
            years: vec![2019],
            finance: 8,
            department: 25,
            amount: wan("28200"),
            by_institution: 8,
            deputies_and_members: 4,
            worst_finance_grade: Some(Grade::Good),
            common_findings: vec!["绩效意识不强".to_owned()],
        },
        cases: cases(),
        policy_budget_years: vec![2021],
        disclosure: Disclosure {
            objective_years: vec![2020],
            result_years: vec![2019],
            objectives_to_congress: true,
            objectives_to_public: true,
            results_to_leaders: true,
            results_to_meeting: true,
            reports_to_congress: true,
            reports_to_participants: true,
            notices: 8,
        },
        ..YearFacts::default()
    }
}

fn composed(facts: &YearFacts) -> Summary {
    summary::compose(facts, &Rules::national_default().unwrap())
}

#[test]
fn all_44_figures_print_as_published_and_in_that_order() {
    let summary = composed(&haicang());
    let printed: Vec<String> = summary
        .figures
        .iter()
        .map(|figure| format!("{}|{}|{}", figure.key, figure.printed, figure.section))
        .collect();
    let published: Vec<&str> = PUBLISHED.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(published.len(), 44);
    assert_eq!(printed, published);
    assert_eq!(summary.title, "海沧区2020年绩效工作总结");
    assert!(summary.mismatches.is_empty(), "{:?}", summary.mismatches);
}

#[test]
fn the_text_says_every_figure_in_seven_sections() {
    let summary = composed(&haicang());
    assert_eq!(summary.sections.len(), 8);
    for (section, text) in summary.sections.iter().enumerate() {
        let body = text.paragraphs.join("");
        for figure in summary.figures.iter().filter(|figure| usize::try_from(figure.section) == Ok(section)) {
            let said = match figure.key.as_str() {
                "plan_horizon_years" => "三年执行计划",
                "plan_target_date" => "2022年底",
                _ => figure.printed_text.as_str(),
            };
            assert!(body.contains(said), "section {section} does not say {}: {said}\n{body}", figure.key);
        }
    }
    let waste = summary.sections[6].paragraphs.iter().find(|text| text.contains("垃圾分类")).unwrap();
    assert!(waste.contains("核减1327.92万元（39.90%）"), "{waste}");
}

#[test]
fn an_empty_year_claims_nothing() {
    let summary =
        composed(&YearFacts { work_year: 2020, district_title: "海沧区".into(), ..YearFacts::default() });
    let coverage = summary.figures.iter().find(|figure| figure.key == "target_gpb_coverage").unwrap();
    assert_eq!((coverage.value.clone(), coverage.printed.as_str()), (None, ""));
    let body: String = summary.sections.iter().flat_map(|section| section.paragraphs.clone()).collect();
    assert!(!body.contains("100%"), "{body}");
    assert!(!body.contains("亿元"), "{body}");
}

#[test]
fn coverage_without_a_denominator_or_reached_before_is_not_a_first() {
    let mut facts = haicang();
    assert!(
        composed(&facts)
            .figures
            .iter()
            .any(|figure| figure.key == "monitor_gpb_coverage" && figure.first_time)
    );
    facts.monitoring[0].covered.full_before = true;
    assert!(
        !composed(&facts)
            .figures
            .iter()
            .any(|figure| figure.key == "monitor_gpb_coverage" && figure.first_time)
    );
    facts.monitoring[0].covered.total = None;
    let summary = composed(&facts);
    assert!(
        summary.figures.iter().any(|figure| figure.key == "monitor_gpb_coverage" && figure.value.is_none())
    );
}
