mod addresses;
mod refused;

use proptest::prelude::*;

use self::{addresses::ADDRESSES, refused::REFUSED};
use super::*;

fn read(text: &str) -> Option<String> {
    Email::parse(text).ok().map(String::from)
}

fn key(text: &str) -> String {
    Email::parse(text).unwrap().counter_key()
}

#[test]
fn mail_goes_to_the_address_as_given_at_its_one_domain_and_counts_for_the_person() {
    for (given, delivered, key) in ADDRESSES {
        assert_eq!(read(given).as_deref(), Some(delivered), "{given:?}");
        assert_eq!(Email::parse(given).unwrap().counter_key(), key, "{given:?}");
    }
}

#[test]
fn bad_addresses_are_refused() {
    let label = "a".repeat(63);
    let too_long = [
        format!("{}@example.com", "a".repeat(65)),
        format!("a@{label}.{label}.{label}.{label}.com"),
        format!("a@{}.com", "a".repeat(64)),
    ];
    for text in REFUSED.into_iter().chain(too_long.iter().map(String::as_str)) {
        assert_eq!(read(text), None, "{text:?}");
    }
}

#[test]
fn the_longest_local_part_is_read() {
    assert!(read(&format!("{}@example.com", "a".repeat(64))).is_some());
}

/// A dot-atom with tags, or nothing but one.
const LOCAL: &str = r"[A-Za-z0-9!_'-]{1,6}(\.[A-Za-z0-9=&]{1,4}){0,3}(\+[A-Za-z0-9+]{0,4}){0,2}|\+\.?[A-Za-z]{1,5}";
const DOMAIN: &str =
    r"(g|G)mail\.com|Google(m|M)ail\.com|[a-z]{1,9}\.(com|co\.uk|Museum)|B\x{fc}cher\.com|\x{4f8b}\x{3048}\.jp";

proptest! {
    #[test]
    fn the_spelling_of_a_spelling_is_its_own(local in LOCAL, domain in DOMAIN) {
        let email = Email::parse(&format!("{local}@{domain}")).unwrap();
        prop_assert_eq!(email.parts().0, &local);
        prop_assert!(Email::parse(email.as_str()).as_ref() == Ok(&email));
        prop_assert_eq!(key(&email.counter_key()), email.counter_key());
    }

    #[test]
    fn a_person_is_the_same_with_large_letters_and_a_tag(person in "[a-z0-9]{1,6}(\\.[a-z0-9]{1,4}){0,3}", tag in "[a-z0-9+]{0,5}") {
        let large = person.to_uppercase();
        prop_assert_eq!(key(&format!("{large}+{tag}@Example.com")), format!("{person}@example.com"));
        prop_assert_eq!(key(&format!("{large}+{tag}@GoogleMail.com")), format!("{}@gmail.com", person.replace('.', "")));
    }
}

#[test]
fn masks_show_a_letter_and_the_domain() {
    let mask = |text: &str| Email::parse(text).unwrap().masked();
    assert_eq!(mask("jane@example.com"), "j•••@example.com");
    assert_eq!(mask("j@example.com"), "•••@example.com");
}
