//! Each name once, by its number.

use hashbrown::HashMap;

/// Names in the order in which they came.
#[derive(Default)]
pub struct Names {
    // The standard hasher's keys are random: names in reports cannot be chosen to collide.
    numbers: HashMap<String, u32, std::hash::RandomState>,
    names: Vec<String>,
}

impl Names {
    /// The number of a name.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The name with a number.
    pub fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }
}
