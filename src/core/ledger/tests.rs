use std::time::Duration;

use super::*;
use crate::core::{
    clock::Timestamp,
    id::MessageId,
    refusal::{Refusal, Rule},
};

const APP: i64 = 7;
const OTHER_APP: i64 = 8;
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LIFE: Duration = Duration::from_mins(5);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const LIMITS: Limits =
    Limits { guesses_per_day: 10, guesses_per_month: 25, guesses_since_success: 100, sends_per_day: 0 };
const ANY_PACE: Pace = Pace { gap: Duration::ZERO, per_10_minutes: 0, per_hour: 0, per_day: 0 };

/// A ledger and the codes it knows of, as the database would keep them.
#[derive(Default)]
struct Target {
    ledger: Ledger,
    codes: Vec<Ending>,
}

impl Target {
    fn send_for(&mut self, app: i64, limits: Limits, pace: Pace, now: Timestamp) -> Result<u8, Refusal> {
        self.ledger.settle(&self.codes, now);
        let message = MessageId(i64::try_from(self.codes.len()).unwrap());
        let tries = self.ledger.admit(Sent { app, scope: None, message }, (now, now + LIFE), 5, (limits, pace))?;
        let code = Ending { message, attempts: 0, max_attempts: tries, verified: false, expires_at: now + LIFE };
        self.codes.push(code);
        Ok(tries)
    }

    fn send_with(&mut self, limits: Limits, pace: Pace, now: Timestamp) -> Result<u8, Refusal> {
        self.send_for(APP, limits, pace, now)
    }

    fn send(&mut self, now: Timestamp) -> Result<u8, Refusal> {
        self.send_with(LIMITS, ANY_PACE, now)
    }

    /// Guesses wrong as often as the newest code allows.
    fn wear_out(&mut self) -> u8 {
        let code = self.codes.last_mut().unwrap();
        code.attempts = code.max_attempts;
        code.attempts
    }
}

#[test]
fn tries_are_reserved_while_a_code_lives_and_come_back_when_it_ends_unused() {
    let mut target = Target::default();
    assert_eq!(target.send(START), Ok(5));
    assert_eq!(target.send(START), Ok(5));
    let refused = target.send(START).unwrap_err();
    assert_eq!((refused.rule, refused.used, refused.limit), (Rule::Guesses, 10, 10));
    assert_eq!(target.send(START + LIFE), Ok(5), "both codes have ended and nobody guessed");
}

#[test]
fn what_was_guessed_counts_from_the_end_of_its_code() {
    let mut target = Target::default();
    for _ in 0..2 {
        target.send(START).unwrap();
        target.wear_out();
    }
    let lifts_at = START + LIFE + DAY;
    let refused = target.send(START + HOUR).unwrap_err();
    assert_eq!((refused.rule, refused.lifts_at), (Rule::Guesses, Some(lifts_at)));
    assert!(target.send(Timestamp::from_millis(lifts_at.millis() - 1)).is_err());
    assert_eq!(target.send(lifts_at), Ok(5));
}

#[test]
fn a_code_gets_what_is_left_when_that_is_less_than_it_may_have() {
    let mut target = Target::default();
    target.send(START).unwrap();
    target.wear_out();
    target.send(START).unwrap();
    target.codes[1].attempts = 2;
    assert_eq!(target.send(START + LIFE), Ok(3));
}

#[test]
fn a_right_code_forgives_the_count_since_the_last_one_but_not_the_days() {
    let limits = Limits { guesses_since_success: 6, ..LIMITS };
    let mut target = Target::default();
    target.send_with(limits, ANY_PACE, START).unwrap();
    target.wear_out();
    assert_eq!(target.send_with(limits, ANY_PACE, START + LIFE), Ok(1), "one of six is left");
    target.codes[1].attempts = 1;
    target.codes[1].verified = true;
    assert_eq!(target.send_with(limits, ANY_PACE, START + LIFE), Ok(5));
}

#[test]
fn too_many_wrong_guesses_without_a_right_one_lift_by_no_time() {
    let limits = Limits { guesses_since_success: 5, ..LIMITS };
    let mut target = Target::default();
    target.send_with(limits, ANY_PACE, START).unwrap();
    target.wear_out();
    let refused = target.send_with(limits, ANY_PACE, START + DAY * 365).unwrap_err();
    assert_eq!(refused, Refusal { rule: Rule::Locked, used: 5, limit: 5, lifts_at: None });
}

#[test]
fn sends_keep_their_pace_whatever_becomes_of_the_codes() {
    let pace = Pace { gap: Duration::from_mins(1), per_10_minutes: 3, per_hour: 5, per_day: 10 };
    let mut target = Target::default();
    let (mut now, mut sent) = (START, vec![]);
    while now < START + DAY {
        if target.send_with(Limits::NONE, pace, now).is_ok() {
            sent.push(u64::try_from(now.millis() - START.millis()).unwrap() / 60_000);
        }
        now = now + Duration::from_secs(30);
    }
    assert_eq!(sent, [0, 1, 2, 10, 11, 60, 61, 62, 70, 71]);
    let refused = target.send_with(Limits::NONE, pace, now).map_err(|refused| refused.rule);
    assert_eq!(refused, Ok(5), "the first one is a day old");
}

#[test]
fn a_send_that_was_not_written_does_not_count() {
    let pace = Pace { gap: Duration::from_mins(1), ..ANY_PACE };
    for limits in [LIMITS, Limits::NONE] {
        let mut target = Target::default();
        assert_eq!(target.send_with(limits, pace, START), Ok(5));
        assert!(target.send_with(limits, pace, START).is_err());
        target.codes.clear();
        assert_eq!(target.send_with(limits, pace, START), Ok(5));
    }
}

/// A scope counts its own sends; what has none counts those of the whole application.
#[test]
fn a_scope_of_an_application_keeps_a_pace_of_its_own() {
    let pace = Pace { per_hour: 2, ..ANY_PACE };
    let mut ledger = Ledger::default();
    let mut nth = 0;
    let mut send = |scope, now| {
        nth += 1;
        let sent = Sent { app: APP, scope, message: MessageId(nth) };
        ledger.admit(sent, (now, now + LIFE), 0, (Limits::NONE, pace)).map_err(|refused| refused.rule)
    };
    let minute = |nth| START + Duration::from_mins(nth);
    assert_eq!([0, 1, 2].map(|nth| send(Some(1), minute(nth))), [Ok(0), Ok(0), Err(Rule::Sends)]);
    assert_eq!(send(Some(2), minute(3)), Ok(0));
    assert_eq!(send(None, minute(4)), Err(Rule::Sends), "three in this hour");
    let hour = Window { most: 2, span: HOUR };
    let shown = |scope| ledger.paced((APP, scope), pace, minute(5));
    assert_eq!(shown(Some(1)), [(hour, 2, Some(minute(60)))]);
    assert_eq!(shown(Some(2)), [(hour, 1, Some(minute(63)))]);
    assert_eq!(shown(Some(3)), [(hour, 0, None)]);
    assert_eq!(shown(None), [(hour, 3, Some(minute(60)))]);
}

#[test]
fn a_refusal_names_its_rule_its_count_and_its_end() {
    let pace = Pace { gap: Duration::from_mins(1), ..ANY_PACE };
    let mut target = Target::default();
    target.send_with(LIMITS, pace, START).unwrap();
    let refused = target.send_with(LIMITS, pace, START + Duration::from_secs(59)).unwrap_err();
    let lifts_at = Some(START + Duration::from_mins(1));
    assert_eq!(refused, Refusal { rule: Rule::Gap, used: 1, limit: 1, lifts_at });
}

#[test]
fn a_code_that_goes_on_as_another_message_keeps_what_it_had_left() {
    let mut target = Target::default();
    target.send(START).unwrap();
    let pair = (MessageId(0), MessageId(1));
    assert_eq!(target.ledger.renew(pair, (START, START + LIFE), (LIMITS, ANY_PACE)), Ok(Some(5)));
    assert_eq!(target.ledger.open().collect::<Vec<_>>(), [MessageId(1)]);
    assert_eq!(target.ledger.renew(pair, (START, START + LIFE), (LIMITS, ANY_PACE)), Ok(None), "it has ended");
}

#[test]
fn a_send_that_was_never_written_costs_nothing() {
    let mut target = Target::default();
    target.send(START).unwrap();
    target.codes.clear();
    assert_eq!(target.send(START), Ok(5));
    assert_eq!(target.send(START), Ok(5), "the first one is forgotten");
}

#[test]
fn one_that_was_never_written_is_told_from_one_whose_message_has_gone() {
    let limits = Limits { guesses_per_month: 6, ..Limits::NONE };
    for (day, left) in [(28, Ok(5)), (29, Ok(1))] {
        let mut target = Target::default();
        target.send_with(limits, ANY_PACE, START).unwrap();
        target.codes.clear();
        assert_eq!(target.send_with(limits, ANY_PACE, START + DAY * day), left, "after {day} days");
    }
}

#[test]
fn a_ledger_is_empty_when_nothing_in_it_counts_any_more() {
    let mut target = Target::default();
    target.send(START).unwrap();
    let empty_at = |target: &mut Target, now| {
        target.ledger.settle(&target.codes, now);
        target.ledger.is_empty()
    };
    assert!(!empty_at(&mut target, Timestamp::from_millis((START + DAY).millis() - 1)));
    assert!(empty_at(&mut target, START + DAY));
    target.send(START + DAY).unwrap();
    target.wear_out();
    assert!(!empty_at(&mut target, START + DAY * 365), "there was no right one since");
    target.ledger.forgive(APP, START + DAY * 365);
    assert!(empty_at(&mut target, START + DAY * 365));
}

#[test]
fn applications_share_the_sends_of_a_day_and_nothing_else() {
    let limits = Limits { sends_per_day: 3, guesses_per_day: 5, ..Limits::NONE };
    let pace = Pace { per_hour: 1, ..ANY_PACE };
    let mut target = Target::default();
    target.send_for(APP, limits, pace, START).unwrap();
    target.wear_out();
    assert_eq!(target.send_for(OTHER_APP, limits, pace, START), Ok(5), "its own pace, and its own guesses");
    let later = START + HOUR;
    assert_eq!(target.send_for(OTHER_APP, limits, pace, later), Ok(5));
    let refused = target.send_for(9, limits, pace, later).unwrap_err();
    assert_eq!(refused, Refusal { rule: Rule::Sends, used: 3, limit: 3, lifts_at: Some(START + DAY) });
}

#[test]
fn who_is_forgiven_in_one_application_is_still_guessed_at_in_another() {
    let limits = Limits { sends_per_day: 2, guesses_per_day: 5, guesses_since_success: 5, ..Limits::NONE };
    let mut target = Target::default();
    for app in [APP, OTHER_APP] {
        target.send_for(app, limits, ANY_PACE, START).unwrap();
        target.wear_out();
    }
    let later = START + HOUR;
    assert_eq!(target.send_for(APP, limits, ANY_PACE, later).unwrap_err().rule, Rule::Sends);
    target.ledger.forgive(APP, later);
    assert_eq!(target.send_for(OTHER_APP, limits, ANY_PACE, later).unwrap_err().rule, Rule::Guesses);
    assert_eq!(target.send_for(APP, limits, ANY_PACE, later), Ok(5));
}

/// Each application may have as many as any limit allows, whatever others send.
#[test]
fn what_one_application_sends_pushes_nothing_of_another_out() {
    let pace = Pace { per_day: 1, ..ANY_PACE };
    let mut target = Target::default();
    target.send_for(OTHER_APP, Limits::NONE, pace, START).unwrap();
    for _ in 0..100 {
        target.send_for(APP, Limits::NONE, ANY_PACE, START).unwrap();
    }
    assert_eq!(target.send_for(OTHER_APP, Limits::NONE, pace, START).unwrap_err().rule, Rule::Sends);
    let limits = Limits { sends_per_day: Limits::MOST, ..Limits::NONE };
    assert_eq!(target.send_for(APP, limits, ANY_PACE, START).unwrap_err().used, 65, "no more are kept than count");
}

/// Whoever sends and guesses as soon as it is allowed, for a year (security A2).
#[test]
fn the_greedy_attacker_gets_ten_a_day_twentyfive_a_month_and_a_hundred_in_all() {
    let mut target = Target::default();
    let (mut now, mut misses) = (START, vec![]);
    while now < START + DAY * 365 {
        if target.send(now).is_ok() {
            misses.extend(std::iter::repeat_n(now, target.wear_out().into()));
        }
        now = now + Duration::from_mins(10);
    }
    let most = |span: Duration| {
        let within = |first: &Timestamp| misses.iter().filter(|at| **at >= *first && **at < *first + span).count();
        misses.iter().map(within).max()
    };
    assert_eq!((most(DAY), most(DAY * 30), misses.len()), (Some(10), Some(25), 100));
}

/// The negative control: a limit for each code alone.
#[test]
fn with_a_limit_for_each_code_only_the_attacker_goes_on_for_ever() {
    let (mut target, mut now, mut misses) = (Target::default(), START, 0_u32);
    while now < START + DAY {
        if target.send_with(Limits::NONE, ANY_PACE, now).is_ok() {
            misses += u32::from(target.wear_out());
        }
        now = now + Duration::from_mins(10);
    }
    assert_eq!(misses, 144 * 5);
}
