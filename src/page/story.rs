//! Page one: what was lost, the chance of meeting the policy, what would help, and how much data is
//! lost, in words for somebody who is not an engineer. No number stands without how sure it is.

use crate::report::View;
use crate::report::figures::Figure;
use crate::report::run::view::{
    BottlenecksView, LeverView, PartView, Row, StrategyView, VerdictView,
};
use crate::report::words::{between, count, exact, plain, share, spelled};
use crate::review::CauseKind;
use crate::scenario::RpoAt;
use crate::units::SimDuration;
use crate::verdict::Verdict;

/// How many things that would help, or take time, are named.
const NAMED: usize = 3;

/// The least share of the time that is worth a sentence.
const WORTH_NAMING: f64 = 0.005;

/// One strategy on page one.
pub(crate) struct StrategyStory {
    pub name: String,
    pub title: String,
    pub verdict: Option<Badge>,
    /// Sentences: whether the policy is met, how likely that is, when sites are back.
    pub sentences: Vec<String>,
    /// The same in a few words, for a table: the chance, when the last site is back, sites lost, and
    /// how far it lies from the first strategy.
    pub short: [String; 4],
    /// How much data is lost, in sentences.
    pub loss: Vec<String>,
    /// What would help most, where that was simulated; else where the time goes.
    pub time: Time,
    /// What was thrown in and what each inject cost, each in a sentence.
    pub injects: Vec<String>,
}

/// A verdict that can be told without colour.
pub(crate) struct Badge {
    pub class: &'static str,
    pub sign: &'static str,
    pub word: &'static str,
}

impl Badge {
    fn of(judged: &VerdictView) -> Self {
        let verdict = judged.policy.verdict;
        if judged.rpo_not_judged.is_some() && verdict == Verdict::Undecided {
            return Self { class: "undecided", sign: "?", word: "not judged" };
        }
        let (class, sign, word) = match verdict {
            Verdict::Met => ("met", "✓", "meets the policy"),
            Verdict::Undecided => ("undecided", "?", "not decided"),
            Verdict::Missed => ("missed", "✗", "misses the policy"),
        };
        Self { class, sign, word }
    }
}

/// All strategies, in the order of the view.
pub(crate) fn told(view: &View) -> Vec<StrategyStory> {
    view.strategies.iter().map(|it| of_strategy(view, it)).collect()
}

fn of_strategy(view: &View, strategy: &StrategyView) -> StrategyStory {
    let verdict = strategy.verdict.as_ref();
    let mut sentences: Vec<String> = Vec::new();
    sentences.extend(verdict.map(|it| it.sentence.clone()));
    sentences.extend(verdict.and_then(|verdict| chance(strategy, verdict)));
    sentences.extend(back(view, strategy));
    sentences.extend(strategy.against.as_ref().map(|it| it.sentence.clone()));
    let kind = view.incident.kind;
    StrategyStory {
        name: plain(&strategy.name),
        title: plain(&strategy.title),
        verdict: verdict.map(Badge::of),
        sentences,
        short: short(strategy),
        loss: loss(view, strategy).iter().map(|it| kind.tell(it)).collect(),
        time: Time::of(strategy),
        injects: strategy.injects.iter().map(|it| it.sentence.clone()).collect(),
    }
}

/// The chance of meeting the policy, and how sure that is.
fn chance(strategy: &StrategyView, verdict: &VerdictView) -> Option<String> {
    let sentence = |name| {
        let interval = &row(strategy, name)?.interval;
        Some(format!("The chance of meeting it: {interval} (95% interval)."))
    };
    if verdict.rpo_not_judged.is_none() {
        return sentence("assurance");
    }
    // Of what is not judged nobody knows the chance; of the other objective there is one.
    let rto = verdict.rto.as_ref()?;
    Some(format!("{} {}", rto.sentence, sentence("assurance_rto")?))
}

/// The row of a figure, among those that are read first and those behind.
fn row<'a>(strategy: &'a StrategyView, figure: &str) -> Option<&'a Row> {
    strategy.rows.iter().chain(&strategy.more_rows).find(|row| row.figure == figure)
}

/// The cells of a table of strategies; every number is a range.
fn short(strategy: &StrategyView) -> [String; 4] {
    let chance = strategy.verdict.as_ref().map(|verdict| {
        let known = row(strategy, "assurance").map(|row| row.interval.clone());
        // What is not judged can only make the chance of both smaller than that of the other.
        let bound = || {
            let missed = verdict.policy.verdict == Verdict::Missed;
            let of_rto = figure(strategy, "assurance_rto").filter(|_| missed)?;
            Some(format!("at most {}", share(of_rto.high?)))
        };
        known.or_else(bound).unwrap_or_else(|| "not known".to_owned())
    });
    let spread = |name: &str| match row(strategy, name) {
        None => "-".to_owned(),
        Some(row) if row.spread == "too few exercises" => row.value.clone(),
        Some(row) => row.spread.clone(),
    };
    let against = strategy.against.as_ref().map(|against| {
        let sentence = against.sentence.trim_end_matches('.');
        sentence.split_once(": ").map_or(sentence, |it| it.1).to_owned()
    });
    [
        chance.unwrap_or_else(|| "no policy".to_owned()),
        spread("last_site_back"),
        spread("sites_lost"),
        against.unwrap_or_else(|| "-".to_owned()),
    ]
}

fn figure<'a>(strategy: &'a StrategyView, name: &str) -> Option<&'a Figure> {
    strategy.figures.iter().find(|it| it.name == name)
}

/// Sentences: when half of the sites, half of the users, and the last site are back.
fn back(view: &View, strategy: &StrategyView) -> Vec<String> {
    let moments = [
        ("half_of_sites_back", ["Half of the sites", "are back", "are not back"]),
        (
            "half_of_users_back",
            ["Half of the users", "have their sites back", "do not have their sites back"],
        ),
        ("last_site_back", ["The last site", "is back", "is not back"]),
        ("last_of_those_back", ["The last of those that come back", "is back", "is not back"]),
    ];
    // Where all come back in every exercise, the last of those that do is just the last.
    let says_more = |figure: &Figure| {
        figure.name != "last_of_those_back"
            || figure.never < figure.n && strategy.rows.iter().any(|row| row.figure == figure.name)
    };
    let known =
        moments.into_iter().filter_map(|(name, words)| Some((figure(strategy, name)?, words)));
    let told = known.filter(|(figure, _)| says_more(figure));
    told.map(|(figure, words)| moment(figure, words, view)).collect()
}

fn moment(figure: &Figure, [who, come, do_not_come]: [&str; 3], view: &View) -> String {
    let horizon = SimDuration::from_seconds(view.experiment.horizon_s);
    let stop = format!("within {}, where exercises stop", exact(horizon));
    let since = format!("after the first {}", view.incident.kind.words().event);
    match (figure.p05, figure.p95, figure.value) {
        (Some(low), Some(high), _) => {
            format!("{who} {come} {} {since} in 9 of 10 exercises.", spell(low, high))
        }
        _ if figure.never == figure.n && figure.n > 1 => {
            format!("{who} {do_not_come} {stop}, in any of {} exercises.", count(figure.n))
        }
        _ if figure.never == figure.n => format!("{who} {do_not_come} {stop}."),
        (Some(low), None, _) => format!(
            "{who} {come} no sooner than {} {since} in 19 of 20 exercises, and in {} of {} not {stop}.",
            spell(low, low),
            count(figure.never),
            count(figure.n),
        ),
        (_, _, Some(value)) => format!(
            "{who} {come} {} {since}; {} too few to say how sure that is.",
            spell(value, value),
            exercises_are(figure.n),
        ),
        _ => {
            format!(
                "{who} {come} in {} of {} exercises only.",
                count(figure.n - figure.never),
                count(figure.n)
            )
        }
    }
}

fn exercises_are(n: u64) -> String {
    match n {
        1 => "one exercise is".to_owned(),
        n => format!("{} exercises are", count(n)),
    }
}

fn spell(low_s: f64, high_s: f64) -> String {
    between(millis(low_s), millis(high_s))
}

fn millis(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// How much data is lost.
fn loss(view: &View, strategy: &StrategyView) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(lost) = figure(strategy, "sites_lost") {
        sentences.push(lost_sites(lost));
    }
    let at = match view.policy.as_ref().map(|it| it.rpo_at) {
        Some(RpoAt::Repair) => "After repair",
        Some(RpoAt::HandOver) | None => "When they are handed over",
    };
    if let Some(rpa) = figure(strategy, "exercise.rpa.p95") {
        sentences.push(match (rpa.p05, rpa.p95, rpa.value) {
            (_, Some(0.0), _) => format!(
                "{at}, 95% of the sites that come back have lost no data, in 9 of 10 exercises."
            ),
            (Some(low), Some(high), _) => format!(
                "{at}, 95% of the sites have lost at most the last {} before their deletion, in 9 \
                 of 10 exercises.",
                spelled(millis(low), millis(high), ["", " to "])
            ),
            (_, _, Some(value)) => format!(
                "{at}, 95% of the sites have lost at most the last {} before their deletion; there \
                 are too few exercises to say how sure that is.",
                spell(value, value)
            ),
            _ => {
                let share = figure(strategy, "share_of_sites_restored").and_then(|it| it.value);
                let why = match share.is_some_and(|it| it >= 0.95) {
                    true => "come back with nobody knowing which data",
                    false => "do not come back",
                };
                format!(
                    "More than 5% of the sites {why}, so there is no age of data that 95% of them \
                     have."
                )
            }
        });
    }
    sentences.extend(strategy.old_data.clone());
    sentences.extend(strategy.data_loss_unknown.clone());
    sentences.extend(strategy.verdict.as_ref().and_then(|it| it.rpo_not_judged.clone()));
    sentences
}

fn lost_sites(figure: &Figure) -> String {
    let number = |it: f64| count(it.round() as u64);
    match (figure.value, figure.p05, figure.p95) {
        (Some(0.0), ..) => match figure.n {
            1 => "No site is lost for good in the only exercise.".to_owned(),
            n => format!("No site is lost for good in any of {} exercises.", count(n)),
        },
        (_, Some(low), Some(high)) if low == high => {
            format!("{} are lost for good in 9 of 10 exercises.", sites(low.round() as u64))
        }
        (_, Some(low), Some(high)) => format!(
            "Between {} and {} are lost for good in 9 of 10 exercises.",
            number(low),
            sites(high.round() as u64)
        ),
        (Some(mean), ..) => format!(
            "{} are lost for good; there are too few exercises to say how sure that is.",
            sites(mean.round() as u64)
        ),
        _ => String::new(),
    }
}

fn sites(number: u64) -> String {
    match number {
        1 => "1 site".to_owned(),
        n => format!("{} sites", count(n)),
    }
}

/// What would help, or where the time goes.
pub(crate) struct Time {
    pub title: &'static str,
    /// The things, each in a sentence.
    pub sentences: Vec<String>,
    /// How they were found, or why there is none.
    pub note: &'static str,
}

impl Time {
    /// Levers where they were simulated; otherwise only what takes the longest, as nobody knows what
    /// less of it would bring.
    fn of(strategy: &StrategyView) -> Self {
        match (&strategy.levers, &strategy.bottlenecks) {
            (Some(levers), _) => Self::of_levers(levers, strategy.only_likeliest_levers),
            (None, Some(bottlenecks)) => Self {
                title: "Where the time goes",
                sentences: longest(bottlenecks).into_iter().map(part).collect(),
                note: "Times and shares are of the time until 95% of the sites are back. What a \
                       change would bring is not simulated: add --levers for that.",
            },
            (None, None) => Self {
                title: "Where the time goes",
                sentences: Vec::new(),
                note: "Nothing can be told: no site ever comes back.",
            },
        }
    }

    fn of_levers(levers: &[LeverView], only_likeliest: bool) -> Self {
        let helps = |lever: &&LeverView| lever.rta_p95.high.is_some_and(|it| it < 0.0);
        let sentences: Vec<String> = levers.iter().filter(helps).take(NAMED).map(lever).collect();
        let note = match (sentences.is_empty(), only_likeliest) {
            (true, false) => {
                "None of the levers that were simulated surely brings the sites back sooner."
            }
            (true, true) => {
                "None of the likeliest levers surely brings the sites back sooner in so few exercises: \
                 --levers simulates all of them, and longer."
            }
            (false, false) => "Each was simulated alone, with the same exercises.",
            (false, true) => {
                "Each of the likeliest was simulated alone, with the same exercises: --levers simulates \
                 all of them, and longer."
            }
        };
        Self { title: "What would help most", sentences, note }
    }
}

/// "4 more in support: 95% of the sites back 1.0 h earlier (0.5 to 1.6 h earlier)."
fn lever(lever: &LeverView) -> String {
    let [difference, interval, ..] = &lever.texts;
    let label = plain(&lever.label);
    format!("{label}: 95% of the sites are back {difference} ({interval}, with 95% confidence).")
}

fn longest(bottlenecks: &BottlenecksView) -> Vec<&PartView> {
    let is_worth_naming = |part: &&PartView| {
        let large = part.share.value.is_some_and(|it| it >= WORTH_NAMING);
        large
            && part.kind.in_whole()
            && !matches!(part.kind, CauseKind::Deletion | CauseKind::Unknown)
    };
    let mut parts: Vec<&PartView> = bottlenecks.parts.iter().filter(is_worth_naming).collect();
    parts.sort_by(|a, b| size(b).total_cmp(&size(a)));
    parts.into_iter().take(NAMED).collect()
}

fn size(part: &PartView) -> f64 {
    part.time.value.unwrap_or(0.0)
}

/// "validate-2 (restoration-2): 2.1 d, between 15.8% and 17.4% of that time."
fn part(part: &PartView) -> String {
    let [time, share, interval, _] = &part.texts;
    let sure = match interval.split_once(" to ") {
        Some((low, high)) => format!("between {low} and {high} of that time"),
        None => format!("{share} of that time"),
    };
    format!("{}: {time}, {sure}.", plain(&part.label))
}
