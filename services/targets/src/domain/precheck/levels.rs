//! Levels one and two of the indicators (一、二级指标): what the year's frame has and asks for, what the kind of project
//! asks for, and what stands in the wrong place.

use super::Case;
use super::finding::Finding;
use super::rule::Placement;
use super::text::{ends, has};
use crate::domain::form::{Indicator, Level1};
use crate::domain::rules::{FormRules, FrameNode};

/// Title of the level-2 indicator that a row stands under: of the frame, else as printed.
pub fn level2_title<'a>(indicator: &'a Indicator, rules: &'a FormRules) -> &'a str {
    let below = rules.frame.iter().filter(|node| !node.top && !indicator.level2_code.is_empty());
    let found = below.into_iter().find(|node| node.code == indicator.level2_code);
    found.map_or(indicator.level2_name.as_str(), |node| node.title.as_str())
}

/// Whether a row measures what is spent.
pub fn is_cost(indicator: &Indicator, rules: &FormRules) -> bool {
    let below = |node: &FrameNode| node.cost && !node.top && node.code == indicator.level2_code;
    indicator.level1 == Some(Level1::Cost)
        || rules.frame.iter().any(below)
        || indicator.level2_name.contains("成本")
}

/// What the frame asks for and the form does not have: for a person to weigh, not a bar.
pub fn required(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    // A form without any indicator is told so once.
    let asked = case.rules.frame.iter().filter(|node| node.required && !form.indicators.is_empty());
    let lacking = asked.filter(|node| {
        let has = |indicator: &Indicator| match node.top {
            true => indicator.level1 == Some(node.level1),
            false => indicator.level2_code == node.code || indicator.level2_name == node.title,
        };
        !form.indicators.iter().any(has)
    });
    let remark = |node: &FrameNode| Finding::at("indicators", format!("缺少{}", node.title), "补充该类指标");
    lacking.map(remark).collect()
}

/// Levels one and two are fixed by the frame of the year: two trees stand side by side.
pub fn level1(case: &Case<'_>) -> Vec<Finding> {
    let frame = &case.rules.frame;
    let unknown = |indicator: &&Indicator| {
        let known = |level1| frame.iter().any(|node| node.top && node.level1 == level1);
        !frame.is_empty() && indicator.level1.is_some_and(|level1| !known(level1))
    };
    let rows = case.form().indicators.iter().filter(unknown);
    let text = "该年度的指标框架没有这个一级指标";
    rows.map(|row| Finding::on(row, "level1", text, "按该年度的指标框架选择")).collect()
}

pub fn level2(case: &Case<'_>) -> Vec<Finding> {
    let frame = &case.rules.frame;
    let misplaced = |indicator: &&Indicator| {
        let below = |node: &FrameNode| {
            !node.top && Some(node.level1) == indicator.level1 && node.code == indicator.level2_code
        };
        let said = indicator.level1.is_some() && !indicator.level2_code.is_empty();
        said && !frame.is_empty() && !frame.iter().any(below)
    };
    let rows = case.form().indicators.iter().filter(misplaced);
    let text = "二级指标不在该一级指标之下";
    rows.map(|row| Finding::on(row, "level2_code", text, "按该年度的指标框架选择")).collect()
}

/// Capital works, big repairs and purchases say what they may cost.
pub fn cost_missing(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    let title = case.draft.title;
    let kind = has(title, case.words("words")) && !has(title, case.words("exceptions"));
    let amount = form.annual_funding.as_ref().map(|funding| funding.total);
    let least = case.rule.number("minimum_amount");
    let small = amount.zip(least).is_some_and(|(amount, least)| amount.yuan() < least);
    let covered = form.indicators.is_empty() || form.indicators.iter().any(|row| is_cost(row, case.rules));
    if !kind || small || covered {
        return Vec::new();
    }
    let text = "工程、修缮、购置类项目没有成本指标";
    vec![Finding::at("indicators", text, "补充成本指标，如单位造价、购置单价、工程总成本")]
}

/// Satisfaction is somebody's, and that is not the unit's own.
pub fn satisfaction_recipient(case: &Case<'_>) -> Vec<Finding> {
    let rows = case.form().indicators.iter().filter(|row| row.level1 == Some(Level1::Satisfaction));
    let nobody = rows.filter(|row| {
        let bare = case.words("bare").iter().any(|word| row.title.trim() == word);
        bare || has(&row.title, case.words("own_body"))
    });
    let text = "满意度没有指明服务对象，或调查的不是服务对象";
    nobody.map(|row| Finding::on(row, "title", text, "写明服务对象，如居民、学员、受补助对象")).collect()
}

/// What is counted in persons has recipients, who could be asked.
pub fn satisfaction_missing(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    let in_frame = case.rules.frame.iter().any(|node| node.level1 == Level1::Satisfaction);
    let asked = form.indicators.iter().any(|row| row.level1 == Some(Level1::Satisfaction));
    let served = form.annual_indicators().filter(|row| row.level1 == Some(Level1::Output)).any(|row| {
        let (_, unit) = case.units().plain(&row.measure_unit);
        case.words("person_units").contains(&unit) && !has(&row.title, case.words("exceptions"))
    });
    if !in_frame || asked || !served {
        return Vec::new();
    }
    let text = "项目有明确的服务对象，但没有满意度指标";
    vec![Finding::at("indicators", text, "补充服务对象满意度指标")]
}

/// Outputs normally say how much and how well.
pub fn quantity_quality(case: &Case<'_>) -> Vec<Finding> {
    let titles: Vec<&str> = case.form().indicators.iter().map(|row| level2_title(row, case.rules)).collect();
    if titles.iter().all(|title| title.is_empty()) {
        return Vec::new();
    }
    let lacking =
        case.words("levels").iter().filter(|level| !titles.iter().any(|t| t.contains(level.as_str())));
    let remark = |level: &String| {
        Finding::at("indicators", format!("产出没有{level}指标"), format!("补充{level}指标"))
    };
    lacking.map(remark).collect()
}

/// What stands under the wrong level-2 indicator.
pub fn placement(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in &case.form().indicators {
        let level2 = level2_title(row, case.rules);
        let belongs = |placement: &&Placement| level2.contains(placement.belongs_under.as_str());
        let at_home = case.rule.placements.iter().filter(belongs).any(|own| has(&row.title, &own.words));
        let wrong = case.rule.placements.iter().find(|placement| {
            ends(&row.title, &placement.words) && has(level2, &placement.never_under) && !at_home
        });
        if let Some(placement) = wrong {
            let text = format!("“{}”像是{}指标，不宜放在{level2}下", row.title, placement.belongs_under);
            findings.push(Finding::on(
                row,
                "level2_code",
                text,
                format!("移到{}指标下", placement.belongs_under),
            ));
        }
    }
    findings
}
