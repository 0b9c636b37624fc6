//! What watching shows: a line for each event, and a bar for the steps between them.

use std::time::Instant;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use trainyard_api::activity::PublicEvent;
use trainyard_events::JobEvent;
use trainyard_events::chat::Language;
use trainyard_events::trainer::StepMeasurement;
use trainyard_views::JobRow;

use super::told::told;
use super::{Finished, Watched, cancelled, failed};
use crate::cli::job;
use crate::language::pick;
use crate::out::{self, line};

pub(super) struct View {
    bar: ProgressBar,
    quiet: bool,
    language: Language,
    since: Instant,
    epochs: u32,
    pub(super) watched: Watched,
}

impl View {
    pub(super) fn new(quiet: bool, language: Language) -> View {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let style = ProgressStyle::with_template("  {bar:30.cyan/blue} {percent:>3} %  {msg}");
        bar.set_style(style.expect("the template is a constant that parses"));
        View { bar, quiet, language, since: Instant::now(), epochs: 0, watched: Watched::default() }
    }

    fn say(&self, said: &str) {
        if !self.quiet {
            // `suspend` keeps the line when there is no terminal to draw a bar on.
            self.bar.suspend(|| line(format_args!("  {said}")));
        }
    }

    pub(super) fn begin(&mut self, job: &JobRow) {
        self.epochs = job.config.epochs;
        let (number, status) = (job.number, job::status_name(job.status, self.language));
        self.say(&pick(
            self.language,
            format!("작업 {number} · {status}"),
            format!("job {number} · {status}"),
        ));
    }

    /// Shows one event, and says whether it was the last.
    pub(super) fn event(&mut self, event: &PublicEvent) -> Result<bool> {
        let sequence = event.sequence();
        let Some(event) = event.read::<JobEvent>() else { return Ok(false) };
        if let Some(said) = told(&event, self.epochs, self.language) {
            self.say(&said);
        }
        match event {
            JobEvent::Finished { best_epoch, measurements, .. } => {
                self.watched.finished = Some(Finished { sequence, best_epoch, measurements });
                self.close();
                Ok(true)
            }
            JobEvent::Failed { failure } => {
                self.close();
                Err(failed(&failure, self.language))
            }
            JobEvent::Cancelled { .. } => {
                self.close();
                Err(cancelled(self.language))
            }
            _ => Ok(false),
        }
    }

    pub(super) fn step(&mut self, measured: &StepMeasurement) {
        self.watched.first_step.get_or_insert_with(|| self.since.elapsed());
        self.bar.set_length(measured.steps);
        self.bar.set_position(measured.step);
        let loss = measured.losses.get("loss").copied().unwrap_or(f64::NAN);
        let (epoch, speed) = (measured.epoch, measured.images_per_second);
        let said = pick(
            self.language,
            format!("{epoch} 에폭 · 손실 {loss:.3} · 초당 이미지 {speed:.0}장"),
            format!("epoch {epoch} · loss {loss:.3} · {speed:.0} images/s"),
        );
        self.bar.set_message(out::cell(&said).into_owned());
    }

    pub(super) fn close(&self) {
        self.bar.finish_and_clear();
    }
}
