//! A call to prestage, as the contract has it (DESIGN section 3.1).

use super::Error;
use relay::address::Address;
use relay::mailbox::Mailbox;
use relay::provider::Provider;
use relay::relay_address::{Destination, RelayAddress};
use relay::secret::{Tag, Token};

/// The largest body that is read, in bytes: an address and a provider fit many times.
pub const LARGEST_BODY: usize = 4096;

/// What an edge passes on of an HTTP request.
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

/// A call with everything that the contract asks for.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) caller: Caller,
    pub(super) format: Format,
}

/// Who calls, and whose code is wanted.
#[derive(Debug)]
pub struct Caller {
    pub(super) account: Account,
    pub(super) token: Token,
    pub(super) provider: &'static Provider,
}

/// Which mailbox the client names: the address itself, or the enrolment's own relay address.
#[derive(Debug)]
pub(super) enum Account {
    Mailbox(Mailbox),
    Tag(Tag),
}

/// The format in which the client wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

impl Query {
    pub(super) fn parse(call: &Call<'_>, relay_address: &RelayAddress) -> Result<Self, Error> {
        if call.body.len() > LARGEST_BODY {
            return Err(Error::TooLarge);
        }
        let body: serde_json::Value = serde_json::from_slice(call.body)
            .map_err(|_| Error::invalid("Send a JSON object such as {\"email\": \"me@gmail.com\"}."))?;
        let email = body.get("email").and_then(|email| email.as_str());
        let account = account(email.unwrap_or_default(), relay_address)?;
        let provider = match body.get("provider") {
            None => Provider::named(Provider::DEFAULT),
            Some(name) => name.as_str().and_then(Provider::named),
        };
        let provider = provider.ok_or_else(|| {
            let names = Provider::names().join(", ");
            Error::InvalidRequest(format!(
                "Give in \"provider\" one of {names}, or leave it out for {}.",
                Provider::DEFAULT
            ))
        })?;
        let token = presented_token(call.authorization, call.query_token)?;
        Ok(Self { caller: Caller { account, token, provider }, format: format(call.accept) })
    }
}

impl Caller {
    /// A client of a dialect, which waits for codes of the default provider.
    ///
    /// # Errors
    /// `email` is no address.
    pub fn new(email: &str, token: Token, relay_address: &RelayAddress) -> Result<Self, Error> {
        let provider = Provider::named(Provider::DEFAULT).ok_or_else(|| Error::invalid("There is no provider."))?;
        Ok(Self { account: account(email, relay_address)?, token, provider })
    }
}

fn account(email: &str, relay_address: &RelayAddress) -> Result<Account, Error> {
    let parse = || {
        let address = Address::parse(email.trim())?;
        match relay_address.destination(&address) {
            Some(Destination::Tagged(tag)) => Some(Account::Tag(tag)),
            Some(Destination::Plain) | None => Mailbox::of(&address).ok().map(Account::Mailbox),
        }
    };
    parse().ok_or_else(|| {
        Error::invalid("Give in \"email\" the mailbox that receives the codes, for example me@gmail.com.")
    })
}

/// The token as the client presents it. The header wins: only a client can set it, and any link can carry a query.
pub(crate) fn presented_token(authorization: Option<&str>, query_token: Option<&str>) -> Result<Token, Error> {
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let text = bearer.or(query_token).filter(|token| !token.is_empty()).ok_or(Error::TokenMissing)?;
    // A text that does not parse is as wrong as any other token, and costs the same.
    Ok(Token::parse(text).unwrap_or_else(Token::dummy))
}

fn format(accept: Option<&str>) -> Format {
    let wants_json = |accept: &str| accept.to_ascii_lowercase().contains("application/json");
    if accept.is_some_and(wants_json) { Format::Json } else { Format::Text }
}
