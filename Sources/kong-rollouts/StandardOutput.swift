import Glibc

/// Standard output, which is buffered in full when it is a pipe.
enum StandardOutput {
    static func flush() { fflush(nil) }
}
