//! What the pages of one mail may cost.

/// Work of the tokenizer and elements of the tree. Both are spent as a page is read, and none are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Budget {
    elements: usize,
    work: usize,
}

impl Budget {
    /// For all pages of a mail. A code mail has a few hundred elements, 30 of them open; a newsletter of 100 kB has some
    /// 3,000. All of it takes up to 30 ms: 20 ns a unit, with the worst of 40,000 random pages.
    pub(in super::super) const MAIL: Self = Self { elements: 10_000, work: 1_500_000 };

    pub(super) const ELEMENT: Self = Self { elements: 1, work: 0 };

    /// A node that is moved to another parent.
    pub(super) const MOVE: Self = Self { elements: 0, work: 2 };

    /// A text, tag, comment or declaration while `open` elements are open: tree construction may look at all of them.
    pub(super) fn step(open: usize) -> Self {
        Self { elements: 0, work: 16 + open }
    }

    /// What is left after a cost. Returns `None` if it is not enough.
    pub(super) fn less(self, cost: Self) -> Option<Self> {
        Some(Self { elements: self.elements.checked_sub(cost.elements)?, work: self.work.checked_sub(cost.work)? })
    }

    #[cfg(test)]
    pub(super) fn work(self) -> usize {
        self.work
    }

    #[cfg(test)]
    pub(super) fn of(elements: usize, work: usize) -> Self {
        Self { elements, work }
    }
}
