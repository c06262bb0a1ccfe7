#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

func logarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Double) -> Double { exp(x) }
func cosine(_ x: Double) -> Double { cos(x) }

/// The part of the standard normal distribution above `deviations`.
func normalTail(_ deviations: Double) -> Double { erfc(deviations / 2.0.squareRoot()) / 2 }

/// Seconds of processor time that this process has used.
func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
func leave(_ status: Int32) -> Never { exit(status) }
