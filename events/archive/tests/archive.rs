//! What has ended moves from a real log to a real store, and nobody who reads notices; the log is made of it again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod house;

use std::sync::Arc;

use futures::StreamExt;
use house::{House, LATER, OLD, chat, job};
use trainyard_archive::{
    Archive, ArchiveError, Chain, Remainder, Segment, Trimmed, extend, keep_keys, put_keys_back, restore,
    trim,
};
use trainyard_bus::{AppendError, Copied, EventLog, LogError, MemoryLog, Past};
use trainyard_events::{Aggregate, ChatEvent, Entry, Envelope, Event};
use uuid::Uuid;

/// All there is, byte for byte.
async fn all(log: &impl EventLog) -> Vec<(u64, String, Vec<u8>)> {
    let length = log.last_sequence().await.unwrap() as usize;
    let entries = log.follow(0).await.unwrap().take(length).map(|entry| entry.unwrap());
    entries.map(|entry| (entry.sequence(), entry.subject(), entry.raw().to_vec())).collect().await
}

fn bytes(entries: &[Entry]) -> Vec<(u64, Vec<u8>)> {
    entries.iter().map(|entry| (entry.sequence(), entry.raw().to_vec())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_ended_leaves_the_log_and_nobody_notices() {
    let house = House::open().await;
    house.a_story().await;
    let log = house.bus.log();
    let before = all(&log).await;
    let histories = house.histories(&log).await;
    let written = extend(&log, &house.store, Remainder::Close).await.unwrap();
    assert_eq!(written, before.len() as u64);
    let archive = Arc::new(Archive::new(house.store.clone()));
    let upto = archive.chain().await.unwrap().last();
    let trimmed = trim(&house.bus, &archive, upto, LATER).await.unwrap();
    let (count, dropped) = house.leaving();
    assert_eq!(
        trimmed,
        Trimmed { histories: count, messages: dropped },
        "a job, and what nobody says more in"
    );
    let stream = house.bus.streams().await.unwrap().into_iter().find(|it| it.stream == "EVENTS").unwrap();
    assert_eq!(stream.messages, before.len() as u64 - dropped);
    assert_eq!(trim(&house.bus, &archive, upto, LATER).await.unwrap(), Trimmed::default());

    // Whoever reads is given the same, from wherever it was.
    let reader = house.bus.clone().with_past(archive.clone());
    let log = reader.log();
    assert_eq!(all(&log).await, before);
    assert_eq!(house.histories(&log).await, histories);
    for (sequence, _, raw) in &before {
        assert_eq!(log.at(*sequence).await.unwrap().unwrap().raw().to_vec(), *raw, "{sequence}");
    }
    assert!(log.at(before.len() as u64 + 1).await.unwrap().is_none());
    assert!(log.at(0).await.unwrap().is_none());
    for after in [1, 7, before.len() as u64 - 2] {
        let rest: Vec<_> =
            log.follow(after).await.unwrap().take(before.len() - after as usize).collect().await;
        assert!(rest.iter().zip(after + 1..).all(|(entry, at)| entry.as_ref().unwrap().sequence() == at));
        let part = log.entries(&house.tenant, &job(1), after).await.unwrap();
        let expected: Vec<_> = histories[0].iter().filter(|(at, _)| *at > after).cloned().collect();
        assert_eq!(bytes(&part), expected, "after {after}");
    }

    // Whoever was not told where it is does not take a part for the whole.
    let blind = house.bus.log();
    let refused = blind.entries(&house.tenant, &job(1), 0).await;
    assert!(matches!(refused, Err(LogError::Archived { .. })), "{refused:?}");
    let mut followed = blind.follow(0).await.unwrap();
    let cut = followed.by_ref().filter(|entry| std::future::ready(entry.is_err())).next().await;
    assert!(matches!(cut, Some(Err(LogError::Archived { .. }))), "{cut:?}");
    assert!(followed.next().await.is_none(), "an error ends it");

    // Writers go on under the same guards: a duplicate is one, what came too late is, and a conversation is taken up again.
    let (first, last) = (&before[0], histories[0].last().unwrap().0);
    let envelope = Entry::read(first.0, &first.1, &first.2).event().unwrap().envelope;
    assert_eq!(log.append(&envelope, 0).await.unwrap(), first.0, "it is there already");
    let late = house.event(job(1), house::lost());
    assert!(matches!(log.append(&late, last - 1).await, Err(AppendError::Conflict { .. })));
    let said = house.event(chat(), house::said("and again"));
    let talk = histories[2].last().unwrap().0;
    let again = log.append(&said, talk).await.unwrap();
    let thread = log.entries(&house.tenant, &chat(), 0).await.unwrap();
    assert_eq!(thread.len(), histories[2].len() + 1);
    assert_eq!(thread.last().unwrap().sequence(), again);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_while_it_leaves_and_who_copies_late_get_each_event_once() {
    let house = House::open().await;
    house.a_story().await;
    let archive = Arc::new(Archive::new(house.store.clone()));
    let bus = house.bus.clone().with_past(archive.clone());
    let log = bus.log();
    let before = all(&log).await;
    let mut early = log.follow(0).await.unwrap();
    let mut seen = vec![early.next().await.unwrap().unwrap().sequence()];
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    trim(&bus, &archive, before.len() as u64, LATER).await.unwrap();
    while seen.len() < before.len() {
        seen.push(early.next().await.unwrap().unwrap().sequence());
    }
    assert_eq!(seen, (1..=before.len() as u64).collect::<Vec<_>>());

    let copier = bus.copier(|original| Copied {
        subject: format!("trainyard.feed.acme.copy.{}", original.sequence),
        id: original.sequence.to_string(),
        payload: original.payload.clone(),
    });
    let mut progress = copier.progress();
    let copying = tokio::spawn(copier.run());
    progress.wait_for(|progress| progress.copied == before.len() as u64).await.unwrap();
    copying.abort();
    // One that begins where the copied event has left the log goes on there.
    let copier = bus.copier(|original| Copied {
        subject: format!("trainyard.feed.acme.copy.{}", original.sequence),
        id: original.sequence.to_string(),
        payload: original.payload.clone(),
    });
    let mut progress = copier.progress();
    let copying = tokio::spawn(copier.run());
    let more = house.event(job(9), house::lost());
    log.append(&more, 0).await.unwrap();
    progress.wait_for(|progress| progress.copied == 1).await.unwrap();
    copying.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_or_is_young_or_not_archived_stays() {
    let house = House::open().await;
    house.a_story().await;
    let log = house.bus.log();
    let count = log.last_sequence().await.unwrap();
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    let archive = Archive::new(house.store.clone());
    let nothing = Trimmed::default();
    assert_eq!(trim(&house.bus, &archive, count, OLD).await.unwrap(), nothing, "all is younger");
    assert_eq!(trim(&house.bus, &archive, 3, LATER).await.unwrap(), nothing, "not archived then");
    // A remainder waits for its age, and is written when it has it.
    let more = house.event(job(9), house::lost());
    log.append(&more, 0).await.unwrap();
    let young = Remainder::CloseIfBefore(OLD);
    assert_eq!(extend(&log, &house.store, young).await.unwrap(), 0);
    let old = Remainder::CloseIfBefore(LATER);
    assert_eq!(extend(&log, &house.store, old).await.unwrap(), 1);
    assert_eq!(extend(&log, &house.store, old).await.unwrap(), 0, "nothing is new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_that_the_archive_does_not_give_back() {
    let house = House::open().await;
    house.a_story().await;
    let log = house.bus.log();
    let count = log.last_sequence().await.unwrap();
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    let chain = Chain::load(&house.store).await.unwrap();
    let key = &chain.newest().unwrap().key;
    let whole = house.store.get_bytes(key, 1 << 20).await.unwrap();
    let mut damaged = whole.to_vec();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    house.store.put_bytes(key, damaged.into()).await.unwrap();
    let archive = Archive::new(house.store.clone());
    let refused = trim(&house.bus, &archive, count, LATER).await.unwrap_err();
    assert!(matches!(refused, ArchiveError::Damaged(_)) && refused.to_string().contains(key), "{refused}");
    house.store.delete(key).await.unwrap();
    let refused = trim(&house.bus, &archive, count, LATER).await.unwrap_err().to_string();
    assert!(refused.contains("is not in the store"), "{refused}");
    let told = archive.after(0).await.unwrap_err();
    assert!(matches!(&told, LogError::Archived { sequence: 1, .. }), "{told}");
    house.store.put_bytes(key, whole).await.unwrap();
    assert_eq!(trim(&house.bus, &archive, count, LATER).await.unwrap().histories, house.leaving().0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_flipped_byte_is_named_by_its_line_and_event() {
    let house = House::open().await;
    let log = house.bus.log();
    for text in ["하나", "two", "three"] {
        house.talk(text).await;
    }
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    house.talk("four").await;
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    let chain = Chain::load(&house.store).await.unwrap();
    for link in chain.links() {
        let whole = house.store.get_bytes(&link.key, 1 << 20).await.unwrap();
        for at in (0..whole.len()).step_by(3) {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 1;
            house.store.put_bytes(&link.key, damaged.into()).await.unwrap();
            let fault = Segment::fetch(&house.store, link).await.unwrap_err().to_string();
            let line = whole[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let named = match line {
                1 => format!("{}, line 1: ", link.key),
                line => format!("{}, line {line} (event {}): ", link.key, link.first + line - 2),
            };
            assert!(fault.contains(&named), "byte {at}: {fault}");
        }
        assert!(chain.check(&house.store).await.unwrap_err().to_string().contains(&link.key));
        let empty = MemoryLog::default();
        assert!(restore(&empty, &house.store).await.is_err());
        assert_eq!(empty.last_sequence().await.unwrap(), 0, "nothing is written of a damaged archive");
        house.store.put_bytes(&link.key, whole).await.unwrap();
    }
    let head = house.store.get_bytes("archive/head.json", 1 << 20).await.unwrap();
    for at in (0..head.len()).step_by(7) {
        let mut damaged = head.to_vec();
        damaged[at] ^= 1;
        house.store.put_bytes("archive/head.json", damaged.into()).await.unwrap();
        let checked = async { Chain::load(&house.store).await?.check(&house.store).await };
        if let Err(error) = checked.await {
            assert!(error.to_string().contains("the archive is damaged"), "byte {at}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_made_of_it_again_on_three_servers_and_goes_on() {
    let house = House::open().await;
    house.a_story().await;
    let log = house.bus.log();
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    let archive = Arc::new(Archive::new(house.store.clone()));
    let count = log.last_sequence().await.unwrap();
    trim(&house.bus, &archive, count, LATER).await.unwrap();
    let whole = all(&house.bus.clone().with_past(archive).log()).await;

    let cluster = house::another(3).await;
    let again = cluster.1.log();
    assert_eq!(restore(&again, &house.store).await.unwrap(), count);
    assert_eq!(all(&again).await, whole);
    let refused = restore(&again, &house.store).await;
    assert!(matches!(refused, Err(ArchiveError::NotEmpty(_))), "{refused:?}");
    let last = house.histories(&again).await[2].last().unwrap().0;
    again.append(&house.event(chat(), house::said("here")), last).await.unwrap();
    assert_eq!(
        extend(&again, &house.store, Remainder::Close).await.unwrap(),
        1,
        "it goes on with the archive"
    );
    // It is trimmed anew, and the log that is left behind is another one from here on.
    let archive = Archive::new(house.store.clone());
    let trimmed = trim(&cluster.1, &archive, count, LATER).await.unwrap();
    assert_eq!(trimmed.histories, house.leaving().0 - 1, "somebody has spoken in the chat");
    let refused = extend(&log, &house.store, Remainder::Close).await;
    assert!(matches!(refused, Err(ArchiveError::Longer { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_archive_at_a_time_leave_one_whole_chain() {
    let house = House::open().await;
    house.a_story().await;
    let log = house.bus.log();
    for _ in 0..5 {
        house.talk("more").await;
        let both = tokio::join!(
            extend(&log, &house.store, Remainder::Close),
            extend(&log, &house.store, Remainder::Close)
        );
        for outcome in [both.0, both.1] {
            assert!(matches!(outcome, Ok(_) | Err(ArchiveError::Overtaken)), "{outcome:?}");
        }
        let chain = Chain::load(&house.store).await.unwrap();
        chain.check(&house.store).await.unwrap();
        assert_eq!(chain.last(), log.last_sequence().await.unwrap());
    }
    let stranger = house::another(1).await;
    let event = house.event(chat(), house::said("elsewhere"));
    stranger.1.log().append(&event, 0).await.unwrap();
    let refused = extend(&stranger.1.log(), &house.store, Remainder::Close).await;
    assert!(matches!(refused, Err(ArchiveError::Longer { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archives_of_earlier_releases_are_read_and_gone_on_with() {
    let house = House::open().await;
    let log = house.bus.log();
    for text in ["one", "two"] {
        house.talk(text).await;
    }
    let (one, two) = (log_at(&log, 1).await, log_at(&log, 2).await);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let first = format!(
        "{}\n{{\"sequence\":1,\"envelope\":{}}}",
        r#"{"format":2,"first":1,"previous":null}"#,
        text(&one)
    );
    let first = house.store.put_bytes("archive/1.jsonl", first.into()).await.unwrap();
    let link = |key: &str, sha256: &str, last: u64| {
        format!(r#"{{"key":"{key}","sha256":"{sha256}","last":{last},"last_event":null}}"#)
    };
    let second = format!(
        r#"{{"format":2,"first":2,"previous":{}}}{}{{"sequence":2,"envelope":{}}}"#,
        link("archive/1.jsonl", &first.sha256, 1),
        "\n",
        text(&two)
    );
    let second = house.store.put_bytes("archive/2.jsonl", second.into()).await.unwrap();
    let head = link("archive/2.jsonl", &second.sha256, 2);
    house.store.put_bytes("archive/head.json", head.into()).await.unwrap();
    house.talk("three").await;
    assert_eq!(extend(&log, &house.store, Remainder::Close).await.unwrap(), 1);
    let chain = Chain::load(&house.store).await.unwrap();
    chain.check(&house.store).await.unwrap();
    assert_eq!(chain.links().len(), 3);
    let archive = Arc::new(Archive::new(house.store.clone()));
    let trimmed = trim(&house.bus, &archive, 3, LATER).await.unwrap();
    assert_eq!(trimmed, Trimmed { histories: 1, messages: 2 });
    let thread = house.bus.clone().with_past(archive).log().entries(&house.tenant, &chat(), 0).await.unwrap();
    assert_eq!(bytes(&thread)[..2], [(1, one), (2, two)]);
    let again = MemoryLog::default();
    assert_eq!(restore(&again, &house.store).await.unwrap(), 3);
}

async fn log_at(log: &impl EventLog, sequence: u64) -> Vec<u8> {
    log.at(sequence).await.unwrap().unwrap().raw().to_vec()
}

/// The texts of a conversation, as a bus that has never seen a key reads them.
async fn told(bus: &trainyard_bus::Bus, house: &House, of: &Aggregate) -> Vec<String> {
    let history = bus.log().history(&house.tenant, of, 0).await.unwrap();
    let text = |recorded: &trainyard_events::Recorded| match &recorded.envelope.event {
        Event::Chat(ChatEvent::PromptReceived { text, .. }) => Some(text.clone()),
        _ => None,
    };
    history.iter().filter_map(text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_stays_erased_in_a_log_that_is_made_of_the_archive() {
    const SECRET: &str = "sunflowers grow behind the third hangar";
    let house = House::open().await;
    let log = house.bus.log();
    let other = Aggregate::Chat(Uuid::from_u128(5));
    let sealed = |of: &Aggregate, event| Envelope { sealed: Some(0), ..house.event(of.clone(), event) };
    let first = log.append(&sealed(&chat(), house::said(SECRET)), 0).await.unwrap();
    log.append(&sealed(&other, house::said("what stays")), 0).await.unwrap();
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    keep_keys(&house.bus, &house.store).await.unwrap();
    let stored = async |key: &str| house.store.get_bytes(key, 1 << 20).await.unwrap().to_vec();
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let chain = Chain::load(&house.store).await.unwrap();
    assert!(!holds(&stored(&chain.links()[0].key).await, SECRET.as_bytes()));
    let key = house.bus.said().all().await.unwrap();
    let key = key.iter().find(|kept| kept.parts().is_some_and(|it| it.1 == chat().id())).unwrap();
    let key = hex::encode(&key.key);
    assert!(holds(&stored("archive/keys.json").await, key.as_bytes()));

    let erased = Event::Chat(ChatEvent::PromptsErased { of: None });
    let fact = log.append(&house.event(chat(), erased), first).await.unwrap();
    house.bus.said().destroy((&house.tenant, &chat()), None, fact).await.unwrap();
    extend(&log, &house.store, Remainder::Close).await.unwrap();
    // The copy of the keys is as old as it may be: it has the key that was destroyed since.
    let made = house::another(1).await;
    assert_eq!(put_keys_back(&made.1, &house.store).await.unwrap(), 0);
    restore(&made.1.clone().sealed().log(), &house.store).await.unwrap();
    assert_eq!(told(&made.1, &house, &chat()).await, [""]);
    assert_eq!(told(&made.1, &house, &other).await, ["what stays"]);
    assert!(made.1.said().all().await.unwrap().iter().all(|kept| hex::encode(&kept.key) != key));

    keep_keys(&house.bus, &house.store).await.unwrap();
    assert!(!holds(&stored("archive/keys.json").await, key.as_bytes()), "the next copy is without it");
    Chain::load(&house.store).await.unwrap().check(&house.store).await.unwrap();

    // Without its copy of the keys an archive is of a past in which nothing was said.
    house.store.delete("archive/keys.json").await.unwrap();
    let bare = house::another(1).await;
    assert_eq!(put_keys_back(&bare.1, &house.store).await.unwrap(), 1, "the other was erased");
    restore(&bare.1.clone().sealed().log(), &house.store).await.unwrap();
    assert_eq!(told(&bare.1, &house, &other).await, [""]);
}
