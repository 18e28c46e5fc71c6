//! `format=flowed` (RFC 3676 section 4): lines that a mail program joins before it shows them.

/// The text with its flowed lines joined. With `delsp`, the blank that marks a flowed line is not part of the text.
pub(super) fn joined(text: &str, delsp: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    // The quote depth of the line that goes on in the next one.
    let mut goes_on_at: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        // A line of another depth, and the line above a signature, end a paragraph even if they are flowed.
        let is_signature = content == "-- ";
        if goes_on_at != Some(depth) || is_signature {
            if number > 0 {
                joined.push('\n');
            }
            joined.extend(std::iter::repeat_n('>', depth));
        }
        let flows = content.ends_with(' ') && !is_signature;
        joined.push_str(if flows && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content });
        goes_on_at = flows.then_some(depth);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_as_the_standard_says() {
        for (text, delsp, expected) in [
            ("one \ntwo\nthree", false, "one two\nthree"),
            ("467 \n266", true, "467266"),
            ("467 \n266", false, "467 266"),
            (" stuffed\n  twice", false, "stuffed\n twice"),
            (">a \n>b\n>>c \n>d", false, ">a b\n>>c \n>d"),
            ("> stuffed", false, ">stuffed"),
            ("one \n-- \nname", false, "one \n-- \nname"),
            ("one \n\ntwo", false, "one \ntwo"),
            ("\r\n467266\r\n", false, "\n467266"),
            ("", false, ""),
        ] {
            assert_eq!(joined(text, delsp), expected, "{text:?}");
        }
    }
}
