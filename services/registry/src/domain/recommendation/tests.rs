use proptest::prelude::*;

use super::super::indicator::IndicatorState;
use super::*;

fn weights() -> Weights {
    let file: Value = serde_json::from_str(include_str!("../../../data/rules-national-2021.json")).unwrap();
    Weights::of(file.pointer("/content/recommendation").unwrap()).unwrap()
}

fn indicator(code: &str, words: &str) -> Indicator {
    Indicator {
        id: code.to_owned(),
        code: code.to_owned(),
        title: words.replace(' ', ""),
        frame: "classic".to_owned(),
        node_code: "11".to_owned(),
        common: true,
        unit: None,
        operator: None,
        measure_unit: String::new(),
        value_description: String::new(),
        suggested_value: String::new(),
        scoring_standard: String::new(),
        data_source: String::new(),
        keywords: Vec::new(),
        start_date: None,
        end_date: None,
        state: IndicatorState::Confirmed,
        project_categories: Vec::new(),
        proposal: None,
        refusal_reason: String::new(),
        words: words.to_owned(),
    }
}

fn sought() -> Sought {
    Sought {
        words: ["农村", "生活", "垃圾", "分类"].map(str::to_owned).to_vec(),
        full_words: 4,
        department: "602".parse().ok(),
        category: Some(ProjectCategory::OtherOperating),
        ..Sought::default()
    }
}

fn order(suggestions: &[Suggestion]) -> Vec<&str> {
    suggestions.iter().map(|one| one.indicator.code.as_str()).collect()
}

#[test]
fn more_words_go_before_one_and_no_point_is_no_suggestion() {
    let library = vec![
        indicator("A", "生活 补贴"),
        indicator("B", "图书 分类"),
        indicator("C", "垃圾 分类 覆盖率"),
        indicator("D", "道路 里程"),
    ];
    let best = recommend(&sought(), library, &weights(), 10);
    assert_eq!(order(&best), ["C", "A", "B"]);
    assert_eq!(best.first().map(|one| one.points), Some(Decimal::from(20)));
}

#[test]
fn every_part_has_its_points_and_its_reason() {
    let mut own = indicator("A", "垃圾 分类");
    own.unit = "602".parse().ok();
    own.project_categories = vec![ProjectCategory::Operating];
    let sought = Sought {
        last_year: Used::from([Use::Titled("垃圾分类".to_owned())]),
        similar: BTreeMap::from([(Use::Picked("A".to_owned()), 2), (Use::Titled("垃圾分类".to_owned()), 1)]),
        ..sought()
    };
    let best = recommend(&sought, vec![own], &weights(), 1);
    let parts: Vec<(Part, String)> = best
        .iter()
        .flat_map(|one| &one.reasons)
        .map(|one| (one.part, one.points.normalize().to_string()))
        .collect();
    let expected = [
        (Part::LastYear, "30"),
        (Part::TextMatch, "20"),
        (Part::SameDepartment, "10"),
        (Part::SimilarProjects, "6"),
        (Part::SameCategory, "5"),
    ];
    assert_eq!(parts, expected.map(|(part, points)| (part, points.to_owned())));
    assert_eq!(best.first().map(|one| one.points), Some(Decimal::from(71)));
}

#[test]
fn a_long_description_asks_for_no_more_words() {
    let long: Vec<String> = (0..50).map(|place| format!("词{place}")).chain(sought().words).collect();
    let sought = Sought { words: long, ..sought() };
    let best = recommend(&sought, vec![indicator("A", "垃圾 分类"), indicator("B", "词7")], &weights(), 10);
    let points: Vec<String> = best.iter().map(|one| one.points.to_string()).collect();
    assert_eq!(points, ["20", "10"]);
    let nothing = Sought { words: Vec::new(), full_words: 0, ..sought };
    assert!(recommend(&nothing, vec![indicator("A", "垃圾")], &weights(), 10).is_empty());
}

#[test]
fn what_is_meant_for_others_is_not_suggested() {
    let mut pay = indicator("A", "垃圾 分类");
    pay.project_categories = vec![ProjectCategory::Personnel];
    assert!(recommend(&sought(), vec![pay], &weights(), 10).is_empty());
}

#[test]
fn the_points_are_those_of_the_rule_set() {
    let mut section = serde_json::json!({
        "text_match": {"value": "8"}, "last_year": {"value": "1"}, "similar_projects": {"value": "0"},
        "similar_projects_full": 5, "same_department": {"value": "0"}, "same_category": {"value": "0"}
    });
    let own = Weights::of(&section).unwrap();
    let last_year = Used::from([Use::Picked("B".to_owned())]);
    let sought = Sought { last_year, ..sought() };
    let library = || vec![indicator("A", "垃圾 分类"), indicator("B", "道路")];
    assert_eq!(
        order(&recommend(&sought, library(), &own, 10)),
        ["A", "B"],
        "4 points for words, 1 for last year"
    );
    assert_eq!(
        order(&recommend(&sought, library(), &weights(), 10)),
        ["B", "A"],
        "30 for last year, 20 for words"
    );
    for (name, wrong) in
        [("similar_projects_full", serde_json::json!(0)), ("last_year", serde_json::json!({}))]
    {
        let before = std::mem::replace(section.get_mut(name).unwrap(), wrong);
        assert_eq!(Weights::of(&section), None, "{name}");
        *section.get_mut(name).unwrap() = before;
    }
}

proptest! {
    #[test]
    fn reasons_add_up_and_order(picks in prop::collection::vec((0_usize..16, any::<bool>(), 0_u32..9), 1..12)) {
        let words = ["农村", "生活", "垃圾", "分类"];
        let mut sought = sought();
        let library: Vec<Indicator> = picks.iter().enumerate().map(|(place, (mask, used, count))| {
            let own: Vec<&str> = words.iter().enumerate()
                .filter(|(bit, _)| mask & 1_usize.wrapping_shl(u32::try_from(*bit).unwrap_or(0)) != 0)
                .map(|(_, word)| *word).collect();
            let id = format!("I{place:02}");
            if *used { sought.last_year.insert(Use::Picked(id.clone())); }
            if *count > 0 { sought.similar.insert(Use::Picked(id.clone()), *count); }
            let mut one = indicator(&id, &own.join(" "));
            one.title = id;
            one
        }).collect();
        let best = recommend(&sought, library, &weights(), 100);
        prop_assert!(best.windows(2).all(|pair| matches!(pair, [one, next] if one.points >= next.points)));
        for one in &best {
            let sum: Decimal = one.reasons.iter().map(|reason| reason.points).sum();
            prop_assert_eq!(sum, one.points);
            prop_assert!(one.points <= Decimal::ONE_HUNDRED);
            prop_assert!(one.reasons.iter().all(|reason| Decimal::ZERO < reason.points && reason.points <= reason.full));
        }
    }
}
