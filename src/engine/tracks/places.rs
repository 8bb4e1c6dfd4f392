//! A set of places in an order whose first is found at once.

/// How many places, or words of the floor below, a word stands for.
const WIDTH: usize = u64::BITS as usize;

/// A bit for each place that is in the set; and floor over floor a bit for each word below that has
/// any, up to a single word.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    floors: Vec<Vec<u64>>,
}

impl Places {
    /// None of this many.
    pub(super) fn of(count: usize) -> Self {
        let mut floors = vec![vec![0; count.div_ceil(WIDTH).max(1)]];
        while let Some(below) = floors.last().filter(|floor| floor.len() > 1) {
            floors.push(vec![0; below.len().div_ceil(WIDTH)]);
        }
        Self { floors }
    }

    pub(super) fn clear(&mut self) {
        self.floors.iter_mut().for_each(|floor| floor.fill(0));
    }

    pub(super) fn insert(&mut self, place: u32) {
        let mut at = place as usize;
        for floor in &mut self.floors {
            floor[at / WIDTH] |= 1 << (at % WIDTH);
            at /= WIDTH;
        }
    }

    /// Takes the first place out of the set.
    #[inline(always)]
    pub(super) fn take_first(&mut self) -> Option<u32> {
        match self.floors.last() {
            Some(top) if top[0] != 0 => Some(self.remove_first()),
            _ => None,
        }
    }

    fn remove_first(&mut self) -> u32 {
        let down = self.floors.iter().rev();
        let place = down.fold(0, |at, floor| at * WIDTH + floor[at].trailing_zeros() as usize);
        let mut at = place;
        for floor in &mut self.floors {
            let word = &mut floor[at / WIDTH];
            *word &= !(1 << (at % WIDTH));
            if *word != 0 {
                break;
            }
            at /= WIDTH;
        }
        u32::try_from(place).expect("a place was put in as 32 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_comes_first_whatever_was_put_in_when() {
        let mut places = Places::of(300_000);
        for place in [299_999, 64, 70_000, 63, 0, 64, 4096] {
            places.insert(place);
        }
        let mut taken: Vec<u32> = (0..4).map_while(|_| places.take_first()).collect();
        places.insert(1);
        taken.extend(std::iter::from_fn(|| places.take_first()));
        assert_eq!(taken, [0, 63, 64, 4096, 1, 70_000, 299_999]);
    }

    #[test]
    fn nothing_is_left_after_clearing() {
        for count in [0, 1, 64, 65, 5_000] {
            let mut places = Places::of(count);
            (0..u32::try_from(count).expect("few")).for_each(|place| places.insert(place));
            places.clear();
            assert_eq!(places.take_first(), None);
        }
    }
}
