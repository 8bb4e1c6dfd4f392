//! The words for an incident: what people read of a fire does not speak of deletions.
//!
//! Sentences, titles and labels are written for a deletion, and [`IncidentKind::tell`] says them of
//! another kind. Ids of figures, keys and columns never go through it.

pub use crate::spec::IncidentKind;

/// What a kind of incident and what it does to a site are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The incident as a whole, after "the": `fire`.
    pub incident: &'static str,
    /// What happens to one site, in the place of "deletion": `destruction`.
    pub event: &'static str,
    /// What it does, in the place of "delete": `destroy`.
    pub verb: &'static str,
    /// What sites are then, in the place of "deleted": `destroyed`.
    pub done: &'static str,
    /// What has done it, behind that word: ` by the fire`. Empty where the word says it.
    pub by: &'static str,
}

const fn words(
    incident: &'static str,
    event: &'static str,
    verb: &'static str,
    done: &'static str,
    by: &'static str,
) -> Words {
    Words { incident, event, verb, done, by }
}

impl IncidentKind {
    /// Every kind, in the order of its documentation.
    pub const ALL: [Self; 11] = [
        Self::Deletion,
        Self::Corruption,
        Self::Ransomware,
        Self::Sabotage,
        Self::Theft,
        Self::Fire,
        Self::Flood,
        Self::Storm,
        Self::Earthquake,
        Self::Outage,
        Self::Other,
    ];

    /// What it is called.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Deletion => words("deletion", "deletion", "delete", "deleted", ""),
            Self::Corruption => words("corruption", "corruption", "corrupt", "corrupted", ""),
            Self::Ransomware => {
                words("attack", "encryption", "encrypt", "encrypted", " by ransomware")
            }
            Self::Sabotage => {
                words("sabotage", "destruction", "destroy", "destroyed", " by sabotage")
            }
            Self::Theft => words("theft", "theft", "steal", "stolen", ""),
            Self::Fire => words("fire", "destruction", "destroy", "destroyed", " by the fire"),
            Self::Flood => words("flood", "destruction", "destroy", "destroyed", " by the flood"),
            Self::Storm => words("storm", "destruction", "destroy", "destroyed", " by the storm"),
            Self::Earthquake => {
                words("earthquake", "destruction", "destroy", "destroyed", " by the earthquake")
            }
            Self::Outage => words("outage", "outage", "affect", "affected", " by the outage"),
            Self::Other => words("incident", "loss", "affect", "affected", " by the incident"),
        }
    }

    /// Whether it is the plain kind.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        *self == Self::Deletion
    }

    /// A text of the program that was written for a deletion, of this kind of incident. Nothing
    /// that somebody else has written may be in it.
    #[must_use]
    pub fn tell(self, text: &str) -> String {
        if self.is_deletion() {
            return text.to_owned();
        }
        let it = self.words();
        let plural = match it.event.strip_suffix('s') {
            Some(stem) => format!("{stem}ses"),
            None => format!("{}s", it.event),
        };
        let a = |word: &str| match word.starts_with(['a', 'e', 'i', 'o', 'u']) {
            true => format!(" an {word}"),
            false => format!(" a {word}"),
        };
        // Longer words first: each begins with the next.
        text.replace("Deleted", &capital(it.done))
            .replace(" a deleted", &a(it.done))
            .replace(" a deletion", &a(it.event))
            .replace("deletions", &plural)
            .replace("deletion", it.event)
            .replace("deleted", it.done)
            .replace("deletes", &format!("{}s", it.verb))
            .replace("delete", it.verb)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase()).into_iter();
    first.chain(letters).collect()
}
