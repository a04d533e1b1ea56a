//! Templates, as an application manages them (spec section 4).

use std::sync::Arc;

use super::{Caller, Cause, Error, Service};
use crate::{
    core::{
        callback::{Notice, Operator},
        template::{Audit, Draft, Template},
    },
    store::{NewTemplate, StoreError},
};

impl Service {
    /// Checks and keeps a template. With auto-approve it may be used at once.
    pub async fn create_template(&self, caller: &Caller, draft: Draft) -> Result<(), Error> {
        self.add_template(caller.app, draft, &caller.operator()).await
    }

    pub(super) async fn add_template(&self, app: i64, draft: Draft, operator: &Operator) -> Result<(), Error> {
        let parts = self.parts();
        let definition = draft.validate()?;
        let now = parts.clock.now();
        let status = if parts.settings.auto_approve { Audit::Approved } else { Audit::Pending };
        let row = NewTemplate {
            id: parts.ids.next(now)?,
            app,
            template_id: definition.id.clone(),
            definition: serde_json::to_string(&definition).map_err(Cause::from)?,
            status: status.number().into(),
            audit_remark: String::new(),
            created_at: now,
        };
        let name = definition.description.as_deref().unwrap_or_default();
        let notice = template_notice(operator, "create template", &definition.id, name);
        match parts.store.add_template(&row, self.notice(app, &notice)?).await {
            Err(StoreError::Conflict) => Err(Error::TemplateExists),
            result => Ok(result?),
        }?;
        self.reload().await
    }

    /// All templates of the caller, the newest first.
    pub async fn templates(&self, caller: &Caller) -> Result<Vec<Arc<Template>>, Error> {
        self.app_templates(caller.app).await
    }

    /// All templates of an application, the newest first.
    pub async fn app_templates(&self, app: i64) -> Result<Vec<Arc<Template>>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().templates_of(app))
    }

    /// One template of the caller.
    pub async fn template(&self, caller: &Caller, template_id: &str) -> Result<Arc<Template>, Error> {
        self.app_template(caller.app, template_id).await
    }

    /// One template. What this node does not know may have been made on another a moment ago.
    pub async fn app_template(&self, app: i64, template_id: &str) -> Result<Arc<Template>, Error> {
        let known = |service: &Self| service.parts().directory.load().template(app, template_id);
        if let Some(template) = known(self) {
            return Ok(template);
        }
        self.refresh().await?;
        known(self).ok_or(Error::NoTemplate)
    }

    /// Removes a template of the caller; codes sent from it stay alive (spec 10, row 32).
    pub async fn delete_template(&self, caller: &Caller, template_id: &str) -> Result<(), Error> {
        self.remove_template(caller.app, template_id, &caller.operator()).await
    }

    /// Removes a template for the operator.
    pub async fn delete_app_template(&self, app: i64, template_id: &str) -> Result<(), Error> {
        self.remove_template(app, template_id, &Operator::default()).await
    }

    async fn remove_template(&self, app: i64, template_id: &str, operator: &Operator) -> Result<(), Error> {
        let template = self.app_template(app, template_id).await?; // also keeps names away from the database that it could not store
        let name = template.definition.description.as_deref().unwrap_or_default();
        let notice = self.notice(app, &template_notice(operator, "delete template", template_id, name))?;
        if !self.parts().store.delete_template(app, template_id, notice).await? {
            return Err(Error::NoTemplate);
        }
        self.reload().await
    }
}

fn template_notice(operator: &Operator, action: &str, template_id: &str, name: &str) -> Notice {
    Notice::TemplateManage {
        operator: operator.clone(),
        action: action.to_owned(),
        template_id: template_id.to_owned(),
        template_name: name.to_owned(),
    }
}
