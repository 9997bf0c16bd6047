use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn haicang() -> DistrictCode {
    DistrictCode::from_i32(350_205_000).unwrap_or_else(|_| unreachable!())
}

fn unit(code: &str, kind: UnitKind) -> Unit {
    Unit {
        agency_code: AgencyCode(code.to_owned()),
        title: format!("单位{code}"),
        short_title: String::new(),
        kind,
        fiscal_division: None,
        managing_division: String::new(),
        start_date: None,
        end_date: None,
        renames: Vec::new(),
        ending: None,
        successors: Vec::new(),
    }
}

#[test]
fn a_code_tells_its_place() {
    let code: AgencyCode = "602001003".parse().unwrap_or(AgencyCode(String::new()));
    assert_eq!(code.parent().map(String::from).as_deref(), Some("602001"));
    assert_eq!(code.department().as_str(), "602");
    assert_eq!(code.department().parent(), None);
    assert!(code.is_below(&code.department()));
    for text in ["", "60", "6020", "60200a", "602602602602602602602602", "六〇二"] {
        assert!(text.parse::<AgencyCode>().is_err(), "{text}");
    }
}

#[test]
fn kinds_stand_where_they_belong() {
    assert!(unit("602", UnitKind::Department).check(haicang()).is_ok());
    assert!(unit("602001", UnitKind::Department).check(haicang()).is_err());
    assert!(unit("602", UnitKind::Unit).check(haicang()).is_err());
    let mut street = unit("901", UnitKind::SubdistrictOffice);
    street.fiscal_division = DistrictCode::from_i32(350_205_001).ok();
    assert!(street.check(haicang()).is_ok());
    street.fiscal_division = DistrictCode::from_i32(350_206_001).ok();
    assert!(street.check(haicang()).is_err(), "a street of another district");
}

#[test]
fn a_unit_needs_a_parent_as_long_as_it_lives() {
    let mut department = unit("602", UnitKind::Department);
    let own = unit("602001", UnitKind::OwnUnit);
    assert!(own.check_place(Some(&department), false).is_ok());
    assert!(matches!(own.check_place(Some(&department), true), Err(Refusal::OwnUnitExists { .. })));
    assert!(matches!(own.check_place(None, false), Err(Refusal::ParentUnitMissing { .. })));
    department.end_date = Some(day("2020-06-30"));
    assert!(own.check_place(Some(&department), false).is_err());
}

#[test]
fn a_merged_unit_ends_the_day_before() {
    let heir = || vec![AgencyCode("602".to_owned())];
    let mut absorbed = unit("603", UnitKind::Department);
    let refused = absorbed.end(UnitChangeKind::Merge, day("2021-01-01"), heir(), true);
    assert!(refused.is_err(), "units below it last");
    assert!(absorbed.end(UnitChangeKind::Merge, day("2021-01-01"), heir(), false).is_ok());
    assert_eq!(absorbed.state(day("2020-12-31")), UnitState::Active);
    assert_eq!(absorbed.state(day("2021-01-01")), UnitState::Merged);
    let again = absorbed.end(UnitChangeKind::Close, day("2022-01-01"), Vec::new(), false);
    assert!(again.is_err(), "it has ended already");
    let mut own = unit("602", UnitKind::Department);
    assert!(own.end(UnitChangeKind::Merge, day("2021-01-01"), heir(), false).is_err());
    assert!(absorbed.check_heir(day("2020-06-01")).is_err(), "its end is known");
    assert!(own.check_heir(day("2020-06-01")).is_ok());
}

#[test]
fn a_name_holds_from_its_day_on() {
    let mut office = unit("602", UnitKind::Department);
    let rename = |on: &str, title: &str| Rename {
        effective_date: day(on),
        title: title.to_owned(),
        short_title: String::new(),
    };
    assert!(office.rename(rename("2020-03-01", "")).is_err(), "no name");
    assert!(office.rename(rename("2020-03-01", "单位602")).is_err(), "the name that it has");
    assert!(office.rename(rename("2020-03-01", "应急管理局")).is_ok());
    assert!(office.rename(rename("2021-03-01", "应急局")).is_ok());
    assert_eq!(office.name_on(day("2020-02-29")).0, "单位602");
    assert_eq!(office.name_on(day("2020-03-01")).0, "应急管理局");
    assert_eq!(office.name_on(day("2022-01-01")).0, "应急局");
    let former: Vec<_> =
        office.former_names(day("2021-03-01")).into_iter().map(|(title, _, end)| (title, end)).collect();
    assert_eq!(former, [("单位602", day("2020-02-29")), ("应急管理局", day("2021-02-28"))]);
    let mut corrected = Unit { title: "区应急管理局".to_owned(), ..office.clone() };
    corrected.correct_name(&office, day("2020-06-01"));
    assert_eq!(corrected.name_on(day("2020-06-01")).0, "区应急管理局");
    assert_eq!(corrected.name_on(day("2020-01-01")).0, "单位602");
    assert_eq!(corrected.name_on(day("2022-01-01")).0, "应急局");
}

#[test]
fn what_stands_below_moves_along() {
    let code = |text: &str| AgencyCode(text.to_owned());
    assert_eq!(code("602002001").moved(&code("602002"), &code("605007")), Some(code("605007001")));
    assert_eq!(code("602003").moved(&code("602002"), &code("605007")), None);
    let deep = code("602002001001001001001");
    assert_eq!(deep.moved(&code("602002"), &code("605007001")), None, "no more than 21 digits");
}

#[test]
fn own_units_are_their_departments_and_count_once() {
    let counts = Counts {
        kinds: vec![
            (UnitKind::Department, 40),
            (UnitKind::Unit, 120),
            (UnitKind::OwnUnit, 38),
            (UnitKind::SubdistrictOffice, 4),
            (UnitKind::Affiliated, 7),
        ],
    };
    assert_eq!((counts.budget_units(), counts.streets(), counts.own_units()), (167, 4, 38));
    assert_eq!(counts.reporting_units(), 171);
    assert_eq!(unit("602001", UnitKind::OwnUnit).body().as_str(), "602");
    assert_eq!(unit("602002", UnitKind::Unit).body().as_str(), "602002");
}
