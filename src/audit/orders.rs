//! The order in which tracks take sites.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::audit::draws::{Drawn, Lane};
use crate::audit::ground::Ground;
use crate::dist::lognormal_factor;
use crate::ids::Id;
use crate::rng::uniform;
use crate::scenario::{GroupBy, SiteOrder, Track};

/// The order in which each track takes sites, where it is the same in every exercise.
pub(super) fn orders(ground: &Ground<'_>) -> Vec<Option<Vec<u32>>> {
    let order = |track: &Track| (!is_drawn(track)).then(|| order(ground, track));
    ground.strategy.tracks.iter().map(order).collect()
}

/// Whether the order of a track is drawn anew in every exercise.
fn is_drawn(track: &Track) -> bool {
    let it = &track.batch;
    let sized = !matches!(it.order, SiteOrder::List | SiteOrder::Deleted);
    it.order == SiteOrder::Random || (sized && it.noise > 0.0)
}

/// The rows that a track may take, in the order of the estate.
fn candidates(ground: &Ground<'_>, track: &Track) -> Vec<u32> {
    let rows = (0u32..).take(ground.rows.len());
    rows.filter(|it| track.takes.matches(&ground.scenario.estate, ground.rows[*it as usize].id))
        .collect()
}

/// The rows that a track may take, in its order.
fn order(ground: &Ground<'_>, track: &Track) -> Vec<u32> {
    let site = |row: u32| ground.rows[row as usize].site;
    let deleted = ground.scenario.incident.deleted_at(&ground.strategy.guardrails);
    let mut rows = candidates(ground, track);
    match track.batch.order {
        SiteOrder::List | SiteOrder::Random => {}
        SiteOrder::Deleted => rows.sort_by_key(|it| (deleted[*it as usize], *it)),
        SiteOrder::UsersDescending => rows.sort_by_key(|it| (Reverse(site(*it).users), *it)),
        SiteOrder::UsersAscending => rows.sort_by_key(|it| (site(*it).users, *it)),
        SiteOrder::BytesDescending => rows.sort_by_key(|it| (Reverse(site(*it).bytes), *it)),
        SiteOrder::BytesAscending => rows.sort_by_key(|it| (site(*it).bytes, *it)),
        SiteOrder::Tier => {
            rows.sort_by_key(|it| (site(*it).tier, Reverse(site(*it).users), *it));
        }
    }
    together(ground, track, rows)
}

/// The same where it is drawn.
pub(super) fn drawn_order(
    ground: &Ground<'_>,
    track: &Track,
    lane: Lane,
    drawn: &Drawn<'_, '_>,
) -> Vec<u32> {
    let key = |row: u32| {
        let site = ground.rows[row as usize].site;
        let u = uniform(drawn.of_row(lane, row, 0));
        let noisy = |size: f64| size * lognormal_factor(track.batch.noise, u);
        let (users, bytes) = (f64::from(site.users), site.bytes.count() as f64);
        match track.batch.order {
            SiteOrder::UsersDescending => -noisy(users),
            SiteOrder::UsersAscending => noisy(users),
            SiteOrder::BytesDescending => -noisy(bytes),
            SiteOrder::BytesAscending => noisy(bytes),
            SiteOrder::Tier => site.tier.index() as f64 * 1e12 - noisy(users).min(4e11),
            SiteOrder::Random | SiteOrder::List | SiteOrder::Deleted => u,
        }
    };
    let rows = candidates(ground, track);
    let mut keyed: Vec<(f64, u32)> = rows.into_iter().map(|row| (key(row), row)).collect();
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    together(ground, track, keyed.into_iter().map(|it| it.1).collect())
}

/// The same with the sites of a group next to each other, where the first of them stands.
fn together(ground: &Ground<'_>, track: &Track, rows: Vec<u32>) -> Vec<u32> {
    let estate = &ground.scenario.estate;
    let group = |row: u32| -> (u32, u32) {
        let site = ground.rows[row as usize].site;
        match track.batch.group_by {
            GroupBy::None => (0, row),
            GroupBy::Customer => (0, site.customer),
            GroupBy::Shard(id) if estate.has_service(site, id) => (0, ground.shard(id, row)),
            // A site without data of the service is a group of its own.
            GroupBy::Shard(_) => (1, row),
        }
    };
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut known: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for row in rows {
        let place = *known.entry(group(row)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(row);
    }
    groups.concat()
}
