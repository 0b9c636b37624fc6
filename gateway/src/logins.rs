//! Readers of the feed log in at NATS with a token of ours: servers ask here who they are, and whoever's token is revoked is
//! cut off. That it ends by itself the server is told at once.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use futures::StreamExt;
use tracing::{debug, info, warn};
use trainyard_bus::{Bus, Connected, Issuer, Login, LoginRequest, Shown, consumers_of, reader};
use trainyard_events::limits::{READER_CHECK, READER_CONNECTIONS};
use trainyard_events::tenant::Scope;
use trainyard_projections::ViewError;
use uuid::Uuid;

use crate::client::Client;
use crate::gateway::Gateway;
use crate::identity::Identity;

/// Logins that are looked at at once.
const AT_ONCE: usize = 16;

/// What a gateway needs to let readers in and to put them out.
#[derive(Clone)]
pub struct Logins {
    /// Vouches for them; its public half is in the servers' configuration.
    pub issuer: Issuer,
    /// A connection of the user who sees and ends connections.
    pub cutter: Bus,
}

/// For as long as the gateway runs.
pub(crate) async fn serve(gateway: &Gateway) {
    let Some(Logins { issuer, cutter }) = gateway.logins.clone() else { return std::future::pending().await };
    tokio::join!(let_in(gateway, issuer), put_out(gateway, &cutter));
}

async fn let_in(gateway: &Gateway, issuer: Issuer) {
    loop {
        match gateway.bus.logins(issuer.clone()).await {
            Ok(requests) => requests.for_each_concurrent(AT_ONCE, |request| answer(gateway, request)).await,
            Err(error) => warn!(%error, "readers cannot log in yet"),
        }
        tokio::time::sleep(READER_CHECK).await;
    }
}

async fn answer(gateway: &Gateway, request: LoginRequest) {
    let address = request.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let shown = match &request.shown {
        Shown::Secret(text) => gateway.identify(Client::from(address), text).await,
        Shown::Key(public) => gateway.identify_key(Client::from(address), public).await,
    };
    let identity = shown.and_then(|identity| {
        gateway.tokens.rates.request(&identity)?;
        // It reads what happened, and what is told of jobs.
        identity.reaches(Some(Scope::Events))?;
        identity.reaches(Some(Scope::Jobs))?;
        gateway.note_use(&identity, Client::from(address));
        Ok(identity)
    });
    let now = (gateway.clock)();
    let answered = match identity {
        Ok(identity) => request.accept(&login(gateway, &identity), now).await,
        Err(refused) => request.refuse(&refused.0.to_string(), now).await,
    };
    if let Err(error) = answered {
        debug!(%error, "a login was not answered");
    }
}

fn login(gateway: &Gateway, identity: &Identity) -> Login {
    let Identity { tenant, token_id, role, expires_at, .. } = identity;
    Login {
        name: format!("{tenant}.{token_id}"),
        rights: reader(tenant, *role, &consumers_of(tenant, &gateway.readers_key)),
        expires_at: *expires_at,
    }
}

async fn put_out(gateway: &Gateway, cutter: &Bus) {
    let connections = cutter.connections();
    loop {
        tokio::time::sleep(READER_CHECK).await;
        let connected = match connections.list().await {
            Ok(connected) => connected,
            Err(error) => {
                warn!(%error, "who reads the feed cannot be seen now");
                continue;
            }
        };
        let revoked = match revoked(gateway, &connected).await {
            Ok(revoked) => revoked,
            Err(error) => {
                warn!(%error, "whose token is revoked cannot be seen now");
                gateway.tokens.revoked()
            }
        };
        for one in to_cut(&connected, &revoked) {
            info!(reader = one.name, "a reader is cut off");
            if let Err(error) = connections.cut(one).await {
                warn!(%error, "a reader is not cut off yet");
            }
        }
    }
}

/// Tokens that no longer open anything, of those who are connected: as this gateway has heard, and as the views say.
async fn revoked(gateway: &Gateway, connected: &[Connected]) -> Result<HashSet<Uuid>, ViewError> {
    let (tenants, tokens): (HashSet<&str>, HashSet<Uuid>) = connected.iter().filter_map(whose).unzip();
    let mut revoked = gateway.tokens.revoked();
    if !tokens.is_empty() {
        let (tenants, tokens) = (Vec::from_iter(tenants), Vec::from_iter(tokens));
        revoked.extend(gateway.views.ended_among(&tenants, &tokens, (gateway.clock)()).await?);
    }
    Ok(revoked)
}

/// Those with a revoked token, and of each tenant those that are too many, the newest.
fn to_cut<'c>(connected: &'c [Connected], revoked: &HashSet<Uuid>) -> Vec<&'c Connected> {
    let mut of_tenant: HashMap<&str, usize> = HashMap::new();
    let mut cut = Vec::new();
    for one in connected {
        let Some((tenant, token)) = whose(one) else { continue };
        let count = of_tenant.entry(tenant).or_default();
        *count += usize::from(!revoked.contains(&token));
        if revoked.contains(&token) || *count > READER_CONNECTIONS {
            cut.push(one);
        }
    }
    cut
}

/// Tenant and token; `None` of the platform's own users.
fn whose(connected: &Connected) -> Option<(&str, Uuid)> {
    let (tenant, token) = connected.name.split_once('.')?;
    Some((tenant, token.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_with_a_revoked_token_go_and_those_that_are_too_many() {
        let (good, bad) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let one = |name: String, id| Connected::new(&name, "server", id);
        let mut connected = vec![one("readers".to_owned(), 0), one(format!("acme.{bad}"), 1)];
        connected.extend((0..=READER_CONNECTIONS as u64).map(|id| one(format!("acme.{good}"), 10 + id)));
        connected.push(one(format!("other.{good}"), 999));
        let cut = to_cut(&connected, &HashSet::from([bad]));
        let newest = &connected[connected.len() - 2];
        assert_eq!(cut, [&connected[1], newest]);
        assert!(to_cut(&connected[2..5], &HashSet::new()).is_empty());
    }
}
