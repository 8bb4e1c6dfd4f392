//! Lists of whole numbers in as few bits as the widest of them needs; or, where most are like what is
//! known of them, just those that are not.

/// The numbers of all columns of an outcome, one list behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// Numbers of any width from zero to 64 bits, across words.
    words: Vec<u64>,
    /// In bits.
    end: usize,
    /// The places and numbers of exceptions, in the order of places.
    places: Vec<u32>,
    exceptions: Vec<u64>,
}

/// A list of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// Every number, above the least of them, in so many bits from a bit on.
    Every { least: u64, width: u32, from: usize },
    /// All are this number but for exceptions.
    Mostly { number: u64, exceptions: Exceptions },
    /// All are what stands beside them but for exceptions.
    Beside { exceptions: Exceptions },
}

/// Where the exceptions of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exceptions {
    from: usize,
    to: usize,
}

/// Bits of an exception: of its place and its number.
const EXCEPTION: usize = 32 + 64;

impl Columns {
    /// Adds a list of numbers.
    pub(super) fn push(&mut self, numbers: impl ExactSizeIterator<Item = u64> + Clone) -> Column {
        let (least, width) = bounds(numbers.clone());
        let most = most_frequent(numbers.clone());
        let others = numbers.clone().filter(|it| *it != most).count();
        if others * EXCEPTION < numbers.len() * width as usize {
            let exceptions = self.add_exceptions(numbers.map(|it| (it, most)));
            return Column::Mostly { number: most, exceptions };
        }
        self.add_every(numbers, least, width)
    }

    /// Adds a list of numbers, if there are any.
    pub(super) fn push_any(
        &mut self,
        numbers: impl ExactSizeIterator<Item = u64> + Clone,
    ) -> Option<Column> {
        (numbers.len() > 0).then(|| self.push(numbers))
    }

    /// Adds a list of numbers of which most may be those beside them, which are known when the list is
    /// read.
    pub(super) fn push_beside(
        &mut self,
        numbers: impl ExactSizeIterator<Item = u64> + Clone,
        beside: impl Iterator<Item = u64> + Clone,
    ) -> Column {
        let (least, width) = bounds(numbers.clone());
        let pairs = numbers.clone().zip(beside);
        let others = pairs.clone().filter(|(own, other)| own != other).count();
        if others * EXCEPTION <= numbers.len() * width as usize {
            return Column::Beside { exceptions: self.add_exceptions(pairs) };
        }
        self.add_every(numbers, least, width)
    }

    fn add_every(&mut self, numbers: impl Iterator<Item = u64>, least: u64, width: u32) -> Column {
        let from = self.end;
        numbers.for_each(|it| self.add(it - least, width));
        Column::Every { least, width, from }
    }

    /// Adds a number of so many bits.
    fn add(&mut self, number: u64, width: u32) {
        let (word, shift) = (self.end / 64, self.end % 64);
        self.end += width as usize;
        self.words.resize(self.end.div_ceil(64), 0);
        if width == 0 {
            return;
        }
        self.words[word] |= number << shift;
        if shift + width as usize > 64 {
            self.words[word + 1] |= number >> (64 - shift);
        }
    }

    /// Adds the numbers that are not as was expected, each given with that.
    fn add_exceptions(&mut self, pairs: impl Iterator<Item = (u64, u64)>) -> Exceptions {
        let from = self.places.len();
        for (place, (number, _)) in (0u32..).zip(pairs).filter(|(_, (own, other))| own != other) {
            self.places.push(place);
            self.exceptions.push(number);
        }
        Exceptions { from, to: self.places.len() }
    }

    /// Without room for more.
    pub(super) fn fitted(mut self) -> Self {
        self.words.shrink_to_fit();
        self.places.shrink_to_fit();
        self.exceptions.shrink_to_fit();
        self
    }

    /// The number at a place of a column.
    pub(super) fn number(&self, column: &Column, place: usize) -> u64 {
        self.number_beside(column, place, 0)
    }

    /// The number at a place of a column, beside which this one stands.
    pub(super) fn number_beside(&self, column: &Column, place: usize, beside: u64) -> u64 {
        match column {
            Column::Every { least, width, from } => {
                least + self.bits(from + place * *width as usize, *width)
            }
            Column::Mostly { number, exceptions } => {
                self.exception(*exceptions, place).unwrap_or(*number)
            }
            Column::Beside { exceptions } => self.exception(*exceptions, place).unwrap_or(beside),
        }
    }

    fn exception(&self, Exceptions { from, to }: Exceptions, place: usize) -> Option<u64> {
        let own = self.places[from..to].binary_search_by(|it| (*it as usize).cmp(&place));
        own.ok().map(|it| self.exceptions[from + it])
    }

    /// So many bits from one on.
    fn bits(&self, from: usize, width: u32) -> u64 {
        if width == 0 {
            return 0;
        }
        let (word, shift) = (from / 64, from % 64);
        let mut bits = self.words[word] >> shift;
        if shift + width as usize > 64 {
            bits |= self.words[word + 1] << (64 - shift);
        }
        bits & (u64::MAX >> (64 - width))
    }
}

/// The least number, and how many bits the greatest needs above it.
fn bounds(numbers: impl Iterator<Item = u64>) -> (u64, u32) {
    let (least, most) =
        numbers.fold((u64::MAX, 0), |(least, most), it| (least.min(it), most.max(it)));
    (least, most.saturating_sub(least).checked_ilog2().map_or(0, |it| it + 1))
}

/// The number that more than half of all are, if there is one; else any. (Boyer and Moore's vote.)
fn most_frequent(numbers: impl Iterator<Item = u64>) -> u64 {
    let vote = |(leader, lead): (u64, usize), number: u64| match lead {
        0 => (number, 1),
        _ if number == leader => (leader, lead + 1),
        _ => (leader, lead - 1),
    };
    numbers.fold((0, 0), vote).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(columns: &Columns, column: &Column, beside: &[u64]) -> Vec<u64> {
        let numbers = beside.iter().enumerate();
        numbers.map(|(place, it)| columns.number_beside(column, place, *it)).collect()
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            lists in proptest::collection::vec(
                proptest::collection::vec((any::<u64>(), 0u32..64, any::<bool>()), 0..40),
                0..6,
            ),
        ) {
            let mut columns = Columns::default();
            let mut written = Vec::new();
            for list in &lists {
                let beside: Vec<u64> = list.iter().map(|it| it.0 >> it.1).collect();
                let like = |(it, beside): (&(u64, u32, bool), &u64)| if it.2 { 7 } else { *beside };
                let own: Vec<u64> = list.iter().zip(&beside).map(like).collect();
                let plain = columns.push(own.iter().copied());
                let other = columns.push_beside(own.iter().copied(), beside.iter().copied());
                written.push((plain, other, own, beside));
            }
            let columns = columns.fitted();
            for (plain, other, own, beside) in written {
                prop_assert_eq!(&read(&columns, &plain, &beside), &own);
                prop_assert_eq!(read(&columns, &other, &beside), own);
            }
        }
    }

    #[test]
    fn what_is_mostly_the_same_takes_no_room() {
        let mut columns = Columns::default();
        let numbers: Vec<u64> =
            (0..1_000).map(|it| if it % 50 == 0 { it } else { 300_000 }).collect();
        let column = columns.push(numbers.iter().copied());
        assert!(matches!(column, Column::Mostly { number: 300_000, .. }), "{column:?}");
        assert_eq!((columns.words.len(), columns.exceptions.len()), (0, 20));
        let even = columns.push((0..1_000u32).map(u64::from));
        assert_eq!(even, Column::Every { least: 0, width: 10, from: 0 });
    }
}
