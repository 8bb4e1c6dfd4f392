//! Least squares: how a number depends on several others together.

/// How far a number goes up with one of those that it depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficient {
    /// For each 1 of that.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// How a number depends on several others together.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    /// One for each of the others.
    pub coefficients: Vec<Coefficient>,
    /// The variance of what they leave.
    pub residual: f64,
}

/// The regression of `ys` on the columns of `rows`, beside a constant, by least squares; `None` where
/// there are fewer rows than it takes, or a column depends on the others.
///
/// Solves the normal equations of centred columns by Gauss and Jordan with pivots, which is exact enough
/// for columns that are nearly orthogonal, as those of a Latin hypercube are. (Seber and Lee, *Linear
/// Regression Analysis*, 3.)
///
/// Cost: rows times the square of columns.
///
/// # Panics
/// When a row has another length than the first, or there are not as many rows as `ys`.
#[must_use]
pub fn regress(rows: &[Vec<f64>], ys: &[f64]) -> Option<Regression> {
    assert_eq!(rows.len(), ys.len(), "every row has a number");
    let (n, k) = (rows.len(), rows.first().map_or(0, Vec::len));
    if n < k + 2 {
        return None;
    }
    let mean = |of: &dyn Fn(usize) -> f64| (0..n).map(of).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..k).map(|column| mean(&|row| rows[row][column])).collect();
    let y_mean = mean(&|row| ys[row]);
    let centred = |row: usize, column: usize| rows[row][column] - means[column];
    let sum = |of: &dyn Fn(usize) -> f64| (0..n).map(of).sum::<f64>();
    // The products of columns, and beside them the identity, which becomes their inverse.
    let product = |a: usize, b: usize| sum(&|row| centred(row, a) * centred(row, b));
    let products = |a: usize| -> Vec<f64> {
        let identity = (0..k).map(|b| if a == b { 1.0 } else { 0.0 });
        (0..k).map(|b| product(a, b)).chain(identity).collect()
    };
    let mut system: Vec<Vec<f64>> = (0..k).map(products).collect();
    let right: Vec<f64> =
        (0..k).map(|a| sum(&|row| centred(row, a) * (ys[row] - y_mean))).collect();
    let scale: Vec<f64> = (0..k).map(|it| system[it][it]).collect();
    invert(&mut system, &scale)?;
    let inverse = |a: usize, b: usize| system[a][k + b];
    let values: Vec<f64> = (0..k).map(|a| (0..k).map(|b| inverse(a, b) * right[b]).sum()).collect();
    let residual = |row: usize| {
        let fitted: f64 = (0..k).map(|column| values[column] * centred(row, column)).sum();
        ys[row] - y_mean - fitted
    };
    let squares: f64 = (0..n).map(|row| residual(row) * residual(row)).sum();
    let variance = squares / (n - k - 1) as f64;
    let coefficient = |it: usize| Coefficient {
        value: values[it],
        error: (variance * inverse(it, it).max(0.0)).sqrt(),
    };
    let coefficients = (0..k).map(coefficient).collect();
    Some(Regression { coefficients, residual: variance })
}

/// Turns the left half of a system into the identity, with pivots; `None` where a column depends on the
/// others.
fn invert(system: &mut [Vec<f64>], scale: &[f64]) -> Option<()> {
    let k = system.len();
    for column in 0..k {
        let size = |row: &usize| system[*row][column].abs();
        let pivot = (column..k).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        if size(&pivot) <= 1e-10 * scale[column] {
            return None;
        }
        system.swap(column, pivot);
        let by = system[column][column];
        system[column].iter_mut().for_each(|it| *it /= by);
        let own = system[column].clone();
        for row in (0..k).filter(|it| *it != column) {
            let by = system[row][column];
            system[row].iter_mut().zip(&own).for_each(|(it, own)| *it -= by * own);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_two_numbers_alone_shows_both() {
        let rows: Vec<Vec<f64>> =
            (0..20).map(|it| vec![f64::from(it), f64::from(it * it % 7)]).collect();
        let ys: Vec<f64> = rows.iter().map(|it| 3.0 + 2.0 * it[0] - 0.5 * it[1]).collect();
        let found = regress(&rows, &ys).expect("enough rows").coefficients;
        assert!((found[0].value - 2.0).abs() < 1e-9 && (found[1].value + 0.5).abs() < 1e-9);
        assert!(found.iter().all(|it| it.error < 1e-9), "{found:?}");
    }

    #[test]
    fn the_error_is_that_of_the_textbook() {
        // 1 2 1 3 3 over 1 to 5: Sxx = 10, Sxy = 5, Syy = 4, so the squares left are 4 - 2.5 = 1.5.
        let rows: Vec<Vec<f64>> = (1..=5).map(|it| vec![f64::from(it)]).collect();
        let found = regress(&rows, &[1.0, 2.0, 1.0, 3.0, 3.0]).expect("enough rows");
        assert!((found.residual - 0.5).abs() < 1e-12);
        let found = found.coefficients;
        assert!((found[0].value - 0.5).abs() < 1e-12);
        assert!((found[0].error - (1.5f64 / 3.0 / 10.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn columns_that_depend_on_each_other_have_no_coefficients() {
        let rows: Vec<Vec<f64>> =
            (0..9).map(|it| vec![f64::from(it), 2.0 * f64::from(it)]).collect();
        assert_eq!(regress(&rows, &[1.0; 9]), None);
        assert_eq!(regress(&[vec![1.0], vec![2.0]], &[1.0, 2.0]), None);
    }
}
