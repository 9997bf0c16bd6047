#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use std::collections::BTreeMap;

use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::domain::ownership::Owner;
use crate::domain::project::ProjectCategory;
use crate::domain::project::tests::project;
use crate::domain::unit::{Rename, Unit, UnitKind};

fn code(text: &str) -> AgencyCode {
    text.parse().unwrap_or_else(|_| AgencyCode::placeholder())
}

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1)
        .and_then(|start| start.checked_add_days(Days::new(number)))
        .unwrap_or_default()
}

fn unit(text: &str, kind: UnitKind) -> Unit {
    Unit {
        agency_code: code(text),
        title: format!("单位{text}"),
        short_title: String::new(),
        renames: Vec::new(),
        kind,
        fiscal_division: None,
        managing_division: String::new(),
        start_date: None,
        end_date: None,
        ending: None,
        successors: Vec::new(),
    }
}

fn change(kind: UnitChangeKind, unit: &str, on: u64, successors: &[&str]) -> UnitChange {
    UnitChange {
        id: String::new(),
        decision: String::new(),
        kind,
        unit: code(unit),
        effective_date: day(on),
        document_number: String::new(),
        reason: String::new(),
        former_title: String::new(),
        title: String::new(),
        successors: successors.iter().map(|text| code(text)).collect(),
        entered: Vec::new(),
        handovers: BTreeMap::new(),
        policy_handovers: BTreeMap::new(),
        unit_goes_on: false,
        former_end_date: None,
        version: 1,
        apply_time: None,
        cancellation: None,
        creator: String::new(),
        create_time: DateTime::default(),
    }
}

fn project_of(id: &str, unit: &str) -> Project {
    let owner = code(unit);
    let mut of = project("51092323T000010263357", ProjectCategory::SpecificPurpose);
    of.id = id.to_owned();
    (of.competent_department, of.implementing_unit) = (owner.department(), owner);
    of
}

fn owner(unit: &str) -> Owner {
    Owner { implementing_unit: code(unit), competent_department: code(unit).department() }
}

#[test]
fn a_project_goes_to_the_heir_and_the_old_owner_stays_readable() {
    let mut of = project_of("p", "603002");
    assert!(change(UnitChangeKind::Move, "603002", 10, &["602007"]).hand_over(&mut of));
    assert_eq!((of.owner_on(day(9)), of.owner_on(day(10))), (owner("603002"), owner("602007")));
    assert!(!change(UnitChangeKind::Merge, "605", 20, &["602"]).hand_over(&mut of), "none of its business");
    // What was decided later for an earlier day: the time in between changes too.
    assert!(change(UnitChangeKind::Merge, "603002", 5, &["604002"]).hand_over(&mut of));
    assert_eq!((of.owner_on(day(4)), of.owner_on(day(5))), (owner("603002"), owner("604002")));
    assert_eq!(of.owner_on(day(10)), owner("602007"));
}

#[test]
fn a_department_that_ends_takes_its_part_along() {
    let mut of = project_of("p", "603001");
    change(UnitChangeKind::Merge, "603", 10, &["602"]).hand_over(&mut of);
    assert_eq!(of.owner(), Owner { implementing_unit: code("603001"), competent_department: code("602") });
    change(UnitChangeKind::Merge, "603001", 10, &["602"]).hand_over(&mut of);
    assert_eq!(of.owner(), owner("602"));
    assert_eq!(of.details.former_owners.len(), 1, "one change of hands on one day");
}

#[test]
fn every_project_that_goes_on_needs_an_heir() {
    let (open, mut ended) = (project_of("open", "603002"), project_of("ended", "603002"));
    assert!(ended.close(day(3)).is_ok());
    let close = change(UnitChangeKind::Close, "603002", 10, &[]);
    assert!(close.check_heirs([&ended]).is_ok());
    assert!(
        matches!(close.check_heirs([&ended, &open]), Err(Refusal::UnitHasProjects { projects, .. }) if projects == "open")
    );
    assert!(change(UnitChangeKind::Close, "603002", 10, &["602"]).check_heirs([&open]).is_ok());
    let mut split = change(UnitChangeKind::Split, "603002", 10, &["603004", "603005"]);
    assert!(split.check_heirs([&open]).is_err(), "a split says it of each project");
    split.handovers.insert("open".to_owned(), code("603005"));
    assert!(split.check_heirs([&open, &ended]).is_ok());
    let heir = |id: &str| split.heir(&split.handovers, id);
    assert_eq!((heir("open"), heir("later")), (Some(&code("603005")), Some(&code("603004"))));
}

#[test]
fn what_is_the_units_only_for_a_time_after_the_day_needs_an_heir_too() {
    let mut of = project_of("p", "602002");
    of.note_owner(&project_of("p", "603002"), day(30));
    let came_later = change(UnitChangeKind::Close, "602002", 10, &[]).check_heirs([&of]);
    assert!(matches!(came_later, Err(Refusal::UnitHasProjects { .. })), "it would be an ended unit's");
    let mut split = change(UnitChangeKind::Split, "603002", 10, &["603004", "603005"]);
    assert!(split.check_heirs([&of]).is_err(), "somebody has to have it until day 30");
    split.handovers.insert("p".to_owned(), code("603005"));
    assert!(split.check_heirs([&of]).is_ok() && split.hand_over(&mut of));
    assert_eq!((of.owner_on(day(9)), of.owner_on(day(10))), (owner("603002"), owner("603005")));
    assert_eq!(of.owner_on(day(30)), owner("602002"));
    assert!(change(UnitChangeKind::Close, "603002", 30, &[]).check_heirs([&of]).is_ok(), "no longer its own");
}

#[test]
fn a_unit_that_goes_on_keeps_what_is_not_assigned() {
    let (mut given, mut kept) = (project_of("given", "603002"), project_of("kept", "603002"));
    let mut split = change(UnitChangeKind::Split, "603002", 10, &["603004"]);
    split.unit_goes_on = true;
    split.handovers.insert("given".to_owned(), code("603004"));
    assert!(split.check_heirs([&given, &kept]).is_ok(), "the rest stays");
    assert!(split.hand_over(&mut given) && !split.hand_over(&mut kept));
    assert_eq!((given.owner(), kept.owner()), (owner("603004"), owner("603002")));
    assert_eq!(given.owner_on(day(9)), owner("603002"));
}

#[test]
fn a_policy_goes_to_the_heir_unless_it_has_ended() {
    let mut policy = crate::domain::policy::tests::civil();
    let start = policy.start_date.unwrap_or_default();
    (policy.start_date, policy.expiry_date, policy.term_years) = (Some(start), Some(day(100)), 0);
    let unit = policy.executing_unit.to_string();
    let close = |on, heirs: &[&str]| change(UnitChangeKind::Close, &unit, on, heirs);
    assert!(matches!(close(10, &[]).check_policies([&policy]), Err(Refusal::UnitHasPolicies { .. })));
    assert!(matches!(close(100, &[]).check_policies([&policy]), Err(Refusal::UnitHasPolicies { .. })));
    assert!(close(101, &[]).check_policies([&policy]).is_ok(), "it has expired by then");
    let merge = close(10, &["602"]);
    assert!(merge.check_policies([&policy]).is_ok() && merge.hand_over_policy(&mut policy));
    assert_eq!(
        (policy.executing_unit_on(day(9)).as_str(), policy.executing_unit_on(day(10)).as_str()),
        (&*unit, "602")
    );
    assert!(!merge.hand_over_policy(&mut policy), "once");
}

#[test]
fn a_change_is_taken_back_once_and_until_its_day() {
    let how = || Cancellation {
        time: DateTime::default(),
        canceller: "wang".to_owned(),
        reason: "暂缓".to_owned(),
    };
    let mut of = change(UnitChangeKind::Close, "603002", 10, &[]);
    assert!(matches!(of.cancel(how(), String::new(), day(10)), Err(Refusal::UnitChangeInForce { .. })));
    assert!(of.cancel(how(), String::new(), day(9)).is_ok());
    assert_eq!((of.version, of.is_due(day(10))), (2, false));
    assert!(matches!(of.cancel(how(), String::new(), day(9)), Err(Refusal::State { .. })));
}

#[test]
fn changes_of_a_unit_come_in_their_order() {
    assert!(check_order(&code("602"), None, day(1)).is_ok());
    assert!(check_order(&code("602"), Some(day(1)), day(2)).is_ok());
    for later in [day(2), day(3)] {
        assert!(matches!(
            check_order(&code("602"), Some(later), day(2)),
            Err(Refusal::UnitChangeOutOfOrder { .. })
        ));
    }
}

/// A district, and beside it the number of bodies that there should be, kept by nothing but additions and subtractions.
struct District {
    units: BTreeMap<AgencyCode, Unit>,
    projects: Vec<Project>,
    last: BTreeMap<AgencyCode, NaiveDate>,
    steps: Vec<(NaiveDate, i64)>,
    done: Vec<UnitChange>,
    next: u16,
}

impl District {
    fn new() -> Self {
        let mut units = BTreeMap::new();
        for head in ["601", "602", "603"] {
            units.insert(code(head), unit(head, UnitKind::Department));
            units.insert(code(&format!("{head}001")), unit(&format!("{head}001"), UnitKind::OwnUnit));
            for place in 2..5 {
                let text = format!("{head}00{place}");
                units.insert(code(&text), unit(&text, UnitKind::Unit));
            }
        }
        let projects = units.keys().map(|code| project_of(&format!("p{code}"), code.as_str())).collect();
        Self { units, projects, last: BTreeMap::new(), steps: Vec::new(), done: Vec::new(), next: 100 }
    }

    fn pick(&self, number: usize) -> Unit {
        let all: Vec<&Unit> = self.units.values().collect();
        all.get(number % all.len()).map(|unit| (*unit).clone()).unwrap_or_else(|| unreachable!())
    }

    fn new_code(&mut self, department: &AgencyCode) -> AgencyCode {
        self.next += 1;
        code(&format!("{department}{}", self.next))
    }

    /// Ends a unit as the service does: heirs that take over, units below it, the order of changes, then its projects.
    fn end(&mut self, mut change: UnitChange, entered: Vec<Unit>, bodies: i64) -> Result<(), Refusal> {
        let on = change.effective_date;
        check_order(&change.unit, self.last.get(&change.unit).copied(), on)?;
        for heir in &change.successors {
            if let Some(known) = self.units.get(heir) {
                known.check_heir(on)?;
            }
        }
        let lasting = self
            .units
            .values()
            .any(|unit| unit.agency_code.is_below(&change.unit) && unit.end_date.is_none());
        let mut unit = self.units.get(&change.unit).cloned().unwrap_or_else(|| unreachable!());
        change.former_end_date = unit.end_date;
        change.entered = entered.iter().map(|unit| unit.agency_code.clone()).collect();
        if change.unit_goes_on {
            unit.check_lasts(on)?;
        } else {
            unit.end(change.kind, on, change.successors.clone(), lasting)?;
        }
        if change.kind == UnitChangeKind::Split {
            let mut heirs = change.successors.clone();
            heirs.extend(Some(change.unit.clone()).filter(|_| change.unit_goes_on));
            for (place, of) in self.projects.iter().enumerate() {
                let heir = heirs.get(place % heirs.len()).cloned().unwrap_or_else(|| unreachable!());
                change.handovers.insert(of.id.clone(), heir);
            }
        }
        change.check_heirs(&self.projects)?;
        for code in change.successors.iter().chain([&change.unit]) {
            let last = self.last.entry(code.clone()).or_insert(on);
            *last = on.max(*last);
        }
        self.units.extend(entered.into_iter().map(|unit| (unit.agency_code.clone(), unit)));
        self.units.insert(change.unit.clone(), unit);
        for of in &mut self.projects {
            change.hand_over(of);
        }
        self.steps.push((on, bodies));
        self.done.push(change);
        Ok(())
    }

    fn act(&mut self, kind: UnitChangeKind, of: usize, other: usize, on: u64) -> Result<(), Refusal> {
        let (subject, taker) = (self.pick(of), self.pick(other));
        let from = subject.agency_code.to_string();
        let counted = i64::from(subject.kind != UnitKind::OwnUnit);
        let fresh =
            |code: AgencyCode| Unit { start_date: Some(day(on)), ..unit(code.as_str(), UnitKind::Unit) };
        match kind {
            UnitChangeKind::Rename => {
                check_order(&subject.agency_code, self.last.get(&subject.agency_code).copied(), day(on))?;
                let rename = Rename {
                    effective_date: day(on),
                    title: format!("新名{on}"),
                    short_title: String::new(),
                };
                let mut renamed = subject;
                renamed.rename(rename)?;
                self.last.insert(renamed.agency_code.clone(), day(on));
                self.done.push(change(kind, &from, on, &[]));
                self.units.insert(renamed.agency_code.clone(), renamed);
                Ok(())
            }
            UnitChangeKind::Merge | UnitChangeKind::Close => {
                self.end(change(kind, &from, on, &[taker.agency_code.as_str()]), Vec::new(), -counted)
            }
            UnitChangeKind::Move if subject.kind == UnitKind::Unit => {
                let to = self.new_code(&taker.agency_code.department());
                self.end(change(kind, &from, on, &[to.as_str()]), vec![fresh(to)], 0)
            }
            UnitChangeKind::Split if subject.kind == UnitKind::Unit => {
                let heirs = [(); 2].map(|()| self.new_code(&taker.agency_code.department()));
                let named = heirs.each_ref().map(AgencyCode::as_str);
                let mut split = change(kind, &from, on, &named);
                split.unit_goes_on = other.is_multiple_of(2);
                let bodies = 1 + i64::from(split.unit_goes_on);
                self.end(split, heirs.map(fresh).to_vec(), bodies)
            }
            UnitChangeKind::Move | UnitChangeKind::Split => Ok(()),
        }
    }

    fn bodies(&self, on: NaiveDate) -> i64 {
        let there = self.units.values().filter(|unit| unit.kind != UnitKind::OwnUnit && unit.exists_on(on));
        i64::try_from(there.count()).unwrap_or_default()
    }
}

proptest! {
    #[test]
    fn whatever_changes_each_body_counts_once_and_each_project_has_one_owner(
        commands in prop::collection::vec(
            (prop::sample::select(UnitChangeKind::ALL), 0_usize..60, 0_usize..60, 1_u64..300), 1..60),
    ) {
        let mut district = District::new();
        let start = district.bodies(day(0));
        let mut done = 0;
        for (kind, of, other, on) in commands {
            done += u32::from(district.act(kind, of, other, on).is_ok());
        }
        for on in (0..310).map(day) {
            let expected = start + district.steps.iter().filter(|(from, _)| *from <= on).map(|(_, by)| by).sum::<i64>();
            prop_assert_eq!(district.bodies(on), expected, "{} after {} changes", on, done);
            for of in &district.projects {
                let owner = of.owner_on(on);
                let there = district.units.get(&owner.implementing_unit).is_some_and(|unit| unit.exists_on(on));
                prop_assert!(there, "{} is nobody's on {}: {:?}", of.id, on, owner);
            }
        }
        for of in &district.projects {
            let ends: Vec<NaiveDate> = of.details.former_owners.iter().map(|former| former.end_date).collect();
            prop_assert!(ends.is_sorted_by(|one, next| one < next), "two owners on one day: {:?}", ends);
        }
        for change in district.done.iter().rev() {
            if let Some(unit) = district.units.get_mut(&change.unit) {
                unit.undo(change);
            }
            for code in &change.entered {
                district.units.remove(code);
            }
        }
        prop_assert_eq!(district.units, District::new().units, "taken back in reverse, nothing is left of {} changes", done);
    }
}
