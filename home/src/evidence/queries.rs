//! How many questions one mail may cost.
//!
//! A stranger's SPF record can ask for ten lookups of ten hosts each (RFC 7208 section 4.6.4), and a signature can ask for a
//! report. mail-auth asks its cache before it sends a query, so a cache that answers "there is no such record" is a limit.

use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::{DnsError, DnssecStatus, Error, MX, Parameters, RecordSet, ResolverCache, Txt};
use std::borrow::Borrow;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Questions about one mail. A genuine one needs about a dozen: one for each signature, SPF with its includes, DMARC.
const MOST_QUERIES: usize = 40;

/// The questions of one mail.
#[derive(Default)]
pub(super) struct Queries(AtomicUsize);

/// Parameters of a check, with the questions counted.
pub(super) type Counted<'q, P> = Parameters<'q, P, Queries, Queries, Queries, Queries, Queries>;

impl Queries {
    /// The parameters of a check that counts its questions here.
    pub(super) fn counting<P>(&self, parameters: P) -> Counted<'_, P> {
        Parameters {
            params: parameters,
            cache_txt: Some(self),
            cache_mx: Some(self),
            cache_ptr: Some(self),
            cache_ipv4: Some(self),
            cache_ipv6: Some(self),
        }
    }

    /// Counts a question. Returns `false` if it is one too many.
    fn may_ask(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < MOST_QUERIES
    }
}

impl ResolverCache<Box<str>, Txt> for Queries {
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        (!self.may_ask()).then(|| Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))))
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// The same for lookups whose answer is a set of records.
macro_rules! answer_with_an_empty_set {
    ($($key:ty => $record:ty),*) => { $(
        impl ResolverCache<$key, RecordSet<$record>> for Queries {
            fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<$record>>
            where
                $key: Borrow<Q>,
            {
                let none = || RecordSet { rrset: Arc::new([]), dnssec_status: DnssecStatus::default() };
                (!self.may_ask()).then(none)
            }

            fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<$record>>
            where
                $key: Borrow<Q>,
            {
                None
            }

            fn insert(&self, _: $key, _: RecordSet<$record>, _: Instant) {}
        }
    )* };
}

answer_with_an_empty_set!(Box<str> => MX, Box<str> => Ipv4Addr, Box<str> => Ipv6Addr, IpAddr => Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn ask<V>(queries: &Queries) -> Option<V>
    where
        Queries: ResolverCache<Box<str>, V>,
    {
        queries.get("a.example")
    }

    #[test]
    fn what_is_asked_beyond_the_limit_does_not_exist() {
        let queries = Queries::default();
        for _ in 0..MOST_QUERIES / 2 {
            assert!(ask::<Txt>(&queries).is_none(), "a query is sent");
            assert!(ask::<RecordSet<MX>>(&queries).is_none(), "a query is sent");
        }
        assert!(matches!(ask::<Txt>(&queries), Some(Txt::Error(_))));
        assert!(ask::<RecordSet<MX>>(&queries).is_some_and(|records| records.rrset.is_empty()));
        assert!(ask::<RecordSet<Ipv4Addr>>(&queries).is_some_and(|records| records.rrset.is_empty()));
    }
}
