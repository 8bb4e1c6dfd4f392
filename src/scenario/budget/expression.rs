//! The little language of budgets: `p(95) < 14d`, `share_within(6h) >= 95%`, `value < 3`.

use crate::diagnostics::{Code, Sources, Span};
use crate::scenario::budget::asked::{Aggregate, Expectation, Operator};
use crate::scenario::figures::{Figure, Kind, Scope};
use crate::scenario::read::resolver::{Resolver, share_help};
use crate::spec::{Located, Scalar};
use crate::units::{Share, SimDuration, UnitError};

/// What stands before the bracket, of figures of sites.
const OF_SITES: [&str; 6] = ["p", "max", "min", "mean", "count", "share_within"];

/// Longer signs first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 6] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<", Operator::Less),
    (">", Operator::More),
];

/// A piece of the expression and how many bytes into it that begins.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Piece<'a> {
    fn trimmed(self) -> Self {
        let cut = self.text.len() - self.text.trim_start().len();
        Self { text: self.text.trim(), at: self.at + cut }
    }

    fn part(self, from: usize, to: usize) -> Self {
        Piece { text: &self.text[from..to], at: self.at + from }.trimmed()
    }
}

/// Reads an expectation about a metric; a fault is told at its place in the text.
pub(crate) fn read(
    written: &Located<String>,
    metric: Figure,
    sources: &Sources,
    resolver: &mut Resolver<'_>,
) -> Option<Expectation> {
    // Between quotes stands what was read, unless it was written with escapes.
    let inside = sources.text(written.span);
    let offset = inside.find(&written.value).filter(|_| !written.value.is_empty());
    let mut reader = Reader { span: written.span, offset, metric, resolver };
    let whole = Piece { text: &written.value, at: 0 }.trimmed();
    let (left, operator, right) = reader.split(whole)?;
    let aggregate = reader.aggregate(left)?;
    let kind = kind_of(metric, aggregate);
    let threshold = reader.threshold(right, kind, left.text)?;
    let written = whole.text.to_owned();
    Some(Expectation { written, aggregate, operator, threshold, kind })
}

fn kind_of(metric: Figure, aggregate: Aggregate) -> Kind {
    match aggregate {
        Aggregate::Count => Kind::Count,
        Aggregate::ShareWithin(_) => Kind::Share,
        _ => metric.kind(),
    }
}

struct Reader<'a, 'd> {
    span: Span,
    /// Where in the source text the expression begins, behind its quote.
    offset: Option<usize>,
    metric: Figure,
    resolver: &'a mut Resolver<'d>,
}

impl Reader<'_, '_> {
    fn place(&self, piece: Piece<'_>) -> Span {
        match self.offset {
            Some(offset) => {
                let start = self.span.start + offset + piece.at;
                Span::new(start, start + piece.text.len().max(1))
            }
            None => self.span,
        }
    }

    fn bad(&mut self, piece: Piece<'_>, message: String, help: &str) {
        let span = self.place(piece);
        self.resolver.error(Code::BadExpression, span, message).help(help);
    }

    /// What stands before, and what behind, the sign of comparison.
    fn split<'a>(&mut self, whole: Piece<'a>) -> Option<(Piece<'a>, Operator, Piece<'a>)> {
        let found = whole.text.char_indices().find_map(|(at, _)| {
            let sign = OPERATORS.iter().find(|(sign, _)| whole.text[at..].starts_with(sign))?;
            Some((at, sign.0.len(), sign.1))
        });
        let Some((at, length, operator)) = found else {
            let message = format!("`{}` compares nothing", whole.text);
            let example = match self.metric.scope() {
                Scope::Exercise => "write what must hold, such as \"value < 14d\"",
                _ => "write what must hold, such as \"p(95) < 14d\"",
            };
            self.bad(whole, message, example);
            return None;
        };
        let right = whole.part(at + length, whole.text.len());
        if let Some((sign, _)) = OPERATORS
            .iter()
            .find(|(sign, _)| right.text.starts_with(sign))
            .or_else(|| right.text.starts_with('=').then_some(&OPERATORS[2]))
        {
            let message = format!("`{sign}` stands behind another sign of comparison");
            self.bad(right, message, "choose from `<`, `<=`, `>`, `>=`, `==` and `!=`");
            return None;
        }
        let left = whole.part(0, at);
        if left.text.ends_with(['=', '!']) {
            let message = format!("`{}` is no comparison", whole.text);
            self.bad(whole, message, "choose from `<`, `<=`, `>`, `>=`, `==` and `!=`");
            return None;
        }
        Some((left, operator, right))
    }

    fn aggregate(&mut self, left: Piece<'_>) -> Option<Aggregate> {
        let (name, argument) = match left.text.find('(') {
            None => (left, None),
            Some(open) => {
                let Some(close) = left.text.strip_suffix(')').map(str::len) else {
                    self.bad(left, format!("`{}` lacks a `)`", left.text), "close the bracket");
                    return None;
                };
                (left.part(0, open), Some(left.part(open + 1, close)))
            }
        };
        if self.metric.scope() == Scope::Exercise {
            return self.value(name, argument);
        }
        let aggregate = match name.text {
            "p" => return self.quantile(left, argument),
            "share_within" => return self.share_within(left, argument),
            "max" => Aggregate::Max,
            "min" => Aggregate::Min,
            "mean" => Aggregate::Mean,
            "count" => Aggregate::Count,
            "value" => {
                let message = "every site has a value of its own".to_owned();
                self.bad(
                    name,
                    message,
                    "choose from `p(95)`, `max`, `min`, `mean`, `count` and \
                    `share_within(6h)`",
                );
                return None;
            }
            other => {
                let span = self.place(name);
                self.resolver
                    .error(Code::UnknownChoice, span, format!("unknown aggregate `{other}`"))
                    .help_choose(other, OF_SITES);
                return None;
            }
        };
        if let Some(argument) = argument {
            let message = format!("`{}` takes nothing in brackets", name.text);
            self.bad(argument, message, "leave the brackets out");
            return None;
        }
        Some(aggregate)
    }

    fn value(&mut self, name: Piece<'_>, argument: Option<Piece<'_>>) -> Option<Aggregate> {
        if name.text == "value" && argument.is_none() {
            return Some(Aggregate::Value);
        }
        let message = "an exercise has this figure once".to_owned();
        self.bad(name, message, "compare its `value`, such as \"value < 14d\"");
        None
    }

    fn quantile(&mut self, left: Piece<'_>, argument: Option<Piece<'_>>) -> Option<Aggregate> {
        let it = argument.unwrap_or(left);
        let percent = it.text.trim_end_matches('%').trim_end();
        let share = format!("{percent}%").parse::<Share>().ok();
        let share = share.filter(|it| it.fraction() > 0.0 && it.fraction() < 1.0);
        let message = format!("`{}` is no quantile", it.text);
        match share.filter(|_| argument.is_some()) {
            // Is it 95 or a little less than 1 percent?
            Some(share) if share.fraction() < 0.01 && percent == it.text => {
                let message = format!("`{}` is less than one percent", it.text);
                let help =
                    format!("write percent, such as `p(95)`, or `p({percent}%)` if you mean it");
                self.bad(it, message, &help);
                None
            }
            Some(share) => Some(Aggregate::Quantile(share)),
            None => {
                self.bad(it, message, "write a percentage between 0 and 100, such as `p(95)`");
                None
            }
        }
    }

    fn share_within(&mut self, left: Piece<'_>, argument: Option<Piece<'_>>) -> Option<Aggregate> {
        let Some(argument) = argument else {
            let message = "`share_within` does not say within what".to_owned();
            self.bad(left, message, "write a length of time, such as `share_within(6h)`");
            return None;
        };
        self.time(argument).map(Aggregate::ShareWithin)
    }

    fn time(&mut self, piece: Piece<'_>) -> Option<SimDuration> {
        let fault = match piece.text.parse::<SimDuration>() {
            Ok(length) => return Some(length),
            Err(fault) => fault,
        };
        let span = self.place(piece);
        let text = piece.text;
        if fault == UnitError::NoUnit {
            self.resolver
                .error(Code::BareNumber, span, format!("`{text}` has no unit"))
                .help(format!("write a length of time with its unit, such as `{text}h`"));
        } else {
            self.resolver
                .error(Code::BadQuantity, span, format!("`{text}` {fault}"))
                .help("write a length of time such as `2d 4h`");
        }
        None
    }

    /// The number to compare with; of another kind than what it is compared with it is a fault.
    fn threshold(&mut self, piece: Piece<'_>, kind: Kind, left: &str) -> Option<f64> {
        if piece.text.is_empty() {
            let message = format!("`{left}` is compared with nothing");
            self.bad(piece, message, example(kind));
            return None;
        }
        let number = piece.text.replace('_', "").parse::<f64>().ok().filter(|it| it.is_finite());
        let (is_time, is_percent) = (
            piece.text.parse::<SimDuration>().is_ok() && number.is_none(),
            piece.text.ends_with('%'),
        );
        let (fits, due) = match kind {
            Kind::Instant | Kind::Length | Kind::Loss => (!is_percent, "a length of time"),
            Kind::Share => (!is_time, "a share"),
            Kind::Hours => (!is_percent, "a number of hours"),
            Kind::Count => (number.is_some(), "a number of things"),
            Kind::Money => (number.is_some(), "an amount of money"),
        };
        if !fits {
            let message = format!("`{}` is compared with `{left}`, which is {due}", piece.text);
            self.bad(piece, message, example(kind));
            return None;
        }
        match kind {
            Kind::Instant | Kind::Length | Kind::Loss => {
                self.time(piece).map(|it| it.as_millis() as f64)
            }
            Kind::Hours if number.is_some() => number,
            Kind::Hours => self.time(piece).map(SimDuration::as_hours),
            Kind::Share => match piece.text.parse::<Share>() {
                Ok(share) => Some(share.fraction()),
                Err(fault) => {
                    let span = self.place(piece);
                    let help = share_help(&Scalar::Text(piece.text.to_owned()), fault);
                    self.resolver
                        .error(Code::BadShare, span, format!("`{}` {fault}", piece.text))
                        .help(help);
                    None
                }
            },
            Kind::Count | Kind::Money => number,
        }
    }
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Instant | Kind::Length | Kind::Loss => "write a length of time such as `14d`",
        Kind::Share => "write a share such as `95%`",
        Kind::Hours => "write a number of hours such as `12000`",
        Kind::Count => "write a number such as `0`",
        Kind::Money => "write a number such as `50000`",
    }
}
