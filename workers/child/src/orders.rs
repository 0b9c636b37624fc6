//! What a guard is told, as the arguments of its command.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use crate::program::{Account, Program, Signal, Stop};

/// What a guard is told to do with one program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Orders {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) account: Option<Account>,
    pub(crate) stop: Stop,
    /// How long nobody may hold the line before the program must stop.
    pub(crate) alone: Duration,
    pub(crate) litter: Vec<PathBuf>,
    /// Where to note who runs.
    pub(crate) noted: Option<PathBuf>,
    /// Where to note how it ended.
    pub(crate) exit: Option<PathBuf>,
}

impl Orders {
    pub(crate) fn of(program: &Program) -> Orders {
        Orders {
            path: program.path.clone(),
            arguments: program.arguments.clone(),
            account: program.account,
            stop: program.stop,
            alone: Duration::ZERO,
            litter: program.litter.clone(),
            noted: program.noted.clone(),
            exit: None,
        }
    }

    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let Orders { path, arguments, account, stop, alone, litter, noted, exit } = self;
        let mut said: Vec<OsString> = vec!["run".into()];
        let mut say = |name: &str, value: &OsStr| said.extend([name.into(), value.to_owned()]);
        say("--stop", stop.signal.to_string().as_ref());
        say("--grace-ms", stop.grace.as_millis().to_string().as_ref());
        say("--alone-ms", alone.as_millis().to_string().as_ref());
        if let Some(Account { uid, gid }) = account {
            say("--uid", uid.to_string().as_ref());
            say("--gid", gid.to_string().as_ref());
        }
        for path in litter {
            say("--litter", path.as_ref());
        }
        for (name, path) in [("--noted", noted), ("--exit", exit)] {
            if let Some(path) = path {
                say(name, path.as_ref());
            }
        }
        say("--", path.as_ref());
        said.extend_from_slice(arguments);
        said
    }

    /// Of what comes after `run`. An error names what is not understood.
    pub(crate) fn read(mut said: impl Iterator<Item = OsString>) -> Result<Orders, String> {
        let mut orders = Orders::of(&Program::new("", Vec::new(), ""));
        let (mut uid, mut gid) = (None, None);
        loop {
            let (Some(name), Some(value)) = (said.next(), said.next()) else {
                return Err("the guard is told of no program".to_owned());
            };
            let text = value.to_string_lossy();
            let number = || text.parse::<u32>().map_err(|_| format!("{name:?} takes a number, not {text:?}"));
            match &*name.to_string_lossy() {
                "--stop" => {
                    let known = Signal::ALL.into_iter().find(|signal| signal.to_string() == text);
                    orders.stop.signal = known.ok_or_else(|| format!("there is no signal {text:?}"))?;
                }
                "--grace-ms" => orders.stop.grace = Duration::from_millis(number()?.into()),
                "--alone-ms" => orders.alone = Duration::from_millis(number()?.into()),
                "--uid" => uid = Some(number()?),
                "--gid" => gid = Some(number()?),
                "--litter" => orders.litter.push(value.into()),
                "--noted" => orders.noted = Some(value.into()),
                "--exit" => orders.exit = Some(value.into()),
                "--" => {
                    orders.account = uid.zip(gid).map(|(uid, gid)| Account { uid, gid });
                    orders.path = value.into();
                    orders.arguments = said.collect();
                    return Ok(orders);
                }
                _ => return Err(format!("{name:?} is nothing that a guard is told")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_understands_what_it_is_told() {
        let mut program = Program::new("/bin/x", vec!["--grace-ms".into(), "--".into(), "y z".into()], "/");
        let plain = Orders::of(&program);
        program.account = Some(Account { uid: 7, gid: 8 });
        program.stop = Stop { signal: Signal::Interrupt, grace: Duration::from_secs(10) };
        program.litter = vec!["/tmp/a b".into(), "/tmp/c".into()];
        program.noted = Some("/run/x".into());
        let mut whole = Orders::of(&program);
        whole.alone = Duration::from_secs(30);
        whole.exit = Some("exit".into());
        for orders in [plain, whole] {
            let said = orders.arguments();
            assert_eq!(said[0], "run");
            assert_eq!(Orders::read(said.into_iter().skip(1)), Ok(orders));
        }
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        for not in [&["--alone-ms", "x"][..], &["--stop", "KILL"], &["--weather", "1"], &["--"], &[]] {
            assert!(Orders::read(words(not).into_iter()).is_err(), "{not:?}");
        }
    }
}
