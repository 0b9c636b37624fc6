//! Where weights can be fetched: a file of the hub, or a public address.

use std::fmt;

use trainyard_events::reason::Trouble;
use trainyard_fetch::Trusted;
use url::Url;

use crate::fetch::address::Address;

/// Where `hf://` leads.
#[derive(Clone)]
pub struct Hub {
    /// The one that everybody knows, or a mirror of it, which may be in the operator's own network.
    pub endpoint: String,
    pub token: Option<String>,
}

impl Default for Hub {
    fn default() -> Hub {
        Hub { endpoint: "https://huggingface.co".to_owned(), token: None }
    }
}

impl fmt::Debug for Hub {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint)
    }
}

impl Address {
    /// `None` for a path.
    pub(super) fn of(source: &str, hub: &Hub) -> Option<Result<Address, Trouble>> {
        let (scheme, rest) = source.split_once("://")?;
        let url = match scheme {
            "hf" => file_of_hub(rest, hub),
            "https" => Url::parse(source).ok().filter(|url| Trusted::default().allows(url)),
            _ => None,
        };
        let out = || Trouble::WeightsOutOfBounds { source: source.to_owned() };
        Some(url.ok_or_else(out).map(|url| {
            let is_hub = scheme == "hf";
            let trusted = Trusted(url.host_str().filter(|_| is_hub).map(str::to_owned).into_iter().collect());
            Address { source: source.to_owned(), url, token: hub.token.clone().filter(|_| is_hub), trusted }
        }))
    }

    /// What the file's name ends with: trainers tell formats by it.
    pub(super) fn ending(&self) -> &str {
        ending(self.url.path())
    }
}

/// Of the name at the end of a path or key.
pub(super) fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, ending))
            if ending.len() <= 16 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            ending
        }
        _ => "safetensors",
    }
}

/// `owner/repository/folder/file`, of the main branch.
fn file_of_hub(rest: &str, hub: &Hub) -> Option<Url> {
    let mut url = Url::parse(&hub.endpoint).ok()?;
    let parts: Vec<&str> = rest.split('/').collect();
    let is_name = |part: &&str| !matches!(*part, "" | "." | "..");
    if parts.len() < 3 || !parts.iter().all(is_name) {
        return None;
    }
    let (repository, file) = parts.split_at(2);
    url.path_segments_mut().ok()?.pop_if_empty().extend(repository).extend(["resolve", "main"]).extend(file);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(source: &str) -> Option<String> {
        let hub = Hub { token: Some("secret".to_owned()), ..Hub::default() };
        let address = Address::of(source, &hub)?.ok()?;
        assert_eq!(address.token.is_some(), source.starts_with("hf://"), "{source}");
        Some(address.url.into())
    }

    #[test]
    fn addresses_are_read() {
        for (source, wanted) in [
            (
                "hf://timm/resnet18.a1_in1k/model.safetensors",
                Some("https://huggingface.co/timm/resnet18.a1_in1k/resolve/main/model.safetensors"),
            ),
            ("hf://a/b/c/../d", None),
            ("hf://a/b", None),
            ("https://example.com/w.pth?x=1", Some("https://example.com/w.pth?x=1")),
            ("http://example.com/w.pth", None),
            ("file:///etc/passwd", None),
            ("https://127.0.0.1/w", None),
            ("https://169.254.169.254/latest", None),
            ("https://[::1]/w", None),
            ("https://[::ffff:10.0.0.1]/w", None),
            ("https://[fd00::1]/w", None),
            ("https://user@example.com/w", None),
            ("https://8.8.8.8/w", Some("https://8.8.8.8/w")),
        ] {
            assert_eq!(url(source).as_deref(), wanted, "{source}");
        }
        assert!(Address::of("/data/w.safetensors", &Hub::default()).is_none());
    }

    #[test]
    fn a_file_keeps_its_ending() {
        let ending =
            |source: &str| Address::of(source, &Hub::default()).unwrap().unwrap().ending().to_owned();
        assert_eq!(ending("hf://a/b/model.safetensors"), "safetensors");
        assert_eq!(ending("https://example.com/a.b/w.pth?download=1"), "pth");
        assert_eq!(ending("https://example.com/weights"), "safetensors");
        assert_eq!(ending("https://example.com/w.%2e%2e%2f"), "safetensors");
    }
}
