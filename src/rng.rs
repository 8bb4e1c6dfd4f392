//! Uniform numbers addressed by seed, replication and purpose, never by order of use.
//!
//! A draw is found by what it is for: a [`StreamKey`] made of *names* (not indexes, so inserting
//! a step or a site moves nothing else), an attempt, and a position such as the number of a
//! generated site or the hash of a site's name. Adding a draw somewhere therefore never changes a
//! draw elsewhere, and two strategies share every draw they have in common. That synchronisation is
//! what makes their difference precise; "the same seed" with draws taken in order of use saves next
//! to nothing.
//!
//! The numbers are ChaCha with 8 rounds: 32-byte key, 64-bit stream number, and one 64-bit word
//! a position. Key, stream number and words are a format: the known-answer tests below freeze
//! it, and its tag (the first bytes of every key) changes when it has to.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// First eight bytes of every key; a new way to make streams takes a new tag.
const FORMAT: [u8; 8] = *b"blkstrt1";

/// Words decoded at a time: two refills of the generator's own buffer.
const BLOCK: usize = 64;

/// What a number is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// How long an attempt takes.
    Duration,
    /// Whether an attempt fails.
    Failure,
    /// How this exercise speeds or slows a step wherever it is done.
    StepEffect,
    /// How this exercise speeds or slows everything a team does.
    TeamEffect,
    /// How this exercise speeds or slows everything done for a site.
    SiteEffect,
    /// When a milestone of the incident is reached, such as its detection.
    Milestone,
    /// A priority that is drawn by lot.
    Priority,
    /// The order in which tracks take sites.
    Order,
    /// Whether an older snapshot than meant is picked by hand.
    Snapshot,
    /// How much older a snapshot picked by hand is.
    SnapshotAge,
    /// Where in its cycle a periodic backup stands at T+0.
    BackupPhase,
    /// Users of a generated site.
    PopulationUsers,
    /// Bytes stored by a generated site.
    PopulationBytes,
    /// Products of a generated site.
    PopulationProducts,
    /// Region of a generated site.
    PopulationRegion,
    /// Whether a generated site is in use.
    PopulationActive,
    /// Whether the operator itself owns a generated site.
    PopulationOwned,
    /// Customer to whom a generated site belongs.
    PopulationCustomer,
    /// Shard on which a generated site lives.
    PopulationShard,
    /// Which sites the incident deletes.
    DeletionChoice,
    /// In which order it deletes them.
    DeletionOrder,
    /// Whether, when and for how long an inject happens.
    Inject,
    /// Whether a check refuses the deletion.
    Refusal,
    /// How long it takes to undo a soft delete.
    Undelete,
    /// How many incremental backups of a chain can be read.
    ChainBreak,
    /// Whether a full backup cannot be read.
    BackupUnreadable,
    /// Whether no backup can be read.
    BackupsUnreadable,
    /// By what factor a guess is off.
    Doubt,
}

impl Purpose {
    /// The name that goes into the hash; frozen, whatever becomes of the variant's own name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Failure => "failure",
            Self::StepEffect => "step-effect",
            Self::TeamEffect => "team-effect",
            Self::SiteEffect => "site-effect",
            Self::Milestone => "milestone",
            Self::Priority => "priority",
            Self::Order => "order",
            Self::Snapshot => "snapshot",
            Self::SnapshotAge => "snapshot-age",
            Self::BackupPhase => "backup-phase",
            Self::PopulationUsers => "population-users",
            Self::PopulationBytes => "population-bytes",
            Self::PopulationProducts => "population-products",
            Self::PopulationRegion => "population-region",
            Self::PopulationActive => "population-active",
            Self::PopulationOwned => "population-owned",
            Self::PopulationCustomer => "population-customer",
            Self::PopulationShard => "population-shard",
            Self::DeletionChoice => "deletion-choice",
            Self::DeletionOrder => "deletion-order",
            Self::Inject => "inject",
            Self::Refusal => "refusal",
            Self::Undelete => "undelete",
            Self::ChainBreak => "chain-break",
            Self::BackupUnreadable => "backup-unreadable",
            Self::BackupsUnreadable => "backups-unreadable",
            Self::Doubt => "doubt",
        }
    }
}

/// The address of a family of draws: a purpose and the names it concerns.
///
/// Make it once, when the plan is compiled; a draw then costs no hashing of names.
///
/// ```
/// use blackstart::rng::{Purpose, StreamKey, Streams, uniform};
/// let key = StreamKey::new(Purpose::Duration, &["restore", "import database"]);
/// let streams = Streams::new(883, 0);
/// let mut words = [0; 4];
/// streams.fill(key, 0, 10, &mut words);
/// assert_eq!(words[2], streams.word(key, 0, 12));
/// assert!((0.0..1.0).contains(&uniform(words[0])));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The key for `purpose` and `names`, outermost name first.
    ///
    /// FNV-1a over length-prefixed strings, so that `["ab"]` and `["a", "b"]` differ, and a
    /// finaliser, as FNV alone mixes its last bytes badly. The hash is our own because a library's
    /// may change: the keys are part of every published result. Among 100,000 keys two are equal
    /// with probability 3e-10.
    #[must_use]
    pub fn new(purpose: Purpose, names: &[&str]) -> Self {
        let hash = std::iter::once(purpose.name())
            .chain(names.iter().copied())
            .fold(FNV_OFFSET, |hash, text| fnv_1a(fnv_1a(hash, &length_of(text)), text.as_bytes()));
        Self(finalise(hash))
    }

    /// The stream number of one attempt.
    ///
    /// For a fixed attempt this is a bijection, so keys that differ stay apart.
    const fn stream(self, attempt: u32) -> u64 {
        finalise(self.0.wrapping_add((attempt as u64).wrapping_mul(GOLDEN_GAMMA)))
    }
}

/// Where the numbers of one replication come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    key: [u8; 32],
}

impl Streams {
    /// The streams of replication `replication` under the master seed `seed`.
    #[must_use]
    pub fn new(seed: u64, replication: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&FORMAT);
        key[8..16].copy_from_slice(&seed.to_le_bytes());
        key[16..24].copy_from_slice(&replication.to_le_bytes());
        Self { key }
    }

    /// Writes the words at positions `first`, `first + 1`, ... of the stream of `key` and
    /// `attempt` (0 is the first) into `out`.
    ///
    /// Prefer one call with many words: a call costs as much as some thirty words.
    pub fn fill(&self, key: StreamKey, attempt: u32, first: u64, out: &mut [u64]) {
        self.words(key, attempt).fill(first, out);
    }

    /// The word at `position`: what [`Streams::fill`] gives there, however it is cut into blocks.
    #[must_use]
    pub fn word(&self, key: StreamKey, attempt: u32, position: u64) -> u64 {
        self.words(key, attempt).at(position)
    }

    /// All words of the stream of `key` and `attempt`, for whoever wants those at many positions that
    /// do not lie side by side.
    ///
    /// The generator is made anew for each stream: `set_stream` on a used generator keeps the
    /// position, so the first draw of the new stream would silently be its second.
    #[must_use]
    pub fn words(&self, key: StreamKey, attempt: u32) -> Words {
        let mut generator = ChaCha8Rng::from_seed(self.key);
        generator.set_stream(key.stream(attempt));
        Words(generator)
    }
}

/// The words of one stream.
#[derive(Clone, Debug)]
pub struct Words(ChaCha8Rng);

impl Words {
    /// Writes the words at positions `first`, `first + 1`, ... into `out`.
    pub fn fill(&mut self, first: u64, out: &mut [u64]) {
        self.move_to(first);
        let mut bytes = [0; 8 * BLOCK];
        for words in out.chunks_mut(BLOCK) {
            let bytes = &mut bytes[..8 * words.len()];
            self.0.fill_bytes(bytes);
            for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
                *word = u64::from_le_bytes(*bytes);
            }
        }
    }

    /// The words at these positions, in their order; of positions that follow each other all but the
    /// first cost little.
    pub fn all(&mut self, positions: &[u64]) -> Vec<u64> {
        let mut words = vec![0; positions.len()];
        let mut rest = &mut words[..];
        for run in positions.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
            let (out, later) = rest.split_at_mut(run.len());
            self.fill(run[0], out);
            rest = later;
        }
        words
    }

    /// The word at `position`.
    pub fn at(&mut self, position: u64) -> u64 {
        self.move_to(position);
        self.0.next_u64()
    }

    fn move_to(&mut self, position: u64) {
        // The generator counts in 32-bit words.
        self.0.set_word_pos(2 * u128::from(position));
    }
}

/// A number strictly between 0 and 1 from the upper 52 bits of `word`.
///
/// The half keeps both ends out: an inverse transform may take the logarithm of either side.
/// With one bit more the largest value would round to exactly 1.
#[inline]
#[must_use]
pub fn uniform(word: u64) -> f64 {
    const SCALE: f64 = 1.0 / (1u64 << 52) as f64;
    // Through a signed number, which the processor converts in one step; 52 bits fit either.
    ((word >> 12) as i64 as f64 + 0.5) * SCALE
}

/// The bound below which the upper 52 bits of a word lie exactly when its [`uniform`] number is less than
/// a probability, so that a coin is tossed by comparing whole numbers.
///
/// Exact: 2^52 times a double is one, and so is that less a half.
#[must_use]
pub fn below(probability: f64) -> u64 {
    ((probability * (1u64 << 52) as f64) - 0.5).ceil() as u64
}

/// The number that [`below`] bounds.
#[inline]
#[must_use]
pub const fn coin(word: u64) -> u64 {
    word >> 12
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
/// The odd number nearest to 2^64 divided by the golden ratio, the increment of `SplitMix64`.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// A fingerprint of a text, for telling two versions of it apart; no protection against malice.
#[must_use]
pub fn digest(text: &str) -> u64 {
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(text.as_bytes());
    fingerprint.finish()
}

/// The same as [`digest`] of bytes that come piece by piece. No single wrong byte leaves it as it
/// was.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(FNV_OFFSET)
    }
}

impl Fingerprint {
    /// Adds the bytes that come next.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0 = fnv_1a(self.0, bytes);
    }

    /// The fingerprint of all bytes so far.
    #[must_use]
    pub const fn finish(self) -> u64 {
        finalise(self.0)
    }
}

/// Fowler, Noll and Vo's hash, variant 1a, continued from `hash`.
fn fnv_1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
}

fn length_of(text: &str) -> [u8; 8] {
    (text.len() as u64).to_le_bytes()
}

/// One output of `SplitMix64` (Steele, Lea and Flood 2014; Stafford's variant 13 of the mixer).
const fn finalise(hash: u64) -> u64 {
    let z = hash.wrapping_add(GOLDEN_GAMMA);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn key() -> StreamKey {
        StreamKey::new(Purpose::Duration, &["restore", "import database"])
    }

    #[test]
    fn the_hashes_are_the_published_ones() {
        // FNV-1a from the authors' test suite, SplitMix64 from the reference program at seed 0.
        assert_eq!(fnv_1a(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(FNV_OFFSET, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(finalise(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(finalise(GOLDEN_GAMMA), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn a_coin_falls_as_its_uniform_number_says() {
        let step = 1.0 / (1u64 << 52) as f64;
        let odd = [0.0, 1e-300, 0.4 * step, 0.5 * step, 0.6 * step, 1.5 * step, 0.05, 0.3, 0.5];
        for probability in odd.into_iter().chain([0.7, 1.0 - step, 1.0 - 0.5 * step, 1.0]) {
            let bound = below(probability);
            for number in [bound.saturating_sub(1), bound, bound + 1] {
                let word = number.min((1 << 52) - 1) << 12 | 0xfff;
                let falls = coin(word) < bound;
                assert_eq!(falls, uniform(word) < probability, "{number} and {probability}");
            }
        }
    }

    #[test]
    fn the_generator_is_chacha_with_eight_rounds() {
        // ECRYPT test vector for ChaCha8: 256-bit zero key, zero nonce (Strombergson's draft, TC1).
        let mut generator = ChaCha8Rng::from_seed([0; 32]);
        let mut bytes = [0; 16];
        generator.fill_bytes(&mut bytes);
        let expected = [
            0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09,
            0xa5, 0xa1,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn keys_and_words_are_frozen() {
        // Computed by a separate program from the definitions of the three algorithms.
        assert_eq!(key().0, 0xef05_fd7c_c228_124f);
        assert_eq!(StreamKey::new(Purpose::DeletionChoice, &[]).0, 0x8165_0416_2952_bb3b);
        let mut words = [0; 3];
        Streams::new(883, 7).fill(key(), 0, 0, &mut words);
        assert_eq!(words, [0x047c_eca5_69c4_92ee, 0x05e7_cee4_1cbb_5381, 0xb379_e71c_c68e_0b0a]);
        Streams::new(883, 7).fill(key(), 1, 1_000_003, &mut words);
        assert_eq!(words, [0x0263_ab3d_bd40_5193, 0x8029_cd9c_ae9b_6419, 0xdba7_fdb5_769f_b5aa]);
    }

    #[test]
    fn no_two_purposes_share_a_name() {
        use Purpose::*;
        let all = [
            Duration,
            Failure,
            StepEffect,
            TeamEffect,
            SiteEffect,
            Milestone,
            Priority,
            Order,
            Snapshot,
            SnapshotAge,
            BackupPhase,
            PopulationUsers,
            PopulationBytes,
            PopulationProducts,
            PopulationRegion,
            PopulationActive,
            PopulationOwned,
            PopulationCustomer,
            PopulationShard,
            DeletionChoice,
            DeletionOrder,
            Inject,
            Refusal,
            Undelete,
            ChainBreak,
        ];
        assert_eq!(all.map(Purpose::name).iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_word_does_not_depend_on_how_the_stream_is_cut() {
        let streams = Streams::new(1, 2);
        let mut whole = [0; 300];
        streams.fill(key(), 3, 0, &mut whole);
        for cut in 0..=whole.len() {
            let mut parts = [0; 300];
            let (head, tail) = parts.split_at_mut(cut);
            streams.fill(key(), 3, 0, head);
            streams.fill(key(), 3, cut as u64, tail);
            assert_eq!(parts, whole, "cut at {cut}");
        }
        for (position, word) in whole.iter().enumerate() {
            assert_eq!(streams.word(key(), 3, position as u64), *word);
        }
    }

    #[test]
    fn every_part_of_the_address_matters() {
        let base = Streams::new(1, 2);
        let words = [
            base.word(key(), 0, 0),
            base.word(key(), 0, 1),
            base.word(key(), 1, 0),
            base.word(StreamKey::new(Purpose::Failure, &["restore", "import database"]), 0, 0),
            base.word(StreamKey::new(Purpose::Duration, &["import database", "restore"]), 0, 0),
            base.word(StreamKey::new(Purpose::Duration, &["restoreimport database"]), 0, 0),
            base.word(StreamKey::new(Purpose::Duration, &["restore", "import database", ""]), 0, 0),
            Streams::new(2, 1).word(key(), 0, 0),
            Streams::new(1, 3).word(key(), 0, 0),
        ];
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn a_uniform_is_strictly_inside_and_covers_both_halves_alike() {
        assert_eq!(uniform(0), 0.5 / 4_503_599_627_370_496.0);
        assert_eq!(uniform(u64::MAX), 1.0 - uniform(0));
        assert!(uniform(u64::MAX) < 1.0);
        let mut words = vec![0; 100_000];
        Streams::new(5, 5).fill(key(), 0, 0, &mut words);
        let mean = words.iter().copied().map(uniform).sum::<f64>() / words.len() as f64;
        assert!((mean - 0.5).abs() < 4.0 * 0.288_675 / 316.228, "{mean}");
    }
}
