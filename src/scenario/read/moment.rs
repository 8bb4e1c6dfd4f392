//! Moments as they are written.

use crate::diagnostics::{Code, Span};
use crate::ids::MilestoneId;
use crate::scenario::moment::{Moment, MomentBase};
use crate::scenario::read::names::find;
use crate::scenario::read::quantity::Desk;
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
        desk: &mut Desk<'_>,
    ) -> Option<MilestoneId> {
        let known = self.milestones.iter().map(String::as_str);
        find((name, span), known, Code::UnknownMilestone, "milestone", desk)
    }

    /// A time, or a milestone and a length.
    pub(crate) fn moment(&self, it: &Located<String>, desk: &mut Desk<'_>) -> Option<Moment> {
        Some(match read_moment(it, self.wall_clock, desk)? {
            WrittenMoment::At(at) => Moment { base: MomentBase::Start, plus: at.since_start() },
            WrittenMoment::After(name, plus) => {
                let base = MomentBase::Milestone(self.milestone(name, it.span, desk)?);
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
    it: &'a Located<String>,
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Option<WrittenMoment<'a>> {
    let text = it.value.trim();
    if text.starts_with("T+") {
        return match text.parse() {
            Ok(at) => Some(WrittenMoment::At(at)),
            Err(fault) => {
                desk.error(Code::BadQuantity, it.span, format!("`{text}` {fault}"))
                    .help("write a time after the first deletion such as \"T+26h\"");
                None
            }
        };
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return read_wall_clock(it, wall_clock, desk).map(WrittenMoment::At);
    }
    let (name, plus) = match text.split_once('+') {
        None => (text, SimDuration::ZERO),
        Some((name, length)) => match length.parse() {
            Ok(length) => (name.trim(), length),
            Err(fault) => {
                desk.error(Code::BadQuantity, it.span, format!("`{}` {fault}", length.trim()))
                    .help("write a length of time after the name, such as \"confirmed + 2h\"");
                return None;
            }
        },
    };
    Some(WrittenMoment::After(name, plus))
}

fn read_wall_clock(
    it: &Located<String>,
    wall_clock: WallClock,
    desk: &mut Desk<'_>,
) -> Option<SimTime> {
    let Ok(at) = it.value.trim().parse::<jiff::Timestamp>() else {
        desk.error(Code::BadQuantity, it.span, format!("`{}` is no moment", it.value)).help(
            "write \"T+26h\", a time such as \"2022-04-05T08:53:00Z\", or the name of a milestone",
        );
        return None;
    };
    let Some(start) = wall_clock else {
        desk.error(Code::MissingKey, it.span, "the wall-clock of T+0 is not known")
            .help("add `at = \"2022-04-05T07:38:00Z\"` to `[incident]`, or write \"T+26h\" here");
        return None;
    };
    let Ok(millis) = u64::try_from(at.as_millisecond() - start.as_millisecond()) else {
        desk.error(Code::OutOfRange, it.span, format!("`{at}` lies before the first deletion"));
        return None;
    };
    if millis > SimDuration::MAX.as_millis() {
        desk.error(Code::TimeOverflow, it.span, format!("`{at}` is over ten years after T+0"));
        return None;
    }
    Some(SimTime::from_millis(millis))
}
