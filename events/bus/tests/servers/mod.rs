//! A bus on real NATS servers, one or a cluster of three, which can be killed and come back.
#![allow(dead_code, reason = "each test file uses its part of them")]

use trainyard_bus::{Bus, BusConfig};
use trainyard_local::harness::{self, TestNats};

pub(crate) struct Servers {
    pub(crate) nats: TestNats,
}

impl Servers {
    /// One, or as many as `TRAINYARD_TEST_NATS` says.
    pub(crate) async fn start() -> Servers {
        Servers { nats: harness::nats().await }
    }

    pub(crate) async fn single() -> Servers {
        Servers { nats: harness::nats_of(1, &[]).await }
    }

    pub(crate) async fn cluster_of_three() -> Servers {
        Servers { nats: harness::nats_of(3, &[]).await }
    }

    /// Kill -9, as a power cut for the process.
    pub(crate) async fn kill(&mut self, node: usize) {
        self.nats.kill_member(node).await;
    }

    pub(crate) async fn restart(&mut self, node: usize) {
        self.nats.restart_member(node).await;
    }

    pub(crate) fn count(&self) -> usize {
        self.nats.servers()
    }

    pub(crate) fn url(&self) -> String {
        self.nats.url()
    }

    /// A connection that knows nothing of Trainyard.
    pub(crate) async fn stranger(&self) -> async_nats::Client {
        let url = self.nats.urls().remove(0).parse::<async_nats::ServerAddr>().expect("a URL").into_inner();
        let (user, password) = (url.username().to_owned(), url.password().unwrap_or_default().to_owned());
        let options = async_nats::ConnectOptions::with_user_and_password(user, password);
        options.connect(url.as_str()).await.expect("a connection")
    }

    /// A connection with everything set up.
    pub(crate) async fn bus(&self) -> Bus {
        let bus =
            Bus::connect(BusConfig { url: self.url(), replicas: self.count() }).await.expect("a connection");
        bus.ensure().await.expect("streams and buckets");
        bus
    }
}
