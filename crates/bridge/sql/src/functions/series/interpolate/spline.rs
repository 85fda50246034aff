//! Natural cubic splines.

/// Values of the natural cubic spline through the points; null outside their span. With two points
/// it is a line, with one it exists at that point only.
pub(super) fn natural(points: &[(i64, f64)], times: &[i64]) -> Vec<Option<f64>> {
    let mut knots: Vec<(i64, f64)> = points.to_vec();
    knots.dedup_by_key(|(time, _)| *time);
    let Some((origin, _)) = knots.first().copied() else {
        return vec![None; times.len()];
    };
    // Seconds from the first point keep the system well scaled.
    let x: Vec<f64> = knots
        .iter()
        .map(|(time, _)| seconds(*time, origin))
        .collect();
    let y: Vec<f64> = knots.iter().map(|(_, value)| *value).collect();
    let curvature = second_derivatives(&x, &y);
    times
        .iter()
        .map(|time| {
            let after = knots.partition_point(|(at, _)| at < time);
            let (at, value) = *knots.get(after)?;
            if at == *time {
                return Some(value);
            }
            let before = after.checked_sub(1)?;
            let width = x[after] - x[before];
            let b = (seconds(*time, origin) - x[before]) / width;
            let a = 1.0 - b;
            let bend = ((a * a * a - a) * curvature[before] + (b * b * b - b) * curvature[after])
                * width
                * width
                / 6.0;
            Some(a * y[before] + b * y[after] + bend)
        })
        .collect()
}

fn seconds(time: i64, origin: i64) -> f64 {
    (i128::from(time) - i128::from(origin)) as f64 / 1e9
}

/// Solves the tridiagonal system of the natural spline, whose ends do not bend.
fn second_derivatives(x: &[f64], y: &[f64]) -> Vec<f64> {
    let count = x.len();
    let mut second = vec![0.0; count];
    if count < 3 {
        return second;
    }
    let mut carried = vec![0.0; count];
    for i in 1..count - 1 {
        let ratio = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
        let pivot = ratio * second[i - 1] + 2.0;
        second[i] = (ratio - 1.0) / pivot;
        let slopes = (y[i + 1] - y[i]) / (x[i + 1] - x[i]) - (y[i] - y[i - 1]) / (x[i] - x[i - 1]);
        carried[i] = (6.0 * slopes / (x[i + 1] - x[i - 1]) - ratio * carried[i - 1]) / pivot;
    }
    second[count - 1] = 0.0;
    for i in (0..count - 1).rev() {
        second[i] = second[i] * second[i + 1] + carried[i];
    }
    second
}
