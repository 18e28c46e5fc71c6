//! When requests end.

use super::{Store, unavailable};
use jiff::Timestamp;
use relay::id::RequestId;
use relay::secret::Tag;
use rusqlite::params;
use service::port::{Answer, Unavailable};

/// Takes the request's id, its tag, and the second at which it ends.
pub(super) const REMEMBER_ENDING: &str = "INSERT OR REPLACE INTO ending (request, tag, at) VALUES (?1, ?2, ?3)";

/// A request whose window ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The request.
    pub request: RequestId,
    /// The tag under which it waits.
    pub tag: Tag,
    /// When it ends.
    pub at: Timestamp,
}

impl Store {
    /// Remembers when a request ends.
    pub fn remember_ending(&self, ending: &Ending) -> Answer<()> {
        let values = params![ending.request.as_str(), ending.tag.reveal(), ending.at.as_second()];
        self.write("store:remember_ending", REMEMBER_ENDING, values)?;
        Ok(())
    }

    /// The request that ends first.
    pub fn next_ending(&self) -> Answer<Option<Ending>> {
        const OPERATION: &str = "store:next_ending";
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT request, tag, at FROM ending ORDER BY at LIMIT 1")
            .map_err(unavailable(OPERATION))?;
        let mut rows = statement.query([]).map_err(unavailable(OPERATION))?;
        let Some(row) = rows.next().map_err(unavailable(OPERATION))? else { return Ok(None) };
        let text = |column| row.get::<_, String>(column).map_err(unavailable(OPERATION));
        let at: i64 = row.get(2).map_err(unavailable(OPERATION))?;
        let (request, tag) = (RequestId::parse(&text(0)?), Tag::parse(&text(1)?));
        let unreadable = || Unavailable { operation: OPERATION, cause: "unreadable row".to_owned() };
        let (request, tag) = request.zip(tag).ok_or_else(unreadable)?;
        let at = Timestamp::from_second(at).map_err(|_| unreadable())?;
        Ok(Some(Ending { request, tag, at }))
    }

    /// Forgets the end of a request that has ended.
    pub fn forget_ending(&self, request: &RequestId) -> Answer<()> {
        self.write("store:forget_ending", "DELETE FROM ending WHERE request = ?1", [request.as_str()])?;
        Ok(())
    }
}
