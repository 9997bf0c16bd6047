//! Who is calling (身份): roles, and the scope in which a caller holds them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{DistrictCode, UnknownWord};

/// What a person or system is, as far as the suite cares (角色).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 填报人 of a budget unit.
    UnitFiler,
    /// 单位负责人.
    UnitHead,
    /// 主管部门审核人.
    DepartmentReviewer,
    /// 财政局绩效科.
    FinancePerformanceOfficer,
    /// 财政局业务科室.
    FinanceBusinessOfficer,
    /// 财政局领导.
    FinanceHead,
    /// 第三方机构.
    ThirdPartyReviewer,
    /// 专家.
    Expert,
    /// 人大代表 or 政协委员.
    Deputy,
    /// 市级查阅: reads across the districts of a city.
    CityReader,
    /// Another department's budgeting, payment or project-library system (预算系统).
    BudgetingSystem,
    /// 运维.
    Ops,
    /// 公众: anyone, without a token.
    Public,
    /// One of our own services.
    Service,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::UnitFiler,
        Self::UnitHead,
        Self::DepartmentReviewer,
        Self::FinancePerformanceOfficer,
        Self::FinanceBusinessOfficer,
        Self::FinanceHead,
        Self::ThirdPartyReviewer,
        Self::Expert,
        Self::Deputy,
        Self::CityReader,
        Self::BudgetingSystem,
        Self::Ops,
        Self::Public,
        Self::Service,
    ];

    /// The word that stands for it in tokens and policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnitFiler => "unit_filer",
            Self::UnitHead => "unit_head",
            Self::DepartmentReviewer => "department_reviewer",
            Self::FinancePerformanceOfficer => "finance_performance_officer",
            Self::FinanceBusinessOfficer => "finance_business_officer",
            Self::FinanceHead => "finance_head",
            Self::ThirdPartyReviewer => "third_party_reviewer",
            Self::Expert => "expert",
            Self::Deputy => "deputy",
            Self::CityReader => "city_reader",
            Self::BudgetingSystem => "budgeting_system",
            Self::Ops => "ops",
            Self::Public => "public",
            Self::Service => "service",
        }
    }

    /// Whether the role is held for units and not for a whole district.
    fn is_of_a_unit(self) -> bool {
        matches!(self, Self::UnitFiler | Self::UnitHead | Self::DepartmentReviewer)
    }

    /// Whether the role sees only what is assigned to it.
    fn is_a_guest(self) -> bool {
        matches!(self, Self::ThirdPartyReviewer | Self::Expert | Self::Deputy)
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.as_str() == word)
            .ok_or_else(|| UnknownWord { vocabulary: "Role", word: word.chars().take(40).collect() })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A caller whose token has been verified, or the public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Stable id of the person or system at the issuer.
    pub subject: String,
    /// Name for people to read.
    pub name: String,
    /// Roles that the caller holds; never empty.
    pub roles: Vec<Role>,
    /// Districts in which it holds them. Empty for the public and for our own services, which are of all.
    pub districts: Vec<DistrictCode>,
    /// Agency code of the unit for which unit roles are held; department roles reach every code that starts with it.
    pub unit: Option<String>,
    /// Institution, expert or deputy id under which a guest is known in the registry.
    pub participant: Option<String>,
    /// Subject of the one in whose place the caller acts (授权人); `None` for acting as oneself.
    pub on_behalf_of: Option<String>,
}

/// Rows of a list that a caller may see: what the query has to be narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only units whose code starts with this; `None` for no narrowing by unit.
    pub unit_prefix: Option<String>,
    /// Only what is assigned to this institution, expert or deputy; `None` for no narrowing by assignment.
    pub participant: Option<String>,
}

impl Principal {
    /// Anyone, without a token.
    pub fn anonymous() -> Self {
        Self {
            subject: "anonymous".to_owned(),
            name: String::new(),
            roles: vec![Role::Public],
            districts: Vec::new(),
            unit: None,
            participant: None,
            on_behalf_of: None,
        }
    }

    /// One of our own services, calling inside one process.
    pub fn service(name: &str) -> Self {
        Self {
            subject: format!("service:{name}"),
            name: name.to_owned(),
            roles: vec![Role::Service],
            districts: Vec::new(),
            unit: None,
            participant: None,
            on_behalf_of: None,
        }
    }

    /// The people behind the call: whoever calls, and in whose place. Neither judges what one of them submitted.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.subject.as_str()).chain(self.on_behalf_of.as_deref())
    }

    /// Whether there is a token behind it.
    pub fn is_anonymous(&self) -> bool {
        self.roles == [Role::Public]
    }

    /// Whether it holds `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it may know that anything exists in `district`.
    pub fn reaches(&self, district: DistrictCode) -> bool {
        self.has(Role::Service) || self.is_anonymous() || self.districts.contains(&district)
    }

    /// What its lists are narrowed to. The widest of its roles decides; someone with unit roles only and no unit in
    /// the token sees no unit at all.
    pub fn scope(&self) -> Scope {
        if self.roles.iter().any(|role| !role.is_of_a_unit() && !role.is_a_guest()) {
            return Scope::default();
        }
        if self.roles.iter().any(|role| role.is_of_a_unit()) {
            let prefix = self.unit.clone().unwrap_or_else(|| "\u{10FFFF}".to_owned());
            return Scope { unit_prefix: Some(prefix), participant: None };
        }
        let participant = self.participant.clone().unwrap_or_else(|| "\u{10FFFF}".to_owned());
        Scope { unit_prefix: None, participant: Some(participant) }
    }
}

/// What a token says (JWT claims).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Subject.
    pub sub: String,
    /// Expiry, seconds since 1970.
    pub exp: i64,
    /// Issued at, seconds since 1970.
    #[serde(default)]
    pub iat: i64,
    /// Name for people to read.
    #[serde(default)]
    pub name: String,
    /// Roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Districts.
    #[serde(default)]
    pub districts: Vec<DistrictCode>,
    /// Agency code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Institution, expert or deputy id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<String>,
}

impl From<Claims> for Principal {
    /// The caller that verified claims describe. `public` cannot be claimed: without another role a token is worth
    /// no more than none.
    fn from(claims: Claims) -> Self {
        let mut roles: Vec<Role> = claims.roles.into_iter().filter(|role| *role != Role::Public).collect();
        if roles.is_empty() {
            roles.push(Role::Public);
        }
        Self {
            subject: claims.sub,
            name: claims.name,
            roles,
            districts: claims.districts,
            unit: claims.unit,
            participant: claims.participant,
            on_behalf_of: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(roles: &[Role], unit: Option<&str>) -> Principal {
        Principal {
            roles: roles.to_vec(),
            unit: unit.map(str::to_owned),
            districts: vec!["350205000".parse().unwrap()],
            ..Principal::anonymous()
        }
    }

    #[test]
    fn lists_are_narrowed_to_the_widest_role() {
        assert_eq!(
            principal(&[Role::UnitFiler], Some("602001")).scope().unit_prefix.as_deref(),
            Some("602001")
        );
        assert_eq!(
            principal(&[Role::UnitFiler, Role::FinanceHead], Some("602001")).scope(),
            Scope::default()
        );
        let nobody = principal(&[Role::UnitFiler], None).scope().unit_prefix.unwrap();
        assert!(!"602001".starts_with(&nobody));
    }

    #[test]
    fn words_and_roles_are_one() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
