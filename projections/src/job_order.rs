//! What jobs are put in order by, as it is asked for: `started`, `-accuracy`.

/// Of each column its name and what it is in SQL, as JSON: so numbers are compared as numbers and words as words.
const COLUMNS: [(&str, &str); 19] = [
    ("number", "to_jsonb(number)"),
    ("title", "to_jsonb(NULLIF(lower(annotation ->> 'title'), ''))"),
    ("tags", "NULLIF(annotation -> 'tags', '[]')"),
    ("owner", "to_jsonb(owner)"),
    ("model", "config -> 'model'"),
    ("dataset", "NULLIF(config -> 'dataset', 'null')"),
    ("version", "to_jsonb(substring(config ->> 'dataset' FROM '@([0-9]{1,9})$')::bigint)"),
    ("status", "to_jsonb(status)"),
    ("progress", "to_jsonb(progress)"),
    ("result", "COALESCE(best, last) -> \"primary\""),
    ("test", "best -> ('test_' || \"primary\")"),
    ("best_epoch", "to_jsonb(best_epoch)"),
    ("requested", "to_jsonb(requested_at)"),
    ("started", "to_jsonb(started_at)"),
    // One that runs is compared by how long it has run until now.
    ("took", "to_jsonb(extract(epoch FROM COALESCE(finished_at, now()) - started_at))"),
    // As far as its attempts have ended.
    ("cost", "NULLIF(spending -> 'cost', '0')"),
    ("worker", "to_jsonb(worker)"),
    ("device_used", "to_jsonb(device)"),
    ("failure", "failure -> 'class'"),
];
/// Of a name that is no column: a measurement, or else a value of the configuration.
const NAMED: &str = "NULLIF(COALESCE(COALESCE(best, last) -> $10::text, config -> $10::text), 'null')";

/// Jobs in order of a column, a measurement or a value of their configuration; those without it come last, and of equal
/// ones the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobOrder {
    pub(crate) name: String,
    descending: bool,
}

impl JobOrder {
    /// A name, with `-` before it where the largest comes first.
    pub fn parse(text: &str) -> JobOrder {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        JobOrder { name: name.to_owned(), descending }
    }

    /// What they are compared by, in SQL; the name is its tenth parameter.
    pub(crate) fn key(&self) -> &'static str {
        COLUMNS.iter().find(|(name, _)| *name == self.name).map_or(NAMED, |(_, key)| key)
    }

    pub(crate) fn way(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// Between a key and the one before it.
    pub(crate) fn comes_after(&self) -> &'static str {
        if self.descending { "<" } else { ">" }
    }
}

#[cfg(test)]
mod tests {
    use super::JobOrder;

    #[test]
    fn an_order_is_a_column_or_what_jobs_call_so() {
        let column = JobOrder::parse("-started");
        assert_eq!((column.key(), column.way(), column.comes_after()), ("to_jsonb(started_at)", "DESC", "<"));
        let measured = JobOrder::parse("loss");
        assert_eq!((&*measured.name, measured.way(), measured.comes_after()), ("loss", "ASC", ">"));
        assert!(measured.key().contains("$10"), "no word of a request is SQL: {}", measured.key());
    }
}
