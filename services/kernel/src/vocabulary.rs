/// A word that is not one of a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a known {vocabulary}")]
pub struct UnknownWord {
    /// Vocabulary that was asked.
    pub vocabulary: &'static str,
    /// The word, at most 40 characters of it.
    pub word: String,
}

/// Declares a closed vocabulary (kinds, states) whose members are kept in the database and in files as stable words.
///
/// ```
/// wenxiao_kernel::vocabulary! {
///     /// Whether a session took place (状态).
///     State {
///         /// 计划中.
///         Planned = "planned",
///         /// 已举办.
///         Held = "held",
///     }
/// }
/// assert_eq!("held".parse::<State>(), Ok(State::Held));
/// ```
#[macro_export]
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $member:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            $crate::serde::Serialize, $crate::serde::Deserialize,
        )]
        #[serde(crate = "::wenxiao_kernel::serde", try_from = "String", into = "String")]
        pub enum $name { $($(#[$doc])* $member),+ }

        impl $name {
            /// Every member, in order.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// The stable word that stands for it in the database and in files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::UnknownWord> {
                match word {
                    $($word => Ok(Self::$member),)+
                    _ => Err($crate::UnknownWord {
                        vocabulary: stringify!($name),
                        word: word.chars().take(40).collect(),
                    }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::UnknownWord;

            fn try_from(word: String) -> Result<Self, $crate::UnknownWord> { word.parse() }
        }

        impl From<$name> for String {
            fn from(member: $name) -> Self { member.as_str().to_owned() }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

vocabulary! {
    /// Which of the four budgets money belongs to (四本预算).
    BudgetAccount {
        /// 一般公共预算.
        GeneralPublic = "general_public",
        /// 政府性基金预算.
        GovernmentFund = "government_fund",
        /// 国有资本经营预算.
        StateCapital = "state_capital",
        /// 社会保险基金预算.
        SocialInsuranceFund = "social_insurance_fund",
    }
}

vocabulary! {
    /// Grade of a review or an evaluation (等级), best first. Where the bands lie and which words are printed is
    /// rule data.
    Grade {
        /// 优.
        Excellent = "excellent",
        /// 良.
        Good = "good",
        /// 中.
        Fair = "fair",
        /// 差.
        Poor = "poor",
    }
}

vocabulary! {
    /// How secret an object is (密级).
    Secrecy {
        /// 非涉密.
        None = "none",
        /// 内部: process information, trade secret, privacy.
        Internal = "internal",
        /// 涉密: state secret.
        Classified = "classified",
    }
}

vocabulary! {
    /// Comparison that an indicator's target value states (计算符号).
    Operator {
        /// ≥.
        AtLeast = "at_least",
        /// ＞.
        MoreThan = "more_than",
        /// ＝.
        Equal = "equal",
        /// ＜.
        LessThan = "less_than",
        /// ≤.
        AtMost = "at_most",
        /// 定性: the value is text.
        Qualitative = "qualitative",
        /// Between two bounds, both included.
        Range = "range",
    }
}

impl BudgetAccount {
    /// The Chinese name.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::GeneralPublic => "一般公共预算",
            Self::GovernmentFund => "政府性基金预算",
            Self::StateCapital => "国有资本经营预算",
            Self::SocialInsuranceFund => "社会保险基金预算",
        }
    }
}

impl Grade {
    /// The short Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Excellent => "优",
            Self::Good => "良",
            Self::Fair => "中",
            Self::Poor => "差",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_what_they_were() {
        for grade in Grade::ALL {
            assert_eq!(grade.as_str().parse::<Grade>().unwrap(), *grade);
        }
        assert!("excellent ".parse::<Grade>().is_err());
        assert!(Grade::Excellent < Grade::Poor);
    }
}
