//! SeaweedFS: master, volume server, filer and S3 gateway in one process, every door of it on loopback.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use trainyard_child::Program;

use crate::folder::{Credentials, Folder, Ports, write_private};
use crate::service::{HERE, Service};
use crate::{LocalError, S3Access, Server};

/// It waits 15 s for its own gateway to hang up when asked to stop, and writes nothing meanwhile; killing it loses
/// nothing that was acknowledged.
pub(crate) const GRACE: Duration = Duration::from_secs(1);
const VOLUME_MIB_MAX: u32 = 1024;
const VOLUMES_MAX: u32 = 10_000;
pub(crate) const BUCKET: &str = "trainyard";
/// Below the data folder.
pub(crate) const HOME: &str = "s3";
/// Below its home.
const IDENTITIES: &str = "identities.json";

pub(crate) fn access(credentials: &Credentials, ports: &Ports) -> S3Access {
    S3Access {
        endpoint: format!("http://127.0.0.1:{}", ports.s3),
        region: "us-east-1".to_owned(),
        access_key: credentials.s3_access_key.clone(),
        secret_key: credentials.s3_secret_key.clone(),
        bucket: BUCKET.to_owned(),
    }
}

pub(crate) fn service(
    folder: &Folder,
    weed: &Path,
    credentials: &Credentials,
    ports: &Ports,
) -> Result<Service, LocalError> {
    let home = folder.home(HOME)?;
    write_private(&home.join(IDENTITIES), &identities_json(credentials), folder.account)?;
    let [master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3_grpc] = ports.seaweed;
    let args = [
        "-logtostderr=true".to_owned(),
        "server".to_owned(),
        format!("-dir={HERE}"),
        "-ip=127.0.0.1".to_owned(),
        "-ip.bind=127.0.0.1".to_owned(),
        // One master that need not look for others starts at once.
        "-master.peers=none".to_owned(),
        "-master.telemetry=false".to_owned(),
        format!("-master.volumeSizeLimitMB={VOLUME_MIB_MAX}"),
        format!("-master.port={master}"),
        format!("-master.port.grpc={master_grpc}"),
        // Volumes grow as they are filled, and none is written to when the disk has less than 1 % left. Counting them
        // by their final size, as the default does, would refuse new buckets on a disk that has room.
        format!("-volume.max={VOLUMES_MAX}"),
        "-volume.preStopSeconds=0".to_owned(),
        format!("-volume.port={volume}"),
        format!("-volume.port.grpc={volume_grpc}"),
        "-filer".to_owned(),
        "-filer.disableHttp=true".to_owned(),
        format!("-filer.port={filer}"),
        format!("-filer.port.grpc={filer_grpc}"),
        "-s3".to_owned(),
        format!("-s3.config={IDENTITIES}"),
        format!("-s3.port={}", ports.s3),
        format!("-s3.port.grpc={s3_grpc}"),
        "-s3.port.iceberg=0".to_owned(),
        "-s3.port.lance=0".to_owned(),
    ];
    let mut program = Program::new(weed, args.map(OsString::from).into(), home);
    program.environment = environment(&credentials.seaweed_signing_key);
    program.account = folder.account;
    program.stop.grace = GRACE;
    program.litter = litter(ports);
    Ok(Service { program, log: folder.log(Server::S3), stuck: None })
}

/// Without these keys anybody on this machine could write around the S3 door, straight to the volume server or the filer.
fn environment(key: &str) -> Vec<(String, String)> {
    let pairs = [
        // It would read settings from the home folder and keep some there.
        ("HOME", HERE.to_owned()),
        ("WEED_MASTER_VOLUME_GROWTH_COPY_1", "1".to_owned()),
        ("WEED_JWT_SIGNING_KEY", key.to_owned()),
        ("WEED_JWT_FILER_SIGNING_KEY", key.to_owned()),
        ("WEED_JWT_FILER_SIGNING_READ_KEY", key.to_owned()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn identities_json(credentials: &Credentials) -> String {
    serde_json::json!({ "identities": [{
        "name": "trainyard",
        "credentials": [{ "accessKey": credentials.s3_access_key, "secretKey": credentials.s3_secret_key }],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }] })
    .to_string()
}

/// The socket files it makes in /tmp, whatever it is told.
fn litter(ports: &Ports) -> Vec<PathBuf> {
    let [_, master_grpc, _, volume_grpc, filer, filer_grpc, s3_grpc] = ports.seaweed;
    let named = [
        ("master-grpc", master_grpc),
        ("volume-grpc", volume_grpc),
        ("filer-grpc", filer_grpc),
        ("s3-grpc", s3_grpc),
        ("filer", filer),
        ("s3", ports.s3),
    ];
    named.map(|(part, port)| format!("/tmp/seaweedfs-{part}-{port}.sock").into()).to_vec()
}
