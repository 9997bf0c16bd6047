use proptest::prelude::*;
use serde_json::json;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn set(id: &str, layer: Layer, start: &str, end: Option<&str>, sections: &[(&str, Value)]) -> RuleSet {
    RuleSet {
        id: id.to_owned(),
        title: id.to_owned(),
        source: String::new(),
        verified: false,
        layer,
        start_date: day(start),
        end_date: end.map(day),
        sections: sections.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        version: 1,
    }
}

#[test]
fn the_district_goes_before_the_nation_section_by_section() {
    let sets = [
        set(
            "own",
            Layer::District,
            "2020-03-01",
            Some("2020-12-31"),
            &[("rounding", json!({"decimal_places": 1}))],
        ),
        set(
            "national",
            Layer::NationalDefault,
            "2015-01-01",
            None,
            &[("rounding", json!({"decimal_places": 2})), ("conflict", json!({}))],
        ),
        set("newer", Layer::NationalDefault, "2021-01-01", None, &[("conflict", json!({"enforced": true}))]),
    ];
    let at = |text: &str| effective(&sets, day(text)).unwrap_or_default();
    let source = |effective: &Effective, name: &str| {
        let found = effective.sources.iter().find(|(section, ..)| section == name);
        found.map(|(_, set, _)| set.clone()).unwrap_or_default()
    };
    assert_eq!(source(&at("2020-02-29"), "rounding"), "national");
    assert_eq!(source(&at("2020-03-01"), "rounding"), "own");
    assert_eq!(source(&at("2020-12-31"), "conflict"), "national");
    assert_eq!(source(&at("2021-01-01"), "rounding"), "national");
    assert_eq!(source(&at("2021-01-01"), "conflict"), "newer");
    assert!(matches!(effective(&sets, day("2014-12-31")), Err(Refusal::NoRulesInForce(_))));
}

#[test]
fn who_speaks_is_known_with_whom_it_overrides_and_since_when() {
    let rounding = |places: i32| [("rounding", json!({"decimal_places": places}))];
    let sets = [
        set("national", Layer::NationalDefault, "2015-01-01", None, &rounding(2)),
        set("own", Layer::District, "2020-03-01", Some("2020-12-31"), &rounding(1)),
        set("other", Layer::District, "2020-06-01", None, &[("conflict", json!({}))]),
    ];
    let ids = |text: &str| -> Vec<&str> {
        speaking(&sets, "rounding", day(text)).into_iter().map(|set| set.id.as_str()).collect()
    };
    assert_eq!(ids("2020-12-31"), ["own", "national"]);
    assert_eq!(ids("2021-01-01"), ["national"]);
    assert_eq!(since(&sets, "rounding", day("2020-12-31")), Some(day("2020-03-01")));
    assert_eq!(since(&sets, "rounding", day("2021-05-01")), Some(day("2021-01-01")), "again, after a break");
    assert_eq!(since(&sets, "rounding", day("2019-05-01")), Some(day("2015-01-01")));
    assert_eq!(since(&sets, "monitoring", day("2021-05-01")), None);
}

#[test]
fn rules_for_the_past_need_a_reason() {
    let rounding = [("rounding", json!({"decimal_places": 1}))];
    let own = set("own", Layer::District, "2021-01-01", None, &rounding);
    assert_eq!(own.check_backdated(day("2021-01-01"), ""), Ok(()));
    assert!(matches!(own.check_backdated(day("2021-01-02"), " "), Err(Refusal::RulesBackdated { .. })));
    assert_eq!(own.check_backdated(day("2021-01-02"), "补录2021年文件"), Ok(()));
    let rival = set("rival", Layer::District, "2021-01-01", None, &rounding);
    let found = own.findings(&[rival], day("2021-01-02"));
    assert_eq!(found.len(), 2, "{found:?}");
    let fields: Vec<String> = own
        .findings(std::slice::from_ref(&own), day("2021-01-01"))
        .into_iter()
        .map(|one| one.field)
        .collect();
    assert_eq!(fields, ["name"], "it is in force");
    assert!(own.findings(std::slice::from_ref(&own), day("2020-12-31")).is_empty());
}

#[test]
fn what_is_in_force_never_changes() {
    let rounding = [("rounding", json!({"decimal_places": 1}))];
    let own = set("own", Layer::District, "2021-01-01", None, &rounding);
    assert!(own.check_changeable(day("2020-12-31")).is_ok());
    assert!(own.check_changeable(day("2021-01-01")).is_err());
    let national = set("national", Layer::NationalDefault, "2030-01-01", None, &rounding);
    assert!(national.check_changeable(day("2020-12-31")).is_err());
    let mut ending = own.clone();
    assert!(ending.end(day("2021-06-30"), day("2021-07-01")).is_err());
    assert!(ending.end(day("2021-06-30"), day("2021-06-30")).is_ok());
    assert!(ending.end(day("2022-06-30"), day("2021-07-01")).is_err());
    let rival = set("rival", Layer::District, "2021-01-01", None, &rounding);
    assert!(matches!(rival.check_beside([&own]), Err(Refusal::RulesOverlap(_))));
}

proptest! {
    /// On every day and for every section, who speaks is who the effective rules name, since the day that is said.
    #[test]
    fn who_speaks_is_who_is_in_force(
        spans in prop::collection::vec((0_u64..60, prop::option::of(0_u64..40), any::<bool>(), 1_u8..4), 1..8), at in 0_u64..110,
    ) {
        let from = |days: u64| day("2020-01-01").checked_add_days(chrono::Days::new(days)).unwrap();
        let mut sets: Vec<RuleSet> = Vec::new();
        for (place, (start, length, national, mask)) in spans.into_iter().enumerate() {
            let mut one = set(&place.to_string(), Layer::District, "2020-01-01", None, &[]);
            one.layer = if national { Layer::NationalDefault } else { Layer::District };
            one.start_date = from(start);
            one.end_date = length.map(|length| from(start.saturating_add(length)));
            for (bit, name) in [(1, "rounding"), (2, "conflict")] {
                if mask & bit != 0 { one.sections.insert(name.to_owned(), json!({})); }
            }
            if one.check_beside(&sets).is_ok() { sets.push(one); }
        }
        let rules = effective(&sets, from(at)).unwrap_or_default();
        for name in ["rounding", "conflict"] {
            let named = rules.sources.iter().find(|(section, ..)| section == name).map(|(_, id, _)| id.clone());
            let speaker = |day: NaiveDate| speaking(&sets, name, day).first().map(|set| set.id.clone());
            prop_assert_eq!(speaker(from(at)), named.clone());
            let begun = since(&sets, name, from(at));
            prop_assert_eq!(begun.is_some(), named.is_some());
            if let Some(begun) = begun {
                prop_assert!(begun.iter_days().take_while(|day| *day <= from(at)).all(|day| speaker(day) == named));
                prop_assert!(begun.pred_opt().is_none_or(|before| speaker(before) != named));
            }
        }
    }
}
