//! A call, as pyaarlo and its forks send it.

use crate::prestage::{Error, presented_token};
use relay::secret::Token;
use std::borrow::Cow;

/// What an edge passes on of an HTTP request.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The path.
    pub path: &'a str,
    /// The query, as it was sent.
    pub query: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// To open a request.
    Clear,
    /// To look at it.
    Get,
}

/// Whether a path belongs to the dialect.
pub fn owns(path: &str) -> bool {
    segments(path).next() == Some("pyaarlo")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl Call<'_> {
    /// What the call asks for. Returns `None` if there is no such operation.
    pub fn operation(&self) -> Option<Operation> {
        match segments(self.path).skip(1).collect::<Vec<_>>().as_slice() {
            ["clear"] => Some(Operation::Clear),
            ["get"] => Some(Operation::Get),
            _ => None,
        }
    }

    /// The mailbox; empty if it is missing. No mailbox has a blank, and pyaarlo does not encode a plus sign, which a form
    /// decoder reads as one.
    pub fn email(&self) -> String {
        self.parameter("email").trim().replace(' ', "+")
    }

    /// The token.
    ///
    /// # Errors
    /// There is none.
    pub fn token(&self) -> Result<Token, Error> {
        presented_token(self.authorization, Some(self.parameter("token").trim()))
    }

    fn parameter(&self, name: &str) -> Cow<'_, str> {
        let found = form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value).unwrap_or_default()
    }
}
