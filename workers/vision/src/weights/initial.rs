//! Starting from a file of weights: what fits is taken, and everything is accounted for.

use std::path::Path;

use trainyard_events::reason::{Advice, Trouble};

use crate::failure::{Behind, Failure};
use crate::models::{Model, Network};
use crate::weights::file;
use crate::weights::model::{card_of, set};
use trainyard_events::card::Preprocessing;

/// Wrappers that training scripts put before the names.
const PREFIXES: [&str; 4] = ["module.", "model.", "backbone.", "_orig_mod."];
/// Fewer of a model's tensors than this, and the file is of another model.
const LEAST_SHARE: f64 = 0.5;

/// What became of every tensor of the model and of the file.
#[derive(Debug, Default, PartialEq)]
pub struct Report {
    pub loaded: usize,
    pub tensors: usize,
    /// Prefix that was taken off the file's names.
    pub renamed: Option<String>,
    /// In the model but not in the file: they start fresh.
    pub missing: Vec<String>,
    /// In both, but of another shape: they start fresh.
    pub reshaped: Vec<String>,
    /// In the file but not in the model.
    pub unused: Vec<String>,
    /// Whether the head starts fresh because it is for another number of classes.
    pub head_replaced: bool,
    /// What the file's own training did to images, when the file says so.
    pub preprocessing: Option<Preprocessing>,
}

/// Copies what fits into the model.
pub fn load<N: Network>(model: &Model<N>, path: &Path) -> Result<Report, Failure> {
    let file = file::read(path).map_err(|error| {
        let Behind(cause) = error.into();
        Failure::config(Trouble::WeightsUnusable { cause }, Advice::SafetensorsOrNone)
    })?;
    let mine = model.tensors();
    let preprocessing = card_of(&file.metadata).ok().map(|card| card.preprocessing);
    let mut report = Report { tensors: mine.len(), preprocessing, ..Report::default() };
    for (name, values) in &file.tensors {
        let (bare, prefix) = without_prefixes(name);
        match mine.get(bare) {
            Some(tensor) if tensor.size() == values.size() => {
                set(tensor, values)?;
                report.loaded += 1;
                report.renamed = report.renamed.or(prefix);
            }
            Some(_) => report.reshaped.push(bare.to_owned()),
            None if bare.ends_with("num_batches_tracked") => {}
            None => report.unused.push(name.clone()),
        }
    }
    let known: Vec<&str> = file.tensors.keys().map(|name| without_prefixes(name).0).collect();
    report.missing = mine.keys().filter(|name| !known.contains(&name.as_str())).cloned().collect();
    report.head_replaced = report.reshaped.iter().any(|name| N::is_head(name));
    if (report.loaded as f64) < LEAST_SHARE * report.tensors as f64 {
        eprintln!("the initial weights: {report}");
        let (loaded, tensors) = (report.loaded as u64, report.tensors as u64);
        return Err(Failure::config(
            Trouble::WeightsOfOtherModel { loaded, tensors },
            Advice::WeightsOfModel,
        ));
    }
    Ok(report)
}

fn without_prefixes(name: &str) -> (&str, Option<String>) {
    let mut bare = name;
    while let Some(shorter) = PREFIXES.iter().find_map(|prefix| bare.strip_prefix(prefix)) {
        bare = shorter;
    }
    let prefix = &name[..name.len() - bare.len()];
    (bare, (!prefix.is_empty()).then(|| prefix.to_owned()))
}

impl Report {
    /// To the console: what was loaded, and each tensor that was not.
    pub fn tell(&self) {
        eprintln!("initial weights: {self}");
        self.missing.iter().for_each(|name| eprintln!("  starts fresh, missing: {name}"));
        self.reshaped.iter().for_each(|name| eprintln!("  starts fresh, of another shape: {name}"));
        self.unused.iter().for_each(|name| eprintln!("  not used: {name}"));
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} tensors loaded", self.loaded, self.tensors)?;
        if let Some(prefix) = &self.renamed {
            write!(f, ", prefix {prefix:?} taken off")?;
        }
        if self.head_replaced {
            write!(f, ", head replaced")?;
        }
        for (what, names) in
            [("of another shape", &self.reshaped), ("missing", &self.missing), ("not used", &self.unused)]
        {
            if let Some(first) = names.first() {
                write!(
                    f,
                    ", {} {what} ({first}{})",
                    names.len(),
                    if names.len() > 1 { ", ..." } else { "" }
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::models::Shape;
    use crate::models::resnet::ResNet;
    use tch::{Device, Tensor};
    use trainyard_events::job::FailureClass;

    fn model(name: &str, classes: usize, image_size: u32) -> Model<ResNet> {
        Model::new(&Shape { name: name.to_owned(), classes, points: 0, image_size }, Device::Cpu).unwrap()
    }

    /// Saves a model under changed names and loads it into another.
    fn report(
        from: &Model<ResNet>,
        into: &Model<ResNet>,
        rename: impl Fn(&str) -> String,
    ) -> Result<Report, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let tensors: BTreeMap<String, Tensor> =
            from.tensors().into_iter().map(|(name, tensor)| (rename(&name), tensor)).collect();
        file::write(&path, &BTreeMap::new(), &tensors).unwrap();
        load(into, &path)
    }

    #[test]
    fn all_of_the_same_model_loads() {
        let (from, into) = (model("resnet18", 4, 32), model("resnet18", 4, 32));
        let report = report(&from, &into, str::to_owned).unwrap();
        assert_eq!(report, Report { loaded: 102, tensors: 102, ..Report::default() });
        assert_eq!(from.tensors()["layer3.0.conv1.weight"], into.tensors()["layer3.0.conv1.weight"]);
    }

    #[test]
    fn another_head_and_another_stem_start_fresh_and_are_told() {
        let (from, into) = (model("resnet18", 1000, 224), model("resnet18", 4, 32));
        let report = report(&from, &into, |name| format!("module.model.{name}")).unwrap();
        assert_eq!(report.loaded, 99);
        assert_eq!(report.renamed.as_deref(), Some("module.model."));
        assert_eq!(report.reshaped, ["conv1.weight", "fc.bias", "fc.weight"]);
        assert!(report.head_replaced && report.missing.is_empty());
        let text = report.to_string();
        assert!(
            text.contains("head replaced") && text.contains("3 of another shape (conv1.weight, ...)"),
            "{text}"
        );
    }

    #[test]
    fn another_model_is_refused() {
        let failure =
            report(&model("resnet50", 4, 32), &model("resnet18", 4, 32), |name| format!("x.{name}"));
        assert_eq!(failure.unwrap_err().class, FailureClass::Config);
    }

    #[test]
    fn a_missing_or_wrong_file_is_a_failure_of_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let model = model("resnet18", 4, 32);
        assert_eq!(load(&model, &path).unwrap_err().class, FailureClass::Config);
        std::fs::write(&path, "not tensors").unwrap();
        let failure = load(&model, &path).unwrap_err();
        assert!(failure.class == FailureClass::Config && failure.advice == Advice::SafetensorsOrNone);
    }
}
