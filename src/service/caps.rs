//! Caps on what an application sends: which windows a message counts in.

use super::{Error, Service, directory::first_eight};
use crate::{
    channel,
    core::{
        caps::{Cap, Counted},
        channel::Channel,
        recipient::Recipient,
        refusal::{Refusal, Rule},
    },
};

impl Service {
    /// The windows that a message to these counts in, each once; an error where one of them is in a country that is closed or
    /// left alone.
    pub(super) fn caps(&self, app: i64, recipients: &[Recipient], channel: Channel) -> Result<Vec<Counted>, Error> {
        let caps = &self.parts().settings.caps;
        let now = self.parts().clock.now();
        for recipient in recipients {
            if let Some(refusal) = self.left_alone(app, recipient, now) {
                return Err(self.over_limit(app, (Some(recipient), channel), &refusal));
            }
        }
        let mut counted: Vec<Counted> = vec![];
        if caps.allow_all() {
            return Ok(counted);
        }
        for recipient in recipients {
            for cap in caps.on(recipient).map_err(|_| self.closed(app, recipient, channel))? {
                let key = self.cap_key(app, cap);
                match counted.iter_mut().find(|known| known.key == key) {
                    Some(known) => known.times += 1,
                    None => counted.push(Counted { rule: cap.rule, key, times: 1, most: cap.most, span: cap.span }),
                }
            }
        }
        Ok(counted)
    }

    fn cap_key(&self, app: i64, cap: Cap<'_>) -> i64 {
        let of = [
            cap.rule.as_str().as_bytes(),
            &cap.span.as_secs().to_be_bytes(),
            &app.to_be_bytes(),
            cap.subject.as_bytes(),
        ];
        first_eight(&self.parts().keys.load().digest("cap", &of))
    }

    fn closed(&self, app: i64, recipient: &Recipient, channel: Channel) -> Error {
        let refusal = Refusal { rule: Rule::Country, used: 0, limit: 0, lifts_at: None };
        self.note(app, (Some(recipient), channel), &refusal);
        Error::Refused { channel, refusal: channel::Refusal::Region }
    }
}
