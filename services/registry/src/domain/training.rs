//! Training sessions (培训): who is invited, who came.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, vocabulary};

use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// Which part of the work a session is about (环节).
    Stage {
        /// 事前.
        ExAnte = "ex_ante",
        /// 事中.
        InProcess = "in_process",
        /// 事后.
        ExPost = "ex_post",
        /// 全过程.
        WholeCycle = "whole_cycle",
    }
}

vocabulary! {
    /// Whether a session took place (状态).
    SessionState {
        /// 计划中.
        Planned = "planned",
        /// 已举办.
        Held = "held",
        /// 已取消.
        Cancelled = "cancelled",
    }
}

/// A training session (培训).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingSession {
    /// Identifier.
    pub id: String,
    /// 名称.
    pub title: String,
    /// Year of work.
    pub work_year: FiscalYear,
    /// 环节.
    pub stage: Stage,
    /// 举办日期.
    pub hold_date: Option<NaiveDate>,
    /// Length in hours.
    pub hours: Option<Decimal>,
    /// 地点.
    pub venue: String,
    /// 培训内容.
    pub topic: String,
    /// Who teaches, relative to the district: `institutions/JG01`; none when the bureau does.
    pub trainer: Option<String>,
    /// 培训对象.
    pub audiences: Vec<Audience>,
    /// 参训情况, by unit.
    pub attendances: Vec<Attendance>,
    /// Whether it took place.
    pub state: SessionState,
}

/// A group that is invited (培训对象).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Its name: 各街道.
    pub label: String,
    /// The units that make it up.
    pub units: Vec<AgencyCode>,
}

/// Who came from one unit (参训情况).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// The unit.
    pub unit: AgencyCode,
    /// How many people; 0 when nobody counted.
    pub attendee_count: i32,
    /// Their names, when they are kept.
    pub attendees: Vec<String>,
}

impl TrainingSession {
    /// What a session must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        let hours = self.hours.unwrap_or_default();
        checks.rule(
            (Decimal::ZERO..=Decimal::from(200)).contains(&hours) && hours.normalize().scale() <= 1,
            "hours",
            "学时须在0到200之间，最多一位小数",
            "must lie between 0 and 200 with one decimal",
        );
        checks.done()
    }

    /// A cancelled session never changes.
    pub fn check_changeable(&self) -> Result<(), Refusal> {
        if self.state == SessionState::Cancelled { Err(self.wrong_state()) } else { Ok(()) }
    }

    /// Notes who came. A unit that was noted before gets the new numbers.
    pub fn record_attendance(&mut self, came: Vec<Attendance>, day: NaiveDate) -> Result<(), Refusal> {
        self.check_changeable()?;
        let mut checks = Checks::default();
        let mut seen = BTreeSet::new();
        for (place, attendance) in came.iter().enumerate() {
            let fresh = seen.insert(&attendance.unit);
            checks.rule(fresh, format!("attendances[{place}].unit"), "单位重复", "is named twice");
            let named = i32::try_from(attendance.attendees.len()).unwrap_or(i32::MAX);
            checks.rule(
                attendance.attendee_count == 0 || named <= attendance.attendee_count,
                format!("attendances[{place}].attendees"),
                "姓名多于参训人数",
                "names more people than came",
            );
        }
        checks.done()?;
        self.attendances.retain(|noted| came.iter().all(|new| new.unit != noted.unit));
        self.attendances.extend(came);
        self.attendances.sort_by(|one, other| one.unit.cmp(&other.unit));
        self.state = SessionState::Held;
        self.hold_date = Some(day);
        Ok(())
    }

    /// Notes that the session does not take place.
    pub fn cancel(&mut self) -> Result<(), Refusal> {
        if self.state != SessionState::Planned {
            return Err(self.wrong_state());
        }
        self.state = SessionState::Cancelled;
        Ok(())
    }

    /// How many people came in all.
    pub fn attendee_count(&self) -> i32 {
        self.attendances.iter().fold(0_i32, |sum, attendance| sum.saturating_add(attendance.attendee_count))
    }

    /// Every unit that is invited or came.
    pub fn units(&self) -> BTreeSet<&AgencyCode> {
        let invited = self.audiences.iter().flat_map(|audience| &audience.units);
        invited.chain(self.attendances.iter().map(|attendance| &attendance.unit)).collect()
    }

    fn wrong_state(&self) -> Refusal {
        Refusal::State { resource: self.id.clone(), state: self.state.as_str().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(unit: &str, count: i32) -> Attendance {
        Attendance {
            unit: unit.parse().unwrap_or_else(|_| unreachable!()),
            attendee_count: count,
            attendees: Vec::new(),
        }
    }

    fn session() -> TrainingSession {
        TrainingSession {
            id: "PX2020-03".to_owned(),
            title: "绩效目标编制与审核".to_owned(),
            work_year: FiscalYear::try_from(2020).unwrap_or_else(|_| unreachable!()),
            stage: Stage::ExAnte,
            hold_date: None,
            hours: Some(Decimal::new(35, 1)),
            venue: String::new(),
            topic: String::new(),
            trainer: None,
            audiences: Vec::new(),
            attendances: Vec::new(),
            state: SessionState::Planned,
        }
    }

    #[test]
    fn the_last_numbers_of_a_unit_count() {
        let day = "2020-01-09".parse().unwrap_or_default();
        let mut held = session();
        assert_eq!(held.record_attendance(vec![came("902", 3), came("901", 2)], day), Ok(()));
        assert_eq!(held.record_attendance(vec![came("902", 5)], day), Ok(()));
        assert_eq!((held.attendee_count(), held.units().len(), held.state), (7, 2, SessionState::Held));
        assert!(held.record_attendance(vec![came("901", 1), came("901", 1)], day).is_err());
        assert!(held.cancel().is_err(), "it was held");
        let mut off = session();
        assert_eq!(off.cancel(), Ok(()));
        assert!(off.record_attendance(vec![came("901", 1)], day).is_err());
    }
}
