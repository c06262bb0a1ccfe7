/// The verbs of the interface, in the order in which `actions` lists them.
public enum Verb: String, CaseIterable, Sendable {
    case step, pause, resume, promote, abort
}

extension Phase {
    /// The verbs that would change something now. Not a table of its own: the state machine is
    /// asked, so that the two cannot disagree.
    public func actions(in context: TransitionContext) -> [Verb] {
        let sample = Cause(by: "", reason: .requested, message: "", at: context.now)
        return Verb.allCases.filter { verb in
            verb.samples(cause: sample).contains { command in
                switch applying(.command(command), in: context) {
                case .moved: true
                case .unchanged, .refused: false
                }
            }
        }
    }
}

extension Verb {
    /// Commands of this verb, one of which is accepted wherever any of them is.
    fileprivate func samples(cause: Cause) -> [Event.Command] {
        switch self {
        case .step: [.step(.next), .step(.share(.all)), .step(.index(0))]
        case .pause: [.pause(cause)]
        case .resume: [.resume]
        case .promote: [.promote]
        case .abort: [.abort(cause)]
        }
    }
}
