//! Payments and execution.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{DistrictCode, FiscalYear};
use wenxiao_platform::convert::{self, Fields};

use super::{account, fraction, member};
use crate::api::names::{Names, PROJECT, UNIT, id_of};
use crate::domain::execution::{Amounts, Basis, FundingLine};
use crate::domain::payment::{Increment, Payment, PaymentKind, Problem};
use crate::domain::reconcile::{Control, Line, Recorded, Standing};
use crate::domain::schedule::Milestone;
use crate::store::execution::{Kind, Named, Span};
use crate::store::milestone::Plan;
use crate::store::payment::Stored;

/// A payment as it came in, or which field keeps it out.
pub fn payment(district: DistrictCode, row: &wire::Payment) -> Result<Payment, (Problem, &'static str)> {
    let names = Names(district);
    let named = |text: &str, pattern, field: &'static str| {
        let mut fields = Fields::default();
        let id = names.id(&mut fields, field, text, pattern);
        fields.check().map(|()| id).map_err(|_| (Problem::Name, field))
    };
    let id = named(&row.name, "districts/*/payments/*", "name")?;
    let project = named(&row.project, PROJECT, "project")?;
    if id.is_empty() || project.is_empty() {
        return Err((Problem::Name, if id.is_empty() { "name" } else { "project" }));
    }
    let mut fields = Fields::default();
    let amount = fields.money("amount", row.amount.as_ref());
    fields.check().map_err(|_| (Problem::Amount, "amount"))?;
    let mut fields = Fields::default();
    let pay_date = fields.date("pay_date", row.pay_date.as_ref());
    fields.check().map_err(|_| (Problem::Date, "pay_date"))?;
    let kind = match wire::PaymentKind::try_from(row.kind) {
        Ok(wire::PaymentKind::Unspecified) => PaymentKind::Payment,
        Ok(kind) => member(kind.as_str_name(), "PAYMENT_KIND_").ok_or((Problem::Field, "kind"))?,
        Err(_) => return Err((Problem::Field, "kind")),
    };
    let payment = Payment {
        id,
        project,
        unit: named(&row.unit, UNIT, "unit")?,
        fiscal_year: FiscalYear::try_from(row.fiscal_year).map_err(|_| (Problem::Field, "fiscal_year"))?,
        account: convert::account_of(row.budget_account()).ok_or((Problem::Field, "budget_account"))?,
        funding_source: row.funding_source().into(),
        amount,
        pay_date,
        kind,
        original: named(&row.original_payment, "districts/*/payments/*", "original_payment")?,
        purpose: row.purpose.clone(),
    };
    payment.check()?;
    Ok(payment)
}

/// A stored payment.
pub fn stored_payment(names: Names, (payment, create_time): &Stored) -> wire::Payment {
    let kind = match payment.kind {
        PaymentKind::Payment => wire::PaymentKind::Payment,
        PaymentKind::Correction => wire::PaymentKind::Correction,
        PaymentKind::Reversal => wire::PaymentKind::Reversal,
    };
    wire::Payment {
        name: names.payment(&payment.id),
        project: names.project(&payment.project),
        unit: names.unit(&payment.unit),
        fiscal_year: payment.fiscal_year.as_i32(),
        budget_account: account(Some(payment.account)),
        funding_source: payment.funding_source,
        amount: Some(convert::money(payment.amount)),
        pay_date: Some(convert::date(payment.pay_date)),
        kind: kind.into(),
        original_payment: names.payment(&payment.original),
        purpose: payment.purpose.clone(),
        create_time: Some(convert::timestamp(*create_time)),
    }
}

/// A refused row.
pub fn rejected(row: i64, payment: String, problem: Problem, field: &str) -> wire::RejectedPayment {
    let problem = match problem {
        Problem::ContentDiffers => wire::PaymentProblem::ContentDiffers,
        Problem::Amount => wire::PaymentProblem::Amount,
        Problem::Date => wire::PaymentProblem::Date,
        Problem::Name => wire::PaymentProblem::Name,
        Problem::Field => wire::PaymentProblem::Field,
    };
    wire::RejectedPayment { row, payment, problem: problem.into(), field: field.to_owned() }
}

/// What is added to an outturn.
pub fn increment(names: Names, increment: &Increment<'_>) -> wire::OutturnIncrement {
    wire::OutturnIncrement {
        project: names.project(increment.project),
        fiscal_year: increment.fiscal_year.as_i32(),
        budget_account: account(Some(increment.account)),
        funding_source: increment.funding_source,
        month: i32::try_from(increment.month).unwrap_or_default(),
        amount: Some(convert::money(increment.amount)),
    }
}

/// What an execution message is about.
pub struct Described<'a> {
    /// Kind of subject.
    pub kind: Kind,
    /// The project or unit; without an id for a district.
    pub named: &'a Named,
    /// Which part of the year's totals counts.
    pub span: Span,
    /// Denominator.
    pub basis: Basis,
}

/// Execution of one subject.
pub fn execution(names: Names, about: &Described<'_>, amounts: &Amounts) -> wire::Execution {
    let (id, span) = (&about.named.id, &about.span);
    let (subject, resource) = match about.kind {
        Kind::Project => (wire::ExecutionSubject::Project, names.project(id)),
        Kind::Unit => (wire::ExecutionSubject::Unit, names.unit(id)),
        Kind::Department => (wire::ExecutionSubject::Department, names.unit(id)),
        Kind::District => (wire::ExecutionSubject::District, String::new()),
    };
    let parent = if resource.is_empty() { format!("districts/{}", names.0) } else { resource.clone() };
    wire::Execution {
        name: format!("{parent}/executions/{}", span.fiscal_year),
        subject: subject.into(),
        title: about.named.title.clone(),
        fiscal_year: span.fiscal_year,
        month: span.month.into(),
        budget_account: account(span.account),
        initial_amount: Some(convert::money(amounts.initial)),
        increase_amount: Some(convert::money(amounts.increase)),
        reduction_amount: Some(convert::money(amounts.reduction)),
        adjusted_amount: Some(convert::money(amounts.adjusted())),
        executed_amount: Some(convert::money(amounts.executed)),
        rate: fraction(amounts.rate(about.basis)),
        basis: basis(about.basis),
        explanation: Some(convert::explanation(
            &amounts.explain(about.basis, span.month.unsigned_abs().into()),
        )),
        monthly_amounts: Vec::new(),
        funding_lines: Vec::new(),
        subject_resource: resource,
        department: names.unit(&about.named.department),
        funding_source: span.funding_source.unwrap_or_default(),
    }
}

/// One funding line.
pub fn funding_line(line: &FundingLine) -> wire::FundingLine {
    wire::FundingLine {
        budget_account: account(Some(line.account)),
        funding_source: line.funding_source,
        initial_amount: Some(convert::money(line.amounts.initial)),
        increase_amount: Some(convert::money(line.amounts.increase)),
        reduction_amount: Some(convert::money(line.amounts.reduction)),
        adjusted_amount: Some(convert::money(line.amounts.adjusted())),
        executed_amount: Some(convert::money(line.amounts.executed)),
    }
}

/// A denominator.
pub fn basis(basis: Basis) -> i32 {
    match basis {
        Basis::Initial => wire::BudgetBasis::Initial.into(),
        Basis::Adjusted => wire::BudgetBasis::Adjusted.into(),
    }
}

/// The denominator that a request asks for.
pub fn basis_of(basis: wire::BudgetBasis, default: Basis) -> Basis {
    match basis {
        wire::BudgetBasis::Unspecified => default,
        wire::BudgetBasis::Initial => Basis::Initial,
        wire::BudgetBasis::Adjusted => Basis::Adjusted,
    }
}

/// Milestones as they came in.
pub fn milestones(fields: &mut Fields, plan: &wire::MilestonePlan) -> Vec<Milestone> {
    let read = |(at, milestone): (usize, &wire::Milestone)| Milestone {
        title: milestone.title.clone(),
        planned_date: fields
            .date(&format!("milestone_plan.milestones[{at}].planned_date"), milestone.planned_date.as_ref()),
        cumulative_share: fields.decimal(
            &format!("milestone_plan.milestones[{at}].cumulative_share"),
            milestone.cumulative_share.as_ref(),
        ),
        reached_date: fields.optional_date(
            &format!("milestone_plan.milestones[{at}].reached_date"),
            milestone.reached_date.as_ref(),
        ),
    };
    plan.milestones.iter().enumerate().map(read).collect()
}

/// A stored plan.
pub fn milestone_plan(name: &str, plan: &Plan) -> wire::MilestonePlan {
    let milestone = |milestone: &Milestone| wire::Milestone {
        title: milestone.title.clone(),
        planned_date: Some(convert::date(milestone.planned_date)),
        cumulative_share: fraction(milestone.cumulative_share),
        reached_date: milestone.reached_date.map(convert::date),
    };
    wire::MilestonePlan {
        name: name.to_owned(),
        milestones: plan.milestones.iter().map(milestone).collect(),
        create_time: Some(convert::timestamp(plan.create_time)),
        update_time: Some(convert::timestamp(plan.update_time)),
        etag: plan.version.to_string(),
    }
}

/// Id of a payment's name.
pub fn payment_id(name: &str) -> wenxiao_platform::Result<String> {
    id_of(name, "districts/*/payments/*")
}

/// A control total, compared.
pub fn reconciliation_line(names: Names, control: &Control, line: &Line) -> wire::ReconciliationLine {
    use wire::reconciliation_line::State;
    let state = match line.standing {
        Standing::Balanced => State::Balanced,
        Standing::Different => State::Different,
        Standing::MissingHere => State::MissingHere,
    };
    wire::ReconciliationLine {
        budget_account: account(Some(control.key.account)),
        month: i32::try_from(control.key.month).unwrap_or_default(),
        control_amount: Some(convert::money(control.amount)),
        recorded_amount: Some(convert::money(line.amount)),
        difference: Some(convert::money(line.difference)),
        project: names.project(control.key.project.as_deref().unwrap_or_default()),
        funding_source: control.key.funding_source.unwrap_or_default(),
        control_count: control.count,
        recorded_count: line.count,
        state: state.into(),
    }
}

/// What was taken in and no control total covers.
pub fn unlisted_line(names: Names, one: &Recorded) -> wire::ReconciliationLine {
    wire::ReconciliationLine {
        budget_account: account(Some(one.account)),
        month: i32::try_from(one.month).unwrap_or_default(),
        control_amount: None,
        recorded_amount: Some(convert::money(one.amount)),
        difference: Some(convert::money(one.amount)),
        project: names.project(&one.project),
        funding_source: one.funding_source,
        control_count: None,
        recorded_count: one.count,
        state: wire::reconciliation_line::State::Different.into(),
    }
}
