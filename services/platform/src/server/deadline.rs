//! The time that a call has.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;

use super::guards::refusal;
use super::layers::{Answer, Around, Request, Response};
use super::methods::PerMethod;
use crate::config::ServerSettings;
use crate::failure::Failure;

const GRPC_TIMEOUT: &str = "grpc-timeout";
/// Calls that stream in load whole files.
const STREAM_LIMIT: Duration = Duration::from_secs(3600);
/// The transport also reads the caller's time, and says no more than "cancelled" when it is over. We are a little
/// earlier, and say what happened.
const HEAD_START: Duration = Duration::from_millis(20);

/// When the time for a call is over: in the extensions, for whoever starts something that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Instant);

/// Gives each call the time that its caller names, within ours.
#[derive(Clone)]
pub(super) struct DeadlineKept {
    /// Default and maximum, by method.
    limits: PerMethod<(Duration, Duration)>,
}

impl DeadlineKept {
    pub fn new(settings: &ServerSettings) -> Self {
        let unary = (settings.default_deadline, settings.max_deadline);
        Self {
            limits: PerMethod::new(
                |_, streams_in| if streams_in { (STREAM_LIMIT, STREAM_LIMIT) } else { unary },
            ),
        }
    }
}

impl Around for DeadlineKept {
    fn around<F>(&self, mut request: Request, call: impl FnOnce(Request) -> F) -> Answer
    where
        F: Future<Output = Result<Response, Infallible>> + Send + 'static,
    {
        let (default, max) = *self.limits.get(request.uri().path());
        let asked = request.headers().get(GRPC_TIMEOUT).and_then(|value| value.to_str().ok()).and_then(parse);
        let time = asked.map_or(default, |asked| asked.saturating_sub(HEAD_START.min(asked / 10)).min(max));
        let deadline = Instant::now() + time;
        request.extensions_mut().insert(Deadline(deadline));
        let answer = call(request);
        Box::pin(async move {
            tokio::time::timeout_at(deadline, answer).await.unwrap_or_else(|_| Ok(refusal(too_late())))
        })
    }
}

fn too_late() -> Failure {
    Failure::new(
        Code::DeadlineExceeded,
        ErrorReason::DeadlineExceeded,
        "操作超时",
        "the time for the call ran out",
    )
}

/// `grpc-timeout`: at most eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 8 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_time_is_read_as_grpc_writes_it() {
        for (text, time) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("15S", Some(Duration::from_secs(15))),
            ("99999999m", Some(Duration::from_millis(99_999_999))),
            ("5u", Some(Duration::from_micros(5))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("1", None),
            ("123456789S", None),
            ("-1S", None),
            ("1秒", None),
        ] {
            assert_eq!(parse(text), time, "{text:?}");
        }
    }
}
