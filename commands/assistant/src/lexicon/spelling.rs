//! English as it is typed in a chat.

/// Abbreviations and the misspellings that no rule of thumb finds.
pub(crate) const MEANT: &[(&str, &str)] = &[
    ("u", "you"), ("ur", "your"), ("r", "are"), ("wat", "what"), ("wut", "what"), ("wats", "whats"),
    ("pls", "please"), ("plz", "please"), ("plss", "please"), ("thx", "thanks"), ("ty", "thanks"),
    ("gimme", "give me"), ("lemme", "let me"), ("wanna", "want to"), ("gonna", "going to"),
    ("bout", "about"), ("goin", "going"), ("doin", "doing"), ("runnin", "running"), ("trainin", "training"),
    ("cuz", "because"), ("bc", "because"), ("yea", "yeah"), ("yeh", "yeah"), ("yess", "yes"),
    ("yup", "yes"), ("kk", "ok"), ("okie", "ok"), ("aight", "alright"), ("nvm", "never mind"),
    ("nvmd", "never mind"), ("naw", "nah"), ("idk", "i dont know"), ("msg", "message"), ("cfg", "config"),
    ("perf", "performance"), ("reccomend", "recommend"), ("reccommend", "recommend"),
    ("recomend", "recommend"), ("recommand", "recommend"), ("recomand", "recommend"), ("sugest", "suggest"),
    ("accurracy", "accuracy"), ("acuracy", "accuracy"), ("analize", "analyze"), ("analise", "analyze"),
    ("proggress", "progress"), ("progess", "progress"), ("sucess", "success"), ("finised", "finished"),
    ("compair", "compare"), ("canel", "cancel"), ("cancle", "cancel"), ("aprove", "approve"),
    ("confrim", "confirm"), ("comfirm", "confirm"), ("hwo", "how"), ("cont", "continue"), ("hw", "how"), ("sup", "whats up"), ("wich", "which"), ("yo", "hey"), ("abt", "about"), ("smth", "something"),
    ("sth", "something"), ("evrything", "everything"),
];
/// Syllables of tense with one ㅅ too few.
pub(crate) const TENSES: &[(char, char)] = &[
    ('됫', '됐'), ('됬', '됐'), ('됏', '됐'), ('햇', '했'), ('잇', '있'), ('겟', '겠'), ('엇', '었'), ('앗', '았'),
    ('갓', '갔'), ('왓', '왔'), ('췃', '췄'), ('졋', '졌'), ('렷', '렸'), ('켯', '켰'),
];
/// What follows them then.
pub(crate) const ENDINGS: &str = "어나냐니는다습지던을음네고으ㅇ?";
/// Words that decide what a turn wants, in which a slip of the fingers is mended.
pub(crate) const WORDS: &[&str] = &[
    "train", "training", "dataset", "datasets", "model", "models", "recommend", "suggest", "epochs",
    "finish", "finished", "cancel", "resume", "continue", "status", "progress", "results", "accuracy",
    "confusion", "matrix", "predict", "prediction", "inference", "compare", "comparison", "analyze",
    "analyse", "inspect", "check", "delete", "start", "restart", "reset", "failed", "crashed", "stopped",
    "running", "available", "support", "describe", "explain", "difference", "between", "approve", "confirm",
    "proceed", "reject", "discard", "forget", "please", "conversation", "change", "switch", "instead",
    "without", "classify", "classification", "classifier", "detect", "detection", "detector", "segment",
    "segmentation", "everything", "queue", "report", "balance", "distribution", "stats", "starts", "modes",
];
/// Verbs of orders, which a slip of one letter must not hide. No English word is a slip of one.
pub(crate) const VERBS: &[&str] = &[
    "resume", "cancel", "deploy", "segment", "detect", "classify", "register", "promote", "approve", "restart", "compare", "predict",
];
