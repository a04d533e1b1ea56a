//! Which share of codes comes back: whoever is paid for messages has no use for the codes in them (security C1).

/// When nothing more is sent for an application to a country, in percent of the codes of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// Fewer codes tell nothing; with 0 nobody looks.
    pub codes: u32,
    /// With fewer that came back the operator is told.
    pub alarm: u8,
    /// With fewer that came back no more are sent.
    pub stop: u8,
}

/// What to do about a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Fine,
    /// Tell the operator.
    Alarm,
    /// Send no more.
    Stop,
}

impl Conversion {
    /// Of so many codes so many had come back.
    #[must_use]
    pub fn judge(self, codes: i64, verified: i64) -> Verdict {
        let below = |percent: u8| verified.saturating_mul(100) < codes.saturating_mul(percent.into());
        let tells = self.codes > 0 && codes >= i64::from(self.codes);
        if tells && below(self.stop) {
            Verdict::Stop
        } else if tells && below(self.alarm) {
            Verdict::Alarm
        } else {
            Verdict::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_that_sends_nothing_back_is_left_alone_when_there_is_enough_to_tell() {
        let rules = Conversion { codes: 50, alarm: 30, stop: 10 };
        let table = [
            ((49, 0), Verdict::Fine),
            ((50, 4), Verdict::Stop),
            ((50, 5), Verdict::Alarm),
            ((50, 14), Verdict::Alarm),
            ((50, 15), Verdict::Fine),
        ];
        for ((codes, verified), verdict) in table {
            assert_eq!(rules.judge(codes, verified), verdict, "{verified} of {codes}");
        }
        assert_eq!(Conversion { codes: 0, ..rules }.judge(1000, 0), Verdict::Fine);
    }
}
