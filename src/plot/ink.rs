//! The colours of all pictures, each in a light and in a dark form, and the style sheet by which a
//! page changes from one to the other.

/// A colour of the pictures. In a file of its own a picture is light; in a page it follows the
/// page, by [`plot_css`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ink {
    name: &'static str,
    light: u32,
    dark: u32,
}

const fn ink(name: &'static str, light: u32, dark: u32) -> Ink {
    Ink { name, light, dark }
}

/// Titles, axes, and whatever must stand out.
pub(crate) const BLACK: Ink = ink("ink", 0x1A1C1F, 0xE9EBEE);
/// Texts and lines beside those.
pub(crate) const GREY: Ink = ink("grey", 0x5A5F66, 0xA7ADB5);
/// Grids, which may be overlooked.
pub(crate) const PALE: Ink = ink("pale", 0xE1E3E6, 0x3A3F46);
/// What everything is drawn upon.
pub(crate) const WHITE: Ink = ink("paper", 0xFFFFFF, 0x16181C);
pub(crate) const BLUE: Ink = ink("blue", 0x0072B2, 0x4FA8E8);
pub(crate) const ORANGE: Ink = ink("orange", 0xC65300, 0xF28B4B);
const GREEN: Ink = ink("green", 0x00805E, 0x2FC296);
const PINK: Ink = ink("pink", 0xB0508A, 0xE894C4);
const SKY: Ink = ink("sky", 0x3A91C4, 0xA3DDF7);
const GOLD: Ink = ink("gold", 0x957000, 0xE3B62F);

/// The colours of strategies, in their order. They are those of Okabe and Ito, which people who see
/// colours differently can tell apart, made darker or lighter until lines can be seen on either
/// sheet.
pub(crate) const INKS: [Ink; 7] = [BLUE, ORANGE, GREEN, PINK, BLACK, SKY, GOLD];

/// All of them.
const PALETTE: [Ink; 10] = [BLACK, GREY, PALE, WHITE, BLUE, ORANGE, GREEN, PINK, SKY, GOLD];

impl Ink {
    /// As an attribute has it: the light form.
    pub(crate) fn hex(self) -> String {
        hex(self.light)
    }
}

fn hex(colour: u32) -> String {
    format!("#{colour:06X}")
}

/// The style sheet for pictures in a page, each an `<svg class="plot">`: light unless the reader's
/// machine or a `data-theme` of the page's root says dark, and always light on paper.
#[must_use]
pub fn plot_css() -> String {
    let variables = |of: fn(&Ink) -> u32| -> String {
        PALETTE.iter().map(|it| format!("--plot-{}:{};", it.name, hex(of(it)))).collect()
    };
    let (light, dark) = (variables(|it| it.light), variables(|it| it.dark));
    let mut css = format!(
        ":root{{{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n\
         @media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    );
    for it in PALETTE {
        for attribute in ["fill", "stroke"] {
            let (name, light) = (it.name, it.hex());
            css += &format!(".plot [{attribute}=\"{light}\"]{{{attribute}:var(--plot-{name})}}\n");
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as accessibility guidelines define it (WCAG 2.2).
    fn contrast(one: u32, other: u32) -> f64 {
        let luminance = |colour: u32| {
            let channel = |shift: u32| {
                let part = f64::from((colour >> shift) & 0xFF) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
            };
            0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        assert!((contrast(0x000000, 0xFFFFFF) - 21.0).abs() < 1e-9);
        assert!((contrast(0x767676, 0xFFFFFF) - 4.54).abs() < 0.01);
    }

    #[test]
    fn texts_and_lines_can_be_seen_on_light_and_on_dark_sheets() {
        for (of, sheet) in [("light", WHITE.light), ("dark", WHITE.dark)] {
            let form = |it: Ink| if of == "light" { it.light } else { it.dark };
            for text in [BLACK, GREY] {
                let contrast = contrast(form(text), sheet);
                assert!(contrast >= 4.5, "{} on {of}: {contrast:.2}", text.name);
            }
            for line in INKS {
                let contrast = contrast(form(line), sheet);
                assert!(contrast >= 3.0, "{} on {of}: {contrast:.2}", line.name);
            }
        }
    }

    #[test]
    fn every_colour_is_in_the_style_sheet_once_for_each_use() {
        let css = plot_css();
        for it in PALETTE {
            assert_eq!(css.matches(&format!("[fill=\"{}\"]", it.hex())).count(), 1, "{}", it.name);
            assert_eq!(css.matches(&format!("--plot-{}:", it.name)).count(), 3, "{}", it.name);
        }
    }
}
