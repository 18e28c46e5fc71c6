//! What each element is on the page, before its own style says otherwise (HTML standard, section 15.3).

use html5ever::{LocalName, local_name};

/// The kinds of boxes that matter for reading (CSS Display, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Display {
    /// No box: nothing inside is shown.
    None,
    /// Part of a line.
    Inline,
    /// Part of a line, with a box of its own that can have a size.
    InlineBlock,
    /// Begins and ends a line.
    Block,
    /// Like [`Block`](Self::Block), and so is every element directly inside: the items of a flex box or a grid.
    Flex { is_inline: bool },
    /// A table, or a row of one: a block that is never smaller than its content.
    Table,
    /// A cell: beside its neighbours, and never smaller than its content.
    Cell,
}

/// Elements whose content is never shown, not even if their style says so: mail programs remove them, or they have another
/// way to show what they are.
pub(super) fn is_never_shown(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("annotation")
            | local_name!("annotation-xml")
            | local_name!("area")
            | local_name!("audio")
            | local_name!("base")
            | local_name!("canvas")
            | local_name!("datalist")
            | local_name!("defs")
            | local_name!("desc")
            | local_name!("frame")
            | local_name!("frameset")
            | local_name!("head")
            | local_name!("iframe")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("metadata")
            | local_name!("meter")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("noscript")
            | local_name!("param")
            | local_name!("progress")
            | local_name!("rp")
            | local_name!("script")
            | local_name!("select")
            | local_name!("style")
            | local_name!("template")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("video")
    )
}

/// The display of an element that has no style. `dialog` and `details` are for the caller, who knows their attributes.
pub(super) fn default_display(name: &LocalName) -> Display {
    match *name {
        local_name!("table")
        | local_name!("caption")
        | local_name!("tbody")
        | local_name!("thead")
        | local_name!("tfoot")
        | local_name!("tr") => Display::Table,
        local_name!("td") | local_name!("th") => Display::Cell,
        local_name!("button") | local_name!("input") | local_name!("img") | local_name!("marquee") => {
            Display::InlineBlock
        }
        local_name!("address")
        | local_name!("article")
        | local_name!("aside")
        | local_name!("blockquote")
        | local_name!("body")
        | local_name!("center")
        | local_name!("dd")
        | local_name!("details")
        | local_name!("dialog")
        | local_name!("dir")
        | local_name!("div")
        | local_name!("dl")
        | local_name!("dt")
        | local_name!("fieldset")
        | local_name!("figcaption")
        | local_name!("figure")
        | local_name!("footer")
        | local_name!("form")
        | local_name!("h1")
        | local_name!("h2")
        | local_name!("h3")
        | local_name!("h4")
        | local_name!("h5")
        | local_name!("h6")
        | local_name!("header")
        | local_name!("hgroup")
        | local_name!("hr")
        | local_name!("html")
        | local_name!("legend")
        | local_name!("li")
        | local_name!("listing")
        | local_name!("main")
        | local_name!("menu")
        | local_name!("nav")
        | local_name!("ol")
        | local_name!("p")
        | local_name!("plaintext")
        | local_name!("pre")
        | local_name!("search")
        | local_name!("section")
        | local_name!("summary")
        | local_name!("ul")
        | local_name!("xmp") => Display::Block,
        _ => Display::Inline,
    }
}

/// Elements whose line ends are shown.
pub(super) fn keeps_line_ends(name: &LocalName) -> bool {
    matches!(*name, local_name!("listing") | local_name!("plaintext") | local_name!("pre") | local_name!("xmp"))
}
