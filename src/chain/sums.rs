//! What binding chains come to: their pieces summed over the tree that they make up together, so
//! that a piece is looked at once, however many sites went through it.
//!
//! A piece counts for as many sites as hand-overs lie behind it. Where the recovery time of a site
//! begins after the root, what lies before that counts for one less. What had to become free is
//! followed on the way down from the root: for each pool and track the spans of the present path,
//! each once where they lie on each other. Costs a little more than linear time in the pieces, and
//! the number of pools and tracks for each site.

use crate::chain::layout::Layout;
use crate::chain::walk::{Chains, NONE, Node};
use crate::plan::Plan;
use crate::trace::Piece;

/// What was summed up of one exercise, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sums {
    /// Recovery time of the site at 95 %.
    pub rta: u64,
    /// The parts of its chain, by place in the layout.
    pub of_site: Vec<u64>,
    /// The recovery times of all sites that came back.
    pub all: u64,
    /// The parts of their chains.
    pub of_all: Vec<u64>,
}

/// A site that came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Back {
    /// Its row.
    pub row: usize,
    /// When its recovery time began, in milliseconds.
    pub began: u64,
    /// Its recovery time, in milliseconds.
    pub rta: u64,
}

/// A part of the time for which something was taken, with what lies before it on the same path.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u64,
    to: u64,
    before: u64,
}

/// How the spans of a path were before a piece was added to it.
#[derive(Clone, Copy, Debug)]
enum Undo {
    Added(usize),
    Removed(usize, Span),
    Cut(usize, u64),
}

/// Sums the chains of one exercise after the other.
pub(crate) struct Summing<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    /// For how many sites more a piece counts than all behind it do; once that is summed up, for how
    /// many it counts.
    counts: Vec<i64>,
    /// Whether a hand-over lies behind a piece.
    needed: Vec<bool>,
    /// The first of the pieces that follow each, the next beside each, and the first of all that
    /// follow nothing.
    first: Vec<u32>,
    next: Vec<u32>,
    root: u32,
    /// Where the hand-overs at the end of each piece begin in the list of them.
    ends: Vec<u32>,
    path: Vec<u32>,
    /// By place in the layout: the spans of the present path, none on another.
    spans: Vec<Vec<Span>>,
    /// The places at which there has been any.
    bound: Vec<usize>,
    undo: Vec<Undo>,
    /// How far to go back when each piece of the path is left.
    marks: Vec<usize>,
    sums: Vec<i128>,
}

impl<'a> Summing<'a> {
    pub(crate) fn new(plan: &'a Plan, layout: &'a Layout) -> Self {
        Self {
            plan,
            layout,
            counts: Vec::new(),
            needed: Vec::new(),
            first: Vec::new(),
            next: Vec::new(),
            root: NONE,
            ends: Vec::new(),
            path: Vec::new(),
            spans: vec![Vec::new(); layout.count()],
            bound: Vec::new(),
            undo: Vec::new(),
            marks: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Sums up the chains of the sites that came back; one of them, by its place, is the site at
    /// 95 %.
    pub(crate) fn sums(&mut self, chains: &Chains<'_>, back: &[Back], at_p95: usize) -> Sums {
        self.sums.clear();
        self.sums.resize(self.layout.count(), 0);
        self.bound.clear();
        let mut ends: Vec<(u32, usize)> =
            back.iter().enumerate().map(|(place, it)| (chains.end_of(it.row), place)).collect();
        ends.sort_unstable();
        let nodes = chains.nodes();
        self.grow(nodes, &ends);
        // What was handed over as soon as it was deleted has no piece.
        let mut of_site = vec![0; self.layout.count()];
        let mut next = self.root;
        while next != NONE {
            self.enter(nodes, next);
            let mut end = self.ends[next as usize];
            while let Some((_, place)) = ends.get(end as usize).filter(|it| it.0 == next) {
                self.hand_over(nodes, &back[*place]);
                if *place == at_p95 {
                    of_site = self.parts_of_path(nodes, &back[*place]);
                }
                end += 1;
            }
            next = self.first[next as usize];
            while let (NONE, Some(last)) = (next, self.path.last().copied()) {
                self.leave(nodes);
                next = self.next[last as usize];
            }
        }
        let of_all: Vec<u64> = self
            .sums
            .iter()
            .map(|it| u64::try_from(*it).expect("a part of the time is no less than none"))
            .collect();
        let all = back.iter().map(|it| it.rta).sum();
        let whole = |sums: &[u64]| self.layout.whole().map(|it| sums[it]).sum::<u64>();
        assert_eq!(whole(&of_all), all, "chains tile the outages");
        assert_eq!(whole(&of_site), back[at_p95].rta, "a chain tiles the outage");
        Sums { rta: back[at_p95].rta, of_site, all, of_all }
    }

    /// Makes the tree of the pieces behind which a hand-over lies.
    fn grow(&mut self, nodes: &[Node], ends: &[(u32, usize)]) {
        self.counts.clear();
        self.counts.resize(nodes.len(), 0);
        self.needed.clear();
        self.needed.resize(nodes.len(), false);
        self.first.clear();
        self.first.resize(nodes.len(), NONE);
        self.next.clear();
        self.next.resize(nodes.len(), NONE);
        self.root = NONE;
        self.ends.clear();
        self.ends.resize(nodes.len(), NONE);
        for (at, (node, _)) in (0u32..).zip(ends).filter(|it| it.1.0 != NONE) {
            let node = *node as usize;
            if !std::mem::replace(&mut self.needed[node], true) {
                self.ends[node] = at;
            }
        }
        for place in (0..nodes.len()).rev() {
            if !self.needed[place] {
                continue;
            }
            let number = u32::try_from(place).expect("fewer than 2^32 pieces");
            let before = nodes[place].after;
            let first = match self.first.get_mut(before as usize) {
                Some(first) => {
                    assert!(nodes[before as usize].to == nodes[place].from, "{GAP}");
                    self.needed[before as usize] = true;
                    first
                }
                None => &mut self.root,
            };
            self.next[place] = std::mem::replace(first, number);
        }
    }

    /// Goes down to a piece.
    fn enter(&mut self, nodes: &[Node], node: u32) {
        let it = &nodes[node as usize];
        self.path.push(node);
        self.marks.push(self.undo.len());
        let Some((place, since)) = self.layout.bound(self.plan, it.bound) else { return };
        if since >= it.from {
            return;
        }
        if self.spans[place].is_empty() && !self.bound.contains(&place) {
            self.bound.push(place);
        }
        let spans = &mut self.spans[place];
        while let Some(last) = spans.last_mut().filter(|it| it.to > since) {
            if last.from < since {
                self.undo.push(Undo::Cut(place, std::mem::replace(&mut last.to, since)));
                break;
            }
            self.undo.push(Undo::Removed(place, *last));
            spans.pop();
        }
        let before = spans.last().map_or(0, |it| it.before + (it.to - it.from));
        spans.push(Span { from: since, to: it.from, before });
        self.undo.push(Undo::Added(place));
    }

    /// Goes back up from the last piece of the path, when all behind it has been seen.
    fn leave(&mut self, nodes: &[Node]) {
        let node = self.path.pop().expect("only a piece of the path is left");
        let mark = self.marks.pop().expect("every piece of the path has a mark");
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::Added(place) => drop(self.spans[place].pop()),
                Undo::Removed(place, span) => self.spans[place].push(span),
                Undo::Cut(place, to) => {
                    self.spans[place].last_mut().expect("it was cut").to = to;
                }
            }
        }
        let count = self.counts[node as usize];
        if let Some(before) = self.path.last() {
            self.counts[*before as usize] += count;
        }
        let it = &nodes[node as usize];
        self.add(it.piece, i128::from(count) * i128::from(it.to - it.from));
    }

    /// The last piece of the path is the end of the chain of a site.
    fn hand_over(&mut self, nodes: &[Node], back: &Back) {
        let last = *self.path.last().expect("a piece was entered");
        self.counts[last as usize] += 1;
        match self.cut(nodes, back.began) {
            Some(cut) => {
                let it = &nodes[self.path[cut] as usize];
                if let Some(before) = cut.checked_sub(1) {
                    self.counts[self.path[before] as usize] -= 1;
                }
                let outside = back.began.min(it.to) - it.from;
                self.add(it.piece, -i128::from(outside));
            }
            None => {
                let root = &nodes[self.path[0] as usize];
                self.add(Piece::Deletion, i128::from(root.from - back.began));
            }
        }
        for at in 0..self.bound.len() {
            let place = self.bound[at];
            self.sums[place] += i128::from(self.length_of(place, back.began));
        }
    }

    /// The place on the path of the piece in which an instant lies; none if it is before all.
    fn cut(&self, nodes: &[Node], at: u64) -> Option<usize> {
        self.path.partition_point(|it| nodes[*it as usize].from <= at).checked_sub(1)
    }

    /// How long the spans of a place are from an instant on.
    fn length_of(&self, place: usize, from: u64) -> u64 {
        let spans = &self.spans[place];
        let up_to = |span: &Span, at: u64| span.before + (at - span.from);
        let whole = spans.last().map_or(0, |it| up_to(it, it.to));
        let before = spans.partition_point(|it| it.from < from).checked_sub(1);
        whole - before.map_or(0, |it| up_to(&spans[it], spans[it].to.min(from)))
    }

    /// The parts of the chain that the path is.
    fn parts_of_path(&self, nodes: &[Node], back: &Back) -> Vec<u64> {
        let mut parts = vec![0; self.layout.count()];
        let cut = self.cut(nodes, back.began);
        for node in &self.path[cut.unwrap_or(0)..] {
            let it = &nodes[*node as usize];
            let length = it.to.saturating_sub(it.from.max(back.began));
            self.layout.each_of(self.plan, it.piece, |place| parts[place] += length);
        }
        if cut.is_none() {
            let root = &nodes[self.path[0] as usize];
            let waited = root.from - back.began;
            self.layout.each_of(self.plan, Piece::Deletion, |place| parts[place] += waited);
        }
        for place in &self.bound {
            parts[*place] += self.length_of(*place, back.began);
        }
        parts
    }

    fn add(&mut self, piece: Piece, length: i128) {
        let Self { layout, plan, sums, .. } = self;
        layout.each_of(plan, piece, |place| sums[place] += length);
    }
}

const GAP: &str = "the pieces of a chain have no gap between them";
