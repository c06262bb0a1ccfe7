// The one file of this module that leans on the platform: logarithm and exponential.
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The natural logarithm of `x` ≥ 0; minus infinity at 0.
@inline(__always)
func ln(_ x: Double) -> Double { log(x) }

/// e to the power `x`.
@inline(__always)
func power(ofE x: Double) -> Double { exp(x) }

/// ln(1 + x), exact for small `x` > −1.
@inline(__always)
func ln(onePlus x: Double) -> Double { log1p(x) }

/// ln(e^a + e^b) without leaving the range of numbers; either may be minus infinity.
@inline(__always)
func lnSum(_ a: Double, _ b: Double) -> Double {
    let large = max(a, b)
    let gap = min(a, b) - large
    // Below e^-40 the smaller one is beneath the last digit; the test also catches −∞ − −∞.
    guard gap > -40 else { return large }
    return large + ln(onePlus: power(ofE: gap))
}

/// ln Γ(x) for `x` > 0, to about 1e-14 of the larger of 1 and the value.
///
/// Stirling's series with six terms above 10 and the recurrence Γ(x+1) = xΓ(x) below
/// (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.15 and 6.1.41). The
/// platform's own `lgamma` writes a global sign, so threads must not share it.
func lnGamma(_ x: Double) -> Double {
    var shifted = x
    var product = 1.0
    while shifted < 10 {
        product *= shifted
        shifted += 1
    }
    let inverse = 1 / shifted
    let square = inverse * inverse
    var series = 1.0 / 1188 - square * (691.0 / 360_360)
    series = -1.0 / 1680 + square * series
    series = 1.0 / 1260 + square * series
    series = -1.0 / 360 + square * series
    series = 1.0 / 12 + square * series
    let halfLnTwoPi = 0.918_938_533_204_672_7
    let stirling = (shifted - 0.5) * ln(shifted) - shifted + halfLnTwoPi + series * inverse
    return product == 1 ? stirling : stirling - ln(product)
}

/// ln B(a, b), the logarithm of the beta function, for `a`, `b` > 0.
func lnBeta(_ a: Double, _ b: Double) -> Double {
    lnGamma(a) + lnGamma(b) - lnGamma(a + b)
}
