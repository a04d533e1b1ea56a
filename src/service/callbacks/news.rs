//! From what happened to requests that wait: each receiver gets what it subscribed to, many rows to a request.

use std::{collections::HashMap, time::Duration};

use super::CallbackError;
use crate::{
    core::{
        callback::{Callback, MAX_ROWS, News, Status, What},
        channel::Channel,
        clock::Timestamp,
        event::EventKind,
    },
    service::{Error, Service},
    store::{NewBatch, NoticeRow, StepRow},
};

/// Rows that one step works on, of each kind: with fewer, nothing is left.
pub const NEWS_PAGE: usize = 500;

impl Service {
    /// Turns what happened since the last time into requests; the number of pieces of news.
    pub async fn publish_news(&self) -> Result<usize, Error> {
        let parts = self.parts();
        let Some(found) = parts.store.unpublished(NEWS_PAGE as u64).await? else { return Ok(0) };
        self.refresh().await?; // another node may have written for a callback that we do not know yet
        let mut news: HashMap<i64, Vec<News>> = HashMap::new();
        for told in self.news(&found.steps, &found.notices) {
            news.entry(told.app).or_default().push(told);
        }
        let directory = parts.directory.load();
        let mut batches = vec![];
        for (app, news) in &news {
            for row in directory.callbacks_of(*app) {
                batches.extend(self.batches(&row.callback, news)?);
            }
        }
        let count = found.steps.len() + found.notices.len();
        found.publish(batches, parts.clock.now()).await?;
        Ok(count)
    }

    /// Tells one receiver once more what happened in `[from, to)`; the number of rows.
    pub async fn replay(&self, id: i64, from: Timestamp, to: Timestamp) -> Result<usize, CallbackError> {
        let parts = self.parts();
        let callback = self.callback_row(id).await?.callback;
        let callback = Callback { enabled: true, ..callback };
        let to = to.min(parts.clock.now() + Duration::from_secs(1)); // there are no ids for the far future
        let (mut step, mut notice, mut rows) = ((0, 0), 0, 0);
        loop {
            let steps = parts
                .store
                .steps_between(callback.app, (from, to), step, NEWS_PAGE as u64)
                .await
                .map_err(Error::from)?;
            let notices = parts
                .store
                .notices_between(callback.app, (from, to), notice, NEWS_PAGE as u64)
                .await
                .map_err(Error::from)?;
            if steps.is_empty() && notices.is_empty() {
                return Ok(rows);
            }
            step = steps.last().map_or((i64::MAX, 0), |last| (last.message.0, last.id));
            notice = notices.last().map_or(i64::MAX, |last| last.id);
            let news = self.news(&steps, &notices);
            rows += news.iter().filter(|news| callback.wants(news.what.topic())).count();
            let batches = self.batches(&callback, &news)?;
            parts.store.add_batches(batches, parts.clock.now()).await.map_err(Error::from)?;
        }
    }

    /// The requests that tell a receiver what it wants of this.
    fn batches(&self, callback: &Callback, news: &[News]) -> Result<Vec<NewBatch>, Error> {
        let parts = self.parts();
        let wanted: Vec<_> = news.iter().filter(|news| callback.wants(news.what.topic())).cloned().collect();
        let batch = |rows: &[News]| {
            let id = parts.ids.next(parts.clock.now())?;
            let body = parts.callback_format.body(rows);
            Ok(NewBatch { id, callback: callback.id, body: self.seal_lasting("callback-batch", id, body.as_bytes())? })
        };
        wanted.chunks(MAX_ROWS).map(batch).collect()
    }

    /// What can be told, in the order in which it happened.
    fn news(&self, steps: &[StepRow], notices: &[NoticeRow]) -> Vec<News> {
        let steps = steps.iter().filter_map(|row| Some((row.id, self.step(row)?)));
        let notices = notices.iter().filter_map(|row| Some((row.id, self.opened_notice(row)?)));
        let mut news: Vec<_> = steps.chain(notices).collect();
        news.sort_by_key(|(id, news)| (news.at, *id));
        news.into_iter().map(|(_, news)| news).collect()
    }

    /// A step that callers hear of; there are others, which are ours alone.
    fn step(&self, row: &StepRow) -> Option<News> {
        if row.intermediate && !self.parts().settings.intermediate_failures {
            return None;
        }
        let status = Status {
            message: row.message,
            to: self.recipient(row).unwrap_or_default(),
            kind: EventKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind)?,
            channel: Channel::parse(&row.channel)?,
            template_id: row.template_id.clone(),
            accepted_at: row.accepted_at,
            custom_args: row.custom_args.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            error_code: row.error_code,
            detail: row.detail.clone(),
            cost: row.cost,
        };
        Some(News { app: row.app, at: row.at, what: What::Status(Box::new(status)) })
    }

    fn recipient(&self, row: &StepRow) -> Option<String> {
        let recipients = self.open_recipients(row.message, &row.recipient)?;
        Some(recipients.get(usize::try_from(row.place).ok()?)?.as_str().to_owned())
    }

    fn opened_notice(&self, row: &NoticeRow) -> Option<News> {
        let plain = self.open_lasting("notice", row.id, &row.body).ok()?;
        let notice = serde_json::from_slice(&plain).ok()?;
        Some(News { app: row.app, at: row.at, what: What::Notice(Box::new(notice)) })
    }
}
