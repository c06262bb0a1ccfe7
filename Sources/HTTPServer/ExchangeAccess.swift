internal import CMicroHTTPD
internal import HTTPMessage
internal import HTTPTypes
internal import Synchronization

/// The library's side of an exchange; all of it on the library's thread.
extension Exchange {
    private enum Step {
        case readHead
        case tookBytes
        case run(RequestHead, [UInt8])
        case tooLarge(RequestHead, limit: Int)
        case answer(Response, closing: Bool)
        case wait
        case hangUp
    }

    /// - Parameter upload: the next piece of the body; empty at its end.
    func access(
        method: UnsafePointer<CChar>, version: UnsafePointer<CChar>,
        upload: UnsafeRawBufferPointer
    ) -> MHD_Result {
        switch phase.withLock({ next(&$0, upload) }) {
        case .readHead: return readHead(method: method, version: version)
        case .tookBytes, .wait: return .YES
        case .run(let head, let body):
            guard !head.isChunked || !shim_has_trailers(handle.pointer) else {
                return refuse(service.fault(.malformed("a body has trailers"), head))
            }
            return run(head, body)
        case .tooLarge(let head, let limit):
            let refusal = service.fault(.bodyTooLarge(limit: limit), head)
            phase.withLock { phase in
                if case .receiving = phase { phase = .refusing(refusal, dropped: upload.count) }
            }
            return .YES
        case .answer(let response, let closing): return queue(response, closing: closing)
        case .hangUp: return .NO
        }
    }

    private func next(_ phase: inout Phase, _ upload: UnsafeRawBufferPointer) -> Step {
        switch phase {
        case .head: return .readHead
        case .receiving(let head, let maxBody, var body):
            phase = .head  // The body must have one owner while it grows.
            if upload.isEmpty {
                phase = .running
                return .run(head, body)
            }
            guard upload.count <= maxBody - body.count else {
                phase = .receiving(head, maxBody: maxBody, body: [])
                return .tooLarge(head, limit: maxBody)
            }
            body.append(contentsOf: upload)
            phase = .receiving(head, maxBody: maxBody, body: body)
            return .tookBytes
        case .refusing(let response, let dropped):
            if upload.isEmpty {
                phase = .answered
                return .answer(response, closing: false)
            }
            guard dropped + upload.count <= service.limits.discardedBytes else {
                phase = .dead
                return .hangUp
            }
            phase = .refusing(response, dropped: dropped + upload.count)
            return .tookBytes
        case .ready(let response):
            phase = .answered
            return .answer(response, closing: service.course > .serving)
        case .running, .suspended, .answered, .streaming: return .wait
        case .dead: return .hangUp
        }
    }

    private func readHead(
        method: UnsafePointer<CChar>, version: UnsafePointer<CChar>
    ) -> MHD_Result {
        let reading: HeadReading
        do throws(ServerFault) {
            switch target.form {
            case .sound: break
            case .tooLong: throw .targetTooLong(limit: service.limits.targetBytes)
            case .unreadable:
                throw .malformed("the target holds what a URL may not hold")
            }
            reading = try HeadReading(
                handle.pointer, method: method, version: version, target: target,
                client: connection)
        } catch {
            return refuse(service.fault(error, nil))
        }
        let head = reading.head
        switch service.admit(head) {
        case .accept(let maxBody):
            let declared = head.contentLength ?? 0
            guard declared <= maxBody else {
                return turnDown(service.fault(.bodyTooLarge(limit: maxBody), head), reading)
            }
            var body: [UInt8] = []
            if declared > 0 { body.reserveCapacity(declared) }
            return enter(.receiving(head, maxBody: maxBody, body: body))
        case .reject(let response): return turnDown(response, reading)
        }
    }

    private func enter(_ next: Phase) -> MHD_Result {
        phase.withLock { phase in
            if case .dead = phase { return .NO }
            phase = next
            return .YES
        }
    }

    /// Answers without the body: after dropping it if it is short and on its way, else at once.
    private func turnDown(_ response: Response, _ reading: HeadReading) -> MHD_Result {
        let isShort = (reading.head.contentLength ?? 0) <= service.limits.discardedBytes
        guard reading.head.announcesBody, reading.expectsContinue || !isShort else {
            return enter(.refusing(response, dropped: 0))
        }
        return refuse(response)
    }

    /// Answers before the body, which closes the connection after the answer and sends no
    /// `100 Continue`.
    private func refuse(_ response: Response) -> MHD_Result {
        guard enter(.answered) == .YES else { return .NO }
        return queue(response, closing: true)
    }

    private func run(_ head: RequestHead, _ body: [UInt8]) -> MHD_Result {
        guard service.course == .serving else {
            phase.withLock { $0 = .answered }
            return queue(service.fault(.unavailable, head), closing: true)
        }
        let request = Request(head: head, body: body)
        let task = Task.immediateDetached { [self] in
            finish(await service.handler(request))
        }
        let step = phase.withLock { phase -> Step in
            switch phase {
            case .ready(let response):
                phase = .answered
                return .answer(response, closing: false)
            case .running where service.course == .closing:
                phase = .answered
                return .hangUp
            case .running:
                phase = .suspended(head, task, since: service.ticks.now)
                handle.suspend()
                return .wait
            case .head, .receiving, .refusing, .suspended, .answered, .streaming, .dead:
                return .hangUp
            }
        }
        switch step {
        case .answer(let response, let closing): return queue(response, closing: closing)
        case .wait: return .YES
        case .readHead, .tookBytes, .run, .tooLarge, .hangUp:
            task.cancel()
            return queue(service.fault(.unavailable, head), closing: true)
        }
    }

    private func queue(_ response: Response, closing: Bool) -> MHD_Result {
        if let prepared = response.prepared, !closing {
            guard let answer = Answer.handle(for: prepared) else { return .NO }
            return MHD_queue_response(handle.pointer, answer.status, answer.pointer)
        }
        let answer: ResponseHandle?
        switch response.body {
        case .empty: answer = Answer.handle(for: response, bytes: [], closing: closing)
        case .bytes(let bytes):
            answer = Answer.handle(for: response, bytes: bytes, closing: closing)
        case .stream(let stream):
            let reader = StreamReader(stream, handle: handle, connection: connection)
            phase.withLock { $0 = .streaming(reader) }
            shim_never_idle(handle.pointer)
            answer = Answer.handle(for: response, reader: reader, closing: closing)
            reader.start()
        }
        guard let answer else { return .NO }
        return MHD_queue_response(handle.pointer, answer.status, answer.pointer)
    }
}
