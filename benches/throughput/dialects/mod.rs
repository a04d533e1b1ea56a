//! What the four APIs cost beside each other, and what the limits cost that they share.

mod face;
mod mails;
mod traffic;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use face::{Client, Face};

use crate::{
    Fallible,
    book::{Book, Case, Figure, Operation, Subject},
    phases::Running,
    postgres::Postgres,
    product::{Installation, create_mail},
    report,
    run::{Extent, GOAL_CONNECTIONS},
};

/// Every limit of a recipient that a new installation has, and every request rate, far beyond what one client can ask. The caps of an
/// application stay off, as they are in a new installation.
const LIMITED: &str = r#"
[engagelab]
rate_per_minute = 1000000000
[mailpass]
rate_per_minute = 1000000000
[airtexts]
rate_per_minute = 1000000000
[optora]
enabled = true
app = "bench"
max_requests = 1000000000
"#;
/// No limit of a recipient is on.
const UNLIMITED: &str = "
[engagelab]
pace = { gap = \"0s\", per_10_minutes = 0, per_hour = 0, per_day = 0 }
[limits]
accept_risk = true
guesses_per_day = 0
guesses_per_month = 0
guesses_since_success = 0
sends_per_day = 0
";

const MOST_CPU: f64 = 1.15;
const LEAST_RATE: f64 = 0.75;
const HEADER: [&str; 7] = ["figure", "compared with", "goal", "measured", "the other", "ratio (range)", "met"];

type Row = [String; 7];

/// Measures and prints.
pub(crate) fn measure(binary: &Path, postgres: &Postgres, extent: Extent) -> Fallible<()> {
    let mut rows = Vec::new();
    for subject in [Subject::Sqlite, Subject::Postgres] {
        rows.extend(measure_on(subject, &Sides::start(binary, postgres, subject)?, extent)?);
    }
    let title = "## The APIs beside each other, and what the limits cost\n\nMedians of the per-round ratios.\n\n";
    report::keep("dialects.md", &(title.to_owned() + &report::table(&HEADER, &rows)))
}

/// The servers of one database. What limits cost is seen where nothing else differs: neither server has answered other APIs.
struct Sides {
    all: Side,
    limited: Side,
    unlimited: Side,
}

impl Sides {
    fn start(binary: &Path, postgres: &Postgres, subject: Subject) -> Fallible<Self> {
        let start = |name, more, faces| Side::start(binary, postgres, subject, name, more, faces);
        Ok(Self {
            all: start("dialects", LIMITED, &Face::ALL)?,
            limited: start("limited", LIMITED, &[Face::Sms])?,
            unlimited: start("unlimited", UNLIMITED, &[Face::Sms])?,
        })
    }
}

/// A running server and those who ask it.
struct Side {
    running: Running,
    clients: Vec<Arc<Client>>,
}

impl Side {
    fn start(
        binary: &Path,
        postgres: &Postgres,
        subject: Subject,
        name: &str,
        more: &str,
        faces: &[Face],
    ) -> Fallible<Self> {
        let (installation, database) = match subject {
            Subject::Postgres => (Installation::on_postgres_with(binary, name, postgres, more)?, postgres.pid()),
            _ => (Installation::on_sqlite_with(binary, name, more)?, None),
        };
        let headers = faces.iter().map(|face| face.headers(&installation)).collect::<Fallible<Vec<_>>>()?;
        let running = Running::start(installation, database)?;
        let templates = running.installation.request(&running.server, "/v1/template-configs");
        for (id, html) in face::MAILS {
            create_mail(&running.server, &templates, id, html)?;
        }
        let clients = faces.iter().zip(headers);
        let clients = clients.map(|(face, headers)| Arc::new(Client::new(*face, &headers, &running.server))).collect();
        Ok(Self { running, clients })
    }

    /// A window of every client, each noted in a book of its own.
    fn round(&self, subject: Subject, window: Duration, books: &mut Books) -> Fallible<()> {
        for client in &self.clients {
            let (sent, verified) = traffic::send_then_verify(&self.running, client, window)?;
            let book = books.entry(client.face.title()).or_default();
            book.note(case(subject, Operation::Send), sent);
            book.note(case(subject, Operation::Verify), verified);
        }
        Ok(())
    }
}

/// By whose client it was.
type Books = BTreeMap<&'static str, Book>;

/// What CPU costs changes with what the machine's other guests do: what is compared is asked in turn, by many short windows
/// instead of a few long ones. So many more rounds than elsewhere, of half the time: the median of a dozen still lay a tenth
/// away from that of another dozen.
const FINER: usize = 10;

fn measure_on(subject: Subject, sides: &Sides, extent: Extent) -> Fallible<Vec<Row>> {
    let (rounds, window) = (extent.rounds * FINER, extent.window / 2);
    let (mut all, mut with, mut without) = (Books::new(), Books::new(), Books::new());
    for nth in 0..=rounds {
        println!("{subject:?}: round {nth} of {rounds}");
        sides.all.round(subject, window, &mut all)?;
        sides.limited.round(subject, window, &mut with)?;
        sides.unlimited.round(subject, window, &mut without)?;
        if nth == 0 {
            // Pages, plans and pools are to be warm: what the first showed is thrown away.
            (all, with, without) = (Books::new(), Books::new(), Books::new());
        }
    }
    let mut rows = Vec::new();
    for operation in [Operation::Send, Operation::Verify] {
        let dialects = Face::ALL.into_iter().filter(|face| *face != face.compared_with());
        rows.extend(dialects.map(|face| cost(case(subject, operation), face, &all)));
        rows.push(limits(case(subject, operation), &with, &without));
    }
    Ok(rows)
}

/// CPU of a request; of a send, until its code was handed over.
fn cost(case: Case, face: Face, books: &Books) -> Row {
    let cpu: Figure = match case.operation {
        Operation::Send => |shown| shown.cpu_delivered,
        _ => |shown| shown.cpu,
    };
    let figure = format!("server CPU, {} {:?}, {:?}", face.title(), case.operation, case.subject);
    // CPU seconds per thousand are milliseconds each.
    let show = |cpu: f64| format!("{:.1} us", cpu * 1000.0);
    let other = face.compared_with();
    row(
        [figure, other.title().to_owned(), format!("<= {MOST_CPU} x")],
        (case, cpu),
        show,
        (&books[face.title()], &books[other.title()]),
        |ratio| ratio <= MOST_CPU,
    )
}

/// Requests per second with the limits against those without.
fn limits(case: Case, with: &Books, without: &Books) -> Row {
    let figure = format!("requests with limits, {:?}, {:?}", case.operation, case.subject);
    let rate: Figure = |shown| Some(shown.rate);
    let show = |rate: f64| format!("{rate:.0}/s");
    let title = Face::Sms.title();
    row(
        [figure, "without limits".to_owned(), format!(">= {LEAST_RATE} x")],
        (case, rate),
        show,
        (&with[title], &without[title]),
        |ratio| ratio >= LEAST_RATE,
    )
}

fn row(
    [figure, compared, goal]: [String; 3],
    (case, shown): (Case, Figure),
    show: fn(f64) -> String,
    (above, below): (&Book, &Book),
    met: impl FnOnce(f64) -> bool,
) -> Row {
    let measured = |book: &Book| book.median(case, shown).map_or_else(|| "-".to_owned(), show);
    let (ratio, met) = above.ratio_to((case, shown), below, (case, shown)).map_or(("-".to_owned(), "-"), |spread| {
        let ratio = format!("{:.2} ({:.2}-{:.2})", spread.median, spread.low, spread.high);
        (ratio, if met(spread.median) { "yes" } else { "no" })
    });
    [figure, compared, goal, measured(above), measured(below), ratio, met.to_owned()]
}

fn case(subject: Subject, operation: Operation) -> Case {
    Case { subject, operation, connections: GOAL_CONNECTIONS }
}
