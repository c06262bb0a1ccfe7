/// A certificate with its chain, and its private key, both in PEM.
///
/// They are checked when the listener starts.
public struct TLSIdentity: Sendable {
    let certificate: [UInt8]
    let privateKey: [UInt8]

    public init(certificatePEM: [UInt8], privateKeyPEM: [UInt8]) {
        certificate = certificatePEM
        privateKey = privateKeyPEM
    }

    public init(certificatePEM: String, privateKeyPEM: String) {
        self.init(
            certificatePEM: Array(certificatePEM.utf8), privateKeyPEM: Array(privateKeyPEM.utf8))
    }
}
