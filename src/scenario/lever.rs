//! Levers: inputs that somebody can choose, with the values that they can have and what these cost.

use crate::spec::{Amount, Change, SetOverride, read_values};

/// An input that somebody can choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Lever {
    /// What reports call it.
    pub name: String,
    /// One for each value that it can have; at least one.
    pub settings: Vec<SetOverride>,
    /// What another value than the present one costs, if anybody says so.
    pub cost: Option<LeverCost>,
}

/// What another value than the present one costs, in the money of the teams' costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LeverCost {
    /// Once, whatever the value.
    pub fixed: f64,
    /// For each unit more than now.
    pub each: f64,
    /// For each unit more than now and each hour until the last site is back.
    pub each_hour: f64,
}

impl LeverCost {
    /// Whether it counts units, so that values have to be numbers.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.each != 0.0 || self.each_hour != 0.0
    }
}

impl Lever {
    /// Reads `ADDRESS=VALUES`, where the values are a list or a range, and the address may be followed
    /// by `*` or `+` as in an override.
    ///
    /// # Errors
    /// What is wrong with the text, as a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let whole: SetOverride = text.parse()?;
        let values = read_values(&whole.value)?;
        Ok(Self::of(&whole, values))
    }

    /// A lever with these values at the address of an override, called after it.
    pub(crate) fn of(whole: &SetOverride, values: Vec<String>) -> Self {
        let name = match whole.change {
            Change::Replace => whole.address.to_string(),
            Change::Times => format!("{}*", whole.address),
            Change::Plus => format!("{}+", whole.address),
        };
        let setting = |value| SetOverride { value, ..whole.clone() };
        Self { name, settings: values.into_iter().map(setting).collect(), cost: None }
    }

    /// The lever as [`Lever::read`] takes it.
    #[must_use]
    pub fn written(&self) -> String {
        let first = &self.settings[0];
        let values: Vec<&str> = self.settings.iter().map(|it| it.value.as_str()).collect();
        format!("{}{}{}", first.address, first.change, values.join(","))
    }

    /// The value of a setting, as written.
    #[must_use]
    pub fn value(&self, setting: usize) -> &str {
        &self.settings[setting].value
    }

    /// The values as numbers of one unit; nothing where one is no number or of another unit.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let amounts: Option<Vec<Amount>> =
            self.settings.iter().map(|it| Amount::read(&it.value)).collect();
        let amounts = amounts?;
        let one_unit = amounts.iter().all(|it| it.unit() == amounts[0].unit());
        one_unit.then(|| amounts.iter().map(Amount::number).collect())
    }
}
