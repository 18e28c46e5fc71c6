//! Any bytes as what a peer says, in one piece or two. Whatever it says, it hears SMTP, and no mail gets to the desk that
//! another program could read as two.
#![no_main]

use edge::smtp::hold;
use libfuzzer_sys::fuzz_target;

/// The rooms of a session and not their crate, which would bring the store and DNS along.
#[path = "../../cli/src/edge"]
#[expect(dead_code, reason = "the rooms have doors that lead to those left out")]
mod edge {
    pub mod stop;

    pub mod smtp {
        mod dialogue;
        mod limits;
        mod reply;
        mod session;
        mod wire;

        /// The session's view of the relay, with this target behind it in the relay's place.
        mod desk {
            use super::dialogue::Route;
            use relay::address::Address;
            use service::port::{Answer, Unavailable};
            use std::net::IpAddr;
            use std::sync::Mutex;

            pub(super) trait Desk: Sync {
                fn knows(&self, recipient: &Address) -> impl Future<Output = Answer<bool>> + Send;
                fn take(&self, peer: IpAddr, route: Route, mail: Vec<u8>) -> impl Future<Output = Taken> + Send;
            }

            pub(super) enum Taken {
                Accepted,
                TooLarge,
                Unproven,
                Troubled,
            }

            #[derive(Default)]
            pub(super) struct Tray(pub(super) Mutex<Vec<(Route, Vec<u8>)>>);

            impl Desk for Tray {
                async fn knows(&self, recipient: &Address) -> Answer<bool> {
                    match recipient.local() {
                        "trouble" => Err(Unavailable { operation: "store", cause: "locked".to_owned() }),
                        local => Ok(local.starts_with("arlo")),
                    }
                }

                async fn take(&self, _: IpAddr, route: Route, mail: Vec<u8>) -> Taken {
                    let taken = [Taken::Accepted, Taken::TooLarge, Taken::Unproven, Taken::Troubled];
                    let which = mail.len() % taken.len();
                    self.0.lock().expect("one at a time").push((route, mail));
                    taken.into_iter().nth(which).expect("one of four")
                }
            }
        }

        use desk::Tray;
        use dialogue::{Privacy, Route};
        use std::net::Ipv4Addr;
        use tokio::io::AsyncReadExt;

        /// Holds a session and returns what the peer heard.
        pub fn hold(said: &[u8], privacy: usize, cut: usize) -> Vec<u8> {
            let tray = Tray::default();
            let mut heard = Vec::new();
            let (_stopper, stop) = super::stop::channel();
            let privacy = [Privacy::None, Privacy::Offered, Privacy::Encrypted][privacy % 3];
            let session = session::Session { desk: &tray, peer: Ipv4Addr::LOCALHOST.into(), privacy, stop };
            let (first, second) = said.split_at(cut.min(said.len()));
            let stream = tokio::io::join(first.chain(second), &mut heard);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(session.hold(stream));
            for (route, mail) in tray.0.into_inner().expect("one at a time") {
                taken(&route, &mail);
            }
            heard
        }

        /// What must hold for every mail that is taken.
        fn taken(route: &Route, mail: &[u8]) {
            assert!(!route.recipients.is_empty() && route.recipients.len() <= limits::MOST_RECIPIENTS);
            assert!(route.recipients.iter().all(|recipient| recipient.local().starts_with("arlo")));
            assert!(mail.len() <= relay::mail::LARGEST_MAIL + 1);
            let bare = mail.split(|&byte| byte == b'\n').rev().skip(1).any(|line| !line.ends_with(b"\r"));
            let returns = mail.iter().filter(|&&byte| byte == b'\r').count();
            let ends = mail.iter().filter(|&&byte| byte == b'\n').count();
            assert!(
                !bare && (returns == ends || mail.len() > relay::mail::LARGEST_MAIL),
                "a mail that may be read as two"
            );
        }
    }
}

fuzz_target!(|said: &[u8]| {
    let cut = said.last().map_or(0, |&byte| usize::from(byte) * 16);
    let heard = hold(said, said.len(), cut);
    let heard = String::from_utf8(heard).expect("ASCII");
    for line in heard.split_terminator("\r\n") {
        let (code, rest) = line.split_at(3);
        assert!(code.parse::<u16>().is_ok_and(|code| (200..600).contains(&code)), "{line:?}");
        assert!(rest.starts_with([' ', '-']) && rest.chars().all(|c| !c.is_control()), "{line:?}");
    }
    assert!(heard.is_empty() || heard.ends_with("\r\n"));
});
