//! Which rule fits an object, and what holds of lights whatever the figures.

use proptest::prelude::*;

use super::super::deviation::{judge_audit, judge_idle_money};
use super::super::light::{Light, judge_execution, worst};
use super::super::rules::{AuditRule, Traits};
use super::super::schedule::Share;
use super::*;

#[test]
fn the_first_rule_that_fits_an_object_is_used() {
    let mut narrow = staged();
    narrow.scope.capital_works = Some(true);
    let mut rules = rules();
    rules.execution_lights.insert(0, narrow.clone());
    let works = Traits { account: None, local_project_type: String::new(), capital_works: true };
    assert_eq!(rules.execution_light(&works), Some(&narrow));
    assert_eq!(rules.execution_light(&Traits::of_department()), Some(&v1().0));
}

/// Thresholds by account and kind: a rule is for what meets all that its scope says, and the order decides.
#[test]
fn a_scope_is_met_by_account_local_type_and_kind_together() {
    use wenxiao_kernel::BudgetAccount::{GeneralPublic, GovernmentFund, StateCapital};
    let object = |account, local: &str, capital_works| Traits {
        account: Some(account),
        local_project_type: local.to_owned(),
        capital_works,
    };
    let scope = RuleScope {
        accounts: vec![GeneralPublic, GovernmentFund],
        local_project_types: vec!["development".to_owned(), "works".to_owned()],
        capital_works: Some(true),
    };
    for (one, fits) in [
        (object(GeneralPublic, "works", true), true),
        (object(GovernmentFund, "development", true), true),
        (object(StateCapital, "works", true), false),
        (object(GeneralPublic, "other", true), false),
        (object(GeneralPublic, "", true), false),
        (object(GeneralPublic, "works", false), false),
        (Traits::of_department(), false),
    ] {
        assert_eq!(scope.fits(&one), fits, "{one:?}");
        assert!(RuleScope::default().fits(&one));
    }
    let mut fund = staged();
    fund.scope.accounts = vec![GovernmentFund];
    let (mut strict, mut loose) = (v1().1, v1().1);
    (strict.scope.local_project_types, strict.red_below) = (vec!["works".to_owned()], dec("70"));
    loose.scope.accounts = vec![GovernmentFund];
    let rules = Rules {
        execution_lights: vec![fund.clone(), v1().0],
        indicator_lights: vec![strict.clone(), loose.clone(), v1().1],
        ..rules()
    };
    let works = object(GovernmentFund, "works", true);
    assert_eq!((rules.execution_light(&works), rules.indicator_light(&works)), (Some(&fund), Some(&strict)));
    let other = object(GovernmentFund, "", true);
    assert_eq!(rules.indicator_light(&other), Some(&loose));
    assert_eq!(rules.execution_light(&object(GeneralPublic, "works", true)), Some(&v1().0));
}

proptest! {
    #[test]
    fn spending_more_never_worsens_the_light(a in 0i64..200_000, b in 0i64..200_000, month in 1u32..=12) {
        let light = |fen: i64| {
            let amounts = Amounts { executed: Money::from_yuan(Decimal::new(fen, 2)).unwrap(), ..executed("0", "1000") };
            judge_execution(&v1().0, &amounts, Share::of_months(month), month).light.unwrap()
        };
        prop_assert!(light(a.min(b)) <= light(a.max(b)));
    }

    #[test]
    fn below_schedule_agrees_with_multiplying_out(done in 0i64..10_000_000, budget in 1i64..10_000_000, month in 0u32..=12) {
        let amounts = Amounts {
            initial: Money::from_yuan(Decimal::new(budget, 2)).unwrap(),
            executed: Money::from_yuan(Decimal::new(done, 2)).unwrap(),
            ..Amounts::default()
        };
        prop_assert_eq!(amounts.is_below(Share::of_months(month)), i128::from(done) * 12 < i128::from(budget) * i128::from(month));
    }

    #[test]
    fn the_worst_is_one_of_them_and_none_is_worse(lights in prop::collection::vec(0u8..5, 0..12)) {
        let lights: Vec<Option<Light>> = lights.into_iter().map(|n| match n {
            0 => Some(Light::Red), 1 => Some(Light::Yellow), 2 => Some(Light::Green), 3 => Some(Light::Blue), _ => None,
        }).collect();
        let found = worst(lights.clone());
        prop_assert_eq!(found.is_none(), lights.iter().all(Option::is_none));
        if let Some(found) = found {
            prop_assert!(lights.contains(&Some(found)));
            prop_assert!(lights.iter().flatten().all(|light| *light >= found));
        }
    }
}

proptest! {
    #[test]
    fn idle_money_and_divergence_agree_with_plain_arithmetic(done in 0i64..=20_000, physical in 0i64..=100, points in 0i64..50) {
        let amounts = Amounts { executed: Money::from_yuan(Decimal::new(done, 2)).unwrap(), ..executed("0", "100") };
        let judged = judge_idle_money(Decimal::from(points), &amounts, Decimal::new(physical, 2)).unwrap();
        prop_assert_eq!(judged.light == Some(Light::Yellow), done > (physical + points) * 100);
    }

    #[test]
    fn audit_agrees_with_plain_arithmetic(done in 0i64..20_000, month in 1u32..=12) {
        let rule = AuditRule { execution_below: Some(dec("80")), execution_above: Some(dec("120")), idle_money_points: None };
        let amounts = Amounts { executed: Money::from_yuan(Decimal::new(done, 2)).unwrap(), ..executed("0", "100") };
        let judged = judge_audit(&rule, &amounts, Share::of_months(month)).unwrap();
        let (value, due) = (i128::from(done) * 12 * 100, i128::from(month) * 10_000);
        prop_assert_eq!(judged.light == Some(Light::Yellow), value < due * 80 || value > due * 120);
    }

    #[test]
    fn more_points_behind_is_fewer_laggards(done in 0i64..10_000, month in 0u32..=12, points in 0i64..100) {
        let amounts = Amounts { executed: Money::from_yuan(Decimal::new(done, 2)).unwrap(), ..executed("0", "100") };
        let share = Share::of_months(month);
        let lags = amounts.lags(share, Decimal::from(points));
        prop_assert_eq!(lags, i128::from(done) * 12 < i128::from(month) * 10_000 - i128::from(points) * 1200);
        prop_assert!(!lags || amounts.is_below(share));
    }
}
