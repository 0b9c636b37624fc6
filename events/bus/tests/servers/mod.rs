//! A bus on real NATS servers, one or a cluster of three, which can be killed and come back.
#![allow(dead_code, reason = "each test file uses its part of them")]

use trainyard_bus::{Bus, BusConfig};
use trainyard_local::harness::{self, TestNats, TestNatsCluster};

pub(crate) enum Servers {
    One(Box<TestNats>),
    Three(TestNatsCluster),
}

impl Servers {
    pub(crate) async fn single() -> Servers {
        Servers::One(Box::new(harness::nats().await))
    }

    pub(crate) async fn cluster_of_three() -> Servers {
        Servers::Three(harness::nats_cluster_of_three().await)
    }

    /// Kill -9, as a power cut for the process.
    pub(crate) async fn kill(&mut self, node: usize) {
        match self {
            Servers::One(server) => server.kill().await,
            Servers::Three(cluster) => cluster.kill(node).await,
        }
    }

    pub(crate) async fn restart(&mut self, node: usize) {
        match self {
            Servers::One(server) => server.restart().await,
            Servers::Three(cluster) => cluster.restart(node).await,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.urls().len()
    }

    fn urls(&self) -> Vec<String> {
        match self {
            Servers::One(server) => vec![server.url()],
            Servers::Three(cluster) => cluster.urls(),
        }
    }

    pub(crate) fn url(&self) -> String {
        self.urls().join(",")
    }

    /// A connection that knows nothing of Trainyard.
    pub(crate) async fn stranger(&self) -> async_nats::Client {
        let url = self.urls().remove(0).parse::<async_nats::ServerAddr>().expect("a URL").into_inner();
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
