//! Searching the files of a store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// How `bytes` could lie in a file: as they are, in hexadecimal, in base64 behind any other bytes,
/// in UTF-16.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        bytes.iter().flat_map(|&byte| [byte, 0]).collect(),
        bytes.iter().flat_map(|&byte| [0, byte]).collect(),
    ];
    for alphabet in [b"+/", b"-_"] {
        for skipped in 0..3 {
            forms.push(base64(&bytes[skipped..], alphabet));
        }
    }
    forms
}

/// The digits of the whole groups of three bytes.
fn base64(bytes: &[u8], last: &[u8; 2]) -> Vec<u8> {
    let digits: Vec<u8> =
        (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte));
        [18, 12, 6, 0].map(|shift| digits[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

/// The files under `folder` that hold one of `needles` in one of its forms.
pub(crate) fn scan<N: AsRef<[u8]>>(
    folder: &Path,
    needles: impl IntoIterator<Item = N>,
) -> BTreeSet<String> {
    // By their first eight bytes, so that one pass looks for all; by two of them first.
    let mut forms: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    let mut begins = vec![false; 1 << 16];
    for form in needles.into_iter().flat_map(|needle| self::forms(needle.as_ref())) {
        let first = u64::from_be_bytes(*form.first_chunk().unwrap());
        begins[usize::from(u16::from_be_bytes([form[0], form[1]]))] = true;
        forms.entry(first).or_default().push(form);
    }
    let mut hits = BTreeSet::new();
    for_each_file(folder, folder, &mut |path, content| {
        let holds = content.windows(8).enumerate().any(|(at, window)| {
            begins[usize::from(u16::from_be_bytes([window[0], window[1]]))] && {
                let window = u64::from_be_bytes(window.try_into().unwrap());
                let mut begun = forms.get(&window).into_iter().flatten();
                begun.any(|form| content[at..].starts_with(form))
            }
        });
        if holds {
            hits.insert(path.to_string_lossy().into_owned());
        }
    });
    hits
}

/// Calls `visit` for each file under `folder` with its path from there and its content. A store
/// that is open may remove files meanwhile.
fn for_each_file(folder: &Path, path: &Path, visit: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(folder, &path, visit);
            continue;
        }
        match fs::read(&path) {
            Ok(content) => visit(path.strip_prefix(folder).unwrap(), &content),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
}

#[test]
fn a_scan_finds_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let canary = b"Canary Name ";
    let path = folder.path().join("deep/file");
    fs::create_dir(folder.path().join("deep")).unwrap();
    for form in forms(canary) {
        fs::write(&path, [b"before", &form[..], b"after"].concat()).unwrap();
        let hits = scan(folder.path(), [canary]);
        assert!(hits.contains("deep/file"), "{}", String::from_utf8_lossy(&form));
    }
    fs::write(&path, "Canary Nam").unwrap();
    assert_eq!(scan(folder.path(), [canary]), BTreeSet::new());
    assert_eq!(String::from_utf8(base64(b"Canary", b"+/")).unwrap(), "Q2FuYXJ5");
}
