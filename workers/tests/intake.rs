//! Datasets from elsewhere on a real worker: fetched, unpacked by a process of its own, looked at, and in the store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use trainyard_commands::Command;
use trainyard_commands::dataset::DatasetCommand;
use trainyard_commands::tenant::TenantCommand;
use trainyard_data::manifest::Manifest;
use trainyard_events::config::Task;
use trainyard_events::dataset::{DatasetSource, DatasetVersion};
use trainyard_events::fleet::{Pool, WorkMessage};
use trainyard_events::reason::{Advice, Flaw, Reason, Unfit};
use trainyard_events::{Aggregate, DatasetEvent, Event};
use trainyard_local::harness;
use trainyard_store::{Store, StoreConfig, blob_key, blobs_of};
use trainyard_workers::{Allowed, Sources, WorkerConfig};
use uuid::Uuid;
use yard::hub::{Does, TestHub};
use yard::{Yard, eventually};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The program that looks at datasets, without the rest of the platform.
fn inspector() -> PathBuf {
    let us = std::env::current_exe().unwrap();
    let beside = us.parent().unwrap().parent().unwrap().join("trainyard-data");
    assert!(beside.is_file(), "{} is not there: run `cargo build -p trainyard-data`", beside.display());
    beside
}

/// Images of two classes in one folder, by their names.
fn pets() -> BTreeMap<String, Vec<u8>> {
    let image = |class: u8, number: u8| {
        let mut png = Cursor::new(Vec::new());
        let pixel = |x: u32, y: u32| image::Rgb([class * 90, number * 30, (x * y) as u8]);
        image::RgbImage::from_fn(16, 16, pixel).write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner()
    };
    let name = |class: u8, number: u8| format!("pets/{}/{number}.png", ["고양이", "dogs"][class as usize]);
    let all = (0..2).flat_map(|class| (0..6).map(move |number| (class, number)));
    all.map(|(class, number)| (name(class, number), image(class, number))).collect()
}

fn zip_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    zip_of(files.iter().map(|(name, content)| (name.as_str(), &content[..])))
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A yard whose worker looks for real, and may fetch from a hub on loopback.
struct Intake {
    yard: Yard,
    sources: Sources,
}

impl Intake {
    async fn new() -> Intake {
        Intake { yard: Yard::new().await, sources: Sources::default() }
    }

    fn allow(&mut self, hub: &TestHub) {
        let what = hub.address.trim_start_matches("http://").to_owned();
        self.sources.hosts.push(Allowed { tenant: Some(self.yard.tenant.clone()), what });
    }

    fn agent(&self, name: &str) -> yard::TestAgent {
        let sources = self.sources.clone();
        self.yard.agent_with(WorkerConfig { inspector: inspector(), sources, ..self.yard.config(name) })
    }

    fn dataset(&self, name: &str) -> Aggregate {
        Aggregate::dataset_at(&self.yard.tenant, name)
    }

    /// Registers it, and has it looked at.
    async fn add(&self, name: &str, source: DatasetSource) -> u64 {
        let aggregate = self.dataset(name);
        let Aggregate::Dataset(dataset) = aggregate else { unreachable!() };
        let (path, task) = (name.to_owned(), Task::Classify);
        let register = DatasetCommand::Register { path: path.clone(), task, source, again: true };
        let inspection = self.yard.ask(aggregate, Command::Dataset(register)).await.sequence;
        let tenant = self.yard.tenant.clone();
        let message = WorkMessage::Inspect { tenant, dataset, inspection, path, task, pool: Pool::Cpu };
        self.yard.bus.work().publish(&message, Uuid::new_v4()).await.unwrap();
        inspection
    }

    async fn verdict(&self, name: &str, of: u64) -> DatasetEvent {
        let answers = |event: &Event| match event {
            Event::Dataset(
                DatasetEvent::Validated { inspection, .. } | DatasetEvent::Rejected { inspection, .. },
            ) => *inspection == of,
            _ => false,
        };
        let history = self.yard.until(&self.dataset(name), answers).await;
        let Event::Dataset(verdict) = history.into_iter().last().unwrap().envelope.event else {
            unreachable!()
        };
        verdict
    }

    async fn good(&self, name: &str, source: DatasetSource) -> DatasetVersion {
        let inspection = self.add(name, source).await;
        match self.verdict(name, inspection).await {
            DatasetEvent::Validated { version, .. } => version.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn bad(&self, name: &str, source: DatasetSource) -> (Unfit, Advice) {
        let inspection = self.add(name, source).await;
        match self.verdict(name, inspection).await {
            DatasetEvent::Rejected { because, advice, problem, next_step, .. } => {
                assert!(!problem.is_empty() && !next_step.is_empty());
                match (&because[..], &advice[..]) {
                    ([Reason::Unfit(unfit)], [advice]) => (unfit.clone(), advice.clone()),
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Every image of the version lies in the store, as it was, and nothing is left on the worker's disk.
    async fn is_kept(&self, version: &DatasetVersion, files: &BTreeMap<String, Vec<u8>>) {
        let DatasetVersion { manifest, stored, .. } = version;
        assert!(stored);
        let text = self.yard.store.get_bytes(&manifest.key, 1 << 20).await.unwrap();
        let manifest = Manifest::read(&text[..]).unwrap();
        assert_eq!(manifest.images.len(), files.len());
        for image in &manifest.images {
            let key = blob_key(self.yard.tenant.as_str(), &image.sha256).unwrap();
            let content = self.yard.store.get_bytes(&key, 1 << 20).await.unwrap();
            assert!(files.values().any(|file| file == &content[..]), "{}", image.name);
        }
        self.nothing_is_left().await;
    }

    async fn nothing_is_left(&self) {
        let looks = self.yard.folder.path().join("work/inspections");
        eventually("an empty work folder", async || {
            fs::read_dir(&looks).is_ok_and(|mut left| left.next().is_none()).then_some(())
        })
        .await;
    }
}

fn at(address: &str) -> DatasetSource {
    DatasetSource::at(address, None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_at_an_address_becomes_a_version_in_the_store() {
    let (mut intake, files) = (Intake::new().await, pets());
    let zip = packed(&files);
    let hub =
        TestHub::new(zip.clone(), [Does::LeadsTo("/cdn/pets".to_owned()), Does::Cuts(200), Does::Gives]);
    intake.allow(&hub);
    let agent = intake.agent("fetcher");
    let address = format!("{}/pets.zip?signed=secret", hub.address);
    let hashed = DatasetSource::at(&address, Some(hash(&zip))).unwrap();
    let first = intake.good("pets", hashed).await;
    intake.is_kept(&first, &files).await;
    let asked = hub.asked();
    assert!(asked[1].starts_with("get /cdn/pets ") && asked[2].contains("range: bytes=200-"), "{asked:?}");

    // The same once more is the same version.
    hub.then(Does::Gives);
    assert_eq!(intake.good("pets", at(&address)).await, first);

    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, content) in &files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &content[..]).unwrap();
    }
    let hub = TestHub::new(tar.into_inner().unwrap().finish().unwrap(), [Does::Gives]);
    intake.allow(&hub);
    agent.leave().await;
    let agent = intake.agent("other");
    // By its address alone, as somebody says it.
    let address = format!("{}/pets.tgz", hub.address);
    let other = intake.good(&address, at(&address)).await;
    assert_eq!(other.manifest.sha256, first.manifest.sha256);
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_quota_has_no_room_for_is_refused_and_none_of_it_is_kept() {
    let (mut intake, files) = (Intake::new().await, pets());
    let hub = TestHub::new(packed(&files), [Does::Gives, Does::Gives, Does::Gives]);
    intake.allow(&hub);
    let agent = intake.agent("fetcher");
    let (tenant, asked) =
        (intake.yard.tenant.clone(), files.values().map(|file| file.len() as u64).sum::<u64>());
    let of_tenant = async |command| {
        intake.yard.ask(Aggregate::Tenant(tenant.clone()), Command::Tenant(command)).await;
    };
    let quota = |bytes| TenantCommand::SetQuota {
        concurrent_jobs: None,
        gpu_hours: None,
        dataset_bytes: Some(bytes),
        month_budget: None,
    };
    of_tenant(TenantCommand::Create).await;
    of_tenant(quota(asked - 1)).await;
    let address = format!("{}/pets.zip", hub.address);
    let told = intake.bad("pets", at(&address)).await;
    assert_eq!(told, (Unfit::NoBytesLeft { used: 0, asked, limit: asked - 1 }, Advice::FreeBytes));
    let listed = intake.yard.store.list(&blobs_of(tenant.as_str()), None).await.unwrap();
    assert!(listed.objects.is_empty(), "{:?}", listed.objects);

    of_tenant(quota(asked)).await;
    let version = intake.good("pets", at(&address)).await;
    intake.is_kept(&version, &files).await;
    // Nothing of it is new: it takes no room.
    assert_eq!(intake.good("pets", at(&address)).await, version);
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_is_told_with_what_to_do() {
    let mut intake = Intake::new().await;
    let hub = TestHub::new(packed(&pets()), []);
    intake.allow(&hub);
    let agent = intake.agent("fetcher");
    let address = format!("{}/pets.zip", hub.address);
    let named = |address: &str| address.to_owned();
    for (status, advice) in
        [(404, Advice::CheckAddress), (401, Advice::AddressWithAccess), (403, Advice::AddressWithAccess)]
    {
        hub.then(Does::Says(status));
        let told = intake.bad("pets", at(&format!("{address}?token=secret"))).await;
        assert_eq!(told, (Unfit::AddressAnswers { address: named(&address), status }, advice));
    }
    hub.then(Does::Gives);
    let expected = "ab".repeat(32);
    let (unfit, advice) =
        intake.bad("pets", DatasetSource::at(&address, Some(expected.clone())).unwrap()).await;
    let found = hash(&packed(&pets()));
    assert_eq!(
        (unfit, advice),
        (Unfit::OtherHash { address: named(&address), expected, found }, Advice::CheckHash)
    );

    // Where it leads, and where it is, for those who may not.
    hub.then(Does::LeadsTo("http://localhost:1/inside".to_owned()));
    let not_allowed =
        |address: &str| (Unfit::AddressNotAllowed { address: named(address) }, Advice::AllowHost);
    assert_eq!(intake.bad("pets", at(&address)).await, not_allowed(&address));
    let port = TestHub::new("", []).address;
    for inside in [
        "https://127.0.0.1/a.zip",
        "https://localhost/a.zip",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/a.zip",
        "http://example.com/a.zip",
        &format!("{port}/another-port.zip"),
    ] {
        assert_eq!(intake.bad("pets", at(inside)).await, not_allowed(inside));
    }
    intake.nothing_is_left().await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_archive_or_a_hostile_one_is_refused_once() {
    let mut intake = Intake::new().await;
    let whole = packed(&pets());
    let slip = zip_of([("../../out.png", &b"x"[..])]);
    for (content, wanted) in [
        (b"<!doctype html><title>Log in</title>".to_vec(), Unfit::NotAnArchive),
        (zip_of([]), Unfit::ArchiveEmpty),
        (slip, Unfit::ArchiveEntry { name: "../../out.png".to_owned(), flaw: Flaw::LeadsOutside }),
    ] {
        let hub = TestHub::new(content, [Does::Gives]);
        intake.allow(&hub);
        let agent = intake.agent("fetcher");
        let (unfit, _) = intake.bad("pets", at(&format!("{}/a", hub.address))).await;
        assert_eq!((unfit, hub.asked().len()), (wanted, 1));
        agent.leave().await;
    }
    let hub = TestHub::new(&whole[..whole.len() / 2], [Does::Gives]);
    intake.allow(&hub);
    let agent = intake.agent("fetcher");
    let (unfit, advice) = intake.bad("pets", at(&hub.address)).await;
    assert!(matches!(unfit, Unfit::ArchiveDamaged { .. }), "{unfit:?}");
    assert_eq!(advice, Advice::PackAgain);
    intake.nothing_is_left().await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_is_left_in_the_middle_leaves_nothing_and_is_begun_again() {
    let (mut intake, files) = (Intake::new().await, pets());
    let hub = TestHub::new(packed(&files), [Does::Hangs(300)]);
    intake.allow(&hub);
    let agent = intake.agent("leaver");
    let inspection = intake.add("pets", at(&format!("{}/pets.zip", hub.address))).await;
    let looks = intake.yard.folder.path().join("work/inspections");
    eventually("a part of the archive", async || {
        let look = fs::read_dir(&looks).ok()?.next()?.ok()?.path();
        fs::metadata(look.join("archive")).is_ok_and(|part| part.len() == 300).then_some(())
    })
    .await;
    agent.leave().await;
    intake.nothing_is_left().await;

    // What a worker that was killed has left is nobody's any more.
    fs::create_dir_all(looks.join("killed/files")).unwrap();
    fs::write(looks.join("killed/.lock"), "").unwrap();
    fs::write(looks.join("killed/archive"), "a part").unwrap();
    hub.then(Does::Gives);
    let agent = intake.agent("successor");
    let DatasetEvent::Validated { version, .. } = intake.verdict("pets", inspection).await else {
        panic!("it is good")
    };
    intake.is_kept(&version.unwrap(), &files).await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_is_asked_again() {
    let (mut intake, files) = (Intake::new().await, pets());
    let hub = TestHub::new(packed(&files), [Does::Says(503), Does::Gives]);
    intake.allow(&hub);
    let agent = intake.agent("patient");
    let version = intake.good("pets", at(&format!("{}/pets.zip", hub.address))).await;
    intake.is_kept(&version, &files).await;
    assert_eq!(hub.asked().len(), 2);
    agent.leave().await;
}

/// Another bucket on the store's server, which the worker reads as a source.
async fn bucket(intake: &mut Intake) -> (Store, String) {
    let access = harness::s3().await;
    let config = StoreConfig { bucket: access.bucket.clone(), ..intake.yard.store_config.clone() };
    intake.sources.s3 = Some(StoreConfig { bucket: String::new(), ..config.clone() });
    (Store::connect(config).await.unwrap(), access.bucket)
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_bucket_become_a_version_in_the_store() {
    let (mut intake, files) = (Intake::new().await, pets());
    let (store, name) = bucket(&mut intake).await;
    let allowed = |tenant: &str, what: String| Allowed { tenant: Some(tenant.parse().unwrap()), what };
    intake.sources.buckets = vec![
        allowed("acme", format!("{name}/line-3")),
        allowed("rival", name.clone()),
        Allowed { tenant: None, what: intake.yard.store_config.bucket.clone() },
    ];
    for (file, content) in &files {
        store.put_bytes(&format!("line-3/{file}"), content.clone().into()).await.unwrap();
    }
    let zip = packed(&files);
    store.put_bytes("line-3/pets.zip", zip.clone().into()).await.unwrap();
    store.put_bytes("secret/1.png", "x".into()).await.unwrap();
    let agent = intake.agent("fetcher");

    let folder = intake.good("folder", at(&format!("s3://{name}/line-3/pets/"))).await;
    intake.is_kept(&folder, &files).await;
    let archive = format!("s3://{name}/line-3/pets.zip");
    let packed = intake.good("packed", DatasetSource::at(&archive, Some(hash(&zip))).unwrap()).await;
    intake.is_kept(&packed, &files).await;

    let own = intake.yard.store_config.bucket.clone();
    for (bucket, address) in [
        (&own, format!("s3://{own}/blobs/acme")),
        (&name, format!("s3://{name}/secret")),
        (&name, format!("s3://{name}/line-33")),
        (&name, format!("s3://{name}")),
    ] {
        let not_allowed = (Unfit::BucketNotAllowed { bucket: bucket.clone() }, Advice::AllowBucket);
        assert_eq!(intake.bad("other", at(&address)).await, not_allowed, "{address}");
    }
    let nothing = format!("s3://{name}/line-3/nothing");
    assert_eq!(
        intake.bad("other", at(&nothing)).await,
        (Unfit::NothingAt { address: nothing.clone() }, Advice::CheckAddress)
    );
    let (unfit, _) = intake.bad("other", DatasetSource::at(&archive, Some("ab".repeat(32))).unwrap()).await;
    assert!(matches!(unfit, Unfit::OtherHash { .. }), "{unfit:?}");
    intake.nothing_is_left().await;
    agent.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_the_keys_do_not_open_says_so() {
    let mut intake = Intake::new().await;
    let (_, name) = bucket(&mut intake).await;
    intake.sources.buckets = vec![
        Allowed { tenant: None, what: name.clone() },
        Allowed { tenant: None, what: "gone-by-now".to_owned() },
    ];
    let agent = intake.agent("fetcher");
    let (unfit, advice) = intake.bad("pets", at("s3://gone-by-now/x")).await;
    assert!(matches!(&unfit, Unfit::BucketUnusable { bucket, .. } if bucket == "gone-by-now"), "{unfit:?}");
    assert_eq!(advice, Advice::CheckBucketKeys);
    agent.leave().await;
    if let Some(s3) = &mut intake.sources.s3 {
        s3.secret_key = "wrong".to_owned();
    }
    let agent = intake.agent("stranger");
    let (unfit, _) = intake.bad("pets", at(&format!("s3://{name}/x"))).await;
    assert!(matches!(&unfit, Unfit::BucketUnusable { bucket, .. } if *bucket == name), "{unfit:?}");
    agent.leave().await;
}
