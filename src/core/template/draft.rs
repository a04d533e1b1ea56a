//! A template as a caller wrote it: typed, but not judged. Everything may be absent.

/// The body of spec 4.1; [`Draft::validate`] makes a definition of it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// `template_id`.
    pub id: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `send_channel_strategy`.
    pub strategy: Option<String>,
    /// `brand_name`.
    pub brand_name: Option<String>,
    /// `verify_code_config`.
    pub code: Option<CodeDraft>,
    /// `whatsapp_config`.
    pub whatsapp: Option<SpokenDraft>,
    /// `sms_config`.
    pub sms: Option<SmsDraft>,
    /// `voice_config`.
    pub voice: Option<SpokenDraft>,
    /// `email_config`.
    pub email: Option<EmailDraft>,
    /// `pwa_config`: `pwa_platform` and `pwa_code`.
    pub pwa: Option<super::PwaConfig>,
}

/// `verify_code_config`.
#[derive(Clone, Debug, Default)]
pub struct CodeDraft {
    /// `verify_code_type`.
    pub mask: Option<i64>,
    /// `verify_code_len`.
    pub length: Option<i64>,
    /// `verify_code_ttl`, minutes.
    pub ttl: Option<i64>,
}

/// `template_default_config`.
#[derive(Clone, Debug, Default)]
pub struct DefaultTextDraft {
    /// `contain_security`.
    pub security: Option<bool>,
    /// `contain_expire`.
    pub expire: Option<bool>,
}

/// `whatsapp_config` or `voice_config`: our own text is the only one.
#[derive(Clone, Debug, Default)]
pub struct SpokenDraft {
    /// `template_type`.
    pub kind: Option<i64>,
    /// `template_default_config`.
    pub text: Option<DefaultTextDraft>,
}

/// `sms_config`.
#[derive(Clone, Debug, Default)]
pub struct SmsDraft {
    /// `template_type`.
    pub kind: Option<i64>,
    /// `template_default_config`.
    pub default: Option<DefaultTextDraft>,
    /// `template_custom_config`.
    pub custom: Option<CustomSmsDraft>,
}

/// `sms_config.template_custom_config`.
#[derive(Clone, Debug, Default)]
pub struct CustomSmsDraft {
    /// `custom_sub_type`.
    pub sub_type: Option<String>,
    /// `custom_content`.
    pub content: Option<String>,
    /// `custom_country_codes`.
    pub country_codes: Option<String>,
}

/// `email_config`.
#[derive(Clone, Debug, Default)]
pub struct EmailDraft {
    /// `template_name`.
    pub name: Option<String>,
    /// `template_custom_configs`.
    pub texts: Vec<MailDraft>,
}

/// One of `email_config.template_custom_configs`.
#[derive(Clone, Debug, Default)]
pub struct MailDraft {
    /// `language`.
    pub language: Option<String>,
    /// `pre_from_name`.
    pub from_name: Option<String>,
    /// `pre_from_mail`.
    pub from_mail: Option<String>,
    /// `pre_subject`.
    pub subject: Option<String>,
    /// `template_content`.
    pub content: Option<String>,
    /// `pre_param_map`.
    pub presets: Vec<(String, String)>,
}
