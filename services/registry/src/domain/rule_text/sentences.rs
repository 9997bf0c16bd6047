use rust_decimal::Decimal;
use serde_json::Value;

use super::super::rule_words::{field, is_leaf, shown, text};
use super::monitoring::monitoring;
use super::precheck::precheck;
use super::{bands, list, number, parts, percent, plain, raw, words, yes};

/// A section in sentences. One that has no sentences of its own is told field by field.
pub fn sentences(name: &str, section: &Value) -> Vec<String> {
    match name {
        "grade_scales" => parts(section).iter().flat_map(grade_scale).collect(),
        "review" => review(section),
        "weights" => weights(section),
        "execution_score" => execution(section),
        "indicator_score" => indicator(section),
        "rounding" => vec![format!(
            "每项指标得分和预算执行率得分四舍五入保留{}位小数，总分为各项得分之和，等级按总分确定。",
            section.get("decimal_places").and_then(Value::as_i64).unwrap_or_default()
        )],
        "monitoring" => monitoring(section),
        "ex_ante" => ex_ante(section),
        "key_evaluation" => key_evaluation(section),
        "suspicion" => suspicion(section),
        "recheck_rules" => parts(section).iter().map(recheck).collect(),
        "deadlines" => parts(section).iter().map(deadline).collect(),
        "hint_rules" => parts(section).iter().map(hint).collect(),
        "conflict" => conflict(section),
        "precheck" => precheck(section),
        "recommendation" => recommendation(section),
        _ => by_field(section),
    }
}

fn points(score: Decimal) -> String {
    format!("{score}分")
}

fn grade_scale(scale: &Value) -> Vec<String> {
    let purpose = words(scale, "purpose");
    let full = points(plain(scale, "full_score"));
    let band = |band: &Value| format!("为{}。", raw(band, "label"));
    let lines = bands(list(scale, "bands"), "lower_score", Some(full.clone()), points, band);
    let lines = lines.into_iter().map(|line| format!("{purpose}：{line}"));
    [format!("{purpose}：满分{full}。")].into_iter().chain(lines).collect()
}

fn review(section: &Value) -> Vec<String> {
    let item = |item: &Value| format!("{}{}", raw(item, "title"), points(plain(item, "points")));
    let dimension = |one: &Value| {
        let items: Vec<String> = list(one, "items").iter().map(item).collect();
        format!("{}{}：{}。", raw(one, "title"), points(plain(one, "points")), items.join("、"))
    };
    let consequence = |one: &Value| format!("审核为{}的，{}。", words(one, "grade"), words(one, "action"));
    let dimensions = list(section, "dimensions").iter().map(dimension);
    let consequences = list(section, "consequences").iter().map(consequence);
    let shares = bands(
        list(section, "item_grade_shares"),
        "lower_share",
        Some(percent(Decimal::ONE)),
        percent,
        |band| format!("的评分项为{}。", words(band, "grade")),
    );
    let shares = shares.into_iter().map(|line| format!("得分占分值{line}"));
    let signature = yes(section, "head_signature").then(|| "填报人报送后，由单位负责人签字。".to_owned());
    let reviewers = number(section, "reviewer_count").filter(|count| *count > Decimal::ONE);
    let reviewers =
        reviewers.map(|count| format!("集中会审每份目标由{count}名审核人分别提出意见，等级不一致的须合议。"));
    dimensions.chain(consequences).chain(shares).chain(signature).chain(reviewers).collect()
}

fn weights(section: &Value) -> Vec<String> {
    let (declared, execution) = (plain(section, "declaration_total"), plain(section, "execution_weight"));
    let mut lines = vec![
        format!("申报时各指标权重合计须为{declared}分。"),
        format!("自评时预算执行率占{execution}分，与指标权重合计{}分。", plain(section, "evaluation_total")),
    ];
    for split in list(section, "splits") {
        let part = |name: &str| number(split, name).map(|points| format!("{}{points}", field(name)));
        let split_into = ["cost", "output", "outcome", "satisfaction"].into_iter().filter_map(part);
        lines.push(format!("{}：{}。", raw(split, "title"), split_into.collect::<Vec<_>>().join("＋")));
    }
    if yes(section, "positive_weights") {
        lines.push("每项指标的权重须大于0。".to_owned());
    }
    lines
}

fn execution(section: &Value) -> Vec<String> {
    let mut lines = vec![format!("预算执行率＝全年执行数÷{}。", words(section, "denominator"))];
    if raw(section, "method") == "METHOD_BANDED" {
        let share = |band: &Value| format!("的，得预算执行率权重的{}。", percent(plain(band, "share")));
        let banded = bands(list(section, "bands"), "lower_rate", None, percent, share);
        lines.extend(banded.into_iter().map(|line| format!("执行率{line}")));
    } else {
        lines.push("得分＝预算执行率权重×预算执行率，最高不超过权重。".to_owned());
    }
    lines.push(format!("{}为零时：{}。", words(section, "denominator"), words(section, "zero_budget")));
    if let Some(rate) = number(section, "explanation_below_rate") {
        lines.push(format!("执行率低于{}的须说明原因。", percent(rate)));
    }
    lines
}

fn indicator(section: &Value) -> Vec<String> {
    let mut lines = vec![
        "得分不超过权重；达到目标值的得满分。正向指标（≥、＞）未达到的，得分＝权重×完成值÷目标值。"
            .to_owned(),
        format!("反向指标（≤、＜）超过目标值的，得分＝{}。", words(section, "lower_is_better")),
        format!("目标为“＝”的：{}。", words(section, "equal_target")),
        format!("目标值为零的：{}。", words(section, "zero_target")),
    ];
    if let Some(rate) = number(section, "excess_achievement_rate") {
        lines.push(format!(
            "完成值达到目标值{}以上的：{}。",
            percent(rate),
            words(section, "excess_achievement")
        ));
    }
    let level = |band: &Value| format!("，由人工在此范围内评分（{}）。", words(band, "level"));
    let top = Some(percent(Decimal::ONE));
    let qualitative = bands(list(section, "qualitative_bands"), "lower_share", top, percent, level);
    lines.extend(qualitative.into_iter().map(|line| format!("定性指标得权重的{line}")));
    let share = |band: &Value| format!("的，得权重的{}。", percent(plain(band, "share")));
    let satisfaction = bands(list(section, "satisfaction_bands"), "lower_rate", None, percent, share);
    lines.extend(satisfaction.into_iter().map(|line| format!("满意度{line}")));
    if yes(section, "deviation_reason_required") {
        lines.push("未达到目标值的须说明偏差原因。".to_owned());
    }
    lines
}

fn ex_ante(section: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(amount) = section.get("new_request_amount") {
        lines.push(format!("新增项目和政策申请金额达到{}的须做事前评估。", shown(amount)));
    }
    if let Some(rate) = number(section, "growth_rate") {
        lines.push(format!("延续项目和政策比上年增长超过{}的须做事前评估。", percent(rate)));
    }
    if yes(section, "renewals_included") {
        lines.push("到期拟延续的政策和项目须做事前评估。".to_owned());
    }
    let dimension = |one: &Value| {
        let full = points(plain(one, "points"));
        format!("项目“{}”、政策“{}”{full}。", raw(one, "project_title"), raw(one, "policy_title"))
    };
    lines.extend(list(section, "dimensions").iter().map(dimension));
    let conclusion = |band: &Value| format!("的，{}。", words(band, "conclusion"));
    let banded = bands(list(section, "conclusions"), "lower_score", None, points, conclusion);
    lines.extend(banded.into_iter().map(|line| format!("总分{line}")));
    lines
}

fn key_evaluation(section: &Value) -> Vec<String> {
    let mut sums: Vec<(&str, Decimal)> = Vec::new();
    let item = |item: &Value| {
        let full = points(plain(item, "points"));
        format!(
            "{}·{}·{}{full}：{}。",
            words(item, "dimension"),
            raw(item, "group"),
            raw(item, "title"),
            raw(item, "standard")
        )
    };
    for one in list(section, "framework") {
        let (name, points) = (raw(one, "dimension"), plain(one, "points"));
        match sums.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum = sum.saturating_add(points),
            None => sums.push((name, points)),
        }
    }
    let of: Vec<String> =
        sums.into_iter().map(|(name, sum)| format!("{}{}", text(name), points(sum))).collect();
    let mut lines = vec![format!("满分{}：{}。", points(plain(section, "full_score")), of.join("、"))];
    if let Some(least) = number(section, "minimum_result_points") {
        lines.push(format!("产出与效益合计不少于{}。", points(least)));
    }
    lines.extend(list(section, "framework").iter().map(item));
    if let Some(methods) = section.get("methods") {
        lines.push(format!("评价方法：{}。", shown(methods)));
    }
    lines
}

fn suspicion(section: &Value) -> Vec<String> {
    let gap = number(section, "score_gap_share")
        .map(|share| format!("（指标得分率−预算执行率）÷指标得分率大于{}的，亮红灯。", percent(share)));
    let unspent = number(section, "unspent_share")
        .map(|share| format!("（调整后预算数−执行数）÷调整后预算数大于{}的，亮黄灯。", percent(share)));
    let flag = |name: &str, words: &str| yes(section, name).then(|| words.to_owned());
    let flags = [
        flag("zero_budget_flagged", "调整后预算数为零的，亮黄灯。"),
        flag("full_score_flagged", "自评满分的，列为疑点。"),
        flag("copied_text_flagged", "文字与其他项目雷同的，列为疑点。"),
    ];
    [gap, unspent].into_iter().chain(flags).flatten().collect()
}

fn recheck(rule: &Value) -> String {
    let title = raw(rule, "title");
    match number(rule, "deduction_share") {
        Some(share) if share.is_zero() => format!("{title}的，不扣分。"),
        Some(share) => format!("{title}的，扣该指标权重的{}。", percent(share)),
        None => format!("{title}的，由人工决定扣分。"),
    }
}

fn deadline(rule: &Value) -> String {
    let days = rule.get("days").and_then(Value::as_i64).unwrap_or_default();
    let kind = if yes(rule, "working_days") { "个工作日" } else { "天（自然日）" };
    let when = if raw(rule, "kind") == "KIND_SUNSET_NOTICE" { "前" } else { "内" };
    let checked = if yes(rule, "verified") { "已核对" } else { "未经核对" };
    format!("{}：{days}{kind}{when}。依据：{}（{checked}）。", words(rule, "kind"), raw(rule, "source"))
}

fn hint(rule: &Value) -> String {
    let grades = rule.get("grades").map(|grades| format!("为{}", shown(grades))).unwrap_or_default();
    let below = number(rule, "execution_below_rate").map(|rate| format!("（低于{}）", percent(rate)));
    let cut = number(rule, "reduction_share").map(|share| format!("，建议幅度{}", percent(share)));
    format!(
        "{}{grades}{}的：{}{}（{}）。{}",
        words(rule, "trigger"),
        below.unwrap_or_default(),
        words(rule, "action"),
        cut.unwrap_or_default(),
        words(rule, "strength"),
        raw(rule, "message")
    )
}

fn conflict(section: &Value) -> Vec<String> {
    let engaged = if yes(section, "enforced") { "不得委托" } else { "只作提示，不禁止委托" };
    let years = section.get("cooling_years").and_then(Value::as_i64).unwrap_or_default();
    let back = match years {
        0 => "是否冲突只看同一评价年度的委托。".to_owned(),
        years => format!("往前{years}年内的其他委托也算冲突。"),
    };
    let reserved = if yes(section, "internal_work_reserved") { "不得" } else { "可以" };
    vec![
        format!("存在利益冲突的，{engaged}。"),
        back,
        format!("单位的绩效目标和自评{reserved}委托外部编制。"),
    ]
}

fn recommendation(section: &Value) -> Vec<String> {
    let full = section.get("similar_projects_full").and_then(Value::as_i64).unwrap_or_default();
    let parts = [
        ("text_match", "指标名称或关键词中有项目名称的全部词语得满分，不足的按比例".to_owned()),
        ("last_year", "本项目上年的目标表用过的得分".to_owned()),
        ("similar_projects", format!("上年同部门同类别有{full}个项目用过的得满分，不足的按比例")),
        ("same_department", "属于本部门的个性指标得分".to_owned()),
        ("same_category", "适用于本项目类别的得分".to_owned()),
    ];
    let told = parts.into_iter().map(|(name, how)| {
        let points = plain(section, name);
        let words = field(name);
        if points.is_zero() {
            format!("{words}：不计分。")
        } else {
            format!("{words}：满分{points}分，{how}。")
        }
    });
    ["各项得分相加，只决定推荐次序，不约束填报。".to_owned()].into_iter().chain(told).collect()
}

/// Field by field, for sections without sentences of their own.
fn by_field(section: &Value) -> Vec<String> {
    match section {
        Value::Array(parts) if !is_leaf(section) => {
            parts.iter().map(|part| format!("{}。", shown(part))).collect()
        }
        Value::Object(fields) if !is_leaf(section) => {
            fields.iter().map(|(name, value)| format!("{}：{}。", field(name), shown(value))).collect()
        }
        value => vec![format!("{}。", shown(value))],
    }
}
