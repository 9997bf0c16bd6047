//! The same text as another project's, or as last year's (雷同): a goal that was copied was not thought about.

use wenxiao_kernel::Decimal;

use super::Case;
use super::finding::Finding;
use super::text;

/// A form whose goal may read alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Objective, by resource name.
    pub name: String,
    /// Name of its subject.
    pub title: String,
    /// Its budget year.
    pub fiscal_year: i32,
    /// Whether it is of the same subject.
    pub same_subject: bool,
    /// 年度总体目标.
    pub annual_goal: String,
}

/// Neighbours with how much their goal reads like this one, the most alike first.
pub fn alike<'n>(goal: &str, neighbours: &'n [Neighbour]) -> Vec<(Decimal, &'n Neighbour)> {
    let own = text::wording(goal);
    let measured =
        neighbours.iter().map(|other| (text::likeness(&own, &text::wording(&other.annual_goal)), other));
    let mut alike: Vec<_> = measured.collect();
    alike.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.name.cmp(&b.name)));
    alike
}

fn long_enough(case: &Case<'_>) -> bool {
    let length = text::wording(&case.form().annual_goal).chars().count();
    case.rule.number("minimum_length").is_none_or(|least| Decimal::from(length) >= least)
}

pub fn same_as_other(case: &Case<'_>) -> Vec<Finding> {
    let goal = &case.form().annual_goal;
    let least = case.rule.number("similarity").unwrap_or(Decimal::ONE);
    let mut alike = alike(goal, case.draft.neighbours).into_iter();
    let found = alike.find(|(share, other)| !other.same_subject && *share >= least);
    let remark = |(share, other): (Decimal, &Neighbour)| {
        let percent = share.saturating_mul(Decimal::ONE_HUNDRED).normalize();
        let text = format!(
            "年度总体目标与{}年度“{}”（{}）的文字{percent}%相同",
            other.fiscal_year, other.title, other.name
        );
        Finding::at("annual_goal", text, "按本项目的实际任务填写，不照抄其他项目")
    };
    found.filter(|_| long_enough(case)).map(remark).into_iter().collect()
}

/// Last year's goal with new figures is a recurrent project; with the same figures it was not filed anew.
pub fn same_as_last_year(case: &Case<'_>) -> Vec<Finding> {
    let own = without_years(&case.form().annual_goal);
    let earlier = |other: &&Neighbour| {
        other.same_subject
            && other.fiscal_year < case.rules.fiscal_year
            && without_years(&other.annual_goal) == own
    };
    let found = case.draft.neighbours.iter().find(earlier).filter(|_| long_enough(case));
    let remark = |other: &Neighbour| {
        let text = format!("年度总体目标与{}年度的完全相同（{}）", other.fiscal_year, other.name);
        Finding::at("annual_goal", text, "按本年度任务更新目标和数量；确无变化的在备注中说明")
    };
    found.map(remark).into_iter().collect()
}

/// A goal as plain text, its figures in it, without the years that it names.
fn without_years(goal: &str) -> String {
    let mut plain = text::plain(goal);
    for (year, _) in text::years(goal) {
        plain = plain.replace(&format!("{year}年"), "");
    }
    plain
}
