//! How the gap falls, as a picture: SVG, a curve for each class.

use std::path::Path;

use anyhow::{Context as _, bail};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::curve::Curve;
use crate::scale::Scale;

const SIZE: (u32, u32) = (960, 600);
const FONT: &str = "sans-serif";
const GRID: RGBColor = RGBColor(222, 222, 222);
const FRAME: RGBColor = RGBColor(180, 180, 180);
/// Told apart by the colour-blind, too (Okabe and Ito).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
];

/// What the gap is drawn over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    WallTime,
    ProcessorTime,
    Steps,
}

impl Axis {
    /// Where the axis may begin; what was found before is drawn there.
    pub(crate) fn from(self) -> f64 {
        match self {
            Self::WallTime | Self::ProcessorTime => 0.001,
            Self::Steps => 100.0,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::WallTime => "wall time since the run began, seconds (logarithmic scale)",
            Self::ProcessorTime => {
                "processor time since the run began, seconds (logarithmic scale)"
            }
            Self::Steps => "steps of the search (logarithmic scale; the first plan is at 100)",
        }
    }
}

/// Draws the curves into a file.
pub(crate) fn draw(curves: &[Curve], axis: Axis, file: &Path) -> anyhow::Result<()> {
    if curves.is_empty() {
        bail!("{}: no run came to an answer, there is nothing to draw", file.display());
    }
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    draw_on(&area, curves, axis).with_context(|| file.display().to_string())
}

fn draw_on(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    curves: &[Curve],
    axis: Axis,
) -> anyhow::Result<()> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(area)
        .caption("How the gap falls: mean over instances and seeds", (FONT, 22))
        .margin(16)
        .x_label_area_size(52)
        .y_label_area_size(64)
        .build_cartesian_2d(
            Scale::logarithmic(points().map(|(at, _)| *at)),
            Scale::gaps(points().map(|(_, gap)| *gap)),
        )?;
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .x_desc(axis.label())
        .y_desc("gap to the reference cost, % (logarithmic above 0.25)")
        .draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2));
        let key = |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3));
        chart.draw_series(line)?.label(name(curve)).legend(key);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(12)
        .legend_area_size(30)
        .label_font((FONT, 15))
        .background_style(WHITE.mix(0.9))
        .border_style(FRAME)
        .draw()?;
    area.present()?;
    Ok(())
}

/// What the legend says.
fn name(curve: &Curve) -> String {
    let end = curve.points.last().map_or(f64::NAN, |(_, gap)| *gap);
    let noun = if curve.runs == 1 { "run" } else { "runs" };
    format!("{}, {} {noun}: {end:.2} % at the end", curve.class, curve.runs)
}
