//! The conditional statement against the pure machine it stands for: whatever is asked in whatever order, both say the
//! same.

use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use verifyd::{
    core::{
        clock::Clock,
        verification::{Guess, State, Verification},
    },
    store::batch::Answered,
};

use crate::{
    place::{Place, seed},
    samples::{APP, Bench, LIFE, RIGHT, WRONG, guess, made_at},
};

const SEQUENCES: usize = 250;

on_both_databases!(threads: 1; the_statement_does_what_the_machine_says);

/// One thing that is done to a message.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A guess.
    Guess { right: bool },
    /// Two guesses that share a flush.
    Twice { right: bool },
    /// A right guess by another application.
    Foreign,
    /// Right up to the last instant of the code's life.
    LastInstant,
    /// The end of the code's life.
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    proptest::prop_oneof![
        2 => proptest::strategy::Just(Step::Guess { right: true }),
        8 => proptest::strategy::Just(Step::Guess { right: false }),
        3 => any::<bool>().prop_map(|right| Step::Twice { right }),
        1 => proptest::strategy::Just(Step::Foreign),
        1 => proptest::strategy::Just(Step::LastInstant),
        1 => proptest::strategy::Just(Step::Expire),
    ]
}

async fn the_statement_does_what_the_machine_says(place: Place) {
    let bench = Bench::at(&place).await;
    let seed = seed();
    println!("{SEQUENCES} sequences, RACES_SEED={seed}");
    let bytes: Vec<u8> = seed.to_be_bytes().repeat(4);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let sequences = (1..=5u8, vec(step(), 1..12));
    let mut guesses = 0;
    for sequence in 0..SEQUENCES {
        let (max_guesses, steps) = sequences.new_tree(&mut runner).unwrap().current();
        guesses += run(&bench, i64::try_from(sequence).unwrap() * 1000, max_guesses, &steps).await;
    }
    assert!(guesses > SEQUENCES, "hardly anything was compared");
}

/// Runs one sequence; the number of answers that were the same.
async fn run(bench: &Bench, first_event: i64, max_guesses: u8, steps: &[Step]) -> usize {
    let now = bench.now();
    let id = verifyd::core::id::first_at(now) + first_event;
    let mut message = made_at(now, id, None);
    message.max_attempts = max_guesses;
    let mut machine = Verification { expires_at: now + LIFE, max_guesses, state: State::Pending { wrong_guesses: 0 } };
    bench.send(message).await;
    let (mut same, mut attempts) = (0, 0);
    for (place, step) in (1i64..).step_by(2).zip(steps) {
        let writer = bench.store.writer();
        let ask = |place, right| writer.guess(guess(id + place, id, if right { RIGHT } else { WRONG }));
        let answers: Vec<Option<Answered>> = match *step {
            Step::Guess { right } => vec![ask(place, right).await.unwrap()],
            Step::Twice { right } => {
                let (first, second) = tokio::join!(ask(place, right), ask(place + 1, right));
                vec![first.unwrap(), second.unwrap()]
            }
            Step::Foreign => {
                let attempt = verifyd::store::batch::Attempt { app: APP + 1, ..guess(id + place, id, RIGHT) };
                assert_eq!(writer.guess(attempt).await.unwrap(), None, "{steps:?}");
                continue;
            }
            Step::LastInstant | Step::Expire => {
                let left = machine.expires_at.since(bench.now());
                let left = if matches!(step, Step::Expire) {
                    left
                } else {
                    left.saturating_sub(std::time::Duration::from_millis(1))
                };
                bench.clock.advance(left);
                continue;
            }
        };
        let right = matches!(step, Step::Guess { right: true } | Step::Twice { right: true });
        for answer in answers {
            let guess = machine.guess(right, bench.clock.now());
            attempts += u8::from(matches!(guess, Guess::Accepted | Guess::Wrong { .. }));
            assert_eq!(answer, Some(Answered { guess, attempts }), "{max_guesses} guesses, {steps:?}");
            same += 1;
        }
    }
    same
}
