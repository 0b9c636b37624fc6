//! The receiver of docs/hooks.md, run as it stands there, beside a whole platform: it is told what happens, also after a kill, takes
//! nothing that is not signed, and what opens it lies nowhere but in the file that is made for it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use trainyard_e2e::{Platform, root};

const SOON: Duration = Duration::from_secs(90);
/// What an address may hold that opens a chat.
const PLANTED: &str = "planted-in-an-address";

struct Receiver {
    _process: Child,
    told: Lines<BufReader<ChildStdout>>,
}

impl Receiver {
    async fn start(secret: &str, port: u16) -> Result<Receiver> {
        let document = std::fs::read_to_string(root().join("docs/hooks.md"))?;
        let code = document.split("```python\n").nth(1).and_then(|rest| rest.split("```").next());
        let code = code.context("the document has an example")?;
        let code = code.replace("whsec_...", secret).replace("8000", &port.to_string());
        let mut command = Command::new("python3");
        command.args(["-c", &code]).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().context("python3 runs")?;
        let told = BufReader::new(process.stdout.take().context("it is read")?).lines();
        let listening = async { while TcpStream::connect(("127.0.0.1", port)).await.is_err() {} };
        tokio::time::timeout(SOON, listening).await.context("it does not listen")?;
        Ok(Receiver { _process: process, told })
    }

    /// The next event of this kind.
    async fn told(&mut self, kind: &str) -> Result<Value> {
        let waiting = async {
            while let Some(line) = self.told.next_line().await? {
                let (id, event) = line.split_once(' ').context("an id and an event")?;
                let event: Value = serde_json::from_str(event)?;
                ensure!(event["id"] == id, "the id is not the event's: {line}");
                if event["type"] == kind {
                    return Ok(event);
                }
            }
            anyhow::bail!("the receiver has ended")
        };
        tokio::time::timeout(SOON, waiting).await.with_context(|| format!("{kind} has not come"))?
    }
}

async fn typed(platform: &Platform, arguments: &[&str]) -> Result<String> {
    let (is_well, out, error) = platform.trainyard(arguments).await?;
    ensure!(is_well, "trainyard {arguments:?}: {out}{error}");
    Ok(out)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

#[tokio::test]
async fn the_receiver_of_the_document_is_told_what_happens() -> Result<()> {
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let mut platform = Platform::start_with(&[("TRAINYARD_HOOK_HOSTS", "127.0.0.1")]).await?;
    let url = format!("http://127.0.0.1:{port}/{PLANTED}");
    let added: Value =
        serde_json::from_str(&typed(&platform, &["--json", "hooks", "add", &url, "--on", "chat.*"]).await?)?;
    let hook = added["hook_id"].as_str().context("an id")?.to_owned();
    let secret = added["secret"].as_str().context("a secret")?.to_owned();
    // Nobody is there yet.
    let (is_well, _, error) = platform.trainyard(&["hooks", "test", &hook[..8]]).await?;
    ensure!(!is_well && error.contains("cannot be reached"), "{error}");
    let mut receiver = Receiver::start(&secret, port).await?;
    typed(&platform, &["hooks", "test", &hook[..8]]).await?;
    receiver.told("hook.tested").await?;
    typed(&platform, &["chat", "help"]).await?;
    let prompt = receiver.told("chat.prompt_received").await?;
    ensure!(prompt["data"]["text"] == "help" && prompt["source"] == "local", "{prompt}");
    receiver.told("chat.reply_given").await?;
    platform.kill().await?;
    platform.start_again().await?;
    typed(&platform, &["chat", "help me"]).await?;
    // What was told just before the kill may come once more.
    while receiver.told("chat.prompt_received").await?["data"]["text"] != "help me" {}
    typed(&platform, &["hooks", "change", &hook[..8], "--on", "chat.reply_given"]).await?;
    let forged = trainyard_fetch::client().build()?.post(&url);
    let forged =
        forged.header("webhook-id", "1").header("webhook-timestamp", "1").header("webhook-signature", "v1,");
    ensure!(forged.body("{}").send().await?.status() == 401, "what is not signed is not taken");
    let list = typed(&platform, &["hooks", "list"]).await?;
    ensure!(list.contains(&format!("http://127.0.0.1:{port}/…")) && !list.contains(PLANTED), "{list}");
    typed(&platform, &["hooks", "remove", &hook[..8]]).await?;
    platform.stop().await?;
    let data = platform.folder().join(".trainyard");
    let key = std::fs::read_to_string(data.join("hooks.key"))?;
    for path in files(&data)?.into_iter().filter(|path| !path.ends_with("hooks.key")) {
        let bytes = std::fs::read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        for hidden in [PLANTED, secret.as_str(), key.trim()] {
            ensure!(!text.contains(hidden), "{} holds {hidden}", path.display());
        }
    }
    Ok(())
}
