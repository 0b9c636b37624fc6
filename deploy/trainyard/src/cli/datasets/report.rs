//! What was found in a dataset, for people.

use trainyard_events::config::Task;
use trainyard_events::dataset::{BoxProfile, ClassProfile, DatasetFormat, DatasetProfile, FileProblem};
use trainyard_events::limits::{REPORTED_FILES, UNREADABLE_SHARE};
use trainyard_events::trainer::Inspection;

use super::sizes;
use crate::cli::table;
use crate::out::line;

/// Problems of files told on a screen; the JSON names every file.
const PROBLEMS: usize = 20;
/// Classes shown on a screen.
const CLASSES: usize = 40;

pub(super) fn print(path: &str, found: &Inspection) {
    match found {
        Inspection::Good { profile } => good(path, profile),
        Inspection::Bad { problem, next_step, report, bad_files, .. } => {
            bad(path, problem, next_step, report, *bad_files);
        }
    }
}

pub(super) fn bad(path: &str, problem: &str, next_step: &str, report: &[FileProblem], bad_files: u64) {
    line(format_args!("{path} cannot be trained on: {problem}"));
    files("cannot be used", report, bad_files);
    line("");
    line(format_args!("next: {next_step}"));
}

pub(super) fn good(path: &str, profile: &DatasetProfile) {
    line(format_args!("{path} can be trained on"));
    let images = &profile.images;
    let mut splits = vec![format!("{} to train on", images.train)];
    if profile.split {
        splits.push(format!("{} to validate on", images.validation));
    } else {
        splits.push("of which a fifth is set aside to validate on".to_owned());
    }
    if images.test > 0 {
        splits.push(format!("{} to test on", images.test));
    }
    let format = match profile.format {
        DatasetFormat::ImageFolder => "a folder of images for each class",
        DatasetFormat::Yolo => "YOLO",
        DatasetFormat::Coco => "COCO",
        DatasetFormat::PascalVoc => "Pascal VOC",
    };
    let mut lines = vec![
        ("task", profile.task.to_string()),
        ("format", format.to_owned()),
        ("images", splits.join(", ")),
        ("size", format!("{} x {} px", spread(profile.width), spread(profile.height))),
        ("bytes", format!("{:.1} MiB", profile.bytes as f64 / f64::from(1 << 20))),
    ];
    if profile.grey {
        lines.push(("colour", "grey".to_owned()));
    }
    if let Some(found) = &profile.boxes {
        lines.push(("objects", objects(found)));
    }
    lines.push(("version", profile.content_hash.clone()));
    for (name, value) in lines {
        line(format_args!("  {name:<8} {value}"));
    }
    if let Some(histograms) = &profile.histograms {
        line("");
        sizes::lines(histograms).iter().for_each(|sizes| line(format_args!("  {sizes}")));
    }
    classes(profile);
    if !profile.warnings.is_empty() {
        line("");
        line("warnings");
        profile.warnings.iter().for_each(|warning| line(format_args!("  - {warning}")));
    }
    files("left out", &profile.skipped, profile.skipped.len() as u64);
    files("used, but worth a look", &profile.noted, profile.noted.len() as u64);
    let (left_out, most) = (profile.skipped.len(), UNREADABLE_SHARE * 100.0);
    let share = 100.0 * left_out as f64 / (images.total() + left_out as u64).max(1) as f64;
    // A profile names no more files than that.
    let at_least = if left_out >= REPORTED_FILES { "at least " } else { "" };
    line("");
    line(format_args!(
        "{at_least}{share:.1} % of its files are left out; above {most:.0} % it would be refused"
    ));
    let model = if profile.task == Task::Detect { "yolo11n" } else { "resnet18" };
    let quoted = path.replace('\'', r"'\''");
    line(format_args!("next: trainyard train --model {model} --dataset '{quoted}' --watch"));
}

/// `320`, or smallest to largest with the median.
fn spread([least, median, most]: [u32; 3]) -> String {
    if least == most { least.to_string() } else { format!("{least}..{most} (median {median})") }
}

fn objects(found: &BoxProfile) -> String {
    let BoxProfile { objects, crowds, small, medium, large, per_image, background } = found;
    let mut text = format!(
        "{objects}: {small} small, {medium} medium, {large} large; {} in an image",
        spread(*per_image)
    );
    if *background > 0 {
        text += &format!("; {} without any", counted(*background, "image"));
    }
    if *crowds > 0 {
        text += &format!("; {} ignored", counted(*crowds, "crowd"));
    }
    text
}

fn classes(profile: &DatasetProfile) {
    let detects = profile.boxes.is_some();
    let row = |class: &ClassProfile| {
        let images = &class.images;
        let mut cells = vec![class.name.clone(), images.train.to_string()];
        if profile.split {
            cells.push(images.validation.to_string());
        }
        if profile.images.test > 0 {
            cells.push(images.test.to_string());
        }
        if detects {
            cells.push(class.objects.to_string());
        }
        cells
    };
    let titles = [
        ("class", true),
        ("train images", true),
        ("validation", profile.split),
        ("test", profile.images.test > 0),
        ("objects", detects),
    ];
    let header: Vec<&str> = titles.iter().filter(|(_, shown)| *shown).map(|(title, _)| *title).collect();
    line("");
    table::print(&header, &profile.classes.iter().take(CLASSES).map(row).collect::<Vec<_>>());
    if let Some(more @ 1..) = profile.classes.len().checked_sub(CLASSES) {
        line(format_args!("and {more} more classes"));
    }
}

/// `count` of them there are; the report may name fewer. What is wrong with many is said once.
fn files(title: &str, report: &[FileProblem], count: u64) {
    if count == 0 {
        return;
    }
    line("");
    line(format_args!("{title}: {}", counted(count, "file")));
    let mut by_problem: Vec<(&str, Vec<&str>)> = Vec::new();
    for FileProblem { path, problem, .. } in report {
        match by_problem.iter_mut().find(|(known, _)| known == problem) {
            Some((_, paths)) => paths.push(path),
            None => by_problem.push((problem, vec![path])),
        }
    }
    for (problem, paths) in by_problem.iter().take(PROBLEMS) {
        let others = paths.len() - 1;
        let more =
            if others > 0 { format!(" and {}", counted(others as u64, "other")) } else { String::new() };
        line(format_args!("  {}{more}: {problem}", paths[0]));
    }
    let told: usize = by_problem.iter().take(PROBLEMS).map(|(_, paths)| paths.len()).sum();
    if count > told as u64 {
        line(format_args!("  and {} more; --json names the first {}", count - told as u64, report.len()));
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
