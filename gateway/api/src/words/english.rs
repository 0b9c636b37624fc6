//! In English.

use trainyard_views::JobStatus;

use crate::error::{Crowd, Excess, Part, Problem, Said, What};
use crate::rejected::next_step as next_step_of;

pub(crate) fn said(problem: &Problem) -> Said {
    Said::new(message(problem), next_step(problem))
}

fn message(problem: &Problem) -> String {
    match problem {
        Problem::NoToken => "this request carries no token".into(),
        Problem::NotBearer => "the Authorization header is not a bearer token".into(),
        Problem::UnknownToken => "this token is unknown or revoked".into(),
        Problem::TokenExpired => "this token has expired".into(),
        Problem::TooManyLookups => "too many tokens are looked up".into(),
        Problem::NoAuthFrame => "the first frame must be {\"type\":\"auth\",\"token\":...}".into(),
        Problem::NeedsRole { role } => format!("this needs a token with the role {}", role.name()),
        Problem::OutOfScope { scope } => {
            format!("this token is confined, and may not reach {}", scope.name())
        }
        Problem::OtherOrigin => "a page of another origin may not do this".into(),
        Problem::NoLogin => "nobody logs in here with a company's account".into(),
        Problem::LoginForgotten => {
            "this browser has begun no login here, has ended it already, or began it too long ago".into()
        }
        Problem::LoginRefused { detail } => format!("the login was refused: {detail}"),
        Problem::NoGroup { name } => format!("no group of {name} opens anything on this platform"),
        Problem::NotAnOperator => {
            "only admins of the operators' tenant may do this: it concerns every tenant".into()
        }
        Problem::TenantInUse { jobs } => format!("{jobs} jobs of this tenant have not ended"),
        Problem::TooMany { excess: Excess::Token, .. } => {
            "this token asks more than a gateway answers".into()
        }
        Problem::TooMany { excess: Excess::Tenant, .. } => {
            "the tokens of this tenant ask more than a gateway answers".into()
        }
        Problem::TooMany { excess: Excess::Address, .. } => {
            "this address asks more than a gateway answers".into()
        }
        Problem::TooMany { excess: Excess::UnknownTokens, .. } => "too many unknown tokens are tried".into(),
        Problem::NotFound { what } => format!("there is no such {}", name(*what)),
        Problem::NoSuchRoute { path } => format!("there is nothing at {path}"),
        Problem::NoSuchMethod { path, method } => format!("{path} does not take {method}"),
        Problem::ArtifactGone { key } => format!("{key} is not in the store"),
        Problem::BodyBroken { detail } => format!("the body of this request cannot be read: {detail}"),
        Problem::BadUpload { detail } => format!("the upload cannot be read: {detail}"),
        Problem::OtherContent { name, found } => {
            format!("the file in the field {name} has the SHA-256 {found}: it changed on the way, or before")
        }
        Problem::NoSuchBlob { sha256 } => format!("no file with the SHA-256 {sha256} was uploaded"),
        Problem::ImageChanged { name } => {
            format!("{name} is gone from its folder, or is another image now than the one that was looked at")
        }
        Problem::NotDrawn { name } => format!("{name} is no JPEG, PNG, WebP, GIF or BMP"),
        Problem::VersionTooLarge { bytes, bytes_max } => {
            format!("the manifest of this version has {bytes} bytes, and images are listed up to {bytes_max}")
        }
        Problem::DatasetBytes { used, asked: Some(asked), limit } => {
            format!("the quota of {limit} bytes for datasets has no room for {asked} more: {used} are used")
        }
        Problem::DatasetBytes { used, asked: None, limit } => {
            format!("the quota of {limit} bytes for datasets is used up: {used} are used")
        }
        Problem::DatasetInUse { jobs } => {
            format!(
                "{} not ended and {} it: {}",
                many(jobs, "a job has", "jobs have"),
                many(jobs, "needs", "need"),
                numbers(jobs)
            )
        }
        Problem::NoSuchModelVersion { written } => {
            format!("no model, version or alias is called {written:?}")
        }
        Problem::EndpointInUse { aliases } => {
            format!("the model answers for {}", aliases.join(", "))
        }
        Problem::NoSuchReference { reference } => format!("the dataset has no version or tag {reference:?}"),
        Problem::ManifestUnread { number, newer: true } => {
            format!("the manifest of version {number} is of a newer release")
        }
        Problem::ManifestUnread { number, newer: false } => {
            format!("the manifest of version {number} is broken")
        }
        Problem::BadBody { detail } => format!("the body is not the JSON this route takes: {detail}"),
        Problem::BadQuery { detail } => format!("the query string does not fit: {detail}"),
        Problem::BadAddress { detail } => format!("the address cannot be read: {detail}"),
        Problem::BadWaitFor => "wait_for is not a sequence".into(),
        Problem::BadKey { chars_max } => format!("an Idempotency-Key is 1 to {chars_max} characters of text"),
        Problem::NoSuchStatus { word } => format!("{word:?} is no status of a job"),
        Problem::BadAggregate { detail } | Problem::NotASocket { detail } => detail.clone(),
        Problem::BodyTooLarge { bytes_max } => format!("the body has more than {bytes_max} bytes"),
        Problem::ImageTooLarge { bytes_max } => format!("the image is more than {bytes_max} bytes"),
        Problem::TooSlow { .. } => "the body of this request came too slowly".into(),
        Problem::BadFields { detail } => format!("the configuration does not fit: {detail}"),
        Problem::ContinuesGiven => "a configuration does not say what it continues".into(),
        Problem::NotTrainableYet { model, instead } => {
            format!("{model} is planned, but this version does not train it yet; choose {instead}")
        }
        Problem::NeedsRunner { model, runner, instead, .. } => {
            format!("{model} needs the {runner} runner, which no worker has; trainable now: {instead}")
        }
        Problem::KeyTaken => "this Idempotency-Key belongs to another request".into(),
        Problem::BadReason { chars_max } => format!("a reason has 1 to {chars_max} characters"),
        Problem::Quarantined { sequence, reason } => format!(
            "event {sequence} of this history cannot be read ({reason}): upgrade, or skip it with `trainyard \
             events skip`"
        ),
        Problem::NotQuarantined => "there is no such event in quarantine".into(),
        Problem::DatasetLookedAt => {
            "the dataset has been looked at since this was proposed, and the proposal is made anew".into()
        }
        Problem::AlreadyApproved => "somebody else has just approved this".into(),
        Problem::AlreadySo => "somebody else has just done that in this chat".into(),
        Problem::AlreadyIssued => "this request has made its token already, whose text was shown then".into(),
        Problem::NoHooks => "this platform has no key to keep the addresses of hooks with".into(),
        Problem::EndTooFar => "expires_at is beyond the year 9999".into(),
        Problem::JobStillRuns => {
            "It has not stopped: an interrupted attempt goes on by itself from its last checkpoint.".into()
        }
        Problem::NothingLeft { number } => {
            format!("Job {number} has finished, so there is nothing to go on with.")
        }
        Problem::NoCheckpoint { number } => {
            format!("Job {number} stopped before it left a checkpoint, so it cannot go on.")
        }
        Problem::CheckpointGone { number } => {
            format!("The checkpoint of job {number} is not kept any more, so it cannot go on.")
        }
        Problem::NoSuchCheckpoint { number, kept } => {
            let places = kept.iter().map(|(epoch, step)| format!("epoch {epoch} (step {step})"));
            let places = places.collect::<Vec<_>>().join(", ");
            format!("Job {number} keeps no checkpoint of that place. It keeps {places}.")
        }
        Problem::NoModelYet { number } => format!("job {number} has no model yet"),
        Problem::NotDeployed { number } => format!("the model of job {number} is not deployed"),
        Problem::NoModel { number, status } => {
            format!("job {number} has no model: it is {}", status.name())
        }
        Problem::NoCertificate { number, status } => {
            format!("job {number} has no certificate: it is {}", status.name())
        }
        Problem::NotAForm => "the body is not a multipart form".into(),
        Problem::NoImageField => "the form has no field `image`".into(),
        Problem::TooManyImages { images_max } => format!("there are more than {images_max} images"),
        Problem::NotBase64 => "the image is neither base64 nor an https:// address".into(),
        Problem::ImageNotAllowed { host } => format!("no image is fetched from `{host}`"),
        Problem::ImageNotFetched { host, status: Some(status) } => {
            format!("`{host}` answers {status} when it is asked for the image")
        }
        Problem::ImageNotFetched { host, status: None } => format!("the image does not come from `{host}`"),
        Problem::EmptyImage => "the field `image` is empty".into(),
        Problem::BrokenForm { detail } => format!("the multipart form is broken: {detail}"),
        Problem::BadImage { detail, .. }
        | Problem::BadModel { detail }
        | Problem::PredictorBusy { detail } => detail.clone(),
        Problem::NoWorker => "no worker is there, and only workers see their folders".into(),
        Problem::OutsideRoots { path } => format!("{path} is not below a folder that may be read for you"),
        Problem::NoSuchFolder { path } => format!("there is no folder {path}"),
        Problem::FolderUnreadable { path, detail } => format!("{path} cannot be read: {detail}"),
        Problem::NoPredictor => "no predictor is running; start one with `trainyard up` or a worker".into(),
        Problem::PredictorTimedOut => "no predictor answered in time".into(),
        Problem::Unavailable { part, detail } => format!("{}: {detail}", away(*part)),
        Problem::ViewsBehind { events } => {
            format!("what is asked for may be among {events} events that the views do not show yet")
        }
        Problem::TimedOut { seconds } => format!("there was no answer within {seconds} s"),
        Problem::OnlyTls => {
            "this gateway speaks TLS alone, and what was just sent could be read on its way".into()
        }
        Problem::TooManyConnections { most } => format!("this address has {most} connections open already"),
        Problem::TooManySockets { crowd, most } => match crowd {
            Crowd::Token => format!("this token has {most} sockets open already"),
            Crowd::Tenant => format!("the tokens of this tenant have {most} sockets open already"),
            Crowd::Address => format!("{most} sockets of this address have yet to say who they are"),
            Crowd::Unnamed => format!("{most} sockets have yet to say who they are"),
        },
        Problem::NoSocketLeft { most } => format!("{most} sockets are open already"),
        Problem::NewerViews => "the views in this database were made by a newer Trainyard: upgrade this \
            binary, or point it at another database"
            .into(),
        Problem::Internal { detail } => detail.clone(),
        Problem::NotText => "frames are JSON text".into(),
        Problem::BadFrame { detail } => format!("the frame is not one this gateway knows: {detail}"),
        Problem::FrameTooLarge { bytes_max } => format!("a frame has at most {bytes_max} bytes"),
        Problem::UnknownTopic { topic } => {
            format!("{topic:?} is not a topic: use jobs, job:<id>, chat:<id>, workers or activity")
        }
        Problem::TooManyTopics { most } => {
            format!("a socket has at most {most} topics: unsubscribe from one first")
        }
        Problem::TopicUnavailable { detail } => {
            format!("the views cannot be read now ({detail}): subscribe again in a few seconds")
        }
        Problem::CannotBe { english, .. } => english.clone(),
        Problem::Refused { rejection } => trainyard_words::english(rejection),
    }
}

fn next_step(problem: &Problem) -> String {
    let again = "try again in a few seconds; /readyz says which part is away";
    let anew = "run it again from the start: POST /v1/jobs with its configuration, changed as you like";
    match problem {
        Problem::NoToken | Problem::NotBearer | Problem::UnknownToken | Problem::NoAuthFrame => {
            "send the header `Authorization: Bearer ty_...`; `trainyard token create NAME` makes one".into()
        }
        Problem::TokenExpired => "ask an admin of your tenant for another".into(),
        Problem::NeedsRole { .. } => "ask an admin of your tenant for one".into(),
        Problem::OutOfScope { .. } => {
            "use another token, or ask an admin of your tenant for one that reaches it".into()
        }
        Problem::NoLogin => {
            "come in with a token, or ask the operator to set TRAINYARD_OIDC_ISSUER, see docs/OPERATIONS.md".into()
        }
        Problem::LoginForgotten | Problem::LoginRefused { .. } => "log in again from the dashboard".into(),
        Problem::NoGroup { .. } => {
            "ask for a group that does; the operator names groups in TRAINYARD_OIDC_GROUPS".into()
        }
        Problem::NotAnOperator => "ask the operator of this platform".into(),
        Problem::TenantInUse { .. } => "cancel them or wait for them, then close it".into(),
        Problem::OtherOrigin => {
            "open the dashboard at this gateway's own address, or set TRAINYARD_PUBLIC_URL to the one people use".into()
        }
        Problem::TooMany { wait_ms, per_second, .. } => {
            format!("ask again in {wait_ms} ms, and at most {per_second} times a second")
        }
        Problem::NotFound { what } => format!("look at the list of {}s for what there is", name(*what)),
        Problem::NoSuchRoute { .. } => "/openapi.json lists what there is".into(),
        Problem::NoSuchMethod { .. } => "/openapi.json lists the methods of every route".into(),
        Problem::ArtifactGone { .. } => {
            "the artifact was collected; train or look at the dataset again to have it back".into()
        }
        Problem::BodyBroken { .. } => "send the request again".into(),
        Problem::BadUpload { .. } => {
            "send multipart form data with a field for each file, named by its SHA-256".into()
        }
        Problem::OtherContent { .. } => "hash the file again and send it under that".into(),
        Problem::NoSuchBlob { .. } => "upload it with POST /v1/blobs first".into(),
        Problem::ImageChanged { .. } => {
            "look at the folder again; `trainyard datasets add NAME FOLDER` keeps its images in the store".into()
        }
        Problem::NotDrawn { .. } => "fetch the file as it is with GET /v1/blobs/{sha256}".into(),
        Problem::VersionTooLarge { .. } => {
            "read the manifest itself, at /v1/datasets/{id}/versions/{number}".into()
        }
        Problem::DatasetBytes { .. } => {
            "delete a dataset or a version that nobody needs (`trainyard datasets delete NAME@1`), which makes room within a day, or ask an admin of your tenant for more".into()
        }
        Problem::DatasetInUse { .. } => "wait for them to end, or cancel them, then delete it".into(),
        Problem::NoSuchModelVersion { .. } => {
            "write NAME@VERSION or NAME@ALIAS; GET /v1/registry lists the models that there are".into()
        }
        Problem::EndpointInUse { .. } => {
            "have the alias name another version, or remove it, then stop this one answering".into()
        }
        Problem::NoSuchReference { .. } => "look at the dataset for the versions and tags that it has".into(),
        Problem::ManifestUnread { newer: true, .. } => "upgrade the platform".into(),
        Problem::ManifestUnread { newer: false, .. } => "look at the dataset again".into(),
        Problem::BadBody { .. } => "send JSON with the fields that /openapi.json names".into(),
        Problem::BadQuery { .. } => "use the parameters that /openapi.json names".into(),
        Problem::BadAddress { .. } => "write it in UTF-8, percent-encoded".into(),
        Problem::BadWaitFor => "send the sequence that a write was answered with".into(),
        Problem::BadKey { .. } => "send a shorter key, such as a UUID".into(),
        Problem::NoSuchStatus { .. } => {
            let names = JobStatus::ALL.map(JobStatus::name);
            let (last, others) = names.split_last().expect("jobs have states");
            format!("{} and {last} are", others.join(", "))
        }
        Problem::BadAggregate { .. } => "write it like job/01890a5d-ac96-774b-bcce-b302099a8057".into(),
        Problem::NotASocket { .. } => "open this address as a websocket".into(),
        Problem::BodyTooLarge { .. } | Problem::ImageTooLarge { .. } => "send less".into(),
        Problem::TooSlow { bytes_per_second } => {
            format!("send at least {} KiB a second, or a smaller body", bytes_per_second / 1024)
        }
        Problem::BadFields { .. } => "send fields of a training configuration, such as \
            {\"model\":\"resnet18\",\"dataset\":\"data/digits\"}"
            .into(),
        Problem::ContinuesGiven => "go on with a stopped job by POST /v1/jobs/{id}/resume, from any checkpoint by POST \
            /v1/jobs/{id}/fork; leave `continues` out to train from the start"
            .into(),
        Problem::NeedsRunner { install, .. } => {
            format!("`trainyard runners install {install}` on a worker, or choose a model that GET /v1/models shows as trainable")
        }
        Problem::NotTrainableYet { .. } => {
            "choose a model that GET /v1/models shows as trainable".into()
        }
        Problem::KeyTaken => {
            "send another key with another request, and the same key only with the same one".into()
        }
        Problem::BadReason { .. } => "say why the event may be skipped: it stands in the log for ever".into(),
        Problem::Quarantined { .. } => {
            "nothing can be done with it until this platform is upgraded or the event is skipped".into()
        }
        Problem::NotQuarantined => "`trainyard events quarantine` lists what can be skipped".into(),
        Problem::DatasetLookedAt => "read the chat's open proposal and approve its hash".into(),
        Problem::AlreadyApproved | Problem::AlreadySo => "read the chat again".into(),
        Problem::AlreadyIssued => "revoke that token and make another with a new Idempotency-Key".into(),
        Problem::NoHooks => "ask its operator to set TRAINYARD_HOOKS_KEY, see docs/OPERATIONS.md".into(),
        Problem::EndTooFar => "send an earlier time, or none".into(),
        Problem::JobStillRuns => "cancel it first if it is to go on elsewhere".into(),
        Problem::NothingLeft { .. } | Problem::NoCheckpoint { .. } | Problem::CheckpointGone { .. } => {
            anew.into()
        }
        Problem::NoSuchCheckpoint { .. } => "name one of these, or leave the place out for the newest".into(),
        Problem::NoModelYet { .. } => "wait until it has finished, then deploy it".into(),
        Problem::NotDeployed { number } => format!("deploy it with POST /v1/jobs/{number}/deploy"),
        Problem::NoModel { status, .. } if status.is_terminal() => {
            "it will never have a model; choose a finished job".into()
        }
        Problem::NoModel { number, .. } => {
            format!("wait until it has finished, then deploy it with POST /v1/jobs/{number}/deploy")
        }
        Problem::NoCertificate { .. } => "ask once it has finished, or of another job that has".into(),
        Problem::TooManyImages { images_max } => format!("send at most {images_max} in one request"),
        Problem::NotBase64 => "send each image of `images` as base64, or a form with fields `image`".into(),
        Problem::ImageNotAllowed { .. } => {
            "send the image itself; an operator allows hosts with TRAINYARD_IMAGE_HOSTS".into()
        }
        Problem::ImageNotFetched { .. } => "open the address yourself, then ask again or send the image".into(),
        Problem::NotAForm | Problem::NoImageField | Problem::EmptyImage | Problem::BrokenForm { .. } => {
            "send a file as multipart form data, such as `curl -F image=@photo.jpg`".into()
        }
        Problem::BadImage { .. } => {
            "send a JPEG, PNG, WebP or BMP image in the multipart field `image`".into()
        }
        Problem::BadModel { .. } => "look at the predictor's log, then deploy the job again".into(),
        Problem::NoWorker => "start one with `trainyard worker`, then ask again; you can also upload the images".into(),
        Problem::OutsideRoots { .. } => {
            "choose one that GET /v1/roots lists; an operator allows others with TRAINYARD_DATASET_ROOTS".into()
        }
        Problem::NoSuchFolder { .. } => "go back to the folder above it".into(),
        Problem::FolderUnreadable { .. } => {
            "give the account that the worker runs under the right to read it, or upload the images".into()
        }
        Problem::NoPredictor => "start one with `trainyard up` or `trainyard worker`".into(),
        Problem::PredictorBusy { .. } => "try again in a moment".into(),
        Problem::PredictorTimedOut => "try again; the first image loads the model".into(),
        Problem::OnlyTls => "ask https:// instead; if a token was sent, issue another one in its place".into(),
        Problem::TooManyConnections { .. } => {
            "close one of them first; behind a proxy, ask whoever runs this to trust it".into()
        }
        Problem::TooManySockets { .. } => "close one of them first".into(),
        Problem::Unavailable { .. }
        | Problem::ViewsBehind { .. }
        | Problem::NoSocketLeft { .. }
        | Problem::TooManyLookups => again.into(),
        Problem::TimedOut { .. } => "try again; what was asked may have happened all the same".into(),
        Problem::NewerViews | Problem::Internal { .. } => "look at the gateway's log, then report it".into(),
        Problem::NotText | Problem::BadFrame { .. } => {
            "send {\"type\":\"subscribe\",\"topic\":...} or {\"type\":\"unsubscribe\",\"topic\":...}".into()
        }
        Problem::FrameTooLarge { .. } => "send a shorter frame".into(),
        Problem::UnknownTopic { .. } => "subscribe to one of these".into(),
        Problem::TooManyTopics { .. } => "unsubscribe from one first".into(),
        Problem::TopicUnavailable { .. } => "subscribe again in a few seconds".into(),
        Problem::CannotBe { .. } => "correct what is named; GET /v1/models lists the models".into(),
        Problem::Refused { rejection } => next_step_of(rejection).0.into(),
    }
}

fn many<'w>(jobs: &[u64], one: &'w str, more: &'w str) -> &'w str {
    if jobs.len() == 1 { one } else { more }
}

fn numbers(jobs: &[u64]) -> String {
    jobs.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(", ")
}

fn name(what: What) -> &'static str {
    match what {
        What::Chat => "chat",
        What::Job => "job",
        What::Dataset => "dataset",
        What::Artifact => "artifact",
        What::Model => "model",
        What::NamedModel => "registered model",
        What::Token => "token",
        What::Tenant => "tenant",
        What::Hook => "hook",
        What::Worker => "worker",
        What::Member => "member",
        What::Invitation => "invitation",
    }
}

fn away(part: Part) -> &'static str {
    match part {
        Part::Log => "the event log is not available",
        Part::Bus => "the bus cannot be used now",
        Part::Views => "Postgres cannot be used now",
        Part::Store => "the artifact store cannot be used now",
        Part::Workers => "workers cannot be asked now",
        Part::Predictors => "predictors cannot be reached now",
        Part::Provider => "who vouches for people cannot be asked now",
    }
}
