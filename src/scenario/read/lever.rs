//! `[[levers]]`.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Span};
use crate::scenario::lever::{Lever, LeverCost};
use crate::scenario::read::resolver::Resolver;
use crate::spec::{
    Address, Amount, LeverCostSpec, LeverSpec, List, Located, Scalar, SetOverride, spaced,
};

/// The levers of a scenario; those with a fault are left out.
pub(crate) fn resolve(spec: &List<Located<LeverSpec>>, resolver: &mut Resolver<'_>) -> Vec<Lever> {
    spec.iter().filter_map(|it| lever(it, resolver)).collect()
}

fn lever(spec: &Located<LeverSpec>, resolver: &mut Resolver<'_>) -> Option<Lever> {
    let advice = "add `address = \"teams.NAME.people\"`: the input that can be chosen";
    let address = resolver.required(&spec.address, spec.span, "address", advice);
    let values = values(spec, resolver);
    let cost = spec.cost.as_ref().map(|it| cost(it, resolver));
    let address = address?;
    let whole = whole(address, resolver)?;
    let mut lever = Lever::of(&whole, values?);
    if let Some(name) = &spec.name {
        lever.name.clone_from(&name.value);
    }
    lever.cost = cost;
    if cost.is_some_and(|it| it.counts()) && lever.numbers().is_none() {
        let place = spec.cost.as_ref().expect("it has a cost").span;
        resolver
            .error(
                Code::BadQuantity,
                place,
                "a cost for each unit needs values that are numbers of one unit",
            )
            .help("write `cost = { fixed = 1000 }`, or values such as [3, 4, 5]");
        return None;
    }
    Some(lever)
}

/// An override at the address, without its value.
fn whole(address: &Located<String>, resolver: &mut Resolver<'_>) -> Option<SetOverride> {
    let written = address.value.trim();
    // A change needs a value; which one stands in the list.
    match format!("{written}=1").parse::<SetOverride>() {
        Ok(whole) if whole.value == "1" => Some(whole),
        _ => {
            let message = format!("`{written}` is no address");
            resolver
                .error(Code::BadExpression, address.span, message)
                .help("write it as for `--set`: \"teams.database.people\", or with `*` behind it for factors");
            None
        }
    }
}

/// The values as written, one after the other.
fn values(spec: &Located<LeverSpec>, resolver: &mut Resolver<'_>) -> Option<Vec<String>> {
    let most = spec.max.as_ref();
    let (values, span) = match (&spec.values[..], &spec.from) {
        ([], Some(from)) => (range(spec, from, resolver)?, from.span),
        ([first, ..], None) => (spec.values.iter().map(written).collect(), first.span),
        ([], None) => {
            resolver
                .error(Code::MissingKey, spec.span, "a lever has no values")
                .help("add `values = [3, 4, 6]`, or `from = 3`, `to = 6` and `step = 1`");
            return None;
        }
        ([first, ..], Some(_)) => {
            resolver
                .error(Code::ConflictingKeys, first.span, "`values` and `from` exclude each other")
                .help("leave one of them out");
            return None;
        }
    };
    let twice = values.iter().enumerate().find(|(place, it)| values[..*place].contains(it));
    if let Some((_, twice)) = twice {
        let message = format!("the value `{twice}` stands there twice");
        resolver.error(Code::DuplicateName, span, message).help("leave one of them out");
        return None;
    }
    if let Some(most) = most {
        let limit = Amount::read(&written(most));
        let above = |text: &String| Some(Amount::read(text)?.number() > limit.as_ref()?.number());
        if let Some(value) = values.iter().find(|it| above(it) == Some(true)) {
            let message =
                format!("the value `{value}` is above `max`, which is `{}`", written(most));
            resolver.error(Code::OutOfRange, span, message).help("leave it out, or raise `max`");
            return None;
        }
    }
    Some(values)
}

fn range(
    spec: &Located<LeverSpec>,
    from: &Located<Scalar>,
    resolver: &mut Resolver<'_>,
) -> Option<Vec<String>> {
    let to = spec.to.as_ref().or(spec.max.as_ref());
    let (Some(to), Some(step)) = (to, &spec.step) else {
        let lacks = if to.is_none() { "to" } else { "step" };
        resolver
            .error(Code::MissingKey, from.span, format!("`from` is there, and `{lacks}` is not"))
            .help(format!("add `{lacks}`, or write `values = [...]`"));
        return None;
    };
    match spaced(&written(from), &written(to), &written(step)) {
        Ok(values) => Some(values),
        Err(fault) => {
            resolver
                .error(Code::BadQuantity, from.span, fault)
                .help("write `from = 3`, `to = 6` and `step = 1`, all in one unit");
            None
        }
    }
}

fn cost(spec: &Located<LeverCostSpec>, resolver: &mut Resolver<'_>) -> LeverCost {
    let mut money = |it: &Option<Located<f64>>| {
        let Some(it) = it else { return 0.0 };
        if !it.value.is_finite() || it.value < 0.0 {
            resolver
                .error(Code::OutOfRange, it.span, "a cost is a number, and not below 0")
                .help("write what it costs; `each` saves as much where there is less of it");
            return 0.0;
        }
        it.value
    };
    LeverCost {
        fixed: money(&spec.fixed),
        each: money(&spec.each),
        each_hour: money(&spec.each_hour),
    }
}

fn written(scalar: &Located<Scalar>) -> String {
    match &scalar.value {
        Scalar::Text(text) => text.clone(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
    }
}

/// Reports levers of what is not there, or cannot have such a value, and two of one address. `refused`
/// says why each of some overrides cannot be laid over the scenario.
pub(crate) fn check_addresses(
    spec: &List<Located<LeverSpec>>,
    levers: &[Lever],
    refused: &dyn Fn(&[&SetOverride]) -> Vec<Option<Diagnostic>>,
    diagnostics: &mut Diagnostics,
) {
    if levers.is_empty() {
        return;
    }
    // Whoever asks for a value between the two is told then; to read a scenario takes its time.
    let ends: Vec<&SetOverride> =
        levers.iter().flat_map(|it| [it.settings.first(), it.settings.last()]).flatten().collect();
    let faults = refused(&ends);
    let mut known: BTreeMap<&Address, Span> = BTreeMap::new();
    // None has been left out where there was no fault so far.
    for ((written, lever), faults) in spec.iter().zip(levers).zip(faults.chunks(2)) {
        let place = written.address.as_ref().map_or(written.span, |it| it.span);
        if let Some(fault) = faults.iter().flatten().next() {
            tell(fault, place, diagnostics);
        }
        let address = &lever.settings[0].address;
        match known.get(address) {
            Some(first) => {
                diagnostics
                    .error(Code::DuplicateName, place, format!("two levers move `{address}`"))
                    .related(*first, "the first is here")
                    .help("leave one of them out");
            }
            None => {
                known.insert(address, place);
            }
        }
    }
}

fn tell(fault: &Diagnostic, place: Span, diagnostics: &mut Diagnostics) {
    let told = diagnostics.error(fault.code, place, fault.message.clone());
    for help in &fault.helps {
        told.help(help.clone());
    }
}
