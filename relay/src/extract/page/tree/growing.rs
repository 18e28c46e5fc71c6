//! A tree under construction: what html5ever asks for.

use super::super::budget::Budget;
use super::super::tokenizer::{Consumer, Text};
use super::ticket::Tickets;
use super::{Element, Id, Kind, Node};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeSink};
use html5ever::{Attribute, QualName};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::num::NonZeroU32;

/// Elements that are open at the same time, those to be opened again included. Browsers stop at 512 too.
const MOST_OPEN: usize = 512;

/// Steps from one count of the open elements to the next. A step opens one or two, so they cannot grow by much unseen.
const STEPS_BETWEEN_COUNTS: usize = 32;

/// A tree under construction.
pub(super) struct Growing<'h> {
    pub(super) nodes: RefCell<Vec<Node<'h>>>,
    tickets: Tickets<'h>,
    pub(super) budget: Cell<Budget>,
    steps: Cell<usize>,
    /// How many elements were open when they were last counted.
    open: Cell<usize>,
    /// Whether too many are open, or the budget is spent.
    pub(super) overflows: Cell<bool>,
    /// Whether the page is laid out as before there was a standard (Quirks Mode Standard).
    pub(super) is_quirky: Cell<bool>,
}

impl<'h> Consumer<'h> for TreeBuilder<Id, Growing<'h>> {
    fn spend_step(&self) -> bool {
        let step = self.sink.steps.get();
        if step.is_multiple_of(STEPS_BETWEEN_COUNTS) {
            let count = Count::default();
            self.trace_handles(&count);
            self.sink.open.set(count.0.get());
        }
        self.sink.steps.set(step + 1);
        self.sink.spend(Budget::step(self.sink.open.get()));
        if self.sink.open.get() > MOST_OPEN {
            self.sink.overflows.set(true);
        }
        !self.sink.overflows.get()
    }

    fn take_text(&self, text: Text<'h>) {
        let ticket = self.sink.tickets.give(text);
        let _ = self.process_token(Token::CharacterTokens(ticket), 1);
    }
}

/// Counts what html5ever holds on to: elements that are open, or are to be opened again.
#[derive(Default)]
struct Count(Cell<usize>);

impl Tracer for Count {
    type Handle = Id;

    fn trace_handle(&self, _: &Id) {
        self.0.set(self.0.get() + 1);
    }
}

impl<'h> Growing<'h> {
    pub(super) fn new(budget: Budget) -> Self {
        let growing = Self {
            nodes: RefCell::default(),
            tickets: Tickets::default(),
            budget: Cell::new(budget),
            steps: Cell::new(0),
            open: Cell::new(0),
            overflows: Cell::new(false),
            is_quirky: Cell::new(false),
        };
        growing.add(Kind::Root);
        growing
    }

    fn add(&self, kind: Kind<'h>) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let node = Node { kind, parent: None, first_child: None, last_child: None, previous: None, next: None };
        nodes.push(node);
        // There are fewer nodes than bytes in a mail.
        u32::try_from(nodes.len()).ok().and_then(NonZeroU32::new).map_or(Id::DOCUMENT, Id)
    }

    fn spend(&self, cost: Budget) {
        match self.budget.get().less(cost) {
            Some(left) => self.budget.set(left),
            None => self.overflows.set(true),
        }
    }

    fn node_of(&self, child: NodeOrText<Id>) -> Id {
        match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(ticket) => self.add(Kind::Text(self.tickets.redeem(&ticket))),
        }
    }

    /// Changes a node. Every id is one that `add` gave, so there is always one.
    fn change(&self, id: Id, change: impl FnOnce(&mut Node<'h>)) {
        self.nodes.borrow_mut().get_mut(id.index()).map(change);
    }

    fn link<T>(&self, id: Id, link: impl FnOnce(&Node<'h>) -> T) -> Option<T> {
        self.nodes.borrow().get(id.index()).map(link)
    }

    /// Puts a node that has no parent between two neighbours, either of which may be missing.
    fn insert(&self, parent: Id, previous: Option<Id>, next: Option<Id>, id: Id) {
        self.change(id, |node| {
            node.parent = Some(parent);
            node.previous = previous;
            node.next = next;
        });
        match previous {
            Some(previous) => self.change(previous, |node| node.next = Some(id)),
            None => self.change(parent, |node| node.first_child = Some(id)),
        }
        match next {
            Some(next) => self.change(next, |node| node.previous = Some(id)),
            None => self.change(parent, |node| node.last_child = Some(id)),
        }
    }
}

impl TreeSink for Growing<'_> {
    type Handle = Id;
    type Output = Self;
    type ElemName<'a>
        = Ref<'a, QualName>
    where
        Self: 'a;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        Id::DOCUMENT
    }

    fn elem_name<'a>(&'a self, id: &'a Id) -> Ref<'a, QualName> {
        static NONE: QualName = QualName { prefix: None, ns: html5ever::ns!(), local: html5ever::local_name!("") };
        Ref::map(self.nodes.borrow(), |nodes| match nodes.get(id.index()).map(|node| &node.kind) {
            Some(Kind::Element(element)) => &element.name,
            _ => &NONE,
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Id {
        self.spend(Budget::ELEMENT);
        let template = flags.template.then(|| self.add(Kind::Root));
        self.add(Kind::Element(Element { name, attributes, template }))
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.add(Kind::Comment)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.add(Kind::Comment)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        let id = self.node_of(child);
        let last = self.link(*parent, |parent| parent.last_child).flatten();
        self.insert(*parent, last, None, id);
    }

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        let id = self.node_of(child);
        self.remove_from_parent(&id);
        let place = self.link(*sibling, |sibling| (sibling.parent, sibling.previous));
        if let Some((Some(parent), previous)) = place {
            self.insert(parent, previous, Some(*sibling), id);
        }
    }

    fn append_based_on_parent_node(&self, element: &Id, previous_element: &Id, child: NodeOrText<Id>) {
        if self.link(*element, |element| element.parent).flatten().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous_element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, id: &Id) -> Id {
        let template = self.link(*id, |node| match &node.kind {
            Kind::Element(element) => element.template,
            _ => None,
        });
        template.flatten().unwrap_or(*id)
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.is_quirky.set(mode == QuirksMode::Quirks);
    }

    fn add_attrs_if_missing(&self, id: &Id, attributes: Vec<Attribute>) {
        self.change(*id, |node| {
            let Kind::Element(element) = &mut node.kind else { return };
            for attribute in attributes {
                if element.attribute(&attribute.name.local).is_none() {
                    element.attributes.push(attribute);
                }
            }
        });
    }

    fn remove_from_parent(&self, id: &Id) {
        let Some((Some(parent), previous, next)) = self.link(*id, |node| (node.parent, node.previous, node.next))
        else {
            return;
        };
        match previous {
            Some(previous) => self.change(previous, |node| node.next = next),
            None => self.change(parent, |node| node.first_child = next),
        }
        match next {
            Some(next) => self.change(next, |node| node.previous = previous),
            None => self.change(parent, |node| node.last_child = previous),
        }
        self.change(*id, |node| (node.parent, node.previous, node.next) = (None, None, None));
    }

    fn reparent_children(&self, id: &Id, new_parent: &Id) {
        while let Some(child) = self.link(*id, |node| node.first_child).flatten() {
            // Misnested links move everything that is inside them, again and again.
            self.spend(Budget::MOVE);
            if self.overflows.get() {
                return;
            }
            self.remove_from_parent(&child);
            self.append(new_parent, NodeOrText::AppendNode(child));
        }
    }
}
