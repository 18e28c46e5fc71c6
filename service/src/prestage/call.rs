//! A call to prestage, as the contract has it (DESIGN section 3.1).

use super::Denial;
use relay::address::Address;
use relay::mailbox::Mailbox;
use relay::provider::Provider;
use relay::relay_address::{Place, RelayAddress};
use relay::secret::{Tag, Token};

/// The largest body that is read, in bytes: an address and a provider fit many times.
const LARGEST_BODY: usize = 4096;

/// What an edge hands over of an HTTP request.
#[derive(Clone, Copy, Default)]
pub struct Call<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The query parameter `token`.
    pub query_token: Option<&'a str>,
    /// The header `Accept`.
    pub accept: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// A call that says all it must.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) account: Account,
    pub(super) token: Token,
    pub(super) provider: &'static Provider,
    pub(super) form: Form,
}

/// Whom the client logs in as: its mailbox, or the enrolment's own relay address.
#[derive(Debug)]
pub(super) enum Account {
    Mailbox(Mailbox),
    Tag(Tag),
}

/// The form in which the client wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
}

impl Ask {
    pub(super) fn read(call: &Call<'_>, relay_address: &RelayAddress) -> Result<Self, Denial> {
        if call.body.len() > LARGEST_BODY {
            return Err(Denial::TooLarge);
        }
        let body: serde_json::Value = serde_json::from_slice(call.body)
            .map_err(|_| Denial::InvalidRequest("Send a JSON object such as {\"email\": \"me@gmail.com\"}."))?;
        let email = body.get("email").and_then(|email| email.as_str());
        let account = email.and_then(|email| account(email, relay_address)).ok_or(Denial::InvalidRequest(
            "Give in \"email\" the mailbox that receives the codes, for example me@gmail.com.",
        ))?;
        let provider = match body.get("provider") {
            None => Some(Provider::DEFAULT),
            Some(name) => name.as_str(),
        };
        let provider = provider
            .and_then(Provider::named)
            .ok_or(Denial::InvalidRequest("Give in \"provider\" one of arlo and blink, or leave it out for arlo."))?;
        let token = presented(call).ok_or(Denial::TokenMissing)?;
        // A token that cannot be one is as wrong as any other.
        let token = Token::parse(token).unwrap_or_else(Token::of_nobody);
        Ok(Self { account, token, provider, form: form(call.accept) })
    }
}

fn account(email: &str, relay_address: &RelayAddress) -> Option<Account> {
    let address = Address::parse(email.trim())?;
    match relay_address.place(&address) {
        Some(Place::Tagged(tag)) => Some(Account::Tag(tag)),
        Some(Place::Plain) | None => Mailbox::of(&address).ok().map(Account::Mailbox),
    }
}

/// The token as it was presented: a header that only a client can set goes before a query that any link can carry.
fn presented<'a>(call: &Call<'a>) -> Option<&'a str> {
    let bearer = call.authorization.and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or(call.query_token).filter(|token| !token.is_empty())
}

fn form(accept: Option<&str>) -> Form {
    let wants_json = |accept: &str| accept.to_ascii_lowercase().contains("application/json");
    if accept.is_some_and(wants_json) { Form::Json } else { Form::Text }
}
