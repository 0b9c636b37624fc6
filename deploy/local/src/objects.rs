//! The object store: our own program, told to serve the folder that it is put into.

use std::path::Path;

use trainyard_child::Program;

use crate::folder::{Credentials, Folder, Ports};
use crate::private::write_private;
use crate::service::Service;
use crate::{LocalError, S3Access, Server};

pub(crate) const BUCKET: &str = "trainyard";
/// Below the data folder.
pub(crate) const HOME: &str = "objects";
/// What `trainyard_objects` calls its command and the file with its keys.
const VERB: &str = "store";
const KEYS: &str = "keys.json";

pub(crate) fn access(credentials: &Credentials, ports: &Ports) -> S3Access {
    S3Access {
        endpoint: format!("http://127.0.0.1:{}", ports.s3),
        region: "us-east-1".to_owned(),
        access_key: credentials.s3_access_key.clone(),
        secret_key: credentials.s3_secret_key.clone(),
        bucket: BUCKET.to_owned(),
    }
}

/// It is killed when it must stop: what it has acknowledged is on the disk, and the rest nobody counts on.
pub(crate) fn service(
    folder: &Folder,
    program: &Path,
    credentials: &Credentials,
    ports: &Ports,
) -> Result<Service, LocalError> {
    let home = folder.home(HOME)?;
    let keys = serde_json::json!({
        "access_key": credentials.s3_access_key,
        "secret_key": credentials.s3_secret_key,
    });
    write_private(&home.join(KEYS), &keys.to_string(), folder.account)?;
    let listen = format!("127.0.0.1:{}", ports.s3);
    let mut program = Program::new(program, vec![VERB.into(), listen.into()], home);
    program.account = folder.account;
    Ok(Service { program, log: folder.log(Server::S3), stuck: None })
}
