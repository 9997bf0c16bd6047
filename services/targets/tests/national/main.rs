//! The national rule sets and frames of the registry against the tables of the domain (DOMAIN 3.3 to 3.5), as targets takes
//! them: what a district starts from.

#[path = "../precheck/national.rs"]
mod national;

use wenxiao_kernel::{Decimal, Grade};
use wenxiao_targets::domain::form::Level1;
use wenxiao_targets::domain::objective::State;
use wenxiao_targets::domain::opinion::{self, ItemOpinion};
use wenxiao_targets::domain::rules::{FormRules, Property, ReviewRules};
use wenxiao_targets::domain::workflow::leads_to;
use wenxiao_targets::rules::{form_rules, review_rules};

/// Both sets, by a budget year of each.
const YEARS: [i32; 2] = [2020, 2021];

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn review(year: i32) -> ReviewRules {
    review_rules(&national::rules(year)).expect("the national rules")
}

fn form(year: i32) -> FormRules {
    form_rules(&national::rules(year), Some(&national::frame(year)), year).expect("the national rules")
}

/// Every item with as many points as `share` of its own says.
fn scored(rules: &ReviewRules, share: &str) -> opinion::Scored {
    let given: Vec<ItemOpinion> = rules
        .items
        .iter()
        .map(|item| ItemOpinion {
            item_code: item.code.clone(),
            score: item.points * number(share),
            grade: None,
            answer: String::new(),
        })
        .collect();
    opinion::score(rules, &given, &[]).expect("an opinion that fits")
}

#[test]
fn the_four_properties_have_the_points_of_the_table() {
    let expected = [
        (Property::Completeness, "规范完整性", "10"),
        (Property::Completeness, "明确清晰性", "10"),
        (Property::Relevance, "目标相关性", "15"),
        (Property::Relevance, "指标科学性", "15"),
        (Property::Appropriateness, "绩效合理性", "15"),
        (Property::Appropriateness, "资金匹配性", "15"),
        (Property::Feasibility, "实现可能性", "10"),
        (Property::Feasibility, "条件充分性", "10"),
    ];
    for year in YEARS {
        let rules = review(year);
        let items: Vec<_> = rules
            .items
            .iter()
            .map(|item| (item.property, item.title.as_str(), item.points.to_string()))
            .collect();
        let expected = expected.map(|(property, title, points)| (property, title, points.to_owned()));
        assert_eq!(items, expected, "{year}");
        let properties: Vec<_> =
            scored(&rules, "1").properties.iter().map(|of| (of.property, of.points.to_string())).collect();
        let points = ["20", "30", "30", "20"].map(str::to_owned);
        assert_eq!(properties, Property::ALL.iter().copied().zip(points).collect::<Vec<_>>(), "{year}");
    }
}

/// 优/良/中/差 are 100–90, 90–80, 80–60 and below 60 % of an item's points, the lower bound included, and lead four ways.
#[test]
fn grades_begin_and_lead_where_the_table_says() {
    use Grade::{Excellent, Fair, Good, Poor};
    for year in YEARS {
        let rules = review(year);
        for (share, grade) in [
            ("1", Excellent),
            ("0.9", Excellent),
            ("0.89", Good),
            ("0.8", Good),
            ("0.79", Fair),
            ("0.6", Fair),
            ("0.59", Poor),
            ("0", Poor),
        ] {
            let scored = scored(&rules, share);
            assert_eq!(scored.grade, grade, "{year}: {share} of everything");
            assert!(
                scored.items.iter().all(|item| item.grade == Some(grade)),
                "{year}: {share} of each item"
            );
        }
        for (grade, state) in [
            (Excellent, State::Approved),
            (Good, State::Consultation),
            (Fair, State::Returned),
            (Poor, State::Barred),
        ] {
            assert_eq!(leads_to(rules.consequence(grade).unwrap()), state, "{year}: {}", grade.chinese());
        }
    }
}

#[test]
fn both_trees_stand_side_by_side_by_year() {
    for (year, level1, levels2, cost_below) in [
        (2020, vec!["产出指标", "效益指标", "满意度指标"], 9, Level1::Output),
        (2021, vec!["成本指标", "产出指标", "效益指标", "满意度指标"], 10, Level1::Cost),
    ] {
        let frame = form(year).frame;
        let tops: Vec<&str> = frame.iter().filter(|node| node.top).map(|node| node.title.as_str()).collect();
        assert_eq!(tops, level1, "{year}");
        assert_eq!(frame.iter().filter(|node| !node.top).count(), levels2, "{year}");
        let costs = || frame.iter().filter(|node| node.cost && !node.top);
        assert!(costs().count() > 0 && costs().all(|node| node.level1 == cost_below), "{year}");
    }
}

/// 90 at declaration, where 10 points are kept for execution, or 100.
#[test]
fn weights_add_up_to_ninety_or_a_hundred() {
    for year in YEARS {
        assert_eq!(form(year).weight_totals, [number("90"), number("100")], "{year}");
    }
}
