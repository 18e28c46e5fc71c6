//! Mails that are built to take long, at any size. Time must double with the size.

const HEADER: &str = "Date: Sat, 21 Nov 2026 20:01:10 +0000\r\n";
const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";

/// A mail made of repeated pieces.
#[derive(Debug, Clone, Copy)]
pub struct WorstCase {
    /// What is repeated.
    pub name: &'static str,
    /// What the mail begins with, behind Date.
    start: &'static str,
    /// Repeated a few hundred times behind that, as deep as a page may nest.
    opened: &'static str,
    /// Repeated until the mail has its size. `#` stands for the number of the repetition.
    piece: &'static str,
    /// What the mail ends with.
    end: &'static str,
    /// The most bytes that it may have: more would be refused before the case is met.
    most: usize,
}

const fn case(name: &'static str, start: &'static str, piece: &'static str) -> WorstCase {
    WorstCase { name, start, opened: "", piece, end: "", most: usize::MAX }
}

/// A field that the reader parses; those are refused above 2 kB.
const fn field(name: &'static str, start: &'static str, piece: &'static str) -> WorstCase {
    WorstCase { name, start, opened: "", piece, end: "\r\n\r\n467266\r\n", most: 2_000 }
}

const fn page(name: &'static str, piece: &'static str) -> WorstCase {
    case(name, "Content-Type: text/html\r\n\r\n", piece)
}

const fn tag(name: &'static str, start: &'static str, piece: &'static str, end: &'static str) -> WorstCase {
    WorstCase { name, start, opened: "", piece, end, most: usize::MAX }
}

/// Every case.
pub const WORST_CASES: &[WorstCase] = &[
    case("fields", "", "X#: y\r\n"),
    case("one field", "X:", " y\r\n"),
    case("line ends", "", "\r\n"),
    case(
        "authentication results",
        "Authentication-Results: amazonses.com;",
        " dkim=pass (x)\r\n header . i = @arlo.com;",
    ),
    field("an author", "From:", " =?aa?q?"),
    field("a recipient", "To:", " \"<(x)"),
    field("a subject", "Subject:", " =?aa?q?"),
    field("comments in a type", "Content-Type: text/html", " (((x)))"),
    field("parameters", "Content-Type: text/html", ";a#=b"),
    case("parts", MIXED, "\r\nx\r\n--b\r\n"),
    case(
        "parts with large headers",
        MIXED,
        "Content-Type: text/plain; a=(((((((((((((((((((((((((((((((\r\n\r\n--b\r\n",
    ),
    case("nested parts", MIXED, "Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n"),
    case("lines like delimiters", MIXED, "\r\n--b-\r\n--bb"),
    case("quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=3=\r\n=41 "),
    case("base64", "Content-Transfer-Encoding: base64\r\n\r\n", "QUJD*\r\n"),
    case("shift_jis", "Content-Type: text/plain; charset=shift_jis\r\n\r\n", "a\\~"),
    case("flowed", "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", "> \r\n"),
    case("digits", "\r\n", "7"),
    case("codes in a text", "\r\n", "467266\r\n"),
    case("codes between marks", "\r\n", "467266 >>>> \r\n>>>> "),
    case("codes behind phrases", "\r\n", "one-time authentication code is: 467266, "),
    case("replies", "\r\n", "wrote: x\r\n"),
    case("invisible characters", "Content-Type: text/plain; charset=utf-8\r\n\r\n", "4\u{2066}"),
    page("signs", "<"),
    page("references", "&notnot"),
    page("numeric references", "&#x0000000000000000034;"),
    page("elements", "<i></i>"),
    page("deep elements", "<div>"),
    page("nested elements at the limit", "<div><p><span><b><i><u><s><em></div>"),
    page("formatting elements", "<b><p>"),
    page("different formatting elements", "<p><b style='#'>"),
    page("misnested formatting elements", "<b><i><p></b></i></p>"),
    page("links", "<a><div>"),
    page("links in hidden blocks", "<summary style='display:none'> <a style='x'><u>"),
    WorstCase {
        start: "Content-Type: text/html\r\n\r\n<svg><svg><svg><svg><svg><svg><svg><svg>",
        ..page("end tags of nothing", "</dt>")
    },
    page("text beside a table", "<table>x<tr>y"),
    page("elements beside a table", "<table><b>x</table>"),
    page("cells", "<table><tr><td>"),
    page("forms and buttons", "<form><button>x"),
    page("lists", "<li><dd>"),
    page("options", "<select><option><optgroup>x"),
    page("templates", "<template>x"),
    page("foreign elements", "<svg><desc><math><mi>"),
    page("headings", "<h1>467266"),
    page("blanks in a heading", "<h1><pre> \n"),
    WorstCase { opened: "<h1><div>", ..page("wide blanks in nested headings", "\u{a0}") },
    WorstCase { opened: "<h1><div>", ..page("codes in nested headings", "467266 ") },
    page("text", "467 266 <!-- x -->"),
    page("comments", "<!-->x"),
    page("comments without end", "<!--"),
    page("odd comments", "<!--!>"),
    page("comments that end oddly", "<!--x--!>"),
    page("raw text", "<style>x</style>"),
    page("raw text without end", "<xmp></xm"),
    page("scripts", "<script><!--<script></script>--></script>"),
    page("script without end", "<script><!--<script></script>"),
    tag("attributes", "Content-Type: text/html\r\n\r\n<p", " a#=x style=y", ">x"),
    tag("declarations", "Content-Type: text/html\r\n\r\n<p style='", "font:0/0 a;", "'>x"),
    tag("escapes in a style", "Content-Type: text/html\r\n\r\n<p style=\"", "\\64 isplay:none;/*'*/", "\">x"),
    page("styles", "<i style='font-size:0;opacity:.0;width:0;overflow:hidden'>x</i>"),
    page("tag names", "<x#-long-name-of-an-element>x"),
    page("NUL", "\0<\0"),
];

impl WorstCase {
    /// The mail of at most so many bytes.
    pub fn mail(&self, size: usize) -> Vec<u8> {
        let mut mail = format!("{HEADER}{}{}", self.start, self.opened.repeat(200));
        let mut number = 0_u32;
        while mail.len() + self.piece.len() + self.end.len() + 16 < size.min(self.most) {
            mail.push_str(&self.piece.replace('#', &number.to_string()));
            number += 1;
        }
        mail.push_str(self.end);
        mail.into_bytes()
    }
}
