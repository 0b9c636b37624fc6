//! Questions to models as those who own them see them: how many, when, and how long the answers took. Each gateway counts its own and
//! keeps the counts where every gateway reads them, so that they are of all and outlive a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use time::OffsetDateTime;
use tracing::warn;
use trainyard_api::registry::{ModelCalls as Told, VersionCalls};
use trainyard_bus::BusError;
use trainyard_events::calls::{CallsAtTime, CallsOfGateway, CallsOfVersion};
use uuid::Uuid;

use crate::gateway::Gateway;

/// Models that are counted, and versions of each; what was asked longest ago makes room.
const MODELS: usize = 1_000;
const VERSIONS: usize = 50;
/// Answers of a version whose time is kept.
const LAST: usize = 100;
/// Seconds that are counted together, and how many such times are kept: a day of five minutes each.
const TOGETHER: i64 = 300;
const TIMES: usize = 288;
/// Between two words to the other gateways.
const TOLD_EVERY: Duration = Duration::from_secs(2);

/// By model: what this gateway has had, and whether the others know.
type Known = BTreeMap<Uuid, (CallsOfGateway, bool)>;

pub(crate) struct ModelCalls {
    /// Which of the gateways this is, until it ends.
    gateway: Uuid,
    known: Mutex<Known>,
}

impl Default for ModelCalls {
    fn default() -> Self {
        ModelCalls { gateway: Uuid::new_v4(), known: Mutex::default() }
    }
}

impl ModelCalls {
    /// `took` is how long the answer took; `None` if there was none.
    pub(crate) fn asked(&self, (model, version): (Uuid, u32), at: OffsetDateTime, took: Option<Duration>) {
        let mut known = self.known();
        make_room(&mut known, model, MODELS, |(calls, _)| newest(calls));
        let new = || (CallsOfGateway { since: at, versions: BTreeMap::new() }, false);
        let (calls, told) = known.entry(model).or_insert_with(new);
        *told = false;
        make_room(&mut calls.versions, version, VERSIONS, |calls| calls.last_at);
        let new = || CallsOfVersion {
            answered: 0,
            refused: 0,
            last_at: at,
            last_ms: Vec::new(),
            history: Vec::new(),
        };
        count(calls.versions.entry(version).or_insert_with(new), at, took);
    }

    /// What the others do not know, which from now on counts as told.
    fn untold(&self, only: Option<Uuid>) -> Vec<(Uuid, CallsOfGateway)> {
        let mut known = self.known();
        let of = known.iter_mut().filter(|(model, _)| only.is_none_or(|only| only == **model));
        let untold = of.filter(|(_, (_, told))| !told);
        untold
            .map(|(model, (calls, told))| {
                *told = true;
                (*model, calls.clone())
            })
            .collect()
    }

    fn not_told(&self, model: Uuid) {
        if let Some((_, told)) = self.known().get_mut(&model) {
            *told = false;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while it holds the calls")
    }
}

fn newest(calls: &CallsOfGateway) -> OffsetDateTime {
    calls.versions.values().map(|calls| calls.last_at).max().unwrap_or(calls.since)
}

fn make_room<K: Copy + Ord, V>(
    known: &mut BTreeMap<K, V>,
    coming: K,
    most: usize,
    last: impl Fn(&V) -> OffsetDateTime,
) {
    if known.len() >= most
        && !known.contains_key(&coming)
        && let Some(oldest) = known.iter().min_by_key(|(_, calls)| last(calls)).map(|(of, _)| *of)
    {
        known.remove(&oldest);
    }
}

fn count(calls: &mut CallsOfVersion, at: OffsetDateTime, took: Option<Duration>) {
    calls.last_at = at;
    let began = at.unix_timestamp().div_euclid(TOGETHER) * TOGETHER;
    let began = OffsetDateTime::from_unix_timestamp(began).expect("it is before a moment that there is");
    if calls.history.last().is_none_or(|last| last.at != began) {
        calls.history.push(CallsAtTime { at: began, answered: 0, refused: 0, sum_ms: 0.0, most_ms: 0.0 });
    }
    let surplus = calls.history.len().saturating_sub(TIMES);
    calls.history.drain(..surplus);
    let together = calls.history.last_mut().expect("one was just made sure of");
    let Some(took) = took else {
        (calls.refused, together.refused) = (calls.refused + 1, together.refused + 1);
        return;
    };
    let milliseconds = took.as_secs_f64() * 1e3;
    (calls.answered, together.answered) = (calls.answered + 1, together.answered + 1);
    together.sum_ms += milliseconds;
    together.most_ms = together.most_ms.max(milliseconds);
    calls.last_ms.push(milliseconds);
    let surplus = calls.last_ms.len().saturating_sub(LAST);
    calls.last_ms.drain(..surplus);
}

/// Tells the other gateways what this one has had, for ever.
pub(crate) async fn tell(gateway: &Gateway) {
    loop {
        tokio::time::sleep(TOLD_EVERY).await;
        if let Err(error) = tell_now(gateway, None).await {
            warn!(%error, "the other gateways are not told of calls now, trying again");
        }
    }
}

async fn tell_now(gateway: &Gateway, only: Option<Uuid>) -> Result<(), BusError> {
    let calls = gateway.bus.calls();
    for (model, had) in gateway.calls.untold(only) {
        calls
            .keep(model, gateway.calls.gateway, &had)
            .await
            .inspect_err(|_| gateway.calls.not_told(model))?;
    }
    Ok(())
}

/// What all gateways have had of the model in the last days.
pub(crate) async fn of(gateway: &Gateway, model: Uuid) -> Result<Told, BusError> {
    tell_now(gateway, Some(model)).await?;
    Ok(together(gateway.bus.calls().of(model).await?, gateway.started_at))
}

/// `since` where nobody has had anything.
fn together(each: Vec<CallsOfGateway>, since: OffsetDateTime) -> Told {
    let since = each.iter().map(|calls| calls.since).min().unwrap_or(since);
    let mut versions: BTreeMap<u32, VersionCalls> = BTreeMap::new();
    for (version, calls) in each.into_iter().flat_map(|calls| calls.versions) {
        let new = || VersionCalls {
            version,
            answered: 0,
            refused: 0,
            last_at: calls.last_at,
            last_ms: Vec::new(),
            history: Vec::new(),
        };
        let all = versions.entry(version).or_insert_with(new);
        all.answered += calls.answered;
        all.refused += calls.refused;
        all.last_at = all.last_at.max(calls.last_at);
        all.last_ms.extend(calls.last_ms);
        all.history.extend(calls.history);
    }
    let mut versions: Vec<VersionCalls> = versions.into_values().collect();
    for version in &mut versions {
        version.history.sort_by_key(|calls| calls.at);
        version.history.dedup_by(|next, first| {
            let is_same = next.at == first.at;
            if is_same {
                first.answered += next.answered;
                first.refused += next.refused;
                first.sum_ms += next.sum_ms;
                first.most_ms = first.most_ms.max(next.most_ms);
            }
            is_same
        });
    }
    Told { since, versions }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(second).expect("a moment")
    }

    fn had(gateway: &ModelCalls) -> Vec<CallsOfGateway> {
        gateway.untold(None).into_iter().map(|(_, calls)| calls).collect()
    }

    #[test]
    fn what_two_gateways_had_is_told_as_one() {
        let (one, other, model) = (ModelCalls::default(), ModelCalls::default(), Uuid::from_u128(1));
        one.asked((model, 1), at(100), None);
        for milliseconds in 0..150 {
            one.asked((model, 2), at(200), Some(Duration::from_millis(milliseconds)));
        }
        other.asked((model, 2), at(310), Some(Duration::from_millis(7)));
        other.asked((model, 2), at(50), Some(Duration::from_millis(999)));
        let told = together([had(&one), had(&other)].concat(), at(0));
        assert_eq!((told.since, told.versions.len()), (at(100), 2));
        let [first, second] = &told.versions[..] else { panic!("{told:?}") };
        assert_eq!((first.version, first.answered, first.refused), (1, 0, 1));
        assert_eq!((second.answered, second.refused, second.last_at), (152, 0, at(200)));
        assert_eq!((second.last_ms.len(), second.last_ms[0]), (LAST + 2, 50.0));
        let history: Vec<_> =
            second.history.iter().map(|calls| (calls.at, calls.answered, calls.most_ms)).collect();
        assert_eq!(history, [(at(0), 151, 999.0), (at(300), 1, 7.0)]);
    }

    #[test]
    fn what_was_asked_longest_ago_makes_room() {
        let calls = ModelCalls::default();
        for version in 0..=VERSIONS as u32 {
            calls.asked((Uuid::nil(), version), at(i64::from(version)), None);
        }
        let [had] = &had(&calls)[..] else { panic!("one model") };
        assert_eq!((had.versions.len(), had.versions.contains_key(&0)), (VERSIONS, false));
        for model in 1..=MODELS as u128 {
            calls.asked((Uuid::from_u128(model), 1), at(1_000 + model as i64), None);
        }
        assert!(!calls.known().contains_key(&Uuid::nil()));
    }

    #[test]
    fn what_was_told_is_told_again_only_when_there_is_more() {
        let calls = ModelCalls::default();
        calls.asked((Uuid::nil(), 1), at(1), None);
        assert_eq!(calls.untold(None).len(), 1);
        assert_eq!(calls.untold(None).len(), 0);
        calls.not_told(Uuid::nil());
        assert_eq!(calls.untold(Some(Uuid::from_u128(1))).len(), 0, "another model was asked about");
        assert_eq!(calls.untold(Some(Uuid::nil())).len(), 1, "it could not be told");
    }

    #[test]
    fn no_more_than_a_day_is_kept() {
        let calls = ModelCalls::default();
        for time in 0..(TIMES as i64 + 10) {
            calls.asked((Uuid::nil(), 1), at(time * TOGETHER + 7), Some(Duration::from_millis(1)));
        }
        let history = &had(&calls)[0].versions[&1].history;
        assert_eq!((history.len(), history[0].at), (TIMES, at(10 * TOGETHER)));
    }
}
