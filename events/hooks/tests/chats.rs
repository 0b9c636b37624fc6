//! People are told: in chats by sentences in their forms, and by mail through a server that speaks SMTP.

mod house;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use house::receiver::Receiver;
use house::{House, PATIENT, config, tenant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use trainyard_events::hook::{Form, Miss};
use trainyard_events::{Aggregate, Event, JobEvent};
use trainyard_hooks::Mail;
use uuid::Uuid;

fn finished() -> Event {
    Event::Job(JobEvent::Finished {
        token: 1,
        best_epoch: 7,
        measurements: BTreeMap::from([("accuracy".to_owned(), 0.916_66)]),
        classes: vec!["ok".to_owned(), "scratch".to_owned()],
        artifacts: vec![],
        stopped_early: None,
        because: vec![],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_chat_is_told_a_sentence_in_its_own_form() {
    let (house, acme, job) = (House::start().await, tenant("acme"), Uuid::new_v4());
    let forms = [
        (Form::Slack, "/text"),
        (Form::Discord, "/content"),
        (Form::KakaoWork, "/text"),
        (Form::Teams, "/attachments/0/content/body/0/inlines/0/text"),
    ];
    let mut receivers = Vec::new();
    for (form, at) in forms {
        let receiver = Receiver::willing().await;
        house.add(&acme, form, &receiver.url(), &["job.finished"]).await;
        receivers.push((receiver, at));
    }
    let role = house.hooks(house.config(PATIENT)).await;
    house.record(&acme, Aggregate::Job(job), finished()).await;
    let short = &job.to_string()[..8];
    let sentence = format!("[acme] job {short}: training has finished, best at epoch 7: accuracy 91.67 %");
    for (receiver, at) in receivers {
        receiver.until(|got| got.len() == 1).await;
        let got = receiver.got().remove(0);
        assert_eq!(got.headers["content-type"], "application/json");
        let text = got.event.pointer(at).and_then(|text| text.as_str()).expect("a sentence");
        assert!(text.starts_with(&sentence), "{text}");
        assert!(String::from_utf8_lossy(&got.body).contains(&format!("https://train.example/jobs/{job}")));
    }
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_comes_once_the_server_takes_it() {
    let (house, acme, job) = (House::start().await, tenant("acme"), Uuid::new_v4());
    let server = MailServer::start(2).await;
    let mail = Mail::new(&format!("smtp://127.0.0.1:{}", server.port), "Trainyard <trainyard@firma.kr>")
        .expect("a server");
    let hook = house.add(&acme, Form::Mail, "team@firma.kr,boss@firma.kr", &["job.finished"]).await;
    let role = house.hooks(config(house.key.clone(), PATIENT, Some(mail))).await;
    let event = house.record(&acme, Aggregate::Job(job), finished()).await;
    let place = house.place_is(&acme, hook, |place| place.taken == 1).await;
    assert!(place.waiting.is_empty());
    let letters = server.letters();
    assert_eq!(letters.len(), 1, "two were not taken");
    let Letter { from, to, data } = &letters[0];
    assert_eq!(from, "trainyard@firma.kr");
    assert_eq!(to, &["team@firma.kr", "boss@firma.kr"]);
    for expected in [
        &format!("Message-ID: <{event}@firma.kr>"),
        "From: Trainyard <trainyard@firma.kr>",
        "accuracy 91.67 %",
        &format!("https://train.example/jobs/{job}"),
        "application/cloudevents+json",
    ] {
        assert!(data.contains(expected), "{expected} is not in {data}");
    }
    assert_eq!(server.refusals(), 2);
    role.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_is_away_is_said_to_be() {
    let (house, acme) = (House::start().await, tenant("acme"));
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its address");
    let mail = Mail::new(&format!("smtp://{nobody}"), "trainyard@firma.kr").expect("a server");
    let hook = house.add(&acme, Form::Mail, "team@firma.kr", &["job.finished"]).await;
    let role = house.hooks(config(house.key.clone(), PATIENT, Some(mail))).await;
    house.record(&acme, Aggregate::Job(Uuid::new_v4()), finished()).await;
    let place = house.place_is(&acme, hook, |place| place.misses >= 2).await;
    let miss = place.last.expect("a try").miss.expect("nobody has taken it");
    assert!(matches!(&miss, Miss::MailRefused { detail } if detail.contains("refused")), "{miss:?}");
    role.end().await;
}

#[test]
fn a_server_and_a_sender_are_checked_when_they_are_set() {
    assert!(Mail::new("smtps://user:p%40ss@mail.firma.kr", "trainyard@firma.kr").is_ok());
    assert!(Mail::new("smtp://mail.firma.kr:587?tls=required", "Trainyard <trainyard@firma.kr>").is_ok());
    for (url, from) in [
        ("http://mail.firma.kr", "trainyard@firma.kr"),
        ("mail.firma.kr", "trainyard@firma.kr"),
        ("smtp://mail.firma.kr", "nobody"),
    ] {
        assert!(Mail::new(url, from).is_err(), "{url} {from}");
    }
    let shown = Mail::new("smtps://user:hunter2@mail.firma.kr", "trainyard@firma.kr").expect("a server");
    assert!(!format!("{shown:?}").contains("hunter2"));
}

struct Letter {
    from: String,
    to: Vec<String>,
    data: String,
}

/// As much of RFC 5321 as a client needs, and the first letters are not taken.
struct MailServer {
    port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
    refusals: Arc<Mutex<(usize, usize)>>,
}

impl MailServer {
    async fn start(refusals: usize) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let server =
            MailServer { port, letters: Arc::default(), refusals: Arc::new(Mutex::new((0, refusals))) };
        let (letters, refusals) = (server.letters.clone(), server.refusals.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, letters.clone(), refusals.clone()));
            }
        });
        server
    }

    fn letters(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().expect("nobody panics"))
    }

    fn refusals(&self) -> usize {
        self.refusals.lock().expect("nobody panics").0
    }
}

async fn converse(stream: TcpStream, letters: Arc<Mutex<Vec<Letter>>>, refusals: Arc<Mutex<(usize, usize)>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut letter = Letter { from: String::new(), to: Vec::new(), data: String::new() };
    let mut answer = "220 mail.firma.kr ready".to_owned();
    loop {
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let Ok(Ok(Some(line))) = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await
        else {
            return;
        };
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        answer = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => "250 mail.firma.kr".to_owned(),
            "MAIL" => {
                letter.from = address();
                "250 ok".to_owned()
            }
            "RCPT" => {
                letter.to.push(address());
                "250 ok".to_owned()
            }
            "DATA" => {
                if write.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    // Lines that were broken for the way are joined.
                    match line.strip_suffix('=') {
                        Some(part) => letter.data.push_str(part),
                        None => letter.data.push_str(&format!("{line}\n")),
                    }
                }
                taken(&mut letter, &letters, &refusals)
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
    }
}

fn taken(letter: &mut Letter, letters: &Mutex<Vec<Letter>>, refusals: &Mutex<(usize, usize)>) -> String {
    let (said, most) = &mut *refusals.lock().expect("nobody panics");
    if *said < *most {
        *said += 1;
        return "451 try again later".to_owned();
    }
    let empty = Letter { from: String::new(), to: Vec::new(), data: String::new() };
    letters.lock().expect("nobody panics").push(std::mem::replace(letter, empty));
    "250 taken".to_owned()
}
