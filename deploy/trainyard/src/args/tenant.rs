//! What is asked of a tenant: its tokens, its people, its quota and its prices; and of tenants.

use clap::{Args, Subcommand};
use trainyard_events::config::UnknownWord;
use trainyard_events::fleet::Pool;
use trainyard_events::tenant::{Role, Scope};

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    List,
    /// Make a token; it is shown once.
    Create {
        name: String,
        /// viewer, editor or admin.
        #[arg(long, default_value = "editor", value_parser = parse_role)]
        role: Role,
        /// It opens nothing after so long, such as 12h, 90d or 52w [default: it lives until it is revoked].
        #[arg(long, value_parser = parse_span)]
        expires: Option<time::Duration>,
        /// Make it the seed of a NATS key, which signs a challenge there and never leaves its client.
        #[arg(long)]
        nkey: bool,
        /// Confine it to these: chats, jobs, datasets, models, predict, events, fleet, settings, with commas between [default:
        /// all that its role may].
        #[arg(long, value_delimiter = ',', value_parser = parse_scope)]
        scope: Vec<Scope>,
    },
    /// Give a token another text, shown once; the old one goes on for a while.
    Rotate {
        id: String,
        /// For how long, such as 30m, 12h or 7d [default: 1h].
        #[arg(long, value_parser = parse_span)]
        grace: Option<time::Duration>,
    },
    Revoke {
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberAction {
    List,
    /// Let somebody in no more: their sessions end at once.
    Remove {
        id: String,
    },
    /// Let somebody log in again.
    Restore {
        id: String,
    },
    /// Ask somebody to come; the link is shown once, and is good once.
    Invite {
        name: String,
        /// viewer, editor or admin.
        #[arg(long, default_value = "editor", value_parser = parse_role)]
        role: Role,
        /// It can be used for so long, such as 12h or 7d [default: 7d].
        #[arg(long, value_parser = parse_span)]
        expires: Option<time::Duration>,
    },
    /// List who was asked and has not come.
    Invitations,
    /// Take an invitation back.
    Uninvite {
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantAction {
    List,
    /// Make a tenant; the token of its first admin is shown once.
    Create {
        tenant: String,
    },
    /// Close a tenant for good: its tokens open nothing any more, and its name is not given again.
    Close {
        tenant: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Write who did what, what it changed and what was refused, as JSON lines or CSV.
    Export {
        #[arg(long)]
        csv: bool,
        /// Only what was done after this sequence.
        #[arg(long)]
        after: Option<u64>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaAction {
    /// The limits, and how much of them is used.
    Show,
    /// Change the limits that are named; what runs goes on.
    Set {
        /// Jobs that run at once or are on the work queue: a number, or none.
        #[arg(long)]
        concurrent_jobs: Option<Limit>,
        /// Hours on the GPU pool, counted since there is a quota: a number, or none.
        #[arg(long)]
        gpu_hours: Option<Limit>,
        /// Bytes of the files of its datasets in the store: a number, or none.
        #[arg(long)]
        dataset_bytes: Option<Limit<u64>>,
        /// What its jobs may cost in a month, in whole units of the currency of its prices: a number, or none.
        #[arg(long)]
        month_budget: Option<Limit<u64>>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PriceAction {
    /// What an hour on the workers of each pool costs.
    Show,
    /// Set what an hour on the workers of a pool costs from now on; what runs keeps the price that it has.
    Set {
        /// cpu or gpu.
        #[arg(value_parser = parse_pool)]
        pool: Pool,
        /// In units of the currency.
        hour: f64,
        /// ISO 4217. All prices of a tenant are in one.
        #[arg(long, default_value = "KRW")]
        currency: String,
        /// A price of its own for devices whose name has this in it, NAME=HOUR; again for another.
        #[arg(long = "device", value_parser = parse_device)]
        devices: Vec<(String, f64)>,
    },
    /// Let a pool cost nothing from now on.
    Remove {
        /// cpu or gpu.
        #[arg(value_parser = parse_pool)]
        pool: Pool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// What was said with the token of this name, in every conversation.
    #[arg(long, value_name = "NAME", required_unless_present = "chat", conflicts_with = "chat")]
    pub member: Option<String>,
    /// What was said in this conversation, by anybody.
    #[arg(long, value_name = "ID")]
    pub chat: Option<String>,
    /// Do not ask back.
    #[arg(long)]
    pub yes: bool,
}

/// A number, or `none`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit<N = u32>(pub(crate) Option<N>);

impl<N: std::str::FromStr> std::str::FromStr for Limit<N> {
    type Err = String;

    fn from_str(word: &str) -> Result<Limit<N>, String> {
        match word {
            "none" => Ok(Limit(None)),
            number => {
                number.parse().map(|most| Limit(Some(most))).map_err(|_| "say a number, or none".to_owned())
            }
        }
    }
}

/// Clap names the values that it does not take; which there are is for us to say.
fn parse_role(word: &str) -> Result<Role, UnknownWord> {
    word.parse()
}

fn parse_scope(word: &str) -> Result<Scope, UnknownWord> {
    word.parse()
}

fn parse_pool(word: &str) -> Result<Pool, UnknownWord> {
    match word {
        "cpu" => Ok(Pool::Cpu),
        "gpu" => Ok(Pool::Gpu),
        other => Err(UnknownWord { word: other.to_owned(), choices: "cpu, gpu".to_owned() }),
    }
}

/// `NAME=HOUR`.
fn parse_device(text: &str) -> Result<(String, f64), String> {
    let bad = || "say NAME=HOUR, such as H200=9000".to_owned();
    let (name, hour) = text.rsplit_once('=').ok_or_else(bad)?;
    Ok((name.to_owned(), hour.parse().map_err(|_| bad())?))
}

/// A number and its unit: minutes, hours, days or weeks.
fn parse_span(text: &str) -> Result<time::Duration, String> {
    let bad = || format!("{text:?} is no span of time: write it like 12h, 90d or 52w");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let number: u32 = number.parse().map_err(|_| bad())?;
    let unit = match unit {
        "m" => time::Duration::MINUTE,
        "h" => time::Duration::HOUR,
        "d" => time::Duration::DAY,
        "w" => time::Duration::WEEK,
        _ => return Err(bad()),
    };
    unit.checked_mul(i32::try_from(number).map_err(|_| bad())?)
        .filter(|span| span.is_positive())
        .ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::parse_span;

    #[test]
    fn a_span_is_a_number_and_its_unit() {
        for (text, span) in
            [("90d", Duration::days(90)), ("12h", Duration::hours(12)), ("5m", Duration::minutes(5))]
        {
            assert_eq!(parse_span(text), Ok(span));
        }
        for bad in ["", "d", "90", "-1d", "0d", "1.5h", "90 d", "1y", "99999999999w", "하루"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }
}
