//! Files in and out.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use logistics_dispatch::formats::{Format, Instance, MAX_TEXT_BYTES};

use crate::args::{Input, Notation};

pub(crate) fn instance(input: &Input) -> anyhow::Result<Instance> {
    let name = input.file.display();
    let text = text(&input.file)?;
    let format = match input.format {
        Notation::Auto => Format::detect(&text).ok_or_else(|| {
            anyhow!("{name}: neither VRPLIB nor Solomon nor VROOM JSON (say --format)")
        })?,
        Notation::Vrplib => Format::Vrplib,
        Notation::Solomon => Format::Solomon,
        Notation::Vroom => Format::Vroom,
    };
    Instance::parse(&text, format).with_context(|| name.to_string())
}

pub(crate) fn text(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let size = fs::metadata(file).with_context(|| name.to_string())?.len();
    if size > MAX_TEXT_BYTES as u64 {
        bail!("{name}: {size} bytes are more than the limit of {MAX_TEXT_BYTES}");
    }
    fs::read_to_string(file).with_context(|| name.to_string())
}

/// The file's name without folder and ending.
pub(crate) fn stem(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
