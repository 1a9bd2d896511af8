//! Replays every corpus on a stable toolchain: its files as they are, and seeded mutations of them.
//! The same inputs on every run; libFuzzer looks further, see `fuzz_targets/`.

mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use mutate::Mutator;

/// Mutations tried on each function.
const MUTATIONS: usize = 4_000;

/// The files of a corpus by name, in one order everywhere.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let read = |entry: fs::DirEntry| {
        let bytes = fs::read(entry.path()).unwrap_or_else(|e| panic!("{:?}: {e}", entry.path()));
        (entry.file_name().to_string_lossy().into_owned(), bytes)
    };
    let mut files: Vec<_> = entries.map(|entry| read(entry.expect("readable folder"))).collect();
    files.sort();
    assert!(!files.is_empty(), "{}: no files", folder.display());
    files
}

fn replay(name: &str, function: fn(&[u8])) {
    let files = corpus(name);
    for (file, bytes) in &files {
        attempt(&format!("corpus/{name}/{file}"), bytes, function);
    }
    let seeds: Vec<&[u8]> = files.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let mut mutator = Mutator::new(&seeds, 0x5eed);
    for k in 0..MUTATIONS {
        attempt(&format!("mutation {k} of {name}"), &mutator.next(), function);
    }
}

/// Calls the function; when it panics, prints the input as a file of the corpus could hold it.
fn attempt(what: &str, bytes: &[u8], function: fn(&[u8])) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| function(bytes))) {
        eprintln!("{what} fails:\n{}", bytes.escape_ascii());
        resume_unwind(panic);
    }
}

macro_rules! replayed {
    ($($name:ident)+) => {
        /// Every function that is replayed.
        const REPLAYED: &[&str] = &[$(stringify!($name)),+];

        $(
            #[test]
            fn $name() {
                replay(stringify!($name), logistics_fuzz::$name);
            }
        )+
    };
}

replayed! {
    device_payload event_decoding osmand_payload owntracks_payload planar_classify solomon
    traccar_payload upcasting vroom vrplib zones_geojson
}

#[test]
fn every_program_and_every_corpus_is_replayed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["corpus", "fuzz_targets"] {
        let entries = fs::read_dir(root.join(folder)).expect(folder);
        let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut names: Vec<_> =
            entries.filter_map(|entry| stem(&entry.expect("readable folder").path())).collect();
        names.sort();
        assert_eq!(names, REPLAYED, "{folder}");
    }
}

#[test]
fn mutations_are_the_same_on_every_run_and_differ_from_each_other() {
    let seeds: [&[u8]; 2] = [br#"{"lat": 18.5, "lon": 73.81}"#, b""];
    let inputs = |seed| {
        let mut mutator = Mutator::new(&seeds, seed);
        (0..500).map(|_| mutator.next()).collect::<Vec<_>>()
    };
    assert_eq!(inputs(1), inputs(1));
    assert_ne!(inputs(1), inputs(2));
    let mut distinct = inputs(1);
    distinct.sort();
    distinct.dedup();
    assert!(distinct.len() > 250, "{}", distinct.len());
}
