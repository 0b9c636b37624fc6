//! A client of the gateway: carries the token, says the language, and turns refusals into one line.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::header::ACCEPT_LANGUAGE;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rustls::ClientConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use trainyard_api::Code;
use trainyard_api::predict::{PredictAnswer, PredictReply, PredictResult};
use trainyard_events::chat::Language;
use trainyard_fetch::client_trusting;
use uuid::Uuid;

use super::refusal;
use crate::language::{pick, tag};

const TIMEOUT: Duration = Duration::from_secs(60);
/// One group of files.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Several images, of a model that may have to be loaded first.
const PREDICT_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Of what is asked patiently.
const TRIES: u32 = 6;
/// Before the second try; twice as long before each that follows.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Whom it believes to be the gateway.
    pub tls: Arc<ClientConfig>,
    /// Without a slash at the end.
    pub url: String,
    pub token: String,
    /// What is printed is in it, and the gateway is asked to answer so too.
    pub language: Language,
}

impl Client {
    pub(crate) fn new(url: &str, token: &str, tls: ClientConfig, language: Language) -> Result<Client> {
        let http = client_trusting(tls.clone()).timeout(TIMEOUT).build().context(pick(
            language,
            "HTTP 클라이언트를 만들 수 없습니다",
            "no HTTP client",
        ))?;
        let (url, token) = (url.trim_end_matches('/').to_owned(), token.to_owned());
        Ok(Client { http, tls: Arc::new(tls), url, token, language })
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>> {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::GET, path).query(query)).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>> {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>> {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// The content of an artifact, which is JSON, once the views know of the event at `sequence` that named it.
    pub(crate) async fn artifact(&self, job: Uuid, role: &str, sequence: u64) -> Result<Value> {
        let path = format!("/v1/jobs/{job}/artifacts/{role}?wait_for={sequence}");
        Ok(self.get::<Value>(&path).await?.json)
    }

    /// Uploads one image as anybody's HTTP client would.
    /// `of` is a job, or a registered model with `@` and a version or an alias.
    pub(crate) async fn predict(&self, of: &str, image: &Path) -> Result<Answer<PredictAnswer>> {
        let bytes = tokio::fs::read(image).await.with_context(|| {
            let path = image.display();
            pick(self.language, format!("{path} 파일을 읽을 수 없습니다"), format!("{path} cannot be read"))
        })?;
        let name = image.file_name().map(PathBuf::from).unwrap_or_default().display().to_string();
        let form = reqwest::multipart::Form::new()
            .part("image", reqwest::multipart::Part::bytes(bytes).file_name(name));
        self.send(self.request(Method::POST, &predict_path(of)).multipart(form))
            .await
            .with_context(|| image.display().to_string())
    }

    /// The same of several images at once, patiently: an answer to each in their order, or what is wrong with it.
    pub(crate) async fn predict_all(
        &self,
        of: &str,
        images: &[bytes::Bytes],
    ) -> Result<Vec<Result<PredictAnswer, String>>> {
        let request = || {
            let form = images.iter().fold(reqwest::multipart::Form::new(), |form, image| {
                form.part("image", reqwest::multipart::Part::stream(image.clone()).file_name("image"))
            });
            self.request(Method::POST, &predict_path(of)).timeout(PREDICT_TIMEOUT).multipart(form)
        };
        let response = self.patiently(request).await.with_context(|| self.url.clone())?;
        let answer = match self.answer(response).await {
            Ok(answer) => answer,
            // What is wrong with the only image is no more than that.
            Err(error) if images.len() == 1 && refusal::code_of(&error).is_some_and(is_of_the_image) => {
                return Ok(vec![Err(error.to_string())]);
            }
            Err(error) => return Err(error),
        };
        Ok(match serde_json::from_value(answer)? {
            PredictReply::One(answer) => vec![Ok(answer)],
            PredictReply::All { results } => results.into_iter().map(seen).collect(),
        })
    }

    /// Puts files into the store, each under its hash. What does not come through is tried again.
    pub(crate) async fn upload(&self, files: Vec<(String, Vec<u8>)>) -> Result<()> {
        let files: Vec<(String, bytes::Bytes)> =
            files.into_iter().map(|(name, content)| (name, content.into())).collect();
        let request = || {
            let form = files.iter().fold(reqwest::multipart::Form::new(), |form, (name, content)| {
                let part = reqwest::multipart::Part::stream(content.clone()).file_name("file");
                form.part(name.clone(), part)
            });
            self.request(Method::POST, "/v1/blobs").timeout(UPLOAD_TIMEOUT).multipart(form)
        };
        let response = self.patiently(request).await.context(pick(
            self.language,
            "올리기가 끊겼습니다. 같은 명령을 다시 실행하면 이어서 올립니다",
            "the upload broke off: the same command again goes on from here",
        ))?;
        self.answer(response).await.map(drop)
    }

    /// Asks again while the gateway is away or busy; what is refused for itself is refused again.
    async fn patiently(&self, request: impl Fn() -> RequestBuilder) -> reqwest::Result<Response> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match request().send().await {
                Ok(answer) if !is_passing(answer.status()) => return Ok(answer),
                Ok(_) | Err(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        request().send().await
    }

    /// Bytes of the store, as they are.
    pub(crate) async fn bytes(&self, path: &str) -> Result<bytes::Bytes> {
        let request = self.request(Method::GET, path).timeout(UPLOAD_TIMEOUT);
        let response = request.send().await.with_context(|| self.url.clone())?;
        if !response.status().is_success() {
            self.answer(response).await?;
            bail!("{path}");
        }
        Ok(response.bytes().await?)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.header(ACCEPT_LANGUAGE, tag(self.language))
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Answer<T>> {
        let (url, language) = (&self.url, self.language);
        let response = request.send().await.map_err(|error| {
            let cause = root(&error);
            anyhow!(pick(
                language,
                format!("{url}에서 답이 없습니다({cause}). 실행 중인지 확인하세요"),
                format!("{url} does not answer ({cause}): is it up?"),
            ))
        })?;
        let json = self.answer(response).await?;
        let said = T::deserialize(&json).with_context(|| {
            pick(
                language,
                format!("{url}의 답이 다른 버전의 형식입니다"),
                format!("{url} answers as another version does"),
            )
        })?;
        Ok(Answer { json, said })
    }

    async fn answer(&self, response: Response) -> Result<Value> {
        let language = self.language;
        let status = response.status();
        let body = response.bytes().await.context(pick(
            language,
            "답이 도중에 끊겼습니다. 다시 시도하세요",
            "the answer broke off: try again",
        ))?;
        if status == StatusCode::NO_CONTENT || (status.is_success() && body.is_empty()) {
            return Ok(Value::Null);
        }
        let value: Value = serde_json::from_slice(&body).with_context(|| {
            pick(
                language,
                format!("JSON이 아닌 답입니다({status}). Trainyard 게이트웨이의 주소인지 확인하세요"),
                format!("the answer ({status}) is not JSON: is that address a Trainyard gateway?"),
            )
        })?;
        if status.is_success() {
            return Ok(value);
        }
        match refusal::of_answer(value, &self.url, language) {
            Some(refused) => Err(refused.into()),
            None => bail!(pick(
                language,
                format!("게이트웨이의 답: {status}"),
                format!("the gateway answered {status}"),
            )),
        }
    }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

fn is_of_the_image(code: Code) -> bool {
    matches!(code, Code::NoImage | Code::BadImage | Code::TooLarge)
}

fn seen(result: PredictResult) -> Result<PredictAnswer, String> {
    match result {
        PredictResult::Seen(answer) => Ok(answer),
        PredictResult::Bad { error } => Err(format!("{} ({})", error.message, error.next_step)),
    }
}

fn predict_path(of: &str) -> String {
    match of.contains('@') {
        true => format!("/v1/models/{of}/predict"),
        false => format!("/inference/{of}/predict"),
    }
}

/// An answer as what it is, and as it came, for machines.
pub(crate) struct Answer<T> {
    pub(crate) json: Value,
    said: T,
}

impl<T> Answer<T> {
    pub(crate) fn into_said(self) -> T {
        self.said
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.said
    }
}

/// The innermost cause, which is the one that says something.
fn root(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use trainyard_fetch::tls;

    use super::*;

    const AWAY: &str = "HTTP/1.1 503 Service Unavailable\r\n\r\n{}";

    /// A gateway that answers so, one request after the other; and how many it has had in the end.
    fn gateway(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let serving = std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("somebody asks");
                let (mut asked, mut chunk) = (Vec::new(), [0; 4_096]);
                // To the end of the form, which ends with two dashes.
                while !asked.ends_with(b"--\r\n") {
                    let read = stream.read(&mut chunk).expect("a request");
                    asked.extend_from_slice(&chunk[..read]);
                }
                let length = answer.split_once("\r\n\r\n").expect("a body").1.len();
                let answer = answer.replace(
                    "\r\n\r\n",
                    &format!("\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"),
                );
                stream.write_all(answer.as_bytes()).expect("it listens");
            }
            answers.len()
        });
        (url, serving)
    }

    #[tokio::test]
    async fn files_are_sent_again_while_the_store_is_away_and_never_again_where_they_are_refused() {
        let upload = async |url: &str| {
            let client = Client::new(url, "ty_1", tls(), Language::English).expect("a client");
            client.upload(vec![("aa".to_owned(), b"a photo".to_vec())]).await
        };
        let (url, serving) = gateway(&[AWAY, AWAY, "HTTP/1.1 200 OK\r\n\r\n{\"stored\":1}"]);
        upload(&url).await.expect("the third time it is there");
        assert_eq!(serving.join().expect("it has served"), 3);

        let (url, serving) = gateway(&[
            "HTTP/1.1 409 Conflict\r\n\r\n{\"error\":{\"code\":\"refused\",\"message\":\"no\",\"next_step\":\"look\"}}",
        ]);
        let refused = upload(&url).await.expect_err("it is refused");
        assert_eq!(refused.to_string(), "no (look)");
        assert_eq!(serving.join().expect("it has served"), 1);
    }
}
