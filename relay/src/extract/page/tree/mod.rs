//! The tree that the HTML standard builds of a page (section 13.2.6), by html5ever; here is what it is kept in.

mod growing;
mod ticket;

use super::tokenizer::{Text, Tokenizer};
use super::{BeyondBounds, Budget};
use growing::Growing;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName};
use std::num::NonZeroU32;

/// A node: its place in the tree, counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(NonZeroU32);

impl Id {
    /// The document is the first node.
    const DOCUMENT: Self = Self(NonZeroU32::MIN);

    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A page as its elements and texts.
pub(super) struct Tree<'h> {
    nodes: Vec<Node<'h>>,
    /// Whether the page is laid out as before there was a standard.
    pub(super) is_quirky: bool,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind<'h> {
    /// The document, and the contents of each template.
    Root,
    Element(Element),
    Text(Text<'h>),
    /// A comment: shown to nobody.
    Comment,
}

#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: QualName,
    pub(super) attributes: Vec<Attribute>,
    /// The node that holds a template's contents; nothing of them is shown.
    template: Option<Id>,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &LocalName) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.local == *name).map(|attribute| &*attribute.value)
    }
}

#[derive(Debug)]
struct Node<'h> {
    kind: Kind<'h>,
    parent: Option<Id>,
    first_child: Option<Id>,
    last_child: Option<Id>,
    previous: Option<Id>,
    next: Option<Id>,
}

impl<'h> Tree<'h> {
    /// Builds the tree of a page. What it takes is taken from the budget.
    pub(super) fn build(html: &'h str, budget: &mut Budget) -> Result<Self, BeyondBounds> {
        let growing = Growing::new(*budget);
        // Scripts do not run in a mail, but its readers hide what stands in `noscript`.
        let options = TreeBuilderOpts { drop_doctype: true, scripting_enabled: true, ..TreeBuilderOpts::default() };
        let builder = TreeBuilder::new(growing, options);
        Tokenizer::run(html, &builder);
        let Growing { nodes, budget: left, overflows, is_quirky, .. } = builder.sink;
        *budget = left.get();
        if overflows.get() {
            Err(BeyondBounds)
        } else {
            Ok(Self { nodes: nodes.into_inner(), is_quirky: is_quirky.get() })
        }
    }

    pub(super) fn kind(&self, id: Id) -> &Kind<'h> {
        self.nodes.get(id.index()).map_or(&Kind::Comment, |node| &node.kind)
    }

    pub(super) fn first(&self) -> Option<Id> {
        self.first_child(Id::DOCUMENT)
    }

    pub(super) fn first_child(&self, id: Id) -> Option<Id> {
        self.nodes.get(id.index())?.first_child
    }

    pub(super) fn next(&self, id: Id) -> Option<Id> {
        self.nodes.get(id.index())?.next
    }

    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.nodes.get(id.index())?.parent.filter(|&parent| parent != Id::DOCUMENT)
    }
}
