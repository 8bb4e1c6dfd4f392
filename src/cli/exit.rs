//! How the program ends. The codes are frozen: scripts rely on them.

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done. A missed policy is a result, not a failure.
    Fine,
    /// The tool failed: the report could not be written, or a recovery broke a law.
    Failure,
    /// The command line made no sense.
    Usage,
    /// The scenario cannot be read or is invalid, a selection in it can match nothing, or it has
    /// warnings and these are denied.
    Invalid,
    /// There was nothing to check.
    NothingChecked,
    /// Whether a budget is met cannot be told, and that was to fail.
    Undecided,
    /// Something got worse since the baseline, or a strategy of it is gone.
    Regression,
    /// What was checked does not hold.
    Missed,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// The process was told to end (SIGTERM).
    Stopped,
}

impl Exit {
    /// Every end, in the order of the codes.
    pub(super) const ALL: [Self; 10] = [
        Self::Fine,
        Self::Failure,
        Self::Usage,
        Self::Invalid,
        Self::NothingChecked,
        Self::Undecided,
        Self::Regression,
        Self::Missed,
        Self::Interrupted,
        Self::Stopped,
    ];

    /// What it means, as every help has it.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Fine => "done; a missed policy is a result of `run`, not a failure",
            Self::Failure => "the tool failed: a file cannot be written, or a law was broken",
            Self::Usage => "the command line makes no sense",
            Self::Invalid => "a scenario, baseline or table is invalid, or cannot be read",
            Self::NothingChecked => "nothing was checked: no budget, or no site that it is about",
            Self::Undecided => "undecided, with --fail-on-undecided",
            Self::Regression => "something got worse, with --baseline",
            Self::Missed => "what was checked does not hold",
            Self::Interrupted => "interrupted by Ctrl-C; what is kept and how to go on is said",
            Self::Stopped => "the same by SIGTERM",
        }
    }

    /// The exit code of the process.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::NothingChecked => 4,
            Self::Undecided => 97,
            Self::Regression => 98,
            Self::Missed => 99,
            Self::Interrupted => 130,
            Self::Stopped => 143,
        }
    }

    /// The worse of two ends of checks: the one with the higher code.
    pub(super) const fn worse(self, other: Self) -> Self {
        if other.code() > self.code() { other } else { self }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
