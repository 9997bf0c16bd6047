//! The form's way: draft, submitted, department, finance bureau, and back.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::super::number::sum;
use super::super::object::EvaluatedObject;
use super::super::rules::{Purpose, Rules};
use super::super::task::Task;
use super::super::{Failure, Result};
use super::{
    Form, InForce, RatifiedVersion, ReviewMark, SelfEvaluation, Stage, State, assess, filled, in_force,
};
use wenxiao_kernel::Money;

/// The ratified objective that a form answers to, or what a form without one says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis<'v> {
    /// Resource name; empty for none.
    pub objective: String,
    /// Amount that coverage counts.
    pub amount: Money,
    /// Version in force at the end of the evaluated year.
    pub version: Option<(&'v RatifiedVersion, InForce)>,
}

/// Who acts, when, on which version.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Subject of the token.
    pub actor: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// Version of the form that is acted on.
    pub version: i64,
}

impl SelfEvaluation {
    /// Starts a form of an open task.
    pub fn start(
        task: (&str, &Task),
        object: EvaluatedObject,
        basis: Basis<'_>,
        form: Form,
        rules: &Rules,
    ) -> Result<Self> {
        let (name, task) = task;
        task.require_open(name)?;
        if basis.amount.is_negative() {
            return Err(Failure::invalid("objective_amount", "an objective's amount is not negative"));
        }
        let form = filled(form, basis.version.map(|(version, _)| version))?;
        let sheet = assess(&form, rules)?;
        Ok(Self {
            task: name.to_owned(),
            object,
            objective: basis.objective,
            objective_version: basis.version.map(|(_, noted)| noted),
            evaluated_year: task.evaluated_year,
            work_year: task.work_year,
            objective_amount: basis.amount,
            form,
            sheet,
            review_marks: Vec::new(),
            rechecks: Vec::new(),
            submitter: String::new(),
            submit_time: None,
            submission_count: 0,
            rule_set: rules.leading()?.to_owned(),
            state: State::Draft,
        })
    }

    /// Changes what the unit filled in, while the form is with the unit; what the objective says stays.
    pub fn edit(
        &mut self,
        task: &Task,
        form: Form,
        rules: &Rules,
        versions: &[RatifiedVersion],
    ) -> Result<()> {
        task.require_open(&self.task)?;
        self.require(&[State::Draft, State::Returned])?;
        let form = filled(form, self.version_of(versions))?;
        self.sheet = assess(&form, rules)?;
        self.form = form;
        Ok(())
    }

    /// Brings the form up to date with its objective, when another version is in force than it answers to.
    pub fn refresh(&mut self, task: &Task, rules: &Rules, versions: &[RatifiedVersion]) -> Result<()> {
        task.require_open(&self.task)?;
        self.require(&[State::Draft, State::Returned])?;
        let Some((version, noted)) =
            in_force(versions, self.evaluated_year).filter(|_| self.is_outdated(versions))
        else {
            return Err(Failure::ObjectiveCurrent { version: self.noted() });
        };
        self.form = version.renew(std::mem::take(&mut self.form));
        self.sheet = assess(&self.form, rules)?;
        self.objective_version = Some(noted);
        self.objective_amount = version.amount;
        Ok(())
    }

    /// Hands the form in. It must answer to the version of its objective that is in force.
    pub fn submit(
        &mut self,
        task: &Task,
        rules: &Rules,
        versions: &[RatifiedVersion],
        submitter: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        task.require_open(&self.task)?;
        self.require(&[State::Draft, State::Returned])?;
        if self.is_outdated(versions) {
            let in_force = in_force(versions, self.evaluated_year).map_or(0, |(version, _)| version.number);
            return Err(Failure::ObjectiveOutdated { noted: self.noted(), in_force });
        }
        self.sheet = assess(&self.form, rules)?;
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(Failure::Incomplete { missing });
        }
        if let Some(version) = self.version_of(versions) {
            version.check_goals(&self.form)?;
        }
        let points =
            sum(self.form.indicators.iter().map(|item| item.weight).chain([self.sheet.fund.points]))?;
        let required = rules.evaluation_points()?;
        if points != required {
            return Err(Failure::FrameworkPoints { sum: points, required });
        }
        rules.leading()?.clone_into(&mut self.rule_set);
        self.state = State::Submitted;
        submitter.clone_into(&mut self.submitter);
        self.submit_time = Some(now);
        self.submission_count = self.submission_count.saturating_add(1);
        Ok(())
    }

    /// The competent department reviews.
    pub fn review(
        &mut self,
        rules: &Rules,
        score: Option<Decimal>,
        opinion: String,
        act: Act<'_>,
    ) -> Result<()> {
        self.require(&[State::Submitted])?;
        self.mark(rules, Stage::Department, score, opinion, false, act)?;
        self.state = State::DepartmentReviewed;
        Ok(())
    }

    /// The finance bureau confirms. A department is its own competent department: its form comes straight here.
    pub fn confirm(
        &mut self,
        rules: &Rules,
        score: Option<Decimal>,
        opinion: String,
        act: Act<'_>,
    ) -> Result<()> {
        self.require(&[State::Submitted, State::DepartmentReviewed])?;
        self.mark(rules, Stage::Finance, score, opinion, false, act)?;
        self.state = State::Confirmed;
        Ok(())
    }

    /// Department or finance bureau send the form back.
    pub fn send_back(&mut self, rules: &Rules, reason: String, act: Act<'_>) -> Result<()> {
        self.require(&[State::Submitted, State::DepartmentReviewed])?;
        let stage = if self.state == State::Submitted { Stage::Department } else { Stage::Finance };
        self.mark(rules, stage, None, reason, true, act)?;
        self.state = State::Returned;
        Ok(())
    }

    fn mark(
        &mut self,
        rules: &Rules,
        stage: Stage,
        score: Option<Decimal>,
        opinion: String,
        returned: bool,
        act: Act<'_>,
    ) -> Result<()> {
        let scale = rules.scale(Purpose::SelfEvaluation)?.rule;
        let grade = score.map(|score| scale.band(score).map(|band| band.grade)).transpose()?;
        self.review_marks.push(ReviewMark {
            stage,
            score,
            grade,
            opinion,
            returned,
            reviewer: act.actor.to_owned(),
            review_time: act.now,
            form_version: act.version,
        });
        Ok(())
    }

    /// Number of the version that the form answers to; 0 for none.
    fn noted(&self) -> i32 {
        self.objective_version.map_or(0, |version| version.number)
    }

    /// The version that the form answers to, among those of its objective.
    pub fn version_of<'v>(&self, versions: &'v [RatifiedVersion]) -> Option<&'v RatifiedVersion> {
        versions.iter().find(|version| version.number == self.noted())
    }

    fn is_outdated(&self, versions: &[RatifiedVersion]) -> bool {
        in_force(versions, self.evaluated_year).is_some_and(|(version, _)| version.number != self.noted())
    }

    fn require(&self, states: &[State]) -> Result<()> {
        if states.contains(&self.state) { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }

    /// Paths of everything that must be there before the form is handed in.
    fn missing(&self) -> Vec<String> {
        let form = &self.form;
        let mut missing: Vec<String> = [
            ("achieved_goal", form.achieved_goal.trim().is_empty()),
            ("fund_rows", form.fund_rows.is_empty()),
            ("indicators", form.indicators.is_empty()),
            ("conclusion", form.conclusion.trim().is_empty()),
            ("project_leader", form.project_leader.trim().is_empty()),
            ("finance_leader", form.finance_leader.trim().is_empty()),
            (
                "execution_reason",
                self.sheet.execution_reason_required && form.execution_reason.trim().is_empty(),
            ),
        ]
        .into_iter()
        .filter(|(_, absent)| *absent)
        .map(|(field, _)| field.to_owned())
        .collect();
        for (at, (item, scored)) in form.indicators.iter().zip(&self.sheet.indicators).enumerate() {
            if item.actual.is_none() {
                missing.push(format!("indicators[{at}].actual"));
            } else if scored.applicable && scored.score.is_none() {
                missing.push(format!("indicators[{at}].unit_score"));
            }
            if scored.reason_required && item.deviation_reason.trim().is_empty() {
                missing.push(format!("indicators[{at}].deviation_reason"));
            }
        }
        missing
    }
}
