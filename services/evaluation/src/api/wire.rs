//! Conversions that several aggregates share.

use std::str::FromStr;

use prost_types::Timestamp;
use rust_decimal::Decimal;
use wenxiao_contract::google::r#type::{Decimal as WireDecimal, Money as WireMoney};
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_kernel::{Grade, Money};
use wenxiao_platform::convert::{self, Fields, enum_word};
use wenxiao_platform::{Failure, Result};

use crate::domain::object::{
    Attachment, BaseFigure, BudgetFigure, EvaluatedObject, ObjectKind, Printed, ReportSection,
};

/// The evaluated object as the contract has it.
pub type Object = pb::EvaluatedObject;

/// The member of a vocabulary that a contract enum's value means; none for the unspecified one.
pub fn word<T: FromStr>(value: &str, prefix: &str) -> Option<T> {
    enum_word(value, prefix).and_then(|word| word.parse().ok())
}

/// The same, where one must be given.
pub fn required<T: FromStr>(fields: &mut Fields, field: &str, value: &str, prefix: &str) -> Option<T> {
    let member = word(value, prefix);
    if member.is_none() {
        fields.reject(field, "未填写", "must be set");
    }
    member
}

/// The member of a vocabulary as a contract enum's value.
macro_rules! enum_value {
    ($kind:ty, $prefix:literal, $word:expr) => {
        <$kind>::from_str_name(&wenxiao_platform::convert::enum_name($prefix, $word))
            .unwrap_or_default()
            .into()
    };
}
pub(super) use enum_value;

/// A decimal that may be missing.
pub fn decimal(value: Option<Decimal>) -> Option<WireDecimal> {
    value.map(convert::decimal)
}

/// An amount that may be missing.
pub fn money(value: Option<Money>) -> Option<WireMoney> {
    value.map(convert::money)
}

/// A sum that SQL made.
pub fn sum(value: Decimal) -> Result<WireMoney> {
    Money::from_yuan(value).map(convert::money).map_err(Failure::internal)
}

/// A time.
pub fn time(value: chrono::DateTime<chrono::Utc>) -> Option<Timestamp> {
    Some(convert::timestamp(value))
}

/// A grade that may be missing.
pub fn grade(value: Option<Grade>) -> i32 {
    value.map_or(common::Grade::Unspecified, convert::grade).into()
}

/// Kind of an object.
pub fn object_kind(object: &Object, field: &str) -> Result<ObjectKind> {
    word(object.kind().as_str_name(), "KIND_").ok_or_else(|| {
        Failure::invalid_field(
            format!("{field}.kind"),
            "评价对象类型未填写",
            "the kind of object must be set",
        )
    })
}

/// An evaluated object.
pub fn object(object: &EvaluatedObject) -> Object {
    Object {
        kind: enum_value!(pb::evaluated_object::Kind, "KIND_", object.kind.as_str()),
        subject: object.subject.clone(),
        unit: object.unit.clone(),
        display_name: object.title.clone(),
        unit_display_name: object.unit_title.clone(),
        budget_account: object
            .budget_account
            .map_or(common::BudgetAccount::Unspecified, convert::account)
            .into(),
        secrecy_level: object.secrecy.map_or(common::SecrecyLevel::Unspecified, convert::secrecy).into(),
    }
}

/// A printed amount with its wording.
pub fn printed(printed: &Printed) -> common::PrintedAmount {
    let mut message = convert::printed_amount(printed.figure);
    if !printed.text.is_empty() {
        printed.text.clone_into(&mut message.text);
    }
    message
}

/// A printed amount with its wording, as given.
pub fn printed_of(
    fields: &mut Fields,
    field: &str,
    value: Option<&common::PrintedAmount>,
) -> Option<Printed> {
    let figure = fields.printed_amount(field, value)?;
    Some(Printed {
        figure,
        text: value.map(|printed| printed.text.chars().take(200).collect()).unwrap_or_default(),
    })
}

/// A budget figure.
pub fn figure(figure: &BudgetFigure) -> pb::BudgetFigure {
    pb::BudgetFigure {
        amount: Some(convert::money(figure.amount)),
        printed: figure.printed.as_ref().map(printed),
    }
}

/// A budget figure as given: the amount, or what is printed, or both when they agree.
pub fn figure_of(fields: &mut Fields, field: &str, value: Option<&pb::BudgetFigure>) -> Option<BudgetFigure> {
    let value = value?;
    let printed = printed_of(fields, &format!("{field}.printed"), value.printed.as_ref());
    let given = fields.optional_money(&format!("{field}.amount"), value.amount.as_ref());
    let amount = match (given, &printed) {
        (Some(amount), _) => amount,
        (None, Some(printed)) => printed.figure.amount().unwrap_or_else(|error| {
            fields.reject(field, "金额不正确", error.to_string());
            Money::ZERO
        }),
        (None, None) => {
            fields.reject(field, "金额未填写", "an amount or a printed amount must be set");
            Money::ZERO
        }
    };
    Some(BudgetFigure { amount, printed })
}

/// A base figure.
pub fn base(base: &BaseFigure) -> pb::BaseFigure {
    pb::BaseFigure {
        kind: enum_value!(pb::base_figure::Kind, "KIND_", base.kind.as_str()),
        fiscal_year: base.fiscal_year,
        figure: Some(figure(&base.figure)),
        execution_rate: decimal(base.execution_rate),
    }
}

/// A base figure as given.
pub fn base_of(fields: &mut Fields, field: &str, value: &pb::BaseFigure) -> Option<BaseFigure> {
    let kind = required(fields, &format!("{field}.kind"), value.kind().as_str_name(), "KIND_");
    let figure = figure_of(fields, &format!("{field}.figure"), value.figure.as_ref());
    if figure.is_none() {
        fields.reject(&format!("{field}.figure"), "未填写", "must be set");
    }
    let execution_rate =
        fields.optional_decimal(&format!("{field}.execution_rate"), value.execution_rate.as_ref());
    Some(BaseFigure { kind: kind?, fiscal_year: value.fiscal_year, figure: figure?, execution_rate })
}

/// Attachments.
pub fn attachments(attachments: &[Attachment]) -> Vec<pb::Attachment> {
    attachments
        .iter()
        .map(|file| pb::Attachment {
            file_name: file.file_name.clone(),
            category: file.category.clone(),
            uri: file.uri.clone(),
            sha256: file.sha256.clone(),
        })
        .collect()
}

/// Attachments as given.
pub fn attachments_of(attachments: &[pb::Attachment]) -> Vec<Attachment> {
    attachments
        .iter()
        .map(|file| Attachment {
            file_name: file.file_name.clone(),
            category: file.category.clone(),
            uri: file.uri.clone(),
            sha256: file.sha256.clone(),
        })
        .collect()
}

/// Sections of a report.
pub fn sections(sections: &[ReportSection]) -> Vec<pb::ReportSection> {
    sections
        .iter()
        .map(|section| pb::ReportSection {
            code: section.code.clone(),
            title: section.title.clone(),
            text: section.text.clone(),
        })
        .collect()
}

/// Sections of a report as given.
pub fn sections_of(sections: &[pb::ReportSection]) -> Vec<ReportSection> {
    sections
        .iter()
        .map(|section| ReportSection {
            code: section.code.clone(),
            title: section.title.clone(),
            text: section.text.clone(),
        })
        .collect()
}

/// Counts by grade, best first.
pub fn grade_counts(counts: impl IntoIterator<Item = (Grade, i64)>) -> Vec<pb::GradeCount> {
    let mut by_grade = std::collections::BTreeMap::<Grade, i64>::new();
    for (grade, count) in counts {
        let sum = by_grade.entry(grade).or_default();
        *sum = sum.saturating_add(count);
    }
    by_grade
        .into_iter()
        .map(|(grade, count)| pb::GradeCount {
            grade: convert::grade(grade).into(),
            item_count: super::count(count),
        })
        .collect()
}
