//! The table of who caught what.

use std::fmt::Write as _;

use crate::judge::Verdict;
use crate::list::Fault;

pub(crate) fn table(faults: &[Fault], verdicts: &[(usize, Verdict)]) -> String {
    let count = |of: fn(&Verdict) -> bool| verdicts.iter().filter(|it| of(&it.1)).count();
    let mut text = format!(
        "# Planted faults, and who caught them\n\n\
         Written by `cargo test --test faults -- --plant all`; see `main.rs` here.\n\n\
         Of {} faults the auditor catches {}, an assertion of the program {} more, a test {} more, \
         and nobody {}.\n\n\
         | fault | what it does | caught by |\n|---|---|---|\n",
        verdicts.len(),
        count(|it| matches!(it, Verdict::Auditor(..))),
        count(|it| matches!(it, Verdict::Assertion(..))),
        count(|it| matches!(it, Verdict::Test(_))),
        count(|it| *it == Verdict::Nobody),
    );
    for (number, verdict) in verdicts {
        let fault = &faults[number - 1];
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let caught = match verdict {
            Verdict::Auditor(scenario, law) => format!("auditor, {law} ({scenario})"),
            Verdict::Assertion(scenario, why) => format!("assertion, {why} ({scenario})"),
            Verdict::Test(name) => format!("test, `{name}`"),
            Verdict::Nobody => "**nobody**".to_owned(),
        };
        writeln!(text, "| `{}` | {} | {} |", fault.id, cell(&fault.says), cell(&caught))
            .expect("a string takes any text");
    }
    text
}
