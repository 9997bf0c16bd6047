//! The Chinese text of the summary (总结正文): an opening and seven sections in the order of the published ones. Every number
//! in it is a figure's own print; a sentence whose figures are missing is left out, and nothing is claimed that no
//! stored object bears out.

use wenxiao_kernel::rounding;

use super::case::{Case, CaseKind, Measure};
use super::document::Section;
use super::facts::YearFacts;
use super::figure::{Figure, chinese_date};
use super::keys::{KEYS, Key};
use super::words::Word;

/// Looks figures up by key.
struct Print<'f> {
    figures: &'f [Figure],
    year: i32,
}

impl Print<'_> {
    /// The running text of a general figure; none when it has no value.
    fn of(&self, key: Key) -> Option<&str> {
        let name = KEYS.iter().find(|spec| spec.key == key)?.name(self.year);
        self.by_name(&name).map(|figure| figure.printed_text.as_str())
    }

    fn by_name(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.key == name && !figure.printed_text.is_empty())
    }

    /// 首次达到 or 达到.
    fn reaches(&self, key: Key) -> &'static str {
        let name =
            KEYS.iter().find(|spec| spec.key == key).map(|spec| spec.name(self.year)).unwrap_or_default();
        if self.by_name(&name).is_some_and(|figure| figure.first_time) { "首次达到" } else { "达到" }
    }
}

/// Opening and seven sections.
pub fn sections(facts: &YearFacts, figures: &[Figure]) -> Vec<Section> {
    let print = Print { figures, year: facts.work_year };
    vec![
        Section::of("", opening(facts, &print)),
        Section::of("一、绩效目标申报和审核情况", objectives(facts, &print)),
        Section::of("二、绩效监控开展情况", monitoring(facts, &print)),
        Section::of("三、事前绩效评估开展情况", ex_ante(facts, &print)),
        Section::of("四、绩效自评开展情况", self_evaluation(facts, &print)),
        Section::of("五、重点绩效评价开展情况", key_evaluation(facts, &print)),
        Section::of("六、绩效评价结果应用情况", result_use(facts, &print)),
        Section::of("七、绩效评价信息公开情况", disclosure(facts, &print)),
    ]
}

fn opening(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let year = facts.work_year;
    let mut text = vec![format!(
        "{year}年，我区以“预算编制有目标，预算执行有监控，预算完成有评价，评价结果有应用”为主线推进预算绩效管理，现将工作情况总结如下："
    )];
    if let (Some(number), Some(plan)) = (print.of(Key::PlanDocument), facts.plan.as_ref()) {
        let horizon =
            print.of(Key::PlanHorizon).map(|_| plan.horizon_years).map_or_else(String::new, |years| {
                format!("，制定年度工作计划和{}年执行计划", chinese_number(years))
            });
        let goal = plan.target_date.map_or_else(String::new, |day| {
            format!("，力争到{}基本建成全方位、全过程、全覆盖的预算绩效管理体系", by_the_end(day))
        });
        text.push(format!(
            "我区结合《{}》（{number}）{horizon}{goal}。",
            plan.document_title.trim_matches(['《', '》'])
        ));
    }
    if let Some(groups) = print.of(Key::TrainingTargets) {
        text.push(format!("{year}年我局在事前、事中、事后各环节，面向{groups}组织有针对性的培训。"));
    }
    text
}

fn objectives(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let year = facts.work_year;
    let mut text = Vec::new();
    if let (Some(amount), Some(units), Some(streets), Some(projects)) = (
        print.of(Key::TargetGpbAmount),
        print.of(Key::TargetUnits),
        print.of(Key::TargetStreets),
        print.of(Key::TargetGpbProjects),
    ) {
        let coverage = print.of(Key::TargetGpbCoverage).map_or_else(String::new, |rate| {
            format!("，资金覆盖率{}{rate}", print.reaches(Key::TargetGpbCoverage))
        });
        text.push(format!(
            "{year}年，一般公共预算中全区编制绩效目标的项目预算金额达{amount}（含街道），涉及{units}预算单位和{streets}街道办事处，涉及项目{projects}{coverage}。"
        ));
    }
    if let (Some(projects), Some(amount)) =
        (print.of(Key::TargetGovfundProjects), print.of(Key::TargetGovfundAmount))
    {
        text.push(format!("试编政府性基金预算项目绩效目标，选取项目{projects}，覆盖财政资金{amount}。"));
    }
    let review = facts.collective_review;
    if review.objective_institutions > 0 {
        let returned = match review.returned_objectives {
            0 => String::new(),
            count => format!("，{count}份绩效目标不符合质量要求，退回修改完善后重新报送"),
        };
        text.push(format!("区财政局聘请第三方机构对报送的绩效目标进行集中审核{returned}。"));
    }
    text
}

fn monitoring(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let year = facts.work_year;
    let mut text = Vec::new();
    if let Some(rate) = print.of(Key::MonitorGpbCoverage) {
        let reaches = print.reaches(Key::MonitorGpbCoverage);
        text.push(format!("{year}年，一般公共预算绩效监控项目财政资金覆盖率{reaches}{rate}。"));
    }
    match (print.of(Key::MonitorGpbAmount), print.of(Key::MonitorGovfundAmount)) {
        (Some(general), Some(fund)) => {
            text.push(format!("一般公共预算和政府性基金预算监控项目覆盖财政资金分别为{general}、{fund}。"))
        }
        (Some(general), None) => text.push(format!("一般公共预算监控项目覆盖财政资金{general}。")),
        _ => {}
    }
    let review = facts.collective_review;
    if review.monitoring_institutions > 0 {
        let returned = match review.returned_reports {
            0 => String::new(),
            count => format!("，{count}份报告退回修改完善后再上报"),
        };
        text.push(format!("区财政局聘请第三方机构对报送的绩效监控报告进行集中审核{returned}。"));
    }
    text.push(
        "绩效监控结果作为预算执行调整的重要参考：部门支出进度低于序时进度的，原则上不予追加部门预算；偏离目标较大、绩效低下的项目，及时调减资金，并列入下年度重点评价备选项目。"
            .to_owned(),
    );
    text
}

fn ex_ante(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    if facts.ex_ante.is_empty() {
        return vec![format!("{}年未开展事前绩效评估。", facts.work_year)];
    }
    let occasion =
        if facts.ex_ante.iter().all(|entry| entry.at_adjustment) { "预算调整时，" } else { "" };
    let named: Vec<String> =
        facts.ex_ante.iter().map(|entry| format!("{}{}", entry.unit_title, entry.title)).collect();
    let (Some(count), Some(amount)) = (print.of(Key::ExAnteProjects), print.of(Key::ExAnteAmount)) else {
        return Vec::new();
    };
    vec![format!(
        "{}年{occasion}区财政局选取{}共{count}项目开展事前绩效评估，涉及财政资金{amount}，评估结果作为预算安排的重要参考依据。",
        facts.work_year,
        named.join("、"),
    )]
}

fn self_evaluation(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let mut text = Vec::new();
    if let (Some(units), Some(streets), Some(of), Some(amount)) = (
        print.of(Key::SelfEvalUnits),
        print.of(Key::SelfEvalStreets),
        print.of(Key::SelfEvalYear),
        print.of(Key::SelfEvalAmount),
    ) {
        let coverage = print.of(Key::SelfEvalCoverage).map_or_else(String::new, |rate| {
            format!("，资金覆盖率{}{rate}", print.reaches(Key::SelfEvalCoverage))
        });
        text.push(format!(
            "{}年，我局组织全区{units}预算单位、{streets}街道对{of}批复的绩效目标进行自评，涉及资金{amount}{coverage}。",
            facts.work_year
        ));
    }
    if facts.self_evaluation.assisted > 0 {
        text.push(format!(
            "其中{}份自评由第三方机构指导自评过程，自评报告仍由单位出具。",
            facts.self_evaluation.assisted
        ));
    }
    text
}

fn key_evaluation(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let mut text = Vec::new();
    let (Some(total), Some(year), Some(amount), Some(finance), Some(department)) = (
        print.of(Key::KeyEvalTotal),
        print.of(Key::KeyEvalYear),
        print.of(Key::KeyEvalAmount),
        print.of(Key::KeyEvalFinance),
        print.of(Key::KeyEvalDepartment),
    ) else {
        return text;
    };
    text.push(format!(
        "选取{total}项目开展{year}财政支出绩效重点评价，涉及财政资金{amount}，其中我局牵头开展{finance}，部门（单位）自主开展{department}。"
    ));
    let reviewed = &facts.key_evaluation;
    if reviewed.by_institution > 0 {
        text.push(format!("我局牵头的{finance}项目中，{}个委托第三方机构评价。", reviewed.by_institution));
    }
    if let Some(persons) = print.of(Key::KeyEvalDeputies).filter(|_| reviewed.deputies_and_members > 0) {
        text.push(format!("邀请{persons}区人大代表和政协委员参与重点评价过程。"));
    }
    if let Some(grade) = print.of(Key::KeyEvalMinGrade) {
        text.push(format!("我局牵头的{finance}项目总体得分均为{grade}及以上。"));
    }
    if !reviewed.common_findings.is_empty() {
        text.push(format!("评价发现的主要问题：{}。", reviewed.common_findings.join("、")));
    }
    text
}

fn result_use(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let mut text = vec![
        "绩效评价结果作为以后年度预算安排的重要参考：支出效益较差或发现问题不及时整改到位的，按规定停止拨款、调减预算规模；到期拟延续的政策或项目先行再评估，以评估结果决定是否延续。"
            .to_owned(),
    ];
    text.extend(
        facts
            .cases
            .iter()
            .enumerate()
            .map(|(place, case)| format!("（{}）{}", place.saturating_add(1), tell(case, print))),
    );
    if let Some(year) = print.of(Key::PolicyBudgetYear) {
        text.push(format!("到期政策经再评估取得较好成效的，在{year}预算中予以安排。"));
    }
    text
}

/// One case as a sentence: its figures in the chosen order, then the cut, then why.
fn tell(case: &Case, print: &Print<'_>) -> String {
    let what = match case.kind {
        CaseKind::Decision => format!("{}“{}”项目", case.unit_title, case.title),
        CaseKind::DepartmentDecision => format!("{}部门预算", case.title),
        CaseKind::SunsetReview => format!("{}《{}》", case.unit_title, case.title.trim_matches(['《', '》'])),
    };
    let figures: Vec<String> = case
        .figures
        .iter()
        .filter_map(|entry| {
            let printed = &print.by_name(&entry.measure.key(&case.id))?.printed_text;
            let label = entry.measure.measure.chinese();
            Some(match (entry.measure.measure, entry.measure.fiscal_year) {
                (Measure::Expiry, _) => format!("于{printed}到期"),
                (Measure::Term, _) => format!("政策执行{printed}"),
                (_, year) => format!("{year}年{label}{printed}"),
            })
        })
        .collect();
    let clauses = [figures.join("，"), cut(case), case.conclusion.clone(), case.reason.clone()];
    let told: Vec<String> = clauses
        .iter()
        .map(|clause| clause.trim_end_matches('。').to_owned())
        .filter(|clause| !clause.is_empty())
        .collect();
    format!("{what}{}{}。", if case.kind == CaseKind::SunsetReview { "" } else { "：" }, told.join("；"))
}

/// 核减1327.92万元（39.9%）; empty unless both amounts are exact and less was arranged than asked for.
fn cut(case: &Case) -> String {
    let (Some(request), Some(approved)) =
        (case.exact_amount(Measure::Request), case.exact_amount(Measure::Approved))
    else {
        return String::new();
    };
    let Some(cut) = request.checked_sub(approved).filter(|cut| !cut.is_negative() && !cut.is_zero()) else {
        return String::new();
    };
    let unit = wenxiao_kernel::AmountUnit::TenThousandYuan;
    let amount = rounding::ratio(cut.yuan(), unit.yuan()).unwrap_or_default().normalize();
    match rounding::percentage(cut.yuan(), request.yuan(), 2) {
        Some(share) => format!("核减{amount}{}（{share}%）", unit.chinese()),
        None => format!("核减{amount}{}", unit.chinese()),
    }
}

fn disclosure(facts: &YearFacts, print: &Print<'_>) -> Vec<String> {
    let shown = &facts.disclosure;
    let mut text = Vec::new();
    if let Some(year) = print.of(Key::DisclosureTargetYear) {
        let ways = joined(&[
            (shown.objectives_to_congress, "汇编成册报区人大参阅"),
            (shown.objectives_to_public, "统一向社会公开"),
        ]);
        text.push(format!("一是选取部分部门（单位）的{year}重点项目支出绩效目标表，{ways}。"));
    }
    if let Some(year) = print.of(Key::DisclosureEvalYear) {
        let ways = joined(&[
            (shown.results_to_leaders, "专报区领导"),
            (shown.results_to_meeting, "提交政府常务会审议"),
            (shown.reports_to_congress, "评价报告汇编成册报区人大参阅"),
            (shown.reports_to_participants, "评价报告送达参与评价过程的人大代表和政协委员"),
        ]);
        text.push(format!("二是{year}重点评价项目的评价结果，{ways}。"));
    }
    if shown.notices > 0 {
        text.push(format!(
            "三是将重点评价项目的评价结果通知相关单位（{}份），指出财政资金使用过程中存在的问题，并提出意见和建议。",
            shown.notices
        ));
    }
    text
}

fn joined(ways: &[(bool, &str)]) -> String {
    let taken: Vec<&str> = ways.iter().filter(|(holds, _)| *holds).map(|(_, way)| *way).collect();
    if taken.is_empty() { "按规定公开".to_owned() } else { taken.join("，") }
}

/// 2022年底 for the last day of a year, else the day.
fn by_the_end(day: chrono::NaiveDate) -> String {
    use chrono::Datelike;
    if day.month() == 12 && day.day() == 31 { format!("{}年底", day.year()) } else { chinese_date(day) }
}

/// 三 for 3: plans are named by a Chinese number up to ten.
fn chinese_number(number: i32) -> String {
    const DIGITS: [&str; 11] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    usize::try_from(number)
        .ok()
        .and_then(|index| DIGITS.get(index))
        .map_or_else(|| number.to_string(), |d| (*d).to_owned())
}
