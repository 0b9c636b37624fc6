//! The models that are asked for: fetched and loaded while their callers wait, put away when nobody asks any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as Turn, Notify, OnceCell, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use trainyard_events::prediction::PredictRefusal;
use trainyard_events::results::Artifact;

use crate::desk::Desk;
use crate::files::Files;
use crate::limits;
use crate::model::Runtime;
use crate::way::{Stage, Way};

/// How much a shelf holds, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Models in memory.
    pub loaded: usize,
    pub idle: Duration,
    pub hold: Duration,
    pub sweep: Duration,
}

impl Default for Room {
    fn default() -> Room {
        Room { loaded: limits::LOADED, idle: limits::IDLE, hold: limits::HOLD, sweep: limits::SWEEP }
    }
}

pub struct Shelf {
    files: Files,
    runtime: Runtime,
    room: Room,
    /// By SHA-256.
    models: Mutex<HashMap<String, Arc<Known>>>,
    loading: Semaphore,
    /// In memory.
    places: Arc<Semaphore>,
    /// Who needs a place waits here; the first of them clears one.
    turn: Turn<()>,
    /// That there is something to put away again.
    loaded: Notify,
}

/// What is known of a model: that it is loaded, or that it never will be.
struct Known {
    desk: OnceCell<Result<Arc<Desk>, PredictRefusal>>,
    /// Callers that wait for it.
    held: Semaphore,
    asked: Mutex<Instant>,
    /// While it is loaded.
    way: Mutex<Way>,
}

impl Known {
    fn new() -> Known {
        Known {
            desk: OnceCell::new(),
            held: Semaphore::new(limits::HELD),
            asked: Mutex::new(Instant::now()),
            way: Mutex::new(Way::new()),
        }
    }

    fn asked(&self) -> MutexGuard<'_, Instant> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_loaded(&self) -> bool {
        self.desk.get().is_some_and(Result::is_ok)
    }

    /// Lost by a crash of its thread.
    fn is_broken(&self) -> bool {
        matches!(self.desk.get(), Some(Ok(desk)) if desk.is_broken())
    }
}

impl Shelf {
    pub fn new(files: Files, runtime: Runtime, room: Room) -> Arc<Shelf> {
        let shelf = Arc::new(Shelf {
            files,
            runtime,
            room,
            models: Mutex::default(),
            loading: Semaphore::new(limits::LOADING),
            places: Arc::new(Semaphore::new(room.loaded)),
            turn: Turn::default(),
            loaded: Notify::new(),
        });
        let (sweeper, pause) = (Arc::downgrade(&shelf), room.sweep);
        tokio::spawn(async move {
            loop {
                sleep(pause).await;
                let Some(shelf) = sweeper.upgrade() else { return };
                shelf.sweep();
            }
        });
        shelf
    }

    /// The model, once it is loaded. It goes on loading when its callers have waited long enough, and is there for the
    /// next.
    pub async fn get(self: &Arc<Shelf>, artifact: &Artifact) -> Result<Arc<Desk>, PredictRefusal> {
        let known = self.known(&artifact.sha256);
        if let Some(desk) = known.desk.get() {
            return desk.clone();
        }
        let on_its_way = |besides: &str| {
            let way = known.way().words(artifact.bytes, self.files.here(&artifact.sha256));
            PredictRefusal::busy(format!("{way}{besides}; try again in a moment"))
        };
        let Ok(_held) = known.held.try_acquire() else {
            return Err(on_its_way(&format!(", and {} callers wait for it already", limits::HELD)));
        };
        let loading = {
            let (shelf, known, artifact) = (self.clone(), known.clone(), artifact.clone());
            tokio::spawn(async move {
                known.desk.get_or_try_init(|| shelf.load(&artifact, &known)).await.cloned()
            })
        };
        match timeout(self.room.hold, loading).await {
            Ok(Ok(desk)) => desk?,
            Ok(Err(crash)) => Err(PredictRefusal::busy(format!("the model could not be loaded: {crash}"))),
            Err(_) => Err(on_its_way("")),
        }
    }

    fn known(&self, sha256: &str) -> Arc<Known> {
        let mut models = self.models();
        if models.len() >= limits::KNOWN {
            models.retain(|_, known| known.is_loaded() || Arc::strong_count(known) > 1);
        }
        if models.get(sha256).is_some_and(|known| known.is_broken()) {
            models.remove(sha256);
        }
        let known = models.entry(sha256.to_owned()).or_insert_with(|| Arc::new(Known::new())).clone();
        *known.asked() = Instant::now();
        known
    }

    /// An outer error may pass; an inner one is the content's, and stays.
    async fn load(
        &self,
        artifact: &Artifact,
        known: &Known,
    ) -> Result<Result<Arc<Desk>, PredictRefusal>, PredictRefusal> {
        *known.way() = Way::new();
        let _turn = self.loading.acquire().await.expect("it is never closed");
        known.way().stage = Stage::Fetched;
        let path = self.files.get(artifact).await?;
        known.way().stage = Stage::Crowded;
        let place = self.place().await;
        known.way().stage = Stage::Loaded;
        match Desk::open(self.runtime.clone(), path, place).await {
            Ok(desk) => {
                self.loaded.notify_one();
                Ok(Ok(Arc::new(desk)))
            }
            Err(bad @ PredictRefusal::BadModel { .. }) => Ok(Err(bad)),
            Err(passing) => Err(passing),
        }
    }

    /// A place in memory: a free one, or that of the model that was asked for longest ago, once it has answered all who
    /// wait.
    async fn place(&self) -> OwnedSemaphorePermit {
        let _turn = self.turn.lock().await;
        loop {
            if let Ok(place) = self.places.clone().try_acquire_owned() {
                return place;
            }
            self.put_one_away();
            tokio::select! {
                place = self.places.clone().acquire_owned() => {
                    return place.expect("the places are never closed");
                }
                () = self.loaded.notified() => {}
            }
        }
    }

    fn put_one_away(&self) {
        let mut models = self.models();
        let loaded = models.iter().filter(|(_, known)| known.is_loaded());
        let oldest = loaded.min_by_key(|(_, known)| *known.asked()).map(|(sha256, _)| sha256.clone());
        if let Some(sha256) = oldest {
            models.remove(&sha256);
        }
    }

    /// Forgets what nobody has asked for in a while.
    fn sweep(&self) {
        let idle = self.room.idle;
        self.models().retain(|_, known| Arc::strong_count(known) > 1 || known.asked().elapsed() < idle);
    }

    /// Models in memory.
    pub fn count(&self) -> usize {
        self.room.loaded - self.places.available_permits()
    }

    fn models(&self) -> MutexGuard<'_, HashMap<String, Arc<Known>>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
