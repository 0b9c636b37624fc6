//! Edits of the open list of classes: "add rabbit, drop cat", `감 빼고 귤 넣어`, "swap wren for magpie".

mod verbs;

use std::ops::Range;

use verbs::{Does, Verb, english_verbs, korean_verbs};

use super::list::split;
use super::list_before::ranges_before;
use super::nouns::is_noun;
use super::words::{is_mark, particle_off, without_quotes, words};
use crate::lexicon::edits::{AFTER_CLASS, ASIDES, FOR, GIVES_WAY, INSTEAD, NOT_CLASSES, PARTICLES, RENAMES};
use crate::quantities::names_setting;
use crate::text::{Text, final_consonant, is_hangul, is_wordy};

/// The most words that one added class has.
const WORDS_MAX: usize = 3;

/// The list after the turn, and where the turn names classes.
pub(super) struct Edited {
    pub(super) classes: Vec<String>,
    pub(super) said: Vec<Range<usize>>,
}

/// What the turn makes of `listed`; nothing where it changes none of them.
pub(super) fn edited(text: &Text, listed: &[String]) -> Option<Edited> {
    if listed.is_empty() {
        return None;
    }
    let mut edited = Edited { classes: listed.to_vec(), said: Vec::new() };
    for mut verb in korean_verbs(text).into_iter().chain(english_verbs(text)) {
        // `감 빼고 귤로 해줘`: what a verb of swapping names beside it takes the place of what has gone.
        if verb.does == Does::Swap && edited.classes.len() < listed.len() {
            verb.does = Does::Add;
        }
        edited.take_in(text, &verb);
    }
    (edited.classes != listed && !edited.classes.is_empty()).then_some(edited)
}

impl Edited {
    fn take_in(&mut self, text: &Text, verb: &Verb) {
        let named = mentions(text, verb.stretch.clone(), &self.classes);
        let gives_way =
            |(range, _): &(Range<usize>, String)| text.any_at(text.skip_spaces(range.end), INSTEAD).is_some();
        match verb.does {
            _ if named.iter().any(gives_way) => self.swap(text, verb.stretch.clone(), &named),
            Does::Add => {
                let added = added(text, verb.stretch.clone());
                self.said.extend(added.iter().cloned());
                let new: Vec<String> = added.into_iter().map(|range| text.name(range)).collect();
                self.classes.extend(new.into_iter().filter(|new| !named.iter().any(|(_, name)| name == new)));
            }
            Does::Remove | Does::Keep => {
                let is_named = |class: &String| named.iter().any(|(_, name)| name == class);
                if !named.is_empty() {
                    self.classes.retain(|class| is_named(class) == (verb.does == Does::Keep));
                    self.said.extend(named.iter().map(|(range, _)| range.clone()));
                }
            }
            Does::Swap => self.swap(text, verb.stretch.clone(), &named),
        }
    }

    /// One class of the list and one that is none yet: whichever way round, the new one takes the old one's place.
    fn swap(&mut self, text: &Text, stretch: Range<usize>, named: &[(Range<usize>, String)]) {
        let [(old, name)] = named else { return };
        let after = text.skip_spaces(old.end);
        let korean = text.low[stretch.clone()].iter().any(|c| is_hangul(*c));
        let way = text.any_at(after, GIVES_WAY);
        if way.is_none() && korean {
            return;
        }
        let after = text.skip_spaces(way.unwrap_or(old.end));
        let after = text.any_at(after, FOR).or_else(|| text.any_at(after, RENAMES)).unwrap_or(after);
        let after = after.min(stretch.end);
        let link = (stretch.start..old.start).find(|at| text.any_at(*at, FOR).is_some());
        let before = stretch.start..link.unwrap_or(old.start);
        let new = [after..stretch.end, before].into_iter().find_map(|side| added(text, side).pop());
        let Some(new) = new else { return };
        if let Some(place) = self.classes.iter().position(|class| class == name) {
            self.classes[place] = text.name(new.clone());
            self.said.extend([old.clone(), new]);
        }
    }
}

/// Where classes of the list are named in `stretch`.
fn mentions(text: &Text, stretch: Range<usize>, listed: &[String]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = stretch.start;
    while at < stretch.end {
        let named = listed
            .iter()
            .filter_map(|class| named_at(text, at, class).map(|end| (at..end, class.clone())))
            .filter(|(range, _)| range.end <= stretch.end)
            .max_by_key(|(range, _)| range.end);
        at = named.as_ref().map_or(at + 1, |(range, _)| range.end);
        found.extend(named);
    }
    found
}

/// The end of `class` at `at`, in the singular or the plural.
fn named_at(text: &Text, at: usize, class: &str) -> Option<usize> {
    if is_wordy(text.before(at)) {
        return None;
    }
    let name: Vec<char> = class.chars().flat_map(char::to_lowercase).collect();
    let latin = name.last().is_some_and(char::is_ascii_alphabetic);
    let stem = if latin && name.len() > 2 { name.strip_suffix(&['s']).unwrap_or(&name) } else { &name };
    let read = |name: &[char]| name.iter().enumerate().all(|(index, c)| text.at(at + index) == *c);
    if !read(stem) {
        return None;
    }
    let end = at + stem.len();
    let end = end + usize::from(latin && text.at(end) == 's');
    let over = !is_wordy(text.at(end)) || text.any_at(end, PARTICLES).is_some();
    over.then_some(end)
}

/// The new classes that a stretch names.
fn added(text: &Text, stretch: Range<usize>) -> Vec<Range<usize>> {
    let hangul = text.low[stretch.clone()].iter().any(|c| is_hangul(*c));
    let items = if hangul {
        let items = ranges_before(text, stretch.start, stretch.end);
        items.into_iter().filter_map(|item| without_asides(text, item)).collect()
    } else {
        let end = (stretch.start..stretch.end)
            .find(|at| {
                let over = text.any_at(*at, AFTER_CLASS).is_some_and(|end| !is_wordy(text.at(end)));
                over && !is_wordy(text.before(*at))
            })
            .unwrap_or(stretch.end);
        split(text, stretch.start, end).items
    };
    let fits = |item: &Range<usize>| {
        let said: String = text.low[item.clone()].iter().collect();
        is_noun(text, item)
            && !is_mark(text.before(item.start))
            && words(text, item.clone()).len() <= WORDS_MAX
            && !item.clone().any(|at| names_setting(text, at))
            && !said.split(' ').any(|word| {
                NOT_CLASSES.iter().any(|other| word == *other || !is_short(other) && word.starts_with(other))
            })
    };
    if items.iter().all(fits) { items } else { Vec::new() }
}

/// Short words are looked for whole.
fn is_short(word: &str) -> bool {
    word.is_ascii() && word.len() < 5
}

/// `아이들이`, `팀장님이`, `고객사가`: somebody who does something.
fn is_subject(word: &[char]) -> bool {
    let (Some((last, stem)), long) = (word.split_last(), word.len() > 2) else { return false };
    match last {
        '이' => long && (stem.ends_with(&['들']) || stem.ends_with(&['님']) || stem.ends_with(&['분'])),
        '가' => long && !final_consonant(stem[stem.len() - 1]).0,
        _ => false,
    }
}

/// `클래스에 유모차도` is 유모차.
fn without_asides(text: &Text, item: Range<usize>) -> Option<Range<usize>> {
    let mut found: Option<Range<usize>> = None;
    let end = item.end;
    for word in words(text, item) {
        let bare = particle_off(text, word.start, word.end);
        let bare = if bare == word.end && bare - word.start > 1 && text.before(bare) == '도' {
            bare - 1
        } else {
            bare
        };
        let aside = |end: usize| {
            let said: String = text.low[word.start..end].iter().collect();
            ASIDES.contains(&said.as_str())
        };
        if aside(bare) || aside(word.end) {
            continue;
        }
        // Who wants it is none of it: `아이들이 플라타너스도 넣자고 하네요`.
        if word.end < end && is_subject(&text.low[word.clone()]) {
            found = None;
            continue;
        }
        found = Some(found.map_or(word.start, |found| found.start)..bare);
    }
    found.map(|found| without_quotes(text, found))
}
