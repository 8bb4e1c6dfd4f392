//! Pictures as PNG, drawn here and not by a browser, with a font of its own: a machine without
//! fonts gives the same picture.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// Pixels of the PNG for one of the SVG, so that texts are sharp on screens of today.
const SCALE: f32 = 2.0;

/// The name by which the font in the `dejavu` crate calls itself.
const FONT: &str = "DejaVu Sans";

/// Draws SVG files; loads its font once for all of them.
pub(crate) struct Painter {
    options: Options<'static>,
}

impl Painter {
    /// One with the font at hand.
    pub(crate) fn new() -> Self {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(dejavu::sans::regular().to_vec());
        fonts.set_sans_serif_family(FONT);
        let options =
            Options { fontdb: Arc::new(fonts), font_family: FONT.to_owned(), ..Options::default() };
        Self { options }
    }

    /// A picture that this crate has drawn, as PNG.
    pub(crate) fn png(&self, svg: &str) -> Vec<u8> {
        let tree = Tree::from_str(svg, &self.options).expect("our own SVG can be read");
        let size = tree.size().to_int_size();
        let pixels = |it: u32| (it as f32 * SCALE) as u32;
        let sheet = Pixmap::new(pixels(size.width()), pixels(size.height()));
        let mut sheet = sheet.expect("a picture has a size, and not a great one");
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut sheet.as_mut());
        sheet.encode_png().expect("encoding into memory cannot fail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::canvas::draw;
    use crate::plot::frame::NARROW;
    use crate::plot::ink::BLACK;
    use crate::plot::pen::Hang;

    fn picture(text: &str) -> String {
        draw(&NARROW, |canvas| {
            canvas.text(text, (10, 20), 14, BLACK, Hang::Left);
            40
        })
    }

    #[test]
    fn the_same_picture_gives_the_same_bytes() {
        let svg = picture("Recovery");
        assert_eq!(Painter::new().png(&svg), Painter::new().png(&svg));
    }

    #[test]
    fn texts_are_drawn_without_a_font_of_the_machine() {
        let painter = Painter::new();
        let dark = |text: &str| {
            let sheet = Pixmap::decode_png(&painter.png(&picture(text))).expect("a PNG");
            assert_eq!((sheet.width(), sheet.height()), (720, 80));
            sheet.pixels().iter().filter(|it| it.red() < 100).count()
        };
        assert_eq!(dark(""), 0);
        for text in ["Recovery", "время", "ώρα", "שעה", "ساعة"] {
            assert!(dark(text) > 50, "{text}");
        }
    }
}
