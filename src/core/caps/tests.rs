use super::*;
use crate::core::{
    clock::Timestamp,
    rate::{Window, Windows},
    refusal::Refusal,
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Those of the security guide, for two countries.
fn guide() -> Caps {
    let countries = Countries { listed: [("SG".to_owned(), 50), ("DE".to_owned(), 5000)].into(), others: None };
    Caps { prefix_per_hour: 10, prefix_per_day: 50, countries, app_per_second: 20, app_per_day: 10_000 }
}

fn to(text: &str) -> Recipient {
    Recipient::parse(text).unwrap()
}

fn seen(caps: &Caps, text: &str) -> Option<Vec<(Rule, String, u32, u64)>> {
    let recipient = to(text);
    let caps = caps.on(&recipient).ok()?;
    Some(caps.iter().map(|cap| (cap.rule, cap.subject.to_owned(), cap.most, cap.span.as_secs())).collect())
}

#[test]
fn a_phone_counts_for_its_prefix_its_country_and_the_application_and_mail_for_the_last_alone() {
    let app = [(Rule::App, String::new(), 40, 2), (Rule::App, String::new(), 10_000, 86_400)];
    let phone = [
        (Rule::Prefix, "+659876".to_owned(), 10, 3600),
        (Rule::Prefix, "+659876".to_owned(), 50, 86_400),
        (Rule::Country, "SG".to_owned(), 50, 86_400),
    ];
    assert_eq!(seen(&guide(), "+6598765432"), Some(phone.into_iter().chain(app.clone()).collect()));
    assert_eq!(seen(&guide(), "j@example.com"), Some(app.into()));
    assert_eq!(seen(&Caps::default(), "+6598765432"), Some(vec![]), "nothing is counted that nothing limits");
}

#[test]
fn a_list_of_countries_closes_all_others_unless_it_has_a_word_for_them() {
    assert_eq!(seen(&guide(), "+33612345678"), None);
    let countries = Countries { others: Some(7), ..guide().countries };
    let open = Caps { countries, ..Caps::default() };
    assert_eq!(seen(&open, "+33612345678"), Some(vec![(Rule::Country, "FR".to_owned(), 7, 86_400)]));
    let any = Countries { listed: [("FR".to_owned(), 0)].into(), others: None };
    let any = Caps { countries: any, ..Caps::default() };
    assert_eq!((seen(&any, "+33612345678"), seen(&any, "+6598765432")), (Some(vec![]), None));
}

/// What the store does with a send: it counts in its windows, and in none when one is full.
#[derive(Default)]
struct Server {
    windows: Windows,
    by_subject: HashMap<(Rule, String, Duration), i64>,
}

impl Server {
    fn send(&mut self, caps: &Caps, recipient: &Recipient, now: Timestamp) -> Result<(), Option<Refusal>> {
        let mut counted = vec![];
        for cap in caps.on(recipient).map_err(|Closed| None)? {
            let next = i64::try_from(self.by_subject.len()).unwrap();
            let key = *self.by_subject.entry((cap.rule, cap.subject.to_owned(), cap.span)).or_insert(next);
            counted.push(Counted { rule: cap.rule, key, times: 1, most: cap.most, span: cap.span });
        }
        let found = counted.iter().map(|one| (one.key, self.found(one, now)));
        Tally::new(found.collect::<Vec<_>>()).admit(&counted).map_err(Some)?;
        for one in counted {
            self.windows.charge(one.key, 1, one.span, now).unwrap();
        }
        Ok(())
    }

    fn found(&self, counted: &Counted, now: Timestamp) -> Window {
        self.windows.get(counted.key, now).unwrap_or(Window { used: 0, until: now + counted.span })
    }
}

#[test]
fn what_is_refused_by_a_narrow_cap_leaves_the_wide_ones_to_others() {
    let caps = Caps { prefix_per_hour: 2, app_per_day: 4, ..Caps::default() };
    let mut server = Server::default();
    let mut send = |text: &str| server.send(&caps, &to(text), START).map_err(|refusal| refusal.unwrap());
    assert_eq!([send("+6598765430"), send("+6598765431")], [Ok(()); 2]);
    for _ in 0..10 {
        let refused = Refusal { rule: Rule::Prefix, used: 2, limit: 2, lifts_at: Some(START + HOUR) };
        assert_eq!(send("+6598765432"), Err(refused));
    }
    assert_eq!([send("+6598770000"), send("+6598780000")], [Ok(()); 2]);
    assert_eq!(send("+6598790000").unwrap_err().rule, Rule::App);
}

/// Somebody is paid for messages to three ranges and two countries, and asks for 5,000 of them in a day, between 1,000 people
/// who come once each (security C1).
fn pumped(caps: &Caps) -> (u32, u32) {
    let (mut server, mut fraud, mut refused) = (Server::default(), 0, 0);
    let pace = Duration::from_secs(17);
    for nth in 0..5000_u32 {
        let now = START + pace * nth;
        let (range, width) = [("+659876", 4), ("+491511234", 4), ("+336123", 5)][nth as usize % 3];
        let number = format!("{range}{:0width$}", nth % 10_000);
        fraud += u32::from(server.send(caps, &to(&number), now).is_ok());
        if nth % 5 == 0 {
            // Their numbers are spread as numbers are: hardly two share all but their last four digits.
            let person = format!("+49160{:04}{:03}", nth * 7 % 10_000, nth % 1000);
            refused += u32::from(server.send(caps, &to(&person), now).is_err());
        }
    }
    (fraud, refused)
}

#[test]
fn pumping_is_kept_below_two_percent_and_people_are_sent_to() {
    let (fraud, refused) = pumped(&guide());
    assert!(fraud <= 100, "{fraud} of 5000 were sent");
    assert!(refused < 10, "{refused} of 1000 people were refused");
}

/// The negative control.
#[test]
fn without_caps_all_of_it_is_sent() {
    assert_eq!(pumped(&Caps::default()), (5000, 0));
}
