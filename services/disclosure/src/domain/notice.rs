//! The result notice (评价结果通知): drafted, issued, acknowledged and answered by the unit, closed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::calendar::Calendar;
use wenxiao_kernel::{Decimal, Grade};

use super::Refusal;
use super::due::Due;
use super::rules::Rules;
use super::subject::Subject;
use super::words::Word;

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// 拟稿.
    Draft,
    /// 已印发.
    Issued,
    /// 已签收.
    Acknowledged,
    /// 已反馈.
    Answered,
    /// 已办结.
    Closed,
}

impl Word for State {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Draft, "draft", "拟稿"),
        (Self::Issued, "issued", "已印发"),
        (Self::Acknowledged, "acknowledged", "已签收"),
        (Self::Answered, "answered", "已反馈"),
        (Self::Closed, "closed", "已办结"),
    ];
}

/// What the bureau writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Title; empty takes one made from the subject.
    pub title: String,
    /// Number of the letter.
    pub document_number: String,
    /// Problems; empty takes the subject's.
    pub findings: Vec<String>,
    /// Suggestions; empty takes the subject's.
    pub suggestions: Vec<String>,
    /// By when the unit is asked to answer.
    pub answer_due: Option<NaiveDate>,
    /// Day on which the result was fixed; the deadline of issuing runs from it.
    pub basis_date: Option<NaiveDate>,
}

/// What a unit answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer.
    pub text: String,
    /// Whether the unit accepts the result.
    pub accepted: bool,
    /// Who answered.
    pub author: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// A result notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Last part of its name.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// The unit it goes to.
    pub unit: String,
    /// Year that was evaluated.
    pub evaluated_year: i32,
    /// What it says.
    pub letter: Letter,
    /// Score of the subject when it was issued.
    pub score: Option<Decimal>,
    /// Grade of the subject when it was issued.
    pub grade: Option<Grade>,
    /// Where it stands.
    pub state: State,
    /// Who issued it, and when.
    pub issue: Option<(String, DateTime<Utc>)>,
    /// Who acknowledged it, and when.
    pub acknowledgement: Option<(String, DateTime<Utc>)>,
    /// What the unit answered, oldest first.
    pub answers: Vec<Answer>,
}

impl Notice {
    /// A new draft to the subject's unit, or to `unit` when given.
    pub fn draft(id: String, subject: &Subject, unit: String, letter: Letter) -> Result<Self, Refusal> {
        let unit = if unit.is_empty() { subject.unit.clone() } else { unit };
        if unit.is_empty() {
            return Err(Refusal::Field { field: "unit", problem: "the subject belongs to no unit" });
        }
        Ok(Self {
            id,
            subject: subject.name.clone(),
            unit,
            evaluated_year: subject.evaluated_year,
            letter: completed(letter, subject),
            score: None,
            grade: None,
            state: State::Draft,
            issue: None,
            acknowledgement: None,
            answers: Vec::new(),
        })
    }

    /// Changes a draft.
    pub fn edit(&mut self, letter: Letter) -> Result<(), Refusal> {
        self.expect(&[State::Draft])?;
        self.letter = letter;
        Ok(())
    }

    /// Sends it (印发), with the score and grade that the subject has now. A result that is not final does not leave.
    pub fn issue(&mut self, subject: &Subject, issuer: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.expect(&[State::Draft])?;
        if !subject.is_final {
            return Err(Refusal::NotFinal { subject: subject.name.clone(), state: subject.state.clone() });
        }
        self.score = subject.score;
        self.grade = subject.grade;
        self.issue = Some((issuer.to_owned(), now));
        self.state = State::Issued;
        Ok(())
    }

    /// The unit has received it (签收).
    pub fn acknowledge(&mut self, person: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.expect(&[State::Issued])?;
        self.acknowledgement = Some((person.to_owned(), now));
        self.state = State::Acknowledged;
        Ok(())
    }

    /// The unit answers (反馈). Answering an unacknowledged notice acknowledges it; a later answer stands beside the
    /// earlier ones.
    pub fn answer(&mut self, answer: Answer) -> Result<(), Refusal> {
        self.expect(&[State::Issued, State::Acknowledged, State::Answered])?;
        if self.acknowledgement.is_none() {
            self.acknowledgement = Some((answer.author.clone(), answer.time));
        }
        self.answers.push(answer);
        self.state = State::Answered;
        Ok(())
    }

    /// The bureau is done with it (办结).
    pub fn close(&mut self) -> Result<(), Refusal> {
        self.expect(&[State::Answered])?;
        self.state = State::Closed;
        Ok(())
    }

    /// By when it must be issued.
    pub fn due(&self, rules: &Rules, calendar: &Calendar) -> Option<Due> {
        Due::under(rules.notice_deadline.as_ref()?, calendar, self.letter.basis_date?)
    }

    fn expect(&self, states: &[State]) -> Result<(), Refusal> {
        if states.contains(&self.state) { Ok(()) } else { Err(Refusal::State { state: self.state.as_str() }) }
    }
}

fn completed(mut letter: Letter, subject: &Subject) -> Letter {
    if letter.title.is_empty() {
        letter.title = format!("关于{}绩效评价结果的通知", subject.title);
    }
    if letter.findings.is_empty() {
        letter.findings.clone_from(&subject.findings);
    }
    if letter.suggestions.is_empty() {
        letter.suggestions.clone_from(&subject.suggestions);
    }
    letter
}
