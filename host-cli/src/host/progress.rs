//! Progress bars for long reads: on standard error, only when that is a terminal, only past one second.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(1);

/// How far the sources have been read.
#[derive(Default)]
pub struct Progress {
    began: Option<Instant>,
    sizes: Vec<(String, u64)>,
    shown: Shown,
}

#[derive(Default)]
enum Shown {
    #[default]
    NotYet,
    /// Standard error is no terminal.
    Never,
    Bar(ProgressBar),
}

impl Progress {
    /// Shows nothing: somebody else's bar stands for both.
    pub fn hidden() -> Self {
        let mut progress = Self::default();
        progress.shown = Shown::Never;
        progress
    }

    /// A source will be read.
    pub fn add(&mut self, source: &str, size: u64) {
        self.began.get_or_insert_with(Instant::now);
        self.sizes.push((source.to_owned(), size));
    }

    /// A source has been read up to a place.
    pub fn seen(&mut self, source: &str, place: u64) {
        if matches!(self.shown, Shown::NotYet) && self.began.is_some_and(|began| began.elapsed() > PATIENCE) {
            self.shown = if stderr().is_terminal() { Shown::Bar(bar()) } else { Shown::Never };
        }
        let Shown::Bar(bar) = &self.shown else { return };
        if let Some((name, size)) = self.sizes.iter().find(|(name, _)| name == source) {
            if bar.message() != *name {
                bar.set_message(name.clone());
            }
            bar.set_length(*size);
            bar.set_position(place);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

/// How many of many small things are done.
pub struct Count {
    began: Instant,
    total: u64,
    done: u64,
    shown: Shown,
}

impl Count {
    /// Nothing is done of so many.
    pub fn of(total: usize) -> Self {
        Self { began: Instant::now(), total: total as u64, done: 0, shown: Shown::NotYet }
    }

    /// One more is done.
    pub fn one_more(&mut self) {
        self.done += 1;
        if matches!(self.shown, Shown::NotYet) && self.began.elapsed() > PATIENCE {
            self.shown = if stderr().is_terminal() { Shown::Bar(counting(self.total)) } else { Shown::Never };
        }
        if let Shown::Bar(bar) = &self.shown {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn counting(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{pos} of {len} runpacks {bar:30} {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
