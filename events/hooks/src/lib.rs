//! Whom a tenant has told of its events: signed, in order for each job, until it has been heard or a day is over.

mod address;
mod courier;
mod keeper;
mod key;
mod letter;
mod mail;
mod metrics;
mod patience;
mod place;
mod role;
mod sender;
mod web;

pub use address::{NoHost, Target, Trusted};
pub use courier::kept_as;
pub use key::{HooksKey, KeyError, Secret};
pub use mail::{Mail, MailError};
pub use metrics::HooksMetrics;
pub use patience::Patience;
pub use place::{Place, Try, Waiting};
pub use role::run;
pub use sender::HooksConfig;
