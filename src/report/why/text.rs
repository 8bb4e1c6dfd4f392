//! Where the hours of one site went, in sentences.

use std::collections::BTreeMap;

use tabled::builder::Builder;

use crate::report::Look;
use crate::report::run::bottlenecks::piece_label;
use crate::report::table::drawn;
use crate::report::trace::Which;
use crate::report::why::sentences::{Median, chosen, heading, instant, lost, words};
use crate::report::words::{length, plain, share};
use crate::review::{Cause, ChainLink, Link, Why};
use crate::scenario::IncidentKind;
use crate::units::{SimDuration, SimTime};

/// Which of the two stories of a site is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Its own work and waiting.
    Own,
    /// The binding chain: what held it up, whosever work that was.
    Chain,
}

/// The story of a site for the terminal, ending with a line end.
#[must_use]
pub fn why_text(
    (which, hours): (Which<'_>, Hours),
    site: &str,
    why: &Why,
    median: Option<Median>,
    horizon: SimDuration,
    reproduce: &str,
    look: Look,
) -> String {
    let mut parts = vec![heading(which, site, why, horizon) + &lost(why)];
    parts.extend(median.map(|it| chosen(which, it)));
    let rows: Vec<Row> = match hours {
        Hours::Own => why.links.iter().map(|it| own_row(it, which.kind)).collect(),
        Hours::Chain => why.chain.iter().map(|it| chain_row(it, which.kind)).collect(),
    };
    if !rows.is_empty() {
        parts.push(totals(&rows, hours, look));
        parts.push(story(&rows, hours));
    }
    parts.push(format!("Reproduce with: {}", plain(reproduce)));
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A piece of a story, in words.
struct Row {
    from: SimTime,
    to: SimTime,
    what: String,
    /// The step that it is about, where the words do not name it.
    step: Option<String>,
}

fn own_row(link: &Link, kind: IncidentKind) -> Row {
    // What is waited for names its step already.
    let named = link.step.is_empty() || link.cause == Cause::Batch;
    let step = match link.cause {
        Cause::People | Cause::Limit | Cause::Inject | Cause::Load => {
            format!("before {}", link.step)
        }
        _ => link.step.clone(),
    };
    let step = (!named).then(|| plain(&step));
    Row { from: link.from, to: link.to, what: words(link, kind), step }
}

fn chain_row(link: &ChainLink, kind: IncidentKind) -> Row {
    Row { from: link.from, to: link.to, what: piece_label(&link.cause, kind), step: None }
}

/// A row for each cause, the longest first.
fn totals(rows: &[Row], hours: Hours, look: Look) -> String {
    let lasted = |it: &Row| it.to.saturating_since(it.from);
    let mut sums: BTreeMap<&str, SimDuration> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(&row.what).or_default();
        *sum = *sum + lasted(row);
    }
    let whole: SimDuration = rows.iter().map(lasted).sum();
    let mut sums: Vec<(&str, SimDuration)> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    sums.push(("in all", whole));
    let mut table = Builder::default();
    let title = match hours {
        Hours::Own => "where the time went",
        Hours::Chain => "what its binding chain went through",
    };
    table.push_record([title, "hours", "share"]);
    for (what, sum) in sums {
        let part = sum.as_millis() as f64 / whole.as_millis().max(1) as f64;
        table.push_record([what.to_owned(), format!("{:.1}", sum.as_hours()), share(part)]);
    }
    drawn(table, look)
}

/// A line for each piece; pieces of one kind that follow each other are one line.
fn story(rows: &[Row], hours: Hours) -> String {
    let mut lines: Vec<(SimTime, SimTime, &str, Vec<&str>)> = Vec::new();
    for row in rows {
        match lines.last_mut() {
            Some((_, to, last, steps)) if *last == row.what => {
                *to = row.to;
                steps.extend(row.step.as_deref().filter(|it| !steps.contains(it)));
            }
            _ => {
                lines.push((row.from, row.to, &row.what, row.step.as_deref().into_iter().collect()))
            }
        }
    }
    let line = |(from, to, what, steps): &(SimTime, SimTime, &str, Vec<&str>)| {
        let steps =
            if steps.is_empty() { String::new() } else { format!(": {}", steps.join(", ")) };
        let span = format!("{} to {}", instant(*from), instant(*to));
        format!("{span:<24} {:>8}  {what}{steps}.", length(to.saturating_since(*from)))
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    let title = match hours {
        Hours::Own => "How it went, back to back:",
        Hours::Chain => {
            "The binding chain, back to back: each piece begins when what made it possible ended, \
             whosever work that was.\nWithout --chain: the hours of the site itself."
        }
    };
    format!("{title}\n{}", lines.join("\n"))
}
