//! The evaluation's way: panel, scores, draft, answer, report, result.

use chrono::{DateTime, Days, Utc};
use rust_decimal::Decimal;

use super::super::conflict::Conflict;
use super::super::key_plan::{Lead, Plan};
use super::super::number::fits;
use super::super::object::{Attachment, ReportSection};
use super::super::rules::{DeadlineKind, Purpose, Rules};
use super::super::scoring::form::{self, Part};
use super::super::{Failure, Result};
use super::framework::{check_framework, usual};
use super::{Answer, Exchange, Fixed, Indicator, KeyEvaluation, Panel, PanelOpinion, Role, Scored, State};

/// Score of one indicator, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorScore {
    /// Indicator.
    pub code: String,
    /// Points.
    pub score: Decimal,
    /// Reason.
    pub comment: String,
}

/// An opinion, as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The member.
    pub participant: String,
    /// Phase of the work.
    pub phase: String,
    /// The opinion.
    pub text: String,
    /// Score that is suggested.
    pub suggested_score: Option<Decimal>,
}

impl KeyEvaluation {
    /// Starts the evaluation of an object of an approved plan.
    pub fn start(plan: (&str, &Plan), plan_item: i32, rules: &Rules) -> Result<Self> {
        let (name, plan) = plan;
        let item = plan.item(plan_item)?;
        let framework = rules.key_evaluation()?;
        Ok(Self {
            plan: name.to_owned(),
            plan_item,
            object: item.object.clone(),
            lead: item.lead,
            evaluated_year: plan.evaluated_year,
            work_year: plan.work_year,
            amount: item.amount,
            panel: None,
            indicators: usual(framework.rule),
            opinions: Vec::new(),
            exchanges: Vec::new(),
            report_sections: Vec::new(),
            attachments: Vec::new(),
            methods: Vec::new(),
            total_score: None,
            grade: None,
            explanation: wenxiao_kernel::Explanation::default(),
            fixed: None,
            cancel_reason: String::new(),
            rule_set: framework.rule_set.to_owned(),
            state: State::Preparing,
        })
    }

    /// Changes methods and files until the result is fixed.
    pub fn edit(&mut self, methods: Vec<String>, attachments: Vec<Attachment>) -> Result<()> {
        if matches!(self.state, State::Fixed | State::Cancelled) {
            return Err(self.not_now());
        }
        self.methods = methods;
        self.attachments = attachments;
        Ok(())
    }

    /// Appoints the panel. A finance-led evaluation has an institution and a lead evaluator (主评人).
    pub fn appoint(&mut self, panel: Panel, conflicts: &[Conflict]) -> Result<()> {
        self.require(&[State::Preparing, State::Evaluating])?;
        let mut missing = Vec::new();
        if self.lead == Lead::Finance && panel.institution.is_empty() {
            missing.push("panel.institution".to_owned());
        }
        if panel.lead_evaluator.trim().is_empty() {
            missing.push("panel.lead_evaluator".to_owned());
        }
        if !missing.is_empty() {
            return Err(Failure::Incomplete { missing });
        }
        if let Some(conflict) = conflicts.iter().find(|conflict| conflict.blocking) {
            return Err(conflict.into());
        }
        self.panel = Some(panel);
        self.state = State::Evaluating;
        Ok(())
    }

    /// Sets a framework of its own, before anything is scored by the old one.
    pub fn set_framework(&mut self, indicators: Vec<Indicator>, rules: &Rules) -> Result<()> {
        self.require(&[State::Preparing, State::Evaluating])?;
        if self.indicators.iter().any(|indicator| indicator.score.is_some()) {
            return Err(Failure::state("scored"));
        }
        check_framework(rules.key_evaluation()?.rule, &indicators)?;
        self.indicators = indicators;
        Ok(())
    }

    /// Scores indicators; those not named keep their score. Scores may change until the report is handed in.
    pub fn score(
        &mut self,
        scores: Vec<IndicatorScore>,
        rules: &Rules,
        scorer: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require(&[State::Evaluating, State::Answered])?;
        let places = rules.places()?;
        for given in scores {
            let indicator = self
                .indicators
                .iter_mut()
                .find(|indicator| indicator.code == given.code)
                .ok_or_else(|| Failure::unknown(&given.code))?;
            if given.score.is_sign_negative() || given.score > indicator.points || !fits(given.score, places)
            {
                let (lowest, highest) = (Decimal::ZERO, indicator.points);
                return Err(Failure::ScoreOutOfBand { indicator: given.code, lowest, highest });
            }
            if given.score < indicator.points && given.comment.trim().is_empty() {
                return Err(Failure::DeductionReasonRequired { code: given.code });
            }
            indicator.score = Some(Scored {
                score: given.score,
                comment: given.comment,
                scorer: scorer.to_owned(),
                score_time: now,
            });
        }
        self.add_up(rules)
    }

    fn add_up(&mut self, rules: &Rules) -> Result<()> {
        let parts: Vec<Part> = self
            .indicators
            .iter()
            .map(|i| Part { points: i.points, applicable: true, score: i.score.as_ref().map(|s| s.score) })
            .collect();
        let total = form::total(rules.scale(Purpose::KeyEvaluation)?, &parts, rules.places()?)?;
        self.total_score = total.score;
        self.grade = total.grade;
        self.explanation = total.explanation;
        Ok(())
    }

    /// A member gives an opinion. Deputies and CPPCC members advise; only experts may suggest a score.
    pub fn give_opinion(&mut self, opinion: Opinion, now: DateTime<Utc>) -> Result<()> {
        self.require(&[State::Evaluating, State::Exchanging, State::Answered, State::Reported])?;
        let member = self
            .panel
            .iter()
            .flat_map(|panel| &panel.members)
            .find(|member| member.participant == opinion.participant)
            .ok_or_else(|| Failure::unknown(&opinion.participant))?;
        if opinion.suggested_score.is_some() && member.role != Role::Expert {
            return Err(Failure::AdviceOnly { participant: opinion.participant });
        }
        if opinion.suggested_score.is_some_and(|s| s.is_sign_negative() || s > Decimal::ONE_HUNDRED) {
            let (lowest, highest) = (Decimal::ZERO, Decimal::ONE_HUNDRED);
            return Err(Failure::ScoreOutOfBand { indicator: "suggested_score".to_owned(), lowest, highest });
        }
        self.opinions.push(PanelOpinion {
            role: member.role,
            participant: opinion.participant,
            phase: opinion.phase,
            text: opinion.text,
            suggested_score: opinion.suggested_score,
            opinion_time: now,
        });
        Ok(())
    }

    /// Sends the draft to the evaluated unit.
    pub fn send_draft(&mut self, message: String, now: DateTime<Utc>) -> Result<()> {
        self.require(&[State::Evaluating, State::Answered])?;
        let Some(draft_score) = self.total_score else {
            let missing = self.indicators.iter().filter(|i| i.score.is_none());
            let missing = missing.map(|i| format!("indicators[{}].score", i.code)).collect();
            return Err(Failure::Incomplete { missing });
        };
        let number = i32::try_from(self.exchanges.len()).unwrap_or(i32::MAX).saturating_add(1);
        self.exchanges.push(Exchange { number, draft_score, message, send_time: now, answer: None });
        self.state = State::Exchanging;
        Ok(())
    }

    /// The unit answers; who does not agree says why.
    pub fn answer(&mut self, agreed: bool, text: String, answerer: &str, now: DateTime<Utc>) -> Result<()> {
        self.require(&[State::Exchanging])?;
        if !agreed && text.trim().is_empty() {
            return Err(Failure::Incomplete { missing: vec!["answer".to_owned()] });
        }
        if let Some(exchange) = self.exchanges.last_mut() {
            let answerer = answerer.to_owned();
            exchange.answer = Some(Answer { agreed, text, answerer, answer_time: now });
        }
        self.state = State::Answered;
        Ok(())
    }

    /// Hands in the report, after the unit was heard.
    pub fn submit_report(&mut self, sections: Vec<ReportSection>) -> Result<()> {
        self.require(&[State::Answered])?;
        let missing: Vec<String> = sections
            .iter()
            .filter(|section| section.text.trim().is_empty())
            .map(|section| format!("report_sections[{}].text", section.code))
            .collect();
        if sections.is_empty() || !missing.is_empty() {
            let missing = if sections.is_empty() { vec!["report_sections".to_owned()] } else { missing };
            return Err(Failure::Incomplete { missing });
        }
        self.report_sections = sections;
        self.state = State::Reported;
        Ok(())
    }

    /// Fixes score and grade by the rules; the clock of the notice starts.
    pub fn fix(&mut self, rules: &Rules, fixer: &str, now: DateTime<Utc>) -> Result<()> {
        self.require(&[State::Reported])?;
        self.add_up(rules)?;
        if self.grade.is_none() {
            return Err(Failure::Incomplete { missing: vec!["total_score".to_owned()] });
        }
        let term = rules.deadline(DeadlineKind::ResultNotice);
        let notice_due_date =
            term.and_then(|term| now.date_naive().checked_add_days(Days::new(u64::from(term.days))));
        self.fixed = Some(Fixed { fixer: fixer.to_owned(), fix_time: now, notice_due_date });
        self.state = State::Fixed;
        Ok(())
    }

    /// Stops an evaluation that has no result.
    pub fn cancel(&mut self, reason: String) -> Result<()> {
        if matches!(self.state, State::Fixed | State::Cancelled) {
            return Err(self.not_now());
        }
        self.cancel_reason = reason;
        self.state = State::Cancelled;
        Ok(())
    }

    fn require(&self, states: &[State]) -> Result<()> {
        if states.contains(&self.state) { Ok(()) } else { Err(self.not_now()) }
    }

    fn not_now(&self) -> Failure {
        Failure::state(self.state.as_str())
    }
}
