//! The attributes that decide what a page shows. All others are dropped, so that a tag has few however many it is
//! written with.

use html5ever::{LocalName, QualName, local_name, ns};

/// The name of an attribute that is kept.
pub(super) fn kept(name: &str) -> Option<QualName> {
    const RELEVANT: [(&str, LocalName); 8] = [
        // What is shown.
        ("style", local_name!("style")),
        ("hidden", local_name!("hidden")),
        ("open", local_name!("open")),
        // A size, and what tree construction asks for: a hidden input in a table, a font inside SVG, HTML inside MathML.
        ("type", local_name!("type")),
        ("color", local_name!("color")),
        ("face", local_name!("face")),
        ("size", local_name!("size")),
        ("encoding", local_name!("encoding")),
    ];
    let (_, name) = RELEVANT.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    Some(QualName::new(None, ns!(), name))
}
