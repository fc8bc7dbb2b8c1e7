//! Scripts: their form, and which step is whose.

use std::{str::FromStr, time::Duration};

use axum::http::StatusCode;

use super::{adversarial_json::Kind, canned::Canned};

/// Suffix of a redirected request's name; it does not count against the name's length.
pub(super) const REDIRECTED: &str = "-redirected";

/// Pattern of a name.
pub(super) const NAME_HELP: &str = "A name is 1 to 64 of the characters A-Z, a-z, 0-9, _ and -.";

/// Pattern of a step.
const STEP_HELP: &str = "A script is NAME:STEP,STEP,… and a step one of ok, delay-MS (600000 at most), \
    drop-before, drop-after, drop-inside, hang, stall, truncated, garbage, html, html-502, empty, shape, null, \
    401, 429, 429-SECONDS, 500, 502, 503, 503-SECONDS, 504, redirect, hostile-deep, hostile-huge, \
    hostile-types, hostile-duplicates, hostile-numbers.";

const NAME_LENGTH: usize = 64;
const DELAY: Duration = Duration::from_secs(600);

/// The fate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Ok,
    Delay(Duration),
    DropBefore,
    DropAfter,
    DropInside,
    Hang,
    Stall,
    Truncated,
    Redirect,
    Hostile(Kind),
    /// A response that does not depend on the request.
    Canned(Canned),
}

/// A name and its steps, of which there is at least one.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) name: String,
    first: Step,
    later: Vec<Step>,
}

impl Scenario {
    /// The step of the name's first request, which is number 0, or of a later one.
    pub(super) fn step(&self, number: u64) -> Step {
        let later = usize::try_from(number).unwrap_or(usize::MAX).checked_sub(1);
        let step = later.and_then(|later| self.later.get(later).or(self.later.last()));
        *step.unwrap_or(&self.first)
    }
}

/// Fails with a sentence that says what it should be.
impl FromStr for Scenario {
    type Err = &'static str;

    fn from_str(script: &str) -> Result<Self, Self::Err> {
        let (name, steps) = script.split_once(':').ok_or(STEP_HELP)?;
        if !is_name(name) {
            return Err(NAME_HELP);
        }
        let mut steps = steps.split(',').map(|step| parse_step(step).ok_or(STEP_HELP));
        let first = steps.next().ok_or(STEP_HELP)??;
        Ok(Self { name: name.to_owned(), first, later: steps.collect::<Result<_, _>>()? })
    }
}

pub(super) fn is_name(name: &str) -> bool {
    let own = name.strip_suffix(REDIRECTED).unwrap_or(name);
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=NAME_LENGTH).contains(&own.len()) && own.bytes().all(is_of_a_name)
}

fn parse_step(step: &str) -> Option<Step> {
    let failed = |status| Some(Step::Canned(Canned::Failed(status)));
    match step {
        "ok" => Some(Step::Ok),
        "drop-before" => Some(Step::DropBefore),
        "drop-after" => Some(Step::DropAfter),
        "drop-inside" => Some(Step::DropInside),
        "hang" => Some(Step::Hang),
        "stall" => Some(Step::Stall),
        "truncated" => Some(Step::Truncated),
        "redirect" => Some(Step::Redirect),
        "garbage" => Some(Step::Canned(Canned::Garbage)),
        "html" => Some(Step::Canned(Canned::Html(StatusCode::OK))),
        "html-502" => Some(Step::Canned(Canned::Html(StatusCode::BAD_GATEWAY))),
        "empty" => Some(Step::Canned(Canned::Empty)),
        "shape" => Some(Step::Canned(Canned::Shape)),
        "null" => Some(Step::Canned(Canned::Null)),
        "401" => Some(Step::Canned(Canned::Unauthorized)),
        "429" => Some(Step::Canned(Canned::RateLimited(None))),
        "500" => failed(StatusCode::INTERNAL_SERVER_ERROR),
        "502" => failed(StatusCode::BAD_GATEWAY),
        "503" => Some(Step::Canned(Canned::Busy(None))),
        "504" => failed(StatusCode::GATEWAY_TIMEOUT),
        _ => {
            let (kind, value) = step.split_once('-')?;
            match kind {
                "delay" => {
                    let delay = Duration::from_millis(number(value)?.into());
                    (delay <= DELAY).then_some(Step::Delay(delay))
                }
                "429" => Some(Step::Canned(Canned::RateLimited(Some(number(value)?)))),
                "503" => Some(Step::Canned(Canned::Busy(Some(number(value)?)))),
                "hostile" => Kind::parse(value).map(Step::Hostile),
                _ => None,
            }
        }
    }
}

/// Digits and nothing else, where Rust would take a sign.
fn number(digits: &str) -> Option<u32> {
    if digits.starts_with('+') { None } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Canned, STEP_HELP, Scenario, Step, is_name, parse_step};

    #[test]
    fn each_request_has_its_step_and_the_last_one_repeats() {
        let script: Scenario = "a:503,delay-20,ok".parse().unwrap();
        let steps = [0, 1, 2, 3, u64::MAX].map(|number| script.step(number));
        let busy = Step::Canned(Canned::Busy(None));
        assert_eq!(steps, [busy, Step::Delay(Duration::from_millis(20)), Step::Ok, Step::Ok, Step::Ok]);
        let script: Scenario = "a:hang".parse().unwrap();
        assert_eq!([0, 1, 2].map(|number| script.step(number)), [Step::Hang; 3]);
    }

    #[test]
    fn the_help_lists_every_step() {
        let (_, steps) = STEP_HELP.trim_end_matches('.').split_once("one of ").unwrap();
        for step in steps.replace(" (600000 at most)", "").split(", ") {
            let step = step.trim().replace("MS", "600000").replace("SECONDS", "7");
            assert!(parse_step(&step).is_some(), "{step}");
        }
        assert_eq!(steps.split(", ").count(), 28);
    }

    #[test]
    fn what_is_no_script_is_refused() {
        for script in [
            "",
            "a",
            ":ok",
            "a:",
            "a:ok,",
            "a:,ok",
            "a:OK",
            "a: ok",
            "a:ok:ok",
            "a:delay",
            "a:delay-",
            "a:delay-x",
            "a:delay--1",
            "a:delay-+1",
            "a:delay-600001",
            "a:delay-99999999999",
            "a:503-",
            "a:429-1.5",
            "a:500-1",
            "a:hostile-",
            "a:hostile-x",
            "a:html-500",
            "a b:ok",
            "é:ok",
            "a/b:ok",
        ] {
            assert!(script.parse::<Scenario>().is_err(), "{script}");
        }
    }

    #[test]
    fn a_redirected_name_may_be_longer() {
        let longest = "x".repeat(64);
        assert!(is_name(&longest) && is_name(&format!("{longest}-redirected")));
        assert!(!is_name(&format!("{longest}x")) && !is_name("-redirected") && !is_name(""));
        assert!(is_name("A-z_09"));
    }
}
