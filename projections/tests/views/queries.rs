//! What readers get: their own rows, by pages, as of one sequence, and no secrets.

use serde_json::{Value, json};
use time::macros::datetime;
use trainyard_bus::MemoryLog;
use trainyard_events::tenant::{Member, Replaced, Role, Scope};
use trainyard_events::{Aggregate, Annotation, ChatEvent, Event, JobEvent, TenantEvent};
use trainyard_projections::{ActivityFilter, ChatFilter, JobFilter, JobOrder, Page, Rows, Topic, Views};
use trainyard_views::{DatasetStatus, JobStatus, Who};
use uuid::Uuid;

use crate::fixtures::*;

async fn told() -> Views {
    let views = views().await;
    project(&story().log().await, &views).await;
    views
}

#[tokio::test]
async fn the_story_reads_back() {
    let (views, acme) = (told().await, tenant("acme"));
    let good = views.job(&acme, GOOD).await.unwrap().unwrap();
    assert_eq!((good.status, good.number, good.attempt), (JobStatus::Finished, 1, 2));
    assert_eq!((good.best_epoch, good.deployed, good.config.seed), (Some(4), true, u64::MAX));
    let bad = views.job_by_number(&acme, 2).await.unwrap().unwrap();
    assert_eq!((bad.id, bad.status), (BAD, JobStatus::Failed));

    let epochs = views.epochs(&acme, GOOD, 100).await.unwrap();
    let curve: Vec<(u32, f64)> = epochs.iter().map(|row| (row.epoch, row.validation["accuracy"])).collect();
    assert_eq!(
        curve,
        [(1, 0.5), (2, 0.6), (3, 0.55), (4, 0.8)],
        "what the lost attempt did after its checkpoint is gone"
    );
    assert_eq!(epochs[2].token, good.token.unwrap());
    let lines = views.epoch_lines(&acme, GOOD).await.unwrap();
    assert_eq!(json!(lines), json!(epochs), "what is only passed on reads the same");

    let chat = views.chat(&acme, CHAT).await.unwrap().unwrap();
    assert_eq!((chat.messages, chat.proposal), (3, None));
    assert!(chat.title.starts_with("고양이와 개"));
    let messages = views.messages(&acme, CHAT, Page::first()).await.unwrap().rows;
    assert_eq!((messages[2].who, messages[0].kind.as_str()), (Who::User, "chat.proposal_approved"));
    assert_eq!(messages[1].proposal.as_ref(), Some(&proposal()));

    let datasets = views.datasets(&acme, false, None, Page::first()).await.unwrap().rows;
    assert_eq!((datasets.len(), datasets[0].status), (1, DatasetStatus::Valid));
    assert_eq!((datasets[0].profile.as_ref(), &datasets[0].problem), (Some(&profile()), &None));
    let roles: Vec<&str> = datasets[0].artifacts.iter().map(|artifact| artifact.role.as_str()).collect();
    assert_eq!(roles, ["sample_images", "sample_labels"]);
    let found =
        async |q: &str| views.datasets(&acme, false, Some(q), Page::first()).await.unwrap().rows.len();
    let path = datasets[0].path.to_uppercase();
    assert_eq!((found(&path).await, found("no such thing").await), (1, 0));
    assert_eq!(found("%\0").await, 0, "nothing in it is a wildcard");
    assert_eq!(
        views.datasets(&acme, true, Some("검수"), Page::first()).await.unwrap().rows.len(),
        1,
        "by a tag"
    );
    let archived = views.datasets(&acme, true, None, Page::first()).await.unwrap().rows;
    assert_eq!((archived.len(), &*archived[0].path), (1, "archived"), "what was deleted is in no list");
    let numbers: Vec<u32> = archived[0].versions.iter().map(|version| version.number).collect();
    assert_eq!((numbers, &archived[0].tags), (vec![2], &[("검수본".to_owned(), 2)].into()));
    let Aggregate::Dataset(gone) = Aggregate::dataset_at(&acme, "deleted") else { panic!("a dataset") };
    let gone = views.dataset(&acme, gone).await.unwrap().unwrap();
    assert_eq!((gone.status, gone.archived, gone.profile), (DatasetStatus::Deleted, false, None));
    assert!(gone.versions.is_empty() && gone.tags.is_empty() && gone.artifacts.is_empty());
    let quota = views.tenant(&acme).await.unwrap().unwrap();
    let limits = (quota.concurrent_jobs, quota.gpu_hours, quota.dataset_bytes);
    assert_eq!(limits, (Some(2), None, Some(u64::MAX)));
    assert_eq!((quota.slots, quota.gpu_ms), ([BAD].into(), 61_500));
    assert!(views.endpoint(&acme, GOOD).await.unwrap().unwrap().deployed);
    let models = views.models(&acme, None, Page::first()).await.unwrap().rows;
    let found = async |q: &str| views.models(&acme, Some(q), Page::first()).await.unwrap().rows.len();
    assert_eq!((found("INE3").await, found("champ").await, found("line4").await), (1, 1, 0));
    let kept: Vec<(u32, bool)> =
        models[0].versions.iter().map(|version| (version.number, version.archived)).collect();
    assert_eq!((models.len(), &*models[0].name, kept), (1, "line3", vec![(1, false), (2, true)]));
    let champion = &models[0].aliases["champion"];
    assert_eq!((models[0].aliases.len(), champion.version, champion.former), (1, 1, Some(2)));
    assert_eq!(views.models_of_job(&acme, GOOD).await.unwrap(), models);
    assert!(views.models_of_job(&acme, BAD).await.unwrap().is_empty());
    assert_eq!(views.model(&acme, models[0].id).await.unwrap().as_ref(), Some(&models[0]));
}

#[tokio::test]
async fn tenants_see_their_own() {
    let views = told().await;
    let (rival, nobody) = (tenant("rival"), tenant("nobody"));
    let theirs = views.job(&rival, GOOD).await.unwrap().unwrap();
    assert_eq!((theirs.status, theirs.number), (JobStatus::Cancelled, 1), "the same id, another job");
    assert_eq!(views.job(&rival, BAD).await.unwrap(), None);
    assert_eq!(views.jobs(&rival, &JobFilter::default(), Page::first()).await.unwrap().rows.len(), 1);
    assert!(views.epochs(&rival, GOOD, 10).await.unwrap().is_empty());
    assert_eq!(views.chat(&rival, CHAT).await.unwrap(), None);
    assert!(views.messages(&rival, CHAT, Page::first()).await.unwrap().rows.is_empty());
    assert_eq!(views.endpoint(&rival, GOOD).await.unwrap(), None);
    assert!(views.tokens(&rival).await.unwrap().is_empty());
    assert_eq!(views.tenant(&rival).await.unwrap(), None);
    let about = ActivityFilter { aggregates: vec![Aggregate::Job(GOOD)], ..Default::default() };
    let seen = views.activity(&rival, &about, Page::first()).await.unwrap().rows;
    assert!(seen.len() == 3 && seen.iter().all(|event| event["tenant"] == "rival"));

    for topic in [Topic::Jobs, Topic::Activity] {
        assert_eq!(json!(views.snapshot(&nobody, topic, &[]).await.unwrap().rows), json!([]));
    }
    assert_eq!(
        json!(views.snapshot(&nobody, Topic::Job(GOOD), &[]).await.unwrap().rows),
        json!({ "job": null, "epochs": [] })
    );
    assert_eq!(
        json!(views.snapshot(&nobody, Topic::Chat(CHAT), &[]).await.unwrap().rows),
        json!({ "chat": null, "messages": [] })
    );
    assert!(views.datasets(&nobody, false, None, Page::first()).await.unwrap().rows.is_empty());
    assert!(views.endpoints(&nobody, Page::first()).await.unwrap().rows.is_empty());
    assert!(views.models(&nobody, None, Page::first()).await.unwrap().rows.is_empty());
    assert!(views.models_of_job(&nobody, GOOD).await.unwrap().is_empty());
    assert!(views.chats(&nobody, &ChatFilter::default(), Page::first()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_token_opens_until_it_is_revoked_and_its_hash_never_comes_out() {
    let (views, acme) = (views().await, tenant("acme"));
    let (log, mut story) = (MemoryLog::default(), story());
    story.append_to(&log).await;
    project(&log, &views).await;
    let token = views.token(TOKEN_HASH).await.unwrap().unwrap();
    assert_eq!((token.tenant, token.name.as_str()), (acme.clone(), "laptop"));
    assert_eq!(views.token("").await.unwrap(), None);

    let mut said = vec![json!(views.tokens(&acme).await.unwrap()), json!(views.tenant(&acme).await.unwrap())];
    said.push(json!(views.activity(&acme, &ActivityFilter::default(), Page::first()).await.unwrap()));
    for topic in [Topic::Jobs, Topic::Activity, Topic::Job(GOOD), Topic::Chat(CHAT)] {
        said.push(json!(views.snapshot(&acme, topic, &[]).await.unwrap()));
    }
    let said = Value::from(said).to_string();
    assert!(said.contains("tenant.token_issued") && !said.contains(TOKEN_HASH));

    let revoked = Event::Tenant(TenantEvent::TokenRevoked { token_id: TOKEN });
    story.tell("acme", Aggregate::Tenant(acme.clone()), revoked);
    story.append_to(&log).await;
    project(&log, &views).await;
    assert_eq!(views.token(TOKEN_HASH).await.unwrap(), None);
    assert!(views.tokens(&acme).await.unwrap()[0].revoked_at.is_some());
}

#[tokio::test]
async fn a_token_that_was_replaced_has_an_end_and_members_are_who_has_logged_in() {
    let (views, acme) = (views().await, tenant("acme"));
    let (log, mut story) = (MemoryLog::default(), story());
    let until = datetime!(2026-03-02 09:00:00 UTC);
    let granted = |id: u128, name: &str, member: Option<u128>, replaces: Option<Uuid>| {
        Event::Tenant(TenantEvent::TokenGranted {
            token_id: Uuid::from_u128(id),
            name: name.to_owned(),
            role: Role::Viewer,
            sha256: format!("{id:064x}"),
            expires_at: None,
            scope: vec![Scope::Jobs],
            member: member.map(|id| Member { id: Uuid::from_u128(id), subject: id.to_string() }),
            replaces: replaces.map(|token_id| Replaced { token_id, until }),
            offer: None,
        })
    };
    let (second, kim) = (Uuid::from_u128(0x71), Uuid::from_u128(7));
    for event in [
        granted(0x71, "laptop", None, Some(TOKEN)),
        granted(0x72, "laptop", None, Some(second)),
        granted(0x73, "kim", Some(7), None),
        granted(0x74, "kim@acme", Some(7), None),
        granted(0x75, "lee", Some(8), None),
        Event::Tenant(TenantEvent::MemberRemoved { member: kim }),
        Event::Tenant(TenantEvent::MemberRemoved { member: Uuid::from_u128(8) }),
        Event::Tenant(TenantEvent::MemberRestored { member: Uuid::from_u128(8) }),
        Event::Tenant(TenantEvent::Closed {}),
    ] {
        story.tell("acme", Aggregate::Tenant(acme.clone()), event);
    }
    story.append_to(&log).await;
    project(&log, &views).await;
    let tokens = views.tokens(&acme).await.unwrap();
    let of = |id: u128| tokens.iter().find(|token| token.token_id == Uuid::from_u128(id)).unwrap();
    let ends = [0x70, 0x71, 0x72].map(|id| (of(id).expires_at, of(id).replaced_by.map(|by| by.as_u128())));
    assert_eq!(ends, [(Some(until), Some(0x71)), (Some(until), Some(0x72)), (None, None)], "in one batch");
    assert_eq!(of(0x72).scope, [Scope::Jobs]);
    let members = views.members(&acme).await.unwrap();
    let shown: Vec<_> = members.iter().map(|row| (row.name.as_str(), row.token_id.as_u128())).collect();
    assert_eq!(shown, [("kim@acme", 0x74), ("lee", 0x75)], "the newest session of each");
    let row = views.tenant(&acme).await.unwrap().unwrap();
    assert_eq!((row.removed, row.closed_at.is_some()), ([kim].into(), true));
    let asked = [TOKEN, second, Uuid::from_u128(0x72)];
    let ended = |now| views.ended_among(&["acme"], &asked, now);
    let before = until - time::Duration::SECOND;
    assert_eq!((ended(before).await.unwrap().len(), ended(until).await.unwrap().len()), (0, 2));
    let said = json!([tokens, members]).to_string();
    assert!(!said.contains(TOKEN_HASH) && !said.contains(&format!("{:064x}", 0x74)));
}

#[tokio::test]
async fn pages_give_every_job_once_and_filters_find_them() {
    let (views, acme) = (views().await, tenant("acme"));
    let mut story = story();
    for number in 0..450 {
        story.job("acme", Uuid::from_u128(10_000 + number), requested(None));
    }
    project(&Script(story.events), &views).await;
    let (mut numbers, mut page) = (Vec::new(), Page::new(None, 150));
    loop {
        let Rows { rows, next } = views.jobs(&acme, &JobFilter::default(), page).await.unwrap();
        assert!(rows.len() <= 150);
        numbers.extend(rows.iter().map(|row| row.number));
        let Some(next) = next else { break };
        page = Page::new(Some(next), 150);
    }
    assert_eq!(numbers, (1..=452).rev().collect::<Vec<u64>>());

    let find = async |filter: JobFilter| {
        views
            .jobs(&acme, &filter, Page::first())
            .await
            .unwrap()
            .rows
            .iter()
            .map(|row| row.number)
            .collect::<Vec<_>>()
    };
    let status = vec![JobStatus::Finished, JobStatus::Failed];
    assert_eq!(find(JobFilter { status, ..Default::default() }).await, [2, 1]);
    let q = |text: &str| JobFilter { q: Some(text.to_owned()), ..Default::default() };
    assert_eq!(find(q("#452")).await, [452]);
    assert_eq!(find(q("CPU-2")).await, [1], "the worker, in any case");
    assert_eq!(find(q("고양이")).await.len(), 200);
    assert_eq!(find(q("100%_\0")).await, [0_u64; 0], "nothing in it is a wildcard");
    assert_eq!(find(JobFilter { chat: Some(CHAT), ..Default::default() }).await, [1]);

    let (mut seen, mut page) = (0, Page::new(None, 200));
    while let Rows { rows, next: Some(next) } =
        views.activity(&acme, &ActivityFilter::default(), page).await.unwrap()
    {
        seen += rows.len();
        page = Page::new(Some(next), 200);
    }
    assert_eq!(seen, 400);
    let tail = ActivityFilter { after: Some(480), ..Default::default() };
    let tail = views.activity(&acme, &tail, Page::first()).await.unwrap().rows;
    assert!(tail.iter().all(|event| event["sequence"].as_u64() > Some(480)) && !tail.is_empty());
}

#[tokio::test]
async fn a_long_curve_is_thinned_and_keeps_its_ends_and_its_best() {
    let (views, acme) = (views().await, tenant("acme"));
    let mut story = Story::default();
    story.job("acme", GOOD, requested(None));
    let dispatch = story.job("acme", GOOD, dispatched());
    let token = story.job("acme", GOOD, attempt(1, dispatch, None));
    for number in 1..=5_000 {
        story.job("acme", GOOD, epoch(token, number, 0.5, number == 1_237));
    }
    project(&Script(story.events), &views).await;
    assert_eq!(views.epochs(&acme, GOOD, 10_000).await.unwrap().len(), 5_000);
    for points in [4, 100, 1_000, 4_999] {
        let curve: Vec<u32> =
            views.epochs(&acme, GOOD, points).await.unwrap().iter().map(|row| row.epoch).collect();
        assert!(curve.len() <= points as usize, "{} of {points}", curve.len());
        assert!([1, 1_237, 5_000].iter().all(|kept| curve.contains(kept)), "{points}");
    }

    let about = [Aggregate::Job(GOOD), Aggregate::Endpoint(GOOD)];
    let (mut sequences, mut after) = (Vec::new(), Some(0));
    while let Some(from) = after {
        let Rows { rows, next } = views
            .history(
                &acme,
                &ActivityFilter { aggregates: about.to_vec(), after: Some(from), without: &[] },
                200,
            )
            .await
            .unwrap();
        assert!(rows.len() <= 200);
        sequences.extend(rows.iter().map(|event| event["sequence"].as_u64()));
        after = next;
    }
    assert_eq!(sequences.len(), 5_003);
    assert!(sequences.is_sorted_by(|earlier, later| earlier < later), "each once, oldest first");
}

#[tokio::test]
async fn a_snapshot_is_of_one_moment() {
    let views = views().await;
    let mut story = Story::default();
    for number in 0..4_000 {
        story.job("acme", Uuid::from_u128(number), requested(None));
    }
    let running = start(&Script(story.events), &views);
    let (mut moments, mut last) = (0, 0);
    while last < 4_000 {
        let snapshot = views.snapshot(&tenant("acme"), Topic::Jobs, &[]).await.unwrap();
        let newest = json!(snapshot.rows)[0]["number"].as_u64().unwrap_or(0);
        assert_eq!(newest, snapshot.sequence, "one event, one job");
        moments += u64::from(snapshot.sequence != last);
        last = snapshot.sequence;
    }
    assert!(moments > 1);
    running.stop().await;
}

#[tokio::test]
async fn waiting_ends_in_time() {
    let views = told().await;
    let last = story().events.len() as u64;
    assert!(views.wait_for(last, DEADLINE).await.unwrap());
    assert!(!views.wait_for(last + 1, std::time::Duration::from_millis(50)).await.unwrap());
}

#[tokio::test]
async fn rows_have_stable_names() {
    let views = told().await;
    let row = json!(views.job(&tenant("acme"), GOOD).await.unwrap().unwrap());
    assert_eq!(row["requested_at"], "2025-06-15T15:06:51Z");
    assert_eq!(
        (&row["status"], &row["pool"], &row["number"]),
        (&json!("finished"), &json!("cpu"), &json!(1))
    );
    assert_eq!(row["checkpoint"]["best_epoch"], 2);
    let message = json!(views.messages(&tenant("acme"), CHAT, Page::first()).await.unwrap().rows[2]);
    assert_eq!(
        (&message["who"], &message["text"]),
        (&json!("user"), &json!("고양이와 개를 구분하는 모델을 학습해줘\u{fffd}"))
    );
}

/// What is said of a job, when nobody works on it any more.
fn said(title: &str, tags: &[&str], archived: bool) -> JobEvent {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    JobEvent::Annotated {
        annotation: Annotation {
            title: title.to_owned(),
            tags,
            note: format!("a note on {title}"),
            archived,
        },
    }
}

#[tokio::test]
async fn jobs_are_found_by_what_is_said_of_them() {
    let (views, acme) = (views().await, tenant("acme"));
    let mut story = story();
    story.job("acme", BAD, said("Scratches, \"first\" try", &["base\"line", "3호기"], true));
    project(&Script(story.events), &views).await;
    let row = views.job(&acme, BAD).await.unwrap().unwrap();
    assert_eq!((row.status, row.annotation.tags.len()), (JobStatus::Failed, 2), "also after the end");
    assert_eq!(row.owner.as_deref(), Some("laptop"));
    let find = async |filter: JobFilter| {
        let found = views.jobs(&acme, &filter, Page::first()).await.unwrap().rows;
        found.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    let q = |text: &str| JobFilter { q: Some(text.to_owned()), ..Default::default() };
    assert_eq!(find(q("\"FIRST\" try")).await, [2]);
    assert_eq!(find(q("base\"line 3호기")).await, [2], "tags are words, as they are written");
    assert_eq!(find(q("NOTE on scratches")).await, [2]);
    assert_eq!(find(JobFilter { tag: Some("3호기".to_owned()), ..Default::default() }).await, [2]);
    assert_eq!(find(JobFilter { tag: Some("3".to_owned()), ..Default::default() }).await, [0_u64; 0]);
    assert_eq!(find(JobFilter { archived: Some(true), ..Default::default() }).await, [2]);
    assert_eq!(find(JobFilter { archived: Some(false), ..Default::default() }).await, [1]);
    assert_eq!(find(JobFilter { owner: Some("laptop".to_owned()), ..Default::default() }).await, [2, 1]);
    assert_eq!(find(JobFilter { owner: Some("else".to_owned()), ..Default::default() }).await, [0_u64; 0]);
}

#[tokio::test]
async fn a_sorted_list_has_every_job_once_and_those_without_it_last() {
    let (views, acme) = (views().await, tenant("acme"));
    let mut story = Story::default();
    for number in 1..=60_u32 {
        let id = Uuid::from_u128(u128::from(number));
        story.job("acme", id, requested(None));
        // Every third has not begun; the others measure 0 to 9, several the same.
        if number % 3 != 0 {
            let dispatch = story.job("acme", id, dispatched());
            let token = story.job("acme", id, attempt(1, dispatch, None));
            story.job("acme", id, epoch(token, 1, f64::from(number % 10), true));
        }
        let title = if number % 2 == 0 { format!("t{number:02}") } else { String::new() };
        story.job("acme", id, said(&title, &[], false));
    }
    project(&Script(story.events), &views).await;
    let every = async |sort: &str| {
        let filter = JobFilter { order: Some(JobOrder::parse(sort)), ..Default::default() };
        let (mut all, mut page) = (Vec::new(), Page::new(None, 7));
        loop {
            let Rows { rows, next } = views.jobs(&acme, &filter, page).await.unwrap();
            all.extend(rows);
            let Some(next) = next else { return all };
            page = Page::new(Some(next), 7);
        }
    };
    for (sort, descending) in [("accuracy", false), ("-accuracy", true), ("-result", true)] {
        let rows = every(sort).await;
        let measured = |number: u64| (!number.is_multiple_of(3)).then_some(number % 10);
        let mut wanted: Vec<u64> = (1..=60).rev().collect();
        wanted.sort_by_key(|number| match measured(*number) {
            Some(value) => (0, if descending { 9 - value } else { value }),
            None => (1, 0),
        });
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), wanted, "{sort}");
    }
    let titles = every("title").await;
    assert_eq!(titles.iter().take(3).map(|row| row.number).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!((titles.len(), titles[30].number), (60, 59), "without a title, the newest first");
    for sort in [
        "number",
        "-started",
        "took",
        "worker",
        "-status",
        "model",
        "dataset",
        "owner",
        "tags",
        "progress",
        "test",
        "version",
        "device_used",
        "best_epoch",
        "requested",
        "failure",
        "learning_rate",
        "no such thing",
        "-",
        "\0",
        "a'\"; --",
    ] {
        let mut numbers: Vec<u64> = every(sort).await.iter().map(|row| row.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=60).collect::<Vec<u64>>(), "{sort}");
    }
}

#[tokio::test]
async fn conversations_are_found_by_words_and_put_away() {
    let (views, acme) = (views().await, tenant("acme"));
    let mut story = story();
    let annotated =
        |title: &str, archived| Event::Chat(ChatEvent::Annotated { title: title.to_owned(), archived });
    story.tell("acme", Aggregate::Chat(Uuid::from_u128(77)), annotated("nothing was said here", false));
    story.tell("acme", Aggregate::Chat(CHAT), annotated("Cats, line 3", true));
    project(&Script(story.events), &views).await;
    let row = views.chat(&acme, CHAT).await.unwrap().unwrap();
    assert_eq!((&*row.title, row.archived, row.messages), ("Cats, line 3", true, 3), "it is no message");
    let find =
        async |filter: ChatFilter| views.chats(&acme, &filter, Page::first()).await.unwrap().rows.len();
    let q = |text: &str| ChatFilter { q: Some(text.to_owned()), ..Default::default() };
    assert_eq!((find(q("LINE 3")).await, find(q("이렇게 할까요")).await, find(q("dogs")).await), (1, 1, 0));
    let archived = |archived| ChatFilter { archived: Some(archived), ..Default::default() };
    assert_eq!((find(archived(true)).await, find(archived(false)).await), (1, 0));
    let spoken = |spoken| ChatFilter { spoken: Some(spoken), ..Default::default() };
    assert_eq!((find(spoken(true)).await, find(spoken(false)).await), (1, 0));
}
