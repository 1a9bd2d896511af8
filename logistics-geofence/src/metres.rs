//! Short distances on earth in metres, and how sure they make of a side: on a plane fitted at the place asked about: right to about
//! 0.1 % within 100 km away from the poles. With `libm`, so that every machine gives the same bits.

use geo_types::Coord;

/// Length of one degree of latitude in metres, on a sphere of the mean radius 6,371,008.8 m.
pub(crate) const METRES_PER_DEGREE: f64 = 111_195.080_233_532_9;

/// A plane in metres with its origin at a place.
pub(crate) struct Plane {
    origin: Coord,
    /// Metres per degree of longitude.
    per_lon: f64,
}

impl Plane {
    /// The plane fitted at its origin.
    pub(crate) fn at(origin: Coord) -> Self {
        Self::fitted(origin, origin.y)
    }

    fn fitted(origin: Coord, lat: f64) -> Self {
        Self { origin, per_lon: METRES_PER_DEGREE * libm::cos(lat.to_radians()) }
    }

    /// The way to a place, longitude the short way round.
    fn to(&self, c: Coord) -> Coord {
        let mut lon = c.x - self.origin.x;
        if lon > 180.0 {
            lon -= 360.0;
        } else if lon < -180.0 {
            lon += 360.0;
        }
        Coord { x: lon * self.per_lon, y: (c.y - self.origin.y) * METRES_PER_DEGREE }
    }

    /// Square of the distance from the origin to an edge.
    pub(crate) fn squared_distance_m(&self, a: Coord, b: Coord) -> f64 {
        let (a, b) = (self.to(a), self.to(b));
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = dx * dx + dy * dy;
        let t = if length > 0.0 { (-(a.x * dx + a.y * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let (x, y) = (a.x + t * dx, a.y + t * dy);
        x * x + y * y
    }
}

/// Distance between two places in metres.
pub(crate) fn distance_m(a: Coord, b: Coord) -> f64 {
    let way = Plane::fitted(a, f64::midpoint(a.y, b.y)).to(b);
    libm::sqrt(way.x * way.x + way.y * way.y)
}

/// Probability that a normally distributed error does not reach over a straight border at the given
/// distance. 68 % of two-dimensional errors lie within √(−2 ln 0.32) standard deviations.
pub(crate) fn confidence(distance_m: f64, accuracy_m: f64) -> f64 {
    const RADIUS_68: f64 = 1.509_592_1;
    if distance_m <= 0.0 {
        return 0.5;
    }
    let deviations = distance_m * RADIUS_68 / accuracy_m;
    0.5 * (1.0 + libm::erf(deviations * std::f64::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let c = |x, y| Coord { x, y };
        // Pune station to Hyderabad Charminar: 502.9 km on the great circle.
        let far = distance_m(c(73.8743, 18.5286), c(78.4747, 17.3616));
        assert!((far / 503_200.0 - 1.0).abs() < 2e-3, "{far}");
        assert!((distance_m(c(179.9, 0.0), c(-179.9, 0.0)) - 22_239.0).abs() < 1.0);
        let from_edge = |at| Plane::at(at).squared_distance_m(c(73.0, 18.0), c(73.0, 19.0)).sqrt();
        let away = from_edge(c(73.001, 18.5));
        assert!((away - 105.45).abs() < 0.05, "{away}");
        let beyond = from_edge(c(73.0, 19.001));
        assert!((beyond - 111.195).abs() < 0.01, "{beyond}");
    }
    #[test]
    fn confidence_grows_from_a_coin_toss_to_certainty() {
        assert!((confidence(0.0, 20.0) - 0.5).abs() < 1e-12);
        assert!((confidence(0.0, 0.0) - 0.5).abs() < 1e-12);
        assert!((confidence(20.0 / 1.509_592_1, 20.0) - 0.841_344_746).abs() < 1e-6);
        assert!((confidence(1.0, 0.0) - 1.0).abs() < 1e-12);
        assert!((confidence(f64::INFINITY, 50.0) - 1.0).abs() < 1e-12);
        assert!(confidence(10.0, 20.0) < confidence(10.0, 10.0));
    }
}
