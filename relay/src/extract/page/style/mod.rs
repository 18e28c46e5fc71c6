//! The declarations of a `style` attribute that decide what is shown (CSS Syntax, section 5; the properties where they
//! are named).

mod math;
mod syntax;
mod value;

use super::display::Display;
use syntax::{Declaration, declarations};
use value::{cuts_off, display, font, font_size, is_transparent, is_zero_size, keeps_line_ends};

/// What a `style` attribute says about an element. `None` where it says nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Style {
    /// CSS Display, section 2.
    pub(super) display: Option<Display>,
    /// Whether `float` or `position` takes the element out of its line: it is a block then (CSS 2, section 9.7).
    pub(super) is_out_of_line: bool,
    /// `visibility` (CSS Display, section 4).
    pub(super) is_visible: Option<bool>,
    /// `font-size`, also as part of `font` (CSS Fonts, section 2.5).
    pub(super) font_size: Option<FontSize>,
    /// `opacity: 0` (CSS Color, section 3).
    pub(super) is_transparent: bool,
    /// Whether the box has no height, or no width, and cuts off what does not fit into it.
    pub(super) is_clipped_away: bool,
    /// Whether line ends in the source are line ends on the page (CSS Text, section 3).
    pub(super) keeps_line_ends: Option<bool>,
}

/// What a font size is worth: all that matters is whether there is anything to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FontSize {
    Zero,
    /// A multiple of the size around the element: still nothing, if that is nothing.
    Relative,
    Absolute,
}

impl Style {
    /// Reads a `style` attribute. Of several declarations of a property the last one that is valid counts, those with
    /// `!important` first.
    pub(super) fn parse(text: &str) -> Self {
        let mut declared = Declared::default();
        declarations(text, |declaration| declared.apply(&declaration));
        Self {
            display: declared.display.value,
            is_out_of_line: declared.float.is(true) || declared.position.is(true),
            is_visible: declared.visibility.value,
            font_size: declared.font_size.value,
            is_transparent: declared.opacity.is(true),
            is_clipped_away: declared.overflow_y.is(true) && (declared.height.is(true) || declared.max_height.is(true))
                || declared.overflow_x.is(true) && (declared.width.is(true) || declared.max_width.is(true)),
            keeps_line_ends: declared.white_space.value,
        }
    }
}

/// One property's value so far.
struct Slot<T> {
    value: Option<T>,
    is_important: bool,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: None, is_important: false }
    }
}

impl<T: PartialEq> Slot<T> {
    fn set(&mut self, value: Option<T>, is_important: bool) {
        if is_important || !self.is_important {
            *self = Self { value, is_important };
        }
    }

    fn is(&self, value: T) -> bool {
        self.value == Some(value)
    }
}

/// The properties as declared. `true` says for `overflow` that it cuts off, for a size that it is zero.
#[derive(Default)]
struct Declared {
    display: Slot<Display>,
    float: Slot<bool>,
    position: Slot<bool>,
    visibility: Slot<bool>,
    font_size: Slot<FontSize>,
    opacity: Slot<bool>,
    overflow_x: Slot<bool>,
    overflow_y: Slot<bool>,
    height: Slot<bool>,
    max_height: Slot<bool>,
    width: Slot<bool>,
    max_width: Slot<bool>,
    white_space: Slot<bool>,
}

impl Declared {
    /// Takes over a declaration, if it is valid. Invalid ones leave what was declared before.
    fn apply(&mut self, declaration: &Declaration<'_>) {
        let value = &*declaration.value;
        let is_important = declaration.is_important;
        match &*declaration.property {
            "display" => set(&mut self.display, value, is_important, display),
            "float" => set(&mut self.float, value, is_important, |value| match value {
                "left" | "right" | "inline-start" | "inline-end" => Some(true),
                "none" => Some(false),
                _ => None,
            }),
            "position" => set(&mut self.position, value, is_important, |value| match value {
                "absolute" | "fixed" => Some(true),
                "static" | "relative" | "sticky" => Some(false),
                _ => None,
            }),
            "visibility" => set(&mut self.visibility, value, is_important, |value| match value {
                "visible" | "initial" => Some(true),
                "hidden" | "collapse" => Some(false),
                _ => None,
            }),
            "font-size" => set(&mut self.font_size, value, is_important, font_size),
            "font" => set(&mut self.font_size, value, is_important, font),
            "opacity" => set(&mut self.opacity, value, is_important, is_transparent),
            "overflow" => {
                let mut axes = value.split_ascii_whitespace();
                let first = axes.next().unwrap_or_default();
                let second = axes.next().unwrap_or(first);
                if let (Some(x), Some(y)) = (cuts_off(first), cuts_off(second)) {
                    self.overflow_x.set(Some(x), is_important);
                    self.overflow_y.set(Some(y), is_important);
                }
            }
            "overflow-x" => set(&mut self.overflow_x, value, is_important, cuts_off),
            "overflow-y" => set(&mut self.overflow_y, value, is_important, cuts_off),
            "height" => set(&mut self.height, value, is_important, is_zero_size),
            "max-height" => set(&mut self.max_height, value, is_important, is_zero_size),
            "width" => set(&mut self.width, value, is_important, is_zero_size),
            "max-width" => set(&mut self.max_width, value, is_important, is_zero_size),
            "white-space" | "white-space-collapse" => {
                set(&mut self.white_space, value, is_important, keeps_line_ends);
            }
            _ => {}
        }
    }
}

/// Sets a property to a valid value, or to nothing by a word that takes the declaration back.
fn set<T: PartialEq>(slot: &mut Slot<T>, value: &str, is_important: bool, read: impl Fn(&str) -> Option<T>) {
    match value {
        "inherit" | "unset" | "revert" | "revert-layer" => slot.set(None, is_important),
        _ => {
            if let Some(value) = read(value) {
                slot.set(Some(value), is_important);
            }
        }
    }
}
