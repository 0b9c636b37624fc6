//! Keys on a real server: one for all who ask, whoever is first, and no other ever after.

mod servers;

use futures::future::join_all;
use servers::Servers;
use trainyard_bus::{Bus, BusConfig};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_ask_have_the_same_key_and_it_stays() {
    let mut servers = Servers::start().await;
    let first = servers.bus().await;
    let config = || BusConfig { url: servers.url(), replicas: servers.count() };
    let buses = join_all((0..8).map(|_| Bus::connect(config()))).await;
    let asked = join_all(buses.iter().map(|bus| bus.as_ref().unwrap().key("resume"))).await;
    let key = first.key("resume").await.unwrap();
    assert!(asked.iter().all(|asked| asked.as_ref().unwrap() == &key), "{asked:?}");
    assert_ne!(key, first.key("other").await.unwrap());
    assert_ne!(key, [0; 32]);

    let stranger = async_nats::jetstream::new(servers.stranger().await);
    let forged = stranger.publish("$KV.keys.resume", vec![7; 32].into()).await.unwrap().await;
    assert!(forged.is_err(), "another takes its place: {forged:?}");
    first.ensure().await.unwrap();
    for node in 0..servers.count() {
        servers.kill(node).await;
        servers.restart(node).await;
    }
    let again = loop {
        // The servers may still be finding each other.
        match first.key("resume").await {
            Ok(key) => break key,
            Err(error) => assert!(matches!(error, trainyard_bus::BusError::Unavailable(_)), "{error}"),
        }
    };
    assert_eq!(again, key);
}
