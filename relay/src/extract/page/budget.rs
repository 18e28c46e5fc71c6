//! What the pages of one mail may cost.

/// Steps of the tokenizer and elements of the tree. Both are spent as a page is read, and none are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Budget {
    elements: usize,
    steps: usize,
}

impl Budget {
    /// For all pages of a mail. A code mail takes a few hundred of each; an element takes time that depends on how deep
    /// it stands, so there are fewer of them.
    pub(in super::super) const MAIL: Self = Self { elements: 10_000, steps: 60_000 };

    /// A text, tag, comment or declaration.
    pub(super) const STEP: Self = Self { elements: 0, steps: 1 };

    pub(super) const ELEMENT: Self = Self { elements: 1, steps: 0 };

    /// What is left after a cost. Returns `None` if it is not enough.
    pub(super) fn less(self, cost: Self) -> Option<Self> {
        Some(Self { elements: self.elements.checked_sub(cost.elements)?, steps: self.steps.checked_sub(cost.steps)? })
    }

    #[cfg(test)]
    pub(super) fn of(elements: usize, steps: usize) -> Self {
        Self { elements, steps }
    }
}
