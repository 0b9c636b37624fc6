//! Measures what becomes of a folder of photos: upload, a second version, laying it out on a worker, and a look at it.
//!
//! `data FOLDER IMAGES` leaves the photos in FOLDER, for what decodes them beside others.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::process::Command;
use trainyard_e2e::{Platform, binary};

/// Of a photo in pixels.
const SIZE: (u32, u32) = (640, 480);
/// Makes about 80 kB of it.
const QUALITY: u8 = 88;
const GRAIN: i32 = 9;
/// Images of the second version that the first has not.
const OTHERS: usize = 10;
/// Files on their way at once, as in the store.
const AT_ONCE: usize = 64;
/// How often a folder in the making, or a process, is looked at.
const LOOK: Duration = Duration::from_millis(2);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("data FOLDER IMAGES")?);
    let count: usize = arguments.next().context("data FOLDER IMAGES")?.parse()?;
    let photos = folder.join("photos");
    for number in 0..count {
        photo(&photos, number)?;
    }
    for path in files_below(&photos)? {
        // Of a larger run before.
        if !(0..count).any(|number| path == photos.join(name(number))) {
            std::fs::remove_file(path)?;
        }
    }
    let bytes = bytes_of(&photos)?;
    println!("{:<46} {count} of {:.1} kB", "photos of 640 x 480", bytes as f64 / count as f64 / 1e3);
    let raw = folder.join("raw");
    rate("written here, one by one", count, bytes, written(&photos, &raw, 1, false)?);
    rate("the same, each synced to the disk", count, bytes, written(&photos, &raw, 1, true)?);
    let what = format!("the same, {AT_ONCE} at once");
    rate(&what, count, bytes, written(&photos, &raw, AT_ONCE, true)?);

    let mut platform = Platform::start().await?;
    let path = photos.to_str().context("a path in UTF-8")?;
    let errors = add(&platform, path).await?;
    rate("uploaded through the gateway into the store", count, bytes, sent_in(&errors)?);

    for number in 0..OTHERS {
        photo(&photos, count + number)?;
        std::fs::remove_file(photos.join(name(number)))?;
    }
    let laid_out = tokio::spawn(laid_out(platform.folder().to_owned(), count));
    let errors = add(&platform, path).await?;
    let line = errors.lines().find(|line| line.contains("files to upload")).context("how many were sent")?;
    println!("{:<46} {line}", format!("a second version, {OTHERS} images of it new"));
    rate("laid out on a worker from its cache", count, bytes, laid_out.await?);
    platform.stop().await?;

    let (took, peak_kib) = inspected(&binary("trainyard")?, &photos).await?;
    rate("looked at: decoded, hashed, compared", count, bytes, took);
    println!("{:<46} {:.0} MiB", "memory of the look, at most", peak_kib as f64 / 1024.0);
    Ok(())
}

fn rate(what: &str, images: usize, bytes: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    let (images, mib) = (images as f64 / seconds, bytes as f64 / seconds / f64::from(1 << 20));
    println!("{what:<46} {images:>7.0} images/s {mib:>7.1} MiB/s");
}

fn name(number: usize) -> String {
    format!("{}/{number:06}.jpg", ["cat", "dog"][number % 2])
}

/// Slow waves of light with a camera's grain over them: it compresses as photographs do.
fn photo(folder: &Path, number: usize) -> Result<()> {
    let path = folder.join(name(number));
    if path.exists() {
        // Of a run before: the same number is the same photo.
        return Ok(());
    }
    let mut random = StdRng::seed_from_u64(number as u64);
    let waves: Vec<[f32; 6]> = (0..6)
        .map(|_| {
            let mut between = |low: f32, high: f32| random.random_range(low..high);
            [
                between(0.004, 0.06),
                between(0.004, 0.06),
                between(0.0, 6.3),
                between(8.0, 30.0),
                between(8.0, 30.0),
                between(8.0, 30.0),
            ]
        })
        .collect();
    let image = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let mut colour = [120.0f32; 3];
        for [across, down, phase, red, green, blue] in &waves {
            let light = (x as f32 * across + y as f32 * down + phase).sin();
            for (channel, part) in colour.iter_mut().zip([red, green, blue]) {
                *channel += light * part;
            }
        }
        let grain = random.random_range(-GRAIN..=GRAIN);
        Rgb(colour.map(|channel| (channel as i32 + grain).clamp(0, 255) as u8))
    });
    std::fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    Ok(std::fs::write(path, bytes)?)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => files.extend(files_below(&path)?),
            false => files.push(path),
        }
    }
    Ok(files)
}

fn bytes_of(folder: &Path) -> Result<u64> {
    files_below(folder)?.iter().map(|path| Ok(path.metadata()?.len())).sum()
}

/// How long the disk takes for the same files, from so many threads. Synced, they are as safe as the store's: content, then
/// name.
fn written(from: &Path, to: &Path, at_once: usize, is_synced: bool) -> Result<Duration> {
    let contents = files_below(from)?.iter().map(std::fs::read).collect::<std::io::Result<Vec<_>>>()?;
    std::fs::create_dir_all(to)?;
    let write = |(number, content): (usize, &Vec<u8>)| -> std::io::Result<()> {
        let (fresh, path) = (to.join(format!("{number}.new")), to.join(number.to_string()));
        let mut file = std::fs::File::create(&fresh)?;
        file.write_all(content)?;
        if is_synced {
            file.sync_all()?;
        }
        std::fs::rename(fresh, path)?;
        if is_synced { std::fs::File::open(to)?.sync_all() } else { Ok(()) }
    };
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let share = |first: usize| contents.iter().enumerate().skip(first).step_by(at_once);
        let threads: Vec<_> =
            (0..at_once).map(|first| scope.spawn(move || share(first).try_for_each(write))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("it does not panic"))
    })?;
    let took = begun.elapsed();
    std::fs::remove_dir_all(to)?;
    Ok(took)
}

/// What it says on standard error when the dataset has been looked at.
async fn add(platform: &Platform, path: &str) -> Result<String> {
    let (good, printed, errors) = platform.trainyard(&["datasets", "add", "photos", path]).await?;
    ensure!(good, "{printed}{errors}");
    Ok(errors)
}

/// From `160.0 MB uploaded in 1.2 s`.
fn sent_in(errors: &str) -> Result<Duration> {
    let after = errors.split("uploaded in ").nth(1).with_context(|| errors.to_owned())?;
    Ok(Duration::from_secs_f64(after.split(' ').next().unwrap_or_default().parse()?))
}

/// From the first file in a look's folder to the last.
async fn laid_out(platform: PathBuf, count: usize) -> Duration {
    let mut begun = None;
    loop {
        let files: usize =
            trees(&platform).iter().map(|tree| files_below(tree).map_or(0, |files| files.len())).sum();
        match begun {
            None if files > 0 => begun = Some(Instant::now()),
            Some(begun) if files >= count => return Instant::elapsed(&begun),
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}

/// Folders that datasets are laid out in.
fn trees(platform: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(platform.join(".trainyard/work/inspections")) else {
        return Vec::new();
    };
    entries.flatten().map(|entry| entry.path().join("files")).collect()
}

/// Time and memory of the program that looks, in KiB.
async fn inspected(program: &Path, folder: &Path) -> Result<(Duration, u64)> {
    let begun = Instant::now();
    let mut look = Command::new(program)
        .args(["inspect", "--path"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", look.id().context("it runs")?);
    let mut peak = 0;
    loop {
        if let Some(ended) = look.try_wait()? {
            ensure!(ended.success(), "the look ended with {ended}");
            return Ok((begun.elapsed(), peak));
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
        tokio::time::sleep(LOOK).await;
    }
}
