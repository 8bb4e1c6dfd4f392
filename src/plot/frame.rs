//! The two sizes in which every picture is drawn.

/// How much room there is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The width of the sheet.
    pub width: i32,
    /// What stays free at the left and the right edge.
    pub margin: i32,
    /// The size of titles.
    pub title: i32,
    /// The size of texts.
    pub text: i32,
    /// The size of remarks.
    pub small: i32,
    /// From one line of text to the next.
    pub row: i32,
    /// The height of the part in which a chart's lines are drawn.
    pub panel: i32,
    /// The radius of marks.
    pub mark: i32,
    /// Marks along a line.
    pub marks: usize,
    /// The width of lines.
    pub pen: u32,
    /// Lines that a long text may take.
    pub lines: usize,
}

/// For screens of 640 pixels and more, for paper, and for files.
pub(crate) const WIDE: Frame = Frame {
    width: 900,
    margin: 20,
    title: 18,
    text: 14,
    small: 12,
    row: 20,
    panel: 380,
    mark: 5,
    marks: 12,
    pen: 3,
    lines: 2,
};

/// For telephones.
pub(crate) const NARROW: Frame = Frame {
    width: 360,
    margin: 8,
    title: 15,
    text: 12,
    small: 11,
    row: 17,
    panel: 240,
    mark: 4,
    marks: 6,
    pen: 2,
    lines: 4,
};

impl Frame {
    /// Whether it is the one for telephones.
    pub(crate) fn is_narrow(&self) -> bool {
        self.width < 640
    }

    /// What is left between the margins.
    pub(crate) fn room(&self) -> f64 {
        f64::from(self.width - 2 * self.margin)
    }
}
