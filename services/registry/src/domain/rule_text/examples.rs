use rust_decimal::Decimal;
use serde_json::Value;
use wenxiao_kernel::{Explanation, Step, rounding};

use super::super::rule_set::Sections;
use super::{band_of, list, number, parts, percent, plain, raw, words, yes};

/// Worked examples of a section's formulas. The figures are made up; the rules are those of the section, and where a
/// formula needs another section (the weight of execution, the rounding) those of that one.
pub fn examples(name: &str, sections: &Sections) -> Vec<Explanation> {
    let Some(section) = sections.get(name) else { return Vec::new() };
    let found = match name {
        "grade_scales" => parts(section).iter().filter_map(grade).collect(),
        "weights" => list(section, "splits").iter().map(|split| total_of(split, section)).collect(),
        "execution_score" => vec![execution(section, sections)],
        "indicator_score" => indicators(section, sections),
        "rounding" => vec![rounded(section)],
        "monitoring" => monitoring(section),
        "ex_ante" => vec![conclusion(section)],
        "suspicion" => suspicion(section),
        "recheck_rules" => recheck(section),
        "recommendation" => recommendation(section),
        _ => Vec::new(),
    };
    found.into_iter().map(|one| Explanation { rule: format!("{name}.example"), ..one }).collect()
}

fn example(step: Step, chinese: String, english: String) -> Explanation {
    Explanation::by("", "").concluding(chinese, english).step(step)
}

/// A score with all its places, as forms print it.
fn score_of(value: Decimal, places: u32) -> Decimal {
    let mut score = rounding::half_up(value, places);
    score.rescale(places);
    score
}

fn places(sections: &Sections) -> u32 {
    let section = sections.get("rounding");
    let places = section.and_then(|section| section.get("decimal_places")).and_then(Value::as_u64);
    places.and_then(|places| u32::try_from(places).ok()).unwrap_or_default()
}

/// The lower end of the second-best band, where a clerk looks first: it belongs to that band.
fn grade(scale: &Value) -> Option<Explanation> {
    let bands = list(scale, "bands");
    let score = plain(bands.get(1).or_else(|| bands.first())?, "lower_score");
    let label = band_of(bands, "lower_score", score).map(|band| raw(band, "label"))?;
    let step = Step::new("等级", "最低分不高于总分的第一档", label).input("总分", score);
    let purpose = words(scale, "purpose");
    Some(example(
        step,
        format!("{purpose}：总分{score}，正好是该档最低分，为{label}"),
        format!("a total of {score} is the lower end of the band and belongs to it"),
    ))
}

fn total_of(split: &Value, section: &Value) -> Explanation {
    let names = [("成本", "cost"), ("产出", "output"), ("效益", "outcome"), ("满意度", "satisfaction")];
    let given: Vec<(&str, Decimal)> =
        names.into_iter().filter_map(|(word, name)| Some((word, number(split, name)?))).collect();
    let sum = given.iter().fold(Decimal::ZERO, |sum, (_, points)| sum.saturating_add(*points));
    let formula = given.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("＋");
    let step = given
        .iter()
        .fold(Step::new("申报权重合计", formula, sum.normalize()), |step, (word, points)| {
            step.input(*word, points)
        });
    let execution = plain(section, "execution_weight");
    let all = sum.saturating_add(execution);
    let whole = Step::new("自评总分", "申报权重合计＋预算执行率权重", all.normalize())
        .input("申报权重合计", sum)
        .input("预算执行率权重", execution);
    example(step, format!("{}：合计{all}分", raw(split, "title")), format!("adds up to {all} points"))
        .step(whole)
}

fn execution(section: &Value, sections: &Sections) -> Explanation {
    let (budget, spent) = (Decimal::from(200), Decimal::from(150));
    let weight = sections.get("weights").map(|rules| plain(rules, "execution_weight")).unwrap_or_default();
    let rate = rounding::ratio(spent, budget).unwrap_or_default();
    let denominator = words(section, "denominator");
    let first = Step::new("预算执行率", format!("全年执行数÷{denominator}"), percent(rate))
        .input("全年执行数", "150万元")
        .input(denominator, "200万元");
    let banded = raw(section, "method") == "METHOD_BANDED";
    let share = match band_of(list(section, "bands"), "lower_rate", rate) {
        Some(band) if banded => plain(band, "share"),
        _ if banded => Decimal::ZERO,
        _ => rate.min(Decimal::ONE),
    };
    let score = score_of(weight.saturating_mul(share), places(sections));
    let formula = if banded { "权重×所在档次的得分比例" } else { "权重×预算执行率" };
    let second =
        Step::new("预算执行率得分", formula, score).input("权重", weight).input("比例", percent(share));
    example(first, format!("执行率{}，得{score}分", percent(rate)), format!("scores {score} points"))
        .step(second)
}

fn indicators(section: &Value, sections: &Sections) -> Vec<Explanation> {
    let places = places(sections);
    let weight = Decimal::TEN;
    let scored = |label: &str, formula: &str, target: i64, actual: i64, share: Decimal| {
        let share = share.clamp(Decimal::ZERO, Decimal::ONE);
        let score = score_of(weight.saturating_mul(share), places);
        let step = Step::new(label, formula, score)
            .input("权重", weight)
            .input("目标值", target)
            .input("完成值", actual);
        example(step, format!("{label}：得{score}分"), format!("scores {score} points"))
    };
    let of = |part: i64, whole: i64| rounding::ratio(part.into(), whole.into()).unwrap_or_default();
    let below = |share: Decimal| Decimal::ONE.saturating_sub(share);
    let lower = match raw(section, "lower_is_better") {
        "LOWER_IS_BETTER_LINEAR" => below(of(6, 30)),
        _ => of(30, 36),
    };
    let equal = match raw(section, "equal_target") {
        "EQUAL_TARGET_EXACT" => Decimal::ZERO,
        "EQUAL_TARGET_DEVIATION" => below(of(10, 100)),
        _ => of(90, 100),
    };
    let mut found = vec![
        scored("正向指标≥100，完成80", "权重×完成值÷目标值", 100, 80, of(80, 100)),
        scored("反向指标≤30，完成36", words(section, "lower_is_better"), 30, 36, lower),
        scored("指标＝100，完成90", words(section, "equal_target"), 100, 90, equal),
    ];
    let rate = of(85, 100);
    if let Some(band) = band_of(list(section, "satisfaction_bands"), "lower_rate", rate) {
        let formula = "权重×满意度所在档次的得分比例";
        found.push(scored("满意度≥95%，调查结果85%", formula, 95, 85, plain(band, "share")));
    }
    found
}

fn rounded(section: &Value) -> Explanation {
    let places = section.get("decimal_places").and_then(Value::as_u64).unwrap_or_default();
    let places = u32::try_from(places).unwrap_or_default();
    let (weight, target, actual) = (Decimal::TEN, Decimal::from(30), Decimal::from(25));
    let exact = rounding::ratio(weight.saturating_mul(actual), target).unwrap_or_default();
    let score = score_of(exact, places);
    let step = Step::new("指标得分", "权重×完成值÷目标值，四舍五入", score)
        .input("权重", weight)
        .input("完成值", actual)
        .input("目标值", target);
    example(step, format!("{}，取{score}分", rounding::half_up(exact, 6)), format!("rounds to {score}"))
}

fn light(rule: &Value, value: Decimal) -> &'static str {
    if value < plain(rule, "red_below") {
        "红灯"
    } else if value < plain(rule, "yellow_below") {
        "黄灯"
    } else {
        "绿灯"
    }
}

fn monitoring(section: &Value) -> Vec<Explanation> {
    let budget = list(section, "budget_lights").iter().filter_map(|rule| match raw(rule, "method") {
        "METHOD_STAGED_FLOORS" => staged(rule),
        _ => by_schedule(rule),
    });
    // Rules of the same thresholds give the same example.
    let mut found: Vec<Explanation> = Vec::new();
    for one in budget.chain(list(section, "indicator_lights").iter().map(indicator_light)) {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// `None` where no stage has ended by the end of July.
fn by_schedule(rule: &Value) -> Option<Explanation> {
    // 35 % at the end of July is exactly 60 where the schedule is months.
    let rate = Decimal::new(35, 2);
    let (passed, whole) = match raw(rule, "schedule") {
        "SCHEDULE_DAYS" => (Decimal::from(212), Decimal::from(365)),
        "SCHEDULE_STAGES" => (floor_of_july(rule)?, Decimal::ONE),
        _ => (Decimal::from(7), Decimal::from(12)),
    };
    let share = rounding::ratio(rate.saturating_mul(whole), passed);
    let value = score_of(share.unwrap_or_default().saturating_mul(Decimal::ONE_HUNDRED), 2);
    let light = light(rule, value);
    let step = Step::new("预算执行预警", "预算执行率÷序时进度×100", value)
        .input("预算执行率", percent(rate))
        .input("序时进度", format!("{passed}÷{whole}"));
    Some(example(
        step,
        format!("7月底执行35%，比值{value}，亮{light}"),
        format!("35 % at the end of July is {value}"),
    ))
}

/// The floor of the last stage that has ended by then; floors follow the months.
fn floor_of_july(rule: &Value) -> Option<Decimal> {
    let ended = |floor: &&Value| floor.get("month").and_then(Value::as_i64).is_some_and(|month| month <= 7);
    list(rule, "floors").iter().take_while(ended).last().map(|floor| plain(floor, "rate"))
}

fn staged(rule: &Value) -> Option<Explanation> {
    let floor = list(rule, "floors").first()?;
    let month = floor.get("month").and_then(Value::as_i64)?;
    let least = plain(floor, "rate");
    let rate = rounding::ratio(least, Decimal::TWO).unwrap_or_default();
    let step = Step::new("预算执行预警", "预算执行率与阶段要求比较", "预警")
        .input("预算执行率", percent(rate))
        .input("阶段要求", percent(least));
    let chinese = format!("{month}月底执行{}，低于{}，予以预警", percent(rate), percent(least));
    Some(example(step, chinese, format!("{} is below {}", percent(rate), percent(least))))
}

fn indicator_light(rule: &Value) -> Explanation {
    let (target, actual, months) = (Decimal::from(120), Decimal::from(40), Decimal::from(6));
    let due = rounding::ratio(target.saturating_mul(months), Decimal::from(12)).unwrap_or_default();
    let value = rounding::percentage(actual, due, 2).unwrap_or_default();
    let light = light(rule, value);
    let first = Step::new("序时目标值", "全年目标值÷12×已过月份", due.normalize())
        .input("全年目标值", target)
        .input("已过月份", months);
    let second = Step::new("指标完成预警", "完成值÷序时目标值×100", value)
        .input("完成值", actual)
        .input("序时目标值", due.normalize());
    let mut told =
        example(first, format!("6月底完成40，比值{value}，亮{light}"), format!("40 by June is {value}"))
            .step(second);
    if let Some(blue) = number(rule, "blue_share") {
        let (word, whole) = if yes(rule, "blue_annual_target") {
            ("全年目标值", target)
        } else {
            ("序时目标值", due)
        };
        let from = rounding::ratio(whole.saturating_mul(blue), Decimal::ONE_HUNDRED).unwrap_or_default();
        let step =
            Step::new("蓝灯起点", format!("{word}×{blue}%"), from.normalize()).input(word, whole.normalize());
        told = told.step(step);
    }
    told
}

fn conclusion(section: &Value) -> Explanation {
    let score = Decimal::from(75);
    let band = band_of(list(section, "conclusions"), "lower_score", score);
    let word = band.map(|band| words(band, "conclusion")).unwrap_or_default();
    let step = Step::new("评估结论", "最低分不高于总分的第一档", word).input("总分", score);
    example(step, format!("总分{score}：{word}"), format!("a total of {score}"))
}

fn suspicion(section: &Value) -> Vec<Explanation> {
    let Some(limit) = number(section, "score_gap_share") else { return Vec::new() };
    let (indicators, executed) = (Decimal::new(95, 2), Decimal::new(80, 2));
    let gap = rounding::ratio(indicators.saturating_sub(executed), indicators).unwrap_or_default();
    let gap = rounding::half_up(gap, 4);
    let verdict = if gap > limit { "亮红灯" } else { "不亮灯" };
    let step = Step::new("偏离程度", "（指标得分率−预算执行率）÷指标得分率", percent(gap))
        .input("指标得分率", percent(indicators))
        .input("预算执行率", percent(executed));
    let chinese = format!("偏离{}，界限{}，{verdict}", percent(gap), percent(limit));
    vec![example(step, chinese, format!("a gap of {} against {}", percent(gap), percent(limit)))]
}

fn recheck(section: &Value) -> Vec<Explanation> {
    let partly = |rule: &&Value| {
        number(rule, "deduction_share").is_some_and(|share| !share.is_zero() && share < Decimal::ONE)
    };
    let Some(rule) = parts(section).iter().find(partly) else { return Vec::new() };
    let (weight, share) = (Decimal::TEN, plain(rule, "deduction_share"));
    let off = weight.saturating_mul(share).normalize();
    let step =
        Step::new("扣分", "权重×扣分比例", off).input("权重", weight).input("扣分比例", percent(share));
    vec![example(step, format!("{}：扣{off}分", raw(rule, "title")), format!("takes off {off} points"))]
}

fn recommendation(section: &Value) -> Vec<Explanation> {
    let full = section.get("similar_projects_full").and_then(Value::as_i64).unwrap_or_default();
    [("text_match", "文字相符", 2, 4), ("similar_projects", "同类项目使用", 2, full)]
        .into_iter()
        .map(|(name, label, part, whole)| {
            let most = plain(section, name);
            let share = rounding::ratio(Decimal::from(part.min(whole)), whole.into()).unwrap_or_default();
            let points = rounding::half_up(most.saturating_mul(share), 2).normalize();
            let step = Step::new(label, "满分×相符数÷满分所需数，四舍五入到2位", points)
                .input("满分", most)
                .input("相符数", part)
                .input("满分所需数", whole);
            example(step, format!("{label}：得{points}分"), format!("gives {points} points"))
        })
        .collect()
}
