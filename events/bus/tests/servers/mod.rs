//! Real NATS servers for these tests: one, or three that are a cluster; they can be killed and come back.
#![allow(dead_code, reason = "each test file uses its part of them")]

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use trainyard_bus::{Bus, BusConfig};

pub(crate) struct Servers {
    _folder: TempDir,
    nodes: Vec<Node>,
}

struct Node {
    config: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Servers {
    pub(crate) fn single() -> Servers {
        Servers::start(1)
    }

    pub(crate) fn cluster_of_three() -> Servers {
        Servers::start(3)
    }

    fn start(count: usize) -> Servers {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ports = free_ports(2 * count);
        let (clients, routes) = ports.split_at(count);
        let nodes = (0..count).map(|index| {
            let config = folder.path().join(format!("n{index}.conf"));
            let text = configuration(folder.path(), index, clients, routes);
            std::fs::File::create(&config)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .expect("config");
            Node { config, port: clients[index], process: None }
        });
        let mut servers = Servers { nodes: nodes.collect(), _folder: folder };
        for node in 0..count {
            servers.restart(node);
        }
        servers
    }

    /// Starts a node that does not run.
    pub(crate) fn restart(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        assert!(node.process.is_none(), "it runs already");
        let process = Command::new(binary())
            .arg("-c")
            .arg(&node.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nats-server starts; `make tools` unpacks it");
        node.process = Some(process);
    }

    /// Kill -9, as a power cut for the process.
    pub(crate) fn kill(&mut self, node: usize) {
        let mut process = self.nodes[node].process.take().expect("it runs");
        process.kill().expect("kill -9");
        process.wait().expect("it is gone");
    }

    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn url(&self) -> String {
        let urls = self.nodes.iter().map(|node| format!("nats://trainyard:secret@127.0.0.1:{}", node.port));
        urls.collect::<Vec<_>>().join(",")
    }

    /// A connection that knows nothing of Trainyard.
    pub(crate) async fn stranger(&self) -> async_nats::Client {
        let address = format!("127.0.0.1:{}", self.nodes[0].port);
        let options = async_nats::ConnectOptions::with_user_and_password("trainyard".into(), "secret".into());
        options.connect(address).await.expect("a connection")
    }

    /// A connection with everything set up.
    pub(crate) async fn bus(&self) -> Bus {
        let config = BusConfig { url: self.url(), replicas: self.nodes.len() };
        let bus = Bus::connect(config).await.expect("a connection");
        bus.ensure().await.expect("streams and buckets");
        bus
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for process in self.nodes.iter_mut().filter_map(|node| node.process.as_mut()) {
            let _gone_already = process.kill();
            let _status = process.wait();
        }
    }
}

fn configuration(folder: &Path, index: usize, clients: &[u16], routes: &[u16]) -> String {
    let store = folder.join(format!("n{index}"));
    let mut text = format!(
        "server_name: n{index}\nlisten: 127.0.0.1:{}\nmax_payload: 9MB\n\
         jetstream {{ store_dir: {store:?}, sync_interval: always }}\n\
         accounts {{ APP {{ jetstream: enabled, users: [{{user: trainyard, password: secret}}] }} }}\n",
        clients[index]
    );
    if clients.len() > 1 {
        let peers = routes.iter().map(|port| format!("nats-route://127.0.0.1:{port}")).collect::<Vec<_>>();
        text += &format!(
            "cluster {{ name: yard, listen: 127.0.0.1:{}, routes: [{}] }}\n",
            routes[index],
            peers.join(", ")
        );
    }
    text
}

fn free_ports(count: usize) -> Vec<u16> {
    // All bound at once, so that they differ.
    let bound =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect::<Vec<_>>();
    bound.iter().map(|listener| listener.local_addr().expect("bound").port()).collect()
}

fn binary() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server")
}
