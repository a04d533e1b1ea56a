//! The layer rules of ARCHITECTURE.md as a test: who may look at whom, who may name which crate, and the rules of the
//! house that no lint knows.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Which other modules of ours each module of `src` may name. A module that is not in the table may name none.
const INSIDE: &[(&str, &[&str])] = &[
    ("main", &[]),
    ("lib", &[]),
    ("cli", &["app", "channel", "config", "core", "datadir", "keyfile", "service"]),
    ("admin", &["core", "http", "service"]),
    (
        "app",
        &[
            "admin", "channel", "config", "core", "datadir", "dialect", "http", "keyfile", "metrics", "server",
            "service", "store", "worker",
        ],
    ),
    ("config", &["core"]),
    ("core", &[]),
    ("service", &["channel", "core", "metrics", "store"]),
    ("store", &["core"]),
    ("channel", &["core"]),
    ("worker", &["channel", "core", "service", "store"]),
    ("http", &[]),
    ("server", &["http"]),
    ("dialect", &["core", "http", "service"]),
    ("metrics", &["core", "store"]),
    ("datadir", &[]),
    ("keyfile", &["core"]),
];

/// Where alone these words may stand: a module, or a file with its path below `src`.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("sea_orm", &["store"]),
    ("sqlx", &["store"]),
    ("entity::", &["store"]),
    ("migration::", &["store"]),
    ("reqwest", &["channel"]),
    ("lettre", &["channel"]),
    ("rusmpp", &["channel"]),
    ("TcpStream::connect", &["channel"]),
    ("poem", &["admin", "app", "dialect", "http", "server"]),
    ("hyper", &["http", "server"]),
    ("prometheus_client", &["metrics"]),
    ("clap", &["cli"]),
    ("toml::", &["config"]),
    ("opentelemetry", &["app/trace.rs", "channel/otlp.rs"]),
    ("tracing_opentelemetry", &["app/trace.rs"]),
    ("std::env", &["cli", "config", "main"]),
    ("rand::", &["core/entropy.rs"]),
    ("SystemTime::now", &["core/clock.rs"]),
    ("tokio", &["app", "channel", "cli", "http", "server", "service", "store", "worker"]),
];

/// Longest file, and the files of wire types, which may be longer.
const LONGEST: usize = 300;
const LONGEST_WIRE: usize = 400;
const WIRE: &[&str] = &["dialect/engagelab/wire/template_out.rs"];

#[test]
fn modules_only_name_what_lies_further_in() {
    assert_none(&source().flat_map(|file| file.wrong_modules()).collect::<Vec<_>>());
}

#[test]
fn every_crate_is_named_where_it_belongs() {
    assert_none(&source().flat_map(|file| file.wrong_words()).collect::<Vec<_>>());
}

#[test]
fn the_rules_of_the_house_hold() {
    assert_none(&source().flat_map(|file| file.broken_house_rules()).collect::<Vec<_>>());
}

#[test]
fn every_module_has_its_row_in_the_table() {
    let mut rows: Vec<_> = INSIDE.iter().map(|(module, _)| (*module).to_owned()).collect();
    let mut modules: Vec<_> = source().map(|file| file.module().to_owned()).collect();
    rows.sort();
    modules.sort();
    modules.dedup();
    assert_eq!(modules, rows);
}

/// The negative control: what each check is there to find, planted.
#[test]
fn planted_faults_are_found() {
    let root = tempfile::tempdir().unwrap();
    let plant = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    plant("core/grouped.rs", "use crate::{\n    core::clock::Clock,\n    store::{Store, batch},\n};\n");
    plant("core/mod.rs", "use super::worker::Worker;\nmod tests { use super::*; }\n");
    plant("core/inline.rs", "// crate::http is fine here\nfn f() -> crate::http::Rejection {}\n");
    plant("core/time.rs", "fn f() { std::time::SystemTime::now(); }\n");
    plant("service/sql.rs", "use sea_orm::Statement; // says so\nuse crate::store::Store;\n");
    plant("service/utils.rs", "");
    plant("dialect/engagelab/error.rs", "#[allow(dead_code)]\nfn f() {}\n");
    plant("dialect/engagelab/api.rs", "use crate::dialect::mailpass::Api;\nuse super::super::{Dialect, optora};\n");
    plant("http/long.rs", &"\n".repeat(LONGEST + 1));
    plant("new.rs", "use crate::core::clock;\n");
    let mut found: Vec<_> = files(root.path())
        .iter()
        .flat_map(|file| [file.wrong_modules(), file.wrong_words(), file.broken_house_rules()].concat())
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "core/grouped.rs:3: names `store`",
            "core/inline.rs:2: names `http`",
            "core/mod.rs:1: names `worker`",
            "core/time.rs:1: says `SystemTime::now`",
            "dialect/engagelab/api.rs:1: names `mailpass`",
            "dialect/engagelab/api.rs:2: names `optora`",
            "dialect/engagelab/error.rs: does not deny `clippy::wildcard_enum_match_arm`",
            "dialect/engagelab/error.rs:1: `#[allow]`; write `#[expect(…, reason = …)]`",
            "http/long.rs: 301 lines",
            "new.rs:1: names `core`",
            "service/sql.rs:1: says `sea_orm`",
            "service/utils.rs: is called `utils`; name it after its subject",
        ]
    );
}

/// One file of the source.
struct File {
    /// Below the root, with `/`.
    path: String,
    text: String,
}

impl File {
    /// The first part of the path.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Lines with their numbers, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        lines.map(|(index, line)| (index + 1, line.split(" // ").next().unwrap()))
    }

    /// How many modules deep it is.
    fn depth(&self) -> usize {
        self.path.split('/').filter(|part| *part != "mod.rs").count()
    }

    fn wrong_modules(&self) -> Vec<String> {
        let allowed =
            INSIDE.iter().find(|(module, _)| *module == self.module()).map_or(&[][..], |(_, allowed)| allowed);
        let ours = |name: &str| INSIDE.iter().any(|(module, _)| *module == name);
        let out_of_bounds = |name: &str| name != self.module() && !allowed.contains(&name);
        let mut found = self.named("crate::");
        found.retain(|(_, name)| out_of_bounds(name));
        let climbed = self.named(&"super::".repeat(self.depth()));
        found.extend(climbed.into_iter().filter(|(_, name)| ours(name) && out_of_bounds(name)));
        if let Some((dialect, _)) = self.path.strip_prefix("dialect/").and_then(|rest| rest.split_once('/')) {
            let siblings = [self.named("crate::dialect::"), self.named(&"super::".repeat(self.depth() - 1))].concat();
            let other = |name: &str| name != dialect && name.starts_with(char::is_lowercase);
            found.extend(siblings.into_iter().filter(|(_, name)| other(name)));
        }
        found.into_iter().map(|(line, name)| format!("{}:{line}: names `{name}`", self.path)).collect()
    }

    /// What follows `prefix`, as a path or as a group of paths, with the line it stands in.
    fn named(&self, prefix: &str) -> Vec<(usize, String)> {
        let mut lines = self.code();
        let mut names = vec![];
        while let Some((line, code)) = lines.next() {
            let begins_path = |at: usize| begins_word(code, at) && !code[..at].ends_with(':');
            for (start, _) in code.match_indices(prefix).filter(|(at, _)| begins_path(*at)) {
                let rest = &code[start + prefix.len()..];
                let Some(group) = rest.strip_prefix('{') else {
                    names.push((line, first_word(rest)));
                    continue;
                };
                let (mut depth, mut here, mut part) = (1, line, group);
                loop {
                    take_group(part, here, &mut depth, &mut names);
                    if depth == 0 {
                        break;
                    }
                    let Some(next) = lines.next() else { break };
                    (here, part) = next;
                }
            }
        }
        names
    }

    fn wrong_words(&self) -> Vec<String> {
        let mut found = vec![];
        for (line, code) in self.code() {
            for (word, places) in OUTSIDE {
                let here = places.iter().any(|place| *place == self.module() || *place == self.path);
                if !here && code.match_indices(word).any(|(at, _)| begins_word(code, at)) {
                    found.push(format!("{}:{line}: says `{word}`", self.path));
                }
            }
        }
        found
    }

    fn broken_house_rules(&self) -> Vec<String> {
        let path = &self.path;
        let allows = self.code().filter(|(_, code)| code.contains("#[allow(") || code.contains("#![allow("));
        let mut found: Vec<_> =
            allows.map(|(line, _)| format!("{path}:{line}: `#[allow]`; write `#[expect(…, reason = …)]`")).collect();
        let lines = self.text.lines().count();
        if lines > if WIRE.contains(&path.as_str()) { LONGEST_WIRE } else { LONGEST } {
            found.push(format!("{path}: {lines} lines"));
        }
        if path.split(['/', '.']).any(|part| part == "utils" || part == "util") {
            found.push(format!("{path}: is called `utils`; name it after its subject"));
        }
        let closed = (path.starts_with("dialect/") || path.starts_with("admin/")) && path.ends_with("/error.rs");
        if closed && !self.text.contains("#![deny(clippy::wildcard_enum_match_arm)]") {
            found.push(format!("{path}: does not deny `clippy::wildcard_enum_match_arm`"));
        }
        found
    }
}

/// Takes the first names of the outermost level of a group, until the group or the line ends.
fn take_group(code: &str, line: usize, depth: &mut usize, names: &mut Vec<(usize, String)>) {
    let mut fresh = true; // rustfmt breaks lines of a group between its items only
    for (at, letter) in code.char_indices() {
        match letter {
            '{' => *depth += 1,
            '}' => *depth -= 1,
            ',' => fresh = true,
            _ if letter.is_alphabetic() && fresh => {
                if *depth == 1 {
                    names.push((line, first_word(&code[at..])));
                }
                fresh = false;
            }
            _ => {}
        }
        if *depth == 0 {
            return;
        }
    }
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn begins_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$')
}

/// The project's own source.
fn source() -> impl Iterator<Item = File> {
    let found = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(found.len() > 100, "only {} files: is this the source?", found.len());
    found.into_iter()
}

fn files(root: &Path) -> Vec<File> {
    let mut paths = vec![root.to_owned()];
    let mut found = vec![];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(File { path: below(root, &path), text: fs::read_to_string(&path).unwrap() });
        }
    }
    found
}

fn below(root: &Path, path: &Path) -> String {
    let below: PathBuf = path.strip_prefix(root).unwrap().to_owned();
    below.to_str().unwrap().replace('\\', "/")
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
