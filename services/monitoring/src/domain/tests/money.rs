//! Payments by month, and how much of the budgets is monitored.

use proptest::prelude::*;
use wenxiao_kernel::BudgetAccount;

use super::super::coverage::{self, Coverage, CoverageOfYear, LightCounts};
use super::super::execution::Basis;
use super::super::light::Light;
use super::super::payment::{Increment, Payment, PaymentKind, Problem, days_of, increments};
use super::*;

#[test]
fn coverage_of_the_seed_year() {
    let line = |account, budget: &str, projects| Coverage {
        account,
        budget: yuan(budget),
        monitored: yuan(budget),
        projects,
        monitored_projects: projects,
        lights: LightCounts { green: projects, ..LightCounts::default() },
    };
    let coverage = CoverageOfYear {
        accounts: vec![
            line(Some(BudgetAccount::GeneralPublic), "3987000000", 282),
            line(Some(BudgetAccount::GovernmentFund), "862000000", 37),
        ],
        total: line(None, "4849000000", 319),
    };
    assert_eq!(coverage.total.rate(), dec("1.0000"));
    assert_eq!(coverage.total.lights.worst(), Some(Light::Green));
    let explanation = coverage::explain(&coverage, Basis::Initial);
    assert_eq!(explanation.steps.len(), 2);
    assert!(explanation.summary.contains("100.00%"), "{}", explanation.summary);
}

#[test]
fn a_month_is_a_range_of_days_and_december_has_no_end() {
    let date = |year, month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).unwrap();
    assert_eq!(days_of(year(), 2, 2), (date(2020, 2, 1), Some(date(2020, 2, 29))));
    assert_eq!(days_of(year(), 3, 11), (date(2020, 3, 1), Some(date(2020, 11, 30))));
    assert_eq!(days_of(year(), 12, 12), (date(2020, 12, 1), None), "late payments count there");
    assert_eq!(days_of(year(), 1, 12), (date(2020, 1, 1), None));
}

#[test]
fn a_payment_counts_in_its_month_and_the_year_after_in_december() {
    let payment = |amount: &str, kind, pay_date| Payment {
        id: "1".to_owned(),
        project: "p".to_owned(),
        unit: String::new(),
        fiscal_year: year(),
        account: BudgetAccount::GeneralPublic,
        funding_source: 1,
        amount: yuan(amount),
        pay_date,
        kind,
        original: String::new(),
        purpose: String::new(),
    };
    let late = NaiveDate::from_ymd_opt(2021, 1, 8).unwrap();
    let early = NaiveDate::from_ymd_opt(2019, 12, 31).unwrap();
    assert_eq!(payment("1", PaymentKind::Payment, day(3, 9)).month(), Some(3));
    assert_eq!(payment("1", PaymentKind::Payment, late).month(), Some(12));
    let problem = |payment: Payment| payment.check().unwrap_err().0;
    assert_eq!(problem(payment("1", PaymentKind::Payment, early)), Problem::Date);
    assert_eq!(problem(payment("0", PaymentKind::Correction, day(1, 1))), Problem::Amount);
    assert_eq!(problem(payment("-1", PaymentKind::Payment, day(1, 1))), Problem::Amount);
    assert_eq!(problem(payment("1", PaymentKind::Reversal, day(1, 1))), Problem::Amount);
    assert!(payment("-1", PaymentKind::Correction, day(1, 1)).check().is_ok());
}

fn paid(project: usize, day: u32, fen: i64) -> Payment {
    Payment {
        id: String::new(),
        project: format!("p{project}"),
        unit: String::new(),
        fiscal_year: year(),
        account: if fen % 3 == 0 { BudgetAccount::GovernmentFund } else { BudgetAccount::GeneralPublic },
        funding_source: 1,
        amount: Money::from_yuan(Decimal::new(fen, 2)).unwrap(),
        pay_date: chrono::NaiveDate::from_yo_opt(year().as_i32(), day).unwrap(),
        kind: PaymentKind::Correction,
        original: String::new(),
        purpose: String::new(),
    }
}

proptest! {
    #[test]
    fn increments_add_up_to_the_payments_however_they_are_batched(
        rows in prop::collection::vec((0usize..4, 1u32..=500, -1_000_000i64..1_000_000), 0..60),
        cut in 0usize..60,
    ) {
        let payments: Vec<Payment> =
            rows.iter().map(|(project, day, fen)| paid(*project, day % 365 + 1, *fen)).collect();
        let all = increments(&payments).unwrap();
        let total = |list: &[Increment<'_>]| Money::total(list.iter().map(|one| one.amount)).unwrap();
        prop_assert_eq!(total(&all), Money::total(payments.iter().map(|p| p.amount)).unwrap());
        let (first, second) = payments.split_at(cut.min(payments.len()));
        let (first, second) = (increments(first).unwrap(), increments(second).unwrap());
        let part = |list: &[Increment<'_>], of: &Increment<'_>| {
            let same = |one: &&Increment<'_>| Increment { amount: of.amount, ..(*one).clone() } == *of;
            list.iter().find(same).map_or(Money::ZERO, |one| one.amount)
        };
        for one in &all {
            prop_assert_eq!(part(&first, one).checked_add(part(&second, one)), Some(one.amount));
        }
    }
}
