use serde_json::Value;

use super::super::rule_words::shown;
use super::{list, number, percent, plain, raw, words, yes};

/// How monitoring judges.
pub(super) fn monitoring(section: &Value) -> Vec<String> {
    let mut lines: Vec<String> = list(section, "budget_lights").iter().flat_map(budget_light).collect();
    lines.extend(list(section, "indicator_lights").iter().flat_map(indicator_light));
    lines.extend(list(section, "forecast_lights").iter().flat_map(forecast_light));
    if let Some(gap) = number(section, "divergence_points") {
        lines.push(format!("目标完成率与预算执行率相差超过{gap}个百分点的，予以预警。"));
    }
    if yes(section, "worst_indicator_decides") {
        lines.push("项目的灯以最差的指标为准，依次为红、黄、绿、蓝。".to_owned());
    }
    let told = |name: &str, tell: fn(&Value) -> Vec<String>| section.get(name).map(tell).unwrap_or_default();
    lines.extend(told("department_light", department_light));
    lines.extend(told("audit", audit));
    lines.extend(told("key_round", key_round));
    lines.extend(told("supplement", supplement));
    if section.get("unanswered_alert").is_some() {
        lines.push(format!("单位逾期未选择处置方式的：{}。", words(section, "unanswered_alert")));
    }
    lines.extend(told("forecast", forecast));
    lines
}

fn department_light(rule: &Value) -> Vec<String> {
    vec![format!(
        "部门整体：履职且目标达到的亮{}，履职但目标未达到的亮{}，未履职的亮{}。",
        words(rule, "both_met"),
        words(rule, "goal_missed"),
        words(rule, "duty_missed")
    )]
}

fn audit(rule: &Value) -> Vec<String> {
    let below = number(rule, "execution_below").map(|limit| format!("低于{limit}"));
    let above = number(rule, "execution_above").map(|limit| format!("高于{limit}"));
    let limits: Vec<String> = below.into_iter().chain(above).collect();
    let abnormal = (!limits.is_empty())
        .then(|| format!("预算执行率÷序时进度×100{}的，为执行进度异常，亮黄灯。", limits.join("或")));
    let idle = number(rule, "idle_money_points")
        .map(|points| format!("支付进度超过工程进度{points}个百分点以上的，为资金闲置，亮黄灯。"));
    abnormal.into_iter().chain(idle).collect()
}

fn key_round(rule: &Value) -> Vec<String> {
    let lag = number(rule, "lag_points").map(|points| format!("低于序时进度超过{points}个百分点"));
    let amount = rule.get("large_amount").map(|amount| format!("调整后预算数达到{}", shown(amount)));
    let attention = yes(rule, "social_attention").then(|| "社会关注".to_owned());
    let any: Vec<String> = [lag, amount, attention].into_iter().flatten().collect();
    if any.is_empty() {
        Vec::new()
    } else {
        vec![format!("重点监控选取：{}的项目。", any.join("，或"))]
    }
}

fn supplement(rule: &Value) -> Vec<String> {
    let slow = yes(rule, "block_below_schedule")
        .then(|| format!("部门预算支出低于序时进度的，不予追加预算（{}）。", words(rule, "strength")));
    let bare = rule.get("without_objective").is_some();
    let bare = bare
        .then(|| format!("没有批复绩效目标的项目，不予追加预算（{}）。", words(rule, "without_objective")));
    slow.into_iter().chain(bare).collect()
}

fn forecast(rule: &Value) -> Vec<String> {
    let count = |name: &str| rule.get(name).and_then(Value::as_i64).unwrap_or_default();
    vec![format!(
        "全年执行预测：参考前{}年的同类项目，样本不足{}个的说明历史数据不足。",
        count("history_years"),
        count("minimum_samples")
    )]
}

/// Which value has which light.
fn colours(rule: &Value) -> String {
    let (red, yellow) = (plain(rule, "red_below"), plain(rule, "yellow_below"));
    format!("低于{red}亮红灯，{red}（含）至{yellow}（不含）亮黄灯，{yellow}（含）以上亮绿灯")
}

fn forecast_light(rule: &Value) -> Vec<String> {
    let line = format!("{}的全年预计：预计完成值÷全年目标值×100，{}。", scope(rule), colours(rule));
    let blue =
        number(rule, "blue_share").map(|blue| format!("预计完成值达到全年目标值的{blue}%以上亮蓝灯。"));
    [line].into_iter().chain(blue).collect()
}

/// What a rule is for, in words; several rules are tried in their order.
fn scope(rule: &Value) -> String {
    let Some(scope) = rule.get("scope") else { return "所有项目".to_owned() };
    let named = |name: &str| {
        let words = scope.get(name).map(shown).unwrap_or_default();
        (!words.is_empty()).then_some(words)
    };
    let capital = scope.get("capital_works").and_then(Value::as_bool);
    let capital = capital.map(|yes| if yes { "基建项目" } else { "非基建项目" }.to_owned());
    let all = [named("budget_accounts"), named("local_project_types"), capital];
    let all: Vec<String> = all.into_iter().flatten().collect();
    if all.is_empty() { "所有项目".to_owned() } else { all.join("、") }
}

fn budget_light(rule: &Value) -> Vec<String> {
    let scope = scope(rule);
    if raw(rule, "method") == "METHOD_STAGED_FLOORS" {
        let floor = |one: &Value| {
            let month = one.get("month").and_then(Value::as_i64).unwrap_or_default();
            format!("{scope}：截至{month}月，预算执行率低于{}的予以预警。", percent(plain(one, "rate")))
        };
        return list(rule, "floors").iter().map(floor).collect();
    }
    let stage = |one: &Value| {
        let month = one.get("month").and_then(Value::as_i64).unwrap_or_default();
        format!("截至{month}月{}", percent(plain(one, "rate")))
    };
    let stages: Vec<String> = list(rule, "floors").iter().map(stage).collect();
    let stages = if stages.is_empty() { String::new() } else { format!("（{}）", stages.join("，")) };
    vec![format!(
        "{scope}：预算执行率÷序时进度×100，{}；序时进度为{}{stages}。",
        colours(rule),
        words(rule, "schedule")
    )]
}

fn indicator_light(rule: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{}的定量指标：完成值÷序时目标值×100，{}；序时目标值＝全年目标值÷12×已过月份。",
        scope(rule),
        colours(rule)
    )];
    if let Some(blue) = number(rule, "blue_share") {
        let whole = if yes(rule, "blue_annual_target") { "全年目标值" } else { "序时目标值" };
        lines.push(format!("完成值达到{whole}的{blue}%以上亮蓝灯，提示目标值可能偏低。"));
    }
    if yes(rule, "red_zero_actual") {
        lines.push("完成值为零的，不论月份亮红灯。".to_owned());
    }
    match raw(rule, "equal_target") {
        "EQUAL_TARGET_EXACT" => lines.push("目标为“＝”的，与目标值相等亮绿灯，否则亮红灯。".to_owned()),
        "EQUAL_TARGET_PRORATED" => lines.push("目标为“＝”的，按序时折算判断。".to_owned()),
        _ => {}
    }
    lines
}
