//! Why a call was refused, and the only place that knows gRPC codes (错误).

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation as WireViolation, StatusExt};
use wenxiao_contract::ValidationError;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_kernel::name::NameError;

use crate::database::note_break;

/// Domain of every reason (`google.rpc.ErrorInfo.domain`).
pub const ERROR_DOMAIN: &str = "wenxiao.local";

/// A status with more details than about 12 KB arrives as a bare transport error: stay far below.
const DETAILS_LIMIT_BYTES: usize = 4096;
const VIOLATIONS_LIMIT: usize = 50;

/// The result of everything that may be refused.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A refusal: one published reason, a sentence in English and in Chinese, and every violated field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}", .inner.english)]
pub struct Failure {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    code: Code,
    reason: ErrorReason,
    english: String,
    chinese: String,
    metadata: Vec<(&'static str, String)>,
    violations: Vec<FieldViolation>,
}

/// One field that breaks a rule (字段错误).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path of the field in the request, such as `objective.indicators[2].weight`.
    pub field: String,
    /// What is wrong with it, for a clerk, in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

impl FieldViolation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Self { field: field.into(), chinese: chinese.into(), english: english.into() }
    }
}

impl Failure {
    /// A refusal with `code` for `reason`, in Chinese and in English.
    pub fn new(
        code: Code,
        reason: ErrorReason,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        let inner = Inner {
            code,
            reason,
            english: english.into(),
            chinese: chinese.into(),
            metadata: Vec::new(),
            violations: Vec::new(),
        };
        Self { inner: Box::new(inner) }
    }

    /// Fields that break rules, all of them at once. INVALID_ARGUMENT.
    pub fn invalid(violations: Vec<FieldViolation>) -> Self {
        let mut failure = Self::new(
            Code::InvalidArgument,
            ErrorReason::InvalidRequest,
            format!("请求有{}处不符合要求", violations.len()),
            format!("{} field(s) of the request break rules", violations.len()),
        );
        failure.inner.violations = violations;
        failure
    }

    /// One field that breaks a rule. INVALID_ARGUMENT.
    pub fn invalid_field(
        field: impl Into<String>,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Self::invalid(vec![FieldViolation::new(field, chinese, english)])
    }

    /// There is no such object, or the caller may not know of it. NOT_FOUND.
    pub fn not_found(resource: impl Into<String>) -> Self {
        let resource = resource.into();
        Self::new(
            Code::NotFound,
            ErrorReason::NotFound,
            format!("没有找到“{resource}”"),
            format!("{resource} does not exist"),
        )
        .with("resource", resource)
    }

    /// Something that the request refers to does not exist. FAILED_PRECONDITION.
    pub fn reference_not_found(resource: impl Into<String>) -> Self {
        let resource = resource.into();
        Self::new(
            Code::FailedPrecondition,
            ErrorReason::ReferenceNotFound,
            format!("请求引用的“{resource}”不存在"),
            format!("{resource}, which the request refers to, does not exist"),
        )
        .with("resource", resource)
    }

    /// An object with that identifier exists. ALREADY_EXISTS.
    pub fn already_exists(resource: impl Into<String>) -> Self {
        let resource = resource.into();
        Self::new(
            Code::AlreadyExists,
            ErrorReason::AlreadyExists,
            format!("“{resource}”已经存在"),
            format!("{resource} exists already"),
        )
        .with("resource", resource)
    }

    /// The state or a rule does not allow the action. FAILED_PRECONDITION.
    pub fn precondition(reason: ErrorReason, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, chinese, english)
    }

    /// The caller may not do that. PERMISSION_DENIED.
    pub fn denied(method: impl Into<String>) -> Self {
        Self::new(
            Code::PermissionDenied,
            ErrorReason::PermissionDenied,
            "您的角色不能执行此操作",
            "your roles do not allow this action",
        )
        .with("method", method)
    }

    /// There is no valid token. UNAUTHENTICATED.
    pub fn unauthenticated(english: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, ErrorReason::Unauthenticated, "请先登录：令牌缺失或无效", english)
    }

    /// The object has changed since the caller read it. ABORTED.
    pub fn etag_mismatch(resource: impl Into<String>) -> Self {
        Self::new(
            Code::Aborted,
            ErrorReason::EtagMismatch,
            "数据已被他人修改，请刷新后再办理",
            "the object has changed since you read it: read it again and decide again",
        )
        .with("resource", resource)
    }

    /// The contract has the call, this version does not. UNIMPLEMENTED.
    pub fn not_implemented(method: impl Into<String>) -> Self {
        Self::new(
            Code::Unimplemented,
            ErrorReason::NotImplemented,
            "此功能尚未开通",
            "this call is part of the contract and not yet of this version",
        )
        .with("method", method)
    }

    /// Something that the call needs does not answer. UNAVAILABLE.
    pub fn unavailable(english: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, ErrorReason::Unavailable, "系统暂时不可用，请稍后再试", english)
    }

    /// A fault of ours: the cause goes to the log and not to the caller. INTERNAL.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal fault");
        Self::new(
            Code::Internal,
            ErrorReason::Internal,
            "系统内部错误，请联系运维人员并提供请求编号",
            "internal error; the request id finds it in the log",
        )
    }

    /// With one fact more for programs (`ErrorInfo.metadata`).
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.inner.metadata.push((key, value.into()));
        self
    }

    /// With fields that break rules, besides the reason that the failure has.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.inner.violations = violations;
        self
    }

    /// Gives it a more precise reason with the same code.
    pub(crate) fn set_reason(&mut self, reason: ErrorReason) {
        self.inner.reason = reason;
    }

    /// Why.
    pub fn reason(&self) -> ErrorReason {
        self.inner.reason
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// The sentence in Chinese.
    pub fn chinese(&self) -> &str {
        &self.inner.chinese
    }

    /// The fields that break rules.
    pub fn violations(&self) -> &[FieldViolation] {
        &self.inner.violations
    }

    /// The refusal as it goes over the wire: reason, localized message, violations, within the size that arrives.
    pub fn into_status(self) -> Status {
        let Inner { code, reason, mut english, chinese, metadata, violations } = *self.inner;
        let mut details = ErrorDetails::new();
        let reason = reason.as_str_name().trim_start_matches("ERROR_REASON_");
        let mut used = english.len().saturating_add(chinese.len()).saturating_add(256);
        let mut sent = Vec::new();
        for violation in violations.iter().take(VIOLATIONS_LIMIT) {
            let text = format!("{} ({})", violation.chinese, violation.english);
            used = used.saturating_add(violation.field.len()).saturating_add(text.len()).saturating_add(16);
            if used > DETAILS_LIMIT_BYTES {
                break;
            }
            sent.push(WireViolation::new(violation.field.clone(), text));
        }
        if sent.len() < violations.len() {
            english = format!("{english}; only the first {} are listed", sent.len());
        }
        if !sent.is_empty() {
            details.set_bad_request(sent);
        }
        let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), truncated(value)));
        details.set_error_info(reason, ERROR_DOMAIN, metadata.collect::<std::collections::HashMap<_, _>>());
        details.set_localized_message("zh-CN", chinese);
        if matches!(code, Code::Unavailable | Code::Aborted) {
            details.set_retry_info(Some(Duration::from_millis(200)));
        }
        Status::with_error_details(code, english, details)
    }
}

/// Metadata values are names and codes: a caller that sends a long one does not get it back whole.
fn truncated(value: String) -> String {
    if value.len() <= 256 { value } else { value.chars().take(80).collect() }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        failure.into_status()
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::invalid_field("name", format!("资源名称不正确：{error}"), error.to_string())
    }
}

impl From<ValidationError> for Failure {
    fn from(error: ValidationError) -> Self {
        let violations = error.violations().iter().map(|violation| {
            let field = violation.field_path();
            FieldViolation::new(
                field,
                chinese_rule(violation.rule_id(), violation.message()),
                violation.message().to_owned(),
            )
        });
        Self::invalid(violations.collect())
    }
}

/// What a clerk reads for the rules that the contract declares; the English text holds the bound.
fn chinese_rule(rule: &str, english: &str) -> String {
    let kind = rule.rsplit('.').next().unwrap_or(rule);
    let text = match kind {
        "required" => "必填项未填写",
        "min_len" | "min_items" => "内容过少",
        "max_len" | "max_items" => "内容超出长度或数量限制",
        "pattern" => "格式不正确",
        "defined_only" | "in" | "not_in" => "取值不在规定范围内",
        "gt" | "gte" | "lt" | "lte" | "gte_lte" | "gt_lt" | "const" => "数值超出规定范围",
        _ => return format!("不符合规则：{english}"),
    };
    text.to_owned()
}

impl From<sqlx::Error> for Failure {
    /// What the database says, in words that name no table: the whole text goes to the log.
    fn from(error: sqlx::Error) -> Self {
        let retry = |english: &str| {
            Self::new(Code::Aborted, ErrorReason::Conflict, "操作冲突，请重试", english.to_owned())
        };
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_) => {
                tracing::warn!(%error, "database unavailable");
                note_break();
                Self::unavailable("the database does not answer: try again")
            }
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some("40001" | "40P01" | "55P03") => retry("the transaction met another one: try again"),
                Some("23505") => Self::already_exists(database.constraint().unwrap_or("object").to_owned()),
                Some("23503") => {
                    Self::reference_not_found(database.constraint().unwrap_or("object").to_owned())
                }
                Some("57014") => Self::new(
                    Code::DeadlineExceeded,
                    ErrorReason::DeadlineExceeded,
                    "操作超时",
                    "the time for the call ran out",
                ),
                Some("57P01" | "57P02" | "57P03" | "53300") => {
                    note_break();
                    Self::unavailable("the database is restarting or full: try again")
                }
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}

impl From<Status> for Failure {
    /// A refusal of another service of ours, passed on with its reason.
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let reason = details
            .error_info()
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)));
        let chinese = details.localized_message().map(|message| message.message.clone());
        match (status.code(), reason) {
            (code, Some(reason)) => {
                Self::new(code, reason, chinese.unwrap_or_default(), status.message().to_owned())
            }
            (Code::Unavailable | Code::Cancelled | Code::DeadlineExceeded, None) => {
                Self::unavailable("another service does not answer: try again")
            }
            _ => Self::internal(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_arrives_with_its_reason_in_two_languages() {
        let status = Failure::invalid_field("unit.title", "必填项未填写", "must be set").into_status();
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "INVALID_REQUEST");
        assert_eq!(details.localized_message().unwrap().locale, "zh-CN");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "unit.title");
    }

    #[test]
    fn ten_thousand_violations_still_arrive() {
        let many = (0..10_000)
            .map(|i| FieldViolation::new(format!("rows[{i}].amount"), "金额不正确", "not an amount"));
        let status = Failure::invalid(many.collect()).into_status();
        assert!(status.details().len() < 8192, "{} bytes", status.details().len());
        assert!(status.message().contains("only the first"));
    }
}
