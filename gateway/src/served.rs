//! What a request asked for, in the words of the table of routes: the only names that a metric is labelled with. What
//! a stranger makes up is `other`, of the route `none`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::Method;

use crate::route::Route;

/// The methods of every path that is served.
#[derive(Clone)]
pub(crate) struct Served(Arc<HashMap<&'static str, Vec<&'static str>>>);

/// One method of one route, or what stands for all that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
}

impl Served {
    pub(crate) fn of(routes: &[Route]) -> Served {
        let mut served: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        for route in routes {
            let methods = served.entry(route.path).or_default();
            methods.push(name(&route.method));
            if route.method == Method::GET {
                // Answered by the same handler.
                methods.push("HEAD");
            }
        }
        // The pages and files of the dashboard.
        served.insert("none", vec!["GET", "HEAD"]);
        Served(Arc::new(served))
    }

    /// `path` is the one of the table that the request has matched.
    pub(crate) fn asked(&self, method: &Method, path: Option<&str>) -> Asked {
        let (route, methods) = self
            .0
            .get_key_value(path.unwrap_or("none"))
            .or_else(|| self.0.get_key_value("none"))
            .expect("the table has a line for what is none of its paths");
        let method = Some(name(method)).filter(|name| methods.contains(name)).unwrap_or("other");
        Asked { method, route }
    }
}

fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::{Asked, Served};
    use crate::routes::all;

    #[test]
    fn only_what_is_served_has_a_name() {
        let served = Served::of(&all());
        let invented = Method::from_bytes(b"INVENTED").expect("a token is a method");
        for (method, path, expected) in [
            (Method::GET, Some("/v1/jobs/{id}"), ("GET", "/v1/jobs/{id}")),
            (Method::HEAD, Some("/v1/jobs/{id}"), ("HEAD", "/v1/jobs/{id}")),
            (Method::DELETE, Some("/v1/jobs/{id}"), ("other", "/v1/jobs/{id}")),
            (invented.clone(), Some("/v1/jobs"), ("other", "/v1/jobs")),
            (Method::GET, None, ("GET", "none")),
            (Method::POST, None, ("other", "none")),
            (invented, Some("/no/such/route"), ("other", "none")),
        ] {
            let (method_told, route) = expected;
            assert_eq!(
                served.asked(&method, path),
                Asked { method: method_told, route },
                "{method} {path:?}"
            );
        }
        for route in all() {
            assert_eq!(served.asked(&route.method, Some(route.path)).method, route.method.as_str());
        }
    }
}
