//! Folders as people have them, and as people make them who want to see what is not theirs: asked of a worker over the bus.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod yard;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use trainyard_bus::FolderError;
use trainyard_events::folders::{FolderAnswer, FolderRefusal, FolderRequest};
use trainyard_events::limits::{FOLDER_ENTRIES, FOLDERS};
use trainyard_workers::{Root, WorkerConfig};
use yard::{DEADLINE, TestAgent, Yard};

/// `shared` is everybody's and `acme` that tenant's; `other` is nobody's.
struct Disk {
    yard: Yard,
    agent: TestAgent,
}

impl Disk {
    async fn new() -> Disk {
        let yard = Yard::new().await;
        for name in ["shared/pets/cat", "shared/pets/dog", "acme/parts", "other/secret"] {
            fs::create_dir_all(yard.folder.path().join(name)).unwrap();
        }
        let root = |name: &str, tenant: Option<&str>| Root {
            tenant: tenant.map(|tenant| tenant.parse().unwrap()),
            path: yard.folder.path().join(name),
        };
        let dataset_roots = vec![root("shared", None), root("acme", Some("acme")), root("nowhere", None)];
        let agent = yard.agent_with(WorkerConfig { dataset_roots, ..yard.config("one") });
        let disk = Disk { yard, agent };
        disk.look("acme", None).await.unwrap();
        disk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.yard.folder.path().join(name)
    }

    fn file(&self, name: &str) {
        fs::write(self.at(name), b"").unwrap();
    }

    async fn look(&self, tenant: &str, name: Option<&str>) -> Result<FolderAnswer, FolderRefusal> {
        self.ask(tenant, name.map(|name| self.at(name).display().to_string())).await
    }

    async fn ask(&self, tenant: &str, path: Option<String>) -> Result<FolderAnswer, FolderRefusal> {
        let request = FolderRequest { tenant: tenant.parse().unwrap(), path };
        loop {
            match self.yard.bus.folders().ask(&request, DEADLINE).await {
                Ok(answer) => return Ok(answer),
                Err(FolderError::Refused(refusal)) => return Err(refusal),
                // It may not listen yet.
                Err(FolderError::NobodyThere) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn names(answer: &FolderAnswer) -> Vec<(&str, u32, bool)> {
    answer.folders.iter().map(|it| (it.name.as_str(), it.images, it.more_images)).collect()
}

#[tokio::test]
async fn a_folder_tells_what_is_in_it_and_how_many_images_lie_below() {
    let disk = Disk::new().await;
    for name in
        ["pets/cat/1.jpg", "pets/cat/2.PNG", "pets/cat/notes.txt", "pets/dog/1.webp", "pets/cover.jpg"]
    {
        disk.file(&format!("shared/{name}"));
    }
    fs::create_dir(disk.at("shared/pets/.git")).unwrap();
    let pets = disk.look("acme", Some("shared/pets")).await.unwrap();
    assert_eq!(names(&pets), [("cat", 2, false), ("dog", 1, false)]);
    assert_eq!((pets.images, pets.more_images, pets.left_out), (4, false, 0));
    let path = |name: &str| Some(disk.at(name).canonicalize().unwrap().display().to_string());
    assert_eq!((pets.path, pets.parent), (path("shared/pets"), path("shared")));
    assert_eq!(disk.look("acme", Some("shared")).await.unwrap().parent, None);
}

#[tokio::test]
async fn the_first_are_the_roots_that_are_there_each_tenants_own() {
    let disk = Disk::new().await;
    let of = async |tenant: &str| disk.look(tenant, None).await.unwrap().folders.len();
    assert_eq!((of("acme").await, of("globex").await), (2, 1));
    let all = disk.look("acme", None).await.unwrap();
    assert_eq!((all.path, all.parent, all.left_out), (None, None, 0));
}

#[tokio::test]
async fn nothing_outside_of_the_roots_is_told_not_even_whether_it_is_there() {
    let disk = Disk::new().await;
    symlink(disk.at("other"), disk.at("shared/way-out")).unwrap();
    symlink(disk.at("shared/pets"), disk.at("shared/same")).unwrap();
    symlink(disk.at("other/secret"), disk.at("shared/pets/cat/way-out")).unwrap();
    disk.file("other/secret/1.jpg");
    let shared = disk.look("globex", Some("shared")).await.unwrap();
    assert_eq!(names(&shared), [("pets", 0, false), ("same", 0, false)]);
    for hidden in [
        "other",
        "other/secret",
        "nothing",
        "shared/../other",
        "shared/way-out",
        "shared/way-out/secret",
        "acme",
    ] {
        let refused = disk.look("globex", Some(hidden)).await;
        let path = disk.at(hidden).display().to_string();
        assert_eq!(refused, Err(FolderRefusal::OutsideRoots { path }), "{hidden}");
    }
    let path = disk.at("shared/none").display().to_string();
    assert_eq!(disk.look("acme", Some("shared/none")).await, Err(FolderRefusal::NoFolder { path }));
    for strange in ["", "\0", "s3://bucket/x", "~nobody", "../../../../../../etc"] {
        let refused = disk.ask("acme", Some(strange.to_owned())).await;
        assert_eq!(refused, Err(FolderRefusal::OutsideRoots { path: strange.to_owned() }));
    }
    disk.agent.leave().await;
}

#[tokio::test]
async fn names_that_cannot_be_written_are_left_out_and_counted() {
    let disk = Disk::new().await;
    fs::create_dir(disk.at("acme").join(OsStr::from_bytes(b"bad\xff"))).unwrap();
    for name in ["a\nb", "<b>&", "긁힘", "\u{202e}gpj"] {
        fs::create_dir(disk.at("acme").join(name)).unwrap();
    }
    let acme = disk.look("acme", Some("acme")).await.unwrap();
    assert_eq!(acme.left_out, 1);
    let listed: Vec<_> = acme.folders.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(listed, ["<b>&", "a\nb", "parts", "\u{202e}gpj", "긁힘"]);
}

#[tokio::test]
async fn what_is_large_is_listed_and_counted_up_to_a_limit() {
    let disk = Disk::new().await;
    for number in 0..FOLDERS + 3 {
        fs::create_dir(disk.at(&format!("acme/{number:04}"))).unwrap();
    }
    for number in 0..FOLDER_ENTRIES + 10 {
        disk.file(&format!("shared/pets/{number}.jpg"));
    }
    let acme = disk.look("acme", Some("acme")).await.unwrap();
    // `parts` is one of them.
    assert_eq!((acme.folders.len(), acme.left_out, acme.more_images), (FOLDERS, 4, true));
    let shared = disk.look("acme", Some("shared")).await.unwrap();
    assert!(shared.more_images && shared.folders[0].more_images);
    assert!(shared.images as usize <= FOLDER_ENTRIES, "{}", shared.images);
}
