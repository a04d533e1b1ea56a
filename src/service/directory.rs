//! Keys, templates and blocked recipients in memory, renewed when the database's copy has changed.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{Cause, Error, Service};
use crate::{
    core::{
        access::{ApiKey, App},
        admin_token::AdminToken,
        callback::Topic,
        clock::Timestamp,
        recipient::Recipient,
        template::{Audit, Template},
    },
    store::{self, CallbackRow, StoreError, TemplateRow},
};

/// One consistent copy.
#[derive(Default)]
pub struct Directory {
    revision: i64,
    /// All applications.
    pub apps: Vec<App>,
    keys: HashMap<String, ApiKey>,
    templates: HashMap<i64, AppTemplates>,
    blocked: HashSet<i64>,
    callbacks: Vec<Arc<CallbackRow>>,
    /// The tokens of the management API, the oldest first.
    pub admin_tokens: Vec<AdminToken>,
}

/// Templates of one application, by name and newest first.
#[derive(Default)]
struct AppTemplates {
    by_name: HashMap<String, Arc<Template>>,
    newest_first: Vec<Arc<Template>>,
}

impl Directory {
    /// The key of that name.
    #[must_use]
    pub fn key(&self, dev_key: &str) -> Option<&ApiKey> {
        self.keys.get(dev_key)
    }

    /// All keys of an application, the oldest first.
    #[must_use]
    pub fn keys_of(&self, app: i64) -> Vec<&ApiKey> {
        let mut keys: Vec<_> = self.keys.values().filter(|key| key.app == app).collect();
        keys.sort_by(|a, b| (a.created_at, &a.dev_key).cmp(&(b.created_at, &b.dev_key)));
        keys
    }

    /// The template of that name.
    #[must_use]
    pub fn template(&self, app: i64, template_id: &str) -> Option<Arc<Template>> {
        self.templates.get(&app)?.by_name.get(template_id).cloned()
    }

    /// All templates of an application, the newest first (spec 10, row 31).
    #[must_use]
    pub fn templates_of(&self, app: i64) -> Vec<Arc<Template>> {
        self.templates.get(&app).map_or_else(Vec::new, |templates| templates.newest_first.clone())
    }

    /// The callbacks of an application, the oldest first.
    pub fn callbacks_of(&self, app: i64) -> impl Iterator<Item = &CallbackRow> {
        self.callbacks.iter().filter(move |row| row.callback.app == app).map(AsRef::as_ref)
    }

    /// The callback of that id.
    #[must_use]
    pub fn callback(&self, id: i64) -> Option<Arc<CallbackRow>> {
        self.callbacks.iter().find(|row| row.callback.id == id).cloned()
    }

    /// Whether anybody is to be told of this.
    #[must_use]
    pub fn wants(&self, app: i64, topic: Topic) -> bool {
        self.callbacks_of(app).any(|row| row.callback.wants(topic))
    }

    /// The applications that want to hear of this.
    #[must_use]
    pub fn apps_that_want(&self, topic: Topic) -> BTreeSet<i64> {
        self.callbacks.iter().filter(|row| row.callback.wants(topic)).map(|row| row.callback.app).collect()
    }

    /// How many recipients get nothing.
    #[must_use]
    pub fn blocked_count(&self) -> usize {
        self.blocked.len()
    }

    /// Whether the recipient with this digest gets nothing.
    #[must_use]
    pub fn is_blocked(&self, target: i64) -> bool {
        self.blocked.contains(&target)
    }
}

impl TryFrom<store::Directory> for Directory {
    type Error = StoreError;

    fn try_from(rows: store::Directory) -> Result<Self, StoreError> {
        let mut templates: HashMap<i64, AppTemplates> = HashMap::new();
        for row in rows.templates {
            let of_app = templates.entry(row.app).or_default();
            let template = Arc::new(template(&row)?);
            of_app.by_name.insert(row.template_id, template.clone());
            of_app.newest_first.push(template);
        }
        let keys = rows.keys.into_iter().map(|key| (key.dev_key.clone(), key)).collect();
        let blocked = rows.blocked.into_iter().collect();
        let callbacks = rows.callbacks.into_iter().map(Arc::new).collect();
        let admin_tokens = rows.admin_tokens;
        Ok(Self { revision: rows.revision, apps: rows.apps, keys, templates, blocked, callbacks, admin_tokens })
    }
}

fn template(row: &TemplateRow) -> Result<Template, StoreError> {
    let broken = |reason: String| StoreError::Broken { table: "template", reason };
    let status =
        u8::try_from(row.status).map_err(|_| "status").and_then(|status| Audit::try_from(status).map_err(|_| "status"));
    Ok(Template {
        definition: serde_json::from_str(&row.definition).map_err(|err| broken(err.to_string()))?,
        status: status.map_err(|reason| broken(reason.to_owned()))?,
        audit_remark: row.audit_remark.clone(),
        created_at: Timestamp::from_millis(row.created_at.millis()),
    })
}

impl Service {
    /// Renews the copy if it is old; true when it was.
    pub async fn refresh(&self) -> Result<bool, Error> {
        let parts = self.parts();
        if parts.store.directory_revision().await? == parts.directory.load().revision {
            return Ok(false);
        }
        self.reload().await?;
        Ok(true)
    }

    /// Renews the copy.
    pub(super) async fn reload(&self) -> Result<(), Error> {
        let parts = self.parts();
        let rows = parts.store.directory().await?;
        parts.directory.store(Arc::new(Directory::try_from(rows).map_err(Cause::from)?));
        Ok(())
    }

    /// The digest under which a recipient is looked up; aliases of one person share it.
    #[must_use]
    pub fn target(&self, recipient: &Recipient) -> i64 {
        let digest = self.parts().keys.load().digest("target", &[recipient.counter_key().as_bytes()]);
        first_eight(&digest)
    }

    /// Whether nothing may be sent to somebody. Mostly nobody is blocked, and no digest is made.
    pub(super) fn is_blocked(&self, recipient: &Recipient) -> bool {
        let directory = self.parts().directory.load();
        directory.blocked_count() > 0 && directory.is_blocked(self.target(recipient))
    }
}

/// The first 64 bits of a digest, as a number the database can index.
pub(super) fn first_eight(digest: &[u8; 32]) -> i64 {
    let (first, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    i64::from_be_bytes(*first)
}
