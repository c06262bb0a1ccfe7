import JSONText

/// What the http-log plugin of a Kong 3.9.1 really posted.
enum RecordedRecords {
    static let full = #"""
        {"source": "upstream", "upstream_status": "200", "service": {"read_timeout": 60000,
        "protocol": "http", "host": "tel-up", "created_at": 1795427026, "updated_at": 1795427026,
        "write_timeout": 60000, "ws_id": "6f42edbe-ed64-4707-857c-7e1201fb2dbd",
        "id": "68c52123-518f-4461-a03f-3fcc247299a2", "enabled": true, "port": 80,
        "name": "tel-svc", "retries": 5, "connect_timeout": 60000},
        "tries": [{"balancer_start_ns": 1.7954271174168e+18, "ip": "127.0.0.1",
        "balancer_latency": 0, "port": 9401, "balancer_latency_ns": 1280,
        "balancer_start": 1795427117416}], "latencies": {"receive": 0, "proxy": 3, "kong": 0,
        "request": 3}, "workspace_name": "default", "client_ip": "127.0.0.1",
        "workspace": "6f42edbe-ed64-4707-857c-7e1201fb2dbd", "started_at": 1795427117416,
        "route": {"regex_priority": 0, "protocols": ["http", "https"], "path_handling": "v0",
        "created_at": 1795427026, "request_buffering": true, "strip_path": true,
        "https_redirect_status_code": 426,
        "service": {"id": "68c52123-518f-4461-a03f-3fcc247299a2"},
        "ws_id": "6f42edbe-ed64-4707-857c-7e1201fb2dbd",
        "id": "dde25c94-a214-4997-bca5-1de2c16a9072", "updated_at": 1795427026,
        "response_buffering": true, "name": "tel-route", "paths": ["/predict"],
        "preserve_host": false}, "upstream_uri": "/?i=2",
        "response": {"headers": {"x-model-score": "0.2495", "server": "BaseHTTP/0.6 Python/3.11.7",
        "connection": "close", "x-kong-request-id": "036edb1d414e1518207fcc1d5908fd66",
        "content-type": "application/json", "content-length": "36", "via": "1.1 kong/3.9.1",
        "x-kong-proxy-latency": "0", "x-kong-upstream-latency": "3",
        "date": "Mon, 23 Nov 2026 09:45:17 GMT"}, "status": 200, "size": 354},
        "request": {"url": "http://127.0.0.1:8000/predict?i=2", "size": 172,
        "id": "036edb1d414e1518207fcc1d5908fd66", "uri": "/predict?i=2", "method": "POST",
        "headers": {"content-type": "application/json", "accept-encoding": "identity",
        "content-length": "22", "host": "127.0.0.1:8000", "x-user-id": "user-2"},
        "querystring": {"i": "2"}}}
        """#

    static let slim = #"""
        {"source": "upstream", "upstream_status": "200", "target": "127.0.0.1:9401",
        "tries": [{"balancer_start_ns": 1.7954270371821e+18, "ip": "127.0.0.1",
        "balancer_latency": 0, "port": 9401, "balancer_latency_ns": 18688,
        "balancer_start": 1795427037182}], "latencies": {"receive": 1, "proxy": 10, "kong": 1,
        "request": 12}, "score": "0.4091", "started_at": 1795427037181, "response": {"status": 200,
        "size": 355}, "request": {"size": 172, "id": "7d02782857af56777eda8a150c904e40",
        "uri": "/predict?i=2", "method": "POST"}}
        """#

    static let afterAFailedTry = #"""
        {"source": "upstream", "upstream_status": "502, 200", "target": "127.0.0.1:9401",
        "tries": [{"balancer_start_ns": 1.7954271023204e+18, "state": "failed", "ip": "127.0.0.1",
        "balancer_latency": 0, "port": 9499, "code": 502, "balancer_latency_ns": 4096,
        "balancer_start": 1795427102320}, {"balancer_start_ns": 1.7954271023222e+18,
        "ip": "127.0.0.1", "balancer_latency": 2, "port": 9401, "balancer_latency_ns": 60160,
        "balancer_start": 1795427102320}], "latencies": {"receive": 0, "proxy": 7, "kong": 3,
        "request": 10}, "score": "0.1508", "started_at": 1795427102319, "response": {"status": 200,
        "size": 354}, "request": {"size": 172, "id": "1ce8461f83b7db6c5ab3b27881b29a0e",
        "uri": "/predict?i=1", "method": "POST"}}
        """#
}

extension JSONValue {
    /// Every member with the kind of its value; the entries of a list count as one, and what is in
    /// `open` is not looked into.
    func shape(at path: String = "", open: Set<String> = []) -> Set<String> {
        if open.contains(path) { return [path] }
        switch self {
        case .null: return [path + " null"]
        case .bool: return [path + " bool"]
        case .number: return [path + " number"]
        case .string: return [path + " string"]
        case .array(let values):
            return values.reduce(into: [path + " array"]) {
                $0.formUnion($1.shape(at: path + "[]", open: open))
            }
        case .object(let object):
            return object.reduce(into: []) {
                $0.formUnion($1.value.shape(at: path + "." + $1.name, open: open))
            }
        }
    }
}
