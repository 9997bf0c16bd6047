//! Delegation of a role for a period (授权代办): who may let whom act in which of their roles, and whether it may be used
//! on a day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::vocabulary;

use super::{Checks, Refusal};

/// Longest time for which a role can be given away, in days after the first: a leave is shorter, and who stays away longer
/// is replaced. Our own limit; no rule prescribes one.
const LONGEST_DAYS: i64 = 366;

vocabulary! {
    /// Whether a delegation may be used (状态).
    DelegationState {
        /// 未生效.
        Pending = "pending",
        /// 有效.
        Active = "active",
        /// 已到期.
        Expired = "expired",
        /// 已收回.
        Ended = "ended",
    }
}

/// A delegation (授权代办).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// Identifier.
    pub id: String,
    /// 授权人, by the subject of their token.
    pub delegator: String,
    /// Their name.
    pub delegator_name: String,
    /// 代办人, by the subject of their token.
    pub deputy: String,
    /// Their name.
    pub deputy_name: String,
    /// What is delegated, by the words of tokens.
    pub roles: Vec<String>,
    /// Agency code of the unit in which the delegator holds the roles; empty where they belong to none.
    pub unit_code: String,
    /// 授权开始.
    pub start_date: NaiveDate,
    /// 授权截止.
    pub end_date: NaiveDate,
    /// 授权事由.
    pub reason: String,
    /// Why it was ended before its time; `None` when it was not.
    pub ended: Option<String>,
}

/// Who delegates, as their token says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delegator {
    /// Subject.
    pub subject: String,
    /// Name.
    pub name: String,
    /// The roles that they hold and may give away.
    pub roles: Vec<String>,
    /// Agency code of their unit; empty for none.
    pub unit_code: String,
    /// Whether they act in somebody else's place themselves.
    pub is_deputy: bool,
}

impl Delegation {
    /// The delegation as `delegator`'s own, or everything that speaks against it.
    pub fn by(mut self, delegator: Delegator, today: NaiveDate) -> Result<Self, Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            !delegator.is_deputy,
            "roles",
            "代办人不能把授权再转给他人",
            "what was delegated is not passed on",
        );
        for (place, role) in self.roles.iter().enumerate() {
            checks.rule(
                delegator.roles.contains(role),
                format!("roles[{place}]"),
                "只能授予本人在单位、主管部门或财政部门的角色",
                "must be a role of the caller's own in a unit, a department or the finance bureau",
            );
        }
        checks.rule(self.deputy != delegator.subject, "deputy", "代办人不能是本人", "must be somebody else");
        checks.rule(self.start_date >= today, "start_date", "开始日期不能早于今天", "must not be past");
        let days = self.end_date.signed_duration_since(self.start_date).num_days();
        checks.rule(
            (0..=LONGEST_DAYS).contains(&days),
            "end_date",
            "截止日期不能早于开始日期，也不能晚于开始日期后第366天",
            "must not lie before the first day, nor more than 366 days after it",
        );
        checks.done()?;
        (self.delegator, self.delegator_name) = (delegator.subject, delegator.name);
        self.unit_code = delegator.unit_code;
        Ok(self)
    }

    /// Whether it may be used on a day.
    pub fn state(&self, day: NaiveDate) -> DelegationState {
        if self.ended.is_some() {
            DelegationState::Ended
        } else if day < self.start_date {
            DelegationState::Pending
        } else if day > self.end_date {
            DelegationState::Expired
        } else {
            DelegationState::Active
        }
    }

    /// Takes it back.
    pub fn end(&mut self, reason: &str, today: NaiveDate) -> Result<(), Refusal> {
        match self.state(today) {
            DelegationState::Pending | DelegationState::Active => {
                self.ended = Some(reason.to_owned());
                Ok(())
            }
            state @ (DelegationState::Expired | DelegationState::Ended) => Err(Refusal::State {
                resource: format!("delegations/{}", self.id),
                state: state.as_str().to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn asked() -> Delegation {
        Delegation {
            id: "d1".to_owned(),
            delegator: String::new(),
            delegator_name: String::new(),
            deputy: "li".to_owned(),
            deputy_name: "李".to_owned(),
            roles: vec!["department_reviewer".to_owned()],
            unit_code: String::new(),
            start_date: day("2020-10-01"),
            end_date: day("2020-10-31"),
            reason: "出差".to_owned(),
            ended: None,
        }
    }

    fn delegator() -> Delegator {
        Delegator {
            subject: "wang".to_owned(),
            name: "王".to_owned(),
            roles: vec!["department_reviewer".to_owned()],
            unit_code: "602".to_owned(),
            is_deputy: false,
        }
    }

    #[test]
    fn it_holds_from_its_first_to_its_last_day_unless_it_is_taken_back() {
        let mut given = asked().by(delegator(), day("2020-09-20")).unwrap();
        assert_eq!((given.delegator.as_str(), given.unit_code.as_str()), ("wang", "602"));
        for (on, state) in [
            ("2020-09-30", DelegationState::Pending),
            ("2020-10-01", DelegationState::Active),
            ("2020-10-31", DelegationState::Active),
            ("2020-11-01", DelegationState::Expired),
        ] {
            assert_eq!(given.state(day(on)), state, "{on}");
        }
        given.end("提前返回", day("2020-10-10")).unwrap();
        assert_eq!(given.state(day("2020-10-10")), DelegationState::Ended);
        assert!(matches!(given.end("再收回", day("2020-10-11")), Err(Refusal::State { .. })));
    }

    #[test]
    fn nobody_gives_away_what_is_not_theirs() {
        let fields = |asked: Delegation, delegator: Delegator| match asked.by(delegator, day("2020-10-02")) {
            Err(Refusal::Invalid(wrong)) => wrong.into_iter().map(|one| one.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let wrong = Delegation {
            roles: vec!["finance_head".to_owned(), "department_reviewer".to_owned()],
            deputy: "wang".to_owned(),
            end_date: day("2020-09-30"),
            ..asked()
        };
        assert_eq!(fields(wrong, delegator()), ["roles[0]", "deputy", "start_date", "end_date"]);
        let passed_on = Delegator { is_deputy: true, ..delegator() };
        let later = Delegation { start_date: day("2020-10-02"), ..asked() };
        assert_eq!(fields(later, passed_on), ["roles"]);
    }
}
