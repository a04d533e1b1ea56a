//! The tables of errors in `docs/providers.md`, so that tests can hold the code against them.

/// Number of the row and the provider's codes in it, below the heading.
pub(super) fn rows(heading: &str) -> Vec<(i16, Vec<u64>)> {
    let page = include_str!("../../docs/providers.md");
    let (_, section) = page.split_once(&format!("### {heading}\n")).unwrap();
    let section = section.split("\n##").next().unwrap();
    let rows: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("| 50").map(row)).collect();
    assert!(rows.len() > 3, "no table below {heading}");
    rows
}

fn row(line: &str) -> (i16, Vec<u64>) {
    let (number, codes) = line.trim_end_matches(" |").split_once(" | ").unwrap();
    let code = |text: &str| match text.trim().strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
        None => text.trim().parse().unwrap(),
    };
    let codes = codes.split(',').flat_map(|part| {
        let (first, last) = part.split_once(" to ").unwrap_or((part, part));
        code(first)..=code(last)
    });
    (5000 + number.parse::<i16>().unwrap(), codes.collect())
}
