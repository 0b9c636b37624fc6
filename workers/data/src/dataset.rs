//! A folder read: its manifest, what there is to say of it, and the way to each image's bytes.

mod agree;

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use trainyard_events::config::Task;
use trainyard_events::limits::UNREADABLE_SHARE;
use trainyard_events::problems::ImageProblem;
use trainyard_events::reason::{Advice, Caution, Flaw, LabelFormat, Unfit};

use crate::duplicates::duplicates;
use crate::light::{Light, Lights};
use crate::limits::IMAGE_FILE_BYTES;
use crate::look::{Seen, look};
use crate::manifest::{FORM, Hash, Header, Image, Manifest};
use crate::names::Names;
use crate::near::NearDuplicates;
use crate::problems::problems;
use crate::read::{Draft, base, read_all};
use crate::refusal::Refusal;
use crate::report::{Report, of_classes, of_tally};
use crate::root::{Listing, extension};
use crate::settle::{Settled, settle};
use agree::disagreement;

#[derive(Debug)]
pub struct Dataset {
    pub manifest: Manifest,
    pub report: Report,
    /// What is wrong with each file, or worth knowing of it; the report names the first few.
    pub problems: Vec<ImageProblem>,
    /// SHA-256 over the names and contents of every file, whether it is of the dataset or not.
    pub content_hash: String,
    /// Images to train on that look like images that judge.
    pub near: NearDuplicates,
    /// Whether no image has a colour.
    pub is_grey: bool,
    listing: Listing,
    /// Of each image of the manifest, its index into the listing's files.
    files: Vec<usize>,
}

impl Dataset {
    /// The file of the image at `index` of the manifest, opened.
    pub fn open(&self, index: usize) -> Result<File, Flaw> {
        self.listing.open(&self.listing.files[self.files[index]])
    }

    /// The same as bytes, as they are now.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>, Flaw> {
        self.listing.bytes(&self.listing.files[self.files[index]], IMAGE_FILE_BYTES)
    }
}

/// Reads whatever lies below `root`. Images that cannot be used are left out as long as they are few.
pub fn read(root: &Path) -> Result<Dataset, Refusal> {
    read_telling(root, &|_, _| ())
}

/// The same; `told` hears after each image how many are read, and of how many.
pub fn read_telling(root: &Path, told: &(dyn Fn(u64, u64) + Sync)) -> Result<Dataset, Refusal> {
    let listing = Listing::of(root)?;
    let names = Names::of(&listing);
    let mut drafts = read_all(&names)?;
    if let Some(base) = base::find(&listing)? {
        drafts.iter_mut().for_each(|draft| base::fill(&base, draft, &listing));
    }
    let seen = look_at_all(&listing, &drafts, told);
    let mut settled: Vec<Settled> = drafts.iter().map(|draft| settle(&listing, draft, &seen)).collect();
    let mut cautions = Vec::new();
    if drafts.len() > 1 {
        settled.iter().try_for_each(refuse_if_nothing_is_said)?;
    }
    for other in 1..drafts.len() {
        let (first, second) = (drafts[0].format, drafts[other].format);
        let pair = [(&drafts[0], &settled[0]), (&drafts[other], &settled[other])];
        if let Some(path) = disagreement(pair) {
            let because = Unfit::FormatsDisagree { first, second, path };
            return Err(Refusal::new(because, Advice::KeepOneFormat { first, second }));
        }
        cautions.push(Caution::SaidTwice { first, second });
    }
    let (draft, mut settled) = (drafts.swap_remove(0), settled.swap_remove(0));
    // A link to a folder above loses nothing: what it leads to is read there.
    let (loops, lost): (Vec<_>, Vec<_>) =
        listing.problems.iter().cloned().partition(|problem| problem.flaws == [Flaw::LinkLoops]);
    settled.bad.extend(lost);
    settled.noted.extend(loops);
    settled.bad.sort_by(|a, b| a.path.cmp(&b.path));
    refuse_lost_classes(&draft, &listing)?;
    crate::read::check_classes(&draft.classes)?;
    refuse_if_too_bad(&draft, &settled)?;

    let Settled { images, files, bad, mut noted, tally } = settled;
    let kinds = Manifest::kinds_of(&draft.classes, &images);
    let seen_of = |file: &usize| seen.get(file).and_then(|seen| seen.as_ref().ok());
    let prints: Vec<(&Image, Option<u64>)> = images
        .iter()
        .zip(&files)
        .map(|(image, file)| (image, seen_of(file).and_then(|seen| seen.fingerprint)))
        .collect();
    // Good ones of one product all look alike, and are meant to.
    let near = match kinds[..] {
        [Task::Anomaly] => NearDuplicates::default(),
        _ => NearDuplicates::of(&prints),
    };
    cautions.extend(near.caution());
    let lights: Vec<Light> = files.iter().filter_map(seen_of).map(|seen| seen.light).collect();
    let lights = Lights::of(&images, &lights, &mut noted);
    cautions.extend(lights.cautions);
    let is_grey = files.iter().filter_map(seen_of).all(|seen| seen.is_grey);
    let content_hash = content_hash(&listing, &seen);
    let (keypoints, mirrored) = (draft.keypoints, draft.mirrored);
    let sample_bits = lights.sample_bits;
    let header = Header {
        form: FORM,
        classes: draft.classes,
        keypoints,
        mirrored,
        sample_bits,
        kinds,
        divided: false,
    };
    let (matched, matches) = names.said();
    noted.extend(matches);
    cautions.extend(of_tally(&tally));
    cautions.extend(of_classes(&header, &images));
    cautions.extend(duplicates(&header, &images, &mut noted));
    let others = listing.files.iter().filter(|file| !file.is_image).count() as u64;
    if draft.format == LabelFormat::ImageFolder && others > 0 {
        cautions.push(Caution::NotOfAClass { files: others });
    }
    cautions.extend(draft.cautions.into_iter().chain(matched).chain(listing.cautions()));
    noted.sort_by(|a, b| a.path.cmp(&b.path));
    let problems = problems(&images, &bad, &noted, &near);
    let report = Report::of(draft.format, &bad, &noted, cautions);
    let manifest = Manifest { header, images };
    Ok(Dataset { manifest, report, problems, content_hash, near, is_grey, listing, files })
}

/// A format of which no label can be used says nothing that could agree: what is wrong with its files is the reason.
fn refuse_if_nothing_is_said(settled: &Settled) -> Result<(), Refusal> {
    let is_nothing = settled.images.iter().all(|image| image.labels.is_empty());
    match settled.bad.first().and_then(|problem| Some((problem, problem.flaws.first()?))) {
        Some((problem, flaw)) if is_nothing => {
            let refusal = Refusal::of_file(&problem.path, flaw.clone(), Advice::RewriteFile);
            Err(refusal.with_files(&settled.bad))
        }
        _ => Ok(()),
    }
}

/// Each image that some label is of, once.
fn look_at_all(
    listing: &Listing,
    drafts: &[Draft],
    told: &(dyn Fn(u64, u64) + Sync),
) -> HashMap<usize, Result<Seen, Flaw>> {
    let mut files: Vec<usize> =
        drafts.iter().flat_map(|draft| &draft.images).map(|image| image.file).collect();
    files.sort_unstable();
    files.dedup();
    let (read, of) = (AtomicU64::new(0), files.len() as u64);
    let one = |file: &usize| {
        let seen = look(listing, &listing.files[*file]);
        told(read.fetch_add(1, Ordering::Relaxed) + 1, of);
        (*file, seen)
    };
    files.par_iter().map(one).collect()
}

/// Of each file its name, a zero byte, and the SHA-256 of its content (zeros where it cannot be read).
fn content_hash(listing: &Listing, seen: &HashMap<usize, Result<Seen, Flaw>>) -> String {
    let of = |(index, file)| match seen.get(&index) {
        Some(Ok(seen)) => seen.sha256,
        _ => hash_file(listing, file).unwrap_or_default(),
    };
    let contents: Vec<[u8; 32]> = listing.files.par_iter().enumerate().map(of).collect();
    let mut whole = Sha256::new();
    for (file, content) in listing.files.iter().zip(contents) {
        whole.update(file.name.as_bytes());
        whole.update([0]);
        whole.update(content);
    }
    hex::encode(whole.finalize())
}

fn hash_file(listing: &Listing, file: &crate::root::File) -> Option<[u8; 32]> {
    let mut hash = Hash(Sha256::new());
    std::io::copy(&mut listing.open(file).ok()?, &mut hash).ok()?;
    Some(hash.0.finalize().into())
}

/// A folder that cannot be entered may be a whole class: that is more than a file left out.
fn refuse_lost_classes(draft: &Draft, listing: &Listing) -> Result<(), Refusal> {
    if draft.format != LabelFormat::ImageFolder {
        return Ok(());
    }
    let is_folder = |flaw: &Flaw| {
        matches!(
            flaw,
            Flaw::LinkOutside
                | Flaw::UnreadableFolder { .. }
                | Flaw::FolderCutShort { .. }
                | Flaw::NotToBeLookedAt { .. }
        )
    };
    let lost = listing
        .problems
        .iter()
        .find(|problem| extension(&problem.path).is_empty() && problem.flaws.iter().any(is_folder));
    match lost.and_then(|problem| Some((problem, problem.flaws.first()?))) {
        Some((problem, flaw)) => Err(Refusal::of_file(&problem.path, flaw.clone(), Advice::RepairFiles)),
        None => Ok(()),
    }
}

fn refuse_if_too_bad(draft: &Draft, settled: &Settled) -> Result<(), Refusal> {
    let Settled { images, bad, tally, .. } = settled;
    let percent = (UNREADABLE_SHARE * 100.0).round() as u64;
    let files = (images.len() + bad.len()) as u64;
    if bad.len() as f64 > UNREADABLE_SHARE * files as f64 {
        let because = Unfit::TooManyBadFiles { bad: bad.len() as u64, files, percent };
        return Err(Refusal::new(because, Advice::RepairFiles).with_files(bad));
    }
    let kept: u64 = images.iter().map(|image| image.labels.len() as u64).sum();
    let boxes = kept + tally.dropped;
    if tally.dropped as f64 > UNREADABLE_SHARE * boxes as f64 {
        let because = Unfit::TooManyBadBoxes { bad: tally.dropped, boxes, percent };
        return Err(Refusal::new(because, Advice::RelabelBoxes).with_files(&settled.noted));
    }
    if kept == 0 {
        let images = images.len() as u64;
        return Err(Refusal::new(Unfit::NoBoxes { images }, Advice::CheckLabelPlaces).with_files(bad));
    }
    if draft.format == LabelFormat::ImageFolder {
        let empty = (0..draft.classes.len())
            .find(|class| !images.iter().any(|image| image.labels.iter().any(|label| label.class == *class)));
        if let Some(class) = empty.map(|class| draft.classes[class].clone()) {
            let advice = Advice::FillOrRemoveFolder { folder: class.clone() };
            return Err(Refusal::new(Unfit::ClassWithoutImage { class }, advice).with_files(bad));
        }
    }
    Ok(())
}
