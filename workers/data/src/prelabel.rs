//! What a model says of images as files that labelling tools import, for people to correct, those first that it is least sure of.
//! None of these files is a label: a reader passes them over.

mod cvat;
mod label_studio;
mod rings;
mod uncertainty;

use trainyard_events::config::Task;
use trainyard_events::prediction::Prediction;

pub use uncertainty::uncertainty;

/// In the data of a task of Label Studio's: which image of the dataset it is.
pub const IMAGE_NAME: &str = "trainyard_image";
/// In the head of an XML file of CVAT's form that holds predictions.
pub const PREDICTED: &str = "<trainyard_predictions/>";

/// A labelling tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    LabelStudio,
    Cvat,
}

/// A model's answers.
#[derive(Clone, Debug)]
pub struct Prelabels {
    pub task: Task,
    /// As people name the model.
    pub model: String,
    /// All that it knows, in the order of its outputs.
    pub classes: Vec<String>,
    /// Of each object of a pose.
    pub keypoints: Vec<String>,
    /// The least sure first.
    pub images: Vec<Prelabelled>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Prelabelled {
    /// As in the dataset.
    pub name: String,
    /// In pixels, upright by its EXIF orientation.
    pub width: u32,
    pub height: u32,
    /// 0 to 1.
    pub uncertainty: f64,
    /// The most confident first.
    pub predictions: Vec<Prediction>,
}

impl Prelabels {
    /// Puts those first that the model is least sure of, equals by name, and keeps so many of them.
    pub fn worst_first(mut self, most: Option<usize>) -> Prelabels {
        self.images.sort_by(|a, b| b.uncertainty.total_cmp(&a.uncertainty).then_with(|| a.name.cmp(&b.name)));
        self.images.truncate(most.unwrap_or(usize::MAX));
        self
    }

    /// Files by their names: what the tool imports, and the labels that it has to be told of first. `image_url` is what the tool
    /// finds an image by, before its name.
    pub fn files(&self, tool: Tool, image_url: &str) -> Vec<(&'static str, String)> {
        match tool {
            Tool::LabelStudio => vec![
                ("tasks.json", label_studio::tasks(self, image_url).to_string()),
                ("labels.xml", label_studio::interface(self)),
            ],
            Tool::Cvat => {
                vec![("annotations.xml", cvat::sheet(self)), ("labels.json", cvat::labels(self).to_string())]
            }
        }
    }

    /// A table of the images in their order.
    pub fn queue(&self) -> String {
        let mut table = csv::Writer::from_writer(Vec::new());
        let rows = (1_u64..).zip(&self.images).map(|(rank, image)| {
            let uncertainty = format!("{:.6}", image.uncertainty);
            [rank.to_string(), image.name.clone(), uncertainty, image.predictions.len().to_string()]
        });
        // Words that no reader of tables takes for those of a table of labels.
        let header = ["rank", "to_label", "uncertainty", "predictions"].map(str::to_owned);
        std::iter::once(header).chain(rows).for_each(|row| {
            table.write_record(row).expect("rows of one length go into memory");
        });
        let bytes = table.into_inner().expect("memory takes everything");
        String::from_utf8(bytes).expect("it was text")
    }

    /// Holes of outlines, which no tool's polygons have: there they are filled.
    pub fn holes(&self) -> usize {
        let all = self.images.iter().flat_map(|image| &image.predictions);
        all.map(|found| rings::outer(&found.polygons).1).sum()
    }

    /// How the point at `place` is called.
    fn point(&self, place: usize) -> String {
        self.keypoints.get(place).cloned().unwrap_or_else(|| (place + 1).to_string())
    }

    /// The names of all points.
    fn points(&self) -> Vec<String> {
        let all = self.images.iter().flat_map(|image| &image.predictions);
        let most = all.map(|found| found.keypoints.len()).max().unwrap_or_default();
        (0..most.max(self.keypoints.len())).map(|place| self.point(place)).collect()
    }
}

impl Prelabelled {
    /// What of the answer becomes a label: of a whole image the likeliest class, else every object.
    fn told(&self, task: Task) -> &[Prediction] {
        let most = if task.is_of_image() { 1 } else { self.predictions.len() };
        &self.predictions[..most.min(self.predictions.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(name: &str, uncertainty: f64) -> Prelabelled {
        let predictions = vec![Prediction::of("cat", 0.5)];
        Prelabelled { name: name.to_owned(), width: 8, height: 8, uncertainty, predictions }
    }

    fn of(images: Vec<Prelabelled>) -> Prelabels {
        let (classes, model) = (vec!["cat".to_owned()], "line3@2".to_owned());
        Prelabels { task: Task::Classify, model, classes, keypoints: Vec::new(), images }
    }

    #[test]
    fn the_least_sure_come_first_and_equals_by_name() {
        let images = || vec![image("b", 0.5), image("c", 0.9), image("a", 0.5), image("d", 0.0)];
        let names = |most| -> Vec<String> {
            of(images()).worst_first(most).images.into_iter().map(|image| image.name).collect()
        };
        assert_eq!(names(None), ["c", "a", "b", "d"]);
        assert_eq!(names(Some(2)), ["c", "a"]);
        assert_eq!(names(Some(9)).len(), 4);
    }

    #[test]
    fn the_table_says_rank_and_uncertainty_of_each() {
        let queue = of(vec![image("a, \"b\".jpg", 0.25), image("c.jpg", 1.0)]).worst_first(None).queue();
        let lines: Vec<&str> = queue.lines().collect();
        assert_eq!(lines[0], "rank,to_label,uncertainty,predictions");
        assert_eq!(lines[1], "1,c.jpg,1.000000,1");
        assert_eq!(lines[2], r#"2,"a, ""b"".jpg",0.250000,1"#);
    }
}
