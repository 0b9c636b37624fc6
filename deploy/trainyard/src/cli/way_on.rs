//! What the gateway says to do next, in words of the command line: it names routes, and here each is a command.

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// A route, and the command that asks for the same. `{}` is what varies.
const COMMANDS: [(&str, &str); 4] = [
    ("POST /v1/jobs/{}/deploy", "trainyard deploy {}"),
    ("POST /v1/jobs/{}/resume", "trainyard resume {}"),
    ("POST /v1/jobs", "trainyard train"),
    ("GET /v1/models", "trainyard models"),
];
/// In the place of a `{name}` that the gateway leaves open.
const ANY: &str = "NUMBER";

/// The next step of an error with this `code` of the platform at `url`.
pub(super) fn way_on(code: &str, next_step: &str, url: &str) -> String {
    match code {
        "unauthorized" => {
            "say another with --token or TRAINYARD_TOKEN; an admin makes one with `trainyard token create NAME`"
                .to_owned()
        }
        "no_image" | "bad_image" => "name a JPEG, PNG, WebP or BMP file".to_owned(),
        "bad_request" if next_step.contains("/openapi.json") => {
            "this command line and the gateway seem to be of different versions: use the gateway's".to_owned()
        }
        _ => in_commands(next_step).replace("/readyz", &format!("{url}/readyz")),
    }
}

/// `text` with commands in the places of the routes that have one.
fn in_commands(text: &str) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let path = words.peek().filter(|_| METHODS.contains(&word)).copied();
        match path.and_then(|path| command(word, path)) {
            Some(command) => {
                words.next();
                said.push(command);
            }
            None => said.push(word.to_owned()),
        }
    }
    said.join(" ")
}

/// The command for a method and a path, which may end a part of a sentence.
fn command(method: &str, path: &str) -> Option<String> {
    let route = path.trim_end_matches([',', ';', '.', ':']);
    let asked = format!("{method} {route}");
    COMMANDS.iter().find_map(|(route_form, command)| {
        let value = match route_form.split_once("{}") {
            Some((before, after)) => asked.strip_prefix(before)?.strip_suffix(after)?,
            None => (asked == *route_form).then_some("")?,
        };
        let value = if value.starts_with('{') { ANY } else { value };
        Some(format!("`{}`{}", command.replace("{}", value), &path[route.len()..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mentions::sources;

    #[test]
    fn routes_are_commands_here() {
        let url = "http://here:7700";
        for (code, next_step, said) in [
            ("not_deployed", "deploy it with POST /v1/jobs/7/deploy", "deploy it with `trainyard deploy 7`"),
            (
                "not_deployed",
                "deploy it with POST /v1/jobs/{id}/deploy",
                "deploy it with `trainyard deploy NUMBER`",
            ),
            ("x", "go on by POST /v1/jobs/7/resume; or not", "go on by `trainyard resume 7`; or not"),
            ("bad_config", "GET /v1/models lists the models", "`trainyard models` lists the models"),
            ("unavailable", "/readyz says which", "http://here:7700/readyz says which"),
            ("x", "it can GET better", "it can GET better"),
        ] {
            assert_eq!(way_on(code, next_step, url), said);
        }
        let header = "send the header `Authorization: Bearer ty_...`";
        assert!(way_on("unauthorized", header, url).contains("`trainyard token create NAME`"));
    }

    /// Whatever route the gateway names in what it says, the command line has a command for it.
    #[test]
    fn no_route_that_the_gateway_tells_of_reaches_the_terminal() {
        let mut told = 0;
        let files =
            sources(&["gateway/src", "gateway/api/src", "commands", "projections/src", "events"], &["rs"]);
        for (path, text) in files.iter().filter(|(path, _)| !path.iter().any(|part| part == "tests")) {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            // Some sentences name both by themselves.
            for line in lines.filter(|line| names_a_route(line) && !line.contains("`trainyard ")) {
                told += 1;
                let said = in_commands(&line.replace('"', " "));
                assert!(!names_a_route(&said), "{}: {said}", path.display());
            }
        }
        assert!(told >= 7, "only {told} were found");
    }

    fn names_a_route(text: &str) -> bool {
        METHODS.iter().any(|method| text.contains(&format!("{method} /")))
    }
}
