//! How a trainer of one's own is started: as its folder's manifest says, or by the command that is given.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::language::{language, pick};

/// The file of a folder that says what is in it.
pub(super) const MANIFEST: &str = "runner.toml";

/// What of it says how the trainer is started; the trainer reads the rest.
#[derive(Deserialize)]
struct Manifest {
    command: Vec<String>,
    /// The installed runner whose programs it runs with.
    environment: Option<String>,
}

/// The whole command of what is named: a folder with a manifest, or a program and its arguments.
pub(super) fn command(given: Vec<String>, runners: &Path) -> Result<Vec<String>> {
    match &given[..] {
        [folder] if Path::new(folder).is_dir() => of(&std::path::absolute(folder)?, runners),
        _ => whole(given),
    }
}

/// With the files of the folder by their absolute paths: a worker starts it from another one.
fn of(folder: &Path, runners: &Path) -> Result<Vec<String>> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).with_context(|| {
        let shown = path.display();
        pick(
            language(),
            format!("{shown} 파일이 없습니다. `trainyard runners new`로 폴더를 만드세요"),
            format!("there is no {shown}: `trainyard runners new` makes a folder with one"),
        )
    })?;
    let Manifest { command, environment } =
        toml::from_str(&text).with_context(|| path.display().to_string())?;
    let here = |word: String| match folder.join(&word) {
        file if file.is_file() => file.display().to_string(),
        _ => word,
    };
    let Some(environment) = environment else { return whole(command.into_iter().map(here).collect()) };
    let mut words = command.into_iter();
    let program = words.next().with_context(|| format!("{}: command = []", path.display()))?;
    let program = self::program(runners, &environment, &program)?;
    Ok([program].into_iter().chain(words.map(here)).collect())
}

/// Where the environment of a runner has its programs.
pub(super) fn programs(runners: &Path, environment: &str) -> PathBuf {
    runners.join(environment).join("environment").join("bin")
}

fn program(runners: &Path, environment: &str, name: &str) -> Result<String> {
    let program = programs(runners, environment).join(name);
    if !program.is_file() {
        bail!(pick(
            language(),
            format!(
                "{environment} 러너의 {name} 프로그램으로 실행되는데, 이 컴퓨터에 없습니다. \
                 `trainyard runners install {environment}`"
            ),
            format!(
                "it runs with {name} of the runner {environment}, which is not on this machine: \
                 `trainyard runners install {environment}`"
            ),
        ));
    }
    Ok(program.display().to_string())
}

/// The program by its absolute path.
fn whole(mut command: Vec<String>) -> Result<Vec<String>> {
    let program = command.first_mut().context("no command")?;
    let path = PathBuf::from(&*program);
    let found = if path.components().count() > 1 { Some(path) } else { on_path(&path) };
    let found = found.and_then(|path| std::path::absolute(path).ok()).filter(|path| path.is_file());
    let Some(found) = found else {
        bail!(pick(
            language(),
            format!("{program} 프로그램이 없습니다. 경로를 확인하세요"),
            format!("there is no program {program}: check the path"),
        ));
    };
    *program = found.display().to_string();
    Ok(command)
}

fn on_path(name: &Path) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(manifest: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), manifest).unwrap();
        fs::write(folder.path().join("trainer.py"), "").unwrap();
        folder
    }

    fn started(folder: &Path, runners: &Path) -> Result<Vec<String>> {
        command(vec![folder.display().to_string()], runners)
    }

    #[test]
    fn a_folder_is_started_as_its_manifest_says() {
        let own = folder("environment = 'torchvision'\ncommand = ['python', 'trainer.py', '--fast']");
        let runners = tempfile::tempdir().unwrap();
        let missing = started(own.path(), runners.path()).unwrap_err().to_string();
        assert!(missing.contains("trainyard runners install torchvision"), "{missing}");
        let programs = programs(runners.path(), "torchvision");
        fs::create_dir_all(&programs).unwrap();
        fs::write(programs.join("python"), "").unwrap();
        let words = started(own.path(), runners.path()).unwrap();
        let file = own.path().join("trainer.py").display().to_string();
        assert_eq!(words, [programs.join("python").display().to_string(), file, "--fast".to_owned()]);
    }

    #[test]
    fn without_an_environment_it_is_a_program_of_the_folder_or_of_the_path() {
        let runners = Path::new("/nowhere");
        let own = folder("command = ['trainer.py']");
        assert_eq!(
            started(own.path(), runners).unwrap(),
            [own.path().join("trainer.py").display().to_string()]
        );
        let own = folder("command = ['sh', 'trainer.py']");
        let words = started(own.path(), runners).unwrap();
        assert!(Path::new(&words[0]).is_absolute() && words[0].ends_with("/sh"), "{words:?}");
        let own = folder("command = []");
        assert!(started(own.path(), runners).is_err());
    }

    #[test]
    fn a_folder_without_a_manifest_says_how_to_make_one() {
        let said = started(tempfile::tempdir().unwrap().path(), Path::new("/nowhere")).unwrap_err();
        assert!(said.to_string().contains("trainyard runners new"), "{said}");
    }
}
