//! A scenario whose inputs can be changed.

use crate::diagnostics::{Code, Severity};
use crate::scenario::{
    Address, Amount, Checked, Input, Quantity, Scenario, SetOverride, Texts, check_variant, inputs,
    quantities,
};

/// A scenario as it was read, with the overrides that it was called with.
#[derive(Clone, Debug)]
pub struct Inputs {
    texts: Texts,
    overrides: Vec<SetOverride>,
}

/// Why a scenario cannot be changed so.
#[derive(Clone, Debug)]
pub struct Impossible {
    /// The changes.
    pub sets: Vec<SetOverride>,
    /// What is wrong with it then.
    pub checked: Box<Checked>,
}

impl Impossible {
    /// Whether a change names what is not there.
    #[must_use]
    pub fn is_of_address(&self) -> bool {
        self.checked.diagnostics.iter().any(|it| it.code == Code::UnknownAddress)
    }

    /// The first fault, as a sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut errors =
            self.checked.diagnostics.iter().filter(|it| it.severity == Severity::Error);
        errors.next().map_or_else(String::new, |it| it.message.clone())
    }
}

impl Inputs {
    /// The inputs of a scenario that is read from these texts under these overrides.
    #[must_use]
    pub fn new(texts: Texts, overrides: Vec<SetOverride>) -> Self {
        Self { texts, overrides }
    }

    /// The scenario with more overrides, laid over it one after the other.
    ///
    /// Cost: reads and checks all texts again, which takes less time than ten exercises of the
    /// scenario.
    ///
    /// # Errors
    /// When it is no valid scenario then.
    pub fn scenario_with(&self, sets: &[SetOverride]) -> Result<Scenario, Impossible> {
        let all = [&self.overrides[..], sets].concat();
        let mut checked = check_variant(&self.texts, &all);
        match checked.scenario.take() {
            Some(scenario) => Ok(scenario),
            None => Err(Impossible { sets: sets.to_vec(), checked: Box::new(checked) }),
        }
    }

    /// What stands at an address now, where that is a number with or without a unit.
    #[must_use]
    pub fn now(&self, address: &Address) -> Option<Amount> {
        let input = self.all().into_iter().find(|it| it.address == *address)?;
        Amount::read(input.value.trim_matches('"'))
    }

    /// Every quantity of the scenario that a factor can change.
    #[must_use]
    pub fn quantities(&self) -> Vec<Quantity> {
        quantities(&self.texts, &self.overrides)
    }

    /// Everything that stands in the scenario, each with its address.
    #[must_use]
    pub fn all(&self) -> Vec<Input> {
        inputs(&self.texts, &self.overrides)
    }
}
