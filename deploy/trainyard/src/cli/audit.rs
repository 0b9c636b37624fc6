//! `trainyard audit export`: who did what, as a file on standard output.

use std::io::{IsTerminal, Write};

use anyhow::Result;

use crate::cli::client::Client;
use crate::out;

/// As it is for a file, and for a terminal without what it would obey.
pub(crate) async fn export(client: &Client, csv: bool, after: Option<u64>) -> Result<()> {
    let format = if csv { "csv" } else { "jsonl" };
    let after = after.map(|sequence| format!("&after={sequence}")).unwrap_or_default();
    let bytes = client.bytes(&format!("/v1/audit/export?format={format}{after}")).await?;
    let mut stdout = std::io::stdout();
    if stdout.is_terminal() {
        out::lines(String::from_utf8_lossy(&bytes).trim_end());
        return Ok(());
    }
    Ok(stdout.write_all(&bytes)?)
}
