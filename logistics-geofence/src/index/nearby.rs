//! How far a place is from the border of a zone, when that is not far.

use geo_types::Coord;

use super::Index;
use super::lattice::Window;
use crate::metres::{METRES_PER_DEGREE, Plane};
use crate::set::ZoneIndex;

impl Index {
    /// Distance in metres of a place to the nearest edge of a zone; infinite when no edge is within
    /// `reach_m` metres.
    pub(crate) fn distance_m(&self, zone: ZoneIndex, at: Coord, reach_m: f64) -> f64 {
        let plane = Plane::at(at);
        // A little more, because the plane is only nearly right.
        let lat = 1.01 * reach_m / METRES_PER_DEGREE;
        let lon = (lat / libm::cos((at.y.abs() + lat).min(90.0).to_radians())).min(360.0);
        let mut nearest = f64::INFINITY;
        // What lies across the antimeridian is near, too.
        let beyond = [(at.x + lon > 180.0, -360.0), (at.x - lon < -180.0, 360.0)];
        let turns = beyond.into_iter().filter_map(|(is, turn)| is.then_some(turn));
        for turn in std::iter::once(0.0).chain(turns) {
            let corner = |sign: f64| {
                self.lattice.units(Coord { x: at.x + turn + sign * lon, y: at.y + sign * lat })
            };
            self.leaves(&Window { min: corner(-1.0), max: corner(1.0) }, |_, leaf| {
                let own = leaf.groups_of(zone);
                for (edge, _) in leaf.edges().filter(|(_, groups)| groups & own != 0) {
                    let [a, b] = self.ends(edge);
                    nearest = nearest.min(plane.squared_distance_m(a, b));
                }
            });
        }
        let nearest = libm::sqrt(nearest);
        if nearest <= reach_m { nearest } else { f64::INFINITY }
    }
}
