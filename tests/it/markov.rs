//! Markov chains in continuous time, solved: what a case comes to in the mean where there is no closed
//! form.

use std::collections::BTreeMap;

/// What a Markov chain in continuous time may do from a state on: at which rates, and to where it
/// goes. It ends where there is nothing.
pub(crate) type Moves<S> = Vec<(f64, S)>;

/// The expected sum of the rewards, by the hour, of a chain from a state on to its end. With a reward
/// of 1 it is the time that this takes.
pub(crate) fn expected<S: Ord + Clone>(
    first: S,
    moves: impl Fn(&S) -> Moves<S>,
    reward: impl Fn(&S) -> f64,
) -> f64 {
    /// Lists states, each behind those to which it leads, as far as there are no circles.
    fn list<S: Ord + Clone>(
        state: &S,
        moves: &impl Fn(&S) -> Moves<S>,
        places: &mut BTreeMap<S, usize>,
        states: &mut Vec<(S, Moves<S>)>,
    ) {
        places.insert(state.clone(), usize::MAX);
        let next = moves(state);
        for (_, to) in &next {
            if !places.contains_key(to) {
                list(to, moves, places, states);
            }
        }
        places.insert(state.clone(), states.len());
        states.push((state.clone(), next));
    }
    let (mut places, mut states) = (BTreeMap::new(), Vec::new());
    list(&first, &moves, &mut places, &mut states);
    let mut sums = vec![0.0; states.len()];
    loop {
        // One sweep is exact where there are no circles; the others converge (Gauss and Seidel).
        let mut change: f64 = 0.0;
        for (place, (state, next)) in states.iter().enumerate().filter(|it| !it.1.1.is_empty()) {
            let rate: f64 = next.iter().map(|it| it.0).sum();
            let after: f64 = next.iter().map(|(own, to)| own * sums[places[to]]).sum();
            let sum = (reward(state) + after) / rate;
            change = change.max((sum - sums[place]).abs());
            sums[place] = sum;
        }
        if change < 1e-12 {
            return sums[places[&first]];
        }
    }
}

#[test]
fn the_solver_of_markov_chains_agrees_with_closed_forms() {
    let close = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-9, "{found} {exact}");
    // Nine that die on three machines.
    let deaths = |n: &u32| match n {
        0 => Vec::new(),
        n => vec![(f64::from(*n).min(3.0), n - 1)],
    };
    close(expected(9, deaths, |_| 1.0), 2.0 + 1.0 + 1.0 / 2.0 + 1.0 / 3.0);
    // A walk that is thrown back at 5 comes from there to 0 in 5 x 5 steps.
    let walk = |n: &u32| match n {
        0 => Vec::new(),
        5 => vec![(1.0, 4)],
        n => vec![(0.5, n + 1), (0.5, n - 1)],
    };
    close(expected(5, walk, |_| 1.0), 25.0);
}
