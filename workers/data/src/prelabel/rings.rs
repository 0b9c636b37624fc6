//! Outlines of which some are holes, as shapes without any.

type Ring = Vec<[f64; 2]>;

/// The rings that something is within, and how many are holes: those within an odd number of others.
pub fn outer(rings: &[Ring]) -> (Vec<&Ring>, usize) {
    let around = |at: usize| {
        (0..rings.len()).filter(|other| *other != at && is_within(&rings[at], &rings[*other])).count()
    };
    let outer: Vec<&Ring> =
        (0..rings.len()).filter(|at| around(*at).is_multiple_of(2)).map(|at| &rings[at]).collect();
    let holes = rings.len() - outer.len();
    (outer, holes)
}

/// Rings touch and do not cross: where most corners are, there it is.
fn is_within(ring: &Ring, other: &Ring) -> bool {
    let inside = ring.iter().filter(|corner| holds(other, **corner)).count();
    inside * 2 > ring.len()
}

/// Whether a ray from the point to the right leaves the ring an odd number of times.
fn holds(ring: &Ring, [x, y]: [f64; 2]) -> bool {
    let ends = ring.iter().cycle().skip(1);
    let crossed = ring
        .iter()
        .zip(ends)
        .filter(|([ax, ay], [bx, by])| (*ay > y) != (*by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax));
    !crossed.count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(at: f64, side: f64) -> Ring {
        vec![[at, at], [at + side, at], [at + side, at + side], [at, at + side]]
    }

    #[test]
    fn a_hole_is_none_and_an_island_in_it_is() {
        let rings = [square(0.0, 100.0), square(10.0, 50.0), square(20.0, 10.0), square(200.0, 5.0)];
        let (found, holes) = outer(&rings);
        assert_eq!((found, holes), (vec![&rings[0], &rings[2], &rings[3]], 1));
        assert_eq!(outer(&[]), (vec![], 0));
    }

    #[test]
    fn what_touches_is_not_within() {
        let rings = [square(0.0, 10.0), square(10.0, 10.0)];
        assert_eq!(outer(&rings).1, 0);
    }
}
