//! Puts values in the place of variables.

use super::Variables;
use crate::core::{
    code::Code,
    markup::push_escaped,
    params::Params,
    placeholder::{Piece, pieces},
    template::Definition,
};

/// Minutes as words; a code lives 1 to 10 of them.
const MINUTES: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// Where values stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A text: as they are.
    Plain,
    /// A line of a mail's head: without controls. They are refused where values come in; this is the second lock (security C6).
    Line,
    /// HTML: escaped.
    Html,
}

/// The values a text may name.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) code: Option<&'a str>,
    params: Option<&'a Params>,
    presets: Option<&'a Params>,
    pub(super) brand_name: Option<&'a str>,
    pub(super) ttl: Option<&'static str>,
    pwa_url: Option<String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(template: &'a Definition, variables: Variables<'a>) -> Self {
        let ttl = template.code.and_then(|config| MINUTES.get(usize::from(config.ttl_minutes)).copied());
        Self {
            code: variables.code.map(Code::expose).or_else(|| variables.params.get("code")),
            params: Some(variables.params),
            presets: None,
            brand_name: template.brand_name.as_deref(),
            ttl,
            pwa_url: pwa_url(template, variables.pwa_base),
        }
    }

    /// The same, for a text that brings values of its own; the caller's go before them (spec 1.2).
    pub(super) fn with_presets(&self, presets: &'a Params) -> Self {
        Self { presets: Some(presets), ..self.clone() }
    }

    /// For our own texts: nothing the caller says changes them, apart from the code.
    pub(super) const fn own(&self, code: Option<&'a str>) -> Self {
        Self { code, params: None, presets: None, brand_name: self.brand_name, ttl: self.ttl, pwa_url: None }
    }

    fn get(&self, name: &str) -> Option<&str> {
        if name == "code" && self.code.is_some() {
            return self.code;
        }
        let given = |params: Option<&'a Params>| params.and_then(|params| params.get(name));
        given(self.params).or_else(|| given(self.presets)).or(match name {
            "brand_name" => self.brand_name,
            "ttl" => self.ttl,
            "pwa_url" => self.pwa_url.as_deref(),
            _ => None,
        })
    }
}

fn pwa_url(template: &Definition, base: Option<&str>) -> Option<String> {
    let (base, pwa) = (base?, template.pwa.as_ref()?);
    let set = |part: &'_ Option<String>| part.clone().filter(|part| !part.is_empty());
    Some(format!("{base}/{}/{}", set(&pwa.platform)?, set(&pwa.code)?))
}

/// `text` with the values of `scope`; names without a value stay as written.
pub(super) fn fill(text: &str, scope: &Scope<'_>, form: Form) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    fill_into(&mut filled, text, scope, form);
    filled
}

/// Appends `text` with the values of `scope`.
pub(super) fn fill_into(filled: &mut String, text: &str, scope: &Scope<'_>, form: Form) {
    for piece in pieces(text) {
        match piece {
            Piece::Text(words) => filled.push_str(words),
            Piece::Variable { name, source } => match scope.get(name) {
                Some(value) => put(filled, value, form),
                None => filled.push_str(source),
            },
        }
    }
}

fn put(filled: &mut String, value: &str, form: Form) {
    match form {
        Form::Plain => filled.push_str(value),
        Form::Line => filled.extend(value.chars().map(|it| if it.is_control() { ' ' } else { it })),
        Form::Html => push_escaped(filled, value),
    }
}
