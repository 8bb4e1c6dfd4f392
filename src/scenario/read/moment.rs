//! Moments as they are written.

use crate::diagnostics::{Code, Span};
use crate::ids::MilestoneId;
use crate::scenario::moment::{Moment, MomentBase};
use crate::scenario::read::names::find;
use crate::scenario::read::resolver::Resolver;
use crate::spec::Located;
use crate::units::{SimDuration, SimTime};

/// What moments are counted from.
#[derive(Clone, Copy)]
pub(crate) struct Moments<'a> {
    /// The names of the milestones.
    pub milestones: &'a [String],
    /// The wall-clock of T+0, when the scenario states one.
    pub wall_clock: WallClock,
}

impl Moments<'_> {
    /// The milestone of this name.
    pub(crate) fn milestone(
        &self,
        name: &str,
        span: Span,
        resolver: &mut Resolver<'_>,
    ) -> Option<MilestoneId> {
        let known = self.milestones.iter().map(String::as_str);
        find((name, span), known, Code::UnknownMilestone, "milestone", resolver)
    }

    /// A time, or a milestone and a length.
    pub(crate) fn moment(
        &self,
        written: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Option<Moment> {
        Some(match read_moment(written, self.wall_clock, resolver)? {
            WrittenMoment::At(at) => Moment { base: MomentBase::Start, plus: at.since_start() },
            WrittenMoment::After(name, plus) => {
                let base = MomentBase::Milestone(self.milestone(name, written.span, resolver)?);
                Moment { base, plus }
            }
        })
    }
}

/// A moment as written: the name of what it is counted from, not yet looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenMoment<'a> {
    At(SimTime),
    After(&'a str, SimDuration),
}

/// The wall-clock of T+0, when the scenario states one.
pub(crate) type WallClock = Option<jiff::Timestamp>;

/// Reads `T+26h`, an RFC 3339 time, `name` or `name + 2h`.
pub(crate) fn read_moment<'a>(
    written: &'a Located<String>,
    wall_clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> Option<WrittenMoment<'a>> {
    let text = written.value.trim();
    if text.starts_with("T+") {
        return match text.parse() {
            Ok(at) => Some(WrittenMoment::At(at)),
            Err(fault) => {
                resolver
                    .error(Code::BadQuantity, written.span, format!("`{text}` {fault}"))
                    .help("write a time after the first deletion such as \"T+26h\"");
                None
            }
        };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return read_wall_clock(written, wall_clock, resolver).map(WrittenMoment::At);
    }
    let (name, plus) = match text.split_once('+') {
        None => (text, SimDuration::ZERO),
        Some((name, length)) => match length.parse() {
            Ok(length) => (name.trim(), length),
            Err(fault) => {
                resolver
                    .error(Code::BadQuantity, written.span, format!("`{}` {fault}", length.trim()))
                    .help("write a length of time after the name, such as \"confirmed + 2h\"");
                return None;
            }
        },
    };
    Some(WrittenMoment::After(name, plus))
}

fn read_wall_clock(
    written: &Located<String>,
    wall_clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> Option<SimTime> {
    let Ok(at) = written.value.trim().parse::<jiff::Timestamp>() else {
        resolver.error(Code::BadQuantity, written.span, format!("`{}` is no moment", written.value)).help(
            "write \"T+26h\", a time such as \"2022-04-05T08:53:00Z\", or the name of a milestone",
        );
        return None;
    };
    let Some(start) = wall_clock else {
        resolver
            .error(Code::MissingKey, written.span, "the wall-clock of T+0 is not known")
            .help("add `at = \"2022-04-05T07:38:00Z\"` to `[incident]`, or write \"T+26h\" here");
        return None;
    };
    let Ok(millis) = u64::try_from(at.as_millisecond() - start.as_millisecond()) else {
        resolver.error(
            Code::OutOfRange,
            written.span,
            format!("`{at}` lies before the first deletion"),
        );
        return None;
    };
    if millis > SimDuration::MAX.as_millis() {
        resolver.error(
            Code::TimeOverflow,
            written.span,
            format!("`{at}` is over ten years after T+0"),
        );
        return None;
    }
    Some(SimTime::from_millis(millis))
}
