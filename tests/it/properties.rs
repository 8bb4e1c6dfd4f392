//! Laws that hold for every scenario, on random small ones. "More is never worse" is not one.

use blackstart::experiment::{Design, Outcome};
use blackstart::review::NamedRecord;
use blackstart::{experiment, review};
use proptest::prelude::*;

use crate::model::{Model, RULES, critical_path, models};
use crate::support::scenario;

fn outcomes(text: &str, replications: u32) -> Vec<Vec<Outcome>> {
    let scenario = scenario(text);
    let design = Design { replications, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    results.strategies.into_iter().map(|it| it.unpacked()).collect()
}

fn told(text: &str, replication: u64) -> review::Trace {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    review::trace(&scenario, strategy, 1, replication)
}

/// Sites with steps that need nobody, so that no site stands in another's way.
fn alone(model: &Model) -> Model {
    let mut model = model.clone();
    for book in &mut model.books {
        book.in_flight = None;
        book.size = vec![(0, 1)];
        book.steps.iter_mut().for_each(|step| step.needs = [0; 3]);
    }
    model.gap = 0;
    model
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_site_ends_in_exactly_one_way(model in models()) {
        for outcome in outcomes(&model.text(), 3).concat() {
            prop_assert_eq!(outcome.restorations.len(), model.sites);
            for (restoration, by) in outcome.restorations.iter().zip(&outcome.restored_by) {
                prop_assert_eq!(restoration.restored_at().is_some(), *by != u8::MAX);
            }
            for pool in &outcome.pools {
                prop_assert!(pool.busy <= pool.capacity || model.pools.iter().any(|it| it.len() > 1));
            }
        }
    }

    #[test]
    fn no_recovery_is_shorter_than_its_critical_path(model in models()) {
        let model = model.fixed();
        let outcome = told(&model.text(), 0).outcome;
        for (row, restoration) in outcome.restorations.iter().enumerate() {
            if let Some(at) = restoration.restored_at() {
                let book = &model.books[usize::from(outcome.restored_by[row])];
                let deleted = row as u64 * model.gap * 60_000;
                let start = deleted.max(book.opens * 60_000);
                let once_apart = book.steps.iter().all(|it| it.per != blackstart::scenario::Per::Once);
                prop_assert!(!once_apart || at.as_millis() >= start + critical_path(book));
            }
        }
    }

    #[test]
    fn doubling_every_time_doubles_every_instant(model in models()) {
        let model = model.fixed();
        let once = told(&model.text(), 0).records;
        let twice = told(&model.doubled().text(), 0).records;
        let instants = |records: &[NamedRecord], factor: u64| -> Vec<(u64, String)> {
            records
                .iter()
                .map(|it| (it.at.as_millis() * factor, format!("{} {}", it.what, it.whose())))
                .collect()
        };
        prop_assert_eq!(instants(&once, 2), instants(&twice, 1));
    }

    #[test]
    fn new_names_for_steps_change_nothing_but_names(model in models()) {
        let named = |prefix: &str| format!("{}\n{}", model.head(prefix), model.strategy("s"));
        prop_assert_eq!(outcomes(&named("m"), 3), outcomes(&named("other-"), 3));
    }

    #[test]
    fn a_strategy_under_another_name_gives_differences_of_zero(model in models(), rule in 0..RULES.len()) {
        let unrelated = Model { rule, ..model.clone() };
        let text = format!(
            "{}\n{}{}{}",
            model.head("m"),
            model.strategy("one"),
            unrelated.strategy("between"),
            model.strategy("two")
        );
        let all = outcomes(&text, 3);
        prop_assert_eq!(&all[0], &all[2]);
        // Nor does it matter that there are others.
        prop_assert_eq!(&all[0], &outcomes(&model.text(), 3)[0]);
    }

    #[test]
    fn sites_at_the_end_of_the_list_move_no_draw(model in models()) {
        let model = alone(&model);
        let more = Model { sites: model.sites + 5, ..model.clone() };
        for (few, many) in outcomes(&model.text(), 3).concat().iter().zip(outcomes(&more.text(), 3).concat()) {
            prop_assert_eq!(&few.restorations[..], &many.restorations[..model.sites]);
            prop_assert_eq!(&few.restored_by[..], &many.restored_by[..model.sites]);
        }
        let (few, many) = (scenario(&model.text()).estate, scenario(&more.text()).estate);
        prop_assert_eq!(few.sites.as_slice(), &many.sites.as_slice()[..model.sites]);
    }

    #[test]
    fn a_step_that_is_added_moves_no_draw(model in models()) {
        let model = alone(&model);
        let mut longer = model.clone();
        for book in longer.books.iter_mut().filter(|book| book.claims) {
            // It runs beside the others and gives nothing back.
            let mut step = book.steps.last().expect("there is a step").clone();
            step.after.clear();
            step.after_support.clear();
            step.fails = None;
            step.minutes = 1;
            step.drawn = false;
            book.steps.push(step);
        }
        let short: Vec<Outcome> = outcomes(&model.text(), 3).concat();
        let long: Vec<Outcome> = outcomes(&longer.text(), 3).concat();
        // A minute beside the others cannot be what a site waits for, unless nothing else takes as
        // long.
        for (short, long) in short.iter().zip(long) {
            for (short, long) in short.restorations.iter().zip(&long.restorations) {
                if let (Some(short), Some(long)) = (short.restored_at(), long.restored_at()) {
                    prop_assert!(short == long || long.as_millis() - short.as_millis() <= 60_000);
                }
            }
        }
    }
}
