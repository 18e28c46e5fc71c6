//! What a mail program shows of an HTML part: its lines, and the text of the elements of one name.
//!
//! [`tokenizer`] takes a page apart, html5ever puts its [`tree`] together, and here the tree is walked as CSS lays it
//! out: each element with its [`display`] and its [`style`].

mod attribute;
mod budget;
mod char_ref;
mod display;
mod doctype;
mod shown;
mod style;
mod tokenizer;
mod tree;

pub(super) use budget::Budget;

use display::{Display, default_display, is_never_shown, keeps_line_ends};
use html5ever::{local_name, ns};
use shown::Edge;
use std::ops::Range;
use style::{FontSize, Style};
use tree::{Element, Id, Kind, Tree};

/// The visible content of an HTML part.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The visible text, a line for each block. Blanks are collapsed.
    pub(super) text: String,
    /// Where the elements of the name that was asked for stand in the text.
    pub(super) elements: Vec<Range<usize>>,
}

/// A page nests too deep, or takes more than is left of the budget.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BeyondBounds;

impl Page {
    /// Renders HTML of any quality. What it takes is taken from the budget.
    pub(super) fn render(html: &str, element: &str, budget: &mut Budget) -> Result<Self, BeyondBounds> {
        let tree = Tree::build(html, budget)?;
        let mut renderer = Renderer { tree: &tree, element, boxes: Vec::new(), page: Self::default() };
        renderer.walk();
        Ok(renderer.page)
    }
}

/// An element on the page, from its start to its end.
#[derive(Debug, Clone, Copy)]
struct LayoutBox {
    inherited: Inherited,
    /// What stands before it and behind it.
    edge: Edge,
    /// Whether the elements directly inside are blocks.
    is_flex: bool,
    /// Inside a `details` that is closed: whether its summary is still to come.
    summary: Option<bool>,
    /// Where its text starts, if the element was asked for.
    start: Option<usize>,
}

/// What an element passes on to those inside it.
#[derive(Debug, Clone, Copy)]
struct Inherited {
    is_visible: bool,
    /// Whether its font has a size.
    has_size: bool,
    keeps_line_ends: bool,
}

/// What holds outside of every element.
const CANVAS: LayoutBox = LayoutBox {
    inherited: Inherited { is_visible: true, has_size: true, keeps_line_ends: false },
    edge: Edge::None,
    is_flex: false,
    summary: None,
    start: None,
};

struct Renderer<'t> {
    tree: &'t Tree<'t>,
    element: &'t str,
    boxes: Vec<LayoutBox>,
    page: Page,
}

impl Renderer<'_> {
    /// Visits the nodes in the order of the page. It keeps its own stack, for a page nests as deep as it likes.
    fn walk(&mut self) {
        let mut at = self.tree.first();
        while let Some(id) = at {
            if self.enter(id) {
                at = self.tree.first_child(id);
                if at.is_some() {
                    continue;
                }
                self.leave();
            }
            at = self.following(id);
        }
    }

    /// The next node that is not inside this one. Leaves every element that ends before it.
    fn following(&mut self, mut id: Id) -> Option<Id> {
        loop {
            if let Some(next) = self.tree.next(id) {
                return Some(next);
            }
            id = self.tree.parent(id)?;
            self.leave();
        }
    }

    fn around(&self) -> LayoutBox {
        self.boxes.last().copied().unwrap_or(CANVAS)
    }

    /// Shows a text, or begins an element. Returns whether what is inside is to be shown.
    fn enter(&mut self, id: Id) -> bool {
        match self.tree.kind(id) {
            Kind::Root | Kind::Comment => false,
            Kind::Text(text) => {
                let LayoutBox { inherited, summary, .. } = self.around();
                if inherited.is_visible && inherited.has_size && summary.is_none() {
                    self.page.show(&text.decoded(), inherited.keeps_line_ends);
                }
                false
            }
            Kind::Element(element) => {
                let Some(layout) = self.layout(element) else { return false };
                self.page.show_edge(layout.edge);
                let start = (*element.name.local == *self.element).then_some(self.page.text.len());
                self.boxes.push(LayoutBox { start, ..layout });
                true
            }
        }
    }

    fn leave(&mut self) {
        let Some(layout) = self.boxes.pop() else { return };
        if let Some(start) = layout.start {
            self.page.elements.push(start..self.page.text.len());
        }
        self.page.show_edge(layout.edge);
    }

    /// The box of an element; `None` if nothing of it is shown.
    fn layout(&mut self, element: &Element) -> Option<LayoutBox> {
        let name = &element.name.local;
        let is_summary = *name == local_name!("summary");
        if self.is_folded_away(is_summary) || is_never_shown(name) {
            return None;
        }
        let has = |attribute| element.attribute(&attribute).is_some();
        let style = element.attribute(&local_name!("style")).map(Style::parse).unwrap_or_default();
        let is_open = has(local_name!("open"));
        let is_hidden = has(local_name!("hidden")) || *name == local_name!("dialog") && !is_open;
        let display = style.display.unwrap_or_else(|| match is_hidden {
            true => Display::None,
            false if element.name.ns == ns!(html) => default_display(name),
            false => Display::Inline,
        });
        let around = self.around();
        let display = if style.is_out_of_line || around.is_flex { as_block(display) } else { display };
        let can_be_clipped = matches!(display, Display::Block | Display::Flex { .. } | Display::InlineBlock);
        if display == Display::None || style.is_transparent || (style.is_clipped_away && can_be_clipped) {
            return None;
        }
        if *name == local_name!("br") {
            self.page.show_edge(Edge::LineEnd);
            return None;
        }
        Some(LayoutBox {
            inherited: self.inherited(element, &style, around.inherited),
            edge: edge(display),
            is_flex: matches!(display, Display::Flex { .. }),
            summary: (*name == local_name!("details") && !is_open).then_some(true),
            start: None,
        })
    }

    /// What an element passes on, by its own style, else by what it is.
    fn inherited(&self, element: &Element, style: &Style, around: Inherited) -> Inherited {
        let name = &element.name.local;
        // Quirks Mode Standard, section 3.4: a table inherits neither size nor white space.
        let resets = self.tree.is_quirky && *name == local_name!("table");
        let has_own_size = resets || *name == local_name!("font") && element.attribute(&local_name!("size")).is_some();
        Inherited {
            is_visible: style.is_visible.unwrap_or(around.is_visible),
            has_size: match style.font_size {
                Some(FontSize::Zero) => false,
                Some(FontSize::Absolute) => true,
                Some(FontSize::Relative) => around.has_size,
                None => around.has_size || has_own_size,
            },
            keeps_line_ends: style
                .keeps_line_ends
                .unwrap_or(around.keeps_line_ends && !resets || keeps_line_ends(name)),
        }
    }

    /// Whether an element stands directly inside a closed `details` and is not its first summary.
    fn is_folded_away(&mut self, is_summary: bool) -> bool {
        let Some(to_come) = self.boxes.last_mut().and_then(|layout| layout.summary.as_mut()) else { return false };
        let is_shown = is_summary && *to_come;
        *to_come &= !is_summary;
        !is_shown
    }
}

/// What a box becomes outside of a line (CSS Display, section 2.7).
fn as_block(display: Display) -> Display {
    match display {
        Display::Inline | Display::InlineBlock | Display::Cell => Display::Block,
        Display::Flex { .. } => Display::Flex { is_inline: false },
        Display::None | Display::Block | Display::Table => display,
    }
}

fn edge(display: Display) -> Edge {
    match display {
        Display::Block | Display::Table | Display::Flex { is_inline: false } => Edge::LineEnd,
        Display::Cell => Edge::Blank,
        Display::None | Display::Inline | Display::InlineBlock | Display::Flex { is_inline: true } => Edge::None,
    }
}

#[cfg(test)]
mod tests;
