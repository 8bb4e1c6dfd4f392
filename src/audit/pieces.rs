//! Pieces of chains, as they are told, in words.

use crate::audit::ground::Ground;
use crate::trace::{Bound, Piece, Resource, Try};
use crate::units::SimTime;

/// A piece in words.
pub(super) fn tell(piece: Piece, ground: &Ground<'_>) -> String {
    let pool = |it: u16| match ground.legend.pools.get(usize::from(it)).copied().flatten() {
        Some(resource) => resource_name(resource, ground),
        None => "an inject's end".to_owned(),
    };
    match piece {
        Piece::Work { task, attempt, .. } => {
            let how = match attempt {
                Try::First => "",
                Try::Again => ", done again",
                Try::Failed => ", which failed",
                Try::GivenUp => ", which was given up",
            };
            format!("{}{how}", ground.task_name(task))
        }
        Piece::Capacity(it) => format!("waiting for more of {}", pool(it)),
        Piece::Inject(it) => {
            format!(
                "waiting for the end of inject `{}`",
                ground.scenario.injects[it as usize].title
            )
        }
        Piece::Opening(it) => {
            format!("waiting for track `{}` to open", ground.track_name(usize::from(it)))
        }
        Piece::Slot(it) => {
            format!("waiting for a slot of track `{}`", ground.track_name(usize::from(it)))
        }
        Piece::GivenUp(it) => {
            format!("what track `{}` did and gave up", ground.track_name(usize::from(it)))
        }
        Piece::Automation => "waiting for a machine to take over".to_owned(),
        Piece::Deletion => "waiting for a deletion".to_owned(),
        Piece::Unknown => "nobody knows what".to_owned(),
    }
}

/// People or units in words.
pub(super) fn resource_name(resource: Resource, ground: &Ground<'_>) -> String {
    match resource {
        Resource::Team(it) => format!("team `{}`", ground.scenario.teams[it].name),
        Resource::Limit(it) => format!("limit `{}`", ground.scenario.limits[it].name),
    }
}

/// What a piece is told to have waited for, in words.
pub(super) fn bound(bound: Bound, ground: &Ground<'_>) -> String {
    match bound {
        Bound::Nothing => String::new(),
        Bound::Pool(pool, since) => {
            let known = ground.legend.pools.get(usize::from(pool)).copied().flatten();
            let what = known
                .map_or_else(|| "what nobody knows".to_owned(), |it| resource_name(it, ground));
            format!(", after {what} that was taken since {}", SimTime::from_millis(since))
        }
        Bound::Slot(track, since) => {
            let (track, since) =
                (ground.track_name(usize::from(track)), SimTime::from_millis(since));
            format!(", after a slot of track `{track}` that was taken since {since}")
        }
    }
}
