//! The rules of disclosure (公开规则): pure functions over plain data. What is decided here needs no database, no
//! network and no clock, and can be checked by hand.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail loudly"
    )
)]

pub mod case;
pub mod compose;
pub mod decision;
pub mod document;
pub mod due;
pub mod facts;
pub mod figure;
pub mod keys;
pub mod narrative;
pub mod notice;
pub mod publication;
pub mod rules;
pub mod subject;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod words;

use words::{Audience, DocumentKind};

/// Why a command is refused (不予受理). `error.rs` gives each its published reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The object's state does not allow it.
    #[error("not allowed in state {state}")]
    State {
        /// The state's word.
        state: &'static str,
    },
    /// A field has no acceptable value.
    #[error("{field}: {problem}")]
    Field {
        /// Field of the resource, in the contract's spelling.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Whoever proposed a decision cannot approve it.
    #[error("a decision is not approved by its proposer")]
    OwnProposal,
    /// The subject is too secret for the audience.
    #[error("{subject} is too secret for {audience:?}")]
    Secret {
        /// The subject.
        subject: String,
        /// The audience that it may not reach.
        audience: Audience,
    },
    /// No approved decision lets the document go to the audience.
    #[error("{decision} does not let its document go to {audience:?}")]
    NotApproved {
        /// The decision.
        decision: String,
        /// The audience.
        audience: Audience,
    },
    /// The kind of publication does not go to that audience.
    #[error("this kind of publication does not go to {0:?}")]
    AudienceNotAllowed(Audience),
    /// The kind of publication does not hold that kind of document.
    #[error("this kind of publication does not hold {0:?}")]
    DocumentKindNotAllowed(DocumentKind),
    /// Nothing to publish.
    #[error("a publication without documents cannot be published")]
    Empty,
    /// The subject is still process information (过程性信息).
    #[error("{subject} is not final: {state}")]
    NotFinal {
        /// The subject.
        subject: String,
        /// Its state.
        state: String,
    },
}
