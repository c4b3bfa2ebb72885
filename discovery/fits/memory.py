"""Noise with a memory: residuals of a time series, told apart into innovations and how long they last.

The residuals of a fit are correlated, and less so than the noise behind them, because the fit has taken its slow part
away. The correlation rho of neighbours is therefore estimated by restricted maximum likelihood, which knows what the
fit can take (Cheang and Reinsel, J. Am. Stat. Assoc. 95, 1173, 2000), for noise u_t = rho u_(t-1) + e_t. The
innovations e are what is left of the residuals without it; they are drawn in blocks, as long as any memory that they
still have (Kunsch, Ann. Stat. 17, 1217, 1989), and given their memory again.
"""

import numpy as np

_LARGEST_BLOCK_SHARE = 0.25
_LARGEST_ATANH = 3.0  # rho of at most 0.995


def block_length(residual: np.ndarray) -> int:
    """Return the lag at which the residual's correlation has decayed into noise, at most a quarter of the series."""
    n = residual.size
    centred = residual - residual.mean()
    variance = float(np.dot(centred, centred))
    longest = max(1, int(n * _LARGEST_BLOCK_SHARE))
    if variance == 0.0:
        return 1
    for lag in range(1, longest):
        if abs(float(np.dot(centred[lag:], centred[:-lag]))) / variance < 2.0 / np.sqrt(n):
            return lag
    return longest


def whitened(series: np.ndarray, rho: float) -> np.ndarray:
    """Return the innovations of series, shape (..., n)."""
    white = series.copy()
    white[..., 1:] -= rho * series[..., :-1]
    white[..., 0] *= np.sqrt(1.0 - rho**2)
    return white


def _innovations(residual: np.ndarray, design: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what a fit to whitened data leaves, shape (n,), and the triangle of the whitened design."""
    basis, triangle = np.linalg.qr(whitened(design, rho).T)
    white = whitened(residual, rho)
    return white - basis @ (basis.T @ white), triangle


def correlation(residual: np.ndarray, design: np.ndarray) -> float:
    """Return the correlation of neighbouring errors behind the residuals of a least-squares fit, 0 to 0.995.

    Args:
        residual: of the fit, shape (n,).
        design: derivatives of the fitted values by the constants, shape (constants, n), of full rank.
    """
    from scipy.optimize import minimize_scalar  # slow to import

    n, count = residual.size, design.shape[0]
    scale = float(np.dot(residual, residual))
    if scale <= 0.0 or n < count + 4:
        return 0.0

    def misfit(root: float) -> float:
        rho = float(np.tanh(root))
        rest, triangle = _innovations(residual, design, rho)
        volume = float(np.sum(np.log(np.abs(np.diag(triangle)) + 1e-300)))
        rss = max(float(np.dot(rest, rest)) / scale, 1e-300)
        return float(0.5 * (n - count) * np.log(rss) + volume - 0.5 * np.log(1.0 - rho**2))

    best = minimize_scalar(misfit, bounds=(-1.0, _LARGEST_ATANH), method="bounded").x
    return max(float(np.tanh(best)), 0.0)


def draw_errors(
    residual: np.ndarray, design: np.ndarray, resamples: int, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Draw series like the errors behind the residuals of a fit.

    Args:
        residual: of the fit, shape (n,).
        design: derivatives of the fitted values by the constants, shape (constants, n).
        resamples: number of series.
        rng: random numbers.

    Returns:
        The series, shape (resamples, n), and the factor by which 95 % intervals widen because the spread is known
        from n (1 - rho)/(1 + rho) independent points only (Student's t over the normal quantile).
    """
    from scipy.special import stdtrit  # slow to import

    n, count = residual.size, design.shape[0]
    rho = correlation(residual, design)
    rest, _ = _innovations(residual, design, rho)
    rest = (rest - rest.mean()) * np.sqrt(n / max(n - count, 1))
    block = block_length(rest)
    starts = rng.integers(0, n - block + 1, size=(resamples, -(-n // block)))
    picks = (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n]
    errors = np.ascontiguousarray(rest[picks].T)
    errors[0] /= np.sqrt(1.0 - rho**2)
    for k in range(1, n):
        errors[k] += rho * errors[k - 1]
    independent = n * (1.0 - rho) / (1.0 + rho)
    return errors.T, float(stdtrit(max(independent - count, 2.0), 0.975) / stdtrit(np.inf, 0.975))
