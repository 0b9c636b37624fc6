//! Places for sockets: so many at once, of them so many for one tenant and one token; and so many for those who have yet
//! to say who they are, by the address that they come from.

use trainyard_api::error::{Crowd, Problem};
use trainyard_events::TenantId;
use uuid::Uuid;

use crate::client::Client;
use crate::counts::{Counts, Held};
use crate::error::ApiError;
use crate::identity::Identity;

/// Sockets that wait to hear who opened them, all together.
const UNNAMED: usize = 1_024;

/// Sockets at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub(crate) all: usize,
    pub(crate) of_tenant: usize,
    pub(crate) of_token: usize,
    /// Of an address, while they have not said who they are.
    pub(crate) of_address: usize,
}

pub(crate) struct Places {
    most: Most,
    all: Counts<()>,
    tenants: Counts<TenantId>,
    tokens: Counts<Uuid>,
    unnamed: Counts<()>,
    addresses: Counts<Client>,
}

/// A socket's, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _all: Held<()>,
    _of: Of,
}

#[derive(Debug)]
enum Of {
    Unnamed { _all: Held<()>, _address: Held<Client> },
    Known { _tenant: Held<TenantId>, _token: Held<Uuid> },
}

impl Places {
    pub(crate) fn new(most: Most) -> Places {
        Places {
            most,
            all: Counts::default(),
            tenants: Counts::default(),
            tokens: Counts::default(),
            unnamed: Counts::default(),
            addresses: Counts::default(),
        }
    }

    /// For a socket that has yet to say whose it is.
    pub(crate) fn unnamed(&self, client: Client) -> Result<Place, ApiError> {
        let Most { all, of_address, .. } = self.most;
        let _address = self.addresses.take(&client, of_address).ok_or(full(Crowd::Address, of_address))?;
        let _all = self.unnamed.take(&(), UNNAMED).ok_or(full(Crowd::Unnamed, UNNAMED))?;
        Ok(Place { _all: self.take(all)?, _of: Of::Unnamed { _all, _address } })
    }

    /// For a socket of the token.
    pub(crate) fn known(&self, identity: &Identity) -> Result<Place, ApiError> {
        let _of = self.of(identity)?;
        Ok(Place { _all: self.take(self.most.all)?, _of })
    }

    /// The same socket's, once it has said whose it is.
    pub(crate) fn named(&self, place: Place, identity: &Identity) -> Result<Place, ApiError> {
        Ok(Place { _of: self.of(identity)?, ..place })
    }

    fn of(&self, Identity { tenant, token_id, .. }: &Identity) -> Result<Of, ApiError> {
        let Most { of_tenant, of_token, .. } = self.most;
        let _token = self.tokens.take(token_id, of_token).ok_or(full(Crowd::Token, of_token))?;
        let _tenant = self.tenants.take(tenant, of_tenant).ok_or(full(Crowd::Tenant, of_tenant))?;
        Ok(Of::Known { _tenant, _token })
    }

    fn take(&self, most: usize) -> Result<Held<()>, ApiError> {
        Ok(self.all.take(&(), most).ok_or(Problem::NoSocketLeft { most })?)
    }
}

fn full(crowd: Crowd, most: usize) -> Problem {
    Problem::TooManySockets { crowd, most }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Most, Place, Places};
    use crate::client::Client;
    use crate::error::ApiError;
    use crate::identity::tests::identity;

    fn client(last: u8) -> Client {
        IpAddr::from(Ipv4Addr::new(192, 0, 2, last)).into()
    }

    #[test]
    fn nobody_takes_the_places_of_others() {
        let places = Places::new(Most { all: 20, of_tenant: 6, of_token: 4, of_address: 3 });
        let granted = |take: &dyn Fn() -> Result<Place, ApiError>| -> Vec<Place> {
            (0..30).filter_map(|_| take().ok()).collect()
        };
        let known = |tenant, token| granted(&|| places.known(&identity(tenant, token)));
        let unnamed = |last| granted(&|| places.unnamed(client(last)));
        let one = known("acme", 1);
        let two = known("acme", 2);
        assert_eq!((one.len(), two.len()), (4, 2), "a token, then its tenant");
        let strangers = unnamed(1);
        assert_eq!((strangers.len(), unnamed(2).len()), (3, 3));
        let other = known("other", 3);
        assert_eq!(other.len(), 4);
        let more: Vec<_> = (3..9).flat_map(unnamed).collect();
        assert_eq!(more.len(), 20 - 6 - 3 - 4, "and all together");
        assert_eq!(known("third", 4).len(), 0);
        drop((one, two, more));
        assert_eq!(known("acme", 1).len(), 4, "who leaves gives the place back");
    }

    #[test]
    fn who_says_who_it_is_has_the_tokens_place_and_not_the_addresss() {
        let places = Places::new(Most { all: 2, of_tenant: 6, of_token: 1, of_address: 1 });
        let stranger = places.unnamed(client(1)).expect("there is room");
        assert!(places.unnamed(client(1)).is_err());
        let named = places.named(stranger, &identity("acme", 1)).expect("there is room");
        let stranger = places.unnamed(client(1)).expect("the address has none that wait");
        assert!(places.named(stranger, &identity("acme", 1)).is_err(), "the token has its one");
        let second = places.unnamed(client(1)).expect("who is refused is gone");
        assert!(places.unnamed(client(2)).is_err(), "all places are taken");
        drop((named, second));
    }
}
