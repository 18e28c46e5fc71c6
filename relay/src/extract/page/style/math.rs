//! Math functions (CSS Values, section 10), as far as it matters whether a size is nothing.
//!
//! [`FontSize`] is ordered: a sum is worth its greatest term, a product its least factor.

use super::FontSize;
use super::value::length;

/// The deepest nesting of brackets. More is not valid here.
const DEEPEST: usize = 8;

/// What `calc()`, `min()`, `max()` or `clamp()` is worth. Returns `None` for anything else.
pub(super) fn math(value: &str) -> Option<FontSize> {
    let mut parser = Parser { rest: value, depth: 0 };
    let size = parser.function()?;
    parser.rest.trim_ascii_start().is_empty().then_some(size)
}

struct Parser<'v> {
    rest: &'v str,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_ascii_start().strip_prefix(sign)?;
        Some(())
    }

    fn sum(&mut self) -> Option<FontSize> {
        let mut sum = self.product()?;
        while self.take('+').or_else(|| self.take('-')).is_some() {
            sum = sum.max(self.product()?);
        }
        Some(sum)
    }

    fn product(&mut self) -> Option<FontSize> {
        let mut product = self.operand()?;
        while self.take('*').or_else(|| self.take('/')).is_some() {
            product = product.min(self.operand()?);
        }
        Some(product)
    }

    fn operand(&mut self) -> Option<FontSize> {
        self.rest = self.rest.trim_ascii_start();
        if self.rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '(') {
            return self.function();
        }
        let end = self.rest.find([' ', '\t', '\n', ',', '(', ')', '*', '/']).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        length(number)
    }

    /// A function, or a sum in brackets.
    fn function(&mut self) -> Option<FontSize> {
        let (name, rest) = self.rest.split_once('(')?;
        self.rest = rest;
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let first = self.sum()?;
        let size = match name {
            "" | "calc" => first,
            "min" => self.others(first, Ord::min)?,
            "max" => self.others(first, Ord::max)?,
            "clamp" => {
                self.take(',')?;
                let preferred = self.sum()?;
                self.take(',')?;
                first.max(preferred.min(self.sum()?))
            }
            _ => return None,
        };
        self.take(')')?;
        self.depth -= 1;
        Some(size)
    }

    fn others(&mut self, first: FontSize, pick: fn(FontSize, FontSize) -> FontSize) -> Option<FontSize> {
        let mut size = first;
        while self.take(',').is_some() {
            size = pick(size, self.sum()?);
        }
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_worth_nothing_only_if_it_comes_to_nothing() {
        use FontSize::{Absolute, Relative, Zero};
        for (value, expected) in [
            ("calc(0px)", Some(Zero)),
            ("calc(0px + 0em)", Some(Zero)),
            ("calc(13px + 1vw)", Some(Absolute)),
            ("calc(0px + 1em)", Some(Relative)),
            ("calc(10px * 0)", Some(Zero)),
            ("calc(2 * (1em + 1%))", Some(Relative)),
            ("calc(-5px)", Some(Zero)),
            ("min(0px, 12px)", Some(Zero)),
            ("max(0px,12px)", Some(Absolute)),
            ("clamp(12px, 2vw, 20px)", Some(Absolute)),
            ("clamp(0px, 0px, 20px)", Some(Zero)),
            ("clamp(0px, 2vw)", None),
            ("calc(12px", None),
            ("calc(12px) x", None),
            ("calc(1em+2px)", None),
            ("var(--size)", None),
            ("12px", None),
        ] {
            assert_eq!(math(value), expected, "{value}");
        }
        let nested = |depth| math(&format!("{}0px{}", "calc(".repeat(depth), ")".repeat(depth)));
        assert_eq!((nested(DEEPEST), nested(DEEPEST + 1)), (Some(Zero), None));
    }
}
