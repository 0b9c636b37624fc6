//! Every image is asked about, several in a request and few requests at once: others ask the same predictors.

use anyhow::{Result, bail};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use trainyard_api::predict::PredictAnswer;
use trainyard_data::prelabel::{Prelabelled, uncertainty};
use trainyard_events::limits::{IMAGE_BYTES, REQUEST_BODY_BYTES};

use super::model::Model;
use super::source::Source;
use crate::cli::client::Client;
use crate::language::pick;
use crate::out;

/// Images of a request, and their bytes, which leave room for the form around them.
const IMAGES: usize = 16;
const BYTES: usize = REQUEST_BODY_BYTES - IMAGE_BYTES / 4;
/// Images that are fetched for one request at once, and requests on their way.
const FETCHED: usize = 8;
const AT_ONCE: usize = 2;
/// Images named of those that have no answer.
const NAMED: usize = 5;

/// What the model says of each, in the order of their names. Images without an answer are told of and left out.
pub(super) async fn all(client: &Client, model: &Model, source: &Source) -> Result<Vec<Prelabelled>> {
    let language = client.language;
    // Hidden where standard error is no terminal.
    let bar = ProgressBar::new(source.images.len() as u64).with_style(
        ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let names: Vec<&str> = source.images.keys().map(String::as_str).collect();
    let ask = |names: &[&str]| {
        let (names, bar) = (names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), &bar);
        async move {
            let answers = some(client, model, source, &names).await?;
            bar.inc(names.len() as u64);
            Ok::<_, anyhow::Error>(answers)
        }
    };
    let answers: Vec<_> = stream::iter(names.chunks(IMAGES)).map(ask).buffered(AT_ONCE).try_collect().await?;
    bar.finish_and_clear();
    let (mut images, mut bad) = (Vec::new(), Vec::new());
    for answer in answers.into_iter().flatten() {
        match answer {
            Ok(image) => images.push(image),
            Err(why) => bad.push(why),
        }
    }
    bad.iter().take(NAMED).for_each(out::note);
    if !bad.is_empty() {
        let (count, all) = (bad.len(), names.len());
        out::note(pick(
            language,
            format!("이미지 {all}개 가운데 {count}개에 답이 없어 제외했습니다"),
            format!("{count} of {all} images have no answer and are left out"),
        ));
    }
    if images.is_empty() {
        bail!(pick(language, "답을 받은 이미지가 없습니다", "no image has an answer"));
    }
    Ok(images)
}

/// An answer for each of a few, or a line that says why there is none.
async fn some(
    client: &Client,
    model: &Model,
    source: &Source,
    names: &[String],
) -> Result<Vec<Result<Prelabelled, String>>> {
    let fetch = |name: String| async move { source.bytes(client, &name).await };
    let contents: Vec<Bytes> =
        stream::iter(names.to_vec()).map(fetch).buffered(FETCHED).try_collect().await?;
    let mut answers = Vec::new();
    for group in groups(&contents) {
        answers.extend(client.predict_all(&model.at, group).await?);
    }
    let image = |(name, answer): (&String, Result<PredictAnswer, String>)| -> Result<Prelabelled, String> {
        let answer = answer.map_err(|why| format!("{name}: {why}"))?;
        Ok(Prelabelled {
            name: name.clone(),
            width: answer.width,
            height: answer.height,
            uncertainty: uncertainty(model.task, &answer.predictions),
            predictions: answer.predictions,
        })
    };
    Ok(names.iter().zip(answers).map(image).collect())
}

/// Neighbours, as many as one request holds.
fn groups(contents: &[Bytes]) -> Vec<&[Bytes]> {
    let (mut groups, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (index, content) in contents.iter().enumerate() {
        if index > begin && bytes + content.len() > BYTES {
            groups.push(&contents[begin..index]);
            (begin, bytes) = (index, 0);
        }
        bytes += content.len();
    }
    groups.extend((begin < contents.len()).then(|| &contents[begin..]));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_go_together_as_far_as_a_request_holds_them() {
        let sizes = |bytes: &[usize]| -> Vec<usize> {
            let contents: Vec<Bytes> = bytes.iter().map(|bytes| vec![0; *bytes].into()).collect();
            groups(&contents).iter().map(|group| group.len()).collect()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[1; 16]), [16]);
        assert_eq!(sizes(&[BYTES, 1, 1]), [1, 2]);
        assert_eq!(sizes(&[1, IMAGE_BYTES, IMAGE_BYTES, 1]), [2, 2]);
        assert_eq!(sizes(&[BYTES + 1, BYTES + 1]), [1, 1], "what is too large is refused alone");
    }
}
