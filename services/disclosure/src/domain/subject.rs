//! What can be disclosed (公开事项): an object of another service, as this service knows it from its events, or a summary.

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Decimal, Grade, PrintedAmount, Secrecy};

use super::compose::{self, ObjectiveParts, ResultParts};
use super::document::{Document, Section};
use super::figure::Figure;
use super::words::{DocumentKind, Word};

/// An object that a decision or a notice can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Resource name.
    pub name: String,
    /// Its own title.
    pub title: String,
    /// Resource name of the unit that answers for it today (承接单位); empty for district-wide objects.
    pub unit: String,
    /// Name of the unit that it is about, as its documents print it: a result stays that of the unit evaluated.
    pub unit_title: String,
    /// Year that it is about.
    pub evaluated_year: i32,
    /// How secret it is; none when nobody has said yet.
    pub secrecy: Option<Secrecy>,
    /// Whether it is final (批复、定稿): before, it is process information.
    pub is_final: bool,
    /// Its state's word, for messages.
    pub state: String,
    /// Score, when it has one.
    pub score: Option<Decimal>,
    /// Grade, when it has one.
    pub grade: Option<Grade>,
    /// Problems found.
    pub findings: Vec<String>,
    /// Suggestions made.
    pub suggestions: Vec<String>,
    /// What its documents are made from.
    pub content: Content,
}

/// What the documents about a subject are made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// An objective.
    Objective(ObjectiveParts),
    /// A key evaluation.
    KeyEvaluation(ResultParts),
    /// A self-evaluation.
    SelfEvaluation(ResultParts),
    /// An ex-ante evaluation.
    ExAnte(ResultParts),
    /// An annual summary, as composed for its readers.
    Summary {
        /// Its text.
        sections: Vec<Section>,
        /// Its figures.
        figures: Vec<Figure>,
    },
}

impl Content {
    /// Kinds of documents that can be made of it.
    pub fn kinds(&self) -> &'static [DocumentKind] {
        match self {
            Self::Objective(_) => &[DocumentKind::ObjectiveTable],
            Self::KeyEvaluation(_) => &[DocumentKind::KeyEvaluationResult, DocumentKind::KeyEvaluationReport],
            Self::SelfEvaluation(_) => &[DocumentKind::SelfEvaluationResult],
            Self::ExAnte(_) => &[DocumentKind::ExAnteResult],
            Self::Summary { .. } => &[DocumentKind::AnnualSummary],
        }
    }
}

impl Subject {
    /// The document of that kind about it as it is now; none when it has no such document. An empty title takes the
    /// subject's own, and `public_amount` stands in for the subject's amount.
    pub fn document(
        &self,
        kind: DocumentKind,
        title: &str,
        public_amount: Option<PrintedAmount>,
    ) -> Option<Document> {
        if !self.content.kinds().contains(&kind) {
            return None;
        }
        let title = match (title, kind) {
            ("", DocumentKind::AnnualSummary) => self.title.clone(),
            ("", _) => format!("{}{}", self.title, kind.chinese()),
            (given, _) => given.to_owned(),
        };
        let (sections, figures) = match &self.content {
            Content::Objective(parts) => (compose::objective_table(self, parts, public_amount), Vec::new()),
            Content::KeyEvaluation(parts) if kind == DocumentKind::KeyEvaluationReport => {
                (compose::evaluation_report(self, parts, public_amount), Vec::new())
            }
            Content::KeyEvaluation(parts) | Content::SelfEvaluation(parts) | Content::ExAnte(parts) => {
                (compose::evaluation_result(self, parts, public_amount), Vec::new())
            }
            Content::Summary { sections, figures } => (sections.clone(), figures.clone()),
        };
        let (unit_title, evaluated_year) = (self.unit_title.clone(), self.evaluated_year);
        Some(Document { kind, title, unit_title, evaluated_year, sections, figures })
    }
}
