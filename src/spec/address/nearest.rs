//! The address that was probably meant.

use toml::de::{DeTable, DeValue};

use crate::diagnostics::closest;

use super::form::Form;
use super::tree::{Stop, walk};
use super::{Address, Part};

/// Keys that are not there are looked for so deep below what is.
const DEEPEST_ABSENT: usize = 3;

/// How far an address lies from what was written; less is nearer.
type Off = (usize, usize, bool, usize);

/// A part of an address with what else somebody may call it.
#[derive(Clone)]
struct Called {
    part: Part,
    also: Vec<String>,
}

/// The nearest addresses of those that there are, or could be, in the order of the file: all that
/// lie equally near, or none if none is near enough to be a slip.
///
/// An address may be meant by some of its parts (`load.duration`), by parts with a slip in them, and
/// inside lists by the number of an element or by a text that stands in it.
pub(super) fn nearest(written: &Address, tree: &DeTable<'_>, form: &Form) -> Vec<Address> {
    let mut search = Search { written, best: None, found: Vec::new() };
    search.absent(form, &keys_of(tree), &mut Vec::new(), 0);
    walk(tree, &mut |way| {
        let mut called: Vec<Called> = way.iter().map(calls).collect();
        search.consider(&called, true);
        if let DeValue::Table(table) = way.last().expect("a way leads somewhere").value {
            search.absent(&form_of(way, form), &keys_of(table), &mut called, 0);
        }
    });
    search.found
}

fn keys_of<'t>(table: &'t DeTable<'_>) -> Vec<&'t str> {
    table.keys().map(|it| it.get_ref().as_ref()).collect()
}

fn calls(stop: &Stop<'_>) -> Called {
    let mut also = Vec::new();
    if let Some(place) = stop.place {
        also.push((place + 1).to_string());
        let entries = stop.value.as_table().into_iter().flatten();
        also.extend(entries.filter_map(|(_, it)| it.get_ref().as_str().map(str::to_owned)));
    }
    Called { part: stop.part.clone(), also }
}

fn form_of(way: &[Stop<'_>], whole: &Form) -> Form {
    way.iter().fold(whole.clone(), |form, stop| match stop.place {
        Some(_) => form.element(),
        None => form.key(&stop.part.name, &[]).form(),
    })
}

struct Search<'a> {
    written: &'a Address,
    best: Option<Off>,
    found: Vec<Address>,
}

impl Search<'_> {
    /// Considers the keys that a table could have and has not.
    fn absent(&mut self, form: &Form, there: &[&str], way: &mut Vec<Called>, depth: usize) {
        if depth == DEEPEST_ABSENT {
            return;
        }
        for (key, form) in form.keys(there).into_iter().filter(|it| !there.contains(&it.0)) {
            way.push(Called { part: Part::key(key), also: Vec::new() });
            self.consider(way, false);
            self.absent(&form, &[], way, depth + 1);
            way.pop();
        }
    }

    fn consider(&mut self, way: &[Called], there: bool) {
        let Some((slips, other_names)) = off(&self.written.parts, way) else { return };
        let off = (slips, other_names, !there, way.len());
        if self.best.is_none_or(|best| off < best) {
            self.best = Some(off);
            self.found.clear();
        }
        if self.best == Some(off) {
            self.found.push(Address { parts: way.iter().map(|it| it.part.clone()).collect() });
        }
    }
}

/// The letters that were slipped, and the parts that have another name, if what was written is some
/// of the parts of an address, in their order and with its last part.
fn off(written: &[Part], way: &[Called]) -> Option<(usize, usize)> {
    let (last, before) = written.split_last()?;
    let (end, way) = way.split_last()?;
    let first = part_off(last, end)?;
    if before.len() > way.len() {
        return None;
    }
    // Of each number of parts that were written, the least so far; part by part of the address.
    let mut least: Vec<Option<(usize, usize)>> = vec![None; before.len() + 1];
    least[0] = Some(first);
    for called in way {
        for place in (0..before.len()).rev() {
            let Some((slips, names)) = least[place] else { continue };
            let Some((slip, name)) = part_off(&before[place], called) else { continue };
            let sum = (slips + slip, names + name);
            if least[place + 1].is_none_or(|it| sum < it) {
                least[place + 1] = Some(sum);
            }
        }
    }
    least[before.len()]
}

fn part_off(written: &Part, called: &Called) -> Option<(usize, usize)> {
    if written.name == called.part.name {
        return Some((0, 0));
    }
    if called.also.contains(&written.name) {
        return Some((0, 1));
    }
    let name = closest(&written.name, &[called.part.name.as_str()])?;
    let slips = strsim::damerau_levenshtein(&written.name, name);
    // Of a number or a letter nothing is left when it is wrong.
    let some_left = !called.part.is_number() && slips < written.name.chars().count();
    some_left.then_some((slips, 0))
}
