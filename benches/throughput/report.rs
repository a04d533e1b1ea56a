//! Tables in Markdown, for the terminal and for `target/bench/report.md`.

use std::fs;

use crate::{
    Fallible,
    book::{Book, Case, Figure},
    goals::{self, Line, Singles},
};

const GOAL_HEADER: [&str; 8] = ["figure", "limit", "goal", "measured", "limit measured", "ratio (range)", "met", "of"];
const CASE_HEADER: [&str; 10] = [
    "case",
    "connections",
    "req/s",
    "p50 ms",
    "p99 ms",
    "server CPU s/1000",
    "until delivered",
    "database CPU s/1000",
    "delivered/s",
    "rounds",
];

/// Prints the tables and keeps them in a file.
pub(crate) fn publish(book: &Book, singles: &Singles, delivery: Vec<Line>) -> Fallible<()> {
    let mut goals = goals::lines(book, singles);
    goals.extend(delivery);
    let cases = book.cases().map(|(case, rounds)| case_row(book, case, rounds)).collect::<Vec<_>>();
    let text = format!(
        "## Goals\n\n{}\n{}\n## All cases\n\n{}\n{}",
        self::goals(&goals),
        "Ratios are taken inside each round; the median and the range of the rounds are shown.\n",
        table(&CASE_HEADER, &cases),
        "Every figure is the median of the rounds. Load driver, servers and databases share one machine.\n",
    );
    keep("report.md", &text)
}

/// The table of goals.
pub(crate) fn goals(lines: &[Line]) -> String {
    table(&GOAL_HEADER, &lines.iter().map(goal_row).collect::<Vec<_>>())
}

/// Prints a text and keeps it in a file of the benchmark's directory.
pub(crate) fn keep(name: &str, text: &str) -> Fallible<()> {
    println!("\n{text}");
    let directory = crate::target_directory()?.join("bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join(name), text)?;
    Ok(())
}

/// A Markdown table with aligned columns.
pub(crate) fn table<const N: usize>(header: &[&str; N], rows: &[[String; N]]) -> String {
    let head = header.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let row = |cells: &[String; N]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = format!("|{}|\n", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"));
    [row(&head), rule].into_iter().chain(rows.iter().map(row)).collect()
}

fn goal_row(line: &Line) -> [String; 8] {
    let text = str::to_owned;
    [
        text(line.figure),
        text(line.limit),
        text(line.goal),
        text(&line.measured),
        text(&line.limit_measured),
        text(&line.ratio),
        text(line.met),
        text(&line.of),
    ]
}

fn case_row(book: &Book, case: Case, rounds: usize) -> [String; 10] {
    let cell = |figure: Figure, digits: usize| {
        book.median(case, figure).map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    [
        format!("{:?} {:?}", case.subject, case.operation).to_lowercase(),
        case.connections.to_string(),
        cell(|shown| Some(shown.rate), 0),
        cell(|shown| shown.p50, 3),
        cell(|shown| shown.p99, 3),
        cell(|shown| shown.cpu, 4),
        cell(|shown| shown.cpu_delivered, 4),
        cell(|shown| shown.database_cpu, 4),
        cell(|shown| shown.delivery_rate, 0),
        rounds.to_string(),
    ]
}
