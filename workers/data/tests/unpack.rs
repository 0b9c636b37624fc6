//! Archives as people and their enemies pack them: what comes out lies below the folder, or there is one clear refusal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};
use trainyard_data::Refusal;
use trainyard_data::unpack::{Limits, unpack};
use trainyard_events::reason::{Advice, Flaw, Unfit};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A folder with an archive in it, and where that is unpacked.
struct Place(tempfile::TempDir);

impl Place {
    fn of(archive: &[u8]) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        fs::write(place.0.path().join("archive"), archive).unwrap();
        fs::create_dir(place.tree()).unwrap();
        place
    }

    fn tree(&self) -> PathBuf {
        self.0.path().join("tree")
    }

    fn unpack(&self, limits: Limits) -> Result<(), Refusal> {
        unpack(&self.0.path().join("archive"), &self.tree(), limits)
    }

    /// Every file by its name and content, once nothing lies beside the tree.
    fn files(&self) -> Vec<(String, String)> {
        let beside: Vec<_> =
            fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside.len(), 2, "{beside:?}");
        let mut files = Vec::new();
        find(&self.tree(), &self.tree(), &mut files);
        files.sort();
        files
    }
}

fn find(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        assert!(kind.is_file() || kind.is_dir(), "{path:?}");
        if kind.is_dir() {
            find(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()));
        }
    }
}

fn because(archive: &[u8]) -> Unfit {
    let place = Place::of(archive);
    let refusal = place.unpack(Limits::default()).expect_err("it is refused");
    place.files();
    *refusal.because
}

fn flaw(archive: &[u8]) -> Flaw {
    match because(archive) {
        Unfit::ArchiveEntry { flaw, .. } => flaw,
        unfit => panic!("{unfit:?}"),
    }
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A name goes into the header as it is, which the crate's own writer refuses to do.
fn entry(name: &str, kind: EntryType, content: &[u8]) -> (Header, Vec<u8>) {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    (header, content.to_vec())
}

fn tar_of(entries: Vec<(Header, Vec<u8>)>) -> Vec<u8> {
    let mut writer = tar::Builder::new(Vec::new());
    for (header, content) in entries {
        writer.append(&header, &content[..]).unwrap();
    }
    writer.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

const FILE: EntryType = EntryType::Regular;

#[test]
fn what_people_pack_comes_out_as_it_was() {
    let zip =
        zip_of(&[("pets/cats/1.jpg", b"meow"), ("pets/dogs/1.jpg", b"woof"), ("__MACOSX/pets/._1", b"x")]);
    let tar = tar_of(vec![
        entry("./", EntryType::Directory, b""),
        entry("./pets/cats/1.jpg", FILE, b"meow"),
        entry("./pets/dogs/1.jpg", FILE, b"woof"),
        entry("./.DS_Store", FILE, b"x"),
    ]);
    let two_members = [gz(&tar[..700]), gz(&tar[700..])].concat();
    for archive in [zip, gz(&tar), tar, two_members] {
        let place = Place::of(&archive);
        place.unpack(Limits::default()).unwrap();
        let wanted = [("pets/cats/1.jpg", "meow"), ("pets/dogs/1.jpg", "woof")];
        assert_eq!(place.files(), wanted.map(|(name, content)| (name.to_owned(), content.to_owned())));
    }
}

#[test]
fn nothing_lands_outside() {
    for name in ["../out", "a/../../out", "/tmp/out", "a/..", "..\\out", "C:\\out"] {
        assert_eq!(flaw(&zip_of(&[("good.jpg", b"x"), (name, b"x")])), Flaw::LeadsOutside, "{name}");
        let tar = tar_of(vec![entry("good.jpg", FILE, b"x"), entry(name, FILE, b"x")]);
        assert_eq!(flaw(&gz(&tar)), Flaw::LeadsOutside, "{name}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [EntryType::Symlink, EntryType::Link] {
        // What is behind the link would be written into otherwise.
        let tar = tar_of(vec![entry("a", kind, b""), entry("a/passwd", FILE, b"x")]);
        assert_eq!(flaw(&tar), Flaw::LinkInArchive);
    }
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        assert_eq!(flaw(&tar_of(vec![entry("a", kind, b"")])), Flaw::NeitherFileNorFolder);
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("a", "/etc", SimpleFileOptions::default()).unwrap();
    let link = writer.finish().unwrap().into_inner();
    assert_eq!(flaw(&link), Flaw::LinkInArchive);
    // The mode of a device, in the directory at the end.
    let mut device = zip_of(&[("a", b"x")]);
    let at = device.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    device[at + 5] = 3;
    device[at + 38..at + 42].copy_from_slice(&(0o020_644_u32 << 16).to_le_bytes());
    assert_eq!(flaw(&device), Flaw::NeitherFileNorFolder);
}

#[test]
fn a_bomb_goes_off_at_its_limit_and_not_behind_it() {
    let limits = Limits { bytes: 64 << 20, ratio: 20, free_bytes: 1 << 20, ..Limits::default() };
    let zeros = vec![0; 8 << 20];
    let bombs = [zip_of(&[("a.bmp", &zeros)]), gz(&tar_of(vec![entry("a.bmp", FILE, &zeros)]))];
    for bomb in bombs {
        let place = Place::of(&bomb);
        let refusal = place.unpack(limits).expect_err("it is refused");
        assert_eq!(
            (*refusal.because, refusal.advice),
            (Unfit::CompressionBomb { ratio: 20 }, Advice::UploadFolder)
        );
        let written: u64 = place.files().iter().map(|(_, content)| content.len() as u64).sum();
        assert!(written <= (1 << 20) + 20 * bomb.len() as u64, "{written}");
        Place::of(&bomb).unpack(Limits::default()).expect("a blank picture is no bomb");
    }
    // Behind the end of the tar, where nobody needs it.
    let mut hidden = tar_of(vec![entry("a.bmp", FILE, b"x")]);
    hidden.extend(&zeros);
    assert_eq!(
        *Place::of(&gz(&hidden)).unpack(limits).expect_err("it is refused").because,
        Unfit::CompressionBomb { ratio: 20 }
    );
    // The same part of the file under many names, each of which is in proportion.
    let small = Limits { bytes: 4 << 20, ..Limits::default() };
    let refusal = Place::of(&zip_of(&[("a", &zeros[..3 << 20]), ("b", &zeros[..3 << 20])])).unpack(small);
    assert_eq!(*refusal.expect_err("it is refused").because, Unfit::UnpacksTooLarge { gib: 0 });
}

#[test]
fn a_header_that_lies_is_refused() {
    // Of the one file: the length in the directory at the end and in front of it.
    let lying = |stated: u32| {
        let mut zip = zip_of(&[("a.txt", &[b'x'; 1_000])]);
        let end = zip.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        zip[end + 24..end + 28].copy_from_slice(&stated.to_le_bytes());
        zip[22..26].copy_from_slice(&stated.to_le_bytes());
        because(&zip)
    };
    for stated in [10, 5_000] {
        let is_refused = matches!(
            lying(stated),
            Unfit::ArchiveEntry { flaw: Flaw::OtherLength { .. }, .. } | Unfit::ArchiveDamaged { .. }
        );
        assert!(is_refused, "{:?}", lying(stated));
    }
    let (mut header, _) = entry("a.txt", FILE, b"");
    header.set_size(1 << 40);
    header.set_cksum();
    let tar = [header.as_bytes().to_vec(), vec![b'x'; 2_048], vec![0; 1_024]].concat();
    assert!(matches!(flaw(&tar), Flaw::OtherLength { stated, .. } if stated == 1 << 40));
}

#[test]
fn a_name_of_four_thousand_characters_is_one_refusal() {
    let (whole, parts) = ("x".repeat(4_000), "folder/".repeat(571));
    for name in [&whole, &parts] {
        let name = format!("{name}1.jpg");
        assert!(matches!(flaw(&zip_of(&[(&name, b"x")])), Flaw::NameTooLong { .. }));
        let mut writer = tar::Builder::new(Vec::new());
        let (mut header, content) = entry("", FILE, b"x");
        writer.append_data(&mut header, &name, &content[..]).unwrap();
        assert!(matches!(flaw(&writer.into_inner().unwrap()), Flaw::NameTooLong { .. }));
    }
}

#[test]
fn too_many_files_and_folders_are_not_made() {
    let limits = Limits { files: 10, ..Limits::default() };
    let names: Vec<String> = (0..4).map(|number| format!("{number}/a/b/c.jpg")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let place = Place::of(&zip_of(&files));
    let refusal = place.unpack(limits).expect_err("it is refused");
    assert_eq!(*refusal.because, Unfit::TooManyFiles { limit: 10 });
    assert!(place.files().len() < 4);
    Place::of(&zip_of(&files[..2])).unpack(limits).expect("eight are few enough");
}

#[test]
fn what_is_encrypted_says_so() {
    use zip::unstable::write::FileOptionsExt;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().with_deprecated_encryption(b"secret").unwrap();
    writer.start_file("a.jpg", options).unwrap();
    writer.write_all(b"x").unwrap();
    let zip = writer.finish().unwrap().into_inner();
    assert_eq!(because(&zip), Unfit::ArchiveEncrypted { name: "a.jpg".to_owned() });
}

#[test]
fn what_is_cut_anywhere_is_not_taken_for_whole() {
    let noise: Vec<u8> =
        (0..40_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let zip = zip_of(&[("a.jpg", &noise), ("b.jpg", &noise)]);
    let tar = tar_of(vec![entry("a.jpg", FILE, &noise), entry("b.jpg", FILE, &noise)]);
    for whole in [zip, gz(&tar), tar.clone()] {
        // Between the two files, too, and where only the very end is missing.
        // A tar ends with two empty blocks, of which one is enough.
        let last = if whole == tar { 1_025 } else { 1 };
        for kept in [600, whole.len() / 3, whole.len() / 2, whole.len() - 1_100, whole.len() - last] {
            let unfit = because(&whole[..kept]);
            let is_cut = matches!(
                unfit,
                Unfit::ArchiveDamaged { .. } | Unfit::ArchiveEntry { flaw: Flaw::OtherLength { .. }, .. }
            );
            assert!(is_cut, "{kept} of {}: {unfit:?}", whole.len());
        }
    }
    let between = 512 + noise.len().next_multiple_of(512);
    assert!(matches!(because(&tar[..between]), Unfit::ArchiveDamaged { .. }));
    let mut damaged = zip_of(&[("a.jpg", &noise)]);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let unfit = because(&damaged);
    let is_seen = matches!(
        unfit,
        Unfit::ArchiveDamaged { .. } | Unfit::ArchiveEntry { flaw: Flaw::OtherLength { .. }, .. }
    );
    assert!(is_seen, "{unfit:?}");
}

#[test]
fn what_is_no_archive_or_holds_nothing_says_so() {
    for other in [&b"<!doctype html>"[..], b"", b"\x89PNG\r\n\x1a\n", &gz(b"a,b\n1,2\n")] {
        assert_eq!(because(other), Unfit::NotAnArchive);
    }
    for empty in
        [zip_of(&[]), zip_of(&[("__MACOSX/._x", b"x")]), tar_of(vec![entry("a/", EntryType::Directory, b"")])]
    {
        assert_eq!(because(&empty), Unfit::ArchiveEmpty);
    }
}

#[test]
fn a_name_that_is_there_twice_is_refused() {
    let tar = tar_of(vec![entry("a", FILE, b"x"), entry("a", FILE, b"y")]);
    assert_eq!(flaw(&tar), Flaw::ThereTwice);
    assert_eq!(flaw(&tar_of(vec![entry("a", FILE, b"x"), entry("a/b", FILE, b"y")])), Flaw::ThereTwice);
    assert_eq!(flaw(&zip_of(&[("a", b"x"), ("./a", b"y")])), Flaw::ThereTwice);
}

/// The same as root, on a disk of 256 KiB, by the program that workers start.
#[test]
fn a_full_disk_is_the_disks_fault_and_not_the_archives() {
    if !rustix::process::geteuid().is_root() {
        return println!("skipped: only root may mount a small disk");
    }
    let noise: Vec<u8> =
        (0..600_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let place = Place::of(&zip_of(&[("pets/cats/1.jpg", &noise)]));
    let (archive, tree) = (place.0.path().join("archive"), place.tree());
    let program = env!("CARGO_BIN_EXE_trainyard-data");
    let script = format!(
        "mount -t tmpfs -o size=256k tmpfs '{tree}' && exec '{program}' inspect --path '{tree}' --archive '{}'",
        archive.display(),
        tree = tree.display(),
    );
    let looked = Command::new("unshare").args(["-m", "sh", "-c", &script]).output().unwrap();
    let verdict: serde_json::Value = serde_json::from_slice(&looked.stdout).unwrap();
    let because = serde_json::json!([{ "code": "disk_unusable", "cause": { "code": "disk_full" } }]);
    assert_eq!(
        (&verdict["verdict"], &verdict["because"]),
        (&serde_json::json!("bad"), &because),
        "{verdict}"
    );
    assert_eq!(verdict["advice"], serde_json::json!([{ "code": "make_room" }]));
}
