//! Readers of labelled pairs: LFW's own format, and a CSV with the columns `a,b,same`.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};

use crate::photo::EXTENSIONS;

/// The folds that are made where the file has none.
const DEFAULT_FOLDS: usize = 10;

/// Two photos and whether they show one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Index of the one photo in [`PairSet::photos`].
    pub(crate) a: usize,
    /// Index of the other photo.
    pub(crate) b: usize,
    /// Whether both show one person: a genuine pair, otherwise an impostor pair.
    pub(crate) same: bool,
    /// The fold, counted from 0.
    pub(crate) fold: usize,
}

/// The content of a pairs file.
#[derive(Debug)]
pub(crate) struct PairSet {
    /// Every photo that a pair names, once, relative to the images' folder.
    pub(crate) photos: Vec<PathBuf>,
    /// The pairs, in the file's order.
    pub(crate) pairs: Vec<Pair>,
    /// The number of folds; less than 2 when there are too few pairs for any.
    pub(crate) folds: usize,
    /// The person that each photo shows, as a number; people are numbered from 0.
    person: Vec<usize>,
    /// The pairs of people known to differ, the smaller number first; all of them when absent.
    different: Option<HashSet<[usize; 2]>>,
}

impl PairSet {
    /// Reads a pairs file. `images` is the folder of its photos.
    ///
    /// # Errors
    /// When the file or a photo is missing, or a line is wrong: the message has the line's number.
    pub(crate) fn read(file: &Path, images: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("Cannot read the pairs file {}.", file.display()))?;
        if !images.is_dir() {
            bail!("There is no folder {}. Name the photos' folder with --images.", images.display());
        }
        let set = Self::parse(&text, images).with_context(|| format!("In {}", file.display()))?;
        set.check_photos(images)?;
        Ok(set)
    }

    fn parse(text: &str, images: &Path) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let set = if first.contains(',') {
            parse_csv(text)?
        } else {
            parse_lfw(text, |person, number| lfw_photo(images, person, number))?
        };
        if set.pairs.is_empty() {
            bail!("There are no pairs in it.");
        }
        Ok(set)
    }

    /// Checks that all photos are there before any is decoded.
    fn check_photos(&self, images: &Path) -> Result<()> {
        let missing: Vec<_> = self.photos.iter().filter(|photo| !images.join(photo).is_file()).collect();
        let Some(first) = missing.first() else { return Ok(()) };
        if missing.len() == self.photos.len() {
            bail!(
                "No images found: none of the {} photos is in {}, for example {}. Check --images.",
                missing.len(),
                images.display(),
                first.display()
            );
        }
        bail!(
            "{} of the {} photos are not in {}, for example {}. Add them, or remove their pairs.",
            missing.len(),
            self.photos.len(),
            images.display(),
            first.display()
        )
    }

    /// Returns the number of people, as far as the file tells them apart.
    pub(crate) fn people(&self) -> usize {
        self.person.iter().max().map_or(0, |last| last + 1)
    }

    /// Whether two photos are known to show different people.
    pub(crate) fn are_different(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.person[a], self.person[b]);
        let known = |different: &HashSet<_>| different.contains(&[a.min(b), a.max(b)]);
        a != b && self.different.as_ref().is_none_or(known)
    }

    /// Returns how the photo is called in the report.
    pub(crate) fn name(&self, photo: usize) -> String {
        self.photos[photo].display().to_string()
    }

    /// Deals the pairs to ten folds, genuine and impostor pairs evenly, or to fewer if there are few.
    fn deal_folds(&mut self) {
        let genuine = self.pairs.iter().filter(|pair| pair.same).count();
        self.folds = DEFAULT_FOLDS.min(genuine).min(self.pairs.len() - genuine);
        let mut next = [0; 2];
        for pair in &mut self.pairs {
            let next = &mut next[usize::from(pair.same)];
            pair.fold = *next % self.folds.max(1);
            *next += 1;
        }
    }
}

/// Numbers values in the order of their first appearance.
#[derive(Default)]
struct Numbers<T>(HashMap<T, usize>, Vec<T>);

impl<T: Clone + Eq + std::hash::Hash> Numbers<T> {
    fn number(&mut self, value: T) -> usize {
        *self.0.entry(value).or_insert_with_key(|value| {
            self.1.push(value.clone());
            self.1.len() - 1
        })
    }
}

/// Parses LFW's format. The first line has the number of folds and of pairs of each kind in a fold,
/// or the number of pairs alone. Then come `person n m` and `person n other m`, separated by tabs.
fn parse_lfw(text: &str, photo: impl Fn(&str, u32) -> PathBuf) -> Result<PairSet> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end()));
    let (_, first) = lines.next().context("The file is empty.")?;
    let numbers: Result<Vec<usize>, _> = first.split_whitespace().map(str::parse).collect();
    let (announced_folds, per_kind) = match numbers.as_deref() {
        Ok(&[pairs]) => (1, pairs),
        Ok(&[folds, pairs]) => (folds, pairs),
        _ => bail!(
            "Line 1 is neither LFW's (the number of folds and of pairs, such as \"10\t300\") nor a CSV header \
             (\"a,b,same\"): {first:?}."
        ),
    };
    let per_fold = per_kind.saturating_mul(2);
    let (mut photos, mut people, mut pairs, mut person) =
        (Numbers::default(), Numbers::default(), Vec::new(), Vec::new());
    for (line, content) in lines {
        if content.is_empty() {
            continue;
        }
        let fields: Vec<&str> = content.split('\t').map(str::trim).collect();
        let number = |field: &str| -> Result<u32> {
            field.parse().map_err(|_| anyhow!("Line {line}: {field:?} is not the number of a photo."))
        };
        let named = match fields[..] {
            [name, a, b] => [(name, number(a)?), (name, number(b)?)],
            [name, a, other, b] if name != other => [(name, number(a)?), (other, number(b)?)],
            [_, _, _, _] => bail!("Line {line}: an impostor pair names the same person twice."),
            _ => bail!(
                "Line {line}: expected three columns (name, photo, photo) or four (name, photo, name, photo), \
                 separated by tabs, and got {}.",
                fields.len()
            ),
        };
        let [a, b] = named.map(|(name, number)| {
            let index = photos.number(photo(name, number));
            if index == person.len() {
                person.push(people.number(name.to_owned()));
            }
            index
        });
        if a == b {
            bail!("Line {line}: both photos are the same.");
        }
        let fold = pairs.len() / per_fold.max(1);
        pairs.push(Pair { a, b, same: fields.len() == 3, fold });
    }
    if announced_folds.saturating_mul(per_fold) != pairs.len() {
        bail!(
            "Line 1 announces {announced_folds} × 2 × {per_kind} pairs, and there are {}. Is the file complete?",
            pairs.len()
        );
    }
    let mut set = PairSet { photos: photos.1, pairs, folds: announced_folds, person, different: None };
    if announced_folds < 2 {
        set.deal_folds();
    }
    Ok(set)
}

/// Returns where LFW has a person's photo: `Name/Name_0001.jpg`, or another type if there is one.
fn lfw_photo(images: &Path, person: &str, number: u32) -> PathBuf {
    let photo = |extension: &str| Path::new(person).join(format!("{person}_{number:04}.{extension}"));
    let existing = EXTENSIONS.into_iter().map(photo).find(|photo| images.join(photo).is_file());
    existing.unwrap_or_else(|| photo("jpg"))
}

/// Parses a CSV with the columns `a`, `b` and `same`, and `fold` if the file has folds of its own.
fn parse_csv(text: &str) -> Result<PairSet> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let (Some(a), Some(b), Some(same)) = (column("a"), column("b"), column("same")) else {
        bail!("Line 1 is not the header of a pairs CSV: it needs the columns a, b and same.");
    };
    let fold = column("fold");
    let (mut photos, mut folds, mut pairs, mut lines) =
        (Numbers::default(), Numbers::default(), Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(csv_error)?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: usize| record.get(column).unwrap_or_default();
        let [a, b] = [field(a), field(b)].map(|path| (!path.is_empty()).then(|| normalised(path)));
        let (Some(a), Some(b)) = (a, b) else { bail!("Line {line}: a photo's path is missing.") };
        if a == b {
            bail!("Line {line}: both photos are {}.", a.display());
        }
        let same = match field(same).to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => true,
            "0" | "false" | "no" => false,
            other => bail!("Line {line}: the column same is {other:?}. Use 1 or 0."),
        };
        let fold = fold.map_or(0, |column| folds.number(field(column).to_owned()));
        pairs.push(Pair { a: photos.number(a), b: photos.number(b), same, fold });
        lines.push(line);
    }
    let (person, different) = people_of(photos.1.len(), &pairs, &lines)?;
    let mut set =
        PairSet { photos: photos.1, pairs, folds: folds.1.len(), person, different: Some(different) };
    if set.folds < 2 {
        set.deal_folds();
    }
    Ok(set)
}

fn csv_error(error: csv::Error) -> anyhow::Error {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            anyhow!("Line {line}: expected {expected_len} columns, as in the header, and got {len}.")
        }
        _ => error.into(),
    }
}

/// Drops `.` components, so that one photo has one path.
fn normalised(path: &str) -> PathBuf {
    Path::new(path).components().filter(|component| *component != Component::CurDir).collect()
}

type People = (Vec<usize>, HashSet<[usize; 2]>);

/// Tells people apart by what the pairs say: photos that genuine pairs link show one person, and an
/// impostor pair makes all photos of one person differ from all of the other's.
fn people_of(photos: usize, pairs: &[Pair], lines: &[u64]) -> Result<People> {
    let mut parent: Vec<usize> = (0..photos).collect();
    for pair in pairs.iter().filter(|pair| pair.same) {
        let (a, b) = (root(&mut parent, pair.a), root(&mut parent, pair.b));
        parent[a.max(b)] = a.min(b);
    }
    let mut numbers = Numbers::default();
    let person: Vec<usize> = (0..photos).map(|photo| numbers.number(root(&mut parent, photo))).collect();
    let mut different = HashSet::new();
    for (pair, line) in pairs.iter().zip(lines).filter(|(pair, _)| !pair.same) {
        let (a, b) = (person[pair.a], person[pair.b]);
        if a == b {
            bail!("Line {line} says that two photos show different people, but other lines say they do not.");
        }
        different.insert([a.min(b), a.max(b)]);
    }
    Ok((person, different))
}

/// Returns the representative of a photo's set, and shortens the way to it.
fn root(parent: &mut [usize], mut photo: usize) -> usize {
    while parent[photo] != photo {
        parent[photo] = parent[parent[photo]];
        photo = parent[photo];
    }
    photo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PairSet> {
        PairSet::parse(text, Path::new("nowhere"))
    }

    fn message(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn lfw_pairs_get_photos_people_and_folds() {
        let set = parse("2\t1\nAnn\t1\t2\nAnn\t1\tBob\t3\nBob\t3\t12\r\nBob\t12\tCyd\t1\n\n").unwrap();
        let names: Vec<_> = (0..set.photos.len()).map(|photo| set.name(photo)).collect();
        assert_eq!(
            names,
            [
                "Ann/Ann_0001.jpg",
                "Ann/Ann_0002.jpg",
                "Bob/Bob_0003.jpg",
                "Bob/Bob_0012.jpg",
                "Cyd/Cyd_0001.jpg"
            ]
        );
        let told: Vec<_> = set.pairs.iter().map(|pair| (pair.a, pair.b, pair.same, pair.fold)).collect();
        assert_eq!(told, [(0, 1, true, 0), (0, 2, false, 0), (2, 3, true, 1), (3, 4, false, 1)]);
        assert_eq!((set.folds, set.people()), (2, 3));
        assert!(set.are_different(1, 4) && !set.are_different(0, 1), "all people of LFW differ");
    }

    #[test]
    fn lfw_pairs_without_folds_are_dealt_evenly() {
        let set = parse("2\nAnn\t1\t2\nBob\t1\t2\nAnn\t1\tBob\t1\nAnn\t2\tBob\t2\n").unwrap();
        assert_eq!(set.folds, 2);
        assert_eq!(set.pairs.iter().map(|pair| pair.fold).collect::<Vec<_>>(), [0, 1, 0, 1]);
    }

    #[test]
    fn wrong_lfw_lines_are_reported_by_number() {
        assert!(message("1\t1\nAnn\t1\t2\nAnn\t1\tBob\n").contains("Line 3: \"Bob\" is not the number"));
        assert!(message("1\t1\nAnn\t1\n").contains("Line 2: expected three columns"));
        assert!(message("1\t1\nAnn\t1\tAnn\t2\n").contains("Line 2: an impostor pair names the same"));
        assert!(message("1\t1\nAnn\t2\t2\n").contains("Line 2: both photos are the same"));
        assert!(message("1\t2\nAnn\t1\t2\n").contains("announces 1 × 2 × 2 pairs, and there are 1"));
        assert!(message("Ann\t1\t2\n").contains("Line 1 is neither"));
        assert!(message("0\t300\n").contains("no pairs"));
        assert!(message("").contains("empty"));
    }

    #[test]
    fn csv_tells_only_those_people_apart_that_its_pairs_tell_apart() {
        let set = parse(
            "a,b,same\n a1.jpg, ./a2.jpg,1\n\"b,1.jpg\",b2.jpg,yes\na2.jpg,b2.jpg,0\nc1.png,c2.png,TRUE\n",
        )
        .unwrap();
        assert_eq!(set.name(1), "a2.jpg");
        assert_eq!(set.name(2), "b,1.jpg");
        assert_eq!(set.people(), 3);
        assert!(set.are_different(0, 2), "by the genuine pairs of both people");
        assert!(!set.are_different(0, 4), "a and c may be one person");
        assert!(!set.are_different(0, 1));
    }

    #[test]
    fn csv_folds_are_the_files_own_or_dealt() {
        let own = parse("a,b,same,fold\n1,2,1,x\n1,3,0,x\n4,5,1,y\n4,6,0,y\n").unwrap();
        assert_eq!((own.folds, own.pairs[3].fold), (2, 1));
        let dealt = parse("a,b,same\n1,2,1\n1,3,0\n4,5,1\n").unwrap();
        assert_eq!(dealt.folds, 1, "one impostor pair cannot be in two folds");
    }

    #[test]
    fn wrong_csv_lines_are_reported_by_number() {
        assert!(message("a,b\n1,2\n").contains("needs the columns a, b and same"));
        assert!(message("a,b,same\n1,2,1\n1,3\n").contains("Line 3: expected 3 columns"));
        assert!(message("a,b,same\n1,2,maybe\n").contains("Line 2: the column same is \"maybe\""));
        assert!(message("a,b,same\n1,,1\n").contains("Line 2: a photo's path is missing"));
        assert!(message("a,b,same\n1,./1,1\n").contains("Line 2: both photos are 1"));
        assert!(message("a,b,same\n1,2,1\n2,3,1\n1,3,0\n").contains("Line 4 says"));
        assert!(message("a,b,same\n").contains("no pairs"));
    }

    #[test]
    fn missing_photos_are_reported_before_the_evaluation() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pairs.csv");
        fs::write(&file, "a,b,same\n1.jpg,2.jpg,1\n").unwrap();
        let error = |folder: &Path| PairSet::read(&file, folder).expect_err("photos are missing").to_string();
        assert!(error(folder.path()).contains("No images found: none of the 2 photos"));
        fs::write(folder.path().join("1.jpg"), "").unwrap();
        assert!(error(folder.path()).contains("1 of the 2 photos are not in"));
        assert!(error(&folder.path().join("nowhere")).contains("--images"));
    }
}
