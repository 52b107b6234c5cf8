//! When a request is sent again: full jitter, the service's `Retry-After`, and an end to it.

use std::future::Future;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};

use crate::error::{Again, ClientError, ErrorKind};
use crate::transport::Transport;

/// How often a request is sent at most.
const MAX_ATTEMPTS: u32 = 5;
/// The longest first pause; each later one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(8);
/// The longest `Retry-After` that is waited for. When the service asks for more, people should decide.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
/// All pauses of a request together.
const MAX_TOTAL: Duration = Duration::from_secs(90);
/// Time since the first attempt after which no further one begins, in seconds.
const MAX_ELAPSED: u64 = 300;
/// The same of a service that takes too long: people wait for it that long in vain.
const MAX_SILENT: u64 = 45;

/// What sending a request twice may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The same as sending it once.
    Idempotent,
    /// The same, of a change: the response to the second request may be about what the first one did, as 404 after a
    /// deletion.
    IdempotentChange,
    /// Something else: it is sent again only if it was surely not carried out.
    Once,
}

/// Runs an operation until it succeeds, fails for good, or was tried long enough. The last error is given.
pub(crate) async fn run<T: Transport, R, F>(
    transport: &T,
    effect: Effect,
    operation: impl Fn() -> F,
) -> Result<R, ClientError>
where
    F: Future<Output = Result<R, ClientError>>,
{
    let began = transport.now();
    let mut schedule = Schedule::default();
    loop {
        let error = match operation().await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        let elapsed = transport.now().saturating_sub(began);
        let asked = advice(effect, &error).filter(|_| !is_silent(&error, elapsed));
        let pause = asked.and_then(|after| schedule.next(after, elapsed, random()));
        match pause {
            Some(pause) => {
                // The first pause is too short to be noticed.
                if schedule.retries > 1 || pause >= Duration::from_secs(1) {
                    transport.waiting(&error.to_string(), pause);
                }
                transport.sleep(pause).await;
            }
            None => return Err(error.final_one()),
        }
    }
}

/// Whether a service that takes too long was tried for long enough.
fn is_silent(error: &ClientError, elapsed: u64) -> bool {
    error.kind() == ErrorKind::Timeout && elapsed > MAX_SILENT
}

/// Whether to try again, and what the service asks to wait.
fn advice(effect: Effect, error: &ClientError) -> Option<Option<Duration>> {
    match (error.again(), effect) {
        (Again::Safely { after }, _)
        | (Again::Maybe { after }, Effect::Idempotent | Effect::IdempotentChange)
        | (Again::AfterFault { after }, Effect::Idempotent) => Some(after),
        _ => None,
    }
}

/// The pauses between the attempts of one request.
#[derive(Debug, Default)]
struct Schedule {
    retries: u32,
    waited: Duration,
}

impl Schedule {
    /// The next pause, or none when it is enough. `random` is any number.
    fn next(&mut self, after: Option<Duration>, elapsed: u64, random: u64) -> Option<Duration> {
        let longest = FIRST_PAUSE.saturating_mul(1 << self.retries.min(16)).min(MAX_PAUSE);
        let jitter = scale(longest, random);
        let pause = after.map_or(jitter, |after| after.saturating_add(scale(FIRST_PAUSE, random)));
        self.retries += 1;
        self.waited = self.waited.saturating_add(pause);
        let enough = self.retries >= MAX_ATTEMPTS
            || after.is_some_and(|after| after > MAX_RETRY_AFTER)
            || self.waited > MAX_TOTAL
            || elapsed > MAX_ELAPSED;
        (!enough).then_some(pause)
    }
}

/// A part of `longest`, evenly by `random`.
fn scale(longest: Duration, random: u64) -> Duration {
    let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % millis.saturating_add(1).max(1))
}

/// Without the system's generator the pauses are the shortest ones, which is no reason to fail.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which counts from the service's own date so that a
/// clock that is wrong here does not matter.
pub(crate) fn retry_after(headers: &HeaderMap, now: u64) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number has room for are a long time too.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let from = date(headers, DATE).unwrap_or(SystemTime::UNIX_EPOCH + Duration::from_secs(now));
    Some(until.duration_since(from).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, StatusCode};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn retries_and_their_pauses_are_bounded(
            steps in proptest::collection::vec((any::<Option<u64>>(), any::<u64>(), any::<u64>()), 200),
        ) {
            let mut schedule = Schedule::default();
            let pauses = steps.into_iter().map_while(|(after, elapsed, random)| {
                schedule.next(after.map(|after| Duration::from_secs(after % 100)), elapsed % 400, random)
            });
            let pauses: Vec<_> = pauses.collect();
            prop_assert!(pauses.len() < MAX_ATTEMPTS as usize);
            prop_assert!(pauses.iter().sum::<Duration>() <= MAX_TOTAL);
        }

        #[test]
        fn pauses_grow_within_their_limits(randoms in proptest::collection::vec(any::<u64>(), 4)) {
            let mut schedule = Schedule::default();
            let longest = [250, 500, 1000, 2000].map(Duration::from_millis);
            for (random, longest) in randoms.into_iter().zip(longest) {
                prop_assert!(schedule.next(None, 0, random).is_some_and(|pause| pause <= longest));
            }
            prop_assert_eq!(schedule.next(None, 0, 0), None);
        }

        #[test]
        fn the_service_is_not_asked_before_the_time_it_gave(seconds in 0..=60_u64, random: u64) {
            let after = Duration::from_secs(seconds);
            let pause = Schedule::default().next(Some(after), 0, random);
            prop_assert!(pause.is_some_and(|pause| pause >= after && pause <= after + FIRST_PAUSE));
        }
    }

    #[test]
    fn nobody_waits_for_longer_than_a_minute() {
        let next = |seconds| Schedule::default().next(Some(Duration::from_secs(seconds)), 0, 0);
        assert_eq!((next(60), next(61)), (Some(Duration::from_secs(60)), None));
        assert_eq!(next(u64::MAX), None);
    }

    #[test]
    fn what_may_have_been_carried_out_is_repeated_only_if_that_does_no_harm() {
        let status = |status| ClientError::of_status(StatusCode::from_u16(status).unwrap(), None);
        assert_eq!(advice(Effect::Idempotent, &status(502)), Some(None));
        assert_eq!(advice(Effect::Once, &status(502)), None);
        assert_eq!(advice(Effect::Once, &status(429)), Some(None));
        assert_eq!(advice(Effect::Idempotent, &status(400)), None);
        assert_eq!(advice(Effect::IdempotentChange, &status(502)), Some(None));
        assert_eq!(advice(Effect::Idempotent, &status(500)), Some(None));
        assert_eq!(advice(Effect::IdempotentChange, &status(500)), None);
        assert_eq!(advice(Effect::Once, &status(500)), None);
    }

    #[test]
    fn a_service_that_does_not_answer_is_not_waited_for_five_times() {
        let of = |status| ClientError::of_status(StatusCode::from_u16(status).unwrap(), None);
        assert!(!is_silent(&of(408), MAX_SILENT) && is_silent(&of(408), MAX_SILENT + 1));
        assert!(!is_silent(&of(503), MAX_ELAPSED));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let read = |headers: &[(HeaderName, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
            retry_after(&headers.collect(), 784_111_777).map(|after| after.as_secs())
        };
        let at = |text| (RETRY_AFTER, text);
        assert_eq!(read(&[at("120")]), Some(120));
        assert_eq!(read(&[at("Sun, 06 Nov 1994 08:50:37 GMT")]), Some(60));
        assert_eq!(
            read(&[
                at("Sun, 06 Nov 1994 08:50:37 GMT"),
                (DATE, "Sun, 06 Nov 1994 08:50:07 GMT")
            ]),
            Some(30)
        );
        assert_eq!(read(&[at("Sun, 06 Nov 1994 08:00:00 GMT")]), Some(0), "long past");
        assert_eq!(read(&[at("99999999999999999999999")]), Some(u64::MAX));
        assert_eq!((read(&[at("soon")]), read(&[at("-1")]), read(&[])), (None, None, None));
    }
}
