//! The page's types of rows, events, requests, answers and frames are written from those of Rust; this fails when they are
//! stale.

#[path = "wire/typescript.rs"]
mod typescript;

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;
use trainyard_api::activity::{ActivityQuery, EventPage, EventsQuery, PublicEvent};
use trainyard_api::artifacts::{ArtifactList, ArtifactQuery};
use trainyard_api::audit::Audit;
use trainyard_api::blobs::{BlobQuestion, BlobsMissing, BlobsStored};
use trainyard_api::chats::{
    Approval, Approved, Changes, ChatAnswer, ChatBegun, ChatList, ChatPatch, ChatsQuery, Erased, Message,
    Outlook, ProposalChanged, Spoken,
};
use trainyard_api::console::{ConsoleQuery, ConsoleTold};
use trainyard_api::costs::{CostReport, CostsQuery, NewPrice, Prices};
use trainyard_api::datasets::{DatasetAnswer, DatasetList, DatasetRegistered, LookAnswer, NewDataset};
use trainyard_api::diff::DatasetDiff;
use trainyard_api::endpoints::Deployed;
use trainyard_api::error::ErrorAnswer;
use trainyard_api::feed::FeedAnswer;
use trainyard_api::folders::FolderQuery;
use trainyard_api::hooks::{HookAdded, HookAsked, HookChange, HookList, NewHook};
use trainyard_api::images::{ImageList, ImageQuery};
use trainyard_api::jobs::{
    CheckpointList, Fork, JobAnswer, JobChanged, JobList, JobPatch, JobsQuery, NewJob, Ordered, Resume,
};
use trainyard_api::live::{ClientFrame, ServerFrame};
use trainyard_api::login::{LoggedOut, LoginWays};
use trainyard_api::members::{
    Acceptance, InvitationList, InvitationMade, MemberList, MemberRemoved, MemberRestored, NewInvitation,
};
use trainyard_api::models::{ModelAnswer, ModelList, ModelsQuery};
use trainyard_api::page::{Changed, PageQuery};
use trainyard_api::predict::{PredictAnswer, PredictQuery};
use trainyard_api::preferences::{Preferences, PreferencesAnswer};
use trainyard_api::quarantine::{Because, Quarantine, Skipped};
use trainyard_api::quota::{NewQuota, QuotaAnswer, QuotaSet};
use trainyard_api::registry::{
    AliasMoved, ModelCalls, NewAlias, NewSampling, NewVersion, RegistryAnswer, RegistryList, SampleList,
    VersionRegistered,
};
use trainyard_api::telemetry::{StepCurves, Steps, TelemetryQuery};
use trainyard_api::tenants::{NewTenant, TenantClosed, TenantList, TenantMade};
use trainyard_api::tokens::{NewToken, Rotation, TokenIssued, TokenList, TokenRevoked, TokenRotated, Whoami};
use trainyard_api::workers::{Fleet, NewDrain, NewPause};
use trainyard_events::fleet::WorkerRecord;
use trainyard_events::folders::FolderAnswer;
use trainyard_events::trainer::Telemetry;
use trainyard_events::{ConsoleLines, Envelope, Recorded};
use trainyard_views::{ChatMessage, ChatRow, DatasetRow, EpochRow, JobRow, ModelRow, TokenRow, public_event};

/// Makes the schema of a type known, and gives its name.
type Of = fn(&mut SchemaGenerator) -> String;

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> String {
    generator.subschema_for::<T>();
    T::schema_name().into_owned()
}

/// What a file is for, and the types it must have: what is answered always has all its fields, what is asked may leave some
/// out. Each type stands in the first file that needs it; later ones import it.
struct Module {
    file: &'static str,
    comment: &'static str,
    answered: &'static [Of],
    asked: &'static [Of],
}

const MODULES: [Module; 4] = [
    Module {
        file: "rows.ts",
        comment: "The rows, and the values in them.",
        answered: &[
            of::<JobRow>,
            of::<EpochRow>,
            of::<ChatRow>,
            of::<ChatMessage>,
            of::<DatasetRow>,
            of::<ModelRow>,
            of::<TokenRow>,
            of::<WorkerRecord>,
            of::<Telemetry>,
            of::<ConsoleLines>,
        ],
        asked: &[],
    },
    Module {
        file: "events.ts",
        comment: "The events, with their place in the log beside them.",
        answered: &[of::<PublicEvent>],
        asked: &[],
    },
    Module {
        file: "api.ts",
        comment: "What is asked over HTTP, and what is answered.",
        answered: &[
            of::<ErrorAnswer>,
            of::<Changed>,
            of::<ChatBegun>,
            of::<ChatList>,
            of::<ChatAnswer>,
            of::<Spoken>,
            of::<Approved>,
            of::<ProposalChanged>,
            of::<Outlook>,
            of::<Erased>,
            of::<Ordered>,
            of::<JobList>,
            of::<JobAnswer>,
            of::<JobChanged>,
            of::<Deployed>,
            of::<EventPage>,
            of::<ConsoleTold>,
            of::<Steps>,
            of::<StepCurves>,
            of::<ArtifactList>,
            of::<BlobsMissing>,
            of::<BlobsStored>,
            of::<DatasetRegistered>,
            of::<DatasetList>,
            of::<DatasetDiff>,
            of::<DatasetAnswer>,
            of::<LookAnswer>,
            of::<Preferences>,
            of::<PreferencesAnswer>,
            of::<ImageList>,
            of::<FolderAnswer>,
            of::<ModelList>,
            of::<ModelAnswer>,
            of::<RegistryList>,
            of::<RegistryAnswer>,
            of::<VersionRegistered>,
            of::<AliasMoved>,
            of::<ModelCalls>,
            of::<SampleList>,
            of::<Fleet>,
            of::<PredictAnswer>,
            of::<Whoami>,
            of::<TokenIssued>,
            of::<TokenList>,
            of::<TokenRevoked>,
            of::<TokenRotated>,
            of::<LoginWays>,
            of::<LoggedOut>,
            of::<MemberList>,
            of::<MemberRemoved>,
            of::<MemberRestored>,
            of::<InvitationList>,
            of::<InvitationMade>,
            of::<TenantList>,
            of::<TenantMade>,
            of::<TenantClosed>,
            of::<HookList>,
            of::<HookAdded>,
            of::<HookAsked>,
            of::<QuotaAnswer>,
            of::<QuotaSet>,
            of::<Prices>,
            of::<CostReport>,
            of::<FeedAnswer>,
            of::<Audit>,
            of::<Quarantine>,
            of::<Skipped>,
        ],
        asked: &[
            of::<PageQuery>,
            of::<NewDrain>,
            of::<NewPause>,
            of::<Message>,
            of::<Approval>,
            of::<NewJob>,
            of::<JobPatch>,
            of::<ChatPatch>,
            of::<ChatsQuery>,
            of::<Changes>,
            of::<JobsQuery>,
            of::<ActivityQuery>,
            of::<EventsQuery>,
            of::<ConsoleQuery>,
            of::<TelemetryQuery>,
            of::<ArtifactQuery>,
            of::<NewDataset>,
            of::<ImageQuery>,
            of::<BlobQuestion>,
            of::<ModelsQuery>,
            of::<NewVersion>,
            of::<NewAlias>,
            of::<NewSampling>,
            of::<NewToken>,
            of::<Rotation>,
            of::<NewInvitation>,
            of::<Acceptance>,
            of::<NewTenant>,
            of::<NewHook>,
            of::<HookChange>,
            of::<NewQuota>,
            of::<NewPrice>,
            of::<CostsQuery>,
            of::<Resume>,
            of::<Fork>,
            of::<CheckpointList>,
            of::<FolderQuery>,
            of::<PredictQuery>,
            of::<Because>,
        ],
    },
    Module {
        file: "frames.ts",
        comment: "The frames of `/v1/live`.",
        answered: &[of::<ServerFrame>],
        asked: &[of::<ClientFrame>],
    },
];

#[test]
fn the_page_has_the_types_of_rust() {
    let write = std::env::args().any(|argument| argument == "write-wire");
    let mut answered = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut asked = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let modules = MODULES.map(|module| {
        let mut types: Vec<String> = module.answered.iter().map(|of| of(&mut answered)).collect();
        types.extend(module.asked.iter().map(|of| of(&mut asked)));
        (module, types)
    });
    let mut writer = typescript::Writer::new(answered.take_definitions(true), asked.take_definitions(true));
    for (Module { file, comment, .. }, types) in modules {
        let path = root().join("src/wire").join(file);
        let expected = writer.module(file.trim_end_matches(".ts"), comment, types);
        if write {
            std::fs::write(&path, &expected).expect("the page's sources can be written");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == expected, "{} is stale: write it anew with `make wire`", path.display());
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The schema of an event is put together by hand of its parts: golden events have exactly what it says.
#[test]
fn golden_events_are_as_their_schema_says() {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    of::<PublicEvent>(&mut generator);
    let known = generator.take_definitions(true);
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    let strings = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let families = ["Chat", "Dataset", "Job", "Endpoint", "Maintenance", "Model", "Hook", "Log", "Tenant"]
        .map(|name| &known[&format!("{name}Event")]);
    let kinds: Vec<&Value> =
        families.iter().flat_map(|family| family["oneOf"].as_array().expect("kinds")).collect();
    let golden = std::fs::read_dir(root().join("../../events/tests/golden")).expect("golden events");
    let mut seen = BTreeSet::new();
    for path in golden.map(|entry| entry.expect("an entry").path()) {
        let name = path.display();
        let envelope = Envelope::from_json(&std::fs::read(&path).expect("a file")).expect("an event");
        let mut event = public_event(&Recorded::new(7, envelope));
        let (kind, body) = (event["kind"].take(), event["body"].take());
        let mut around = keys(&known["Envelope"]["properties"]);
        around.extend(["kind".to_owned(), "body".to_owned()]);
        assert_eq!(keys(&event), around, "{name}");
        let schema = kinds.iter().find(|schema| schema["properties"]["kind"]["const"] == kind);
        let schema = &schema.unwrap_or_else(|| panic!("{name} has no schema"))["properties"]["body"];
        assert!(keys(&body).is_subset(&keys(&schema["properties"])), "{name}: {body} {schema}");
        assert!(keys(&body).is_superset(&strings(&schema["required"])), "{name}: {body} {schema}");
        seen.insert(kind.to_string());
    }
    assert_eq!(seen.len(), kinds.len(), "a golden event of every kind");
}
