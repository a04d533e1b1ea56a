//! What the error codes of the Cloud API mean (developers.facebook.com, "Error codes"), of its answers and reports alike.

use crate::channel::Refusal;

/// Codes that say "later", not "never": limits of requests, and Meta's own trouble.
pub(super) const LATER: [u64; 9] = [1, 2, 4, 80007, 130_429, 131_000, 131_016, 131_056, 131_057];

/// The 50xx row of an error code; what is not in the table is [`Refusal::Other`].
pub(super) const fn refusal(code: u64) -> Refusal {
    match code {
        131_021 => Refusal::BadAddress,
        131_026 => Refusal::Unreachable,
        131_030 => Refusal::Listed,
        131_047 | 131_051 | 132_000 | 132_005 | 132_007 | 132_012 | 132_018 => Refusal::Content,
        130_472 | 131_048 | 131_049 => Refusal::Intercepted,
        130_497 => Refusal::Region,
        131_050 => Refusal::Unsubscribed,
        // Account, token, permissions, payment, template, parameters, and Meta's own trouble.
        0..=4
        | 10
        | 33
        | 100
        | 190
        | 200..=299
        | 368
        | 80007
        | 130_429
        | 131_000
        | 131_005
        | 131_008
        | 131_009
        | 131_016
        | 131_031
        | 131_037
        | 131_042
        | 131_045
        | 131_056
        | 131_057
        | 132_001
        | 132_015
        | 132_016
        | 133_000..=133_016 => Refusal::Provider,
        _ => Refusal::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::documented;

    #[test]
    fn every_row_is_as_documented() {
        let rows = documented::rows("Errors of Meta");
        for (code, number) in rows.iter().flat_map(|(number, codes)| codes.iter().map(move |code| (code, number))) {
            assert_eq!(refusal(*code).code(), *number, "{code}");
        }
        let documented: Vec<_> = rows.iter().flat_map(|(_, codes)| codes).collect();
        let known = |code: u64| refusal(code) != Refusal::Other;
        assert_eq!((0..1_000_000).filter(|code| known(*code)).count(), documented.len());
        assert_eq!(refusal(135_000).code(), 5001);
    }
}
