//! Faults as JUnit XML: a suite for each scenario, a case for each fault.

use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::faults::view::{FaultView, ValidationView};
use crate::report::forms::junit::{legal, written};

/// What `validate` found as JUnit XML, ending with a line end.
#[must_use]
pub fn validation_junit(view: &ValidationView) -> String {
    let mut report = Report::new("blackstart validate");
    for it in &view.scenarios {
        let faults: Vec<&FaultView> =
            view.faults.iter().filter(|fault| fault.scenario == it.file).collect();
        let mut suite = suite(&it.file, &faults);
        if it.ok {
            let mut case = TestCase::new("valid", TestCaseStatus::success());
            case.set_classname(suite.name.to_string());
            case.set_system_out(legal(&it.sentence));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    written(&report)
}

/// A suite for each scenario that has faults.
pub(crate) fn fault_suites(faults: &[FaultView]) -> Vec<TestSuite> {
    let same = |a: &FaultView, b: &FaultView| a.scenario == b.scenario;
    let each = faults.chunk_by(same);
    each.map(|it| suite(&it[0].scenario, &it.iter().collect::<Vec<_>>())).collect()
}

fn suite(file: &str, faults: &[&FaultView]) -> TestSuite {
    let stem = Path::new(file).file_stem().map(|it| it.to_string_lossy().into_owned());
    let name = legal(&stem.unwrap_or_else(|| file.to_owned()));
    let mut suite = TestSuite::new(name.as_str());
    suite.add_property(quick_junit::Property::new("scenario", legal(file)));
    for it in faults {
        suite.add_test_case(case(it, &name));
    }
    suite
}

fn case(fault: &FaultView, class: &str) -> TestCase {
    // A warning is no failure and must be seen all the same.
    let mut status = match fault.ok {
        true => TestCaseStatus::skipped(),
        false => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    status.set_message(legal(&fault.told()));
    status.set_type(fault.code);
    status.set_description(legal(&format!("{}: {}", fault.at(), fault.told())));
    let mut case = TestCase::new(legal(&format!("{} at {}", fault.code, fault.at())), status);
    case.set_classname(class);
    case
}
