//! A loaded model: the runtime's session, the card that says what its outputs are, and the check that they are so.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::ep::{CUDA, ExecutionProvider};
use ort::logging::LogLevel;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{RunOptions, Session, SessionOutputs};
use ort::value::{Outlet, TensorElementType, TensorRef, ValueType};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use trainyard_events::card::{Card, Output, Preprocessing};
use trainyard_events::limits::{CLASSES, IMAGE_SIZE_MAX};
use trainyard_events::prediction::PredictRefusal;

use crate::convert;
use crate::limits::{FORWARD, LOAD};
use crate::onnx;
use crate::outputs::{self, Answer, Tensors};
use crate::prepare::Prepared;

const INPUT: &str = "images";

/// ONNX Runtime, with one pool of threads for all models.
#[derive(Clone)]
pub struct Runtime {
    environment: Arc<Environment>,
    /// Where the library is one for GPUs and finds one.
    is_on_gpu: bool,
}

impl Runtime {
    /// `library` is `libonnxruntime.so`, `threads` those of arithmetic, 0 for one a core. Once in a process.
    ///
    /// # Errors
    /// In a sentence that says what to do.
    pub fn start(library: &Path, threads: usize) -> Result<Runtime, String> {
        let absent = |error: String| {
            let at = library.display();
            format!(
                "ONNX Runtime is not to be had from {at} ({error}): run `make tools`, or set TRAINYARD_ONNXRUNTIME to its libonnxruntime.so"
            )
        };
        let builder = ort::init_from(library).map_err(|error| absent(error.to_string()))?;
        // Threads that spin take the time of those that decode the next images.
        let pool = GlobalThreadPoolOptions::default()
            .with_intra_threads(threads)
            .and_then(|pool| pool.with_inter_threads(1))
            .and_then(|pool| pool.with_spin_control(false))
            .map_err(|error| absent(error.to_string()))?;
        let environment =
            builder.with_name("trainyard").with_telemetry(false).with_global_thread_pool(pool).build();
        let environment = environment.map_err(|error| absent(error.to_string()))?;
        let mut runtime = Runtime { environment: Arc::new(environment), is_on_gpu: false };
        runtime.is_on_gpu = runtime.finds_a_gpu();
        Ok(runtime)
    }

    pub fn is_on_gpu(&self) -> bool {
        self.is_on_gpu
    }

    /// That a library for GPUs finds none is no reason not to answer.
    fn finds_a_gpu(&self) -> bool {
        if !CUDA::is_available().is_ok_and(|is_for_gpus| is_for_gpus) {
            return false;
        }
        let tried = self.on_cpu().and_then(on_gpu);
        tried
            .inspect_err(|error| eprintln!("models answer on the CPU, since no GPU can be used: {error}"))
            .is_ok()
    }

    fn session(&self) -> ort::Result<SessionBuilder> {
        let builder = self.on_cpu()?;
        if self.is_on_gpu { on_gpu(builder) } else { Ok(builder) }
    }

    fn on_cpu(&self) -> ort::Result<SessionBuilder> {
        // What goes wrong is told once, by whoever asked.
        Ok(Session::builder(&self.environment)?
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .with_log_level(LogLevel::Fatal)?)
    }
}

/// What the GPU has no operation for is computed on the CPU.
fn on_gpu(builder: SessionBuilder) -> ort::Result<SessionBuilder> {
    Ok(builder.with_execution_providers([CUDA::default().build().error_on_failure()])?)
}

/// Ends what takes too long.
#[derive(Clone)]
pub struct Watch {
    /// Its timers run here.
    pub runtime: Handle,
    /// What a model has to load.
    pub load: Duration,
    /// And for one pass.
    pub forward: Duration,
}

impl Watch {
    /// On the runtime that calls.
    pub fn here() -> Watch {
        Watch { runtime: Handle::current(), load: LOAD, forward: FORWARD }
    }

    /// What is ended fails with a reason of its own.
    fn after(
        &self,
        time: Duration,
        end: impl FnOnce() -> ort::Result<()> + Send + 'static,
    ) -> JoinHandle<()> {
        self.runtime.spawn(async move {
            tokio::time::sleep(time).await;
            if let Err(error) = end() {
                eprintln!("a model that takes longer than {time:?} cannot be ended: {error}");
            }
        })
    }
}

pub struct Model {
    session: Session,
    card: Card,
    output: Output,
}

impl Model {
    /// Whoever calls has a thread for it, and a runtime that watches the time.
    pub fn load(runtime: &Runtime, path: &Path, watch: &Watch) -> Result<Model, PredictRefusal> {
        let file = convert::onnx(path)?;
        let card = onnx::card(&file).map_err(PredictRefusal::bad_model)?;
        let output = checked(&card)?;
        let failed = |error: &ort::Error| {
            PredictRefusal::bad_model(format!("ONNX Runtime does not load the model: {error}"))
        };
        let mut builder = runtime.session().map_err(|error| failed(&error))?;
        let canceler = builder.canceler();
        let late = watch.after(watch.load, move || canceler.cancel());
        let session = builder.commit_from_memory(&file);
        late.abort();
        let session = session.map_err(|error| failed(&error))?;
        check_input(&session, &card.preprocessing)?;
        outputs::check(output, &card, session.outputs()).map_err(PredictRefusal::bad_model)?;
        Ok(Model { session, card, output })
    }

    pub fn preprocessing(&self) -> &Preprocessing {
        &self.card.preprocessing
    }

    /// For each image its answer, as if it were alone.
    pub fn answer(&mut self, images: &[Prepared], watch: &Watch) -> Result<Vec<Answer>, PredictRefusal> {
        let side = self.card.preprocessing.image_size as usize;
        let joined: Vec<f32>;
        let pixels = match images {
            [one] => &one.planes,
            many => {
                joined = many.iter().flat_map(|image| &image.planes).copied().collect();
                &joined
            }
        };
        let failed =
            |error: ort::Error| PredictRefusal::bad_model(format!("the model cannot be computed: {error}"));
        let tensor =
            TensorRef::from_array_view(([images.len(), 3, side, side], pixels.as_slice())).map_err(failed)?;
        let options = Arc::new(RunOptions::new().map_err(failed)?);
        let late = {
            let options = options.clone();
            watch.after(watch.forward, move || options.terminate())
        };
        let told = self.session.run_with_options(ort::inputs![INPUT => tensor], &options);
        late.abort();
        let told = told.map_err(failed)?;
        outputs::read(self.output, &self.card, &tensors(&told, images.len())?, images)
            .map_err(PredictRefusal::bad_model)
    }
}

/// A card that says nothing impossible.
fn checked(card: &Card) -> Result<Output, PredictRefusal> {
    let Preprocessing { image_size, mean, std, .. } = &card.preprocessing;
    let bad = |what: &str| Err(PredictRefusal::bad_model(format!("the model's card {what}")));
    if !(1..=IMAGE_SIZE_MAX).contains(image_size) {
        return bad(&format!("has an image size of {image_size}: 1 to {IMAGE_SIZE_MAX} is possible"));
    }
    if mean.iter().any(|mean| !mean.is_finite()) || std.iter().any(|std| !std.is_normal()) {
        return bad("normalises with numbers that are not possible");
    }
    if let Some(threshold) = card.threshold.filter(|threshold| !(*threshold > 0.0 && *threshold < 1.0)) {
        return bad(&format!("has the threshold {threshold}: between 0 and 1 is possible"));
    }
    if card.classes.len() > CLASSES {
        return bad(&format!("has {} classes: {CLASSES} are possible", card.classes.len()));
    }
    match card.output {
        Some(Output::Anomaly) => Ok(Output::Anomaly),
        Some(_) if card.classes.is_empty() => bad("has no classes"),
        Some(output) => Ok(output),
        None => bad("does not say what the outputs are (`output`)"),
    }
}

fn check_input(session: &Session, preprocessing: &Preprocessing) -> Result<(), PredictRefusal> {
    let side = i64::from(preprocessing.image_size);
    let fits = |input: &Outlet| {
        let is = |shape: &[i64]| {
            shape.len() == 4
                && shape[0] < 0
                && [3, side, side].iter().zip(&shape[1..]).all(|(wanted, is)| *is < 0 || is == wanted)
        };
        input.name() == INPUT
            && input.dtype().tensor_type() == Some(TensorElementType::Float32)
            && input.dtype().tensor_shape().is_some_and(|shape| is(shape))
    };
    match session.inputs() {
        [input] if fits(input) => Ok(()),
        inputs => {
            let is: Vec<String> = inputs.iter().map(described).collect();
            Err(PredictRefusal::bad_model(format!(
                "the model takes {}: its one input must be `{INPUT}`, floats [N, 3, {side}, {side}] with N free",
                is.join(", ")
            )))
        }
    }
}

/// Name and shape, for people.
pub fn described(outlet: &Outlet) -> String {
    match outlet.dtype() {
        ValueType::Tensor { ty, shape, .. } => {
            let sizes: Vec<String> =
                shape.iter().map(|size| if *size < 0 { "?".to_owned() } else { size.to_string() }).collect();
            format!("`{}` {ty} [{}]", outlet.name(), sizes.join(", "))
        }
        _ => format!("`{}`, which is no tensor", outlet.name()),
    }
}

/// The outputs as finite floats, the first dimension being that of the images.
fn tensors<'a>(told: &'a SessionOutputs<'_>, images: usize) -> Result<Tensors<'a>, PredictRefusal> {
    let mut tensors = Tensors::default();
    for name in told.keys() {
        let Some(Ok((shape, values))) = told.get(name).map(|value| value.try_extract_tensor::<f32>()) else {
            continue;
        };
        let shape: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
        if shape.first() != Some(&images) {
            return Err(PredictRefusal::bad_model(format!("`{name}` answers {shape:?} to {images} images")));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(PredictRefusal::bad_model(format!("`{name}` has numbers that are not finite")));
        }
        tensors.add(name, shape, values);
    }
    Ok(tensors)
}
